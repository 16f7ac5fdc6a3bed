//! `kubevet diff` of commits of this repository against their parents: none ends in an error.
//!
//! A few of them each time; all of them where `KUBEVET_HISTORY=all` is set. A shallow clone has what it has.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::git::git;
use common::{Scratch, repository};

/// What overlays are made of, and how they are judged.
const PLACES: [&str; 5] = ["overlays", "base", "jobs", "gitops", "policies/environments.yaml"];

/// How many of the newest commits are replayed, and of how many of the others one is.
const NEWEST: usize = 3;
const SAMPLE: usize = 16;

#[test]
fn no_commit_of_our_own_ends_in_an_error() {
    let repository = repository();
    if !repository.join(".git").exists() {
        skipped::note("no_commit_of_our_own_ends_in_an_error: no git checkout");
        return;
    }
    let clone = Scratch::empty();
    let source = git(&repository, &["rev-parse", "--path-format=absolute", "--git-common-dir"]);
    let head = git(&repository, &["rev-parse", "HEAD"]);
    git(clone.path(), &["clone", "-q", "--shared", "--no-checkout", &source, "."]);
    let all = std::env::var("KUBEVET_HISTORY").is_ok_and(|value| value == "all");
    let mut arguments = vec!["log", "--format=%H %P", &head];
    if !all {
        arguments.push("--");
        arguments.extend(PLACES);
    }
    let log = git(clone.path(), &arguments);
    let commits = log.lines().enumerate().filter(|(at, _)| all || *at < NEWEST || at % SAMPLE == 0);
    let mut replayed = 0;
    for (commit, parent) in commits.filter_map(|(_, line)| line.split_once(' ')) {
        let parent = parent.split(' ').next().unwrap();
        git(clone.path(), &["checkout", "-q", "--force", "--detach", commit]);
        let run = clone.run(&["diff", "--against", parent, "--rule", "change/*", "--format", "json"]);
        let errors = run.json()["errors"].clone();
        // The first commits have policies that are none today, which is for `check` to say.
        if run.code > 1 {
            let check = clone.run(&["check", "--rule", "change/*", "--format", "json"]);
            let known = check.json()["errors"].as_array().unwrap().iter().any(|known| known["code"] == errors[0]["code"]);
            assert!(known && errors[0]["code"] != "nothing-evaluated", "{commit} ends with {}: {errors:#}", run.code);
        }
        replayed += 1;
    }
    if replayed == 0 {
        skipped::note("no_commit_of_our_own_ends_in_an_error: the history has one commit only");
    }
}
