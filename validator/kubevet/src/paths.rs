//! Paths as people should see them: relative to the working directory, without detours.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::environments::normalize;
use crate::git::Checkout;

/// The working directory, asked for once: nothing here changes it.
fn here() -> &'static Path {
    static HERE: OnceLock<PathBuf> = OnceLock::new();
    HERE.get_or_init(|| std::env::current_dir().unwrap_or_default())
}

/// A path relative to the working directory where it lies below it, without `.` and `..` where they can be resolved by name.
pub(crate) fn shown(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() {
        return PathBuf::new();
    }
    let absolute = normalize(&here().join(path));
    match absolute.strip_prefix(here()) {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => inside.to_owned(),
        Err(_) if path.is_absolute() => absolute,
        Err(_) => normalize(path),
    }
}

/// A path from the top of the checkout that the working directory is in, as those who show the repository know it; without one, from the
/// working directory.
pub(crate) fn in_repository(path: &Path) -> PathBuf {
    static HERE: OnceLock<Option<(PathBuf, PathBuf)>> = OnceLock::new();
    let here = HERE.get_or_init(|| {
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok()?;
        let top = Checkout::of(&here)?.top().to_owned();
        Some((here.strip_prefix(&top).ok()?.to_owned(), top))
    });
    let shown = shown(path);
    match here {
        // What is no file, such as a stream, has no place in it.
        Some((below, top)) if !path.starts_with("<stdin>") && !path.starts_with("<kubevet>") => {
            shown.strip_prefix(top).map_or_else(|_| normalize(&below.join(&shown)), Path::to_owned)
        }
        _ => shown,
    }
}
