//! What a rule's finding means in an environment: the rows of the table, for rules, for groups and for all others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kustomize::{Error, Node, Place};
use serde::Serialize;

use crate::config::Document;
use crate::problem::{invalid, suggest};

/// Whether a rule is named as one of the cluster's own policies, which a render may bring.
pub fn is_of_cluster(rule: &str) -> bool {
    rule.starts_with("admission/")
}

/// What a rule's finding means in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rule is not evaluated.
    Off,
    /// Reported; the run is clean all the same.
    Warn,
    /// Reported; the run fails.
    Deny,
}

impl Level {
    const NAMES: [(&'static str, Self); 3] = [("deny", Self::Deny), ("warn", Self::Warn), ("off", Self::Off)];

    fn read(document: &Document, node: &Node) -> Result<Self, Error> {
        let text = document.string(node, "a level")?;
        let level = Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, level)| *level);
        level.ok_or_else(|| document.error(node, format!("\"{text}\" is not a level")).help("a level is deny, warn or off"))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Off => "off",
        })
    }
}

/// A row in the table.
#[derive(Debug)]
pub struct Row {
    /// The level in each environment, in the table's order.
    pub levels: Vec<Level>,
    /// Why, where the table says so.
    pub why: Option<String>,
    /// The row's place in the file.
    pub place: Place,
}

/// A version of kubevet, `0.1` or `0.1.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release([u32; 3]);

/// The version with which rules came that say nothing else.
pub(crate) const FIRST_RELEASE: Release = Release([0, 1, 0]);

impl Release {
    /// Reads a version; nothing where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse().ok());
        let release = Self([parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?]);
        parts.next().is_none().then_some(release)
    }
}

/// The levels of all rules.
#[derive(Debug, Default)]
pub struct Levels {
    /// By rule, by group (`probes/*`), or for all others (`*`).
    rows: BTreeMap<String, Row>,
    /// The version of kubevet that the table was written for, if it says so.
    pub written_for: Option<Release>,
    /// Rules that are newer than that.
    new: BTreeSet<String>,
    /// The levels of rules where no row says anything, of those that are not denied then.
    usual: BTreeMap<String, Level>,
}

impl Levels {
    /// Reads the field `rules` of a table, and what version of kubevet it was written for.
    pub(crate) fn read(document: &Document, environments: &[&str]) -> Result<Self, Error> {
        let mut rows = BTreeMap::new();
        if let Some(node) = document.root.get("rules") {
            for (rule, node) in document.entries(node, "\"rules\"")? {
                let before = rule.strip_suffix('*').unwrap_or(rule);
                if before.contains(['*', '?', '[', '{']) || (before != rule && !before.is_empty() && !before.ends_with('/')) {
                    let error = invalid(format!("\"{rule}\" is neither a rule nor a group of rules")).at(document.key_place(node, rule));
                    return Err(error.help("a row is for a rule, for a group such as pod-security/*, or for all others: \"*\""));
                }
                rows.insert(rule.to_owned(), row(document, rule, node, environments)?);
            }
        }
        let version = |node: &Node| {
            let text = node.text().unwrap_or_default();
            let wrong = || document.error(node, format!("\"{text}\" is no version of kubevet"));
            Release::parse(text).ok_or_else(|| wrong().help(format!("kubevet: \"{}\"", env!("CARGO_PKG_VERSION"))))
        };
        let written_for = document.root.get("kubevet").map(version).transpose()?;
        Ok(Self { rows, written_for, ..Self::default() })
    }

    /// Takes note of the rules that came after the version which the table was written for: each with the version that it came with.
    pub(crate) fn compare<'a>(&mut self, rules: impl Iterator<Item = (&'a str, Release)>) {
        let Some(written_for) = self.written_for else { return };
        self.new = rules.filter(|(_, since)| *since > written_for).map(|(rule, _)| rule.to_owned()).collect();
    }

    /// Takes note of the levels that rules have where no row says anything.
    pub(crate) fn complete<'a>(&mut self, rules: impl Iterator<Item = (&'a str, Level)>) {
        self.usual = rules.filter(|(_, level)| *level != Level::Deny).map(|(rule, level)| (rule.to_owned(), level)).collect();
    }

    /// The row that counts for a rule: its own, that of its group, or that of all others.
    pub fn row(&self, rule: &str) -> Option<&Row> {
        let group = || rule.rmatch_indices('/').find_map(|(at, _)| self.rows.get(&format!("{}/*", &rule[..at])));
        self.rows.get(rule).or_else(group).or_else(|| self.rows.get("*"))
    }

    /// Whether a rule has a row of its own or of its group.
    pub fn names(&self, rule: &str) -> bool {
        let is_default = |row: &Row| self.rows.get("*").is_some_and(|all| std::ptr::eq(all, row));
        self.row(rule).is_some_and(|row| !is_default(row))
    }

    /// Whether a rule is newer than the table.
    pub fn is_new(&self, rule: &str) -> bool {
        self.new.contains(rule) && !self.rows.contains_key(rule)
    }

    /// A rule's level in an environment: that of its row, else its own, which is deny unless it says otherwise; of a rule that is newer than the
    /// table, at most a warning.
    pub fn level(&self, rule: &str, environment: usize) -> Level {
        let own = || self.usual.get(rule).copied().unwrap_or(Level::Deny);
        let level = self.row(rule).and_then(|row| row.levels.get(environment)).copied().unwrap_or_else(own);
        if self.is_new(rule) { level.min(Level::Warn) } else { level }
    }

    /// An error for each row of a rule, or of a group of rules, that does not exist.
    pub fn unknown_rules(&self, known: &[&str]) -> Vec<Error> {
        let is_known = |row: &str| match row.strip_suffix('*') {
            Some(group) => is_of_cluster(group) || known.iter().any(|rule| rule.starts_with(group)),
            None => is_of_cluster(row) || known.contains(&row),
        };
        let error = |(rule, row): (&String, &Row)| {
            let what = if rule.ends_with('*') { "no rule is in it" } else { "there is no such rule" };
            let error = invalid(format!("the table has a row for \"{rule}\", but {what}")).at(row.place.clone());
            error.help(format!("{}; `kubevet rules` lists all", suggest(rule, known.iter().copied())))
        };
        self.rows.iter().filter(|(rule, _)| !is_known(rule)).map(error).collect()
    }
}

fn row(document: &Document, rule: &str, node: &Node, environments: &[&str]) -> Result<Row, Error> {
    let place = document.key_place(node, rule);
    // One level for all environments.
    if node.as_str().is_some() {
        return Ok(Row { levels: vec![Level::read(document, node)?; environments.len()], why: None, place });
    }
    let what = format!("the row of \"{rule}\"");
    let mut levels = vec![None; environments.len()];
    let mut why = None;
    for (key, value) in document.entries(node, &what)? {
        if let Some(at) = environments.iter().position(|name| *name == key) {
            levels[at] = Some(Level::read(document, value)?);
        } else if key == "why" {
            why = Some(document.string(value, "\"why\"")?.to_owned());
        } else {
            let error = invalid(format!("{what} names \"{key}\", which is no environment")).at(document.key_place(value, key));
            return Err(error.help(suggest(key, environments.iter().copied().chain(["why"]))));
        }
    }
    let levels = std::iter::zip(levels, environments).map(|(level, environment)| {
        level.ok_or_else(|| {
            let error = invalid(format!("{what} says nothing about {environment}")).at(place.clone());
            error.help(format!("add `{environment}: deny` (or warn, or off)"))
        })
    });
    Ok(Row { levels: levels.collect::<Result<_, _>>()?, why, place: place.clone() })
}
