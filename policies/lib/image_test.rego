package kubevet.lib.image_test

import data.kubevet.lib.image
import rego.v1

test_tag if {
	image.tag("redis:7.4") == "7.4"
	image.tag("registry.example.com:5000/team/app:1.2@sha256:abc") == "1.2"
	not image.tag("registry.example.com:5000/team/app")
	not image.tag("redis@sha256:abc")
}

test_name if {
	image.name("redis:7.4") == "docker.io/library/redis"
	image.name("somatechlat/somabrain:dev") == "docker.io/somatechlat/somabrain"
	image.name("ghcr.io/a/b:1@sha256:abc") == "ghcr.io/a/b"
	image.name("localhost/app") == "localhost/app"
	image.name("registry:5000/app:1") == "registry:5000/app"
}

test_moving if {
	image.moving("redis")
	image.moving("redis:latest")
	not image.moving("redis:7.4")
	not image.moving("redis:latest@sha256:abc")
	not image.moving("redis@sha256:abc")
}

test_references_of_a_pod if {
	pod := {"apiVersion": "v1", "kind": "Pod", "spec": {
		"containers": [{"name": "app", "image": "a:1", "imagePullPolicy": "Always"}, {"name": "none"}],
		"initContainers": [{"name": "init", "image": "b:1"}],
		"volumes": [{"name": "model", "image": {"reference": "c:1"}}, {"name": "tmp", "emptyDir": {}}],
	}}
	found := image.references with input as pod
	[entry.text | some entry in found] == ["a:1", "b:1", "c:1"]
	found[0].holder.imagePullPolicy == "Always"
	found[2].path == ["spec", "volumes", 0, "image", "reference"]
}

test_references_of_custom_resources if {
	cluster := {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "spec": {"imageName": "pg:17"}}
	[entry.path | some entry in image.references] == [["spec", "imageName"]] with input as cluster
	image.references == [] with input as {"apiVersion": "example.com/v1", "kind": "Cluster", "spec": {"imageName": "pg:17"}}
}
