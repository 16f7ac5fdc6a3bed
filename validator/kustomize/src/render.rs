//! What a build or a stream of manifests gives.

use std::path::PathBuf;

use crate::node::Node;
use crate::note::Note;
use crate::source::Sources;
use crate::yaml;

/// Rendered objects and where they come from.
#[derive(Clone, Debug, Default)]
pub struct Render {
    /// The objects in the order in which they are printed. Every scalar is canonical.
    pub objects: Vec<Node>,
    /// The files that origins point into.
    pub sources: Sources,
    /// What Kustomize does without a word and a person would want to know.
    pub notes: Vec<Note>,
    /// Every file that was read and every directory that was visited.
    pub inputs: Vec<PathBuf>,
}

impl Render {
    /// The objects as `kubectl kustomize` prints them.
    pub fn to_yaml(&self) -> String {
        let mut text = String::new();
        for (at, object) in self.objects.iter().enumerate() {
            if at > 0 {
                text.push_str("---\n");
            }
            yaml::emit(object, &mut text);
        }
        text
    }
}
