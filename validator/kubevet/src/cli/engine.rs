//! Which Kustomize a command builds as.

use std::path::Path;

use clap::Args;
use kustomize::Version;

use crate::folder::Folder;
use crate::problem::Problem;
use crate::project::{self, Policies};

/// Which Kustomize counts.
#[derive(Clone, Debug, Args)]
pub(super) struct KustomizeArgs {
    /// Build as Kustomize 5.6 or 5.8 [default: 5.6].
    #[arg(long, value_name = "X.Y")]
    kustomize: Option<Version>,
}

impl KustomizeArgs {
    /// The version that was asked for, else that of the table.
    pub(super) fn or(&self, table: Version) -> Version {
        self.kustomize.unwrap_or(table)
    }

    /// The version that was asked for, else that of the table in the folders.
    pub(super) fn of_folders(&self, folders: &[Folder]) -> Result<Version, Problem> {
        self.kustomize.map_or_else(|| project::kustomize(folders), Ok)
    }

    /// The version that was asked for, else that of the table that counts for an overlay.
    pub(super) fn for_overlay(&self, path: &Path) -> Result<Version, Problem> {
        self.kustomize.map_or_else(|| project::kustomize(&Policies::find(&[], Some(path)).folders), Ok)
    }
}
