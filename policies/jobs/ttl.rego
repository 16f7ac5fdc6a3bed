# METADATA
# title: A finished Job is cleaned up
# description: >-
#   A finished Job and its Pods stay until somebody deletes them, and a Job of the same name cannot be applied again.
#   Jobs that a CronJob makes have its history limits, and Jobs that are hooks of Argo CD or Helm are deleted before the next one is made.
# custom:
#   kinds: [Job]
#   fix: true
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

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": "the Job stays after it has finished (no ttlSecondsAfterFinished)", "path": path, "fix": clean} if {
	input.kind == "Job"
	workload.group == "batch"
	not has_ttl
	not is_hook
	path := ["spec", "ttlSecondsAfterFinished"]
	clean := fix.suggestion("delete it a day after it has finished", [{"set": path, "value": 86400}])
}

# Both delete a hook of the same name before they make it anew, unless its delete policy says that it goes even before that.
is_hook if {
	some name in ["argocd.argoproj.io/hook", "helm.sh/hook"]
	input.metadata.annotations[name]
}

has_ttl if is_number(input.spec.ttlSecondsAfterFinished)
