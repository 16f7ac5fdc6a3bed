# METADATA
# title: A CronJob says what happens when a run is not over at the next
# description: >-
#   The default, Allow, starts another run beside the one that is still going. Few jobs are written for that. Allow
#   written down passes: somebody has decided.
# custom:
#   kinds: [CronJob]
#   fix: true
#   help: >-
#     Set concurrencyPolicy to Forbid or Replace, or to Allow if runs may overlap.
#   examples:
#     good: |
#       apiVersion: batch/v1
#       kind: CronJob
#       metadata: {name: work}
#       spec: {concurrencyPolicy: Forbid}
#     bad: |
#       apiVersion: batch/v1
#       kind: CronJob
#       metadata: {name: work}
#       spec: {schedule: "* * * * *"}
package kubevet.jobs.cronjob_overlap

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

path := ["spec", "concurrencyPolicy"]

deny contains {"msg": "runs may overlap, as concurrencyPolicy is not set", "path": path, "fix": fixes} if {
	input.kind == "CronJob"
	workload.group == "batch"
	not decided
}

decided if is_string(input.spec.concurrencyPolicy)

fixes := [
	fix.suggestion("leave a run out where another one goes on", [{"set": path, "value": "Forbid"}]),
	fix.suggestion("end a run where the next one is due", [{"set": path, "value": "Replace"}]),
	fix.suggestion("let runs overlap", [{"set": path, "value": "Allow"}]),
]
