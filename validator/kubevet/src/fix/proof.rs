//! The proof of fixes: the findings are gone, no other ones are there, and the renders differ in nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use kustomize::Render;

use super::candidate::{Candidate, Written};
use super::compare::{Said, differences, place};
use super::index::is_same;
use super::plan::State;
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
    edits: Vec<Vec<Written>>,
}

/// Why fixes are not as they should be.
#[derive(Debug)]
pub(super) struct Complaint {
    /// The candidates that it may be due to.
    pub(super) blamed: BTreeSet<usize>,
    pub(super) why: Refusal,
    /// The finding that is new, if that is it.
    pub(super) new: Option<usize>,
}

impl Complaint {
    pub(super) fn new(blamed: BTreeSet<usize>, why: impl Into<String>) -> Self {
        Self { blamed, why: Refusal::new(why), new: None }
    }
}

impl<'a> Proof<'a> {
    pub(super) fn new(before: &'a State, after: &'a Examined, candidates: &'a [Candidate]) -> Self {
        let edits = candidates.iter().map(|candidate| before.edits(candidate)).collect();
        Self { before, after, candidates, edits }
    }

    /// Why they are not as they should be.
    pub(super) fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = self.of_problems();
        complaints.extend(self.of_findings());
        complaints.extend(self.of_renders());
        complaints
    }

    fn of_problems(&self) -> Vec<Complaint> {
        let text = |problem: &Problem| (problem.code, problem.error.message.clone());
        let known: BTreeSet<_> = self.before.examined.report.problems.iter().map(text).collect();
        let new = self.after.report.problems.iter().filter(|problem| !known.contains(&text(problem)));
        let complaint = |problem: &Problem| {
            let file = problem.error.place.as_ref().map(|place| shown(place.source.path()));
            let is_it = |candidate: &Candidate| candidate.operations().any(|operation| Some(operation.file()) == file.as_ref());
            Complaint::new(self.those(is_it), format!("with it there is a problem: {}", problem.error.message))
        };
        let mut found: Vec<_> = new.map(complaint).collect();
        if found.is_empty() && self.after.renders.len() != self.before.examined.renders.len() {
            found.push(Complaint::new(BTreeSet::new(), "with it an overlay can't be judged"));
        }
        found
    }

    fn of_findings(&self) -> Vec<Complaint> {
        let mut before: HashMap<Known, usize> = HashMap::new();
        self.before.examined.report.findings.iter().for_each(|finding| *before.entry(known(finding)).or_default() += 1);
        let now: Vec<Known> = self.after.report.findings.iter().map(known).collect();
        let mut after: HashMap<&Known, usize> = HashMap::new();
        now.iter().for_each(|it| *after.entry(it).or_default() += 1);
        let mut mended: BTreeMap<Known, (usize, BTreeSet<usize>)> = BTreeMap::new();
        for (at, candidate) in self.candidates.iter().enumerate() {
            for finding in self.before.members(candidate) {
                let entry = mended.entry(known(finding)).or_default();
                entry.0 += 1;
                entry.1.insert(at);
            }
        }
        let mut complaints = Vec::new();
        for (it, (count, blamed)) in &mended {
            let most = before.get(it).copied().unwrap_or_default().saturating_sub(*count);
            if after.get(it).copied().unwrap_or_default() > most {
                complaints.push(Complaint::new(blamed.clone(), format!("with it the finding is still there in {}", it.1.display())));
            }
        }
        for (at, (finding, it)) in std::iter::zip(&self.after.report.findings, &now).enumerate() {
            let is_no_more = || after.get(it) <= before.get(it);
            if mended.contains_key(it) || finding.is_accepted() || is_no_more() || self.is_of_placeholder(finding) {
                continue;
            }
            let blamed = self.before.overlay(finding).map(|overlay| self.about(overlay, |object| identity::object_text(object) == it.2));
            let blamed = blamed.unwrap_or_default();
            let why = format!("with it there is a new finding of {}: {}", finding.rule, finding.message);
            complaints.push(Complaint { new: Some(at), ..Complaint::new(blamed, why) });
        }
        complaints
    }

    fn those(&self, is_it: impl Fn(&Candidate) -> bool) -> BTreeSet<usize> {
        self.candidates.iter().enumerate().filter(|(_, candidate)| is_it(candidate)).map(|(at, _)| at).collect()
    }

    /// The candidates that change such an object of an overlay, or are about it.
    fn about(&self, overlay: usize, is_it: impl Fn(&Object) -> bool) -> BTreeSet<usize> {
        let is_about = |edits: &&Vec<Written>| {
            let own = edits.iter().filter(|written| written.overlay == overlay);
            { own }.any(|written| is_it(&written.own) || is_it(&written.object()))
        };
        let all = self.edits.iter().enumerate();
        all.filter(|(_, edits)| is_about(edits)).map(|(at, _)| at).collect()
    }

    /// Whether a finding is on a value that a person must still choose.
    fn is_of_placeholder(&self, finding: &Finding) -> bool {
        let covers = |path: &[Step]| path.starts_with(&finding.path) || finding.path.starts_with(path);
        let Some(overlay) = self.before.overlay(finding) else { return false };
        let is_it = |written: &Written| {
            written.overlay == overlay
                && placeholders(&written.edit).iter().any(|path| covers(path))
                && (matches!(written.edit, Edit::Create { .. }) || written.object() == finding.object)
        };
        std::iter::zip(self.candidates, &self.edits).any(|(candidate, edits)| !candidate.is_safe() && edits.iter().any(is_it))
    }

    fn of_renders(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for (overlay, (judged, renders)) in self.before.examined.renders.iter().enumerate() {
            let now = self.after.renders.iter().find(|(now, _)| now.path == judged.path && now.environment == judged.environment);
            let Some((_, now)) = now.filter(|(_, now)| !is_same(renders, now)) else { continue };
            let Some(sources) = renders.first().map(|render| &render.sources) else { continue };
            let said = self.said(overlay);
            let objects = |renders: &'a [Arc<Render>]| renders.iter().flat_map(|render| &render.objects).collect::<Vec<_>>();
            for (object, what) in differences(sources, &objects(renders), &objects(now), &said) {
                let why = format!("with it {object} of {} is not as the fix says: {what}", shown(&judged.path).display());
                complaints.push(Complaint::new(self.about(overlay, |known| *known == object), why));
            }
        }
        complaints
    }

    /// What the fixes say of an overlay.
    fn said(&self, overlay: usize) -> Said<'_> {
        let mut said = Said::default();
        for (candidate, edits) in std::iter::zip(self.candidates, &self.edits) {
            if edits.iter().any(|written| matches!(written.edit, Edit::Source(SourceEdit::Quote | SourceEdit::Rewrite { .. }))) {
                let findings = candidate.members.iter().filter(|(_, at)| *at == overlay);
                let findings = findings.filter_map(|(at, _)| self.before.examined.report.findings.get(*at));
                for (render, note) in findings.filter_map(|finding| self.before.note(overlay, finding)) {
                    let (path, range) = place(&render.sources, &note.origin);
                    said.free.insert((path, range.start, range.end));
                }
            }
            for written in edits.iter().filter(|written| written.overlay == overlay) {
                if candidate.restores {
                    let place = written.edit.place();
                    said.restored.extend(place.map(|(object, path)| (object.unwrap_or(&written.own), path)));
                } else if !said.edits.iter().any(|(object, known)| **object == written.own && *known == written.edit) {
                    said.edits.push((&written.own, written.edit.clone()));
                }
            }
        }
        said
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
