//! Asks the user's own git for a repository, as Kustomize does (`api/internal/git/cloner.go`).
//!
//! The address and the `ref` come from a change. So they are never options, only the protocols of Kustomize's addresses are spoken, and the repository that
//! they are fetched into has no hooks, settings or submodules of theirs. What the person's own configuration says of hosts and credentials holds.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kustomize::{Error, ErrorKind};

use super::super::lock::Kind;
use crate::problem::invalid;
use crate::process;

/// How long git may take for one step.
const LONGEST: Duration = Duration::from_secs(600);

/// What a calling hook or script says of its own repository.
const OF_ANOTHER_REPOSITORY: [&str; 11] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
];

/// Settings of the person's own that have no business here.
const SETTINGS: [&str; 7] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
];

/// What a `ref` was when it was fetched.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) kind: Kind,
    /// The commit.
    pub(super) revision: String,
}

/// Fetches a repository at a `ref` into an empty directory.
pub(super) fn fetch(url: &str, reference: Option<&str>, into: &Path) -> Result<Fetched, Error> {
    if let Some(reference) = reference.filter(|reference| !is_reference(reference)) {
        let error = invalid(format!("`{reference}` is no branch, tag or commit that git could have"));
        return Err(error.help("a `ref` is the name of one, without a colon or an option"));
    }
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if [url, host].iter().any(|text| text.starts_with('-')) || url.chars().any(char::is_control) {
        return Err(invalid(format!("`{url}` is no address that git could have")));
    }
    let failed = |error: Error| {
        let said: Vec<&str> = error.message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        Error { message: format!("cannot fetch {url}: {}", said.join("; ")), kind: ErrorKind::Io, ..error }
    };
    run(into, &["init", "--quiet", "--template=", "."]).map_err(failed)?;
    let wanted = reference.unwrap_or("HEAD");
    run(into, &["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url, wanted]).map_err(failed)?;
    run(into, &["checkout", "--quiet", "--detach", "FETCH_HEAD"]).map_err(failed)?;
    let revision = run(into, &["rev-parse", "--verify", "HEAD^{commit}"]).map_err(failed)?;
    let fetched = fs::read_to_string(into.join(".git/FETCH_HEAD")).unwrap_or_default();
    Ok(Fetched { kind: kind(reference, &fetched), revision })
}

/// What git took a `ref` for, by what it wrote down: `ID<tab><tab>branch 'main' of URL`.
fn kind(reference: Option<&str>, fetched: &str) -> Kind {
    let what = fetched.split('\t').nth(2).unwrap_or_default();
    match reference {
        None => Kind::None,
        Some(reference) if matches!(reference.len(), 40 | 64) && reference.bytes().all(|byte| byte.is_ascii_hexdigit()) => Kind::Commit,
        Some(_) if what.starts_with("tag ") => Kind::Tag,
        Some("HEAD") => Kind::None,
        Some(_) => Kind::Branch,
    }
}

/// Whether git could have something of that name (`git check-ref-format`).
fn is_reference(text: &str) -> bool {
    let is_wrong = |char: char| char.is_control() || matches!(char, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    !text.is_empty() && !text.starts_with(['-', '+', '/']) && !text.contains(is_wrong) && !text.contains("..") && !text.contains("@{")
}

fn run(dir: &Path, arguments: &[&str]) -> Result<String, Error> {
    let mut command = Command::new("git");
    for name in OF_ANOTHER_REPOSITORY {
        command.env_remove(name);
    }
    command.env("GIT_ALLOW_PROTOCOL", "file:http:https:ssh").env("LC_ALL", "C").current_dir(dir);
    command.args(SETTINGS.iter().flat_map(|setting| ["-c", *setting])).args(arguments);
    process::ask(command, Vec::new(), LONGEST, |out| {
        let mut said = String::new();
        out.take(1 << 16).read_to_string(&mut said).map(|_| said.trim_end().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, fetch, is_reference, kind};

    #[test]
    fn options_and_commands_are_no_references() {
        for reference in ["main", "v1.2.0", "feature/a", "refs/heads/main", "HEAD", "0123456789abcdef0123456789abcdef01234567", "ä"] {
            assert!(is_reference(reference), "{reference}");
        }
        for reference in ["", "--upload-pack=touch x", "-q", "+main", "main:main", "a b", "a..b", "main^{tree}", "a\n", "@{-1}"] {
            assert!(!is_reference(reference), "{reference}");
        }
    }

    #[test]
    fn strange_addresses_reach_no_program() {
        let dir = tempfile::tempdir().unwrap();
        for url in ["--upload-pack=touch x", "ssh://-oProxyCommand=touch x/a/b", "git@-oProxyCommand=x:a/b", "https://a/\n"] {
            assert!(fetch(url, None, dir.path()).unwrap_err().message.contains("no address"), "{url}");
        }
        let error = fetch("ext::sh -c 'touch x'", None, dir.path()).unwrap_err().message;
        assert!(error.contains("transport 'ext' not allowed"), "{error}");
        assert!(!dir.path().join("x").exists());
    }

    #[test]
    fn git_says_what_a_reference_is() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        for (reference, line, expected) in [
            (Some("main"), "ID\t\tbranch 'main' of https://example.com/a", Kind::Branch),
            (Some("v1"), "ID\t\ttag 'v1' of https://example.com/a", Kind::Tag),
            (Some("refs/pull/1/head"), "ID\t\t'refs/pull/1/head' of https://example.com/a", Kind::Branch),
            (Some(id), "ID\t\t'ID' of https://example.com/a", Kind::Commit),
            (None, "ID\t\thttps://example.com/a", Kind::None),
            (Some("HEAD"), "ID\t\thttps://example.com/a", Kind::None),
        ] {
            assert_eq!(kind(reference, &line.replace("ID", id)), expected, "{line}");
        }
    }
}
