//! Schema facts: what the API server of a Kubernetes version would refuse in an object.
//!
//! [`structure`] does what the server's strict decoder does, from embedded tables; [`rules`] does what its validation code does
//! (`pkg/apis/*/validation` in Kubernetes), which finds more than half of all mistakes; [`custom`] checks custom resources against
//! the schema of their CustomResourceDefinition. A warning of the server is no fact, nor is anything that depends on the cluster.

mod cursor;
mod custom;
mod fact;
pub(crate) mod features;
pub(crate) mod format;
mod kinds;
mod outline;
mod rules;
mod structure;
pub(crate) mod table;
mod version;

use kustomize::Node;
use serde_json::Value as Json;

pub use custom::{Definitions, Judged, catalog, read_json};
pub(crate) use custom::{set_defaults, to_json};
pub use fact::{BrokenRule, Reason, Ruled, SchemaFact, SchemaOf, Undecided};
pub use outline::{Shape, served, shape};
pub use version::Version;

use cursor::Doc;
use custom::CustomKinds;
use table::Table;

use crate::objects::Path;

/// What objects are judged by: a version's built-in kinds, and custom kinds.
#[derive(Debug, Default)]
pub struct SchemaSet<'a> {
    version: Version,
    custom: CustomKinds<'a>,
}

impl<'a> SchemaSet<'a> {
    /// The built-in kinds of a version and the kinds of the CustomResourceDefinitions among `objects`.
    pub fn new(version: Version, objects: impl IntoIterator<Item = &'a Node>) -> Self {
        SchemaSet { version, custom: CustomKinds::of(objects) }
    }

    /// The version of Kubernetes that judges.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The same, with further definitions for checking `objects`; those among the objects come before them.
    #[must_use]
    pub fn with(mut self, definitions: &'a Definitions, objects: impl IntoIterator<Item = &'a Node>) -> Self {
        self.custom.give(definitions, objects);
        self
    }

    /// The same, with what kubevet carries of those kinds of `objects` that nothing else defines.
    #[must_use]
    pub fn with_catalog(mut self, objects: impl IntoIterator<Item = &'a Node>) -> Self {
        self.custom.carry(objects);
        self
    }

    /// How much of an object [`check`] looks at.
    pub fn judges(&self, object: &Node) -> Judged {
        let text = |key| object.str_at(&[key]).unwrap_or_default();
        let is_built_in = Table::of(self.version).kind(text("apiVersion"), text("kind")).is_some();
        if is_built_in { Judged::Whole } else { self.custom.judge(object) }
    }
}

impl SchemaSet<'_> {
    /// Brings a custom resource into the form that is stored, as far as its definition is known.
    pub(crate) fn complete(&self, object: &mut Json) {
        self.custom.complete(object);
    }

    /// Writes in one way what means the same in a custom resource.
    pub(crate) fn even_out(&self, object: &mut Json) {
        self.custom.even_out(object);
    }

    /// Whether the API server lets something in a custom resource be, because it was wrong before and the part that it is in stays as it was.
    pub(crate) fn stays_wrong(&self, fact: &SchemaFact, old: &Json, new: &Json) -> bool {
        self.custom.stays_wrong(fact, old, new)
    }
}

/// Whether how an object is judged, or how others are, hangs on definitions that come with objects: its kind is none of a version's own, or it defines one.
pub fn is_custom(version: Version, object: &Node) -> bool {
    let text = |key| object.str_at(&[key]).unwrap_or_default();
    Table::of(version).kind(text("apiVersion"), text("kind")).is_none() || text("kind") == "CustomResourceDefinition"
}

/// The kinds that any known version of Kubernetes serves.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    Version::ALL.into_iter().flat_map(|version| Table::of(version).kinds()).map(|(_, kind)| kind)
}

/// The names of the fields that objects of these kinds have.
pub fn fields() -> impl Iterator<Item = &'static str> {
    Version::ALL.into_iter().flat_map(|version| Table::of(version).fields())
}

/// Which step of a path no version of a kind has, and what there is instead; nothing where it may be there.
pub fn missing_step(kind: &str, path: &[&str]) -> Option<(usize, Vec<&'static str>)> {
    let mut missing = None;
    for table in Version::ALL.into_iter().map(Table::of) {
        for top in table.of_kind(kind) {
            match step(table, top, path) {
                None => return None,
                found => missing = missing.max(found),
            }
        }
    }
    missing
}

fn step(table: &'static Table, top: &'static table::Definition, path: &[&str]) -> Option<(usize, Vec<&'static str>)> {
    let mut at = top;
    for (number, name) in path.iter().enumerate() {
        match at.field(name) {
            None => return Some((number, at.names().collect())),
            Some(table::Type::Definition(next)) => at = table.definition(*next)?,
            // Whatever is behind a map, a list or a value is not a field.
            Some(_) => return None,
        }
    }
    None
}

/// Everything that the API server would refuse in `object`, which is canonical. What SOPS encrypted is decrypted before the server sees it, so
/// encrypted values and what SOPS notes about them are left out.
pub fn check(object: &Node, set: &SchemaSet<'_>) -> Vec<SchemaFact> {
    let mut facts = check_as_written(object, set);
    let is_encrypted = |node: &Node| node.as_str().is_some_and(|text| text.starts_with("ENC[AES256_GCM,"));
    if object.at(&[SOPS, "mac"]).is_some_and(is_encrypted) {
        facts.retain(|fact| fact.path.0.first() != Some(&SOPS.into()) && !is_encrypted(fact.path.nearest(object)));
    }
    facts
}

/// What the rules in CEL of its CustomResourceDefinition say about an object in which [`check`] finds nothing: the API server doesn't evaluate them
/// before that. With `old`, the object before a change, rules about the change are evaluated too, and what was wrong before may stay.
pub fn rules(object: &Node, old: Option<&Node>, set: &SchemaSet<'_>) -> Ruled {
    set.custom.keeps_rules(object, old)
}

/// What is no field of a Pod template or has another type, where an object of another kind than Kubernetes' own has one and its schema says nothing of it.
pub fn check_template(object: &Node, path: &Path, set: &SchemaSet<'_>) -> Vec<SchemaFact> {
    if !set.custom.is_open_at(object, path) {
        return Vec::new();
    }
    let doc = Doc::new(object, set.version);
    structure::pod_template(doc.root().down(path), Table::of(set.version));
    doc.take_facts()
}

/// The key of what SOPS notes in a file that it encrypts.
const SOPS: &str = "sops";

fn check_as_written(object: &Node, set: &SchemaSet<'_>) -> Vec<SchemaFact> {
    let doc = Doc::new(object, set.version);
    let at = doc.root();
    let (api_version, kind) = (at.get("apiVersion"), at.get("kind"));
    if object.as_map().is_none() {
        at.report(Reason::Type, format!("must be a map with apiVersion, kind and metadata, but is {}", at.shown()));
        return doc.take_facts();
    }
    for field in [api_version, kind] {
        if field.node().is_some_and(|node| node.as_str().is_none()) {
            field.report(Reason::Type, format!("must be a string, but is {}", field.shown()));
        } else {
            field.not_empty();
        }
    }
    let table = Table::of(set.version);
    if api_version.str().is_empty() || kind.str().is_empty() {
        structure::metadata(at.get("metadata"), table);
        return doc.take_facts();
    }
    if let Some(served) = table.kind(api_version.str(), kind.str()) {
        structure::object(at, table, served.definition);
        rules::built_in(at, table, served.definition);
        if served.is_off {
            let (message, suggestion) = kinds::off(api_version.str(), kind.str(), set.version);
            api_version.report_with(Reason::Off, message, suggestion);
        }
    } else if let Some(reason) = kinds::not_served(api_version.str(), kind.str(), set.version) {
        let field = if reason.kind_is_wrong { kind } else { api_version };
        field.report_with(Reason::ApiVersion, reason.message, reason.suggestion);
    } else {
        structure::metadata(at.get("metadata"), table);
        rules::metadata::custom(at.get("metadata"));
        set.custom.check(at);
    }
    doc.take_facts()
}
