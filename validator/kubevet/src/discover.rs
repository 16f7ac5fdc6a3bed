//! Finds the kustomizations to judge: those that no other one builds on, and whatever those leave out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Disk, Error, FileTree, Outline};
use walkdir::WalkDir;

use crate::drafts::Drafts;
use crate::environments::Role;
use crate::files;
use crate::ignored::Ignored;
use crate::paths::normalize;

/// The names that Kustomize knows for a kustomization file.
pub(crate) const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Directories that hold no source of a project, unless the table spells them out.
pub(crate) const SKIPPED: [&str; 3] = ["node_modules", "target", "vendor"];

/// Whether a directory of this name holds no source of a project.
pub(crate) fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || SKIPPED.contains(&name)
}

/// The kustomization file of a directory, if it has one.
pub fn kustomization_file(dir: &Path) -> Option<PathBuf> {
    FILE_NAMES.iter().map(|name| dir.join(name)).find(|path| path.is_file())
}

/// What the table says of directories.
pub struct Search<'a> {
    /// Names of directories that are searched although others of these names are passed over.
    pub spelled: BTreeSet<&'a str>,
    /// Whether a directory is an overlay even if another one builds on it.
    pub named: &'a dyn Fn(&Path) -> bool,
    /// What is not as the file system has it.
    pub drafts: Option<&'a Arc<Drafts>>,
}

/// Kustomizations by their directories.
#[derive(Default)]
pub(crate) struct Kustomizations {
    found: BTreeMap<PathBuf, Outline>,
    /// What is not as the file system has it.
    drafts: Option<Arc<Drafts>>,
    /// Directories that were searched, without links.
    searched: BTreeSet<PathBuf>,
    /// Those that are left out because git ignores them.
    ignored: BTreeSet<PathBuf>,
}

/// Which kustomizations are judged.
#[derive(Debug, Default)]
pub struct Roots {
    /// In the order of their paths.
    pub judged: Vec<PathBuf>,
    /// Components that nothing judged uses, so that nothing judges them.
    pub unused: Vec<PathBuf>,
    /// Components that are called like an environment and judged only as part of what uses them.
    pub named_like_environments: Vec<PathBuf>,
    /// How many directories with a kustomization git ignores, so that they are no part of the project.
    pub ignored: usize,
}

/// What there is to judge below a directory.
pub fn roots(top: &Path, search: &Search<'_>) -> Result<Roots, Error> {
    let mut found = Kustomizations::with(search.drafts.cloned());
    found.add_below(top, &search.spelled)?;
    let ignored = found.ignored.len();
    Ok(Roots { ignored, ..found.roots(search.named) })
}

impl Kustomizations {
    /// None yet, of files that may not be saved.
    pub(crate) fn with(drafts: Option<Arc<Drafts>>) -> Self {
        Self { drafts, ..Self::default() }
    }

    /// Searches a directory.
    ///
    /// Hidden directories and those of [`SKIPPED`] names are passed over unless their names are `spelled` in the table. A link to a directory is followed
    /// where the search passes over what it leads to; out of the checkout it is looked at and not searched. What git ignores is left out.
    pub(crate) fn add_below(&mut self, top: &Path, spelled: &BTreeSet<&str>) -> Result<(), Error> {
        let boundary = files::boundary(top);
        let mut links = self.search(top, spelled)?;
        while let Some(link) = links.pop() {
            let Ok(real) = link.canonicalize() else { continue };
            if self.searched.contains(&real) {
                continue;
            }
            if real.starts_with(&boundary) {
                links.extend(self.search(&link, spelled)?);
            } else if kustomization_file(&link).is_some() {
                self.add(&link);
            }
        }
        self.add_unsaved(top, spelled);
        // Whoever names a directory means it, so only what is below it can be ignored.
        let ignored = Ignored::around(top);
        let is_ignored = |dir: &PathBuf| dir.as_path() != top && ignored.has(dir) && !ignored.has(top);
        let left_out: Vec<PathBuf> = self.found.keys().filter(|dir| is_ignored(dir)).cloned().collect();
        left_out.iter().for_each(|dir| drop(self.found.remove(dir)));
        self.ignored.extend(left_out);
        Ok(())
    }

    /// Searches a directory, and gives the links to directories in it.
    fn search(&mut self, top: &Path, spelled: &BTreeSet<&str>) -> Result<Vec<PathBuf>, Error> {
        let is_entered = |entry: &walkdir::DirEntry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !entry.file_type().is_dir() || !is_passed_over(&name) || spelled.contains(&*name)
        };
        let mut links = Vec::new();
        let real_top = top.canonicalize().unwrap_or_else(|_| top.to_owned());
        for entry in WalkDir::new(top).sort_by_file_name().into_iter().filter_entry(is_entered) {
            let entry = entry.map_err(|error| files::walk_error(top, error))?;
            let is_top = entry.depth() == 0;
            if entry.path_is_symlink() && !is_top && entry.path().is_dir() {
                links.push(entry.path().to_owned());
            } else if entry.file_type().is_dir() && !is_top && FILE_NAMES.iter().any(|name| entry.file_name() == *name) {
                // It is none, and whoever asks for the directory above is told so.
                entry.path().parent().into_iter().for_each(|dir| self.add(dir));
            } else if entry.path_is_symlink() && !entry.path().exists() && entry.path().extension().is_none() {
                self.add(entry.path());
            } else if entry.file_type().is_dir() || is_top {
                self.searched.insert(real_top.join(entry.path().strip_prefix(top).unwrap_or(entry.path())));
            } else if FILE_NAMES.iter().any(|name| entry.file_name() == *name)
                && let Some(dir) = entry.path().parent()
            {
                self.add(dir);
            }
        }
        Ok(links)
    }

    /// Adds those that nobody saved yet.
    fn add_unsaved(&mut self, top: &Path, spelled: &BTreeSet<&str>) {
        let Some(drafts) = self.drafts.clone() else { return };
        let Ok(real_top) = top.canonicalize() else { return };
        let named = |path: &Path| FILE_NAMES.iter().any(|name| path.ends_with(name));
        for (path, _) in drafts.files().filter(|(path, text)| text.is_some() && named(path)) {
            let Some(inside) = path.parent().and_then(|dir| dir.strip_prefix(&real_top).ok()) else { continue };
            let is_entered = |name: &str| !is_passed_over(name) || spelled.contains(name);
            if inside.iter().all(|part| is_entered(&part.to_string_lossy())) {
                let dir = if inside.as_os_str().is_empty() { top.to_owned() } else { top.join(inside) };
                self.add(&dir);
            }
        }
    }

    /// Where they are.
    pub(crate) fn directories(self) -> Vec<PathBuf> {
        self.found.into_keys().collect()
    }

    /// One that can't be read builds on nothing: it is judged, and its error seen.
    fn add(&mut self, dir: &Path) {
        let tree = || match &self.drafts {
            Some(drafts) => Arc::clone(drafts) as Arc<dyn FileTree>,
            None => Arc::new(Disk),
        };
        self.found.entry(dir.to_owned()).or_insert_with(|| kustomize::outline_in(tree(), dir).unwrap_or_default());
    }

    /// What to judge: what is `named`, what no other kustomization builds on, and then whatever nothing judged builds on, so that no directory is
    /// left out because a component or a circle refers to it.
    pub(crate) fn roots(&self, named: impl Fn(&Path) -> bool) -> Roots {
        let nodes: Vec<(&PathBuf, &Outline)> = self.found.iter().collect();
        let places: BTreeMap<PathBuf, usize> = nodes.iter().enumerate().map(|(at, (dir, _))| (normalize(dir), at)).collect();
        let targets = |at: usize| {
            let (dir, outline) = nodes[at];
            outline
                .references
                .iter()
                .filter_map(|reference| places.get(&normalize(&dir.join(reference))).copied())
                .filter(move |to| *to != at)
        };
        let edges: Vec<Vec<usize>> = (0..nodes.len()).map(|at| targets(at).collect()).collect();
        let mut referrers = vec![Vec::new(); nodes.len()];
        for (from, targets) in edges.iter().enumerate() {
            targets.iter().for_each(|to| referrers[*to].push(from));
        }
        let is_component = |at: usize| nodes[at].1.is_component;
        // kubectl builds a component like anything else. One that the table names, or that is called like an environment, is meant to be an overlay
        // unless one uses it.
        let is_called_so = |dir: &Path| dir.file_name().is_some_and(|name| Role::of_name(&name.to_string_lossy()).is_some());
        let is_overlay = |at: usize| !is_component(at) || named(nodes[at].0) || is_called_so(nodes[at].0);
        let mut covered = vec![false; nodes.len()];
        let mut judged = BTreeSet::new();
        let mut judge = |at: usize, covered: &mut Vec<bool>| {
            judged.insert(at);
            let mut open = vec![at];
            while let Some(at) = open.pop() {
                if !std::mem::replace(&mut covered[at], true) {
                    open.extend(&edges[at]);
                }
            }
        };
        let starts = (0..nodes.len()).filter(|at| !is_component(*at) && (named(nodes[*at].0) || referrers[*at].is_empty()));
        starts.for_each(|at| judge(at, &mut covered));
        // Those that others here build on come through these; in a circle, any one begins.
        for ends_a_circle in [false, true] {
            for at in (0..nodes.len()).filter(|at| is_overlay(*at)) {
                let is_left = |from: &usize| is_overlay(*from) && !covered[*from];
                if !covered[at] && (ends_a_circle || !referrers[at].iter().any(is_left)) {
                    judge(at, &mut covered);
                }
            }
        }
        let path = |at: usize| nodes[at].0.clone();
        let unused = (0..nodes.len()).filter(|at| !covered[*at]).map(path).collect();
        let is_part = |at: &usize| is_component(*at) && covered[*at] && !judged.contains(at);
        let named_like_environments = (0..nodes.len()).filter(is_part).map(path).filter(|dir| is_called_so(dir)).collect();
        Roots { judged: judged.into_iter().map(path).collect(), unused, named_like_environments, ignored: 0 }
    }
}
