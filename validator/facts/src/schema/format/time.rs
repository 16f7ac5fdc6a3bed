//! Times, as Go's `time.Parse` reads RFC 3339.

/// Whether the text is a time of day in RFC 3339, with any number of fractional digits.
pub(crate) fn is_rfc3339(text: &str) -> bool {
    parse(text, None)
}

/// Whether the text is a time with exactly six fractional digits, as `MicroTime` wants it.
pub(crate) fn is_rfc3339_micro(text: &str) -> bool {
    parse(text, Some(6))
}

fn parse(text: &str, fraction: Option<usize>) -> bool {
    let mut rest = text.as_bytes();
    let mut number = |digits: usize, end: Option<u8>| -> Option<u32> {
        let (head, tail) = rest.split_at_checked(digits)?;
        let value = head.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))?;
        rest = match end {
            Some(end) => tail.strip_prefix(&[end])?,
            None => tail,
        };
        Some(value)
    };
    let mut date_and_time = || {
        let (year, month, day) = (number(4, Some(b'-'))?, number(2, Some(b'-'))?, number(2, Some(b'T'))?);
        let (hour, minute, second) = (number(2, Some(b':'))?, number(2, Some(b':'))?, number(2, None)?);
        ((1..=12).contains(&month) && (1..=days(year, month)).contains(&day) && hour < 24 && minute < 60 && second < 60).then_some(())
    };
    if date_and_time().is_none() {
        return false;
    }
    if let [b'.' | b',', tail @ ..] = rest {
        let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || fraction.is_some_and(|wanted| wanted != digits) {
            return false;
        }
        rest = &tail[digits..];
    } else if fraction.is_some() {
        return false;
    }
    match rest {
        [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            let two = |a: &u8, b: &u8| (a.is_ascii_digit() && b.is_ascii_digit()).then(|| u32::from(a - b'0') * 10 + u32::from(b - b'0'));
            two(h1, h2).is_some_and(|hours| hours <= 24) && two(m1, m2).is_some_and(|minutes| minutes <= 60)
        }
        _ => false,
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, plain, micro) in [
            ("2024-02-29T23:59:59Z", true, false),
            ("2024-02-29T23:59:59.123456Z", true, true),
            ("2024-02-29T23:59:59.123456+02:00", true, true),
            ("2024-02-29T23:59:59.5Z", true, false),
            ("2023-02-29T00:00:00Z", false, false),
            ("2024-02-29", false, false),
            ("2024-02-29 23:59:59Z", false, false),
            ("yesterday", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_rfc3339(text), is_rfc3339_micro(text)), (plain, micro), "{text}");
        }
    }
}
