//! Which policies an evaluation needs: those of its rules, and what these refer to.

use std::collections::{BTreeSet, HashMap};

use super::files::PolicyFile;
use super::text::Text;

/// The packages of all policies.
#[derive(Debug)]
pub(super) struct Modules {
    /// The package of each file, without `data`.
    packages: Vec<String>,
    of_package: HashMap<String, Vec<usize>>,
}

impl Modules {
    pub(super) fn new(files: &[PolicyFile]) -> Self {
        let packages: Vec<String> = files.iter().map(|file| package(file.source.text()).to_owned()).collect();
        let mut of_package: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, package) in packages.iter().enumerate() {
            of_package.entry(package.clone()).or_default().push(at);
        }
        Self { packages, of_package }
    }

    /// The package of a file.
    pub(super) fn package(&self, file: usize) -> &str {
        &self.packages[file]
    }

    /// The files, with all that they refer to, directly or not.
    pub(super) fn closure(&self, files: &[PolicyFile], start: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut needed: BTreeSet<usize> = start.into_iter().collect();
        let mut left: Vec<usize> = needed.iter().copied().collect();
        while let Some(file) = left.pop() {
            for reference in references(files[file].source.text()) {
                for found in self.meant_by(&reference) {
                    if needed.insert(found) {
                        left.push(found);
                    }
                }
            }
        }
        needed
    }

    /// The files that a reference such as `kubevet.lib.workload.containers` can mean.
    fn meant_by(&self, reference: &str) -> Vec<usize> {
        let ends = reference.match_indices('.').map(|(end, _)| end).chain([reference.len()]);
        let mut found: Vec<usize> = ends.filter_map(|end| self.of_package.get(&reference[..end])).flatten().copied().collect();
        if found.is_empty() {
            // It stops above the packages, or goes on with something computed: all below it are meant.
            let below =
                |package: &String| package.strip_prefix(reference).is_some_and(|rest| reference.is_empty() || rest.starts_with('.'));
            found = (0..self.packages.len()).filter(|at| below(&self.packages[*at])).collect();
        }
        found
    }
}

/// The path that a module's `package` line names.
fn package(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("package ")).map_or("", |rest| rest.split_whitespace().next().unwrap_or_default())
}

/// What follows each `data` of a module: dotted names, as far as they go.
fn references(text: &str) -> Vec<String> {
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let code = Text::of(text).code;
    let reference = |(start, word): (usize, &str)| {
        let (before, rest) = (code.get(..start)?.chars().next_back(), code.get(start + word.len()..)?);
        if before.is_some_and(|char| is_name(char) || char == '.') || rest.starts_with(is_name) {
            return None;
        }
        let path = rest.strip_prefix('.').unwrap_or_default();
        let end = path.find(|char: char| !is_name(char) && char != '.').unwrap_or(path.len());
        Some(path[..end].trim_end_matches('.').to_owned())
    };
    code.match_indices("data").filter_map(reference).collect()
}
