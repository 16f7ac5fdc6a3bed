//! What finished objects say of others that are called otherwise now: names of generated objects without their hash, former names and namespaces.

use std::collections::{HashMap, HashSet};

use crate::note::{Note, NoteKind};
use crate::object::resource::Resource;
use crate::source::Sources;
use crate::yaml::node::{Node, Value};

use super::moved;

/// Notes on all objects.
pub(crate) fn notes(resources: &[Resource], sources: &Sources) -> Vec<Note> {
    let mut notes = Vec::new();
    let names = Names::of(resources);
    if !names.generated.is_empty() {
        for resource in resources.iter().filter(|resource| resource.generator.is_none()) {
            names.look(resource, &resource.node, Near::default(), &mut notes);
        }
    }
    let objects = Objects::of(resources);
    if !(objects.renamed.is_empty() && objects.moved.is_empty()) {
        for resource in resources {
            objects.look(&resource.node, "", resource.id().namespace, &mut notes);
            if !objects.renamed.is_empty() {
                objects.words(resource, &resource.node, &mut Vec::new(), &mut notes);
            }
        }
    }
    notes.extend(moved::notes(resources, sources));
    notes
}

/// Former names of generated objects.
struct Names<'a> {
    generated: HashMap<&'a str, Vec<&'a Resource>>,
}

/// Of what kind of object the keys on the way to a value speak.
#[derive(Clone, Copy, Default)]
struct Near {
    config_map: bool,
    secret: bool,
}

impl Near {
    fn then(self, text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let config_map = self.config_map || text.contains("configmap") || text.contains("config-map");
        Self { config_map, secret: self.secret || text.contains("secret") }
    }

    fn is_near(self, kind: &str) -> bool {
        if kind == "Secret" { self.secret } else { self.config_map }
    }
}

impl<'a> Names<'a> {
    fn of(resources: &'a [Resource]) -> Self {
        let present: HashSet<(&str, &str)> = resources.iter().map(|resource| (resource.kind(), resource.name())).collect();
        let mut generated: HashMap<&str, Vec<&Resource>> = HashMap::new();
        for resource in resources.iter().filter(|resource| resource.needs_hash) {
            let former = resource.previous.iter().map(|id| &*id.name).filter(|name| !present.contains(&(resource.kind(), *name)));
            former.for_each(|name| generated.entry(name).or_default().push(resource));
        }
        Self { generated }
    }

    fn look(&self, resource: &Resource, node: &Node, near: Near, notes: &mut Vec<Note>) {
        match &node.value {
            Value::Map(map) => {
                // Of a variable or a parameter, it is the name beside the value that says what it is.
                let beside = node.str_at(&["name"]).map_or(near, |name| near.then(name));
                for entry in map.entries() {
                    let near = if &*entry.key.text == "value" { beside } else { near };
                    self.look(resource, &entry.value, near.then(&entry.key.text), notes);
                }
            }
            Value::Seq(seq) => seq.items.iter().for_each(|item| self.look(resource, item, near, notes)),
            Value::Scalar(scalar) => {
                if let Some((name, kind)) = self.named_in(resource, &scalar.text, near) {
                    let message = format!(
                        "`{name}` is what a generated {kind} was called before it got its hash: Kustomize does not rewrite this field"
                    );
                    notes.push(Note::new(NoteKind::NameWithoutHash, message, node.origin.clone()));
                }
            }
        }
    }

    /// The name that a text is, or that it has as a word beside a word for its kind: `--configmap=web/settings`.
    fn named_in<'t>(&self, resource: &Resource, text: &'t str, near: Near) -> Option<(&'t str, &'a str)> {
        let found = |name: &'t str, near: Near| {
            let generated = self.generated.get(name)?;
            let of_kind = |other: &&&Resource| near.is_near(other.kind()) && other.id().namespace == resource.id().namespace;
            generated.iter().find(of_kind).map(|other| (name, other.kind()))
        };
        if let Some(found) = found(text, near) {
            return Some(found);
        }
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
        let near = Near::default().then(text);
        let words = (near.config_map || near.secret).then(|| text.split(|letter| !is_part(letter)));
        words.into_iter().flatten().filter(|word| word.len() < text.len()).find_map(|word| found(word, near))
    }
}

/// Objects that are called otherwise, or are elsewhere, than when they were written.
struct Objects<'a> {
    /// Those that there are, by kind, name and namespace.
    present: HashSet<(&'a str, &'a str, &'a str)>,
    /// By kind and former name.
    renamed: HashMap<(&'a str, &'a str), &'a Resource>,
    /// By former name alone.
    by_former_name: HashMap<&'a str, Vec<&'a Resource>>,
    /// By kind and present name.
    moved: HashMap<(&'a str, &'a str), &'a Resource>,
    /// Namespaces that objects are in.
    namespaces: HashSet<&'a str>,
}

impl<'a> Objects<'a> {
    fn of(resources: &'a [Resource]) -> Self {
        let mut objects = Self {
            present: HashSet::new(),
            renamed: HashMap::new(),
            by_former_name: HashMap::new(),
            moved: HashMap::new(),
            namespaces: resources.iter().map(|resource| resource.id().namespace).collect(),
        };
        for resource in resources.iter().filter(|resource| !resource.needs_hash) {
            let (kind, name, namespace) = (resource.kind(), resource.name(), resource.id().namespace);
            objects.present.insert((kind, name, namespace));
            for id in resource.previous.iter().filter(|id| *id.kind == *kind) {
                if *id.name != *name {
                    objects.renamed.insert((kind, &id.name), resource);
                    objects.by_former_name.entry(&id.name).or_default().push(resource);
                }
                if *id.namespace != *namespace {
                    objects.moved.insert((kind, name), resource);
                }
            }
        }
        objects
    }

    fn look(&self, node: &Node, key: &str, own: &str, notes: &mut Vec<Note>) {
        match &node.value {
            Value::Map(_) => {
                let text = |key: &str| node.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
                let kind = text("kind").or_else(|| (key == "service").then_some("Service"));
                match (kind, text("name"), text("namespace")) {
                    (Some(kind), Some(name), Some(namespace)) => self.elsewhere(kind, name, namespace, node, notes),
                    (Some(kind), Some(name), None) => self.renamed(kind, name, own, node, notes),
                    _ => {}
                }
                node.entries().iter().for_each(|entry| self.look(&entry.value, &entry.key.text, own, notes));
            }
            Value::Seq(seq) => seq.items.iter().for_each(|item| self.look(item, "", own, notes)),
            Value::Scalar(scalar) if key == INJECTS_CA => {
                if let Some((namespace, name)) = scalar.text.split_once('/') {
                    self.elsewhere("Certificate", name, namespace, node, notes);
                }
            }
            Value::Scalar(_) => {}
        }
    }

    /// Something is named in a namespace that nothing is in, and what is called so was put elsewhere.
    fn elsewhere(&self, kind: &str, name: &str, namespace: &str, node: &Node, notes: &mut Vec<Note>) {
        let Some(other) = self.moved.get(&(kind, name)).filter(|other| other.id().namespace != namespace) else { return };
        if !self.namespaces.contains(namespace) {
            let message = format!("this names {kind} `{name}` in namespace `{namespace}`, and here it is in `{}`", other.id().namespace);
            notes.push(Note::new(NoteKind::ReferenceLeft, message, node.origin.clone()));
        }
    }

    fn renamed(&self, kind: &str, name: &str, own: &str, node: &Node, notes: &mut Vec<Note>) {
        let Some(other) = self.renamed.get(&(kind, name)) else { return };
        if !self.present.contains(&(kind, name, own)) {
            notes.push(renamed_note(kind, name, other, own, node));
        }
    }

    /// Looks at what a custom resource and the annotations of any object name by a plain text, whose key says of what kind it is: `secretName`.
    fn words<'n>(&self, resource: &Resource, node: &'n Node, keys: &mut Vec<&'n str>, notes: &mut Vec<Note>) {
        match &node.value {
            Value::Map(map) => {
                for entry in map.entries() {
                    keys.push(&entry.key.text);
                    self.words(resource, &entry.value, keys, notes);
                    keys.pop();
                }
            }
            Value::Seq(seq) => seq.items.iter().for_each(|item| self.words(resource, item, keys, notes)),
            Value::Scalar(scalar) => {
                let Some(kinds) = self.by_former_name.get(&*scalar.text) else { return };
                let is_custom = || {
                    let group = resource.gvk().group;
                    group.contains('.') && !group.ends_with(".k8s.io")
                };
                let is_open = match &**keys {
                    ["metadata", "annotations", ..] => true,
                    ["metadata", "labels", key] => NAMING.iter().any(|(known, _)| known == key),
                    ["metadata" | "status" | "kind" | "apiVersion", ..] => false,
                    _ => is_custom(),
                };
                let own = resource.id().namespace;
                let meant = kinds.iter().find(|other| is_word_for(keys, other.kind()) && other.id().namespace == own);
                if let (true, Some(other)) = (is_open, meant)
                    && !self.present.contains(&(other.kind(), &*scalar.text, own))
                {
                    notes.push(renamed_note(other.kind(), &scalar.text, other, own, node));
                }
            }
        }
    }
}

/// Keys that name an object of a kind without saying so.
const NAMING: [(&str, &str); 4] =
    [("backendRefs", "Service"), ("scaleTargetRef", "Deployment"), ("strimzi.io/cluster", "Kafka"), ("strimzi.io/cluster", "KafkaConnect")];

/// Whether the last keys on the way to a text say that it names an object of that kind: `canaryService`, `secretName`, `issuerRef.name`.
fn is_word_for(keys: &[&str], kind: &str) -> bool {
    let Some((last, before)) = keys.split_last() else { return false };
    let holder = if matches!(*last, "name" | "names") { before.last() } else { Some(last) };
    let Some(holder) = holder else { return false };
    if NAMING.contains(&(holder, kind)) {
        return true;
    }
    let word: String = holder.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let word = ["names", "name", "refs", "ref", "s"].iter().fold(&*word, |word, end| word.strip_suffix(end).unwrap_or(word));
    word.ends_with(&kind.to_ascii_lowercase())
}

fn renamed_note(kind: &str, name: &str, other: &Resource, own: &str, node: &Node) -> Note {
    let why = if other.id().namespace == own { "" } else { ", in another namespace" };
    let message =
        format!("this names {kind} `{name}`, and what was called so is `{}` now{why}: Kustomize has not rewritten it", other.name());
    Note::new(NoteKind::ReferenceLeft, message, node.origin.clone())
}

/// The annotation by which cert-manager is told whose certificate a webhook trusts.
const INJECTS_CA: &str = "cert-manager.io/inject-ca-from";
