//! A few lines of a source around a place, without the secrets in them.

use std::ops::Range;

use kustomize::Source;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::escape;
use crate::paths::shown;
use crate::redact::MASK;

/// How much is shown of a line, in bytes. The printer aborts where a column does not fit into 16 bits, and nobody reads that far.
const WIDTH: usize = 240;

/// How much of that is before the label, at most.
const BEFORE: usize = 60;

/// What the printer puts around a line's number.
const GUTTER: usize = 4;

/// The least that is shown of a line, however narrow the terminal is.
const LEAST: usize = 40;

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
    /// The columns before the label's middle, with the line's number.
    columns: usize,
}

impl Snippet {
    /// The lines around `start..end`, with `context` lines on either side, without the ranges of bytes that are `masked`, in order and apart. A
    /// label over several lines ends with its first one; of a line that is too long for `width` columns only what is near the label is there.
    pub(super) fn new(source: &Source, start: u32, end: u32, context: usize, masked: &[Range<usize>], width: Option<usize>) -> Self {
        let (text, starts) = (source.text(), source.line_starts());
        let (start, end) = ((start as usize).min(text.len()), (end as usize).min(text.len()));
        let labelled = starts.partition_point(|&at| at as usize <= start).max(1) - 1;
        let line = |line: usize| {
            let to = starts.get(line + 1).map_or(text.len(), |&next| next as usize - 1);
            let from = starts[line] as usize;
            from..from + text[from..to].trim_end_matches('\r').len()
        };
        let label = start.min(line(labelled).end)..end.min(line(labelled).end).max(start.min(line(labelled).end));
        let first_line = labelled.saturating_sub(context);
        let last_line = (labelled + context).min(starts.len() - 1);
        let gutter = GUTTER + (last_line + 1).to_string().len();
        // Dots on both sides take a column each.
        let most = width.map_or(WIDTH, |width| width.saturating_sub(gutter + 2).clamp(LEAST, WIDTH));

        let mut excerpt = Excerpt { text, masked, shown: String::new(), label: label.clone(), marks: [None, None] };
        for number in first_line..=last_line {
            if number > first_line {
                excerpt.shown.push('\n');
            }
            let line = line(number);
            let near = if number == labelled { label.start } else { line.start };
            let window = window(text, &line, near, most);
            if number == labelled {
                excerpt.label.end = excerpt.label.end.min(window.end);
            }
            excerpt.add(&line, &window);
        }
        excerpt.end_commands();
        let from = excerpt.marks[0].unwrap_or(0);
        let to = excerpt.marks[1].unwrap_or(excerpt.shown.len()).max(from);
        let before = excerpt.shown.get(..from + (to - from) / 2).and_then(|text| text.rsplit('\n').next());
        Self {
            columns: gutter + before.map_or(0, |text| text.chars().count()),
            name: escape::line(&shown(source.path()).display().to_string()).into_owned(),
            first_line,
            position: (labelled, source.position(start as u32).1 as usize - 1),
            label: (from, to - from),
            lines: last_line - first_line + 1,
            text: excerpt.shown,
        }
    }

    /// The columns before the middle of the label, where a word on it begins.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The label's range for the printer.
    pub(super) fn label(&self) -> SourceSpan {
        self.label.into()
    }
}

/// What is shown of a line: all of it, or what is near a place.
fn window(text: &str, line: &Range<usize>, near: usize, most: usize) -> Range<usize> {
    if line.len() <= most {
        return line.clone();
    }
    let boundary = |at: usize| (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    let from = boundary(near.saturating_sub(BEFORE.min(most / 4)).min(line.end - most).max(line.start));
    from..boundary(from + most).min(line.end)
}

/// What is shown, while it grows.
struct Excerpt<'a> {
    text: &'a str,
    masked: &'a [Range<usize>],
    shown: String,
    label: Range<usize>,
    /// Where the label begins and ends in what is shown.
    marks: [Option<usize>; 2],
}

impl Excerpt<'_> {
    /// Adds what is visible of a line.
    fn add(&mut self, line: &Range<usize>, window: &Range<usize>) {
        if window.start > line.start {
            self.shown.push('…');
        }
        let first = self.masked.partition_point(|range| range.end <= window.start);
        let mut at = window.start;
        for range in self.masked[first..].iter().take_while(|range| range.start < window.end) {
            self.copy(at..range.start.max(at));
            let hidden = range.start.max(at)..range.end.min(window.end);
            if !self.text.get(hidden.clone()).unwrap_or_default().trim().is_empty() {
                self.piece(&hidden, MASK);
            }
            at = hidden.end;
        }
        self.copy(at..window.end);
        if window.end < line.end {
            self.shown.push('…');
        }
    }

    /// Adds text as it is, but for what can't be seen; the label splits it.
    fn copy(&mut self, range: Range<usize>) {
        let inside = |at: usize| at.clamp(range.start, range.end);
        let (from, to) = (inside(self.label.start), inside(self.label.end));
        for part in [range.start..from, from..to, to..range.end] {
            let mut escaped = String::with_capacity(part.len());
            for (at, text) in self.text.get(part.clone()).unwrap_or_default().split('\t').enumerate() {
                // The printer makes spaces of tabs.
                escaped.push_str(if at > 0 { "\t" } else { "" });
                escape::push(text, &mut escaped);
            }
            self.piece(&part, &escaped);
        }
    }

    /// Escapes what a CI runner would obey in the middle of a line, whichever parts it is of.
    fn end_commands(&mut self) {
        while let Some(at) = self.shown.find(escape::OLD_COMMAND) {
            self.shown.replace_range(at..at + escape::OLD_COMMAND.len(), escape::NO_OLD_COMMAND);
            let longer = escape::NO_OLD_COMMAND.len() - escape::OLD_COMMAND.len();
            self.marks.iter_mut().flatten().filter(|mark| **mark > at + 1).for_each(|mark| *mark += longer);
        }
    }

    fn piece(&mut self, part: &Range<usize>, shown: &str) {
        let (before, label) = (self.shown.len(), self.label.clone());
        self.shown.push_str(shown);
        if (part.start..=part.end).contains(&label.start) {
            let place = if label.start == part.end { self.shown.len() } else { before };
            self.marks[0].get_or_insert(place);
        }
        if (part.start..=part.end).contains(&label.end) {
            let place = if label.end == part.start { before } else { self.shown.len() };
            self.marks[1].get_or_insert(place);
        }
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
