//! Rego's words.

use super::ast::{At, Mistake};

/// What kind of word it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Name,
    Number,
    /// In double quotes.
    Quoted,
    /// In backticks.
    Raw,
    /// `$"` or `` $` ``, behind which a string with values in it goes on.
    Template,
    Symbol(&'static str),
    End,
}

/// A word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) token: Token,
    pub(crate) at: At,
    /// Whether space comes before it.
    pub(crate) is_apart: bool,
    /// Whether it is the first of its line.
    pub(crate) is_first: bool,
}

/// Longest first.
const SYMBOLS: [&str; 24] =
    [":=", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ",", ";", ".", ":", "=", "<", ">", "+", "-", "*", "/", "%", "&"];

/// The word that begins at or behind a byte.
pub(crate) fn word(text: &str, from: u32) -> Result<Word, Mistake> {
    let bytes = text.as_bytes();
    let mut at = from as usize;
    let mut is_first = from == 0;
    loop {
        match bytes.get(at) {
            Some(b'\n') => is_first = true,
            Some(b' ' | b'\t' | b'\r') => {}
            Some(b'#') => {
                at = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| at + length);
                continue;
            }
            _ => break,
        }
        at += 1;
    }
    let word = |token, end: usize| Ok(Word { token, at: span(at, end), is_apart: at > from as usize, is_first });
    let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) else { return word(Token::End, at) };
    let length = |accepts: fn(char) -> bool| rest.find(|letter| !accepts(letter)).unwrap_or(rest.len());
    let first = rest.chars().next().unwrap_or_default();
    let next = bytes.get(at + 1).copied().unwrap_or_default();
    match first {
        'a'..='z' | 'A'..='Z' | '_' => word(Token::Name, at + length(|letter| letter.is_ascii_alphanumeric() || letter == '_')),
        '0'..='9' => word(Token::Number, at + number(rest, at)?),
        '"' => {
            let end = quoted(rest, at)?;
            word(Token::Quoted, at + end)
        }
        '`' => match rest.get(1..).and_then(|rest| rest.find('`')) {
            Some(length) => word(Token::Raw, at + length + 2),
            None => Err(Mistake::new(span(at, at + 1), "this string has no end")),
        },
        '$' if next == b'"' || next == b'`' => word(Token::Template, at + 2),
        '|' => word(Token::Symbol("|"), at + 1),
        _ => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            Some(symbol) => word(Token::Symbol(symbol), at + symbol.len()),
            None => Err(Mistake::new(span(at, at + first.len_utf8()), format!("unexpected character {first:?}"))),
        },
    }
}

pub(crate) fn span(start: usize, end: usize) -> At {
    At { start: start as u32, end: end as u32 }
}

/// The length of the number that a text begins with.
fn number(rest: &str, at: usize) -> Result<usize, Mistake> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    if length > 1 && bytes[0] == b'0' {
        return Err(Mistake::new(span(at, at + length), "a number does not begin with 0"));
    }
    if bytes.get(length) == Some(&b'.') && bytes.get(length + 1).is_some_and(u8::is_ascii_digit) {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits((length + 1 + sign).min(bytes.len()));
        if exponent == 0 {
            return Err(Mistake::new(span(at, at + length + 1), "this number has no exponent"));
        }
        length += 1 + sign + exponent;
    }
    if bytes.get(length).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
        return Err(Mistake::new(span(at, at + length + 1), "this is neither a number nor a name"));
    }
    Ok(length)
}

/// The length of the string that a text begins with.
fn quoted(rest: &str, at: usize) -> Result<usize, Mistake> {
    let mut letters = rest.char_indices().skip(1);
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '"' => return Ok(offset + 1),
            '\\' => match letters.next() {
                Some((_, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {}
                Some((_, 'u')) => {
                    let digits = rest.get(offset + 2..offset + 6);
                    if !digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
                        return Err(Mistake::new(span(at + offset, at + offset + 2), "\\u needs four hexadecimal digits"));
                    }
                }
                _ => {
                    let help = "write \\\\ for a backslash, or the string in backticks";
                    return Err(Mistake::new(span(at + offset, at + offset + 1), "a string has no such escape").help(help));
                }
            },
            '\n' => break,
            _ => {}
        }
    }
    Err(Mistake::new(span(at, at + 1), "this string has no end on its line"))
}
