//! What an overlay lost on the way from the environments below it.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::{Run, Scratch};
use serde_json::Value;

const TABLE: &str = "\
version: 1
environments:
  prod: {overlays: [overlays/prod, overlays/prod-*]}
  staging: {overlays: [overlays/staging]}
  dev: {overlays: [overlays/dev]}
";

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    metadata:
      labels: {app: web}
    spec:
      securityContext: {runAsNonRoot: true}
      containers:
        - name: web
          image: nginx:1.29
          livenessProbe: {tcpSocket: {port: 80}}
          resources:
            requests: {cpu: 1}
            limits: {cpu: 1, memory: 1Gi}
";

const BUDGET: &str = "\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
";

/// One base, and dev, staging and prod over it; prod has the given patch of the Deployment's pod.
fn project(patch: &str) -> Scratch {
    let overlay = |name: &str, more: &str| format!("namespace: web-{name}\nresources: [../../base]\n{more}");
    let patch = format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{{patch}}}}}}}\n");
    Scratch::empty()
        .file("policies/environments.yaml", TABLE)
        .file("base/kustomization.yaml", "resources: [web.yaml]\n")
        .file("base/web.yaml", WEB)
        .file("overlays/dev/kustomization.yaml", &overlay("dev", ""))
        .file("overlays/staging/kustomization.yaml", &overlay("staging", ""))
        .file("overlays/prod/kustomization.yaml", &overlay("prod", "patches: [{path: web.yaml}]\n"))
        .file("overlays/prod/web.yaml", &patch)
}

fn check(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["check", "--rule", "drift/*", "--format", "json"], arguments].concat())
}

/// Rule and message of each finding.
fn found(run: &Run) -> Vec<String> {
    let report = run.json();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let mut found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {} {}", text(finding, "rule"), finding["environments"][0].as_str().unwrap(), text(finding, "message")))
        .collect();
    found.sort();
    found
}

#[test]
fn a_probe_that_dev_has_and_prod_lost() {
    let scratch = project("containers: [{name: web, livenessProbe: null}]");
    let run = check(&scratch, &[]).ends_with(1);
    assert_eq!(found(&run), ["drift/probes prod container \"web\" lacks livenessProbe, which staging has"]);
    let locations = &run.json()["findings"][0]["locations"];
    assert_eq!(locations[0]["file"], "overlays/prod/web.yaml");
    assert_eq!(locations[0]["note"], "removed here");
    assert_eq!(locations[1]["file"], "base/web.yaml");
    assert_eq!(locations[1]["line"], 14);
    assert_eq!(locations.as_array().unwrap().len(), 2, "{locations:#}");
}

/// What is lost is missing too; one rule says so, but only one that counts as much.
#[test]
fn drift_keeps_silent_only_behind_a_finding_that_counts_as_much() {
    let rules = ["--rule", "drift/*", "--rule", "probes/liveness", "--format", "json"];
    let scratch = project("containers: [{name: web, livenessProbe: null}]");
    let prod = |scratch: &Scratch| {
        let run = scratch.run(&[&["check", "overlays/prod"], rules.as_slice()].concat());
        (run.code, found(&run))
    };
    let missing = "probes/liveness prod container \"web\" has no livenessProbe";
    let lost = "drift/probes prod container \"web\" lacks livenessProbe, which staging has";
    assert_eq!(prod(&scratch), (1, vec![missing.to_owned()]));
    scratch.write("policies/environments.yaml", format!("{TABLE}rules:\n  probes/liveness: {{prod: warn, staging: deny, dev: deny}}\n"));
    assert_eq!(prod(&scratch), (1, vec![lost.to_owned(), missing.to_owned()]));
    scratch.write("policies/environments.yaml", TABLE);
    scratch.write(
        "policies/waivers.yaml",
        "version: 1\nwaivers:\n  - {rule: probes/liveness, object: {kind: Deployment, name: web}, reason: r, expiry: 2999-01-01}\n",
    );
    assert_eq!(prod(&scratch), (1, vec![lost.to_owned(), missing.to_owned()]));
}

#[test]
fn the_environments_below_count_even_if_only_this_one_is_judged() {
    let scratch = project("containers: [{name: web, livenessProbe: null}]");
    let report = check(&scratch, &["overlays/prod"]).ends_with(1).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["findings"][0]["overlays"], serde_json::json!(["overlays/prod"]));
    check(&scratch, &["overlays/dev"]).ends_with(0);
    check(&scratch, &["overlays/staging"]).ends_with(0);
    // One that doesn't render is an error where it is judged, and no excuse here.
    scratch.write("overlays/staging/kustomization.yaml", "resources: [missing.yaml]\n");
    let run = check(&scratch, &["overlays/prod"]).ends_with(1);
    assert_eq!(found(&run), ["drift/probes prod container \"web\" lacks livenessProbe, which dev has"]);
}

#[test]
fn only_protection_that_vanished_is_drift() {
    let scratch = project(
        "securityContext: {runAsNonRoot: false}, containers: [{name: web, readinessProbe: {tcpSocket: {port: 80}}, resources: {requests: null, limits: {cpu: null, memory: 9Gi}}}, {name: more, image: i}]",
    );
    let run = check(&scratch, &[]).ends_with(1);
    assert_eq!(
        found(&run),
        [
            "drift/resources prod container \"web\" lacks limits.cpu, which staging has",
            "drift/resources prod container \"web\" lacks requests.cpu, which staging has",
            "drift/security-context prod the workload lacks runAsNonRoot: true, which staging has",
        ]
    );
}

#[test]
fn more_and_other_protection_is_no_drift() {
    let hardened = "securityContext: {runAsNonRoot: null}, containers: [{name: web, securityContext: {runAsNonRoot: true}, resources: {requests: null}, livenessProbe: {tcpSocket: null, httpGet: {port: 80}}}]";
    check(&project(hardened), &[]).ends_with(0);
    check(&project("containers: [{name: other, image: i}, {name: web, $patch: delete}]"), &[]).ends_with(0);
}

#[test]
fn a_container_that_takes_hardening_back_is_where_it_is_found() {
    let run = check(&project("containers: [{name: web, securityContext: {runAsNonRoot: false}}]"), &[]).ends_with(1);
    assert_eq!(found(&run), ["drift/security-context prod container \"web\" lacks runAsNonRoot: true, which staging has"]);
    assert_eq!(run.json()["findings"][0]["locations"][0]["file"], "overlays/prod/web.yaml");
}

#[test]
fn a_budget_that_staging_has_and_prod_does_not_take() {
    let scratch = project("priorityClassName: high");
    scratch.write("overlays/staging/kustomization.yaml", "namespace: web-staging\nresources: [../../base, budget.yaml]\n");
    scratch.write("overlays/staging/budget.yaml", BUDGET);
    let run = check(&scratch, &[]).ends_with(1);
    assert_eq!(found(&run), ["drift/availability prod the workload lacks PodDisruptionBudget, which staging has"]);
    let locations = &run.json()["findings"][0]["locations"];
    assert_eq!(locations[1]["file"], "overlays/staging/budget.yaml");
    assert_eq!(locations[1]["role"], "related");
}

#[test]
fn a_policy_whose_selector_no_longer_matches() {
    let policy =
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {matchLabels: {app: web}}}\n";
    let scratch = project("priorityClassName: high")
        .file("base/policy.yaml", policy)
        .file("base/kustomization.yaml", "resources: [web.yaml, policy.yaml]\n");
    check(&scratch, &[]).ends_with(0);
    scratch.write(
        "overlays/prod/web.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {matchLabels: {app: wbe}}}\n",
    );
    let run = check(&scratch, &[]).ends_with(1);
    assert_eq!(found(&run), ["drift/network-policy prod the workload lacks NetworkPolicy, which staging has"]);
}

#[test]
fn a_prefix_or_suffix_hides_nothing() {
    let scratch = project("containers: [{name: web, livenessProbe: null}]");
    scratch.write("overlays/dev/kustomization.yaml", "namePrefix: dev-\nresources: [../../base]\n");
    scratch.write("overlays/staging/kustomization.yaml", "nameSuffix: -staging\nresources: [../../base]\n");
    let run = check(&scratch, &[]).ends_with(1);
    assert_eq!(found(&run), ["drift/probes prod container \"web\" lacks livenessProbe, which staging has"]);
}

#[test]
fn a_copy_of_the_manifest_is_the_same_workload_and_a_namesake_is_not() {
    let scratch = project("containers: [{name: web, livenessProbe: null}]");
    let copy = |image: &str| {
        scratch.write("overlays/prod/kustomization.yaml", "resources: [copy.yaml]\n");
        scratch.write("overlays/prod/copy.yaml", WEB.replace("livenessProbe: {", "readinessProbe: {").replace("nginx", image));
        check(&scratch, &["overlays/prod"])
    };
    assert_eq!(found(&copy("registry.example.com/nginx")), ["drift/probes prod container \"web\" lacks livenessProbe, which staging has"]);
    copy("caddy").ends_with(0);
}

#[test]
fn a_workload_that_an_operator_runs_instead_has_lost_nothing() {
    let scratch = project("priorityClassName: high").file("overlays/prod/kustomization.yaml", "resources: [cluster.yaml]\n");
    scratch.write("overlays/prod/cluster.yaml", "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: web}\n");
    check(&scratch, &[]).ends_with(0);
}

#[test]
fn environments_of_one_role_are_not_below_each_other() {
    let scratch = project("containers: [{name: web, livenessProbe: null}]");
    scratch.write("overlays/prod-eu/kustomization.yaml", "resources: [../../base]\n");
    check(&scratch, &["overlays/prod-eu"]).ends_with(0);
}

/// A namesake in another application's overlay is no copy, and an environment whose name says nothing is below none.
#[test]
fn only_the_same_overlay_of_an_environment_below_is_compared() {
    let overlay = |scratch: Scratch, path: &str, probe: &str| {
        scratch
            .file(&format!("{path}/kustomization.yaml"), "resources: [web.yaml]\n")
            .file(&format!("{path}/web.yaml"), &WEB.replace("          livenessProbe: {tcpSocket: {port: 80}}\n", probe))
    };
    let scratch = |below: &str, own: &str| {
        let scratch = overlay(Scratch::empty(), below, "          livenessProbe: {tcpSocket: {port: 80}}\n");
        overlay(scratch, own, "")
    };
    for (below, own, code) in [
        ("apps/web/dev", "apps/web/prod", 1),
        ("dev", "prod", 1),
        ("apps/api/dev", "apps/web/prod", 0),
        ("apps/web/dev", "clusters/eu/prod", 0),
    ] {
        check(&scratch(below, own), &[]).ends_with(code);
    }
    let scratch = scratch("blue", "prod");
    let table = |environments: &str| scratch.write("policies/environments.yaml", format!("version: 1\nenvironments: {{{environments}}}\n"));
    table("blue: {overlays: [blue]}, prod: {overlays: [prod]}");
    check(&scratch, &[]).ends_with(0);
}
