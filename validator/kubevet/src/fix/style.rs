//! How a text is written, and new values written as it is.

use kustomize::yaml::{Dialect, resolve};
use kustomize::{Node, Tag, Value};
use serde_json::Value as Json;

use super::tree::ordered;

/// The habits of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// By how many columns a map stands to the right of its key.
    pub(super) step: usize,
    /// By how many columns a list does.
    pub(super) list: usize,
    /// What ends a line.
    pub(super) line_break: &'static str,
    /// What stands around a text that needs quotes.
    pub(super) quote: char,
}

impl Style {
    /// That of a text, by what there is most of.
    pub(super) fn of(text: &str, documents: &[Node]) -> Self {
        let mut counts = Counts { text, steps: [0; WIDEST + 1], lists: [0; WIDEST + 1] };
        documents.iter().for_each(|document| counts.count(document, None));
        let most = |counts: &[usize], or: usize| {
            let best = counts.iter().enumerate().filter(|(_, count)| **count > 0).max_by_key(|(at, count)| (**count, usize::MAX - at));
            best.map_or(or, |(at, _)| at)
        };
        let step = most(&counts.steps, 2).max(1);
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let quote = if text.matches('\'').count() > text.matches('"').count() { '\'' } else { '"' };
        Self { step, list: most(&counts.lists, 2), line_break, quote }
    }

    /// A map's entry that begins in a column, without the indentation of its first line and without a line break at its end.
    pub(super) fn entry(self, key: &str, value: &Json, column: usize) -> String {
        format!("{}:{}", self.key(key), self.behind(value, column))
    }

    /// A list's element whose dash is in a column, in the same way.
    pub(super) fn element(self, value: &Json, column: usize) -> String {
        match value {
            Json::Object(fields) if !fields.is_empty() => format!("- {}", self.entries(fields, column + 2)),
            Json::Array(items) if !items.is_empty() => format!("- {}", self.elements(items, column + 2)),
            _ => format!("-{}", self.behind(value, column)),
        }
    }

    /// The entries of a map, the first without its indentation.
    fn entries(self, fields: &serde_json::Map<String, Json>, column: usize) -> String {
        let entries: Vec<String> = ordered(fields).into_iter().map(|(key, value)| self.entry(key, value, column)).collect();
        entries.join(&self.line(column))
    }

    fn elements(self, items: &[Json], column: usize) -> String {
        let elements: Vec<String> = items.iter().map(|item| self.element(item, column)).collect();
        elements.join(&self.line(column))
    }

    /// A value behind the colon of a key, or the dash of an element, that begins in a column.
    pub(super) fn behind(self, value: &Json, column: usize) -> String {
        match value {
            Json::Object(fields) if !fields.is_empty() => {
                let column = column + self.step;
                format!("{}{}", self.line(column), self.entries(fields, column))
            }
            Json::Array(items) if !items.is_empty() => {
                let column = column + self.list;
                format!("{}{}", self.line(column), self.elements(items, column))
            }
            Json::String(text) if is_block(text) => self.block(text, column),
            value => format!(" {}", self.inline(value)),
        }
    }

    /// A text of several lines.
    fn block(self, text: &str, column: usize) -> String {
        let (header, text) = text.strip_suffix('\n').map_or((" |-", text), |text| (" |", text));
        let indentation = " ".repeat(column + self.step);
        let lines = text.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{indentation}{line}") });
        let lines: Vec<String> = std::iter::once(header.to_owned()).chain(lines).collect();
        lines.join(self.line_break)
    }

    /// A value on one line.
    pub(super) fn inline(self, value: &Json) -> String {
        match value {
            Json::String(text) => self.scalar(text),
            Json::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.inline(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Json::Object(fields) => {
                let entries: Vec<String> = ordered(fields).iter().map(|(key, value)| self.inline_entry(key, value)).collect();
                format!("{{{}}}", entries.join(", "))
            }
            value => value.to_string(),
        }
    }

    /// An entry on one line.
    pub(super) fn inline_entry(self, key: &str, value: &Json) -> String {
        format!("{}: {}", self.key(key), self.inline(value))
    }

    fn key(self, key: &str) -> String {
        self.scalar(key)
    }

    /// A text, in quotes where it needs them.
    pub(super) fn scalar(self, text: &str) -> String {
        if is_plain(text) { text.to_owned() } else { quoted(text, self.quote) }
    }

    /// A line break, and the indentation up to a column.
    pub(super) fn line(self, column: usize) -> String {
        format!("{}{}", self.line_break, " ".repeat(column))
    }
}

/// A text in quotes of that kind, or in double ones where it must be escaped.
pub(super) fn quoted(text: &str, quote: char) -> String {
    let needs_escapes =
        text.contains(|character: char| character.is_control() || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}'));
    if quote == '\'' && !needs_escapes {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for character in text.chars() {
        match character {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => written.push_str(&format!("\\u{:04x}", u32::from(character))),
            character if character.is_control() => written.push_str(&format!("\\u{:04x}", u32::from(character))),
            character => written.push(character),
        }
    }
    written.push('"');
    written
}

/// Whether a text may stand without quotes wherever a value may, in lists and maps on one line too, and both versions of YAML take it for a text.
pub(super) fn is_plain(text: &str) -> bool {
    let is_word = |character: char| character.is_ascii_alphanumeric() || "_./-+@=%".contains(character);
    let begins = text.starts_with(|character: char| character.is_ascii_alphanumeric() || "_./".contains(character));
    let has = text.chars().all(|character| is_word(character) || character == ' ' || character == ':');
    let is_text = |dialect| resolve(text, dialect) == Tag::Str;
    // A colon before a space or at the end would make it a key.
    let no_key = !text.contains(": ") && !text.ends_with([':', ' ']);
    begins && has && no_key && text != "---" && text != "..." && is_text(Dialect::YamlV2) && is_text(Dialect::YamlV3)
}

/// Whether a text is best written as a block of lines, and can be.
fn is_block(text: &str) -> bool {
    let is_line = |line: &str| !line.starts_with([' ', '\t']) || line.trim().is_empty();
    let first = text.split('\n').next().unwrap_or_default();
    let has_odd = |character: char| {
        character != '\n' && (character.is_control() || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}'))
    };
    text.trim_end_matches('\n').contains('\n') && !first.is_empty() && is_line(first) && !text.ends_with("\n\n") && !text.contains(has_odd)
}

/// The deepest indentation that is counted.
const WIDEST: usize = 8;

/// How often a map or a list stands by how much to the right of its key.
struct Counts<'a> {
    text: &'a str,
    steps: [usize; WIDEST + 1],
    lists: [usize; WIDEST + 1],
}

impl Counts<'_> {
    fn count(&mut self, node: &Node, key: Option<u32>) {
        // A list that stands in the column of its key has its beginning there too.
        let start = node.items().first().and_then(|first| dash(self.text, first)).unwrap_or(node.origin.start as usize);
        let begins = column(self.text, start);
        let own_line = is_first(self.text, start);
        let by = key.filter(|_| own_line).and_then(|key| begins.checked_sub(column(self.text, key as usize))).filter(|by| *by <= WIDEST);
        match &node.value {
            Value::Scalar(_) => {}
            Value::Map(map) => {
                if let Some(count) = by.and_then(|by| self.steps.get_mut(by)) {
                    *count += 1;
                }
                map.entries().iter().for_each(|entry| self.count(&entry.value, Some(entry.value.origin.key)));
            }
            Value::Seq(seq) => {
                if let Some(count) = by.and_then(|by| self.lists.get_mut(by)) {
                    *count += 1;
                }
                seq.items.iter().for_each(|item| self.count(item, None));
            }
        }
    }
}

/// The dash of a list's element.
pub(super) fn dash(text: &str, item: &Node) -> Option<usize> {
    let before = text.get(..item.origin.start as usize)?.trim_end();
    before.ends_with('-').then(|| before.len() - 1)
}

/// Where the line of an offset begins; behind a byte order mark.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |before| before + 1);
    if start == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start }
}

/// The column of an offset, from 0, in bytes.
pub(super) fn column(text: &str, at: usize) -> usize {
    at.saturating_sub(line_start(text, at))
}

/// Whether nothing stands before an offset on its line.
pub(super) fn is_first(text: &str, at: usize) -> bool {
    text.get(line_start(text, at)..at).is_some_and(|before| before.trim().is_empty())
}
