//! Which policies an evaluation needs: those of its rules, and what these refer to.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::files::PolicyFile;
use super::text;

/// The packages of all policies.
#[derive(Debug)]
pub(super) struct Modules {
    /// The package of each file, without `data`.
    packages: Vec<Cow<'static, str>>,
    of_package: HashMap<Cow<'static, str>, Vec<usize>>,
}

impl Modules {
    pub(super) fn new(files: &[PolicyFile]) -> Self {
        let package = |file: &PolicyFile| match file.known {
            Some(known) => Cow::Borrowed(known.package),
            None => Cow::Owned(text::package(file.source.text()).to_owned()),
        };
        let packages: Vec<Cow<'static, str>> = files.iter().map(package).collect();
        let mut of_package: HashMap<_, Vec<usize>> = HashMap::new();
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
            let references = match files[file].known {
                Some(known) => Cow::Borrowed(known.references),
                None => Cow::Owned(text::references(files[file].source.text())),
            };
            for reference in references.iter() {
                for found in self.meant_by(reference) {
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
            let below = |package: &str| package.strip_prefix(reference).is_some_and(|rest| reference.is_empty() || rest.starts_with('.'));
            found = (0..self.packages.len()).filter(|at| below(&self.packages[*at])).collect();
        }
        found
    }
}
