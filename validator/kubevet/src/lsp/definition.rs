//! Where what stands somewhere comes from, and what else belongs to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Node, Origin, Render, Source, Sources, yaml};

use super::places::{Field, Spot, View, fields_at};
use crate::discover::{FILE_NAMES, kustomization_file};
use crate::location::{Object, Step};
use crate::mentions::{self, Reference};
use crate::{locate, paths};

/// A place to go to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The file, without links.
    pub(super) path: PathBuf,
    /// The bytes of its text; nothing where the file as a whole is meant.
    pub(super) bytes: Option<(Arc<Source>, u32, u32)>,
}

impl Target {
    fn key(&self) -> (&Path, Option<(u32, u32)>) {
        (&self.path, self.bytes.as_ref().map(|(_, start, end)| (*start, *end)))
    }

    fn is_at(&self, spot: Spot<'_>) -> bool {
        let holds = |(_, start, end): &(Arc<Source>, u32, u32)| (*start as usize..=*end as usize).contains(&spot.offset);
        self.path == spot.file && self.bytes.as_ref().is_some_and(holds)
    }
}

/// Each place once, in their order.
fn unique(mut targets: Vec<Target>) -> Vec<Target> {
    targets.sort_by(|one, other| one.key().cmp(&other.key()));
    targets.dedup_by(|one, other| one.key() == other.key());
    targets.truncate(MOST);
    targets
}

/// More places than these nobody looks through.
const MOST: usize = 500;

/// The file or directory that a kustomization names at a spot.
pub(super) fn of_file(spot: Spot<'_>) -> Option<Target> {
    if !FILE_NAMES.iter().any(|name| spot.file.ends_with(name)) {
        return None;
    }
    let mut sources = Sources::default();
    let id = sources.add(Source::new(spot.file, spot.text));
    let document = yaml::read(&sources, id, yaml::Dialect::YamlV3).ok()?.into_iter().next()?;
    let text = text_at(&document, spot.offset)?;
    let directory = spot.file.parent()?;
    // A generator's file may have a key before it.
    let names = [Some(text), text.split_once('=').map(|(_, path)| path)];
    names.into_iter().flatten().filter(|name| !name.is_empty()).find_map(|name| {
        let path = paths::normalize(&directory.join(name));
        let path = if path.is_dir() { kustomization_file(&path)? } else { path };
        path.is_file().then(|| Target { path, bytes: None })
    })
}

/// The text of the scalar at a byte.
fn text_at(node: &Node, offset: usize) -> Option<&str> {
    let holds = |node: &&Node| (node.origin.start as usize..=node.origin.end as usize).contains(&offset);
    let inner = node.entries().iter().map(|entry| &entry.value).chain(node.items()).filter(holds).find_map(|inner| text_at(inner, offset));
    inner.or_else(|| node.text().filter(|_| holds(&node)))
}

/// What a reference at a spot means, or else what set the field there before, and what sets it now.
pub(super) fn of_field(views: &[View], spot: Spot<'_>) -> Vec<Target> {
    let (mut named, mut set) = (Vec::new(), Vec::new());
    for view in views {
        let render = &view.render;
        for field in fields_at(render, spot) {
            let Some(object) = render.objects.get(field.object) else { continue };
            for reference in mentions::of(object) {
                let is_key = reference.key.as_ref().is_some_and(|(_, path)| *path == field.path);
                if reference.path == field.path || is_key {
                    named.extend(meant(render, object, &reference, is_key));
                }
            }
            set.extend(history(render, object, &field));
        }
    }
    let found = if named.is_empty() { set } else { named };
    unique(found.into_iter().filter(|target| !target.is_at(spot)).collect())
}

/// Everything that names the object at a spot, and everything that sets something of the field there.
pub(super) fn references_of(views: &[View], spot: Spot<'_>) -> Vec<Target> {
    let mut found = Vec::new();
    for view in views {
        let render = &view.render;
        for field in fields_at(render, spot) {
            let Some(object) = render.objects.get(field.object) else { continue };
            found.extend(history(render, object, &field));
            let named = Object::of(object);
            let is_name = field.path.is_empty() || matches!(field.path.first(), Some(Step::Key(key)) if key == "metadata" || key == "kind");
            let key = match field.path.as_slice() {
                [Step::Key(data), Step::Key(key), ..] if ["data", "stringData", "binaryData"].contains(&data.as_str()) => Some(key),
                _ => None,
            };
            if !is_name && key.is_none() {
                continue;
            }
            for other in &render.objects {
                let is_near = Object::of(other).namespace == named.namespace;
                for reference in mentions::of(other)
                    .into_iter()
                    .filter(|reference| is_near && reference.kind == named.kind && reference.name == named.name)
                {
                    let path = match (&reference.key, key) {
                        (Some((name, path)), Some(key)) if name == key => path,
                        (_, Some(_)) => continue,
                        (_, None) => &reference.path,
                    };
                    found.extend(locate::resolve(other, path).map(|node| target(&render.sources, &node.origin)));
                }
            }
        }
    }
    unique(found)
}

/// The object that a reference means.
pub(super) fn object_meant<'r>(render: &'r Render, from: &Node, reference: &Reference) -> Option<&'r Node> {
    let from = Object::of(from);
    let is_it = |node: &&Node| {
        let object = Object::of(node);
        let is_near = object.namespace == from.namespace || object.namespace.is_none();
        object.kind == reference.kind && object.name == reference.name && is_near
    };
    render.objects.iter().find(is_it)
}

/// The object that a reference means, or its key.
fn meant(render: &Render, from: &Node, reference: &Reference, is_key: bool) -> Option<Target> {
    let object = object_meant(render, from, reference)?;
    let key = reference.key.as_ref().filter(|_| is_key);
    let value = key.and_then(|(key, _)| ["data", "stringData", "binaryData"].iter().find_map(|data| object.at(&[data, key])));
    let node = value.or_else(|| object.at(&["metadata", "name"])).unwrap_or(object);
    // Behind prefixes and hashes is the place where the object was written.
    let origin = node.origin.history().last().unwrap_or(&node.origin);
    Some(target(&render.sources, origin))
}

/// Each place that set a field, or removed it.
fn history(render: &Render, object: &Node, field: &Field) -> Vec<Target> {
    let target = |origin: &Origin| target(&render.sources, origin);
    match (locate::resolve(object, &field.path), field.path.split_last()) {
        (Some(node), _) => node.origin.history().map(target).collect(),
        (None, Some((Step::Key(key), above))) => {
            let removed = locate::resolve(object, above).into_iter().flat_map(Node::removed).filter(|removal| *removal.key == **key);
            removed.flat_map(|removal| std::iter::once(&removal.by).chain(removal.had.history()).map(target).collect::<Vec<_>>()).collect()
        }
        _ => Vec::new(),
    }
}

fn target(sources: &Sources, origin: &Origin) -> Target {
    let source = sources.get(origin.source);
    let path = source.path().canonicalize().unwrap_or_else(|_| absolute(source.path()));
    Target { path, bytes: Some((Arc::clone(source), origin.key, origin.end)) }
}

fn absolute(path: &Path) -> PathBuf {
    paths::normalize(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}
