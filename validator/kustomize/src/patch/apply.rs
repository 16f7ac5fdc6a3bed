//! `patches`, `patchesStrategicMerge` and `patchesJson6902`.

use std::collections::HashMap;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::error::{Error, ErrorKind};
use crate::file::embedded::Embedded;
use crate::file::entry::Patch;
use crate::file::load::Root;
use crate::note::{Note, NoteKind};
use crate::object::bookkeeping;
use crate::object::manifest;
use crate::object::resource::{ResId, Resource};
use crate::object::resource_map::ResourceMap;
use crate::object::selector::{Matcher, Selector};
use crate::source::{Origin, SourceId};
use crate::version::Version;
use crate::yaml::node::Node;

use super::json6902::{self, Operation};
use super::lost::listed;
use super::strategic;

/// Objects to merge.
struct Objects {
    nodes: Vec<Node>,
    /// Whether there are keys that a map has twice.
    is_repetitive: bool,
}

/// What a patch turned out to be.
enum Content {
    /// Objects to merge.
    Strategic(Objects),
    /// Operations.
    Json(Vec<Operation>),
    /// An object without fields.
    Empty,
}

/// A text that was read, from a file or out of the kustomization.
struct Read {
    id: SourceId,
    embedded: Option<Embedded>,
}

impl Read {
    fn file(context: &mut Context, root: &Root, path: &Text) -> Result<Self, Error> {
        let id = root.load(context, path)?.into_source(context)?;
        Ok(Self { id, embedded: None })
    }

    fn inline(embedded: Embedded) -> Self {
        Self { id: embedded.id, embedded: Some(embedded) }
    }

    fn moved(&self, context: &Context, error: Error) -> Error {
        self.embedded.as_ref().map_or(error.clone(), |embedded| embedded.error(context, error))
    }

    /// Reads the text; what is said of an embedded one is said of the file that it stands in.
    fn read<T>(&self, context: &mut Context, read: impl FnOnce(&mut Context, SourceId) -> Result<T, Error>) -> Result<T, Error> {
        let before = context.notes.len();
        let outcome = read(context, self.id);
        if let Some(embedded) = &self.embedded {
            context.notes.iter_mut().skip(before).for_each(|note| note.change_origins(|origin| embedded.origin(origin)));
        }
        outcome.map_err(|error| self.moved(context, error))
    }

    fn objects(&self, context: &mut Context) -> Result<Objects, Error> {
        let (mut nodes, mut is_repetitive) = (self.read(context, manifest::read_objects), false);
        // What is wrong with it may be a key that is there twice.
        if nodes.as_ref().is_err_and(|error| error.kind == ErrorKind::Invalid)
            && let Ok(repetitive) = self.read(context, manifest::read_repeating)
        {
            (nodes, is_repetitive) = (Ok(repetitive), true);
        }
        let mut nodes = nodes?;
        // The comments of a patch do not come along.
        nodes.iter_mut().filter_map(Node::last_scalar_mut).for_each(|scalar| scalar.before_comment = false);
        if let Some(embedded) = &self.embedded {
            nodes.iter_mut().for_each(|node| embedded.tree(node));
        }
        Ok(Objects { nodes, is_repetitive })
    }

    fn operations(&self, context: &mut Context) -> Result<Vec<Operation>, Error> {
        let mut operations = self.read(context, json6902::parse)?;
        if let Some(embedded) = &self.embedded {
            for operation in &mut operations {
                operation.each_origin(|origin| embedded.origin(origin), |node| embedded.tree(node));
            }
        }
        Ok(operations)
    }
}

/// Applies one of `patches`.
pub(crate) fn apply(context: &mut Context, root: &Root, map: &mut ResourceMap, patch: &Patch) -> Result<(), Error> {
    let inline = patch.patch.as_ref().filter(|text| !text.value.trim().is_empty());
    let read = match (&patch.path, inline) {
        (Some(path), None) => Read::file(context, root, path)?,
        (None, Some(text)) => Read::inline(Embedded::trimmed(context, text)),
        (None, None) => return Err(context.invalid(&patch.origin, "a patch must have either `path` or `patch`")),
        (Some(path), Some(_)) => return Err(context.invalid(&path.origin, "a patch must not have both `path` and `patch`")),
    };
    match content(context, &read, patch)? {
        Content::Strategic(objects) => match &patch.target {
            Some(target) => strategic_by_target(context, map, patch, objects, target),
            None => {
                let options = options(patch, objects.is_repetitive);
                objects.nodes.into_iter().try_for_each(|object| strategic_by_id(context, map, options, object))
            }
        },
        Content::Json(operations) => {
            let Some(target) = &patch.target else {
                return Err(context.invalid(&patch.origin, "a JSON patch must have a `target`"));
            };
            json(context, map, &operations, target, &patch.origin, true)
        }
        Content::Empty if context.version >= Version::V5_8 => {
            context.note(NoteKind::ContentIgnored, &patch.origin, "this patch is empty: Kustomize ignores it");
            Ok(())
        }
        Content::Empty => match &patch.target {
            Some(target) if select(context, map, target, &patch.origin)?.is_empty() => Ok(()),
            _ => Err(context.invalid(&patch.origin, "this patch is empty")),
        },
    }
}

/// A text is whichever kind of patch it can be read as; one without objects, like a comment, can be read as both.
fn content(context: &mut Context, read: &Read, patch: &Patch) -> Result<Content, Error> {
    let strategic = read.objects(context);
    match strategic {
        Ok(objects) if !objects.nodes.is_empty() => return Ok(Content::Strategic(objects)),
        Err(error) if error.kind == ErrorKind::Limit => return Err(error),
        _ => {}
    }
    let text = context.sources.get(read.id).text().trim_start();
    let looks_like_json = text.starts_with(['[', '-']) && !text.starts_with("---");
    match (read.operations(context), strategic) {
        (Ok(_), Ok(_)) if context.version >= Version::V5_8 => Ok(Content::Empty),
        (Ok(_), Ok(_)) => Err(context.invalid(&patch.origin, "this patch is empty")),
        (Ok(operations), Err(_)) => Ok(Content::Json(operations)),
        // kubectl takes an empty object for a JSON patch, which it is not; only without an object to patch it does not notice.
        (Err(_), Ok(_)) => Ok(Content::Empty),
        // The error of the kind that it looks like.
        (Err(error), Err(_)) if looks_like_json => Err(error),
        (Err(_), Err(error)) => Err(error),
    }
}

fn options(patch: &Patch, is_repetitive: bool) -> strategic::Options {
    strategic::Options {
        is_repetitive,
        allow_name_change: patch.allow_name_change,
        allow_kind_change: patch.allow_kind_change,
        is_targeted: patch.target.is_some(),
        has_annotations: false,
    }
}

fn strategic_by_target(
    context: &mut Context,
    map: &mut ResourceMap,
    patch: &Patch,
    objects: Objects,
    target: &Selector,
) -> Result<(), Error> {
    let options = options(patch, objects.is_repetitive);
    let mut objects = objects.nodes.into_iter();
    let (Some(mut object), None) = (objects.next(), objects.next()) else {
        return Err(context.invalid(&patch.origin, "a patch with a `target` must be one object"));
    };
    let selected = select(context, map, target, &patch.origin)?;
    prepare(context, options, &mut object)?;
    let before = context.notes.len();
    let mut deleted = Vec::new();
    for at in &selected {
        let id = map.resources().get(*at).map(|resource| resource.id().to_string());
        merge(context, map, *at, &object, options)?;
        if map.resources().get(*at).is_some_and(Resource::is_empty) {
            deleted.extend(id);
        }
    }
    forget_what_some_have(&mut context.notes, before, selected.len());
    put_back_all(context, map, &patch.origin)?;
    let named = object.str_at(&["metadata", "name"]);
    if let (Some(name), true) = (named, deleted.len() > 1) {
        let message = format!("this patch names `{name}`, and its target deletes {} objects: {}", deleted.len(), listed(&deleted));
        context.note(NoteKind::DeletesMore, &patch.origin, message);
    } else if let Some(name) = named.filter(|_| deleted.is_empty() && target.name.is_none() && !options.allow_name_change) {
        let selected = || selected.iter().filter_map(|at| map.resources().get(*at));
        let others: Vec<String> = selected()
            .filter(|other| other.name() != name && other.original_id().name != name)
            .map(|other| other.id().to_string())
            .collect();
        // Most patches with a target have some name that means nothing.
        if !others.is_empty() && others.len() < selected().count() {
            let message = format!("this patch names `{name}`, and its target takes in {} more: {}", others.len(), listed(&others));
            context.note(NoteKind::TargetIsWider, &patch.origin, message);
        }
    }
    Ok(())
}

/// What a patch deletes in vain is worth a note where none of its targets has it.
fn forget_what_some_have(notes: &mut Vec<Note>, from: usize, targets: usize) {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    let in_vain = |note: &Note| note.kind == NoteKind::DeletesNothing;
    notes.iter().skip(from).filter(|note| in_vain(note)).for_each(|note| *counts.entry(note.origin.start).or_default() += 1);
    let mut at = 0;
    notes.retain(|note| {
        at += 1;
        at <= from || !in_vain(note) || counts.get(&note.origin.start).is_some_and(|count| *count >= targets)
    });
}

fn strategic_by_id(context: &mut Context, map: &mut ResourceMap, options: strategic::Options, mut object: Node) -> Result<(), Error> {
    let at = find(context, map, &object)?;
    prepare(context, options, &mut object)?;
    merge(context, map, at, &object, options)
}

/// Prepares an object of a patch for how it is applied.
fn prepare(context: &mut Context, options: strategic::Options, object: &mut Node) -> Result<(), Error> {
    let mut notes = Vec::new();
    strategic::prepare(object, options, &mut notes).map_err(|list| list.refusal(context))?;
    context.add_notes(notes);
    Ok(())
}

/// The one object that a patch without target is for.
fn find(context: &Context, map: &ResourceMap, object: &Node) -> Result<usize, Error> {
    let text = |keys: &[&str]| object.at(keys).filter(|node| !node.is_null()).and_then(Node::text).unwrap_or_default();
    let id = ResId::new(text(&["apiVersion"]), text(&["kind"]), text(&["metadata", "name"]), text(&["metadata", "namespace"]));
    let mut found = map.any(id);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (None, _) => {
            let error = context.invalid(&object.origin, format!("there is no {id} for this patch"));
            Err(match map.named(id.name).first().and_then(|at| map.resources().get(*at as usize)) {
                Some(other) => {
                    let found = other.original_id();
                    error.help(format!("there is {found} with apiVersion {}", found.api_version))
                }
                None => error,
            })
        }
        (Some(_), Some(_)) => Err(context.invalid(&object.origin, format!("more than one object is or was {id}"))),
    }
}

fn merge(context: &mut Context, map: &mut ResourceMap, at: usize, object: &Node, options: strategic::Options) -> Result<(), Error> {
    let Some(resource) = map.resources_mut().get_mut(at) else { return Ok(()) };
    let cost = Cost::tree(object);
    let may_rename = options.allow_name_change || options.allow_kind_change;
    if may_rename {
        resource.store_id();
    }
    context.charge(cost, &object.origin)?;
    if options.is_repetitive {
        resource.ensure_annotations();
    }
    let is_map = |node: &Node| node.as_map().is_some();
    let has_annotations = resource.node.at(&["metadata", "annotations"]).is_some_and(is_map);
    let options = strategic::Options { has_annotations, ..options };
    let outcome = {
        context.openapi.note_use();
        strategic::apply(&mut resource.node, object, options, (&context.sources, &context.openapi))?
    };
    context.add_notes(outcome.notes);
    context.charge(Cost::steps(outcome.steps), &object.origin)?;
    if strategic::drops_annotations(object) {
        resource.forget();
    }
    resource.settle_shares(context, &object.origin)?;
    if outcome.deleted.is_some() {
        resource.node = Node::map(resource.node.origin.clone());
        return Ok(());
    }
    resource.absorb_bookkeeping();
    resource.was_free.0 |= options.allow_name_change;
    resource.was_free.1 |= options.allow_kind_change;
    if may_rename {
        map.reindex(at);
        check_unique(context, map, at, &object.origin)?;
    }
    Ok(())
}

/// Kustomize takes all objects out for a strategic merge by target and puts them back one by one: then no two may have one identity, as JSON patches may
/// have given them.
fn put_back_all(context: &Context, map: &ResourceMap, origin: &Origin) -> Result<(), Error> {
    context.charge(Cost::steps(map.resources().len()), origin)?;
    let Some(second) = map.first_duplicate() else { return Ok(()) };
    let error = context.invalid(origin, format!("before this patch, another one gave two objects the identity {}", second.id()));
    Err(map.with_both(context, error, second))
}

fn check_unique(context: &Context, map: &ResourceMap, at: usize, origin: &Origin) -> Result<(), Error> {
    let Some(resource) = map.resources().get(at) else { return Ok(()) };
    if map.current(resource.id()).any(|other| other != at) {
        let error = context.invalid(origin, format!("the patch gives two objects the identity {}", resource.id()));
        return Err(map.with_both(context, error, resource));
    }
    Ok(())
}

fn select(context: &mut Context, map: &ResourceMap, target: &Selector, origin: &Origin) -> Result<Vec<usize>, Error> {
    let matcher = Matcher::new(context, target)?;
    let selected = matcher.select(context, map, origin)?;
    if selected.is_empty() && !target.may_match_nothing {
        let near = matcher.suggestion(context, map, target);
        context.note(NoteKind::TargetMatchesNothing, origin, format!("the target of this patch matches no object{near}"));
    }
    if let Some(name) = target.literal_name() {
        let (now, before): (Vec<&Resource>, Vec<&Resource>) =
            selected.iter().filter_map(|at| map.resources().get(*at)).partition(|resource| resource.name() == name);
        if let (Some(_), Some(other)) = (now.first(), before.first()) {
            let message = format!("the target also matches {}, which was called `{name}` before", other.id());
            context.note(NoteKind::FormerName, origin, message);
        }
    }
    Ok(selected)
}

/// Applies operations to every object that `target` selects. Kustomize notes the identity in an annotation first if the patch
/// is one of `patches`.
fn json(
    context: &mut Context,
    map: &mut ResourceMap,
    operations: &[Operation],
    target: &Selector,
    origin: &Origin,
    store_id: bool,
) -> Result<(), Error> {
    let reaches = json6902::reaches_bookkeeping(operations);
    for at in select(context, map, target, origin)? {
        let Some(resource) = map.resources_mut().get_mut(at) else { continue };
        if store_id {
            resource.store_id();
        }
        resource.ensure_annotations();
        if reaches {
            let bookkeeping = resource.bookkeeping();
            context.charge(Cost::of(bookkeeping.len(), bookkeeping.iter().map(|(_, text)| text.len()).sum()), origin)?;
            bookkeeping::show(&mut resource.node, &bookkeeping);
        }
        let notes = json6902::apply(context, &mut resource.node, operations, origin)?;
        context.add_notes(notes);
        resource.end_shares();
        if reaches {
            resource.hide_bookkeeping();
        }
        resource.absorb_bookkeeping();
        resource.rewrite_annotations().map_err(|list| list.refusal(context))?;
        map.reindex(at);
    }
    Ok(())
}

/// Applies one of `patchesJson6902`.
pub(crate) fn apply_json(context: &mut Context, root: &Root, map: &mut ResourceMap, patch: &Patch) -> Result<(), Error> {
    let Some(target) = &patch.target else {
        return Err(context.invalid(&patch.origin, "a JSON patch must have a `target`"));
    };
    let read = match (&patch.path, &patch.patch) {
        (Some(path), None) => Read::file(context, root, path)?,
        (None, Some(text)) => Read::inline(Embedded::new(context, text)),
        _ => return Err(context.invalid(&patch.origin, "a patch must have either `path` or `patch`")),
    };
    if target.name.is_none() {
        return Err(context.invalid(&patch.origin, "the target of an entry of `patchesJson6902` must have a `name`"));
    }
    let operations = read.operations(context)?;
    if operations.is_empty() {
        return Err(context.invalid(&patch.origin, "this patch is empty"));
    }
    json(context, map, &operations, target, &patch.origin, false)
}

/// Applies `patchesStrategicMerge`, all of which are read before the first is applied; `inline` is no path.
pub(crate) fn apply_strategic(
    context: &mut Context,
    root: &Root,
    map: &mut ResourceMap,
    entries: &[Text],
    inline: Option<&Text>,
) -> Result<(), Error> {
    let mut patches = Vec::new();
    let mut add = |Objects { nodes, is_repetitive }| patches.extend(nodes.into_iter().map(|node| (node, is_repetitive)));
    for entry in entries {
        add(strategic_objects(context, root, entry)?);
    }
    if let Some(text) = inline {
        add(Read::inline(Embedded::new(context, text)).objects(context)?);
    }
    if let (true, Some(first)) = (patches.is_empty(), entries.iter().chain(inline).next()) {
        return Err(context.invalid(&first.origin, "these patches are empty"));
    }
    for (mut patch, is_repetitive) in patches {
        let at = find(context, map, &patch)?;
        let options = strategic::Options { is_targeted: true, is_repetitive, ..strategic::Options::default() };
        prepare(context, options, &mut patch)?;
        let origin = patch.origin.clone();
        merge(context, map, at, &patch, options)?;
        put_back_all(context, map, &origin)?;
    }
    Ok(())
}

/// An entry is the patch itself where it reads as one, else the path to it.
fn strategic_objects(context: &mut Context, root: &Root, entry: &Text) -> Result<Objects, Error> {
    if entry.value.contains(':')
        && let Ok(objects) = Read::inline(Embedded::new(context, entry)).objects(context)
    {
        return Ok(objects);
    }
    Read::file(context, root, entry)?.objects(context)
}
