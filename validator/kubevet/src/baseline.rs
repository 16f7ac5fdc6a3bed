//! Findings that were there when a project adopted kubevet: they don't fail the run, and they are said to be gone when they are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Error, Source};
use serde::{Deserialize, Serialize};

use crate::config::yaml_error;
use crate::files::read_text;
use crate::findings::Finding;
use crate::problem::{Problem, invalid, whole};
use crate::write::{self, Inputs};

/// The only version there is.
const VERSION: u32 = 1;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: BTreeSet<Entry>,
}

/// What a finding is, wherever its lines are and however strict its level is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    environment: String,
    object: String,
    path: String,
    message: String,
}

impl Entry {
    fn of(finding: &Finding) -> impl Iterator<Item = Self> {
        finding.environments.iter().map(|environment| Self {
            rule: finding.rule.clone(),
            environment: environment.clone(),
            object: finding.object.to_string(),
            path: finding.path_text.clone(),
            message: finding.message.clone(),
        })
    }
}

/// A baseline.
#[derive(Clone, Debug)]
pub struct Baseline {
    path: PathBuf,
    entries: BTreeSet<Entry>,
}

impl Baseline {
    /// Reads a baseline.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::parse(path, read_text(path)?)
    }

    /// Reads a baseline's text; `path` is for messages.
    pub fn parse(path: &Path, text: String) -> Result<Self, Error> {
        // JSON is YAML, and this reader knows the line of a mistake.
        let file: File = serde_yaml::from_str(&text).map_err(|error| yaml_error(&Arc::new(Source::new(path, text)), 0, &error))?;
        if file.version != VERSION {
            return Err(invalid(format!("{} is a baseline of version {}; this kubevet reads {VERSION}", path.display(), file.version)));
        }
        Ok(Self { path: path.to_owned(), entries: file.findings })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the findings of a run that are not waived, which read these `inputs`.
    pub fn write(path: &Path, findings: &[Finding], inputs: &Inputs) -> Result<usize, Error> {
        let open = findings.iter().filter(|finding| finding.waived.is_none());
        let file = File { version: VERSION, findings: open.flat_map(Entry::of).collect() };
        let text = serde_json::to_string_pretty(&file).map_err(|error| invalid(error.to_string()))?;
        // A baseline takes the place of one, wherever it is kept, and of nothing else.
        let inputs = Inputs { are_known: false, ..inputs.clone() };
        let inputs = Self::open(path).is_err().then_some(inputs);
        write::replace(path, inputs.as_ref(), |out| writeln!(out, "{text}"))?;
        Ok(file.findings.len())
    }

    /// What it accepts that another one doesn't, each as one line.
    pub(crate) fn beyond(&self, other: Option<&Self>) -> Vec<String> {
        let new = self.entries.iter().filter(|entry| other.is_none_or(|other| !other.entries.contains(entry)));
        new.map(|entry| format!("{}: {}: {}", entry.environment, entry.object, entry.rule)).collect()
    }

    /// Marks the findings that are in it, and warns of entries that are gone although their rule and environment were `judged`.
    pub fn apply(&self, findings: &mut [Finding], judged: impl Fn(&str, &str) -> bool) -> Vec<Problem> {
        let mut gone: BTreeSet<&Entry> = self.entries.iter().filter(|entry| judged(&entry.rule, &entry.environment)).collect();
        for finding in findings.iter_mut() {
            let known: Vec<Entry> = Entry::of(finding).filter(|entry| self.entries.contains(entry)).collect();
            finding.baselined = finding.waived.is_none() && !known.is_empty();
            known.iter().for_each(|entry| {
                gone.remove(entry);
            });
        }
        let problem = |entry: &Entry| {
            let message = format!("{}: {}: {} is fixed, but still in the baseline", entry.environment, entry.object, entry.rule);
            let error = invalid(message).at(whole(&self.path));
            Problem::warning("baseline-fixed", error.help(format!("run `kubevet check --write-baseline {}`", self.path.display())))
        };
        gone.into_iter().map(problem).collect()
    }
}
