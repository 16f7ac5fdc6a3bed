//! What there is in the renders of a state: looked up again and again, and kept for overlays that did not change.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::Render;

use super::holder::anchor;
use crate::check::Examined;
use crate::location::Object;
use crate::paths::shown;

/// What there is in each overlay.
#[derive(Debug, Default)]
pub(super) struct Index {
    overlays: Vec<Arc<Parts>>,
    /// By path as it is shown, and environment.
    places: HashMap<(PathBuf, String), usize>,
}

/// What there is in one.
#[derive(Debug)]
struct Parts {
    renders: Vec<Arc<Render>>,
    /// The files that it reads, without links.
    files: HashSet<PathBuf>,
    /// Where its objects begin.
    anchors: HashSet<(PathBuf, u32)>,
    objects: HashMap<Object, usize>,
}

impl Index {
    pub(super) fn of(examined: &Examined, earlier: Option<&Self>) -> Self {
        let known = |at: usize, renders: &[Arc<Render>]| {
            let parts = earlier?.overlays.get(at)?;
            is_same(&parts.renders, renders).then(|| Arc::clone(parts))
        };
        let mut paths: HashMap<&Path, PathBuf> = HashMap::new();
        let (mut overlays, mut places) = (Vec::new(), HashMap::new());
        for (at, (judged, renders)) in examined.renders.iter().enumerate() {
            places.entry((shown(&judged.path), judged.environment.clone())).or_insert(at);
            overlays.push(known(at, renders).unwrap_or_else(|| Arc::new(Parts::of(renders, &mut paths))));
        }
        Self { overlays, places }
    }

    /// The overlay of a path, in an environment.
    pub(super) fn overlay(&self, path: &Path, environment: &str) -> Option<usize> {
        self.places.get(&(path.to_owned(), environment.to_owned())).copied()
    }

    /// Where an object is among those of an overlay.
    pub(super) fn place(&self, overlay: usize, object: &Object) -> Option<usize> {
        self.overlays.get(overlay)?.objects.get(object).copied()
    }

    /// The overlays that read a file, whose path is one without links.
    pub(super) fn readers(&self, file: &Path) -> Option<BTreeSet<usize>> {
        self.those(|parts| parts.files.contains(file))
    }

    /// The overlays that have an object which begins there.
    pub(super) fn having(&self, anchor: &(PathBuf, u32)) -> Option<BTreeSet<usize>> {
        self.those(|parts| parts.anchors.contains(anchor))
    }

    fn those(&self, is_it: impl Fn(&Parts) -> bool) -> Option<BTreeSet<usize>> {
        let found: BTreeSet<usize> = self.overlays.iter().enumerate().filter(|(_, parts)| is_it(parts)).map(|(at, _)| at).collect();
        (!found.is_empty()).then_some(found)
    }
}

impl Parts {
    fn of<'e>(renders: &'e [Arc<Render>], paths: &mut HashMap<&'e Path, PathBuf>) -> Self {
        let files = renders.iter().flat_map(|render| &render.inputs);
        let files = files.map(|path| paths.entry(path).or_insert_with(|| real(path)).clone()).collect();
        let each = || renders.iter().flat_map(|render| render.objects.iter().map(move |object| (render, object)));
        let mut objects = HashMap::new();
        for (at, (_, object)) in each().enumerate() {
            objects.entry(Object::of(object)).or_insert(at);
        }
        Self {
            renders: renders.to_vec(),
            files,
            anchors: each().map(|(render, object)| anchor(&render.sources, object)).collect(),
            objects,
        }
    }
}

/// Whether renders are the very same.
pub(super) fn is_same(one: &[Arc<Render>], other: &[Arc<Render>]) -> bool {
    one.len() == other.len() && std::iter::zip(one, other).all(|(one, other)| Arc::ptr_eq(one, other))
}

/// A path without links, as far as it is there.
pub(super) fn real(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
