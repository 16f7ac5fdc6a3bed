//! What kustomizations build on and the project does not hold: repositories and files at addresses.
//!
//! `kubevet vendor` fetches it where a person asks for that ([`fetch`]), keeps what the builds read in [`DIRECTORY`] and writes down in [`LOCK`] what it is.
//! Everything else takes it from there ([`Locked`]) and never from the network. It lies in the project, and not in a cache, so that a review sees what a
//! change brings along, a checkout is all that a check needs, and what lies there can't be other files on another machine.
//!
//! A change may have written the lock and the files: hashes are verified, what is no regular file is refused, sizes are bounded, and where files lie follows
//! from addresses alone. Whether the lock tells the truth only the network knows: `kubevet vendor --check` asks it.

mod changes;
mod compare;
mod fetch;
mod keep;
mod lock;
mod locked;
mod place;
mod shelf;
pub(crate) mod tree;

use std::path::{Path, PathBuf};

pub(crate) use changes::between as changes;
pub(crate) use keep::{Settings, Summary, vendor};
pub(crate) use locked::Locked;
pub(crate) use shelf::Shelf;

use crate::git::Checkout;

/// The file that says what was fetched, at the top of the project.
pub(crate) const LOCK: &str = "kubevet.lock";

/// Where that is kept, from the top of the project.
pub(crate) const DIRECTORY: &str = "vendor/kubevet";

/// The top of the project that a path is in: of its checkout, so that nothing nearer can stand in for what is there. Where there is no checkout, the working
/// directory takes its place for what lies below it.
pub(crate) fn top(start: &Path) -> PathBuf {
    let start = start.canonicalize().unwrap_or_else(|_| start.to_owned());
    if let Some(checkout) = Checkout::of(&start) {
        return checkout.top().to_owned();
    }
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    if start.starts_with(&here) {
        return here;
    }
    let with_lock = start.ancestors().find(|dir| dir.join(LOCK).symlink_metadata().is_ok());
    with_lock.unwrap_or(&start).to_owned()
}
