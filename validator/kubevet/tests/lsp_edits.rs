//! Long sequences of random edits: the server never breaks, and what it shows at the end is what a check of the saved files says.
//!
//! `KUBEVET_LSP_ROUNDS` makes them longer, `KUBEVET_LSP_SEED` others.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::Scratch;
use common::lsp::{Editor, lines_of_check};
use common::random::Random;
use serde_json::json;

/// Lines that mean something somewhere.
const LINES: [&str; 20] = [
    "replicas: 3",
    "namePrefix: a-",
    "nameSuffix: -b",
    "namespace: other",
    "livenessProbe: {tcpSocket: {port: 80}}",
    "# kubevet: allow demo/probe because it is only a test",
    "# kubevet: allow demo/probe because",
    "- name: x",
    "image: nginx",
    "kind: Component",
    "labels: [{pairs: {a: b}, includeSelectors: true}]",
    "images: [{name: nginx, newTag: \"1\"}]",
    "resources: [deployment.yaml, service.yaml]",
    "configMapGenerator: [{name: settings, envs: [settings.env]}]",
    "{",
    "---",
    "é𝒳: 日本",
    "A=b",
    "demo/probe: {dev: deny, prod: warn}",
    "$patch: delete",
];

fn project() -> Scratch {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - path: patch.yaml\n";
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n  ports:\n    - port: 80\n";
    let prod = "namespace: web-prod\nresources: [../../base]\ncomponents: [../../component]\npatches:\n  - path: patch.yaml\n";
    let pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          envFrom:\n            - configMapRef: {name: settings}\n";
    Scratch::project()
        .file("base/kustomization.yaml", "resources:\n  - deployment.yaml\n  - service.yaml\nconfigMapGenerator:\n  - name: settings\n    envs: [settings.env]\n")
        .file("base/service.yaml", service)
        .file("base/settings.env", "A=b\nURL=http://web:80\n")
        .file("component/kustomization.yaml", component)
        .file("component/patch.yaml", patch)
        .file("overlays/prod/kustomization.yaml", prod)
        .file("overlays/prod/patch.yaml", pod)
        .file("policies/waivers.yaml", "version: 1\nwaivers:\n  - rule: images/digest\n    object: {kind: Deployment, name: web}\n    environments: [prod]\n    reason: it is only a test\n    expires: 2999-01-01\n")
}

/// A file as the editor has it.
struct Open {
    text: String,
    original: String,
}

/// Puts another line in the place of some; gives the change as the protocol has it.
fn edit(open: &mut Open, random: &mut Random) -> serde_json::Value {
    let lines: Vec<&str> = open.text.split_inclusive('\n').collect();
    let at = random.below(lines.len() + 1);
    let line = lines.get(at).copied().unwrap_or_default();
    let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
    let (end, new) = match random.below(8) {
        0 => (at + 1, String::new()),
        1 => (at, line.to_owned()),
        2 => (at + 1, line.replace(|next: char| next.is_ascii_digit(), &random.below(10).to_string())),
        3 => (at + 1, format!("  {line}")),
        4 => (at + 1, line.trim_start_matches("  ").to_owned()),
        5 => (at + 1, line.replacen(|next: char| next.is_ascii_lowercase(), "é", 1)),
        _ => (at, format!("{indent}{}\n", LINES[random.below(LINES.len())])),
    };
    let end = end.min(lines.len());
    let text: String = lines[..at].iter().copied().chain([new.as_str()]).chain(lines[end..].iter().copied()).collect();
    // A last line without an end is that line's length long.
    let position = |line: usize| match lines.get(line.wrapping_sub(1)).filter(|last| line == lines.len() && !last.ends_with('\n')) {
        Some(last) => json!({"line": line - 1, "character": last.len()}),
        None => json!({"line": line, "character": 0}),
    };
    let change = json!([{"range": {"start": position(at), "end": position(end)}, "text": new}]);
    open.text = text;
    change
}

#[test]
fn nothing_is_stale_after_random_edits() {
    let number = |name: &str, usual: u64| std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap());
    let (rounds, seed) = (number("KUBEVET_LSP_ROUNDS", 6), number("KUBEVET_LSP_SEED", 20));
    let mut random = Random::new(seed);
    let scratch = project();
    let files = [
        "base/deployment.yaml",
        "base/kustomization.yaml",
        "base/service.yaml",
        "base/settings.env",
        "component/kustomization.yaml",
        "component/patch.yaml",
        "overlays/dev/kustomization.yaml",
        "overlays/prod/kustomization.yaml",
        "overlays/prod/patch.yaml",
        "policies/environments.yaml",
        "policies/waivers.yaml",
        "policies/demo/probe.rego",
        "overlays/new/kustomization.yaml",
    ];
    let mut editor = Editor::open(scratch.path());
    assert_eq!(editor.lines().join("\n"), lines_of_check(scratch.path()).join("\n"), "before any edit");
    let original: BTreeMap<&str, String> =
        files.iter().map(|file| (*file, fs::read_to_string(scratch.path().join(file)).unwrap_or_default())).collect();
    let mut open: BTreeMap<&str, Open> = BTreeMap::new();
    for round in 0..rounds {
        for _ in 0..12 {
            let file = files[random.below(files.len())];
            let saved = fs::read_to_string(scratch.path().join(file)).unwrap_or_default();
            let document = open.entry(file).or_insert_with(|| {
                editor.did_open(file, &saved);
                Open { text: saved.clone(), original: original[file].clone() }
            });
            match random.below(10) {
                0 => {
                    editor.did_close(file);
                    open.remove(file);
                }
                1 => {
                    scratch.write(file, &document.text);
                    editor.changed_on_disk(&[file]);
                }
                2..5 => {
                    document.text.clone_from(&document.original);
                    editor.did_change(file, json!([{"text": document.text}]));
                }
                5 => editor.settle(),
                _ => {
                    let change = edit(document, &mut random);
                    editor.did_change(file, change);
                }
            }
        }
        for (file, document) in &open {
            scratch.write(file, &document.text);
        }
        editor.changed_on_disk(&open.keys().copied().collect::<Vec<_>>());
        editor.settle();
        let expected = lines_of_check(scratch.path());
        assert_eq!(editor.lines().join("\n"), expected.join("\n"), "seed {seed}, round {round}: {}", scratch.path().display());
        // Every other round begins with files that are right.
        if round % 2 == 1 {
            for (file, document) in &mut open {
                document.text.clone_from(&document.original);
                editor.did_change(file, json!([{"text": document.text}]));
            }
        }
    }
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn a_definition_that_changed_is_heard_of_what_did_not() {
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gadgets.example.com\nspec:\n  group: example.com\n  names: {kind: Gadget, plural: gadgets}\n  scope: Namespaced\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n          properties:\n            spec:\n              type: object\n              properties:\n                size:\n                  type: integer\n";
    let gadget = "apiVersion: example.com/v1\nkind: Gadget\nmetadata:\n  name: one\nspec:\n  size: 3\n";
    let scratch = Scratch::project()
        .file("base/kustomization.yaml", "resources:\n  - deployment.yaml\n  - definition.yaml\n  - gadget.yaml\n")
        .file("policies/environments.yaml", "version: 1\nenvironments:\n  prod: {overlays: [\"overlays/*\"]}\n")
        .file("base/definition.yaml", definition)
        .file("base/gadget.yaml", gadget);
    let mut editor = Editor::open(scratch.path());
    let of_gadget = |lines: &[String]| lines.iter().filter(|line| line.contains("gadget.yaml")).cloned().collect::<Vec<_>>();
    let before = editor.lines();
    let changed = definition.replace("integer", "string");
    editor.did_open("base/definition.yaml", definition);
    editor.did_change("base/definition.yaml", json!([{"text": changed}]));
    scratch.write("base/definition.yaml", &changed);
    editor.settle();
    let lines = editor.lines();
    assert_ne!(of_gadget(&before), of_gadget(&lines));
    assert_eq!(lines.join("\n"), lines_of_check(scratch.path()).join("\n"));
}
