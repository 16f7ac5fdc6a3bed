//! This repository's own overlays: clean as they are, and not clean once something is taken away from a copy of prod.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::fs;
use std::path::Path;

use common::{Run, Scratch, repository};
use serde_json::Value;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// A copy of the stack.
fn stack() -> Scratch {
    let scratch = Scratch::empty();
    for directory in ["base", "overlays", "jobs", "policies"] {
        copy(&repository().join(directory), &scratch.path().join(directory));
    }
    scratch
}

/// prod with one more patch.
fn patched(patch: &str) -> Run {
    let scratch = stack()
        .file("overlays/broken/kustomization.yaml", "resources: [../prod]\npatches:\n  - path: patch.yaml\n")
        .file("overlays/broken/patch.yaml", patch);
    scratch.run(&["check", "overlays/broken", "--environment", "prod", "--format", "json"])
}

/// The only denied finding of a rule, with its message and the places of its locations.
#[track_caller]
fn denied(run: Run, rule: &str) -> (String, Vec<String>) {
    let report = run.ends_with(1).json();
    let findings = report["findings"].as_array().unwrap();
    let found: Vec<&Value> = findings.iter().filter(|finding| finding["rule"] == rule && finding["level"] == "deny").collect();
    assert_eq!(found.len(), 1, "{rule}: {report:#}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let locations = found[0]["locations"].as_array().unwrap();
    let places = locations.iter().map(|location| format!("{}:{}", text(&location["file"]), location["line"])).collect();
    let object = &found[0]["object"];
    (format!("{} {}: {}", text(&object["kind"]), text(&object["name"]), text(&found[0]["message"])), places)
}

fn deployment(containers: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: somabrain\n  namespace: somabrain-prod\nspec:\n  template:\n    spec:\n      containers:\n        - name: somabrain\n{containers}"
    )
}

#[test]
fn our_overlays_are_clean() {
    let run = common::kubevet().current_dir(repository()).args(["check", "overlays"]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}

#[test]
fn a_probe_taken_away() {
    let (message, places) = denied(patched(&deployment("          livenessProbe: null\n")), "probes/liveness");
    assert_eq!(message, "Deployment somabrain: container \"somabrain\" has no livenessProbe");
    assert_eq!(places[0], "overlays/broken/patch.yaml:11");
    assert!(places[1].starts_with("base/somabrain/deployment.yaml:"), "{places:?}");
}

#[test]
fn a_limit_taken_away() {
    let patch = deployment("          resources:\n            limits:\n              memory: null\n");
    let (message, places) = denied(patched(&patch), "resources/memory-limit");
    assert!(message.starts_with("Deployment somabrain: container \"somabrain\""), "{message}");
    assert_eq!(places[0], "overlays/broken/patch.yaml:13");
}

#[test]
fn a_network_policy_taken_away() {
    let patch = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: default-deny\n  namespace: somabrain-prod\n$patch: delete\n";
    let report = patched(patch).ends_with(1).json();
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "network/default-deny").unwrap();
    assert!(finding["message"].as_str().unwrap().contains("somabrain-prod"), "{finding:#}");
}

#[test]
fn a_secret_taken_away() {
    let patch = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: somabrain-api\n  namespace: somabrain-prod\n$patch: delete\n";
    let report = patched(patch).ends_with(1).json();
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "references/secret").unwrap();
    assert!(finding["message"].as_str().unwrap().contains("somabrain-api"), "{finding:#}");
    assert!(finding["locations"][0]["line"].as_u64().unwrap() > 1, "{finding:#}");
}
