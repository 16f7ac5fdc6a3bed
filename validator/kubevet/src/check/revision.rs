//! A revision as a tree of files, so that overlays are built as they were without a checkout of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kustomize::{Error, FileTree, Found, yaml};

use super::done::Done;
use crate::discover::FILE_NAMES;
use crate::files::{is_manifest, not_regular};
use crate::git::{Entry, Kind, ObjectId, Snapshot};
use crate::problem::unreadable;
use crate::vendor::{Shelf, tree};

/// How many links a path may go through, as for the kernel.
const MOST_LINKS: usize = 40;

/// How many files of a directory are asked for at once.
const MOST_BESIDE: usize = 20_000;

/// The files of a revision at the places where the working tree has them. What is outside of the checkout is not there.
#[derive(Debug)]
pub struct RevisionTree {
    snapshot: Snapshot,
    directories: BTreeSet<PathBuf>,
    /// Contents that were read, by the names of their objects.
    known: Mutex<HashMap<String, Vec<u8>>>,
    /// The directories whose changed files git was asked for together.
    asked: Mutex<HashSet<PathBuf>>,
    /// What was rendered of it.
    pub(super) done: Arc<Done>,
}

impl RevisionTree {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        let mut directories = BTreeSet::from([PathBuf::new()]);
        for (path, _) in snapshot.tree.below(Path::new("")) {
            for above in path.ancestors().skip(1) {
                if !directories.insert(above.to_owned()) {
                    break;
                }
            }
        }
        Self { snapshot, directories, known: Mutex::default(), asked: Mutex::default(), done: Arc::default() }
    }

    /// Whether it has a kustomization in a directory.
    pub(crate) fn has_kustomization(&self, directory: &Path) -> bool {
        FILE_NAMES.iter().any(|name| FileTree::real(self, &directory.join(name)).is_ok())
    }

    /// The directories with a kustomization, from the top of the checkout.
    pub(crate) fn kustomizations(&self) -> impl Iterator<Item = PathBuf> {
        let files = self.snapshot.tree.below(Path::new(""));
        files
            .filter(|(path, _)| FILE_NAMES.iter().any(|name| path.ends_with(name)))
            .filter_map(|(path, _)| path.parent().map(Path::to_owned))
    }

    /// All files, where they would be.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let files = self.snapshot.tree.below(Path::new("")).filter(|(_, entry)| entry.kind == Kind::File);
        files.map(|(path, _)| self.top().join(path)).collect()
    }

    /// The directory of the checkout.
    pub(crate) fn top(&self) -> &Path {
        self.snapshot.checkout.top()
    }

    /// A path from the top, without links; `last` says whether the last part is followed too.
    fn inside(&self, path: &Path, last: bool) -> io::Result<PathBuf> {
        let absolute = std::path::absolute(path)?;
        // The way to the checkout is that of the file system.
        let below = match absolute.strip_prefix(self.top()) {
            Ok(below) => below.to_owned(),
            Err(_) => self.through_links(&absolute)?,
        };
        let mut at = PathBuf::new();
        let mut left: Vec<PathBuf> = vec![below];
        let mut followed = 0;
        while let Some(rest) = left.pop() {
            let mut parts = rest.components();
            let Some(part) = parts.next() else { continue };
            let rest = parts.as_path().to_owned();
            let is_last = rest.as_os_str().is_empty() && left.iter().all(|rest| rest.as_os_str().is_empty());
            left.push(rest);
            match part {
                Component::CurDir => continue,
                Component::ParentDir => {
                    if !at.pop() {
                        return Err(missing());
                    }
                    continue;
                }
                Component::Normal(name) => at.push(name),
                Component::RootDir | Component::Prefix(_) => return Err(missing()),
            }
            let Some(entry) = self.snapshot.tree.get(&at).filter(|entry| entry.kind == Kind::Link) else { continue };
            if is_last && !last {
                continue;
            }
            followed += 1;
            if followed > MOST_LINKS {
                return Err(io::Error::other("too many levels of symbolic links"));
            }
            let target = self.content(&at, &entry.id)?;
            let target = PathBuf::from(String::from_utf8(target).map_err(io::Error::other)?);
            at.pop();
            if target.is_absolute() {
                left = vec![target.strip_prefix(self.top()).map_err(|_| missing())?.to_owned()];
                at = PathBuf::new();
            } else {
                left.push(target);
            }
        }
        Ok(at)
    }

    /// A path that leads into the checkout by another way, such as a link to it.
    fn through_links(&self, absolute: &Path) -> io::Result<PathBuf> {
        let mut rest = PathBuf::new();
        for above in absolute.ancestors() {
            if let Ok(real) = above.canonicalize()
                && let Ok(inside) = real.strip_prefix(self.top())
            {
                return Ok(inside.join(rest));
            }
            let Some(name) = above.file_name() else { break };
            rest = Path::new(name).join(rest);
        }
        Err(missing())
    }

    /// The bytes of a file or link, whose path is from the top.
    fn content(&self, path: &Path, id: &ObjectId) -> io::Result<Vec<u8>> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = lock().get(id.as_str()) {
            return Ok(content.clone());
        }
        // Most files are as they were, and to read them takes less time than to ask git.
        if let Some(content) = self.unchanged(path, id) {
            lock().insert(id.as_str().to_owned(), content.clone());
            return Ok(content);
        }
        self.read_beside(path);
        if let Some(content) = lock().get(id.as_str()) {
            return Ok(content.clone());
        }
        let content = self.snapshot.checkout.blobs(std::slice::from_ref(id)).map_err(|error| io::Error::other(error.message))?.concat();
        lock().insert(id.as_str().to_owned(), content.clone());
        Ok(content)
    }

    /// What the working tree has at a path, if it is this object.
    fn unchanged(&self, path: &Path, id: &ObjectId) -> Option<Vec<u8>> {
        let now = self.top().join(path);
        let length = fs::symlink_metadata(&now).ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len())?;
        if length > yaml::LONGEST_FILE {
            return None;
        }
        let mut content = Vec::with_capacity(usize::try_from(length).ok()?);
        File::open(now).ok()?.take(length + 1).read_to_end(&mut content).ok()?;
        id.names_bytes(&content).then_some(content)
    }

    /// To ask git once for all manifests of a directory that changed takes less time than to ask it for two of them.
    fn read_beside(&self, path: &Path) {
        let directory = path.parent().unwrap_or(Path::new(""));
        let is_first = self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(directory.to_owned());
        if !is_first {
            return;
        }
        let beside = self.snapshot.tree.below(directory).filter(|(path, _)| path.parent() == Some(directory));
        let is_wanted = |(path, entry): &(&Path, &Entry)| {
            let is_read = entry.kind == Kind::Link || (entry.kind == Kind::File && is_manifest(path));
            is_read && self.unchanged(path, &entry.id).is_none()
        };
        let ids: BTreeMap<&str, &ObjectId> = beside.filter(is_wanted).map(|(_, entry)| (entry.id.as_str(), &entry.id)).collect();
        let ids: Vec<ObjectId> = ids.into_values().take(MOST_BESIDE).cloned().collect();
        // What can't be read is asked for by itself, and the error told then.
        if let Ok(contents) = self.snapshot.checkout.blobs(&ids) {
            let known = std::iter::zip(ids.iter().map(|id| id.as_str().to_owned()), contents);
            self.known.lock().unwrap_or_else(PoisonError::into_inner).extend(known);
        }
    }
}

fn missing() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "No such file or directory")
}

impl Shelf for RevisionTree {
    fn text(&self, path: &Path) -> Result<Option<String>, Error> {
        let Ok(real) = FileTree::real(self, path) else { return Ok(None) };
        let failed = |error: io::Error| unreadable(path, &error);
        let bytes = self.read(&real, yaml::LONGEST_FILE).map_err(failed)?.ok_or_else(|| not_regular(path))?;
        yaml::read_text(path, bytes.as_slice()).map(Some)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        FileTree::real(self, path).ok()
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.inside(path, true).is_ok_and(|inside| self.directories.contains(&inside))
    }

    fn files(&self, dir: &Path) -> Result<Vec<PathBuf>, Error> {
        let inside = self.inside(dir, false).map_err(|error| unreadable(dir, &error))?;
        let mut files = Vec::new();
        let mut bytes = 0;
        for (path, entry) in self.snapshot.tree.below(&inside) {
            if entry.kind != Kind::File {
                return Err(not_regular(&self.top().join(path)));
            }
            bytes += self.content(path, &entry.id).map_err(|error| unreadable(path, &error))?.len() as u64;
            tree::add(dir, path.strip_prefix(&inside).unwrap_or(path), bytes, &mut files)?;
        }
        Ok(tree::in_order(files))
    }

    fn hash_of_file(&self, path: &Path) -> Result<String, Error> {
        match self.read(path, yaml::LONGEST_FILE).map_err(|error| unreadable(path, &error))? {
            Some(bytes) if bytes.len() as u64 <= yaml::LONGEST_FILE => Ok(tree::hash_of(&bytes)),
            Some(_) => Err(tree::too_large(path)),
            None => Err(not_regular(path)),
        }
    }
}

impl FileTree for RevisionTree {
    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let inside = self.inside(path, true)?;
        let is_there = self.directories.contains(&inside) || self.snapshot.tree.get(&inside).is_some();
        if is_there { Ok(self.top().join(inside)) } else { Err(missing()) }
    }

    fn look(&self, path: &Path) -> io::Result<Found> {
        let inside = self.inside(path, false)?;
        if self.directories.contains(&inside) {
            return Ok(Found::Directory);
        }
        let entry = self.snapshot.tree.get(&inside).ok_or_else(missing)?;
        Ok(match entry.kind {
            Kind::Link => Found::Link,
            Kind::Submodule => Found::Other,
            Kind::File => Found::File(self.content(&inside, &entry.id)?.len() as u64),
        })
    }

    fn read(&self, real: &Path, longest: u64) -> io::Result<Option<Vec<u8>>> {
        let inside = self.inside(real, false)?;
        match self.snapshot.tree.get(&inside) {
            Some(entry) if entry.kind == Kind::File => {
                let mut content = self.content(&inside, &entry.id)?;
                content.truncate(longest as usize + 1);
                Ok(Some(content))
            }
            Some(_) => Ok(None),
            None => Err(missing()),
        }
    }
}
