//! Adopting kubevet in a repository: the table inside the binary, `init`, baselines, and what changed.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::path::Path;
use std::process::Command;

use common::{Scratch, TABLE};

/// Overlays without any policies.
fn foreign() -> Scratch {
    Scratch::empty()
        .file("base/kustomization.yaml", "resources: [deployment.yaml]\n")
        .file("base/deployment.yaml", common::DEPLOYMENT)
        .file("deploy/overlays/development/kustomization.yaml", "resources: [../../../base]\n")
        .file("deploy/overlays/production/kustomization.yaml", "resources: [../../../base]\n")
}

#[test]
fn a_repository_without_policies_is_judged_by_the_rules_in_the_binary() {
    let run = foreign().run(&["check"]).ends_with(1);
    run.says("error[probes/liveness] dev, prod: Deployment web").says("base/deployment.yaml:11:11").says("2 renders (dev, prod)");
}

#[test]
fn a_path_that_names_no_environment_needs_one() {
    let scratch = foreign().file("deploy/overlays/blue/kustomization.yaml", "resources: [../../../base]\n");
    scratch.run(&["check"]).ends_with(2).says("error[no-environment]").says("kubevet init");
    scratch.run(&["check", "deploy/overlays/blue", "--environment", "prod"]).ends_with(1);
}

#[test]
fn init_writes_a_table_once() {
    let scratch = foreign();
    scratch.run(&["init"]).ends_with(0).says("wrote policies/environments.yaml for 2 overlays");
    let table = std::fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap();
    assert!(
        table.contains(
            "  development:\n    overlays: # directories or globs, with what lies below them\n      - deploy/overlays/development\n"
        ),
        "{table}"
    );
    assert!(table.contains("  probes/liveness: {development: deny, production: deny}\n"), "{table}");
    scratch.run(&["check"]).ends_with(1).says("2 renders (development, production)");
    scratch.run(&["rules"]).ends_with(0).says("DEVELOPMENT  PRODUCTION");
    scratch.run(&["init"]).ends_with(2).says("is there already");
    assert_eq!(std::fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap(), table);
    let empty = Scratch::empty();
    empty.run(&["init"]).ends_with(4).says("error[no-kustomization]");
    assert!(!empty.path().join("policies").exists());
}

#[test]
fn a_rule_of_the_project_takes_the_place_of_ours() {
    let rule = common::PROBE_RULE.replace("kubevet.demo.probe", "kubevet.probes.liveness").replace("has no livenessProbe", "is ours now");
    let scratch = foreign().file("policies/probes/liveness.rego", &rule);
    scratch.run(&["check", "--rule", "probes/liveness"]).ends_with(1).says("is ours now").says("1 error,");
}

#[test]
fn a_baseline_accepts_what_is_there_and_says_what_is_gone() {
    let scratch = Scratch::project();
    scratch.check(&["--write-baseline", "baseline.json"]).ends_with(0).says("0 errors, 0 warnings, 2 in the baseline");
    scratch.check(&["--baseline", "baseline.json"]).ends_with(0).says("2 in the baseline");
    // Lines move, another container comes: the old finding is known, the new one is not.
    let deployment = format!("# moved\n{}        - name: side\n          image: nginx:1.29\n", common::DEPLOYMENT);
    let scratch = scratch.file("base/deployment.yaml", &deployment);
    scratch.check(&["--baseline", "baseline.json"]).ends_with(1).says("container \"side\"").says("1 error, 1 warning, 2 in the baseline");
    let scratch = scratch.file("base/deployment.yaml", &format!("{}          livenessProbe: {{}}\n", common::DEPLOYMENT));
    let run = scratch.check(&["--baseline", "baseline.json"]).ends_with(0).says("warning[baseline-fixed]");
    run.says("prod: Deployment web-prod/web: demo/probe is fixed, but still in the baseline");
    scratch.check(&["--baseline", "missing.json"]).ends_with(2).says("error[baseline]");
    scratch.write("bad.json", "{\"version\": 1, \"findings\": [{\"rule\": 3}]}");
    scratch.check(&["--baseline", "bad.json"]).ends_with(2).says("error[baseline]").says("bad.json:1");
}

fn git(dir: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").arg("-C").arg(dir).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn since_judges_what_a_change_can_affect() {
    let scratch = Scratch::project()
        .file("overlays/dev/kustomization.yaml", "resources: [../../base]\nconfigMapGenerator:\n  - name: a\n    files: [a.conf]\n")
        .file("overlays/dev/a.conf", "a\n")
        .file("readme.md", "");
    git(scratch.path(), &["init", "-q", "-b", "main"]);
    git(scratch.path(), &["add", "-A"]);
    git(scratch.path(), &["commit", "-q", "-m", "one"]);
    let since = |revision: &str| scratch.check(&["--since", revision]);

    since("HEAD").ends_with(0).says("not affected, so not judged: overlays/dev, overlays/prod");
    scratch.write("readme.md", "changed");
    since("HEAD").ends_with(0).says("nothing that changed is judged");
    scratch.write("overlays/dev/a.conf", "b\n");
    since("HEAD").ends_with(0).says("not affected, so not judged: overlays/prod").says("1 render (dev)");
    scratch.write("base/deployment.yaml", format!("{}# end\n", common::DEPLOYMENT));
    since("HEAD").ends_with(1).says("2 renders (dev, prod)");

    git(scratch.path(), &["add", "-A"]);
    git(scratch.path(), &["commit", "-q", "-m", "two"]);
    since("HEAD").ends_with(0).says("nothing that changed");
    since("HEAD~1").ends_with(1).says("2 renders (dev, prod)");
    // A new file that a kustomization now names.
    scratch.write("overlays/prod/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n");
    scratch.write("overlays/prod/kustomization.yaml", "resources: [../../base, extra.yaml]\n");
    since("HEAD").ends_with(1).says("not affected, so not judged: overlays/dev").says("1 render (prod)");
    // A policy affects everything, and so does what can't be told.
    scratch.write("policies/environments.yaml", format!("{TABLE}# changed\n"));
    since("HEAD").ends_with(1).says("2 renders (dev, prod)");
    since("no-such-revision").ends_with(1).says("warning[since-unknown]").says("2 renders (dev, prod)");
    scratch.check(&["--since=--output=x"]).ends_with(1).says("warning[since-unknown]");
}

#[test]
fn rules_written_for_conftest_run_unchanged() {
    let policy = "\
package main

deny contains msg if {
\tinput.kind == \"Deployment\"
\tnot input.spec.template.spec.securityContext
\tmsg := sprintf(\"%s has no securityContext\", [input.metadata.name])
}

violation contains {\"msg\": msg, \"details\": {}} if {
\tinput.kind == \"Deployment\"
\tmsg := \"a violation\"
}

warn_replicas contains \"one replica\" if not input.spec.replicas
";
    let scratch = Scratch::project()
        .file("vendor/policy/base.rego", policy)
        .file("vendor/policy/more.rego", "package main\n\ndeny contains \"more\" if input.kind == \"Deployment\"\n");
    let arguments = ["check", "overlays/prod", "--policy", "policies", "--policy", "vendor/policy", "--rule", "main"];
    let run = scratch.run(&arguments).ends_with(1);
    let run = run.says("error[main] prod: Deployment web-prod/web: web has no securityContext").says("a violation").says(": more");
    run.says("warning[main] prod: Deployment web-prod/web: one replica").says("3 errors, 1 warning");
    scratch.run(&["rules", "--policy", "policies", "--policy", "vendor/policy"]).ends_with(0).says("main ");
    let table = TABLE.replace("rules:\n", "rules:\n  main: {dev: off, prod: warn}\n");
    scratch.file("policies/environments.yaml", &table).run(&arguments).ends_with(0).says("0 errors, 4 warnings");
}
