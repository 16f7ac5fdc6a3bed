//! `kubevet fix`: where fixes go, that they are proved, and what people see.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test helper outside the functions that clippy exempts")]

mod common;

use common::{DEPLOYMENT, FIXING_RULE as RULE, OLD_ARGUMENT_RULE, Scratch, TABLE};
use std::fs;

fn project() -> Scratch {
    Scratch::project().file("policies/demo/probe.rego", RULE)
}

/// The same where only prod asks for it.
fn of_prod() -> Scratch {
    project().file("policies/environments.yaml", &TABLE.replace("dev: warn", "dev: \"off\""))
}

fn read(scratch: &Scratch, path: &str) -> String {
    fs::read_to_string(scratch.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Writes all fixes, and finds nothing more to do.
fn write(scratch: &Scratch) -> String {
    let run = scratch.run(&["fix", "--rule", "demo/*", "--write"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let again = scratch.run(&["fix", "--rule", "demo/*"]);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    let check = scratch.check(&["overlays/prod"]);
    assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
    run.stdout
}

const PROBE: &str = "livenessProbe:\n            tcpSocket:\n              port: 80\n";

#[test]
fn what_all_ask_for_goes_into_the_base() {
    let scratch = project();
    let run = scratch.run(&["fix", "--rule", "demo/*"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout);
    assert_eq!(read(&scratch, "base/deployment.yaml"), DEPLOYMENT, "nothing is written");
    write(&scratch);
    assert_eq!(read(&scratch, "base/deployment.yaml"), format!("{DEPLOYMENT}          {PROBE}"));
}

#[test]
fn what_one_environment_asks_for_goes_into_a_patch_of_its_own() {
    let scratch = of_prod();
    write(&scratch);
    assert_eq!(read(&scratch, "base/deployment.yaml"), DEPLOYMENT);
    let patch = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          livenessProbe:
            tcpSocket:
              port: 80
";
    assert_eq!(read(&scratch, "overlays/prod/patch-web.yaml"), patch);
    let kustomization = "namespace: web-prod\nresources: [../../base]\npatches:\n  - path: patch-web.yaml\n";
    assert_eq!(read(&scratch, "overlays/prod/kustomization.yaml"), kustomization);
}

#[test]
fn patches_that_are_there_are_added_to() {
    let patch = "kind: Deployment\napiVersion: apps/v1\nmetadata:\n  name: web\nspec:\n  replicas: 2 # as many as nodes\n";
    let scratch = of_prod()
        .file("overlays/prod/kustomization.yaml", "resources: [../../base]\npatches:\n- path: patches/web.yaml\n")
        .file("overlays/prod/patches/web.yaml", patch);
    write(&scratch);
    let more = "  template:\n    spec:\n      containers:\n        - name: web\n          ";
    assert_eq!(read(&scratch, "overlays/prod/patches/web.yaml"), format!("{patch}{more}{PROBE}"));
}

#[test]
fn a_patch_in_the_kustomization_is_added_to() {
    let kustomization = "resources: [../../base]\npatches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: web\n      spec:\n        replicas: 2\n    target: {kind: Deployment}\n";
    let scratch = of_prod().file("overlays/prod/kustomization.yaml", kustomization);
    write(&scratch);
    let expected = kustomization.replace(
        "replicas: 2\n",
        "replicas: 2\n        template:\n          spec:\n            containers:\n              - name: web\n                livenessProbe:\n                  tcpSocket:\n                    port: 80\n",
    );
    assert_eq!(read(&scratch, "overlays/prod/kustomization.yaml"), expected);
}

#[test]
fn what_a_patch_takes_out_it_leaves_in() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          livenessProbe: null\n";
    let scratch = project()
        .file("base/deployment.yaml", &format!("{DEPLOYMENT}          {PROBE}"))
        .file("overlays/prod/kustomization.yaml", "resources: [../../base]\npatches:\n- path: web.yaml\n")
        .file("overlays/prod/web.yaml", patch);
    let run = scratch.run(&["fix", "--rule", "demo/*"]).ends_with(1);
    run.says("-> leave in what overlays/prod/web.yaml takes out");
    write(&scratch);
    assert_eq!(read(&scratch, "overlays/prod/web.yaml"), patch.replace("          livenessProbe: null\n", ""));
}

#[test]
fn new_patches_are_named_as_the_others() {
    let other = "apiVersion: v1\nkind: Service\nmetadata:\n  name: front\nspec:\n  type: NodePort\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: front\nspec:\n  ports: [{port: 80}]\n";
    let scratch = of_prod()
        .file("base/kustomization.yaml", "resources: [deployment.yaml, service.yaml]\n")
        .file("base/service.yaml", service)
        .file("overlays/prod/kustomization.yaml", "resources: [../../base]\npatches:\n- path: patches/front.patch.yaml\n")
        .file("overlays/prod/patches/front.patch.yaml", other);
    write(&scratch);
    let kustomization = "resources: [../../base]\npatches:\n- path: patches/front.patch.yaml\n- path: patches/web.patch.yaml\n";
    assert_eq!(read(&scratch, "overlays/prod/kustomization.yaml"), kustomization);
    assert!(read(&scratch, "overlays/prod/patches/web.patch.yaml").ends_with(PROBE));
}

#[test]
fn an_image_is_pinned_where_it_is_named() {
    let rule = RULE
        .replace("not container.livenessProbe", "not contains(container.image, \"@\")")
        .replace("has no livenessProbe", "is not pinned")
        .replace("i, \"livenessProbe\"]", "i, \"image\"]")
        .replace(
            "{\"tcpSocket\": {\"port\": 80}}",
            "concat(\"\", [container.image, \"@sha256:\", \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"])",
        );
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let scratch = project()
        .file("policies/demo/probe.rego", &rule)
        .file("overlays/prod/kustomization.yaml", "resources: [../../base]\nimages:\n- name: nginx\n  newTag: \"1.30\" # the new one\n");
    write(&scratch);
    let expected = format!("resources: [../../base]\nimages:\n- name: nginx\n  newTag: \"1.30\" # the new one\n  digest: {digest}\n");
    assert_eq!(read(&scratch, "overlays/prod/kustomization.yaml"), expected);
    assert_eq!(
        read(&scratch, "overlays/dev/kustomization.yaml"),
        "namespace: web-dev\nresources: [../../base]\npatches:\n  - path: patch-web.yaml\n"
    );
}

#[test]
fn a_new_object_is_listed_beside_what_it_belongs_to() {
    let fix = "[{\"create\": {\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": {\"name\": \"web\"}, \"automountServiceAccountToken\": false}}, {\"set\": [\"spec\", \"template\", \"spec\", \"serviceAccountName\"], \"value\": \"web\"}]";
    let rule = RULE
        .replace(
            "some i, container in input.spec.template.spec.containers\n\tnot container.livenessProbe",
            "not input.spec.template.spec.serviceAccountName",
        )
        .replace("sprintf(\"container \\\"%s\\\" has no livenessProbe\", [container.name])", "\"it has no account\"")
        .replace("\"containers\", i, \"livenessProbe\"]", "\"serviceAccountName\"]")
        .replace("[{\"set\": path, \"value\": {\"tcpSocket\": {\"port\": 80}}}]", fix);
    let scratch = project()
        .file("policies/demo/probe.rego", &rule)
        .file("base/kustomization.yaml", "resources:\n- deployment.yaml\n- zz.yaml\n")
        .file("base/zz.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: zz\n");
    write(&scratch);
    assert_eq!(
        read(&scratch, "base/serviceaccount.yaml"),
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\nautomountServiceAccountToken: false\n"
    );
    assert_eq!(read(&scratch, "base/kustomization.yaml"), "resources:\n- deployment.yaml\n- serviceaccount.yaml\n- zz.yaml\n");
}

#[test]
fn new_objects_of_one_kind_have_a_file_each() {
    let fix = "[{\"create\": {\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": {\"name\": name}, \"automountServiceAccountToken\": false}}, {\"set\": [\"spec\", \"template\", \"spec\", \"serviceAccountName\"], \"value\": name}]";
    let rule = RULE
        .replace(
            "some i, container in input.spec.template.spec.containers\n\tnot container.livenessProbe",
            "not input.spec.template.spec.serviceAccountName\n\tname := input.metadata.name",
        )
        .replace("sprintf(\"container \\\"%s\\\" has no livenessProbe\", [container.name])", "\"it has no account\"")
        .replace("\"containers\", i, \"livenessProbe\"]", "\"serviceAccountName\"]")
        .replace("[{\"set\": path, \"value\": {\"tcpSocket\": {\"port\": 80}}}]", fix);
    let scratch = project()
        .file("policies/demo/probe.rego", &rule)
        .file("base/kustomization.yaml", "resources: [deployment.yaml, other.yaml]\n")
        .file("base/other.yaml", &DEPLOYMENT.replace("web", "other"));
    write(&scratch);
    let account =
        |name: &str| format!("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\nautomountServiceAccountToken: false\n");
    let files = ["base/serviceaccount.yaml", "base/web-serviceaccount.yaml", "base/other-serviceaccount.yaml"];
    let there: Vec<String> = files.iter().filter_map(|file| fs::read_to_string(scratch.path().join(file)).ok()).collect();
    let mut expected = [account("web"), account("other")];
    expected.sort();
    let mut found = there.clone();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_field_moves_to_its_successor() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n";
    let moved = |before: &str| {
        let scratch = project()
            .file("overlays/prod/kustomization.yaml", before)
            .file("overlays/prod/one.yaml", patch)
            .file("overlays/prod/two.yaml", &patch.replace("replicas: 2", "paused: false"));
        scratch.run(&["fix", "--rule", "kustomize/deprecated-field", "--write"]).ends_with(0);
        scratch.run(&["fix", "--rule", "kustomize/deprecated-field"]).ends_with(0);
        read(&scratch, "overlays/prod/kustomization.yaml")
    };
    assert_eq!(
        moved("resources:\n- ../../base\npatchesStrategicMerge: # ours\n- one.yaml # why\n"),
        "resources:\n- ../../base\npatches: # ours\n- path: one.yaml # why\n"
    );
    // To the end of the list that is there.
    assert_eq!(
        moved("resources:\n- ../../base\npatchesStrategicMerge:\n- one.yaml\npatches:\n- path: two.yaml\n"),
        "resources:\n- ../../base\npatches:\n- path: two.yaml\n- path: one.yaml\n"
    );
}

#[test]
fn what_can_not_be_proved_is_not_offered() {
    let cases = [
        (
            "{\"set\": path, \"value\": {\"tcpSocket\": {\"port\": 80}}}",
            "{\"set\": [\"metadata\", \"labels\", \"a\"], \"value\": \"b\"}",
            "the finding is still there",
        ),
        ("\"value\": {\"tcpSocket\": {\"port\": 80}}", "\"value\": {\"tcpSocket\": {\"prt\": 80}}", "a new finding of schema/"),
        ("\"edits\": [{\"set\": path, ", "\"edits\": [{\"set\": [\"metadata\", \"name\", \"x\"], ", "would be a field of what is no map"),
    ];
    for (from, to, reason) in cases {
        let scratch = project().file("policies/demo/probe.rego", &RULE.replace(from, to));
        let run = scratch.run(&["fix", "--rule", "demo/*", "--write"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(reason), "{reason} in\n{}", run.stdout);
        assert_eq!(read(&scratch, "base/deployment.yaml"), DEPLOYMENT);
    }
}

#[test]
fn suggestions_are_taken_when_a_person_asks() {
    let scratch = project().file("policies/demo/probe.rego", &RULE.replace("\"safe\": true, ", ""));
    let run = scratch.run(&["fix", "--rule", "demo/*"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("more with --suggestions"), "{}", run.stdout);
    assert_eq!(scratch.run(&["fix", "--rule", "demo/*", "--suggestions", "--write"]).code, 0);
    assert!(read(&scratch, "base/deployment.yaml").ends_with(PROBE));
}

#[test]
fn what_is_waived_stays() {
    let waivers = "version: 1\nwaivers:\n- rule: demo/probe\n  environments: [dev, prod]\n  object: Deployment/web\n  reason: it is only a test\n  expires: 2999-01-01\n";
    let scratch = project().file("policies/waivers.yaml", waivers);
    let run = scratch.run(&["fix", "--rule", "demo/*"]);
    assert!(run.code == 0 || run.code == 2, "{}{}", run.stdout, run.stderr);
    assert_eq!(read(&scratch, "base/deployment.yaml"), DEPLOYMENT);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let scratch = project();
    let elsewhere = Scratch::empty().file("deployment.yaml", DEPLOYMENT);
    fs::remove_file(scratch.path().join("base/deployment.yaml")).unwrap();
    fs::write(scratch.path().join("base/real.yaml"), DEPLOYMENT).unwrap();
    std::os::unix::fs::symlink("real.yaml", scratch.path().join("base/deployment.yaml")).unwrap();
    let run = scratch.run(&["fix", "--rule", "demo/*", "--write"]);
    assert_ne!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(read(&scratch, "base/real.yaml"), DEPLOYMENT);
    assert_eq!(read(&elsewhere, "deployment.yaml"), DEPLOYMENT);
}

/// Elements of a list without keys are told apart by their places alone.
#[test]
fn each_of_several_findings_of_one_kind_is_fixed() {
    let arguments =
        "          args: # as it was\n            - old-one\n            - new\n            - old-two\n            - old-three\n";
    let project = || {
        Scratch::project()
            .file("policies/demo/old.rego", OLD_ARGUMENT_RULE)
            .file("base/deployment.yaml", &format!("{DEPLOYMENT}{arguments}"))
    };
    let scratch = project();
    let report = scratch.check(&["--fixable", "--rule", "demo/old", "--format", "json"]).json();
    let offered: Vec<_> = report["findings"].as_array().unwrap().iter().filter_map(|finding| finding["fix"]["title"].as_str()).collect();
    assert_eq!(offered, ["do without it"; 3], "{report:#}");
    scratch.run(&["fix", "--rule", "demo/old", "--write"]).ends_with(0).says("fixed 3 findings in 1 file");
    assert_eq!(read(&scratch, "base/deployment.yaml"), format!("{DEPLOYMENT}          args: # as it was\n            - new\n"));
    // A person is asked for each, once.
    let scratch = project();
    let run = scratch.run_with(&["fix", "--rule", "demo/old", "--interactive"], "y\nn\ny\n").ends_with(0);
    run.says("fixed 2 findings in 1 file");
    assert_eq!(read(&scratch, "base/deployment.yaml").matches("old").count(), 1);
}

/// The first name is that of the kind, the last has the namespace too.
#[test]
fn new_objects_of_one_name_get_files_of_their_namespaces() {
    const POLICY: &str = "\
# METADATA
# title: Every Deployment has a policy
# description: For a test.
# custom:
#   kinds: [Deployment]
#   fix: true
package kubevet.demo.policy

import rego.v1

deny contains {\"msg\": \"there is no label closed\", \"path\": [\"metadata\", \"labels\"], \"fix\": fix} if {
\tnot input.metadata.labels.closed
\tlabel := {\"set\": [\"metadata\", \"labels\", \"closed\"], \"value\": \"yes\"}
\tmetadata := {\"name\": \"closed\", \"namespace\": input.metadata.namespace}
\tobject := {\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": metadata}
\tfix := {\"title\": \"close it\", \"safe\": true, \"edits\": [label, {\"create\": object}]}
}
";
    let in_space = |space: &str| DEPLOYMENT.replacen("  name: web", &format!("  name: web\n  namespace: {space}"), 1);
    let all = ["one", "two", "three"].map(in_space).join("---\n");
    let scratch = Scratch::project().file("policies/demo/policy.rego", POLICY).file("base/deployment.yaml", &all);
    let scratch = ["dev", "prod"].iter().fold(scratch, |scratch, environment| {
        scratch.file(&format!("overlays/{environment}/kustomization.yaml"), "resources: [../../base]\n")
    });
    scratch.run(&["fix", "--rule", "demo/policy", "--write"]).ends_with(0).says("fixed 3 findings");
    let mut files: Vec<_> = fs::read_dir(scratch.path().join("base")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files.len(), 5, "{files:?}");
    assert!(files.iter().any(|file| file.to_string_lossy().ends_with("-closed-configmap.yaml")), "{files:?}");
}
