//! `kubevet lsp` with a real editor: Neovim, headless.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::fs;
use std::process::Command;

use common::{ADD_PROBE, DEPLOYMENT, PROBE_RULE, Scratch, has_tool, repository, with_fix};
use serde_json::{Value, json};

#[test]
fn neovim_shows_follows_and_mends() {
    if !has_tool("nvim", "kubevet lsp with Neovim") {
        return;
    }
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n";
    let deployment = DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: 1\n  selector");
    let scratch = Scratch::project()
        .file("policies/demo/probe.rego", &with_fix(PROBE_RULE, ADD_PROBE))
        .file("base/deployment.yaml", &deployment)
        .file("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\npatches: [{path: patch.yaml}]\n")
        .file("overlays/prod/patch.yaml", patch);
    let out = scratch.path().join("out.json");
    let script = repository().join("validator/kubevet/tests/neovim.lua").canonicalize().unwrap();
    let output = Command::new("nvim")
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "--cmd", "set nomore", "-c"])
        .arg(format!("luafile {}", script.display()))
        .current_dir(scratch.path())
        .env("KUBEVET", env!("CARGO_BIN_EXE_kubevet"))
        .env("OUT", &out)
        .env("HOME", scratch.path())
        .output()
        .unwrap();
    let said = fs::read_to_string(&out).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["error"], Value::Null, "{said:#}");
    let message = |environment: &str| {
        format!(
            "{environment}: Deployment web-{environment}/web: container \"web\" has no livenessProbe\nhelp: Add livenessProbe to the container."
        )
    };
    assert_eq!(said["diagnostics"], json!([[12, 1, message("prod")], [12, 2, message("dev")]]));
    let hover = said["hover"].as_str().unwrap();
    let rows: Vec<&str> = hover.lines().filter(|line| line.starts_with("| dev") || line.starts_with("| prod")).collect();
    assert_eq!(hover.lines().next(), Some("`spec.replicas` of Deployment `web`"), "{hover}");
    assert!(rows[0].starts_with("| dev | `1` | [`base/deployment.yaml:6`](file://"), "{hover}");
    assert!(
        rows[1].starts_with("| prod | `3` | [`overlays/prod/patch.yaml:6`](file://") && rows[1].contains("base/deployment.yaml:6"),
        "{hover}"
    );
    assert_eq!(said["definition"], json!(["overlays/prod/patch.yaml", 6]));
    let actions: Vec<&str> = said["actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(actions.contains(&"Accept demo/probe here: say why") && actions.contains(&"Add a probe"), "{actions:?}");
    assert_eq!(said["edited"][1], "        # kubevet: allow demo/probe because ");
    let mended = format!("{deployment}          livenessProbe:\n            tcpSocket:\n              port: 80\n");
    assert_eq!(said["mended"], json!(mended.lines().collect::<Vec<_>>()));
}
