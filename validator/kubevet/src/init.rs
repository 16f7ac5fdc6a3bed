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
    for environment in &environments {
        let name = scalar(&environment.name);
        let _ = writeln!(text, "  {name}:\n    overlays: # directories or globs, with what lies below them");
        environment.overlays.iter().for_each(|overlay| {
            let path = if overlay.as_os_str().is_empty() { ".".to_owned() } else { globset::escape(&overlay.display().to_string()) };
            let _ = writeln!(text, "      - {}", scalar(&path));
        });
        let parameters = parameters(defaults, environment.judged_as);
        if !parameters.is_empty() {
            let _ = writeln!(text, "    parameters: {{{}}} # `kubevet rules --parameters` lists all", parameters.join(", "));
        }
    }
    text.push_str("\nrules:\n");
    let mut group = "";
    for rule in catalog.rules.iter().filter(|rule| !rule.is_foreign()) {
        if rule.group() != group {
            group = rule.group();
            let _ = writeln!(text, "  # {group}");
        }
        let levels = environments.iter().map(|environment| {
            let level = defaults.level(&rule.id, defaults.by_role(environment.judged_as).unwrap_or_default());
            format!("{}: {level}", scalar(&environment.name))
        });
        let _ = writeln!(text, "  {}: {{{}}}", rule.id, levels.collect::<Vec<_>>().join(", "));
    }
    text
}

/// What overlays are called whose paths name no environment.
const UNNAMED: &str = "default";

/// An environment of the table to be.
struct Environment<'a> {
    name: String,
    /// Whose levels and parameters it begins with.
    judged_as: Role,
    overlays: Vec<&'a PathBuf>,
}

/// Overlays by what their paths say they are for, in the order in which a change passes them: an environment has the shortest of the names that are found
/// for it. What names no environment comes last, and is judged as the strictest.
fn environments(overlays: &[PathBuf]) -> Vec<Environment<'_>> {
    let mut named: BTreeMap<Role, (&str, Vec<&PathBuf>)> = BTreeMap::new();
    let mut unnamed = Vec::new();
    for overlay in overlays {
        let Some((role, word)) = Role::of_path(overlay) else {
            unnamed.push(overlay);
            continue;
        };
        let (name, list) = named.entry(role).or_insert((word, Vec::new()));
        if (word.len(), word) < (name.len(), name) {
            *name = word;
        }
        list.push(overlay);
    }
    let of_role = |(role, (name, overlays)): (Role, (&str, _))| Environment { name: name.to_owned(), judged_as: role, overlays };
    let mut environments: Vec<_> = named.into_iter().map(of_role).collect();
    if !unnamed.is_empty() {
        environments.push(Environment { name: UNNAMED.to_owned(), judged_as: Role::Production, overlays: unnamed });
    }
    environments
}

/// What the table inside the binary says to rules in an environment, but for lists and maps, which name things of one project.
fn parameters(defaults: &Table, role: Role) -> Vec<String> {
    let environment = defaults.by_role(role).and_then(|at| defaults.environments.get(at));
    let parameters = environment.into_iter().flat_map(|environment| environment.parameters());
    parameters
        .filter(|(_, _, value)| value.text().is_some())
        .map(|(name, _, value)| {
            let mut text = String::new();
            kustomize::yaml::emit(value, &mut text);
            format!("{}: {}", scalar(name), text.trim())
        })
        .collect()
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
