//! Quantities (`100m`, `1.5Gi`, `2e3`), read and compared as `k8s.io/apimachinery/pkg/api/resource` does.

use std::fmt;

/// An amount in billionths; more than the API server can hold counts as the most that it can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity(i128);

const NANO: i128 = 1_000_000_000;
const MAX: i128 = i64::MAX as i128 * NANO;

/// Why a text is no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAQuantity {
    /// Not a number with something behind it.
    Number,
    /// What is behind the number is no suffix.
    Suffix,
}

impl Quantity {
    /// Reads a quantity; spaces around it are ignored, as the API server does.
    pub(crate) fn parse(text: &str) -> Result<Self, NotAQuantity> {
        let text = text.trim();
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            Some(_) => (false, text),
            None => return Err(NotAQuantity::Number),
        };
        let whole_len = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = rest.split_at(whole_len);
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
            None => ("", rest),
        };
        let letters = suffix.bytes().take_while(|byte| b"eEinumkKMGTP".contains(byte)).count();
        let tail = &suffix[letters..];
        let digits = tail.strip_prefix(['-', '+']).unwrap_or(tail);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAQuantity::Number);
        }
        let (base, exponent) = multiplier(suffix).ok_or(NotAQuantity::Suffix)?;
        let amount = scale(whole, fraction, base, exponent).min(MAX);
        Ok(Quantity(if negative { -amount } else { amount }))
    }

    pub(crate) fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn is_whole(self) -> bool {
        self.0 % NANO == 0
    }

    /// Whether it is as much as the API server can hold, or more.
    pub(crate) fn is_largest(self) -> bool {
        self.0.abs() >= MAX
    }

    /// In billionths.
    pub(crate) fn billionths(self) -> i128 {
        self.0
    }

    /// In thousandths, rounded up.
    pub(crate) fn milli(self) -> i128 {
        const MICRO: i128 = NANO / 1000;
        self.0.div_euclid(MICRO) + i128::from(self.0.rem_euclid(MICRO) != 0)
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Quantity(self.0.saturating_add(other.0))
    }

    pub(crate) fn of(number: i64) -> Self {
        Quantity(i128::from(number) * NANO)
    }

    pub(crate) fn times(self, number: i64) -> Self {
        Quantity(self.0.saturating_mul(i128::from(number)))
    }

    pub(crate) fn is_multiple_of(self, unit: Self) -> bool {
        unit.0 != 0 && self.0 % unit.0 == 0
    }
}

/// What to multiply by: 2 or 10, and the power.
fn multiplier(suffix: &str) -> Option<(u32, i64)> {
    Some(match suffix {
        "" => (10, 0),
        "n" => (10, -9),
        "u" => (10, -6),
        "m" => (10, -3),
        "k" => (10, 3),
        "M" => (10, 6),
        "G" => (10, 9),
        "T" => (10, 12),
        "P" => (10, 15),
        "E" => (10, 18),
        "Ki" => (2, 10),
        "Mi" => (2, 20),
        "Gi" => (2, 30),
        "Ti" => (2, 40),
        "Pi" => (2, 50),
        "Ei" => (2, 60),
        _ => {
            let power = suffix.strip_prefix(['e', 'E'])?;
            (10, power.strip_prefix('+').unwrap_or(power).parse().ok()?)
        }
    })
}

/// Billionths of `whole.fraction * base^exponent`, rounded up, at most a little over [`MAX`].
fn scale(whole: &str, fraction: &str, base: u32, exponent: i64) -> i128 {
    const ENOUGH_DIGITS: usize = 60;
    let digits: String = whole.chars().chain(fraction.chars()).collect();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return 0;
    }
    // The value is `significant * 10^power * 2^twos` billionths.
    let (ten, twos) = if base == 10 { (exponent, 0) } else { (0, exponent) };
    let power = ten.saturating_add(9) - fraction.len() as i64;
    if significant.len() > ENOUGH_DIGITS {
        return if (significant.len() as i64).saturating_add(power) > 0 { MAX + 1 } else { 1 };
    }
    let mut value: i128 = 0;
    let mut more = false;
    let kept = (significant.len() as i64).saturating_add(power.min(0)).clamp(0, significant.len() as i64) as usize;
    // With a binary suffix fractions are exact only before the shift, so keep them all (they are few).
    let kept = if twos > 0 { significant.len() } else { kept };
    for (at, digit) in significant.bytes().enumerate() {
        if at < kept {
            value = value.saturating_mul(10).saturating_add(i128::from(digit - b'0'));
        } else {
            more |= digit != b'0';
        }
    }
    if twos > 0 {
        value = value.saturating_mul(1_i128 << twos);
        for _ in power..0 {
            more |= value % 10 != 0;
            value /= 10;
        }
    }
    for _ in 0..power.clamp(0, 64) {
        value = value.saturating_mul(10);
    }
    value.saturating_add(i128::from(more))
}

/// What is wrong, after "must be a quantity".
impl fmt::Display for NotAQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotAQuantity::Number => "a number with an optional suffix such as m, k, M, Ki, Mi or Gi",
            NotAQuantity::Suffix => "its suffix must be one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an exponent such as e3",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_as_the_api_server_reads() {
        for (text, nano) in [
            ("0", 0),
            ("1", NANO),
            ("100m", NANO / 10),
            ("1.5Gi", 1_610_612_736 * NANO),
            ("1Ki", 1024 * NANO),
            ("1e3", 1000 * NANO),
            ("1E3", 1000 * NANO),
            ("1E", 1_000_000_000_000_000_000 * NANO),
            ("2e-3", NANO / 500),
            ("500000000n", NANO / 2),
            ("0.5", NANO / 2),
            (".5", NANO / 2),
            ("5.", 5 * NANO),
            ("Mi", 0),
            (" 64Mi ", (64 << 20) * NANO),
            ("+3", 3 * NANO),
            ("-1", -NANO),
            ("0.0000000001", 1),
            ("1.5e-9", 2),
            ("12345678901234567890", MAX),
            ("9999999999999999999999999999999999999999999999999999999999999", MAX),
        ] {
            assert_eq!(Quantity::parse(text), Ok(Quantity(nano)), "{text:?}");
        }
    }

    #[test]
    fn refused_as_the_api_server_refuses() {
        for (text, why) in [
            ("", NotAQuantity::Number),
            ("abc", NotAQuantity::Number),
            ("1_000", NotAQuantity::Number),
            ("1KB", NotAQuantity::Number),
            ("64 Mi", NotAQuantity::Number),
            ("1.2.3", NotAQuantity::Number),
            ("1K", NotAQuantity::Suffix),
            ("64mi", NotAQuantity::Suffix),
            ("1Gi5", NotAQuantity::Suffix),
            ("1e", NotAQuantity::Suffix),
            ("--1", NotAQuantity::Suffix),
            ("1i", NotAQuantity::Suffix),
        ] {
            assert_eq!(Quantity::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn compared_across_suffixes() {
        let quantity = |text| Quantity::parse(text).unwrap();
        assert!(quantity("1Gi") > quantity("1G"));
        assert!(quantity("1000m") == quantity("1"));
        assert!(quantity("100m") < quantity("0.2"));
        assert_eq!(quantity("1.0001").milli(), 1001);
        assert!(quantity("4Mi").is_multiple_of(quantity("2Mi")));
    }
}
