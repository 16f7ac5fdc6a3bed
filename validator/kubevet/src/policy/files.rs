//! Policy files: those inside the binary, and those of directories, which add to them and take their places.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::Source;
use walkdir::WalkDir;

use crate::problem::{Problem, invalid, unreadable, whole};

/// The policies that the binary was built with, by their path below `policies/`; written by the build script.
mod binary {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// A Rego file.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// Its text and its path as people should see it.
    pub source: Arc<Source>,
    /// Whether it came with the binary.
    pub embedded: bool,
    /// Whether the binary was built with the same text, so that it is known to be right.
    pub known: bool,
}

impl PolicyFile {
    /// Whether it holds unit tests.
    pub fn is_test(&self) -> bool {
        self.source.path().to_string_lossy().ends_with("_test.rego")
    }
}

/// Rego files by their path below the directory that they came from.
#[derive(Clone, Debug, Default)]
pub struct PolicyFiles(BTreeMap<PathBuf, PolicyFile>);

impl PolicyFiles {
    /// The rules inside the binary.
    pub fn embedded() -> Self {
        let rego = binary::FILES.iter().filter(|(path, _)| path.ends_with(".rego"));
        Self(
            rego.map(|(path, text)| {
                let source = Arc::new(Source::new(Path::new("<kubevet>").join(path), *text));
                (PathBuf::from(path), PolicyFile { source, embedded: true, known: true })
            })
            .collect(),
        )
    }

    /// Adds the Rego files of a directory; one with the same relative path takes the place of an earlier one.
    pub fn add_directory(&mut self, dir: &Path) -> Result<(), Problem> {
        let mut found = false;
        for entry in WalkDir::new(dir).sort_by_file_name() {
            let entry = entry.map_err(|error| {
                let problem = invalid(format!("cannot read policies from {}: {error}", dir.display()));
                Problem::configuration("policy-directory", problem.help("--policy takes a directory that holds Rego files"))
            })?;
            if !entry.file_type().is_file() || entry.path().extension().is_none_or(|extension| extension != "rego") {
                continue;
            }
            found = true;
            let unreadable = |error: &std::io::Error| Problem::configuration("policy-unreadable", unreadable(entry.path(), error));
            let text = std::fs::read_to_string(entry.path()).map_err(|error| unreadable(&error))?;
            let relative = entry.path().strip_prefix(dir).unwrap_or(entry.path()).to_owned();
            let known = self.0.get(&relative).is_some_and(|earlier| earlier.known && earlier.source.text() == text);
            let source = Arc::new(Source::new(crate::paths::shown(entry.path()), text));
            self.0.insert(relative, PolicyFile { source, embedded: false, known });
        }
        // A directory may hold nothing but a table for the rules inside the binary.
        if !found && !dir.join("environments.yaml").is_file() {
            let error = invalid(format!("{} holds no Rego file and no environments.yaml", dir.display())).at(whole(dir));
            return Err(Problem::configuration("policy-directory", error.help("a rule is a file policies/<group>/<rule>.rego")));
        }
        Ok(())
    }

    /// The files in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = &PolicyFile> {
        self.0.values()
    }
}

/// A file that the binary was built with, by its path below `policies/`.
pub(crate) fn embedded(path: &str) -> Option<&'static str> {
    binary::FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}
