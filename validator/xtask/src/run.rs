//! Runs every test, and says what was skipped where people look: at the end.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Runs `cargo test` with more arguments, and gives its exit code.
pub(crate) fn tests(arguments: &[String]) -> ExitCode {
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            crate::say(&error.to_string());
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let file = notes()?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["test", "--workspace", "--locked"]).args(arguments).env(skipped::FILE, &file).status()?;
    let skipped = skipped::notes(&file)?;
    if skipped.is_empty() {
        crate::say("\nno test was skipped");
    } else {
        crate::say(&format!("\nskipped on this machine:\n{}", skipped.iter().map(|note| format!("- {note}\n")).collect::<String>()));
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The file for notes: the one of whoever has notes of their own, else a new one beside what is built.
fn notes() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(file) = env::var_os(skipped::FILE).filter(|file| !file.is_empty()) {
        return Ok(file.into());
    }
    let program = env::current_exe()?;
    let file = program.ancestors().nth(2).ok_or("the program is in no target directory")?.join("skipped-tests");
    fs::write(&file, "")?;
    Ok(file)
}
