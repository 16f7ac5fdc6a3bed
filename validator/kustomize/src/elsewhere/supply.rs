//! What a build may have that is not among the files of the project.

use std::fmt;
use std::path::PathBuf;

use crate::elsewhere::address::Repository;
use crate::elsewhere::chart::Chart;
use crate::error::Error;

/// Gives builds what kustomizations name and the project does not hold: from where it is kept, or from the network.
///
/// An error needs no place: it gets that of the line that asks.
pub trait Supplier: fmt::Debug + Send + Sync {
    /// The directory with the files of a repository; the directory that is built, [`Repository::directory`], is below it.
    ///
    /// # Errors
    /// Where there is none, or it is not what it should be.
    fn repository(&self, repository: &Repository) -> Result<Supplied, Error>;

    /// Whether a file of objects is at an address; where there is none, Kustomize takes the address for that of a repository.
    ///
    /// # Errors
    /// Where nobody knows.
    fn is_file(&self, url: &str) -> Result<bool, Error>;

    /// The file at an address.
    ///
    /// # Errors
    /// As [`Self::repository`].
    fn file(&self, url: &str) -> Result<Supplied, Error>;

    /// A file of what helm makes of a chart.
    ///
    /// # Errors
    /// As [`Self::repository`].
    fn chart(&self, chart: &Chart) -> Result<Supplied, Error>;
}

/// Something from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Supplied {
    /// Where it lies now, a file or a directory.
    pub path: PathBuf,
    /// Where it is from, if not from the project.
    pub address: Option<String>,
    /// The files that say that this is it.
    pub records: Vec<PathBuf>,
    /// What makes the address mean something else from day to day, such as ``follows the branch `main` ``; `None` where nothing does.
    pub moves: Option<String>,
}
