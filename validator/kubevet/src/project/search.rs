//! Where a project's policies are.

use std::path::{Path, PathBuf};

use kustomize::Error;

use crate::files::is_there;
use crate::folder::{Folder, TABLES};
use crate::git::{Checkout, Kind, Snapshot, Tree};
use crate::paths::shown;
use crate::problem::invalid;

/// The name of the directory that holds a project's policies.
pub(crate) const POLICIES: &str = "policies";

/// How far below a directory Rego is looked for.
const DEPTH: usize = 3;

/// Directories of policies.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Those that count.
    pub folders: Vec<Folder>,
    /// Those nearer to what is judged, which don't: a change to an overlay could bring them along.
    pub ignored: Vec<PathBuf>,
    /// Whether a person named them.
    pub given: bool,
}

impl Policies {
    /// The given directories, or the `policies/` of the checkout that `start` is in, or else of the one that is worked in: the outermost there.
    /// Where there is no checkout, the working directory takes its place for what lies below it.
    pub fn find(given: &[PathBuf], start: Option<&Path>) -> Self {
        if !given.is_empty() {
            return Self { folders: given.iter().map(|path| Folder::on_disk(path)).collect(), ignored: Vec::new(), given: true };
        }
        let here = here();
        let start = start.and_then(|start| start.canonicalize().ok());
        start.as_deref().and_then(|start| above(start, &here)).or_else(|| above(&here, &here)).unwrap_or_default()
    }

    /// Where policies are searched for.
    pub fn places(given: &[PathBuf], start: Option<&Path>) -> Vec<PathBuf> {
        if !given.is_empty() {
            return given.to_vec();
        }
        let start = start.and_then(|start| start.canonicalize().ok());
        let (start, here) = (start.unwrap_or_default(), here());
        start.ancestors().chain(here.ancestors()).map(|dir| dir.join(POLICIES)).collect()
    }

    /// What [`Self::find`] finds, of a revision. Of what lies outside of its checkout, and so is no part of a change, there is only what is there.
    pub fn find_in_revision(given: &[PathBuf], start: Option<&Path>, snapshot: &Snapshot) -> Result<Self, Error> {
        let (top, folder) = (snapshot.checkout.top(), |directory: &Path| Folder::in_revision(snapshot, directory));
        if !given.is_empty() {
            let find = |path: &PathBuf| match snapshot.checkout.inside(path) {
                Some(inside) => folder(&inside)?.ok_or_else(|| {
                    let error = invalid(format!("{} is not there in revision \"{}\"", shown(path).display(), snapshot.name));
                    error.help("policies are taken from that revision; they count once they are in it")
                }),
                None => Ok(Folder::on_disk(path)),
            };
            return Ok(Self { folders: given.iter().map(find).collect::<Result<_, _>>()?, ignored: Vec::new(), given: true });
        }
        let inside = |from: &Path| {
            let dirs = from.ancestors().filter_map(|dir| dir.strip_prefix(top).ok());
            let mut found: Vec<PathBuf> = dirs.map(|dir| dir.join(POLICIES)).filter(|dir| is_in_tree(&snapshot.tree, dir)).collect();
            found.reverse();
            Some(found).filter(|found| !found.is_empty())
        };
        let start = start.and_then(|start| start.canonicalize().ok());
        let Some(mut found) = start.as_deref().and_then(inside).or_else(|| inside(&here())) else {
            let outside = top.ancestors().skip(1).map(|dir| dir.join(POLICIES)).find(|dir| is_policies(dir));
            let around = outside.map(|dir| Self { folders: vec![Folder::on_disk(&shown(&dir))], ..Self::default() });
            let elsewhere = || Some(here()).filter(|here| snapshot.checkout.inside(here).is_none()).and_then(|here| above(&here, &here));
            return Ok(around.or_else(elsewhere).unwrap_or_default());
        };
        let ignored = found.split_off(1).into_iter().map(|dir| shown(&top.join(dir))).collect();
        let folders = found.iter().map(|dir| folder(dir)).filter_map(Result::transpose).collect::<Result<_, _>>()?;
        Ok(Self { folders, ignored, given: false })
    }
}

fn here() -> PathBuf {
    std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default()
}

fn above(start: &Path, here: &Path) -> Option<Policies> {
    let checkout = Checkout::of(start);
    let top = checkout.as_ref().map(Checkout::top).or_else(|| Some(here).filter(|here| start.starts_with(here)));
    let (inside, outside): (Vec<&Path>, Vec<&Path>) = start.ancestors().partition(|dir| top.is_some_and(|top| dir.starts_with(top)));
    let policies = |dir: &Path| Some(dir.join(POLICIES)).filter(|dir| is_policies(dir));
    let mut found: Vec<PathBuf> = inside.into_iter().rev().filter_map(policies).collect();
    if found.is_empty() {
        found.extend(outside.into_iter().find_map(policies));
    }
    let mut found = found.into_iter().map(|dir| shown(&dir));
    Some(Policies { folders: vec![Folder::on_disk(&found.next()?)], ignored: found.collect(), given: false })
}

/// Other things are called `policies` too.
fn is_policies(dir: &Path) -> bool {
    let has_rego =
        || walkdir::WalkDir::new(dir).follow_links(true).max_depth(DEPTH).into_iter().flatten().any(|entry| is_rego(entry.path()));
    dir.is_dir() && (TABLES.iter().any(|name| is_there(&dir.join(name))) || has_rego())
}

fn is_in_tree(tree: &Tree, dir: &Path) -> bool {
    // A link and a submodule are ours too, so that they are refused and not passed over.
    let is_near = |path: &Path| path.strip_prefix(dir).is_ok_and(|path| path.components().count() <= DEPTH);
    let has_rego = || tree.below(dir).any(|(path, _)| is_rego(path) && is_near(path));
    tree.get(dir).is_some_and(|entry| entry.kind != Kind::File)
        || TABLES.iter().any(|name| tree.get(&dir.join(name)).is_some())
        || has_rego()
}

fn is_rego(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("rego"))
}
