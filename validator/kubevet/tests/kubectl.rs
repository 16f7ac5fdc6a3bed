//! When kubectl is asked, and when not: a stand-in for it leaves a mark where it ran.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use common::{Scratch, kubevet};

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

/// A directory with a stand-in for kubectl that ends as the script says.
fn scratch(script: &str) -> Scratch {
    let scratch = Scratch::empty().file("bin/kubectl", &format!("#!/bin/sh\n: > ran\n{script}\n")).file("map.yaml", MAP);
    std::fs::set_permissions(scratch.path().join("bin/kubectl"), std::fs::Permissions::from_mode(0o755)).unwrap();
    scratch.file("nothing.json", "{}")
}

/// One that prints an object.
fn printing() -> Scratch {
    scratch("cat map.yaml")
}

fn run(scratch: &Scratch, arguments: &[&str]) -> (Output, String, bool) {
    let path = std::env::join_paths([scratch.path().join("bin"), "/usr/bin".into(), "/bin".into()]).unwrap();
    let output = kubevet().args(arguments).current_dir(scratch.path()).env("PATH", path).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let ran = std::fs::remove_file(scratch.path().join("ran")).is_ok();
    (output, text, ran)
}

/// What kubevet doesn't build: a transformer in the place of a validator.
const VALIDATED: &str = "resources: [map.yaml]\nvalidators: [\"apiVersion: builtin\\nkind: LabelTransformer\\nmetadata: {name: a}\\n\"]\n";

#[test]
fn nothing_is_asked_unless_a_person_says_so() {
    let scratch = printing().file("kustomization.yaml", VALIDATED);
    for arguments in [&["check", "-e", "prod"][..], &["graph", "."], &["render", "."]] {
        let (output, text, ran) = run(&scratch, arguments);
        assert!(!ran && output.status.code() == Some(3), "{arguments:?}: {text}");
        assert!(text.contains("kustomization.yaml:2:1") && text.contains("--renderer auto"), "{text}");
    }
    let (_, text, ran) = run(&scratch, &["check", "-e", "prod", "--renderer", "auto"]);
    assert!(ran && text.contains("warning[kubectl-fallback] kubectl rendered ."), "{text}");
}

#[test]
fn charts_have_advice_of_their_own() {
    let scratch = printing().file("kustomization.yaml", "helmCharts: [{name: x}]\n");
    let (_, text, _) = run(&scratch, &["check", "-e", "prod"]);
    assert!(text.contains("`x` is a chart of Helm's") && text.contains("run `kubevet vendor`, which asks your helm"), "{text}");
}

#[test]
fn nothing_is_asked_for_what_is_remote() {
    let base = "resources: [base]\nvalidators: [map.yaml]\n";
    let plugin = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: x}\n";
    let cases = [
        ("kustomization.yaml:1", "resources: [https://example.com/a.yaml]\n", "", ""),
        ("kustomization.yaml:1", "Resources: [\"github.com/a/b?ref=v1\"]\n", "", ""),
        ("kustomization.yaml:3", "resources: [map.yaml]\nopenapi:\n  path: http://example.com/x.json\n", "", ""),
        ("kustomization.yaml:2", "validators: [map.yaml]\ncrds: [https://example.com/x.json]\n", "", ""),
        ("kustomization.yaml:2", "validators: [map.yaml]\nconfigMapGenerator: [{name: x, files: [\"k=https://example.com/x\"]}]\n", "", ""),
        ("kustomization.yaml:2", "validators: [map.yaml]\npatches: [{path: \"https://example.com/x\"}]\n", "", ""),
        ("kustomization.yaml:2", "validators: [map.yaml]\nfuture: {field: [\"ssh://git@example.com/x\"]}\n", "", ""),
        ("base/kustomization.yaml:1", base, "base/kustomization.yaml", "resources: [\"git@example.com:a/b\"]\n"),
        ("base/kustomization.yml:1", base, "base/kustomization.yml", "components: [\"git::https://example.com/a/b\"]\n"),
        ("p.yaml:4", "validators: [map.yaml]\ngenerators: [p.yaml]\n", "p.yaml", &format!("{plugin}files: [https://example.com/x]\n")),
        ("p.yaml:4", "validators: [map.yaml]\ntransformers: [base]\n", "base/kustomization.yaml", "resources: [p.yaml]\n"),
        (
            "kustomization.yaml:2",
            &format!("validators: [map.yaml]\ngenerators: [\"{plugin}files: [https://example.com/x]\"]\n")
                .replace("x}\n", "x}\\n")
                .replace("r\n", "r\\n")
                .replace("builtin\n", "builtin\\n"),
            "",
            "",
        ),
    ];
    for (place, kustomization, file, text) in cases {
        let scratch = printing().file("kustomization.yaml", kustomization);
        scratch.write("base/p.yaml", format!("{plugin}files: [https://example.com/x]\n"));
        if !file.is_empty() {
            scratch.write(file, text);
        }
        for renderer in ["auto", "kubectl"] {
            let (output, text, ran) = run(&scratch, &["render", ".", "--renderer", renderer]);
            assert!(!ran && output.status.code() == Some(3), "{renderer}: {kustomization}\n{text}");
            assert!(
                ["never goes to the network", "kubectl could not", "unknown field", "no builtin transformer"]
                    .iter()
                    .any(|said| text.contains(said)),
                "{text}"
            );
            assert!(text.contains(&format!("{place}:")) || !place.starts_with("kust"), "{place}: {text}");
        }
    }
    // Content that only speaks of addresses.
    let harmless = "resources: [map.yaml]\nvalidators: [map.yaml]\ncommonAnnotations: {a: \"https://example.com\"}\n\
                    images: [{name: a, newName: example.com/a}]\nconfigMapGenerator: [{name: x, literals: [\"u=https://example.com\"]}]\n";
    let (_, text, ran) = run(&printing().file("kustomization.yaml", harmless), &["check", "-e", "prod", "--renderer", "auto"]);
    assert!(ran, "{text}");
}

#[test]
fn what_kubectl_says_is_shown_without_its_log() {
    let said = "E1128 20:49:18.560352   27498 run.go:72] \"command failed\" err=\"accumulating resources: no such \\\"thing\\\"\"";
    let scratch = scratch(&format!("echo '{said}' >&2; exit 1")).file("kustomization.yaml", VALIDATED);
    let (output, text, ran) = run(&scratch, &["check", "-e", "prod", "--renderer", "auto"]);
    assert!(ran && output.status.code() == Some(3), "{text}");
    assert!(text.contains("accumulating resources: no such") && !text.contains("run.go"), "{text}");
}
