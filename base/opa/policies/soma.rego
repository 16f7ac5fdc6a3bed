# METADATA
# title: soma/allow, the question of SomaBrain's middleware until October 2025
# description: |
#   The answer must be an object. A boolean makes that version fail, and a failing question counts as permission there.
package soma

import rego.v1

import data.stack.requests

allow := {"allow": requests.allow, "reasons": sort(requests.reasons)}
