//! `kubevet.lock`: what each address meant when it was fetched.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use kustomize::{Error, Node};

use super::tree;
use crate::config::Document;

/// What stands at the top of the file.
const HEAD: &str = "\
# Written by `kubevet vendor`: what the kustomizations of this project build on and it does not hold itself. The files are in vendor/kubevet.
# `kubevet vendor` fetches all of it again, `kubevet vendor --check` says whether it still is what this file says.
version: 1
";

/// What a `ref` is in its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A commit, which is always the same.
    Commit,
    /// A tag, which should be.
    Tag,
    /// A branch, or any other name that moves.
    Branch,
    /// None is named, so it is what the repository gives by itself.
    None,
}

impl Kind {
    const NAMES: [(&'static str, Self); 4] = [("commit", Self::Commit), ("tag", Self::Tag), ("branch", Self::Branch), ("none", Self::None)];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A repository at a `ref`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repository {
    /// What the `ref` is.
    pub(super) kind: Kind,
    /// The commit, in hexadecimal.
    pub(super) revision: String,
    /// The hash of the files that builds read; see [`tree::hash`].
    pub(super) hash: String,
}

/// A repository by what git is asked for, and the `ref`.
pub(super) type Key = (String, Option<String>);

/// What helm made of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chart {
    /// Where it was pulled from; empty where it is in the project.
    pub(super) repo: String,
    /// Empty where none is named.
    pub(super) version: String,
    /// The hash of the chart's files; see [`tree::hash`].
    pub(super) chart: String,
    /// The hash of what helm printed.
    pub(super) hash: String,
}

/// A chart by its name, and the hash of all that the kustomization says of it.
pub(super) type ChartKey = (String, String);

/// All of it, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lock {
    /// By address and `ref`.
    pub(super) repositories: BTreeMap<Key, Repository>,
    /// The hashes of files by their addresses.
    pub(super) files: BTreeMap<String, String>,
    /// By name and settings.
    pub(super) charts: BTreeMap<ChartKey, Chart>,
}

impl Lock {
    /// Reads a lock from text; `path` is for messages.
    pub(super) fn parse(path: &Path, text: impl Into<Box<str>>) -> Result<Self, Error> {
        let document = Document::parse(path, text)?;
        document.fields(&document.root, "a lock", &["version", "repositories", "files", "charts"])?;
        document.version(1)?;
        let mut lock = Self::default();
        for entry in list(&document, "repositories")? {
            let read = Entry { document: &document, node: entry, what: "a repository" };
            read.fields(&["url", "ref", "kind", "revision", "hash"])?;
            let kind = read.text("kind")?;
            let kind = Kind::NAMES.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind);
            let kind = kind.ok_or_else(|| read.wrong("kind", "commit, tag, branch or none"))?;
            let revision = read.text("revision")?.to_owned();
            if !(matches!(revision.len(), 40 | 64) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())) {
                return Err(read.wrong("revision", "the name of a commit in full"));
            }
            let reference = entry.get("ref").map(|node| document.string(node, "`ref`")).transpose()?.map(str::to_owned);
            let hash = read.hash("hash")?;
            lock.repositories.insert((read.text("url")?.to_owned(), reference), Repository { kind, revision, hash });
        }
        for entry in list(&document, "files")? {
            let read = Entry { document: &document, node: entry, what: "a file" };
            read.fields(&["url", "hash"])?;
            lock.files.insert(read.text("url")?.to_owned(), read.hash("hash")?);
        }
        for entry in list(&document, "charts")? {
            let read = Entry { document: &document, node: entry, what: "a chart" };
            read.fields(&["name", "repo", "version", "settings", "chart", "hash"])?;
            let optional = |field: &str| entry.get(field).map_or(Ok(""), |_| read.text(field)).map(str::to_owned);
            let (repo, version, chart, hash) = (optional("repo")?, optional("version")?, read.hash("chart")?, read.hash("hash")?);
            lock.charts.insert((read.text("name")?.to_owned(), read.hash("settings")?), Chart { repo, version, chart, hash });
        }
        Ok(lock)
    }

    /// Whether nothing was fetched.
    pub(super) fn is_empty(&self) -> bool {
        self.repositories.is_empty() && self.files.is_empty() && self.charts.is_empty()
    }

    /// As the file has it.
    pub(super) fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        if !self.repositories.is_empty() {
            text.push_str("repositories:\n");
        }
        for ((url, reference), Repository { kind, revision, hash }) in &self.repositories {
            let _ = writeln!(text, "  - url: {}", quoted(url));
            if let Some(reference) = reference {
                let _ = writeln!(text, "    ref: {}", quoted(reference));
            }
            let _ = writeln!(text, "    kind: {}\n    revision: {}\n    hash: {hash}", kind.name(), quoted(revision));
        }
        if !self.files.is_empty() {
            text.push_str("files:\n");
        }
        for (url, hash) in &self.files {
            let _ = writeln!(text, "  - url: {}\n    hash: {hash}", quoted(url));
        }
        if !self.charts.is_empty() {
            text.push_str("charts:\n");
        }
        for ((name, settings), Chart { repo, version, chart, hash }) in &self.charts {
            let _ = writeln!(text, "  - name: {}", quoted(name));
            for (field, value) in [("repo", repo), ("version", version)].into_iter().filter(|(_, value)| !value.is_empty()) {
                let _ = writeln!(text, "    {field}: {}", quoted(value));
            }
            let _ = writeln!(text, "    settings: {settings}\n    chart: {chart}\n    hash: {hash}");
        }
        text
    }
}

/// A text that every reader of YAML takes for one: JSON's is.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn list<'a>(document: &'a Document, field: &str) -> Result<&'a [Node], Error> {
    document.root.get(field).map_or(Ok(&[][..]), |node| document.list(node, &format!("`{field}`")))
}

/// An entry of one of the lists.
struct Entry<'a> {
    document: &'a Document,
    node: &'a Node,
    what: &'a str,
}

impl<'a> Entry<'a> {
    fn fields(&self, known: &[&str]) -> Result<(), Error> {
        self.document.fields(self.node, self.what, known)
    }

    fn text(&self, field: &str) -> Result<&'a str, Error> {
        let node = self.document.required(self.node, self.what, field)?;
        self.document.string(node, &format!("`{field}`"))
    }

    fn hash(&self, field: &str) -> Result<String, Error> {
        let hash = self.text(field)?;
        tree::digits(hash).map(|_| hash.to_owned()).ok_or_else(|| self.wrong(field, "`sha256:` and 64 digits"))
    }

    fn wrong(&self, field: &str, wanted: &str) -> Error {
        let error = self.document.error(self.node.get(field).unwrap_or(self.node), format!("`{field}` must be {wanted}"));
        error.help("`kubevet vendor` writes the file again")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Chart, Kind, Lock, Repository, tree};

    #[test]
    fn what_is_written_is_read() {
        let hash = tree::hash_of(b"");
        let repository = |kind| Repository { kind, revision: "0123456789".repeat(4), hash: hash.clone() };
        let mut lock = Lock::default();
        lock.repositories.insert(("https://example.com/a/b".into(), None), repository(Kind::None));
        lock.repositories.insert(("git@example.com:a/\"b\n".into(), Some("1.10".into())), repository(Kind::Tag));
        lock.files.insert("https://example.com/a: b #c".into(), hash.clone());
        let chart = |repo: &str| Chart { repo: repo.into(), version: repo.into(), chart: hash.clone(), hash: hash.clone() };
        lock.charts.insert(("a".into(), hash.clone()), chart(""));
        lock.charts.insert(("b".into(), hash.clone()), chart("oci://example.com/b"));
        assert_eq!(Lock::parse(Path::new("kubevet.lock"), lock.text()).map_err(|error| error.to_string()), Ok(lock));
        assert_eq!(Lock::parse(Path::new("kubevet.lock"), Lock::default().text()).map_err(|error| error.to_string()), Ok(Lock::default()));
    }

    #[test]
    fn mistakes_have_their_line() {
        let entry = format!("version: 1\nfiles:\n- url: https://example.com/a\n  hash: {}\n", tree::hash_of(b""));
        for (old, new, at, message) in [
            ("version: 1", "version: 2", "1:1", "reads version 1"),
            ("files", "fiels", "2:1", "no field \"fiels\""),
            ("sha256:", "sha1:", "4:3", "`hash` must be"),
            ("url:", "urls:", "3:3", "no field \"urls\""),
            ("url: https://example.com/a", "url: 1", "3:3", "`url` must be a string"),
        ] {
            let error = Lock::parse(Path::new("kubevet.lock"), entry.replace(old, new)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("kubevet.lock:{at}: ")) && error.contains(message), "{error}");
        }
    }
}
