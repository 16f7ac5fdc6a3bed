//! `kubevet lsp`, as an editor speaks with it: the protocol, and what it shows while people type.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::lsp::{Editor, lines_of_check};
use common::{DEPLOYMENT, Scratch};
use serde_json::{Value, json};

/// What the editor shows is what a check of the saved files says.
#[track_caller]
fn agrees(editor: &Editor, scratch: &Scratch) {
    assert_eq!(editor.lines().join("\n"), lines_of_check(scratch.path()).join("\n"));
}

/// What the editor shows of a rule.
fn of_rule(editor: &Editor, rule: &str) -> Vec<String> {
    editor.lines().into_iter().filter(|line| line.split(' ').nth(2) == Some(rule)).collect()
}

#[test]
fn shows_what_check_says() {
    let scratch = Scratch::project();
    let editor = Editor::open(scratch.path());
    agrees(&editor, &scratch);
    let rule = of_rule(&editor, "demo/probe");
    assert_eq!(
        rule,
        [
            "error base/deployment.yaml:11 demo/probe prod: Deployment web-prod/web: container \"web\" has no livenessProbe",
            "warning base/deployment.yaml:11 demo/probe dev: Deployment web-dev/web: container \"web\" has no livenessProbe",
        ]
    );
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn judges_what_nobody_saved() {
    let scratch = Scratch::project();
    let mut editor = Editor::open(scratch.path());
    let before = editor.lines();
    // A base, an overlay, the table and a rule.
    let probed = DEPLOYMENT.replace("image: nginx:1.29", "image: nginx:1.29\n          livenessProbe: {tcpSocket: {port: 80}}");
    editor.did_open("base/deployment.yaml", DEPLOYMENT);
    editor.did_change("base/deployment.yaml", json!([{"text": probed}]));
    editor.settle();
    assert!(of_rule(&editor, "demo/probe").is_empty());
    editor.did_close("base/deployment.yaml");
    editor.settle();
    assert_eq!(editor.lines(), before);
    let table = std::fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap();
    editor.did_open("policies/environments.yaml", &table.replace("dev: warn, prod: deny", "dev: off, prod: warn"));
    editor.settle();
    assert_eq!(
        of_rule(&editor, "demo/probe"),
        ["warning base/deployment.yaml:11 demo/probe prod: Deployment web-prod/web: container \"web\" has no livenessProbe"]
    );
    editor.did_open("policies/demo/probe.rego", &common::PROBE_RULE.replace("has no livenessProbe", "hangs"));
    editor.settle();
    assert_eq!(
        of_rule(&editor, "demo/probe"),
        ["warning base/deployment.yaml:11 demo/probe prod: Deployment web-prod/web: container \"web\" hangs"]
    );
    editor.did_close("policies/environments.yaml");
    editor.did_close("policies/demo/probe.rego");
    // One that is not there yet.
    editor.did_open("overlays/qa/kustomization.yaml", "namespace: web-qa\nresources: [../../base]\n");
    editor.settle();
    assert!(editor.lines().iter().any(|line| line.contains("overlays/qa")), "{:?}", editor.lines());
    editor.did_close("overlays/qa/kustomization.yaml");
    editor.settle();
    assert_eq!(editor.lines(), before);
    agrees(&editor, &scratch);
}

#[test]
fn shows_problems_where_they_are_and_no_longer_than_they_last() {
    let scratch = Scratch::project();
    let mut editor = Editor::open(scratch.path());
    let before = editor.lines();
    editor.did_open("base/deployment.yaml", DEPLOYMENT);
    // In UTF-8, as agreed.
    let start = json!({"line": 0, "character": 0});
    editor.did_change("base/deployment.yaml", json!([{"range": {"start": start, "end": start}, "text": "é: [\n"}]));
    editor.settle();
    let errors: Vec<_> = editor.lines().into_iter().filter(|line| line.contains("render-failed")).collect();
    assert_eq!(errors.len(), 1, "one of both overlays: {errors:?}");
    assert!(errors[0].starts_with("error base/deployment.yaml:"), "{errors:?}");
    let shown = &editor.shown["base/deployment.yaml"][0];
    assert_eq!(shown["relatedInformation"].as_array().unwrap().len(), 2, "{shown}");
    let end = json!({"line": 1, "character": 0});
    editor.did_change("base/deployment.yaml", json!([{"range": {"start": start, "end": end}, "text": ""}]));
    editor.settle();
    assert_eq!(editor.lines(), before);
    // A table that can't be read.
    editor.did_open("policies/environments.yaml", "version: 1\nenvironments: {dev: {overlay: [overlays/dev]}}\n");
    editor.settle();
    assert_eq!(editor.lines().len(), 1, "{:?}", editor.lines());
    assert!(editor.lines()[0].starts_with("error policies/environments.yaml:2 environments "), "{:?}", editor.lines());
    // A rule that can't be loaded.
    editor.did_close("policies/environments.yaml");
    editor.did_open("policies/demo/probe.rego", "package kubevet.demo.probe\n\nimport rego.v1\n\ndeny contains {\n");
    editor.settle();
    assert!(editor.lines().iter().any(|line| line.starts_with("error policies/demo/probe.rego:")), "{:?}", editor.lines());
    editor.did_close("policies/demo/probe.rego");
    editor.settle();
    assert_eq!(editor.lines(), before);
}

#[test]
fn hears_of_files_that_change_elsewhere() {
    let scratch = Scratch::project();
    let mut editor = Editor::open(scratch.path());
    scratch.write("overlays/prod/kustomization.yaml", "namespace: shop\nresources: [../../base]\n");
    editor.changed_on_disk(&["overlays/prod/kustomization.yaml"]);
    editor.settle();
    agrees(&editor, &scratch);
    assert!(editor.lines().iter().any(|line| line.contains("Deployment shop/web")));
    std::fs::remove_dir_all(scratch.path().join("overlays/dev")).unwrap();
    editor.changed_on_disk(&["overlays/dev"]);
    editor.settle();
    agrees(&editor, &scratch);
    scratch.write("policies/waivers.yaml", "version: 1\nwaivers:\n  - {rule: demo/probe, object: {kind: Deployment, name: web}, reason: it is only a test of waivers, expires: 2999-01-01}\n");
    editor.changed_on_disk(&["policies/waivers.yaml"]);
    editor.settle();
    agrees(&editor, &scratch);
}

#[test]
fn what_nobody_waits_for_is_given_up() {
    let scratch = Scratch::project();
    let mut editor = Editor::open(scratch.path());
    let hover = json!({"textDocument": {"uri": editor.uri("base/deployment.yaml")}, "position": {"line": 3, "character": 9}});
    for (id, method, params) in [("one", "textDocument/hover", hover.clone()), ("two", "kubevet/judged", Value::Null)] {
        // Both are about the text as it is now, which has to be judged before.
        editor.did_open("base/deployment.yaml", &DEPLOYMENT.replace("nginx", id));
        editor.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        editor.tell("$/cancelRequest", json!({"id": id}));
        let answer = loop {
            let message = editor.hear();
            if message["id"] == id {
                break message;
            }
        };
        assert_eq!(answer["error"]["code"], -32800, "{answer}");
        // Once is enough.
        editor.tell("$/cancelRequest", json!({"id": id}));
        editor.did_close("base/deployment.yaml");
    }
    editor.settle();
    agrees(&editor, &scratch);
    assert!(editor.ask("textDocument/hover", hover).unwrap().is_object());
}

#[test]
fn says_what_it_can_and_ends_as_it_should() {
    let scratch = Scratch::project();
    let mut editor = Editor::start(scratch.path());
    assert_eq!(editor.ask("textDocument/hover", json!({})).unwrap_err()["code"], -32002);
    assert_eq!(editor.ask("initialize", json!({"capabilities": {}, "initializationOptions": {"polcy": []}})).unwrap_err()["code"], -32602);
    let capabilities = editor.ask("initialize", json!({"capabilities": {}})).unwrap();
    assert_eq!(capabilities["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(capabilities["serverInfo"]["name"], "kubevet");
    assert_eq!(editor.ask("kubevet/nothing", json!({})).unwrap_err()["code"], -32601);
    // What is no message is refused, and what makes no sense passed over.
    editor.send(b"Content-Length: 1\r\n\r\n{");
    assert_eq!(editor.hear()["error"]["code"], -32700);
    for params in
        [Value::Null, json!([]), json!({"textDocument": {"uri": 7}}), json!({"textDocument": {"uri": "x:y"}, "contentChanges": []})]
    {
        editor.tell("textDocument/didChange", params);
    }
    editor.ask("shutdown", Value::Null).unwrap();
    assert_eq!(editor.ask("kubevet/judged", Value::Null).unwrap_err()["code"], -32600);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.wait(), Some(0));
    // An editor that goes away is not told that all is well.
    assert_eq!(Editor::start(scratch.path()).wait(), Some(1));
    let mut editor = Editor::start(scratch.path());
    editor.send(b"Content-Length: 99999999999999\r\n\r\n");
    assert_eq!(editor.wait(), Some(1));
}
