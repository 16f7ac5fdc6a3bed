//! An input that is rendered, on both sides where it is compared with an old state, and what is to be asked about it.

use std::sync::Arc;
use std::time::Instant;

use kubevet_facts::admission;
use kubevet_facts::workloads::Reading;
use kustomize::{Node, NoteKind, Place, Render, Sources};

use super::answer::{self, About, Answer};
use super::changed::{Before, Changed};
use super::drift::Below;
use super::judgement::Judgement;
use super::known::Known;
use super::memory::Memory;
use super::plan::Task;
use super::recall::Recalled;
use super::renders::Renders;
use super::side::{self, Alike, Side, Sourced};
use super::{Judged, Settings};
use crate::coverage::Coverage;
use crate::input::Input;
use crate::paths::shown;
use crate::policy::{Question, Subject};
use crate::problem::{Problem, invalid, whole};
use crate::project::Project;
use crate::redact::Secrets;
use crate::watch;

/// An input, and what is to be asked about it.
#[derive(Default)]
pub(super) struct Case<'a> {
    pub(super) problems: Vec<Problem>,
    pub(super) judged: Option<Judged>,
    pub(super) secrets: Secrets,
    /// The input as it is.
    pub(super) now: Asked<'a>,
    /// As it was, where it is compared with that.
    pub(super) before: Asked<'a>,
    /// What of it nothing can judge.
    pub(super) coverage: Coverage,
    /// What changed.
    pub(super) change: Option<Changed>,
    /// Whether it depends on what other overlays have.
    pub(super) leans: bool,
    /// What is known of it already: then nothing is asked.
    pub(super) known: Option<Arc<Known>>,
}

/// A side of an input. Of two sides, only what rules see otherwise than on the other one is asked about.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub(super) side: Side,
    /// The renders of the environments below, each with its environment.
    pub(super) below: Below<'a>,
    /// The Pods of objects of other kinds than Kubernetes' own.
    pub(super) reading: Reading<'a>,
    /// Each with what it is about, if that is not more than its objects.
    pub(super) questions: Vec<(Option<About>, Question)>,
    /// What is kept for when it is judged again: the subjects and facts, and answers that are known already.
    pub(super) recalled: answer::Kept,
}

impl Asked<'_> {
    /// What was said already of what a question is about.
    pub(super) fn answer(&self, about: Option<About>) -> Option<&Answer> {
        match about? {
            About::Object(at) => self.recalled.answers.get(at)?.as_ref(),
            About::All => self.recalled.of_all.as_ref(),
            About::View(_) | About::Change | About::Gone(_) => None,
        }
    }
}

impl Case<'_> {
    /// That of an input that is what it was.
    pub(super) fn known(known: Arc<Known>) -> Self {
        let (problems, judged) = (known.problems.clone(), known.judged.clone());
        let (secrets, coverage) = (known.secrets.clone(), known.coverage.clone());
        Self { problems, judged, secrets, coverage, known: Some(known), ..Self::default() }
    }

    /// What is to be kept of it.
    pub(super) fn to_known(&self, judgement: &Judgement) -> Known {
        Known {
            problems: self.problems.clone(),
            judged: self.judged.clone(),
            secrets: self.secrets.clone(),
            coverage: self.coverage.clone(),
            judgement: judgement.clone(),
        }
    }

    /// What is to be asked.
    pub(super) fn questions(&self) -> impl Iterator<Item = &Question> {
        let is_open = |(about, _): &&(Option<About>, Question)| self.now.answer(*about).is_none();
        self.now.questions.iter().filter(is_open).chain(&self.before.questions).map(|(_, question)| question)
    }
}

/// Renders, and computes what rules are asked about, besides what is known of an input that was judged before.
pub(super) fn prepare<'a>(
    project: &'a Project,
    task: &Task<'a>,
    renders: &Renders,
    settings: &Settings,
    memory: Option<&Memory>,
) -> Case<'a> {
    let begin = Instant::now();
    let mut case = Case::default();
    let _at = watch::at(format!("preparing {}", shown(task.input.path()).display()));
    let now = match Side::now(task, renders, &mut case.problems) {
        Ok(side) => side,
        Err(problems) => {
            case.problems.extend(problems);
            return case;
        }
    };
    now.own.iter().chain(&now.context).for_each(|render| case.secrets.add(render));
    // Kubevet's own rules put no value into a message; others, and the cluster's policies, may.
    let is_policy = |node: &Node| admission::is_policy(node) || admission::gatekeeper::is_own(node);
    let has_policies = || now.own.iter().chain(&now.context).flat_map(|render| &render.objects).chain(&project.admission).any(is_policy);
    if project.catalog.rules.iter().any(|rule| !rule.file.embedded) || has_policies() {
        now.own.iter().for_each(|render| case.secrets.add_named(render));
    }
    let (objects, judged) = now.objects();
    let path = task.input.path();
    if judged == 0 {
        case.problems.push(nothing(task.input, &now.own));
        return case;
    }
    let nodes: Vec<&Node> = objects.iter().map(|(_, node)| *node).collect();
    let (old, no_old_side) = match renders.before(task.input).transpose() {
        Ok(old) => (old.map(|own| Side::before(task, own, renders.of_before())), None),
        Err(problem) => (None, Some(problem)),
    };
    let before = old.as_ref().map(|old| Before::new(old.own.clone(), &nodes[..judged]));
    let recall = memory.and_then(|memory| memory.recall(task));
    let recalled = recall.map(|recall| recall.of(&objects, settings.kubernetes_version)).unwrap_or_default();
    let (known, change) = side::Known::new(project, task, Some(renders), settings, (&objects, judged), before.as_ref(), &recalled.alone);
    let subject = |(at, node): (usize, &&Node)| recalled.subject(at).cloned().unwrap_or_else(|| task.rules.subject(node));
    let subjects: Vec<Subject> = nodes.iter().enumerate().map(subject).collect();
    let mut alike = Alike::default();
    let mut list = Questions::default();
    if let (Some(old), Some(before)) = (&old, &before) {
        let (olds, was_judged) = old.objects();
        let (was, _) = side::Known::new(project, task, renders.of_before(), settings, (&olds, was_judged), None, &[]);
        let both = side::compare(before.pairs(), (&known, &objects, now.notes()), (&was, &olds, old.notes()));
        alike = both.now;
        let subject = |(at, (_, node)): (usize, &Sourced<'_>)| match both.same.get(at).copied().flatten() {
            Some(new) => subjects[new].clone(),
            None => task.rules.subject(node),
        };
        if !both.before.all {
            let subjects = olds.iter().enumerate().map(subject).collect();
            let mut questions = Questions::default();
            questions.of_side(task, (old, &olds, was_judged), &was, subjects, &both.before, &Recalled::default());
            case.before.questions = questions.list;
        }
        (case.before.below, case.before.reading) = (was.below, was.reading);
    }
    let of_change = change.iter().map(|change| (Some(About::Change), task.rules.on_change(&change.facts)));
    let nothing_changed = change.as_ref().is_some_and(|change| !change.has_any());
    let denied = change.iter().flat_map(|change| change.denied.iter().filter_map(|denied| Some((denied, change.old(denied.at)?))));
    let of_gone = denied.map(|(denied, node)| (Some(About::Gone(denied.at)), task.rules.on_gone(&task.rules.subject(node), &denied.facts)));
    let kept = memory.map(|_| subjects.clone());
    list.of_side(task, (&now, &objects, judged), &known, subjects, &alike, &recalled);
    for (about, question) in of_change.chain(of_gone) {
        // Rules about changes judged it, and where there is none they have nothing to say.
        list.add(about, question, nothing_changed && matches!(about, Some(About::Change)));
    }
    if list.evaluations == 0 {
        let message = format!("no rule judges any of the {judged} objects of {}", path.display());
        let error = invalid(message).at(whole(path)).help("`kubevet rules` shows the table");
        list.problems.push(Problem::nothing("nothing-evaluated", error));
    }
    let environment = task.rules.environment().to_owned();
    let mut coverage = Coverage::of(&objects[..judged], &known.facts, &known.reading);
    now.own.iter().for_each(|render| coverage.add_not_run(render));
    case.judged =
        Some(Judged { path: path.to_owned(), environment, objects: judged, evaluations: list.evaluations, time: begin.elapsed() });
    case.problems.extend(list.problems.into_iter().chain(no_old_side).chain(known.problems));
    if !known.lost.is_empty() {
        known.below.renders.iter().for_each(|(_, render)| case.secrets.add(render));
    }
    if let Some(change) = &change {
        for render in change.before.iter().chain(&now.own) {
            case.secrets.add(render);
            // Values are shown, whatever rules say.
            case.secrets.add_named(render);
        }
    }
    case.change = change;
    case.coverage = coverage;
    case.leans = known.leans;
    case.before.side = old.unwrap_or_default();
    let (facts, alone) = (known.facts.objects, known.facts.alone);
    let asked = |subjects| answer::Kept { subjects, facts, alone, answers: list.answers, of_all: list.of_all };
    let recalled = kept.map(asked).unwrap_or_default();
    case.now = Asked { side: now, below: known.below, reading: known.reading, questions: list.list, recalled };
    case
}

/// Questions, and what came of asking which there are.
#[derive(Default)]
struct Questions {
    list: Vec<(Option<About>, Question)>,
    /// What was said already, by the places of objects.
    answers: Vec<Option<Answer>>,
    /// What was said already of all objects together.
    of_all: Option<Answer>,
    problems: Vec<Problem>,
    /// How many rules judge an input, those among them that certainly find nothing.
    evaluations: usize,
}

impl Questions {
    /// Adds a question; one that is `idle` is judged and not asked.
    fn add(&mut self, about: Option<About>, question: Result<Question, Problem>, idle: bool) {
        match question {
            Ok(question) => {
                self.evaluations += question.judged_by();
                if !question.is_settled() && !idle {
                    self.list.push((about, question));
                }
            }
            Err(problem) => self.problems.push(problem),
        }
    }

    /// Adds what is to be asked about a side, besides what is alike on the other one.
    fn of_side(
        &mut self,
        task: &Task<'_>,
        (side, objects, judged): (&Side, &[Sourced<'_>], usize),
        known: &side::Known<'_>,
        mut subjects: Vec<Subject>,
        alike: &Alike,
        recalled: &Recalled<'_>,
    ) {
        self.answers = vec![None; judged];
        for (at, (subject, facts)) in std::iter::zip(&subjects, &known.facts.objects).take(judged).enumerate() {
            if alike.object(at) {
                self.evaluations += task.rules.judging(subject);
                continue;
            }
            let question = match recalled.answer(at, facts) {
                Some(known) => {
                    self.answers[at] = Some(known.clone());
                    Ok(known.question.clone())
                }
                None => task.rules.on_object(subject, facts),
            };
            if let Some(settled) = question.as_ref().ok().filter(|question| question.is_settled()) {
                self.answers[at] = Some(Answer { question: settled.clone(), verdicts: Vec::new() });
            }
            self.add(Some(About::Object(at)), question, false);
        }
        let mut of_views = Vec::new();
        for (at, (view, facts)) in std::iter::zip(&known.reading.views, &known.facts.views).enumerate() {
            let subject = task.rules.subject_of_view(&view.node);
            if view.at < judged && !alike.view(at) {
                of_views.push((at, task.rules.on_view(&subject, facts, |rule| view.is_judged_by(rule))));
            }
            // What an operator completes is not the whole workload, which is what rules about all objects compare.
            if !view.partial {
                subjects.push(subject);
            }
        }
        of_views.into_iter().for_each(|(at, question)| self.add(Some(About::View(at)), question, false));
        if !alike.all {
            let answer = recalled.of_all();
            let question =
                task.rules.on_overlay_again(&subjects, side.notes(), &known.facts.overlay, answer.map(|answer| &answer.question));
            if let Ok(question) = &question {
                let settled = || question.is_settled().then(|| Answer { question: question.clone(), verdicts: Vec::new() });
                self.of_all = answer.filter(|answer| answer.question.is_about_input_of(question)).cloned().or_else(settled);
            }
            self.add(Some(About::All), question, false);
        }
        self.add(None, task.rules.on_environments(&known.lost), false);
        let paths: Vec<String> = objects.iter().map(|(sources, node)| came_from(sources, node)).collect();
        self.add(None, Ok(task.rules.on_combined(std::iter::zip(paths.iter().map(String::as_str), &subjects))), false);
    }
}

/// The file that an object comes from.
fn came_from(sources: &Sources, node: &Node) -> String {
    shown(sources.get(node.origin.source).path()).display().to_string()
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
