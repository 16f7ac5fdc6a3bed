//! HorizontalPodAutoscalers.

use super::{check_required, pod, quantity, selector};
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;
use crate::schema::{Reason, Version};

/// Limits of a scaling policy.
const LONGEST_PERIOD_SECONDS: i64 = 1800;
const LONGEST_WINDOW_SECONDS: i64 = 3600;

pub(super) fn horizontal_pod_autoscaler(at: At<'_>) {
    let spec = at.get("spec");
    let (low, high) = (spec.get("minReplicas"), spec.get("maxReplicas"));
    // Zero needs a feature that is off by default.
    low.at_least(1);
    match high.int() {
        None if high.exists() => {}
        None | Some(0) if at.doc.version >= Version::V1_36 => high.required("and must be at least 1"),
        None => high.report(Reason::Invalid, "is required and must be at least 1"),
        Some(_) => high.at_least(1),
    }
    let least = low.int().unwrap_or(1);
    if high.int().is_some_and(|high| high < least) {
        high.breaks(format!("must be at least minReplicas ({least})"));
    }
    reference(spec.get("scaleTargetRef"), true);
    spec.get("targetCPUUtilizationPercentage").at_least(1);
    spec.get("metrics").items().for_each(metric);
    for direction in ["scaleUp", "scaleDown"] {
        scaling_rules(spec.get("behavior").get(direction));
    }
}

fn reference(reference: At<'_>, is_target: bool) {
    check_required(reference.get("kind"), name::path_segment);
    check_required(reference.get("name"), name::path_segment);
    let version = reference.get("apiVersion");
    let is_core = !version.str().contains('/') && reference.get("kind").str() != "ReplicationController";
    if is_target && reference.doc.version.has(Feature::AutoscalerTargetGroup) && is_core && !version.is_broken() {
        version.invalid(format!("must name an API group, such as \"apps/v1\", but is {}", version.shown()));
    }
}

fn metric(metric: At<'_>) {
    let kind = metric.get("type");
    let sources = [
        ("ContainerResource", "containerResource"),
        ("External", "external"),
        ("Object", "object"),
        ("Pods", "pods"),
        ("Resource", "resource"),
    ];
    let Some((_, wanted)) = sources.iter().find(|(name, _)| *name == kind.str()) else {
        kind.one_of(&sources.map(|(name, _)| name));
        return;
    };
    for (_, field) in sources {
        let source = metric.get(field);
        if field == *wanted {
            if source.exists() {
                metric_source(field, source);
            } else {
                source.required(format!("with type {}", kind.str()));
            }
        } else if source.exists() {
            source.forbidden(format!("must not be set with type {}", kind.str()));
        }
    }
}

fn metric_source(kind: &str, source: At<'_>) {
    let target = source.get("target");
    metric_target(target);
    let (value, average, utilization) = (target.get("value"), target.get("averageValue"), target.get("averageUtilization"));
    match kind {
        "resource" | "containerResource" => {
            let name = source.get("name");
            if name.not_empty() && kind == "containerResource" {
                pod::container_resource_name(name.str(), name);
            }
            if kind == "containerResource" {
                source.get("container").not_empty();
            }
            match (average.exists(), utilization.exists()) {
                (false, false) if !target.is_broken() => utilization.required("averageUtilization or averageValue"),
                (true, true) => average.clashes(utilization, "must not be set beside averageUtilization"),
                _ => {}
            }
            return;
        }
        "pods" if !average.exists() => average.required("a positive averageValue"),
        "pods" => {}
        _ => match (value.exists(), average.exists()) {
            (false, false) if !target.is_broken() => average.required("value or averageValue"),
            (true, true) => value.clashes(average, "must not be set beside averageValue"),
            _ => {}
        },
    }
    if kind == "object" {
        reference(source.get("describedObject"), false);
    }
    check_required(source.at(&["metric", "name"]), name::path_segment);
    selector::label_selector(source.at(&["metric", "selector"]));
}

fn metric_target(target: At<'_>) {
    target.get("type").one_of(&["Utilization", "Value", "AverageValue"]);
    target.get("averageUtilization").at_least(1);
    for field in ["value", "averageValue"] {
        if quantity(target.get(field)).is_some_and(|amount| amount.is_negative() || amount.is_zero()) {
            target.get(field).breaks("must be greater than 0");
        }
    }
}

fn scaling_rules(rules: At<'_>) {
    rules.get("stabilizationWindowSeconds").within(0, LONGEST_WINDOW_SECONDS);
    rules.get("selectPolicy").one_of_if_set(&["Disabled", "Max", "Min"]);
    let policies = rules.get("policies");
    // Without a list there are default policies; with an empty one there are none.
    if policies.exists() && policies.is_empty() && !policies.is_broken() {
        policies.required("at least one policy");
    }
    for policy in policies.items() {
        policy.get("type").one_of(&["Percent", "Pods"]);
        for (field, most) in [("value", i64::from(i32::MAX)), ("periodSeconds", LONGEST_PERIOD_SECONDS)] {
            let amount = policy.get(field).int().unwrap_or(0);
            if !(1..=most).contains(&amount) && !policy.get(field).is_broken() {
                policy.get(field).invalid(format!("must be between 1 and {most}, but is {amount}"));
            }
        }
    }
}
