//! `kubevet diff`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgMatches, Args};
use kubevet_facts::schema::Version;

use super::engine::KustomizeArgs;
use super::{ColorChoice, DataArgs, PolicyArgs, PolicyTimeArgs, TimeArgs, output};
use crate::check::{self, RevisionTree, Settings};
use crate::diff::{self, Diff, Old};
use crate::git::Snapshot;
use crate::input::{Input, Inputs};
use crate::problem::{Failure, Problem, invalid};
use crate::progress::Progress;
use crate::project::Project;
use crate::report::Format;
use crate::watch;

const EXAMPLES: &str = "\
Examples:
  kubevet diff                  every overlay, since the branch began
  kubevet diff overlays/prod --against HEAD --exit-code
  kubevet render overlays/dev | kubevet diff overlays/dev --against-manifests -

Exit codes: 0 nothing new at deny, 1 new findings at deny (with --exit-code:
any change), 2 wrong usage or configuration, 3 not rendered, read or
evaluated, 4 nothing was evaluated";

/// Arguments of `diff`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DiffArgs {
    /// Overlays, directories, manifests, or - for a stream [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Compare with a revision [default: merge base]
    #[arg(long, value_name = "REF")]
    against: Option<String>,
    /// Compare with manifests, or - for a stream.
    #[arg(long, value_name = "PATH", conflicts_with = "against")]
    against_manifests: Option<PathBuf>,
    /// Judge for this environment.
    #[arg(long, short, value_name = "NAME")]
    environment: Option<String>,
    /// Judge YAML and JSON files as they are.
    #[arg(long)]
    manifests: bool,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Judge by the policies of REF, not the change's.
    #[arg(long, value_name = "REF")]
    policy_from: Option<String>,
    /// Only rules that match, as 'change/*'.
    #[arg(long = "rule", value_name = "GLOB")]
    rules: Vec<String>,
    /// human concise json markdown github sarif.
    #[arg(long, short, value_name = "FORMAT", hide_possible_values = true)]
    format: Vec<Format>,
    /// Where the --format before it goes.
    #[arg(long, short, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// Exit with 1 where anything changes.
    #[arg(long)]
    exit_code: bool,
    /// Show waived findings too.
    #[arg(long)]
    show_waived: bool,
    /// Kubernetes to judge by.
    #[arg(long, value_name = "X.Y", default_value_t)]
    kubernetes_version: Version,
    #[command(flatten)]
    kustomize: KustomizeArgs,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    policy_time: PolicyTimeArgs,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: DiffArgs, matches: Option<&ArgMatches>, color: ColorChoice) -> u8 {
    let targets = match output::targets(&args.format, &args.output, matches) {
        Ok(targets) => targets,
        Err(problem) => return output::fail(vec![problem], color),
    };
    if targets.iter().any(|target| target.format == Format::Junit) {
        let error = invalid("diff has no format junit").help("human, concise, json, markdown, github and sarif are there");
        return output::fail(vec![Problem::configuration("usage", error)], color);
    }
    let (limit, show_waived, exit_code) = (args.time.timeout, args.show_waived, args.exit_code);
    let compared = watch::run(limit, &Progress::on_terminal(), move || compare(&args).unwrap_or_else(Diff::of_problems));
    let diff = compared.unwrap_or_else(|problem| Diff::of_problems(vec![problem]));
    let code = output::write_with(&diff.report, &targets, color, show_waived, |format, style, out| diff::write(&diff, format, style, out));
    if code == 0 && exit_code && !diff.is_empty() { Failure::Denied.exit_code() } else { code }
}

fn compare(args: &DiffArgs) -> Result<Diff, Vec<Problem>> {
    let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let start = check::start(&paths);
    // A path that is gone was below one that is there.
    let here = start.and_then(|start| start.ancestors().find(|above| above.exists())).unwrap_or(Path::new("."));
    let trusted = args.policy_from.as_ref().map(|revision| Snapshot::open(here, revision)).transpose();
    let trusted = trusted.map_err(|error| vec![Problem::configuration("policy-revision", error)])?;
    let project = match &trusted {
        None => Project::open(&args.policy.directories, start)?.with_data(&args.data.data, None),
        Some(trusted) => Project::open_revision(&args.policy.directories, start, trusted)?.with_data(&args.data.data, Some(trusted)),
    };
    let project = project.map_err(|problem| vec![problem])?.without_fixes();
    let (old, against) = old(args, here)?;
    // What was there and is gone has no input now.
    let is_there = |path: &&PathBuf| path.exists() || *path == Path::new("-") || !old.has_overlay(path);
    let there: Vec<PathBuf> = paths.iter().filter(is_there).cloned().collect();
    let inputs = if there.is_empty() { Inputs::default() } else { Inputs::of_project(&project, &there, args.manifests)? };
    let settings = Settings {
        environment: args.environment.clone(),
        kustomize: args.kustomize.or(project.table.building(&project.root)),
        trusted: trusted.map(|trusted| Arc::new(RevisionTree::new(trusted))),
        kubernetes_version: args.kubernetes_version,
        rules: args.rules.clone(),
        patience: args.policy_time.policy_timeout,
        ..Settings::default()
    };
    let mut diff = diff::diff(&project, &paths, &inputs.list, old, against, settings);
    diff.report.problems.extend(inputs.warnings);
    diff.report.left_out = inputs.left_out;
    // As in check.
    std::mem::forget(project);
    Ok(diff)
}

/// The old state, and what to call it.
fn old(args: &DiffArgs, here: &Path) -> Result<(Old, String), Vec<Problem>> {
    let Some(path) = &args.against_manifests else {
        let base = diff::base(here, args.against.as_deref()).map_err(|error| vec![Problem::configuration("against", error)])?;
        return Ok((Old::Revision(base.snapshot), base.described));
    };
    let texts = Input::manifests(path).map_err(|problem| vec![problem])?;
    Ok((Old::Manifests(texts), crate::paths::shown(path).display().to_string()))
}
