//! What was said of objects, for when they are judged again.

use std::sync::Arc;

use kubevet_facts::{Alone, ObjectFacts};

use crate::policy::{Question, Subject, Verdict};

/// What rules were asked about objects, by their places, and what they said.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) subjects: Vec<Subject>,
    pub(super) facts: Vec<ObjectFacts>,
    pub(super) alone: Vec<Arc<Alone>>,
    pub(super) answers: Vec<Option<Answer>>,
    /// What was said of all of them together.
    pub(super) of_all: Option<Answer>,
}

/// What was said of something; where nothing had to be asked, nothing.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) question: Question,
    pub(super) verdicts: Vec<Verdict>,
}

impl Kept {
    /// Whether anything is to be kept of it.
    pub(super) fn is_kept(&self) -> bool {
        !self.subjects.is_empty()
    }
}

/// What a question is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum About {
    /// All objects together.
    All,
    /// The object of this index.
    Object(usize),
    /// A Pod of an object, by its index among all of them.
    View(usize),
    /// What changed.
    Change,
    /// An old object that goes.
    Gone(usize),
}
