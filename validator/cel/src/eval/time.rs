//! Moments and spans of time.

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Timelike};

use super::{Evaluated, error, no_overload, unknown};
use crate::value::Value;

/// A span as Go writes it: `1h30m`, `-1.5s`, `300ms`.
pub fn duration(text: &str) -> Option<TimeDelta> {
    let (negative, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return Some(TimeDelta::zero());
    }
    let mut total: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || whole.len() > 20 {
            return None;
        }
        total += if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()? } * unit;
        let mut scale = unit;
        for digit in fraction.bytes() {
            scale /= 10;
            total += i128::from(digit - b'0') * scale;
        }
        if total > 1 << 63 {
            return None;
        }
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).ok().map(TimeDelta::nanoseconds)
}

/// A moment as RFC 3339 has it.
pub fn timestamp(text: &str) -> Option<DateTime<FixedOffset>> {
    // Letters in lower case and a space are chrono's, not Go's.
    let is_strict = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
    DateTime::parse_from_rfc3339(text).ok().filter(|_| is_strict)
}

/// A span as CEL writes it: in seconds.
pub(super) fn shown_duration(span: TimeDelta) -> String {
    let nanoseconds = span.num_nanoseconds().unwrap_or(i64::MAX);
    let (sign, size) = (if nanoseconds < 0 { "-" } else { "" }, nanoseconds.unsigned_abs());
    let fraction = format!("{:09}", size % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{dot}{fraction}s", size / 1_000_000_000)
}

pub(super) fn shown_timestamp(moment: &DateTime<FixedOffset>) -> String {
    moment.to_utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// A part of a moment, or a span in some unit; nothing where the name is no such method.
pub(super) fn part(name: &str, of: &Value, args: &[Value]) -> Option<Evaluated> {
    let value = match of {
        Value::Duration(span) => match name {
            "getHours" => span.num_hours(),
            "getMinutes" => span.num_minutes(),
            "getSeconds" => span.num_seconds(),
            "getMilliseconds" => span.num_milliseconds(),
            _ => return None,
        },
        Value::Timestamp(moment) => {
            let moment = match zoned(moment, args) {
                Ok(moment) => moment,
                Err(fault) => return Some(Err(fault)),
            };
            i64::from(match name {
                "getFullYear" => return Some(Ok(Value::Int(i64::from(moment.year())))),
                "getMonth" => moment.month0(),
                "getDate" => moment.day(),
                "getDayOfMonth" => moment.day0(),
                "getDayOfWeek" => moment.weekday().num_days_from_sunday(),
                "getDayOfYear" => moment.ordinal0(),
                "getHours" => moment.hour(),
                "getMinutes" => moment.minute(),
                "getSeconds" => moment.second(),
                "getMilliseconds" => moment.nanosecond() / 1_000_000,
                _ => return None,
            })
        }
        _ => return None,
    };
    Some(Ok(Value::Int(value)))
}

fn zoned(moment: &DateTime<FixedOffset>, args: &[Value]) -> Result<DateTime<FixedOffset>, super::Fault> {
    match args {
        [] => Ok(moment.to_utc().fixed_offset()),
        [Value::String(zone)] if matches!(&**zone, "" | "UTC") => Ok(moment.to_utc().fixed_offset()),
        [Value::String(zone)] if zone.contains(':') => {
            let (sign, rest) = match zone.strip_prefix('-') {
                Some(rest) => (-1, rest),
                None => (1, zone.strip_prefix('+').unwrap_or(zone)),
            };
            let parts = rest.split_once(':').and_then(|(hours, minutes)| Some((hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?)));
            match parts.and_then(|(hours, minutes)| FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))) {
                Some(offset) => Ok(moment.with_timezone(&offset)),
                None => error("invalid timezone"),
            }
        }
        [Value::String(zone)] => unknown(format!("the time zone {:?} is not known here", &**zone)),
        _ => no_overload("time zone"),
    }
}
