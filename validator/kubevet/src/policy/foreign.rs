//! Evaluates rules that were written for conftest, as conftest does: the input is what it would read, and nothing beside it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use kustomize::{Error, ErrorKind};
use regorus::Value;

use super::bounds::{self, Bounded, Broken};
use super::catalog::Catalog;
use super::conftest;
use super::entry::{Entry, entry_level};
use super::rule::Rule;
use super::spent::{Failure, Spent};
use super::value;
use super::verdict::Verdict;
use crate::environments::Level;
use crate::problem::Problem;

/// What to ask rules that were written for conftest.
#[derive(Clone, Debug)]
pub(super) struct ForeignQuestion {
    /// `data.environment`, which one engine serves.
    pub(super) surroundings: Arc<Surroundings>,
    /// Each input, with the rules that are asked about it.
    pub(super) inputs: Vec<(Value, Vec<usize>)>,
}

/// What `data` has besides policies and files.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) data: Value,
    /// The same as text.
    pub(super) key: String,
}

/// An engine for each environment.
#[derive(Clone, Debug)]
pub(super) struct Engines<'a> {
    catalog: &'a Catalog,
    engines: HashMap<String, Bounded>,
}

impl<'a> Engines<'a> {
    pub(super) fn new<'q>(catalog: &'a Catalog, questions: impl Iterator<Item = &'q ForeignQuestion>) -> Result<Self, Problem> {
        let mut engines = HashMap::new();
        for Surroundings { key, data } in questions.map(|question| &*question.surroundings) {
            if !engines.contains_key(key) {
                let engine = catalog.foreign_engine(data).map_err(|error| Problem::configuration("policy-load", error))?;
                engines.insert(key.clone(), Bounded::new(engine));
            }
        }
        Ok(Self { catalog, engines })
    }

    /// What the rules say, and why those that say nothing don't.
    pub(super) fn answer(
        &mut self,
        question: &ForeignQuestion,
        levels: &[Level],
        spent: &[Spent],
        patience: Duration,
    ) -> (Vec<Verdict>, Vec<(usize, Failure)>) {
        let (mut verdicts, mut failures) = (Vec::new(), Vec::new());
        let Some(engine) = self.engines.get_mut(&question.surroundings.key) else { return (verdicts, failures) };
        for (input, rules) in &question.inputs {
            engine.set_input(input.clone());
            for at in rules {
                let rule = &self.catalog.rules[*at];
                let mut asking = Asking { engine: &mut *engine, at: *at, rule, spent: &spent[*at], patience };
                match asking.verdicts(levels[*at], matches!(input, Value::Array(_))) {
                    Ok(found) => verdicts.extend(found),
                    Err(failure) => failures.push((*at, failure)),
                }
            }
        }
        (verdicts, failures)
    }
}

/// A rule that is being asked. Each entry is a query of its own: together they would take longer, as the engine looks through all policies
/// at each reference.
struct Asking<'a> {
    engine: &'a mut Bounded,
    at: usize,
    rule: &'a Rule,
    spent: &'a Spent,
    patience: Duration,
}

impl Asking<'_> {
    fn verdicts(&mut self, level: Level, is_combined: bool) -> Result<Vec<Verdict>, Failure> {
        let (mut verdicts, mut exempt) = (Vec::new(), None);
        for entry in &self.rule.entries {
            let results = self.ask(&entry.query)?;
            let found = verdicts_of(self.at, entry, entry_level(entry, level), &results, is_combined).map_err(Failure::Error)?;
            if found.is_empty() {
                continue;
            }
            let exempt = match &mut exempt {
                Some(exempt) => exempt,
                None => exempt.insert(self.exempt()?),
            };
            if !exempt.contains(conftest::suffix(entry.name())) {
                verdicts.extend(found);
            }
        }
        Ok(verdicts)
    }

    /// The suffixes of the entries that the input is exempt from.
    fn exempt(&mut self) -> Result<BTreeSet<String>, Failure> {
        let exceptions = self.rule.exception.as_deref().map(|query| self.ask(query)).transpose()?;
        Ok(exceptions.as_ref().map(exempt).unwrap_or_default())
    }

    fn ask(&mut self, query: &str) -> Result<Value, Failure> {
        let left = self.patience.saturating_sub(self.spent.time());
        let whom = self.rule.whom();
        let result = if left.is_zero() { Err(Broken::TooLong) } else { self.spent.on(|| self.engine.ask(&whom, query, left)) };
        result.map_err(|broken| self.spent.failure(broken))
    }
}

/// A result says what object it is about only where its rule is asked about many.
pub(super) fn verdicts_of(at: usize, entry: &Entry, level: Level, results: &Value, is_combined: bool) -> Result<Vec<Verdict>, Error> {
    let malformed = |what: String| {
        let error = Error::new(ErrorKind::Invalid, format!("{what} of {}", entry.name())).at(entry.place.clone());
        error.help("a result is a text, or an object whose `msg` is one; write `deny contains msg if { … }`")
    };
    let Some(elements) = value::elements(results) else {
        return match results {
            Value::Undefined | Value::Null | Value::Bool(false) => Ok(Vec::new()),
            Value::Object(map) if map.is_empty() => Ok(Vec::new()),
            _ => Err(malformed(format!("no set, but {}, is the value", named(results)))),
        };
    };
    bounds::check_results(elements.len())?;
    let mut verdicts = Vec::new();
    for element in elements {
        let message = match element {
            Value::String(message) => message.to_string(),
            Value::Object(_) => value::text(element, "msg").ok_or_else(|| malformed("no text `msg` is in a result".to_owned()))?,
            other => return Err(malformed(format!("neither a text nor an object, but {}, is a result", named(other)))),
        };
        // conftest takes an empty message for none.
        if !message.is_empty() {
            let path = value::get(element, "path").and_then(value::path).unwrap_or_default();
            let object = value::get(element, "object").filter(|_| is_combined).and_then(value::object);
            verdicts.push(Verdict {
                rule: at,
                level,
                message,
                path,
                text: None,
                object,
                related: Vec::new(),
                policy: None,
                warns: false,
                note: None,
                // Whoever writes for conftest knows nothing of fixes.
                remedies: Vec::new(),
            });
        }
    }
    Ok(verdicts)
}

/// The suffixes of the rules that an input is exempt from: what `exception[_][_]` may be.
fn exempt(exceptions: &Value) -> BTreeSet<String> {
    fn values(value: &Value) -> Vec<&Value> {
        match value {
            Value::Object(map) => map.values().collect(),
            other => value::elements(other).unwrap_or_default(),
        }
    }
    let suffixes = values(exceptions).into_iter().flat_map(values);
    suffixes.filter_map(|suffix| suffix.as_string().ok()).map(ToString::to_string).collect()
}

/// What a value is, with an article.
fn named(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Set(_) => "a set",
        Value::Object(_) => "an object",
        Value::Undefined => "nothing",
    }
}
