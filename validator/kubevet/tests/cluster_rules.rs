//! The cluster's own rules in `kubevet rules` and `kubevet explain`.

mod common;

use common::Scratch;

const TABLE: &str = "\
version: 1
environments:
  dev: {overlays: [overlays/dev]}
  prod: {overlays: [overlays/prod]}
rules:
  \"*\": {dev: warn, prod: deny}
  admission/owners.example.com: {dev: off, prod: deny}
";

const POLICIES: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: owners.example.com}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  matchConditions: [{name: not-system, expression: \"object.metadata.namespace != 'kube-system'\"}]
  validations: [{expression: \"'owner' in object.metadata.labels\", message: every Deployment names its owner}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: everywhere}
spec: {policyName: owners.example.com, validationActions: [Deny]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: few.example.com}
spec:
  failurePolicy: Ignore
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  validations: [{expression: object.spec.replicas < 9}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: told}
spec: {policyName: few.example.com, validationActions: [Warn, Audit]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: unbound.example.com}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  validations: [{expression: 'false'}]
";

const GATEKEEPER: &str = "\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: labelled
  annotations: {description: Objects have the labels that are asked for.}
spec:
  crd: {spec: {names: {kind: Labelled}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package labelled
        violation[{\"msg\": msg}] { wanted := input.parameters.labels[_]; not input.review.object.metadata.labels[wanted]; msg := wanted }
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Labelled
metadata: {name: have-team}
spec:
  enforcementAction: warn
  match: {kinds: [{apiGroups: [apps], kinds: [Deployment]}]}
  parameters: {labels: [team]}
";

const DEFINITION: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rooms.example.com}
spec:
  group: example.com
  names: {kind: Room, plural: rooms, singular: room, listKind: RoomList}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: {seats: {type: integer, x-kubernetes-validations: [{rule: self > 0}]}}
              x-kubernetes-validations: [{rule: has(self.seats)}]
";

fn project() -> Scratch {
    Scratch::empty()
        .file("policies/environments.yaml", TABLE)
        .file("policies/admission/all.yaml", POLICIES)
        .file("policies/admission/gatekeeper.yaml", GATEKEEPER)
        .file("policies/schemas/room.yaml", DEFINITION)
}

#[test]
fn they_are_listed_below_ours_with_their_levels() {
    let listed = project().run(&["rules"]).ends_with(0).stdout;
    let (own, cluster) = listed.split_once("\n\n").unwrap();
    assert!(own.lines().all(|line| !line.starts_with("admission/few")), "{own}");
    let rows: Vec<Vec<&str>> = cluster.lines().map(|line| line.split_whitespace().take(3).collect()).collect();
    let expected = [
        ["CLUSTER", "RULE", "DEV"],
        ["admission/few.example.com", "warn", "warn"],
        ["admission/have-team", "warn", "warn"],
        ["admission/owners.example.com", "off", "deny"],
        ["admission/unbound.example.com", "off", "off"],
        ["schema/cel", "warn", "deny"],
    ];
    assert_eq!(rows, expected);
    assert!(cluster.contains("every Deployment names its owner") && cluster.contains("2 rules in CEL of Room.example.com"), "{cluster}");
    let listed: serde_json::Value = serde_json::from_str(&project().run(&["rules", "--format", "json"]).ends_with(0).stdout).unwrap();
    assert_eq!(listed["clusterRules"].as_array().unwrap().len(), 4);
    assert_eq!(listed["clusterRules"][1]["engine"], "Gatekeeper");
    assert_eq!(listed["clusterRules"][2]["levels"], serde_json::json!({"dev": "off", "prod": "deny"}));
    assert_eq!(listed["clusterRules"][2]["file"], "policies/admission/all.yaml:1");
    assert_eq!(listed["definitions"], serde_json::json!({"Room.example.com": 2}));
}

#[test]
fn each_is_explained() {
    let explain = |name: &str| project().run(&["explain", name]);
    explain("admission/owners.example.com")
        .ends_with(0)
        .says("admission/owners.example.com: every Deployment names its owner")
        .says("File     policies/admission/all.yaml:1")
        .says("Levels   dev off, prod deny")
        .says("of an expression refuse the object")
        .says("- deployments")
        .says("expression: object.metadata.namespace != 'kube-system'")
        .says("Binding everywhere");
    explain("admission/few.example.com").ends_with(0).says("are ignored").says("- Audit");
    explain("admission/unbound.example.com").ends_with(0).says("No binding is there, so it says nothing.");
    explain("admission/have-team")
        .ends_with(0)
        .says("admission/have-team: Objects have the labels that are asked for.")
        .says("Engine   Gatekeeper")
        .says("- team")
        .says("Template labelled")
        .says("package labelled");
    explain("admission/fews.example.com").ends_with(2).says("did you mean \"admission/few.example.com\"");
}
