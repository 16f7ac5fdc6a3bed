//! Tasks of this workspace that no build runs by itself: `cargo run -p xtask -- <task>`.

mod tables;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- schema-tables OPENAPI_DIR

schema-tables  regenerates validator/facts/src/schema/tables/ from OPENAPI_DIR, which holds one directory for each
               Kubernetes version, each with what that API server serves at /openapi/v2 (v2.json or v2.json.gz)
";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["schema-tables", dir] => tables::generate(Path::new(dir)),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(report) => {
            say(&report);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&error.to_string());
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stderr, reason = "a task talks to the person who runs it")]
fn say(text: &str) {
    eprintln!("{}", text.trim_end());
}
