//! What git keeps of the checkout that is judged.
//!
//! A checkout is prepared by whoever proposes the change: its files may look like a repository, and name programs in attributes. So git is
//! asked only from the directory whose `.git` nobody can commit, and only for objects: their names, trees and bytes. Whether a file changed
//! is found out here, by its hash. Nothing that is asked for reads the index, attributes or the working tree, runs a program, or goes to the
//! network.

mod command;
mod object;
mod snapshot;
mod worktree;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use kustomize::Error;

pub use object::{Entry, Kind, ObjectId, Tree};
pub use snapshot::Snapshot;
pub use worktree::Located;

use crate::paths::{normalize, shown};
use crate::problem::invalid;

/// The working tree of a repository.
#[derive(Clone, Debug)]
pub struct Checkout {
    top: PathBuf,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit(ObjectId);

impl Commit {
    /// Its name.
    pub fn id(&self) -> &ObjectId {
        &self.0
    }
}

impl Checkout {
    /// The checkout that a path is in, with links followed.
    pub fn of(path: &Path) -> Option<Self> {
        worktree::top(path).map(|top| Self { top })
    }

    /// The same, or an error that says that there is none.
    pub fn at(path: &Path) -> Result<Self, Error> {
        Self::of(path).ok_or_else(|| invalid(format!("{} is not in a git checkout", shown(path).display())))
    }

    /// Its directory, without links.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Where a path leads to in the working tree; nothing for what is outside.
    pub fn locate(&self, path: &Path) -> Option<Located> {
        worktree::locate(&self.top, path)
    }

    /// A path from the top, by its name; nothing for what is outside, or in a checkout of its own.
    pub fn inside(&self, path: &Path) -> Option<PathBuf> {
        worktree::inside(&self.top, path)
    }

    /// The commit that a revision names.
    pub fn resolve(&self, revision: &str) -> Result<Commit, Error> {
        // A revision that looks like an option must not be one.
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")];
        let id = command::line(&self.top, &arguments).and_then(|line| ObjectId::parse(&line));
        id.map(Commit).map_err(|error| Error { message: format!("git knows no revision \"{revision}\""), ..error })
    }

    /// The best common ancestor of two commits.
    pub fn merge_base(&self, one: &Commit, two: &Commit) -> Result<Commit, Error> {
        let id = command::line(&self.top, &["merge-base", one.0.as_str(), two.0.as_str()]).and_then(|line| ObjectId::parse(&line));
        let none = |error| Error { message: format!("git knows no common ancestor of {} and {}", one.0.short(), two.0.short()), ..error };
        id.map(Commit).map_err(none)
    }

    /// Whether its `.gitignore` files leave a path (from the top) out of commits.
    pub(crate) fn ignores(&self, path: &Path) -> bool {
        command::line(&self.top, &["check-ignore", "--quiet", "--no-index", "--", &path.to_string_lossy()]).is_ok()
    }

    /// All files of a commit.
    pub fn tree(&self, commit: &Commit) -> Result<Tree, Error> {
        command::tree(&self.top, commit.id())
    }

    /// The bytes of blobs, in their order.
    pub fn blobs(&self, ids: &[ObjectId]) -> Result<Vec<Vec<u8>>, Error> {
        if ids.is_empty() { Ok(Vec::new()) } else { command::blobs(&self.top, ids) }
    }
}

/// A path from the top of the checkout that the working directory is in, as those who show the repository know it; without one, from the
/// working directory.
pub(crate) fn in_repository(path: &Path) -> PathBuf {
    static HERE: OnceLock<Option<(PathBuf, PathBuf)>> = OnceLock::new();
    let here = HERE.get_or_init(|| {
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok()?;
        let top = Checkout::of(&here)?.top().to_owned();
        Some((here.strip_prefix(&top).ok()?.to_owned(), top))
    });
    let shown = shown(path);
    match here {
        // What is no file, such as a stream, has no place in it.
        Some((below, top)) if !path.starts_with("<stdin>") && !path.starts_with("<kubevet>") => {
            shown.strip_prefix(top).map_or_else(|_| normalize(&below.join(&shown)), Path::to_owned)
        }
        _ => shown,
    }
}
