//! `kubevet init`: a first `policies/environments.yaml` for the overlays that are there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::editor;
use crate::environments::{Role, Table};
use crate::policy::Catalog;

/// The text of a table for these overlays, with the levels that kubevet suggests.
pub fn table(overlays: &[PathBuf], catalog: &Catalog, defaults: &Table) -> String {
    let environments = environments(overlays);
    let mut text = editor::comment(&editor::beside(Path::new("environments.yaml")));
    text.push_str(
        "# Which overlay is which environment, and how strict each rule is there. Written by `kubevet init`; yours to change.\n\
         #\n\
         # deny fails the check, warn only reports, off does not run the rule. A rule without a row is deny everywhere.\n\
         # `kubevet rules` prints this table, `kubevet explain RULE` says what a rule wants and why.\n\
         # What is accepted on purpose stands in waivers.yaml, or beside its line as `# kubevet: allow RULE because REASON`; with\n\
         # `waiversInPlace: off` only the file counts.\n\
         version: 1\n\nenvironments:\n",
    );
    for (name, overlays) in &environments {
        let _ = writeln!(text, "  {}:\n    overlays: # directories or globs, with what lies below them", scalar(name));
        overlays.iter().for_each(|overlay| {
            let path = if overlay.as_os_str().is_empty() { ".".to_owned() } else { globset::escape(&overlay.display().to_string()) };
            let _ = writeln!(text, "      - {}", scalar(&path));
        });
    }
    text.push_str("\nrules:\n");
    let mut group = "";
    for rule in catalog.rules.iter().filter(|rule| !rule.is_foreign()) {
        if rule.group() != group {
            group = rule.group();
            let _ = writeln!(text, "  # {group}");
        }
        let levels = environments.keys().map(|name| {
            let level = defaults.level(&rule.id, defaults.by_role(Role::of_name(name).unwrap_or(Role::Production)).unwrap_or_default());
            format!("{}: {level}", scalar(name))
        });
        let _ = writeln!(text, "  {}: {{{}}}", rule.id, levels.collect::<Vec<_>>().join(", "));
    }
    text
}

/// What overlays are called whose paths name no environment.
const UNNAMED: &str = "default";

/// Overlays by what their paths say they are for: an environment has the shortest of the names that are found for it.
fn environments(overlays: &[PathBuf]) -> BTreeMap<String, Vec<&PathBuf>> {
    let mut roles: BTreeMap<Option<Role>, (Option<String>, Vec<&PathBuf>)> = BTreeMap::new();
    for overlay in overlays {
        let parts: Vec<String> = overlay.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let named = parts.into_iter().rev().find_map(|part| Some((Role::of_name(&part)?, part)));
        let (role, name) = named.map_or((None, UNNAMED.to_owned()), |(role, name)| (Some(role), name));
        let (known, list) = roles.entry(role).or_default();
        let shorter = known.as_ref().is_none_or(|known| (name.len(), &name) < (known.len(), known));
        if shorter {
            *known = Some(name);
        }
        list.push(overlay);
    }
    roles.into_values().map(|(name, overlays)| (name.unwrap_or_else(|| UNNAMED.to_owned()), overlays)).collect()
}

/// A YAML scalar, quoted where it would be something else than a string.
fn scalar(text: &str) -> String {
    let plain = text.chars().all(|character| character.is_ascii_alphanumeric() || "-_/.".contains(character))
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// Where the table belongs.
pub fn path(root: &Path) -> PathBuf {
    root.join("policies").join("environments.yaml")
}
