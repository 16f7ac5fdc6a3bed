//! `kubevet export`

use std::io;

use clap::{Args, ValueEnum};

use super::{ColorChoice, PolicyArgs, output};
use crate::export::{self, Where};
use crate::policy::Rule;
use crate::problem::{Problem, invalid, suggest};
use crate::project::Project;

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet export gatekeeper images/reference --environment prod
  kubevet export vap services/node-port --environment prod
  kubevet export gatekeeper 'rbac/*' --namespace-label environment

An environment with a cluster for itself is named with --environment. Where several share one, their namespaces have a label
whose value is the environment's name, and --namespace-label is its key.")]
pub(super) struct ExportArgs {
    /// vap (ValidatingAdmissionPolicies) or gatekeeper.
    #[arg(value_name = "ENGINE", hide_possible_values = true)]
    engine: Engine,
    /// Rules of single objects, or groups of them such as 'rbac/*'.
    #[arg(value_name = "RULE", required = true)]
    rules: Vec<String>,
    /// The environments to write constraints for [default: all].
    #[arg(long = "environment", short, value_name = "NAME")]
    environments: Vec<String>,
    /// The label of namespaces that tells environments apart.
    #[arg(long, value_name = "KEY")]
    namespace_label: Option<String>,
    #[command(flatten)]
    policy: PolicyArgs,
}

/// What is to enforce the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// ValidatingAdmissionPolicies and bindings.
    Vap,
    /// ConstraintTemplates and constraints.
    Gatekeeper,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: &ExportArgs, color: ColorChoice) -> io::Result<u8> {
    match Project::open(&args.policy.directories, None).and_then(|project| objects(args, &project, color)) {
        Ok(objects) => output::text_to_stdout(|out| export::write(&objects, out)).map(|()| 0),
        Err(problems) => Ok(output::fail(problems, color)),
    }
}

fn objects(args: &ExportArgs, project: &Project, color: ColorChoice) -> Result<Vec<serde_json::Value>, Vec<Problem>> {
    let wrong = |error| vec![Problem::configuration("export", error)];
    let names: Vec<&str> = project.table.environments.iter().map(|environment| environment.name.as_str()).collect();
    let mut environments = Vec::new();
    for name in &args.environments {
        let at = names.iter().position(|known| known == name);
        let unknown = || wrong(invalid(format!("there is no environment \"{name}\"")).help(suggest(name, names.iter().copied())));
        environments.push(at.ok_or_else(unknown)?);
    }
    if args.environments.is_empty() {
        environments = (0..names.len()).collect();
    }
    let place = match &args.namespace_label {
        Some(key) => Where::Labelled(key),
        None if environments.len() == 1 => Where::Everywhere,
        None => {
            let error = invalid("nothing tells the environments apart in a cluster");
            let help = "--environment NAME writes those of one that has a cluster for itself; --namespace-label KEY names the label that the namespaces of each have";
            return Err(wrong(error.help(help)));
        }
    };
    let (mut objects, mut problems, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for asked in &args.rules {
        let group = asked.strip_suffix('*');
        let is_meant = |rule: &&Rule| group.map_or_else(|| rule.id == *asked, |group| rule.id.starts_with(group));
        let rules: Vec<&Rule> = project.catalog.rules.iter().filter(is_meant).collect();
        if rules.is_empty() {
            let error = invalid(format!("there is no rule \"{asked}\""));
            let hint = suggest(asked, project.catalog.ids());
            problems.push(Problem::configuration("unknown-rule", error.help(format!("{hint}; `kubevet rules` lists all"))));
        }
        for rule in rules {
            let found = match args.engine {
                Engine::Vap => export::admission_policy(project, rule, &environments, place),
                Engine::Gatekeeper => export::gatekeeper(project, rule, &environments, place),
            };
            match found {
                Ok(found) => objects.extend(found),
                Err(why) => {
                    let error = invalid(format!("{} can't be exported, as {why}", rule.id));
                    match group {
                        Some(_) => left_out.push(Problem::warning("not-exported", error)),
                        None => problems.push(Problem::configuration("not-exported", error)),
                    }
                }
            }
        }
    }
    if objects.is_empty() && problems.is_empty() {
        return Err(left_out);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if !left_out.is_empty() {
        output::fail(left_out, color);
    }
    Ok(objects)
}
