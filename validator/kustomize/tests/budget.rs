//! The budget of a build: whatever multiplies ends with an error at the line that asks for it, and what is shared costs little.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use kustomize::{Builder, Error, ErrorKind, Limits, Render};

const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {a: b, c: x/y}\n";

/// Small, so that these tests are quick without optimization.
const LIMITS: Limits = Limits { values: 20_000, bytes: 1 << 20, steps: 4_000_000 };

fn write(directory: &Path, files: &[(&str, String)]) {
    for (path, text) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn build(files: &[(&str, String)], limits: Limits) -> Result<Render, Error> {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), files);
    Builder::default().with_limits(limits).build(directory.path())
}

/// Objects with the names `a0`, `a1` and so on.
fn objects(count: usize) -> String {
    (0..count).map(|at| format!("---\n{}", OBJECT.replace("name: a", &format!("name: a{at}")))).collect()
}

/// `levels` levels of two bases each, the last of which holds `objects`.
fn diamonds(levels: usize, objects: &str) -> Vec<(String, String)> {
    let mut files = vec![("kustomization.yaml".to_owned(), "resources: [a0, b0]\n".to_owned())];
    for (level, side) in (0..levels).flat_map(|level| [(level, "a"), (level, "b")]) {
        let next = level + 1;
        let text = if next == levels {
            format!("resources: [r.yaml]\nnamePrefix: {side}\n")
        } else {
            format!("resources: [../a{next}, ../b{next}]\nnamePrefix: {side}\n")
        };
        files.push((format!("{side}{level}/kustomization.yaml"), text));
        if next == levels {
            files.push((format!("{side}{level}/r.yaml"), objects.to_owned()));
        }
    }
    files
}

fn named(files: &[(String, String)]) -> Vec<(&str, String)> {
    files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect()
}

#[test]
fn whatever_multiplies_ends() {
    let long = "x".repeat(10_000);
    let pairs = |count: usize| (0..count).map(|at| format!("  k{at}: v\n")).collect::<String>();
    let copies: String = (0..40).map(|at| format!(r#"{{"op": "copy", "from": "/data", "path": "/data/x{at}"}},"#)).collect();
    let replacement = |from: &str, to: &str, options: &str| {
        format!(
            "- source: {{kind: ConfigMap, name: a, fieldPath: {from}}}\n  targets: [{{select: {{name: a}}, fieldPaths: [{to}], options: {options}}}]\n"
        )
    };
    let swap = |at: usize| {
        let (from, to) = if at.is_multiple_of(2) { ("a", "b") } else { ("b", "a") };
        format!(
            "- source: {{kind: ConfigMap, name: {from}, fieldPath: data}}\n  targets: [{{select: {{name: {to}}}, fieldPaths: [data.x{at}], options: {{create: true}}}}]\n"
        )
    };
    let maps: String = (0..60).map(swap).collect();
    let texts = replacement("data.c", "data.c", "{delimiter: /, index: -1}").repeat(60);
    let var = "vars:\n- {name: V, objref: {kind: ConfigMap, name: a, apiVersion: v1}, fieldref: {fieldpath: data.v}}\n";
    let pod = |args: &str| {
        format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: i, args: [{args}]}}]}}\n")
    };
    let values = "values";
    let text = "MiB of text";
    let cases: Vec<(&str, &str, String, String)> = vec![
        ("labels", values, format!("labels:\n- pairs:\n{}", pairs(300).replace("  k", "    k")), objects(200)),
        ("annotations", values, format!("commonAnnotations:\n{}", pairs(300)), objects(200)),
        ("a prefix", text, format!("namePrefix: {long}\n"), objects(200)),
        ("a namespace", text, format!("namespace: {long}\n"), objects(200)),
        (
            "copies into the same",
            values,
            format!("patches: [{{patch: '[{}]', target: {{kind: ConfigMap}}}}]\n", copies.trim_end_matches(',')),
            OBJECT.to_owned(),
        ),
        (
            "a value for many",
            text,
            format!(
                "patches: [{{patch: '[{{\"op\": \"add\", \"path\": \"/data/z\", \"value\": \"{long}\"}}]', target: {{kind: ConfigMap}}}}]\n"
            ),
            objects(200),
        ),
        (
            "a merge into many",
            text,
            format!(
                "patches: [{{patch: '{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {{z: {long}}}}}', target: {{kind: ConfigMap}}}}]\n"
            ),
            objects(200),
        ),
        (
            "a map put into another and back",
            values,
            format!("replacements:\n{maps}"),
            format!("{OBJECT}---\n{}", OBJECT.replace("name: a", "name: b")),
        ),
        ("a text put before itself", text, format!("replacements:\n{texts}"), OBJECT.to_owned()),
        (
            "a variable in one text",
            text,
            var.to_owned(),
            OBJECT.replace("a: b", &format!("v: {long}")) + &pod(&format!("\"{}\"", "$(V)".repeat(500))),
        ),
        ("a variable in many", text, var.to_owned(), OBJECT.replace("a: b", &format!("v: {long}")) + &pod(&"\"-$(V)\", ".repeat(500))),
        (
            "generators",
            text,
            (0..500).fold("configMapGenerator:\n".to_owned(), |text, at| text + &format!("- {{name: g{at}, files: [f]}}\n")),
            OBJECT.to_owned(),
        ),
        (
            "an image's tag",
            text,
            format!("images: [{{name: i, newTag: {long}}}]\n"),
            pod("a").replace("name: p", "name: q")
                + &(0..200).map(|at| pod("a").replace("name: p", &format!("name: p{at}"))).collect::<String>(),
        ),
        (
            "what has worked on it",
            text,
            format!("buildMetadata: [transformerAnnotations]\nimages:\n{}", "- {name: i, newTag: a}\n".repeat(300)),
            objects(100),
        ),
        (
            "large expressions",
            "steps",
            (0..300).fold("patches:\n".to_owned(), |text, at| {
                text + &format!(
                    "- {{patch: '[{{\"op\": \"add\", \"path\": \"/data/q\", \"value\": 1}}]', target: {{name: \".{{0,1000}}{at}\"}}}}\n"
                )
            }),
            OBJECT.to_owned(),
        ),
    ];
    for (what, limit, kustomization, resources) in cases {
        let files = [("kustomization.yaml", format!("resources: [r.yaml]\n{kustomization}")), ("r.yaml", resources), ("f", long.clone())];
        let error = build(&files, LIMITS).map(|render| render.to_yaml().len()).expect_err(what);
        assert_eq!(error.kind, ErrorKind::Limit, "{what}: {error}");
        assert!(error.message.starts_with("the build needs more than ") && error.message.ends_with(limit), "{what}: {error}");
        assert!(error.place.is_some() && error.help.is_some(), "{what}: {error}");
    }
}

#[test]
fn bases_that_double_end() {
    let error = build(&named(&diamonds(30, OBJECT)), LIMITS).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limit, "{error}");
    assert!(error.place.is_some(), "{error}");
}

#[test]
fn a_base_at_the_end_of_many_paths_is_built_twice_at_most() {
    // 8,190 directories to go into, each of which alone counts as thousands of steps.
    let limits = Limits { steps: 4_000_000, ..Limits::default() };
    let render = build(&named(&diamonds(12, OBJECT)), limits).unwrap();
    assert_eq!(render.objects.len(), 4096);
    assert_eq!(render.objects[0].str_at(&["metadata", "name"]), Some("aaaaaaaaaaaaa"));
}
