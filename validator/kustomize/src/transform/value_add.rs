//! ValueAddTransformer (`api/filters/valueadd`): one text put into fields, or into the paths that fields hold.

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::{Decode, Decoder, Text};
use crate::error::Error;
use crate::file::load::Root;
use crate::object::field_path;
use crate::object::lookup;
use crate::object::resource_map::ResourceMap;
use crate::object::selector::{Matcher, Selector};
use crate::source::Origin;
use crate::yaml::node::Node;

use super::namespace::{Namespace, Subjects};
use crate::object::set::set_text;

/// One of `targets`.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Absent for every object.
    selector: Option<Selector>,
    field_path: Option<Text>,
    /// Where in the path that the field holds the text becomes a part, counted from 1; 0 for the whole field.
    file_path_position: i64,
    origin: Origin,
}

impl Decode for Target {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut target = Self { selector: None, field_path: None, file_path_position: 0, origin: node.origin.clone() };
        decoder.fields(node, field, |field, node| {
            match field {
                "selector" if node.is_null() => target.selector = None,
                "selector" => target.selector = Some(decoder.get(node, "targets.selector")?),
                "fieldpath" => target.field_path = decoder.get(node, "targets.fieldPath")?,
                "filepathposition" => target.file_path_position = decoder.get(node, "targets.filePathPosition")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(target)
    }
}

/// The `targets` of a file.
#[derive(Default)]
struct Targets(Vec<Target>);

impl Decode for Targets {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut targets = Vec::new();
        decoder.fields(node, field, |field, node| {
            if field == "targets" {
                targets = decoder.get(node, "targets")?;
            }
            Ok(field == "targets")
        })?;
        Ok(Self(targets))
    }
}

/// A configuration.
pub(crate) struct ValueAdd {
    /// Without it the name of the kustomization's directory is put in.
    pub(crate) value: Option<Text>,
    pub(crate) targets: Vec<Target>,
    /// A file with more targets.
    pub(crate) target_file_path: Option<Text>,
    /// The whole configuration.
    pub(crate) origin: Origin,
}

/// Puts the text into the fields of all objects that the targets select.
pub(crate) fn apply(context: &mut Context, root: &Root, map: &mut ResourceMap, config: ValueAdd) -> Result<(), Error> {
    let ValueAdd { value, mut targets, target_file_path, origin } = config;
    let value = value.map(|text| Text { value: text.value.trim().into(), origin: text.origin }).filter(|text| !text.value.is_empty());
    let value = value.unwrap_or_else(|| Text { value: root.name().into(), origin: origin.clone() });
    if let Some(path) = target_file_path {
        let id = root.load(context, &path)?.into_source(context)?;
        let document = context.read_first(id)?;
        let decoder = context.decoder(true);
        targets.extend(document.map_or_else(|| Ok(Targets::default()), |node| decoder.get(&node, &path.value))?.0);
    }
    if targets.is_empty() {
        return Err(context.invalid(&origin, "a ValueAddTransformer must have at least one of `targets`"));
    }
    for target in &targets {
        if target.field_path.is_none() {
            return Err(context.invalid(&target.origin, "a target of a ValueAddTransformer must have a `fieldPath`"));
        }
        if target.file_path_position < 0 {
            let message = format!("`filePathPosition` must not be negative, but it is {}", target.file_path_position);
            return Err(context.invalid(&target.origin, message));
        }
    }
    for target in &targets {
        target.put(context, map, &value)?;
    }
    map.reindex_all();
    Ok(())
}

impl Target {
    fn put(&self, context: &Context, map: &mut ResourceMap, value: &Text) -> Result<(), Error> {
        let Some(path) = &self.field_path else { return Ok(()) };
        let selected = match &self.selector {
            Some(selector) => Matcher::new(context, selector)?.select(context, map, &path.origin)?,
            None => (0..map.resources().len()).collect(),
        };
        let parts = field_path::split(&path.value, b'/');
        for at in selected {
            let Some(resource) = map.resources_mut().get_mut(at) else { continue };
            context.charge(Cost::of(parts.len(), path.value.len()), &path.origin)?;
            if path.value == "metadata/namespace" {
                let namespace = Namespace { namespace: value, specs: &[], unset_only: false, subjects: Subjects::DefaultOnly };
                namespace.object(context, resource)?;
                continue;
            }
            let (id, object) = (resource.id().to_string(), resource.node.origin.clone());
            let fails = |message: &str, at: &Origin| {
                let error = context.invalid(&path.origin, format!("`fieldPath` {} does not fit {id}: {message}", path.value));
                error.related(crate::Place::of(&context.sources, at), "the field")
            };
            match lookup::get_or_create(&mut resource.node, &parts, &value.origin) {
                Err(mismatch) => return Err(fails(&mismatch.message, &mismatch.at)),
                Ok(Some(field)) if field.as_scalar().is_some() => self.set(context, field, value)?,
                Ok(Some(field)) => return Err(fails("it leads to a list or a map, not to a single value", &field.origin)),
                // kubectl fails with a nil pointer here.
                Ok(None) if self.file_path_position > 0 => return Err(fails("there is no such value", &object)),
                Ok(None) => {}
            }
            resource.settle_shares(context, &path.origin)?;
        }
        Ok(())
    }

    fn set(&self, context: &Context, field: &mut Node, value: &Text) -> Result<(), Error> {
        let text = match usize::try_from(self.file_path_position).ok().and_then(|position| position.checked_sub(1)) {
            Some(at) => insert_part(field.as_scalar().map_or("", |scalar| &scalar.text), at, &value.value),
            None => value.value.to_string(),
        };
        set_text(context, field, text, &value.origin)
    }
}

/// A path with one more part at a position, counted from 0, or at the end where the path is shorter (`filesys.InsertPathPart`).
fn insert_part(path: &str, at: usize, part: &str) -> String {
    let mut parts = split_path(path);
    let mut at = at.min(parts.len());
    // The empty part before a leading slash does not count.
    if parts.first() == Some(&"") && at < parts.len() {
        at += 1;
    }
    parts.insert(at, part);
    match parts.split_first() {
        Some((&"", rest)) => format!("/{}", join_path(rest)),
        _ => join_path(&parts),
    }
}

/// The parts of a path, the first one empty where it is absolute (`filesys.PathSplit`).
fn split_path(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (directory, file) = rest.rsplit_once('/').map_or(("", rest), |(directory, file)| (directory, file));
        let is_below_root = directory.is_empty() && rest.starts_with('/');
        if !(is_below_root && file.is_empty()) {
            parts.push(file);
        }
        if is_below_root {
            parts.push("");
        }
        rest = directory;
    }
    parts.reverse();
    parts
}

/// Go's `filepath.Join`: `.`, `..` and empty parts are resolved.
fn join_path(parts: &[&str]) -> String {
    let joined = parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let is_absolute = joined.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => drop(kept.pop()),
            ".." if is_absolute => {}
            part => kept.push(part),
        }
    }
    match (is_absolute, kept.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() && !joined.is_empty() => ".".to_owned(),
        (false, path) => path,
    }
}
