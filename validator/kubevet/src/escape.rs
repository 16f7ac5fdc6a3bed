//! Makes text of others safe to show: nothing in it moves the cursor, changes the direction of writing, is invisible, begins a line of its own or
//! is a command for a CI runner. What would be is shown as Rust writes it: `\r`, `\u{202e}`.
//!
//! Each report escapes further for its own form, on top of this.

use std::borrow::Cow;

/// A workflow command in its old form, which GitHub's runner obeys anywhere in a line.
pub(crate) const OLD_COMMAND: &str = "##[";

/// The escape of that command's second letter, where no form has a better one.
pub(crate) const NO_OLD_COMMAND: &str = "#\\u{23}[";

/// Text for a place where a line goes on: line breaks are escaped as well.
pub fn line(text: &str) -> Cow<'_, str> {
    // Most text is fine as it is, and is looked at once.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains(OLD_COMMAND) && !begins_command(text) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    push(text, &mut escaped);
    if escaped.contains(OLD_COMMAND) {
        escaped = escaped.replace(OLD_COMMAND, NO_OLD_COMMAND);
    }
    if begins_command(&escaped) {
        escaped = escaped.replacen(':', "\\u{3a}", 1);
    }
    Cow::Owned(escaped)
}

/// Text whose line breaks and tabs are wanted: each line of it is safe.
pub fn lines(text: &str) -> String {
    let ends = text.split('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
    ends.map(|text| text.split('\t').map(line).collect::<Vec<_>>().join("\t")).collect::<Vec<_>>().join("\n")
}

/// Whether a runner takes a line that starts so for a command.
fn begins_command(text: &str) -> bool {
    text.trim_start().starts_with("::")
}

/// A JSON document that means the same, in which every character is one that people see, and no string is a command.
pub fn json(document: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
    if document.bytes().all(is_plain) && !document.contains(OLD_COMMAND) {
        return Cow::Borrowed(document);
    }
    let mut escaped = String::with_capacity(document.len() + 16);
    for character in document.chars() {
        if character == '\n' || is_visible(character) {
            escaped.push(character);
        } else {
            let mut units = [0; 2];
            escaped.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    // Outside of strings there is no such letter.
    Cow::Owned(escaped.replace(OLD_COMMAND, "\\u0023#["))
}

/// Adds text in which what can't be seen is escaped, but for commands.
pub(crate) fn push(text: &str, to: &mut String) {
    for character in text.chars() {
        if is_visible(character) {
            to.push(character);
        } else {
            to.extend(character.escape_default());
        }
    }
}

/// Whether a character is one that people see where it stands.
pub(crate) fn is_visible(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\0'..='\u{9f}' => false,
        // Letters and marks that are drawn as nothing.
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}' => false,
        '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}' => false,
        // The standard library knows controls, formats, separators and what is not assigned. Behind another character, marks are fine.
        _ => {
            let mut pair = ['a', character].iter().collect::<String>();
            pair.escape_debug().nth(1) == pair.pop()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays() {
        for text in ["", "web", "a: b", "C:\\dir", "say \"it's\"", "größe", "日本語", "e\u{301}", "⚠\u{fe0f} ❌", "a::b", "## [x]", "#[x]"]
        {
            assert_eq!(line(text), text);
            assert_eq!(lines(text), text);
        }
    }

    #[test]
    fn what_is_not_seen_is_shown() {
        for (text, shown) in [
            ("a\nb", "a\\nb"),
            ("a\r\n::error::x", "a\\r\\n::error::x"),
            ("a\tb", "a\\tb"),
            ("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}"),
            ("\0\u{7f}\u{9b}", "\\u{0}\\u{7f}\\u{9b}"),
            ("\u{202e}cod\u{2066}", "\\u{202e}cod\\u{2066}"),
            ("a\u{200b}b\u{feff}\u{ad}\u{2060}", "a\\u{200b}b\\u{feff}\\u{ad}\\u{2060}"),
            ("a\u{a0}b\u{2028}", "a\\u{a0}b\\u{2028}"),
            ("a\u{3164}\u{e0041}\u{e000}", "a\\u{3164}\\u{e0041}\\u{e000}"),
        ] {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn no_command_begins() {
        for (text, shown) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("  ::error::x", "  \\u{3a}:error::x"),
            ("a ##[add-mask]b", "a #\\u{23}[add-mask]b"),
            ("###[a]", "##\\u{23}[a]"),
        ] {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"a\u{9b}": ["\u{1b}\u{7f}\u{202e}\u{e0041}é\n ###[x] ##[y]", "#[", 1.5]});
        let document = serde_json::to_string_pretty(&value).unwrap();
        let escaped = json(&document);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
        assert!(escaped.chars().all(|character| character == '\n' || is_visible(character)) && !escaped.contains("##["), "{escaped}");
        assert_eq!(json("{\"a\": \"é\"}"), "{\"a\": \"é\"}");
    }

    #[test]
    fn lines_that_are_ours_stay_lines() {
        assert_eq!(lines("a\r\n\tb\n::c::\n\u{1b}d\re"), "a\n\tb\n\\u{3a}:c::\n\\u{1b}d\\re");
        assert_eq!(lines("\t ::c::"), "\t \\u{3a}:c::");
    }
}
