# METADATA
# title: A container keeps its probes on the way to production
# description: >-
#   A livenessProbe, readinessProbe or startupProbe that an environment below this one has was tried there and is missing
#   here, often because a patch replaced more than it meant to.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Remove what takes the probe away, or move the probe into the base.
package kubevet.drift.probes

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("probe")
