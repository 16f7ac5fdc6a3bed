//! Writes fixed files.

use std::path::Path;

use kustomize::{Error, ErrorKind};

use super::outcome::FixedFile;
use crate::files;
use crate::git::Checkout;
use crate::problem::invalid;
use crate::write;

/// Writes the files: all of them, or none where one can't or should not be written.
///
/// # Errors
/// A file that is not in the checkout, lies behind a link, or is not what it was when the fixes were made.
pub fn save(fixed: &[FixedFile], start: &Path) -> Result<(), Error> {
    let top = Checkout::of(start).map(|checkout| checkout.top().to_owned());
    let top = top.map_or_else(|| std::env::current_dir().and_then(|here| here.canonicalize()), Ok);
    let top = top.map_err(|error| Error::new(ErrorKind::Io, format!("cannot tell where the project is: {error}")))?;
    for file in fixed {
        let absolute = std::path::absolute(&file.path).map_err(|error| Error::new(ErrorKind::Io, error.to_string()))?;
        let there = absolute.ancestors().find_map(|above| above.canonicalize().ok());
        if !there.is_some_and(|there| there.starts_with(&top)) {
            let error = invalid(format!("cannot write {}: it is not in {}", file.path.display(), top.display()));
            return Err(error.help("fix it where it belongs"));
        }
        let now = if file.path.symlink_metadata().is_ok() { Some(files::read_text(&file.path)?) } else { None };
        if now.as_deref() != file.before.as_deref() {
            let error = invalid(format!("{} is not what it was a moment ago; nothing is written", file.path.display()));
            return Err(error.help("run the command again"));
        }
    }
    fixed.iter().try_for_each(|file| write::replace(&file.path, None, |out| out.write_all(file.after.as_bytes())))
}
