//! Fixes that lead to other findings, which are mended with them; and what programs are told of fixes.

#![allow(clippy::unwrap_used, reason = "a test helper outside the functions that clippy exempts")]

mod common;

use std::fs;

use common::{DEPLOYMENT, FIXING_RULE, Scratch};
use serde_json::json;

/// Whoever has a probe has a port, too.
const PORT_RULE: &str = "\
# METADATA
# title: What is probed has a name
# description: A number says nothing.
# custom:
#   kinds: [Deployment]
#   fix: true
package kubevet.demo.port

import rego.v1

deny contains {\"msg\": msg, \"path\": path, \"fix\": fix} if {
\tsome i, container in input.spec.template.spec.containers
\tcontainer.livenessProbe
\tnot container.ports
\tmsg := \"the port has no name\"
\tpath := [\"spec\", \"template\", \"spec\", \"containers\", i, \"ports\"]
\tfix := {\"title\": \"name the port\", \"safe\": true, \"edits\": [EDIT]}
}
";

fn project(edit: &str) -> Scratch {
    Scratch::project().file("policies/demo/probe.rego", FIXING_RULE).file("policies/demo/port.rego", &PORT_RULE.replace("EDIT", edit))
}

fn base(scratch: &Scratch) -> String {
    fs::read_to_string(scratch.path().join("base/deployment.yaml")).unwrap()
}

const NAMED: &str = "{\"add\": path, \"value\": {\"name\": \"http\", \"containerPort\": 80}}";

#[test]
fn what_a_fix_leads_to_is_mended_with_it() {
    let scratch = project(NAMED);
    let run = scratch.run(&["fix", "--rule", "demo/probe", "--write"]).ends_with(0);
    run.says("fixed 1 finding in 1 file");
    let text = base(&scratch);
    assert!(text.contains("livenessProbe:") && text.contains("name: http\n"), "{text}");
    scratch.check(&["overlays/prod"]).ends_with(0);
    scratch.run(&["fix", "--rule", "demo/*"]).ends_with(0).says("nothing is left");
}

#[test]
fn both_are_said() {
    let scratch = project(NAMED);
    scratch.run(&["fix", "--rule", "demo/probe"]).ends_with(1).says("-> add a probe, and name the port");
    // One by one as well.
    let run = scratch.run_with(&["fix", "--rule", "demo/probe", "--interactive"], "y\n").ends_with(0);
    run.says("-> add a probe, and name the port");
    assert!(base(&scratch).contains("livenessProbe:"));
}

#[test]
fn a_circle_is_refused() {
    let scratch = project("{\"remove\": [\"spec\", \"template\", \"spec\", \"containers\", i, \"livenessProbe\"]}");
    let before = base(&scratch);
    let run = scratch.run(&["fix", "--rule", "demo/*", "--write"]).ends_with(0);
    run.says("not offered: with it there is a new finding of demo/port: the port has no name");
    assert_eq!(base(&scratch), before);
}

#[test]
fn programs_are_told_what_changes() {
    let scratch = project(NAMED);
    let told = scratch.run(&["fix", "--rule", "demo/*", "--format", "json"]).ends_with(1).json();
    let fixed = &told["fixed"][0];
    assert_eq!((&fixed["rule"], &fixed["safe"]), (&json!("demo/probe"), &json!(true)), "{told:#}");
    assert_eq!(fixed["title"], "add a probe, and name the port");
    let overlays: Vec<_> = fixed["overlays"].as_array().unwrap().iter().collect();
    assert_eq!(overlays.len(), 2, "{told:#}");
    let names: Vec<_> = fixed["changes"].as_array().unwrap().iter().map(|object| &object["namespace"]).collect();
    assert_eq!(names.len(), 2, "the object of each overlay: {told:#}");
    assert_eq!((&told["files"], &told["written"]), (&json!(["base/deployment.yaml"]), &json!(false)));
    let told = scratch.run(&["fix", "--rule", "demo/*", "--format", "json", "--write"]).ends_with(0).json();
    assert_eq!(told["written"], json!(true));
    let told = project("{\"set\": [\"metadata\", \"labels\", \"a\"], \"value\": \"b\"}");
    let told = told.run(&["fix", "--rule", "demo/*", "--format", "json"]).ends_with(0).json();
    let reason = told["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("with it there is a new finding of demo/port"), "{told:#}");
}

/// Who asks for a port where a flag is set, whoever set it.
const FLAG_RULES: [(&str, &str); 2] = [
    (
        "policies/demo/flag.rego",
        "\
# METADATA
# title: The flag is set
# description: For a test.
# custom:
#   kinds: [ConfigMap]
#   fix: true
package kubevet.demo.flag

import rego.v1

deny contains {\"msg\": \"the flag is not set\", \"path\": [\"data\"], \"fix\": fix} if {
\tnot input.data.flag
\tfix := {\"title\": \"set the flag\", \"safe\": true, \"edits\": [{\"set\": [\"data\", \"flag\"], \"value\": \"on\"}]}
}
",
    ),
    (
        "policies/demo/flagged.rego",
        "\
# METADATA
# title: With the flag, ports are named
# description: For a test.
# custom:
#   scope: overlay
#   kinds: [ConfigMap]
#   fix: true
package kubevet.demo.flagged

import rego.v1

deny contains {\"msg\": \"there is no port\", \"path\": path, \"object\": object, \"fix\": fix} if {
\tinput.objects[_].data.flag
\tsome workload in input.objects
\tworkload.kind == \"Deployment\"
\tsome i, container in workload.spec.template.spec.containers
\tnot container.ports
\tpath := [\"spec\", \"template\", \"spec\", \"containers\", i, \"ports\"]
\tobject := {\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"name\": workload.metadata.name}
\tfix := {\"title\": \"name the port\", \"safe\": true, \"edits\": [{\"add\": path, \"value\": {\"containerPort\": 80}}]}
}
",
    ),
];

/// Objects of one name in two overlays are two.
#[test]
fn what_an_overlay_leads_to_is_no_matter_of_another_one() {
    let flag = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flag\n";
    let probe = "          livenessProbe:\n            tcpSocket:\n              port: 80\n";
    let scratch = Scratch::project()
        .file("policies/demo/probe.rego", FIXING_RULE)
        .file("overlays/dev/kustomization.yaml", "resources: [web.yaml, flag.yaml]\n")
        .file("overlays/dev/web.yaml", &format!("{DEPLOYMENT}{probe}"))
        .file("overlays/dev/flag.yaml", flag)
        .file("overlays/prod/kustomization.yaml", "resources: [web.yaml]\n")
        .file("overlays/prod/web.yaml", &format!("{DEPLOYMENT}          ports: [{{containerPort: 80}}]\n"));
    let scratch = FLAG_RULES.iter().fold(scratch, |scratch, (path, rule)| scratch.file(path, rule));
    let told = scratch.run(&["fix", "overlays/dev", "overlays/prod", "--rule", "demo/*", "--format", "json"]).ends_with(1).json();
    let fixed = told["fixed"].as_array().unwrap();
    let mut titles: Vec<_> = fixed.iter().map(|fix| (fix["title"].as_str().unwrap(), fix["overlays"][0].as_str().unwrap())).collect();
    titles.sort_unstable();
    assert_eq!(titles, [("add a probe", "overlays/prod"), ("set the flag, and name the port", "overlays/dev")], "{told:#}");
}
