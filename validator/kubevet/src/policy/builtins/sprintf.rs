//! `sprintf` as Go's `fmt` does it, which OPA asks.

use std::fmt::Write as _;

use regorus::Value;

use super::bounded::{LONGEST, too_long};
use super::shown::{quote, shown};
use super::{Answer, Refusal, wrong};

/// The greatest width and precision that Go takes.
const WIDEST: i64 = 1_000_000;

/// `sprintf(format, list)`
pub(super) fn sprintf(arguments: &[Value]) -> Answer {
    let [Value::String(format), Value::Array(list)] = arguments else { return Err(wrong("a format and a list")) };
    let arguments: Vec<Argument> = list.iter().map(argument).collect();
    let text = Printer { arguments: &arguments, next: 0, is_reordered: false, text: String::new() }.print(format)?;
    Ok(Value::from(text))
}

/// What Go gets from OPA for a value.
enum Argument {
    Int(i64),
    /// Beyond 64 bits.
    Big(Big),
    Float(f64),
    /// Anything else, as it is written.
    Text(String),
}

fn argument(value: &Value) -> Argument {
    match value {
        Value::String(text) => Argument::Text(text.to_string()),
        Value::Number(number) => match number.as_i64() {
            Some(int) => Argument::Int(int),
            None => match number.as_big() {
                Some(_) => {
                    let digits = |text: String| {
                        text.trim_start_matches('-').trim_start_matches("0x").trim_start_matches("0b").trim_start_matches("0o").to_owned()
                    };
                    Argument::Big(Big {
                        is_negative: value.to_string().starts_with('-'),
                        decimal: digits(number.format_decimal()),
                        binary: digits(number.format_bin()),
                        octal: digits(number.format_octal()),
                        hexadecimal: digits(number.format_hex()).to_lowercase(),
                    })
                }
                None => number.as_f64().map_or_else(|| Argument::Text(value.to_string()), Argument::Float),
            },
        },
        other => Argument::Text(shown(other)),
    }
}

/// The digits of a whole number, and whether it is negative.
struct Big {
    is_negative: bool,
    decimal: String,
    binary: String,
    octal: String,
    hexadecimal: String,
}

/// What stands between `%` and the verb.
#[derive(Default)]
struct Flags {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

struct Printer<'a> {
    arguments: &'a [Argument],
    next: usize,
    is_reordered: bool,
    text: String,
}

impl Printer<'_> {
    fn print(mut self, format: &str) -> Result<String, Refusal> {
        let mut letters = format.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                self.text.push(letter);
                continue;
            }
            self.one(&mut letters);
            if self.text.len() > LONGEST {
                return Err(too_long(self.text.len()));
            }
        }
        if !self.is_reordered && self.next < self.arguments.len() {
            self.text.push_str("%!(EXTRA ");
            for at in self.next..self.arguments.len() {
                if at > self.next {
                    self.text.push_str(", ");
                }
                let argument = &self.arguments[at];
                let shown = formatted(argument, 'v', &mut Flags::default()).unwrap_or_default();
                let _ = write!(self.text, "{}={shown}", type_of(argument));
            }
            self.text.push(')');
        }
        Ok(self.text)
    }

    /// What follows `%`.
    fn one(&mut self, letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        let mut flags = Flags::default();
        while let Some(letter) = letters.peek() {
            match letter {
                '-' => (flags.minus, flags.zero) = (true, false),
                '+' => flags.plus = true,
                '#' => flags.sharp = true,
                ' ' => flags.space = true,
                '0' => flags.zero = !flags.minus,
                _ => break,
            }
            letters.next();
        }
        let mut has_index = self.index(letters);
        let mut is_bad_index = has_index == Some(false);
        if letters.next_if_eq(&'*').is_some() {
            match self.star() {
                Some(width) => {
                    (flags.minus, flags.zero) = if width < 0 { (true, false) } else { (flags.minus, flags.zero) };
                    flags.width = Some(width.unsigned_abs() as usize);
                }
                None => self.text.push_str("%!(BADWIDTH)"),
            }
            has_index = None;
        } else {
            match number(letters) {
                Number::None => {}
                Number::Of(width) => {
                    flags.width = Some(width);
                    is_bad_index |= has_index.is_some();
                }
            }
        }
        if letters.next_if_eq(&'.').is_some() {
            is_bad_index |= has_index.is_some();
            has_index = self.index(letters);
            is_bad_index |= has_index == Some(false);
            if letters.next_if_eq(&'*').is_some() {
                match self.star().filter(|precision| *precision >= 0) {
                    Some(precision) => flags.precision = Some(precision as usize),
                    None => self.text.push_str("%!(BADPREC)"),
                }
                has_index = None;
            } else {
                match number(letters) {
                    Number::None => flags.precision = Some(0),
                    Number::Of(precision) => flags.precision = Some(precision),
                }
            }
        }
        if has_index.is_none() {
            let found = self.index(letters);
            is_bad_index |= found == Some(false);
        }
        let Some(verb) = letters.next() else {
            self.text.push_str("%!(NOVERB)");
            return;
        };
        if verb == '%' {
            self.text.push('%');
            return;
        }
        if is_bad_index {
            let _ = write!(self.text, "%!{verb}(BADINDEX)");
            return;
        }
        let Some(argument) = self.arguments.get(self.next) else {
            let _ = write!(self.text, "%!{verb}(MISSING)");
            return;
        };
        self.next += 1;
        if verb == 'v' {
            // They mean more detail there, which the values have not; but texts are quoted.
            flags.plus &= matches!(argument, Argument::Big(_));
            if std::mem::take(&mut flags.sharp) && matches!(argument, Argument::Text(_)) {
                let text = formatted(argument, 'q', &mut flags).unwrap_or_default();
                self.text.push_str(&text);
                return;
            }
        }
        let of_type = if verb == 'T' { string(type_of(argument), 's', &mut flags) } else { None };
        match of_type.or_else(|| formatted(argument, verb, &mut flags)) {
            Some(text) => self.text.push_str(&text),
            None => {
                let value = formatted(argument, 'v', &mut flags).unwrap_or_default();
                let _ = write!(self.text, "%!{verb}({}={value})", type_of(argument));
            }
        }
    }

    /// `[3]`: whether there is one, and whether it is right.
    fn index(&mut self, letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<bool> {
        letters.next_if_eq(&'[')?;
        self.is_reordered = true;
        let mut digits = String::new();
        let mut is_closed = false;
        // Without an end the bracket alone is bad.
        let rest: String = letters.clone().collect();
        if rest.contains(']') {
            for letter in letters.by_ref() {
                if letter == ']' {
                    is_closed = true;
                    break;
                }
                digits.push(letter);
            }
        }
        match digits.parse::<usize>() {
            Ok(index) if is_closed && (1..=self.arguments.len()).contains(&index) => {
                self.next = index - 1;
                Some(true)
            }
            _ => Some(false),
        }
    }

    /// The number that a `*` takes from the arguments.
    fn star(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        match argument {
            Argument::Int(int) if int.abs() <= WIDEST => Some(*int),
            _ => None,
        }
    }
}

enum Number {
    None,
    Of(usize),
}

fn number(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Number {
    let mut number = None;
    while let Some(digit) = letters.next_if(char::is_ascii_digit) {
        let before = number.unwrap_or_default();
        if before > WIDEST as usize {
            // Go reads nothing of the format any more.
            letters.by_ref().for_each(drop);
            return Number::None;
        }
        number = Some(before * 10 + digit.to_digit(10).unwrap_or_default() as usize);
    }
    number.map_or(Number::None, Number::Of)
}

fn type_of(argument: &Argument) -> &'static str {
    match argument {
        Argument::Int(_) => "int64",
        Argument::Big(_) => "*big.Int",
        Argument::Float(_) => "float64",
        Argument::Text(_) => "string",
    }
}

/// The argument under a verb, unless it has no such verb.
fn formatted(argument: &Argument, verb: char, flags: &mut Flags) -> Option<String> {
    match argument {
        Argument::Int(int) => integer(*int, verb, flags),
        Argument::Big(digits) => big(digits, verb, flags),
        Argument::Float(float) => real(*float, verb, flags),
        Argument::Text(text) => string(text, verb, flags),
    }
}

fn padded(text: String, flags: &Flags) -> String {
    let missing = flags.width.unwrap_or_default().saturating_sub(text.chars().count());
    match () {
        () if missing == 0 => text,
        () if flags.minus => text + &" ".repeat(missing),
        () if flags.zero => "0".repeat(missing) + &text,
        () => " ".repeat(missing) + &text,
    }
}

fn integer(int: i64, verb: char, flags: &mut Flags) -> Option<String> {
    let magnitude = int.unsigned_abs();
    let (digits, prefix) = match verb {
        'd' | 'v' => (magnitude.to_string(), ""),
        'b' => (format!("{magnitude:b}"), if flags.sharp { "0b" } else { "" }),
        'o' => (format!("{magnitude:o}"), if flags.sharp { "0" } else { "" }),
        'O' => (format!("{magnitude:o}"), "0o"),
        'x' => (format!("{magnitude:x}"), if flags.sharp { "0x" } else { "" }),
        'X' => (format!("{magnitude:X}"), if flags.sharp { "0X" } else { "" }),
        'c' | 'q' | 'U' => return letter(int, verb, flags),
        _ => return None,
    };
    Some(signed(digits, prefix, int < 0, flags))
}

/// Digits with what stands before them.
fn signed(digits: String, prefix: &str, is_negative: bool, flags: &mut Flags) -> String {
    let sign = if is_negative {
        "-"
    } else if flags.plus {
        "+"
    } else if flags.space {
        " "
    } else {
        ""
    };
    let mut digits = digits;
    if let Some(precision) = flags.precision {
        flags.zero = false;
        if precision == 0 && digits == "0" {
            let text = String::new();
            return padded(text, flags);
        }
        digits = "0".repeat(precision.saturating_sub(digits.len())) + &digits;
    } else if let (true, Some(width)) = (flags.zero, flags.width) {
        digits = "0".repeat(width.saturating_sub(sign.len() + digits.len())) + &digits;
    }
    let prefix = if prefix == "0" && digits.starts_with('0') { "" } else { prefix };
    flags.zero = false;
    padded(format!("{sign}{prefix}{digits}"), flags)
}

fn letter(int: i64, verb: char, flags: &mut Flags) -> Option<String> {
    let letter = u32::try_from(int).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
    let text = match verb {
        'c' => letter.to_string(),
        'q' => {
            let mut quoted = String::new();
            quote(&mut quoted, &letter.to_string());
            let inner = quoted[1..quoted.len() - 1].replace("\\\"", "\"").replace('\'', "\\'");
            let inner = if flags.plus { ascii(&inner) } else { inner };
            format!("'{inner}'")
        }
        _ => {
            let digits = flags.precision.unwrap_or(4).max(4);
            flags.zero = false;
            let is_shown = flags.sharp && u32::try_from(int).is_ok_and(|code| char::from_u32(code).is_some()) && !letter.is_control();
            format!("U+{int:0digits$X}") + &if is_shown { format!(" '{letter}'") } else { String::new() }
        }
    };
    Some(padded(text, flags))
}

fn big(big: &Big, verb: char, flags: &mut Flags) -> Option<String> {
    let (digits, prefix) = match verb {
        'd' | 'v' | 's' => (big.decimal.clone(), ""),
        'b' => (big.binary.clone(), if flags.sharp { "0b" } else { "" }),
        'o' => (big.octal.clone(), if flags.sharp { "0" } else { "" }),
        'O' => (big.octal.clone(), "0o"),
        'x' => (big.hexadecimal.clone(), if flags.sharp { "0x" } else { "" }),
        'X' => (big.hexadecimal.to_uppercase(), if flags.sharp { "0X" } else { "" }),
        // It writes itself, and without flags where it doesn't know how.
        _ => return Some(format!("%!{verb}(big.Int={}{})", if big.is_negative { "-" } else { "" }, big.decimal)),
    };
    Some(signed(digits, prefix, big.is_negative, flags))
}

fn real(float: f64, verb: char, flags: &mut Flags) -> Option<String> {
    let magnitude = float.abs();
    let digits = match verb {
        'e' | 'E' => exponential(magnitude, Some(flags.precision.unwrap_or(6))),
        'f' | 'F' => format!("{magnitude:.*}", flags.precision.unwrap_or(6)),
        'v' | 'g' | 'G' => general(magnitude, flags.precision),
        'x' | 'X' => binary(magnitude, flags.precision),
        'b' => {
            let (mantissa, exponent) = parts(magnitude);
            format!("{mantissa}p{exponent:+}")
        }
        _ => return None,
    };
    let digits = if matches!(verb, 'E' | 'G' | 'X') { digits.to_uppercase() } else { digits };
    let digits = if flags.sharp && verb != 'b' { sharpened(&digits, verb, flags.precision) } else { digits };
    flags.precision = None;
    Some(signed(digits, "", float.is_sign_negative(), flags))
}

/// With a point, and for some verbs with all digits.
fn sharpened(number: &str, verb: char, precision: Option<usize>) -> String {
    let mut digits = if matches!(verb, 'v' | 'g' | 'G' | 'x') { precision.unwrap_or(6) as i64 } else { 0 };
    let ends = |letter: char| matches!(letter, 'p' | 'P') || (matches!(letter, 'e' | 'E') && !matches!(verb, 'x' | 'X'));
    let (number, tail) = number.split_at(number.find(ends).unwrap_or(number.len()));
    let mut is_significant = false;
    for letter in number.chars().filter(|letter| *letter != '.') {
        is_significant |= letter != '0';
        digits -= i64::from(is_significant);
    }
    let mut text = number.to_owned();
    if !number.contains('.') {
        digits -= i64::from(number == "0");
        text.push('.');
    }
    text.push_str(&"0".repeat(digits.max(0) as usize));
    text + tail
}

/// The whole number and the power of two that a number is the product of.
fn parts(magnitude: f64) -> (u64, i64) {
    let bits = magnitude.to_bits();
    let (exponent, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent as i64 - 1075) }
}

/// `0x1.4p+01`
fn binary(magnitude: f64, precision: Option<usize>) -> String {
    let (mantissa, exponent) = parts(magnitude);
    if mantissa == 0 {
        let zeros = match precision {
            Some(precision) if precision > 0 => format!(".{}", "0".repeat(precision)),
            _ => String::new(),
        };
        return format!("0x0{zeros}p+00");
    }
    // The first digit is 1, with 52 bits behind it.
    let shift = mantissa.leading_zeros() - 11;
    let (mut mantissa, mut exponent) = (mantissa << shift, exponent + 52 - i64::from(shift));
    let kept = precision.unwrap_or(13).min(13) as u32 * 4;
    let half = if kept < 52 { 1u64 << (51 - kept) } else { 0 };
    let rest = mantissa & ((1u64 << (52 - kept)) - 1);
    if rest > half || (rest == half && half > 0 && (mantissa >> (52 - kept)) & 1 == 1) {
        mantissa += 1u64 << (52 - kept);
    }
    if mantissa >> 53 == 1 {
        (mantissa, exponent) = (mantissa >> 1, exponent + 1);
    }
    let fraction = format!("{:013x}", mantissa & ((1 << 52) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(precision) => format!("{fraction:0<precision$}")[..precision].to_owned(),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("0x1{point}{fraction}p{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// `1.5e+06`
fn exponential(magnitude: f64, precision: Option<usize>) -> String {
    let text = match precision {
        Some(precision) => format!("{magnitude:.precision$e}"),
        None => format!("{magnitude:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{mantissa}e{sign}{exponent:0>2}")
}

/// The shorter of the two forms, as Go chooses it.
fn general(magnitude: f64, precision: Option<usize>) -> String {
    let scientific = exponential(magnitude, precision.map(|precision| precision.max(1) - 1));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i64 = exponent.trim_start_matches('+').parse().unwrap_or_default();
    let digits = mantissa.trim_end_matches('0').chars().filter(char::is_ascii_digit).count().max(1) as i64;
    let limit = match precision {
        None => 6,
        Some(precision) => {
            let precision = precision.max(1) as i64;
            if precision > digits && digits > exponent { digits.max(exponent + 1) } else { precision }
        }
    };
    if exponent < -4 || exponent >= limit {
        let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
        let (_, exponent) = scientific.split_once('e').unwrap_or_default();
        return format!("{mantissa}e{exponent}");
    }
    match precision {
        None => format!("{magnitude}"),
        Some(precision) => {
            let decimals = (precision.max(1) as i64 - 1 - exponent).max(0) as usize;
            let text = format!("{magnitude:.decimals$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        }
    }
}

fn string(text: &str, verb: char, flags: &mut Flags) -> Option<String> {
    let cut = |text: &str| match flags.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    let text = match verb {
        's' | 'v' => cut(text),
        'q' => {
            let cut: String = cut(text);
            if flags.sharp && !cut.contains('`') && !cut.chars().any(|letter| letter.is_control() && letter != '\t') {
                format!("`{cut}`")
            } else {
                let mut quoted = String::new();
                quote(&mut quoted, &cut);
                if flags.plus { ascii(&quoted) } else { quoted }
            }
        }
        'x' | 'X' => hexadecimal(text, verb, flags),
        _ => return None,
    };
    Some(padded(text, flags))
}

/// With an escape for each letter that is not of ASCII.
fn ascii(quoted: &str) -> String {
    let mut text = String::new();
    for letter in quoted.chars() {
        let _ = match letter as u32 {
            0..0x80 => write!(text, "{letter}"),
            code @ 0..=0xffff => write!(text, "\\u{code:04x}"),
            code => write!(text, "\\U{code:08x}"),
        };
    }
    text
}

fn hexadecimal(text: &str, verb: char, flags: &Flags) -> String {
    let count = flags.precision.unwrap_or(text.len()).min(text.len());
    let mut written = String::new();
    for (at, byte) in text.bytes().take(count).enumerate() {
        if flags.space && at > 0 {
            written.push(' ');
        }
        if flags.sharp && (at == 0 || flags.space) {
            written.push_str(if verb == 'x' { "0x" } else { "0X" });
        }
        let _ = if verb == 'x' { write!(written, "{byte:02x}") } else { write!(written, "{byte:02X}") };
    }
    written
}
