//! The packages that were written for conftest: each is one rule, whatever number of files it is in.

use std::collections::{BTreeMap, HashSet};

use kustomize::Error;
use regorus::unstable::Module;

use super::conftest::{self, EntryPoints};
use super::files::PolicyFile;
use super::metadata::{self, Guard, Scope, Words};
use super::reach::Asks;
use super::rule::Rule;
use crate::levels::Level;
use crate::problem::{Problem, invalid};

/// What the files of foreign packages have.
#[derive(Debug, Default)]
pub(super) struct Foreign {
    packages: BTreeMap<String, Vec<(PolicyFile, EntryPoints)>>,
}

impl Foreign {
    /// Takes a file.
    pub(super) fn add(&mut self, file: &PolicyFile, package: &str, module: &Module) -> Result<(), Error> {
        let found = conftest::entry_points(&file.source, package, module)?;
        self.packages.entry(package.to_owned()).or_default().push((file.clone(), found));
        Ok(())
    }

    /// Makes rules of the packages that have entry points; gives a word on what only looks like one.
    ///
    /// # Errors
    /// Where the files of a project have no rule at all.
    pub(super) fn finish(self, files: &[PolicyFile], rules: &mut BTreeMap<String, Rule>) -> Result<Vec<Problem>, Problem> {
        let is_used =
            |file: &PolicyFile| file.known.is_some() || file.replaces.is_some() || rules.values().any(|rule| rule.file.name == file.name);
        let mut own = files.iter().filter(|file| !file.embedded).peekable();
        let has_rule = own.peek().is_none() || own.any(is_used);
        if !has_rule && self.files().all(|(_, found)| found.entries.is_empty()) {
            return Err(self.nothing(files));
        }
        let mut warnings = Vec::new();
        for (package, files) in self.packages {
            // Helpers may be called anything; where nothing else of their package is asked, they may be meant otherwise.
            let has_entry = files.iter().any(|(_, found)| !found.entries.is_empty());
            let near = files.iter().flat_map(|(_, found)| &found.near).filter(|near| near.is_certain || !has_entry);
            warnings.extend(near.take(LISTED).map(|near| Problem::warning("no-entry-point", near.error())));
            if let Some(rule) = rule(&package, files) {
                rules.insert(rule.id.clone(), rule);
            }
        }
        Ok(warnings)
    }

    fn files(&self) -> impl Iterator<Item = &(PolicyFile, EntryPoints)> {
        self.packages.values().flatten()
    }

    /// Why nothing would be asked.
    fn nothing(&self, files: &[PolicyFile]) -> Problem {
        let near = self.files().flat_map(|(_, found)| &found.near).next();
        let first = files.iter().find(|file| !file.embedded).map(PolicyFile::top);
        let defined: Vec<&str> = self.files().flat_map(|(_, found)| &found.others).map(String::as_str).take(LISTED).collect();
        let (place, why) = match near {
            Some(near) => (Some(near.place.clone()), near.error().message),
            None if defined.is_empty() => (first, "there are only helpers".to_owned()),
            None => (first, format!("there are only {}", defined.join(", "))),
        };
        let error = invalid(format!("no rule of these policies is asked: {why}"));
        let error = place.into_iter().fold(error, Error::at);
        let help = "rules that are asked are called deny, violation or warn, alone or with a suffix: `deny_root contains msg if { … }`";
        Problem::nothing("no-rules", error.help(help))
    }
}

/// How many names a message lists.
const LISTED: usize = 5;

fn rule(package: &str, files: Vec<(PolicyFile, EntryPoints)>) -> Option<Rule> {
    let mut asks = Asks::default();
    files.iter().for_each(|(file, _)| asks.add(&file.source));
    let (mut entries, mut exception, mut known) = (Vec::new(), None, HashSet::new());
    let mut first = None;
    for (file, found) in files {
        if first.is_none() && !found.entries.is_empty() {
            first = Some(file);
        }
        entries.extend(found.entries.into_iter().filter(|entry| known.insert(entry.query.clone())));
        exception = exception.or(found.exception);
    }
    let file = first?;
    // What else such a file says about itself follows its own conventions.
    let Words { title, description } = metadata::parse(file.source.text()).ok().flatten().unwrap_or_default();
    Some(Rule {
        id: package.replace('.', "/"),
        title: title.unwrap_or_else(|| format!("Package {package}")),
        description: description.unwrap_or_default(),
        kinds: Vec::new(),
        guard: Guard::default(),
        scope: Scope::Object,
        help: None,
        fix: false,
        file,
        entries,
        exception,
        asks,
        since: None,
        level: Level::Deny,
    })
}
