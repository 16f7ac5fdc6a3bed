//! Where any text has something that looks like a credential, whoever wrote it and wherever it stands.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};

use super::names::{holds, is_credential, is_literal, is_random};

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// A file: what stands behind the name of a credential is one.
    Source,
    /// A sentence, in which a word may follow such a name and a colon.
    Prose,
}

/// Whether a text has what a pattern needs.
type Needs = fn(&str) -> bool;

/// A pattern, and what a text must have for it, where the pattern begins with nothing that is quickly found.
struct Pattern {
    needs: Needs,
    regex: Regex,
}

impl Pattern {
    fn all(patterns: &[(Needs, &str)]) -> Vec<Self> {
        patterns.iter().filter_map(|(needs, text)| Some(Self { needs: *needs, regex: Regex::new(text).ok()? })).collect()
    }
}

fn always(_: &str) -> bool {
    true
}

fn has_at(text: &str) -> bool {
    text.contains('@')
}

fn has_user(text: &str) -> bool {
    text.contains("-u")
}

fn has_element(text: &str) -> bool {
    text.contains('<')
}

/// Whether a number, or a star for any, stands between colons.
fn has_field_of_a_port(text: &str) -> bool {
    text.contains(":*:") || text.split(':').skip(1).any(|field| !field.is_empty() && field.chars().all(char::is_numeric))
}

/// Patterns whose first group is the credential.
fn patterns() -> &'static [Pattern] {
    static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
        Pattern::all(&[
            // Published, fixed formats of tokens.
            (
                always,
                r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,})",
            ),
            (
                always,
                r"\b((?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|[sr]k_live_[A-Za-z0-9]{16,}|npm_[A-Za-z0-9]{30,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})",
            ),
            (always, r"\b(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)"),
            // Private keys, and the same in base64.
            (always, r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----((?s:.*?))(?:-----END|\z)"),
            (always, r"\b(LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]{16,})"),
            // user:password@host, with a scheme and without.
            (has_at, r#"://[^\s:/@"'<>]*:([^\s/@"'<>]+)@"#),
            (has_at, r#"(?:^|[\s"'=,\[(])[A-Za-z0-9._-]+:([^\s/:@"'<>]{4,})@[A-Za-z0-9(\[]"#),
            // A token in the place of a user, and what a query signs or authorizes itself with.
            (has_at, r#"https?://([^\s:/@"'<>]{8,})@"#),
            (always, r#"(?i)[?&](?:[a-z-]*sig|[a-z-]*signature|code|key|sas)=([^&\s"'<>]{6,})"#),
            // What commands and headers are given, on one line and as a list with an item a line.
            (has_user, r#"(?:^|[\s"'])(?:-u|--user)["',\s=-]+[^\s:"']+:([^\s"';|&]+)"#),
            (always, r#"\b(?:mysql|mariadb)\w*\b[^\n;|&]*?[\s"',\[]-p([^\s"',;|&\]]+)"#),
            (always, r#"\b(?:mysql|mariadb)\w*["']?(?:\n\s*-[ \t][^\n]*)*?\n\s*-[ \t]+["']?-p([^\s"']+)"#),
            (always, r#"\bredis-cli\b[^\n;|&]*?[\s"',\[]-a[\s"',]+([^\s"';|&]+)"#),
            (always, r#"\bredis-cli["']?(?:\n\s*-[ \t][^\n]*)*?\n\s*-[ \t]+["']?-a["']?\n\s*-[ \t]+["']?([^\s"']+)"#),
            (always, r"\b(?i:bearer|basic)\s+([A-Za-z0-9_.~+/-]*(?:[0-9=]|[a-z][A-Z])[A-Za-z0-9=_.~+/-]*)"),
            // .netrc, a user of Redis, and .pgpass: host:port:database:user:password
            (always, r"\blogin\s+\S+\s+password\s+(\S+)"),
            (always, r"\buser\s+\S+\s+(?:on|off)\b[^\n]*?>(\S+)"),
            (has_field_of_a_port, r"(?m)^\s*[^\s:]+:(?:\d+|\*):[^\s:]+:[^\s:]+:(\S+)\s*$"),
        ])
    });
    &PATTERNS
}

/// A name that may be a credential's, and what separates it from a value.
fn named() -> Option<&'static Regex> {
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let name = r"(?i)(?P<name>[a-z0-9_.-]*(?:pass|pwd|pw|secret|token|key|cred|auth)[a-z0-9_.-]*)";
        // `KEY=value`, `key: value`, `"key": "value"`, `\"key\":\"value\"`, `--key value`, `["--key", "value"]`, and the same on two lines
        Regex::new(&format!(r#"{name}\\?["']?(?P<separator>[ \t]*(?:=>|:=|[:=])[ \t]*|["',\s\[\]]+(?:-[ \t]+["']?)?)"#)).ok()
    });
    NAMED.as_ref()
}

/// Pairs whose name stands apart from the value.
fn apart() -> &'static [Pattern] {
    static APART: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
        Pattern::all(&[
            // An element of `env`, a header, a Helm parameter, a toleration.
            (
                always,
                r#"(?i)["']?(?:name|key)["']?\s*[:=]\s*["']?(?P<name>[a-z0-9_.-]+)["']?\s*[,\n]\s*["']?value["']?\s*[:=][ \t]*(?P<value>[^\n]*)"#,
            ),
            // A property of Hadoop's, an element of Maven's or Tomcat's.
            (has_element, r"(?i)<name>\s*(?P<name>[^<\s]+)\s*</name>\s*<value>(?P<value>[^<]+)</value>"),
            (has_element, r"(?i)<(?P<name>[a-z0-9_.-]+)>(?P<value>[^<\n]+)</"),
            // A map that holds the value.
            (always, r#"(?i)["']?(?P<name>[a-z0-9_.-]+)["']?\s*:\s*\{?\s*["']?value["']?\s*:[ \t]*(?P<value>[^\n]*)"#),
        ])
    });
    &APART
}

/// Flags and directives whose value follows after a blank.
fn takes_next(name: &str) -> bool {
    name.starts_with('-') || ["requirepass", "masterauth", "primaryauth"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether there may be anything to find: most texts have none of these, and need no closer look.
fn is_suspicious(text: &str) -> bool {
    static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        let marks = [
            "pass",
            "pwd",
            "pw",
            "secret",
            "token",
            "key",
            "cred",
            "auth",
            "bearer",
            "basic",
            "-u",
            "mysql",
            "mariadb",
            "redis-cli",
            "@",
            "eyj",
            "akia",
            "asia",
            "aiza",
            "ls0tls",
            "sg.",
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "xox",
            "k_live_",
            "sig=",
            "signature=",
            "code=",
            "sas=",
            "user",
            "npm_",
        ];
        AhoCorasick::builder().ascii_case_insensitive(true).build(marks).ok()
    });
    MARKS.as_ref().is_none_or(|marks| marks.is_match(text)) || text.bytes().filter(|byte| *byte == b':').nth(3).is_some()
}

/// The byte ranges of what looks like a credential, in no order; they may overlap.
pub(super) fn find(text: &str, kind: Text, ranges: &mut Vec<Range<usize>>) {
    random_tokens(text, ranges);
    if !is_suspicious(text) {
        return;
    }
    by_pattern(text, ranges);
    for found in named().into_iter().flat_map(|named| named.captures_iter(text)) {
        let (Some(name), Some(separator)) = (found.name("name"), found.name("separator")) else { continue };
        let is_pair = separator.as_str().contains([':', '=']);
        let is_flag = !is_pair && takes_next(name.as_str());
        if (is_pair || is_flag) && !(is_flag && text[separator.end()..].starts_with('-')) {
            let ends_line = is_pair && separator.as_str().contains(':');
            add_value(text, name.as_str(), separator.end(), ends_line, kind, ranges);
        }
    }
    for found in found_by(apart(), text) {
        if let (Some(name), Some(value)) = (found.name("name"), found.name("value")) {
            let is_element = text.as_bytes().get(value.end()) == Some(&b'<');
            if is_element {
                ranges.extend(holds(name.as_str(), value.as_str()).then(|| value.range()));
            } else {
                add_value(text, name.as_str(), value.start(), true, kind, ranges);
            }
        }
    }
}

fn found_by<'t>(patterns: &'static [Pattern], text: &'t str) -> impl Iterator<Item = Captures<'t>> {
    patterns.iter().filter(|pattern| (pattern.needs)(text)).flat_map(|pattern| pattern.regex.captures_iter(text))
}

fn by_pattern(text: &str, ranges: &mut Vec<Range<usize>>) {
    for found in found_by(patterns(), text) {
        if let Some(credential) = found.get(1) {
            let is_digest = text.get(credential.end()..).is_some_and(|rest| rest.starts_with("@sha"));
            // A user and a group, a port.
            let is_number = credential.as_str().bytes().all(|byte| byte.is_ascii_digit());
            ranges.extend((!is_digest && !is_number && is_literal(credential.as_str())).then(|| credential.range()));
        }
    }
}

/// The value that begins at `start`: up to its closing quote, or to where a shell, a query or a list in one line ends it. In a line of YAML a plain value goes
/// on to the end of the line.
fn add_value(text: &str, name: &str, start: usize, ends_line: bool, kind: Text, ranges: &mut Vec<Range<usize>>) {
    // Most names are none of a credential, and their values need no look.
    if !is_credential(name) {
        return;
    }
    let rest = text.get(start..).unwrap_or_default();
    // Each item of a list on one line.
    if let Some(list) = rest.strip_prefix('[').filter(|_| ends_line) {
        let mut at = start + 1;
        for item in list.split([']', '\n']).next().unwrap_or_default().split_inclusive(',') {
            add_value(text, name, at, true, kind, ranges);
            at += item.len();
        }
        return;
    }
    // What YAML puts before a value: a tag, an anchor; an alias is one only by mistake.
    let value = rest.trim_start_matches([' ', '\t']);
    let value = value.strip_prefix("!!").map_or(value, |tag| tag.split_once(' ').map_or("", |(_, value)| value));
    let value = value.trim_start_matches(['*', '&', '!']);
    let quote = ["\\\"", "\"", "\\'", "'"].into_iter().find(|quote| value.starts_with(quote));
    let length = match quote {
        Some(quote) => value.get(quote.len()..).and_then(|inside| inside.find(quote)).map_or(value.len(), |length| length + quote.len()),
        None if ends_line => value.find(['\n', '\r', ',', '}', ']', '"', '\'', '&', ';']).unwrap_or(value.len()),
        None => value.find([' ', '\t', '\n', '\r', ',', '}', ']', '"', '\'', '&', ';', '|', ')']).unwrap_or(value.len()),
    };
    let skipped = quote.map_or(0, str::len);
    let found = value.get(skipped..length).unwrap_or_default().trim_end();
    let found = found.split(" #").next().unwrap_or_default().trim_end();
    // In a sentence, a plain word after a name and a colon says something about it.
    let says = kind == Text::Prose && quote.is_none() && !found.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    // With `=`, nothing but a program's own setting is written.
    let holds = if ends_line { holds(name, found) } else { is_literal(found) };
    if holds && !says {
        let from = text.len() - rest.len() + (rest.len() - value.len()) + skipped;
        ranges.push(from..from + found.len());
    }
}

fn random_tokens(text: &str, ranges: &mut Vec<Range<usize>>) {
    let mut start = None;
    let ends = text.bytes().enumerate().chain([(text.len(), b' ')]);
    for (at, byte) in ends {
        match (byte.is_ascii_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                ranges.extend(text.get(from..at).filter(|token| is_random(token)).map(|_| from..at));
                start = None;
            }
            _ => {}
        }
    }
}
