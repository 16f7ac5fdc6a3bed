//! What policies see of everything else that is deployed.

use std::collections::HashMap;

use kubevet_cel::Value;
use kustomize::Node;

use super::values;
use crate::objects::{group_of, is_cluster_scoped};

/// The label that the server gives each namespace.
pub(super) const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// What matters of everything else that is deployed.
#[derive(Debug, Default)]
pub(super) struct Cluster<'a> {
    namespaces: HashMap<&'a str, &'a Node>,
    /// By group and kind: the resource, and whether it has namespaces.
    custom: HashMap<(&'a str, &'a str), (&'a str, bool)>,
    objects: Vec<&'a Node>,
}

impl<'a> Cluster<'a> {
    pub(super) fn of(objects: impl IntoIterator<Item = &'a Node>) -> Self {
        let mut cluster = Cluster::default();
        for object in objects {
            let text = |keys: &[&str]| object.str_at(keys).unwrap_or_default();
            match (text(&["apiVersion"]), text(&["kind"])) {
                ("v1", "Namespace") => {
                    cluster.namespaces.insert(text(&["metadata", "name"]), object);
                }
                (api_version, "CustomResourceDefinition") if group_of(api_version) == "apiextensions.k8s.io" => {
                    let resource = (text(&["spec", "names", "plural"]), text(&["spec", "scope"]) != "Cluster");
                    cluster.custom.insert((text(&["spec", "group"]), text(&["spec", "names", "kind"])), resource);
                }
                _ => {}
            }
            cluster.objects.push(object);
        }
        cluster
    }

    pub(super) fn is_namespaced(&self, group: &str, kind: &str) -> bool {
        self.custom.get(&(group, kind)).map_or_else(|| !is_cluster_scoped(group, kind), |(_, namespaced)| *namespaced)
    }

    /// The plural of a kind, as `meta.UnsafeGuessKindToResource` makes it where no definition says it.
    pub(super) fn resource(&self, group: &str, kind: &str) -> String {
        if let Some((plural, _)) = self.custom.get(&(group, kind)) {
            return (*plural).to_owned();
        }
        plural(kind)
    }

    /// `namespaceObject`.
    pub(super) fn namespace_value(&self, name: &str) -> Value {
        let Some(namespace) = self.namespaces.get(name) else {
            return Value::Unknown("the namespace is not among the objects, so its labels are not known");
        };
        let mut value = values::plain(namespace);
        let label = Node::string(name, namespace.origin.clone());
        if let Value::Map(map) = &mut value {
            let map = std::sync::Arc::make_mut(map);
            let key = |text: &str| kubevet_cel::value::Key::String(text.into());
            let metadata = map.entry(key("metadata")).or_insert_with(|| Value::object([]));
            if let Value::Map(metadata) = metadata {
                let labels = std::sync::Arc::make_mut(metadata).entry(key("labels")).or_insert_with(|| Value::object([]));
                if let Value::Map(labels) = labels {
                    std::sync::Arc::make_mut(labels).entry(key(NAME_LABEL)).or_insert_with(|| values::plain(&label));
                }
            }
        }
        value
    }

    /// The objects of a kind, whatever their version, and whether it has namespaces.
    pub(super) fn of_kind(&self, api_version: &str, kind: &str) -> impl Iterator<Item = &'a Node> {
        let (api_version, kind) = (api_version.to_owned(), kind.to_owned());
        let is_one = move |object: &&&Node| {
            let text = |key| object.str_at(&[key]).unwrap_or_default();
            group_of(text("apiVersion")) == group_of(&api_version) && text("kind") == kind
        };
        self.objects.iter().filter(is_one).copied()
    }

    /// All objects.
    pub(super) fn objects(&self) -> impl Iterator<Item = &'a Node> {
        self.objects.iter().copied()
    }

    /// A namespace, if it is among the objects.
    pub(super) fn namespace(&self, name: &str) -> Option<&'a Node> {
        self.namespaces.get(name).copied()
    }

    /// Whether a definition among the objects defines a kind.
    pub(super) fn defines(&self, group: &str, kind: &str) -> bool {
        self.custom.contains_key(&(group, kind))
    }
}

/// The plural of a kind, as `meta.UnsafeGuessKindToResource` makes it.
pub fn plural(kind: &str) -> String {
    let lower = kind.to_ascii_lowercase();
    match lower.as_bytes() {
        _ if lower == "endpoints" => lower,
        [.., b's'] => lower + "es",
        [.., b'y'] if !lower.ends_with("ay") && !lower.ends_with("ey") => lower[..lower.len() - 1].to_owned() + "ies",
        _ => lower + "s",
    }
}
