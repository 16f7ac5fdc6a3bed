//! Small kustomizations, a topic a file, and what `kubectl kustomize` makes of them.
//!
//! The cases are in `tests/data/builds`: `=== name`, then each file behind a line `-- path`, then what kubectl prints behind `-- output` or,
//! where it refuses to build, what this crate says behind `-- error`. A file may be given as `-- escaped path` (with `\\n`, `\\r` and `\\\\`) or
//! `-- base64 path`; `-- build` names the directory to build. Where kubectl is on PATH, it must agree, unless the error is that a feature is
//! not supported; `RECORD=1` writes the expectations anew.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::panic)]

mod kubectl;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kustomize::ErrorKind;

/// A kustomization and what becomes of it.
struct Case {
    name: String,
    /// As they are written in the case.
    files: Vec<(String, String)>,
    /// The directory to build.
    root: String,
    expected: Option<Outcome>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Output(String),
    Error(String),
}

fn data(topic: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/builds").join(topic).with_extension("txt")
}

fn read(text: &str) -> Vec<Case> {
    text.split("=== ").skip(1).map(read_case).collect()
}

fn read_case(text: &str) -> Case {
    let (name, rest) = text.split_once('\n').unwrap();
    let mut case = Case { name: name.to_owned(), files: Vec::new(), root: String::new(), expected: None };
    for section in format!("\n{rest}").split("\n-- ").skip(1) {
        let (path, content) = section.split_once('\n').unwrap_or((section, ""));
        let content = if content.is_empty() { String::new() } else { format!("{}\n", content.trim_end_matches('\n')) };
        match path {
            "build" => case.root = content.trim_end().to_owned(),
            "output" => case.expected = Some(Outcome::Output(content)),
            "error" => case.expected = Some(Outcome::Error(content)),
            _ => case.files.push((path.to_owned(), content)),
        }
    }
    case
}

fn write(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases {
        writeln!(text, "=== {}", case.name).unwrap();
        for (path, content) in &case.files {
            write!(text, "-- {path}\n{content}").unwrap();
        }
        if !case.root.is_empty() {
            writeln!(text, "-- build\n{}", case.root).unwrap();
        }
        match &case.expected {
            Some(Outcome::Output(output)) => write!(text, "-- output\n{output}").unwrap(),
            Some(Outcome::Error(error)) => write!(text, "-- error\n{error}").unwrap(),
            None => {}
        }
    }
    text
}

impl Case {
    fn lay_out(&self, directory: &Path) {
        for (path, content) in &self.files {
            let (path, content) = match path.split_once(' ') {
                Some(("base64", path)) => (path, STANDARD.decode(content.trim_end()).unwrap()),
                Some(("escaped", path)) => (path, unescape(content.trim_end_matches('\n')).into_bytes()),
                _ => (path.as_str(), content.clone().into_bytes()),
            };
            let path = directory.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let escaped = if char == '\\' { chars.next() } else { None };
        plain.push(match escaped {
            Some('n') => '\n',
            Some('r') => '\r',
            Some(other) => other,
            None => char,
        });
    }
    plain
}

fn ours(directory: &Path, root: &str) -> Outcome {
    let built = if root.is_empty() { directory.to_owned() } else { directory.join(root) };
    let result = kustomize::build(&built);
    // The second time all bases are there already.
    let builder = kustomize::Builder::default();
    for _ in 0..2 {
        assert_eq!(format!("{:?}", builder.build(&built)), format!("{result:?}"));
    }
    match result {
        Ok(render) => Outcome::Output(render.to_yaml()),
        Err(error) => {
            let unsupported = if error.kind == ErrorKind::Unsupported { UNSUPPORTED } else { "" };
            let text = format!("{unsupported}{error}\n").replace(&format!("{}/", directory.display()), "");
            Outcome::Error(text.replace(&directory.display().to_string(), "."))
        }
    }
}

const UNSUPPORTED: &str = "unsupported: ";

fn check(topic: &str) {
    let record = std::env::var_os("RECORD").is_some();
    let has_kubectl = kubectl::is_reference();
    let path = data(topic);
    let mut cases = read(&std::fs::read_to_string(&path).unwrap());
    assert!(!cases.is_empty());
    let mut failures = String::new();
    for case in &mut cases {
        let directory = tempfile::tempdir().unwrap();
        case.lay_out(directory.path());
        let ours = ours(directory.path(), &case.root);
        let unsupported = matches!(&ours, Outcome::Error(error) if error.starts_with(UNSUPPORTED));
        if has_kubectl && unsupported && record {
            case.expected = Some(ours.clone());
        } else if has_kubectl && !unsupported {
            match (kubectl::kustomize(&directory.path().join(&case.root)), &ours) {
                (Ok(theirs), _) if record => case.expected = Some(Outcome::Output(theirs)),
                (Err(_), Outcome::Error(error)) if record => case.expected = Some(Outcome::Error(error.clone())),
                (Ok(theirs), Outcome::Output(ours)) if *ours == theirs => {}
                (Err(_), Outcome::Error(_)) => {}
                (theirs, _) => writeln!(failures, "{topic}: {}: kubectl has {theirs:?}", case.name).unwrap(),
            }
        }
        if case.expected.as_ref() != Some(&ours) {
            writeln!(failures, "{topic}: {}: expected {:?}, got {ours:?}", case.name, case.expected).unwrap();
        }
    }
    if record && has_kubectl {
        std::fs::write(path, write(&cases)).unwrap();
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn strategic_merge() {
    check("strategic");
}

#[test]
fn json_patches() {
    check("json6902");
}

#[test]
fn replacements() {
    check("replacements");
}

#[test]
fn bookkeeping() {
    check("bookkeeping");
}

#[test]
fn shared_labels() {
    check("shared");
}

#[test]
fn vars() {
    check("vars");
}

#[test]
fn resources() {
    check("resources");
}

#[test]
fn file() {
    check("file");
}

#[test]
fn components() {
    check("components");
}

#[test]
fn namespace() {
    check("namespace");
}

#[test]
fn names() {
    check("names");
}

#[test]
fn metadata() {
    check("metadata");
}

#[test]
fn replicas() {
    check("replicas");
}

#[test]
fn images() {
    check("images");
}

#[test]
fn generators() {
    check("generators");
}

#[test]
fn patches() {
    check("patches");
}

#[test]
fn configurations() {
    check("configurations");
}

#[test]
fn plugins() {
    check("plugins");
}

#[test]
fn value_add() {
    check("value-add");
}

#[test]
fn sort() {
    check("sort");
}

#[test]
fn metadata_of_builds() {
    check("metadata-of-builds");
}

#[test]
fn refused() {
    check("refused");
}

#[test]
fn yaml() {
    check("yaml");
}

#[test]
fn repeated_keys() {
    check("repeated-keys");
}

#[test]
fn openapi() {
    check("openapi");
}

#[test]
fn corners() {
    check("corners");
}
