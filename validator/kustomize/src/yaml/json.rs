//! JSON as Go's `encoding/json` writes it, keys sorted by bytes.

use std::fmt::Write;

use crate::yaml;
use crate::yaml::node::{Node, Tag, Value};

/// How to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// On one line, integers as the floats that reading JSON makes of them.
    Floats,
    /// On one line, integers as they are.
    Compact,
    /// With line breaks at this depth, integers as they are.
    Indented(usize),
}

impl Form {
    fn deeper(self) -> Self {
        if let Self::Indented(depth) = self { Self::Indented(depth + 1) } else { self }
    }

    fn break_line(self, out: &mut String) {
        if let Self::Indented(depth) = self {
            let _ = write!(out, "\n{:width$}", "", width = depth * 2);
        }
    }
}

/// Writes a tree of JSON values.
pub(crate) fn write(node: &Node, form: Form, out: &mut String) {
    match &node.value {
        Value::Scalar(scalar) if scalar.tag == Tag::Float || scalar.tag == Tag::Int && form == Form::Floats => match scalar.text.parse() {
            Ok(number) => out.push_str(&yaml::json_number(number)),
            Err(_) => out.push_str(&scalar.text),
        },
        Value::Scalar(scalar) if matches!(scalar.tag, Tag::Null | Tag::Bool | Tag::Int) => out.push_str(&scalar.text),
        Value::Scalar(scalar) => write_string(&scalar.text, out),
        Value::Seq(seq) => list(('[', ']'), &seq.items, form, out, write),
        Value::Map(map) => {
            let mut entries: Vec<_> = map.entries().iter().collect();
            entries.sort_by(|a, b| a.key.text.cmp(&b.key.text));
            list(('{', '}'), &entries, form, out, |entry, form, out| {
                write_string(&entry.key.text, out);
                out.push_str(if matches!(form, Form::Indented(_)) { ": " } else { ":" });
                write(&entry.value, form, out);
            });
        }
    }
}

fn list<T>((open, close): (char, char), items: &[T], form: Form, out: &mut String, write: impl Fn(&T, Form, &mut String)) {
    out.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        form.deeper().break_line(out);
        write(item, form.deeper(), out);
    }
    if !items.is_empty() {
        form.break_line(out);
    }
    out.push(close);
}

/// A string with Go's escapes, those of `<`, `>`, `&` and the two Unicode line separators included.
pub(crate) fn write_string(text: &str, out: &mut String) {
    const SEPARATORS: u8 = 0xE2;
    let is_escaped = |byte: u8| byte < b' ' || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&' | SEPARATORS);
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_escaped) {
        let (plain, other) = rest.split_at(at);
        out.push_str(plain);
        let mut chars = other.chars();
        match chars.next().unwrap_or_default() {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            char @ ('<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}
