//! Paths as people should see them: relative to the working directory, without detours.

use std::path::{Path, PathBuf};

use crate::environments::normalize;

/// A path relative to the working directory where it lies below it, without `.` and `..` where they can be resolved by name.
pub(crate) fn shown(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| normalize(&path));
    let here = std::env::current_dir().unwrap_or_default();
    match absolute.strip_prefix(&here) {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => inside.to_owned(),
        Err(_) if path.is_absolute() => absolute,
        Err(_) => normalize(path),
    }
}
