package kubevet.lib.workload_test

import data.kubevet.lib.workload
import rego.v1

pod_spec := {
	"containers": [{"name": "app"}, {}],
	"initContainers": [{"name": "prepare"}, {"name": "proxy", "restartPolicy": "Always"}],
	"ephemeralContainers": [{"name": "debugger"}],
}

deployment := {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": pod_spec}}}

test_group_of_core if workload.group == "" with input as {"apiVersion": "v1"}

test_group_of_named if workload.group == "apps" with input as {"apiVersion": "apps/v1"}

test_group_undefined_without_api_version if not workload.group with input as {"kind": "Pod"}

test_spec_of_every_kind if {
	some_kinds := {
		{"apiVersion": "v1", "kind": "Pod", "spec": pod_spec},
		{"apiVersion": "v1", "kind": "PodTemplate", "template": {"spec": pod_spec}},
		{"apiVersion": "v1", "kind": "ReplicationController", "spec": {"template": {"spec": pod_spec}}},
		{"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"template": {"spec": pod_spec}}},
		deployment,
		{"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": {"template": {"spec": pod_spec}}},
		{"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"template": {"spec": pod_spec}}},
		{"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": pod_spec}}},
		{"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": pod_spec}}}}},
	}
	every object in some_kinds {
		workload.spec == pod_spec with input as object
	}
}

test_other_groups_have_no_pod if {
	not workload.spec with input as {"apiVersion": "example.com/v1", "kind": "Deployment", "spec": {"template": {"spec": pod_spec}}}
}

test_spec_path if {
	workload.spec_path == ["spec", "jobTemplate", "spec", "template", "spec"] with input as {"apiVersion": "batch/v1", "kind": "CronJob"}
	workload.spec_path == ["spec"] with input as {"apiVersion": "v1", "kind": "Pod"}
}

test_containers_in_order_with_types if {
	entries := workload.containers with input as deployment
	[entry.label | some entry in entries] == [
		`container "app"`,
		`container "#1"`,
		`init container "prepare"`,
		`sidecar "proxy"`,
		`ephemeral container "debugger"`,
	]
	entries[3].path == ["spec", "template", "spec", "initContainers", 1]
}

test_serving_containers if {
	entries := workload.serving_containers with input as deployment
	[entry.label | some entry in entries] == [`container "app"`, `container "#1"`, `sidecar "proxy"`]
}

test_jobs_serve_nothing if {
	count(workload.serving_containers) == 0 with input as {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": pod_spec}}}
}

test_pod_that_completes_serves_nothing if {
	spec := object.union(pod_spec, {"restartPolicy": "OnFailure"})
	count(workload.serving_containers) == 0 with input as {"apiVersion": "v1", "kind": "Pod", "spec": spec}
}

test_bare_pod_serves_by_default if {
	count(workload.serving_containers) == 3 with input as {"apiVersion": "v1", "kind": "Pod", "spec": pod_spec}
}

test_null_lists_are_empty if {
	object := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": null, "initContainers": null}}
	workload.containers == [] with input as object
}
