//! A few lines of a source around a place, without the secrets in them.

use std::ops::Range;

use kustomize::Source;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::paths::shown;
use crate::redact::MASK;

/// An excerpt with one labelled range.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    /// The excerpt's first line in the file, from 0.
    first_line: usize,
    /// The label's line in the file and its column, from 0.
    position: (usize, usize),
    /// The label in the excerpt.
    label: (usize, usize),
    lines: usize,
}

impl Snippet {
    /// The lines around `start..end`, with `context` lines on either side, without the ranges of bytes that are `masked`. A label over several
    /// lines ends with its first one.
    pub(super) fn new(source: &Source, start: u32, end: u32, context: usize, masked: &[Range<usize>]) -> Self {
        let (text, starts) = (source.text(), source.line_starts());
        let (start, end) = ((start as usize).min(text.len()), (end as usize).min(text.len()));
        let line = starts.partition_point(|&at| at as usize <= start).max(1) - 1;
        let line_end = |line: usize| starts.get(line + 1).map_or(text.len(), |&next| next as usize - 1);
        let end = end.min(line_end(line)).max(start);
        let first_line = line.saturating_sub(context);
        let last_line = (line + context).min(starts.len() - 1);
        let window = starts[first_line] as usize..line_end(last_line);

        let mut shown_text = String::new();
        let mut label = (None, None);
        let mut at = window.start;
        let mut copy_to = |at: &mut usize, to: usize, shown_text: &mut String| {
            for (offset, slot) in [(start, 0), (end, 1)] {
                if offset >= *at && offset <= to {
                    let place = shown_text.len() + (offset - *at);
                    if slot == 0 {
                        label.0.get_or_insert(place)
                    } else {
                        label.1.get_or_insert(place)
                    };
                }
            }
            shown_text.push_str(text.get(*at..to).unwrap_or_default());
            *at = to;
        };
        for range in masked.iter().filter(|range| range.start < window.end && range.end > window.start) {
            copy_to(&mut at, range.start.max(window.start), &mut shown_text);
            // Each line of a secret that spans lines is a mask, so that the lines below keep their numbers.
            let hidden = text.get(at..range.end.min(window.end)).unwrap_or_default();
            for (index, line) in hidden.split('\n').enumerate() {
                if index > 0 {
                    shown_text.push('\n');
                }
                if !line.trim().is_empty() {
                    shown_text.push_str(MASK);
                }
            }
            at = range.end.min(window.end);
        }
        copy_to(&mut at, window.end, &mut shown_text);
        let from = label.0.unwrap_or(0).min(shown_text.len());
        let to = label.1.unwrap_or(shown_text.len()).clamp(from, shown_text.len());
        Self {
            name: shown(source.path()).display().to_string(),
            first_line,
            position: (line, source.position(start as u32).1 as usize - 1),
            label: (from, to - from),
            lines: last_line - first_line + 1,
            text: shown_text,
        }
    }

    /// The label's range for the printer.
    pub(super) fn label(&self) -> SourceSpan {
        self.label.into()
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (line, column) = if before + after == 0 { self.position } else { (self.first_line, 0) };
        let (data, span) = if before + after == 0 {
            (self.text.get(span.offset()..span.offset() + span.len()).unwrap_or_default(), *span)
        } else {
            (self.text.as_str(), (0, self.text.len()).into())
        };
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data.as_bytes(), span, line, column, self.lines)))
    }
}
