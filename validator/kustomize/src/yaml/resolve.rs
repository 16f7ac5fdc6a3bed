//! Which tag a plain scalar resolves to.

use super::Dialect;
use super::number::{parse_float, parse_integer};
use super::tag::Tag;
use super::timestamp::canonical_timestamp;

/// The tag that go-yaml gives a plain scalar without an explicit tag (`resolve.go` of v2 and v3).
pub fn resolve(text: &str, dialect: Dialect) -> Tag {
    let Some(first) = text.bytes().next() else { return Tag::Null };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => resolve_number(text, first, dialect),
        b'~' if text == "~" => Tag::Null,
        b'n' | b'N' if matches!(text, "null" | "Null" | "NULL") => Tag::Null,
        b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'n' | b'N' | b'o' | b'O' if parse_bool(text, dialect).is_some() => Tag::Bool,
        b'<' if text == "<<" => Tag::Merge,
        _ => Tag::Str,
    }
}

fn resolve_number(text: &str, first: u8, dialect: Dialect) -> Tag {
    if first != b'.' {
        if canonical_timestamp(text).is_some() {
            // go-yaml v2 gives a timestamp to `interface{}` as its text.
            return if dialect == Dialect::YamlV3 { Tag::Timestamp } else { Tag::Str };
        }
        if parse_integer(text, dialect).is_some() {
            return Tag::Int;
        }
    }
    if parse_float(text).is_some() { Tag::Float } else { Tag::Str }
}

/// The boolean that a plain scalar is, if it is one.
pub(super) fn parse_bool(text: &str, dialect: Dialect) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ if dialect == Dialect::YamlV3 => None,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// Whether go-yaml v2 would read a plain `text` as something else than this string, or its emitter fears that others would
/// (base 60 numbers), so that it prints quotes.
pub(super) fn is_ambiguous(text: &str) -> bool {
    let Some(first) = text.bytes().next() else { return true };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => {
            resolve_number(text, first, Dialect::YamlV2) != Tag::Str || canonical_timestamp(text).is_some() || is_base60(text)
        }
        // The emitter prints the string `<<` plainly.
        b'<' => false,
        _ => resolve(text, Dialect::YamlV2) != Tag::Str,
    }
}

/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`, the base 60 numbers of YAML 1.1.
fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some((whole, rest)) = unsigned.split_once(':') else { return false };
    let (sixties, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let digits_from = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    whole.starts_with(|first: char| first.is_ascii_digit())
        && digits_from(whole)
        && digits_from(fraction)
        && sixties.split(':').all(|part| match part.as_bytes() {
            [unit] => unit.is_ascii_digit(),
            [ten, unit] => (b'0'..=b'5').contains(ten) && unit.is_ascii_digit(),
            _ => false,
        })
}
