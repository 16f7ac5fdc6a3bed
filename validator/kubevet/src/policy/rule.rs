//! What a rule says about itself.

use kustomize::{Error, Place};
use regorus::Value;

use super::block;
use super::bounds::Whom;
use super::entry::Entry;
use super::files::PolicyFile;
use super::metadata::{Examples, Guard, Scope};
use super::parameters::metadata_place;
use super::reach::{self, Asks};
use crate::levels::{Level, Release};

/// The rule that speaks for the cluster's own admission policies.
pub(super) const ADMISSION: &str = "admission/policy";

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id: `probes/liveness` for package `kubevet.probes.liveness`; a foreign package's path, such as `main`.
    pub id: String,
    /// One sentence that says what it asks for.
    pub title: String,
    /// What it is and why it matters.
    pub description: String,
    /// The kinds of objects that it judges, or one of which an overlay must have; empty for every kind.
    pub kinds: Vec<String>,
    /// What else must be there for it to find anything.
    pub guard: Guard,
    /// What its input is.
    pub scope: Scope,
    /// What to do about a finding.
    pub help: Option<String>,
    /// Whether it offers fixes, as it says itself.
    pub fix: bool,
    /// The file that it is in.
    pub file: PolicyFile,
    /// The Rego rules to evaluate.
    pub(super) entries: Vec<Entry>,
    /// What exempts inputs from entries, in a package that was written for conftest: its query.
    pub(super) exception: Option<String>,
    /// What it names, if it was written for conftest.
    pub(super) asks: Asks,
    /// The version of kubevet that it came with, if it is one of kubevet's own.
    pub(crate) since: Option<Release>,
    /// Its level where the table says nothing of it.
    pub(crate) level: Level,
}

impl Rule {
    /// Whether it was written for conftest: any package outside `kubevet`.
    pub fn is_foreign(&self) -> bool {
        self.entries.iter().all(|entry| !entry.query.starts_with("data.kubevet."))
    }

    /// Its package, without `data`.
    pub fn package(&self) -> &str {
        let package = self.entries.first().and_then(|entry| entry.query.strip_prefix("data.")?.rsplit_once('.'));
        package.map_or("", |(package, _)| package)
    }

    /// A word on an input that it reads and isn't given.
    pub(crate) fn misses(&self, is_combined: bool) -> Option<Error> {
        self.asks.missing(is_combined)
    }

    /// Where its METADATA has a word.
    pub(crate) fn place_of(&self, word: &str) -> Place {
        metadata_place(&self.file.source, word)
    }

    /// The paths into its input that its code names, as far as they have dots.
    pub(crate) fn fields_of_input(&self) -> Vec<(Vec<&str>, Place)> {
        reach::paths(&self.file.source)
    }

    /// Where the first of its Rego rules is.
    pub(crate) fn first_entry(&self) -> Place {
        self.entries.first().map_or_else(|| self.top(), |entry| entry.place.clone())
    }

    /// Whether the project has written it, so that nobody has looked at it before.
    pub(crate) fn is_of_project(&self) -> bool {
        self.file.known.is_none()
    }

    /// Manifests that show it at work; read from its file, as nothing but explanations and tests needs them.
    pub fn examples(&self) -> Examples {
        if self.is_foreign() { Examples::default() } else { block::metadata(&self.file).unwrap_or_default().custom.examples }
    }

    /// The Rego references whose values are its findings, such as `data.kubevet.probes.liveness.deny`.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.query.as_str())
    }

    /// Whom to blame where it takes too much.
    pub(super) fn whom(&self) -> Whom {
        Whom { name: format!("rule {}", self.id).into(), place: Some(self.top()) }
    }

    /// Where the book describes it, if it is one of kubevet's own.
    pub fn page(&self) -> Option<String> {
        (!self.is_of_project()).then(|| format!("{}/rules/{}.html", env!("CARGO_PKG_HOMEPAGE"), self.id))
    }

    /// The beginning of its file.
    pub(super) fn top(&self) -> Place {
        self.file.top()
    }

    /// The part of the id before the slash.
    pub fn group(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// What an entry of a rule certainly finds.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) rule: usize,
    pub(super) entry: usize,
    pub(super) results: Value,
}
