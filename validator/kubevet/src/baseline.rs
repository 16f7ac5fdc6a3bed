//! What was there when a project adopted kubevet: findings and overlays that could not be judged. They don't fail the run, and they are said to be gone when they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use kustomize::{Error, Source};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::config::yaml_error;
use crate::files::read_text;
use crate::findings::Finding;
use crate::git::in_repository;
use crate::identity::{self, Identity};
use crate::problem::{Acceptance, Problem, invalid, whole};
use crate::words::plural;
use crate::write::{self, Inputs};

/// The version that is written.
const VERSION: u32 = 2;

/// The version that held messages and indexes. It is read as far as it can tell findings apart.
const OLD: u32 = 1;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<FileEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<FileProblem>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    rule: String,
    environment: String,
    object: String,
    path: String,
    #[serde(default)]
    what: String,
    /// How many findings of an overlay are like this.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
    /// Of version 1.
    #[serde(default, skip_serializing)]
    message: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FileProblem {
    code: String,
    file: String,
    what: String,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

/// A finding in an environment, wherever its lines are, however strict its level is, and whatever values its message repeats.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    rule: String,
    environment: String,
    object: String,
    identity: Identity,
}

impl Entry {
    fn of(finding: &Finding, environment: &str) -> Self {
        Self {
            rule: finding.rule.clone(),
            environment: environment.to_owned(),
            object: identity::object_text(&finding.object),
            identity: finding.identity.clone(),
        }
    }

    /// As far as version 1 can tell: it knew names and indexes of elements, and whole messages.
    fn loosened(self, message: &str) -> Self {
        static INDEX: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[(\d+|\w+=[^\]]*)\]").ok());
        let path =
            INDEX.as_ref().map_or_else(|| self.identity.path.clone(), |index| index.replace_all(&self.identity.path, "[]").into_owned());
        Self { identity: Identity { path, what: Identity::of_message(message).what }, ..self }
    }
}

/// A problem that kept something from being judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ProblemEntry {
    code: String,
    /// From the top of the checkout.
    file: String,
    what: String,
}

impl ProblemEntry {
    fn of(problem: &Problem) -> Self {
        let file = problem.error.place.as_ref().map(|place| in_repository(place.source.path()).display().to_string());
        Self { code: problem.code.to_owned(), file: file.unwrap_or_default(), what: Identity::of_message(&problem.error.message).what }
    }
}

/// A baseline.
#[derive(Clone, Debug)]
pub struct Baseline {
    path: PathBuf,
    /// Whether it is of version 1.
    is_old: bool,
    /// How many findings of each overlay an entry accepts.
    entries: BTreeMap<Entry, usize>,
    problems: BTreeSet<ProblemEntry>,
}

/// What became of a baseline that was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Findings that it accepts.
    pub accepted: usize,
    /// Problems that it accepts.
    pub problems: usize,
    /// Of these, how many are from the file that was there, since nothing judged whether they still hold.
    pub kept: usize,
    /// Entries of the file that was there which are no more.
    pub dropped: usize,
    /// Findings and problems that are waived, and so not in it.
    pub waived: usize,
    /// Errors that no baseline can accept.
    pub errors: usize,
}

/// In words.
impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accepts {}", plural(self.accepted, "finding"))?;
        if self.problems > 0 {
            write!(f, " and {}", plural(self.problems, "problem"))?;
        }
        let parts = [
            (self.kept, "kept of what this run did not judge"),
            (self.dropped, "dropped as fixed"),
            (self.waived, "left out as waived"),
            (self.errors, "left out as errors that nothing can accept"),
        ];
        parts.into_iter().filter(|(count, _)| *count > 0).try_for_each(|(count, what)| write!(f, "; {count} {what}"))
    }
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
        if ![OLD, VERSION].contains(&file.version) {
            let message = format!("{} is a baseline of version {}; this kubevet reads {OLD} and {VERSION}", path.display(), file.version);
            return Err(invalid(message).at(whole(path)));
        }
        let is_old = file.version == OLD;
        let mut entries = BTreeMap::new();
        for FileEntry { rule, environment, object, path, what, count, message } in file.findings {
            let object = object.rsplit_once('/').map_or_else(
                || identity::without_hash(&object).to_owned(),
                |(before, name)| format!("{before}/{}", identity::without_hash(name)),
            );
            let entry = Entry { rule, environment, object, identity: Identity { path, what } };
            let entry = if is_old { entry.loosened(&message.unwrap_or_default()) } else { entry };
            *entries.entry(entry).or_default() += count;
        }
        let problems = file.problems.into_iter().map(|FileProblem { code, file, what }| ProblemEntry { code, file, what }).collect();
        Ok(Self { path: path.to_owned(), is_old, entries, problems })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what a run found and is not waived, where the run read these `inputs`. Entries of the file that is there stay where their rule and environment were
    /// not `judged`; so do problems, if not `everything` was.
    pub fn write(
        path: &Path,
        findings: &[Finding],
        problems: &[Problem],
        inputs: &Inputs,
        judged: impl Fn(&str, &str) -> bool,
        everything: bool,
    ) -> Result<Written, Error> {
        let known = Self::open(path);
        let mut written = Written {
            waived: findings.iter().filter(|finding| finding.waived.is_some()).count()
                + problems.iter().filter(|problem| matches!(problem.accepted, Some(Acceptance::Waived(_)))).count(),
            errors: problems.iter().filter(|problem| problem.failure.is_some() && !problem.can_be_accepted()).count(),
            ..Written::default()
        };
        let mut entries = counts(findings.iter().filter(|finding| finding.waived.is_none()));
        let open = problems.iter().filter(|problem| problem.can_be_accepted() && !matches!(problem.accepted, Some(Acceptance::Waived(_))));
        let mut of_problems: BTreeSet<ProblemEntry> = open.map(ProblemEntry::of).collect();
        if let Ok(known) = &known {
            // What version 1 says can't be told apart from what this run says in other words, so all that was judged is written anew.
            for (entry, count) in &known.entries {
                let is_there = entries.contains_key(entry);
                if !is_there && !judged(&entry.rule, &entry.environment) {
                    entries.insert(entry.clone(), *count);
                    written.kept += 1;
                } else if !is_there && !known.is_old {
                    written.dropped += 1;
                }
            }
            for entry in &known.problems {
                if !everything && of_problems.insert(entry.clone()) {
                    written.kept += 1;
                }
            }
            written.dropped += known.problems.iter().filter(|entry| !of_problems.contains(entry)).count();
        }
        (written.accepted, written.problems) = (entries.values().sum(), of_problems.len());
        let entry = |(Entry { rule, environment, object, identity: Identity { path, what } }, count)| FileEntry {
            rule,
            environment,
            object,
            path,
            what,
            count,
            message: None,
        };
        let problem = |ProblemEntry { code, file, what }| FileProblem { code, file, what };
        let file = File {
            version: VERSION,
            findings: entries.into_iter().map(entry).collect(),
            problems: of_problems.into_iter().map(problem).collect(),
        };
        let text = serde_json::to_string_pretty(&file).map_err(|error| invalid(error.to_string()))?;
        // A baseline takes the place of one, wherever it is kept, and of nothing else.
        let inputs = Inputs { are_known: false, ..inputs.clone() };
        let inputs = known.is_err().then_some(inputs);
        write::replace(path, inputs.as_ref(), |out| writeln!(out, "{text}"))?;
        Ok(written)
    }

    /// What it accepts that another one doesn't, each as one line.
    pub(crate) fn beyond(&self, other: Option<&Self>) -> Vec<String> {
        let known = |entry: &Entry| other.and_then(|other| other.entries.get(entry)).copied().unwrap_or_default();
        let new = self.entries.iter().filter(|(entry, count)| known(entry) < **count);
        let problems = self.problems.iter().filter(|entry| other.is_none_or(|other| !other.problems.contains(entry)));
        new.map(|(entry, _)| format!("{}: {}: {}", entry.environment, entry.object, entry.rule))
            .chain(problems.map(|entry| format!("{}: {}", entry.file, entry.code)))
            .collect()
    }

    /// Marks the findings and problems that are in it, and gives what to know of it: that it is old, and the entries that are gone although their rule and
    /// environment were `judged`, or, for problems, `everything` was.
    pub fn apply(
        &self,
        findings: &mut [Finding],
        problems: &mut [Problem],
        judged: impl Fn(&str, &str) -> bool,
        everything: bool,
    ) -> Vec<Problem> {
        let mut seen: HashMap<(Entry, PathBuf), usize> = HashMap::new();
        let mut most: HashMap<Entry, usize> = HashMap::new();
        for finding in findings.iter_mut() {
            finding.baselined = false;
            for environment in &finding.environments {
                let entry = Entry::of(finding, environment);
                let entry = if self.is_old { entry.loosened(&finding.message) } else { entry };
                let Some(accepted) = self.entries.get(&entry) else { continue };
                // What several overlays of an environment have is one entry.
                let of_overlay = seen.entry((entry.clone(), finding.overlays.first().cloned().unwrap_or_default())).or_default();
                *of_overlay += 1;
                let of_overlay = *of_overlay;
                let most = most.entry(entry).or_default();
                *most = of_overlay.max(*most);
                finding.baselined |= finding.waived.is_none() && of_overlay <= *accepted;
            }
        }
        let mut found = BTreeSet::new();
        for problem in problems.iter_mut().filter(|problem| problem.can_be_accepted() && problem.accepted.is_none()) {
            let entry = ProblemEntry::of(problem);
            if self.problems.contains(&entry) {
                problem.accepted = Some(Acceptance::Baselined);
                found.insert(entry);
            }
        }
        let gone = self
            .entries
            .iter()
            .filter(|(entry, count)| judged(&entry.rule, &entry.environment) && most.get(entry).copied().unwrap_or_default() < **count);
        let gone = gone.map(|(entry, _)| format!("{}: {}: {}", entry.environment, entry.object, entry.rule));
        let gone_problems = self.problems.iter().filter(|entry| everything && !found.contains(entry));
        let gone: Vec<String> = gone.chain(gone_problems.map(|entry| format!("{}: {}", entry.file, entry.code))).collect();
        let help = format!("run `kubevet check --write-baseline {}`", self.path.display());
        let warning = |code, message: String| Problem::warning(code, invalid(message).at(whole(&self.path)).help(help.clone()));
        let old = self.is_old.then(|| {
            let message = format!("{} is a baseline of version {OLD}, which held values that change every day", self.path.display());
            warning("baseline-old", message)
        });
        let gone = gone.into_iter().map(|what| warning("baseline-fixed", format!("{what} is fixed, but still in the baseline")));
        old.into_iter().chain(gone).collect()
    }
}

/// How many findings of an overlay there are of each entry, at most.
fn counts<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeMap<Entry, usize> {
    let mut of_overlays: HashMap<(Entry, PathBuf), usize> = HashMap::new();
    for finding in findings {
        for environment in &finding.environments {
            let overlay = finding.overlays.first().cloned().unwrap_or_default();
            *of_overlays.entry((Entry::of(finding, environment), overlay)).or_default() += 1;
        }
    }
    let mut counts = BTreeMap::new();
    for ((entry, _), count) in of_overlays {
        let most = counts.entry(entry).or_insert(0);
        *most = count.max(*most);
    }
    counts
}
