//! `kubevet check`

use std::io;
use std::path::PathBuf;

use clap::{ArgMatches, Args};

use kubevet_facts::schema::Version;

use super::{ColorChoice, PolicyArgs, output};
use crate::baseline::Baseline;
use crate::check::{self, Report, Settings};
use crate::input::Input;
use crate::problem::Problem;
use crate::project::Project;
use crate::renderer::Renderer;
use crate::report::Format;

const EXAMPLES: &str = "\
Examples:
  kubevet check                          every overlay below this directory
  kubevet check overlays/prod            one overlay
  kubevet check --format sarif --output kubevet.sarif --format human
  helm template chart | kubevet check - --environment prod

Exit codes: 0 clean, 1 findings at deny, 2 usage or configuration, 3 not rendered, read or
evaluated, 4 nothing evaluated";

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckArgs {
    /// Overlays, directories of overlays, manifest files, or - for a stream [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Judge for this environment, not for the one that the table gives the path.
    #[arg(long, short, value_name = "NAME")]
    environment: Option<String>,
    /// Judge the YAML and JSON files of DIR (or of each PATH that has no kustomization) as they are.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    manifests: Option<Option<PathBuf>>,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Evaluate only rules whose id matches, such as probes/liveness or 'schema/*'; may be repeated.
    #[arg(long = "rule", value_name = "GLOB")]
    rules: Vec<String>,
    /// The form of the report; may be repeated, each with its --output.
    #[arg(long, short, value_name = "FORMAT")]
    format: Vec<Format>,
    /// Write the report of the --format before it to FILE.
    #[arg(long, short, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// Show waived findings too; they are counted always.
    #[arg(long)]
    show_waived: bool,
    /// Judge only overlays that a change since this git revision can affect.
    #[arg(long, value_name = "REF")]
    since: Option<String>,
    /// Accept the findings that FILE lists.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings to FILE, to accept them from now on.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Judge by the schema and the Pod Security Standards of this Kubernetes version.
    #[arg(long, value_name = "VERSION", default_value_t)]
    kubernetes_version: Version,
    /// What renders overlays.
    #[arg(long, value_name = "WHICH", default_value = "auto")]
    renderer: Renderer,
    /// Run `kubectl kustomize` too, and fail where it prints something else.
    #[arg(long)]
    verify_render: bool,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: &CheckArgs, matches: Option<&ArgMatches>, color: ColorChoice) -> io::Result<u8> {
    let targets = match output::targets(&args.format, &args.output, matches) {
        Ok(targets) => targets,
        Err(problem) => return output::fail(vec![problem], color),
    };
    let report = judge(args).unwrap_or_else(Report::of_problems);
    output::write(&report, &targets, color, args.show_waived)?;
    Ok(report.exit_code())
}

fn judge(args: &CheckArgs) -> Result<Report, Vec<Problem>> {
    let mut paths = args.paths.clone();
    paths.extend(args.manifests.iter().flatten().cloned());
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let project = Project::open(&args.policy.directories, check::start(&paths))?;
    let inputs = Input::collect(&paths, args.manifests.is_some(), |dir| project.table.names(&project.relative(dir)))?;
    let settings = Settings {
        environment: args.environment.clone(),
        renderer: args.renderer,
        verify_render: args.verify_render,
        baseline: args
            .baseline
            .as_deref()
            .map(Baseline::open)
            .transpose()
            .map_err(|error| vec![Problem::configuration("baseline", error)])?,
        write_baseline: args.write_baseline.clone(),
        since: args.since.clone(),
        kubernetes_version: args.kubernetes_version,
        rules: args.rules.clone(),
        today: jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
    };
    Ok(check::check(&project, &inputs, &settings))
}
