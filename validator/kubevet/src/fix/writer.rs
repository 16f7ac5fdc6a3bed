//! The ways to write a small change into a text.

use std::ops::Range;

use kustomize::Node;
use serde_json::Value as Json;

use super::place_in_text::{Around, is_flow};
use super::style::{Style, column, dash, is_first, line_start, quoted};
use super::tree::ordered;
use crate::location::Step;

/// A text in place of a range of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    pub(super) fn apply(&self, to: &str) -> Option<String> {
        let (before, behind) = (to.get(..self.range.start)?, to.get(self.range.end..)?);
        Some([before, &self.text, behind].concat())
    }
}

/// Writes into a text.
pub(super) struct Writer<'a> {
    pub(super) text: &'a str,
    pub(super) style: Style,
    /// Whether it is JSON.
    pub(super) json: bool,
}

impl Writer<'_> {
    /// The ways to put a value in the place of another.
    pub(super) fn replace(&self, node: &Node, around: &Around, value: &Json) -> Vec<Splice> {
        let (start, end) = (node.origin.start as usize, self.trimmed(node.origin.end as usize).max(node.origin.start as usize));
        if self.json || around.is_flow {
            return vec![Splice { range: start..end, text: self.inline(value, node) }];
        }
        let is_large = match value {
            Json::Object(fields) => !fields.is_empty(),
            Json::Array(items) => !items.is_empty(),
            Json::String(text) => text.contains('\n'),
            _ => false,
        };
        let gap = around.behind..start.max(around.behind);
        let same_line = self.text.get(gap).is_some_and(|gap| !gap.contains('\n'));
        let whole = around.behind..end.max(around.behind);
        if is_large {
            let block = if around.is_element {
                self.style.element(value, around.column).split_off(1)
            } else {
                self.style.behind(value, around.column)
            };
            // What is behind the old value on its line stays on the line of the key.
            let comment =
                self.text.get(end..self.eol(end)).filter(|rest| rest.trim_start().starts_with('#')).unwrap_or_default().to_owned();
            let (header, lines) = block.split_at(block.find(self.style.line_break).unwrap_or(block.len()));
            let moved = Splice { range: around.behind..self.eol(end).max(around.behind), text: format!("{header}{comment}{lines}") };
            return vec![moved, Splice { range: whole, text: block }];
        }
        let inline = self.inline(value, node);
        let in_place = Splice { range: start..end, text: inline.clone() };
        let behind = Splice { range: whole, text: format!(" {inline}") };
        if same_line && start > around.behind { vec![in_place, behind] } else { vec![behind, in_place] }
    }

    /// A value on one line, in the quotes of the one whose place it takes.
    fn inline(&self, value: &Json, old: &Node) -> String {
        if self.json {
            return json_text(value);
        }
        let quote = self
            .text
            .get(old.origin.start as usize..)
            .and_then(|written| written.chars().next())
            .filter(|first| matches!(first, '"' | '\''));
        match (value, quote.filter(|_| old.as_scalar().is_some())) {
            (Json::String(text), Some(quote)) => quoted(text, quote),
            _ => self.style.inline(value),
        }
    }

    /// The ways to put one more entry into a map that has some.
    pub(super) fn insert(&self, map: &Node, key: &str, value: &Json) -> Vec<Splice> {
        let own: Vec<_> = map.entries().iter().filter(|entry| Around::is_own(map, &entry.value)).collect();
        let Some((first, last)) = own.first().zip(own.last()) else { return Vec::new() };
        let begins = |at: usize| self.text.get(at..).and_then(|text| text.chars().next());
        if self.json || is_flow(self.text, map) {
            let is_quoted = begins(last.value.origin.key as usize) == Some('"');
            let entry = match is_quoted {
                true => format!("{}: {}", quoted(key, '"'), if self.json { json_text(value) } else { self.style.inline(value) }),
                false => self.style.inline_entry(key, value),
            };
            return vec![self.behind_last(last.value.origin.key as usize, last.value.origin.end as usize, &entry)];
        }
        let column = column(self.text, first.value.origin.key as usize);
        let entry = self.style.entry(key, value, column);
        let keys: Vec<&str> = own.iter().map(|entry| &*entry.key.text).collect();
        let is_sorted = keys.len() > 2 && keys.is_sorted();
        let is_small = !matches!(value, Json::Object(_) | Json::Array(_)) && !entry.contains('\n');
        let place = if is_sorted {
            keys.partition_point(|known| *known < key)
        } else if is_small {
            // A short one stands with the short ones, before what is long.
            let is_long = |node: &Node| !node.entries().is_empty() || !node.items().is_empty();
            own.iter().position(|entry| is_long(&entry.value)).filter(|at| *at > 0).unwrap_or(own.len())
        } else {
            own.len()
        };
        let after = |at: usize| {
            let before = own.get(at.checked_sub(1)?)?;
            let at = self.end_of_lines(before.value.origin.end as usize, column);
            Some(Splice { range: at..at, text: format!("{}{entry}", self.style.line(column)) })
        };
        let at = first.value.origin.key as usize;
        let in_front = Splice { range: at..at, text: format!("{entry}{}", self.style.line(column)) };
        [after(place), after(own.len()), Some(in_front)].into_iter().flatten().collect()
    }

    /// The ways to put one more element to the end of a list that has some.
    pub(super) fn append(&self, list: &Node, value: &Json) -> Vec<Splice> {
        let Some(last) = list.items().last() else { return Vec::new() };
        if self.json || is_flow(self.text, list) {
            let value = if self.json { json_text(value) } else { self.style.inline(value) };
            return vec![self.behind_last(last.origin.start as usize, last.origin.end as usize, &value)];
        }
        let Some(dash) = dash(self.text, last) else { return Vec::new() };
        let column = column(self.text, dash);
        let at = self.end_of_lines(last.origin.end as usize, column);
        vec![Splice { range: at..at, text: format!("{}{}", self.style.line(column), self.style.element(value, column)) }]
    }

    /// The ways to put one more element before another one.
    pub(super) fn put_before(&self, list: &Node, next: &Node, value: &Json) -> Vec<Splice> {
        let start = next.origin.start as usize;
        if self.json || is_flow(self.text, list) {
            let value = if self.json { json_text(value) } else { self.style.inline(value) };
            let gap = if is_first(self.text, start) { self.style.line(column(self.text, start)) } else { " ".to_owned() };
            return vec![Splice { range: start..start, text: format!("{value},{gap}") }];
        }
        let Some(dash) = dash(self.text, next) else { return Vec::new() };
        let column = column(self.text, dash);
        vec![Splice { range: dash..dash, text: format!("{}{}", self.style.element(value, column), self.style.line(column)) }]
    }

    /// One more element or entry in brackets, on a line of its own if the last one has that.
    fn behind_last(&self, start: usize, end: usize, text: &str) -> Splice {
        let gap = if is_first(self.text, start) { self.style.line(column(self.text, start)) } else { " ".to_owned() };
        Splice { range: end..end, text: format!(",{gap}{text}") }
    }

    /// The ways to take an entry or an element out of what has others.
    pub(super) fn remove(&self, parent: &Node, step: &Step) -> Vec<Splice> {
        let ranges: Vec<Range<usize>> = match step {
            Step::Key(_) => parent.entries().iter().map(|entry| entry.value.origin.key as usize..entry.value.origin.end as usize).collect(),
            Step::Index(_) => parent.items().iter().map(|item| item.origin.start as usize..item.origin.end as usize).collect(),
        };
        let at = match step {
            Step::Key(key) => parent.as_map().and_then(|map| map.index_of(key)),
            Step::Index(index) => Some(*index),
        };
        let Some((at, own)) = at.and_then(|at| Some((at, ranges.get(at)?.clone()))) else { return Vec::new() };
        let next = ranges.get(at + 1).map(|next| next.start);
        if self.json || is_flow(self.text, parent) {
            let before = at.checked_sub(1).and_then(|before| ranges.get(before)).map(|before| before.end);
            let range = match (next, before) {
                (Some(next), _) => own.start..next,
                (None, Some(before)) => before..own.end,
                (None, None) => own,
            };
            return vec![Splice { range, text: String::new() }];
        }
        let begin = match step {
            Step::Key(_) => Some(own.start),
            Step::Index(_) => parent.items().get(at).and_then(|item| dash(self.text, item)),
        };
        let Some(begin) = begin else { return Vec::new() };
        let end = self.eol(self.trimmed(own.end).max(begin));
        if !is_first(self.text, begin) {
            // The first entry of an element stands behind its dash; the next one takes its place.
            let rest = next.and_then(|next| self.text.get(end..next)).filter(|rest| !rest.contains('#'));
            return next.filter(|_| rest.is_some()).map(|next| Splice { range: begin..next, text: String::new() }).into_iter().collect();
        }
        let start = line_start(self.text, begin);
        let behind = self.text.get(end..).unwrap_or_default();
        let break_length = if behind.starts_with("\r\n") { 2 } else { usize::from(behind.starts_with('\n')) };
        if break_length > 0 {
            return vec![Splice { range: start..end + break_length, text: String::new() }];
        }
        let before = self.text.get(..start).map_or(start, |before| before.trim_end_matches(['\n', '\r']).len());
        vec![Splice { range: before..end, text: String::new() }]
    }

    /// The end of what stands before an offset, without line breaks and spaces.
    fn trimmed(&self, end: usize) -> usize {
        self.text.get(..end).map_or(end, |text| text.trim_end().len())
    }

    /// The end of a line, before what breaks it.
    fn eol(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest.find('\n').map_or(rest, |end| rest.get(..end).unwrap_or_default());
        at + line.trim_end_matches('\r').len()
    }

    /// The end of the lines of a value: with the comments behind it that stand deeper than `column`, and so belong to it.
    fn end_of_lines(&self, end: usize, column: usize) -> usize {
        let mut at = self.eol(self.trimmed(end));
        while let Some(rest) = self.text.get(at..) {
            let Some(next) = rest.find('\n').map(|line_break| at + line_break + 1) else { break };
            let line = self.text.get(next..self.eol(next)).unwrap_or_default();
            let deep = line.len() - line.trim_start().len() > column;
            if !deep || !line.trim_start().starts_with('#') {
                break;
            }
            at = self.eol(next);
        }
        at
    }
}

/// A value as people write JSON on one line.
fn json_text(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(json_text).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let entries: Vec<String> =
                ordered(fields).into_iter().map(|(key, value)| format!("{}: {}", Json::from(key.as_str()), json_text(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        value => value.to_string(),
    }
}
