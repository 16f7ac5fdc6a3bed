//! `kubevet schemas`

use std::io;

use clap::{Args, ValueEnum};

use super::{ColorChoice, output};
use crate::problem::{Problem, invalid};
use crate::schemas;

/// Arguments of `schemas`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet schemas
  kubevet schemas gateway           what has this in its name
  kubevet schemas --format json cert-manager.io

A CustomResourceDefinition in policies/schemas, or among what is checked, takes
the place of the schema that kubevet carries.")]
pub(super) struct SchemasArgs {
    /// Only those with this in group, kind or project.
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// human or json.
    #[arg(long, short, value_name = "FORMAT", default_value = "human", hide_default_value = true, hide_possible_values = true)]
    format: Format,
}

/// How to write the list.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// Runs `schemas` and gives its exit code.
pub(super) fn run(args: &SchemasArgs, color: ColorChoice) -> io::Result<u8> {
    let text = args.text.as_deref().unwrap_or_default();
    let found = schemas::containing(text);
    if found.is_empty() {
        let error = invalid(format!("kubevet carries no schema with {text:?} in its group, kind or project"));
        let help = "put the kind's CustomResourceDefinition into policies/schemas; `kubevet schemas` lists what there is";
        return Ok(output::fail(vec![Problem::configuration("unknown-schema", error.help(help))], color));
    }
    output::text_to_stdout(|out| match args.format {
        Format::Human => schemas::write(&found, out),
        Format::Json => schemas::write_json(&found, out),
    })?;
    Ok(0)
}
