//! What several builds have in common of files and hashes.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::context::budget::Cost;
use crate::context::files::Files;
use crate::context::hashes::Hashes;
use crate::context::tree;

/// Bytes that may be kept for other builds, about.
const MOST_KEPT: u64 = 64 << 20;

/// What builds have in common, or the parts of one build that go into the same directory.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Whether there is more than one build: then what others are likely to use is kept when it is met for the first time.
    pub(crate) for_many: bool,
    /// Where files are read.
    pub(crate) tree: tree::Files,
    /// The files of components.
    pub(crate) files: Files,
    /// The hashes of generated objects.
    pub(crate) hashes: Hashes,
    /// About as many bytes are kept.
    kept: AtomicU64,
}

impl Shared {
    /// That of many builds.
    pub(crate) fn for_many(tree: tree::Files) -> Self {
        Self { for_many: true, tree, ..Self::default() }
    }

    /// That of a single build.
    pub(crate) fn for_one(tree: tree::Files) -> Self {
        Self { tree, ..Self::default() }
    }

    /// Whether there is room to keep what has cost that much; then it counts as kept.
    pub(crate) fn has_room(&self, cost: Cost) -> bool {
        let size = cost.memory();
        let has_room = self.kept.fetch_add(size, Ordering::Relaxed).saturating_add(size) <= MOST_KEPT;
        if !has_room {
            self.kept.fetch_sub(size, Ordering::Relaxed);
        }
        has_room
    }
}
