//! Numbers as Go prints them.

use super::number::go_int;
use super::scalar::Scalar;
use super::tag::Tag;

/// The scalar that a `float64` is after `encoding/json` printed it and go-yaml v2 read that: an integer where it has no fraction and fits,
/// a float otherwise; nothing where it is not finite, which JSON cannot say.
pub fn json_float(value: f64) -> Option<Scalar> {
    if !value.is_finite() {
        return None;
    }
    // encoding/json prints without exponent from 1e-6 up to 1e21, so a whole number looks like an integer.
    if value == value.trunc() && value.abs() < 1e21 {
        let text = if value == 0.0 { "0".to_owned() } else { format!("{value}") };
        if let Some(integer) = go_int(&text, Some(10)) {
            return Some(Scalar::plain(integer.to_string(), Tag::Int));
        }
    }
    Some(Scalar::plain(go_float(value), Tag::Float))
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 64)` of a finite value.
pub(crate) fn go_float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(power) = exponent.parse::<i32>() else { return scientific };
    // strconv takes the exponent form outside of 1e-4 up to 1e6 where it prints the shortest digits.
    if (-4..6).contains(&power) {
        return format!("{value}");
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.abs())
}

/// A number as `encoding/json` prints it.
pub(crate) fn json_number(number: f64) -> String {
    if number == 0.0 || (1e-6..1e21).contains(&number.abs()) {
        return number.to_string();
    }
    let text = go_float(number);
    // One digit is enough for a small negative exponent.
    match text.strip_suffix(|last: char| last.is_ascii_digit()).and_then(|rest| rest.strip_suffix("e-0")) {
        Some(mantissa) => format!("{mantissa}e-{}", &text[text.len() - 1..]),
        None => text,
    }
}
