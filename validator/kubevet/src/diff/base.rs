//! Which revision a working tree is compared with where nobody says.

use std::path::Path;

use kustomize::Error;

use crate::git::{Checkout, Snapshot};
use crate::problem::invalid;

/// A revision and how it was found.
#[derive(Debug)]
pub struct Base {
    /// Its files.
    pub snapshot: Snapshot,
    /// `main (merge base 658dbac…)`
    pub described: String,
}

/// Branches that changes are usually proposed to, where the current one has no upstream.
const USUAL: [&str; 5] =
    ["refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master"];

/// The revision that a person names, or the merge base with the upstream branch.
///
/// # Errors
/// There is no checkout, no such revision, or no branch to compare with.
pub fn base(start: &Path, revision: Option<&str>) -> Result<Base, Error> {
    if let Some(revision) = revision {
        let snapshot = Snapshot::open(start, revision)?;
        return Ok(Base { described: snapshot.name.clone(), snapshot });
    }
    let checkout = Checkout::at(start)?;
    let head = checkout.resolve("HEAD")?;
    let candidates = std::iter::once("@{upstream}").chain(USUAL);
    let found = candidates.into_iter().find_map(|name| checkout.resolve(name).ok().map(|commit| (name, commit)));
    let (name, commit) = found.ok_or_else(|| {
        invalid("this branch has no upstream, and there is no main or master to compare with").help("name a revision: --against REF")
    })?;
    let merge_base = checkout.merge_base(&head, &commit)?;
    let shown = name.strip_prefix("refs/remotes/").or_else(|| name.strip_prefix("refs/heads/")).unwrap_or("its upstream branch");
    let snapshot = Snapshot::open(start, merge_base.id().as_str())?;
    Ok(Base { described: format!("{} (merge base with {shown})", merge_base.id().short()), snapshot })
}
