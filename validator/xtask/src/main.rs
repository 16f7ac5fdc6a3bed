//! Tasks of this workspace that no build runs by itself: `cargo xtask <task>`.

mod book;
mod catalog;
mod enums;
mod run;
mod tables;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask TASK

test [ARGUMENT…]
               runs every test: `cargo test --workspace --locked ARGUMENT…`; ends with a list of what was skipped, and why
book [supports RENDERER]
               what mdBook asks while it builds docs/: adds the pages that are made from kubevet itself
schema-tables OPENAPI_DIR
               regenerates validator/facts/src/schema/tables/ from OPENAPI_DIR, which holds one directory for each
               Kubernetes version (1.36), each with an OpenAPI v2 document (v2.json or v2.json.gz): api/openapi-spec/swagger.json
               of the release, or what a server serves at /openapi/v2. The first has no enums, so that beside it must be the
               Go packages k8s.io/api and k8s.io/apiextensions-apiserver of the release, each in a directory of its name
schema-catalog CRDS_DIR
               regenerates validator/facts/src/schema/custom/catalog/ from CRDS_DIR, which holds INDEX.tsv (project, version, source,
               group, kind, versions, rules, bytes, scope, fields|open|none, Pod template, flags) and for each
               project PROJECT-VERSION.jsonl.gz, one CustomResourceDefinition a line, without descriptions
";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test", ..] => return run::tests(&arguments[1..]),
        ["book"] => book::preprocess().map(|()| String::new()),
        ["book", "supports", _] => Ok(String::new()),
        ["schema-tables", dir] => tables::generate(Path::new(dir)),
        ["schema-catalog", dir] => catalog::generate(Path::new(dir)),
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
