//! The main job: render, evaluate, locate, waive.

mod judge;
mod locator;
mod parallel;
mod plan;
mod renders;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::environments::Level;
use crate::findings::{self, Finding};
use crate::input::Input;
use crate::problem::{Failure, Problem, invalid};
use crate::project::Project;
use crate::redact::Secrets;
use crate::renderer::Renderer;

/// How to judge.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The environment to judge for, instead of what the table says.
    pub environment: Option<String>,
    /// What renders overlays.
    pub renderer: Renderer,
    /// Whether to compare each render with kubectl's.
    pub verify_render: bool,
    /// The Kubernetes version to judge by.
    pub kubernetes_version: kubevet_facts::schema::Version,
    /// Only rules whose id matches one of these globs; empty for all.
    pub rules: Vec<String>,
    /// The day on which waivers are judged.
    pub today: Date,
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
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Waived ones included; the worst first.
    pub findings: Vec<Finding>,
    /// What could not be judged, and what is worth knowing.
    pub problems: Vec<Problem>,
    /// What was judged.
    pub judged: Vec<Judged>,
    /// How many rules there are.
    pub rules: usize,
    /// What must not be printed.
    pub secrets: Secrets,
}

impl Report {
    /// A report of nothing but problems.
    pub fn of_problems(problems: Vec<Problem>) -> Self {
        Self { problems, ..Self::default() }
    }

    /// Findings at a level, without waived ones.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level && finding.waived.is_none()).count()
    }

    /// How many findings are waived.
    pub fn waived(&self) -> usize {
        self.findings.iter().filter(|finding| finding.waived.is_some()).count()
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        let denied = (self.count(Level::Deny) > 0).then_some(Failure::Denied);
        self.problems.iter().filter_map(|problem| problem.failure).chain(denied).max().map_or(0, Failure::exit_code)
    }
}

/// Judges the inputs.
pub fn check(project: &Project, inputs: &[Input], settings: &Settings) -> Report {
    let mut report = Report { rules: project.catalog.rules.len(), ..Report::default() };
    let (tasks, problems) = plan::plan(project, inputs, settings);
    let renders = renders::Renders::new(settings.renderer, settings.verify_render);
    report.problems.extend(problems);
    let mut used = vec![false; project.waivers.len()];
    for judgement in parallel::in_parallel(&tasks, |task| judge::judge(project, task, &renders, settings)) {
        report.problems.extend(judgement.problems);
        report.findings.extend(judgement.findings);
        report.judged.extend(judgement.judged);
        report.secrets.merge(judgement.secrets);
        judgement.waivers.into_iter().for_each(|at| used[at] = true);
    }
    report.findings = findings::merge(report.findings);
    report.problems.extend(waiver_problems(project, &report.judged, &used, settings));
    report
}

/// Expired waivers fail the run; a waiver that covers nothing is worth knowing, if all that it could cover was judged.
fn waiver_problems(project: &Project, judged: &[Judged], used: &[bool], settings: &Settings) -> Vec<Problem> {
    let is_judged = |name: &str| judged.iter().any(|judged| judged.environment == name);
    let mut problems = Vec::new();
    for (waiver, used) in std::iter::zip(&project.waivers, used) {
        let whom = format!("{} of {} {}", waiver.rule, waiver.kind, waiver.name);
        if waiver.expired(settings.today) {
            let error = invalid(format!("the waiver for {whom} expired on {}", waiver.expiry)).at(waiver.place.clone());
            problems.push(Problem::denied("waiver-expired", error.help(format!("fix the finding, or renew it: {}", waiver.reason))));
            continue;
        }
        let all: Vec<&str> = match waiver.environments.as_slice() {
            [] => project.table.environments.iter().map(|environment| environment.name.as_str()).collect(),
            names => names.iter().map(String::as_str).collect(),
        };
        if !used && settings.rules.is_empty() && all.iter().all(|name| is_judged(name)) {
            let error = invalid(format!("the waiver for {whom} covers nothing")).at(waiver.place.clone());
            problems.push(Problem::warning("waiver-unused", error.help("remove it, or correct its object, path or environment")));
        }
    }
    problems
}

/// The first of the inputs, where the search for policies begins.
pub fn start(inputs: &[PathBuf]) -> Option<&Path> {
    inputs.iter().map(PathBuf::as_path).find(|path| *path != Path::new("-"))
}
