//! Custom resources, checked against the schema of their CustomResourceDefinition: one of the project, one of the objects, or one that kubevet carries.

pub mod catalog;
pub(super) mod cel;
mod constraint;
mod definitions;
mod json;
mod limits;
mod pattern;
mod stored;
mod value;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use kustomize::{Node, closest};
use serde_json::Value as Json;

use super::cursor::At;
use super::{Reason, Ruled, SchemaFact};
use crate::objects::{ObjectId, Path, Segment, group_of};
use cel::{Expressions, Rules};
pub use definitions::Definitions;
use definitions::{Found, add_names};
pub use json::read_json;
pub(crate) use json::to_json;
use pattern::Patterns;
pub(crate) use stored::complete as set_defaults;
use value::{Checker, property};

/// The kinds that CustomResourceDefinitions define.
#[derive(Debug, Default)]
pub(super) struct CustomKinds<'a> {
    /// By group and kind. A group can have several definitions of a kind only by mistake; then the last counts.
    kinds: HashMap<(&'a str, &'a str), &'a Node>,
    /// The objects that define them.
    among: HashMap<(&'a str, &'a str), &'a Node>,
    /// Those of further definitions; where an object defines a kind as well, that is what the cluster will have.
    given: HashMap<(&'a str, &'a str), Found>,
    /// Those that kubevet carries, which come last.
    carried: HashMap<(&'a str, &'a str), (&'static catalog::Kind, Found)>,
    patterns: Option<&'a Patterns>,
    own_patterns: Patterns,
    expressions: Option<&'a Expressions>,
    own_expressions: Expressions,
    /// The rules of the kinds and versions that occur, once they were asked for.
    rules: Mutex<HashMap<String, Option<Arc<Rules>>>>,
}

/// How much of an object a schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Everything that the API server would.
    Whole,
    /// Types and names of fields, for this reason.
    Partly(String),
    /// Nothing, if there is something to say of it for this reason.
    Not(Option<String>),
}

impl<'a> CustomKinds<'a> {
    pub(super) fn of(objects: impl IntoIterator<Item = &'a Node>) -> Self {
        let mut custom = Self::default();
        for object in objects {
            if let Some((group, kind, spec)) = defined(object) {
                custom.kinds.insert((group, kind), spec);
                custom.among.insert((group, kind), object);
            } else if let (Some(made), Some(kind)) =
                (constraint::definition(object), object.str_at(&["spec", "crd", "spec", "names", "kind"]))
            {
                custom.given.insert((constraint::GROUP, kind), Ok(Arc::new(made)));
            }
        }
        custom
    }

    /// Takes further definitions, as far as these objects need them.
    pub(super) fn give(&mut self, definitions: &'a Definitions, objects: impl IntoIterator<Item = &'a Node>) {
        let mut given = definitions.of(objects);
        given.retain(|kind, _| !self.kinds.contains_key(kind));
        given.extend(self.given.drain());
        self.given = given;
        self.patterns = Some(&definitions.patterns);
        self.expressions = Some(&definitions.expressions);
    }

    /// Takes the definitions that kubevet carries of the kinds of these objects that nothing else defines.
    pub(super) fn carry(&mut self, objects: impl IntoIterator<Item = &'a Node>) {
        let mut met: HashMap<(&str, &str), (&'static catalog::Kind, HashSet<&str>)> = HashMap::new();
        for object in objects {
            let (group, _, kind) = gvk(object);
            // The group of a custom resource is a domain.
            if !group.contains('.') || self.given.contains_key(&(group, kind)) || self.kinds.contains_key(&(group, kind)) {
                continue;
            }
            if let Some(found) = catalog::find(group, kind) {
                let (_, names) = met.entry((group, kind)).or_insert_with(|| (found, HashSet::new()));
                add_names(object, names);
            }
        }
        self.carried = met.into_iter().map(|(key, (kind, names))| (key, (kind, kind.definition(&names)))).collect();
    }

    /// How much the schema of an object's kind says of it.
    pub(super) fn judge(&self, object: &Node) -> Judged {
        let (group, version, kind) = gvk(object);
        if let Some((known, _)) = self.carried.get(&(group, kind)) {
            return known.judge(version);
        }
        let given = self.given.get(&(group, kind)).and_then(|given| given.as_ref().ok()).and_then(|given| given.get("spec"));
        let definition = given.or_else(|| self.kinds.get(&(group, kind)).copied());
        let mut versions = definition.map_or(&[][..], versions).iter().filter(|found| name(found) == version);
        let has_schema = versions.any(|found| found.at(&["schema", "openAPIV3Schema"]).is_some());
        if has_schema { Judged::Whole } else { Judged::Not(None) }
    }

    /// Whether the schema of an object's kind takes anything at a path, or there is none.
    pub(super) fn is_open_at(&self, object: &Node, path: &Path) -> bool {
        let (group, version, kind) = gvk(object);
        let known = |found: &'_ Found| found.as_ref().ok().cloned();
        let read = match (self.given.get(&(group, kind)), self.carried.get(&(group, kind))) {
            (Some(given), _) | (None, Some((_, given))) => known(given),
            (None, None) => None,
        };
        let spec = read.as_deref().and_then(|read| read.get("spec")).or_else(|| self.kinds.get(&(group, kind)).copied());
        let found = spec.map_or(&[][..], versions).iter().find(|found| name(found) == version);
        let mut schema = found.and_then(|found| found.at(&["schema", "openAPIV3Schema"]));
        for step in &path.0 {
            schema = match (schema, step) {
                (None, _) => return true,
                (Some(schema), Segment::Index(_)) => schema.get("items"),
                (Some(schema), Segment::Key(key)) => property(schema, key).or_else(|| schema.get("additionalProperties")),
            };
        }
        schema.is_none_or(|schema| schema.get("properties").is_none())
    }

    /// Checks an object if its kind is known.
    pub(super) fn check(&self, at: At<'_>) {
        let (api_version, kind) = (at.get("apiVersion"), at.get("kind"));
        let (group, version) = api_version.str().split_once('/').unwrap_or_default();
        let key = (group, kind.str());
        let definition = match (self.given.get(&key), self.kinds.get(&key)) {
            (Some(Ok(given)), _) => given.get("spec"),
            (Some(Err(error)), _) => {
                return at.invalid(format!("cannot be checked, because its CustomResourceDefinition cannot be read: {error}"));
            }
            (None, known) => known.copied(),
        };
        let Some(definition) = definition else { return self.check_carried(at, version, key) };
        let served: Vec<_> =
            versions(definition).iter().filter(|version| version.get("served").and_then(Node::as_bool) == Some(true)).collect();
        match served.iter().find(|found| name(found) == version) {
            Some(found) => self.check_version(at, definition, found),
            None => {
                let names: Vec<_> = served.iter().map(|version| name(version)).collect();
                let meant = closest(version, names.iter().copied()).map(|meant| format!("{group}/{meant}"));
                let message = format!(
                    "has no kind {:?} in version {version:?}; its CustomResourceDefinition serves {}",
                    kind.str(),
                    names.join(", ")
                );
                api_version.report_with(Reason::ApiVersion, message, meant);
            }
        }
    }

    /// What the rules of its kind say about an object whose fields are as the schema wants them, and about its change from an old one.
    pub(super) fn keeps_rules(&self, object: &Node, old: Option<&Node>) -> Ruled {
        let (group, version, kind) = gvk(object);
        let Some((number, found)) = self.version(group, version, kind) else { return Ruled::default() };
        let Some(schema) = schema(found) else { return Ruled::default() };
        let rules = self
            .rules
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(format!("{group}/{version}/{kind}"))
            .or_insert_with(|| {
                let place = Path::of(&["spec", "versions"]).with(number).join(&Path::of(&["schema", "openAPIV3Schema"]));
                Rules::of(schema, place, self.expressions.unwrap_or(&self.own_expressions)).map(Arc::new)
            })
            .clone();
        let Some(rules) = rules else { return Ruled::default() };
        let definition = self.among.get(&(group, kind)).map(|object| ObjectId::of(object));
        cel::judge(object, old, schema, keeps_status(found), &rules, definition)
    }

    /// The version of a kind's definition, with its place there, if the definition is sure enough to evaluate rules and set defaults.
    fn version<'s>(&'s self, group: &'s str, version: &'s str, kind: &'s str) -> Option<(usize, &'s Node)> {
        let key = (group, kind);
        let spec = match (self.given.get(&key), self.kinds.get(&key), self.carried.get(&key)) {
            (Some(given), ..) => given.as_ref().ok().and_then(|given| given.get("spec")),
            (None, Some(spec), _) => Some(*spec),
            // Of a schema that is less sure, neither are its rules.
            (None, None, Some((kind, Ok(carried)))) if matches!(kind.judge(version), Judged::Whole) => carried.get("spec"),
            _ => None,
        };
        versions(spec?).iter().enumerate().find(|(_, found)| name(found) == version)
    }

    /// Brings an object into the form that is stored: with the defaults of its schema, and without a status that only a controller writes.
    pub(super) fn complete(&self, object: &mut Json) {
        let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let (group, version) = api_version.split_once('/').unwrap_or_default();
        let found = self.version(group, version, &kind).map(|(_, found)| found);
        // Nearly all kinds have it as a subresource, and what writes it there is not the manifest.
        if !found.is_some_and(keeps_status)
            && let Some(fields) = object.as_object_mut()
        {
            fields.remove("status");
        }
        if let Some(schema) = found.and_then(schema) {
            stored::complete(object, schema);
        }
    }

    /// Writes in one way what means the same, for comparing.
    pub(super) fn even_out(&self, object: &mut Json) {
        let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let (group, version) = api_version.split_once('/').unwrap_or_default();
        if let Some(schema) = self.version(group, version, &kind).and_then(|(_, found)| schema(found)) {
            stored::even_out(object, schema);
        }
    }

    /// Whether the API server lets something be, because it was wrong before and the part that it is in stays as it was.
    pub(super) fn stays_wrong(&self, fact: &SchemaFact, old: &Json, new: &Json) -> bool {
        let text = |key: &str| new.get(key).and_then(Json::as_str).unwrap_or_default();
        let (group, version) = text("apiVersion").split_once('/').unwrap_or_default();
        let schema = self.version(group, version, text("kind")).and_then(|(_, found)| schema(found));
        schema.is_some_and(|schema| stored::stays_wrong(fact, old, new, schema))
    }

    /// Whether a cluster serves a version is not known of what it was never asked for: each version that has a schema is as good as another.
    fn check_carried(&self, at: At<'_>, version: &str, key: (&str, &str)) {
        let Some((kind, Ok(definition))) = self.carried.get(&key) else { return };
        let Some(spec) = definition.get("spec") else { return };
        let Some(found) = versions(spec).iter().find(|found| name(found) == version) else { return };
        at.doc.by_schema_of(kind, || self.check_version(at, spec, found));
        let root = at.node();
        at.doc.forget(|fact| match fact.reason {
            Reason::Unknown => kind.takes(&fact.path, None),
            Reason::Enum => kind.takes(&fact.path, root.and_then(|root| fact.path.nearest(root).text())),
            _ => false,
        });
    }

    fn check_version(&self, at: At<'_>, spec: &Node, version: &Node) {
        let Some(schema) = version.at(&["schema", "openAPIV3Schema"]) else { return };
        // A definition from before there were schemas may keep what it does not know.
        let keeps_unknown = spec.get("preserveUnknownFields").and_then(Node::as_bool) == Some(true);
        Checker { patterns: self.patterns.unwrap_or(&self.own_patterns), strict: !keeps_unknown, keeps: false }.root(
            at,
            schema,
            keeps_status(version),
        );
    }
}

/// The group, version and kind of an object.
fn gvk(object: &Node) -> (&str, &str, &str) {
    let text = |key| object.str_at(&[key]).unwrap_or_default();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or_default();
    (group, version, text("kind"))
}

/// The group, kind and `spec` of a CustomResourceDefinition.
fn defined(object: &Node) -> Option<(&str, &str, &Node)> {
    let text = |key| object.str_at(&[key]).unwrap_or_default();
    let spec = object.get("spec").filter(|_| is_definition(text("apiVersion"), text("kind")))?;
    Some((spec.str_at(&["group"])?, spec.str_at(&["names", "kind"])?, spec))
}

fn is_definition(api_version: &str, kind: &str) -> bool {
    kind == "CustomResourceDefinition" && group_of(api_version) == "apiextensions.k8s.io"
}

fn name(version: &Node) -> &str {
    version.str_at(&["name"]).unwrap_or_default()
}

fn schema(version: &Node) -> Option<&Node> {
    version.at(&["schema", "openAPIV3Schema"])
}

/// Whether the status of an object is written with the rest of it.
fn keeps_status(version: &Node) -> bool {
    version.at(&["subresources", "status"]).is_none()
}

fn versions(spec: &Node) -> &[Node] {
    spec.get("versions").map_or(&[], Node::items)
}

/// Whether a schema's default fits the schema, as a CustomResourceDefinition needs it.
pub(super) fn default_fits(default: At<'_>, schema: At<'_>) {
    if let Some(schema) = schema.node() {
        Checker { patterns: &Patterns::default(), strict: true, keeps: false }.value(default, schema);
    }
}
