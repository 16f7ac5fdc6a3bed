//! `kubevet fix`

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::Args;

use kubevet_facts::schema::Version;

use super::engine::KustomizeArgs;
use super::gate::{Gate, Wanted};
use super::{ColorChoice, DataArgs, PolicyArgs, PolicyTimeArgs, TimeArgs, output};
use crate::check::{self, Settings};
use crate::fix::{self, Mended, Options, Palette};
use crate::input::{Input, Inputs};
use crate::problem::{Failure, Problem};
use crate::progress::Progress;
use crate::watch;
use crate::write;

const EXAMPLES: &str = "\
Examples:
  kubevet fix                             show what can be fixed, as a diff
  kubevet fix overlays/prod --rule 'probes/*' --write
  kubevet fix --suggestions               with what a person must look at

Exit codes: 0 nothing to fix, or all of it written; 1 there are fixes that are
not written; 2 wrong usage or configuration; 3 not rendered, read or evaluated;
4 nothing was evaluated";

/// Arguments of `fix`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct FixArgs {
    /// Overlays or directories whose findings are fixed [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write the files instead of showing a diff.
    #[arg(long)]
    write: bool,
    /// Take suggestions too, which a person must look at.
    #[arg(long)]
    suggestions: bool,
    /// Only findings of rules that match, as 'probes/*'.
    #[arg(long = "rule", value_name = "GLOB")]
    rules: Vec<String>,
    /// Judge for this environment.
    #[arg(long, short, value_name = "NAME")]
    environment: Option<String>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Leave the findings that FILE lists.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
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
///
/// # Errors
/// Those of standard output.
pub(super) fn run(args: FixArgs, color: ColorChoice) -> io::Result<u8> {
    let (limit, writes) = (args.time.timeout, args.write);
    let start = args.paths.first().cloned().unwrap_or_else(|| PathBuf::from("."));
    let mended = watch::run(limit, &Progress::on_terminal(), move || mend(&args)).unwrap_or_else(|problem| Err(vec![problem]));
    let mended = match mended {
        Ok(mended) => mended,
        Err(problems) => return Ok(output::fail(problems, color)),
    };
    let palette = Palette { colored: output::color(color, io::stdout().is_terminal()) };
    let mut problems: Vec<Problem> =
        mended.problems.iter().filter(|problem| problem.failure.is_some() && problem.accepted.is_none()).cloned().collect();
    let mut is_written = false;
    if writes && !mended.files.is_empty() {
        match fix::save(&mended.files, &start) {
            Ok(()) => is_written = true,
            Err(error) => problems.push(write::problem(error)),
        }
    }
    output::text_to_stdout(|out| {
        if !is_written {
            fix::write_diff(&mended, palette, out)?;
        }
        fix::write_summary(&mended, is_written, palette, out)
    })?;
    if !problems.is_empty() {
        return Ok(output::fail(problems, color));
    }
    Ok(if mended.files.is_empty() || is_written { 0 } else { Failure::Denied.exit_code() })
}

fn mend(args: &FixArgs) -> Result<Mended, Vec<Problem>> {
    let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let wanted = Wanted { policy: &args.policy, data: &args.data, policy_from: None, since: None, baseline: args.baseline.as_ref() };
    let gate = Gate::open(wanted, check::start(&paths))?;
    let project = gate.project;
    let inputs = Inputs::of_project(&project, &paths, false)?;
    let within: Vec<PathBuf> = inputs.list.iter().map(|input| input.path().to_owned()).collect();
    let settings = Settings {
        environment: args.environment.clone(),
        kustomize: args.kustomize.or(project.table.building(&project.root)),
        baseline: gate.baseline,
        kubernetes_version: args.kubernetes_version,
        patience: args.policy_time.policy_timeout,
        ..Settings::default()
    };
    let options = Options { rules: args.rules.clone(), suggestions: args.suggestions, within, ..Options::default() };
    // What is shared with other overlays must be right for them too.
    let mut all = inputs.list;
    if args.environment.is_none() {
        let others = project.overlays().unwrap_or_default().iter().map(|dir| crate::paths::shown(&project.root.join(dir)));
        let is_new = |dir: &PathBuf| {
            !all.iter().any(|input| crate::paths::shown(input.path()) == *dir) && project.table.excludes(&project.relative(dir)).is_none()
        };
        let others: Vec<Input> = others.filter(is_new).map(Input::Overlay).collect();
        all.extend(others);
    }
    let mut mended = fix::mend(&project, &all, &settings, &options);
    mended.problems.extend(inputs.warnings);
    // As in check.
    std::mem::forget(project);
    Ok(mended)
}
