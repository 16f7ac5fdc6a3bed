//! What may be written at a place of a file: fields and values by schemas, names of what there is.

mod cursor;
mod json_schema;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use kubevet_facts::schema::{self, Version};
use kustomize::{Node, Sources};
use serde_json::Value;

use cursor::{Cursor, Slot, Step};

use crate::discover::FILE_NAMES;
use crate::editor;
use crate::location::Object;
use crate::named;
use crate::policy::Catalog;
use crate::waivers::MARK;

/// How many candidates there are at most: nobody reads more, and who types on gets others.
const MOST: usize = 1_000;

/// What there is around the file.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The version of Kubernetes that judges.
    pub version: Version,
    /// The rules.
    pub catalog: &'a Catalog,
    /// The names of the environments.
    pub environments: &'a [&'a str],
    /// The objects of the overlays, each with the sources that its origins point into.
    pub objects: &'a [(&'a Sources, &'a Node)],
}

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What people see in the list, and what they type.
    pub label: String,
    /// What is written.
    pub text: String,
    /// What it is.
    pub kind: Kind,
    /// A word on it.
    pub detail: Option<String>,
    /// Whether something else should be written.
    pub deprecated: bool,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A key.
    Field,
    /// One of a few values.
    Value,
    /// A file or a directory.
    File,
    /// The id of a rule.
    Rule,
    /// The name of an object, or of a key of one.
    Name,
}

impl Candidate {
    fn new(kind: Kind, label: impl Into<String>) -> Self {
        let label = label.into();
        Self { text: label.clone(), label, kind, detail: None, deprecated: false }
    }

    fn detail(self, detail: Option<&str>) -> Self {
        Self { detail: detail.map(str::to_owned), ..self }
    }
}

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

fn rules(around: Around<'_>) -> Vec<Candidate> {
    around.catalog.rules.iter().map(|rule| Candidate::new(Kind::Rule, &*rule.id).detail(Some(&rule.title))).collect()
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

/// A key as it is written, with what must stand behind it.
fn entry(name: &str, (is_list, is_map): (bool, bool), column: usize) -> String {
    let blanks = " ".repeat(column + 2);
    match (is_list, is_map) {
        (true, _) => format!("{name}:\n{blanks}- "),
        (_, true) => format!("{name}:\n{blanks}"),
        _ => format!("{name}: "),
    }
}

/// The files and directories that begin as a path does, beside a file.
fn files(beside: &Path, word: &str) -> Vec<Candidate> {
    let written = word.split_once('=').map_or(word, |(_, path)| path);
    let (above, _) = written.rsplit_once('/').map_or(("", written), |(above, last)| (&written[..=above.len()], last));
    let Some(own) = beside.parent() else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(own.join(above)) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.take(MOST).flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') || entry.path() == beside || name.contains(char::is_control) {
            continue;
        }
        let slash = if entry.path().is_dir() && above.is_empty() && !is_kustomization(&entry.path()) { "/" } else { "" };
        found.push(Candidate::new(Kind::File, format!("{above}{name}{slash}")));
    }
    if above.is_empty() || above.ends_with("../") {
        found.push(Candidate::new(Kind::File, format!("{above}../")));
    }
    found
}

fn is_kustomization(directory: &Path) -> bool {
    crate::discover::kustomization_file(directory).is_some()
}

/// The names that objects have in their files.
fn names(around: Around<'_>, is_meant: impl Fn(&Object) -> bool) -> Vec<Candidate> {
    let mut found = BTreeSet::new();
    for (sources, node) in around.objects {
        let object = Object::of(node);
        if is_meant(&object) {
            let name = named::first_name(sources, node).map_or(object.name, str::to_owned);
            found.insert((name, object.kind));
        }
    }
    found.into_iter().map(|(name, kind)| Candidate::new(Kind::Name, name).detail(Some(&kind))).collect()
}

fn kinds_here(around: Around<'_>) -> Vec<Candidate> {
    let kinds: BTreeSet<String> = around.objects.iter().map(|(_, node)| Object::of(node).kind).collect();
    kinds.into_iter().map(|kind| Candidate::new(Kind::Value, kind)).collect()
}

/// The images of all containers, without tags, as their files have them.
fn images(around: Around<'_>) -> Vec<Candidate> {
    fn collect(node: &Node, sources: &Sources, found: &mut BTreeSet<String>) {
        for entry in node.entries() {
            if &*entry.key.text == "image" && entry.value.as_str().is_some() {
                let origin = entry.value.origin.history().last().unwrap_or(&entry.value.origin);
                let written = sources.get(origin.source).text().get(origin.start as usize..origin.end as usize).unwrap_or_default();
                let name = written.trim_matches(['"', '\'']).split('@').next().unwrap_or_default();
                let tag = name.rfind(':').filter(|at| !name[*at..].contains('/'));
                found.insert(name[..tag.unwrap_or(name.len())].to_owned());
            }
            collect(&entry.value, sources, found);
        }
        node.items().iter().for_each(|item| collect(item, sources, found));
    }
    let mut found = BTreeSet::new();
    around.objects.iter().for_each(|(sources, node)| collect(node, sources, &mut found));
    found.into_iter().filter(|name| !name.is_empty()).map(|name| Candidate::new(Kind::Name, name)).collect()
}

fn in_manifest(text: &str, cursor: &Cursor, around: Around<'_>) -> Vec<Candidate> {
    let top = |key: &str| top_level(text.get(cursor.document.clone())?, key);
    let (api_version, kind) = (top("apiVersion"), top("kind"));
    let keys: Vec<&str> = cursor.keys().collect();
    if cursor.slot == Slot::Value && keys.len() == 1 && cursor.path.len() == 1 {
        match keys[0] {
            "kind" => {
                let served = schema::served(around.version).filter(|(version, _)| api_version.is_none_or(|known| known == *version));
                return served.map(|(version, kind)| Candidate::new(Kind::Value, kind).detail(Some(version))).collect();
            }
            "apiVersion" => {
                let served = schema::served(around.version).filter(|(_, served)| kind.is_none_or(|known| known == *served));
                return served.map(|(version, _)| Candidate::new(Kind::Value, version)).collect();
            }
            _ => {}
        }
    }
    let (Some(api_version), Some(kind)) = (api_version, kind) else {
        let fields = ["apiVersion", "kind", "metadata"].into_iter().filter(|name| !cursor.beside.iter().any(|(known, _)| known == name));
        let is_top = cursor.path.is_empty() && cursor.slot == Slot::Key;
        return fields
            .filter(|_| is_top)
            .map(|name| Candidate { text: format!("{name}: "), ..Candidate::new(Kind::Field, name) })
            .collect();
    };
    let path: Vec<Option<&str>> = cursor
        .path
        .iter()
        .map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item => None,
        })
        .collect();
    let mut found = Vec::new();
    if cursor.slot == Slot::Value {
        found.extend(references(kind, &keys, cursor, around));
    }
    let Some(shape) = schema::shape(around.version, api_version, kind, &path) else { return found };
    if cursor.slot == Slot::Key {
        for field in shape.fields.iter().filter(|name| !cursor.beside.iter().any(|(known, _)| known == *name)) {
            let steps: Vec<Option<&str>> = path.iter().copied().chain([Some(field.as_str())]).collect();
            let below = schema::shape(around.version, api_version, kind, &steps).unwrap_or_default();
            let text = entry(field, (below.is_list, below.is_map), cursor.column);
            found.push(Candidate { text, ..Candidate::new(Kind::Field, field) });
        }
    }
    found.extend(shape.values.iter().map(|value| Candidate::new(Kind::Value, value)));
    found
}

/// The value of a key of the top level.
fn top_level<'t>(document: &'t str, key: &str) -> Option<&'t str> {
    let value = document.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    Some(value).filter(|value| !value.is_empty())
}

/// The names of objects that may be referred to at a place, and the keys of the ConfigMap or Secret that is.
fn references(kind: &str, keys: &[&str], cursor: &Cursor, around: Around<'_>) -> Vec<Candidate> {
    let path = keys.join("/");
    let targets: BTreeSet<String> = kustomize::name_references(kind, &path).collect();
    let mut found = names(around, |object| targets.contains(&object.kind));
    if let [.., of, "key"] = keys {
        let kind = match *of {
            "configMapKeyRef" => "ConfigMap",
            "secretKeyRef" => "Secret",
            _ => return found,
        };
        let name = cursor.beside.iter().find(|(key, _)| key == "name").map(|(_, name)| name.trim_matches(['"', '\'']));
        for (sources, node) in around.objects {
            let object = Object::of(node);
            let is_named = |name: &str| object.name == name || named::first_name(sources, node) == Some(name);
            if object.kind == kind && name.is_none_or(is_named) {
                let maps = ["data", "stringData", "binaryData"].into_iter().filter_map(|field| node.get(field));
                let entries =
                    maps.flat_map(Node::entries).map(|entry| Candidate::new(Kind::Name, &*entry.key.text).detail(Some(&object.name)));
                found.extend(entries);
            }
        }
    }
    found
}
