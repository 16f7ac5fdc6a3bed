//! Accepted exceptions: what they cover, and what becomes of those that are wrong, old or of no use.

mod common;

use common::{Run, Scratch};
use serde_json::json;

const WAIVER: &str = "\
version: 1
waivers:
  - rule: demo/probe
    object: {kind: Deployment, namespace: web-prod, name: web}
    environment: prod
    reason: replaced next month
    expiry: 2999-12-31
";

fn check(waivers: &str, arguments: &[&str]) -> Run {
    Scratch::project().file("policies/waivers.yaml", waivers).run(&[&["check", "--rule", "demo/*"], arguments].concat())
}

/// Without `--rule`, so that unused waivers are looked for; other rules are turned off by their absence.
fn check_all(waivers: &str) -> Run {
    let scratch = Scratch::project().file("policies/waivers.yaml", waivers);
    scratch.run(&["check"])
}

#[test]
fn a_waived_finding_is_counted_and_shown_on_request() {
    check(WAIVER, &[]).ends_with(0).says("0 errors, 1 warning, 1 waived (--show-waived)");
    check(WAIVER, &["--show-waived"]).ends_with(0).says("waived[demo/probe]").says("waived: until 2999-12-31: replaced next month");
    let report = check(WAIVER, &["--format", "json"]).ends_with(0).json();
    assert_eq!(report["findings"][0]["waived"], json!({"reason": "replaced next month", "expiry": "2999-12-31"}));
    assert_eq!(report["summary"]["waived"], 1);
}

#[test]
fn a_waiver_covers_its_rule_object_environment_and_path_only() {
    let path = |path: &str| WAIVER.replace("    reason", &format!("    path: {path}\n    reason"));
    let covering = [
        WAIVER.to_owned(),
        WAIVER.replace(", namespace: web-prod", ""),
        WAIVER.replace("environment: prod", "environments: [dev, prod]"),
        WAIVER.replace("    environment: prod\n", ""),
        WAIVER.replace("rule: demo/probe", "rule: demo/*"),
        WAIVER.replace("kind: Deployment", "kind: '*'").replace("name: web}", "name: w*b}"),
        WAIVER.replace("web-prod", "'*-prod'").replace("environment: prod", "environment: p*"),
        path("[spec, template, spec, containers]"),
        path("[spec, template, spec, containers, 0]"),
        path("[spec, template, spec, containers, web]"),
        path("[spec, template, spec, containers, web, livenessProbe]"),
    ];
    for waivers in covering {
        check(&waivers, &["overlays/prod"]).ends_with(0);
    }
    let others = [
        WAIVER.replace("name: web}", "name: '*api'}"),
        WAIVER.replace("rule: demo/probe", "rule: probes/*"),
        WAIVER.replace("namespace: web-prod", "namespace: web-dev"),
        WAIVER.replace("kind: Deployment", "kind: StatefulSet"),
        WAIVER.replace("name: web}", "name: api}"),
        WAIVER.replace("environment: prod", "environment: dev"),
        path("[spec, template, spec, containers, api]"),
        path("[spec, template, spec, containers, 1]"),
        path("[spec, template, spec, containers, web, livenessProbe, httpGet]"),
    ];
    for waivers in others {
        check(&waivers, &["overlays/prod"]).ends_with(1);
    }
}

#[test]
fn an_expired_waiver_fails_the_run_and_covers_nothing() {
    let expired = WAIVER.replace("2999-12-31", "2020-01-31");
    let run = check(&expired, &["overlays/prod"]).ends_with(1).says("error[waiver-expired]").says("expired on 2020-01-31");
    run.says("policies/waivers.yaml:3:5").says("error[demo/probe]");
    // Even where there is nothing left for it to cover.
    let expired = expired.replace("name: web}", "name: gone}");
    check(&expired, &["overlays/dev"]).ends_with(1).says("error[waiver-expired]");
}

#[test]
fn an_unused_waiver_is_a_warning_once_all_that_it_could_cover_was_judged() {
    let unused = WAIVER.replace("name: web}", "name: gone}");
    check_all(&unused).says("warning[waiver-unused]").says("covers nothing").says("policies/waivers.yaml:3:5");
    let scratch = Scratch::project().file("policies/waivers.yaml", &unused);
    assert!(!scratch.run(&["check", "overlays/dev"]).stdout.contains("waiver-unused"));
}

#[test]
fn a_malformed_waiver_is_an_error() {
    let cases = [
        ("    reason: replaced next month\n", "", "needs the field \"reason\""),
        ("reason: replaced next month", "reason: ' '", "must not be empty"),
        ("    expiry: 2999-12-31\n", "", "needs the field \"expiry\""),
        ("2999-12-31", "soon", "must be a date"),
        ("2999-12-31", "2999-02-30", "must be a date"),
        ("rule: demo/probe", "rule: nothing/*", "names rule \"nothing/*\", which does not exist"),
        ("rule: demo/probe", "rule: demo/prob", "did you mean \"demo/probe\"?"),
        ("environment: prod", "environment: prd", "did you mean \"prod\"?"),
        ("environment: prod", "environment: prod\n    environments: [prod]", "either \"environment\" or \"environments\""),
        ("kind: Deployment, ", "", "needs the field \"kind\""),
        ("name: web}", "name: web, label: x}", "has no field \"label\""),
        ("    reason", "    path: [-1]\n    reason", "must not be negative"),
        ("    reason", "    path: spec\n    reason", "must be a list"),
        ("    reason", "    reazon: x\n    reason", "did you mean \"reason\"?"),
        ("version: 1", "version: one", "reads version 1"),
    ];
    for (from, to, expected) in cases {
        let waivers = WAIVER.replacen(from, to, 1);
        assert_ne!(waivers, WAIVER, "{from}");
        check(&waivers, &[]).ends_with(2).says("error[waivers]").says("policies/waivers.yaml:").says(expected);
    }
}

const PROBLEM: &str = "\
version: 1
waivers:
  - problem: render-failed
    file: overlays/prod
    reason: its chart is gone
    expiry: 2999-12-31
";

/// An overlay that can't be built beside one that can, and waivers.
fn broken(waivers: &str) -> Scratch {
    let broken = "resources: [../../base, missing.yaml]\n";
    Scratch::project().file("overlays/prod/kustomization.yaml", broken).file("policies/waivers.yaml", waivers)
}

#[test]
fn a_problem_is_waived_like_a_finding() {
    let scratch = broken(PROBLEM);
    scratch.check(&[]).ends_with(0).says("0 errors, 1 warning, 1 waived (--show-waived)");
    let shown = scratch.check(&["--show-waived"]).ends_with(0).says("waived[render-failed]");
    shown.says("waived: until 2999-12-31: its chart is gone");
    let report = scratch.check(&["--format", "json"]).ends_with(0).json();
    assert_eq!(report["accepted"][0]["waived"], json!({"reason": "its chart is gone", "expiry": "2999-12-31"}));
    assert_eq!((&report["summary"]["waived"], &report["errors"]), (&json!(1), &json!([])));
    scratch.check(&["--format", "junit"]).ends_with(0).says("<skipped message=");
    // Where nothing else is judged, nothing is green.
    scratch.check(&["overlays/prod"]).ends_with(4).says("nothing was judged");
    let written = scratch.check(&["--write-baseline", "baseline.json"]).ends_with(0);
    written.says("accepts 1 finding; 1 left out as waived");
    for (from, to) in
        [("overlays/prod\n", "overlays/*/kustomization.yaml\n"), ("render-failed", "'*'"), ("overlays/prod", "./overlays/prod/")]
    {
        broken(&PROBLEM.replace(from, to)).check(&[]).ends_with(0);
    }
    for (from, to) in [("overlays/prod", "overlays/dev"), ("overlays/prod", "overlays/pro"), ("render-failed", "unreadable")] {
        broken(&PROBLEM.replace(from, to)).check(&[]).ends_with(3).says("error[render-failed]");
    }
}

#[test]
fn a_broken_base_is_waived_where_it_is_or_for_all_that_is_behind_it() {
    let scratch = |file: &str| {
        let scratch = broken(&PROBLEM.replace("overlays/prod", file)).file("base/kustomization.yaml", "resources: [missing.yaml]\n");
        scratch.file("overlays/prod/kustomization.yaml", "resources: [../../base]\n")
    };
    for (file, code) in [("base", 4), ("'overlays/*'", 4), ("overlays/prod", 3)] {
        scratch(file).check(&[]).ends_with(code);
    }
}

#[test]
fn waivers_of_problems_end_and_are_told_of_when_they_are_wrong_or_idle() {
    broken(&PROBLEM.replace("2999", "2020")).check(&[]).ends_with(3).says("error[waiver-expired]").says("policies/waivers.yaml:3:5");
    let idle = Scratch::project().file("policies/waivers.yaml", PROBLEM);
    idle.run(&["check"]).says("warning[waiver-unused]").says("render-failed of overlays/prod covers nothing");
    assert!(!idle.run(&["check", "overlays/dev"]).stdout.contains("waiver-unused"));
    for (from, to, expected) in [
        ("render-failed", "render-fail", "did you mean \"render-failed\"?"),
        ("render-failed", "policy-load", "is no problem that can be waived"),
        ("    file: overlays/prod\n", "", "needs the field \"file\""),
        ("    reason", "    rule: a/b\n    reason", "has no field \"rule\""),
        ("2999-12-31", "soon", "must be a date"),
    ] {
        broken(&PROBLEM.replace(from, to)).check(&[]).ends_with(2).says("error[waivers]").says(expected);
    }
}
