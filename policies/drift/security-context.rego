# METADATA
# title: A workload keeps its hardening on the way to production
# description: >-
#   A read-only root filesystem, dropped capabilities, a user that is not root, a seccomp profile or the ban on privilege
#   escalation: an environment below this one has it, so the workload can live with it, and here it is missing.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Remove what takes the setting away, or move it into the base.
package kubevet.drift.security_context

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("security-context")
