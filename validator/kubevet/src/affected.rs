//! Which overlays a change since a git revision can affect.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use kustomize::{Error, ErrorKind};

use crate::environments::normalize;
use crate::problem::invalid;

/// The files that changed since a revision, committed or not, untracked ones included.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    top: Vec<PathBuf>,
    /// What git keeps track of; of anything else it is not known whether it changed.
    tracked: BTreeSet<PathBuf>,
    changed: BTreeSet<PathBuf>,
}

impl Changes {
    /// Asks git about the repository that a directory is in. An error says why the changes are not known.
    pub(crate) fn since(directory: &Path, revision: &str) -> Result<Self, Error> {
        let top = git(directory, &["rev-parse", "--show-toplevel"])?;
        let top = PathBuf::from(top.trim_end_matches('\n'));
        // A revision that looks like an option must not be one.
        let commit = git(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")]);
        let commit = commit.map_err(|_| invalid(format!("git knows no revision \"{revision}\"")))?;
        let changed = git(&top, &["diff", "--name-only", "--no-renames", "-z", commit.trim()])?;
        let tracked = git(&top, &["ls-files", "-z"])?;
        let paths = |names: &str| names.split('\0').filter(|name| !name.is_empty()).map(|name| top.join(name)).collect();
        Ok(Self { tracked: paths(&tracked), changed: paths(&changed), top: forms(&top) })
    }

    fn tracks(&self, file: &Path) -> bool {
        forms(file).iter().any(|form| self.tracked.contains(form))
    }

    /// Whether one of these files changed, or may have.
    pub(crate) fn touch<'a>(&self, inputs: impl IntoIterator<Item = &'a PathBuf>) -> bool {
        inputs.into_iter().any(|input| {
            let forms = forms(input);
            // A changed submodule is a path above the file.
            let changed = forms.iter().any(|form| form.ancestors().any(|path| self.changed.contains(path)));
            changed || (!input.is_dir() && !self.tracks(input))
        })
    }

    /// Whether anything below a directory changed, or may have.
    pub(crate) fn below(&self, directory: &Path) -> bool {
        let forms = forms(directory);
        let outside = !forms.iter().any(|form| self.top.iter().any(|top| form.starts_with(top)));
        let untracked = || {
            let entries = walkdir::WalkDir::new(directory).into_iter().flatten().filter(|entry| entry.file_type().is_file());
            entries.into_iter().any(|entry| !self.tracks(entry.path()))
        };
        outside || forms.iter().any(|directory| self.changed.iter().any(|file| file.starts_with(directory))) || untracked()
    }
}

/// A path by name, and where symbolic links lead.
fn forms(path: &Path) -> Vec<PathBuf> {
    let by_name = normalize(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let real = path.canonicalize().ok().filter(|real| *real != by_name);
    std::iter::once(by_name).chain(real).collect()
}

fn git(dir: &Path, arguments: &[&str]) -> Result<String, Error> {
    let output = Command::new("git").arg("-C").arg(dir).args(arguments).output();
    let output = output.map_err(|error| Error::new(ErrorKind::Io, format!("cannot run git: {error}")))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(invalid(format!("git {} failed: {}", arguments.first().unwrap_or(&""), stderr.trim())));
    }
    String::from_utf8(output.stdout).map_err(|_| invalid("git names a path that is not UTF-8"))
}
