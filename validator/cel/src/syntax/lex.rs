//! The words of an expression.

use std::sync::Arc;

use super::{Literal, Offset, SyntaxError};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Literal(Literal),
    Ident(Box<str>),
    /// An operator or bracket.
    Mark(&'static str),
    End,
}

/// Longest first.
const MARKS: &[&str] =
    &["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Offset)>, SyntaxError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_space();
        let at = lexer.at as Offset;
        let token = lexer.next()?;
        let is_end = token == Token::End;
        tokens.push((token, at));
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError { at: self.at as Offset, message: message.into() })
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let space = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '\x0c']).len();
            let comment = if rest[space..].starts_with("//") { rest[space..].find('\n').unwrap_or(rest.len() - space) } else { 0 };
            if space + comment == 0 {
                return;
            }
            self.at += space + comment;
        }
    }

    fn take_while(&mut self, test: impl Fn(char) -> bool) -> &str {
        let rest = self.rest();
        let (start, end) = (self.at, self.at + rest.find(|c| !test(c)).unwrap_or(rest.len()));
        self.at = end;
        &self.text[start..end]
    }

    fn next(&mut self) -> Result<Token, SyntaxError> {
        let Some(first) = self.peek() else { return Ok(Token::End) };
        let second = self.rest().chars().nth(1);
        match first {
            '0'..='9' => self.number(),
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => self.number(),
            '"' | '\'' => self.string(false, false),
            'r' | 'R' | 'b' | 'B' if self.is_prefix() => {
                let prefix = self.take_while(|c| c.is_ascii_alphabetic()).to_ascii_lowercase();
                self.string(prefix.contains('r'), prefix.contains('b'))
            }
            'a'..='z' | 'A'..='Z' | '_' => Ok(match self.take_while(|c| c.is_ascii_alphanumeric() || c == '_') {
                "true" => Token::Literal(Literal::Bool(true)),
                "false" => Token::Literal(Literal::Bool(false)),
                "null" => Token::Literal(Literal::Null),
                "in" => Token::Mark("in"),
                name => Token::Ident(name.into()),
            }),
            _ => match MARKS.iter().find(|mark| self.rest().starts_with(**mark)) {
                Some(mark) => {
                    self.at += mark.len();
                    Ok(Token::Mark(mark))
                }
                None => self.error(format!("token recognition error at: {first:?}")),
            },
        }
    }

    /// Whether letters here say how the string after them is read.
    fn is_prefix(&self) -> bool {
        let letters: String = self.rest().chars().take_while(char::is_ascii_alphabetic).take(3).collect();
        let known = matches!(&*letters.to_ascii_lowercase(), "r" | "b" | "rb" | "br");
        known && self.rest()[letters.len()..].starts_with(['"', '\''])
    }

    fn number(&mut self) -> Result<Token, SyntaxError> {
        let start = self.at;
        if let Some(digits) = self.rest().strip_prefix("0x").or_else(|| self.rest().strip_prefix("0X")) {
            let digits = &digits[..digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len())];
            let (value, length) = (u64::from_str_radix(digits, 16), digits.len());
            self.at += 2 + length;
            return self.integer(value.ok());
        }
        self.take_while(|c| c.is_ascii_digit());
        let mut is_double = false;
        if self.rest().starts_with('.') && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            is_double = true;
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let exponent = self.rest().strip_prefix(['e', 'E']).map(|rest| rest.trim_start_matches(['+', '-']));
        if exponent.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            is_double = true;
            self.at += 1;
            self.take_while(|c| matches!(c, '+' | '-'));
            self.take_while(|c| c.is_ascii_digit());
        }
        let text = &self.text[start..self.at];
        if is_double {
            return match text.parse() {
                Ok(value) => Ok(Token::Literal(Literal::Double(value))),
                Err(_) => self.error("invalid double literal"),
            };
        }
        let value = text.parse().ok();
        self.integer(value)
    }

    /// An integer; that of -9223372036854775808 without its sign is kept as one that only `-` can make valid.
    fn integer(&mut self, value: Option<u64>) -> Result<Token, SyntaxError> {
        if self.rest().starts_with(['u', 'U']) {
            self.at += 1;
            return value.map_or_else(|| self.error("invalid uint literal"), |value| Ok(Token::Literal(Literal::Uint(value))));
        }
        match value.map(i64::try_from) {
            Some(Ok(value)) => Ok(Token::Literal(Literal::Int(value))),
            Some(Err(_)) if value == Some(1 << 63) => Ok(Token::Literal(Literal::Int(i64::MIN))),
            _ => self.error("invalid int literal"),
        }
    }

    fn string(&mut self, raw: bool, bytes: bool) -> Result<Token, SyntaxError> {
        let quote = if self.rest().starts_with('"') { "\"" } else { "'" };
        let triple = self.rest().starts_with(&quote.repeat(3));
        let end = quote.repeat(if triple { 3 } else { 1 });
        self.at += end.len();
        let mut found = Vec::new();
        loop {
            if self.rest().starts_with(&end) {
                self.at += end.len();
                break;
            }
            let Some(next) = self.peek() else { return self.error("unterminated string") };
            self.at += next.len_utf8();
            match next {
                '\n' | '\r' if !triple => return self.error("unterminated string"),
                '\\' if !raw => self.escape(bytes, &mut found)?,
                _ => found.extend_from_slice(next.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if bytes {
            return Ok(Token::Literal(Literal::Bytes(found.into())));
        }
        match String::from_utf8(found) {
            Ok(text) => Ok(Token::Literal(Literal::String(Arc::from(text)))),
            Err(_) => self.error("invalid string"),
        }
    }

    fn escape(&mut self, bytes: bool, found: &mut Vec<u8>) -> Result<(), SyntaxError> {
        let Some(letter) = self.peek() else { return self.error("unterminated string") };
        self.at += letter.len_utf8();
        let simple = match letter {
            'a' => Some(7),
            'b' => Some(8),
            'f' => Some(12),
            'n' => Some(b'\n'),
            'r' => Some(b'\r'),
            't' => Some(b'\t'),
            'v' => Some(11),
            '\\' | '?' | '"' | '\'' | '`' => Some(letter as u8),
            _ => None,
        };
        if let Some(byte) = simple {
            found.push(byte);
            return Ok(());
        }
        let (digits, radix) = match letter {
            'x' | 'X' => (2, 16),
            'u' => (4, 16),
            'U' => (8, 16),
            '0'..='3' => {
                self.at -= 1;
                (3, 8)
            }
            _ => return self.error("invalid escape sequence"),
        };
        let value = self.rest().get(..digits).and_then(|text| u32::from_str_radix(text, radix).ok());
        self.at += if value.is_some() { digits } else { 0 };
        match value {
            Some(value) if bytes && value < 256 => found.push(value as u8),
            _ => match value.and_then(char::from_u32) {
                Some(c) => found.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                None => return self.error("invalid escape sequence"),
            },
        }
        Ok(())
    }
}
