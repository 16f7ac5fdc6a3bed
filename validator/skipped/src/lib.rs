//! How a test says that it did not run, and how whoever started the tests hears of it.
//!
//! What a test prints, libtest keeps to itself unless the test fails. So [`note`] writes past it, to standard error, and to the file that
//! [`FILE`] names: `cargo xtask test` sets it, and prints all notes at the end.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

/// The environment variable with the file that notes are added to, a line each.
pub const FILE: &str = "SKIPPED_TESTS";

/// Notes that a test, or a part of one, did not run. `what` is one line: what is missing, and what did not run for it.
pub fn note(what: &str) {
    let line = format!("SKIPPED: {}\n", what.replace('\n', " "));
    // A note that can't be written must not fail a test that had nothing to say.
    let _ = io::stderr().write_all(line.as_bytes());
    if let Some(file) = env::var_os(FILE).as_deref().filter(|file| !file.is_empty()) {
        let _ = append(file, &line);
    }
}

/// One write, so that notes of tests that run at once stay apart.
fn append(file: &OsStr, line: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(line.as_bytes())
}

/// The notes in a file, each once, in order; none where there is no file.
///
/// # Errors
/// If the file can't be read.
pub fn notes(file: &Path) -> io::Result<Vec<String>> {
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let mut notes: Vec<String> = text.lines().filter_map(|line| line.strip_prefix("SKIPPED: ")).map(str::to_owned).collect();
    notes.sort_unstable();
    notes.dedup();
    Ok(notes)
}
