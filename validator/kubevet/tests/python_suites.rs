//! Runs the Python suites below `tests/` at the repository's root: the stack's configuration and the Jobs' scripts against real servers, and the language
//! server with a client of others.
//!
//! They are part of `cargo test` so that one command runs every test; what they skip is noted as that of our own tests is.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a test helper, outside the test functions that clippy exempts")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[test]
fn jobs() {
    run("jobs");
}

#[test]
fn lsp() {
    run("lsp");
}

#[test]
fn stack() {
    run("stack");
}

/// Runs one suite and shows its output, in which skipped tests say what they lack.
fn run(suite: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(suite);
    if Command::new("python3").arg("--version").output().is_err() {
        skipped::note(&format!("python3 is not on PATH, so tests/{suite} did not run"));
        return;
    }
    let output = Command::new("python3")
        .args(["-B", "-m", "unittest", "discover", "--verbose", "--start-directory"])
        .arg(&directory)
        .env("KUBEVET", env!("CARGO_BIN_EXE_kubevet"))
        .output()
        .expect("python3 starts");
    let text = String::from_utf8_lossy(&output.stderr);
    println!("{text}{}", String::from_utf8_lossy(&output.stdout));
    notes(&text).iter().for_each(|note| skipped::note(&format!("{note} (tests/{suite})")));
    assert!(output.status.success(), "the suite {suite} failed:\n{text}");
    assert!(!text.contains("Ran 0 tests"), "the suite {suite} has no tests");
}

/// What a suite says that it skips, without what a longer note says as well: of a whole file on a line of its own, of a test behind its name. A
/// test that runs elsewhere is not skipped.
fn notes(text: &str) -> BTreeSet<String> {
    let file = |line: &str| Some(line.strip_prefix("SKIPPED: ")?.to_owned());
    let test = |line: &str| Some(line.split_once("... skipped ")?.1.trim_matches(['\'', '"']).trim_start_matches("SKIPPED: ").to_owned());
    let found: BTreeSet<String> = text.lines().filter_map(|line| file(line).or_else(|| test(line))).collect();
    let is_said = |note: &String| found.iter().any(|other| other != note && other.contains(note.as_str()));
    found.iter().filter(|note| !note.starts_with("elsewhere: ") && !is_said(note)).cloned().collect()
}

#[test]
fn what_a_suite_skips_is_noted() {
    let text = "SKIPPED: the drill did not run: no server\n\
                test_a (a.A.test_a) ... skipped 'SKIPPED: redis-server is not installed'\n\
                test_b (a.A.test_b) ... skipped 'SKIPPED: redis-server is not installed'\n\
                test_c (a.A.test_c) ... ok\n\
                test_d (a.A.test_d)\nWhat it is about ... skipped 'no server'\n\
                test_e (a.A.test_e) ... skipped \"it isn't here\"\n\
                test_f (a.A.test_f) ... skipped 'elsewhere: in a room of its own'\n";
    let expected = ["it isn't here", "redis-server is not installed", "the drill did not run: no server"];
    assert_eq!(notes(text).into_iter().collect::<Vec<_>>(), expected);
}
