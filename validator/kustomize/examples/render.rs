//! Prints a build, for measuring the engine alone: `render DIRECTORY`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let directory = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let (text, code, mut out): (String, ExitCode, Box<dyn Write>) = match kustomize::build(Path::new(&directory)) {
        Ok(render) => (render.to_yaml(), ExitCode::SUCCESS, Box::new(std::io::stdout().lock())),
        Err(error) => (format!("{:?}: {error}\n", error.kind), ExitCode::FAILURE, Box::new(std::io::stderr().lock())),
    };
    if out.write_all(text.as_bytes()).is_err() { ExitCode::FAILURE } else { code }
}
