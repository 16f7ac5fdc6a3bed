//! Which requests a policy is about: groups, versions, operations, resources, names, and labels of objects and namespaces.

use std::collections::HashMap;

use kubevet_cel::Value;
use kustomize::Node;

use super::request::Request;
use super::values;
use crate::objects::{group_of, is_cluster_scoped};
use crate::selectors::{Labels, Selector};

/// The label that the server gives each namespace.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// What matters of everything else that is deployed.
#[derive(Debug, Default)]
pub(super) struct Cluster<'a> {
    namespaces: HashMap<&'a str, &'a Node>,
    /// By group and kind: the resource, and whether it has namespaces.
    custom: HashMap<(&'a str, &'a str), (&'a str, bool)>,
    objects: Vec<&'a Node>,
}

/// An answer that may need the cluster.
pub(super) type Answer = Result<bool, String>;

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
        let lower = kind.to_ascii_lowercase();
        match lower.as_bytes() {
            _ if lower == "endpoints" => lower,
            [.., b's'] => lower + "es",
            [.., b'y'] if !lower.ends_with("ay") && !lower.ends_with("ey") => lower[..lower.len() - 1].to_owned() + "ies",
            _ => lower + "s",
        }
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

    /// Whether a namespace selector takes a request.
    fn namespace_matches(&self, selector: Option<&Node>, request: &Request<'_>) -> Answer {
        let Some(selector) = selector.filter(|selector| !is_empty(selector)) else { return Ok(true) };
        let read = Selector::of_label_selector(selector).map_err(|_| "a namespaceSelector can't be read".to_owned())?;
        let name = match (request.kind, request.group, request.namespace) {
            ("Namespace", "", _) => {
                let object = request.object.or(request.old);
                let labels = Labels::new(object.and_then(|object| object.at(&["metadata", "labels"])));
                return Ok(read.matches(&labels.with(NAME_LABEL, request.name)));
            }
            (_, _, None) => return Ok(true),
            (_, _, Some(name)) => name,
        };
        if let Some(namespace) = self.namespaces.get(name) {
            let labels = Labels::new(namespace.at(&["metadata", "labels"]));
            return Ok(read.matches(&labels.with(NAME_LABEL, name)));
        }
        // Its name is all that is known of it.
        let keys = selector.get("matchLabels").map_or(&[][..], Node::entries).iter().map(|entry| &*entry.key.text);
        let expressions = selector.get("matchExpressions").map_or(&[][..], Node::items).iter();
        let mut keys = keys.chain(expressions.filter_map(|expression| expression.str_at(&["key"])));
        if keys.all(|key| key == NAME_LABEL) {
            Ok(read.matches(&Labels::default().with(NAME_LABEL, name)))
        } else {
            Err(format!("the namespace {name:?} is not among the objects, so its labels are not known"))
        }
    }
}

fn is_empty(selector: &Node) -> bool {
    ["matchLabels", "matchExpressions"]
        .iter()
        .all(|field| selector.get(field).is_none_or(|part| part.items().is_empty() && part.entries().is_empty()))
}

/// Whether `matchConstraints` or `matchResources` take a request. A binding without rules takes what the policy does.
pub(super) fn matches(constraints: Option<&Node>, request: &Request<'_>, cluster: &Cluster<'_>, needs_rules: bool) -> Answer {
    let Some(constraints) = constraints else { return Ok(!needs_rules) };
    let rules = |field: &str| constraints.get(field).map_or(&[][..], Node::items);
    let is_exact = constraints.str_at(&["matchPolicy"]) == Some("Exact");
    if rules("excludeResourceRules").iter().any(|rule| rule_matches(rule, request, is_exact)) {
        return Ok(false);
    }
    let included = rules("resourceRules");
    if needs_rules || !included.is_empty() {
        let taking: Vec<_> = included.iter().filter(|rule| rule_matches(rule, request, is_exact)).collect();
        if taking.is_empty() {
            return Ok(false);
        }
        // The server hands the policy the object in a version that it names; only definitions without conversion are the same in all.
        let names_version = taking.iter().any(|rule| lists(rule, "apiVersions", request.version));
        if !names_version && !cluster.custom.contains_key(&(request.group, request.kind)) {
            return Err(format!("it is about another version of {} than {}", request.resource, request.version));
        }
    }
    if let Some(selector) = constraints.get("objectSelector").filter(|selector| !is_empty(selector)) {
        let read = Selector::of_label_selector(selector).map_err(|_| "an objectSelector can't be read".to_owned())?;
        let takes = |object: &Node| read.matches(&Labels::new(object.at(&["metadata", "labels"])));
        if ![request.object, request.old].into_iter().flatten().any(takes) {
            return Ok(false);
        }
    }
    cluster.namespace_matches(constraints.get("namespaceSelector"), request)
}

fn lists(rule: &Node, field: &str, wanted: &str) -> bool {
    rule.get(field).map_or(&[][..], Node::items).iter().filter_map(Node::as_str).any(|item| item == "*" || item == wanted)
}

fn rule_matches(rule: &Node, request: &Request<'_>, is_exact: bool) -> bool {
    let list = |field: &str| rule.get(field).map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect::<Vec<_>>();
    let has = |field: &str, wanted: &str| lists(rule, field, wanted);
    let resource = |pattern: &&str| match pattern.split_once('/') {
        None => request.subresource.is_empty() && (*pattern == "*" || *pattern == request.resource),
        Some((resource, sub)) => (resource == "*" || resource == request.resource) && (sub == "*" || sub == request.subresource),
    };
    let names = list("resourceNames");
    let scope = match rule.str_at(&["scope"]) {
        Some("Cluster") => request.namespace.is_none(),
        Some("Namespaced") => request.namespace.is_some(),
        _ => true,
    };
    scope
        && has("apiGroups", request.group)
        // The other versions of a resource are the same objects.
        && (!is_exact || has("apiVersions", request.version))
        && has("operations", request.operation)
        && list("resources").iter().any(resource)
        && (names.is_empty() || names.contains(&request.name))
}
