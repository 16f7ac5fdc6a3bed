//! How a command builds kustomizations.

use std::path::Path;

use clap::Args;
use kustomize::{LoadRestrictor, Settings, Version};

use crate::folder::Folder;
use crate::problem::Problem;
use crate::project::{self, Policies};

/// How kustomizations are built.
#[derive(Clone, Debug, Args)]
pub(super) struct KustomizeArgs {
    /// Build as Kustomize 5.6 or 5.8 [default: 5.6].
    #[arg(long, value_name = "X.Y")]
    kustomize: Option<Version>,
    /// LoadRestrictionsNone to read files anywhere.
    #[arg(long, value_name = "WHICH")]
    load_restrictor: Option<LoadRestrictor>,
}

impl KustomizeArgs {
    /// What was asked for, else what the table says.
    pub(super) fn or(&self, table: Settings) -> Settings {
        Settings {
            version: self.kustomize.unwrap_or(table.version),
            load_restrictor: self.load_restrictor.clone().unwrap_or(table.load_restrictor),
            ..table
        }
    }

    /// What was asked for, else what the table in the folders says.
    pub(super) fn of_folders(&self, folders: &[Folder]) -> Result<Settings, Problem> {
        match (self.kustomize, &self.load_restrictor) {
            (Some(version), Some(load_restrictor)) => {
                Ok(Settings { version, load_restrictor: load_restrictor.clone(), ..Settings::default() })
            }
            _ => project::building(folders).map(|table| self.or(table)),
        }
    }

    /// What was asked for, else what the table that counts for an overlay says.
    pub(super) fn for_overlay(&self, path: &Path) -> Result<Settings, Problem> {
        self.of_folders(&Policies::find(&[], Some(path)).folders)
    }
}
