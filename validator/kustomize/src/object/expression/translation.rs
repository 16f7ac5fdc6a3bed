//! Go's syntax written anew as Rust's.

use std::collections::HashSet;

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
pub(super) struct Translation<'g> {
    pub(super) rest: &'g str,
    out: String,
    groups: Vec<Group>,
    here: Group,
    names: HashSet<&'g str>,
    /// Whether what came last was a repetition.
    is_repeated: bool,
}

impl<'g> Translation<'g> {
    /// The expression in Rust's syntax, and its weight.
    pub(super) fn of(go: &'g str) -> Result<(String, usize), String> {
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

    /// Writes something that a repetition may follow.
    pub(super) fn atom(&mut self, rust: &str, weight: usize) {
        self.here.settle();
        self.out.push_str(rust);
        self.here.last = Some(Atom { weight, repeated: 1 });
    }

    pub(super) fn next_char(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn literal_char(&mut self) {
        if let Some(next) = self.next_char() {
            self.literal(next);
        }
    }

    pub(super) fn literal(&mut self, literal: char) {
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
}

/// Writes a character that stands for itself everywhere.
pub(super) fn push_literal(out: &mut String, literal: char) {
    if literal.is_alphanumeric() {
        out.push(literal);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", u32::from(literal)));
    }
}
