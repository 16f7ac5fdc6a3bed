//! Runs the unit tests of policies, as `opa test` does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kustomize::Place;
use regorus::Value;
use regorus::unstable::{Module, Rule};

use super::bounds::{self, Broken, Whom};
use super::data::Data;
use super::files::{PolicyFile, PolicyFiles};
use super::heads::{heads, package};
use super::load::{Compiled, new_engine};
use crate::problem::Problem;
use crate::watch::shown;

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was true.
    Passed,
    /// It was false or undefined.
    Failed,
    /// It could not be evaluated.
    Error(String),
    /// Its name begins with `todo_`.
    Skipped,
}

/// A test and how it ended.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// `data.package.test_name`.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Where it is.
    pub place: Place,
    /// What it printed.
    pub prints: Vec<String>,
}

/// Which lines of a policy file the tests evaluated.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The file.
    pub path: PathBuf,
    /// Lines that were evaluated, from 1.
    pub covered: BTreeSet<u32>,
    /// Lines that were not.
    pub not_covered: BTreeSet<u32>,
}

/// All tests and what they covered.
#[derive(Clone, Debug)]
pub struct TestReport {
    /// In the order of files and of lines.
    pub results: Vec<TestResult>,
    /// Of the project's own policies, without their tests and without those inside the binary.
    pub coverage: Vec<Coverage>,
}

impl TestReport {
    /// How many tests ended in a way that `wanted` accepts.
    pub fn count(&self, wanted: impl Fn(&Outcome) -> bool) -> usize {
        self.results.iter().filter(|result| wanted(&result.outcome)).count()
    }

    /// Evaluated lines of all files, in percent; 100 where there are none.
    pub fn percent_covered(&self) -> f64 {
        let covered: usize = self.coverage.iter().map(|file| file.covered.len()).sum();
        let missed: usize = self.coverage.iter().map(|file| file.not_covered.len()).sum();
        if covered + missed == 0 { 100.0 } else { covered as f64 * 100.0 / (covered + missed) as f64 }
    }
}

/// Runs the tests whose name contains `filter`.
pub fn run(files: &PolicyFiles, data: &Data, filter: &str, patience: Duration) -> Result<TestReport, Vec<Problem>> {
    let files: Vec<&PolicyFile> = files.iter().collect();
    let sources: Vec<_> = files.iter().map(|file| &file.source).collect();
    let compiled = Compiled::new(sources.iter().copied());
    let mut engine = new_engine(false);
    engine.set_enable_coverage(true);
    engine.set_gather_prints(true);
    let given = data.give(&mut engine).err().map(|text| compiled.error(&text, &sources));
    let errors: Vec<_> = sources.iter().filter_map(|source| compiled.add(&mut engine, source).err()).chain(given).collect();
    if !errors.is_empty() {
        return Err(errors.into_iter().map(|error| Problem::configuration("policy-load", error)).collect());
    }
    let modules: Vec<_> = engine.get_modules().to_vec();
    if let Some(error) = modules.iter().find_map(|module| data.check(module).err()) {
        return Err(vec![Problem::configuration("data", error)]);
    }
    let mut results = Vec::new();
    engine.set_input(Value::new_object());
    for (source, module) in std::iter::zip(&sources, &modules) {
        let package = package(module);
        for name in heads(module).iter().filter(|name| is_test(name)) {
            let query = format!("data.{package}.{name}");
            if !query.contains(filter) {
                continue;
            }
            let outcome = if name.starts_with("todo_") {
                Outcome::Skipped
            } else {
                let whom = Whom { name: format!("test {query}").into(), place: Some(head_place(source, name)) };
                match bounds::ask(&mut engine, &whom, &query, patience) {
                    Ok(Value::Bool(true)) => Outcome::Passed,
                    Ok(_) => Outcome::Failed,
                    Err(Broken::TooLong) => Outcome::Error(format!("took longer than {}", shown(patience))),
                    Err(Broken::Error(text) | Broken::Panic(text)) => Outcome::Error(compiled.error(&text, &sources).to_string()),
                }
            };
            let prints = engine.take_prints().unwrap_or_default();
            results.push(TestResult { outcome, place: head_place(source, name), name: query, prints });
        }
    }
    let coverage =
        engine.get_coverage_report().map_err(|error| vec![Problem::unjudged("coverage", compiled.error(&error.to_string(), &sources))])?;
    let in_source = |path: &str, lines: BTreeSet<u32>| match sources.iter().find(|source| source.path().display().to_string() == path) {
        Some(source) => lines.into_iter().map(|line| compiled.line(source, line)).collect(),
        None => lines,
    };
    // The engine leaves out files of which nothing was evaluated.
    let reported: BTreeSet<String> = coverage.files.iter().map(|file| file.path.clone()).collect();
    let untouched = std::iter::zip(&files, &modules)
        .filter(|(file, _)| !file.is_test() && !reported.contains(&file.source.path().display().to_string()))
        .map(|(file, module)| Coverage {
            path: file.source.path().to_owned(),
            covered: BTreeSet::new(),
            not_covered: in_source(&file.source.path().display().to_string(), statements(module)),
        });
    let coverage = coverage
        .files
        .into_iter()
        .filter(|file| !file.path.ends_with("_test.rego"))
        .map(|file| {
            let covered = in_source(&file.path, file.covered);
            let not_covered = in_source(&file.path, file.not_covered).difference(&covered).copied().collect();
            Coverage { path: file.path.into(), covered, not_covered }
        })
        .chain(untouched)
        .collect();
    Ok(TestReport { results, coverage: of_project(coverage, &files) })
}

/// What a project has to test: its own policies, not those inside the binary.
fn of_project(coverage: Vec<Coverage>, files: &[&PolicyFile]) -> Vec<Coverage> {
    let own: BTreeSet<&Path> = files.iter().filter(|file| !file.embedded).map(|file| file.source.path()).collect();
    coverage.into_iter().filter(|file| own.contains(file.path.as_path())).collect()
}

fn is_test(name: &str) -> bool {
    name.starts_with("test_") || name.starts_with("todo_test_")
}

/// The lines on which a module's statements begin.
fn statements(module: &Module) -> BTreeSet<u32> {
    let bodies = module.policy.iter().flat_map(|rule| match rule.as_ref() {
        Rule::Spec { bodies, .. } => bodies.as_slice(),
        Rule::Default { .. } => &[],
    });
    bodies.flat_map(|body| &body.query.stmts).map(|statement| statement.span.line).collect()
}

/// The line on which a rule of that name begins.
fn head_place(source: &Arc<kustomize::Source>, name: &str) -> Place {
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        if line.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_')) {
            break;
        }
        start += line.len();
    }
    let start = start.min(source.text().len()) as u32;
    Place { source: Arc::clone(source), start, end: start + name.len() as u32 }
}
