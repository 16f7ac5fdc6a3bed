//! What a kustomization builds on, without building it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::context::Context;
use crate::context::shared::Shared;
use crate::context::tree::{Disk, FileTree, Files, Found};
use crate::error::Error;
use crate::file::generator::GeneratorArgs;
use crate::file::kustomization::Kustomization;
use crate::file::load::Root;
use crate::source::Origin;
use crate::yaml::node::Node;

/// What tells which kustomizations build on which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Whether it says `kind: Component`.
    pub is_component: bool,
    /// What `resources`, `bases` and `components` name, as written: directories, files and addresses.
    pub references: Vec<String>,
    /// The ConfigMaps and Secrets that its generators make or add to, by kind and name, as written.
    pub generates: Vec<(&'static str, String)>,
}

/// Reads the kustomization in `directory` as a build does.
///
/// # Errors
/// As [`crate::build`] for the file itself: there is none, or more than one, or it isn't a kustomization.
pub fn outline(directory: &Path) -> Result<Outline, Error> {
    outline_in(Arc::new(Disk), directory)
}

/// The same of a kustomization in that tree.
///
/// # Errors
/// As [`outline`].
pub fn outline_in(tree: Arc<dyn FileTree>, directory: &Path) -> Result<Outline, Error> {
    let mut context = context(tree);
    let root = Root::open(&mut context, directory)?;
    let loaded = root.kustomization_file(&mut context, None)?;
    let id = loaded.into_source(&mut context)?;
    let document = context.read_first(id)?;
    let kustomization = Kustomization::read(&context, document.as_ref(), &Origin::new(id, 0, 0))?;
    let references = kustomization.resources.iter().chain(&kustomization.components);
    let of = |kind, list: &[GeneratorArgs]| {
        let names = list.iter().filter_map(|args| args.name.as_ref());
        names.map(|name| (kind, name.value.to_string())).collect::<Vec<_>>()
    };
    let generates = [of("ConfigMap", &kustomization.config_maps), of("Secret", &kustomization.secrets)].concat();
    let references = references.map(|text| text.value.to_string()).collect();
    Ok(Outline { is_component: kustomization.is_component, references, generates })
}

/// The files that the kustomization in `directory` and those that it leads to name in any field: at least those that a build reads, one that fails
/// included. What can't be read leads to nothing.
pub fn named_files(directory: &Path) -> BTreeSet<PathBuf> {
    named_files_in(&(Arc::new(Disk) as Arc<dyn FileTree>), directory)
}

/// The same of a kustomization in that tree.
pub fn named_files_in(tree: &Arc<dyn FileTree>, directory: &Path) -> BTreeSet<PathBuf> {
    let found = |path: &Path| tree.real(path).and_then(|real| tree.look(&real)).ok();
    let mut files = BTreeSet::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        if !tree.real(&directory).is_ok_and(|real| seen.insert(real)) {
            continue;
        }
        let mut context = context(Arc::clone(tree));
        let loaded = Root::open(&mut context, &directory).and_then(|root| root.kustomization_file(&mut context, None));
        let Ok(loaded) = loaded else { continue };
        files.insert(loaded.path.clone());
        let Ok(Some(document)) = loaded.into_source(&mut context).and_then(|id| context.read_first(id)) else { continue };
        each_text(&document, &mut |text| {
            // A generator's file may have a key before it.
            for name in [Some(text), text.split_once('=').map(|(_, path)| path)].into_iter().flatten() {
                let path = directory.join(name);
                match found(&path) {
                    Some(Found::File(_)) => drop(files.insert(path)),
                    Some(Found::Directory) => open.push(path),
                    _ => {}
                }
            }
        });
    }
    files
}

/// What it takes to read a single file of a tree.
fn context(tree: Arc<dyn FileTree>) -> Context {
    Context { shared: Arc::new(Shared::for_one(Files(tree))), ..Context::default() }
}

fn each_text(node: &Node, visit: &mut dyn FnMut(&str)) {
    if let Some(text) = node.as_str().filter(|text| !text.is_empty()) {
        visit(text);
    }
    node.items().iter().for_each(|item| each_text(item, visit));
    node.entries().iter().for_each(|entry| each_text(&entry.value, visit));
}
