//! Limits on a single value: enum, pattern, length, size, format.

use kustomize::{Node, Tag, Value};

use super::super::Reason;
use super::super::cursor::{At, quoted};
use super::super::format::{is_base64, net, time};
use super::pattern::Patterns;

pub(super) fn check(patterns: &Patterns, at: At<'_>, node: &Node, schema: &Node) {
    let allowed = schema.get("enum").map(Node::items);
    let weight = if node.as_scalar().is_some() { 1 } else { 64 };
    at.doc.charge(allowed.map_or(0, |allowed| weight * allowed.len() / 4));
    if let Some(allowed) = allowed
        && !allowed.contains(node)
    {
        let words: Vec<_> = allowed.iter().filter_map(Node::text).collect();
        at.not_one_of(&words);
    }
    match &node.value {
        Value::Map(map) => size(at, schema, map.entries().len(), "minProperties", "maxProperties", "entries"),
        Value::Seq(seq) => size(at, schema, seq.items.len(), "minItems", "maxItems", "elements"),
        Value::Scalar(scalar) if matches!(scalar.tag, Tag::Int | Tag::Float) => number(at, &scalar.text, schema),
        Value::Scalar(scalar) if matches!(scalar.tag, Tag::Bool | Tag::Null) => {}
        Value::Scalar(scalar) => {
            size(at, schema, scalar.text.chars().count(), "minLength", "maxLength", "characters");
            if let Some(pattern) = schema.str_at(&["pattern"]).filter(|pattern| !patterns.matches(at, pattern, &scalar.text)) {
                at.breaks(format!("must match the pattern {}", quoted(pattern)));
            }
            if let Some(rule) = schema.str_at(&["format"]).and_then(|format| wrong_format(format, &scalar.text)) {
                at.breaks(rule);
            }
        }
    }
}

fn size(at: At<'_>, schema: &Node, size: usize, least: &str, most: &str, what: &str) {
    let limit = |field: &str| schema.get(field).and_then(Node::as_i64).and_then(|limit| usize::try_from(limit).ok());
    if let Some(least) = limit(least).filter(|least| size < *least) {
        at.report(Reason::Invalid, format!("must have at least {least} {what}, but has {size}"));
    }
    if let Some(most) = limit(most).filter(|most| size > *most) {
        at.report(Reason::Invalid, format!("must have at most {most} {what}, but has {size}"));
    }
}

fn number(at: At<'_>, text: &str, schema: &Node) {
    let Ok(value) = text.parse::<f64>() else { return };
    let limit = |field: &str| schema.get(field).and_then(Node::text).and_then(|text| text.parse::<f64>().ok());
    let excludes = |field: &str| schema.get(field).and_then(Node::as_bool) == Some(true);
    if let Some(least) = limit("minimum") {
        let strict = excludes("exclusiveMinimum");
        if value < least || (strict && value <= least) {
            at.report(Reason::Invalid, format!("must be {} {least}, but is {text}", if strict { "more than" } else { "at least" }));
        }
    }
    if let Some(most) = limit("maximum") {
        let strict = excludes("exclusiveMaximum");
        if value > most || (strict && value >= most) {
            at.report(Reason::Invalid, format!("must be {} {most}, but is {text}", if strict { "less than" } else { "at most" }));
        }
    }
    if let Some(step) = limit("multipleOf").filter(|step| *step > 0.0 && (value / step).fract() != 0.0) {
        at.report(Reason::Invalid, format!("must be a multiple of {step}, but is {text}"));
    }
}

/// What a text of this format must be, where it is not; formats that the API server ignores say nothing.
fn wrong_format(format: &str, text: &str) -> Option<&'static str> {
    let (holds, rule) = match format {
        "byte" => (is_base64(text), "must be base64 text"),
        "date-time" => (time::is_rfc3339(text) || time::is_rfc3339(&format!("{text}Z")), "must be a time such as \"2030-01-31T12:00:00Z\""),
        "date" => (time::is_rfc3339(&format!("{text}T00:00:00Z")), "must be a date such as \"2030-01-31\""),
        "ipv4" => (text.parse::<std::net::Ipv4Addr>().is_ok(), "must be an IPv4 address"),
        "ipv6" => (text.parse::<std::net::Ipv6Addr>().is_ok(), "must be an IPv6 address"),
        "cidr" => (net::cidr(text, false).is_ok(), "must be a CIDR block"),
        _ => return None,
    };
    (!holds).then_some(rule)
}
