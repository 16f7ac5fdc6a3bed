package kubevet.secrets.resource_literal_test

import data.kubevet.secrets.resource_literal
import rego.v1

release(spec) := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {"name": "db", "namespace": "shop"},
	"spec": spec,
}

found(spec) := paths if {
	paths := {finding.path | some finding in resource_literal.deny} with input as release(spec)
}

test_values if {
	found({"values": {"auth": {"password": "hunter2-hunter2"}}}) == {["spec", "values", "auth", "password"]}
}

test_parameter if {
	found({"parameters": [{"name": "db.password", "value": "hunter2-hunter2"}]}) == {["spec", "parameters", 0, "value"]}
}

test_yaml_in_a_text if {
	found({"values": "auth:\n  password: hunter2-hunter2\n"}) == {["spec", "values"]}
}

test_argument if {
	found({"args": ["--client-secret=hunter2-hunter2"]}) == {["spec", "args", 0]}
}

test_token_must_look_like_one if {
	random := concat("", ["Xk7pQ2m", "ZtR9vB4nL"])
	found({"token": random}) == {["spec", "token"]}
	found({"token": "db-token"}) == set()
	found({"secretKey": "DB_PASSWORD"}) == set()
}

test_references if {
	every spec in [
		{"passwordSecretRef": {"name": "db", "key": "password"}},
		{"adminPassword": "$(PASSWORD)"},
		{"adminPassword": "{{ .password }}"},
		{"passwordKey": "password"},
		{"data": [{"secretKey": "password", "remoteRef": {"key": "db", "property": "password"}}]},
		{"encryptedData": {"password": concat("", ["AgBy3i4OJSWK", "PiTySYZZA9rO"])}},
	] {
		found(spec) == set()
	}
}

test_pods_are_looked_at_elsewhere if {
	template := {"spec": {"containers": [{"name": "a", "env": [{"name": "PASSWORD", "value": "hunter2-hunter2"}]}]}}
	object_with_pods := object.union(release({"template": template}), {"facts": {"pods": [["spec", "template"]]}})
	count(resource_literal.deny) == 0 with input as object_with_pods
	count(resource_literal.deny) == 1 with input as release({"template": template})
}

test_what_stands_beside_the_containers if {
	spec := {"containers": [{"env": [{"name": "PASSWORD", "value": "hunter2-hunter2"}]}], "proxy": {"password": "hunter2-hunter2"}}
	prometheus := object.union(release(spec), {"facts": {"pods": [["spec"]]}})
	found := {finding.path | some finding in resource_literal.deny} with input as prometheus
	found == {["spec", "proxy", "password"]}
}

test_own_kinds_are_looked_at_elsewhere if {
	config := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"password": "hunter2-hunter2"}}
	count(resource_literal.deny) == 0 with input as config
}

test_json_in_a_text if {
	found({"config": `{"user": "a", "password": "hunter2-hunter2"}`}) == {["spec", "config"]}
	found({"dsn": "host=db user=a password=hunter2-hunter2"}) == {["spec", "dsn"]}
	found({"description": "the password is kept in Vault"}) == set()
}

test_login_to_a_registry if {
	found({"config": sprintf("{\"auths\":\n{\"a.example\": {\"auth\": \"%s\"}}}", [base64.encode("bot:hunter2")])}) == {["spec", "config"]}
}

test_volume_attributes if {
	volume := {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "a"}, "spec": {"csi": {"volumeAttributes": {"password": "hunter2"}}}}
	{finding.path | some finding in resource_literal.deny} == {["spec", "csi", "volumeAttributes", "password"]} with input as volume
}
