//! The one way in which the API server writes a quantity, `k8s.io/apimachinery/pkg/api/resource`.

use serde_json::Value as Json;

use super::quantity::Quantity;

const NANO: i128 = 1_000_000_000;

/// How a quantity is written: with powers of 1024, of 1000, or as an exponent. It stays as it was first written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Binary,
    Decimal,
    Exponent,
}

/// The canonical text, if it is a quantity.
pub(crate) fn canonical(text: &str) -> Option<String> {
    let quantity = Quantity::parse(text).ok()?;
    if quantity.is_largest() {
        // Amounts no longer tell those apart; the server keeps what was written.
        return Some(text.trim().to_owned());
    }
    let amount = quantity.billionths();
    let suffix = text.trim().trim_start_matches(['+', '-']).trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let format = match suffix {
        suffix if suffix.ends_with('i') => Format::Binary,
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" => Format::Decimal,
        _ => Format::Exponent,
    };
    Some(written(amount, format))
}

/// Rounds up to thousandths, as amounts of resources are.
pub(crate) fn round(value: &mut Json) {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return,
    };
    if let Ok(amount) = Quantity::parse(&text)
        && amount.billionths() % (NANO / 1000) != 0
    {
        *value = Json::String(written(amount.milli() * (NANO / 1000), Format::Decimal));
    }
}

fn written(amount: i128, format: Format) -> String {
    if amount == 0 {
        return "0".into();
    }
    if format == Format::Binary && amount % NANO == 0 && (amount / NANO).abs() >= 1024 {
        const SUFFIXES: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        let (mut number, mut power) = (amount / NANO, 0);
        while number % 1024 == 0 && power + 1 < SUFFIXES.len() {
            number /= 1024;
            power += 1;
        }
        return format!("{number}{}", SUFFIXES[power]);
    }
    const SUFFIXES: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    let (mut number, mut power) = (amount, 0);
    while number % 1000 == 0 && power + 1 < SUFFIXES.len() {
        number /= 1000;
        power += 1;
    }
    match (format, power as i32 * 3 - 9) {
        (Format::Exponent, 0) | (Format::Decimal | Format::Binary, _) => format!("{number}{}", SUFFIXES[power]),
        (Format::Exponent, exponent) => format!("{number}e{exponent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_the_api_server_writes() {
        for (text, expected) in [
            ("1000m", "1"),
            ("0.5", "500m"),
            ("2048Mi", "2Gi"),
            ("2147483648", "2147483648"),
            ("1.5Gi", "1536Mi"),
            ("1024", "1024"),
            ("1000", "1k"),
            ("0Mi", "0"),
            ("512Ki", "512Ki"),
            ("0.5Ki", "512"),
            ("1e3", "1e3"),
            ("100e3", "100e3"),
            ("12E", "12E"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(canonical("1K"), None);
    }
}
