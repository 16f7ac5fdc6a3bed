//! Small kustomizations with patches, replacements and vars, and what `kubectl kustomize` makes of them.
//!
//! The cases are in `tests/data/builds`: `=== name`, then each file behind a line `-- path`, then what kubectl prints behind `-- output` or,
//! where it refuses to build, what this crate says behind `-- error`. Where kubectl is on PATH, it must agree; `RECORD=1` writes the
//! expectations anew.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod kubectl;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A kustomization and what becomes of it.
struct Case {
    name: String,
    files: Vec<(String, String)>,
    expected: Option<Outcome>,
}

#[derive(Debug, PartialEq, Eq)]
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
    let mut case = Case { name: name.to_owned(), files: Vec::new(), expected: None };
    for section in format!("\n{rest}").split("\n-- ").skip(1) {
        let (path, content) = section.split_once('\n').unwrap_or((section, ""));
        let content = if content.is_empty() { String::new() } else { format!("{}\n", content.trim_end_matches('\n')) };
        match path {
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
            let path = directory.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
}

fn ours(directory: &Path) -> Outcome {
    match kustomize::build(directory) {
        Ok(render) => Outcome::Output(render.to_yaml()),
        Err(error) => Outcome::Error(format!("{error}\n").replace(&format!("{}/", directory.display()), "")),
    }
}

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
        let ours = ours(directory.path());
        if has_kubectl {
            match (kubectl::kustomize(directory.path()), &ours) {
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
fn vars() {
    check("vars");
}
