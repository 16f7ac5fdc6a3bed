//! What could be done: fixes, each of some findings, in one way.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::operation::Operation;
use super::refusal::Refusal;
use super::texts::Texts;
use crate::findings::Finding;
use crate::location::{Object, Step};
use crate::remedy::{self, Edit};

/// What makes several findings of different overlays one: what they are made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ask {
    rule: String,
    file: PathBuf,
    /// The document of the object in the file, or where the cause begins.
    at: usize,
    path: String,
    what: String,
    /// The place with its indexes and the whole message, where an overlay has several that are alike but for these, as elements of a list without keys have.
    apart: Option<(Vec<Step>, String)>,
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
    /// What a person chose, for placeholders.
    pub(crate) chosen: Vec<(String, Json)>,
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
        let (path, what) = (finding.identity.path.clone(), finding.identity.what.clone());
        Self { rule: finding.rule.clone(), file, at, path, what, apart: None }
    }

    /// That of one of several that are alike.
    pub(super) fn apart(&self, finding: &Finding) -> Self {
        Self { apart: Some((finding.path.clone(), finding.message.clone())), ..self.clone() }
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
        if self.chosen.is_empty() {
            return self.operations().try_for_each(|operation| operation.apply(texts));
        }
        self.operations().try_for_each(|operation| {
            let mut operation = operation.clone();
            operation.values_mut().into_iter().for_each(|value| self.fill(value));
            operation.apply(texts)
        })
    }

    /// Puts what a person chose into a value.
    pub(super) fn fill(&self, value: &mut Json) {
        self.chosen.iter().for_each(|(placeholder, chosen)| remedy::fill(value, placeholder, chosen));
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
