//! The files that kubevet reads by itself: policies, tables, schemas, manifests. A change may have written each of them, so none is read that is no regular file or
//! larger than such files are, and none is passed over in silence.

use std::fs::File;
use std::path::{Path, PathBuf};

use kustomize::{Error, yaml};
use walkdir::WalkDir;

use crate::git::Checkout;
use crate::problem::{invalid, unreadable, whole};

/// Opens a file. It must be a regular one: reading a pipe or a device may never end.
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    let failed = |error| unreadable(path, &error);
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(not_regular(path));
    }
    File::open(path).map_err(failed)
}

/// A file's text.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    yaml::read_text(path, open(path)?)
}

/// Whether there is anything of that name, be it a link that leads nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether a file is called as manifests are, in letters of either case.
pub(crate) fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// The files below a directory whose paths are `wanted`, in order, links followed.
///
/// # Errors
/// For a file that is wanted and no regular one, a link that leads out of the [`boundary`], and what can't be listed.
pub(crate) fn below(dir: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Error> {
    let boundary = boundary(dir);
    let leads_out = |path: &Path| path.canonicalize().is_ok_and(|real| !real.starts_with(&boundary));
    let mut found = Vec::new();
    for entry in WalkDir::new(dir).follow_links(true).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.depth() > 0 && error.path().is_some_and(|path| path.is_symlink() && !path.exists() && !wanted(path)) => {
                continue;
            }
            Err(error) => return Err(walk_error(dir, error)),
        };
        let path = entry.path();
        let is_dir = entry.file_type().is_dir();
        if entry.depth() > 0 && entry.path_is_symlink() && (is_dir || wanted(path)) && leads_out(path) {
            let message = format!(
                "{} is a symbolic link that leads out of {}",
                crate::paths::shown(path).display(),
                crate::paths::shown(&boundary).display()
            );
            return Err(invalid(message).at(whole(path)).help("put a copy in its place: what is outside can change without a review"));
        }
        if is_dir || !wanted(path) {
            continue;
        }
        if !entry.file_type().is_file() {
            return Err(not_regular(path));
        }
        found.push(path.to_owned());
    }
    Ok(found)
}

/// What links below a directory may not lead out of: the checkout that it is in, else the directory above it.
pub(crate) fn boundary(dir: &Path) -> PathBuf {
    let real = || dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    Checkout::of(dir).map_or_else(|| real().parent().map_or_else(real, Path::to_owned), |checkout| checkout.top().to_owned())
}

/// Why a directory can't be searched.
pub(crate) fn walk_error(top: &Path, error: walkdir::Error) -> Error {
    let path = error.path().unwrap_or(top).to_owned();
    match error.into_io_error() {
        Some(error) => unreadable(&path, &error),
        None => invalid(format!("{} is part of a loop of symbolic links", path.display())).at(whole(&path)),
    }
}

/// An error for what should be a file and is a pipe, a device or a directory.
pub(crate) fn not_regular(path: &Path) -> Error {
    invalid(format!("{} is not a regular file", crate::paths::shown(path).display()))
        .at(whole(path))
        .help("put a regular file in its place")
}
