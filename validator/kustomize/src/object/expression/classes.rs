//! What a backslash or a bracket begins.

use super::translation::{Translation, push_literal};

impl Translation<'_> {
    /// What a backslash outside of brackets begins.
    pub(super) fn escaped(&mut self) -> Result<(), String> {
        if let Some(quoted) = self.rest.strip_prefix("\\Q") {
            let (text, rest) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            self.rest = rest;
            text.chars().for_each(|literal| self.literal(literal));
            return Ok(());
        }
        let position = match self.rest.get(1..2) {
            Some("A") => Some("\\A"),
            Some("z") => Some("\\z"),
            Some("b") => Some("(?-u:\\b)"),
            // Rust does not have it for ASCII, where it could split a character.
            Some("B") => Some("\\B"),
            _ => None,
        };
        if let Some(rust) = position {
            self.rest = &self.rest[2..];
            self.atom(rust, 1);
            return Ok(());
        }
        if let Some((class, weight)) = self.escaped_class()? {
            self.atom(&format!("[{class}]"), weight);
            return Ok(());
        }
        let literal = self.escaped_char()?;
        self.literal(literal);
        Ok(())
    }

    /// `\d`, `\pL` and their like as what stands in brackets, if that is what comes next.
    fn escaped_class(&mut self) -> Result<Option<(String, usize)>, String> {
        let Some(kind) = self.rest.strip_prefix('\\').and_then(|rest| rest.chars().next()) else { return Ok(None) };
        let perl = match kind {
            'd' => "0-9",
            'D' => "[^0-9]",
            's' => "\\t\\n\\f\\r ",
            'S' => "[^\\t\\n\\f\\r ]",
            'w' => "0-9A-Za-z_",
            'W' => "[^0-9A-Za-z_]",
            'p' | 'P' => return self.unicode_class(kind == 'P').map(Some),
            _ => return Ok(None),
        };
        self.rest = &self.rest[2..];
        Ok(Some((perl.to_owned(), 8)))
    }

    /// `\pL`, `\p{Greek}` and `\p{^Greek}`.
    fn unicode_class(&mut self, is_negated: bool) -> Result<(String, usize), String> {
        self.rest = &self.rest[2..];
        let name = if let Some(braced) = self.rest.strip_prefix('{') {
            let (name, rest) = braced.split_once('}').ok_or("invalid character class range")?;
            self.rest = rest;
            name
        } else {
            let length = self.rest.chars().next().ok_or("invalid character class range")?.len_utf8();
            let (name, rest) = self.rest.split_at(length);
            self.rest = rest;
            name
        };
        let bare = name.strip_prefix('^').unwrap_or(name);
        if !bare.starts_with(|first: char| first.is_ascii_uppercase())
            || !bare.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        {
            return Err(format!("invalid character class range: `\\p{{{name}}}`"));
        }
        let letter = if is_negated == name.starts_with('^') { 'p' } else { 'P' };
        // Go knows general categories by their short names, and scripts by their long ones.
        let property = match bare.len() {
            1 | 2 => format!("gc={bare}"),
            _ if bare == "Any" => bare.to_owned(),
            _ => format!("sc={bare}"),
        };
        Ok((format!("\\{letter}{{{property}}}"), 500))
    }

    /// The character that an escape sequence stands for.
    fn escaped_char(&mut self) -> Result<char, String> {
        self.rest = &self.rest[1..];
        let Some(first) = self.next_char() else { return Err("trailing backslash at end of expression".to_owned()) };
        let invalid = || format!("invalid escape sequence: `\\{first}`");
        Ok(match first {
            'a' => '\x07',
            'f' => '\x0C',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0B',
            // One digit alone would be a back reference.
            '1'..='7' if !self.rest.starts_with(|digit: char| digit.is_digit(8)) => return Err(invalid()),
            '0'..='7' => {
                let more = self.rest.bytes().take(2).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                let (digits, rest) = self.rest.split_at(more);
                self.rest = rest;
                u32::from_str_radix(&format!("{first}{digits}"), 8).ok().and_then(char::from_u32).ok_or_else(invalid)?
            }
            'x' => {
                let (digits, rest) = match self.rest.strip_prefix('{') {
                    Some(braced) => braced.split_once('}').ok_or_else(invalid)?,
                    None => (self.rest.get(..2).ok_or_else(invalid)?, self.rest.get(2..).unwrap_or_default()),
                };
                self.rest = rest;
                let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                u32::from_str_radix(digits, 16).ok().filter(|_| is_hex).and_then(char::from_u32).ok_or_else(invalid)?
            }
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => other,
            _ => return Err(invalid()),
        })
    }

    /// A class in brackets, in which Go knows no set operations and no brackets but `[:name:]`.
    pub(super) fn class(&mut self) -> Result<(), String> {
        let unclosed = || "missing closing ]".to_owned();
        let invalid = || "invalid character class range".to_owned();
        self.rest = &self.rest[1..];
        let mut class = String::from("[");
        if let Some(rest) = self.rest.strip_prefix('^') {
            self.rest = rest;
            class.push('^');
        }
        let (mut weight, mut is_first) = (8, true);
        while is_first || !self.rest.starts_with(']') {
            is_first = false;
            if self.rest.is_empty() {
                return Err(unclosed());
            }
            if let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|named| named.split_once(":]")) {
                if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
                    return Err(invalid());
                }
                class.push_str(&format!("[:{name}:]"));
                self.rest = rest;
                continue;
            }
            if let Some((inner, more)) = self.escaped_class()? {
                class.push_str(&inner);
                weight += more;
                continue;
            }
            let low = self.class_char()?;
            push_literal(&mut class, low);
            weight += 1;
            if let Some(behind) = self.rest.strip_prefix('-').filter(|behind| !behind.starts_with(']')) {
                self.rest = behind;
                let high = self.class_char()?;
                if high < low {
                    return Err(invalid());
                }
                class.push('-');
                push_literal(&mut class, high);
            }
        }
        self.rest = &self.rest[1..];
        class.push(']');
        self.atom(&class, weight);
        Ok(())
    }

    fn class_char(&mut self) -> Result<char, String> {
        if self.rest.starts_with('\\') { self.escaped_char() } else { self.next_char().ok_or_else(|| "missing closing ]".to_owned()) }
    }
}

/// The names of POSIX classes.
const POSIX: [&str; 14] =
    ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];
