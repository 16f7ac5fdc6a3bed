//! `kubevet schema`

use std::io;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{ColorChoice, output};
use crate::editor;
use crate::policy::{Catalog, PolicyFiles};

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet schema environments > policies/environments.schema.json
  kubevet schema waivers > policies/waivers.schema.json

The first line of the file names the schema to editors:
  # yaml-language-server: $schema=waivers.schema.json")]
pub(super) struct SchemaArgs {
    /// environments, waivers, products or workloads (of policies/), kustomization, or report (of check --format json).
    #[arg(value_name = "NAME", hide_possible_values = true, value_parser = PossibleValuesParser::new(editor::SCHEMAS.map(|(name, ..)| name)))]
    name: String,
}

/// Prints the schema.
pub(super) fn run(args: &SchemaArgs, color: ColorChoice) -> io::Result<u8> {
    let catalog = match Catalog::load(&PolicyFiles::embedded()) {
        Ok(catalog) => catalog,
        Err(problems) => return Ok(output::fail(problems, color)),
    };
    // clap has refused every other name.
    let schema = editor::schema(&args.name, &catalog).unwrap_or_default();
    output::to_stdout(|out| writeln!(out, "{schema:#}")).map(|()| 0)
}
