//! Runs the Python suites below `tests/` at the repository's root: the stack's configuration and the Jobs' scripts against real servers.
//!
//! They are part of `cargo test` so that one command runs every test; without Python they are reported as skipped.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a test helper, outside the test functions that clippy exempts")]

use std::path::Path;
use std::process::Command;

#[test]
fn jobs() {
    run("jobs");
}

#[test]
fn stack() {
    run("stack");
}

/// Runs one suite and shows its output, in which skipped tests say what they lack.
fn run(suite: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(suite);
    if Command::new("python3").arg("--version").output().is_err() {
        println!("SKIPPED: python3 is not on PATH, so {} did not run", directory.display());
        return;
    }
    let output = Command::new("python3")
        .args(["-B", "-m", "unittest", "discover", "--verbose", "--start-directory"])
        .arg(&directory)
        .output()
        .expect("python3 starts");
    let text = String::from_utf8_lossy(&output.stderr);
    println!("{text}{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "the suite {suite} failed:\n{text}");
    assert!(!text.contains("Ran 0 tests"), "the suite {suite} has no tests");
}
