//! A directory of policies: as it lies in the working tree, or as it is in a revision.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Error, yaml};

use crate::drafts::Drafts;
use crate::files::{self, is_there};
use crate::git::{Kind, Snapshot};
use crate::paths::shown;
use crate::problem::{invalid, unreadable, whole};

/// Files and directories, one of which tells that a directory is one of policies; so does Rego.
pub(crate) const TABLES: [&str; 7] =
    ["environments.yaml", "environments.yml", "waivers.yaml", "products.yaml", "workloads.yaml", "schemas", "admission"];

/// Whether a file says something: the rest of a revision is not read.
fn says_something(path: &Path) -> bool {
    files::is_manifest(path) || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("rego"))
}

/// A directory and its files.
#[derive(Clone, Debug)]
pub struct Folder {
    /// As people should see it.
    path: PathBuf,
    /// Where it is, or would be, in the file system.
    place: PathBuf,
    /// What a revision has, by the paths below the directory.
    revision: Option<Arc<BTreeMap<PathBuf, Vec<u8>>>>,
    /// What is not as the file system has it.
    drafts: Option<Arc<Drafts>>,
}

impl Folder {
    /// A directory of the working tree, or any other one.
    pub fn on_disk(path: &Path) -> Self {
        let place = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path: path.to_owned(), place, revision: None, drafts: None }
    }

    /// The same directory with files that nobody saved yet.
    pub(crate) fn with_drafts(self, drafts: Option<Arc<Drafts>>) -> Self {
        Self { drafts: drafts.filter(|drafts| self.is_on_disk() && !drafts.is_empty()), ..self }
    }

    /// What a revision has in a directory (from the top); `None` where it has no file there.
    pub(crate) fn in_revision(snapshot: &Snapshot, directory: &Path) -> Result<Option<Self>, Error> {
        let (mut names, mut ids) = (Vec::new(), Vec::new());
        for (path, entry) in snapshot.tree.below(directory) {
            match entry.kind {
                Kind::File if says_something(path) => {
                    names.push(path.strip_prefix(directory).unwrap_or(path).to_owned());
                    ids.push(entry.id.clone());
                }
                Kind::File => {}
                Kind::Link | Kind::Submodule => {
                    let error = invalid("policies of a revision must be files in its directories, and this is a link or a submodule");
                    let error = error.at(whole(&snapshot.shown(path)));
                    return Err(error.help("make it a file, or check the revision out elsewhere and name it with --policy"));
                }
            }
        }
        if names.is_empty() {
            return Ok(None);
        }
        let files = std::iter::zip(names, snapshot.checkout.blobs(&ids)?).collect();
        let place = snapshot.checkout.top().join(directory);
        Ok(Some(Self { path: snapshot.shown(directory), place, revision: Some(Arc::new(files)), drafts: None }))
    }

    /// As people should see it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is, or would be, in the file system.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Whether it is one of the file system, rather than of a revision.
    pub fn is_on_disk(&self) -> bool {
        self.revision.is_none()
    }

    /// A file of it as people should see it.
    pub fn shown(&self, name: &Path) -> PathBuf {
        if self.is_on_disk() { shown(&self.path.join(name)) } else { self.path.join(name) }
    }

    /// Whether it has that file or directory.
    pub fn has(&self, name: &str) -> bool {
        if let Some(draft) = self.draft(Path::new(name)) {
            return draft.is_some();
        }
        match &self.revision {
            Some(files) => files.contains_key(Path::new(name)) || files.keys().any(|path| path.starts_with(name)),
            // Whatever is there by that name, so that a pipe or a broken link is refused and not passed over.
            None => is_there(&self.path.join(name)) || self.unsaved().any(|(draft, _)| draft.starts_with(name)),
        }
    }

    /// Whether it holds one of [`TABLES`].
    pub fn is_of_policies(&self) -> bool {
        TABLES.iter().any(|name| self.has(name))
    }

    /// The files below a directory of it (of all, for the empty path), by their paths from here, in order; none where there is no such directory.
    pub fn files(&self, below: &str) -> Result<Vec<PathBuf>, Error> {
        if let Some(files) = &self.revision {
            return Ok(files.keys().filter(|path| path.starts_with(below)).cloned().collect());
        }
        let top = if below.is_empty() { self.path.clone() } else { self.path.join(below) };
        let is_there = below.is_empty() || top.is_dir();
        let found = if is_there { files::below(&top, says_something)? } else { Vec::new() };
        let mut found: Vec<_> =
            found.into_iter().map(|path| path.strip_prefix(&self.path).map_or_else(|_| path.clone(), Path::to_owned)).collect();
        let unsaved: Vec<_> = self.unsaved().filter(|(name, _)| name.starts_with(below) && says_something(name)).collect();
        if !unsaved.is_empty() {
            found.retain(|known| !unsaved.iter().any(|(name, _)| name == known));
            found.extend(unsaved.into_iter().filter(|(_, text)| text.is_some()).map(|(name, _)| name));
            found.sort();
        }
        Ok(found)
    }

    /// A file that is not as the file system has it; `Some(None)` where it would be gone.
    fn draft(&self, name: &Path) -> Option<Option<&str>> {
        self.drafts.as_ref()?.text(&self.path.join(name))
    }

    /// All of those, by their paths from here.
    fn unsaved(&self) -> impl Iterator<Item = (PathBuf, Option<&str>)> {
        let drafts = self.drafts.as_ref().map(|drafts| (drafts, self.place.canonicalize().unwrap_or_else(|_| self.place.clone())));
        drafts.into_iter().flat_map(|(drafts, place)| {
            drafts.files().filter_map(move |(path, text)| Some((path.strip_prefix(&place).ok()?.to_owned(), text)))
        })
    }

    /// The text of a file.
    pub fn read(&self, name: &Path) -> Result<String, Error> {
        if let Some(Some(text)) = self.draft(name) {
            return yaml::read_text(&self.shown(name), text.as_bytes());
        }
        match &self.revision {
            Some(_) => yaml::read_text(&self.shown(name), self.bytes(name)),
            None => files::read_text(&self.path.join(name)),
        }
    }

    /// Appends the text of a file.
    pub(crate) fn read_into(&self, name: &Path, text: &mut String) -> Result<(), Error> {
        let failed = |error| unreadable(&self.shown(name), &error);
        let read = match (&self.revision, self.draft(name)) {
            (_, Some(Some(draft))) => draft.as_bytes().take(yaml::LONGEST_FILE + 1).read_to_string(text),
            (Some(_), _) => self.bytes(name).read_to_string(text),
            (None, _) => files::open(&self.path.join(name))?.take(yaml::LONGEST_FILE + 1).read_to_string(text),
        };
        match read.map_err(failed)? {
            length if length as u64 > yaml::LONGEST_FILE => Err(invalid(format!("{} is too large", self.shown(name).display()))),
            _ => Ok(()),
        }
    }

    fn bytes(&self, name: &Path) -> &[u8] {
        self.revision.as_ref().and_then(|files| files.get(name)).map(Vec::as_slice).unwrap_or_default()
    }
}
