//! What `check --fixable` says of fixes, and `fix --interactive`, which asks for each.

#![allow(clippy::panic, reason = "a test helper outside the functions that clippy exempts")]

mod common;

use std::fs;

use common::{DEPLOYMENT, FIXING_RULE, Run, Scratch};
use serde_json::{Value, json};

/// Two ways to mend what the rule finds.
fn project() -> Scratch {
    let other =
        "{\"title\": \"ask another port\", \"safe\": false, \"edits\": [{\"set\": path, \"value\": {\"tcpSocket\": {\"port\": 81}}}]}";
    let rule = FIXING_RULE.replace("fix := {", "fix := [{").replace("\"port\": 80}}}]}", &format!("\"port\": 80}}}}}}]}}, {other}]"));
    Scratch::project()
        .file("policies/demo/probe.rego", &rule)
        .file("base/kustomization.yaml", "resources: [deployment.yaml, other.yaml]\n")
        .file("base/other.yaml", &DEPLOYMENT.replace("web", "other"))
}

fn port(scratch: &Scratch, file: &str) -> Option<String> {
    let text = fs::read_to_string(scratch.path().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines().find_map(|line| line.trim().strip_prefix("port: ").map(str::to_owned))
}

fn asked(scratch: &Scratch, answers: &str) -> Run {
    scratch.run_with(&["fix", "--rule", "demo/*", "--interactive"], answers)
}

#[test]
fn a_person_decides_on_each() {
    for (answers, expected) in [
        ("y\nn\n", [Some("80"), None]),
        ("n\ny\n", [None, Some("80")]),
        ("2\ny\nn\n", [Some("81"), None]),
        ("a\n", [Some("80"), Some("80")]),
        ("q\n", [None, None]),
        ("y\nq\n", [Some("80"), None]),
        ("what\n7\ny\nn\n", [Some("80"), None]),
        // Who can't be asked wants nothing.
        ("", [None, None]),
    ] {
        let scratch = project();
        let run = asked(&scratch, answers).ends_with(0);
        let found = ["base/deployment.yaml", "base/other.yaml"].map(|file| port(&scratch, file));
        let mut found = found.map(|port| port.unwrap_or_default());
        let mut expected = expected.map(|port| port.unwrap_or_default().to_owned());
        // Which of them is asked for first is not said.
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{answers:?}\n{}", run.stdout);
        run.says("write this? y(es), n(o), a(ll), q(uit), 1-2 to see another way: ").says("+            tcpSocket:");
    }
}

#[test]
fn a_check_says_what_can_be_fixed() {
    let scratch = project();
    let report = scratch.check(&["--fixable", "--format", "json"]).json();
    assert_eq!(report["summary"]["fixable"], json!(report["findings"].as_array().unwrap().len()), "{report:#}");
    let fix = &report["findings"][0]["fix"];
    assert_eq!((&fix["title"], &fix["safe"]), (&json!("add a probe"), &json!(true)));
    assert!(fix["diff"].as_str().unwrap().contains("+              port: 80"), "{fix:#}");
    scratch.check(&["--fixable"]).says(" can be fixed").says("fix: add a probe: `kubevet fix --rule demo/probe`");
    // Who does not ask is told nothing.
    let report = scratch.check(&["--format", "json"]).json();
    assert_eq!((&report["summary"]["fixable"], &report["findings"][0]["fix"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_no_fix_mends_is_not_counted() {
    let scratch = Scratch::project().file("policies/demo/probe.rego", &FIXING_RULE.replace("\"port\": 80", "\"prt\": 80"));
    let report = scratch.check(&["--fixable", "--format", "json"]).json();
    assert_eq!(report["summary"]["fixable"], json!(0), "{report:#}");
}

#[test]
fn code_scanning_gets_the_lines() {
    let scratch = project();
    let log = scratch.check(&["--fixable", "--format", "sarif"]).json();
    let change = &log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    let part = &change["replacements"][0];
    assert_eq!(part["insertedContent"]["text"], "          livenessProbe:\n            tcpSocket:\n              port: 80\n", "{log:#}");
    let line = DEPLOYMENT.lines().count() + 1;
    assert_eq!(part["deletedRegion"], json!({"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 1}));
}

#[test]
fn a_summary_shows_the_diff_in_a_fence_of_its_own() {
    let hostile = format!("{DEPLOYMENT}          # ```` <b>\n");
    let scratch = project().file("base/deployment.yaml", &hostile);
    let page = scratch.check(&["--fixable", "--format", "markdown"]).stdout;
    assert!(page.contains("\n    `````diff\n") && page.contains("\n    `````\n"), "{page}");
}
