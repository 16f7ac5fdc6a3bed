//! Asks the program `git`.

use std::io::{self, BufRead, Read};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kustomize::{Error, yaml};

use super::object::{self, ObjectId, Tree};
use crate::process;

/// How long git may take for an answer.
const LONGEST: Duration = Duration::from_secs(30);

/// Bytes of a list of files: about a million of them.
const LONGEST_LIST: u64 = 128 << 20;

/// Bytes of all blobs of one question together.
const MOST_BYTES: u64 = 256 << 20;

/// Settings that could run a program or make what is asked for depend on more than objects. No question needs any of them.
const SETTINGS: [&str; 6] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    "core.quotePath=false",
];

/// A question about the repository of the working tree at `top`, whatever lies below it and whatever called us: hooks run with `GIT_DIR` and
/// `GIT_INDEX_FILE`.
fn git(top: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    let inherited =
        std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().to_ascii_uppercase().starts_with("GIT_"));
    for name in inherited {
        command.env_remove(name);
    }
    // Of what belongs to a person or a machine nothing is needed either.
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_ATTR_NOSYSTEM", "1");
    // Objects that a partial clone lacks are not fetched: newer versions of git heed the first, older ones are allowed no protocol.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env("GIT_TERMINAL_PROMPT", "0");
    // A commit is what it is, and nothing is written.
    command.env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    // What is said outright is not searched for, so that a bare repository among the files is never found.
    command.arg("--git-dir").arg(top.join(".git")).arg("--work-tree").arg(top).arg("--no-pager");
    command.args(SETTINGS.iter().flat_map(|setting| ["-c", *setting])).args(arguments).current_dir(top);
    command
}

/// The line that git answers with.
pub(super) fn line(top: &Path, arguments: &[&str]) -> Result<String, Error> {
    process::ask(git(top, arguments), Vec::new(), LONGEST, |out| {
        let mut line = String::new();
        out.take(1 << 10).read_to_string(&mut line).map(|_| line.trim_end().to_owned())
    })
}

/// All files of a commit.
pub(super) fn tree(top: &Path, commit: &ObjectId) -> Result<Tree, Error> {
    let command = git(top, &["ls-tree", "-r", "-z", "--full-tree", commit.as_str()]);
    process::ask(command, Vec::new(), LONGEST, |out| {
        let mut list = out.take(LONGEST_LIST);
        let tree = object::read_tree(&mut list)?;
        if list.limit() == 0 { Err(io::Error::other("the commit has too many files")) } else { Ok(tree) }
    })
}

/// The bytes of blobs, in their order.
pub(super) fn blobs(top: &Path, ids: &[ObjectId]) -> Result<Vec<Vec<u8>>, Error> {
    let input: String = ids.iter().map(|id| format!("{}\n", id.as_str())).collect();
    let count = ids.len();
    process::ask(git(top, &["cat-file", "--batch"]), input.into_bytes(), LONGEST, move |out| {
        let mut left = MOST_BYTES;
        let blobs = (0..count).map(|_| {
            let mut header = String::new();
            out.take(1 << 10).read_line(&mut header)?;
            // `ID TYPE SIZE`, or `ID missing`.
            let wrong = || io::Error::other(format!("it has no such file: {}", header.trim_end()));
            let length: u64 = match header.trim_end().split(' ').collect::<Vec<_>>().as_slice() {
                [_, "blob", length] => length.parse().map_err(|_| wrong())?,
                _ => return Err(wrong()),
            };
            let too_long = length > yaml::LONGEST_FILE;
            left = left.checked_sub(length).filter(|_| !too_long).ok_or_else(|| io::Error::other("a file is larger than what is read"))?;
            let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)? + 1];
            out.read_exact(&mut bytes)?;
            bytes.pop();
            Ok(bytes)
        });
        blobs.collect()
    })
}
