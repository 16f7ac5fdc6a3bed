//! What may be written at a place of a file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::path::Path;

use common::Scratch;
use kubevet::complete::{Around, Candidate, candidates};
use kubevet::policy::{Catalog, PolicyFiles};
use kubevet_facts::schema::Version;
use kustomize::{Node, Sources};

const MANIFESTS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: 'registry.example:5000/web:1.2'}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {COLOR: red, SIZE: '1'}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {TOKEN: x}
";

/// A project whose overlay puts something before names.
fn project() -> Scratch {
    Scratch::empty()
        .file("base/all.yaml", MANIFESTS)
        .file("base/kustomization.yaml", "resources: [all.yaml]\n")
        .file("overlays/prod/kustomization.yaml", "resources: [../../base]\nnamePrefix: shop-\n")
        .file("overlays/prod/patches/web.yaml", "")
        .file("overlays/prod/web.env", "")
        .file("policies/waivers.yaml", "")
}

/// The candidates at `¦`, the text that they take the place of, and what comes of the text with the candidate of a label.
struct Completed {
    list: Vec<Candidate>,
    word: String,
    before: String,
    after: String,
}

impl Completed {
    fn labels(&self) -> Vec<&str> {
        self.list.iter().map(|candidate| candidate.label.as_str()).collect()
    }

    #[track_caller]
    fn has(self, labels: &[&str]) -> Self {
        labels.iter().for_each(|label| assert!(self.labels().contains(label), "no {label} in {:?}", self.labels()));
        self
    }

    #[track_caller]
    fn lacks(self, labels: &[&str]) -> Self {
        labels.iter().for_each(|label| assert!(!self.labels().contains(label), "{label} in {:?}", self.labels()));
        self
    }

    #[track_caller]
    fn are(self, labels: &[&str]) -> Self {
        assert_eq!(self.labels(), labels);
        self
    }

    /// The text with a candidate in the place of the word.
    #[track_caller]
    fn with(&self, label: &str) -> String {
        let candidate = self.list.iter().find(|candidate| candidate.label == label);
        format!("{}{}{}", self.before, candidate.unwrap_or_else(|| panic!("no {label}")).text, self.after)
    }
}

#[track_caller]
fn at(path: &str, text: &str) -> Completed {
    let scratch = project();
    let render = kustomize::build(&scratch.path().join("overlays/prod")).unwrap();
    let objects: Vec<(&Sources, &Node)> = render.objects.iter().map(|object| (&render.sources, object)).collect();
    let catalog = Catalog::load(&PolicyFiles::embedded()).unwrap();
    let around = Around { version: Version::default(), catalog: &catalog, environments: &["dev", "prod"], objects: &objects };
    let offset = text.find('¦').expect("a place");
    let text = text.replacen('¦', "", 1);
    let (range, list) = candidates(&scratch.path().join(Path::new(path)), &text, offset, around);
    let (before, after) = (text[..range.start].to_owned(), text[range.end..].to_owned());
    Completed { list, word: text[range].to_owned(), before, after }
}

#[test]
fn fields_of_kustomizations() {
    let top =
        at("overlays/prod/kustomization.yaml", "resources: [../../base]\npa¦").has(&["patches", "images"]).lacks(&["resources", "spec"]);
    assert_eq!(top.list[0].label, "patches");
    assert_eq!(top.with("patches"), "resources: [../../base]\npatches:\n  - ");
    assert_eq!(top.word, "pa");
    let last: Vec<&str> = top.list.iter().filter(|candidate| candidate.deprecated).map(|candidate| &*candidate.label).collect();
    assert!(last.contains(&"bases") && top.labels().ends_with(&last), "what is deprecated comes last: {:?}", top.labels());
    at("overlays/prod/kustomization.yaml", "patches:\n- path: x\n  ta¦").are(&["target", "options", "patch"]);
    at("overlays/prod/kustomization.yaml", "patches:\n- target: {kind: Deployment, ¦}").has(&["name", "labelSelector"]).lacks(&["kind"]);
    at("overlays/prod/kustomization.yaml", "generatorOptions:\n  ¦").has(&["disableNameSuffixHash"]);
    at("overlays/prod/kustomization.yaml", "generatorOptions:\n  immutable: ¦").are(&["false", "true"]);
}

#[test]
fn names_in_kustomizations() {
    at("overlays/prod/kustomization.yaml", "patches:\n- path: pat¦").has(&["patches/", "web.env", "../"]).lacks(&["kustomization.yaml"]);
    at("overlays/prod/kustomization.yaml", "patches:\n- path: patches/¦").are(&["patches/web.yaml"]);
    at("overlays/prod/kustomization.yaml", "resources:\n- ../../¦").has(&["../../base", "../../overlays"]);
    let file = at("overlays/prod/kustomization.yaml", "configMapGenerator:\n- name: x\n  files: [settings=we¦]");
    assert_eq!(file.with("web.env"), "configMapGenerator:\n- name: x\n  files: [settings=web.env]");
    at("overlays/prod/kustomization.yaml", "images:\n- name: ¦").are(&["registry.example:5000/web"]);
    // As the files have them, without what the overlay puts before names.
    at("overlays/prod/kustomization.yaml", "replicas:\n- name: ¦").are(&["keys", "settings", "web"]);
    at("overlays/prod/kustomization.yaml", "patches:\n- target: {kind: Deployment, name: ¦}").are(&["web"]);
}

#[test]
fn fields_and_values_of_kinds() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        ¦";
    let fields = at("base/web.yaml", text).has(&["image", "livenessProbe", "ports"]).lacks(&["name", "replicas"]);
    assert!(fields.with("resources").ends_with("        resources:\n          "));
    assert!(fields.with("ports").ends_with("        ports:\n          - "));
    assert!(fields.with("image").ends_with("        image: "));
    at("base/web.yaml", "apiVersion: v1\nkind: Service\nspec:\n  type: ¦").has(&["ClusterIP", "LoadBalancer"]);
    at("base/web.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: ¦").are(&["false", "true"]);
    at("base/web.yaml", "apiVersion: networking.k8s.io/v1\nkind: ¦").has(&["NetworkPolicy", "Ingress"]).lacks(&["Pod"]);
    at("base/web.yaml", "kind: CronJob\napiVersion: ¦").are(&["batch/v1"]);
    at("base/web.yaml", "a¦").has(&["apiVersion", "kind", "metadata"]);
    at("base/web.yaml", "apiVersion: v1\nkind: Widget\nspec:\n  ¦").are(&[]);
    // The document that the cursor is in counts.
    at("base/web.yaml", "apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: ConfigMap\n¦\n---\nkind: Pod\n")
        .has(&["data"])
        .lacks(&["spec"]);
}

#[test]
fn names_of_objects_and_their_keys() {
    let pod = |of: &str| {
        format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: web\n    env:\n    - name: A\n      valueFrom:\n        {of}")
    };
    at("base/pod.yaml", &pod("configMapKeyRef: {name: ¦}")).are(&["settings"]);
    at("base/pod.yaml", &pod("configMapKeyRef:\n          name: settings\n          key: ¦")).are(&["COLOR", "SIZE"]);
    at("base/pod.yaml", &pod("configMapKeyRef: {name: settings, key: ¦}")).are(&["COLOR", "SIZE"]);
    at("base/pod.yaml", &pod("secretKeyRef: {name: ke¦}")).are(&["keys"]);
    at("base/pod.yaml", &pod("secretKeyRef: {name: keys, key: ¦}")).are(&["TOKEN"]);
    at(
        "base/scale.yaml",
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n  scaleTargetRef:\n    kind: Deployment\n    name: ¦",
    )
    .are(&["web"]);
}

#[test]
fn rules_in_tables_and_waivers() {
    at("policies/environments.yaml", "rules:\n  probes/¦").has(&["probes/liveness", "images/digest"]);
    at("policies/waivers.yaml", "waivers:\n- rule: ima¦").has(&["images/digest"]);
    at("policies/waivers.yaml", "waivers:\n- rule: images/digest\n  environment: ¦").are(&["dev", "prod"]);
    at("policies/waivers.yaml", "waivers:\n- rule: images/digest\n  environments: [dev, ¦]").are(&["dev", "prod"]);
    let comment = at("base/web.yaml", "spec:\n  # kubevet: allow images/digest, pro¦").has(&["probes/liveness"]);
    assert_eq!(comment.word, "pro");
    at("base/web.yaml", "spec:\n  # kubevet: allow probes/liveness because ¦").are(&[]);
    at("base/web.yaml", "spec:\n  # something else ¦").are(&[]);
}

/// Whatever is half-written, nothing breaks.
#[test]
fn any_place_of_any_text() {
    let catalog = Catalog::load(&PolicyFiles::embedded()).unwrap();
    let around = Around { version: Version::default(), catalog: &catalog, environments: &[], objects: &[] };
    let texts = [
        MANIFESTS,
        "a: {b: [c, {d: 'é",
        "- - - x\n  - : y\n",
        "\t: \n---\n--- x\n",
        "x: |\n  é: y\n z",
        "? a\n: b\n",
        "\u{feff}a: 1\r\nb:\r\n  c",
    ];
    for text in texts {
        for name in ["kustomization.yaml", "environments.yaml", "web.yaml", "x.rego"] {
            for offset in (0..=text.len() + 1).filter(|at| text.is_char_boundary(*at) || *at > text.len()) {
                let (range, _) = candidates(Path::new(name), text, offset, around);
                assert!(
                    range.start <= range.end && text.get(range.clone()).is_some() || offset > text.len(),
                    "{text:?} {offset} {range:?}"
                );
            }
        }
    }
}
