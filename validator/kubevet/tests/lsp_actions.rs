//! Fixes as code actions of `kubevet lsp`: listed at a range, proved when they are chosen, and done in texts that nobody saved.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::lsp::{Editor, edited};
use common::{ADD_PROBE, DEPLOYMENT, OLD_ARGUMENT_RULE, PROBE_RULE, Scratch, TABLE, with_fix};
use serde_json::{Value, json};

const BASE: &str = "base/deployment.yaml";
const PROBE: &str = "          livenessProbe:\n            tcpSocket:\n              port: 80\n";

/// The rule of the scratch project with a fix, and one whose fix a person must complete.
fn project() -> Scratch {
    let vague = r#"{"title": "say where it listens", "safe": false, "edits": [{"set": ["metadata", "annotations", "port"], "value": "<kubevet: WHICH PORT>"}]}"#;
    let vain =
        r#"{"title": "do what does not help", "safe": true, "edits": [{"set": ["metadata", "annotations", "other"], "value": "x"}]}"#;
    let other = |name: &str, lacks: &str, fix: &str| {
        let rule = PROBE_RULE.replace("demo.probe", &format!("demo.{name}")).replace("not container.livenessProbe", lacks);
        with_fix(&rule.replace("has no livenessProbe", &format!("is a case for {name}")), fix)
    };
    Scratch::project()
        .file("policies/demo/probe.rego", &with_fix(PROBE_RULE, ADD_PROBE))
        .file("policies/demo/port.rego", &other("port", "not input.metadata.annotations.port", vague))
        .file("policies/demo/vain.rego", &other("vain", "not input.metadata.annotations.needed", vain))
}

/// What an editor can do that asks for edits when an action is chosen.
fn able() -> Value {
    json!({
        "workspace": {"workspaceEdit": {"documentChanges": true, "resourceOperations": ["create"]}},
        "textDocument": {"codeAction": {"dataSupport": true, "resolveSupport": {"properties": ["edit"]}}},
    })
}

/// The actions at a line, from 1, of the base.
fn actions(editor: &mut Editor, line: usize, only: Value) -> Vec<Value> {
    let shown = editor.shown.get(BASE).cloned().unwrap_or_default();
    let diagnostics: Vec<Value> = shown.into_iter().filter(|one| one["range"]["start"]["line"] == line - 1).collect();
    let place = json!({"line": line - 1, "character": 3});
    let mut context = json!({"diagnostics": diagnostics});
    if !only.is_null() {
        context["only"] = only;
    }
    let params = json!({"textDocument": {"uri": editor.uri(BASE)}, "range": {"start": place, "end": place}, "context": context});
    editor.ask("textDocument/codeAction", params).unwrap().as_array().unwrap().clone()
}

fn titled(actions: &[Value], title: &str) -> Value {
    let titles: Vec<_> = actions.iter().map(|action| action["title"].as_str().unwrap()).collect();
    actions.iter().find(|action| action["title"] == title).unwrap_or_else(|| panic!("{title}: {titles:#?}")).clone()
}

#[test]
fn a_fix_is_listed_and_proved_when_it_is_chosen() {
    let scratch = project();
    let mut editor = Editor::open_with(scratch.path(), able());
    // Nobody saved the comment, which the edit leaves where it is.
    let text = DEPLOYMENT.replace("spec:\n  selector", "spec: # é\n  selector");
    editor.did_open(BASE, DEPLOYMENT);
    editor.did_change(BASE, json!([{"text": text}]));
    editor.settle();
    let listed = actions(&mut editor, 11, Value::Null);
    let action = titled(&listed, "Add a probe");
    assert_eq!((&action["kind"], &action["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(action["edit"], Value::Null, "it is proved later");
    assert_eq!(action["diagnostics"][0]["code"], "demo/probe");
    let count = listed.iter().filter(|action| action["title"] == "Add a probe").count();
    assert_eq!(count, 1, "one for dev, where it is warned of, and prod, where it is denied");
    let resolved = editor.ask("codeAction/resolve", action).unwrap();
    let changes = &resolved["edit"]["documentChanges"];
    assert_eq!(changes.as_array().unwrap().len(), 1, "{changes:#}");
    assert_eq!(changes[0]["textDocument"], json!({"uri": editor.uri(BASE), "version": 2}));
    let mended = edited(&text, &changes[0]["edits"]);
    assert_eq!(mended, format!("{text}{PROBE}"));
    editor.did_change(BASE, json!([{"text": mended}]));
    editor.settle();
    assert!(!editor.lines().iter().any(|line| line.contains(" demo/probe ")), "{:?}", editor.lines());
}

#[test]
fn of_several_findings_of_one_kind_the_chosen_one_is_mended() {
    let text = format!("{DEPLOYMENT}          args:\n            - old-one\n            - old-two\n            - new\n");
    let scratch = Scratch::project().file("policies/demo/old.rego", OLD_ARGUMENT_RULE).file(BASE, &text);
    let mut editor = Editor::open_with(scratch.path(), able());
    let action = titled(&actions(&mut editor, 15, Value::Null), "Do without it");
    let resolved = editor.ask("codeAction/resolve", action).unwrap();
    let mended = edited(&text, &resolved["edit"]["documentChanges"][0]["edits"]);
    assert_eq!(mended, text.replace("            - old-two\n", ""));
}

#[test]
fn what_a_person_must_choose_is_named_and_what_is_not_proved_is_not_done() {
    let scratch = project();
    let mut editor = Editor::open_with(scratch.path(), able());
    let listed = actions(&mut editor, 11, json!(["quickfix"]));
    let vague = titled(&listed, "Say where it listens; then choose WHICH PORT");
    assert_eq!(vague["isPreferred"], Value::Null);
    let resolved = editor.ask("codeAction/resolve", vague).unwrap();
    let mended = edited(DEPLOYMENT, &resolved["edit"]["documentChanges"][0]["edits"]);
    assert!(mended.contains("    port: \"<kubevet: WHICH PORT>\"\n"), "{mended}");
    let vain = titled(&listed, "Do what does not help");
    let refused = editor.ask("codeAction/resolve", vain.clone()).unwrap_err();
    let message = refused["message"].as_str().unwrap();
    assert!(message.starts_with("with it the finding is still there in overlays/"), "{message}");
    // The finding is gone meanwhile, and so is its fix.
    let annotated = DEPLOYMENT.replace("  name: web\nspec", "  name: web\n  annotations: {needed: \"1\"}\nspec");
    editor.did_open(BASE, &annotated);
    let refused = editor.ask("codeAction/resolve", vain).unwrap_err();
    assert_eq!(refused["message"], "the finding is not there any more");
    let mut able = able();
    able["textDocument"]["codeAction"]["resolveSupport"]["properties"] = json!(["edit", "disabled"]);
    let mut editor = Editor::open_with(scratch.path(), able);
    let vain = titled(&actions(&mut editor, 11, Value::Null), "Do what does not help");
    let resolved = editor.ask("codeAction/resolve", vain).unwrap();
    assert!(resolved["disabled"]["reason"].as_str().unwrap().starts_with("with it the finding is still there"), "{resolved}");
}

#[test]
fn a_fix_makes_a_patch_where_one_environment_asks_for_it() {
    let scratch = project().file("policies/environments.yaml", &TABLE.replace("dev: warn", "dev: \"off\""));
    let mut editor = Editor::open_with(scratch.path(), able());
    let action = titled(&actions(&mut editor, 11, Value::Null), "Add a probe");
    let resolved = editor.ask("codeAction/resolve", action).unwrap();
    let changes = resolved["edit"]["documentChanges"].as_array().unwrap();
    let of = |path: &str| changes.iter().position(|change| change["textDocument"]["uri"] == editor.uri(path)).unwrap();
    let made = of("overlays/prod/patch-web.yaml");
    assert_eq!(changes[made - 1], json!({"kind": "create", "uri": editor.uri("overlays/prod/patch-web.yaml")}));
    assert_eq!(changes[made]["textDocument"]["version"], Value::Null);
    assert!(edited("", &changes[made]["edits"]).ends_with(PROBE), "{changes:#?}");
    let kustomization = "namespace: web-prod\nresources: [../../base]\n";
    let listed = edited(kustomization, &changes[of("overlays/prod/kustomization.yaml")]["edits"]);
    assert_eq!(listed, format!("{kustomization}patches:\n  - path: patch-web.yaml\n"));
    // An editor that makes no files is told so.
    let mut able = able();
    able["workspace"]["workspaceEdit"]["resourceOperations"] = json!([]);
    let mut editor = Editor::open_with(scratch.path(), able);
    let action = titled(&actions(&mut editor, 11, Value::Null), "Add a probe");
    let refused = editor.ask("codeAction/resolve", action).unwrap_err();
    assert_eq!(refused["message"], "it makes overlays/prod/patch-web.yaml, and the editor says that it can't make files");
}

#[test]
fn an_editor_that_asks_once_gets_what_is_proved() {
    let scratch = project();
    let mut editor = Editor::open(scratch.path());
    let listed = actions(&mut editor, 11, Value::Null);
    let action = titled(&listed, "Add a probe");
    assert_eq!(edited(DEPLOYMENT, &action["edit"]["changes"][editor.uri(BASE)]), format!("{DEPLOYMENT}{PROBE}"));
    assert!(!listed.iter().any(|action| action["title"] == "Do what does not help"), "{listed:#?}");
    assert!(listed.iter().all(|action| action["edit"].is_object()), "{listed:#?}");
}

#[test]
fn all_of_a_document_is_mended_at_once_by_its_name() {
    let scratch = project();
    let mut editor = Editor::open_with(scratch.path(), able());
    let listed = actions(&mut editor, 1, json!(["source.fixAll"]));
    assert_eq!(listed.len(), 1, "{listed:#?}");
    assert_eq!(listed[0]["kind"], "source.fixAll.kubevet");
    let resolved = editor.ask("codeAction/resolve", listed[0].clone()).unwrap();
    let mended = edited(DEPLOYMENT, &resolved["edit"]["documentChanges"][0]["edits"]);
    assert!(mended.contains(PROBE) && !mended.contains("kubevet: WHICH"), "{mended}");
    assert!(actions(&mut editor, 1, json!(["source.organizeImports"])).is_empty());
}
