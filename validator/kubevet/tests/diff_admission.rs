//! What a cluster's own rules say of changes: rules in CEL of definitions, and admission policies about updates and deletions.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::{Run, Scratch};

const DEFINITION: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: apps.example.com}
spec:
  group: example.com
  names: {kind: App, plural: apps, singular: app, listKind: AppList}
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
              properties:
                size: {type: integer, x-kubernetes-validations: [{rule: self >= oldSelf, message: can not shrink}]}
";

const POLICY: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: keep.example.com}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [UPDATE, DELETE], resources: [configmaps]}]
  validations:
    - expression: request.operation != 'DELETE' || !('keep' in oldObject.metadata.?labels.orValue({}))
      message: keep it
    - expression: request.operation != 'UPDATE' || object.data == oldObject.data || object.metadata.?labels['checked'].orValue('') == 'yes'
      message: check it first
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: keep.example.com}
spec: {policyName: keep.example.com, validationActions: [Deny]}
";

fn compare(rules: &str, common: &str, old: &str, new: &str) -> Run {
    let scratch = Scratch::empty().file("old.yaml", &format!("{common}---\n{old}")).file("new.yaml", &format!("{common}---\n{new}"));
    scratch.run(&["diff", "new.yaml", "--against-manifests", "old.yaml", "--environment", "dev", "--rule", rules, "--format", "concise"])
}

fn app(size: u32) -> String {
    format!("{{apiVersion: example.com/v1, kind: App, metadata: {{name: a, namespace: shop}}, spec: {{size: {size}}}}}\n")
}

#[test]
fn rules_of_a_definition_see_what_was() {
    compare("schema/*", DEFINITION, &app(3), &app(4)).ends_with(0);
    compare("schema/*", DEFINITION, &app(3), &app(2))
        .ends_with(1)
        .says("new.yaml:21:86: error[schema/cel] dev: App shop/a: spec.size: can not shrink");
}

#[test]
fn policies_judge_updates_and_deletions() {
    let map = |labels: &str, value: &str| {
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: m, namespace: shop, labels: {{{labels}}}}}, data: {{a: {value}}}}}\n")
    };
    let other = "{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: shop}}\n";
    let judge = |old: &str, new: &str| compare("admission/*", POLICY, old, new);
    judge(&map("", "b"), &map("", "b")).ends_with(0);
    judge(&map("", "b"), &map("", "c")).ends_with(1).says("error[admission/keep.example.com] dev: ConfigMap shop/m: check it first");
    judge(&map("", "b"), &map("checked: 'yes'", "c")).ends_with(0);
    // One that is created, or only labelled, is not changed.
    judge(other, &map("", "b")).ends_with(0);
    judge(&map("", "b"), &map("x: y", "b")).ends_with(0);
    judge(&map("keep: x", "b"), other)
        .ends_with(1)
        .says("error[admission/keep.example.com] dev: ConfigMap shop/m: can't be deleted: keep it")
        .says("old.yaml:");
    judge(&map("", "b"), other).ends_with(0);
}
