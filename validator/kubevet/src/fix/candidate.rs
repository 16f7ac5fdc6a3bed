//! What could be done: fixes, each of some findings, in one way.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::operation::Operation;
use super::outcome::Fixed;
use super::plan::State;
use super::refusal::Refusal;
use super::texts::Texts;
use crate::findings::{self, Finding};
use crate::location::Object;
use crate::remedy::Edit;

/// What makes several findings of different overlays one: what they are made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ask {
    rule: String,
    file: PathBuf,
    /// The document of the object in the file, or where the cause begins.
    at: usize,
    path: String,
    what: String,
}

/// A fix of some findings, in one way.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) ask: Ask,
    pub(crate) title: String,
    /// The title of the remedy that it is of.
    pub(crate) offer: String,
    pub(crate) safe: bool,
    /// Which of the remedies it is.
    pub(crate) remedy: usize,
    /// Whether the field becomes what it was before a patch took it out, rather than what the remedy says.
    pub(crate) restores: bool,
    /// The finding whose values are written: what a rule computes may be another value in another overlay.
    pub(crate) by: usize,
    /// The findings, each with its overlay.
    pub(crate) members: Vec<(usize, usize)>,
    pub(crate) operations: Vec<Operation>,
    /// Fixes of what would be found then.
    pub(crate) more: Vec<More>,
}

/// What is done besides, as the fix alone would lead to another finding.
#[derive(Clone, Debug)]
pub(crate) struct More {
    pub(crate) title: String,
    pub(crate) safe: bool,
    pub(crate) operations: Vec<Operation>,
    pub(crate) edits: Vec<Written>,
}

/// An edit with the values that are written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) overlay: usize,
    /// The object of the finding that it is for.
    pub(crate) own: Object,
    pub(crate) edit: Edit,
}

impl Ask {
    pub(super) fn of(finding: &Finding, file: PathBuf, at: usize) -> Self {
        Self { rule: finding.rule.clone(), file, at, path: finding.identity.path.clone(), what: finding.identity.what.clone() }
    }

    pub(super) fn rule(&self) -> &str {
        &self.rule
    }
}

impl Candidate {
    /// What tells it from other ways.
    pub(super) fn key(&self) -> String {
        format!("{:?} {:?}", self.ask, self.operations().collect::<Vec<_>>())
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().chain(self.more.iter().flat_map(|more| &more.operations))
    }

    /// Whether another one changes the same places in another way.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.operations().all(|one| other.operations().all(|two| one.is_beside(two)))
    }

    /// Does it.
    ///
    /// # Errors
    /// It can't be done there.
    pub(super) fn apply(&self, texts: &mut Texts) -> Result<(), Refusal> {
        self.operations().try_for_each(|operation| operation.apply(texts))
    }

    pub(super) fn is_safe(&self) -> bool {
        self.safe && self.more.iter().all(|more| more.safe)
    }

    /// The order that it follows: `ask for more replicas, and add a budget`.
    pub(super) fn whole_title(&self) -> String {
        let more = self.more.iter().map(|more| more.title.as_str());
        std::iter::once(self.title.as_str()).chain(more).collect::<Vec<_>>().join(", and ")
    }
}

impl Written {
    /// The object that it changes or makes.
    pub(super) fn object(&self) -> Object {
        match &self.edit {
            Edit::Create { object } => made(object, self.own.namespace.as_ref()),
            edit => edit.object().unwrap_or(&self.own).clone(),
        }
    }
}

impl State {
    /// The findings that a fix is for.
    pub(crate) fn members<'s>(&'s self, candidate: &'s Candidate) -> impl Iterator<Item = &'s Finding> {
        candidate.members.iter().filter_map(|(at, _)| self.examined.report.findings.get(*at))
    }

    /// The edits of a fix in each overlay, with the values that are written: those of one of the findings.
    pub(crate) fn edits(&self, candidate: &Candidate) -> Vec<Written> {
        let remedy = |finding: &Finding| Some(finding.remedies.get(candidate.remedy)?.edits.clone());
        let by = self.examined.report.findings.get(candidate.by).and_then(remedy).unwrap_or_default();
        let mut all = Vec::new();
        for (at, overlay) in &candidate.members {
            let Some(finding) = self.examined.report.findings.get(*at) else { continue };
            for (nth, edit) in remedy(finding).unwrap_or_default().into_iter().enumerate() {
                let edit = match (edit, by.get(nth)) {
                    (Edit::Set { object, path, .. }, Some(Edit::Set { value, .. })) => Edit::Set { object, path, value: value.clone() },
                    (Edit::Add { object, path, .. }, Some(Edit::Add { value, .. })) => Edit::Add { object, path, value: value.clone() },
                    (edit, _) => edit,
                };
                all.push(Written { overlay: *overlay, own: finding.object.clone(), edit });
            }
        }
        all.extend(candidate.more.iter().flat_map(|more| more.edits.iter().cloned()));
        all
    }

    /// What is said of a fix.
    pub(crate) fn fixed(&self, candidate: &Candidate) -> Option<Fixed> {
        let mut objects: Vec<Object> = Vec::new();
        for object in self.edits(candidate).iter().map(Written::object) {
            if !objects.contains(&object) {
                objects.push(object);
            }
        }
        let finding = as_one(self.members(candidate).cloned().collect())?;
        Some(Fixed { finding, objects, title: candidate.whole_title(), safe: candidate.is_safe() })
    }
}

/// The identity of an object that a fix makes.
fn made(object: &Json, namespace: Option<&String>) -> Object {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let metadata = &object["metadata"];
    Object {
        api_version: text(&object["apiVersion"]).unwrap_or_default(),
        kind: text(&object["kind"]).unwrap_or_default(),
        namespace: text(&metadata["namespace"]).or_else(|| namespace.cloned()),
        name: text(&metadata["name"]).unwrap_or_default(),
    }
}

/// Findings that are one but for the level, and whatever else differs from environment to environment.
fn as_one(findings: Vec<Finding>) -> Option<Finding> {
    let mut merged = findings::merge(findings).into_iter();
    let mut first = merged.next()?;
    for other in merged {
        first.also.extend(std::iter::once(other.object).chain(other.also));
        first.overlays.extend(other.overlays);
        first.environments.extend(other.environments);
    }
    first.environments.sort();
    first.environments.dedup();
    Some(first)
}
