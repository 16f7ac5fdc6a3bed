//! Reads kubevet's own YAML files strictly: every mistake has its line, and a hint.

use std::path::Path;
use std::sync::Arc;

use kustomize::{Error, ErrorKind, Node, Place, Source, Sources, yaml};

use crate::files::read_text;
use crate::problem::{invalid, suggest};

/// An error of serde's, in YAML that begins after the line `before` of a source.
pub(crate) fn yaml_error(source: &Arc<Source>, before: u32, error: &serde_yaml::Error) -> Error {
    let line = error.location().map_or(before, |location| before + location.line() as u32).max(1) as usize;
    let starts = source.line_starts();
    let start = starts.get(line - 1).copied().unwrap_or(0);
    let end = starts.get(line).map_or(source.text().len() as u32, |next| next - 1);
    // The error's own text counts lines from where its YAML begins; the place says it right.
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    invalid(message).at(Place { source: Arc::clone(source), start, end })
}

/// One YAML document and the file that it came from.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) root: Node,
    sources: Sources,
}

impl Document {
    /// Reads a file that holds exactly one YAML document.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Self::parse(path, read_text(path)?)
    }

    /// Reads text that holds exactly one YAML document; `path` is for messages.
    pub(crate) fn parse(path: &Path, text: impl Into<Box<str>>) -> Result<Self, Error> {
        let mut sources = Sources::default();
        let id = sources.add(Source::new(path, text));
        let mut documents = yaml::read_whole(&sources, id)?;
        let (Some(root), None) = (documents.pop(), documents.pop()) else {
            let place = Place { source: sources.get(id).clone(), start: 0, end: 0 };
            return Err(Error::new(ErrorKind::Invalid, "this file must hold exactly one YAML document").at(place));
        };
        Ok(Self { root, sources })
    }

    /// What places in it refer to.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Where a node is.
    pub(crate) fn place(&self, node: &Node) -> Place {
        Place::of(&self.sources, &node.origin)
    }

    /// Makes every scalar below a node what it is in JSON.
    pub(crate) fn canonical(&self, node: &mut Node) -> Result<(), Error> {
        yaml::canonical(node, &self.sources)
    }

    /// Makes every scalar what it is in JSON.
    pub(crate) fn make_canonical(&mut self) -> Result<(), Error> {
        yaml::canonical(&mut self.root, &self.sources)
    }

    /// Where a map entry's key is.
    pub(crate) fn key_place(&self, value: &Node, key: &str) -> Place {
        let place = self.place(value);
        Place { end: place.start.saturating_add(key.len() as u32), ..place }
    }

    /// An error at a node.
    pub(crate) fn error(&self, node: &Node, message: impl Into<String>) -> Error {
        invalid(message).at(self.place(node))
    }

    /// Checks that a node is a map with known fields only.
    pub(crate) fn fields(&self, node: &Node, what: &str, known: &[&str]) -> Result<(), Error> {
        for (key, value) in self.entries(node, what)? {
            if !known.contains(&key) {
                let error = invalid(format!("{what} has no field \"{key}\"")).at(self.key_place(value, key));
                return Err(error.help(suggest(key, known.iter().copied())));
            }
        }
        Ok(())
    }

    /// The entries of a map.
    pub(crate) fn entries<'a>(&self, node: &'a Node, what: &str) -> Result<impl Iterator<Item = (&'a str, &'a Node)>, Error> {
        let map = node.as_map().ok_or_else(|| self.error(node, format!("{what} must be a map")))?;
        Ok(map.entries().iter().map(|entry| (&*entry.key.text, &entry.value)))
    }

    /// The elements of a list.
    pub(crate) fn list<'a>(&self, node: &'a Node, what: &str) -> Result<&'a [Node], Error> {
        node.as_seq().map(|seq| &*seq.items).ok_or_else(|| self.error(node, format!("{what} must be a list")))
    }

    /// A string that isn't empty.
    pub(crate) fn string<'a>(&self, node: &'a Node, what: &str) -> Result<&'a str, Error> {
        let text = node.as_str().ok_or_else(|| self.error(node, format!("{what} must be a string")))?;
        if text.trim().is_empty() {
            return Err(self.error(node, format!("{what} must not be empty")));
        }
        Ok(text)
    }

    /// The value of a field that must be there.
    pub(crate) fn required<'a>(&self, node: &'a Node, what: &str, key: &str) -> Result<&'a Node, Error> {
        node.get(key).ok_or_else(|| self.error(node, format!("{what} needs the field \"{key}\"")))
    }

    /// Checks the file's `version`, the first thing to read in it.
    pub(crate) fn version(&self, expected: i64) -> Result<(), Error> {
        let version = self.required(&self.root, "the file", "version")?;
        if version.as_i64() != Some(expected) {
            return Err(self
                .error(version, format!("this kubevet reads version {expected} of the file"))
                .help(format!("version: {expected}")));
        }
        Ok(())
    }
}
