//! Methods of texts.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use super::{Budget, Evaluated, error, kubernetes, no_overload, unknown};
use crate::value::Value;

/// How many regular expressions a thread keeps, and what one may take in bytes.
const MOST: usize = 256;
const LARGEST: usize = 1 << 20;

/// What compiling one counts as.
const COMPILATION: usize = 20_000;

enum Compiled {
    Regex(Regex),
    /// It is none for the server either.
    Wrong,
    /// This engine can't take it; another one may well.
    TooLarge,
}

thread_local! {
    /// What was compiled, and what could not be.
    static PATTERNS: RefCell<HashMap<Box<str>, Compiled>> = RefCell::default();
}

pub(super) fn method(name: &str, target: &Value, args: &[Value], budget: &Budget) -> Evaluated {
    let Value::String(text) = target else { return no_overload(name) };
    match (name, args) {
        ("contains", [Value::String(part)]) => Ok(Value::Bool(text.contains(&**part))),
        ("startsWith", [Value::String(part)]) => Ok(Value::Bool(text.starts_with(&**part))),
        ("endsWith", [Value::String(part)]) => Ok(Value::Bool(text.ends_with(&**part))),
        ("matches", [Value::String(pattern)]) => with(pattern, text, budget, |regex| Ok(Value::Bool(regex.is_match(text)))),
        ("find", [Value::String(pattern)]) => {
            with(pattern, text, budget, |regex| Ok(Value::string(regex.find(text).map_or("", |found| found.as_str()))))
        }
        ("findAll", [Value::String(pattern)]) => with(pattern, text, budget, |regex| found(regex, text, usize::MAX)),
        ("findAll", [Value::String(pattern), Value::Int(most)]) => {
            with(pattern, text, budget, |regex| found(regex, text, usize::try_from(*most).unwrap_or(usize::MAX)))
        }
        ("lowerAscii", []) => Ok(Value::string(text.to_ascii_lowercase())),
        ("upperAscii", []) => Ok(Value::string(text.to_ascii_uppercase())),
        ("replace", [Value::String(old), Value::String(new), ..]) => {
            let places = if old.is_empty() { text.chars().count() + 1 } else { text.matches(&**old).count() };
            budget.charge(places.saturating_mul(new.len()) / 16)?;
            kubernetes::call(name, Some(target), args, budget)
        }
        ("format", [Value::List(_)]) if wide(text) => unknown("a format asks for more than 100 digits"),
        _ => kubernetes::call(name, Some(target), args, budget),
    }
}

/// Whether a format asks for more digits than anything needs.
fn wide(format: &str) -> bool {
    format.split("%.").skip(1).any(|rest| rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()) > 2)
}

fn found(regex: &Regex, text: &str, most: usize) -> Evaluated {
    Ok(Value::list(regex.find_iter(text).take(most).map(|found| Value::string(found.as_str())).collect()))
}

fn with(pattern: &str, text: &str, budget: &Budget, then: impl FnOnce(&Regex) -> Evaluated) -> Evaluated {
    budget.charge(text.len().saturating_mul(pattern.len().min(64)) / 64)?;
    PATTERNS.with_borrow_mut(|known| {
        if !known.contains_key(pattern) {
            budget.charge(COMPILATION)?;
            if known.len() >= MOST {
                known.clear();
            }
        }
        match known.entry(pattern.into()).or_insert_with(|| compiled(pattern)) {
            Compiled::Regex(regex) => then(regex),
            Compiled::TooLarge => unknown("a regular expression is too large"),
            Compiled::Wrong => error(format!("error parsing regexp: {pattern:?}")),
        }
    })
}

fn compiled(pattern: &str) -> Compiled {
    let Ok(text) = kustomize::regex_of_go(pattern) else { return Compiled::Wrong };
    match RegexBuilder::new(&text).size_limit(LARGEST).dfa_size_limit(LARGEST).build() {
        Ok(regex) => Compiled::Regex(regex),
        Err(regex::Error::CompiledTooBig(_)) => Compiled::TooLarge,
        Err(_) => Compiled::Wrong,
    }
}

/// The elements of a list as one text.
pub(super) fn join(items: &[Value], args: &[Value], budget: &Budget) -> Evaluated {
    let between = match args {
        [] => "",
        [Value::String(between)] => between,
        _ => return no_overload("join"),
    };
    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    let Some(texts) = texts else { return no_overload("join") };
    budget.charge(texts.iter().map(|text| text.len() + between.len()).sum::<usize>() / 16)?;
    Ok(Value::string(texts.join(between)))
}
