//! Which objects a constraint is about (`pkg/mutation/match` of Gatekeeper).

use kustomize::Node;

use crate::admission::cluster::Cluster;
use crate::admission::matching::{Answer, namespace_matches};
use crate::admission::request::Request;
use crate::selectors::{Labels, Selector};

/// Where an object comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Somebody sends it.
    Original,
    /// Something that somebody sends will be made into it.
    Generated,
}

/// Whether `spec.match` takes a request; without one, it takes all.
pub(super) fn matches(wanted: Option<&Node>, request: &Request<'_>, source: Source, cluster: &Cluster<'_>) -> Answer {
    let Some(wanted) = wanted else { return Ok(true) };
    let list = |field: &str| wanted.get(field).map_or(&[][..], Node::items);
    let is_namespace = request.kind == "Namespace" && request.group.is_empty();
    // A Namespace counts as being in it.
    let namespace = if is_namespace { Some(request.name) } else { request.namespace };
    let among =
        |patterns: &[Node]| namespace.map(|namespace| patterns.iter().filter_map(Node::as_str).any(|pattern| is_like(pattern, namespace)));
    let scope = match wanted.str_at(&["scope"]) {
        Some("Cluster") => request.namespace.is_none(),
        Some("Namespaced") => request.namespace.is_some(),
        _ => true,
    };
    let name = wanted.str_at(&["name"]).filter(|name| !name.is_empty());
    let own = if source == Source::Original { "Original" } else { "Generated" };
    let is_source = wanted.str_at(&["source"]).is_none_or(|source| matches!(source, "" | "All") || source == own);
    let holds = is_source
        && kinds(list("kinds"), request)
        && scope
        && (list("namespaces").is_empty() || among(list("namespaces")) != Some(false))
        && among(list("excludedNamespaces")) != Some(true)
        && name.is_none_or(|name| is_like(name, request.name));
    if !holds || !labels(wanted.get("labelSelector"), request)? {
        return Ok(false);
    }
    namespace_matches(cluster, wanted.get("namespaceSelector"), request)
}

fn kinds(wanted: &[Node], request: &Request<'_>) -> bool {
    let lists = |wanted: &Node, field: &str, own: &str| {
        let items = wanted.get(field).map_or(&[][..], Node::items);
        items.is_empty() || items.iter().filter_map(Node::as_str).any(|item| item == "*" || item == own)
    };
    wanted.is_empty() || wanted.iter().any(|wanted| lists(wanted, "kinds", request.kind) && lists(wanted, "apiGroups", request.group))
}

fn labels(selector: Option<&Node>, request: &Request<'_>) -> Answer {
    let Some(selector) = selector else { return Ok(true) };
    let read = Selector::of_label_selector(selector).map_err(|_| "its labelSelector can't be read".to_owned())?;
    let takes = |object: &Node| read.matches(&Labels::new(object.at(&["metadata", "labels"])));
    Ok([request.object, request.old].into_iter().flatten().any(takes))
}

/// Whether a name is as a pattern, which may begin or end with `*`.
pub(super) fn is_like(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(rest), Some(_)) => name.contains(rest.strip_suffix('*').unwrap_or_default()),
        (Some(end), None) => name.ends_with(end),
        (None, Some(beginning)) => name.starts_with(beginning),
        (None, None) => name == pattern,
    }
}
