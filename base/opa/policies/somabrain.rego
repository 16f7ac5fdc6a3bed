# METADATA
# title: somabrain/auth/allow and allow_dev, the questions of SomaBrain from November 2025 on, and of its built-in client
# description: allow_dev is what that version asks in its development mode; what is allowed depends on the settings, not on the mode.
package somabrain.auth

import rego.v1

import data.stack.requests

allow := requests.allow

allow_dev := requests.allow
