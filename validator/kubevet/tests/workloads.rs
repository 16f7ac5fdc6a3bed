//! Pods of other kinds than Kubernetes' own are judged as those of the kind that they behave like, and what nothing reads is told.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::{OTHER_WORKLOADS, Run, Scratch};
use serde_json::{Value, json};

/// An object of a kind that only a project's table can know.
const APP: &str = "\
apiVersion: apps.example.com/v1
kind: App
metadata: {name: web, namespace: shop}
spec:
  parts:
    - pod:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: registry.shop.example/web:1
              securityContext: {privileged: true}
";

fn check(scratch: &Scratch, manifests: &str, arguments: &[&str]) -> Run {
    scratch.write("all.yaml", manifests);
    scratch.run(&[&["check", "all.yaml", "--environment", "prod"], arguments].concat())
}

fn findings(manifests: &str) -> Vec<Value> {
    let run = check(&Scratch::empty(), manifests, &["--format", "json"]).ends_with(1);
    run.json()["findings"].as_array().unwrap().clone()
}

/// Rule, kind and line of the cause of each.
fn told(findings: &[Value], rule: &str) -> Vec<(String, u64)> {
    let of_rule = findings.iter().filter(|finding| finding["rule"] == rule);
    let mut told: Vec<_> = of_rule
        .map(|finding| (finding["object"]["kind"].as_str().unwrap().to_owned(), finding["locations"][0]["line"].as_u64().unwrap()))
        .collect();
    told.sort();
    told
}

/// The line of a text, from 1.
fn line(text: &str) -> u64 {
    OTHER_WORKLOADS.lines().position(|line| line.contains(text)).unwrap() as u64 + 1
}

#[test]
fn a_pod_is_judged_wherever_its_kind_keeps_it() {
    let findings = findings(OTHER_WORKLOADS);
    let privileged: Vec<u64> =
        (1..).zip(OTHER_WORKLOADS.lines()).filter(|(_, line)| line.contains("privileged")).map(|(at, _)| at).collect();
    let expected = ["Rollout", "TFJob", "Task", "Prometheus"].into_iter().zip(privileged).map(|(kind, at)| (kind.to_owned(), at));
    let mut expected: Vec<_> = expected.collect();
    expected.sort();
    assert_eq!(told(&findings, "pod-security/baseline-privileged"), expected);
    let host = |kind: &str, text: &str| (kind.to_owned(), line(text));
    assert_eq!(told(&findings, "pod-security/baseline-host-namespaces"), [host("JobSet", "hostPID"), host("Rollout", "hostNetwork")]);
    let paths: Vec<_> = findings.iter().filter(|finding| finding["rule"] == "pod-security/baseline-host-namespaces").collect();
    let of_job_set = paths.iter().find(|finding| finding["object"]["kind"] == "JobSet").unwrap();
    assert_eq!(of_job_set["path"], json!(["spec", "replicatedJobs", 1, "template", "spec", "template", "spec", "hostPID"]));
    assert_eq!(
        of_job_set["object"],
        json!({"apiVersion": "jobset.x-k8s.io/v1alpha2", "kind": "JobSet", "namespace": "batch", "name": "train"})
    );
}

#[test]
fn references_selectors_and_autoscalers_find_it() {
    let findings = findings(OTHER_WORKLOADS);
    assert_eq!(told(&findings, "references/secret"), [("Rollout".to_owned(), line("secretKeyRef"))]);
    assert_eq!(told(&findings, "references/service-account"), [("Prometheus".to_owned(), line("serviceAccountName"))]);
    assert_eq!(told(&findings, "references/service-selector"), [("Service".to_owned(), line("app: wep"))]);
    let budget: Vec<_> = findings.iter().filter(|finding| finding["rule"] == "availability/pdb-missing").collect();
    assert_eq!(budget.len(), 1, "{budget:#?}");
    // Not the three replicas of the Rollout: its autoscaler may take one away.
    assert!(budget[0]["message"].as_str().unwrap().starts_with("2 replicas"), "{budget:#?}");
}

#[test]
fn what_an_operator_completes_is_not_blamed_for_what_it_lacks() {
    let findings = findings(OTHER_WORKLOADS);
    let of = |kind: &str| -> Vec<&str> {
        findings.iter().filter(|finding| finding["object"]["kind"] == kind).map(|finding| finding["rule"].as_str().unwrap()).collect()
    };
    for kind in ["Task", "Prometheus"] {
        let lacking = ["probes/", "resources/cpu", "resources/memory", "pod-security/restricted", "network/isolated", "availability/"];
        let blamed: Vec<_> = of(kind).into_iter().filter(|rule| lacking.iter().any(|group| rule.starts_with(group))).collect();
        assert!(blamed.is_empty(), "{kind}: {blamed:?}");
    }
    // Nor is what its row excepts: the training operator ends and removes its Jobs.
    assert!(!of("TFJob").iter().any(|rule| rule.starts_with("jobs/")), "{:?}", of("TFJob"));
    assert!(of("JobSet").contains(&"jobs/deadline"), "{:?}", of("JobSet"));
}

#[test]
fn a_project_describes_its_own_kinds() {
    let scratch = Scratch::empty();
    let run = check(&scratch, APP, &["--format", "json"]).ends_with(1).json();
    let found: Vec<Value> = run["findings"].as_array().unwrap().clone();
    assert_eq!(told(&found, "objects/unread-workload"), [("App".to_owned(), 8)]);
    assert!(told(&found, "pod-security/baseline-privileged").is_empty());
    assert_eq!(run["summary"]["coverage"]["unread"][0]["path"], "spec.parts[0].pod.spec");
    let row = "version: 1\nworkloads:\n  - {group: apps.example.com, kind: App, as: Deployment, template: 'spec.parts[].pod'}\n";
    scratch.write("policies/workloads.yaml", row);
    let run = check(&scratch, APP, &["--format", "json"]).ends_with(1).json();
    let found: Vec<Value> = run["findings"].as_array().unwrap().clone();
    assert_eq!(told(&found, "pod-security/baseline-privileged"), [("App".to_owned(), 12)]);
    assert!(told(&found, "objects/unread-workload").is_empty());
    // Rows are added to those that kubevet has.
    let run = check(&scratch, OTHER_WORKLOADS, &["--format", "json"]).json();
    assert_eq!(told(run["findings"].as_array().unwrap(), "pod-security/baseline-privileged").len(), 4);
}

#[test]
fn what_is_left_out_has_a_reason() {
    let run = check(&Scratch::empty(), OTHER_WORKLOADS, &["--format", "json"]).json();
    let coverage = &run["summary"]["coverage"];
    assert_eq!(coverage["leftOut"][0]["object"]["kind"], "VirtualMachine");
    assert!(coverage["leftOut"][0]["reason"].as_str().unwrap().contains("disks"));
    check(&Scratch::empty(), OTHER_WORKLOADS, &[]).says("; left out on purpose: VirtualMachine old (all.yaml:");
    assert!(coverage["unread"].as_array().unwrap().is_empty(), "{coverage:#?}");
    // Kubernetes has the schemas of three of them, and kubevet carries those of the others.
    assert_eq!((coverage["objects"].as_u64(), coverage["whole"].as_u64()), (Some(9), Some(9)));
}

#[test]
fn every_report_tells_what_was_not_judged() {
    for (format, text) in [
        ("human", "not judged: the fields of App (apps.example.com/v1, all.yaml:2)"),
        ("human", "what looks like a Pod at spec.parts[0].pod.spec of App web (all.yaml:8)"),
        ("concise", "what looks like a Pod at spec.parts[0].pod.spec of App web (all.yaml:8)"),
        ("markdown", "Not judged: the fields of App"),
        ("junit", "<testcase name=\"0 of 1 objects\""),
        ("junit", "<skipped message=\"not judged: the fields of App"),
        ("github", "::notice title=coverage::not judged: the fields of App"),
        ("sarif", "\"unread\": ["),
    ] {
        check(&Scratch::empty(), APP, &["--format", format]).ends_with(1).says(text);
    }
    let log = check(&Scratch::empty(), APP, &["--format", "sarif"]).json();
    assert_eq!(log["runs"][0]["properties"]["coverage"]["whole"], 0);
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted}}\n";
    check(&Scratch::empty(), namespace, &["--format", "human"])
        .says("of what was judged, every kind has a schema, and every Pod was read\n");
}

/// A kind that kubevet carries a schema of is judged by it, and one whose schema is not sure enough is told of.
#[test]
fn what_a_schema_says_less_of_is_told() {
    let manifests = "\
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: {name: web, namespace: shop}
spec: {routes: [{name: get, conditions: {}}]}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web, namespace: shop}
spec: {secretNane: web}
";
    let run = check(&Scratch::empty(), manifests, &["--format", "json"]).ends_with(1).json();
    let found: Vec<Value> = run["findings"].as_array().unwrap().clone();
    assert_eq!(told(&found, "schema/unknown-field"), [("Certificate".to_owned(), 9)]);
    assert_eq!(told(&found, "schema/doubtful"), [("ServiceProfile".to_owned(), 4)]);
    assert_eq!(told(&found, "objects/without-schema"), [("ServiceProfile".to_owned(), 2)]);
    let coverage = &run["summary"]["coverage"];
    assert_eq!((coverage["objects"].as_u64(), coverage["whole"].as_u64()), (Some(2), Some(1)));
    assert_eq!(coverage["withoutSchema"], json!([]));
    assert!(coverage["partlyChecked"][0]["reason"].as_str().unwrap().contains("linkerd"), "{coverage:#?}");
    check(&Scratch::empty(), manifests, &[]).says("not judged: the values of ServiceProfile (linkerd.io/v1alpha2, all.yaml:2)");
}

#[test]
fn the_schemas_that_kubevet_carries_are_listed() {
    let scratch = Scratch::empty();
    let run = scratch.run(&["schemas", "LINKERD", "--format", "json"]).ends_with(0).json();
    let listed = run["schemas"].as_array().unwrap();
    let profile = listed.iter().find(|schema| schema["kind"] == "ServiceProfile").unwrap();
    assert_eq!((&profile["project"], &profile["versions"][0]["name"]), (&json!("linkerd"), &json!("v1alpha1")));
    assert!(listed.iter().all(|schema| schema["doubt"].is_string()));
    let all = scratch.run(&["schemas"]).ends_with(0);
    let certificate = all.stdout.lines().find(|line| line.starts_with("cert-manager.io ") && line.contains(" Certificate ")).unwrap();
    assert!(
        certificate.contains("  v1 ") && certificate.contains("  cert-manager v") && certificate.ends_with("  everything"),
        "{certificate}"
    );
    scratch.run(&["schemas", "nothing-like-it"]).ends_with(2).says("kubevet carries no schema with \"nothing-like-it\"");
}

#[test]
fn a_table_that_cannot_hold_is_refused() {
    for (rows, why) in [
        ("{group: apps, kind: Deployment, as: Job}", "kubevet knows how to read the kinds of this group"),
        ("{group: a.example, kind: A}", "`leftOut`, why no rule looks into it"),
        ("{group: a.example, kind: A, as: Cron}", "unknown variant"),
        ("{group: a.example, kind: A, as: Job, spec: a, template: b}", "one of `template`, `spec` and `containers`"),
        ("{group: a.example, kind: A, as: Job, template: 'a..b'}", "has an empty key"),
        ("{group: a.example, kind: A, as: Job, tempalte: a}", "unknown field"),
        ("{group: a.example, kind: A, as: Job, except: {'jobz/*': typo}}", "jobz/* is no rule and no group of rules"),
    ] {
        let scratch = Scratch::empty().file("policies/workloads.yaml", &format!("version: 1\nworkloads: [{rows}]\n"));
        check(&scratch, APP, &[]).ends_with(2).says(why).says("workloads.yaml");
    }
}

/// Nobody but kubevet says what something is shown as.
#[test]
fn an_object_cannot_pass_for_another_one() {
    let scratch = Scratch::empty();
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n$of: {kind: Other, apiVersion: v1, partial: true}\n\
                      spec:\n  replicas: 3\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    \
                      spec: {containers: [{name: web, image: nginx}]}\n";
    let run = check(&scratch, deployment, &["--format", "json"]).ends_with(1).json();
    let found = run["findings"].as_array().unwrap();
    assert_eq!(told(found, "schema/unknown-field"), [("Deployment".to_owned(), 4)]);
    for rule in ["availability/pdb-missing", "network/isolated", "probes/liveness"] {
        assert_eq!(told(found, rule).len(), 1, "{rule}");
    }
}
