//! `kubevet explain` and `kubevet rules`

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ColorChoice, PolicyArgs, output};
use crate::problem::{Problem, invalid, suggest};
use crate::project::Project;
use crate::{cluster_rules, explain, rules};

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet explain probes/liveness
  kubevet rules                     every rule there is")]
pub(super) struct ExplainArgs {
    /// The rule's id, such as probes/liveness, or admission/NAME for a policy of policies/admission.
    #[arg(value_name = "RULE")]
    rule: String,
    #[command(flatten)]
    policy: PolicyArgs,
}

/// Arguments of `rules`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet rules | grep network/
  kubevet rules --parameters        what the table may say to rules
  kubevet rules --format json       all that each rule says of itself
  kubevet rules --policy policies --policy shared/policies")]
pub(super) struct RulesArgs {
    /// Print the parameters that rules read, and what the table gives.
    #[arg(long)]
    parameters: bool,
    /// text or json (of all rules, with what `explain` says of each).
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true,
        conflicts_with = "parameters"
    )]
    format: RulesFormat,
    #[command(flatten)]
    policy: PolicyArgs,
}

/// How `rules` prints the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RulesFormat {
    /// Aligned, for people.
    Text,
    /// For programs.
    Json,
}

/// Runs `explain` and gives its exit code.
pub(super) fn explain(args: &ExplainArgs, color: ColorChoice) -> io::Result<u8> {
    let project = match open(&args.policy.directories) {
        Ok(project) => project,
        Err(problems) => return Ok(output::fail(problems, color)),
    };
    let policies = cluster_rules::policies(&project);
    if let Some(policy) = policies.iter().find(|policy| policy.id == args.rule) {
        output::text_to_stdout(|out| policy.explain(&project, out))?;
        return Ok(0);
    }
    let Some(rule) = project.catalog.rule(&args.rule) else {
        let error = invalid(format!("there is no rule \"{}\"", args.rule));
        let known = project.catalog.ids().into_iter().chain(policies.iter().map(|policy| &*policy.id));
        let hint = suggest(&args.rule, known);
        let problem = Problem::configuration("unknown-rule", error.help(format!("{hint}; `kubevet rules` lists all")));
        return Ok(output::fail(vec![problem], color));
    };
    output::text_to_stdout(|out| explain::write(&project, rule, out))?;
    Ok(0)
}

/// Runs `rules` and gives its exit code.
pub(super) fn rules(args: &RulesArgs, color: ColorChoice) -> io::Result<u8> {
    match open(&args.policy.directories) {
        Ok(project) => {
            let write = match args.format {
                _ if args.parameters => rules::write_parameters,
                RulesFormat::Text => rules::write,
                RulesFormat::Json => rules::write_json,
            };
            output::text_to_stdout(|out| write(&project, out)).map(|()| 0)
        }
        Err(problems) => Ok(output::fail(problems, color)),
    }
}

fn open(directories: &[PathBuf]) -> Result<Project, Vec<Problem>> {
    Project::open(directories, None)
}
