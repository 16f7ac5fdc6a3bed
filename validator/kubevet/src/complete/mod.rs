//! What may be written at a place of a file: fields and values by schemas, names of what there is.

mod candidate;
mod cursor;
mod json_schema;
mod line;
mod manifest;
mod there;

use std::ops::Range;
use std::path::Path;

use serde_json::Value;

pub use candidate::{Around, Candidate, Kind};

use candidate::{MOST, entry};
use cursor::{Cursor, Slot, Step};
use manifest::in_manifest;
use there::{files, images, kinds_here, names, rules};

use crate::discover::FILE_NAMES;
use crate::editor;
use crate::waivers::MARK;

/// The bytes that are replaced, and what may take their place. `path` is that of the file, in which names of files begin; `offset` a byte of its text.
pub fn candidates(path: &Path, text: &str, offset: usize, around: Around<'_>) -> (Range<usize>, Vec<Candidate>) {
    let (range, mut found) = find(path, text, offset, around).unwrap_or((offset..offset, Vec::new()));
    found.sort_by(|one, other| (one.deprecated, one).cmp(&(other.deprecated, other)));
    found.dedup_by(|one, other| one.label == other.label);
    // What begins as what is written comes first; the editor sorts by what it finds likely.
    let word = text.get(range.clone()).unwrap_or_default().to_lowercase();
    found.sort_by_key(|candidate| (candidate.deprecated, !candidate.label.to_lowercase().starts_with(&word)));
    found.truncate(MOST);
    (range, found)
}

fn find(path: &Path, text: &str, offset: usize, around: Around<'_>) -> Option<(Range<usize>, Vec<Candidate>)> {
    if let Some(range) = in_allow(text, offset) {
        return Some((range, rules(around)));
    }
    let cursor = Cursor::at(text, offset)?;
    let name = path.file_name()?.to_str()?;
    let found = match editor_schema(name, around) {
        Some(schema) => by_json_schema(&schema, path, text, &cursor, around),
        None if name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json") => in_manifest(text, &cursor, around),
        None => Vec::new(),
    };
    Some((word(text, &cursor, &found), found))
}

/// The schema of a file of that name, where it is one of kubevet's or Kustomize's.
fn editor_schema(name: &str, around: Around<'_>) -> Option<Value> {
    if FILE_NAMES.contains(&name) {
        return editor::schema("kustomization", around.catalog);
    }
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))?;
    ["environments", "waivers", "products", "workloads"].contains(&stem).then(|| editor::schema(stem, around.catalog))?
}

/// The bytes of the rule's id that is written behind `kubevet: allow`.
fn in_allow(text: &str, offset: usize) -> Option<Range<usize>> {
    let before = text.get(..offset)?;
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let (_, behind) = line.split_once('#')?;
    let written = behind.split_once(MARK)?.1.trim_start().strip_prefix("allow")?;
    let word = written.rsplit([' ', ',']).next().unwrap_or_default();
    // Behind the rules stands the reason.
    let is_reason = written.contains("because");
    (written.starts_with(' ') && !is_reason).then(|| offset - word.len()..offset)
}

/// The word that a candidate takes the place of: of a path only what is behind its last slash would be too little, so it is all of it.
fn word(text: &str, cursor: &Cursor, found: &[Candidate]) -> Range<usize> {
    let Range { start, end } = cursor.word.clone();
    // A generator's file may have a key before it.
    let is_file = found.first().is_some_and(|candidate| candidate.kind == Kind::File);
    let key = text.get(start..end).filter(|_| is_file).and_then(|word| word.find('=')).map_or(0, |at| at + 1);
    start + key..end
}

fn by_json_schema(schema: &Value, path: &Path, text: &str, cursor: &Cursor, around: Around<'_>) -> Vec<Candidate> {
    let schemas = json_schema::at(schema, &cursor.path);
    let is_item = cursor.path.last() == Some(&Step::Item);
    let mut found = Vec::new();
    if cursor.slot == Slot::Key {
        for (name, description, deprecated) in json_schema::fields(&schemas) {
            if cursor.beside.iter().any(|(known, _)| known == name) {
                continue;
            }
            let steps: Vec<Step> = cursor.path.iter().cloned().chain([Step::Key(name.to_owned())]).collect();
            let text = entry(name, json_schema::goes_on(&json_schema::at(schema, &steps)), cursor.column);
            found.push(Candidate { text, deprecated, ..Candidate::new(Kind::Field, name).detail(description) });
        }
    }
    if cursor.slot == Slot::Value || is_item {
        found.extend(json_schema::values(&schemas).into_iter().map(|value| Candidate::new(Kind::Value, value)));
        let word = text.get(cursor.word.clone()).unwrap_or_default();
        match json_schema::format(&schemas) {
            Some("path") => found.extend(files(path, word)),
            Some("rule") => found.extend(rules(around)),
            Some("environment") => found.extend(around.environments.iter().map(|name| Candidate::new(Kind::Name, *name))),
            Some("kind") => found.extend(kinds_here(around)),
            Some("object-name") => {
                let kind = cursor.beside.iter().find(|(key, _)| key == "kind").map(|(_, kind)| kind.trim_matches(['"', '\'']));
                found.extend(names(around, |object| kind.is_none_or(|kind| object.kind == kind)));
            }
            Some("image") => found.extend(images(around)),
            _ => {}
        }
    }
    found
}
