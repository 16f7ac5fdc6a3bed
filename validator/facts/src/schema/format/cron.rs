//! Cron schedules, as `robfig/cron` reads a standard specification.

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", low: 0, high: 59, words: &[] },
    Field { name: "hour", low: 0, high: 23, words: &[] },
    Field { name: "day of the month", low: 1, high: 31, words: &[] },
    Field { name: "month", low: 1, high: 12, words: &MONTHS },
    Field { name: "day of the week", low: 0, high: 6, words: &DAYS },
];

/// Reads a schedule, or says what is wrong with it.
pub(crate) fn schedule(text: &str) -> Result<(), String> {
    if let Some(descriptor) = text.strip_prefix('@') {
        return match descriptor {
            "yearly" | "annually" | "monthly" | "weekly" | "daily" | "midnight" | "hourly" => Ok(()),
            _ => match descriptor.strip_prefix("every ") {
                Some(duration) if is_duration(duration) => Ok(()),
                Some(_) => Err("must have a duration such as \"1h30m\" after @every".into()),
                None => Err("must be @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or @every with a duration".into()),
            },
        };
    }
    let parts: Vec<_> = text.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return Err(format!("must have 5 fields (minute, hour, day, month, weekday), but has {}", parts.len()));
    }
    parts
        .iter()
        .zip(&FIELDS)
        .try_for_each(|(part, field)| part.split(',').filter(|range| !range.is_empty()).try_for_each(|range| field.read(range)))
}

impl Field {
    fn read(&self, range: &str) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("has {range:?} as {}: {what}", self.name));
        let mut parts = range.split('/');
        let (bounds, step, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        if more.is_some() {
            return wrong("more than one '/'");
        }
        let mut ends = bounds.split('-');
        let (first, last, more) = (ends.next().unwrap_or_default(), ends.next(), ends.next());
        let (low, high) = match first {
            "*" | "?" => (self.low, self.high),
            _ if more.is_some() => return wrong("more than one '-'"),
            _ => {
                let Some(low) = self.number(first) else { return wrong("not a number") };
                match last.map(|last| self.number(last)) {
                    Some(None) => return wrong("not a number"),
                    Some(Some(high)) => (low, high),
                    None if step.is_some() => (low, self.high),
                    None => (low, low),
                }
            }
        };
        match step.map(|step| step.parse::<u32>()) {
            Some(Err(_)) => return wrong("the step is not a number"),
            Some(Ok(0)) => return wrong("the step is 0"),
            _ => {}
        }
        if low < self.low || high > self.high {
            return wrong(&format!("must be {} to {}", self.low, self.high));
        }
        if low > high { wrong("the start is after the end") } else { Ok(()) }
    }

    fn number(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        match self.words.iter().position(|word| *word == lower) {
            Some(at) => Some(at as u32 + self.low),
            None => text.parse().ok(),
        }
    }
}

/// Whether Go's `time.ParseDuration` reads the text.
pub(crate) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut parts = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, tail) = rest.split_at(digits);
        let Some(unit) = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].iter().find(|unit| {
            // "m" must not take the first letter of "ms".
            tail.strip_prefix(**unit)
                .is_some_and(|after| after.is_empty() || after.starts_with(|next: char| next.is_ascii_digit() || next == '.'))
        }) else {
            return false;
        };
        if !number.bytes().any(|byte| byte.is_ascii_digit()) || number.matches('.').count() > 1 {
            return false;
        }
        rest = tail.strip_prefix(unit).unwrap_or_default();
        parts += 1;
    }
    parts > 0
}

/// Whether the API server knows a time zone of this name (the IANA database of 2025).
pub(crate) fn is_time_zone(name: &str) -> bool {
    let mut zones = include_str!("time_zones.txt").lines();
    zones.any(|zone| zone == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules() {
        for good in [
            "*/5 * * * *",
            "0 0 * * SUN",
            "0 0 1 jan ?",
            "5-10/2,30 1 1-15 * mon-fri",
            "@every 1h30m",
            "@daily",
            "0  0 * * *",
            " 1 1 1 1 1 ",
            "*/70 * * * *",
            "0/15 * * * *",
        ] {
            assert_eq!(schedule(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "0 0 * * 7",
            "H * * * *",
            "1/0 * * * *",
            "5-1 * * * *",
            "1-2-3 * * * *",
            "@noon",
            "@every day",
            "@midnight ",
        ] {
            assert!(schedule(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations() {
        for (text, good) in [
            ("1h30m", true),
            ("1.5s", true),
            ("0", true),
            ("-2ms", true),
            ("", false),
            ("1", false),
            ("h", false),
            ("1d", false),
            ("1..5s", false),
        ] {
            assert_eq!(is_duration(text), good, "{text}");
        }
    }

    #[test]
    fn zones() {
        for (name, known) in
            [("Europe/Oslo", true), ("UTC", true), ("Etc/GMT+5", true), ("europe/oslo", false), ("Local", false), ("", false)]
        {
            assert_eq!(is_time_zone(name), known, "{name}");
        }
    }
}
