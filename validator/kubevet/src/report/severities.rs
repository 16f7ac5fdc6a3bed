//! How bad it is where rules about security are broken, for code scanning.

use std::io;

use globset::{Glob, GlobMatcher};
use serde::Deserialize;

const TABLE: &str = include_str!("severities.yaml");

/// A row of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    rules: String,
    severity: f64,
}

/// The table.
#[derive(Debug)]
pub(super) struct Severities(Vec<(GlobMatcher, f64)>);

impl Severities {
    /// The one that is in the binary.
    pub(super) fn load() -> io::Result<Self> {
        let rows: Vec<Row> = serde_yaml::from_str(TABLE).map_err(io::Error::other)?;
        let row = |row: Row| Ok((Glob::new(&row.rules).map_err(io::Error::other)?.compile_matcher(), row.severity));
        rows.into_iter().map(row).collect::<io::Result<_>>().map(Self)
    }

    /// The severity of a rule's findings, from 0 to 10, if the rule is about security.
    pub(super) fn of(&self, rule: &str) -> Option<f64> {
        self.0.iter().find(|(rules, _)| rules.is_match(rule)).map(|(_, severity)| *severity)
    }
}
