package kubevet.availability.unbounded_wait_test

import data.kubevet.availability.unbounded_wait
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

waiting(script) := pod({"initContainers": [{"name": "wait", "command": ["sh", "-c", script]}]})

test_fail if {
	unbounded_wait.deny == {{
		"msg": `init container "wait" may wait forever`,
		"path": ["spec", "initContainers", 0, "command", 2],
	}} with input as waiting("until nc -z db 5432; do sleep 1; done")
	count(unbounded_wait.deny) == 1 with input as waiting("while ! curl -f http://x; do\n  sleep 2\ndone")
}

test_pass if {
	every script in [
		"timeout 60 sh -c 'until nc -z db 5432; do sleep 1; done'",
		"for i in $(seq 60); do nc -z db 5432 && exit 0; sleep 1; done; exit 1",
		"i=0; until nc -z db 5432; do i=$((i+1)); [ $i -gt 60 ] && exit 1; sleep 1; done",
		"python migrate.py",
	] {
		count(unbounded_wait.deny) == 0 with input as waiting(script)
	}
}

test_pass_sidecar_loop if {
	count(unbounded_wait.deny) == 0 with input as pod({"initContainers": [{
		"name": "reload",
		"restartPolicy": "Always",
		"command": ["sh", "-c", "while true; do sleep 60; done"],
	}]})
}

test_pass_job_with_deadline if {
	spec := {"initContainers": [{"name": "wait", "command": ["sh", "-c", "until nc -z db 5432; do sleep 1; done"]}]}
	count(unbounded_wait.deny) == 0 with input as {
		"apiVersion": "batch/v1",
		"kind": "Job",
		"spec": {"activeDeadlineSeconds": 600, "template": {"spec": spec}},
	}
}
