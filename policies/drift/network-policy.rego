# METADATA
# title: A workload keeps its NetworkPolicy on the way to production
# description: >-
#   A NetworkPolicy covers the workload in an environment below this one, and none does here: everybody may talk to it.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Take the component or file with the policy into this overlay too, or correct the labels that it selects.
package kubevet.drift.network_policy

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("network-policy")
