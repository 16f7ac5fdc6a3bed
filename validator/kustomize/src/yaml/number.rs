//! Numbers as go-yaml reads them.

use super::Dialect;

/// The integer that go-yaml makes of a plain scalar, if it fits `int64` or `uint64`: decimal, `0x`, `0b`, `0o`, a leading zero for octal,
/// and underscores anywhere after the first character.
pub(super) fn parse_integer(text: &str, dialect: Dialect) -> Option<i128> {
    let plain = without_underscores(text);
    go_int(&plain, None).or_else(|| prefixed(&plain, dialect))
}

/// go-yaml's second try for `0b` and (in v3) `0o`, which lets a sign follow the prefix.
fn prefixed(plain: &str, dialect: Dialect) -> Option<i128> {
    let (digits, radix) = match plain.get(..2)? {
        "0b" => (&plain[2..], 2),
        "0o" if dialect == Dialect::YamlV3 => (&plain[2..], 8),
        _ => return None,
    };
    go_int(digits, Some(radix))
}

/// Go's `strconv.ParseInt` and, where that overflows, `strconv.ParseUint`; base 0 where no radix is given.
pub(super) fn go_int(text: &str, radix: Option<u32>) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (digits, radix) = match radix {
        Some(radix) => (digits, radix),
        None => match digits.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
            [b'0', b'b' | b'B', ..] => (&digits[2..], 2),
            [b'0', b'o' | b'O', ..] => (&digits[2..], 8),
            [b'0', _, ..] => (&digits[1..], 8),
            _ => (digits, 10),
        },
    };
    if !digits.bytes().next()?.is_ascii_alphanumeric() {
        return None;
    }
    let value = sign * i128::from(u64::from_str_radix(digits, radix).ok()?);
    let signed = text.starts_with(['+', '-']);
    (i64::try_from(value).is_ok() || (!signed && value > 0)).then_some(value)
}

/// The float that go-yaml makes of a plain scalar, the special values included.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let plain = without_underscores(text);
    // After a leading dot go-yaml leaves the underscores to strconv.ParseFloat, which wants them between digits.
    let misplaced = text.starts_with('.')
        && !text.split('_').skip(1).zip(text.split('_')).all(|(after, before)| {
            after.starts_with(|first: char| first.is_ascii_digit()) && before.ends_with(|last: char| last.is_ascii_digit())
        });
    if misplaced || !is_yaml_float(plain.as_bytes()) {
        return None;
    }
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`, go-yaml's idea of a float.
fn is_yaml_float(mut text: &[u8]) -> bool {
    fn digits(text: &mut &[u8]) -> usize {
        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        *text = &text[count..];
        count
    }
    fn skip(text: &mut &[u8], any: &[u8]) -> bool {
        let found = text.first().is_some_and(|byte| any.contains(byte));
        if found {
            *text = &text[1..];
        }
        found
    }
    skip(&mut text, b"+-");
    let whole = digits(&mut text);
    let fraction = if skip(&mut text, b".") { digits(&mut text) } else { 0 };
    if whole + fraction == 0 {
        return false;
    }
    if skip(&mut text, b"eE") {
        skip(&mut text, b"+-");
        if digits(&mut text) == 0 {
            return false;
        }
    }
    text.is_empty()
}

fn without_underscores(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('_') { text.replace('_', "").into() } else { text.into() }
}
