//! ResourceQuotas and LimitRanges.

use super::pod::{container_resource_name, is_whole_resource};
use super::quantity;
use super::{check, unique_names};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::format::name;
use crate::schema::format::quantity::Quantity;

/// Resources that a quota can limit, beside those with a prefix or a domain.
const QUOTA_RESOURCES: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];

const SCOPES: &[&str] = &[
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
];

/// Pairs of scopes of which an object can have only one.
const CONFLICTS: &[(&str, &str)] = &[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")];

pub(super) fn resource_quota(spec: At<'_>) {
    for (name, at) in spec.get("hard").entries() {
        quota_resource(name, at);
        let Some(amount) = quantity(at) else { continue };
        if amount.is_negative() {
            at.breaks("must not be negative");
        } else if !amount.is_whole() && (is_whole_resource(name) || name.starts_with("count/")) {
            at.breaks("must be a whole number");
        }
    }
    let scopes = spec.get("scopes");
    scopes.items().for_each(|scope| _ = scope.one_of(SCOPES));
    let has = |wanted: &str| scopes.items().any(|scope| scope.str() == wanted);
    for (a, b) in CONFLICTS {
        if has(a) && has(b) {
            scopes.invalid(format!("must not have both {a} and {b}"));
        }
    }
    for scope in scopes.items() {
        if let Some((name, _)) = spec.get("hard").entries().find(|(name, _)| !scope_applies(scope.str(), name)) {
            scopes.report(Reason::Invalid, format!("must not have {} with {name} in hard", scope.str()));
        }
    }
    for expression in spec.at(&["scopeSelector", "matchExpressions"]).items() {
        scope_expression(expression);
    }
}

fn scope_expression(expression: At<'_>) {
    let (scope, operator, values) = (expression.get("scopeName"), expression.get("operator"), expression.get("values"));
    scope.one_of(SCOPES);
    if !matches!(scope.str(), "" | "PriorityClass" | "VolumeAttributesClass") && SCOPES.contains(&scope.str()) && operator.str() != "Exists"
    {
        operator.invalid("must be Exists for this scope");
    }
    match operator.str() {
        "In" | "NotIn" if values.is_empty() => values.required("with operator In or NotIn"),
        "Exists" | "DoesNotExist" if !values.is_empty() => values.invalid("must not be set with operator Exists or DoesNotExist"),
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        _ => operator.not_one_of(&["In", "NotIn", "Exists", "DoesNotExist"]),
    }
}

/// Whether a quota with this scope can limit this resource.
fn scope_applies(scope: &str, resource: &str) -> bool {
    let of_pods = || {
        let compute = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
        let storage = ["ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage"];
        resource == "pods" || compute.contains(&resource) || storage.contains(&resource)
    };
    match scope {
        "BestEffort" => resource == "pods",
        "Terminating" | "NotTerminating" | "NotBestEffort" | "PriorityClass" | "CrossNamespacePodAffinity" => {
            of_pods() || !QUOTA_RESOURCES.contains(&resource)
        }
        _ => true,
    }
}

fn quota_resource(name: &str, at: At<'_>) {
    let is_huge = |name: &str| name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
    if let Err(rule) = name::qualified_name(name) {
        at.invalid(format!("is no resource: its name {rule}"));
    } else if !name.contains('/') && !QUOTA_RESOURCES.contains(&name) && !is_huge(name) {
        let meant = kustomize::closest(name, QUOTA_RESOURCES.iter().copied());
        let question = meant.map_or(String::new(), |meant| format!("; did you mean {meant:?}?"));
        let message = format!("is no resource that a quota can limit; others are written as count/<resource>.<group>{question}");
        at.report_with(Reason::Invalid, message, meant.map(Into::into));
    }
}

pub(super) fn limit_range(spec: At<'_>) {
    let limits = spec.get("limits");
    for limit in limits.items() {
        let kind = limit.get("type");
        check(kind, name::qualified_name);
        if !kind.str().is_empty() && !kind.str().contains('/') && !["Pod", "Container", "PersistentVolumeClaim"].contains(&kind.str()) {
            kind.not_one_of(&["Pod", "Container", "PersistentVolumeClaim"]);
        }
        limit_item(limit, kind.str());
    }
    unique_names(limits.items(), "type");
}

fn limit_item(limit: At<'_>, kind: &str) {
    let fields = ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"];
    let [min, max, default, request, ratio] = fields.map(|field| limit.get(field));
    for (name, at) in [min, max, default, request, ratio].into_iter().flat_map(At::entries) {
        if kind == "Container" {
            container_resource_name(name, at);
        }
    }
    if kind == "Pod" {
        for field in [default, request].into_iter().filter(|field| !field.is_empty()) {
            field.forbidden("must not be set for type Pod");
        }
    }
    let amount = |list: At<'_>, wanted: &str| {
        let (_, at) = list.entries().find(|(name, _)| *name == wanted)?;
        if at.exists() { quantity(at) } else { Some(Quantity::default()) }
    };
    if kind == "PersistentVolumeClaim" && amount(min, "storage").is_none() && amount(max, "storage").is_none() && !limit.is_broken() {
        limit.required("min or max of storage for type PersistentVolumeClaim");
    }
    let in_order = |low: At<'_>, high: At<'_>, blame: At<'_>, says: &str| {
        for (name, entry) in blame.entries() {
            if amount(low, name).zip(amount(high, name)).is_some_and(|(low, high)| low > high) {
                entry.breaks(format!("must not be {says} of {name}"));
            }
        }
    };
    in_order(min, max, min, "more than max");
    in_order(min, request, request, "less than min");
    in_order(min, default, default, "less than min");
    in_order(request, max, request, "more than max");
    in_order(default, max, default, "more than max");
    in_order(request, default, request, "more than default");
    for (name, at) in ratio.entries() {
        let Some(most) = quantity(at) else { continue };
        let one = Quantity::parse("1").unwrap_or_default();
        if most < one {
            at.breaks("must be at least 1");
        }
        // max/min is the largest ratio that can be.
        if let Some((low, high)) = amount(min, name).zip(amount(max, name)).filter(|(low, _)| !low.is_zero())
            && most.milli() * low.milli() > high.milli() * 1000
        {
            at.breaks(format!("must not be more than max / min of {name}"));
        }
    }
}
