//! What a project has that no build shows: manifests in directories without a kustomization, which something else applies, and what an overlay would
//! have if it could be built. It is only asked whether a name is there, so what can't be read has nothing.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{FileTree, Node, read_manifests, yaml};
use walkdir::WalkDir;

use crate::discover::{self, kustomization_file};
use crate::drafts::Drafts;
use crate::files;

/// How many files are read, and how much of one: what is larger holds definitions, which nothing refers to by name.
const MOST_FILES: usize = 10_000;
const LARGEST: u64 = 1 << 20;

/// The objects of loose manifests below `root` and of `broken` overlays, and apart from them those in a directory that is called like one of the
/// `others`, other environments.
pub(super) fn objects<'d>(root: &Path, broken: impl Iterator<Item = &'d Path>, others: &[String], drafts: &Arc<Drafts>) -> [Vec<Node>; 2] {
    let tree = Arc::clone(drafts) as Arc<dyn FileTree>;
    let (mut paths, mut generated) = (HashSet::new(), Vec::new());
    for dir in broken {
        let named = kustomize::named_files_in(&tree, dir);
        for file in &named {
            let is_kustomization = discover::FILE_NAMES.iter().any(|name| file.ends_with(name));
            let outline = file.parent().filter(|_| is_kustomization).and_then(|dir| kustomize::outline_in(Arc::clone(&tree), dir).ok());
            generated.extend(outline.into_iter().flat_map(|outline| outline.generates));
        }
        paths.extend(named);
    }
    let names_other = |path: &PathBuf| {
        let below = path.strip_prefix(root).unwrap_or(path);
        below.iter().any(|part| others.iter().any(|other| part == other.as_str()))
    };
    let (of_others, plain): (HashSet<PathBuf>, HashSet<PathBuf>) = plain(root).into_iter().partition(names_other);
    paths.extend(plain);
    let mut found = read_all(paths, drafts);
    for (kind, name) in generated {
        // JSON of the name, so that it stands for itself.
        let text = serde_json::json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}).to_string();
        found.extend(read_manifests(root, text).into_iter().flat_map(|render| render.objects));
    }
    [found, read_all(of_others, drafts)]
}

fn read_all(paths: HashSet<PathBuf>, drafts: &Drafts) -> Vec<Node> {
    let mut paths: Vec<PathBuf> = paths.into_iter().filter(|path| files::is_manifest(path)).collect();
    paths.sort();
    paths.iter().take(MOST_FILES).filter_map(|path| read(path, drafts)).flatten().collect()
}

/// The files in directories that no kustomization is in or above.
fn plain(root: &Path) -> Vec<PathBuf> {
    let is_entered = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let is_dir = entry.file_type().is_dir();
        entry.depth() == 0 || !is_dir || !(discover::is_passed_over(&name) || kustomization_file(entry.path()).is_some())
    };
    if kustomization_file(root).is_some() {
        return Vec::new();
    }
    let entries = WalkDir::new(root).into_iter().filter_entry(is_entered).filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

fn read(path: &Path, drafts: &Drafts) -> Option<Vec<Node>> {
    let text = match drafts.text(path) {
        Some(draft) => yaml::read_text(path, draft?.as_bytes()).ok()?,
        None => {
            let mut text = String::new();
            files::open(path).ok()?.take(LARGEST + 1).read_to_string(&mut text).ok()?;
            text
        }
    };
    if text.len() as u64 > LARGEST {
        return None;
    }
    Some(read_manifests(path, text).ok()?.objects)
}
