//! Judges one input.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use kubevet_facts::workloads::Reading;
use kustomize::{Error, ErrorKind, Node, Note, NoteKind, Place, Render, Source, Sources};

use super::changed::{Before, Changed};
use super::drift::Below;
use super::judgement::Judgement;
use super::locator::{self, Locator};
use super::plan::Task;
use super::renders::{Renders, with_sources};
use super::siblings::may_be_elsewhere;
use super::{Judged, Settings};
use crate::coverage::Coverage;
use crate::discover::kustomization_file;
use crate::findings::Object;
use crate::input::Input;
use crate::paths::shown;
use crate::policy::{Evaluator, Question, Scope, Subject, Verdict};
use crate::problem::{Problem, invalid, whole};
use crate::project::Project;
use crate::redact::Secrets;
use crate::watch;

/// An input that is rendered, and what is to be asked about it.
#[derive(Default)]
pub(super) struct Case<'a> {
    pub(super) problems: Vec<Problem>,
    pub(super) judged: Option<Judged>,
    pub(super) secrets: Secrets,
    /// What is judged.
    own: Rendered,
    /// What is there already when the input is applied.
    context: Rendered,
    /// The renders of the environments below, each with its environment.
    below: Below<'a>,
    /// What of it nothing can judge.
    pub(super) coverage: Coverage,
    /// The Pods of objects of other kinds than Kubernetes' own.
    reading: Reading<'a>,
    /// Each with what it is about, if that is not everything.
    questions: Vec<(Option<About>, Question)>,
    /// What it was, and what of it changed.
    pub(super) change: Option<Changed>,
}

/// What a question is about.
#[derive(Clone, Copy)]
enum About {
    /// The object of this index.
    Object(usize),
    /// A Pod of an object, by its index among all of them.
    View(usize),
    /// What changed.
    Change,
    /// An old object that goes.
    Gone(usize),
}

impl Case<'_> {
    /// What is to be asked.
    pub(super) fn questions(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().map(|(_, question)| question)
    }

    /// The objects that are judged, then those that are only there; and how many are judged.
    fn objects(&self) -> (Vec<(&Sources, &Node)>, usize) {
        let mut objects: Vec<(&Sources, &Node)> = self.own.iter().flat_map(|render| with_sources(render)).collect();
        let judged = objects.len();
        if !self.context.is_empty() {
            // What is applied on top takes the place of what has the same identity.
            let identities: HashSet<Object> = objects.iter().map(|(_, node)| Object::of(node)).collect();
            let context = self.context.iter().flat_map(|render| with_sources(render));
            objects.extend(context.filter(|(_, node)| !identities.contains(&Object::of(node))));
        }
        (objects, judged)
    }

    /// What the build of the input noted.
    fn notes(&self) -> &[Note] {
        self.own.first().map_or(&[], |render| &render.notes)
    }
}

/// Renders, and computes what rules are asked about.
pub(super) fn prepare<'a>(project: &'a Project, task: &Task<'a>, renders: &Renders, settings: &Settings) -> Case<'a> {
    let begin = Instant::now();
    let mut case = Case::default();
    let _at = watch::at(format!("preparing {}", shown(task.input.path()).display()));
    match own_and_context(task, renders, &mut case.problems) {
        Ok((own, context)) => (case.own, case.context) = (own, context),
        Err(problems) => {
            case.problems.extend(problems);
            return case;
        }
    }
    case.own.iter().chain(&case.context).for_each(|render| case.secrets.add(render));
    // Kubevet's own rules put no value into a message.
    if project.catalog.rules.iter().any(|rule| !rule.file.embedded) {
        case.own.iter().for_each(|render| case.secrets.add_named(render));
    }
    let (objects, judged) = case.objects();
    let path = task.input.path();
    if judged == 0 {
        case.problems.push(nothing(task.input, &case.own));
        return case;
    }
    // One that doesn't render is reported where it is judged itself.
    let additions: Rendered = task.additions.iter().filter_map(|dir| renders.get(dir).ok()).map(|(render, _)| render).collect();
    let mut additions: Vec<&Node> = additions.iter().flat_map(|render| &render.objects).collect();
    let added = project.workloads.read(&additions);
    additions.extend(added.nodes());
    let nodes: Vec<&Node> = objects.iter().map(|(_, node)| *node).collect();
    let reading = project.workloads.read(&nodes);
    let (before, no_old_side) = match renders.before(task.input).transpose() {
        Ok(before) => (before.map(|before| Before::new(before, &nodes[..judged])), None),
        Err(problem) => (None, Some(problem)),
    };
    let old = before.as_ref().map(|before| before.updated(&nodes[..judged])).unwrap_or_default();
    let session = project.gatekeeper.session(settings.patience);
    let options = kubevet_facts::Options { old: &old, engine: Some(&session), ..options(project, settings, &additions, &reading) };
    let mut facts = kubevet_facts::compute(&nodes, &options);
    task.siblings.answer(&mut facts, renders, &project.products);
    let change = before.as_ref().map(|before| before.compare(project, task, &objects[..judged], &nodes, &mut facts, &options));
    let mut subjects: Vec<Subject> = nodes.iter().map(|node| task.rules.subject(node)).collect();
    let of_object = |(at, (subject, facts))| (Some(About::Object(at)), task.rules.on_object(subject, facts));
    let of_objects: Vec<_> = std::iter::zip(&subjects, &facts.objects).take(judged).enumerate().map(of_object).collect();
    let mut of_views = Vec::new();
    for (at, (view, facts)) in std::iter::zip(&reading.views, &facts.views).enumerate() {
        let subject = task.rules.subject_of_view(&view.node);
        if view.at < judged {
            of_views.push((Some(About::View(at)), task.rules.on_view(&subject, facts, |rule| view.is_judged_by(rule))));
        }
        // What an operator completes is not the whole workload, which is what rules about all objects compare.
        if !view.partial {
            subjects.push(subject);
        }
    }
    let of_overlay = (None, task.rules.on_overlay(&subjects, case.notes(), &facts.overlay));
    let paths: Vec<String> = objects.iter().map(|(sources, node)| came_from(sources, node)).collect();
    let combined = Ok(task.rules.on_combined(std::iter::zip(paths.iter().map(String::as_str), &subjects)));
    let below = Below::new(task, renders);
    let lost = below.lost(&objects[..judged], &project.workloads);
    let mut coverage = Coverage::of(&objects[..judged], &facts, &reading);
    case.own.iter().for_each(|render| coverage.add_not_run(render));
    let of_environments = (None, task.rules.on_environments(&lost));
    let of_change = change.iter().map(|change| (Some(About::Change), task.rules.on_change(&change.facts)));
    let nothing_changed = change.as_ref().is_some_and(|change| !change.has_any());
    let denied = change.iter().flat_map(|change| change.denied.iter().filter_map(|denied| Some((denied, change.old(denied.at)?))));
    let of_gone = denied.map(|(denied, node)| (Some(About::Gone(denied.at)), task.rules.on_gone(&task.rules.subject(node), &denied.facts)));
    let (mut questions, mut problems, mut evaluations) = (Vec::new(), Vec::new(), 0);
    let of_all = [of_overlay, of_environments, (None, combined)];
    for (at, question) in of_objects.into_iter().chain(of_views).chain(of_all).chain(of_change).chain(of_gone) {
        match question {
            Ok(question) => {
                evaluations += question.judged_by();
                // Rules about changes judged it, and where there is none they have nothing to say.
                let is_idle = nothing_changed && matches!(at, Some(About::Change));
                if !question.is_settled() && !is_idle {
                    questions.push((at, question));
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    if evaluations == 0 {
        let message = format!("no rule judges any of the {judged} objects of {}", path.display());
        let error = invalid(message).at(whole(path)).help("`kubevet rules` shows the table");
        problems.push(Problem::nothing("nothing-evaluated", error));
    }
    let environment = task.rules.environment().to_owned();
    case.judged = Some(Judged { path: path.to_owned(), environment, objects: judged, evaluations, time: begin.elapsed() });
    case.problems.extend(problems.into_iter().chain(no_old_side).chain(session.problems()));
    case.questions = questions;
    if !lost.is_empty() {
        below.renders.iter().for_each(|(_, render)| case.secrets.add(render));
    }
    if let Some(change) = &change {
        for render in change.before.iter().chain(&case.own) {
            case.secrets.add(render);
            // Values are shown, whatever rules say.
            case.secrets.add_named(render);
        }
    }
    case.change = change;
    case.below = below;
    case.coverage = coverage;
    case.reading = reading;
    case
}

/// Whether the input names objects that it has not, so that what another overlay has matters.
pub(super) fn leans_on_siblings(project: &Project, task: &Task<'_>, renders: &Renders, settings: &Settings) -> bool {
    let Input::Overlay(dir) = task.input else { return false };
    let Some((render, _)) = renders.get(dir).ok().filter(|_| task.siblings.are_several()) else { return false };
    let nodes: Vec<&Node> = render.objects.iter().collect();
    let reading = project.workloads.read(&nodes);
    let facts = kubevet_facts::compute(&nodes, &options(project, settings, &[], &reading));
    facts.objects.iter().chain(&facts.views).any(|object| object.dangling.iter().any(may_be_elsewhere))
}

pub(super) fn options<'a>(
    project: &'a Project,
    settings: &Settings,
    additions: &'a [&'a Node],
    reading: &'a Reading<'a>,
) -> kubevet_facts::Options<'a> {
    kubevet_facts::Options {
        kubernetes_version: settings.kubernetes_version,
        crds: Some(&project.crds),
        admission: &project.admission,
        engine: None,
        products: Some(&project.products),
        additions,
        reading: Some(reading),
        old: &[],
    }
}

/// Asks the rules, and finds where what they say comes from.
pub(super) fn judge(project: &Project, task: &Task<'_>, case: &Case<'_>, mut evaluator: Evaluator<'_>, settings: &Settings) -> Judgement {
    let begin = Instant::now();
    let mut judgement = Judgement::default();
    let _at = watch::at(format!("judging {}", shown(task.input.path()).display()));
    let (objects, judged) = case.objects();
    let mut locator = Locator::new(project, task.input.path(), task.rules.environment(), &objects, settings.today);
    locator.elsewhere = &case.below.renders;
    locator.show(&case.reading.views);
    // Two Pods of one object, or a Pod and its object, may show the same thing.
    let several: HashSet<Object> =
        case.reading.views.iter().filter_map(|view| objects.get(view.at)).map(|(_, node)| Object::of(node)).collect();
    let mut said = HashSet::new();
    for (about, question) in &case.questions {
        let view = match about {
            Some(About::View(at)) => case.reading.views.get(*at),
            _ => None,
        };
        let at = match about {
            Some(About::Object(at)) => Some(*at),
            Some(About::View(_)) => view.map(|view| view.at),
            Some(About::Change | About::Gone(_)) | None => None,
        };
        let verdicts = match evaluator.answer(question) {
            Ok(verdicts) => verdicts,
            Err(problems) => {
                judgement.problems.extend(problems);
                continue;
            }
        };
        if let (Some(About::Change | About::Gone(_)), Some(change)) = (about, &case.change) {
            let gone = match about {
                Some(About::Gone(at)) => change.old(*at).map(Object::of),
                _ => None,
            };
            let of_gone = |verdict: Verdict| Verdict { object: verdict.object.or_else(|| gone.clone()), ..verdict };
            let verdicts = verdicts.into_iter().map(of_gone).collect();
            change.findings(project, task, &objects, settings, verdicts, &mut judgement);
            continue;
        }
        for verdict in verdicts {
            let is_comparison = project.catalog.rules[verdict.rule].scope == Scope::Environments;
            let noted = verdict.note.and_then(|note| Some((case.own.first()?, case.notes().get(note)?)));
            if let Some((render, note)) = noted {
                let (finding, waiver) = locator.noted(&render.sources, note, verdict);
                judgement.findings.push(finding);
                judgement.waivers.extend(waiver);
                continue;
            }
            if at.is_none() && verdict.object.is_none() && project.catalog.rules[verdict.rule].is_foreign() {
                let source = case.own.first().and_then(|render| first_file(task.input.path(), render));
                let found = source.map(|source| locator.of_all(source, matches!(task.input, Input::Overlay(_)), verdict));
                if let Some((finding, waiver)) = found {
                    judgement.findings.push(finding);
                    judgement.waivers.extend(waiver);
                }
                continue;
            }
            let verdict = view.into_iter().fold(verdict, |verdict, view| locator::in_object(view, verdict));
            let result = match locator.subject(at, &verdict) {
                // A finding about the context is found where the context itself is judged.
                Ok(at) if at >= judged => continue,
                Ok(at) if about.is_none() && !locator.is_judged(at, verdict.rule) => continue,
                Ok(at) => locator.finding(at, verdict),
                Err(problem) => Err(problem),
            };
            match result {
                // What is lost is missing too: one rule is enough to say so.
                Ok((finding, _)) if several.contains(&finding.object) && !said.insert(finding.key()) => {}
                Ok((finding, _)) if is_comparison && judgement.findings.iter().any(|known| known.says_it_all(&finding)) => {}
                Ok((finding, waiver)) => {
                    judgement.findings.push(finding);
                    judgement.waivers.extend(waiver);
                }
                Err(problem) => judgement.problems.push(problem),
            }
        }
    }
    judgement.time = begin.elapsed();
    judgement
}

/// The file that an object comes from.
fn came_from(sources: &Sources, node: &Node) -> String {
    shown(sources.get(node.origin.source).path()).display().to_string()
}

/// The file that stands for all of an input: its kustomization, or the first of its manifests.
fn first_file(input: &Path, render: &Render) -> Option<Arc<Source>> {
    let sources = || render.sources.iter().map(|(_, source)| source);
    let kustomization = kustomization_file(input).map(|path| shown(&path));
    let own = sources().find(|source| Some(shown(source.path())) == kustomization);
    own.or_else(|| sources().next()).cloned()
}

type Rendered = Vec<Arc<Render>>;

/// What the input renders to, and what else is there when it is applied.
fn own_and_context(task: &Task<'_>, renders: &Renders, notices: &mut Vec<Problem>) -> Result<(Rendered, Rendered), Vec<Problem>> {
    let own = match task.input {
        Input::Overlay(dir) => {
            let (render, fallback) = renders.get(dir).map_err(|problem| vec![problem])?;
            if let Some(refused) = fallback {
                let message = format!("kubectl rendered {}, so findings point at whole files: {}", shown(dir).display(), refused.message);
                notices.push(Problem::warning("kubectl-fallback", Error { message, ..refused }));
            }
            vec![render]
        }
        Input::Manifests { texts, .. } => {
            let (mut read, mut problems) = (Vec::new(), Vec::new());
            for (path, text) in texts {
                match kustomize::read_manifests(path, text.clone()) {
                    Ok(render) => read.push(Arc::new(render)),
                    // Charts and the like keep values beside manifests.
                    Err(error) if texts.len() > 1 && error.kind == ErrorKind::Invalid && !text.contains("apiVersion") => {
                        problems.push(Problem::warning("left-out", error))
                    }
                    Err(error) => problems.push(Problem::unjudged("unreadable", error)),
                }
            }
            if read.is_empty() {
                return Err(problems);
            }
            notices.extend(problems);
            read
        }
    };
    let context = task.context.iter().map(|dir| renders.get(dir).map(|(render, _)| render).map_err(|problem| vec![problem]));
    Ok((own, context.collect::<Result<_, _>>()?))
}

/// What to say of an input that has no object.
fn nothing(input: &Input, renders: &[Arc<Render>]) -> Problem {
    let path = input.path();
    let Input::Overlay(_) = input else {
        let error = invalid(format!("{} holds no object", path.display())).at(whole(path));
        return Problem::nothing("empty-render", error.help("give it manifests, or remove it"));
    };
    let error = invalid(format!("{} renders to nothing", path.display())).at(whole(path));
    // Where a patch took all away, that is where to look.
    let notes = renders.iter().flat_map(|render| render.notes.iter().map(move |note| (render, note)));
    let deleting = notes.filter(|(_, note)| note.kind == NoteKind::DeletesMore);
    let error = deleting.fold(error, |error, (render, note)| error.related(Place::of(&render.sources, &note.origin), note.message.clone()));
    Problem::nothing("empty-render", error.help("list resources in its kustomization, or remove it"))
}
