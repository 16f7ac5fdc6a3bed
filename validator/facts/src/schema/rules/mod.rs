//! What the API server's validation code refuses beyond the schema, a file per topic.

mod access;
mod admission;
mod autoscaling;
mod claim;
mod config;
mod definition;
mod disruption;
mod flow;
mod ingress;
mod job;
pub(super) mod metadata;
mod network_policy;
mod node;
mod pod;
mod quota;
mod selector;
mod service;
mod storage;
mod workload;

use super::cursor::At;
use super::features::Feature;
use super::format::name::Rule;
use super::format::quantity::Quantity;
use super::table::{Table, Type};
use super::{Reason, SchemaFact};
use crate::objects::{Segment, group_of};

/// The quantity, if there is one that can be read. A `null` in a list of resources is 0.
fn quantity(at: At<'_>) -> Option<Quantity> {
    at.node().and_then(|node| node.text()).and_then(|text| Quantity::parse(text).ok())
}

/// Checks an object of a built-in kind after its structure.
pub(super) fn built_in(at: At<'_>, table: &Table, definition: usize) {
    let kind = at.get("kind").str();
    forget_lax_enums(at, kind);
    metadata::built_in(at, kind);
    of_kind(at, kind);
    forget_dropped(at, table, definition);
}

fn of_kind(at: At<'_>, kind: &str) {
    match (group_of(at.get("apiVersion").str()), kind) {
        ("", "Pod") => pod::pod(at),
        ("", "PodTemplate") => pod::template(at.get("template"), kind),
        ("", "ReplicationController") => workload::replication_controller(at),
        ("apps", "Deployment") => workload::deployment(at),
        ("apps", "ReplicaSet") => workload::replica_set(at),
        ("apps", "DaemonSet") => workload::daemon_set(at),
        ("apps", "StatefulSet") => workload::stateful_set(at),
        ("batch", "Job") => job::job(at),
        ("batch", "CronJob") => job::cron_job(at),
        ("", "Service") => service::service(at),
        ("", "Endpoints") => service::endpoints(at),
        ("discovery.k8s.io", "EndpointSlice") => service::endpoint_slice(at),
        ("networking.k8s.io", "Ingress") => ingress::ingress(at),
        ("networking.k8s.io", "IngressClass") => ingress::ingress_class(at),
        ("networking.k8s.io", "NetworkPolicy") => network_policy::network_policy(at),
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaling::horizontal_pod_autoscaler(at),
        ("policy", "PodDisruptionBudget") => disruption::pod_disruption_budget(at),
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => access::role(at, kind),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => access::binding(at, kind),
        ("", "PersistentVolumeClaim") => claim::spec(at.get("spec")),
        ("", "PersistentVolume") => storage::volume(at.get("spec")),
        ("storage.k8s.io", "StorageClass") => storage::class(at),
        ("storage.k8s.io", "CSIDriver") => storage::csi_driver(at.get("spec")),
        ("", "ResourceQuota") => quota::resource_quota(at.get("spec")),
        ("", "LimitRange") => quota::limit_range(at.get("spec")),
        ("", "ConfigMap") => config::config_map(at),
        ("", "Secret") => config::secret(at),
        ("", "Namespace") => config::namespace(at),
        ("scheduling.k8s.io", "PriorityClass") => node::priority_class(at),
        ("node.k8s.io", "RuntimeClass") => node::runtime_class(at),
        ("coordination.k8s.io", "Lease") => node::lease(at.get("spec")),
        ("apiregistration.k8s.io", "APIService") => node::api_service(at),
        ("", "Node") => node::node(at.get("spec")),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration") => admission::webhooks(at),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy") => admission::policy(at.get("spec")),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding") => admission::policy_binding(at.get("spec")),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema") => flow::flow_schema(at.get("spec")),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration") => flow::priority_level(at.get("spec")),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition::custom_resource_definition(at),
        _ => {}
    }
}

/// Forgets values outside an enum where the API server does not look: in a status, and in what older servers don't look at in a StatefulSet.
fn forget_lax_enums(at: At<'_>, kind: &str) {
    let key = |fact: &SchemaFact, at: usize, wanted: &str| matches!(fact.path.0.get(at), Some(Segment::Key(key)) if **key == *wanted);
    let is_lax = |feature| kind == "StatefulSet" && !at.doc.version.has(feature);
    let (template, claims) = (is_lax(Feature::StatefulSetTemplate), is_lax(Feature::StatefulSetClaimTemplates));
    at.doc.forget(|fact| {
        let of_spec = |field| key(fact, 0, "spec") && key(fact, 1, field);
        let lax = (template && of_spec("template")) || (claims && of_spec("volumeClaimTemplates"));
        fact.reason == Reason::Enum && (key(fact, 0, "status") || lax)
    });
}

/// Forgets what is wrong in fields that the API server drops after it has decoded them, or does not know.
fn forget_dropped(at: At<'_>, table: &Table, definition: usize) {
    at.doc.forget(|fact| {
        let mut ty = Some(&Type::Definition(definition));
        let is_gone = fact.path.0.iter().any(|segment| match (ty, segment) {
            (Some(Type::Definition(number)), Segment::Key(field)) => {
                let definition = table.definition(*number);
                ty = definition.and_then(|definition| definition.field(field));
                definition.is_some_and(|definition| ty.is_none() || at.doc.version.drops(definition, field))
            }
            (Some(Type::List(inner) | Type::Map(inner)), _) => {
                ty = Some(inner);
                false
            }
            _ => {
                ty = None;
                false
            }
        });
        is_gone && !matches!(fact.reason, Reason::Unknown | Reason::Type)
    });
}

/// Reports the rule that a string breaks, if it does; an absent one counts as empty.
fn check(at: At<'_>, rule: fn(&str) -> Rule) {
    if let Err(rule) = rule(at.str()) {
        at.breaks(rule);
    }
}

/// The same, where there is a string.
fn check_if_set(at: At<'_>, rule: fn(&str) -> Rule) {
    if !at.str().is_empty() {
        check(at, rule);
    }
}

/// The same, where there must be one.
fn check_required(at: At<'_>, rule: fn(&str) -> Rule) {
    if at.not_empty() {
        check(at, rule);
    }
}

/// A port by number; an absent one is 0.
fn port_number(port: At<'_>) {
    let number = port.int().unwrap_or(0);
    if !(1..=65535).contains(&number) {
        port.invalid(format!("must be between 1 and 65535, but is {number}"));
    }
}

/// A port by number or name; an absent one is 0.
fn port_number_or_name(port: At<'_>) {
    if port.node().is_some_and(|node| node.as_str().is_some()) {
        check(port, super::format::name::port_name);
    } else {
        port_number(port);
    }
}

/// Calls `again` for each element whose key an element before it has.
fn duplicates<'a, K: PartialEq>(list: impl Iterator<Item = At<'a>>, key: impl Fn(At<'a>) -> Option<K>, again: impl Fn(At<'a>)) {
    let mut seen: Vec<K> = Vec::new();
    for item in list {
        match key(item) {
            Some(key) if seen.contains(&key) => again(item),
            Some(key) => seen.push(key),
            None => {}
        }
    }
}

/// Names in `field` must be unique in the list; an empty one is another rule's.
fn unique_names<'a>(list: impl Iterator<Item = At<'a>>, field: &'static str) {
    let key = |item: At<'a>| Some(item.get(field).str()).filter(|name| !name.is_empty());
    duplicates(list, key, |item| item.get(field).duplicate(format!("{:?} is there already", item.get(field).str())));
}
