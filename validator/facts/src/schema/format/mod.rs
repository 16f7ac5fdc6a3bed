//! Texts with a grammar: names, quantities, addresses, times, schedules.

pub(super) mod cron;
pub(super) mod name;
pub(super) mod net;
pub(crate) mod quantity;
pub(super) mod time;
pub(crate) mod written;

/// Whether `encoding/base64` of Go reads the text: standard alphabet, padded, line breaks ignored.
pub(super) fn is_base64(text: &str) -> bool {
    let (mut symbols, mut padding) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'\r' | b'\n' => {}
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => symbols += 1,
            _ => return false,
        }
    }
    (symbols + padding).is_multiple_of(4) && padding <= 2
}

/// How many bytes a base64 text that [`is_base64`] holds.
pub(super) fn base64_len(text: &str) -> usize {
    let symbols = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n' | b'=')).count();
    symbols * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_go_s() {
        for (text, good) in [
            ("", true),
            ("YWJj", true),
            ("YQ==", true),
            ("YQ=", false),
            ("YQ", false),
            ("Y Q=", false),
            ("YWJj\r\nYQ==\n", true),
            ("Y=Jj", false),
            ("a-_b", false),
            ("====", false),
        ] {
            assert_eq!(is_base64(text), good, "{text:?}");
        }
        assert_eq!(base64_len("YQ==\n"), 1);
    }
}
