package kubevet.change.images_test

import data.kubevet.change.images
import rego.v1

web := {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "web"}

path := ["spec", "containers", 0, "image"]

messages(field) := found if {
	found := {result.msg | some result in images.deny} with input as {"facts": {"change": {"objects": [{"object": web, "fields": [field]}]}}}
}

test_fail_tag if {
	messages({"path": path, "old": "a.example:5000/web:1", "new": "a.example:5000/web:2"}) == {"another build of the image: a.example:5000/web:1 is a.example:5000/web:2 now"}
}

test_fail_registry if {
	messages({"path": path, "old": "a.example/web:1", "new": "b.example/web:1@sha256:aa"}) == {"the image comes from elsewhere: a.example/web:1 is b.example/web:1@sha256:aa now"}
}

test_pass_other_fields if {
	count(messages({"path": ["spec", "nodeName"], "old": "a", "new": "b"})) == 0
}
