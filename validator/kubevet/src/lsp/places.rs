//! From a byte of a file to the fields that it set, or set before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Node, Origin, Render, SourceId};

use crate::location::Step;

/// What an overlay renders to.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The environment that it is judged in.
    pub(super) environment: String,
    /// Its directory.
    pub(super) overlay: PathBuf,
    pub(super) render: Arc<Render>,
}

/// A byte of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'a> {
    /// The file, without links.
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
    pub(super) offset: usize,
}

/// A field of an object of a render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// The place of the object in the render.
    pub(super) object: usize,
    pub(super) path: Vec<Step>,
    /// What was found at the spot: the first byte of the key, and one past the end.
    pub(super) range: (u32, u32),
}

/// More fields than these are not looked at: a label may be in thousands of objects.
const MOST: usize = 64;

/// The innermost fields that the file sets at a spot, or set there before something else did; removed ones too.
pub(super) fn fields_at(render: &Render, spot: Spot<'_>) -> Vec<Field> {
    let is_it = |path: &Path| path.file_name() == spot.file.file_name() && path.canonicalize().is_ok_and(|real| real == spot.file);
    // A patch within a kustomization is a text of its own, whose bytes count from its own beginning.
    let sources: Vec<SourceId> = render
        .sources
        .iter()
        .filter(|(_, source)| source.text() == spot.text && (source.path() == spot.file || is_it(source.path())))
        .map(|(id, _)| id)
        .collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let mut search =
        Search { sources: &sources, offset: u32::try_from(spot.offset).unwrap_or(u32::MAX), path: Vec::new(), found: Vec::new() };
    for (at, object) in render.objects.iter().enumerate() {
        search.visit(at, object);
    }
    let Some(narrowest) = search.found.iter().map(|field| field.range.1 - field.range.0).min() else { return Vec::new() };
    // Of fields that one place made, such as all of a short map, the outermost is what stands there.
    let mut fields: Vec<Field> = search.found.into_iter().filter(|field| field.range.1 - field.range.0 == narrowest).collect();
    fields.dedup_by(|next, one| next.object == one.object && next.path.starts_with(&one.path));
    fields.truncate(MOST);
    fields
}

struct Search<'a> {
    sources: &'a [SourceId],
    offset: u32,
    path: Vec<Step>,
    found: Vec<Field>,
}

impl Search<'_> {
    fn visit(&mut self, object: usize, node: &Node) {
        self.look(object, &node.origin);
        for removal in node.removed() {
            self.path.push(Step::Key(removal.key.to_string()));
            self.look(object, &removal.by);
            self.look(object, &removal.had);
            self.path.pop();
        }
        for entry in node.entries() {
            self.path.push(Step::Key(entry.key.text.to_string()));
            self.visit(object, &entry.value);
            self.path.pop();
        }
        for (at, item) in node.items().iter().enumerate() {
            self.path.push(Step::Index(at));
            self.visit(object, item);
            self.path.pop();
        }
    }

    fn look(&mut self, object: usize, origin: &Origin) {
        let holds = |origin: &&Origin| self.sources.contains(&origin.source) && origin.key <= self.offset && self.offset <= origin.end;
        if let Some(origin) = origin.history().find(holds) {
            self.found.push(Field { object, path: self.path.clone(), range: (origin.key, origin.end) });
        }
    }
}
