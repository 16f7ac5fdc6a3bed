//! The files of a directory that a change may have written, and the hash of all of them.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use kustomize::{Error, ErrorKind, yaml};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::files::{not_regular, walk_error};
use crate::paths::shown;
use crate::problem::{invalid, unreadable, whole};

/// The most files of a directory.
const MOST_FILES: usize = 20_000;

/// The most bytes of them together.
const MOST_BYTES: u64 = 256 << 20;

/// What stands before a hash.
const ALGORITHM: &str = "sha256:";

/// The files below a directory by their paths from there, in the order of their bytes.
///
/// # Errors
/// For what is neither a directory nor a regular file, links included; for names that no lock could hold; and where it is too much.
pub(super) fn files(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    let mut bytes = 0;
    for entry in WalkDir::new(dir).follow_root_links(false) {
        let entry = entry.map_err(|error| walk_error(dir, error))?;
        if entry.file_type().is_dir() {
            continue;
        }
        if !entry.file_type().is_file() {
            return Err(not_regular(entry.path()));
        }
        let name = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        bytes += entry.metadata().map_err(|error| walk_error(dir, error))?.len();
        add(dir, name, bytes, &mut files)?;
    }
    Ok(in_order(files))
}

/// Adds a file, by its path from the directory; together they have that many bytes.
///
/// # Errors
/// For a name that no lock could hold, and where it is too much.
pub(crate) fn add(dir: &Path, name: &Path, bytes: u64, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    if name.to_str().is_none_or(|name| name.contains(|char: char| char.is_control() || char == '\\')) {
        let path = dir.join(name);
        return Err(invalid(format!("{} has a name that no lock can hold", shown(&path).display())).at(whole(&path)));
    }
    files.push(name.to_owned());
    if files.len() > MOST_FILES || bytes > MOST_BYTES {
        let message = format!("{} holds more than {MOST_FILES} files or {} MiB", shown(dir).display(), MOST_BYTES >> 20);
        return Err(Error::new(ErrorKind::Limit, message).at(whole(dir)));
    }
    Ok(())
}

/// Files in the order in which they are hashed, that of their bytes.
pub(crate) fn in_order(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.sort_by(|one, other| one.as_os_str().as_encoded_bytes().cmp(other.as_os_str().as_encoded_bytes()));
    files
}

/// The hash of all files below a directory: that of what `sha256sum` prints of them, in their order.
pub(super) fn hash(dir: &Path) -> Result<String, Error> {
    hash_of_all(dir, &files(dir)?, hash_of_file)
}

/// The same of these files, each of which has the hash that `hash` says.
pub(super) fn hash_of_all(dir: &Path, files: &[PathBuf], hash: impl Fn(&Path) -> Result<String, Error>) -> Result<String, Error> {
    let mut list = String::new();
    for file in files {
        let hash = hash(&dir.join(file))?;
        let _ = writeln!(list, "{}  {}", hash.trim_start_matches(ALGORITHM), file.display());
    }
    Ok(hash_of(list.as_bytes()))
}

/// The hash of a file.
pub(super) fn hash_of_file(path: &Path) -> Result<String, Error> {
    let failed = |error: io::Error| unreadable(path, &error);
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(not_regular(path));
    }
    let mut hash = Sha256::new();
    let read = io::copy(&mut File::open(path).map_err(failed)?.take(yaml::LONGEST_FILE + 1), &mut hash).map_err(failed)?;
    if read > yaml::LONGEST_FILE {
        return Err(too_large(path));
    }
    Ok(named(&hash.finalize()))
}

/// An error for a file that is larger than any that is read.
pub(crate) fn too_large(path: &Path) -> Error {
    let message = format!("{} is larger than {} MiB", shown(path).display(), yaml::LONGEST_FILE >> 20);
    Error::new(ErrorKind::Limit, message).at(whole(path))
}

/// The hash of bytes.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    named(&Sha256::digest(bytes))
}

fn named(hash: &[u8]) -> String {
    hash.iter().fold(ALGORITHM.to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The digits of a hash, if it is one.
pub(super) fn digits(hash: &str) -> Option<&str> {
    hash.strip_prefix(ALGORITHM).filter(|digits| digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
