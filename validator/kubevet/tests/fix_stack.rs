//! `kubevet fix` on kubevet's own stack, broken in a few ways that happen; and on texts that stand in other ones.

#![allow(clippy::panic, reason = "a test helper outside the functions that clippy exempts")]

mod common;

use std::fs;

use common::{DEPLOYMENT, Scratch, copy_of_repository};
use serde_json::Value;

fn read(scratch: &Scratch, path: &str) -> String {
    fs::read_to_string(scratch.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Takes words out of a file, and puts others in.
fn change(scratch: &Scratch, path: &str, from: &str, to: &str) {
    let text = read(scratch, path);
    assert!(text.contains(from), "{path} has no {from:?}");
    scratch.write(path, text.replacen(from, to, 1));
}

/// The rules that find something in staging, besides those that were there before.
fn rules(scratch: &Scratch) -> Vec<String> {
    let report = scratch.run(&["check", "overlays/staging", "--format", "json"]).json();
    let findings = report["findings"].as_array().into_iter().flatten().filter(|finding| finding["waived"].is_null());
    let mut rules: Vec<String> = findings.filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect();
    rules.sort();
    rules
}

#[test]
fn the_own_stack_is_mended() {
    let scratch = Scratch::empty();
    let others = ["target", ".git", ".github", "validator", "docs", "editors", "fuzz", "tests", "packaging", "jobs", "gitops", "hack"];
    copy_of_repository(scratch.path(), &others);
    let before = rules(&scratch);
    let workload = "base/somabrain/deployment.yaml";
    let probe = "          livenessProbe:\n            tcpSocket:\n              port: http\n            periodSeconds: 10\n            timeoutSeconds: 3\n            failureThreshold: 3\n";
    change(&scratch, workload, probe, "");
    change(&scratch, workload, "name: somabrain-api\n", "name: somabrain-apl\n");
    change(&scratch, workload, "              memory: 1Gi\n", "");
    let target = "    target:\n      kind: Certificate\n      name: somabrain";
    change(&scratch, "overlays/staging/kustomization.yaml", target, &format!("{target}-old"));
    let broken = ["kustomize/target-matches-nothing", "probes/liveness", "references/secret", "resources/memory-limit"];
    let found = rules(&scratch);
    assert!(broken.iter().all(|rule| found.iter().any(|known| known == rule)), "{found:?}");
    let fix = ["fix", "overlays/staging", "--environment", "staging", "--suggestions", "--rule", "kustomize/*", "--rule", "probes/*"];
    let fix = [&fix[..], &["--rule", "re*", "--format", "json"]].concat();
    let told = scratch.run(&[&fix[..], &["--write"]].concat()).ends_with(0).json();
    let mut mended: Vec<&str> = told["fixed"].as_array().into_iter().flatten().filter_map(|fix| fix["rule"].as_str()).collect();
    mended.sort_unstable();
    assert_eq!(mended, broken, "{told:#}");
    assert_eq!(rules(&scratch), before);
    let text = read(&scratch, workload);
    assert!(text.contains("name: somabrain-api\n") && text.contains("          livenessProbe:\n"), "{text}");
    // What was written stays as it was.
    let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
    assert_eq!(comments(&text), comments(&fs::read_to_string(common::repository().join(workload)).unwrap()));
    let again = scratch.run(&fix).ends_with(0).json();
    assert_eq!((&again["fixed"], &again["files"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
}

#[test]
fn a_text_in_a_kustomization_is_edited_in_place() {
    let kustomization = "\
resources: [../../base]
patches:
  # What the shop wants.
  - target: {kind: Deployment}
    patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web # ours
      spec:
        template:
          spec:
            containers:
              - name: web
                env:
                  - name: MODE
                    value: 0755 # as a text
                  - {name: OTHER, value: '1'}
";
    let scratch = Scratch::project().file("overlays/prod/kustomization.yaml", kustomization);
    let fix = ["fix", "overlays/prod", "--rule", "kustomize/value-changed", "--suggestions"];
    scratch.run(&[&fix[..], &["--write"]].concat()).ends_with(0).says("fixed 1 finding in 1 file");
    assert_eq!(read(&scratch, "overlays/prod/kustomization.yaml"), kustomization.replace("0755", "'0755'"));
    assert_eq!(read(&scratch, "base/deployment.yaml"), DEPLOYMENT);
    scratch.run(&fix).ends_with(0).says("nothing is left");
}
