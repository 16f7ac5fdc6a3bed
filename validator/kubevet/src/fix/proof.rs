//! The proof of fixes: the findings are gone, no other ones are there, and the renders differ in nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::compare::{Said, first_difference, place};
use super::plan::{Candidate, State};
use super::refusal::Refusal;
use crate::check::Examined;
use crate::findings::Finding;
use crate::identity;
use crate::location::{Object, Step};
use crate::paths::shown;
use crate::problem::Problem;
use crate::remedy::{Edit, PLACEHOLDER, SourceEdit, has_placeholder};

/// What a finding is, from one state to the next.
type Known = (String, PathBuf, String, identity::Identity);

fn known(finding: &Finding) -> Known {
    let overlay = finding.overlays.first().cloned().unwrap_or_default();
    (finding.rule.clone(), overlay, identity::object_text(&finding.object), finding.identity.clone())
}

/// What fixes are held against.
pub(super) struct Proof<'a> {
    pub(super) before: &'a State,
    pub(super) after: &'a Examined,
    pub(super) candidates: &'a [Candidate],
}

impl Proof<'_> {
    /// Why they are not as they should be; each with the candidates that it may be due to.
    pub(super) fn complaints(&self) -> Vec<(BTreeSet<usize>, Refusal)> {
        let mut complaints = self.of_problems();
        complaints.extend(self.of_findings());
        if complaints.is_empty() {
            complaints.extend(self.of_renders());
        }
        complaints
    }

    fn of_problems(&self) -> Vec<(BTreeSet<usize>, Refusal)> {
        let text = |problem: &Problem| (problem.code, problem.error.message.clone());
        let known: BTreeSet<_> = self.before.examined.report.problems.iter().map(text).collect();
        let new = self.after.report.problems.iter().find(|problem| !known.contains(&text(problem)));
        let mut found: Vec<_> = new
            .map(|problem| (BTreeSet::new(), Refusal::new(format!("with it there is a problem: {}", problem.error.message))))
            .into_iter()
            .collect();
        if found.is_empty() && self.after.renders.len() != self.before.examined.renders.len() {
            found.push((BTreeSet::new(), Refusal::new("with it an overlay can't be judged")));
        }
        found
    }

    fn of_findings(&self) -> Vec<(BTreeSet<usize>, Refusal)> {
        let count = |findings: &[Finding]| {
            let mut counts: BTreeMap<Known, usize> = BTreeMap::new();
            findings.iter().for_each(|finding| *counts.entry(known(finding)).or_default() += 1);
            counts
        };
        let (before, after) = (count(&self.before.examined.report.findings), count(&self.after.report.findings));
        let mut mended: BTreeMap<Known, (usize, BTreeSet<usize>)> = BTreeMap::new();
        for (at, candidate) in self.candidates.iter().enumerate() {
            for finding in candidate.members.iter().filter_map(|(finding, _)| self.before.examined.report.findings.get(*finding)) {
                let entry = mended.entry(known(finding)).or_default();
                entry.0 += 1;
                entry.1.insert(at);
            }
        }
        let mut complaints = Vec::new();
        for (it, (count, blamed)) in &mended {
            let most = before.get(it).copied().unwrap_or_default().saturating_sub(*count);
            if after.get(it).copied().unwrap_or_default() > most {
                complaints.push((blamed.clone(), Refusal::new(format!("with it the finding is still there in {}", it.1.display()))));
            }
        }
        for finding in &self.after.report.findings {
            let it = known(finding);
            if mended.contains_key(&it) || finding.is_accepted() || after.get(&it) <= before.get(&it) || self.is_of_placeholder(finding) {
                continue;
            }
            let blamed = self.about(|object| identity::object_text(object) == it.2);
            complaints.push((blamed, Refusal::new(format!("with it there is a new finding of {}: {}", finding.rule, finding.message))));
        }
        complaints
    }

    /// The candidates that change such an object.
    fn about(&self, is_it: impl Fn(&Object) -> bool) -> BTreeSet<usize> {
        let changes = |candidate: &Candidate| {
            let objects = candidate.members.iter().filter_map(|(finding, _)| self.before.examined.report.findings.get(*finding)).flat_map(
                |finding| {
                    let edits = finding.remedies.get(candidate.remedy).map(|remedy| remedy.edits.as_slice()).unwrap_or_default();
                    std::iter::once(&finding.object).chain(edits.iter().filter_map(Edit::object))
                },
            );
            { objects }.any(&is_it)
        };
        self.candidates.iter().enumerate().filter(|(_, candidate)| changes(candidate)).map(|(at, _)| at).collect()
    }

    /// Whether a finding is on a value that a person must still choose.
    fn is_of_placeholder(&self, finding: &Finding) -> bool {
        let covers = |path: &[Step]| path.starts_with(&finding.path) || finding.path.starts_with(path);
        let of_candidate = |candidate: &Candidate| {
            !candidate.safe
                && candidate.members.iter().filter_map(|(at, _)| self.before.examined.report.findings.get(*at)).any(|mended| {
                    let edits = mended.remedies.get(candidate.remedy).map(|remedy| remedy.edits.as_slice()).unwrap_or_default();
                    mended.overlays == finding.overlays
                        && edits.iter().any(|edit| {
                            let object = edit.object().unwrap_or(&mended.object);
                            placeholders(edit).iter().any(|path| covers(path))
                                && (*object == finding.object || matches!(edit, Edit::Create { .. }))
                        })
                })
        };
        self.candidates.iter().any(of_candidate)
    }

    /// An edit with the value that was written, which is that of one of the findings.
    fn written(&self, candidate: &Candidate, nth: usize, edit: &Edit) -> Edit {
        let by = self.before.examined.report.findings.get(candidate.by);
        let by = by.and_then(|finding| finding.remedies.get(candidate.remedy)?.edits.get(nth));
        match (edit.clone(), by) {
            (Edit::Set { object, path, .. }, Some(Edit::Set { value, .. })) => Edit::Set { object, path, value: value.clone() },
            (Edit::Add { object, path, .. }, Some(Edit::Add { value, .. })) => Edit::Add { object, path, value: value.clone() },
            (edit, _) => edit,
        }
    }

    fn of_renders(&self) -> Vec<(BTreeSet<usize>, Refusal)> {
        let mut complaints = Vec::new();
        for (overlay, (judged, renders)) in self.before.examined.renders.iter().enumerate() {
            let now = self.after.renders.iter().find(|(now, _)| now.path == judged.path && now.environment == judged.environment);
            let Some((_, now)) = now else { continue };
            let mut said = Said::default();
            for candidate in self.candidates {
                for finding in candidate
                    .members
                    .iter()
                    .filter(|(_, at)| *at == overlay)
                    .filter_map(|(at, _)| self.before.examined.report.findings.get(*at))
                {
                    let edits = finding.remedies.get(candidate.remedy).map(|remedy| remedy.edits.as_slice()).unwrap_or_default();
                    if candidate.restores {
                        let place = edits.first().and_then(Edit::place);
                        said.restored.extend(place.map(|(object, path)| (object.unwrap_or(&finding.object), path)));
                        continue;
                    }
                    for (nth, edit) in edits.iter().enumerate() {
                        if let (Edit::Source(SourceEdit::Quote | SourceEdit::Rewrite { .. }), Some((render, note))) =
                            (edit, self.before.note(overlay, finding))
                        {
                            let (path, range) = place(&render.sources, &note.origin);
                            said.free.insert((path, range.start, range.end));
                        }
                        let edit = self.written(candidate, nth, edit);
                        if !said.edits.iter().any(|(object, known)| **object == finding.object && *known == edit) {
                            said.edits.push((&finding.object, edit));
                        }
                    }
                }
            }
            let (before, after) = (renders.iter().flat_map(|render| &render.objects), now.iter().flat_map(|render| &render.objects));
            let (before, after): (Vec<_>, Vec<_>) = (before.cloned().collect(), after.cloned().collect());
            let Some(sources) = renders.first().map(|render| &render.sources) else { continue };
            if let Some((object, what)) = first_difference(sources, &before, &after, &said) {
                let blamed = self.about(|known| *known == object);
                complaints.push((
                    blamed,
                    Refusal::new(format!("with it {object} of {} is not as the fix says: {what}", shown(&judged.path).display())),
                ));
            }
        }
        complaints
    }
}

/// Where an edit leaves a choice to a person.
fn placeholders(edit: &Edit) -> Vec<Vec<Step>> {
    fn within(value: &serde_json::Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
        match value {
            serde_json::Value::String(text) if text.contains(PLACEHOLDER) => found.push(path.clone()),
            serde_json::Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Step::Index(index));
                    within(item, path, found);
                    path.pop();
                }
            }
            serde_json::Value::Object(fields) => {
                for (key, value) in fields {
                    path.push(Step::Key(key.clone()));
                    within(value, path, found);
                    path.pop();
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    match edit {
        Edit::Set { path, value, .. } => within(value, &mut path.clone(), &mut found),
        // Which element it will be is not known: any of the list's.
        Edit::Add { path, value, .. } if has_placeholder(value) => found.push(path.clone()),
        Edit::Create { object } => within(object, &mut Vec::new(), &mut found),
        _ => {}
    }
    found
}
