//! Where the files of a build are: in the file system, or in something that has files as it does, such as a revision of a repository.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Directories and files. Paths are absolute, or relative to the working directory.
pub trait FileTree: fmt::Debug + Send + Sync {
    /// The path without symbolic links.
    ///
    /// # Errors
    /// Nothing is there, or links lead in a circle.
    fn real(&self, path: &Path) -> io::Result<PathBuf>;

    /// What is at a path, the last part of which is not followed where it is a link.
    ///
    /// # Errors
    /// Nothing is there.
    fn look(&self, path: &Path) -> io::Result<Found>;

    /// The content of a file at a path without links, at most one byte more than `longest`; nothing where it is no regular file.
    ///
    /// # Errors
    /// It can't be read.
    fn read(&self, real: &Path, longest: u64) -> io::Result<Option<Vec<u8>>>;
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A directory.
    Directory,
    /// A regular file, and how many bytes it has.
    File(u64),
    /// A symbolic link.
    Link,
    /// A pipe, a device, a socket.
    Other,
}

/// The file system.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl FileTree for Disk {
    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn look(&self, path: &Path) -> io::Result<Found> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(match metadata.file_type() {
            kind if kind.is_symlink() => Found::Link,
            kind if kind.is_dir() => Found::Directory,
            kind if kind.is_file() => Found::File(metadata.len()),
            _ => Found::Other,
        })
    }

    fn read(&self, real: &Path, longest: u64) -> io::Result<Option<Vec<u8>>> {
        let file = File::open(real)?;
        let metadata = file.metadata()?;
        // It may be another one by now than it was when it was looked at.
        if !metadata.is_file() {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(metadata.len().min(longest) as usize);
        file.take(longest + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

/// The tree that a build reads.
#[derive(Clone, Debug)]
pub(crate) struct Files(pub(crate) Arc<dyn FileTree>);

impl Default for Files {
    fn default() -> Self {
        Self(Arc::new(Disk))
    }
}
