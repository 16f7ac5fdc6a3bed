//! The files of a revision.

use std::path::Path;

use kustomize::{Error, yaml};

use super::{Checkout, Kind, Tree};
use crate::problem::invalid;

/// What a revision has, without a checkout of it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Where it is kept, and where the files are that it is compared with.
    pub checkout: Checkout,
    /// As people should see it.
    pub name: String,
    /// Its files.
    pub tree: Tree,
}

impl Snapshot {
    /// The files of a revision of the checkout that a path is in.
    pub fn open(path: &Path, revision: &str) -> Result<Self, Error> {
        let checkout = Checkout::at(path)?;
        let commit = checkout.resolve(revision)?;
        let tree = checkout.tree(&commit)?;
        // Whoever gives a whole name, as the action does, knows it by its beginning.
        let name = if revision.eq_ignore_ascii_case(commit.id().as_str()) { commit.id().short() } else { revision };
        Ok(Self { name: name.to_owned(), checkout, tree })
    }

    /// A file of it as people should see it; its path is from the top.
    pub fn shown(&self, path: &Path) -> std::path::PathBuf {
        format!("{}:{}", self.name, path.display()).into()
    }

    /// The text of a file, if there is one.
    pub fn read(&self, path: &Path) -> Result<Option<String>, Error> {
        match self.tree.get(path) {
            Some(entry) if entry.kind == Kind::File => {
                let bytes = self.checkout.blobs(std::slice::from_ref(&entry.id))?.concat();
                yaml::read_text(&self.shown(path), bytes.as_slice()).map(Some)
            }
            Some(_) => Err(invalid(format!("{} is a link or a submodule", self.shown(path).display()))),
            None => Ok(None),
        }
    }
}
