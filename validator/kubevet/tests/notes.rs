//! Findings on what Kustomize does silently, and the lines that they name.

#![allow(clippy::unwrap_used, reason = "helpers outside the functions that clippy exempts")]

mod common;

use common::Scratch;
use serde_json::Value;

/// The findings of the `kustomize` rules as `rule file:line message`.
fn findings(scratch: &Scratch, overlay: &str) -> Vec<String> {
    let run = scratch.run(&["check", overlay, "--rule", "kustomize/*", "--format", "json"]);
    assert!(run.code < 2, "{}\n{}", run.stdout, run.stderr);
    let report = run.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |finding: &Value| {
        let cause = &finding["locations"][0];
        format!("{} {}:{} {}", text(&finding["rule"]), text(&cause["file"]), cause["line"], text(&finding["message"]))
    };
    let mut lines: Vec<_> = report["findings"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

fn prod(kustomization: &str) -> Scratch {
    Scratch::project().file("overlays/prod/kustomization.yaml", kustomization)
}

#[test]
fn a_clean_overlay_has_none() {
    assert_eq!(findings(&Scratch::project(), "overlays/prod"), [""; 0]);
}

#[test]
fn overrides_that_match_nothing() {
    let scratch = prod(
        "resources: [../../base]\nimages:\n- {name: httpd, newTag: '2'}\npatches:\n- target: {kind: Deployment, name: wbe}\n  patch: |-\n    - {op: remove, path: /spec/replicas}\n",
    );
    assert_eq!(
        findings(&scratch, "overlays/prod"),
        [
            "kustomize/image-matches-nothing overlays/prod/kustomization.yaml:3 no image of any object is named `httpd`",
            "kustomize/target-matches-nothing overlays/prod/kustomization.yaml:5 the target of this patch matches no object; did you mean `web`?",
        ]
    );
}

#[test]
fn the_finding_is_about_the_kustomization_that_has_the_line() {
    let scratch =
        Scratch::project().file("base/kustomization.yaml", "resources: [deployment.yaml]\nimages: [{name: httpd, newTag: '2'}]\n");
    let report = scratch.run(&["check", "--rule", "kustomize/*", "--format", "json"]).ends_with(1).json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report:#}");
    assert_eq!(findings[0]["object"]["kind"], "Kustomization");
    assert_eq!(findings[0]["object"]["name"], "base");
    assert_eq!(findings[0]["environments"], serde_json::json!(["dev", "prod"]));
}

#[test]
fn a_waiver_names_the_kustomization() {
    let waivers = "version: 1\nwaivers:\n- rule: kustomize/image-matches-nothing\n  object: {kind: Kustomization, name: overlays/prod}\n  reason: a Job has it\n  expiry: 2999-01-01\n";
    let scratch = prod("resources: [../../base]\nimages: [{name: httpd, newTag: '2'}]\n").file("policies/waivers.yaml", waivers);
    scratch.run(&["check", "overlays/prod", "--rule", "kustomize/*"]).ends_with(0).says("1 waived");
}

#[test]
fn deprecated_fields_and_names_without_hashes() {
    let scratch = prod(
        "bases: [../../base]\ncommonLabels: {team: web}\nconfigMapGenerator:\n- name: a\n  literals: [k=v]\n  options: {disableNameSuffixHash: true}\n- name: b\n  literals: [k=v]\n",
    );
    assert_eq!(
        findings(&scratch, "overlays/prod"),
        [
            "kustomize/deprecated-field overlays/prod/kustomization.yaml:1 `bases` is deprecated: use `resources`",
            "kustomize/deprecated-field overlays/prod/kustomization.yaml:2 `commonLabels` is deprecated: use `labels`",
            "kustomize/generator-hash overlays/prod/kustomization.yaml:6 the name of the generated `a` has no hash of its content",
        ]
    );
}

#[test]
fn a_value_that_yaml_changed() {
    let deployment = common::DEPLOYMENT.replace("spec:\n  selector", "spec:\n  revisionHistoryLimit: 0777\n  selector");
    let scratch = Scratch::project().file("base/deployment.yaml", &deployment);
    let found = findings(&scratch, "overlays/prod");
    assert_eq!(found, ["kustomize/value-changed base/deployment.yaml:6 `0777` reads as 511"]);
}

/// In a list of numbers nobody reads a version.
#[test]
fn numbers_among_numbers_are_what_they_were() {
    let widget = |list: &str| {
        let widget = format!("apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: w}}\nspec: {{list: {list}}}\n");
        let scratch = Scratch::project().file("base/kustomization.yaml", "resources: [deployment.yaml, w.yaml]\n");
        findings(&scratch.file("base/w.yaml", &widget), "overlays/prod")
    };
    assert_eq!(widget("[0.5, 1.0, 10.0]"), [""; 0]);
    for (list, text) in [("[1.0, a]", "`1.0` reads as 1"), ("[1.10]", "`1.10` reads as 1.1"), ("[010, 20]", "`010` reads as 8")] {
        assert_eq!(widget(list), [format!("kustomize/value-changed base/w.yaml:4 {text}")]);
    }
}

/// Where Pods get the label too, it is how a Service without a selector is meant to find them.
#[test]
fn a_label_may_give_a_service_its_selector() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n";
    let labels = "labels: [{includeSelectors: true, pairs: {team: web}}]\n";
    let scratch = |resources: &str| {
        let scratch = prod(&format!("resources: [{resources}]\n{labels}")).file("overlays/prod/service.yaml", service);
        let endpoints =
            "apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\nsubsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]\n";
        findings(&scratch.file("overlays/prod/endpoints.yaml", endpoints), "overlays/prod")
    };
    let found = [
        "kustomize/label-spread overlays/prod/kustomization.yaml:2 this gives a selector to Service web in namespace default, which has none",
    ];
    assert_eq!(scratch("../../base, service.yaml"), [""; 0]);
    assert_eq!(scratch("service.yaml"), found);
    assert_eq!(scratch("../../base, service.yaml, endpoints.yaml"), found);
}

/// Modes of files are written in octal everywhere, and mean it.
#[test]
fn a_mode_in_octal_is_meant() {
    let volumes = "      volumes:\n        - {name: a, configMap: {name: a, defaultMode: 0755, items: [{key: a, path: a, mode: 0400}]}}\n";
    let scratch = Scratch::project().file("base/deployment.yaml", &format!("{}{volumes}", common::DEPLOYMENT));
    assert_eq!(findings(&scratch, "overlays/prod"), [""; 0]);
}

/// A Component patches what some of its users have; one that it names, all of them should have.
#[test]
fn a_component_may_patch_kinds_that_are_not_there() {
    let component = |target: &str| {
        format!(
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {target}\n  patch: |-\n    - {{op: remove, path: /spec/replicas}}\n"
        )
    };
    let using =
        |target: &str| prod("resources: [../../base]\ncomponents: [../../one]\n").file("one/kustomization.yaml", &component(target));
    assert_eq!(findings(&using("{kind: StatefulSet}"), "overlays/prod"), [""; 0]);
    assert_eq!(
        findings(&using("{kind: StatefulSet, name: db}"), "overlays/prod"),
        ["kustomize/target-matches-nothing one/kustomization.yaml:4 the target of this patch matches no object"]
    );
}

#[test]
fn init_containers_that_a_patch_reorders() {
    let init = "      initContainers:\n        - {name: wait, image: busybox}\n        - {name: migrate, image: web}\n";
    let deployment = format!("{}{init}", common::DEPLOYMENT);
    let patch = |names: &[&str]| {
        let items: Vec<_> = names.iter().map(|name| format!("{{name: {name}, workingDir: /}}")).collect();
        format!(
            "resources: [../../base]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {{name: web}}\n    spec: {{template: {{spec: {{initContainers: [{}]}}}}}}\n",
            items.join(", ")
        )
    };
    let project = |names: &[&str]| prod(&patch(names)).file("base/deployment.yaml", &deployment);
    let found = findings(&project(&["migrate"]), "overlays/prod");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("kustomize/init-container-order overlays/prod/kustomization.yaml:"), "{found:?}");
    assert!(found[0].contains("`migrate`") && found[0].contains("`wait`"), "{found:?}");
    for kept in [&["wait"][..], &["wait", "migrate"]] {
        assert_eq!(findings(&project(kept), "overlays/prod"), [""; 0], "{kept:?}");
    }
}

#[test]
fn content_that_kustomize_does_not_read() {
    let named = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let dots = format!("{}# fine\n... # ends it\n\n{}", named("a"), named("lost"));
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"b\"}} {\"kind\": \"Lost\"}\n";
    let scratch = prod("resources: [../../base, dots.yaml, two.json, fine.yaml]\npatches:\n- path: patch.yaml\n  target: {kind: ConfigMap, name: a}\n- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: a}\n    data: {a: b}\n    ...\n    kind: Lost\n---\nnamePrefix: lost-\n")
        .file("overlays/prod/dots.yaml", &dots)
        .file("overlays/prod/two.json", json)
        .file("overlays/prod/fine.yaml", &format!("{}...\n# nothing\n---\n{}...\n", named("c"), named("d")))
        .file("overlays/prod/patch.yaml", "- {op: add, path: /data, value: {}}\n...\n- {op: remove, path: /data}\n");
    let ignored = "Kustomize ignores this: it reads no further than the end of the document above";
    assert_eq!(
        findings(&scratch, "overlays/prod"),
        [
            format!("kustomize/content-ignored overlays/prod/dots.yaml:7 {ignored}"),
            format!("kustomize/content-ignored overlays/prod/kustomization.yaml:11 {ignored}"),
            format!("kustomize/content-ignored overlays/prod/kustomization.yaml:13 {ignored}"),
            format!("kustomize/content-ignored overlays/prod/patch.yaml:3 {ignored}"),
            format!("kustomize/content-ignored overlays/prod/two.json:1 {ignored}"),
        ]
    );
}

/// Ports that a patch has merged without naming them: the patch is a cause.
#[test]
fn what_is_lost_names_the_patch() {
    let twice = "          ports:\n            - {name: http, containerPort: 8080}\n            - {name: metrics, containerPort: 8080}\n";
    let web = |ports: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n{ports}"
        )
    };
    let patch = |fields: &str| web(fields);
    let related = |scratch: &Scratch| {
        let report = scratch.run(&["check", "overlays/prod", "--rule", "kustomize/element-lost", "--format", "json"]).ends_with(1).json();
        let locations = report["findings"][0]["locations"].as_array().unwrap().clone();
        locations
            .iter()
            .map(|place| format!("{}:{} {}", place["file"].as_str().unwrap(), place["line"], place["role"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let scratch = |kustomization: &str, fields: &str| {
        Scratch::project()
            .file("base/deployment.yaml", &web(twice))
            .file("overlays/prod/kustomization.yaml", kustomization)
            .file("overlays/prod/more.yaml", &patch(fields))
    };
    let more = "          terminationMessagePolicy: FallbackToLogsOnError\n";
    let lost = |by: &str| ["base/deployment.yaml:10 cause".to_owned(), format!("overlays/prod/{by} related")];
    assert_eq!(related(&scratch("resources: [../../base]\npatches: [{path: more.yaml}]\n", more)), lost("more.yaml:1"));
    assert_eq!(related(&scratch("resources: [../../base]\npatchesStrategicMerge: [more.yaml]\n", more)), lost("more.yaml:1"));
    let inline = "resources: [../../base]\npatches:\n- target: {kind: Deployment}\n  patch: |-\n    kind: any\n    metadata: {name: any, labels: {a: b}}\n";
    assert_eq!(related(&scratch(inline, more)), lost("kustomization.yaml:5"));
    // One that names the list is the cause by its own line.
    let other = "          ports:\n            - {name: other, containerPort: 9000}\n";
    assert_eq!(related(&scratch("resources: [../../base]\npatches: [{path: more.yaml}]\n", other)), lost("more.yaml:9"));
}
