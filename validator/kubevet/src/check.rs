//! The main job: render, evaluate, locate, waive.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jiff::civil::Date;
use kustomize::{Error, ErrorKind, Node, Place, Render, Sources};

use crate::environments::Level;
use crate::findings::{self, Finding, Location, Object, Role, Waived};
use crate::input::Input;
use crate::locate;
use crate::policy::{Evaluator, Rule, Verdict};
use crate::problem::{Failure, Problem, invalid, whole};
use crate::project::Project;
use crate::redact::Secrets;
use crate::renderer::{self, Renderer};

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
    let (tasks, problems) = plan(project, inputs, settings);
    report.problems.extend(problems);
    let mut used = vec![false; project.waivers.len()];
    for judgement in in_parallel(&tasks, |task| judge(project, task, settings)) {
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

/// One input with the rules of its environment.
struct Task<'a> {
    input: &'a Input,
    environment: usize,
    evaluator: Evaluator<'a>,
}

fn plan<'a>(project: &'a Project, inputs: &'a [Input], settings: &Settings) -> (Vec<Task<'a>>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut tasks = Vec::new();
    let selected = match selection(&settings.rules, &project.catalog.ids()) {
        Ok(selected) => selected,
        Err(error) => return (tasks, vec![Problem::configuration("unknown-rule", error)]),
    };
    let mut evaluators: BTreeMap<usize, Option<Evaluator<'a>>> = BTreeMap::new();
    for input in inputs {
        let found = match &settings.environment {
            Some(name) => project.table.named(name),
            None => project.table.of_overlay(&project.relative(input.path())),
        };
        let (environment, description) = match found {
            Ok(found) => found,
            Err(error) => {
                problems.push(Problem::configuration("no-environment", error.at(whole(input.path()))));
                continue;
            }
        };
        let evaluator = evaluators.entry(environment).or_insert_with(|| {
            let level = |rule: &Rule| if selected(&rule.id) { project.table.level(&rule.id, environment) } else { Level::Off };
            match Evaluator::new(&project.catalog, description, level) {
                Ok(evaluator) if evaluator.rules() == 0 => {
                    let error = invalid(format!("no rule applies in {}: every one is off or left out", description.name));
                    problems.push(Problem::nothing("no-rules", error.help("`kubevet rules` shows the table")));
                    None
                }
                Ok(evaluator) => Some(evaluator),
                Err(problem) => {
                    problems.push(problem);
                    None
                }
            }
        });
        if let Some(evaluator) = evaluator {
            tasks.push(Task { input, environment, evaluator: evaluator.clone() });
        }
    }
    (tasks, problems)
}

/// Which rules `--rule` lets through.
fn selection(patterns: &[String], ids: &[&str]) -> Result<impl Fn(&str) -> bool + use<>, Error> {
    let mut globs = globset::GlobSetBuilder::new();
    for pattern in patterns {
        let glob = globset::Glob::new(pattern).map_err(|error| invalid(format!("--rule {pattern}: {}", error.kind())))?;
        let matcher = glob.compile_matcher();
        if !ids.iter().any(|id| matcher.is_match(id)) {
            let hint = crate::problem::suggest(pattern, ids.iter().copied());
            return Err(invalid(format!("--rule {pattern} matches no rule")).help(format!("{hint}; `kubevet rules` lists all")));
        }
        globs.add(glob);
    }
    let set = globs.build().map_err(|error| invalid(error.to_string()))?;
    Ok(move |id: &str| set.is_empty() || set.is_match(id))
}

/// Results in the order of the tasks, computed on as many threads as there are cores, four at most.
fn in_parallel<T: Sync, R: Send>(tasks: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(4).min(tasks.len());
    if threads < 2 {
        return tasks.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        while let Some((at, task)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, tasks.get(at)?))) {
            done.push((at, work(task)));
        }
        done
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What came of one input.
#[derive(Default)]
struct Judgement {
    findings: Vec<Finding>,
    problems: Vec<Problem>,
    judged: Option<Judged>,
    secrets: Secrets,
    /// Waivers that covered something.
    waivers: Vec<usize>,
}

fn judge(project: &Project, task: &Task<'_>, settings: &Settings) -> Judgement {
    let mut judgement = Judgement::default();
    let renders = match render(task.input, settings, &mut judgement.problems) {
        Ok(renders) => renders,
        Err(problems) => {
            judgement.problems.extend(problems);
            return judgement;
        }
    };
    renders.iter().for_each(|render| judgement.secrets.add(render));
    let objects: Vec<(&Sources, &Node)> =
        renders.iter().flat_map(|render| render.objects.iter().map(move |object| (&render.sources, object))).collect();
    if objects.is_empty() {
        let error = invalid(format!("{} renders to nothing", task.input.path().display())).at(whole(task.input.path()));
        judgement.problems.push(Problem::nothing("empty-render", error.help("list resources in its kustomization, or remove it")));
        return judgement;
    }
    let verdicts = evaluate(project, task, &objects, settings, &mut judgement);
    let name = project.table.environments[task.environment].name.clone();
    let mut locator = Locator { project, task, environment: &name, objects: &objects, by_identity: None, settings };
    for (at, verdict) in verdicts {
        match locator.finding(at, verdict) {
            Ok((mut finding, waiver)) => {
                finding.message = judgement.secrets.scrub(&finding.message);
                judgement.findings.push(finding);
                judgement.waivers.extend(waiver);
            }
            Err(problem) => judgement.problems.push(problem),
        }
    }
    judgement
}

fn render(input: &Input, settings: &Settings, notices: &mut Vec<Problem>) -> Result<Vec<Render>, Vec<Problem>> {
    match input {
        Input::Overlay(dir) => {
            let rendered = settings.renderer.render(dir).map_err(|problem| vec![problem])?;
            if settings.verify_render {
                renderer::verify(dir, &rendered.render).map_err(|problem| vec![problem])?;
            }
            if let Some(refused) = rendered.fallback {
                let message = format!("kubectl rendered {}, so findings point at whole files: {}", dir.display(), refused.message);
                notices.push(Problem::warning("kubectl-fallback", Error { message, ..refused }));
            }
            Ok(vec![rendered.render])
        }
        Input::Manifests { texts, .. } => {
            let mut problems = Vec::new();
            let mut renders = Vec::new();
            for (path, text) in texts {
                match kustomize::read_manifests(path, text.clone()) {
                    Ok(render) => renders.push(render),
                    Err(error) => problems.push(Problem::unjudged("unreadable", error)),
                }
            }
            if problems.is_empty() { Ok(renders) } else { Err(problems) }
        }
    }
}

/// Evaluates all rules; each verdict has the index of its object, if it is about the one that was evaluated.
fn evaluate(
    project: &Project,
    task: &Task<'_>,
    objects: &[(&Sources, &Node)],
    settings: &Settings,
    judgement: &mut Judgement,
) -> Vec<(Option<usize>, Verdict)> {
    let mut evaluator = task.evaluator.clone();
    let mut verdicts = Vec::new();
    let nodes: Vec<&Node> = objects.iter().map(|(_, node)| *node).collect();
    let options =
        kubevet_facts::Options { kubernetes_version: settings.kubernetes_version, crds: &project.crds, products: Some(&project.products) };
    let facts = kubevet_facts::compute(&nodes, &options);
    for (at, (node, facts)) in std::iter::zip(&nodes, &facts.objects).enumerate() {
        match evaluator.object(node, facts) {
            Ok(found) => verdicts.extend(found.into_iter().map(|verdict| (Some(at), verdict))),
            Err(problems) => judgement.problems.extend(problems),
        }
    }
    match evaluator.overlay(&nodes, &facts.overlay) {
        Ok(found) => verdicts.extend(found.into_iter().map(|verdict| (None, verdict))),
        Err(problems) => judgement.problems.extend(problems),
    }
    if evaluator.evaluations() == 0 {
        let path = task.input.path();
        let message = format!("no rule judges any of the {} objects of {}", objects.len(), path.display());
        judgement
            .problems
            .push(Problem::nothing("nothing-evaluated", invalid(message).at(whole(path)).help("`kubevet rules` shows the table")));
    }
    judgement.judged = Some(Judged {
        path: task.input.path().to_owned(),
        environment: evaluator.environment().to_owned(),
        objects: objects.len(),
        evaluations: evaluator.evaluations(),
    });
    verdicts
}

/// Makes findings of verdicts.
struct Locator<'a> {
    project: &'a Project,
    task: &'a Task<'a>,
    environment: &'a str,
    objects: &'a [(&'a Sources, &'a Node)],
    by_identity: Option<HashMap<Object, usize>>,
    settings: &'a Settings,
}

impl Locator<'_> {
    fn index(&mut self, object: &Object) -> Option<usize> {
        let objects = self.objects;
        let map =
            self.by_identity.get_or_insert_with(|| objects.iter().enumerate().map(|(at, (_, node))| (Object::of(node), at)).collect());
        map.get(object).copied()
    }

    fn finding(&mut self, at: Option<usize>, verdict: Verdict) -> Result<(Finding, Option<usize>), Problem> {
        let rule = &self.project.catalog.rules[verdict.rule];
        let unknown = |object: &Object| {
            let place = Place { source: Arc::clone(&rule.file.source), start: 0, end: 0 };
            let message = format!("rule {} speaks of {object}, which is not in the render", rule.id);
            Problem::unjudged("rule-result", Error::new(ErrorKind::Invalid, message).at(place))
        };
        let at = match (&verdict.object, at) {
            (Some(object), _) => self.index(object).ok_or_else(|| unknown(object))?,
            (None, Some(at)) => at,
            (None, None) => return Err(unknown(&Object::of(&Node::map(kustomize::Origin::new(self.objects[0].1.origin.source, 0, 0))))),
        };
        let (sources, node) = self.objects[at];
        let object = Object::of(node);
        let mut locations = locate::locate(sources, node, &verdict.path);
        for related in &verdict.related {
            let at = match &related.object {
                Some(object) => self.index(object).ok_or_else(|| unknown(object))?,
                None => at,
            };
            let (sources, node) = self.objects[at];
            let cause = locate::locate(sources, node, &related.path).into_iter().next();
            locations.extend(cause.map(|cause| Location { role: Role::Related, note: Some(related.note.clone()), ..cause }));
        }
        let names = locate::element_names(node, &verdict.path);
        let covers = |waiver: &crate::waivers::Waiver| {
            !waiver.expired(self.settings.today) && waiver.covers(&rule.id, self.environment, &object, &verdict.path, &names)
        };
        let waiver = self.project.waivers.iter().position(covers);
        let waived = waiver.map(|at| {
            let waiver = &self.project.waivers[at];
            Waived { reason: waiver.reason.clone(), expiry: waiver.expiry.to_string() }
        });
        let finding = Finding {
            rule: rule.id.clone(),
            level: verdict.level,
            message: verdict.message,
            help: rule.help.clone(),
            environments: vec![self.environment.to_owned()],
            overlays: vec![crate::paths::shown(self.task.input.path())],
            object,
            same_object: true,
            path: verdict.path,
            locations,
            waived,
        };
        Ok((finding, waiver))
    }
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
