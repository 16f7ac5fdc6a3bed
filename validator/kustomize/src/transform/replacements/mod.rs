//! `replacements` (ReplacementTransformer and `api/filters/replacement`): fields that take their value from another object's.

mod matcher;
mod put;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::fields_help;
use crate::error::{Error, Place};
use crate::file::load::Root;
use crate::file::replacement::{Replacement, Source};
use crate::object::bookkeeping::is_bookkeeping;
use crate::object::resource::{Resource, is_nil_or_empty};
use crate::object::resource_map::ResourceMap;
use crate::object::{field_path, lookup};
use crate::source::Origin;
use crate::yaml::node::{Node, Scalar};
use crate::yaml::share;

const DEFAULT_PATH: &str = "metadata.name";

/// Applies `replacements`, those in files included.
pub(crate) fn apply(context: &mut Context, root: &Root, map: &mut ResourceMap, entries: &[Replacement]) -> Result<(), Error> {
    let all = load(context, root, entries)?;
    all.iter().try_for_each(|replacement| apply_one(context, map, replacement))
}

/// Reads the files that entries name, so that all replacements are known before the first is applied.
fn load(context: &mut Context, root: &Root, entries: &[Replacement]) -> Result<Vec<Replacement>, Error> {
    let mut all = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(path) = &entry.path else {
            all.push(entry.clone());
            continue;
        };
        if entry.source.is_some() || entry.targets.as_ref().is_some_and(|targets| !targets.is_empty()) {
            return Err(context.invalid(&path.origin, "cannot specify both path and inline replacement"));
        }
        let id = root.load(context, path)?.into_source(context)?;
        let Some(document) = context.read_first(id)? else { continue };
        let decoder = context.decoder(true);
        if document.as_seq().is_some() {
            all.append(&mut decoder.get(&document, &path.value)?);
        } else {
            all.push(decoder.get(&document, &path.value)?);
        }
    }
    Ok(all)
}

/// Applies one replacement to all objects.
fn apply_one(context: &mut Context, map: &mut ResourceMap, replacement: &Replacement) -> Result<(), Error> {
    let targets = replacement.targets.as_ref().filter(|_| replacement.source.is_some() || replacement.source_value.is_some());
    let Some(targets) = targets else {
        let error = context.invalid(&replacement.origin, "replacements must specify a source and at least one target");
        return Err(error.help(fields_help(context.version)));
    };
    let (mut value, found) = match (&replacement.source, &replacement.source_value) {
        (Some(_), Some(value)) => {
            return Err(context.invalid(&value.origin, "a replacement must not have both `source` and `sourceValue`"));
        }
        (Some(source), None) => source.value(context, map).map(|(value, found)| (value, Some(found)))?,
        (None, value) => {
            let (text, origin) = value.as_ref().map_or(("".into(), &replacement.origin), |value| (value.value.clone(), &value.origin));
            (Node::scalar(Scalar::implicit(text), origin.clone()), None)
        }
    };
    for target in targets {
        target.put(context, map, &mut value, found.as_ref())?;
    }
    map.reindex_all();
    Ok(())
}

/// Where a value was found.
struct Found {
    /// The position of the object.
    at: usize,
    /// The path in it.
    parts: Vec<String>,
    /// Whether the value is the field itself, and not a piece of it: what is written there is what is put elsewhere from then on.
    is_whole: bool,
}

impl Found {
    /// Takes over what was written to the source itself.
    fn follow(&self, resource: &Resource, value: &mut Node) {
        if let Some(node) = self.node(resource) {
            take_text(value, node);
        }
    }

    /// The field that is the source.
    fn node<'r>(&self, resource: &'r Resource) -> Option<&'r Node> {
        lookup::get(&resource.node, self.parts.iter().map(String::as_str)).ok().flatten().filter(|_| self.is_whole)
    }
}

/// Makes a value say what a field says now.
fn take_text(value: &mut Node, field: &Node) {
    if let (Some(scalar), Some(now)) = (value.as_scalar_mut(), field.as_scalar()) {
        scalar.text.clone_from(&now.text);
    }
}

impl Source {
    /// The value to put into the targets.
    fn value(&self, context: &Context, map: &ResourceMap) -> Result<(Node, Found), Error> {
        context.charge(Cost::steps(map.resources().len()), &self.origin)?;
        let mut found = map.resources().iter().enumerate().filter(|(_, resource)| self.id.selects_any(resource));
        let (at_source, resource) = match (found.next(), found.next()) {
            (Some(found), None) => found,
            (None, _) => return Err(context.invalid(&self.origin, format!("nothing selected by {}", self.id))),
            (Some(_), Some(_)) => return Err(context.invalid(&self.origin, format!("multiple matches for selector {}", self.id))),
        };
        let path = self.field_path.as_ref().map_or(DEFAULT_PATH, |path| &path.value);
        let at = self.field_path.as_ref().map_or(&self.origin, |path| &path.origin);
        let parts = field_path::split_bracketed(path);
        // What Kustomize keeps in annotations is copied along.
        let shown = is_bookkeeping(parts.iter().map(String::as_str)).then(|| resource.shown_metadata());
        let node = lookup::get(shown.as_ref().unwrap_or(&resource.node), parts.iter().map(String::as_str))
            .map_err(|mismatch| {
                self.error(context, at, format!("error looking up replacement source `{path}`: {}", mismatch.message), &mismatch.at)
            })?
            .filter(|node| !is_nil_or_empty(node))
            .ok_or_else(|| {
                let message = format!("fieldPath `{path}` is missing for replacement source {}", self.id);
                self.error(context, at, message, &resource.node.origin)
            })?;
        let Some(delimiter) = &self.options.delimiter else {
            let mut value = context.copy(node, at)?;
            share::separate(&mut value);
            return Ok((value, Found { at: at_source, parts, is_whole: true }));
        };
        let Some(scalar) = node.as_scalar() else {
            return Err(context.invalid(&delimiter.origin, "delimiter option can only be used with scalar nodes"));
        };
        let piece = usize::try_from(self.options.index).ok().and_then(|index| scalar.text.split(&*delimiter.value).nth(index));
        let piece = piece.ok_or_else(|| {
            context
                .invalid(&delimiter.origin, format!("options.index {} is out of bounds: the source has fewer pieces", self.options.index))
        })?;
        Ok((
            Node::scalar(Scalar::new(piece, scalar.tag, scalar.style), node.origin.clone()),
            Found { at: at_source, parts, is_whole: false },
        ))
    }

    fn error(&self, context: &Context, at: &Origin, message: String, source: &Origin) -> Error {
        context.invalid(at, message).related(Place::of(&context.sources, source), "the source")
    }
}
