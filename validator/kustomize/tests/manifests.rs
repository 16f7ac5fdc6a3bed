//! Plain manifests and rendered streams, as kubectl reads them.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cpu;
mod kubectl;

use kustomize::{Node, Render, read_manifests};
use std::time::Duration;

fn read(text: &str) -> Render {
    read_manifests("stream.yaml".as_ref(), text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn refused(text: &str) -> String {
    read_manifests("stream.yaml".as_ref(), text).expect_err(text).to_string()
}

fn names(render: &Render) -> Vec<String> {
    let name = |object: &Node| format!("{} {}", object.str_at(&["kind"]).unwrap(), object.str_at(&["metadata", "name"]).unwrap());
    render.objects.iter().map(name).collect()
}

fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
}

#[test]
fn streams() {
    let (a, b) = (config_map("a"), config_map("b"));
    let both = ["ConfigMap a", "ConfigMap b"];
    for text in [
        format!("{a}---\n{b}"),
        format!("---\n---\n{a}\n---\n# nothing\n---\n{b}---\n"),
        format!("{a}--- # a comment\n{b}"),
        format!("{a}...\n---\n{b}...\n"),
        format!("%YAML 1.1\n---\n{a}---\n{b}"),
        format!("\u{FEFF}{a}---\nnull\n---\n{b}"),
        format!("{a}---\n{b}").replace('\n', "\r\n"),
        // What `kubectl get -o json` prints, and what a loop over it prints.
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}} {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}}"#.to_owned(),
        "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"ConfigMap\",\n\t\"metadata\": {\"name\": \"a\", \"x\": \"\\\"}{\\/ \\ud83c\\udf89\"}\n}\n".to_owned() + &format!("---\n{b}"),
    ] {
        assert_eq!(names(&read(&text)), both, "{text}");
    }
    for text in ["", "\n", "---\n", "# comment\n", "null\n---\n~\n", "---\n...\n"] {
        assert!(read(text).objects.is_empty(), "{text:?}");
    }
}

#[test]
fn lists_are_taken_apart() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n  - metadata: {name: b}\n- {apiVersion: v1, kind: List, items: []}\n";
    let render = read(text);
    assert_eq!(names(&render), ["ConfigMap a", "ConfigMap b"]);
    assert_eq!(render.objects[1].str_at(&["apiVersion"]), Some("v1"));
    // A kind may end in List without being one.
    assert_eq!(names(&read("apiVersion: example.org/v1\nkind: AllowList\nmetadata: {name: a}\n")), ["AllowList a"]);
}

#[test]
fn values_are_those_of_yaml_1_1() {
    let render = read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: no, b: 0755, c: 2001-01-01, d: 1.10, y: }\n");
    assert_eq!(
        render.to_yaml(),
        "apiVersion: v1\ndata:\n  a: false\n  b: 493\n  c: \"2001-01-01\"\n  d: 1.1\n  \"true\": null\nkind: ConfigMap\nmetadata:\n  name: a\n"
    );
}

#[test]
fn errors_say_where() {
    let a = config_map("a");
    for (text, expected) in [
        ("- a\n".to_owned(), "stream.yaml:1:1: this document is not a Kubernetes object: it is not a map"),
        (format!("{a}---\nhello\n"), "stream.yaml:6:1: this document is not a Kubernetes object: it is not a map"),
        ("apiVersion: v1\n".to_owned(), "stream.yaml:1:1: this document is not a Kubernetes object: it has no kind"),
        ("kind: ConfigMap\n".to_owned(), "stream.yaml:1:1: this document is not a Kubernetes object: it has no apiVersion"),
        ("kind: 1\napiVersion: v1\n".to_owned(), "stream.yaml:1:1: this document is not a Kubernetes object: it has no kind"),
        (
            "apiVersion: v1\nkind: List\nitems:\n- a: 1\n  kind: Pod\n".to_owned(),
            "stream.yaml:4:3: this document is not a Kubernetes object: it has no apiVersion",
        ),
        (format!("{a}---\na: [\n---\n{a}"), "stream.yaml:6:4: not valid YAML: "),
        (format!("{a}---\n{a}\tx: 1\n"), "stream.yaml:9:9: not valid YAML: while scanning a plain scalar, found a tab"),
        (format!("{a}data: \"\0\"\n"), "stream.yaml:5:8: control characters are not allowed in YAML (U+0000)"),
        ("{{- if .Values.enabled }}\na: 1\n".to_owned(), "stream.yaml:1:"),
        ("{\"kind\": \"ConfigMap\",}{\"kind\" 1}".to_owned(), "stream.yaml:1:"),
        ("Error: release not found\n".to_owned(), "stream.yaml:1:1: this document is not a Kubernetes object: it has no kind"),
    ] {
        let error = refused(&text);
        assert!(error.starts_with(expected), "{text:?}\n  got {error}\n  not {expected}");
    }
}

/// `kubectl kustomize` reads manifests as strictly as the API server does.
#[test]
fn a_key_must_not_come_twice() {
    let a = config_map("a");
    for (text, line, first) in [
        (format!("{a}data:\n  x: a\n  y: b\n  x: c\n"), 8, 6),
        (format!("{}---\n{a}kind: ConfigMap\n", config_map("b")), 10, 7),
        (format!("{a}data: {{x: a, x: a}}\n"), 5, 5),
        (format!("{a}data:\n  x: a\n  \"x\": b\n"), 7, 6),
        ("apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  apiVersion: v1\n  metadata:\n    name: a\n    name: b\n".to_owned(), 8, 7),
        (
            "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\",\n\"metadata\": {\"name\": \"a\"},\n\"kind\": \"ConfigMap\"}\n".to_owned(),
            3,
            1,
        ),
        // A key that is merged may be overridden, but not twice.
        (format!("{a}data:\n  <<: {{x: a}}\n  x: b\n  x: c\n"), 8, 7),
        (format!("{a}data:\n{}  x3: b\n", (0..40).map(|at| format!("  x{at}: a\n")).collect::<String>()), 46, 9),
    ] {
        let error = read_manifests("stream.yaml".as_ref(), text.as_str()).expect_err(&text);
        let at = |place: &kustomize::Place| place.source.position(place.start).0;
        assert_eq!(error.place.as_ref().map(at), Some(line), "{text}");
        assert!(error.message.ends_with(&format!("already defined at line {first}")), "{error}");
        assert_eq!(error.related.iter().map(|(place, note)| (at(place), note.as_str())).collect::<Vec<_>>(), [(first, "the first one")]);
        assert_eq!(error.help.as_deref(), Some("remove one of the two"));
        assert!(refused_by_kubectl(&text), "{text}");
    }
    for text in [format!("{a}data:\n  <<: {{x: a}}\n  x: b\n"), format!("{a}data:\n  x: b\n  <<: [{{x: a}}, {{x: c}}]\n")] {
        read(&text);
    }
}

/// Whether `kubectl kustomize` refuses a resource; true where there is no kubectl to ask.
fn refused_by_kubectl(text: &str) -> bool {
    if !kubectl::is_reference() {
        return true;
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("kustomization.yaml"), "resources: [stream.yaml]\n").unwrap();
    std::fs::write(directory.path().join("stream.yaml"), text).unwrap();
    kubectl::kustomize(directory.path()).is_err_and(|error| error.contains("already defined"))
}

/// Time grows with the length of a stream, not faster.
#[test]
fn large_streams_are_read_in_time() {
    let begin = cpu::used();
    let text: String = (0..20_000).map(|index| config_map(&format!("a{index}")) + "---\n").collect();
    assert_eq!(read(&text).objects.len(), 20_000);
    let json = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"#.repeat(20_000);
    assert_eq!(read(&json).objects.len(), 20_000);
    let used = cpu::used() - begin;
    assert!(used < Duration::from_secs(30), "{used:?}");
}
