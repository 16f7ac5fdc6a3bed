# METADATA
# title: A CronJob recovers after it has missed many runs
# description: >-
#   Without startingDeadlineSeconds a CronJob that has missed more than 100 runs (the controller was down, or it was
#   suspended) is never started again. With it only the runs of that time count.
# custom:
#   kinds: [CronJob]
#   help: >-
#     Set startingDeadlineSeconds, to the time after which a late run is of no use.
#   examples:
#     good: |
#       apiVersion: batch/v1
#       kind: CronJob
#       metadata: {name: work}
#       spec: {startingDeadlineSeconds: 300}
#     bad: |
#       apiVersion: batch/v1
#       kind: CronJob
#       metadata: {name: work}
#       spec: {schedule: "* * * * *"}
package kubevet.jobs.cronjob_deadline

import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": ["spec", "startingDeadlineSeconds"]} if {
	input.kind == "CronJob"
	workload.group == "batch"
	not decided
	msg := "the CronJob never starts again after 100 missed runs (no startingDeadlineSeconds)"
}

decided if is_number(input.spec.startingDeadlineSeconds)
