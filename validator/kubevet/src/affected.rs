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
    files: BTreeSet<PathBuf>,
}

impl Changes {
    /// Asks git. An error says why the changes are not known.
    pub(crate) fn since(revision: &str) -> Result<Self, Error> {
        let top = git(Path::new("."), &["rev-parse", "--show-toplevel"])?;
        let top = PathBuf::from(top.trim_end_matches('\n'));
        // A revision that looks like an option must not be one.
        let commit = git(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")]);
        let commit = commit.map_err(|_| invalid(format!("git knows no revision \"{revision}\"")))?;
        let changed = git(&top, &["diff", "--name-only", "--no-renames", "-z", commit.trim()])?;
        let untracked = git(&top, &["ls-files", "--others", "--exclude-standard", "-z"])?;
        let files = changed.split('\0').chain(untracked.split('\0')).filter(|name| !name.is_empty()).map(|name| top.join(name));
        Ok(Self { files: files.flat_map(|file| forms(&file)).collect() })
    }

    /// Whether one of these files, or a file below one of these directories, changed.
    pub(crate) fn touch<'a>(&self, inputs: impl IntoIterator<Item = &'a PathBuf>) -> bool {
        inputs.into_iter().flat_map(|input| forms(input)).any(|input| self.files.contains(&input))
    }

    /// Whether anything below a directory changed.
    pub(crate) fn below(&self, directory: &Path) -> bool {
        forms(directory).iter().any(|directory| self.files.iter().any(|file| file.starts_with(directory)))
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
