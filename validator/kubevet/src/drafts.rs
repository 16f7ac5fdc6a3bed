//! Files as they would be: texts that nobody saved, over what the file system has.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use kustomize::{Disk, FileTree, Found};

/// What an editor holds, or what an edit would leave. Everything else is as the file system has it.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    /// By path without links; nothing where the file would be gone.
    files: BTreeMap<PathBuf, Option<Arc<str>>>,
}

impl Drafts {
    /// Makes a file have a text, whether it is there already or not; the directories above it need not be there.
    ///
    /// # Errors
    /// The path can't be made absolute, or links on its way lead in a circle.
    pub fn write(&mut self, path: &Path, text: impl Into<Arc<str>>) -> io::Result<()> {
        self.files.insert(resolved(path)?, Some(text.into()));
        Ok(())
    }

    /// Makes a file not be there.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.files.insert(resolved(path)?, None);
        Ok(())
    }

    /// Makes a file be as the file system has it.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn forget(&mut self, path: &Path) -> io::Result<()> {
        self.files.remove(&resolved(path)?);
        Ok(())
    }

    /// Whether everything is as the file system has it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files that are not as the file system has them, by path without links; without a text where one would be gone.
    pub fn files(&self) -> impl Iterator<Item = (&Path, Option<&str>)> {
        self.files.iter().map(|(path, text)| (path.as_path(), text.as_deref()))
    }

    /// The text of a file that is a draft; `Some(None)` for one that would be gone.
    pub fn text(&self, path: &Path) -> Option<Option<&str>> {
        let known = self.files.get(path).or_else(|| self.files.get(&resolved(path).ok()?));
        known.map(Option::as_deref)
    }

    /// Whether a file of the drafts is below a directory, so that the directory is there.
    fn has_below(&self, directory: &Path) -> bool {
        let behind = self.files.range::<Path, _>((Bound::Excluded(directory), Bound::Unbounded));
        behind.take_while(|(path, _)| path.starts_with(directory)).any(|(_, text)| text.is_some())
    }
}

impl FileTree for Drafts {
    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let real = resolved(path)?;
        match self.files.get(&real) {
            Some(Some(_)) => Ok(real),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None if self.has_below(&real) => Ok(real),
            None => Disk.real(path),
        }
    }

    fn look(&self, path: &Path) -> io::Result<Found> {
        let on_disk = Disk.look(path);
        if matches!(on_disk, Ok(Found::Link | Found::Other)) {
            return on_disk;
        }
        let real = resolved(path)?;
        match self.files.get(&real) {
            Some(Some(text)) => Ok(Found::File(text.len() as u64)),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None if on_disk.is_err() && self.has_below(&real) => Ok(Found::Directory),
            None => on_disk,
        }
    }

    fn read(&self, real: &Path, longest: u64) -> io::Result<Option<Vec<u8>>> {
        match self.files.get(real) {
            // One byte more than the longest tells that there is more.
            Some(Some(text)) => Ok(Some(text.bytes().take(usize::try_from(longest).unwrap_or(usize::MAX).saturating_add(1)).collect())),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None => Disk.read(real, longest),
        }
    }
}

/// A path without links, as far as it exists; the rest of it is taken by name.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    for above in absolute.ancestors() {
        let mut real = match fs::canonicalize(above) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for part in absolute.strip_prefix(above).unwrap_or(Path::new("")).components() {
            match part {
                Component::ParentDir => drop(real.pop()),
                Component::Normal(name) => real.push(name),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        return Ok(real);
    }
    Ok(absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lie_over_what_the_disk_has() {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path().canonicalize().unwrap();
        fs::write(top.join("kept.yaml"), "kept").unwrap();
        fs::write(top.join("gone.yaml"), "gone").unwrap();
        fs::create_dir(top.join("real")).unwrap();
        std::os::unix::fs::symlink("real", top.join("link")).unwrap();
        let mut drafts = Drafts::default();
        drafts.write(&top.join("link/../new/below/a.yaml"), "a").unwrap();
        drafts.write(&top.join("link/b.yaml"), "bb").unwrap();
        drafts.remove(&top.join("gone.yaml")).unwrap();
        let read = |path: &str| {
            let real = drafts.real(&top.join(path)).ok()?;
            Some(String::from_utf8(drafts.read(&real, 9).unwrap()?).unwrap())
        };
        // `..` behind a directory that is there is that of what the link leads to.
        assert_eq!(read("new/below/a.yaml").as_deref(), Some("a"));
        assert_eq!(read("new/../new/below/./a.yaml").as_deref(), Some("a"));
        assert_eq!(read("real/b.yaml").as_deref(), Some("bb"));
        assert_eq!(read("link/b.yaml").as_deref(), Some("bb"));
        assert_eq!(read("kept.yaml").as_deref(), Some("kept"));
        assert_eq!(read("gone.yaml"), None);
        let look = |path: &str| drafts.look(&top.join(path)).ok();
        assert_eq!(look("new"), Some(Found::Directory));
        assert_eq!(look("real/b.yaml"), Some(Found::File(2)));
        assert_eq!(look("link"), Some(Found::Link));
        assert_eq!(look("gone.yaml"), None);
        assert_eq!(look("ne"), None);
        assert_eq!(drafts.text(&top.join("link/b.yaml")), Some(Some("bb")));
        assert_eq!(drafts.text(&top.join("gone.yaml")), Some(None));
        assert_eq!(drafts.text(&top.join("kept.yaml")), None);
        assert_eq!(drafts.read(&top.join("real/b.yaml"), 0).unwrap().unwrap().len(), 1);
        drafts.forget(&top.join("gone.yaml")).unwrap();
        assert_eq!(fs::read_to_string(drafts.real(&top.join("gone.yaml")).unwrap()).unwrap(), "gone");
    }
}
