//! Where things are, for people and as Kustomize writes it down.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::elsewhere::address::Repository;

/// Where something is, as Kustomize writes it down (`api/resource/origin.go`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Whereabouts {
    /// What git is asked for, and the `ref`, of a repository from elsewhere.
    pub(crate) repository: Option<Arc<(String, Option<String>)>>,
    /// From the directory that is built, or from the top of the repository.
    pub(crate) path: PathBuf,
}

impl Whereabouts {
    /// What a path or an address leads to from here.
    pub(crate) fn append(&self, path: &str) -> Self {
        match Repository::parse(path) {
            Some(repository) => Self {
                repository: Some(Arc::new((repository.url, repository.reference))),
                // What Kustomize calls a directory that it has yet to make becomes the path of the repository's own.
                path: if repository.directory.is_empty() { "notCloned".into() } else { repository.directory.into() },
            },
            None => Self { repository: self.repository.clone(), path: tidy(&self.path.join(path)) },
        }
    }
}

/// Resolves `.` and `..` by text.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidy.components().next_back(), Some(Component::Normal(_))) => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    if tidy.as_os_str().is_empty() { PathBuf::from(".") } else { tidy }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::tidy;

    #[test]
    fn paths_are_tidied_by_text() {
        assert_eq!(tidy(Path::new("overlays/prod/../../base/./x")), Path::new("base/x"));
        assert_eq!(tidy(Path::new("./..")), Path::new(".."));
        assert_eq!(tidy(Path::new("a/..")), Path::new("."));
    }
}
