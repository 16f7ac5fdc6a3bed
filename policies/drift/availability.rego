# METADATA
# title: A workload keeps what holds it up on the way to production
# description: >-
#   A PodDisruptionBudget, a rule that spreads replicas over nodes, or a preStop hook that lets connections drain: an
#   environment below this one has it, and here it is missing.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Take it into this overlay too, or move it into the base.
package kubevet.drift.availability

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("availability")
