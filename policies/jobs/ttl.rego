# METADATA
# title: A finished Job is cleaned up
# description: >-
#   A finished Job and its Pods stay until somebody deletes them, and a Job of the same name cannot be applied again.
#   Jobs that a CronJob makes have its history limits.
# custom:
#   kinds: [Job]
#   help: >-
#     Set ttlSecondsAfterFinished.
#   examples:
#     good: |
#       apiVersion: batch/v1
#       kind: Job
#       metadata: {name: work}
#       spec: {ttlSecondsAfterFinished: 3600}
#     bad: |
#       apiVersion: batch/v1
#       kind: Job
#       metadata: {name: work}
#       spec: {template: {}}
package kubevet.jobs.ttl

import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": "the Job stays after it has finished (no ttlSecondsAfterFinished)", "path": ["spec", "ttlSecondsAfterFinished"]} if {
	input.kind == "Job"
	workload.group == "batch"
	not has_ttl
}

has_ttl if is_number(input.spec.ttlSecondsAfterFinished)
