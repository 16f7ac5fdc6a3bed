//! What is read, how, and what comes of it.

use std::ops::Range;
use std::sync::Arc;

use ecow::EcoString;

use super::Dialect;
use crate::error::{Error, ErrorKind, Place};
use crate::source::{Origin, Source, SourceId};
use crate::yaml::node::Node;

/// How deep collections may nest. Deeper trees are of no use to Kubernetes, and walking them would need a deep stack.
pub(super) const DEEPEST: usize = 500;

/// What a source holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    pub(crate) nodes: Vec<Node>,
    /// Content behind the first document of a part, which v3 does not read.
    pub(crate) passed_over: Vec<Origin>,
    /// Entries in whose place v2 takes a later one of the same key.
    pub(crate) repeated: Vec<(EcoString, Origin)>,
}

impl Documents {
    /// Changes each origin.
    pub(crate) fn change_origins(&mut self, change: &mut impl FnMut(&mut Origin)) {
        self.nodes.iter_mut().for_each(|node| node.change_origins(change));
        self.passed_over.iter_mut().for_each(&mut *change);
        self.repeated.iter_mut().for_each(|(_, origin)| change(origin));
    }
}

/// What is read, and how.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) id: SourceId,
    pub(super) text: &'a str,
    pub(super) dialect: Dialect,
    /// Whether a key that occurs twice is an error.
    pub(super) unique_keys: bool,
    /// Whether it begins as JSON does.
    pub(super) is_json: bool,
    /// Whether there is any tab.
    pub(super) tabs: bool,
}

impl Input<'_> {
    /// An error at a range of the text.
    pub(super) fn error(&self, range: Range<usize>, kind: ErrorKind, message: impl Into<String>) -> Error {
        Error::new(kind, message).at(self.place(range))
    }

    pub(super) fn place(&self, range: Range<usize>) -> Place {
        Place { source: Arc::clone(self.source), start: range.start as u32, end: range.end as u32 }
    }

    /// The origin of a node at a range of the text.
    pub(super) fn origin(&self, range: &Range<usize>) -> Origin {
        Origin::new(self.id, range.start as u32, range.end as u32)
    }
}
