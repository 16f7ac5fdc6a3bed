//! Printing canonical trees as go-yaml v2 does.

use std::fmt::Write as _;

use super::order::sorted;
use super::resolve::is_ambiguous;
use super::style::{self, Allowed, Tabs, is_break, is_printable};
use crate::source::Origin;
use crate::yaml::node::{Entry, Node, Scalar, Tag, Value};

/// go-yaml v2's `best_width`: a space beyond this column becomes a line break in plain and quoted scalars.
const BEST_WIDTH: usize = 80;
/// The longest key, in bytes, that stands on its value's line; a longer one gets a `?`.
const LONGEST_SIMPLE_KEY: usize = 128;

/// Prints a canonical tree as `sigs.k8s.io/yaml` prints JSON (go-yaml v2): keys sorted, two spaces of indentation, sequences not indented,
/// text folded at 80 columns, quotes where YAML 1.1 would read something else. No `---` line; the text ends with a line break.
pub fn emit(node: &Node, out: &mut String) {
    let mut emitter = Emitter { out, marks: None };
    emitter.nested(node, 0);
    if !emitter.out.ends_with('\n') {
        emitter.out.push('\n');
    }
}

/// Prints as [`emit`] does, and notes where each map entry and list item begins: the length of `out` then, and the origin.
pub(crate) fn emit_marked<'n>(node: &'n Node, out: &mut String, marks: &mut Vec<(usize, &'n Origin)>) {
    let mut emitter = Emitter { out, marks: Some(marks) };
    emitter.nested(node, 0);
    if !emitter.out.ends_with('\n') {
        emitter.out.push('\n');
    }
}

struct Emitter<'a, 'n> {
    marks: Option<&'a mut Vec<(usize, &'n Origin)>>,
    out: &'a mut String,
}

impl<'n> Emitter<'_, 'n> {
    fn mark(&mut self, origin: &'n Origin) {
        if let Some(marks) = &mut self.marks {
            marks.push((self.out.len(), origin));
        }
    }

    /// The entries of a block map; the first stands where the text ends (behind `- `) if `inline`.
    fn map(&mut self, entries: &'n [Entry], indent: usize, mut inline: bool) {
        for index in sorted(entries.len(), |index| &entries[index].key.text) {
            let Entry { key, value } = &entries[index as usize];
            if !inline {
                self.line(indent);
            }
            inline = false;
            self.mark(&value.origin);
            let allowed = style::allowed(&key.text, Tabs::Escaped);
            if allowed.multiline || key.text.len() > LONGEST_SIMPLE_KEY {
                self.out.push_str("? ");
                self.string(&key.text, indent + 2, Some(allowed), false);
                self.line(indent);
                self.out.push_str(": ");
                self.nested(value, indent + 2);
                continue;
            }
            self.string(&key.text, indent, Some(allowed), true);
            self.out.push(':');
            match &value.value {
                Value::Map(map) if !map.entries().is_empty() => self.map(map.entries(), indent + 2, false),
                Value::Seq(seq) if !seq.items.is_empty() => self.seq(&seq.items, indent, false),
                _ => {
                    self.out.push(' ');
                    self.inline(value, indent + 2);
                }
            }
        }
    }

    fn seq(&mut self, items: &'n [Node], indent: usize, mut inline: bool) {
        for item in items {
            if !inline {
                self.line(indent);
            }
            inline = false;
            self.mark(&item.origin);
            self.out.push_str("- ");
            self.nested(item, indent + 2);
        }
    }

    /// What starts on the line of its `- ` or `: `.
    fn nested(&mut self, node: &'n Node, indent: usize) {
        match &node.value {
            Value::Map(map) if !map.entries().is_empty() => self.map(map.entries(), indent, true),
            Value::Seq(seq) if !seq.items.is_empty() => self.seq(&seq.items, indent, true),
            _ => self.inline(node, indent),
        }
    }

    /// What fits behind a key or a dash; `indent` is that of its continuation lines.
    fn inline(&mut self, node: &Node, indent: usize) {
        match &node.value {
            Value::Map(_) => self.out.push_str("{}"),
            Value::Seq(_) => self.out.push_str("[]"),
            Value::Scalar(Scalar { text, tag: Tag::Null | Tag::Bool | Tag::Int | Tag::Float, .. }) => self.out.push_str(text),
            Value::Scalar(Scalar { text, .. }) => self.string(text, indent, None, false),
        }
    }

    /// Starts a line, unless the last one has just ended.
    fn line(&mut self, indent: usize) {
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn string(&mut self, text: &str, indent: usize, allowed: Option<Allowed>, key: bool) {
        let allowed = allowed.unwrap_or_else(|| style::allowed(text, Tabs::Escaped));
        if text.contains('\n') {
            if allowed.block && !key { self.literal(text, indent) } else { self.double_quoted(text, indent, !key) }
        } else if is_ambiguous(text) {
            self.double_quoted(text, indent, !key);
        } else if allowed.plain {
            // Where plain is allowed there are no line breaks.
            if key || self.fits(text) { self.out.push_str(text) } else { self.folded(text, indent, false) }
        } else if allowed.single_quoted {
            self.single_quoted(text, indent, !key || allowed.multiline);
        } else {
            self.double_quoted(text, indent, !key);
        }
    }

    fn single_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.out.push('\'');
        if !fold || self.fits(text) {
            for (index, part) in text.split('\'').enumerate() {
                if index > 0 {
                    self.out.push_str("''");
                }
                self.out.push_str(part);
            }
        } else {
            self.folded(text, indent, true);
        }
        self.out.push('\'');
    }

    /// Plain or single-quoted text with line breaks for single spaces beyond the width.
    fn folded(&mut self, text: &str, indent: usize, quoted: bool) {
        let mut column = self.column();
        let (mut spaces, mut breaks) = (false, false);
        let mut characters = text.chars().peekable();
        let mut first = true;
        while let Some(character) = characters.next() {
            let inside = !first && characters.peek().is_some();
            first = false;
            if character == ' ' {
                if !spaces && column > BEST_WIDTH && (inside || !quoted) && characters.peek() != Some(&' ') {
                    self.line(indent);
                    column = indent;
                } else {
                    self.out.push(' ');
                    column += 1;
                }
                spaces = true;
            } else if is_break(character) {
                self.out.push(character);
                column = 0;
                breaks = true;
            } else {
                if breaks {
                    self.out.extend(std::iter::repeat_n(' ', indent));
                    column = indent;
                }
                if quoted && character == '\'' {
                    self.out.push('\'');
                    column += 1;
                }
                self.out.push(character);
                column += 1;
                (spaces, breaks) = (false, false);
            }
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.out.push('"');
        let mut column = self.column();
        let mut spaces = false;
        // go-yaml asks of every character whether the text starts with a byte order mark.
        let escape_all = text.starts_with('\u{FEFF}');
        let mut characters = text.chars().peekable();
        let mut first = true;
        while let Some(character) = characters.next() {
            if escape_all || !is_printable(character) || is_break(character) || matches!(character, '"' | '\\') {
                let before = self.out.len();
                self.escape(character);
                column += self.out.len() - before;
                spaces = false;
            } else if character == ' ' {
                if fold && !spaces && column > BEST_WIDTH && !first && characters.peek().is_some() {
                    self.line(indent);
                    column = indent;
                    if characters.peek() == Some(&' ') {
                        self.out.push('\\');
                        column += 1;
                    }
                } else {
                    self.out.push(' ');
                    column += 1;
                }
                spaces = true;
            } else {
                self.out.push(character);
                column += 1;
                spaces = false;
            }
            first = false;
        }
        self.out.push('"');
    }

    fn escape(&mut self, character: char) {
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{B}' => 'v',
            '\u{C}' => 'f',
            '\r' => 'r',
            '\u{1B}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{A0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(character);
                // Writing to a String cannot fail.
                let _ = match code {
                    0..=0xFF => write!(self.out, "\\x{code:02X}"),
                    0x100..=0xFFFF => write!(self.out, "\\u{code:04X}"),
                    _ => write!(self.out, "\\U{code:08X}"),
                };
                return;
            }
        };
        self.out.push('\\');
        self.out.push(short);
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        if text.starts_with(|first: char| first == ' ' || is_break(first)) {
            self.out.push('2');
        }
        if let Some(rest) = text.strip_suffix(is_break) {
            if rest.is_empty() || rest.ends_with(is_break) {
                self.out.push('+');
            }
        } else {
            self.out.push('-');
        }
        self.out.push('\n');
        let mut breaks = true;
        for character in text.chars() {
            if breaks && !is_break(character) {
                self.out.extend(std::iter::repeat_n(' ', indent));
            }
            breaks = is_break(character);
            self.out.push(character);
        }
    }

    /// Whether `text` stays within the width wherever a space in it may be (bytes are never fewer than columns).
    fn fits(&self, text: &str) -> bool {
        text.len() <= BEST_WIDTH && self.column() + text.len() <= BEST_WIDTH && !text.contains(is_break)
    }

    /// Characters since the last line break.
    fn column(&self) -> usize {
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        self.out[line..].chars().count()
    }
}
