//! Overlays that a revision has and nothing has any more: all of their objects go.

use std::path::PathBuf;
use std::sync::Arc;

use kubevet_facts::Facts;
use kustomize::Error;

use super::changed::{Before, Changed};
use super::in_place::Waivers;
use super::judgement::Judgement;
use super::plan::{self, Task};
use super::renders::Renders;
use super::side;
use super::{Judged, Report, RevisionTree, Settings, assumptions};
use crate::environments::Level;
use crate::findings::{self, Object};
use crate::input::Input;
use crate::policy::{Evaluator, Question, Rule, Verdict};
use crate::problem::Problem;
use crate::project::Project;

/// An overlay that is gone.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Its directory.
    pub path: PathBuf,
    /// The environment that it was of.
    pub environment: String,
}

/// Judges what goes with overlays.
pub fn removed(project: &Project, tree: &Arc<RevisionTree>, gone: &[Removed], settings: &Settings) -> Report {
    let mut report = Report::default();
    let Ok(selected) = plan::selection(&settings.rules, &project.catalog.ids()) else { return report };
    let is_asked = |rule: &Rule| selected(&rule.id) && (project.asks(rule) || !settings.rules.is_empty());
    for removed in gone {
        let settings = Settings { environment: Some(removed.environment.clone()), ..settings.clone() };
        let inputs = [Input::Overlay(removed.path.clone())];
        let (tasks, problems) = plan::plan(project, &inputs, &settings, is_asked);
        report.problems.extend(problems);
        let renders = Renders::of_revision(tree, &settings.kustomize, assumptions(project, &tasks));
        for task in &tasks {
            overlay(project, task, &renders, &settings, &mut report);
        }
    }
    report.redact();
    report.findings = findings::merge(report.findings);
    report
}

fn overlay(project: &Project, task: &Task<'_>, renders: &Renders, settings: &Settings, report: &mut Report) {
    let render = match renders.get(task.input.path()) {
        Ok((render, _)) => render,
        Err(problem) => {
            let error = Error { message: format!("as it was, {}", problem.error.message), ..*problem.error };
            return report.problems.push(Problem::unjudged("old-side", error));
        }
    };
    report.secrets.add(&render);
    report.secrets.add_named(&render);
    let reading = project.workloads.read(&[]);
    let options = side::options(project, settings, &[], &reading);
    let change = Before::new(vec![render], &[]).compare(project, task, &[], &[], &mut Facts::default(), &options);
    let mut judgement = Judgement::default();
    let questions = questions(task, &change, &mut judgement);
    match Evaluator::new(&project.catalog, questions.iter().map(|(_, question)| question)) {
        Ok(evaluator) => {
            let mut evaluator = evaluator.with_patience(settings.patience);
            for (gone, question) in &questions {
                match evaluator.answer(question) {
                    Ok(verdicts) => {
                        let of_gone = |verdict: Verdict| Verdict { object: verdict.object.or_else(|| gone.clone()), ..verdict };
                        let verdicts = verdicts.into_iter().map(of_gone).collect();
                        change.findings(project, task, &[], verdicts, &Waivers::none(settings.today), &mut judgement);
                    }
                    Err(problems) => judgement.problems.extend(problems),
                }
            }
        }
        Err(problem) => judgement.problems.push(problem),
    }
    report.findings.extend(judgement.findings.into_iter().filter(|finding| finding.level != Level::Off));
    report.problems.extend(judgement.problems);
    report.judged.push(Judged {
        path: task.input.path().to_owned(),
        environment: task.rules.environment().to_owned(),
        objects: 0,
        evaluations: questions.iter().map(|(_, question)| question.judged_by()).sum(),
        time: judgement.time,
    });
    report.changes.push(change.summary);
}

/// What to ask about what goes, each with the object that it is about, if that is one.
fn questions(task: &Task<'_>, change: &Changed, judgement: &mut Judgement) -> Vec<(Option<Object>, Question)> {
    let of_gone = change.denied.iter().filter_map(|denied| {
        let node = change.old(denied.at)?;
        Some((Some(Object::of(node)), task.rules.on_gone(&task.rules.subject(node), &denied.facts)))
    });
    let all = std::iter::once((None, task.rules.on_change(&change.facts))).chain(of_gone);
    let mut questions = Vec::new();
    for (object, question) in all {
        match question {
            Ok(question) => questions.push((object, question)),
            Err(problem) => judgement.problems.push(problem),
        }
    }
    questions
}
