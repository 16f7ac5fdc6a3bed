//! Strategic merge, as Kustomize does it (`kyaml/yaml/merge2`, `kyaml/yaml/walk`), which is not how an API server does it.
//!
//! Maps are merged by key. A list that has merge keys ([`schema`]) is merged by them, the patch's
//! elements first; any other list is replaced. A null or `$patch: delete` takes a field out. The whole object is walked,
//! also where the patch says nothing: elements with the same merge key become one, and a field without any value goes.

mod directive;
mod element;
mod list;
mod loss;
mod repeated_keys;
mod untidy;
mod walk;

use crate::context::openapi::OpenApi;
use crate::error::Error;
use crate::note::{Note, NoteKind};
use crate::object::annotations::{self, OddList};
use crate::object::schema::{self, Schema};
use crate::source::{Origin, Sources};
use crate::yaml::node::{Entry, Map, Node, Scalar};

use directive::Directive;
use walk::{Fate, Merge, Path};

/// What a merge did.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Where the patch deletes the whole object, the line that says so.
    pub deleted: Option<Origin>,
    /// What happened silently.
    pub notes: Vec<Note>,
    /// How many values it looked at, or compared with each other.
    pub steps: usize,
}

/// What a patch may change of the object's identity.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// The patch's `metadata.name` wins.
    pub allow_name_change: bool,
    /// The patch's `kind` wins.
    pub allow_kind_change: bool,
    /// It is applied by target or listed in `patchesStrategicMerge`, and [prepared](prepare) for that.
    pub is_targeted: bool,
    /// It had [keys twice](repeated_keys).
    pub is_repetitive: bool,
    /// Whether the object has annotations, Kustomize's own included.
    pub has_annotations: bool,
}

/// Merges `patch` into `target`, then puts back what a patch must not change: kind, name (unless `options` allow) and namespace.
///
/// # Errors
/// A map, list or scalar in the patch where the object has something else; an unknown `$patch` directive.
pub(crate) fn apply(target: &mut Node, patch: &Node, options: Options, (sources, openapi): (&Sources, &OpenApi)) -> Result<Outcome, Error> {
    let kind = target.get("kind").cloned();
    let metadata = |key: &str| target.at(&["metadata", key]).cloned();
    let (name, namespace) = (metadata("name"), metadata("namespace"));
    let mut notes = Vec::new();
    let settled = if options.is_repetitive { repeated_keys::with_annotations(patch, options.has_annotations, &mut notes) } else { None };
    let patch = settled.as_ref().unwrap_or(patch);
    let mut outcome = merge(target, patch, options.is_repetitive, (sources, openapi))?;
    outcome.notes.append(&mut notes);
    if outcome.deleted.is_none() {
        if let Some(map) = target.as_map_mut().filter(|_| !options.allow_kind_change) {
            put_back(map, "kind", kind);
        }
        if target.get("metadata").is_none_or(|metadata| metadata.as_map().is_none()) && name.is_some() {
            let origin = patch.get("metadata").map_or(&patch.origin, |metadata| &metadata.origin).clone();
            if let Some(map) = target.as_map_mut() {
                map.set("metadata", Node::map(origin));
            }
        }
        if let Some(map) = target.get_mut("metadata").and_then(Node::as_map_mut) {
            if !options.allow_name_change {
                put_back(map, "name", name);
            }
            put_back(map, "namespace", namespace);
        }
        if let Some(map) = target.as_map_mut().filter(|map| options.is_targeted && map.get("apiVersion").is_none()) {
            // Kustomize gives the patch the target's, which is written as nothing where there is none.
            map.set("apiVersion", Node::scalar(Scalar::implicit(""), patch.origin.clone()));
        }
    }
    Ok(outcome)
}

/// Prepares a patch, once for all its targets.
///
/// Kustomize rewrites the labels and annotations of a patch that is applied by target or listed in `patchesStrategicMerge` as strings, so that a
/// null does not delete a label but sets it to `"null"`, and it ignores the patch's own apiVersion and kind. Whether a patch may change names or
/// kinds it notes in the patch's annotations.
///
/// # Errors
/// Labels or annotations that are a list, as [`annotations::rewrite`] has it.
pub(crate) fn prepare(patch: &mut Node, options: Options, notes: &mut Vec<Note>) -> Result<(), OddList> {
    let rewritten: &[&str] = match options {
        Options { is_targeted: true, .. } => &["labels", "annotations"],
        Options { allow_name_change: true, .. } | Options { allow_kind_change: true, .. } => &["annotations"],
        _ => &[],
    };
    if let Some(map) = patch.as_map_mut().filter(|_| options.is_targeted) {
        map.entries_mut().retain(|entry| &*entry.key.text != "apiVersion");
    }
    if let Some(metadata) = patch.get_mut("metadata").and_then(Node::as_map_mut) {
        for field in rewritten {
            if let Some(map) = metadata.get_mut(field).and_then(Node::as_map_mut).filter(|_| options.is_repetitive) {
                repeated_keys::keep_last(map, notes);
            }
            let count = |metadata: &Map| metadata.entries().iter().filter(|entry| &*entry.key.text == *field).count();
            let before = count(metadata);
            annotations::rewrite(metadata, field)?;
            if options.is_repetitive && count(metadata) == before {
                repeated_keys::move_to_second(metadata, field);
            }
        }
    }
    if options.is_repetitive {
        repeated_keys::keep_first_but_annotations(patch, notes);
    }
    Ok(())
}

/// Whether a patch removes or replaces the annotations of an object as a whole.
pub(crate) fn drops_annotations(patch: &Node) -> bool {
    let drops = |node: &Node| node.is_null() || matches!(Directive::of(node), Some((Directive::Delete | Directive::Replace, _)));
    let metadata = patch.get("metadata");
    metadata.is_some_and(drops) || metadata.and_then(|metadata| metadata.get("annotations")).is_some_and(drops)
}

fn put_back(map: &mut Map, key: &str, old: Option<Node>) {
    match old {
        Some(mut old) => match map.get_mut(key) {
            Some(value) => {
                // It is written anew, without a tag.
                old.as_scalar_mut().into_iter().for_each(|scalar| scalar.implicit = true);
                *value = old;
            }
            None => map.entries_mut().push(Entry { key: Scalar::string(key), value: old }),
        },
        None => map.entries_mut().retain(|entry| &*entry.key.text != key),
    }
}

/// Merges `patch` into `target` and nothing else.
///
/// # Errors
/// As [`apply`].
pub(crate) fn merge(
    target: &mut Node,
    patch: &Node,
    is_repetitive: bool,
    (sources, openapi): (&Sources, &OpenApi),
) -> Result<Outcome, Error> {
    let mut merge = Merge::new(sources, openapi, &patch.origin, is_repetitive);
    let ignored = match Directive::of(patch) {
        // Kustomize merges into a copy that it then forgets.
        Some((Directive::Replace, origin)) => Some(origin),
        _ => None,
    };
    if let Some(origin) = ignored {
        merge.note(NoteKind::DirectiveIgnored, "`$patch: replace` has no effect on a whole object: the patch changes nothing", origin);
        return Ok(Outcome { deleted: None, notes: merge.notes, steps: merge.steps });
    }
    // A patch that is applied by target takes the target's apiVersion and keeps its own kind.
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let by_kind = || schema::of_kind(openapi, &text(target, "apiVersion"), &text(patch, "kind")).map(Schema::Of);
    let schema = match merge.resolve(Schema::Unknown, target, Some(patch)) {
        Schema::Unknown if patch.get("apiVersion").is_none() => by_kind().unwrap_or(Schema::Unknown),
        schema => schema,
    };
    let fate = merge.node(target, Some(patch), schema, Path::ROOT)?;
    let deleted = match fate {
        Fate::Keep => None,
        Fate::Clear(by) => Some(by.unwrap_or_else(|| patch.origin.clone())),
    };
    Ok(Outcome { deleted, notes: merge.notes, steps: merge.steps })
}
