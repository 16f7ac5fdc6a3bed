//! Paths as people should see them: relative to the working directory, without detours.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

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

/// A path as an argument that a shell takes as it is.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let text = if text.starts_with('-') { format!("./{text}") } else { text };
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_./".contains(character);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A path without `.` and with `..` resolved by name, as globs expect it.
pub(crate) fn normalize(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}
