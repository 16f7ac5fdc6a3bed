//! Requests and limits.

use super::super::{quantity, unique_names};
use super::Context;
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;
use crate::schema::format::quantity::Quantity;

/// The same for an entry of a map of resources, which counts although it is null.
fn amount(at: At<'_>) -> Option<Quantity> {
    if at.exists() { quantity(at) } else { Some(Quantity::default()) }
}

fn find<'a>(resources: At<'a>, name: &str) -> Option<At<'a>> {
    resources.entries().find(|(found, _)| *found == name).map(|(_, at)| at)
}

/// A container's requests and limits.
pub(super) fn container(context: Context<'_>, container: At<'_>) {
    let resources = container.get("resources");
    requirements(resources);
    resize_policies(container.get("resizePolicy"), context.spec.get("restartPolicy").str() == "Never");
    let claims = context.spec.get("resourceClaims");
    for claim in resources.get("claims").items() {
        let wanted = claim.get("name");
        if wanted.not_empty() && !claims.items().any(|there| there.get("name").str() == wanted.str()) {
            wanted.report(Reason::NotFound, format!("must name one of the Pod's resourceClaims, but is {}", wanted.shown()));
        }
    }
}

/// Requests and limits of a container, or what is like them.
pub(super) fn requirements(resources: At<'_>) {
    let (requests, limits) = (resources.get("requests"), resources.get("limits"));
    amounts(limits);
    amounts(requests);
    for (name, request) in requests.entries() {
        let Some(asked) = amount(request) else { continue };
        match find(limits, name).map(amount) {
            Some(Some(limit)) if !overcommits(name) && asked != limit => {
                request.breaks(format!("must equal the limit of {name} ({})", text(limits, name)));
            }
            Some(Some(limit)) if asked > limit => request.breaks(format!("must not exceed the limit of {name} ({})", text(limits, name))),
            None if !overcommits(name) => limits.required(format!("with a request of {name}, which cannot be overcommitted")),
            _ => {}
        }
    }
    let has = |wanted: fn(&str) -> bool| limits.entries().chain(requests.entries()).any(|(name, _)| wanted(name));
    if has(|name| hugepage(name).is_some()) && !has(|name| matches!(name, "cpu" | "memory")) {
        resources.forbidden("must have cpu or memory beside hugepages");
    }
}

/// Names and values of a list of resources.
pub(super) fn amounts(resources: At<'_>) {
    for (name, at) in resources.entries() {
        container_resource_name(name, at);
        if let Some(value) = amount(at) {
            value_of(name, at, value);
        }
    }
}

fn text<'a>(limits: At<'a>, name: &str) -> &'a str {
    find(limits, name).and_then(At::node).and_then(|node| node.text()).unwrap_or("0")
}

/// `hugepages-2Mi`: the size of a page.
pub(super) fn hugepage(name: &str) -> Option<&str> {
    name.strip_prefix("hugepages-")
}

fn is_standard(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || hugepage(name).is_some()
}

/// Whether a resource belongs to Kubernetes and not to a vendor.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// Whether a resource is a vendor's, such as `nvidia.com/gpu`.
fn is_extended(name: &str) -> bool {
    !is_native(name) && !name.starts_with("requests.") && name::qualified_name(&format!("requests.{name}")).is_ok()
}

fn overcommits(name: &str) -> bool {
    is_native(name) && hugepage(name).is_none()
}

/// Whether a resource comes in whole numbers only.
pub(in super::super) fn is_whole_resource(name: &str) -> bool {
    is_extended(name) || WHOLE.contains(&name)
}

const WHOLE: &[&str] = &[
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// The name of a resource that a container can ask for.
pub(in super::super) fn container_resource_name(name: &str, at: At<'_>) {
    if let Err(rule) = name::qualified_name(name) {
        at.invalid(format!("is no resource: its name {rule}"));
    } else if !name.contains('/') && !is_standard(name) {
        let candidates = ["cpu", "memory", "ephemeral-storage"];
        let meant = kustomize::closest(name, candidates);
        let question = meant.map_or(String::new(), |meant| format!("; did you mean {meant:?}?"));
        at.report_with(
            Reason::Invalid,
            format!(
                "is no resource of containers; those are cpu, memory, ephemeral-storage, hugepages-… and names with a domain{question}"
            ),
            meant.map(Into::into),
        );
    } else if name.contains('/') && !is_native(name) && !is_extended(name) {
        at.invalid("is no resource: a vendor's must be a domain and a name, and must not start with \"requests.\"");
    }
}

fn value_of(name: &str, at: At<'_>, value: Quantity) {
    if value.is_negative() {
        at.breaks("must not be negative");
    } else if is_whole_resource(name) && !value.is_whole() {
        at.breaks("must be a whole number");
    }
    match hugepage(name).map(Quantity::parse) {
        Some(Ok(page)) if !value.is_multiple_of(page) => at.breaks(format!("must be a multiple of the page size in {name}")),
        Some(Err(_)) => at.invalid(format!("must have the size of a page in its name, such as hugepages-2Mi, but is {name}")),
        _ => {}
    }
}

fn resize_policies(policies: At<'_>, never_restarts: bool) {
    for policy in policies.items() {
        let (resource, restart) = (policy.get("resourceName"), policy.get("restartPolicy"));
        resource.one_of(&["cpu", "memory"]);
        if restart.one_of(&["NotRequired", "RestartContainer"]) && never_restarts && restart.str() != "NotRequired" {
            restart.invalid("must be NotRequired in a Pod with restartPolicy: Never");
        }
    }
    unique_names(policies.items(), "resourceName");
}

/// `resources` of the whole Pod.
pub(super) fn pod_level(context: Context<'_>) {
    let resources = context.spec.get("resources");
    if !resources.exists() || !context.version().has(Feature::PodLevelResources) {
        return;
    }
    let (requests, limits) = (resources.get("requests"), resources.get("limits"));
    for (name, at) in limits.entries().chain(requests.entries()) {
        if !matches!(name, "cpu" | "memory") && hugepage(name).is_none() {
            at.report(Reason::Enum, "is no resource of a whole Pod; those are cpu, memory and hugepages-…");
        } else if let Some(value) = amount(at) {
            value_of(name, at, value);
        }
    }
    if resources.get("claims").exists() && !resources.get("claims").is_empty() {
        resources.get("claims").forbidden("must not be set for the whole Pod");
    }
    for (name, request) in requests.entries() {
        let Some(asked) = amount(request) else { continue };
        if find(limits, name).and_then(amount).is_some_and(|limit| asked > limit) {
            request.breaks(format!("must not exceed the Pod's limit of {name} ({})", text(limits, name)));
        }
        if asked < aggregate_request(context, name) {
            request.breaks(format!("must be at least what the containers request of {name} together"));
        }
    }
    for container in context.containers() {
        for (name, limit) in container.at(&["resources", "limits"]).entries() {
            let most = find(limits, name).and_then(amount);
            if amount(limit).zip(most).is_some_and(|(limit, most)| limit > most) {
                limit.breaks(format!("must not exceed the Pod's own limit of {name} ({})", text(limits, name)));
            }
        }
    }
}

/// What the scheduler counts: containers and sidecars together, or the largest moment while init containers run.
fn aggregate_request(context: Context<'_>, name: &str) -> Quantity {
    let request = |container: At<'_>| {
        let resources = container.get("resources");
        let stated = find(resources.get("requests"), name);
        // Only in a Pod itself a limit without a request is a request too.
        let stated = stated.or_else(|| find(resources.get("limits"), name).filter(|_| context.is_pod));
        stated.and_then(amount).unwrap_or_default()
    };
    let (mut sidecars, mut most) = (Quantity::default(), Quantity::default());
    for container in context.spec.get("initContainers").items() {
        if container.get("restartPolicy").str() == "Always" {
            sidecars = sidecars.plus(request(container));
            most = most.max(sidecars);
        } else {
            most = most.max(sidecars.plus(request(container)));
        }
    }
    let running = context.spec.get("containers").items().fold(sidecars, |sum, container| sum.plus(request(container)));
    running.max(most)
}

/// The Pod's own `resourceClaims`.
pub(super) fn claims(context: Context<'_>) {
    let claims = context.spec.get("resourceClaims");
    for claim in claims.items() {
        super::super::check_required(claim.get("name"), name::dns_label);
        let (own, template) = (claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName"));
        match (own.exists(), template.exists()) {
            (true, true) => claim.invalid("must have resourceClaimName or resourceClaimTemplateName, not both"),
            (false, false) => claim.invalid("must have resourceClaimName or resourceClaimTemplateName"),
            _ => [own, template].into_iter().filter(|at| at.exists()).for_each(|at| super::super::check(at, name::dns_subdomain)),
        }
    }
    unique_names(claims.items(), "name");
}
