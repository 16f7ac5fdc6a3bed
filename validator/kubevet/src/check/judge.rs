//! Asks the rules about a case, and finds where what they say comes from.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use kustomize::{Render, Source};

use super::Settings;
use super::answer::{About, Answer};
use super::case::{Asked, Case};
use super::changed::Changed;
use super::in_place::Waivers;
use super::judgement::Judgement;
use super::locator::{self, Locator};
use super::plan::Task;
use super::renders::Trusted;
use crate::discover::kustomization_file;
use crate::findings::Object;
use crate::input::Input;
use crate::paths::shown;
use crate::policy::{Evaluator, Scope, Verdict};
use crate::project::Project;
use crate::stop::Stop;
use crate::watch;

/// Asks the rules, and finds where what they say comes from.
pub(super) fn judge(
    project: &Project,
    task: &Task<'_>,
    case: &Case<'_>,
    mut evaluator: Evaluator<'_>,
    trusted: Option<&Trusted>,
    settings: &Settings,
) -> Judgement {
    let begin = Instant::now();
    let _at = watch::at(format!("judging {}", shown(task.input.path()).display()));
    let in_place = |case: &Asked<'_>| {
        let trusted = trusted.map(|trusted| Box::new(|| trusted.was(task.input)) as Box<dyn Fn() -> Vec<Arc<Render>>>);
        Waivers::new(&case.side.own, trusted, project.table.waivers_in_place, settings.today)
    };
    let (now, before) = (in_place(&case.now), in_place(&case.before));
    let mut judgement = side(project, task, &case.now, case.change.as_ref(), &mut evaluator, &now, &settings.stop);
    // What the old side makes fail is no news.
    judgement.before = side(project, task, &case.before, None, &mut evaluator, &before, &settings.stop).findings;
    judgement.take(now.here);
    judgement.time = begin.elapsed();
    judgement
}

/// The same of one side.
fn side(
    project: &Project,
    task: &Task<'_>,
    case: &Asked<'_>,
    change: Option<&Changed>,
    evaluator: &mut Evaluator<'_>,
    in_place: &Waivers<'_>,
    stop: &Stop,
) -> Judgement {
    let mut judgement = Judgement::default();
    let (objects, judged) = case.side.objects();
    let mut locator = Locator::new(project, task.input.path(), task.rules.environment(), &objects, in_place);
    locator.elsewhere = &case.below.renders;
    locator.show(&case.reading.views);
    // Two Pods of one object, or a Pod and its object, may show the same thing.
    let several: HashSet<Object> =
        case.reading.views.iter().filter_map(|view| objects.get(view.at)).map(|(_, node)| Object::of(node)).collect();
    let mut said = HashSet::new();
    for (about, question) in case.questions.iter().take_while(|_| !stop.is_wanted()) {
        let view = match about {
            Some(About::View(at)) => case.reading.views.get(*at),
            _ => None,
        };
        let at = match about {
            Some(About::Object(at)) => Some(*at),
            Some(About::View(_)) => view.map(|view| view.at),
            Some(About::All | About::Change | About::Gone(_)) | None => None,
        };
        let answer = case.answer(*about).map_or_else(|| evaluator.answer(question), |known| Ok(known.verdicts.clone()));
        if let (Some(about @ (About::Object(_) | About::All)), Ok(verdicts)) = (about, &answer)
            && case.recalled.is_kept()
        {
            judgement.answers.push((*about, Answer { question: question.clone(), verdicts: verdicts.clone() }));
        }
        let verdicts = match answer {
            Ok(verdicts) => verdicts,
            Err(problems) => {
                judgement.problems.extend(problems);
                continue;
            }
        };
        if let (Some(About::Change | About::Gone(_)), Some(change)) = (about, change) {
            let gone = match about {
                Some(About::Gone(at)) => change.old(*at).map(Object::of),
                _ => None,
            };
            let of_gone = |verdict: Verdict| Verdict { object: verdict.object.or_else(|| gone.clone()), ..verdict };
            let verdicts = verdicts.into_iter().map(of_gone).collect();
            change.findings(project, task, &objects, verdicts, in_place, &mut judgement);
            continue;
        }
        for verdict in verdicts {
            let is_comparison = project.catalog.rules[verdict.rule].scope == Scope::Environments;
            let noted = verdict.note.and_then(|note| Some((case.side.own.first()?, case.side.notes().get(note)?)));
            if let Some((render, note)) = noted {
                judgement.add(locator.noted(&render.sources, note, verdict));
                continue;
            }
            if at.is_none() && verdict.object.is_none() && project.catalog.rules[verdict.rule].is_foreign() {
                let source = case.side.own.first().and_then(|render| first_file(task.input.path(), render));
                let found = source.map(|source| locator.of_all(source, matches!(task.input, Input::Overlay(_)), verdict));
                found.into_iter().for_each(|found| judgement.add(found));
                continue;
            }
            let verdict = view.into_iter().fold(verdict, |verdict, view| locator::in_object(view, verdict));
            let result = match locator.subject(at, &verdict) {
                // A finding about the context is found where the context itself is judged.
                Ok(at) if at >= judged => continue,
                Ok(at) if matches!(about, None | Some(About::All)) && !locator.is_judged(at, verdict.rule) => continue,
                Ok(at) => locator.finding(at, verdict),
                Err(problem) => Err(problem),
            };
            match result {
                // What is lost is missing too: one rule is enough to say so.
                Ok((finding, _)) if several.contains(&finding.object) && !said.insert(finding.key()) => {}
                Ok((finding, _)) if is_comparison && judgement.findings.iter().any(|known| known.says_it_all(&finding)) => {}
                Ok(found) => judgement.add(found),
                Err(problem) => judgement.problems.push(problem),
            }
        }
    }
    judgement
}

/// The file that stands for all of an input: its kustomization, or the first of its manifests.
fn first_file(input: &Path, render: &Render) -> Option<Arc<Source>> {
    let sources = || render.sources.iter().map(|(_, source)| source);
    let kustomization = kustomization_file(input).map(|path| shown(&path));
    let own = sources().find(|source| Some(shown(source.path())) == kustomization);
    own.or_else(|| sources().next()).cloned()
}
