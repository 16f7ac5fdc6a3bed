//! Whether a build by another program would leave this machine: everything that a kustomization leads to is looked at.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::build::build_as;
use crate::context::Context;
use crate::context::decode::Text;
use crate::elsewhere::address::{Repository, is_remote_file};
use crate::error::{Error, Place};
use crate::file::embedded::Embedded;
use crate::file::load::Root;
use crate::object::render::Render;
use crate::settings::Settings;
use crate::source::Origin;
use crate::yaml::Dialect;
use crate::yaml::node::Node;

/// Fields, in lower case as Kustomize compares them, that hold content and never a name. Any other one may name something, those that only later
/// versions know included.
const CONTENT: [&str; 18] = [
    "annotations",
    "buildmetadata",
    "commonannotations",
    "commonlabels",
    "fieldspecs",
    "generatoroptions",
    "images",
    "imagetags",
    "labels",
    "literals",
    "metadata",
    "options",
    "patch",
    "replicas",
    "select",
    "target",
    "value",
    "vars",
];

/// Fields whose entries are configurations of plugins, or files or directories of them, which name files in turn.
const PLUGINS: [&str; 3] = ["generators", "transformers", "validators"];

/// Nothing if all that the kustomization in `directory` leads to is in local files.
///
/// What looks remote and is none (a text in a plugin's configuration) counts as remote: whoever asks wants to be certain.
///
/// # Errors
/// With its line, the first thing that is remote or that can't be read.
pub fn check_local(settings: &Settings, directory: &Path) -> Result<(), Error> {
    let mut context = Context::new(settings);
    let mut open = vec![Root::open(&mut context, directory)?];
    let mut seen: HashSet<PathBuf> = HashSet::new();
    while let Some(root) = open.pop() {
        if seen.insert(root.paths().0.to_owned()) {
            Look { context: &mut context, settings, root: &root, open: &mut open }.kustomization()?;
        }
    }
    Ok(())
}

/// A look at the kustomization of one directory.
struct Look<'a> {
    context: &'a mut Context,
    settings: &'a Settings,
    root: &'a Root,
    /// Directories that it leads to.
    open: &'a mut Vec<Root>,
}

impl Look<'_> {
    fn kustomization(&mut self) -> Result<(), Error> {
        let id = self.root.kustomization_file(self.context, None)?.into_source(self.context)?;
        for document in self.context.read(id, Dialect::YamlV2)? {
            for entry in document.entries() {
                let field = entry.key.text.to_ascii_lowercase();
                if PLUGINS.contains(&field.as_str()) {
                    entry.value.items().iter().try_for_each(|item| self.plugin(item))?;
                } else if !CONTENT.contains(&field.as_str()) {
                    self.names(&entry.value)?;
                }
            }
        }
        Ok(())
    }

    /// Looks at every name in a node, and remembers directories.
    fn names(&mut self, node: &Node) -> Result<(), Error> {
        let context = &*self.context;
        local(node, &|origin, name| Err(context.remote(origin, name)))?;
        let mut directories = Vec::new();
        directories_in(node, self.root, &mut directories);
        for directory in directories {
            let below = self.root.descend(self.context, &directory)?;
            self.open.push(below);
        }
        Ok(())
    }

    /// Looks at an entry of [`PLUGINS`].
    fn plugin(&mut self, node: &Node) -> Result<(), Error> {
        self.names(node)?;
        let Some(value) = node.as_str() else { return Ok(()) };
        let text = Text { value: value.into(), origin: node.origin.clone() };
        if self.root.is_directory(value) {
            // Its own build gives the configurations.
            let Render { objects, sources, .. } = build_as(self.settings.clone(), &self.root.paths().1.join(value))?;
            let remote = |origin: &Origin, name: &str| {
                let error = self.context.remote(&node.origin, name);
                Err(error.related(Place::of(&sources, origin), "here"))
            };
            return objects.iter().try_for_each(|object| local(object, &remote));
        }
        let (id, embedded) = match self.root.load(self.context, &text) {
            Ok(loaded) => (loaded.into_source(self.context)?, None),
            Err(_) if value.contains(':') => {
                let embedded = Embedded::new(self.context, &text);
                (embedded.id, Some(embedded))
            }
            Err(error) => return Err(error),
        };
        for mut document in self.context.read(id, Dialect::YamlV3)? {
            embedded.iter().for_each(|embedded| embedded.tree(&mut document));
            self.names(&document)?;
        }
        Ok(())
    }
}

/// Gives what `remote` says of the first name in a node that is remote, a key before it or not: `key=https://…`.
fn local(node: &Node, remote: &dyn Fn(&Origin, &str) -> Result<(), Error>) -> Result<(), Error> {
    let entries = node.entries().iter().filter(|entry| !CONTENT.contains(&entry.key.text.to_ascii_lowercase().as_str()));
    entries.map(|entry| &entry.value).chain(node.items()).try_for_each(|node| local(node, remote))?;
    let text = node.as_str().unwrap_or_default().trim();
    let is_address = |name: &str| name.contains("://") && !name.contains(char::is_whitespace);
    let mut names = std::iter::once(text).chain(text.split('='));
    if names.any(|name| Repository::parse(name).is_some() || is_remote_file(name) || is_address(name)) {
        remote(&node.origin, text)
    } else {
        Ok(())
    }
}

fn directories_in(node: &Node, root: &Root, found: &mut Vec<Text>) {
    let entries = node.entries().iter().filter(|entry| !CONTENT.contains(&entry.key.text.to_ascii_lowercase().as_str()));
    entries.map(|entry| &entry.value).chain(node.items()).for_each(|node| directories_in(node, root, found));
    if let Some(text) = node.as_str().filter(|text| !text.is_empty() && root.is_directory(text)) {
        found.push(Text { value: text.into(), origin: node.origin.clone() });
    }
}
