//! What there is to name: rules, files, and what the overlays render to.

use std::collections::BTreeSet;
use std::path::Path;

use kustomize::{Node, Sources};

use super::candidate::{Around, Candidate, Kind, MOST};
use crate::location::Object;
use crate::named;

pub(super) fn rules(around: Around<'_>) -> Vec<Candidate> {
    around.catalog.rules.iter().map(|rule| Candidate::new(Kind::Rule, &*rule.id).detail(Some(&rule.title))).collect()
}

/// The files and directories that begin as a path does, beside a file.
pub(super) fn files(beside: &Path, word: &str) -> Vec<Candidate> {
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
pub(super) fn names(around: Around<'_>, is_meant: impl Fn(&Object) -> bool) -> Vec<Candidate> {
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

pub(super) fn kinds_here(around: Around<'_>) -> Vec<Candidate> {
    let kinds: BTreeSet<String> = around.objects.iter().map(|(_, node)| Object::of(node).kind).collect();
    kinds.into_iter().map(|kind| Candidate::new(Kind::Value, kind)).collect()
}

/// The images of all containers, without tags, as their files have them.
pub(super) fn images(around: Around<'_>) -> Vec<Candidate> {
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
