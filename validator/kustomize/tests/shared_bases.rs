//! Builds that share their bases: each gives what it gives alone, down to every origin, note and input.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use kustomize::Builder;

fn write(directory: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Builds the directories, each on a thread of its own, again and again, and compares with what they give alone.
fn agree(directories: &[PathBuf]) {
    let alone: Vec<String> = directories.iter().map(|directory| format!("{:?}", kustomize::build(directory))).collect();
    for _ in 0..20 {
        let builder = &Builder::default();
        thread::scope(|scope| {
            let threads: Vec<_> =
                directories.iter().map(|directory| scope.spawn(move || format!("{:?}", builder.build(directory)))).collect();
            for (thread, alone) in std::iter::zip(threads, &alone) {
                assert_eq!(&thread.join().unwrap(), alone);
            }
        });
    }
}

/// A base with a base, a generator, a note and a removal.
const BASE: [(&str, &str); 5] = [
    ("base/kustomization.yaml", "resources: [inner, d.yaml]\nconfigMapGenerator:\n- name: c\n  envs: [c.env]\nnamePrefix: x-\n"),
    ("base/c.env", "A=1\n"),
    ("base/d.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: d\n  labels: {a: b, c: d}\nspec:\n  externalName: 010\n"),
    ("base/inner/kustomization.yaml", "resources: [p.yaml]\npatches:\n- patch: '[{op: remove, path: /spec/a}]'\n  target: {kind: P}\n"),
    ("base/inner/p.yaml", "apiVersion: x/v1\nkind: P\nmetadata:\n  name: p\nspec:\n  a: 1\n  b: 2\n"),
];

#[test]
fn overlays_of_one_base() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), &BASE);
    let patch = "resources: [../base]\npatches:\n- patch: '{apiVersion: x/v1, kind: P, metadata: {name: p}, spec: {b: 3}}'\n";
    write(
        directory.path(),
        &[
            ("a/kustomization.yaml", patch),
            ("b/kustomization.yaml", "resources: [own.yaml, ../base]\nnamespace: b\n"),
            ("b/own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n"),
            ("c/kustomization.yaml", "resources: [../a]\nbuildMetadata: [originAnnotations]\n"),
            ("d/kustomization.yaml", "resources: [../a, ../base/inner]\nnameSuffix: -d\n"),
            ("e/kustomization.yaml", "resources: [../a, ../base]\n"),
        ],
    );
    agree(&["a", "b", "c", "d", "e", "base", "base/inner"].map(|name| directory.path().join(name)));
}

#[test]
fn broken_bases() {
    let directory = tempfile::tempdir().unwrap();
    write(
        directory.path(),
        &[
            ("broken/kustomization.yaml", "resources: [missing.yaml]\n"),
            ("empty/a.yaml", ""),
            ("component/kustomization.yaml", "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"),
            ("a/kustomization.yaml", "resources: [../broken]\n"),
            ("b/kustomization.yaml", "resources:\n- ../broken\n"),
            ("c/kustomization.yaml", "resources:\n- ../empty\n"),
            ("d/kustomization.yaml", "resources:\n\n- ../empty\n"),
            ("e/kustomization.yaml", "resources: [../component]\n"),
            ("f/kustomization.yaml", "resources:\n- ../component\n"),
        ],
    );
    agree(&["a", "b", "c", "d", "e", "f"].map(|name| directory.path().join(name)));
}

/// Nobody waits for somebody who waits for them.
#[test]
fn circles() {
    let directory = tempfile::tempdir().unwrap();
    write(
        directory.path(),
        &[
            ("a/kustomization.yaml", "resources: [../b]\n"),
            ("b/kustomization.yaml", "resources: [../c]\n"),
            ("c/kustomization.yaml", "resources: [../a]\n"),
        ],
    );
    agree(&["a", "b", "c"].map(|name| directory.path().join(name)));
}

/// What one build may build on another may not: here the base contains the overlay.
#[test]
fn a_base_above_an_overlay() {
    let directory = tempfile::tempdir().unwrap();
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
    write(
        directory.path(),
        &[
            ("one/kustomization.yaml", "resources: [../middle]\n"),
            ("middle/kustomization.yaml", "resources: [../top]\n"),
            ("top/kustomization.yaml", "resources: [a.yaml]\n"),
            ("top/a.yaml", object),
            ("top/inside/kustomization.yaml", "resources: [../../middle]\n"),
        ],
    );
    agree(&["one", "top/inside"].map(|name| directory.path().join(name)));
    let error = Builder::default().build(&directory.path().join("top/inside")).unwrap_err();
    assert!(error.message.contains("cycle"), "{error}");
}

/// Larger bases than are kept.
#[test]
fn large_bases() {
    let directory = tempfile::tempdir().unwrap();
    let object = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: {}\n", "x".repeat(5 << 20));
    write(
        directory.path(),
        &[
            ("base/kustomization.yaml", "resources: [a.yaml]\n"),
            ("base/a.yaml", &object),
            ("a/kustomization.yaml", "resources: [../base]\n"),
            ("b/kustomization.yaml", "resources: [../base]\n"),
        ],
    );
    let builder = Builder::default();
    for name in ["a", "b"] {
        let directory = directory.path().join(name);
        assert_eq!(builder.build(&directory).unwrap().to_yaml(), kustomize::build(&directory).unwrap().to_yaml());
    }
}

#[test]
fn the_overlays_and_jobs_of_this_repository() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let names = ["overlays/dev", "overlays/staging", "overlays/prod", "jobs/precheck/dev", "jobs/precheck/prod", "jobs/benchmark/staging"];
    let directories = names.map(|name| top.join(name));
    let builder = Builder::default();
    for directory in directories.iter().chain(&directories) {
        assert_eq!(format!("{:?}", builder.build(directory).unwrap()), format!("{:?}", kustomize::build(directory).unwrap()));
    }
}
