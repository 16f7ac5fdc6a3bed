//! What `kubevet lsp` answers about a place: hover, definitions, references, completion, lenses, actions and commands.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::fs;

use common::lsp::Editor;
use common::{DEPLOYMENT, Scratch};
use serde_json::{Value, json};

/// A value that is shown nowhere.
const PASSWORD: &str = "correct-horse-battery";

/// A base that reads settings and a Secret, whose replicas prod patches, and a probe that prod takes away.
fn project() -> Scratch {
    let settings = "          envFrom:\n            - configMapRef: {name: settings}\n          env:\n            - name: TOKEN\n              valueFrom: {secretKeyRef: {name: token, key: password}}\n          livenessProbe: {tcpSocket: {port: 80}}\n";
    let deployment = DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: 1\n  selector") + settings;
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n        - name: web\n          livenessProbe: null\n";
    let base = "resources:\n  - deployment.yaml\n  - secret.yaml\nconfigMapGenerator:\n  - name: settings\n    envs: [settings.env]\n";
    Scratch::project()
        .file("base/kustomization.yaml", base)
        .file("base/deployment.yaml", &deployment)
        .file("base/settings.env", "A=b\n")
        .file("base/secret.yaml", &format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\nstringData:\n  password: {PASSWORD}\n"))
        .file(
            "overlays/prod/kustomization.yaml",
            "namespace: web-prod\nnamePrefix: p-\nresources: [../../base]\npatches: [{path: patch.yaml}]\n",
        )
        .file("overlays/prod/patch.yaml", patch)
}

/// The parameters of a request about the first byte of a text in a file.
fn at(editor: &Editor, scratch: &Scratch, file: &str, text: &str) -> Value {
    let whole = fs::read_to_string(scratch.path().join(file)).unwrap();
    let offset = whole.find(text).unwrap_or_else(|| panic!("no {text:?} in {file}"));
    json!({"textDocument": {"uri": editor.uri(file)}, "position": position(&whole, offset), "context": {"includeDeclaration": true}})
}

/// The parameters of a request about what is behind the first such text of a file that is not saved.
fn behind(editor: &Editor, file: &str, whole: &str, text: &str) -> Value {
    let offset = whole.find(text).unwrap_or_else(|| panic!("no {text:?} in {file}")) + text.len();
    json!({"textDocument": {"uri": editor.uri(file)}, "position": position(whole, offset)})
}

fn position(whole: &str, offset: usize) -> Value {
    let line = whole[..offset].matches('\n').count();
    let character = offset - whole[..offset].rfind('\n').map_or(0, |at| at + 1);
    json!({"line": line, "character": character})
}

fn hover(editor: &mut Editor, scratch: &Scratch, file: &str, text: &str) -> String {
    let params = at(editor, scratch, file, text);
    let result = editor.ask("textDocument/hover", params).unwrap();
    result["contents"]["value"]
        .as_str()
        .unwrap_or_default()
        .replace(&format!("file://{}", scratch.path().canonicalize().unwrap().display()), "")
}

/// Files and lines, from 1.
fn places(editor: &mut Editor, method: &str, params: Value) -> Vec<String> {
    let result = editor.ask(method, params).unwrap();
    let folder = editor.uri("");
    let place = |location: &Value| {
        let file = location["uri"].as_str().unwrap().strip_prefix(&folder).unwrap().to_owned();
        format!("{file}:{}", location["range"]["start"]["line"].as_u64().unwrap() + 1)
    };
    result.as_array().unwrap().iter().map(place).collect()
}

#[test]
fn hover_tells_the_value_in_each_environment() {
    let scratch = project();
    let mut editor = Editor::open(scratch.path());
    let expected = "\
`spec.replicas` of Deployment `web`

| | now | set by |
|---|---|---|
| dev | `1` | [`base/deployment.yaml:6`](/base/deployment.yaml#L6) `resources` |
| prod | `3` | [`overlays/prod/patch.yaml:6`](/overlays/prod/patch.yaml#L6) `patches` ← [`base/deployment.yaml:6`](/base/deployment.yaml#L6) `resources` |
";
    assert_eq!(hover(&mut editor, &scratch, "base/deployment.yaml", "replicas: 1"), expected);
    let probe = hover(&mut editor, &scratch, "base/deployment.yaml", "livenessProbe");
    assert!(probe.contains("| prod | removed | [`overlays/prod/patch.yaml:11`]"), "{probe}");
    // What is secret is not told, wherever it stands.
    let secret = hover(&mut editor, &scratch, "base/secret.yaml", PASSWORD);
    assert!(secret.contains("`<redacted>`") && !secret.contains(PASSWORD), "{secret}");
    // A rule, where one may be named.
    let rule = hover(&mut editor, &scratch, "policies/environments.yaml", "demo/probe");
    assert!(rule.starts_with("```text\ndemo/probe: Every container has a probe\n"), "{rule}");
    let package = hover(&mut editor, &scratch, "policies/demo/probe.rego", "kubevet.demo.probe");
    assert_eq!(package, rule);
    let generated = hover(&mut editor, &scratch, "base/settings.env", "A=b");
    assert!(generated.starts_with("`data.A` of ConfigMap") && generated.contains("| dev | `b` | [`base/settings.env:1`]"), "{generated}");
    assert_eq!(hover(&mut editor, &scratch, "policies/demo/probe.rego", "some i"), "");
}

#[test]
fn names_that_are_markdown_are_no_markdown() {
    let name = "[x](command:evil)`|";
    let scratch = Scratch::project().file("base/deployment.yaml", &DEPLOYMENT.replace("app: web}", &format!("app: \"{name}\"}}")));
    let mut editor = Editor::open(scratch.path());
    let text = hover(&mut editor, &scratch, "base/deployment.yaml", name);
    assert!(text.contains("evil") && !text.contains("[x]("), "{text}");
}

#[test]
fn definitions_lead_to_files_objects_and_patches() {
    let scratch = project();
    let mut editor = Editor::open(scratch.path());
    let mut definition = |file: &str, text: &str| {
        let params = at(&editor, &scratch, file, text);
        places(&mut editor, "textDocument/definition", params)
    };
    assert_eq!(definition("base/kustomization.yaml", "deployment.yaml"), ["base/deployment.yaml:1"]);
    assert_eq!(definition("overlays/prod/kustomization.yaml", "../../base"), ["base/kustomization.yaml:1"]);
    assert_eq!(definition("overlays/prod/kustomization.yaml", "patch.yaml"), ["overlays/prod/patch.yaml:1"]);
    assert_eq!(definition("base/kustomization.yaml", "settings.env"), ["base/settings.env:1"]);
    assert_eq!(definition("base/deployment.yaml", "replicas: 1"), ["overlays/prod/patch.yaml:6"]);
    assert_eq!(definition("overlays/prod/patch.yaml", "replicas: 3"), ["base/deployment.yaml:6"]);
    assert_eq!(definition("base/deployment.yaml", "token, key"), ["base/secret.yaml:4"]);
    assert_eq!(definition("base/deployment.yaml", "password}"), ["base/secret.yaml:6"]);
    assert_eq!(definition("base/deployment.yaml", "settings}"), ["base/kustomization.yaml:5"]);
}

#[test]
fn references_are_found_from_what_they_name() {
    let scratch = project();
    let mut editor = Editor::open(scratch.path());
    let params = at(&editor, &scratch, "base/secret.yaml", "token");
    let found = places(&mut editor, "textDocument/references", params);
    assert!(found.contains(&"base/deployment.yaml:18".to_owned()), "{found:?}");
    let params = at(&editor, &scratch, "base/secret.yaml", "password");
    let found = places(&mut editor, "textDocument/references", params);
    assert!(found.contains(&"base/deployment.yaml:18".to_owned()), "{found:?}");
}

#[test]
fn completion_knows_half_written_files() {
    let scratch = project();
    let mut editor = Editor::open(scratch.path());
    let labels = |result: &Value| -> Vec<String> {
        result["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    };
    let text = fs::read_to_string(scratch.path().join("base/deployment.yaml")).unwrap().replace("  replicas: 1", "  revisionH");
    editor.did_open("base/deployment.yaml", &text);
    let place = behind(&editor, "base/deployment.yaml", &text, "revisionH");
    let result = editor.ask("textDocument/completion", place).unwrap();
    assert_eq!(labels(&result).first().map(String::as_str), Some("revisionHistoryLimit"), "{result:#}");
    let item = &result["items"][0];
    let edit = json!({"start": {"line": 5, "character": 2}, "end": {"line": 5, "character": 11}});
    assert_eq!((&item["textEdit"]["range"], &item["kind"]), (&edit, &json!(5)), "{item:#}");
    // Names of objects, though the base can't be built as it is.
    let text = text.replace("  revisionH\n", "  replicas: 1\n").replace("name: token, key: password}}", "name: t");
    editor.did_change("base/deployment.yaml", json!([{"text": text}]));
    editor.settle();
    let place = behind(&editor, "base/deployment.yaml", &text, "secretKeyRef: {name: t");
    let result = editor.ask("textDocument/completion", place).unwrap();
    assert!(labels(&result).contains(&"token".to_owned()), "{result:#}");
    // Rules, whatever becomes of the project's own policies.
    editor.did_open("policies/environments.yaml", "version: 1\nrules:\n  probes/l");
    editor.settle();
    let place = json!({"textDocument": {"uri": editor.uri("policies/environments.yaml")}, "position": {"line": 2, "character": 10}});
    let result = editor.ask("textDocument/completion", place).unwrap();
    assert!(labels(&result).contains(&"probes/liveness".to_owned()), "{result:#}");
}

#[test]
fn lenses_and_commands_show_what_is_made_of_a_file() {
    let scratch = project();
    let mut editor = Editor::open(scratch.path());
    let lenses = editor.ask("textDocument/codeLens", json!({"textDocument": {"uri": editor.uri("base/deployment.yaml")}})).unwrap();
    let titles: Vec<_> = lenses.as_array().unwrap().iter().map(|lens| lens["command"]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["dev: overlays/dev", "prod: overlays/prod"]);
    let own = json!({"textDocument": {"uri": editor.uri("overlays/prod/patch.yaml")}});
    assert_eq!(editor.ask("textDocument/codeLens", own).unwrap(), json!([]));
    let command = &lenses[1]["command"];
    let params = json!({"command": command["command"], "arguments": command["arguments"]});
    let shown = editor.ask("workspace/executeCommand", params).unwrap();
    assert_eq!((&shown["title"], &shown["language"]), (&json!("overlays/prod (prod)"), &json!("yaml")));
    let text = shown["text"].as_str().unwrap();
    let replicas = text.lines().find(|line| line.contains("replicas:")).unwrap();
    assert!(replicas.contains("# overlays/prod/patch.yaml:6:3 <- base/deployment.yaml:6:3"), "{replicas}");
    assert!(!text.contains(PASSWORD) && !text.contains("Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5"), "{text}");
    let graph = json!({"command": "kubevet.graph", "arguments": [editor.uri("base/deployment.yaml")]});
    let shown = editor.ask("workspace/executeCommand", graph).unwrap();
    assert!(shown["text"].as_str().unwrap().starts_with("flowchart"), "{shown}");
    for (command, arguments) in
        [("kubevet.render", json!([])), ("kubevet.render", json!(["file:///nowhere"])), ("rm", json!([editor.uri("base")]))]
    {
        let refused = editor.ask("workspace/executeCommand", json!({"command": command, "arguments": arguments})).unwrap_err();
        assert_eq!(refused["code"], -32803, "{refused}");
    }
}

#[test]
fn a_finding_is_accepted_where_it_stands_once_somebody_says_why() {
    let scratch = Scratch::project();
    let mut editor = Editor::open(scratch.path());
    let diagnostics: Vec<_> = editor.shown["base/deployment.yaml"].iter().filter(|one| one["code"] == "demo/probe").cloned().collect();
    let range = diagnostics[0]["range"].clone();
    let uri = editor.uri("base/deployment.yaml");
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": [diagnostics[0]]}});
    let actions = editor.ask("textDocument/codeAction", params).unwrap();
    // Fixes of other rules' findings on the line come before.
    let action = actions.as_array().unwrap().iter().find(|action| action["title"] == "Accept demo/probe here: say why").unwrap();
    editor.did_open("base/deployment.yaml", DEPLOYMENT);
    editor.did_change(
        "base/deployment.yaml",
        action["edit"]["changes"][&uri]
            .clone()
            .as_array()
            .unwrap()
            .iter()
            .map(|edit| json!({"range": edit["range"], "text": edit["newText"]}))
            .collect(),
    );
    editor.settle();
    let lines = editor.lines();
    assert!(
        lines.iter().any(|line| line.starts_with("error base/deployment.yaml:11 waivers ")),
        "nothing is accepted without a reason: {lines:?}"
    );
    let end = json!({"line": 10, "character": 99});
    editor.did_change("base/deployment.yaml", json!([{"range": {"start": end, "end": end}, "text": "it is only a test"}]));
    editor.settle();
    assert!(!editor.lines().iter().any(|line| line.contains(" demo/probe ")), "{:?}", editor.lines());
}
