//! CustomResourceDefinitions that are not among the objects: there are many, they are large, and objects have few of their fields.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use kustomize::Node;
use serde::Deserialize;

use super::cel::Expressions;
use super::constraint;
use super::json::{read_json, read_schema};
use super::pattern::Patterns;
use super::{defined, gvk, is_definition};

/// CustomResourceDefinitions beside those among the objects, for example from `policies/schemas/`.
#[derive(Debug, Default)]
pub struct Definitions {
    /// By group, then by kind. A group can have several definitions of a kind only by mistake; then the last counts.
    kinds: HashMap<String, HashMap<String, Definition>>,
    /// What is compiled here serves for all sets of objects.
    pub(super) patterns: Patterns,
    pub(super) expressions: Expressions,
}

/// A definition, or why it can't be read.
pub(super) type Found = Result<Arc<Node>, Arc<str>>;

#[derive(Debug)]
enum Definition {
    Tree(Arc<Node>),
    /// The text, and what was read of it.
    Json(String, Partial),
}

/// What was read of a definition in JSON, which has more fields than objects have.
#[derive(Debug, Default)]
pub(super) struct Partial(Mutex<Option<Part>>);

/// A definition without the fields that no object has.
#[derive(Debug)]
struct Part {
    /// The names of the fields that it has.
    names: HashSet<String>,
    found: Found,
}

/// What tells whose definition a text is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    api_version: String,
    kind: String,
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    group: String,
    names: Names,
}

#[derive(Deserialize)]
struct Names {
    kind: String,
}

impl Definitions {
    /// Adds a definition, or what Gatekeeper defines for one of its templates, and gives true; anything else is passed over, as among objects.
    pub fn add(&mut self, object: Node) -> bool {
        let object = constraint::definition(&object).unwrap_or(object);
        let Some((group, kind, _)) = defined(&object) else { return false };
        let (group, kind) = (group.to_owned(), kind.to_owned());
        self.insert(group, kind, Definition::Tree(Arc::new(object)));
        true
    }

    /// Adds a definition in JSON, which is read as far as objects of its kind need it.
    ///
    /// # Errors
    ///
    /// The text itself, if it isn't the JSON of one definition.
    pub fn add_json(&mut self, text: String) -> Result<(), String> {
        match serde_json::from_str::<Header>(&text) {
            Ok(header) if is_definition(&header.api_version, &header.kind) => {
                self.insert(header.spec.group, header.spec.names.kind, Definition::Json(text, Partial::default()));
                Ok(())
            }
            _ => Err(text),
        }
    }

    /// The kinds that are defined.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.values().flat_map(HashMap::keys).map(String::as_str)
    }

    /// How many rules in CEL the definition of each kind has, as `KIND.GROUP`, in that order; without those that have none.
    pub fn rules_in_cel(&self) -> Vec<(String, usize)> {
        let kinds = self.kinds.iter().flat_map(|(group, kinds)| kinds.iter().map(move |(kind, definition)| (group, kind, definition)));
        let counted = kinds.map(|(group, kind, definition)| {
            let count = match definition {
                Definition::Tree(tree) => rules_below(tree),
                Definition::Json(text, _) => read_json(text).map_or(0, |tree| rules_below(&tree)),
            };
            (format!("{kind}.{group}"), count)
        });
        let mut found: Vec<_> = counted.filter(|(_, count)| *count > 0).collect();
        found.sort();
        found
    }

    fn insert(&mut self, group: String, kind: String, definition: Definition) {
        self.kinds.entry(group).or_default().insert(kind, definition);
    }

    /// The definitions of the kinds of these objects, by group and kind.
    pub(super) fn of<'o>(&self, objects: impl IntoIterator<Item = &'o Node>) -> HashMap<(&'o str, &'o str), Found> {
        let mut fields: HashMap<_, (&Definition, HashSet<&str>)> = HashMap::new();
        for object in objects {
            let (group, _, kind) = gvk(object);
            if let Some(definition) = self.kinds.get(group).and_then(|kinds| kinds.get(kind)) {
                let (_, names) = fields.entry((group, kind)).or_insert((definition, HashSet::new()));
                add_names(object, names);
            }
        }
        fields.into_iter().map(|(kind, (definition, names))| (kind, definition.with(&names))).collect()
    }
}

fn rules_below(node: &Node) -> usize {
    let of_entries = node.entries().iter().map(|entry| match &*entry.key.text {
        "x-kubernetes-validations" => entry.value.items().len(),
        _ => rules_below(&entry.value),
    });
    of_entries.chain(node.items().iter().map(rules_below)).sum()
}

impl Definition {
    /// The definition with at least the fields of these names.
    fn with(&self, names: &HashSet<&str>) -> Found {
        match self {
            Self::Tree(definition) => Ok(Arc::clone(definition)),
            Self::Json(text, part) => part.with(names, || Cow::Borrowed(text)),
        }
    }
}

impl Partial {
    /// The definition of this text with at least the fields of these names.
    pub(super) fn with<'t>(&self, names: &HashSet<&str>, text: impl FnOnce() -> Cow<'t, str>) -> Found {
        let mut part = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = part.as_ref().filter(|part| names.iter().all(|name| part.names.contains(*name))) {
            return part.found.clone();
        }
        let known = part.take().map(|part| part.names).unwrap_or_default();
        let mut names = known.into_iter().chain(names.iter().copied().map(str::to_owned)).collect();
        let found: Found = read_schema(&text(), &mut names).map(Arc::new).map_err(|error| error.to_string().into());
        part.insert(Part { names, found }).found.clone()
    }
}

/// The names of all fields, at any depth.
pub(super) fn add_names<'o>(node: &'o Node, names: &mut HashSet<&'o str>) {
    for entry in node.entries() {
        names.insert(&entry.key.text);
        add_names(&entry.value, names);
    }
    node.items().iter().for_each(|item| add_names(item, names));
}
