//! Finds the kustomizations to judge: those that no other one builds on.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use kustomize::Error;
use serde::Deserialize;
use walkdir::WalkDir;

use crate::environments::normalize;
use crate::problem::{invalid, unreadable};

/// The names that Kustomize knows for a kustomization file.
pub(crate) const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Directories that hold no source of a project.
const SKIPPED: [&str; 3] = ["node_modules", "target", "vendor"];

/// The kustomization file of a directory, if it has one.
pub fn kustomization_file(dir: &Path) -> Option<PathBuf> {
    FILE_NAMES.iter().map(|name| dir.join(name)).find(|path| path.is_file())
}

/// The directories below `top` whose kustomization no other one there refers to, and those that are `named` overlays all the same, in order.
///
/// Components are never judged by themselves. A kustomization that can't be read is judged, so that its error is seen.
pub fn roots(top: &Path, named: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Error> {
    let mut found = Kustomizations::default();
    found.add_below(top)?;
    let roots = found.roots().filter(|(dir, referred)| !referred || named(dir));
    Ok(roots.map(|(dir, _)| dir.to_owned()).collect())
}

/// Whether the search enters a directory of that name, unless it begins there.
pub(crate) fn is_entered(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    !name.starts_with('.') && !SKIPPED.contains(&&*name)
}

/// Kustomizations by their directories.
#[derive(Default)]
pub(crate) struct Kustomizations(BTreeMap<PathBuf, References>);

impl Kustomizations {
    /// Searches a directory.
    pub(crate) fn add_below(&mut self, top: &Path) -> Result<(), Error> {
        let visible = |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_type().is_dir() || is_entered(entry.file_name());
        for entry in WalkDir::new(top).sort_by_file_name().into_iter().filter_entry(visible) {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(top).to_owned();
                match error.into_io_error() {
                    Some(error) => unreadable(&path, &error),
                    None => invalid(format!("{} is part of a loop of symbolic links", path.display())),
                }
            })?;
            let is_kustomization = FILE_NAMES.iter().any(|name| entry.file_name() == *name);
            if let Some(dir) = entry.path().parent().filter(|_| is_kustomization && !entry.file_type().is_dir()) {
                self.0.entry(dir.to_owned()).or_insert_with(|| References::read(entry.path()));
            }
        }
        Ok(())
    }

    /// The directories of all but components in order, each with whether another one refers to it.
    pub(crate) fn roots(&self) -> impl Iterator<Item = (&Path, bool)> {
        let targets = self.0.iter().flat_map(|(dir, references)| references.targets(dir));
        let referred: BTreeSet<PathBuf> = targets.map(|dir| normalize(&dir)).collect();
        let roots = self.0.iter().filter(|(_, references)| !references.is_component());
        roots.map(move |(dir, _)| (dir.as_path(), referred.contains(&normalize(dir))))
    }
}

/// The little of a kustomization that tells what it builds on. The engine reads it properly later.
#[derive(Default, Deserialize)]
#[serde(default)]
struct References {
    kind: Option<String>,
    resources: Option<Vec<String>>,
    bases: Option<Vec<String>>,
    components: Option<Vec<String>>,
}

impl References {
    /// A file that can't be read refers to nothing: the build says what is wrong with it.
    fn read(path: &Path) -> Self {
        std::fs::read_to_string(path).ok().and_then(|text| serde_yaml::from_str(&text).ok()).unwrap_or_default()
    }

    fn is_component(&self) -> bool {
        self.kind.as_deref() == Some("Component")
    }

    /// Where they point; what is a file or a URL is no kustomization's directory.
    fn targets(&self, dir: &Path) -> impl Iterator<Item = PathBuf> {
        let lists = [&self.resources, &self.bases, &self.components];
        lists.into_iter().flatten().flatten().map(|entry| dir.join(entry))
    }
}
