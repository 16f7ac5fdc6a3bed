//! Regular expressions of kustomizations, which are Go's: what Go refuses is refused, and what it accepts means what it means there.
//!
//! Rust's syntax is much the same, but wider in some places (set operations, stacked repetitions, `\<`) and narrower in others (`\Q…\E`, a `{`
//! that repeats nothing, octal escapes), and its `\d`, `\s`, `\w` and `\b` are those of Unicode. So each expression is written anew. On the way
//! it is weighed, because a few characters can ask for an automaton of any size.

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::{Error, ErrorKind};

/// The largest automaton, in bytes; real ones have some kilobytes.
const LARGEST: usize = 4 << 20;

/// Steps that it takes to compile an expression, and to compile a part of it for one character.
const STEPS: (usize, usize) = (500, 20);

/// How many bytes of text count as one step, for an expression for one character.
const BYTES_OF_STEP: usize = 32;

/// A compiled expression.
pub(crate) struct Expression {
    regex: Regex,
    weight: usize,
}

impl Expression {
    /// Compiles the expression that Kustomize makes of what is `written`; its errors have no place.
    ///
    /// # Errors
    /// Where Go would not compile it, and where it is more than the build may use.
    pub(crate) fn new(context: &Context, written: &str, go: &str) -> Result<Self, Error> {
        let invalid = |why: &str| Error::new(ErrorKind::Invalid, format!("`{written}` is not a regular expression: {why}"));
        let (text, weight) = Translation::of(go).map_err(|why| invalid(&why))?;
        context.budget.charge(Cost::steps(STEPS.0 + weight.saturating_mul(STEPS.1)))?;
        let compiled = RegexBuilder::new(&text).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
        let regex = compiled.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                let message = format!("the regular expression `{written}` needs an automaton of more than {} MiB", LARGEST >> 20);
                Error::new(ErrorKind::Limit, message).help("repeat less of it")
            }
            // Nothing is left but names of Unicode that it does not have.
            error => invalid(error.to_string().lines().last().unwrap_or_default()),
        })?;
        Ok(Self { regex, weight })
    }

    /// Whether it matches a part of the text.
    pub(crate) fn is_match(&self, context: &Context, text: &str) -> bool {
        context.budget.count(Cost::steps(self.weight.saturating_mul(text.len()) / BYTES_OF_STEP));
        self.regex.is_match(text)
    }
}

/// The most that repetitions may repeat, also those in each other.
const MOST_REPEATED: usize = 1000;

/// What a repetition may follow: how much it weighs, and how often the most repeated part of it is repeated.
#[derive(Clone, Copy)]
struct Atom {
    weight: usize,
    repeated: usize,
}

/// A group that is open: what is in it so far.
#[derive(Clone, Copy)]
struct Group {
    weight: usize,
    repeated: usize,
    last: Option<Atom>,
}

impl Group {
    const EMPTY: Self = Self { weight: 0, repeated: 1, last: None };

    /// Counts the last atom in; it can be repeated no more.
    fn settle(&mut self) {
        if let Some(Atom { weight, repeated }) = self.last.take() {
            self.weight = self.weight.saturating_add(weight);
            self.repeated = self.repeated.max(repeated);
        }
    }
}

/// An expression of Go on its way to one of Rust (`regexp/syntax/parse.go`).
struct Translation<'g> {
    rest: &'g str,
    out: String,
    groups: Vec<Group>,
    here: Group,
    names: HashSet<&'g str>,
    /// Whether what came last was a repetition.
    is_repeated: bool,
}

impl<'g> Translation<'g> {
    /// The expression in Rust's syntax, and its weight.
    fn of(go: &'g str) -> Result<(String, usize), String> {
        let out = String::with_capacity(go.len() + 16);
        let mut this = Self { rest: go, out, groups: Vec::new(), here: Group::EMPTY, names: HashSet::new(), is_repeated: false };
        while let Some(next) = this.rest.chars().next() {
            let was_repeated = std::mem::take(&mut this.is_repeated);
            match next {
                '(' => this.open()?,
                ')' => this.close()?,
                '[' => this.class()?,
                '\\' => this.escaped()?,
                '*' | '+' | '?' => {
                    this.rest = &this.rest[1..];
                    this.repeat(&String::from(next), 1, was_repeated)?;
                }
                '{' => match this.counts()? {
                    Some((operator, count)) => this.repeat(&operator, count, was_repeated)?,
                    None => this.literal_char(),
                },
                '|' => {
                    this.take("|", 0);
                    this.here.settle();
                }
                '.' => this.take(".", 8),
                '^' | '$' => this.take(&String::from(next), 1),
                _ => this.literal_char(),
            }
        }
        if !this.groups.is_empty() {
            return Err("missing closing )".to_owned());
        }
        this.here.settle();
        Ok((this.out, this.here.weight))
    }

    /// Takes one ASCII character over as something that weighs so much.
    fn take(&mut self, rust: &str, weight: usize) {
        self.rest = &self.rest[1..];
        self.atom(rust, weight);
    }

    fn atom(&mut self, rust: &str, weight: usize) {
        self.here.settle();
        self.out.push_str(rust);
        self.here.last = Some(Atom { weight, repeated: 1 });
    }

    fn next_char(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn literal_char(&mut self) {
        if let Some(next) = self.next_char() {
            self.literal(next);
        }
    }

    fn literal(&mut self, literal: char) {
        self.here.settle();
        push_literal(&mut self.out, literal);
        self.here.last = Some(Atom { weight: 1, repeated: 1 });
    }

    fn open(&mut self) -> Result<(), String> {
        self.rest = &self.rest[1..];
        let Some(behind) = self.rest.strip_prefix('?') else {
            self.begin("(?:");
            return Ok(());
        };
        if let Some(named) = behind.strip_prefix("P<").or_else(|| behind.strip_prefix('<')) {
            let (name, rest) = named.split_once('>').ok_or("invalid named capture")?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return Err(format!("invalid named capture: `{name}`"));
            }
            if !self.names.insert(name) {
                return Err(format!("duplicate capture group name: `{name}`"));
            }
            self.rest = rest;
            self.begin("(?:");
            return Ok(());
        }
        let end = behind.find([':', ')']).ok_or("missing argument to (?")?;
        let flags = &behind[..end];
        let (on, off) = flags.split_once('-').unwrap_or((flags, "-"));
        let are_flags = |flags: &str| flags.bytes().all(|flag| b"imsU".contains(&flag));
        if !are_flags(on) || off.is_empty() || !are_flags(off.trim_start_matches('-')) || off.len() > 1 && off.starts_with('-') {
            return Err(format!("invalid or unsupported Perl syntax: `(?{flags}`"));
        }
        self.rest = &behind[end + 1..];
        let is_group = behind[end..].starts_with(':');
        // Rust does not like a flag twice.
        let unique = |flags: &str| ["i", "m", "s", "U"].into_iter().filter(|flag| flags.contains(flag)).collect::<String>();
        let (on, off) = (unique(on), unique(off));
        let on: String = on.chars().filter(|flag| !off.contains(*flag)).collect();
        let flags = if off.is_empty() { on } else { format!("{on}-{off}") };
        match (is_group, flags.is_empty()) {
            (true, _) => self.begin(&format!("(?{flags}:")),
            (false, true) => {}
            // Go's flags hold up to the end of the group, in other branches, too; so do Rust's.
            (false, false) => self.out.push_str(&format!("(?{flags})")),
        }
        Ok(())
    }

    fn begin(&mut self, rust: &str) {
        self.here.settle();
        self.out.push_str(rust);
        self.groups.push(std::mem::replace(&mut self.here, Group::EMPTY));
    }

    fn close(&mut self) -> Result<(), String> {
        self.rest = &self.rest[1..];
        let outer = self.groups.pop().ok_or("unexpected )")?;
        self.here.settle();
        self.out.push(')');
        let Group { weight, repeated, .. } = std::mem::replace(&mut self.here, outer);
        self.here.last = Some(Atom { weight, repeated });
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}`, and how often that repeats at most; nothing where the brace is a literal.
    fn counts(&mut self) -> Result<Option<(String, usize)>, String> {
        let Some((inner, rest)) = self.rest[1..].split_once('}') else { return Ok(None) };
        // A number without leading zeros.
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        let (least, most) =
            inner.split_once(',').map_or((inner, Some(inner)), |(least, most)| (least, Some(most).filter(|most| !most.is_empty())));
        if !is_number(least) || !most.is_none_or(is_number) {
            return Ok(None);
        }
        let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number <= MOST_REPEATED);
        let too_often = || format!("invalid repeat count: `{{{inner}}}`");
        let (least, most) = (number(least).ok_or_else(too_often)?, most.map(|most| number(most).ok_or_else(too_often)).transpose()?);
        if most.is_some_and(|most| most < least) {
            return Err(too_often());
        }
        self.rest = rest;
        Ok(Some((format!("{{{inner}}}"), most.unwrap_or(least))))
    }

    /// A repetition of what came last, and its question mark.
    fn repeat(&mut self, operator: &str, count: usize, was_repeated: bool) -> Result<(), String> {
        if was_repeated {
            return Err(format!("invalid nested repetition operator: `{operator}`"));
        }
        let atom = self.here.last.ok_or_else(|| format!("missing argument to repetition operator: `{operator}`"))?;
        let repeated = if count == 0 { 1 } else { atom.repeated.saturating_mul(count) };
        if repeated > MOST_REPEATED {
            return Err(format!("invalid repeat count: `{operator}`"));
        }
        self.out.push_str(operator);
        if let Some(rest) = self.rest.strip_prefix('?') {
            self.rest = rest;
            self.out.push('?');
        }
        self.here.last = Some(Atom { weight: atom.weight.saturating_mul(count.max(1)), repeated });
        self.is_repeated = true;
        Ok(())
    }

    /// What a backslash outside of brackets begins.
    fn escaped(&mut self) -> Result<(), String> {
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
    fn class(&mut self) -> Result<(), String> {
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

/// Writes a character that stands for itself everywhere.
fn push_literal(out: &mut String, literal: char) {
    if literal.is_alphanumeric() {
        out.push(literal);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", u32::from(literal)));
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;
    use crate::context::Context;

    fn matches(go: &str, text: &str) -> bool {
        let context = Context::default();
        Expression::new(&context, go, go).unwrap_or_else(|error| panic!("{error}")).is_match(&context, text)
    }

    #[test]
    fn what_go_accepts_means_what_it_means_there() {
        let cases: &[(&str, &str, bool)] = &[
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^\Qab\E+$", "abb", true),
            ("^a{$", "a{", true),
            ("^a{,2}$", "a{,2}", true),
            ("^a{01}$", "a{01}", true),
            ("^{$", "{", true),
            ("^a{2,}?b$", "aab", true),
            (r"^\d$", "٣", false),
            (r"^\w$", "é", false),
            (r"^\W$", "é", true),
            (r"^\s$", "\u{b}", false),
            (r"^\s$", "\u{a0}", false),
            (r"\bé", "é", false),
            ("^[a&&b]+$", "a&b", true),
            ("^[+--]$", ",", true),
            ("^[[a]$", "[", true),
            ("^[]a]+$", "]a", true),
            ("^[^]a]$", "b", true),
            ("^[[:alpha:][:^space:]]$", "7", true),
            (r"^[\d\-x-]+$", "7-x", true),
            (r"^[\w-]+$", "a-b", true),
            (r"^\<a\>$", "<a>", true),
            (r"^\_\/$", "_/", true),
            (r"^\101\0$", "A\0", true),
            (r"^\x41\x{e9}$", "Aé", true),
            (r"^\pL\p{^L}\PL$", "a11", true),
            (r"^\p{Greek}$", "α", true),
            ("(?P<a>x)(?<b>y)", "xy", true),
            ("(?i)ABC", "abc", true),
            ("(?is-m:A.)b", "a\nb", true),
            ("(?i-s)A", "a", true),
            ("^a$|^b$", "a\n", false),
            ("(a|)(|b)()", "", true),
            ("(?:(?:a{10}){10}){10}", "a", false),
        ];
        for (go, text, expected) in cases {
            assert_eq!(matches(go, text), *expected, "{go} {text:?}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for go in [
            "*a",
            "a**",
            "a+*",
            "a{2}{3}",
            "a??+",
            "(*)",
            "(|+)",
            "(",
            ")",
            "a)b",
            "[",
            "[a",
            "[]",
            "[z-a]",
            "[a--c]",
            r"[a-\d]",
            "[[:foo:]]",
            r"\",
            r"\y",
            r"\1",
            r"\8",
            r"\u0041",
            r"\C",
            r"\Z",
            r"\x4",
            r"\x{110000}",
            r"\p{greek}",
            r"\p{Letter}",
            r"\p{Nothing}",
            "a{1001}",
            "a{2,1}",
            "(.{0,500}){0,20}",
            "(?x)a",
            "(?u:a)",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?P=a)",
            "(?P<a>x)(?P<a>y)",
            "(?P<>x)",
            "(?i-)a",
            "(?",
        ] {
            assert!(Expression::new(&Context::default(), go, go).is_err(), "{go}");
        }
    }
}
