package kubevet.images.digest_test

import data.kubevet.images.digest
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

with_image(text) := pod({"containers": [{"name": "app", "image": text}]})

test_fail if {
	digest.deny == {{
		"msg": `image redis:7.4 of container "app" is not pinned by digest`,
		"path": ["spec", "containers", 0, "image"],
		"fix": [{"title": "pin it to a digest", "edits": [{
			"set": ["spec", "containers", 0, "image"],
			"value": "redis:7.4@<kubevet: its digest, sha256:…>",
		}]}],
	}} with input as with_image("redis:7.4")
}

test_fail_custom_resource if {
	count(digest.deny) == 1 with input as {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "spec": {"imageName": "pg:17"}}
}

test_pass if {
	count(digest.deny) == 0 with input as with_image("redis:7.4@sha256:abc")
	count(digest.deny) == 0 with input as with_image("redis@sha256:abc")
}

test_pass_where_it_is_filled_in_later if {
	every text in ["redis:${TAG:=7}", "{{ .Image }}", "ko://example.com/cmd", "<<image>>"] {
		count(digest.deny) == 0 with input as with_image(text)
	}
	count(digest.deny) == 1 with input as with_image("redis:$TAG")
}

test_fix_by_the_digest_that_is_known if {
	some finding in digest.deny with input as object.union(with_image("redis:7.4"), {"facts": {"pinned": {"redis:7.4": "sha256:abc"}}})
	finding.fix[0] == {
		"title": "pin it to the digest that it has elsewhere",
		"edits": [{"set": ["spec", "containers", 0, "image"], "value": "redis:7.4@sha256:abc"}],
	}
}
