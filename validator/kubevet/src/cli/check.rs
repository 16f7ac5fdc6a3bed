//! `kubevet check`

use std::path::PathBuf;
use std::sync::Arc;

use clap::{ArgMatches, Args};

use kubevet_facts::schema::Version;

use super::engine::KustomizeArgs;
use super::gate::{Gate, Wanted};
use super::{ColorChoice, ConftestArgs, DataArgs, PolicyArgs, PolicyTimeArgs, TimeArgs, output};
use crate::check::{self, Report, RevisionTree, Settings};
use crate::fix;
use crate::input::Inputs;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::project::changes;
use crate::renderer::Renderer;
use crate::report::Format;
use crate::watch;

const EXAMPLES: &str = "\
Examples:
  kubevet check --format sarif --output kubevet.sarif --format human
  helm template chart | kubevet check - --environment prod

Exit codes: 0 clean, 1 findings at deny, 2 wrong usage or configuration,
3 not rendered, read or evaluated, 4 nothing was evaluated";

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckArgs {
    /// Overlays, directories, manifests, or - for a stream [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Judge for this environment.
    #[arg(long, short, value_name = "NAME")]
    environment: Option<String>,
    /// Judge YAML and JSON files as they are.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    manifests: Option<Option<PathBuf>>,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    conftest: ConftestArgs,
    /// Only rules that match, as 'schema/*'.
    #[arg(long = "rule", value_name = "GLOB")]
    rules: Vec<String>,
    /// human concise json sarif junit github markdown.
    #[arg(long, short, value_name = "FORMAT", hide_possible_values = true)]
    format: Vec<Format>,
    /// Where the --format before it goes.
    #[arg(long, short, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// Show waived findings too.
    #[arg(long)]
    show_waived: bool,
    /// Say which findings `kubevet fix` can mend.
    #[arg(long)]
    fixable: bool,
    /// Judge what changes since REF affect.
    #[arg(long, value_name = "REF")]
    pub(super) since: Option<String>,
    /// Judge by the policies of REF, not the change's.
    #[arg(long, value_name = "REF")]
    pub(super) policy_from: Option<String>,
    /// Accept the findings that FILE lists.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write findings to FILE, to accept them.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Kubernetes to judge by.
    #[arg(long, value_name = "X.Y", default_value_t)]
    kubernetes_version: Version,
    /// native, kubectl, auto [default: native].
    #[arg(long, value_name = "WHICH", default_value = "native", hide_default_value = true, hide_possible_values = true)]
    renderer: Renderer,
    /// Fail where `kubectl kustomize` differs.
    #[arg(long)]
    verify_render: bool,
    #[command(flatten)]
    kustomize: KustomizeArgs,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    policy_time: PolicyTimeArgs,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: CheckArgs, matches: Option<&ArgMatches>, color: ColorChoice) -> u8 {
    let targets = match output::targets(&args.format, &args.output, matches) {
        Ok(targets) => targets,
        Err(problem) => return output::fail(vec![problem], color),
    };
    let (limit, show_waived, baseline) = (args.time.timeout, args.show_waived, args.baseline.clone());
    let judged = watch::run(limit, &Progress::on_terminal(), move || judge(&args).unwrap_or_else(Report::of_problems));
    let mut report = judged.unwrap_or_else(|problem| Report::of_problems(vec![problem]));
    report.inputs.files.extend(baseline);
    output::write(&report, &targets, color, show_waived)
}

fn judge(args: &CheckArgs) -> Result<Report, Vec<Problem>> {
    let mut paths = args.paths.clone();
    paths.extend(args.manifests.iter().flatten().cloned());
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let start = check::start(&paths);
    let wanted = Wanted {
        policy: &args.policy,
        data: &args.data,
        policy_from: args.policy_from.as_deref(),
        since: args.since.as_deref(),
        baseline: args.baseline.as_ref(),
    };
    let gate = Gate::open(wanted, start)?;
    let project =
        gate.project.with_namespaces(&args.conftest.patterns()).map_err(|error| vec![Problem::configuration("namespace", error)])?;
    // No other report shows them.
    let project = if args.fixable { project } else { project.without_fixes() };
    let inputs = Inputs::of_project(&project, &paths, args.manifests.is_some())?;
    let settings = Settings {
        environment: args.environment.clone(),
        renderer: args.renderer,
        kustomize: args.kustomize.or(project.table.building(&project.root)),
        verify_render: args.verify_render,
        baseline: gate.baseline,
        write_baseline: args.write_baseline.clone(),
        since: gate.since,
        kubernetes_version: args.kubernetes_version,
        rules: args.rules.clone(),
        combine: args.conftest.combine,
        trusted: gate.trusted.map(|trusted| Arc::new(RevisionTree::new(trusted))),
        patience: args.policy_time.policy_timeout,
        ..Settings::default()
    };
    let mut report = check::check(&project, &inputs.list, &settings);
    if args.fixable {
        fix::mark(&project, &inputs.list, &settings, &mut report);
    }
    report.problems.extend(inputs.warnings);
    report.left_out = inputs.left_out;
    report.problems.extend(gate.changes);
    let mut new = gate.before.map(|before| changes::in_place(&before, &report.in_place)).unwrap_or_default();
    new.iter_mut().for_each(|problem| report.secrets.redact_error(&mut problem.error));
    report.problems.extend(new);
    // The process ends soon: taking thousands of syntax trees apart would be the last thing that it does.
    std::mem::forget(project);
    Ok(report)
}
