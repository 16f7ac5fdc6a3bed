//! Another name for an object, from any place that names it, in all that names it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::fs;

use common::lsp::{Editor, edited};
use common::{DEPLOYMENT, Scratch};
use serde_json::{Value, json};

const PATCH: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n";

/// A base with a generated ConfigMap, an overlay with a prefix, and one that names objects in all the ways that a kustomization can.
fn project() -> Scratch {
    let settings = "          envFrom:\n            - configMapRef: {name: settings} # what it reads\n          livenessProbe: {tcpSocket: {port: 80}}\n";
    let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  maxReplicas: 5\n  minReplicas: 2\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: front\nspec:\n  selector: {app: web}\n  ports:\n    - port: 80\n";
    let prod = "namespace: web-prod\nnamePrefix: p-\nresources: [../../base, scaler.yaml]\npatches:\n  - path: patch.yaml\n  - target:\n      kind: Deployment\n      name: web\n    patch: |-\n      - op: add\n        path: /metadata/annotations\n        value: {a: b}\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: web\n      spec:\n        minReadySeconds: 7\n";
    let dev = "namespace: web-dev\nresources: [../../base]\nreplicas:\n  - name: web\n    count: 2\nconfigMapGenerator:\n  - name: settings\n    behavior: merge\n    literals: [B=c]\n";
    Scratch::project()
        .file(
            "base/kustomization.yaml",
            "resources:\n  - deployment.yaml\n  - service.yaml\nconfigMapGenerator:\n  - name: settings\n    envs: [settings.env]\n",
        )
        .file("base/settings.env", "A=b\nURL=http://front:80/front\n")
        .file("base/service.yaml", service)
        .file("base/deployment.yaml", &(DEPLOYMENT.to_owned() + settings))
        .file("overlays/prod/kustomization.yaml", prod)
        .file("overlays/prod/scaler.yaml", scaler)
        .file("overlays/prod/patch.yaml", PATCH)
        .file("overlays/dev/kustomization.yaml", dev)
}

fn editor(scratch: &Scratch) -> Editor {
    Editor::open_with(scratch.path(), json!({"workspace": {"workspaceEdit": {"documentChanges": true}}}))
}

/// The parameters of a request about the first byte of a text.
fn at(editor: &Editor, scratch: &Scratch, file: &str, text: &str) -> Value {
    let whole = fs::read_to_string(scratch.path().join(file)).unwrap();
    let offset = whole.find(text).unwrap_or_else(|| panic!("no {text:?} in {file}"));
    let line = whole[..offset].matches('\n').count();
    let character = offset - whole[..offset].rfind('\n').map_or(0, |at| at + 1);
    json!({"textDocument": {"uri": editor.uri(file)}, "position": {"line": line, "character": character}})
}

fn rename(editor: &mut Editor, scratch: &Scratch, file: &str, text: &str, to: &str) -> Result<Value, Value> {
    let mut params = at(editor, scratch, file, text);
    editor.ask("textDocument/prepareRename", params.clone())?;
    params["newName"] = json!(to);
    editor.ask("textDocument/rename", params)
}

/// Does an edit on disk; gives the files that it changes.
fn apply(editor: &mut Editor, scratch: &Scratch, edit: &Value) -> Vec<String> {
    let mut files = Vec::new();
    for change in edit["documentChanges"].as_array().unwrap() {
        let file = editor.path(change["textDocument"]["uri"].as_str().unwrap());
        let text = fs::read_to_string(scratch.path().join(&file)).unwrap();
        scratch.write(&file, edited(&text, &change["edits"]));
        files.push(file);
    }
    files.sort();
    editor.changed_on_disk(&files.iter().map(String::as_str).collect::<Vec<_>>());
    editor.settle();
    files
}

fn render(scratch: &Scratch, overlay: &str) -> String {
    let run = scratch.run(&["render", overlay]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

#[test]
fn a_deployment_is_renamed_with_all_that_names_it() {
    let scratch = project();
    let before = [render(&scratch, "overlays/dev"), render(&scratch, "overlays/prod")];
    let places = [
        ("base/deployment.yaml", "web\nspec"),
        ("overlays/prod/patch.yaml", "web"),
        ("overlays/prod/scaler.yaml", "web\n  maxReplicas"),
        ("overlays/prod/kustomization.yaml", "web\n    patch"),
        ("overlays/dev/kustomization.yaml", "web\n    count"),
    ];
    let mut editor = editor(&scratch);
    let results: Vec<Value> = places.iter().map(|(file, text)| rename(&mut editor, &scratch, file, text, "shop").unwrap()).collect();
    assert!(results.iter().all(|result| *result == results[0]), "from everywhere it is the same: {results:#?}");
    let prepared = at(&editor, &scratch, "overlays/prod/patch.yaml", "web");
    let range = editor.ask("textDocument/prepareRename", prepared).unwrap();
    assert_eq!(range, json!({"start": {"line": 3, "character": 8}, "end": {"line": 3, "character": 11}}));
    let files = apply(&mut editor, &scratch, &results[0]);
    assert_eq!(
        files,
        [
            "base/deployment.yaml",
            "overlays/dev/kustomization.yaml",
            "overlays/prod/kustomization.yaml",
            "overlays/prod/patch.yaml",
            "overlays/prod/scaler.yaml"
        ]
    );
    let deployment = fs::read_to_string(scratch.path().join("base/deployment.yaml")).unwrap();
    assert!(deployment.contains("  name: shop\n") && deployment.contains("- name: web\n"), "the container keeps its name: {deployment}");
    let after = [render(&scratch, "overlays/dev"), render(&scratch, "overlays/prod")];
    assert_eq!(after[0], before[0].replace("name: web\n  namespace", "name: shop\n  namespace"));
    assert_eq!(after[1].replace("p-shop", "p-web"), before[1]);
    let scaler = after[1].split("---\n").find(|text| text.contains("kind: HorizontalPodAutoscaler")).unwrap();
    assert!(scaler.contains("name: p-web\n") && scaler.contains("name: p-shop\n"), "the scaler keeps its own name: {scaler}");
}

#[test]
fn a_generated_object_is_renamed_where_its_generators_name_it() {
    let scratch = project();
    let mut editor = editor(&scratch);
    let from_use = rename(&mut editor, &scratch, "base/deployment.yaml", "settings}", "config").unwrap();
    let from_generator = rename(&mut editor, &scratch, "base/kustomization.yaml", "settings\n", "config").unwrap();
    assert_eq!(from_use, from_generator);
    let files = apply(&mut editor, &scratch, &from_use);
    assert_eq!(files, ["base/deployment.yaml", "base/kustomization.yaml", "overlays/dev/kustomization.yaml"]);
    let deployment = fs::read_to_string(scratch.path().join("base/deployment.yaml")).unwrap();
    assert!(deployment.contains("- configMapRef: {name: config} # what it reads\n"), "{deployment}");
    let rendered = render(&scratch, "overlays/prod");
    assert!(rendered.contains("name: p-config-") && !rendered.contains("settings"), "{rendered}");
}

#[test]
fn a_service_is_renamed_in_addresses_too() {
    let scratch = project().file("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\n");
    let mut editor = editor(&scratch);
    let edit = rename(&mut editor, &scratch, "base/service.yaml", "front", "entry").unwrap();
    assert_eq!(apply(&mut editor, &scratch, &edit), ["base/service.yaml", "base/settings.env"]);
    let settings = fs::read_to_string(scratch.path().join("base/settings.env")).unwrap();
    assert_eq!(settings, "A=b\nURL=http://entry:80/front\n");
}

#[test]
fn what_would_change_more_is_refused_with_a_reason() {
    let scratch = project();
    let mut editor = editor(&scratch);
    let mut refused = |file: &str, text: &str, to: &str| {
        rename(&mut editor, &scratch, file, text, to).unwrap_err()["message"].as_str().unwrap().to_owned()
    };
    let message = refused("base/deployment.yaml", "apps/v1", "other");
    assert!(message.starts_with("nothing there is the name of an object"), "{message}");
    assert_eq!(refused("base/deployment.yaml", "web\nspec", "a b"), "that is no name for an object");
    let message = refused("base/deployment.yaml", "web\nspec", "Web_");
    assert!(message.starts_with("with it there is a new finding of schema/"), "{message}");
    // The address that both share is that of dev's Service alone, as prod's has a prefix.
    let message = refused("base/service.yaml", "front", "entry");
    assert!(message.ends_with("is another in more than the name: `data.URL` changes too"), "{message}");
    // A variable takes the name elsewhere.
    scratch.write("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\nvars:\n  - name: WEB\n    objref: {apiVersion: apps/v1, kind: Deployment, name: web}\npatches: [{path: patch.yaml}]\n");
    scratch.write(
        "overlays/prod/patch.yaml",
        PATCH.replace("spec:", "spec:\n  template:\n    spec:\n      containers:\n        - name: web\n          args: [$(WEB)]"),
    );
    editor.changed_on_disk(&["overlays/prod/kustomization.yaml", "overlays/prod/patch.yaml"]);
    editor.settle();
    let refused = rename(&mut editor, &scratch, "base/deployment.yaml", "web\nspec", "shop").unwrap_err();
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("is another in more than the name"), "{message}");
}
