//! `kubevet vendor`

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::engine::KustomizeArgs;
use super::{ColorChoice, PolicyArgs, TimeArgs, output};
use crate::check::{self, Report};
use crate::escape;
use crate::input::{Input, Inputs};
use crate::problem::Problem;
use crate::project::Project;
use crate::vendor::{self, DIRECTORY, LOCK, Settings, Summary};
use crate::words::plural;

/// Arguments of `vendor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet vendor                   what all overlays below this directory need
  kubevet vendor overlays/prod     what one needs, beside what is kept already
  kubevet vendor --check           fail where the network has something else

It is the only command that goes to the network, with your git and over HTTP,
and the only one that asks your helm for the charts of kustomizations.")]
pub(super) struct VendorArgs {
    /// Overlays, or directories with overlays [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing, and fail where kubevet.lock is not what would be written.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    kustomize: KustomizeArgs,
    #[command(flatten)]
    time: TimeArgs,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: VendorArgs, color: ColorChoice) -> io::Result<u8> {
    output::in_time(args.time.timeout, color, move || fetch(&args, color))
}

fn fetch(args: &VendorArgs, color: ColorChoice) -> io::Result<u8> {
    let settings = match settings(args) {
        Ok(settings) => settings,
        Err(problems) => return Ok(output::fail(problems, color)),
    };
    match vendor::vendor(&settings) {
        Ok(summary) => {
            output::text_to_stdout(|out| writeln!(out, "{}", described(&summary, args.check)))?;
            Ok(output::print(&Report::of_problems(summary.problems), color))
        }
        Err(error) => Ok(output::fail(vec![Problem::unjudged("vendor", error)], color)),
    }
}

fn settings(args: &VendorArgs) -> Result<Settings, Vec<Problem>> {
    let are_all = args.paths.is_empty();
    let paths = if are_all { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let start = check::start(&paths);
    let project = Project::open(&args.policy.directories, start)?;
    let inputs = Inputs::of_project(&project, &paths, false)?;
    let roots = inputs.list.iter().filter_map(|input| match input {
        Input::Overlay(dir) => Some(dir.clone()),
        Input::Manifests { .. } => None,
    });
    let top = vendor::top(start.unwrap_or(Path::new(".")));
    // What is above this directory may have overlays of its own.
    let is_top = std::env::current_dir().and_then(|here| here.canonicalize()).is_ok_and(|here| here == top);
    Ok(Settings {
        roots: roots.collect(),
        are_all: are_all && is_top,
        top,
        building: args.kustomize.or(project.table.building(&project.root)),
        check: args.check,
        say: |what| drop(writeln!(io::stderr(), "fetching {}", escape::line(what))),
    })
}

fn described(summary: &Summary, is_check: bool) -> String {
    let Summary { repositories, files, charts, kept, changed, .. } = summary;
    if repositories + files + charts == 0 {
        let is_known = summary.problems.is_empty();
        return if is_known { "nothing here comes from elsewhere" } else { "nothing was kept" }.to_owned();
    }
    let what = match (changed, is_check) {
        (true, true) => format!("{LOCK} is not what it would be now"),
        (true, false) => format!("wrote {LOCK} and {DIRECTORY}; commit both"),
        (false, _) => format!("{LOCK} is as it was"),
    };
    format!("{what}: {repositories} from git, {files} over HTTP, {charts} from helm, {}", plural(*kept, "file"))
}
