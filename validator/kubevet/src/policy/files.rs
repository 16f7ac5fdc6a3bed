//! Policy files: those inside the binary, and those of directories, which add to them and take their places.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Place, Source};

use super::conftest;
use super::embedded::{self, Known};
use super::text;
use crate::folder::Folder;
use crate::problem::{Problem, invalid, whole};

/// Bytes that few policies exceed.
const USUAL: usize = 1 << 14;

/// A Rego file.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// Its path below the directory that it came from.
    pub name: PathBuf,
    /// Its text and its path as people should see it.
    pub source: Arc<Source>,
    /// Whether it came with the binary.
    pub embedded: bool,
    /// What is known of it if the binary was built with the same text, so that it is right.
    pub(super) known: Option<&'static Known>,
    /// The file of the binary whose place it takes with another text.
    pub(super) replaces: Option<&'static Known>,
}

impl PolicyFile {
    /// Whether it holds unit tests.
    pub fn is_test(&self) -> bool {
        is_test(self.source.path())
    }

    /// Its beginning.
    pub(super) fn top(&self) -> Place {
        Place { source: Arc::clone(&self.source), start: 0, end: 0 }
    }

    /// The package of the binary's own file whose place it takes.
    pub fn replaces(&self) -> Option<&'static str> {
        self.replaces.map(|known| known.package)
    }
}

fn is_test(path: &Path) -> bool {
    path.to_string_lossy().ends_with("_test.rego")
}

/// Whether it stands beside a file that is called as one of the binary's.
fn is_test_of_own(path: &Path) -> bool {
    let path = path.to_string_lossy().replace('\\', "/");
    path.strip_suffix("_test.rego").is_some_and(|rule| embedded::file(&format!("{rule}.rego")).is_some())
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
        Self::of(&folders(directories))
    }

    /// The same of folders.
    pub fn of(folders: &[Folder]) -> Result<Self, Problem> {
        Self::open(folders, false)
    }

    /// The rules, and the unit tests in the directories.
    pub fn with_tests(directories: &[PathBuf]) -> Result<Self, Problem> {
        Self::of_with_tests(&folders(directories))
    }

    /// The same of folders.
    pub fn of_with_tests(folders: &[Folder]) -> Result<Self, Problem> {
        Self::open(folders, true)
    }

    fn open(folders: &[Folder], with_tests: bool) -> Result<Self, Problem> {
        let mut files = Self::default();
        for folder in folders {
            files.add_folder(folder, with_tests)?;
        }
        files.add_embedded();
        Ok(files)
    }

    /// Adds the rules inside the binary, where no directory has another file of the same path and package.
    fn add_embedded(&mut self) {
        for file in embedded::files() {
            let Some(known) = &file.policy else { continue };
            let path = Path::new("<kubevet>").join(file.path);
            let key = match self.0.get(Path::new(file.path)) {
                Some(own) if own.known.is_some() || own.replaces.is_some() => continue,
                // It only happens to be called the same.
                Some(_) => path.clone(),
                None => PathBuf::from(file.path),
            };
            let source = Arc::new(Source::of_program(path, file.text));
            self.0.insert(key.clone(), PolicyFile { name: key, source, embedded: true, known: Some(known), replaces: None });
        }
    }

    /// Adds the Rego files of a folder.
    fn add_folder(&mut self, folder: &Folder, with_tests: bool) -> Result<(), Problem> {
        let mut found = false;
        let mut text = String::with_capacity(USUAL);
        let names = folder
            .files("")
            .map_err(|error| Problem::configuration("policy-directory", error.help("--policy takes a directory that holds Rego files")))?;
        for name in names {
            if name.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("rego")) {
                continue;
            }
            found = true;
            // Nothing asks a test; those of the binary's own rules need no look.
            let is_left_out = !with_tests && is_test(&name);
            if is_left_out && is_test_of_own(&name) {
                continue;
            }
            text.clear();
            // Most texts are known and need not be kept, so that one buffer does for them.
            folder.read_into(&name, &mut text).map_err(|error| Problem::configuration("policy-unreadable", error))?;
            let own = embedded::file(&name.to_string_lossy().replace('\\', "/"));
            let same = own.filter(|file| file.text == text);
            let path = folder.shown(&name);
            if is_left_out {
                let source = Arc::new(Source::new(path, text.as_str()));
                conftest::no_entry_points(&source).map_err(|error| Problem::configuration("policy-load", error))?;
                continue;
            }
            let source = match same {
                Some(file) => Source::of_program(path, file.text),
                None => Source::new(path, text.as_str()),
            };
            let known = same.and_then(|file| file.policy.as_ref());
            let replaced = own.and_then(|file| file.policy.as_ref()).filter(|own| own.package == text::package(&text));
            let replaces = if known.is_none() { replaced } else { None };
            self.0.insert(name.clone(), PolicyFile { name, source: Arc::new(source), embedded: false, known, replaces });
        }
        // A directory may hold nothing but what the rules inside the binary go by.
        if !found && !folder.is_of_policies() {
            let dir = folder.path();
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

fn folders(directories: &[PathBuf]) -> Vec<Folder> {
    directories.iter().map(|directory| Folder::on_disk(directory)).collect()
}
