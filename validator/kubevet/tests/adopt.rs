//! Adopting kubevet in a repository: the table inside the binary, `init` and baselines.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

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
fn a_path_that_names_no_environment_is_judged_most_strictly() {
    let scratch = foreign()
        .file("deploy/overlays/blue/kustomization.yaml", "resources: [../../../base]\n")
        .file("deploy/overlays/green/kustomization.yaml", "resources: [../../../base]\n");
    let run = scratch.run(&["check"]).ends_with(1).says("4 renders (dev, prod)").says("warning[environment-assumed]");
    run.says("deploy/overlays/blue, deploy/overlays/green name no environment, so they are judged as prod").says("kubevet init");
    let one = scratch.run(&["check", "deploy/overlays/blue"]).ends_with(1);
    one.says("deploy/overlays/blue names no environment, so it is judged as prod, the strictest");
    let run = scratch.run(&["check", "deploy/overlays/blue", "--environment", "dev"]).ends_with(1);
    assert!(!run.stdout.contains("environment-assumed"), "{}", run.stdout);
    scratch.run_with(&["check", "-"], common::DEPLOYMENT).ends_with(1).says("<stdin> names no environment");
}

/// What another overlay of the environment has is there when both are applied.
#[test]
fn references_are_answered_by_other_overlays_of_the_environment() {
    let scratch = |environment: &str| {
        let deployment =
            format!("{}          envFrom: [{{configMapRef: {{name: settings}}}}, {{secretRef: {{name: login}}}}]\n", common::DEPLOYMENT);
        let secret = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: login}\nspec: {target: {name: login}, data: [{secretKey: a, remoteRef: {key: a}}]}\n";
        Scratch::empty()
            .file("web/prod/kustomization.yaml", "resources: [deployment.yaml]\n")
            .file("web/prod/deployment.yaml", &deployment)
            .file(&format!("settings/{environment}/kustomization.yaml"), "resources: [settings.yaml, secret.yaml]\n")
            .file(&format!("settings/{environment}/settings.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
            .file(&format!("settings/{environment}/secret.yaml"), secret)
    };
    let arguments = ["check", "web/prod", "--rule", "references/configmap", "--rule", "references/secret"];
    scratch("prod").run(&arguments).ends_with(0);
    scratch("dev").run(&arguments).ends_with(1).says("ConfigMap default/settings does not exist").says("Secret default/login");
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

/// Whatever the layout, `check` has nothing to say about the table that `init` wrote.
#[test]
fn init_knows_every_layout() {
    let overlay = |scratch: Scratch, path: &str, base: &str| {
        scratch
            .file(&format!("{path}kustomization.yaml"), &format!("resources: [{base}]\n"))
            .file(&format!("{path}web.yaml"), common::DEPLOYMENT)
    };
    let nested = ["", "stable/", "stable/ecr/", "stable/dev/", "eu/prod-1/", "us/production/", "ci [1]/"];
    let scratch = nested.iter().fold(Scratch::empty(), |scratch, path| overlay(scratch, path, "web.yaml"));
    scratch.run(&["init"]).ends_with(0).says("for 7 overlays");
    let table = std::fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap();
    for part in ["  default:\n", "      - \".\"\n", "      - stable/ecr\n", "  dev:\n", "  prod-1:\n", "      - us/production\n"] {
        assert!(table.contains(part), "no {part:?} in\n{table}");
    }
    scratch.run(&["check"]).ends_with(1).says("7 renders (");
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
    // What was not judged is not said to be fixed.
    for arguments in [&["--rule", "demo/other"][..], &["overlays/dev"]] {
        let other = common::PROBE_RULE.replace("kubevet.demo.probe", "kubevet.demo.other");
        scratch.write("policies/demo/other.rego", other);
        let run = scratch.run(&[&["check", "--baseline", "baseline.json"], arguments].concat());
        assert!(!run.stdout.contains("prod: Deployment web-prod/web: demo/probe is fixed"), "{arguments:?}: {}", run.stdout);
    }
    scratch.check(&["--baseline", "missing.json"]).ends_with(2).says("error[baseline]");
    scratch.write("bad.json", "{\"version\": 1, \"findings\": [{\"rule\": 3}]}");
    scratch.check(&["--baseline", "bad.json"]).ends_with(2).says("error[baseline]").says("bad.json:1");
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
