//! Which overlays a change since a git revision can affect.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use kustomize::yaml;
use walkdir::WalkDir;

use crate::git::{Checkout, Entry, Kind, Snapshot, Tree};

/// The working tree beside the files of a revision, committed or not, untracked ones included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changes<'a> {
    checkout: &'a Checkout,
    before: &'a Tree,
}

impl<'a> Changes<'a> {
    /// What is not as a revision has it.
    pub(crate) fn since(snapshot: &'a Snapshot) -> Self {
        Self { checkout: &snapshot.checkout, before: &snapshot.tree }
    }

    /// Whether one of these files changed, or may have; of directories, whether another way leads to them.
    pub(crate) fn touch<'i>(&self, inputs: impl IntoIterator<Item = &'i PathBuf>) -> bool {
        inputs.into_iter().any(|input| self.is_changed(input))
    }

    /// Whether anything below a directory changed, or may have.
    pub(crate) fn below(&self, directory: &Path) -> bool {
        let Some(located) = self.checkout.locate(directory) else { return true };
        let now = self.checkout.top().join(&located.path);
        // The directory of a submodule may be there without its files.
        let is_gone = |(path, entry): (&Path, &Entry)| {
            let now = fs::symlink_metadata(self.checkout.top().join(path));
            now.map_or(true, |now| now.is_dir() && entry.kind != Kind::Submodule)
        };
        let was_there = self.before.below(&located.path).next().is_some();
        if located.links.is_empty() && !was_there && fs::symlink_metadata(&now).is_err() {
            return false;
        }
        // What a link to a directory leads to is not looked at.
        let may_differ = |entry: walkdir::DirEntry| match entry.path_is_symlink() {
            true => entry.path().is_dir() || self.is_changed(entry.path()),
            false => !entry.file_type().is_dir() && self.is_changed(entry.path()),
        };
        let mut entries = WalkDir::new(now).follow_root_links(false).into_iter();
        self.is_changed(directory) || self.before.below(&located.path).any(is_gone) || entries.any(|entry| entry.map_or(true, may_differ))
    }

    fn is_changed(&self, path: &Path) -> bool {
        let Some(located) = self.checkout.locate(path) else { return true };
        let differs = |path: &PathBuf| !self.is_same(path).unwrap_or(false);
        // A link that leads elsewhere now is a change, whatever it leads to.
        located.links.iter().any(differs) || (!path.is_dir() && differs(&located.path))
    }

    /// Whether a path from the top is what it was; what can't be read isn't.
    fn is_same(&self, path: &Path) -> Option<bool> {
        let entry = self.before.get(path)?;
        let now = self.checkout.top().join(path);
        let metadata = fs::symlink_metadata(&now).ok()?;
        Some(match entry.kind {
            Kind::Link => metadata.is_symlink() && entry.id.names_bytes(fs::read_link(now).ok()?.as_os_str().as_encoded_bytes()),
            Kind::File if metadata.is_file() && metadata.len() <= yaml::LONGEST_FILE => {
                entry.id.names_file(&File::open(now).ok()?, metadata.len()).ok()?
            }
            Kind::File | Kind::Submodule => false,
        })
    }
}
