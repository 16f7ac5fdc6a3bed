//! The cluster's own policies in `admission/`, and what the cluster would not take of them.

use std::sync::Arc;

use kubevet_facts::admission::Policies;
use kubevet_facts::admission::gatekeeper::is_own;
use kubevet_facts::schema::{Definitions, SchemaSet, Version, check};
use kustomize::{Node, Origin, Place};

use crate::files::is_manifest;
use crate::folder::Folder;
use crate::policy::{Gatekeeper, PATIENCE};
use crate::problem::{Problem, invalid};

/// The directory of the cluster's admission policies, their bindings and parameters.
const ADMISSION: &str = "admission";

/// The objects in `admission/` of each directory, and where each is.
///
/// # Errors
/// For what can't be read, and for templates and constraints that Gatekeeper would refuse: they would guard nothing.
pub(super) fn read(folders: &[Folder], gatekeeper: &Gatekeeper) -> Result<(Vec<Node>, Vec<Place>), Vec<Problem>> {
    let failed = |error| Problem::configuration("admission", error);
    let (mut objects, mut places) = (Vec::new(), Vec::new());
    for folder in folders {
        for name in folder.files(ADMISSION).map_err(|error| vec![failed(error)])?.into_iter().filter(|name| is_manifest(name)) {
            let text = folder.read(&name).map_err(|error| vec![failed(error)])?;
            let render = kustomize::read_manifests(&folder.shown(&name), text).map_err(|error| vec![failed(error)])?;
            places.extend(render.objects.iter().map(|object| Place::of(&render.sources, &object.origin)));
            objects.extend(render.objects);
        }
    }
    let problems = refused(&objects, &places, gatekeeper);
    if problems.is_empty() { Ok((objects, places)) } else { Err(problems) }
}

/// What Gatekeeper and its schemas refuse.
fn refused(objects: &[Node], places: &[Place], gatekeeper: &Gatekeeper) -> Vec<Problem> {
    if !objects.iter().any(is_own) {
        return Vec::new();
    }
    let session = gatekeeper.session(PATIENCE);
    let policies = Policies::of(&[], []).with_engine(Some(&session));
    // Their schemas are of no version of Kubernetes.
    let set = SchemaSet::new(Version::default(), objects).with_catalog(objects);
    let mut problems = Vec::new();
    for (object, whole) in std::iter::zip(objects, places).filter(|(object, _)| is_own(object)) {
        for fact in check(object, &set).into_iter().chain(policies.mistakes(object)) {
            let text = |keys: &[&str]| object.str_at(keys).unwrap_or_default();
            let name = format!("{} {}", text(&["kind"]), text(&["metadata", "name"]));
            let error = invalid(format!("the cluster would not take {name}: {} {}", fact.field, fact.message));
            let Origin { key: start, end, .. } = fact.path.nearest(object).origin;
            problems.push(Problem::configuration("admission", error.at(Place { source: Arc::clone(&whole.source), start, end })));
        }
    }
    problems
}

/// Adds the kinds of constraints that templates define.
pub(super) fn define(objects: &[Node], crds: &mut Definitions) {
    objects.iter().filter(|object| is_own(object)).for_each(|object| _ = crds.add(object.clone()));
}
