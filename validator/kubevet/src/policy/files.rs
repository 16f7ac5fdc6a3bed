//! Policy files: those inside the binary, and those of directories, which add to them and take their places.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::Source;
use walkdir::WalkDir;

use super::embedded::{self, Known};
use crate::problem::{Problem, invalid, unreadable, whole};

/// Bytes that few policies exceed.
const USUAL: usize = 1 << 14;

/// A Rego file.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// Its text and its path as people should see it.
    pub source: Arc<Source>,
    /// Whether it came with the binary.
    pub embedded: bool,
    /// What is known of it if the binary was built with the same text, so that it is right.
    pub(super) known: Option<&'static Known>,
}

impl PolicyFile {
    /// Whether it holds unit tests.
    pub fn is_test(&self) -> bool {
        is_test(self.source.path())
    }
}

fn is_test(path: &Path) -> bool {
    path.to_string_lossy().ends_with("_test.rego")
}

/// Rego files by their path below the directory that they came from.
#[derive(Clone, Debug, Default)]
pub struct PolicyFiles(BTreeMap<PathBuf, PolicyFile>);

impl PolicyFiles {
    /// The rules inside the binary.
    pub fn embedded() -> Self {
        let mut files = Self::default();
        files.add_embedded();
        files
    }

    /// The rules inside the binary and those of directories, without unit tests. Of files with the same relative path the last one counts.
    pub fn rules(directories: &[PathBuf]) -> Result<Self, Problem> {
        Self::open(directories, |path| !is_test(path))
    }

    /// The rules, and the unit tests in the directories.
    pub fn with_tests(directories: &[PathBuf]) -> Result<Self, Problem> {
        Self::open(directories, |_| true)
    }

    fn open(directories: &[PathBuf], wanted: impl Fn(&Path) -> bool) -> Result<Self, Problem> {
        let mut files = Self::default();
        for directory in directories {
            files.add_directory(directory, &wanted)?;
        }
        files.add_embedded();
        Ok(files)
    }

    /// Adds the rules inside the binary, where no directory has another one.
    fn add_embedded(&mut self) {
        for file in embedded::files() {
            let Some(known) = &file.policy else { continue };
            self.0.entry(PathBuf::from(file.path)).or_insert_with(|| {
                let source = Arc::new(Source::of_program(Path::new("<kubevet>").join(file.path), file.text));
                PolicyFile { source, embedded: true, known: Some(known) }
            });
        }
    }

    /// Adds the Rego files of a directory.
    fn add_directory(&mut self, dir: &Path, wanted: impl Fn(&Path) -> bool) -> Result<(), Problem> {
        let mut found = false;
        let mut text = String::with_capacity(USUAL);
        for entry in WalkDir::new(dir).sort_by_file_name() {
            let entry = entry.map_err(|error| {
                let problem = invalid(format!("cannot read policies from {}: {error}", dir.display()));
                Problem::configuration("policy-directory", problem.help("--policy takes a directory that holds Rego files"))
            })?;
            if !entry.file_type().is_file() || entry.path().extension().is_none_or(|extension| extension != "rego") {
                continue;
            }
            found = true;
            if !wanted(entry.path()) {
                continue;
            }
            text.clear();
            // Most texts are known and need not be kept, so that one buffer does for them.
            let read = File::open(entry.path()).and_then(|file| file.take(u64::MAX).read_to_string(&mut text));
            read.map_err(|error| Problem::configuration("policy-unreadable", unreadable(entry.path(), &error)))?;
            let relative = entry.path().strip_prefix(dir).unwrap_or(entry.path());
            let same = embedded::file(&relative.to_string_lossy().replace('\\', "/")).filter(|file| file.text == text);
            let path = crate::paths::shown(entry.path());
            let source = match same {
                Some(file) => Source::of_program(path, file.text),
                None => Source::new(path, text.as_str()),
            };
            let known = same.and_then(|file| file.policy.as_ref());
            self.0.insert(relative.to_owned(), PolicyFile { source: Arc::new(source), embedded: false, known });
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
