//! YAML inside a string of a kustomization file: read as a text of its own, with origins in the file.

use std::sync::Arc;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::error::{Error, Place};
use crate::source::{Origin, Source, SourceId};
use crate::yaml::node::{Node, Value};

/// An inline text and where its lines stand in the file.
pub(crate) struct Embedded {
    /// The text as a source of its own; origins in it must be moved.
    pub(crate) id: SourceId,
    outer: Origin,
    /// Where lines start: in the text and in the file. None where the lines differ (escapes, folding).
    lines: Option<Vec<(u32, u32)>>,
}

impl Embedded {
    /// Makes a source of `text`.
    pub(crate) fn new(context: &mut Context, text: &Text) -> Self {
        let outer = text.origin.clone();
        let file = Arc::clone(context.sources.get(outer.source));
        let written = file.text().get(outer.start as usize..outer.end as usize).unwrap_or_default();
        let lines = align(&text.value, written, outer.start);
        context.budget.count(Cost::text(&text.value));
        let id = context.sources.add(Source::new(file.path(), &*text.value));
        Self { id, outer, lines }
    }

    /// Makes a source of `text` without the white space around it.
    pub(crate) fn trimmed(context: &mut Context, text: &Text) -> Self {
        let trimmed = text.value.trim();
        let cut = (text.value.len() - text.value.trim_start().len()) as u32;
        if trimmed.len() == text.value.len() {
            return Self::new(context, text);
        }
        let mut embedded = Self::new(context, text);
        embedded.id = context.sources.add(Source::new(context.sources.get(embedded.id).path(), trimmed));
        // The line that the text starts in now starts with it.
        if let Some(lines) = &mut embedded.lines {
            let before = lines.partition_point(|(start, _)| *start <= cut).saturating_sub(1);
            lines.drain(..before);
            for (inner, outer) in lines {
                *outer += cut.saturating_sub(*inner);
                *inner = inner.saturating_sub(cut);
            }
        }
        embedded
    }

    /// Where an offset of the text is in the file.
    fn offset(&self, inner: u32) -> Option<u32> {
        let lines = self.lines.as_ref()?;
        let (start, outer) = lines.get(lines.partition_point(|(start, _)| *start <= inner).checked_sub(1)?)?;
        Some((outer + (inner - start)).min(self.outer.end))
    }

    /// Moves an origin from the text to the file.
    pub(crate) fn origin(&self, origin: &mut Origin) {
        if origin.source != self.id {
            return;
        }
        let moved = (self.offset(origin.key), self.offset(origin.start), self.offset(origin.end));
        origin.source = self.outer.source;
        (origin.key, origin.start, origin.end) = match moved {
            (Some(key), Some(start), Some(end)) => (key, start, end.max(start)),
            _ => (self.outer.key, self.outer.start, self.outer.end),
        };
    }

    /// Moves every origin of a tree.
    pub(crate) fn tree(&self, node: &mut Node) {
        self.origin(&mut node.origin);
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::Seq(seq) => seq.items.iter_mut().for_each(|item| self.tree(item)),
            Value::Map(map) => map.entries_mut().iter_mut().for_each(|entry| self.tree(&mut entry.value)),
        }
    }

    /// Moves the place of an error.
    pub(crate) fn error(&self, context: &Context, mut error: Error) -> Error {
        if let Some(place) = &mut error.place
            && Arc::ptr_eq(&place.source, context.sources.get(self.id))
        {
            let mut origin = Origin::new(self.id, place.start, place.end);
            self.origin(&mut origin);
            *place = Place::of(&context.sources, &origin);
        }
        error
    }
}

/// Pairs the starts of the lines of `text` with those in `written`, which starts at `base` of its file.
fn align(text: &str, written: &str, base: u32) -> Option<Vec<(u32, u32)>> {
    if let Some(at) = written.find(text) {
        return Some(vec![(0, base + at as u32)]);
    }
    if !written.starts_with('|') {
        return None;
    }
    let header = written.find('\n')? + 1;
    let (mut inner, mut outer) = (0, base + header as u32);
    let mut lines = Vec::new();
    let mut rows = written.get(header..)?.split_inclusive('\n');
    for line in text.split_inclusive('\n') {
        let Some(row) = rows.next() else { break };
        let bare = |text: &str| text.trim_end_matches(['\n', '\r']).len();
        // The rest of the row is indentation.
        if !row[..bare(row)].ends_with(&line[..bare(line)]) {
            return None;
        }
        lines.push((inner, outer + (bare(row) - bare(line)) as u32));
        inner += line.len() as u32;
        outer += row.len() as u32;
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::align;

    #[test]
    fn lines_of_block_scalars_are_found() {
        assert_eq!(align("a: 1\nb: 2\n", "|\n  a: 1\n  b: 2\n", 10), Some(vec![(0, 14), (5, 21)]));
        assert_eq!(align("a: 1", "'a: 1'", 3), Some(vec![(0, 4)]));
        assert_eq!(align("a: 1 b", ">\n a: 1\n b\n", 3), None);
    }
}
