//! Where a project's policies are.

use std::path::{Path, PathBuf};

use crate::git::Checkout;
use crate::paths::shown;

/// The name of the directory that holds a project's policies.
const POLICIES: &str = "policies";

/// Directories of policies.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Those that count.
    pub directories: Vec<PathBuf>,
    /// Those nearer to what is judged, which don't: a change to an overlay could bring them along.
    pub ignored: Vec<PathBuf>,
}

impl Policies {
    /// The given directories, or the `policies/` of the checkout that `start` is in, or else of the one that is worked in: the outermost there.
    /// Where there is no checkout, the working directory takes its place for what lies below it.
    pub fn find(given: &[PathBuf], start: Option<&Path>) -> Self {
        if !given.is_empty() {
            return Self { directories: given.to_vec(), ignored: Vec::new() };
        }
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
        let start = start.and_then(|start| start.canonicalize().ok());
        start.as_deref().and_then(|start| above(start, &here)).or_else(|| above(&here, &here)).unwrap_or_default()
    }
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
    Some(Policies { directories: vec![found.next()?], ignored: found.collect() })
}

/// Other things are called `policies` too; ours has the table, waivers, or Rego.
fn is_policies(dir: &Path) -> bool {
    let has_rego = || {
        let entries = walkdir::WalkDir::new(dir).max_depth(3).into_iter().flatten();
        entries.into_iter().any(|entry| entry.path().extension().is_some_and(|extension| extension == "rego"))
    };
    dir.is_dir() && (dir.join("environments.yaml").is_file() || dir.join("waivers.yaml").is_file() || has_rego())
}
