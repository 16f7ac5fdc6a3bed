# METADATA
# title: A Job does not run forever
# description: >-
#   A Job that hangs keeps its resources, and with concurrencyPolicy Forbid it stops every later run of its CronJob,
#   silently. activeDeadlineSeconds ends it and makes it a failure that can be seen.
# custom:
#   kinds: [Job, CronJob]
#   fix: true
#   help: >-
#     Set activeDeadlineSeconds on the Job (spec.jobTemplate.spec of a CronJob).
#   examples:
#     good: |
#       apiVersion: batch/v1
#       kind: Job
#       metadata: {name: work}
#       spec: {activeDeadlineSeconds: 600}
#     bad: |
#       apiVersion: batch/v1
#       kind: Job
#       metadata: {name: work}
#       spec: {template: {}}
package kubevet.jobs.deadline

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

job := {"spec": input.spec, "path": ["spec"]} if {
	input.kind == "Job"
	workload.group == "batch"
}

job := {"spec": input.spec.jobTemplate.spec, "path": ["spec", "jobTemplate", "spec"]} if {
	input.kind == "CronJob"
	workload.group == "batch"
}

deny contains {"msg": "the Job may run forever (no activeDeadlineSeconds)", "path": path, "fix": end} if {
	not ends(job.spec)
	path := array.concat(job.path, ["activeDeadlineSeconds"])
	end := fix.suggestion("end it after a time", [{"set": path, "value": fix.choice("seconds that no run takes, such as 3600")}])
}

ends(spec) if is_number(spec.activeDeadlineSeconds)

# objects/placeholder asks for the number.
ends(spec) if fix.is_choice(spec.activeDeadlineSeconds)

ends(spec) if is_number(spec.template.spec.activeDeadlineSeconds)
