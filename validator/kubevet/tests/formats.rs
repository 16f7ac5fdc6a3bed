//! Reports for programs, held to the schemas of their formats: ours for JSON, OASIS' for SARIF, Jenkins' for JUnit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::process::Command;

use common::{Scratch, has_tool};
use serde_json::{Value, json};

const WAIVERS: &str = "\
version: 1
waivers:
  - rule: demo/probe
    object: {kind: Deployment, name: web}
    environment: prod
    reason: \"soon, 100% <sure> & \\\"certain\\\"\"
    expiry: 2999-01-01
";

/// Runs that together fill every part of a report: findings, waivers of every kind, baselines, warnings and errors.
fn cases() -> Vec<(Scratch, Vec<&'static str>)> {
    let patched = || {
        let deployment = format!("{}          livenessProbe: {{httpGet: {{path: /, port: 80}}}}\n", common::DEPLOYMENT);
        let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          livenessProbe: null\n";
        Scratch::project()
            .file("base/deployment.yaml", &deployment)
            .file(
                "overlays/prod/kustomization.yaml",
                "namespace: web-prod\nresources: [../../base]\npatches:\n  - path: web patch,100%.yaml\n",
            )
            .file("overlays/prod/web patch,100%.yaml", patch)
    };
    let waivers = |text: &str| patched().file("policies/waivers.yaml", text);
    let broken = patched().file("overlays/prod/kustomization.yaml", "resources: [missing.yaml]\n");
    let noted =
        "resources: [../../base]\npatches:\n  - target: {kind: Deployment, name: wbe}\n    patch: |\n      - {op: remove, path: /spec}\n";
    vec![
        (patched(), vec!["check", "--rule", "demo/*"]),
        (patched(), vec!["check"]),
        (patched(), vec!["check", "--rule", "demo/*", "--write-baseline", "b.json"]),
        (waivers(WAIVERS), vec!["check", "--rule", "demo/*", "--show-waived"]),
        (waivers(&WAIVERS.replace("name: web}", "name: gone}")), vec!["check"]),
        (waivers(&WAIVERS.replace("2999", "2020")), vec!["check"]),
        (waivers("nonsense"), vec!["check"]),
        (broken, vec!["check"]),
        (patched().file("overlays/prod/kustomization.yaml", noted), vec!["check", "--rule", "kustomize/*"]),
        (patched(), vec!["check", "nowhere"]),
        (patched(), vec!["check", "--since", "no-such-revision"]),
        (Scratch::project().file("policies/demo/probe.rego", common::FIXING_RULE), vec!["check", "--fixable"]),
    ]
}

/// A schema, ready to validate against.
struct Schema(boon::Schemas, boon::SchemaIndex);

impl Schema {
    fn new(text: &str) -> Self {
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("schema.json", serde_json::from_str(text).unwrap()).unwrap();
        let compiled = compiler.compile("schema.json", &mut schemas).unwrap();
        Self(schemas, compiled)
    }

    fn accepts(&self, report: &Value) -> bool {
        self.0.validate(report, self.1).is_ok()
    }

    fn check(&self, report: &Value) {
        if let Err(error) = self.0.validate(report, self.1) {
            panic!("{error:#}\n{report:#}");
        }
    }
}

#[test]
fn json_follows_its_schema() {
    let schema = Schema::new(include_str!("../schemas/report.json"));
    for (scratch, arguments) in cases() {
        schema.check(&scratch.run(&[&arguments[..], &["--format", "json"]].concat()).json());
    }
    assert!(!schema.accepts(&json!({"version": 1, "findings": [{}], "errors": [], "warnings": [], "summary": {}})));
}

#[test]
fn sarif_follows_its_schema() {
    let schema = Schema::new(include_str!("schemas/sarif-2.1.0.json"));
    let mut results = 0;
    for (scratch, arguments) in cases() {
        let log = scratch.run(&[&arguments[..], &["--format", "sarif"]].concat()).json();
        schema.check(&log);
        results += log["runs"][0]["results"].as_array().unwrap().len();
    }
    assert!(results > 10, "{results}");
    assert!(!schema.accepts(&json!({"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": []}]})));
}

/// What the schema cannot say: rules are found by their index, and suppressions are there for all results or for none.
#[test]
fn sarif_is_consistent() {
    for (scratch, arguments) in cases() {
        let log = scratch.run(&[&arguments[..], &["--format", "sarif"]].concat()).json();
        let run = &log["runs"][0];
        let mut prints = Vec::new();
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
            assert!(result["suppressions"].is_array(), "{result:#}");
            let region = &result["locations"][0]["physicalLocation"]["region"];
            let number = |name: &str| region[name].as_u64().unwrap();
            assert!((number("startLine"), number("startColumn")) <= (number("endLine"), number("endColumn")), "{region}");
            prints.push(result["partialFingerprints"]["kubevet/v2"].as_str().unwrap().to_owned());
        }
        let count = prints.len();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), count, "two results have one fingerprint");
    }
}

#[test]
fn junit_follows_the_schema_of_jenkins() {
    if !has_tool("xmllint", "junit_follows_the_schema_of_jenkins") {
        return;
    }
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/junit-10.xsd");
    for (scratch, arguments) in cases() {
        let arguments = [&arguments[..], &["--format", "junit", "--output", "junit.xml"]].concat();
        scratch.run(&arguments);
        let file = scratch.path().join("junit.xml");
        let output = Command::new("xmllint").args(["--noout", "--schema", schema]).arg(&file).output().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(output.status.success(), "{arguments:?}: {}\n{text}", String::from_utf8_lossy(&output.stderr));
    }
}

/// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>: a command is one line; `%`, CR and LF are escaped in
/// it, and in properties `:` and `,` as well. A message's own line breaks are shown, so that only ours are breaks.
#[test]
fn annotations_are_escaped() {
    let (scratch, _) = cases().remove(0);
    let rule = common::PROBE_RULE.replace("has no livenessProbe", "is 50%%: a, b::c\\r\\nnext");
    let scratch = scratch.file("policies/demo/probe.rego", &rule);
    let run = scratch.run(&["check", "overlays/prod", "--rule", "demo/*", "--format", "github"]).ends_with(1);
    let line = "::error file=overlays/prod/web patch%2C100%25.yaml,line=10,endLine=10,col=11,endColumn=30,title=demo/probe::\
                prod: Deployment web-prod/web: container \"web\" is 50%25: a, b::c\\r\\nnext%0A";
    assert!(run.stdout.starts_with(line), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")), "{}", run.stdout);
}
