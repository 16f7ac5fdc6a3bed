//! What the API server adds, drops and does not tell apart, as data: `tables/*.txt`, each with its source.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use serde_json::{Map, Value as Json};

/// A default, and when it is set.
pub(super) struct Default {
    pub(super) field: &'static str,
    pub(super) value: Json,
    conditions: Vec<Condition>,
}

enum Condition {
    There(&'static str),
    Missing(&'static str),
    Equal(&'static str, &'static str),
}

impl Default {
    /// Whether the other fields are such that it is set.
    pub(super) fn applies(&self, fields: &Map<String, Json>) -> bool {
        let there = |field: &str| fields.get(field).is_some_and(|value| !super::json::is_empty(value));
        self.conditions.iter().all(|condition| match condition {
            Condition::There(field) => there(field),
            Condition::Missing(field) => !there(field),
            Condition::Equal(field, text) => fields.get(*field).and_then(Json::as_str) == Some(text),
        })
    }
}

pub(super) fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// What is set in maps of a definition, in order.
pub(super) fn defaults(definition: &str) -> &'static [Default] {
    static TABLE: OnceLock<HashMap<&'static str, Vec<Default>>> = OnceLock::new();
    let read = || {
        let mut table: HashMap<&'static str, Vec<Default>> = HashMap::new();
        for line in lines(include_str!("tables/defaults.txt")) {
            let mut parts = line.splitn(3, ' ');
            let (Some(definition), Some(field), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { continue };
            let (value, conditions) = rest.split_once(" if ").unwrap_or((rest, ""));
            let conditions = conditions.split_whitespace().map(|condition| match condition.split_once('=') {
                Some((field, text)) => Condition::Equal(field, text),
                None => condition.strip_prefix('!').map_or(Condition::There(condition), Condition::Missing),
            });
            let value = serde_json::from_str(value).unwrap_or_default();
            table.entry(definition).or_default().push(Default { field, value, conditions: conditions.collect() });
        }
        table
    };
    TABLE.get_or_init(read).get(definition).map_or(&[], Vec::as_slice)
}

struct Empties {
    plain: HashSet<(&'static str, &'static str)>,
    pointers: HashSet<(&'static str, &'static str)>,
}

/// Whether the empty value of a field is not told from none.
pub(super) fn is_nothing(definition: &str, field: &str, value: &Json) -> bool {
    static TABLE: OnceLock<Empties> = OnceLock::new();
    let read = || {
        let mut table = Empties { plain: HashSet::new(), pointers: HashSet::new() };
        for line in lines(include_str!("tables/empty.txt")) {
            let (set, line) = match line.strip_prefix("POINTER ") {
                Some(line) => (&mut table.pointers, line),
                None => (&mut table.plain, line),
            };
            let mut parts = line.split(' ');
            let definition = parts.next().unwrap_or_default();
            set.extend(parts.map(|field| (definition, field)));
        }
        table
    };
    let table = TABLE.get_or_init(read);
    let is_pointer = || table.pointers.contains(&(definition, field));
    let is_plain = || (table.plain.contains(&(definition, field)) || table.plain.contains(&("*", field))) && !is_pointer();
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::String(text) => text.is_empty() && !is_pointer(),
        Json::Object(fields) => fields.is_empty() && is_plain(),
        Json::Bool(set) => !set && is_plain(),
        Json::Number(number) => number.as_i64() == Some(0) && is_plain(),
    }
}
