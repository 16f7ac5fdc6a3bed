//! Which packages that were written for conftest are asked.

use globset::{Glob, GlobMatcher};
use kustomize::Error;

use super::Project;
use crate::environments::Level;
use crate::policy::Rule;
use crate::problem::{Problem, invalid, suggest};

/// What conftest asks where nobody says otherwise.
const MAIN: &str = "main";

/// The packages that are asked besides those that the table has a row for.
#[derive(Clone, Debug, Default)]
pub struct Namespaces {
    /// Each as it is written, as brackets belong to names too, and as a pattern. None for `main` alone.
    patterns: Vec<(String, GlobMatcher)>,
}

impl Namespaces {
    /// The packages that match one of these patterns.
    pub fn matching(patterns: &[String]) -> Result<Self, Error> {
        let pattern = |text: &String| match Glob::new(text) {
            Ok(glob) => Ok((text.clone(), glob.compile_matcher())),
            Err(error) => Err(invalid(format!("--namespace {text}: {}", error.kind()))),
        };
        Ok(Self { patterns: patterns.iter().map(pattern).collect::<Result<_, _>>()? })
    }

    fn has(&self, package: &str) -> bool {
        let matches = |(text, glob): &(String, GlobMatcher)| text == package || glob.is_match(package);
        if self.patterns.is_empty() { package == MAIN } else { self.patterns.iter().any(matches) }
    }
}

impl Project {
    /// The same with other packages of conftest's.
    ///
    /// # Errors
    /// For a pattern that no package matches.
    pub fn with_namespaces(mut self, patterns: &[String]) -> Result<Self, Error> {
        let packages = || self.catalog.rules.iter().filter(|rule| rule.is_foreign()).map(Rule::package);
        for pattern in patterns {
            let one = Namespaces::matching(std::slice::from_ref(pattern))?;
            if !packages().any(|package| one.has(package)) {
                let error = invalid(format!("--namespace {pattern} matches no package that has a rule"));
                return Err(error.help(suggest(pattern, packages())));
            }
        }
        self.namespaces = Namespaces::matching(patterns)?;
        Ok(self)
    }

    /// Whether a rule is asked at all.
    pub(crate) fn asks(&self, rule: &Rule) -> bool {
        !rule.is_foreign() || self.namespaces.has(rule.package()) || self.table.levels.names(&rule.id)
    }

    /// A rule's level in an environment of the table.
    pub fn level(&self, rule: &Rule, environment: usize) -> Level {
        if self.asks(rule) { self.table.level(&rule.id, environment) } else { Level::Off }
    }

    /// A word on each package whose rules are not asked, if nobody said so. Where nothing else of the policies is, that is all there is to say.
    pub(crate) fn unasked(&self) -> Vec<Problem> {
        if !self.namespaces.patterns.is_empty() {
            return Vec::new();
        }
        let of_project = || self.catalog.rules.iter().filter(|rule| !rule.file.embedded);
        let is_idle = of_project().next().is_some() && !of_project().any(|rule| self.asks(rule));
        let problem = |rule: &Rule| {
            let package = rule.package();
            let error = invalid(format!("the rules of package {package} are not asked, as conftest asks those of main alone"))
                .at(rule.first_entry());
            let error = error.help(format!(
                "--namespace {package} asks them, --all-namespaces those of all packages, and so does a row for {} in environments.yaml",
                rule.id
            ));
            if is_idle { Problem::nothing("no-rules", error) } else { Problem::warning("namespace-not-asked", error) }
        };
        of_project().filter(|rule| !self.asks(rule)).map(problem).collect()
    }
}
