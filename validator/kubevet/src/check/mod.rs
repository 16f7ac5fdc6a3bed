//! The main job: render, evaluate, locate, waive.

mod answer;
mod case;
mod changed;
mod done;
mod drift;
mod in_place;
mod judge;
mod judgement;
mod known;
mod locator;
mod loose;
mod memory;
mod parallel;
mod plan;
mod recall;
mod removed;
mod renders;
pub(crate) mod revision;
mod siblings;
mod side;
mod waived;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kustomize::{Assumptions, Error, Place, Render};

use self::case::Asked;
use self::recall::Recall;
use crate::affected::Changes;
use crate::baseline::{Baseline, Written};
use crate::coverage::Coverage;
use crate::discover::kustomization_file;
use crate::drafts::Drafts;
use crate::environments::Level;
use crate::findings::{self, Finding};
use crate::git::Snapshot;
use crate::input::{Input, LeftOut};
use crate::paths::shown;
use crate::policy::{Evaluator, PATIENCE, Rule};
use crate::problem::{Acceptance, Failure, Problem, invalid, whole};
use crate::project::Project;
use crate::redact::{self, Secrets};
use crate::renderer::Renderer;
use crate::stop::Stop;
use crate::waivers::InPlace;
use crate::write::{self, Inputs};

pub(crate) use plan::selection;

pub use changed::{Consequences, FieldChange, ObjectChange, OverlayChange};
pub use memory::Memory;
pub use removed::{Removed, removed};
pub use revision::RevisionTree;

/// How to judge.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The environment to judge for, instead of what the table says.
    pub environment: Option<String>,
    /// What renders overlays.
    pub renderer: Renderer,
    /// How kustomizations are built.
    pub kustomize: kustomize::Settings,
    /// Whether to compare each render with kubectl's.
    pub verify_render: bool,
    /// The Kubernetes version to judge by.
    pub kubernetes_version: kubevet_facts::schema::Version,
    /// Only rules whose id matches one of these globs; empty for all.
    pub rules: Vec<String>,
    /// Findings that were there when the project adopted kubevet.
    pub baseline: Option<Baseline>,
    /// Where to write the findings of this run as a baseline.
    pub write_baseline: Option<PathBuf>,
    /// Judge only what is not as this revision has it, if it is known.
    pub since: Option<Result<Snapshot, Error>>,
    /// Whether rules that were written for conftest are asked about all objects together.
    pub combine: bool,
    /// The old state that the inputs are compared with.
    pub against: Option<Against>,
    /// Texts that are judged instead of those that the file system has. Nothing but the engine inside kubevet can render them.
    pub drafts: Option<Arc<Drafts>>,
    /// The revision whose waivers in place count, instead of those of what is judged.
    pub trusted: Option<Arc<RevisionTree>>,
    /// How long a rule may take in the run.
    pub patience: Duration,
    /// The day on which waivers are judged.
    pub today: Date,
    /// Ends the run from elsewhere. What it gives then is nothing to go by.
    pub stop: Stop,
}

/// As `kubevet check` judges where nobody says anything else, today.
impl Default for Settings {
    fn default() -> Self {
        Self {
            environment: None,
            renderer: Renderer::default(),
            kustomize: kustomize::Settings::default(),
            verify_render: false,
            kubernetes_version: kubevet_facts::schema::Version::default(),
            rules: Vec::new(),
            baseline: None,
            write_baseline: None,
            since: None,
            combine: false,
            against: None,
            drafts: None,
            trusted: None,
            patience: PATIENCE,
            today: Timestamp::now().to_zoned(TimeZone::UTC).date(),
            stop: Stop::default(),
        }
    }
}

/// An old state.
#[derive(Clone, Debug)]
pub enum Against {
    /// The overlays and files of a revision.
    Revision(Arc<RevisionTree>),
    /// Manifests.
    Manifests(Vec<Arc<Render>>),
}

/// Something that was judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The overlay or file.
    pub path: PathBuf,
    /// Its environment.
    pub environment: String,
    /// How many objects it has.
    pub objects: usize,
    /// How many times a rule was evaluated.
    pub evaluations: usize,
    /// How long that took, from the render to the last rule.
    pub time: Duration,
}

/// What a report says of a rule.
#[derive(Clone, Debug)]
pub struct RuleSummary {
    /// Its id.
    pub id: String,
    /// One sentence.
    pub title: String,
    /// Why it matters.
    pub description: String,
    /// What to do.
    pub help: Option<String>,
    /// Where the book describes it, if it is one of kubevet's own.
    pub page: Option<String>,
    /// Its strictest level.
    pub level: Level,
    /// Its level in each environment.
    pub levels: Vec<(String, Level)>,
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Waived ones included; the worst first. Where there is an old state, without those on what rules see as it was.
    pub findings: Vec<Finding>,
    /// What the rules said of the old state, without what they see as it was either.
    pub before: Vec<Finding>,
    /// What could not be judged, and what is worth knowing.
    pub problems: Vec<Problem>,
    /// What was judged.
    pub judged: Vec<Judged>,
    /// What of it was judged, and what could not be.
    pub coverage: Coverage,
    /// The rules that were asked for, with their levels.
    pub catalog: Vec<RuleSummary>,
    /// Overlays that `--since` left out.
    pub skipped: Vec<PathBuf>,
    /// What the search left out on purpose.
    pub left_out: LeftOut,
    /// What changed in what was judged, where it was compared with something.
    pub changes: Vec<OverlayChange>,
    /// The waivers in place.
    pub in_place: Vec<InPlace>,
    /// What must not be printed.
    pub secrets: Secrets,
    /// What was read.
    pub inputs: Inputs,
    /// Whether fixes were looked for.
    pub fixes: bool,
    /// The baseline that the run wrote, and what became of it.
    pub baseline_written: Option<(PathBuf, Written)>,
}

impl Report {
    /// A report of nothing but problems.
    pub fn of_problems(problems: Vec<Problem>) -> Self {
        Self::of_problems_and_secrets(problems, Secrets::default())
    }

    /// A report of nothing but problems, which must not show these secrets.
    pub fn of_problems_and_secrets(problems: Vec<Problem>, secrets: Secrets) -> Self {
        let mut report = Self { problems, secrets, ..Self::default() };
        report.redact();
        report
    }

    /// Takes credentials out of all that is said. Of sources, reports take them out where they show a piece of one.
    fn redact(&mut self) {
        let Self { findings, before, problems, coverage, changes, secrets, .. } = self;
        coverage.redact(secrets);
        changes.iter_mut().for_each(|change| change.redact(secrets));
        let mut redaction = redact::Findings::new(secrets);
        findings.iter_mut().chain(before).for_each(|finding| redaction.redact(finding));
        problems.iter_mut().for_each(|problem| secrets.redact_error(&mut problem.error));
    }

    /// Findings at a level, without waived ones.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level && !finding.is_accepted()).count()
    }

    /// How many findings have a fix that was proved.
    pub fn fixable(&self) -> usize {
        self.findings.iter().filter(|finding| finding.fix.is_some() && !finding.is_accepted()).count()
    }

    /// How many findings and problems are in the baseline.
    pub fn baselined(&self) -> usize {
        let problems = self.problems.iter().filter(|problem| problem.accepted == Some(Acceptance::Baselined));
        self.findings.iter().filter(|finding| finding.baselined).count() + problems.count()
    }

    /// How many findings and problems are waived.
    pub fn waived(&self) -> usize {
        let problems = self.problems.iter().filter(|problem| matches!(problem.accepted, Some(Acceptance::Waived(_))));
        self.findings.iter().filter(|finding| finding.waived.is_some()).count() + problems.count()
    }

    /// What could not be judged, and what is worth knowing, besides what someone accepted.
    pub fn open_problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.accepted.is_none())
    }

    /// How many problems kept something from being judged, and are not accepted.
    pub fn failures(&self) -> usize {
        self.open_problems().filter(|problem| problem.failure.is_some()).count()
    }

    /// Why the run does not end well, if it does not.
    pub fn failure(&self) -> Option<Failure> {
        let denied = (self.count(Level::Deny) > 0).then_some(Failure::Denied);
        self.open_problems().filter_map(|problem| problem.failure).chain(denied).max()
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        self.failure().map_or(0, Failure::exit_code)
    }
}

/// What came out, with what it is about.
#[derive(Debug, Default)]
pub(crate) struct Examined {
    /// What [`check()`] gives, but each overlay's findings for themselves.
    pub(crate) report: Report,
    /// What was judged, and what it renders to.
    pub(crate) renders: Vec<(Judged, Vec<Arc<Render>>)>,
}

/// Judges the inputs.
pub fn check(project: &Project, inputs: &[Input], settings: &Settings) -> Report {
    examine(project, inputs, settings, None).merged()
}

/// Judges the inputs as [`check`] does; what is known of them from before need not be done again. Whoever opens another project makes the memory
/// [forget](Memory::forget_judgements) what the old one's rules said, and whoever has files [changed](Memory::change) tells it. Nothing but the engine
/// inside kubevet may render, and nothing be compared.
pub fn check_again(project: &Project, inputs: &[Input], settings: &Settings, memory: &mut Memory) -> Report {
    examine(project, inputs, settings, Some(memory)).merged()
}

impl Examined {
    /// What several overlays have from the same source line is one finding.
    fn merged(self) -> Report {
        let mut report = self.report;
        report.findings = findings::merge(report.findings);
        report.before = findings::merge(report.before);
        report
    }
}

/// Judges the inputs, and makes one finding of none that several overlays have.
pub(crate) fn examine(project: &Project, inputs: &[Input], settings: &Settings, mut memory: Option<&mut Memory>) -> Examined {
    let selected = match plan::selection(&settings.rules, &project.catalog.ids()) {
        Ok(selected) => selected,
        Err(error) => {
            let report = Report::of_problems(vec![Problem::configuration("unknown-rule", error)]);
            return Examined { report, ..Examined::default() };
        }
    };
    // Whoever names a rule asks it.
    let is_asked = |rule: &Rule| selected(&rule.id) && (project.asks(rule) || !settings.rules.is_empty());
    let mut report = Report { catalog: summaries(project, is_asked), ..Report::default() };
    let (tasks, problems) = plan::plan(project, inputs, settings, is_asked);
    let start = inputs.first().map_or(Path::new("."), Input::path);
    let assumptions = assumptions(project, &tasks);
    let trusted = settings.trusted.as_ref().map(|tree| renders::Trusted::new(tree, &settings.kustomize, assumptions.clone()));
    let renders = renders::Renders::new(start, settings, assumptions).against(settings.against.as_ref());
    report.problems.extend(problems);
    report.problems.extend(project.warnings.iter().cloned());
    if settings.rules.is_empty() {
        report.problems.extend(project.unasked());
    }
    let asked = project.catalog.rules.iter().filter(|rule| is_asked(rule));
    report.problems.extend(asked.filter_map(|rule| rule.misses(settings.combine)).map(|error| Problem::warning("combined-input", error)));
    let (tasks, skipped) = affected(project, tasks, &renders, settings, &mut report.problems);
    report.skipped = skipped;
    let mut waived = waived::Waived::of(project);
    if let Some(memory) = &mut memory {
        memory.begin(&tasks, &renders, settings);
    }
    let known = memory.as_deref();
    let cases = parallel::in_parallel(&tasks, |task| match known.and_then(|memory| memory.known(task, &renders)) {
        _ if settings.stop.is_wanted() => case::Case::default(),
        Some(known) => case::Case::known(known),
        None => case::prepare(project, task, &renders, settings, known),
    });
    if settings.stop.is_wanted() {
        // What is built is built.
        memory.into_iter().for_each(|memory| memory.end(&renders));
        return Examined::default();
    }
    for (task, case) in std::iter::zip(&tasks, &cases) {
        gather(&mut report.problems, case.problems.clone(), task.input);
    }
    let mut answers: Vec<_> = cases.iter().map(|_| Vec::new()).collect();
    match Evaluator::new(&project.catalog, cases.iter().flat_map(case::Case::questions)) {
        Ok(evaluator) => {
            let cases: Vec<_> = std::iter::zip(&tasks, &cases).collect();
            let evaluator = evaluator.with_patience(settings.patience);
            let judge = |(task, case): &(&plan::Task<'_>, &case::Case<'_>)| match &case.known {
                Some(known) => known.judgement.clone(),
                None => judge::judge(project, task, case, evaluator.clone(), trusted.as_ref(), settings),
            };
            let judgements = parallel::in_parallel(&cases, judge);
            if settings.stop.is_wanted() {
                memory.into_iter().for_each(|memory| memory.end(&renders));
                return Examined::default();
            }
            for (at, mut judgement) in judgements.into_iter().enumerate() {
                let (task, case) = cases[at];
                answers[at] = std::mem::take(&mut judgement.answers);
                if let (Some(memory), None) = (&mut memory, &case.known) {
                    memory.judged(task, &renders, case.leans, case.to_known(&judgement));
                }
                let judged = case.judged.clone();
                report.judged.extend(judged.map(|judged| Judged { time: judged.time + judgement.time, ..judged }));
                waived.add(&mut judgement);
                report.problems.extend(judgement.problems);
                report.findings.extend(judgement.findings);
                report.before.extend(judgement.before);
            }
        }
        Err(problem) => report.problems.push(problem),
    }
    if let Some(memory) = &mut memory {
        memory.end(&renders);
    }
    let mut rendered = Vec::new();
    for ((task, mut case), answers) in std::iter::zip(std::iter::zip(&tasks, cases), answers) {
        let own = match task.input {
            Input::Overlay(dir) => renders.get(dir).map(|(render, _)| vec![render]).unwrap_or_default(),
            Input::Manifests { .. } => std::mem::take(&mut case.now.side.own),
        };
        rendered.extend(case.judged.take().map(|judged| (judged, own)));
        if let (Some(memory), true) = (&mut memory, case.now.recalled.is_kept()) {
            let Asked { side, recalled, .. } = std::mem::take(&mut case.now);
            memory.keep(task, Recall::new(side, recalled, answers));
        }
        report.changes.extend(case.change.take().map(|change| change.summary));
        report.coverage.extend(&case.coverage);
        report.secrets.merge(case.secrets);
    }
    project.data.trees().iter().for_each(|tree| report.secrets.add_tree(tree));
    project.table.environments.iter().flat_map(|environment| &environment.parameters).for_each(|tree| report.secrets.add_tree(tree));
    report.redact();
    waived.accept(project, settings.today, &mut report.problems);
    accept_known(project, inputs, settings, &mut report);
    report.inputs = read(project, inputs, &renders, settings);
    if let Some(path) = &settings.write_baseline {
        write_baseline(project, inputs, path, &mut report);
    }
    if report.judged.is_empty() && report.failures() == 0 && report.problems.iter().any(|problem| problem.accepted.is_some()) {
        let error = invalid("nothing was judged: all that there is has a problem that someone accepted");
        report.problems.push(Problem::nothing("nothing-evaluated", error.help("--show-waived shows the problems")));
    }
    let everything = Scope::of(project, inputs, &report).everything;
    let mut problems = waived.problems(project, &report.judged, settings, everything);
    // What is said in place may repeat what stands there.
    problems.iter_mut().for_each(|problem| report.secrets.redact_error(&mut problem.error));
    report.problems.extend(problems);
    report.in_place = waived.in_place();
    Examined { report, renders: rendered }
}

/// What of a run is known to be judged wholly: rules in environments, and whether nothing was left out.
struct Scope {
    rules: HashSet<String>,
    environments: HashSet<String>,
    everything: bool,
}

impl Scope {
    fn of(project: &Project, inputs: &[Input], report: &Report) -> Self {
        // What was not judged is not fixed.
        let partly = unjudged_environments(project, &report.judged);
        let partly: HashSet<&str> = partly.into_iter().filter_map(|at| Some(project.table.environments.get(at)?.name.as_str())).collect();
        let environments = report.judged.iter().map(|judged| &judged.environment).filter(|name| !partly.contains(name.as_str()));
        let tried: HashSet<PathBuf> = inputs.iter().map(|input| project.relative(input.path())).collect();
        let is_tried = |all: &[PathBuf]| all.iter().all(|dir| tried.contains(dir) || project.table.excludes(dir).is_some());
        Self {
            rules: report.catalog.iter().map(|summary| summary.id.clone()).collect(),
            environments: environments.cloned().collect(),
            everything: report.skipped.is_empty() && project.overlays().is_ok_and(is_tried),
        }
    }

    fn judged(&self, rule: &str, environment: &str) -> bool {
        self.rules.contains(rule) && self.environments.contains(environment)
    }
}

/// Marks what the baseline knows, and says what of it is gone.
fn accept_known(project: &Project, inputs: &[Input], settings: &Settings, report: &mut Report) {
    let Some(baseline) = &settings.baseline else { return };
    let scope = Scope::of(project, inputs, report);
    let judged = |rule: &str, environment: &str| scope.judged(rule, environment);
    let problems = baseline.apply(&mut report.findings, &mut report.problems, judged, scope.everything);
    report.problems.extend(problems);
}

/// Writes what the run found as a baseline, marks it as known, and says what the baseline has not.
fn write_baseline(project: &Project, inputs: &[Input], path: &Path, report: &mut Report) {
    let scope = Scope::of(project, inputs, report);
    let judged = |rule: &str, environment: &str| scope.judged(rule, environment);
    let written = Baseline::write(path, &report.findings, &report.problems, &report.inputs, judged, scope.everything);
    match written.and_then(|written| Ok((written, Baseline::open(path)?))) {
        Ok((written, baseline)) => {
            drop(baseline.apply(&mut report.findings, &mut report.problems, |_, _| false, false));
            report.baseline_written = Some((path.to_owned(), written));
        }
        Err(error) => report.problems.push(write::problem(error)),
    }
}

/// What builds may leave out, by the directories of those that may leave out anything.
fn assumptions(project: &Project, tasks: &[plan::Task<'_>]) -> HashMap<PathBuf, Assumptions> {
    let of = |at: usize| project.table.environments.get(at).map(|environment| environment.assumptions).unwrap_or_default();
    if project.table.environments.iter().all(|environment| environment.assumptions == Assumptions::default()) {
        return HashMap::new();
    }
    // What can't be searched is reported where it is judged.
    let overlays = project.overlays().unwrap_or_default().iter();
    let known = overlays.filter_map(|dir| Some((shown(&project.root.join(dir)), of(project.table.of_overlay(dir).ok()?.0))));
    known.chain(tasks.iter().map(|task| (task.input.path().to_owned(), of(task.environment)))).collect()
}

/// Adds problems of an input. What several overlays inherit from one base is one problem, which names those that are not judged because of it.
fn gather(all: &mut Vec<Problem>, problems: Vec<Problem>, input: &Input) {
    let key = |problem: &Problem| {
        let place = problem.error.place.as_ref();
        (problem.code, problem.error.message.clone(), place.map(|place| (shown(place.source.path()), place.start)))
    };
    for mut problem in problems {
        let Input::Overlay(dir) = input else {
            all.push(problem);
            continue;
        };
        let own = kustomization_file(dir).unwrap_or_else(|| dir.clone());
        let is_elsewhere = |place: &Place| !place.source.text().is_empty() && !shown(place.source.path()).starts_with(shown(dir));
        let behind = problem.error.place.as_ref().is_some_and(is_elsewhere) && problem.failure == Some(Failure::Unjudged);
        let related = behind.then(|| (whole(&own), "is not judged because of it".to_owned()));
        match all.iter_mut().find(|known| behind && key(known) == key(&problem)) {
            Some(known) => known.error.related.extend(related),
            None => {
                problem.error.related.extend(related);
                all.push(problem);
            }
        }
    }
}

/// What the run reads.
fn read(project: &Project, inputs: &[Input], renders: &renders::Renders, settings: &Settings) -> Inputs {
    let mut read =
        Inputs { files: Vec::new(), trees: project.folders.iter().map(|folder| folder.place().to_owned()).collect(), are_known: true };
    for input in inputs {
        match input {
            // One that fails doesn't say what it read.
            Input::Overlay(dir) => match renders.get(dir) {
                Ok((render, _)) => read.files.extend(render.inputs.iter().cloned()),
                Err(_) => {
                    read.files.extend(kustomize::named_files(dir));
                    read.are_known = false;
                }
            },
            Input::Manifests { texts, .. } => read.files.extend(texts.iter().map(|(path, _)| path.clone())),
        }
    }
    read.trees.extend(project.data_places.iter().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone())));
    read.files.extend(settings.baseline.iter().map(|baseline| baseline.path().to_owned()));
    read
}

/// The tasks that a change can affect, and the paths of the others. What can't be told is judged.
fn affected<'a>(
    project: &Project,
    tasks: Vec<plan::Task<'a>>,
    renders: &renders::Renders,
    settings: &Settings,
    problems: &mut Vec<Problem>,
) -> (Vec<plan::Task<'a>>, Vec<PathBuf>) {
    let changes = match &settings.since {
        None => return (tasks, Vec::new()),
        Some(Ok(snapshot)) => Changes::since(snapshot),
        Some(Err(error)) => {
            let help = "everything is judged; in CI, fetch the revision (with actions/checkout: fetch-depth: 0)";
            problems.push(Problem::warning("since-unknown", error.clone().help(help)));
            return (tasks, Vec::new());
        }
    };
    // Policies of a revision are not what the change says.
    let mut folders = project.folders.iter().filter(|folder| folder.is_on_disk());
    if folders.any(|folder| changes.below(folder.path()))
        || project.data_places.iter().any(|path| changes.below(path) || changes.touch([path]))
    {
        return (tasks, Vec::new());
    }
    let is_affected = |task: &plan::Task<'_>| {
        let Input::Overlay(own) = task.input else { return true };
        let below = task.below.iter().map(|(_, dir)| dir);
        let parts = std::iter::once(own).chain(&task.context).chain(&task.additions).chain(below);
        let changed = parts.into_iter().any(|dir| match renders.get(dir) {
            Ok((render, None)) => changes.touch(&render.inputs),
            // Neither kubectl nor a failed build says what was read.
            Ok((_, Some(_))) | Err(_) => true,
        });
        changed || side::leans_on_siblings(project, task, renders, settings)
    };
    let (judged, left): (Vec<_>, Vec<_>) = tasks.into_iter().partition(is_affected);
    (judged, left.into_iter().map(|task| task.input.path().to_owned()).collect())
}

/// The rules that are evaluated, with their levels.
fn summaries(project: &Project, is_asked: impl Fn(&Rule) -> bool) -> Vec<RuleSummary> {
    let summary = |rule: &Rule| {
        let environments = project.table.environments.iter().enumerate();
        let levels: Vec<_> = environments.map(|(at, environment)| (environment.name.clone(), project.table.level(&rule.id, at))).collect();
        RuleSummary {
            id: rule.id.clone(),
            title: rule.title.clone(),
            description: rule.description.trim().to_owned(),
            help: rule.help.clone(),
            page: rule.page(),
            level: levels.iter().map(|(_, level)| *level).max().unwrap_or(Level::Deny),
            levels,
        }
    };
    project.catalog.rules.iter().filter(|rule| is_asked(rule)).map(summary).collect()
}

/// The environments of which some overlay was not judged in this run.
fn unjudged_environments(project: &Project, judged: &[Judged]) -> Vec<usize> {
    // What can't be read can't be called judged.
    let Ok(all) = project.overlays() else { return (0..project.table.environments.len()).collect() };
    let judged: HashSet<PathBuf> = judged.iter().map(|judged| project.relative(&judged.path)).collect();
    let missed = all.iter().filter(|dir| !judged.contains(*dir) && project.table.excludes(dir).is_none());
    missed.filter_map(|dir| project.table.of_overlay(dir).ok()).map(|(at, _)| at).collect()
}

/// The first of the inputs, where the search for policies begins.
pub fn start(inputs: &[PathBuf]) -> Option<&Path> {
    inputs.iter().map(PathBuf::as_path).find(|path| *path != Path::new("-"))
}
