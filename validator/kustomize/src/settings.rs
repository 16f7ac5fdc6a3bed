//! How kustomizations are built, where that is a choice.

use std::fmt;
use std::path::{Component, Path};
use std::str::FromStr;
use std::sync::Arc;

use crate::version::Version;

/// How a kustomization is built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Which Kustomize counts.
    pub version: Version,
    /// Which files kustomizations may read.
    pub load_restrictor: LoadRestrictor,
    /// What builds may leave out.
    pub assumptions: Assumptions,
}

impl From<Version> for Settings {
    fn from(version: Version) -> Self {
        Self { version, ..Self::default() }
    }
}

/// Plugins that are programs or containers are never run. Where one may be passed over, the build goes on as if it had made, changed or said nothing, and
/// notes that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Assumptions {
    /// Pass over generators: their objects are missing.
    pub skip_generators: bool,
    /// Pass over transformers: objects are as they were before.
    pub skip_transformers: bool,
    /// Pass over validators, which only refuse.
    pub skip_validators: bool,
}

/// Which files a kustomization may read. Directories with kustomizations of their own it may name wherever they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LoadRestrictor {
    /// Those in and below its own directory, links followed (`LoadRestrictionsRootOnly`).
    #[default]
    RootOnly,
    /// Also those below this directory, which is a path without links, but nothing of git's own (`.git`).
    Below(Arc<Path>),
    /// Whatever the process may read (`LoadRestrictionsNone`).
    None,
}

/// The names that kubectl has for those that it has.
const NAMES: [(&str, LoadRestrictor); 2] =
    [("LoadRestrictionsRootOnly", LoadRestrictor::RootOnly), ("LoadRestrictionsNone", LoadRestrictor::None)];

impl LoadRestrictor {
    /// Whether a kustomization in `root` may read `file`, both without links.
    pub(crate) fn allows(&self, root: &Path, file: &Path) -> bool {
        let is_gits = || file.components().any(|part| part == Component::Normal(".git".as_ref()));
        match self {
            _ if file.starts_with(root) => true,
            Self::RootOnly => false,
            Self::Below(directory) => file.starts_with(directory) && !is_gits(),
            Self::None => true,
        }
    }

    /// What to do about a file that a kustomization may not read.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::Below(_) => {
                "`loadRestrictor` in environments.yaml opens the directory that holds policies/ and nothing else; \
                 --load-restrictor LoadRestrictionsNone opens whatever you may read: pass it only where you trust whoever wrote the kustomization"
            }
            _ => {
                "move the file there, or refer to a directory with a kustomization of its own. Where that is no choice: \
                 `loadRestrictor: LoadRestrictionsNone` in environments.yaml opens the directory that holds policies/, \
                 and --load-restrictor LoadRestrictionsNone whatever you may read, as kubectl's does"
            }
        }
    }
}

impl fmt::Display for LoadRestrictor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if *self == Self::RootOnly { NAMES[0].0 } else { NAMES[1].0 })
    }
}

impl FromStr for LoadRestrictor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || NAMES.map(|(name, _)| name).join(" or ");
        let found = NAMES.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, restrictor)| restrictor).ok_or_else(|| format!("the load restrictor is {}", known()))
    }
}
