//! `kubevet diff`: what a change does, on either side of a revision or between manifests.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::git::{commit, committed, git};
use common::{DEPLOYMENT, Run, Scratch, TABLE};
use serde_json::Value;

fn diff(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["diff", "--rule", "change/*", "--rule", "schema/*"], arguments].concat())
}

/// A project in a repository, with two environments, whose table says nothing of changes.
fn project() -> Scratch {
    committed(Scratch::project())
}

fn objects(run: &Run) -> Vec<(String, String)> {
    let json = run.json();
    let overlays = json["diff"]["overlays"].as_array().unwrap().clone();
    let of = |overlay: &Value| {
        let environment = overlay["environment"].as_str().unwrap().to_owned();
        let objects = overlay["objects"].as_array().unwrap().clone();
        objects.into_iter().map(move |object| {
            (environment.clone(), format!("{} {}", object["change"].as_str().unwrap(), object["restart"].as_str().unwrap()))
        })
    };
    overlays.iter().flat_map(of).collect()
}

#[test]
fn one_line_of_a_base_has_an_effect_in_each_environment() {
    let scratch = project();
    diff(&scratch, &["--against", "HEAD"]).ends_with(0).says("not affected: overlays/dev, overlays/prod");
    scratch.write("base/deployment.yaml", DEPLOYMENT.replace("nginx:1.29", "nginx:1.30"));
    let run = diff(&scratch, &["--against", "HEAD"]).ends_with(0);
    run.says("Compared with HEAD")
        .says("base/deployment.yaml:")
        .says("in dev (Deployment web-dev/web), prod (Deployment web-prod/web)")
        .says("restarts, rolling")
        .says("\"nginx:1.29\" → \"nginx:1.30\"")
        .says("warning[change/images]");
    let run = diff(&scratch, &["--against", "HEAD", "--format", "json", "--exit-code"]).ends_with(1);
    assert_eq!(objects(&run), [("dev".to_owned(), "changed rolling".to_owned()), ("prod".to_owned(), "changed rolling".to_owned())]);
    let field = &run.json()["diff"]["overlays"][0]["objects"][0]["fields"][0];
    assert_eq!(field["cause"]["file"], "base/deployment.yaml");
    assert_eq!(field["cause"]["line"], field["was"]["line"]);
}

/// Overlays of one environment that show the same are counted.
#[test]
fn several_overlays_of_an_environment_are_one_effect() {
    let table = TABLE.replace("overlays: [overlays/prod]", "overlays: [overlays/prod, overlays/spare]");
    let scratch = Scratch::project().file("policies/environments.yaml", &table);
    let scratch = committed(scratch.file("overlays/spare/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\n"));
    scratch.write("base/deployment.yaml", DEPLOYMENT.replace("nginx:1.29", "nginx:1.30"));
    diff(&scratch, &["--against", "HEAD"]).ends_with(0).says("in dev (Deployment web-dev/web), prod (Deployment web-prod/web) ×2");
}

/// The old side is the commit where the branch began, and is not written anywhere.
#[test]
fn the_old_side_is_the_merge_base() {
    let scratch = project();
    git(scratch.path(), &["branch", "-q", "-M", "main"]);
    git(scratch.path(), &["checkout", "-q", "-b", "topic"]);
    scratch.write("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\nreplicas: [{name: web, count: 3}]\n");
    commit(&scratch);
    let run = diff(&scratch, &["--exit-code"]).ends_with(1);
    run.says("merge base with main")
        .says("~ spec.replicas: 1 → 3")
        .says("overlays/prod/kustomization.yaml:3")
        .says("not affected: overlays/dev");
    // An overlay that is new, and one that goes.
    scratch.write("overlays/dev/kustomization.yaml", "namespace: web-dev\nresources: [../../base]\nnamePrefix: my-\n");
    let run = diff(&scratch, &["overlays/dev", "--against", "main", "--format", "json"]).ends_with(0);
    assert_eq!(objects(&run), [("dev".to_owned(), "recreated none".to_owned())]);
    diff(&scratch, &["--against", "nothing"]).ends_with(2).says("git knows no revision \"nothing\"");
}

/// A label that ends up in a selector is refused, at the line that brings it there.
#[test]
fn a_selector_does_not_change() {
    let scratch = project();
    scratch.write("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\ncommonLabels: {team: a}\n");
    let run = diff(&scratch, &["overlays/prod", "--against", "HEAD"]).ends_with(1);
    run.says("error[change/refused-update] prod: Deployment web-prod/web: the API server refuses the update: spec.selector is immutable")
        .says("overlays/prod/kustomization.yaml:3");
}

/// What tells something that may well be meant warns where the table says nothing of it; a row for it, or for all others, counts.
#[test]
fn the_table_says_what_fails() {
    let scratch = project();
    scratch.write("base/deployment.yaml", DEPLOYMENT.replace("nginx:1.29", "nginx:1.30"));
    diff(&scratch, &["--against", "HEAD"]).ends_with(0).says("warning[change/images]");
    for row in ["change/images: deny", "'change/*': deny", "'*': deny"] {
        scratch.write("policies/environments.yaml", format!("{TABLE}  {row}\n"));
        diff(&scratch, &["--against", "HEAD"]).ends_with(1).says("error[change/images]");
    }
    scratch.write("policies/environments.yaml", format!("{TABLE}  change/images: off\n"));
    let run = diff(&scratch, &["--against", "HEAD"]).ends_with(0);
    assert!(!run.stdout.contains("change/images]"), "{}", run.stdout);
}

/// Objects in which the same happens for the same reason are read once.
#[test]
fn what_changes_alike_is_told_once() {
    let maps: String = ('a'..'k').map(|name| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")).collect();
    let scratch = committed(
        Scratch::project().file("base/maps.yaml", &maps).file("base/kustomization.yaml", "resources: [deployment.yaml, maps.yaml]\n"),
    );
    scratch.write("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\nlabels: [{pairs: {team: a}}]\n");
    let run = diff(&scratch, &["overlays/prod", "--against", "HEAD"]).ends_with(0);
    let run = run.says("11 changed, 0 restarts").says("and 5 more\n      + metadata.labels: {\"team\":\"a\"}");
    assert_eq!(run.stdout.matches("\"team\":\"a\"").count(), 1, "{}", run.stdout);
    let run = diff(&scratch, &["overlays/prod", "--against", "HEAD", "--format", "markdown"]).says("and 5 more");
    assert_eq!(run.stdout.matches("`metadata.labels`").count(), 1, "{}", run.stdout);
}

#[test]
fn findings_are_those_that_are_new() {
    let scratch = project();
    let all = |arguments: &[&str]| scratch.run(&[&["diff", "--rule", "demo/*", "--against", "HEAD"], arguments].concat());
    scratch.write("base/deployment.yaml", DEPLOYMENT.replace("nginx:1.29", "nginx:1.30"));
    let run = all(&["--format", "json"]);
    assert!(run.json()["findings"].as_array().unwrap().is_empty() && run.json()["gone"].as_array().unwrap().is_empty(), "{}", run.stdout);
    scratch.write(
        "base/deployment.yaml",
        DEPLOYMENT.replace("          image", "          livenessProbe: {tcpSocket: {port: 80}}\n          image"),
    );
    let run = all(&["--format", "json"]);
    assert!(!run.json()["gone"].as_array().unwrap().is_empty(), "{}", run.stdout);
}

/// Two manifests, as another tool rendered or a cluster has them.
/// Rules see an object that nobody touched otherwise where what it refers to goes; and of what they see as it was, nothing is said, not even that a
/// waiver for it covers nothing.
#[test]
fn findings_on_untouched_objects_are_new_where_facts_are() {
    let deployment = DEPLOYMENT.replace("image: nginx:1.29", "image: nginx:1.29\n          envFrom: [{configMapRef: {name: settings}}]");
    let waiver =
        "version: 1\nwaivers:\n  - {rule: demo/probe, object: {kind: Deployment, name: other}, reason: tried, expiry: 2099-01-01}\n";
    let scratch = Scratch::project()
        .file("base/deployment.yaml", &deployment)
        .file("base/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n")
        .file("base/kustomization.yaml", "resources: [deployment.yaml, settings.yaml]\n")
        .file("policies/waivers.yaml", waiver);
    let scratch = committed(scratch);
    scratch.run(&["check"]).says("waiver-unused");
    scratch.write("base/kustomization.yaml", "resources: [deployment.yaml]\n");
    let run = scratch.run(&["diff", "--against", "HEAD", "--format", "json"]);
    let findings = run.json()["findings"].as_array().unwrap().clone();
    let rules: Vec<&str> = findings.iter().filter_map(|finding| finding["rule"].as_str()).collect();
    assert_eq!(rules, ["references/configmap", "references/configmap", "change/orphaned"], "{}", run.stdout);
    assert!(findings[..2].iter().all(|finding| finding["object"]["kind"] == "Deployment"), "{}", run.stdout);
    assert!(!run.json()["problems"].to_string().contains("waiver-unused"), "{}", run.stdout);
}

#[test]
fn manifests_are_compared() {
    let secret =
        |value: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: a}}\nstringData: {{password: {value}}}\n");
    let scratch = Scratch::project().file("old.yaml", &secret("tiger-one")).file("new.yaml", &secret("tiger-two"));
    let arguments = ["new.yaml", "--against-manifests", "old.yaml", "--environment", "prod"];
    for format in ["human", "json", "markdown", "concise"] {
        let run = diff(&scratch, &[&arguments[..], &["--format", format]].concat()).ends_with(0);
        assert!(!run.stdout.contains("tiger"), "{}", run.stdout);
    }
    let run = diff(&scratch, &arguments);
    run.says("~ Secret a/s").says("data.password: changed");
    scratch.write("new.yaml", secret("tiger-one"));
    diff(&scratch, &[&arguments[..], &["--exit-code"]].concat()).ends_with(0).says("no changes");
    diff(&scratch, &["new.yaml", "--against-manifests", "none.yaml"]).ends_with(2).says("none.yaml does not exist");
    diff(&scratch, &[&arguments[..], &["--format", "junit"]].concat()).ends_with(2).says("diff has no format junit");
}

/// A change with effects of every kind.
fn with_effects() -> Scratch {
    let policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: web}, spec: {podSelector: {}, ingress: []}}\n";
    let role = "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: web}, rules: [{apiGroups: [''], resources: [secrets], \
                verbs: [get]}]}\n---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: web}, roleRef: {apiGroup: \
                rbac.authorization.k8s.io, kind: Role, name: web}, subjects: [{kind: ServiceAccount, name: default, namespace: web-prod}]}\n";
    let service = "---\n{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n";
    let more = format!("{policy}{role}{service}");
    let project = Scratch::project().file("base/more.yaml", &more);
    let scratch = committed(project.file("base/kustomization.yaml", "resources: [deployment.yaml, more.yaml]\n"));
    let more = more.replace("ingress: []", "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]").replace("[get]", "[get, list]");
    scratch.write("base/more.yaml", more.replace("selector: {app: web}", "type: LoadBalancer, selector: {app: other}"));
    scratch.write("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\nreplicas: [{name: web, count: 3}]\n");
    scratch
}

/// Opened flows and granted rights are counted for each environment.
#[test]
fn summaries_count_flows_and_rights() {
    let scratch = with_effects();
    let summary = "4 changed, 0 restarts, 0 refused, 0 lost, 1 flow opened, 1 right granted";
    diff(&scratch, &["--against", "HEAD"]).says(summary);
    diff(&scratch, &["--against", "HEAD", "--format", "markdown"]).says(summary);
    let run = diff(&scratch, &["overlays/prod", "--against", "HEAD", "--format", "json"]);
    let overlay = &run.json()["diff"]["overlays"][0];
    let counts = ["flowsOpened", "flowsCut", "rightsGranted"].map(|key| overlay["summary"][key].as_u64().unwrap());
    assert_eq!(counts, [1, 0, 1]);
    let effects = &overlay["effects"];
    assert_eq!(effects["rights"]["granted"][0]["subjects"][0], "ServiceAccount web-prod/default");
    let lists = [&effects["flows"]["opened"], &effects["exposure"]["opened"], &effects["capacity"], &effects["handovers"]];
    assert!(lists.iter().all(|list| list.as_array().is_some_and(|list| !list.is_empty())), "{effects:#}");
}

#[test]
fn json_follows_the_schema() {
    let scratch = project();
    scratch.write("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\ncommonLabels: {team: a}\n");
    follows_the_schema(&diff(&scratch, &["--against", "HEAD", "--format", "json"]));
    follows_the_schema(&diff(&with_effects(), &["--against", "HEAD", "--format", "json"]));
}

fn follows_the_schema(run: &Run) {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("schema.json", serde_json::from_str(include_str!("../schemas/report.json")).unwrap()).unwrap();
    let compiled = compiler.compile("schema.json", &mut schemas).unwrap();
    let error = schemas.validate(&run.json(), compiled).err().map(|error| format!("{error:#}"));
    assert_eq!(error, None, "{}", run.stdout);
}

/// The page has a heading by which it is found again, and folds the details.
#[test]
fn markdown_is_made_for_a_comment() {
    let scratch = project();
    scratch.write("base/deployment.yaml", DEPLOYMENT.replace("nginx:1.29", "nginx:1.30"));
    let run = diff(&scratch, &["--against", "HEAD", "--format", "markdown"]).ends_with(0);
    assert!(run.stdout.starts_with("## kubevet diff\n"), "{}", run.stdout);
    run.says("<details><summary>overlays/prod (prod)</summary>").says("1 restart");
}

/// However much changes, and whatever it is called, GitHub takes the page, and nothing of it is more than text.
#[test]
fn markdown_has_an_end() {
    let map = |at: usize, value: &str| {
        let name = format!("'m{at} </details> <img src=x> @team `|`'");
        format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: a}}\ndata: {{'k|`': '{value}'}}\n")
    };
    let all = |value: &str| (0..1_500).map(|at| map(at, value)).collect::<String>();
    let scratch = Scratch::project().file("old.yaml", &all("a")).file("new.yaml", &all("b <script>"));
    let run = scratch.run(&["diff", "new.yaml", "--against-manifests", "old.yaml", "--environment", "prod", "--format", "markdown"]);
    let page = &run.stdout;
    assert!(page.len() < 65_536 && page.len() > 20_000, "{}", page.len());
    assert!(page.contains("objects more") && page.contains("| `new.yaml` | 1500 changed, "), "{page}");
    let bare = page
        .replace("<details><summary>", "")
        .replace("</summary>", "")
        .replace("</details>\n", "")
        .replace("<code>", "")
        .replace("</code>", "");
    assert_eq!(page.matches("<details>").count(), page.matches("</details>\n").count());
    for text in ["<script", "<img", "</details>"] {
        assert!(bare.lines().filter(|line| line.contains(text)).all(|line| line.matches('`').count() >= 2), "{text} in\n{bare}");
    }
}

/// An overlay that goes takes its objects along, whether its row goes too or not.
#[test]
fn an_overlay_that_goes_takes_its_objects_along() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: web-dev}\n\
                 spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    let rows = |dev: &str| TABLE.replace("dev: {overlays: [overlays/dev]}", &format!("dev: {{overlays: [{dev}]}}"));
    let before = Scratch::project()
        .file("policies/environments.yaml", &rows("overlays/dev, overlays/extra"))
        .file("overlays/extra/kustomization.yaml", "resources: [claim.yaml]\n")
        .file("overlays/extra/claim.yaml", claim);
    let scratch = committed(before);
    std::fs::remove_dir_all(scratch.path().join("overlays/extra")).unwrap();
    scratch.write("policies/environments.yaml", rows("overlays/dev"));
    for paths in [&[][..], &["overlays/extra"], &["overlays"]] {
        let run = diff(&scratch, &[paths, &["--against", "HEAD"]].concat()).ends_with(1);
        run.says("overlays/extra  1 removed, 0 restarts, 0 refused, 1 lost")
            .says("- PersistentVolumeClaim web-dev/data")
            .says("error[change/data-loss] dev: PersistentVolumeClaim web-dev/data: it goes, and with it its volume")
            .says("overlays/extra/claim.yaml:3:12");
    }
    diff(&scratch, &["overlays/prod", "--against", "HEAD"]).ends_with(0).says("overlays/prod  no changes");
    // Where its environment goes too, nothing says how strict to be.
    std::fs::remove_dir_all(scratch.path().join("overlays/prod")).unwrap();
    scratch.write("policies/environments.yaml", "version: 1\nenvironments:\n  dev: {overlays: [overlays/dev]}\n");
    let run = diff(&scratch, &["--against", "HEAD", "--exit-code"]).ends_with(1);
    run.says("overlays/prod is gone").says("error[change/data-loss]");
}
