//! What git ignores is not part of a project: build output, checkouts of other repositories, scratch overlays. What is committed is, whatever `.gitignore` says, or a
//! change could hide an overlay.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use kustomize::ErrorKind;

use crate::files::read_text;
use crate::git::{Checkout, Snapshot};

/// More lines than this are not heeded, so that more is judged.
const MOST_LINES: usize = 10_000;

/// What git ignores in a checkout.
pub(crate) struct Ignored {
    checkout: Option<Checkout>,
    /// The last commit; nothing where there is none, or nobody to ask.
    committed: OnceCell<Committed>,
    rules: RefCell<HashMap<PathBuf, Option<Gitignore>>>,
}

enum Committed {
    Files(Box<Snapshot>),
    Nothing,
    Unknown,
}

impl Ignored {
    /// What is ignored in the checkout that a directory is in; nothing outside of one.
    pub(crate) fn around(dir: &Path) -> Self {
        Self { checkout: Checkout::of(dir), committed: OnceCell::new(), rules: RefCell::default() }
    }

    /// Whether git ignores a directory and has committed nothing below it.
    pub(crate) fn has(&self, dir: &Path) -> bool {
        let Some(checkout) = &self.checkout else { return false };
        let Some(inside) = checkout.inside(dir) else { return false };
        if !self.matches(checkout.top(), &inside) {
            return false;
        }
        let committed = self.committed.get_or_init(|| match Snapshot::open(checkout.top(), "HEAD") {
            Ok(snapshot) => Committed::Files(Box::new(snapshot)),
            // Without git, nobody knows.
            Err(error) if error.kind == ErrorKind::Io => Committed::Unknown,
            Err(_) => Committed::Nothing,
        });
        match committed {
            Committed::Files(snapshot) => snapshot.tree.below(&inside).next().is_none(),
            Committed::Nothing => true,
            Committed::Unknown => false,
        }
    }

    /// Whether the rules ignore a directory, or one above it: what is below an ignored one can't be taken back.
    fn matches(&self, top: &Path, inside: &Path) -> bool {
        let mut dirs: Vec<&Path> = inside.ancestors().filter(|dir| !dir.as_os_str().is_empty()).collect();
        dirs.reverse();
        dirs.into_iter().any(|dir| {
            let found = dir.ancestors().skip(1).find_map(|above| self.verdict(&top.join(above), &top.join(dir)));
            found.unwrap_or(false)
        })
    }

    /// What the file of one directory says of a directory below it.
    fn verdict(&self, above: &Path, dir: &Path) -> Option<bool> {
        let mut rules = self.rules.borrow_mut();
        let rules = rules.entry(above.to_owned()).or_insert_with(|| read(above)).as_ref()?;
        match rules.matched(dir, true) {
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
            Match::None => None,
        }
    }
}

fn read(dir: &Path) -> Option<Gitignore> {
    let path = dir.join(".gitignore");
    let text = read_text(&path).ok().filter(|_| path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()))?;
    let mut builder = GitignoreBuilder::new(dir);
    for line in text.lines().take(MOST_LINES) {
        // Git passes over a pattern that it can't read.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}
