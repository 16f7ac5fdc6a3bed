//! Files as fixes leave them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::refusal::Refusal;
use crate::drafts::Drafts;
use crate::files;

/// The texts that were edited, over drafts, over what is on disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    below: Option<Arc<Drafts>>,
    /// By path, as it is shown.
    edited: BTreeMap<PathBuf, Arc<str>>,
}

impl Texts {
    pub(crate) fn over(below: Option<Arc<Drafts>>) -> Self {
        Self { below, edited: BTreeMap::new() }
    }

    /// The text of a file, if it is there.
    ///
    /// # Errors
    /// It can't be read.
    pub(crate) fn get(&self, path: &Path) -> Result<Option<Arc<str>>, Refusal> {
        if let Some(text) = self.edited.get(path) {
            return Ok(Some(Arc::clone(text)));
        }
        if let Some(text) = self.below.as_ref().and_then(|below| below.text(path)) {
            return Ok(text.map(Arc::from));
        }
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        files::read_text(path).map(|text| Some(text.into())).map_err(|error| Refusal::new(error.message))
    }

    /// The text of a file that is there.
    ///
    /// # Errors
    /// It isn't, or can't be read.
    pub(crate) fn read(&self, path: &Path) -> Result<Arc<str>, Refusal> {
        self.get(path)?.ok_or_else(|| Refusal::new(format!("{} is not there", path.display())))
    }

    pub(crate) fn put(&mut self, path: &Path, text: String) {
        self.edited.insert(path.to_owned(), text.into());
    }

    /// The edited files, with what they would say.
    pub(crate) fn edited(&self) -> impl Iterator<Item = (&Path, &Arc<str>)> {
        self.edited.iter().map(|(path, text)| (path.as_path(), text))
    }

    /// The files that are not the same in another state.
    pub(crate) fn differing(&self, other: &Self) -> Vec<PathBuf> {
        let paths: BTreeSet<&PathBuf> = self.edited.keys().chain(other.edited.keys()).collect();
        paths.into_iter().filter(|path| self.edited.get(*path) != other.edited.get(*path)).cloned().collect()
    }

    /// What builds see of them.
    ///
    /// # Errors
    /// A path leads nowhere.
    pub(crate) fn drafts(&self) -> Result<Drafts, Refusal> {
        let mut drafts = self.below.as_deref().cloned().unwrap_or_default();
        for (path, text) in &self.edited {
            drafts.write(path, Arc::clone(text)).map_err(|error| Refusal::new(format!("{} can't be written: {error}", path.display())))?;
        }
        Ok(drafts)
    }
}
