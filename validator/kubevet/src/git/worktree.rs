//! Where the working tree begins, and where paths lead to in it.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::paths::normalize;

/// What marks the top of a working tree: a directory or, in linked working trees and submodules, a file.
const MARK: &str = ".git";

/// How many links a path may go through, as for the kernel.
const MOST_LINKS: usize = 40;

/// Longest text of a file `.git` that is read.
const LONGEST_MARK: u64 = 1 << 13;

/// A path in a working tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Located {
    /// From the top, with links followed.
    pub path: PathBuf,
    /// The links on the way there, from the top.
    pub links: Vec<PathBuf>,
}

/// The nearest directory above a path that has an entry `.git`, which git lets no commit have. What lies in a submodule, which a change can
/// add and choose the history of, belongs to the checkout that has the submodule.
pub(super) fn top(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let mut top = nearest(&path)?;
    while let Some(above) = superproject(top) {
        top = above;
    }
    Some(top.to_owned())
}

fn nearest(path: &Path) -> Option<&Path> {
    path.ancestors().find(|dir| fs::symlink_metadata(dir.join(MARK)).is_ok())
}

/// The checkout above that keeps the repository of this one among its modules.
fn superproject(top: &Path) -> Option<&Path> {
    if !top.join(MARK).is_file() {
        return None;
    }
    let above = nearest(top.parent()?)?;
    repository(top)?.starts_with(repository(above)?.join("modules")).then_some(above)
}

/// The directory in which git keeps what belongs to a working tree.
fn repository(top: &Path) -> Option<PathBuf> {
    let mark = top.join(MARK);
    let metadata = fs::metadata(&mark).ok()?;
    if metadata.is_file() && metadata.len() <= LONGEST_MARK {
        let text = fs::read_to_string(mark).ok()?;
        return top.join(text.strip_prefix("gitdir:")?.trim()).canonicalize().ok();
    }
    mark.canonicalize().ok()
}

/// A path from `top`, with links followed as the system follows them.
pub(super) fn locate(top: &Path, path: &Path) -> Option<Located> {
    let mut located = Located::default();
    let mut followed = 0;
    let mut at = PathBuf::new();
    let mut left = vec![std::path::absolute(path).ok()?];
    while let Some(rest) = left.pop() {
        let mut parts = rest.components();
        let Some(part) = parts.next() else { continue };
        left.push(parts.as_path().to_owned());
        match part {
            Component::CurDir => continue,
            Component::ParentDir => drop(at.pop()),
            part => at.push(part),
        }
        if !fs::symlink_metadata(&at).is_ok_and(|metadata| metadata.is_symlink()) {
            continue;
        }
        followed += 1;
        if followed > MOST_LINKS {
            return None;
        }
        located.links.extend(at.strip_prefix(top).map(Path::to_owned));
        left.push(fs::read_link(&at).ok()?);
        at.pop();
    }
    located.path = at.strip_prefix(top).ok()?.to_owned();
    Some(located)
}

/// A path of the working tree from `top`, by its name: a link there is a path like any other. Nothing for what is outside, or in a checkout of
/// its own.
pub(super) fn inside(top: &Path, path: &Path) -> Option<PathBuf> {
    let named = normalize(&std::path::absolute(path).ok()?);
    let by_name = || {
        let mut own = nearest(&named)?;
        while own.canonicalize().ok()? != *top {
            own = superproject(own)?;
        }
        named.strip_prefix(own).ok().map(Path::to_owned)
    };
    let followed = || {
        let real = path.canonicalize().ok()?;
        (self::top(&real)? == *top).then_some(real.strip_prefix(top).ok()?.to_owned())
    };
    by_name().or_else(followed)
}
