//! Judges one input.

use std::collections::HashSet;
use std::sync::Arc;

use kustomize::{Error, Node, Note, Render, Sources};

use super::drift::Below;
use super::locator::Locator;
use super::plan::Task;
use super::renders::Renders;
use super::{Judged, Settings};
use crate::findings::{Finding, Object};
use crate::input::Input;
use crate::paths::shown;
use crate::policy::Verdict;
use crate::problem::{Problem, invalid, whole};
use crate::project::Project;
use crate::redact::Secrets;

/// What came of one input.
#[derive(Default)]
pub(super) struct Judgement {
    pub(super) findings: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
    pub(super) judged: Option<Judged>,
    pub(super) secrets: Secrets,
    /// Waivers that covered something.
    pub(super) waivers: Vec<usize>,
}

/// Renders, evaluates and locates.
pub(super) fn judge(project: &Project, task: &Task<'_>, renders: &Renders, settings: &Settings) -> Judgement {
    let mut judgement = Judgement::default();
    let (own, context) = match own_and_context(task, renders, &mut judgement.problems) {
        Ok(found) => found,
        Err(problems) => {
            judgement.problems.extend(problems);
            return judgement;
        }
    };
    own.iter().chain(&context).for_each(|render| judgement.secrets.add(render));
    let mut objects: Vec<(&Sources, &Node)> = own.iter().flat_map(|render| with_sources(render)).collect();
    let judged = objects.len();
    if judged == 0 {
        let error = invalid(format!("{} renders to nothing", task.input.path().display())).at(whole(task.input.path()));
        judgement.problems.push(Problem::nothing("empty-render", error.help("list resources in its kustomization, or remove it")));
        return judgement;
    }
    // What is applied on top takes the place of what has the same identity.
    let identities: HashSet<Object> = objects.iter().map(|(_, node)| Object::of(node)).collect();
    objects.extend(context.iter().flat_map(|render| with_sources(render)).filter(|(_, node)| !identities.contains(&Object::of(node))));

    // One that doesn't render is reported where it is judged itself.
    let additions: Rendered = task.additions.iter().filter_map(|dir| renders.get(dir).ok()).map(|(render, _)| render).collect();
    let built = own.first();
    let notes = built.map_or(&[][..], |render| &render.notes);
    let below = Below::new(task, renders);
    let given = Given { objects: &objects, judged, additions: &additions, notes, below: &below };
    let verdicts = evaluate(project, task, &given, settings, &mut judgement);
    let mut locator = Locator::new(project, task.input.path(), task.evaluator.environment(), &objects, settings.today);
    locator.elsewhere = &below.renders;
    for (at, verdict) in verdicts {
        let noted = verdict.note.and_then(|note| Some((built?, notes.get(note)?)));
        if let Some((render, note)) = noted {
            let (finding, waiver) = locator.noted(&render.sources, note, verdict);
            judgement.findings.push(finding);
            judgement.waivers.extend(waiver);
            continue;
        }
        let result = match locator.subject(at, &verdict) {
            // A finding about the context is found where the context itself is judged.
            Ok(at) if at >= judged => continue,
            Ok(at) => locator.finding(at, verdict),
            Err(problem) => Err(problem),
        };
        match result {
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

pub(super) fn with_sources(render: &Render) -> impl Iterator<Item = (&Sources, &Node)> {
    render.objects.iter().map(|object| (&render.sources, object))
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
                    Err(error) => problems.push(Problem::unjudged("unreadable", error)),
                }
            }
            if !problems.is_empty() {
                return Err(problems);
            }
            read
        }
    };
    let context = task.context.iter().map(|dir| renders.get(dir).map(|(render, _)| render).map_err(|problem| vec![problem]));
    Ok((own, context.collect::<Result<_, _>>()?))
}

/// What rules are evaluated on.
struct Given<'a> {
    /// The objects that are judged, then those that are only there.
    objects: &'a [(&'a Sources, &'a Node)],
    judged: usize,
    /// What may be applied on top, for facts that ask whether anything needs something.
    additions: &'a [Arc<Render>],
    notes: &'a [Note],
    below: &'a Below<'a>,
}

/// Evaluates all rules; each verdict has the index of its object, if it is about the one that was evaluated.
fn evaluate(
    project: &Project,
    task: &Task<'_>,
    given: &Given<'_>,
    settings: &Settings,
    judgement: &mut Judgement,
) -> Vec<(Option<usize>, Verdict)> {
    let mut evaluator = task.evaluator.clone();
    let mut verdicts = Vec::new();
    let Given { objects, judged, additions, notes, below } = *given;
    let nodes: Vec<&Node> = objects.iter().map(|(_, node)| *node).collect();
    let additions: Vec<&Node> = additions.iter().flat_map(|render| &render.objects).collect();
    let options = kubevet_facts::Options {
        kubernetes_version: settings.kubernetes_version,
        crds: &project.crds,
        products: Some(&project.products),
        additions: &additions,
    };
    let facts = kubevet_facts::compute(&nodes, &options);
    for (at, (node, facts)) in std::iter::zip(&nodes, &facts.objects).enumerate().take(judged) {
        match evaluator.object(node, facts) {
            Ok(found) => verdicts.extend(found.into_iter().map(|verdict| (Some(at), verdict))),
            Err(problems) => judgement.problems.extend(problems),
        }
    }
    match evaluator.overlay(&nodes, notes, &facts.overlay) {
        Ok(found) => verdicts.extend(found.into_iter().map(|verdict| (None, verdict))),
        Err(problems) => judgement.problems.extend(problems),
    }
    match evaluator.environments(&below.lost(&objects[..judged])) {
        Ok(found) => {
            if !found.is_empty() {
                below.renders.iter().for_each(|(_, render)| judgement.secrets.add(render));
            }
            verdicts.extend(found.into_iter().map(|verdict| (None, verdict)));
        }
        Err(problems) => judgement.problems.extend(problems),
    }
    if evaluator.evaluations() == 0 {
        let path = task.input.path();
        let message = format!("no rule judges any of the {judged} objects of {}", path.display());
        judgement
            .problems
            .push(Problem::nothing("nothing-evaluated", invalid(message).at(whole(path)).help("`kubevet rules` shows the table")));
    }
    judgement.judged = Some(Judged {
        path: task.input.path().to_owned(),
        environment: evaluator.environment().to_owned(),
        objects: judged,
        evaluations: evaluator.evaluations(),
    });
    verdicts
}
