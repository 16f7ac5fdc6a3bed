//! A directory of policies: as it lies in the working tree, or as it is in a revision.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Error, yaml};

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
}

impl Folder {
    /// A directory of the working tree, or any other one.
    pub fn on_disk(path: &Path) -> Self {
        let place = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path: path.to_owned(), place, revision: None }
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
        Ok(Some(Self { path: snapshot.shown(directory), place, revision: Some(Arc::new(files)) }))
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
        match &self.revision {
            Some(files) => files.contains_key(Path::new(name)) || files.keys().any(|path| path.starts_with(name)),
            // Whatever is there by that name, so that a pipe or a broken link is refused and not passed over.
            None => is_there(&self.path.join(name)),
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
        if !below.is_empty() && !top.is_dir() {
            return Ok(Vec::new());
        }
        let found = files::below(&top, says_something)?;
        Ok(found.into_iter().map(|path| path.strip_prefix(&self.path).map_or_else(|_| path.clone(), Path::to_owned)).collect())
    }

    /// The text of a file.
    pub fn read(&self, name: &Path) -> Result<String, Error> {
        match &self.revision {
            Some(_) => yaml::read_text(&self.shown(name), self.bytes(name)),
            None => files::read_text(&self.path.join(name)),
        }
    }

    /// Appends the text of a file.
    pub(crate) fn read_into(&self, name: &Path, text: &mut String) -> Result<(), Error> {
        let failed = |error| unreadable(&self.shown(name), &error);
        let read = match &self.revision {
            Some(_) => self.bytes(name).read_to_string(text),
            None => files::open(&self.path.join(name))?.take(yaml::LONGEST_FILE + 1).read_to_string(text),
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
