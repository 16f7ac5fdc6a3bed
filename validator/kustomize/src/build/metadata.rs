//! `buildMetadata`: annotations that say where an object comes from and what has worked on it, and the managed-by label.

use std::sync::Arc;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::elsewhere::whereabouts::Whereabouts;
use crate::error::Error;
use crate::object::provenance::{ORIGIN, TRANSFORMATIONS};
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::object::set::set_pair;
use crate::source::Origin;
use crate::version::Version;
use crate::yaml;
use crate::yaml::node::{Map, Node};

/// What the kustomization at the top asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct BuildMetadata {
    /// The line of `buildMetadata`, if it has any entry: then the annotations are kept on the way.
    any: Option<Origin>,
    origins: Option<Origin>,
    transformations: Option<Origin>,
    managed_by: Option<Origin>,
}

impl BuildMetadata {
    /// Of the entries of `buildMetadata`.
    pub(crate) fn new(entries: &[Text]) -> Self {
        let entry = |name: &str| entries.iter().find(|entry| &*entry.value == name).map(|entry| entry.origin.clone());
        Self {
            any: entries.first().map(|entry| entry.origin.clone()),
            origins: entry("originAnnotations"),
            transformations: entry("transformerAnnotations"),
            managed_by: entry("managedByLabel"),
        }
    }

    /// Whether the objects must remember where they come from and what has worked on them.
    pub(crate) fn is_kept(&self) -> bool {
        self.any.is_some()
    }

    /// Notes the file that an object was read from.
    pub(crate) fn read_from(&self, resource: &mut Resource, file: &Whereabouts) {
        if self.is_kept() {
            let lines = repository_lines(file);
            resource.provenance.origin = Some(format!("path: {}{lines}", scalar(&file.path.to_string_lossy())).into());
            resource.provenance.file = Some(Arc::new(file.clone()));
            resource.has_bookkeeping = true;
        }
    }

    /// Notes the generator that made an object.
    pub(crate) fn generated(&self, resource: &mut Resource, configuration: &Configuration<'_>) {
        if self.is_kept() && resource.provenance.origin.is_none() {
            resource.provenance.origin = Some(configuration.text());
        }
    }

    /// Notes a transformer on all objects.
    pub(crate) fn transformed(&self, context: &Context, map: &mut ResourceMap, configuration: &Configuration<'_>) -> Result<(), Error> {
        let Some(origin) = &self.any else { return Ok(()) };
        let text = configuration.text();
        let count = map.resources().len();
        context.charge(Cost::of(count, count.saturating_mul(text.len())), origin)?;
        for resource in map.resources_mut() {
            resource.has_bookkeeping = true;
            resource.rewrite_annotations().map_err(|list| list.refusal(context))?;
            match resource.provenance.origin {
                Some(_) => resource.provenance.transformations.push(Arc::clone(&text)),
                // What has no origin is taken for something that the transformer made.
                None => resource.provenance.origin = Some(Arc::clone(&text)),
            }
        }
        Ok(())
    }

    /// Writes what was asked for into the objects and takes out what was not.
    ///
    /// # Errors
    /// Labels that are no map, where one is added.
    pub(crate) fn finish(&self, context: &Context, resource: &mut Resource) -> Result<(), Error> {
        let provenance = std::mem::take(&mut resource.provenance);
        if let Some(origin) = &self.managed_by {
            let labels = resource.node.at(&["metadata", "labels"]);
            if let Some(labels) = labels.filter(|labels| labels.as_map().is_none() && !labels.is_null()) {
                return Err(context.invalid(&labels.origin, "`metadata/labels` must be a map"));
            }
            // Before 5.7 the build of Kustomize in kubectl does not know its version.
            let by = if context.version >= Version::V5_8 { "kustomize-v5.8.1" } else { "kustomize-(devel)" };
            let value = Text { value: by.into(), origin: origin.clone() };
            set_in(resource, "labels", "app.kubernetes.io/managed-by", &value);
        }
        if let Some(annotations) = resource.node.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"))
            && let Some(map) = annotations.as_map_mut()
        {
            map.entries_mut().retain(|entry| !matches!(&*entry.key.text, ORIGIN | TRANSFORMATIONS));
        }
        for (key, value) in provenance.annotations() {
            if let Some(line) = if key == ORIGIN { &self.origins } else { &self.transformations } {
                set_in(resource, "annotations", key, &Text { value, origin: line.clone() });
            }
        }
        Ok(())
    }
}

fn set_in(resource: &mut Resource, field: &str, key: &str, value: &Text) {
    let Some(metadata) = resource.node.get_mut("metadata").and_then(Node::as_map_mut) else { return };
    if metadata.get(field).is_none_or(|node| node.as_map().is_none()) {
        metadata.set(field, Node::map(value.origin.clone()));
    }
    if let Some(map) = metadata.get_mut(field).and_then(Node::as_map_mut) {
        set_pair(map, key, value);
    }
}

/// A generator or transformer: its kind, and the file and, in a file of its own, the name that configures it.
pub(crate) struct Configuration<'a> {
    pub(crate) file: &'a Whereabouts,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a str,
}

impl Configuration<'_> {
    fn text(&self) -> Arc<str> {
        let lines = repository_lines(self.file);
        let mut text =
            format!("{lines}\nconfiguredIn: {}\nconfiguredBy:", scalar(&self.file.path.to_string_lossy())).trim_start().to_owned();
        for (key, value) in [("apiVersion", "builtin"), ("kind", self.kind), ("name", self.name), ("namespace", self.namespace)] {
            if !value.is_empty() {
                text.push_str(&format!("\n  {key}: {}", scalar(value)));
            }
        }
        text.into()
    }
}

/// What to say of the repository that something is in, each line after a break.
fn repository_lines(place: &Whereabouts) -> String {
    let Some((url, reference)) = place.repository.as_deref() else { return String::new() };
    let reference = reference.as_ref().map(|reference| format!("\nref: {}", scalar(reference))).unwrap_or_default();
    format!("\nrepo: {}{reference}", scalar(url))
}

/// A string as YAML.
fn scalar(text: &str) -> String {
    let mut map = Map::default();
    // Only the value of a map entry is printed on the line of its key.
    let origin = Origin::new(crate::source::Sources::default().add(crate::source::Source::new("", "")), 0, 0);
    map.set("k", Node::string(text, origin.clone()));
    let mut out = String::new();
    yaml::emit(&Node { value: crate::yaml::node::Value::Map(map), origin }, &mut out);
    out.trim_end().strip_prefix("k: ").unwrap_or_default().to_owned()
}
