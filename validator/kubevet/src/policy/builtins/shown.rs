//! Values as OPA writes them into texts.

use std::fmt::Write as _;

use regorus::Value;

/// `[1, "a", {"k": true}, set()]`
pub(super) fn shown(value: &Value) -> String {
    let mut text = String::new();
    add(&mut text, value);
    text
}

fn add(text: &mut String, value: &Value) {
    match value {
        Value::String(string) => quote(text, string),
        Value::Array(items) => list(text, '[', items.iter(), ']'),
        Value::Set(items) if items.is_empty() => text.push_str("set()"),
        Value::Set(items) => list(text, '{', items.iter_sorted(), '}'),
        Value::Object(fields) => {
            text.push('{');
            for (at, (key, value)) in fields.iter_sorted().enumerate() {
                if at > 0 {
                    text.push_str(", ");
                }
                add(text, key);
                text.push_str(": ");
                add(text, value);
            }
            text.push('}');
        }
        other => drop(write!(text, "{other}")),
    }
}

fn list<'a>(text: &mut String, open: char, items: impl Iterator<Item = &'a Value>, close: char) {
    text.push(open);
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        add(text, item);
    }
    text.push(close);
}

/// A text as Go quotes it.
pub(super) fn quote(text: &mut String, string: &str) {
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{b}' => text.push_str("\\v"),
            low if (low as u32) < 0x20 || low == '\u{7f}' => drop(write!(text, "\\x{:02x}", low as u32)),
            control if control.is_control() || is_hidden(control) => {
                let code = control as u32;
                let _ = if code > 0xffff { write!(text, "\\U{code:08x}") } else { write!(text, "\\u{code:04x}") };
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

/// Letters that Go doesn't print: spaces but the usual one, and what only changes others.
fn is_hidden(letter: char) -> bool {
    (letter.is_whitespace() && letter != ' ')
        || matches!(letter as u32, 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe000..=0xf8ff | 0xfff9..=0xfffb | 0xfffe..=0xffff | 0xe0000..=0xe0fff | 0xf0000..)
}
