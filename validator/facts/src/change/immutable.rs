//! Fields that an update can't change, as `tables/immutable.txt` has them.

use std::sync::OnceLock;

use serde_json::Value as Json;

use super::fields::first_difference;
use super::json::{at, is_empty, take};
use super::{Refusal, Why};
use crate::objects::{Path, group_of};

/// A row of the table.
struct Row {
    kind: &'static str,
    group: &'static str,
    path: Vec<&'static str>,
    mode: Mode,
    why: Why,
    field: &'static str,
    message: &'static str,
}

enum Mode {
    Fixed,
    Settable,
    Except(Vec<Vec<&'static str>>),
}

fn rows() -> &'static [Row] {
    static TABLE: OnceLock<Vec<Row>> = OnceLock::new();
    let read = |line: &'static str| {
        let mut parts = line.split('|').map(str::trim);
        let (kind, path, mode, why, field, message) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (kind, group) = kind.split_once('.').unwrap_or((kind, ""));
        let mode = match mode.strip_prefix("except ") {
            Some(paths) => Mode::Except(paths.split(' ').map(|path| path.split('.').collect()).collect()),
            None if mode == "settable" => Mode::Settable,
            None => Mode::Fixed,
        };
        let why = if why == "forbidden" { Why::Forbidden } else { Why::Invalid };
        Some(Row { kind, group, path: path.split('.').collect(), mode, why, field, message })
    };
    let lines = || include_str!("tables/immutable.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    TABLE.get_or_init(|| lines().filter_map(read).collect())
}

/// What of an update the table forbids.
pub(super) fn check(live: &Json, stored: &Json, api_version: &str, kind: &str, refused: &mut Vec<Refusal>) {
    let group = group_of(api_version);
    for row in rows().iter().filter(|row| row.kind == "*" || (row.kind == kind && row.group == group)) {
        let (before, after) = (at(live, &row.path), at(stored, &row.path));
        let found: Vec<Path> = match &row.mode {
            Mode::Settable if before.is_none_or(is_empty) => Vec::new(),
            Mode::Fixed | Mode::Settable => first_difference(before, after, 2).into_iter().collect(),
            Mode::Except(paths) => differences_except(before, after, paths),
        };
        refused.extend(found.into_iter().map(|below| Refusal {
            path: Path::of(&row.path).join(&below),
            field: row.field.to_owned(),
            reason: row.why,
            message: row.message.to_owned(),
        }));
    }
}

/// Where two maps differ beside what may: a place for each of their fields.
fn differences_except(before: Option<&Json>, after: Option<&Json>, open: &[Vec<&str>]) -> Vec<Path> {
    let without = |value: Option<&Json>| {
        let mut value = value.cloned().unwrap_or_default();
        open.iter().for_each(|path| _ = take(&mut value, path));
        value
    };
    let (before, after) = (without(before), without(after));
    let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else {
        return first_difference(Some(&before), Some(&after), 1).into_iter().collect();
    };
    let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    let difference = |key: &String| first_difference(old.get(key), new.get(key), 1).map(|below| Path::of(&[key]).join(&below));
    keys.filter_map(difference).collect()
}
