//! What is made where nothing is yet: a patch, named and listed as the others are, and an object beside the one that it is for.

use std::path::{Path, PathBuf};

use kustomize::Node;
use serde_json::Value as Json;

use super::edit::documents;
use super::holder::{Kind, base};
use super::operation::{Habits, Named, NewPatch, Operation};
use super::place::View;
use super::refusal::Refusal;
use super::spot::Selector;
use super::way::Way;
use crate::discover::kustomization_file;
use crate::files;
use crate::paths::shown;

impl<'a> View<'a> {
    /// The object as its first document names it.
    pub(super) fn named(&self, object: &Node) -> Option<Named> {
        let (source, start) = base(self.sources(), object);
        let root = self.library.holder(source, start).ok().filter(|holder| holder.kind == Kind::Object)?.root;
        let text = |keys: &[&str]| root.str_at(keys).map(str::to_owned);
        Some(Named {
            api_version: text(&["apiVersion"])?,
            kind: text(&["kind"])?,
            name: text(&["metadata", "name"])?,
            namespace: text(&["metadata", "namespace"]),
        })
    }

    pub(super) fn new_merge(&self, object: &Node, path: Vec<Selector>, value: Option<Json>) -> Option<Way> {
        let named = self.named(object)?;
        let kustomization = shown(&kustomization_file(self.directory)?);
        let file = self.new_patch(&kustomization, &named, self.habits(object))?;
        Some(Way::new(Operation::NewMerge { kustomization, file, object: named, path, value }))
    }

    pub(super) fn new_json(&self, object: &Node, operation: Json) -> Option<Way> {
        let kustomization = shown(&kustomization_file(self.directory)?);
        Some(Way::new(Operation::NewJson { kustomization, object: self.named(object)?, operation }))
    }

    fn habits(&self, object: &Node) -> Habits {
        Habits::of(base(self.sources(), object).0.text())
    }

    /// Where a new patch stands, as those do that the kustomization has.
    fn new_patch(&self, kustomization: &Path, object: &Named, style: Habits) -> Option<NewPatch> {
        let root = self.kustomization(kustomization)?;
        let directory = kustomization.parent().unwrap_or(Path::new(""));
        let listed = |list: &str| root.get(list).map(Node::items).unwrap_or_default();
        let files = listed("patches").iter().filter_map(|entry| entry.str_at(&["path"]));
        let old_files: Vec<&str> =
            listed("patchesStrategicMerge").iter().filter_map(Node::as_str).filter(|entry| !entry.contains('\n')).collect();
        let files: Vec<&str> = files.collect();
        let deprecated = files.is_empty() && !old_files.is_empty();
        if files.is_empty() && !deprecated && listed("patches").iter().any(|entry| entry.get("patch").is_some()) {
            return Some(NewPatch::Inline { style });
        }
        let names = files.iter().chain(&old_files).filter_map(|name| pattern(directory, name)).collect::<Vec<_>>();
        let common = names.iter().max_by_key(|name| names.iter().filter(|other| other == name).count()).cloned();
        let fill = |pattern: &str| directory.join(pattern.replace("{name}", &object.name).replace("{kind}", &object.kind.to_lowercase()));
        let common = common.unwrap_or_else(|| "patch-{name}.yaml".to_owned());
        let tries = [common.as_str(), "patch-{name}.yaml", "patch-{name}-{kind}.yaml"].map(fill);
        let paths: Vec<PathBuf> = tries.into_iter().filter(|path| is_free(path)).collect();
        (!paths.is_empty()).then_some(NewPatch::File { paths, deprecated, style })
    }

    fn kustomization(&self, path: &Path) -> Option<Node> {
        let source = self.sources().iter().map(|(_, source)| source).find(|source| shown(source.path()) == path)?;
        documents(source.text(), kustomize::yaml::Dialect::YamlV2).ok()?.into_iter().next()
    }

    /// The ways to make an object beside another one.
    pub(super) fn creating(&self, beside: Option<&'a Node>, object: &Json) -> Result<Vec<Way>, Refusal> {
        let kind = object["kind"].as_str().unwrap_or_default().to_lowercase();
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let is_name =
            |text: &str| !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || "-.".contains(character));
        if !is_name(&kind) || !is_name(name) {
            return Err(Refusal::new("the new object's name makes no file name"));
        }
        let near = beside.map(|node| base(self.sources(), node).0).filter(|source| source.address().is_none());
        let near = near.and_then(|source| kustomization_file(source.path().parent()?));
        let own = kustomization_file(self.directory);
        let habits = beside.map_or_else(|| Habits::of(""), |node| self.habits(node));
        let mut ways = Vec::new();
        for kustomization in near.into_iter().chain(own).map(|path| shown(&path)) {
            let directory = kustomization.parent().unwrap_or(Path::new(""));
            let by_space = object["metadata"]["namespace"].as_str().filter(|space| is_name(space));
            let by_space = by_space.map(|space| format!("{space}-{name}-{kind}.yaml"));
            let tries = [format!("{kind}.yaml"), format!("{name}-{kind}.yaml")].into_iter().chain(by_space);
            let files: Vec<PathBuf> = tries.map(|file| directory.join(file)).filter(|path| is_free(path)).collect();
            if files.is_empty() {
                continue;
            }
            let mut object = object.clone();
            // What the kustomization gives its objects need not be said again.
            let namespace = self.kustomization(&kustomization).and_then(|root| root.str_at(&["namespace"]).map(str::to_owned));
            let plain = beside.is_some_and(|node| self.named(node).is_some_and(|named| named.namespace.is_none()));
            if (namespace.is_some() && namespace.as_deref() == object["metadata"]["namespace"].as_str()) || plain {
                object["metadata"].as_object_mut().into_iter().for_each(|metadata| drop(metadata.remove("namespace")));
            }
            ways.push(Way::new(Operation::NewObject { kustomization, files, object, style: habits }));
        }
        ways.dedup();
        if ways.is_empty() { Err(Refusal::new("there is no free file name for the new object")) } else { Ok(ways) }
    }
}

fn is_free(path: &Path) -> bool {
    path.symlink_metadata().is_err()
}

/// How the name of a patch's file comes from what it patches: `patches/{name}.yaml`.
fn pattern(directory: &Path, name: &str) -> Option<String> {
    let text = files::read_text(&directory.join(name)).ok()?;
    let root = documents(&text, kustomize::yaml::Dialect::YamlV3).ok()?.into_iter().next()?;
    let (object, kind) = (root.str_at(&["metadata", "name"])?, root.str_at(&["kind"])?.to_lowercase());
    let (above, file) = name.rsplit_once('/').map_or((None, name), |(above, file)| (Some(above), file));
    let replaced = file.replacen(object, "{name}", 1);
    let replaced = if replaced.contains("{name}") { replaced } else { file.replacen(&kind, "{kind}", 1) };
    // A name that says neither is one of its own.
    replaced.contains('{').then(|| above.map_or_else(|| replaced.clone(), |above| format!("{above}/{replaced}")))
}
