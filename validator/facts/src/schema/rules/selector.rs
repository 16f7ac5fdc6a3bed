//! Label selectors.

use super::{check, metadata};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::format::name;

/// A `LabelSelector`.
pub(super) fn label_selector(selector: At<'_>) {
    metadata::labels(selector.get("matchLabels"));
    for expression in selector.get("matchExpressions").items() {
        let (key, operator, values) = (expression.get("key"), expression.get("operator"), expression.get("values"));
        match operator.str() {
            "In" | "NotIn" if values.is_empty() => values.required("with operator In or NotIn"),
            "In" | "NotIn" => {}
            "Exists" | "DoesNotExist" if !values.is_empty() => values.forbidden("must not be set with operator Exists or DoesNotExist"),
            "Exists" | "DoesNotExist" => {}
            _ => operator.not_one_of(&["In", "NotIn", "Exists", "DoesNotExist"]),
        }
        check(key, name::qualified_name);
        values.items().for_each(|value| check(value, name::label_value));
    }
}

/// Whether a selector says nothing.
pub(super) fn is_empty(selector: At<'_>) -> bool {
    selector.get("matchLabels").is_empty() && selector.get("matchExpressions").is_empty()
}

/// Whether a selector selects these labels; nothing where the selector is wrong in itself.
pub(super) fn matches(selector: At<'_>, labels: At<'_>) -> Option<bool> {
    if selector.is_broken() || labels.is_broken() {
        return None;
    }
    let label = |key: &str| labels.entries().find(|(name, _)| *name == key).map(|(_, value)| value.str());
    let all_labels = selector.get("matchLabels").entries().all(|(key, value)| label(key) == Some(value.str()));
    let all_expressions = selector.get("matchExpressions").items().all(|expression| {
        let found = label(expression.get("key").str());
        let in_values = || expression.get("values").items().any(|value| Some(value.str()) == found);
        match expression.get("operator").str() {
            "In" => found.is_some() && in_values(),
            "NotIn" => !in_values(),
            "Exists" => found.is_some(),
            _ => found.is_none(),
        }
    });
    Some(all_labels && all_expressions)
}

/// The selector of a workload must select the Pods of its template.
pub(super) fn must_match(selector: At<'_>, template: At<'_>) {
    let labels = template.at(&["metadata", "labels"]);
    if matches(selector, labels) == Some(false) {
        let message = format!("must match the selector ({}), but {}", described(selector), shown_labels(labels));
        // A label with another value may come from elsewhere than the rest.
        let label = |key: &str| labels.entries().find(|(name, _)| *name == key).map(|(_, label)| label);
        let differs = |(key, value): (&str, At<'_>)| label(key).filter(|label| label.str() != value.str());
        match selector.get("matchLabels").entries().find_map(|(key, value)| differs((key, value))) {
            Some(other) => labels.report_at(other, Reason::Invalid, message),
            None => labels.report(Reason::Invalid, message),
        }
    }
}

fn described(selector: At<'_>) -> String {
    let labels = selector.get("matchLabels").entries().map(|(key, value)| format!("{key}: {}", value.str()));
    let expressions = selector.get("matchExpressions").items().map(|expression| {
        let values: Vec<_> = expression.get("values").items().map(At::str).collect();
        let list = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
        format!("{} {}{list}", expression.get("key").str(), expression.get("operator").str())
    });
    labels.chain(expressions).collect::<Vec<_>>().join(", ")
}

fn shown_labels(labels: At<'_>) -> String {
    if labels.is_empty() {
        return "there are none".into();
    }
    let all: Vec<_> = labels.entries().map(|(key, value)| format!("{key}: {}", value.str())).collect();
    format!("are {}", all.join(", "))
}
