//! What a build or a stream of manifests gives.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::note::Note;
use crate::source::{Origin, Sources};
use crate::yaml;
use crate::yaml::node::Node;

/// How many bytes are written at once, or a little more.
const PIECE: usize = 64 << 10;

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

/// A printed line and what set it.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The text without its line break.
    pub text: String,
    /// Where what stands on the line was set: of several things on one line the innermost. None for the `---` between objects.
    pub origin: Option<&'a Origin>,
}

impl Render {
    /// The lines of [`Render::to_yaml`], each with its origin. The lines of a long text all have that of the text.
    pub fn lines(&self) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        for (at, object) in self.objects.iter().enumerate() {
            if at > 0 {
                lines.push(Line { text: "---".to_owned(), origin: None });
            }
            let (mut text, mut marks) = (String::new(), Vec::new());
            yaml::emit_marked(object, &mut text, &mut marks);
            let mut marks = marks.into_iter().peekable();
            let (mut origin, mut end) = (Some(&object.origin), 0);
            for line in text.lines() {
                end += line.len() + 1;
                while let Some((_, mark)) = marks.next_if(|(start, _)| *start < end) {
                    origin = Some(mark);
                }
                lines.push(Line { text: line.to_owned(), origin });
            }
        }
        lines
    }

    /// The objects as `kubectl kustomize` prints them.
    pub fn to_yaml(&self) -> String {
        let mut text = String::new();
        (0..self.objects.len()).for_each(|at| self.emit(at, &mut text));
        text
    }

    /// Writes what [`Render::to_yaml`] gives piece by piece, so that it need not be in memory at once.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_yaml(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut text = String::with_capacity(2 * PIECE);
        for at in 0..self.objects.len() {
            self.emit(at, &mut text);
            if text.len() >= PIECE {
                out.write_all(text.as_bytes())?;
                text.clear();
            }
        }
        out.write_all(text.as_bytes())
    }

    fn emit(&self, at: usize, text: &mut String) {
        if at > 0 {
            text.push_str("---\n");
        }
        if let Some(object) = self.objects.get(at) {
            yaml::emit(object, text);
        }
    }
}
