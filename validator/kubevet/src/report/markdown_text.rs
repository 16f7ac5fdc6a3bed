//! Text of others in Markdown: it is read as it is, and links to nothing, shows no picture and tells nobody.

use crate::escape;

/// A space without width: GitHub takes what it divides for no mention, reference or address.
const APART: &str = "&#8203;";

/// Text in a sentence or in a table's cell.
pub(crate) fn prose(text: &str) -> String {
    escaped(text, true)
}

/// Text in an element of HTML, where nothing but HTML has a meaning.
pub(crate) fn html(text: &str) -> String {
    escaped(text, false)
}

fn escaped(text: &str, is_markdown: bool) -> String {
    let text = escape::line(text.trim());
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let rest = &text[at + character.len_utf8()..];
        let is_word = |other: Option<char>| other.is_some_and(char::is_alphanumeric);
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '$' => escaped.push_str("&#36;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' if is_markdown => escaped.extend(['\\', character]),
            // Within a word it has no meaning.
            '_' if is_markdown && !(is_word(Some(before)) && is_word(rest.chars().next())) => escaped.push_str("\\_"),
            '.' if ends_with(&text[..at], "www") => escaped.extend([APART, "."]),
            '@' => escaped.extend(["@", APART]),
            ':' if rest.starts_with("//") => escaped.extend([":", APART]),
            '#' if rest.starts_with(|next: char| next.is_ascii_digit()) => escaped.extend(["#", APART]),
            '-' if ends_with(&text[..at], "gh") => escaped.extend(["-", APART]),
            _ => escaped.push(character),
        }
        before = character;
    }
    escaped
}

/// Whether text ends with a word, in whatever case.
fn ends_with(text: &str, word: &str) -> bool {
    let last = text
        .rfind(|other: char| !other.is_alphanumeric())
        .map_or(text, |at| text[at..].trim_start_matches(|other: char| !other.is_alphanumeric()));
    last.eq_ignore_ascii_case(word)
}

/// A name, path or the like as code.
pub(crate) fn code(text: &str) -> String {
    // Some readers know only one backtick.
    if text.contains('`') {
        return format!("<code>{}</code>", prose(text));
    }
    format!("`{}`", escape::line(text).replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_read_as_it_is() {
        for (text, expected) in [
            (
                "Deployment web-prod/web: container \"web\" has no livenessProbe",
                "Deployment web-prod/web: container \"web\" has no livenessProbe",
            ),
            ("somabrain_api_key, _x_ and a_", "somabrain_api_key, \\_x\\_ and a\\_"),
            ("[a](https://evil) ![b](c)", "\\[a\\](https:&#8203;//evil) !\\[b\\](c)"),
            ("<img src=x> &lt; a|b", "&lt;img src=x&gt; &amp;lt; a\\|b"),
            ("@team, a@b.c", "@&#8203;team, a@&#8203;b.c"),
            ("#12 o/r#3 GH-4 #x high-5", "#&#8203;12 o/r#&#8203;3 GH-&#8203;4 #x high-5"),
            ("www.evil.test", "www&#8203;.evil.test"),
            ("*a* ~~b~~ `c` $d$ \\", "\\*a\\* \\~\\~b\\~\\~ \\`c\\` &#36;d&#36; \\\\"),
            ("a\nb\r|", "a\\\\nb\\\\r\\|"),
        ] {
            assert_eq!(prose(text), expected);
        }
    }

    #[test]
    fn html_is_read_as_it_is() {
        for (text, expected) in
            [("a_b *c* `d` [e]", "a_b *c* `d` [e]"), ("</summary> &amp; @team #1", "&lt;/summary&gt; &amp;amp; @&#8203;team #&#8203;1")]
        {
            assert_eq!(html(text), expected);
        }
    }

    #[test]
    fn code_ends_where_it_should() {
        for (text, expected) in [
            ("overlays/prod/x.yaml:3", "`overlays/prod/x.yaml:3`"),
            ("a|b @c <d>", "`a\\|b @c <d>`"),
            ("a`<img>`b", "<code>a\\`&lt;img&gt;\\`b</code>"),
            ("x\n::y", "`x\\n::y`"),
        ] {
            assert_eq!(code(text), expected);
        }
    }
}
