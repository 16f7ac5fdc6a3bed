//! What stands among policies and says nothing, because of its name or its kind.

use std::path::Path;

use kustomize::Place;

use super::{PRODUCTS, TABLE, WAIVERS, WORKLOADS};
use crate::folder::Folder;
use crate::problem::{Problem, invalid, whole};

/// An error for each file whose name is that of a table but for its extension: whoever wrote it believes that it holds.
pub(super) fn tables(folder: &Folder) -> Vec<Problem> {
    let others = |known: &'static str| {
        let stem = Path::new(known).with_extension("");
        let names = ["yml", "json", "YAML", "YML"].map(|extension| stem.with_extension(extension));
        names.into_iter().map(move |name| (name, known))
    };
    let found = [TABLE, WAIVERS, PRODUCTS, WORKLOADS]
        .into_iter()
        .flat_map(others)
        .filter(|(name, _)| name.to_str().is_some_and(|name| folder.has(name)));
    let problem = |(name, known): (std::path::PathBuf, &str)| {
        let path = folder.shown(&name);
        let error = invalid(format!("{} is not read: its name must be {known}", path.display())).at(whole(&path));
        Problem::configuration("unread-table", error.help("rename it, or move it out of the directory of policies"))
    };
    found.map(problem).collect()
}

/// What to know of an object in `schemas/` that defines no kind.
pub(super) fn schema(place: Place) -> Problem {
    let error = invalid("this defines no kind: it is no CustomResourceDefinition of apiextensions.k8s.io/v1").at(place);
    Problem::warning("unread-schema", error.help("correct its apiVersion, kind, group and names, or remove it"))
}
