//! Repositories to judge changes in.

use std::path::Path;
use std::process::Command;

use super::Scratch;

/// Runs git in a directory, as somebody whose own configuration doesn't matter, and gives what it prints.
#[track_caller]
pub(crate) fn git(dir: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").arg("-C").arg(dir).args(identity).args(arguments).output().expect("git starts");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

/// Commits everything.
#[track_caller]
pub(crate) fn commit(scratch: &Scratch) {
    git(scratch.path(), &["add", "-A"]);
    git(scratch.path(), &["commit", "-q", "-m", "change"]);
}

/// Makes a repository with one commit of a directory.
#[track_caller]
pub(crate) fn committed(scratch: Scratch) -> Scratch {
    git(scratch.path(), &["init", "-q", "-b", "main"]);
    commit(&scratch);
    scratch
}
