//! A Pod of an object of another kind, in the shape of the built-in kind that it behaves like.

use std::collections::HashMap;

use kustomize::{Entry, Map, Node, Origin, Scalar, Tag, Value};

use super::places::Places;
use super::{Like, Row};
use crate::objects::{OF, Path, Segment};

/// A Pod of an object, as the built-in kind would have it.
///
/// Its nodes keep their origins, and it knows where each of its fields is in the object. At the key [`OF`] stands what the object itself is.
#[derive(Debug)]
pub struct View<'t> {
    /// The number of the object.
    pub at: usize,
    /// The object that rules see.
    pub node: Node,
    /// Whether an operator completes the Pod.
    pub partial: bool,
    /// Where the Pod is in the object: its template or spec, or its containers.
    pods: Vec<Path>,
    /// Paths of `node`, with where they are in the object.
    moved: Vec<(Path, Path)>,
    except: &'t HashMap<String, String>,
    only: &'t [String],
}

impl View<'_> {
    /// Where the Pod is in the object.
    pub fn pods(&self) -> impl Iterator<Item = &Path> {
        self.pods.iter()
    }

    /// Where the whole template of the Pod is in the object, if it has one.
    pub fn template(&self) -> Option<&Path> {
        let template = Path::of(&["spec", "template"]);
        self.moved.iter().find(|(from, _)| !self.partial && *from == template).map(|(_, to)| to)
    }

    /// Whether the Pods have the labels of the template and no others that people select by: what has a selector makes Pods that it selects.
    pub(crate) fn has_all_labels(&self) -> bool {
        !self.partial && self.node.at(&["spec", "selector"]).is_some()
    }

    /// Where a path of the view is in the object.
    pub fn in_object(&self, path: &Path) -> Path {
        let longest = self.moved.iter().filter(|(from, _)| path.0.starts_with(&from.0)).max_by_key(|(from, _)| from.0.len());
        longest.map_or_else(|| path.clone(), |(from, to)| Path(to.0.iter().chain(&path.0[from.0.len()..]).cloned().collect()))
    }

    /// Whether a rule that judges the built-in kind judges this one too.
    pub fn is_judged_by(&self, rule: &str) -> bool {
        let is_it = |pattern: &str| pattern.strip_suffix('*').map_or(pattern == rule, |group| rule.starts_with(group));
        (!self.partial || self.only.iter().any(|pattern| is_it(pattern))) && !self.except.keys().any(|pattern| is_it(pattern))
    }
}

/// The Pods of an object, as a row describes them.
pub(super) fn of<'t>(at: usize, object: &Node, row: &'t Row, like: Like, only: &'t [String]) -> Vec<View<'t>> {
    let view = |mut parts: Parts<'_>, chosen: &[Segment]| {
        parts.numbers(object, row, like, chosen);
        let Parts { fields, pods, moved } = parts;
        View { at, node: shown_as(object, like, row.partial, fields), partial: row.partial, pods, moved, except: &row.except, only }
    };
    let usual = Places::of(&["spec", "template"]);
    if let Some(places) = &row.spec {
        let is_pod = |(_, node): &(Path, &Node)| ["containers", "initContainers", "volumes"].iter().any(|key| node.get(key).is_some());
        let pods = places.find(object).into_iter().filter(is_pod);
        return pods.map(|(path, node)| view(Parts::of_spec(object, row, &path, node), &places.chosen(&path))).collect();
    }
    if !row.containers.is_empty() {
        return Parts::of_containers(object, row).map(|parts| view(parts, &[])).into_iter().collect();
    }
    let places = row.template.as_ref().unwrap_or(&usual);
    let pods = places.find(object).into_iter().filter(|(_, node)| node.as_map().is_some());
    pods.map(|(path, node)| view(Parts::of_template(object, &path, node), &places.chosen(&path))).collect()
}

/// What becomes the `spec` of a view.
struct Parts<'a> {
    fields: Vec<(&'a str, Node)>,
    pods: Vec<Path>,
    moved: Vec<(Path, Path)>,
}

impl<'a> Parts<'a> {
    /// Of a template, with what stands beside it.
    fn of_template(object: &'a Node, path: &Path, template: &Node) -> Self {
        let mut parts = Parts { fields: Vec::new(), pods: vec![path.clone()], moved: Vec::new() };
        if let Some((Segment::Key(own), above)) = path.0.split_last() {
            let above = Path(above.to_vec());
            let beside = above.nearest(object).entries().iter().filter(|entry| *entry.key.text != **own && &*entry.key.text != "template");
            parts.fields.extend(beside.map(|entry| (&*entry.key.text, entry.value.clone())));
            parts.moved.push((Path::of(&["spec"]), above));
        }
        parts.put(&["spec", "template"], path, template);
        parts
    }

    /// Of a Pod's spec.
    fn of_spec(object: &'a Node, row: &Row, path: &Path, spec: &Node) -> Self {
        let mut parts = Parts { fields: Vec::new(), pods: vec![path.clone()], moved: Vec::new() };
        parts.moved.push((Path::of(&["spec", "template", "spec"]), path.clone()));
        let labels = row.labels.as_ref().and_then(|places| places.find(object).into_iter().next());
        parts.template(object, spec.clone(), labels);
        parts
    }

    /// Of containers alone.
    fn of_containers(object: &'a Node, row: &Row) -> Option<Self> {
        let mut parts = Parts { fields: Vec::new(), pods: Vec::new(), moved: Vec::new() };
        let mut containers = Vec::new();
        for (path, found) in row.containers.iter().flat_map(|places| places.find(object)) {
            let each = found.items().iter().enumerate().map(|(at, item)| (path.with(at), item));
            let one = found.as_map().map(|_| (path.clone(), found));
            for (place, container) in each.chain(one).filter(|(_, container)| container.as_map().is_some()) {
                parts.moved.push((Path::of(&["spec", "template", "spec", "containers"]).with(containers.len()), place));
                containers.push(container.clone());
            }
            // What looks like a Pod is the map with the containers.
            parts.pods.push(Path(path.0[..path.0.len().saturating_sub(1)].to_vec()));
        }
        let mut fields = vec![("containers", Node::seq(containers, object.origin.clone()))];
        fields.first().filter(|(_, list)| !list.items().is_empty())?;
        if let Some((path, volumes)) = row.volumes.as_ref().and_then(|places| places.find(object).into_iter().next()) {
            parts.moved.push((Path::of(&["spec", "template", "spec", "volumes"]), path));
            fields.push(("volumes", volumes.clone()));
        }
        let labels = row.labels.as_ref().and_then(|places| places.find(object).into_iter().next());
        parts.template(object, map(fields, &object.origin), labels);
        Some(parts)
    }

    /// Adds a template around a Pod's spec.
    fn template(&mut self, object: &Node, spec: Node, labels: Option<(Path, &Node)>) {
        let metadata = labels.map(|(path, labels)| {
            self.moved.push((Path::of(&["spec", "template", "metadata", "labels"]), path));
            ("metadata", map(vec![("labels", labels.clone())], &labels.origin))
        });
        let template = metadata.into_iter().chain([("spec", spec)]).collect();
        self.fields.push(("template", map(template, &object.origin)));
    }

    /// Adds what the row names beside the Pod.
    fn numbers(&mut self, object: &Node, row: &Row, like: Like, chosen: &[Segment]) {
        let count = if like == Like::Job { "parallelism" } else { "replicas" };
        for (field, places) in [(count, &row.replicas), ("selector", &row.selector), ("volumeClaimTemplates", &row.claims)] {
            if let Some((path, node)) = places.as_ref().and_then(|places| places.beside(object, chosen)) {
                self.put(&["spec", field], &path, node);
            }
        }
        if let Some((_, claims)) = self.fields.iter_mut().find(|(field, _)| *field == "volumeClaimTemplates")
            && claims.as_map().is_some()
        {
            // Some operators have one claim for each Pod instead of a list.
            let from = Path::of(&["spec", "volumeClaimTemplates"]);
            let to = self.moved.iter().find(|(known, _)| *known == from).map_or_else(|| from.clone(), |(_, to)| to.clone());
            *claims = Node::seq(vec![claims.clone()], claims.origin.clone());
            self.moved.push((from.with(0), to));
        }
    }

    fn put(&mut self, keys: &[&'static str; 2], path: &Path, node: &Node) {
        self.fields.retain(|(field, _)| *field != keys[1]);
        self.fields.push((keys[1], node.clone()));
        self.moved.push((Path::of(keys), path.clone()));
    }
}

fn shown_as(object: &Node, like: Like, partial: bool, spec: Vec<(&str, Node)>) -> Node {
    let own = |field: &str| object.get(field).cloned().unwrap_or_else(|| Node::map(object.origin.clone()));
    let said = |field: &str, text: &str| Node::string(text, own(field).origin);
    let flag = Node::scalar(Scalar::plain(partial.to_string(), Tag::Bool), object.origin.clone());
    let of = map(vec![("apiVersion", own("apiVersion")), ("kind", own("kind")), ("partial", flag)], &object.origin);
    let spec_origin = object.get("spec").map_or(&object.origin, |spec| &spec.origin);
    let fields = vec![
        ("apiVersion", said("apiVersion", like.api_version())),
        ("kind", said("kind", like.kind())),
        ("metadata", own("metadata")),
        ("spec", map(spec, spec_origin)),
        (OF, of),
    ];
    map(fields, &object.origin)
}

fn map(fields: Vec<(&str, Node)>, origin: &Origin) -> Node {
    let entries = fields.into_iter().map(|(key, value)| Entry { key: Scalar::string(key), value }).collect::<Vec<_>>();
    Node { value: Value::Map(Map::new(entries)), origin: origin.clone() }
}
