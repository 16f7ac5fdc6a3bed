//! Schemas of custom kinds that kubevet carries, so that what most people use is checked without a CustomResourceDefinition at hand.
//!
//! `cargo xtask schema-catalog` makes two files. `kinds.tsv` has a line per kind, sorted by group and kind: group, kind, versions with commas
//! between (`v1~` where its schema names no fields), project, version of the project, why the schema is less sure than a released one (nothing where it
//! is a released one), bytes in `schemas.bin`. That holds the definitions in this order, each deflated by itself: JSON, `spec` alone, without descriptions.
//!
//! `widened.tsv`, written by hand, has what clusters take beyond that: values that an operator patches into a definition, fields of a fork that many run
//! and of a release before. A line is group, kind, path (`[]` for each element), value (nothing for the field itself) and source.
//!
//! The list is read when an object is of a kind that nothing else knows, and a definition when an object is of its kind.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read;
use std::ops::Range;
use std::sync::OnceLock;

use flate2::read::DeflateDecoder;

use super::Judged;
use super::definitions::{Found, Partial};
use crate::objects::{Path, Segment};

/// A kind of the catalogue.
#[derive(Debug)]
pub struct Kind {
    /// The API group.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// Its versions, as the definition lists them.
    pub versions: Vec<Version>,
    /// The project that defines it.
    pub project: &'static str,
    /// The project's version that the schema is of: a release or, of projects without one, a date and commit.
    pub release: &'static str,
    /// Why the schema is less sure than the one that the project released, if it is: then only types and names of fields are worth a warning.
    pub doubt: Option<&'static str>,
    packed: Range<usize>,
    read: Partial,
}

/// A version of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its name.
    pub name: &'static str,
    /// Whether its schema takes any field.
    pub is_open: bool,
}

static PACKED: &[u8] = include_bytes!("schemas.bin");

static WIDENED: &str = include_str!("widened.tsv");

/// Every kind, sorted by group and kind.
pub fn all() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    KINDS.get_or_init(|| read(include_str!("kinds.tsv")))
}

/// The kind of this group.
pub(super) fn find(group: &str, kind: &str) -> Option<&'static Kind> {
    let at = all().binary_search_by(|known| (known.group, known.kind).cmp(&(group, kind))).ok()?;
    all().get(at)
}

fn read(list: &'static str) -> Vec<Kind> {
    let mut end = 0;
    let kind = |line: &'static str| {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        let (group, kind, versions, project, release, doubt, bytes) = (next(), next(), next(), next(), next(), next(), next());
        let version = |text: &'static str| Version { name: text.trim_end_matches('~'), is_open: text.ends_with('~') };
        let start = end;
        // Both files are part of this program; a test reads each kind.
        end += bytes.parse::<usize>().unwrap_or_default();
        Kind {
            group,
            kind,
            versions: versions.split(',').map(version).collect(),
            project,
            release,
            doubt: Some(doubt).filter(|doubt| !doubt.is_empty()),
            packed: start..end,
            read: Partial::default(),
        }
    };
    list.lines().map(kind).collect()
}

impl Kind {
    /// Its definition with the fields of these names.
    pub(super) fn definition(&self, names: &HashSet<&str>) -> Found {
        self.read.with(names, || Cow::Owned(self.unpack()))
    }

    /// How much its schema says of an object of a version.
    pub(super) fn judge(&self, version: &str) -> Judged {
        let Self { project, release, versions, .. } = self;
        match (versions.iter().find(|known| known.name == version), self.doubt) {
            (None, _) => {
                let known = versions.iter().map(|version| version.name).collect::<Vec<_>>().join(", ");
                Judged::Not(Some(format!("the schema of {project} {release} that kubevet carries has only {known}")))
            }
            (Some(version), _) if version.is_open => Judged::Not(Some(format!("the schema of {project} {release} takes any field"))),
            (Some(_), Some(doubt)) => Judged::Partly(format!(
                "the schema of {project} {release} that kubevet carries is {doubt}: only types and names of fields are checked"
            )),
            (Some(_), None) => Judged::Whole,
        }
    }

    /// Whether clusters take a field, or a value of it, that the schema does not know.
    pub(super) fn takes(&self, path: &Path, value: Option<&str>) -> bool {
        let step = |segment: &Segment| match segment {
            Segment::Key(key) => format!(".{key}"),
            Segment::Index(_) => "[]".to_owned(),
        };
        let path: String = path.0.iter().map(step).collect();
        let known = (self.group, self.kind, path.trim_start_matches('.'), value.unwrap_or_default());
        WIDENED.lines().any(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default();
            (next(), next(), next(), next()) == known
        })
    }

    fn unpack(&self) -> String {
        let mut text = String::new();
        let packed = PACKED.get(self.packed.clone()).unwrap_or_default();
        // As above.
        let _ = DeflateDecoder::new(packed).read_to_string(&mut text);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_widened_is_of_a_kind_and_has_a_source() {
        for line in WIDENED.lines() {
            let columns: Vec<_> = line.split('\t').collect();
            let [group, kind, path, _, source] = columns[..] else { panic!("{line}") };
            assert!(find(group, kind).is_some() && !path.is_empty() && source.contains('/'), "{line}");
        }
    }

    #[test]
    fn every_kind_is_whole() {
        assert!(all().len() > 1_000, "{}", all().len());
        assert!(all().is_sorted_by_key(|kind| (kind.group, kind.kind)));
        assert_eq!(all().last().map(|kind| kind.packed.end), Some(PACKED.len()));
        for kind in all() {
            let definition: serde_json::Value = serde_json::from_str(&kind.unpack()).unwrap();
            let spec = &definition["spec"];
            let names: Vec<_> = kind.versions.iter().map(|version| version.name).collect();
            let found: Vec<_> = spec["versions"].as_array().unwrap().iter().map(|version| version["name"].as_str().unwrap()).collect();
            assert_eq!((spec["group"].as_str(), spec["names"]["kind"].as_str(), found), (Some(kind.group), Some(kind.kind), names));
        }
    }
}
