//! Names of objects, and what trees list.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use kustomize::Error;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::problem::invalid;

/// The name of an object: its hash in hexadecimal, SHA-1 or SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId(Box<str>);

impl ObjectId {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let is_name = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_name { Ok(Self(text.to_ascii_lowercase().into())) } else { Err(invalid(format!("git calls an object \"{text}\""))) }
    }

    /// As git writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of it for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }

    /// Whether these bytes, as a file, are this object.
    pub fn names_bytes(&self, bytes: &[u8]) -> bool {
        self.names(bytes, bytes.len() as u64).unwrap_or(false)
    }

    /// Whether an open file is this object; it was `length` bytes long.
    pub fn names_file(&self, file: &File, length: u64) -> io::Result<bool> {
        // One byte more than there should be tells of a file that grew.
        self.names(file.take(length.saturating_add(1)), length)
    }

    fn names(&self, content: impl Read, length: u64) -> io::Result<bool> {
        let hash = if self.0.len() == 40 { blob_hash::<Sha1>(content, length) } else { blob_hash::<Sha256>(content, length) };
        hash.map(|hash| hash == *self.0)
    }
}

/// What a file would be called.
fn blob_hash<D: Digest>(mut content: impl Read, length: u64) -> io::Result<String> {
    let mut hash = D::new();
    hash.update(format!("blob {length}\0"));
    let mut buffer = [0; 1 << 14];
    loop {
        match content.read(&mut buffer)? {
            0 => break,
            read => hash.update(buffer.get(..read).unwrap_or_default()),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a tree has at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file; whether it may be executed makes no difference to a render.
    File,
    /// A symbolic link, whose target is its blob.
    Link,
    /// A submodule, of which only the commit is known here.
    Submodule,
}

/// A path of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub id: ObjectId,
}

/// All files of a commit, by their paths from the top.
#[derive(Clone, Debug, Default)]
pub struct Tree(BTreeMap<PathBuf, Entry>);

impl Tree {
    /// What is at a path.
    pub fn get(&self, path: &Path) -> Option<&Entry> {
        self.0.get(path)
    }

    /// The paths below a directory (all, for the empty path), in order.
    pub fn below<'a>(&'a self, directory: &'a Path) -> impl Iterator<Item = (&'a Path, &'a Entry)> {
        // Paths are ordered by their parts, so that those of a directory follow each other.
        let from = self.0.range::<Path, _>((Bound::Included(directory), Bound::Unbounded));
        from.map(|(path, entry)| (path.as_path(), entry)).take_while(move |(path, _)| path.starts_with(directory))
    }
}

/// Reads what `git ls-tree -r -z` prints: `MODE TYPE ID<tab>PATH<nul>`.
pub(super) fn read_tree(list: &mut impl BufRead) -> io::Result<Tree> {
    let mut tree = BTreeMap::new();
    let mut line = Vec::new();
    while list.read_until(0, &mut line)? > 0 {
        let wrong = || io::Error::other(format!("git lists {}", String::from_utf8_lossy(&line)));
        let tab = line.iter().position(|byte| *byte == b'\t').ok_or_else(wrong)?;
        let head = str::from_utf8(&line[..tab]).map_err(io::Error::other)?;
        let [mode, _, id] = head.split(' ').collect::<Vec<_>>()[..] else { return Err(wrong()) };
        let kind = match mode {
            "120000" => Kind::Link,
            "160000" => Kind::Submodule,
            _ => Kind::File,
        };
        let id = ObjectId::parse(id).map_err(|error| io::Error::other(error.message))?;
        if let Some(path) = path(line[tab + 1..].strip_suffix(b"\0").ok_or_else(wrong)?) {
            tree.insert(path, Entry { kind, id });
        }
        line.clear();
    }
    Ok(Tree(tree))
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

/// A path that the system can't have is nobody's.
#[cfg(not(unix))]
fn path(bytes: &[u8]) -> Option<PathBuf> {
    str::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Kind, ObjectId, read_tree};

    #[test]
    fn bytes_have_the_names_that_git_gives_them() {
        for (bytes, sha1, sha256) in [
            ("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"),
            ("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a", "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4"),
        ] {
            for name in [sha1, sha256] {
                let id = ObjectId::parse(name).unwrap();
                assert!(id.names_bytes(bytes.as_bytes()), "{name}");
                assert!(!id.names_bytes(b"hello"), "{name}");
            }
        }
        assert!(ObjectId::parse("--help").is_err() && ObjectId::parse("").is_err() && ObjectId::parse(&"g".repeat(40)).is_err());
    }

    #[test]
    fn a_list_of_files() {
        let id = "ce013625030ba8dba906f756967f9e9ca394464a";
        let list = ["100644 blob ID\ta/b c.yaml", "100755 blob ID\ta/\u{fc}\n", "120000 blob ID\tab", "160000 commit ID\tz/module"]
            .map(|line| line.replace("ID", id) + "\0");
        let tree = read_tree(&mut list.concat().as_bytes()).unwrap();
        let below = |dir: &str| tree.below(Path::new(dir)).map(|(path, _)| path.to_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(below("a"), ["a/b c.yaml", "a/\u{fc}\n"]);
        assert_eq!(below("").len(), 4);
        assert_eq!(below("b"), Vec::<String>::new());
        assert_eq!(tree.get(Path::new("z/module")).map(|entry| entry.kind), Some(Kind::Submodule));
        for wrong in ["100644 blob\ta\0", "100644 blob x\ta\0", "a\0", &format!("100644 blob {id}\ta")] {
            assert!(read_tree(&mut wrong.as_bytes()).is_err(), "{wrong:?}");
        }
    }
}
