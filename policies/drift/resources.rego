# METADATA
# title: A container keeps its requests and limits on the way to production
# description: >-
#   A request or limit of CPU or memory that an environment below this one has is missing here. Other amounts are no drift.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Name an amount for this environment, or remove what takes it away.
package kubevet.drift.resources

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("resource")
