//! Builds that mean harm or are broken: each ends with an error that names the place, soon and without using much memory.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::panic)]

mod cpu;

use std::fs;
use std::path::Path;
use std::time::Duration;

use kustomize::{Error, ErrorKind};

const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

fn write(directory: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// The error of building `root` below `directory`, within a time that leaves room for a slow machine and a build without optimization.
fn error(directory: &Path, root: &str) -> Error {
    let begin = cpu::used();
    let result = kustomize::build(&directory.join(root));
    let used = cpu::used() - begin;
    assert!(used < Duration::from_secs(20), "took {used:?}");
    match result {
        Ok(render) => panic!("built:\n{}", render.to_yaml()),
        Err(error) => error,
    }
}

/// The error of a kustomization with the one resource `content`.
fn resource_error(content: impl AsRef<[u8]>) -> Error {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "kustomization.yaml", "resources: [r.yaml]\n");
    write(directory.path(), "r.yaml", content);
    error(directory.path(), "")
}

/// The file and line that an error points at.
fn place(error: &Error) -> (String, u32) {
    let place = error.place.as_ref().unwrap_or_else(|| panic!("no place: {error}"));
    (place.source.path().file_name().unwrap().to_string_lossy().into_owned(), place.source.position(place.start).0)
}

#[test]
fn a_large_file_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "kustomization.yaml", "resources:\n- r.yaml\n");
    let file = fs::File::create(directory.path().join("r.yaml")).unwrap();
    file.set_len(100 << 20).unwrap();
    let error = error(directory.path(), "");
    assert_eq!((error.kind, place(&error)), (ErrorKind::Limit, ("kustomization.yaml".to_owned(), 2)));
}

#[test]
fn a_large_file_is_no_value_either() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "kustomization.yaml", "configMapGenerator:\n- name: a\n  files: [big]\n");
    let file = fs::File::create(directory.path().join("big")).unwrap();
    file.set_len(100 << 20).unwrap();
    let error = error(directory.path(), "");
    assert_eq!((error.kind, place(&error)), (ErrorKind::Limit, ("kustomization.yaml".to_owned(), 3)));
}

#[test]
fn broken_text_is_an_error_with_a_place() {
    let nested = format!("a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    let bomb = (1..12).fold("a0: &a0 [x, x]\n".to_owned(), |text, at| {
        format!("{text}a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 10].join(", "))
    });
    let cases: [(&str, Vec<u8>); 8] = [
        ("deep nesting", nested.into_bytes()),
        ("an alias bomb", bomb.into_bytes()),
        ("bytes that are not UTF-8", b"kind: \xff\n".to_vec()),
        ("a NUL", b"kind: a\0b\n".to_vec()),
        ("a repeated key", format!("{OBJECT}data:\n  k: a\n  k: b\n").into_bytes()),
        ("a tab for indentation", format!("{OBJECT}data:\n\tk: a\n").into_bytes()),
        ("an unknown alias", format!("{OBJECT}data: *nothing\n").into_bytes()),
        ("text behind a separator", format!("{OBJECT}--- x\n{OBJECT}").into_bytes()),
    ];
    for (what, content) in cases {
        let error = resource_error(content);
        assert!(matches!(error.kind, ErrorKind::Syntax | ErrorKind::Invalid | ErrorKind::Limit), "{what}: {error}");
        assert_eq!(place(&error).0, "r.yaml", "{what}: {error}");
    }
}

#[test]
fn a_directory_where_a_file_should_be() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("d")).unwrap();
    for (text, line) in [
        ("patches:\n- path: d\n", 2),
        ("configMapGenerator:\n- name: a\n  files: [d]\n", 3),
        ("configurations:\n- d\n", 2),
        ("crds: [d]\n", 1),
    ] {
        write(directory.path(), "kustomization.yaml", text);
        let error = error(directory.path(), "");
        assert_eq!((error.kind, place(&error)), (ErrorKind::Invalid, ("kustomization.yaml".to_owned(), line)), "{error}");
    }
}

#[test]
fn a_kustomization_that_is_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("kustomization.yaml")).unwrap();
    assert_eq!(error(directory.path(), "").kind, ErrorKind::Invalid);
}

#[test]
fn what_is_not_a_directory_is_not_built() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "file", "");
    assert_eq!(error(directory.path(), "file").kind, ErrorKind::Io);
    assert_eq!(error(directory.path(), "absent").kind, ErrorKind::Io);
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_root() {
    use std::os::unix::fs::symlink;
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "secret.yaml", OBJECT);
    write(directory.path(), "root/kustomization.yaml", "resources: [r.yaml]\n");
    symlink("../secret.yaml", directory.path().join("root/r.yaml")).unwrap();
    let outside = error(directory.path(), "root");
    assert_eq!((outside.kind, place(&outside)), (ErrorKind::Invalid, ("kustomization.yaml".to_owned(), 1)), "{outside}");
    // Neither does a link of the kustomization file itself, nor one that goes round in circles.
    write(directory.path(), "k.yaml", "resources: []\n");
    fs::create_dir(directory.path().join("linked")).unwrap();
    symlink("../k.yaml", directory.path().join("linked/kustomization.yaml")).unwrap();
    assert_eq!(error(directory.path(), "linked").kind, ErrorKind::Invalid);
    write(directory.path(), "loop/kustomization.yaml", "resources: [r.yaml]\n");
    symlink("r.yaml", directory.path().join("loop/r.yaml")).unwrap();
    assert_eq!(error(directory.path(), "loop").kind, ErrorKind::Io);
}

#[cfg(unix)]
#[test]
fn a_cycle_through_a_link_is_one() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "a/kustomization.yaml", "resources: [b]\n");
    std::os::unix::fs::symlink("../a", directory.path().join("a/b")).unwrap();
    let error = error(directory.path(), "a");
    assert!(error.message.contains("cycle"), "{error}");
}

#[test]
fn long_chains_of_bases_end() {
    let directory = tempfile::tempdir().unwrap();
    for at in 0..2_000 {
        write(directory.path(), &format!("b{at}/kustomization.yaml"), format!("resources: [../b{}]\n", at + 1));
    }
    let error = error(directory.path(), "b0");
    assert_eq!(error.kind, ErrorKind::Limit, "{error}");
}

#[test]
fn definitions_that_refer_to_each_other_end() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "kustomization.yaml", "crds: [crd.json]\n");
    write(
        directory.path(),
        "crd.json",
        r#"{"x.v1.A": {"Schema": {"properties": {"kind": {}, "apiVersion": {}, "metadata": {}, "a": {"$ref": "x.v1.A"}, "b": {"$ref": "x.v1.A"}}}}}"#,
    );
    assert_eq!(error(directory.path(), "").kind, ErrorKind::Limit);
}

#[test]
fn a_windows_file_with_a_mark_is_read() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "kustomization.yaml", "\u{feff}resources: [r.yaml]\r\n");
    write(directory.path(), "r.yaml", format!("\u{feff}{}", OBJECT.replace('\n', "\r\n")));
    let render = kustomize::build(directory.path()).unwrap();
    assert_eq!(render.to_yaml(), OBJECT);
}
