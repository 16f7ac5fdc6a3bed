//! Which requests a policy is about: groups, versions, operations, resources, names, and labels of objects and namespaces.

use kustomize::Node;

use super::cluster::{Cluster, NAME_LABEL};
use super::request::Request;
use crate::selectors::{Labels, Selector};

/// An answer that may need the cluster.
pub(super) type Answer = Result<bool, String>;

/// Whether a namespace selector takes a request.
pub(super) fn namespace_matches(cluster: &Cluster<'_>, selector: Option<&Node>, request: &Request<'_>) -> Answer {
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
    if let Some(namespace) = cluster.namespace(name) {
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
        if !names_version && !cluster.defines(request.group, request.kind) {
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
    namespace_matches(cluster, constraints.get("namespaceSelector"), request)
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
