//! What there is to refer to: objects that are deployed, and what operators make of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kustomize::Node;

use crate::objects::{Index, Object};
use crate::products::{MadeKind, MadeObject, Products};

/// Objects by kind, namespace and name, whoever makes them.
#[derive(Debug, Default)]
pub struct Provided {
    by_name: HashMap<MadeKind, HashMap<String, BTreeMap<String, Keys>>>,
    /// Names of the resources of unknown operators, by namespace.
    unknown: HashMap<String, Vec<String>>,
    /// Words in the arguments of Jobs, by namespace: what a Job makes it is told by name, such as the certificate of a webhook.
    jobs: HashMap<String, HashSet<String>>,
}

/// The keys of a Secret or ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Those that are known.
    pub known: BTreeSet<String>,
    /// Whether there are others.
    pub open: bool,
}

impl Provided {
    /// Collects everything: `made` is what operators make of the objects.
    pub fn new(index: &Index<'_>, made: &[MadeObject], products: &Products) -> Self {
        let mut provided = Provided::default();
        for object in &index.objects {
            if object.kind == "Job" {
                provided.jobs.entry(object.namespace.into()).or_default().extend(arguments(object));
            }
            if let Some((kind, keys)) = own(object) {
                provided.add(kind, object.namespace, object.name.into(), keys);
            } else if products.is_unknown(object) {
                provided.unknown.entry(object.namespace.into()).or_default().push(object.name.into());
            }
        }
        for made in made {
            let keys = Keys { known: made.keys.iter().cloned().collect(), open: made.open_keys };
            provided.add(made.kind, &made.namespace, made.name.clone(), keys);
        }
        provided
    }

    /// Whether a name is that of a resource of an unknown operator, or begins with it, so that the operator may well make the object.
    pub fn may_be_made(&self, namespace: &str, name: &str) -> bool {
        let begins = |resource: &String| name.strip_prefix(resource.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        self.unknown.get(namespace).is_some_and(|resources| resources.iter().any(begins))
            || self.jobs.get(namespace).is_some_and(|words| words.contains(name))
    }

    fn add(&mut self, kind: MadeKind, namespace: &str, name: String, keys: Keys) {
        let entry = self.by_name.entry(kind).or_default().entry(namespace.into()).or_default().entry(name).or_default();
        entry.known.extend(keys.known);
        entry.open |= keys.open;
    }

    /// The keys of the object, if it is there.
    pub fn find(&self, kind: MadeKind, namespace: &str, name: &str) -> Option<&Keys> {
        self.by_name.get(&kind)?.get(namespace)?.get(name)
    }

    /// The names of all objects of a kind in a namespace, ascending.
    pub fn names(&self, kind: MadeKind, namespace: &str) -> impl Iterator<Item = &str> {
        self.by_name.get(&kind).and_then(|kind| kind.get(namespace)).into_iter().flatten().map(|(name, _)| name.as_str())
    }
}

/// The words of the arguments of an object's containers: `--secret-name=web` has the words `secret-name` and `web`.
fn arguments(object: &Object<'_>) -> Vec<String> {
    let Some(template) = object.pod_template() else { return Vec::new() };
    let is_part = |part: char| part.is_ascii_alphanumeric() || "-.".contains(part);
    let mut words = Vec::new();
    for (_, container) in template.containers() {
        let lists = ["command", "args"].into_iter().filter_map(|field| container.get(field));
        for text in lists.flat_map(Node::items).filter_map(Node::as_str) {
            let parts = text.split(|part| !is_part(part)).filter(|word| !word.is_empty());
            words.extend(parts.map(str::to_owned));
        }
    }
    words
}

/// What an object is to those that refer to it.
fn own(object: &Object<'_>) -> Option<(MadeKind, Keys)> {
    if !object.group().is_empty() {
        return None;
    }
    let keys = |fields: &[&str]| {
        let maps = fields.iter().filter_map(|field| object.node.get(field));
        maps.flat_map(Node::entries).map(|entry| entry.key.text.to_string()).collect()
    };
    match object.kind {
        "ConfigMap" => Some((MadeKind::ConfigMap, Keys { known: keys(&["data", "binaryData"]), open: false })),
        "Secret" => {
            // The token controller fills these in.
            let open = object.node.str_at(&["type"]) == Some("kubernetes.io/service-account-token");
            Some((MadeKind::Secret, Keys { known: keys(&["data", "stringData"]), open }))
        }
        "Service" => Some((MadeKind::Service, Keys::default())),
        "ServiceAccount" => Some((MadeKind::ServiceAccount, Keys::default())),
        "PersistentVolumeClaim" => Some((MadeKind::PersistentVolumeClaim, Keys::default())),
        _ => None,
    }
}
