//! Timestamps as go-yaml recognises them and as Go prints them.

/// The RFC 3339 text that `encoding/json` makes of a timestamp that go-yaml recognises; nothing where it is none.
pub(super) fn canonical_timestamp(text: &str) -> Option<String> {
    let mut input = Input(text.as_bytes());
    if !text.as_bytes().get(..5)?.iter().zip(b"0000-").all(|(byte, shape)| byte == shape || *shape == b'0' && byte.is_ascii_digit()) {
        return None;
    }
    let year = input.digits(4, 4)?;
    input.take(b"-")?;
    let month = input.digits(1, 2)?;
    input.take(b"-")?;
    let day = input.digits(1, 2)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let mut out = format!("{year:04}-{month:02}-{day:02}T");
    if input.0.is_empty() {
        out.push_str("00:00:00Z");
        return Some(out);
    }
    let zoned = input.take(b"Tt").is_some();
    if !zoned {
        input.take(b" ")?;
        while input.take(b" ").is_some() {}
    }
    let hour = input.digits(1, 2).filter(|hour| *hour < 24)?;
    input.take(b":")?;
    let minute = input.digits(1, 2).filter(|minute| *minute < 60)?;
    input.take(b":")?;
    let second = input.digits(1, 2).filter(|second| *second < 60)?;
    out.push_str(&format!("{hour:02}:{minute:02}:{second:02}"));
    push_fraction(&mut input, &mut out);
    if zoned {
        push_zone(&mut input, &mut out)?
    } else {
        out.push('Z')
    }
    input.0.is_empty().then_some(out)
}

/// A point or comma and digits: as many as nine count, zeros at the end are not printed.
fn push_fraction(input: &mut Input<'_>, out: &mut String) {
    let [b'.' | b',', rest @ ..] = input.0 else { return };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return;
    }
    let digits = String::from_utf8_lossy(&rest[..count.min(9)]);
    let digits = digits.trim_end_matches('0');
    if !digits.is_empty() {
        out.push('.');
        out.push_str(digits);
    }
    input.0 = &rest[count..];
}

fn push_zone(input: &mut Input<'_>, out: &mut String) -> Option<()> {
    if input.take(b"Z").is_some() {
        out.push('Z');
        return Some(());
    }
    let sign = input.take(b"+-")?;
    let hours = input.digits(2, 2).filter(|hours| *hours < 24)?;
    input.take(b":")?;
    let minutes = input.digits(2, 2).filter(|minutes| *minutes < 60)?;
    if hours == 0 && minutes == 0 {
        out.push('Z');
    } else {
        out.push_str(&format!("{}{hours:02}:{minutes:02}", char::from(sign)));
    }
    Some(())
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take(&mut self, any: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        any.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }
}
