//! A directory of policies that were written for conftest is judged unchanged, with the answers that OPA gives.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Scratch, opa};
use serde_json::Value;

/// Files of several authors: packages, helpers, strings and objects, suffixes, with and without METADATA.
const POLICIES: [(&str, &str); 5] = [
    (
        "deployments.rego",
        "package main

import data.kubernetes

name := input.metadata.name

deny contains msg if {
\tkubernetes.is_deployment
\tnot input.spec.template.spec.securityContext.runAsNonRoot
\tmsg := sprintf(\"Containers must not run as root in Deployment %s\", [name])
}

deny contains msg if {
\tkubernetes.is_deployment
\tsome container in kubernetes.containers
\tendswith(container.image, \":latest\")
\tmsg := sprintf(\"%s uses the tag latest\", [container.name])
}

warn_replicas contains {\"msg\": \"one replica only\", \"severity\": \"low\"} if {
\tkubernetes.is_deployment
\tobject.get(input.spec, \"replicas\", 1) == 1
}
",
    ),
    (
        "lib/kubernetes.rego",
        "package kubernetes

is_deployment if input.kind == \"Deployment\"

containers contains container if some container in input.spec.template.spec.containers
",
    ),
    (
        "labels.rego",
        "# METADATA
# title: Labels
# custom:
#   severity: high
package org.labels

import rego.v1

required := {\"app.kubernetes.io/name\", \"owner\"}

missing := required - {label | some label, _ in object.get(input.metadata, \"labels\", {})}

violation contains {\"msg\": msg, \"details\": {\"missing\": missing}} if {
\tcount(missing) > 0
\tmsg := sprintf(\"%s/%s lacks %v\", [input.kind, input.metadata.name, missing])
}
",
    ),
    (
        "anything.rego",
        "package main

import future.keywords

deny_placeholder[msg] {
\twalk(input, [path, value])
\tvalue == \"CHANGEME\"
\tmsg := sprintf(\"%s holds a placeholder\", [concat(\".\", [sprintf(\"%v\", [step]) | step := path[_]])])
}
",
    ),
    (
        "labels_test.rego",
        "package org.labels_test

import rego.v1

test_missing if count(data.org.labels.violation) == 1 with input as {\"kind\": \"Pod\", \"metadata\": {\"name\": \"x\"}}
",
    ),
];

const CONFIG: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {owner: a, app.kubernetes.io/name: c}}\ndata: {a: CHANGEME}\n";

fn scratch(skip: &str) -> Scratch {
    let scratch = Scratch::project().file("base/config.yaml", CONFIG);
    scratch.write("base/kustomization.yaml", "resources: [deployment.yaml, config.yaml]\n");
    POLICIES.iter().filter(|(path, _)| *path != skip).fold(scratch, |scratch, (path, text)| scratch.file(&format!("vendor/{path}"), text))
}

#[test]
fn the_old_syntax_finds_the_same() {
    let found = |scratch: &Scratch| scratch.run(&["check", "overlays/prod", "--policy", "vendor", "--rule", "main", "--format", "concise"]).stdout;
    let v1 = POLICIES[3].1.replace("deny_placeholder[msg] {", "deny_placeholder contains msg if {");
    assert_ne!(v1, POLICIES[3].1);
    let (old, new) = (found(&scratch("")), found(&scratch("anything.rego").file("vendor/anything.rego", &v1)));
    assert!(old.contains("data.a holds a placeholder"), "{old}");
    assert_eq!(old, new);
}

#[test]
fn an_error_says_which_syntax_was_tried() {
    let old = POLICIES[3].1.replace("deny_placeholder[msg] {", "deny_placeholder[msg] { {");
    let run = scratch("anything.rego").file("vendor/anything.rego", &old).run(&["check", "overlays/prod", "--policy", "vendor"]).ends_with(2);
    run.says("error[policy-load]").says("(read as Rego before 1.0)").says("vendor/anything.rego:");
}

#[test]
fn a_directory_runs_unchanged_and_finds_what_opa_finds() {
    // The same in today's syntax, which is what OPA 1 and conftest read.
    let v1 = POLICIES[3].1.replace("deny_placeholder[msg] {", "deny_placeholder contains msg if {");
    let scratch = scratch("anything.rego").file("vendor/anything.rego", &v1);
    let run = scratch.run(&["check", "overlays/prod", "--policy", "vendor", "--rule", "main", "--rule", "org/labels", "--format", "json"]);
    let report = run.ends_with(1).json();
    let mut ours: BTreeSet<(String, String, String)> = BTreeSet::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        ours.insert((text(&finding["object"]["name"]), text(&finding["level"]), text(&finding["message"])));
    }
    let found = |name: &str, level: &str, message: &str| ours.contains(&(name.to_owned(), level.to_owned(), message.to_owned()));
    assert!(found("web", "deny", "Containers must not run as root in Deployment web"), "{ours:#?}");
    assert!(found("web", "warn", "one replica only"), "{ours:#?}");
    assert!(found("c", "deny", "data.a holds a placeholder"), "{ours:#?}");
    assert!(found("web", "deny", r#"Deployment/web lacks {"app.kubernetes.io/name", "owner"}"#), "{ours:#?}");
    assert_eq!(ours.len(), 4, "{ours:#?}");
    scratch.run(&["test", "--policy", "vendor", "--run", "org.labels"]).ends_with(0).says("1 test: 1 passed");

    let rendered = scratch.run(&["render", "overlays/prod"]).ends_with(0).stdout;
    let objects: Vec<Value> = rendered.split("---\n").map(|document| serde_yaml::from_str(document).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    let mut modules: BTreeMap<String, String> = POLICIES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    modules.insert("anything.rego".to_owned(), v1);
    const QUERIES: [(&str, &str); 4] = [
        ("data.main.deny", "deny"),
        ("data.main.deny_placeholder", "deny"),
        ("data.main.warn_replicas", "warn"),
        ("data.org.labels.violation", "deny"),
    ];
    let asked: Vec<_> = objects.iter().flat_map(|object| QUERIES.map(|(query, level)| (object, query, level))).collect();
    let questions: Vec<Value> = asked.iter().map(|(object, query, _)| opa::question(*query, object)).collect();
    let Some(answers) = opa::ask("policies written for conftest in OPA", &modules, &questions) else { return };
    let mut theirs = BTreeSet::new();
    for ((object, query, level), answer) in std::iter::zip(asked, answers) {
        for result in answer["value"].as_array().unwrap_or_else(|| panic!("{query}: {answer}")) {
            let message = result.as_str().or_else(|| result["msg"].as_str()).unwrap();
            theirs.insert((object["metadata"]["name"].as_str().unwrap().to_owned(), level.to_owned(), message.to_owned()));
        }
    }
    assert_eq!(ours, theirs);
}
