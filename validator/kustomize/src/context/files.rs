//! Files that several builds read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::error::Error;
use crate::source::{Source, SourceId, Sources};
use crate::yaml::{self, Dialect, Documents};

/// Files by their path as it is and as people see it.
#[derive(Debug, Default)]
pub(crate) struct Files(Mutex<HashMap<(PathBuf, PathBuf), Arc<File>>>);

/// A file, and what it was read as; origins count from 0.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) source: Arc<Source>,
    v3: OnceLock<Documents>,
    v2: OnceLock<Documents>,
}

impl Files {
    /// The file, where it is known.
    pub(crate) fn get(&self, real: &Path, shown: &Path) -> Option<Arc<File>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(real.to_owned(), shown.to_owned())).cloned()
    }

    /// Makes a file known.
    pub(crate) fn add(&self, real: PathBuf, source: Arc<Source>) -> Arc<File> {
        let key = (real, source.path().to_owned());
        let file = Arc::new(File { source, v3: OnceLock::new(), v2: OnceLock::new() });
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(file))
    }
}

impl File {
    /// The documents of the file, whose name in `sources` is `id`.
    pub(crate) fn read(&self, sources: &Sources, id: SourceId, dialect: Dialect) -> Result<Documents, Error> {
        let slot = match dialect {
            Dialect::YamlV3 => &self.v3,
            Dialect::YamlV2 => &self.v2,
        };
        if let Some(documents) = slot.get() {
            let mut documents = documents.clone();
            documents.change_origins(&mut |origin| origin.shift(id.index()));
            return Ok(documents);
        }
        let documents = yaml::read_all(sources, id, dialect)?;
        let mut kept = documents.clone();
        kept.change_origins(&mut |origin| origin.shift(id.index().wrapping_neg()));
        // Another thread may have been faster.
        let _ = slot.set(kept);
        Ok(documents)
    }
}
