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
    let row = "{kind: ConfigMap, name: settings-*}";
    let scratch = project().file("policies/waivers.yaml", &waivers(&[row]));
    let mut editor = editor(&scratch);
    let from_use = rename(&mut editor, &scratch, "base/deployment.yaml", "settings}", "config").unwrap();
    let from_generator = rename(&mut editor, &scratch, "base/kustomization.yaml", "settings\n", "config").unwrap();
    assert_eq!(from_use, from_generator);
    let files = apply(&mut editor, &scratch, &from_use);
    assert_eq!(files, ["base/deployment.yaml", "base/kustomization.yaml", "overlays/dev/kustomization.yaml", "policies/waivers.yaml"]);
    let written = fs::read_to_string(scratch.path().join("policies/waivers.yaml")).unwrap();
    assert_eq!(written, waivers(&[&row.replace("settings", "config")]));
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

/// The rows with a waiver of a finding that a Deployment has.
fn waivers(rows: &[&str]) -> String {
    let row = |row: &&str| format!("  - rule: demo/probe\n    object: {row}\n    reason: it is only a test\n    expiry: 2999-01-01\n");
    format!("version: 1\nwaivers:\n{}", rows.iter().map(row).collect::<String>())
}

#[test]
fn waivers_follow_what_they_waive() {
    let rows = ["{kind: Deployment, name: web} # in dev", "{kind: Deployment, namespace: web-prod, name: \"p-web\"}"];
    let others = ["{kind: Deployment, name: p-web}\n    environment: dev", "{kind: Service, name: web}", "{kind: Deployment, name: other}"];
    let scratch =
        project().file("base/deployment.yaml", DEPLOYMENT).file("policies/waivers.yaml", &waivers(&[&rows[..], &others[..]].concat()));
    let mut editor = editor(&scratch);
    let edit = rename(&mut editor, &scratch, "base/deployment.yaml", "web\nspec", "shop").unwrap();
    assert_eq!(rename(&mut editor, &scratch, "policies/waivers.yaml", "web} # in dev", "shop").unwrap(), edit);
    assert_eq!(rename(&mut editor, &scratch, "policies/waivers.yaml", "p-web\"", "p-shop").unwrap(), edit);
    assert!(apply(&mut editor, &scratch, &edit).contains(&"policies/waivers.yaml".to_owned()));
    let written = fs::read_to_string(scratch.path().join("policies/waivers.yaml")).unwrap();
    let renamed = rows.map(|row| row.replace("name: web", "name: shop").replace("p-web", "p-shop"));
    assert_eq!(written, waivers(&[&renamed.each_ref().map(String::as_str)[..], &others[..]].concat()));
    let run = scratch.run(&["check"]);
    assert!(!run.stdout.contains("error[demo/probe]"), "{}", run.stdout);
}

#[test]
fn a_waiver_that_can_not_follow_is_a_reason_to_refuse() {
    let scratch =
        project().file("base/deployment.yaml", DEPLOYMENT).file("policies/waivers.yaml", &waivers(&["{kind: Deployment, name: \"*w*b\"}"]));
    let mut editor = editor(&scratch);
    let refused = rename(&mut editor, &scratch, "base/deployment.yaml", "web\nspec", "shop").unwrap_err();
    let message = refused["message"].as_str().unwrap();
    assert!(message.starts_with("with it there is a new finding of demo/probe"), "{message}");
    rename(&mut editor, &scratch, "base/deployment.yaml", "web\nspec", "wide-blob").unwrap();
}

#[test]
fn patches_in_a_kustomization_are_of_those_that_name_the_object() {
    let patches = "patches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: web # it\n      spec:\n        template:\n          spec:\n            serviceAccountName: runner # its own\n            containers:\n              - name: web\n                env:\n                  - {name: URL, value: \"http://front:80\"}\n  - patch: |\n      {\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"front\", \"labels\": {\"a\": \"b\"}}}\n  - target: {kind: Deployment, name: web}\n    patch: |-\n      - op: add\n        path: /spec/template/spec/volumes\n        value: [{name: keys, secret: {secretName: keys}}]\n      - {\"op\": \"add\", \"path\": \"/spec/minReadySeconds\", \"value\": 3}\n";
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: runner\n";
    let kustomization = format!(
        "namespace: web-prod\nresources: [../../base, account.yaml]\nsecretGenerator:\n  - name: keys # made\n    literals: [A=b]\n{patches}"
    );
    let scratch = project().file("overlays/prod/account.yaml", account).file("overlays/prod/kustomization.yaml", &kustomization);
    scratch.write("base/settings.env", "A=b\n");
    let mut editor = editor(&scratch);
    let file = "overlays/prod/kustomization.yaml";
    let mut expected = kustomization.clone();
    for (place, definition, text, to, changes) in [
        (
            "web # it",
            "base/deployment.yaml",
            "web\nspec",
            "shop",
            &[("name: web # it", "name: shop # it"), ("Deployment, name: web}", "Deployment, name: shop}")][..],
        ),
        ("runner # its", "overlays/prod/account.yaml", "runner", "walker", &[("runner # its", "walker # its")]),
        (
            "front\", \"labels",
            "base/service.yaml",
            "front",
            "entry",
            &[("http://front:80", "http://entry:80"), ("\"name\": \"front\"", "\"name\": \"entry\"")],
        ),
        (
            "keys}}]",
            "overlays/prod/kustomization.yaml",
            "keys # made",
            "locks",
            &[("keys # made", "locks # made"), ("secretName: keys", "secretName: locks")],
        ),
    ] {
        let edit = rename(&mut editor, &scratch, file, place, to).unwrap();
        assert_eq!(rename(&mut editor, &scratch, definition, text, to).unwrap(), edit, "{to}");
        assert!(apply(&mut editor, &scratch, &edit).contains(&file.to_owned()), "{to}");
        expected = changes.iter().fold(expected, |text, (from, to)| text.replace(from, to));
        assert_eq!(fs::read_to_string(scratch.path().join(file)).unwrap(), expected);
    }
}

#[test]
fn files_of_replacements_name_it_too() {
    let list = "- source: {kind: Deployment, name: web, fieldPath: spec.replicas} # how many\n  targets:\n    - select: {kind: Deployment, name: web}\n      reject: [{kind: Deployment, name: other}, {kind: Service, name: web}]\n      fieldPaths: [spec.minReadySeconds]\n      options: {create: true}\n";
    let one = "source:\n  kind: Service\n  name: front\n  fieldPath: spec.ports.0.port\ntargets:\n  - select:\n      kind: Deployment\n      name: web # the same\n    fieldPaths: [spec.revisionHistoryLimit]\n    options: {create: true}\n";
    let scratch = project()
        .file("overlays/dev/kustomization.yaml", "namespace: web-dev\nresources: [../../base]\n")
        .file("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\npatches: [{path: patch.yaml}]\nreplacements:\n  - path: list.yaml\n  - path: more/one.yaml\n")
        .file("overlays/prod/list.yaml", list)
        .file("overlays/prod/more/one.yaml", one);
    let before = render(&scratch, "overlays/prod");
    assert!(before.contains("minReadySeconds: 3\n") && before.contains("revisionHistoryLimit: 80\n"), "{before}");
    let mut editor = editor(&scratch);
    let edit = rename(&mut editor, &scratch, "base/deployment.yaml", "web\nspec", "shop").unwrap();
    assert_eq!(rename(&mut editor, &scratch, "overlays/prod/more/one.yaml", "web # the same", "shop").unwrap(), edit);
    let files = apply(&mut editor, &scratch, &edit);
    assert_eq!(files, ["base/deployment.yaml", "overlays/prod/list.yaml", "overlays/prod/more/one.yaml", "overlays/prod/patch.yaml"]);
    let read = |file: &str| fs::read_to_string(scratch.path().join(file)).unwrap();
    assert_eq!(read("overlays/prod/list.yaml"), list.replace("Deployment, name: web", "Deployment, name: shop"));
    assert_eq!(read("overlays/prod/more/one.yaml"), one.replace("web # the same", "shop # the same"));
    assert_eq!(render(&scratch, "overlays/prod"), before.replace("name: web\n  namespace", "name: shop\n  namespace"));
}

/// Renames an object in a project with more objects; gives the lines of these that are others afterwards, without their indentation.
fn changed_lines(more: &str, file: &str, text: &str, to: &str) -> Vec<String> {
    let scratch = project()
        .file("overlays/dev/kustomization.yaml", "resources: [../../base]\nnamespace: web-dev\n")
        .file("overlays/prod/kustomization.yaml", "resources: [../../base, more.yaml, web.yaml]\n")
        .file("overlays/prod/web.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: entry, namespace: shop}\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, namespace: shop}\n")
        .file("overlays/prod/more.yaml", more);
    let mut editor = editor(&scratch);
    let edit = rename(&mut editor, &scratch, file, text, to).unwrap();
    apply(&mut editor, &scratch, &edit);
    let written = fs::read_to_string(scratch.path().join("overlays/prod/more.yaml")).unwrap();
    std::iter::zip(more.lines(), written.lines()).filter(|(was, is)| was != is).map(|(_, is)| is.trim().to_owned()).collect()
}

#[test]
fn a_service_is_renamed_in_routes_and_in_addresses_of_its_namespace_alone() {
    let more = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: way, namespace: shop}\nspec:\n  defaultBackend: {service: {name: entry, port: {number: 80}}}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: way, namespace: shop}\nspec:\n  rules:\n    - backendRefs:\n        - {name: entry, port: 80} # route\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: here, namespace: shop}\ndata:\n  A: http://entry:80\n  B: http://entry.shop.svc.cluster.local:80\n  C: http://entry.example.com:80\n  D: http://entry.other:80\n  E: entry-0.entry:80,entry-1.entry:80\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: there, namespace: other}\ndata:\n  A: http://entry:80\n  B: http://entry.shop:80\n";
    let lines = changed_lines(more, "overlays/prod/web.yaml", "entry", "door");
    let expected = [
        "defaultBackend: {service: {name: door, port: {number: 80}}}",
        "- {name: door, port: 80} # route",
        "A: http://door:80",
        "B: http://door.shop.svc.cluster.local:80",
        "E: entry-0.door:80,entry-1.door:80",
        "B: http://door.shop:80",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn subjects_in_other_namespaces_are_renamed_too() {
    let binding = |namespace: &str, subject: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: b, namespace: {namespace}}}\nroleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}}\nsubjects:\n  - {{kind: ServiceAccount, name: runner, namespace: {subject}}}\n"
        )
    };
    let more = [binding("shop", "shop"), binding("other", "shop"), binding("third", "third")].join("---\n");
    let lines = changed_lines(&more, "overlays/prod/web.yaml", "runner", "walker");
    assert_eq!(lines, ["- {kind: ServiceAccount, name: walker, namespace: shop}"; 2]);
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
