//! Where a Pod may run: node selectors, affinity, tolerations, topology spread.

use super::super::{check, check_required, metadata, selector};
use super::Context;
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;

pub(super) fn all(context: Context<'_>) {
    let spec = context.spec;
    metadata::labels(spec.get("nodeSelector"));
    tolerations(spec.get("tolerations"));
    spread(context, spec.get("topologySpreadConstraints"));

    let affinity = spec.get("affinity");
    let node = affinity.get("nodeAffinity");
    let required = node.get("requiredDuringSchedulingIgnoredDuringExecution");
    if required.exists() {
        node_selector(required);
    }
    for term in node.get("preferredDuringSchedulingIgnoredDuringExecution").items() {
        weight(term.get("weight"));
        node_selector_term(term.get("preference"), false);
    }
    for kind in [affinity.get("podAffinity"), affinity.get("podAntiAffinity")] {
        kind.get("requiredDuringSchedulingIgnoredDuringExecution").items().for_each(pod_affinity_term);
        for term in kind.get("preferredDuringSchedulingIgnoredDuringExecution").items() {
            weight(term.get("weight"));
            pod_affinity_term(term.get("podAffinityTerm"));
        }
    }
}

fn weight(at: At<'_>) {
    let weight = at.int().unwrap_or(0);
    if !(1..=100).contains(&weight) {
        at.invalid(format!("must be between 1 and 100, but is {weight}"));
    }
}

/// A selector of nodes.
pub(in super::super) fn node_selector(at: At<'_>) {
    let terms = at.get("nodeSelectorTerms");
    if terms.is_empty() && !terms.is_broken() {
        terms.required("at least one term");
    }
    terms.items().for_each(|term| node_selector_term(term, true));
}

fn node_selector_term(term: At<'_>, strict_values: bool) {
    for expression in term.get("matchExpressions").items() {
        let (operator, values) = (expression.get("operator"), expression.get("values"));
        match operator.str() {
            "In" | "NotIn" if values.is_empty() => values.required("with operator In or NotIn"),
            "Exists" | "DoesNotExist" if !values.is_empty() => values.forbidden("must not be set with operator Exists or DoesNotExist"),
            "Gt" | "Lt" if values.len() != 1 => values.required("exactly one value with operator Gt or Lt"),
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
            _ => operator.not_one_of(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
        }
        check(expression.get("key"), name::qualified_name);
        if strict_values {
            values.items().for_each(|value| check(value, name::label_value));
        }
    }
    for field in term.get("matchFields").items() {
        let (key, operator, values) = (field.get("key"), field.get("operator"), field.get("values"));
        match operator.str() {
            "In" | "NotIn" if values.len() != 1 => values.required("exactly one value"),
            "In" | "NotIn" => {}
            _ => operator.not_one_of(&["In", "NotIn"]),
        }
        if key.str() == "metadata.name" {
            values.items().for_each(|value| check(value, name::dns_subdomain));
        } else {
            key.breaks("must be metadata.name");
        }
    }
}

fn pod_affinity_term(term: At<'_>) {
    let labels = term.get("labelSelector");
    selector::label_selector(labels);
    selector::label_selector(term.get("namespaceSelector"));
    term.get("namespaces").items().for_each(|namespace| check(namespace, name::dns_label));
    check_required(term.get("topologyKey"), name::qualified_name);
    for keys in [term.get("matchLabelKeys"), term.get("mismatchLabelKeys")] {
        if !keys.is_empty() && !labels.exists() {
            keys.forbidden("must not be set without a labelSelector");
        }
        keys.items().for_each(|key| check(key, name::qualified_name));
    }
    let mismatched = term.get("mismatchLabelKeys");
    for key in term.get("matchLabelKeys").items() {
        if mismatched.items().any(|other| other.str() == key.str()) {
            key.breaks("must not be in mismatchLabelKeys as well");
        }
    }
}

/// Tolerations of taints.
pub(in super::super) fn tolerations(tolerations: At<'_>) {
    for toleration in tolerations.items() {
        let (key, operator, effect) = (toleration.get("key"), toleration.get("operator"), toleration.get("effect"));
        let value = toleration.get("value");
        super::check_if_set(key, name::qualified_name);
        if key.str().is_empty() && operator.str() != "Exists" {
            operator.invalid("must be Exists where there is no key, which then means all keys");
        }
        if toleration.get("tolerationSeconds").exists() && effect.str() != "NoExecute" {
            effect.invalid(format!("must be NoExecute with tolerationSeconds, but is {}", effect.shown()));
        }
        match operator.str() {
            // The API server names the operator, not the value.
            "" | "Equal" => {
                if let Err(rule) = name::label_value(value.str()) {
                    operator.invalid(format!("must go with a value that is a label's, but {} is none: it {rule}", value.shown()));
                }
            }
            "Exists" if !value.str().is_empty() => {
                operator.invalid(format!("must not be Exists beside a value, but that is {}", value.shown()))
            }
            "Exists" => {}
            _ => operator.not_one_of(&["Equal", "Exists"]),
        }
    }
}

fn spread(context: Context<'_>, constraints: At<'_>) {
    for (at, constraint) in constraints.items().enumerate() {
        let unsatisfiable = constraint.get("whenUnsatisfiable");
        positive(constraint.get("maxSkew"), true);
        constraint.get("topologyKey").not_empty();
        unsatisfiable.one_of(&["DoNotSchedule", "ScheduleAnyway"]);
        let domains = constraint.get("minDomains");
        positive(domains, false);
        if domains.exists() && unsatisfiable.str() != "DoNotSchedule" {
            domains.invalid("must not be set without whenUnsatisfiable: DoNotSchedule");
        }
        selector::label_selector(constraint.get("labelSelector"));
        match_label_keys(context, constraint);

        let key =
            |constraint: At<'_>| (constraint.get("topologyKey").str().to_owned(), constraint.get("whenUnsatisfiable").str().to_owned());
        if let Some(again) = constraints.items().skip(at + 1).position(|other| key(other) == key(constraint)) {
            constraint
                .report(Reason::Duplicate, format!("must not have the topologyKey and whenUnsatisfiable of [{}] as well", at + 1 + again));
        }
    }
}

fn positive(at: At<'_>, required: bool) {
    let value = if required { Some(at.int().unwrap_or(0)) } else { at.int() };
    if let Some(value) = value.filter(|value| *value < 1) {
        at.invalid(format!("must be greater than 0, but is {value}"));
    }
}

fn match_label_keys(context: Context<'_>, constraint: At<'_>) {
    let (keys, labels) = (constraint.get("matchLabelKeys"), constraint.get("labelSelector"));
    if !keys.is_empty() && !labels.exists() {
        keys.forbidden("must not be set without a labelSelector");
    }
    // Newer servers look at this only in Pods, where they merge the keys into the selector.
    let looks = context.is_pod || !context.version().has(Feature::MatchLabelKeysInPodTopologySpreadSelectorMerge);
    for key in keys.items() {
        check(key, name::qualified_name);
        let in_labels = labels.get("matchLabels").entries().any(|(label, _)| label == key.str());
        let in_expressions = labels.get("matchExpressions").items().any(|expression| expression.get("key").str() == key.str());
        if looks && (in_labels || in_expressions) {
            key.breaks("must not be in the labelSelector as well");
        }
    }
}
