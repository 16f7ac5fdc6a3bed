package kubevet.images.reference_test

import data.kubevet.images.reference
import rego.v1

with_image(text) := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "image": text}]}}

digest := concat("", ["0123456789abcdef" | some _ in numbers.range(1, 4)])

test_fail if {
	some finding in reference.deny with input as with_image("team/app :1")
	finding.msg == `image "team/app :1" of container "app" has a blank`
	finding.path == ["spec", "containers", 0, "image"]
}

test_fail_each_once if {
	images := [
		" redis:7", "redis:7 ", "Redis:7", "ghcr.io/Team/app:1", "redis@sha256:abc", "redis@md5:abc", sprintf("redis:7@sha256:%s0", [digest]),
		sprintf("redis@sha256:%s", [upper(digest)]), "redis:", "redis:a:b", "/redis", "ghcr.io//app", "https://ghcr.io/team/app", "redis:-7", "app_",
	]
	every text in images {
		count(reference.deny) == 1 with input as with_image(text)
	}
}

test_pass if {
	images := [
		"redis", "redis:7.4.11", "team/app", "ghcr.io/team/app-name__x.y:v1_2", "localhost/app", "localhost:5000/a/b:1", "Registry.Example.net/team/app:1",
		"host:5000/app", sprintf("redis@sha256:%s", [digest]), sprintf("ghcr.io/team/app:1@sha256:%s", [digest]), "[::1]:5000/app:1", "",
	]
	every text in images {
		count(reference.deny) == 0 with input as with_image(text)
	}
}

test_pass_where_it_is_filled_in_later if {
	every text in ["redis:${TAG:=7}", "{{ .Image }}", "ko://example.com/cmd"] {
		count(reference.deny) == 0 with input as with_image(text)
	}
}

test_pass_parameter_of_tekton if {
	count(reference.deny) == 0 with input as with_image("$(params.IMAGE)")
	count(reference.deny) == 0 with input as with_image("$(inputs.params.registry)/app:$(params.tag)")
	count(reference.deny) == 1 with input as with_image("$(IMAGE)")
}

deployment(name, trigger) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"annotations": {"image.openshift.io/triggers": trigger}},
	"spec": {"template": {"spec": {"containers": [{"name": name, "image": " "}]}}},
}

test_pass_image_that_a_trigger_sets if {
	place := `spec.template.spec.containers[?(@.name==\"app\")].image`
	trigger := sprintf(`[{"from": {"kind": "ImageStreamTag", "name": "app:1"}, "fieldPath": "%s"}]`, [place])
	count(reference.deny) == 0 with input as deployment("app", trigger)
	count(reference.deny) == 0 with input as deployment("app", replace(trigger, place, "spec.template.spec.containers[0].image"))
	count(reference.deny) == 1 with input as deployment("web", trigger)
	count(reference.deny) == 1 with input as deployment("app", "[")
}
