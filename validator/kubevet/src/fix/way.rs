//! Ways to do an edit.

use std::path::PathBuf;

use super::operation::Operation;

/// One way to do an edit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) operation: Operation,
    /// The file that decides which overlays it affects: the one that is edited, or that lists what is new.
    pub(crate) file: PathBuf,
    /// Where the object begins that it changes, so that only overlays with that object count; none for a new object.
    pub(crate) anchor: Option<(PathBuf, u32)>,
}

impl Way {
    pub(super) fn new(operation: Operation) -> Self {
        Self { file: operation.file().clone(), operation, anchor: None }
    }

    pub(super) fn of(self, anchor: &(PathBuf, u32)) -> Self {
        Self { anchor: Some(anchor.clone()), ..self }
    }
}
