//! Evaluates rules that were written for conftest, as conftest does: the input is what it would read, and nothing beside it.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kustomize::{Error, ErrorKind};
use regorus::Value;

use super::bounds::{Bounded, Broken, Whom};
use super::catalog::{Catalog, Rule, entry_level};
use super::conftest;
use super::engine::{Failure, Spent, Verdict};
use super::value;
use crate::environments::Level;
use crate::problem::Problem;

/// The generated package.
pub(super) const PACKAGE: &str = "kubevet_foreign";

/// What to ask rules that were written for conftest.
#[derive(Clone, Debug)]
pub(super) struct ForeignQuestion {
    /// `data.environment`, which one engine serves.
    pub(super) environment: Arc<Surroundings>,
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
    of_environment: HashMap<String, Asked>,
}

/// An engine, with a query for each list of rules.
#[derive(Clone, Debug)]
struct Asked {
    engine: Bounded,
    queries: Arc<HashMap<Vec<usize>, (Whom, String)>>,
    /// How long the queries of many rules took where they took long.
    slow: Duration,
}

/// What a query of many rules may take without being counted.
const QUICK: Duration = Duration::from_millis(20);

impl<'a> Engines<'a> {
    pub(super) fn new<'q>(catalog: &'a Catalog, questions: impl Iterator<Item = &'q ForeignQuestion>) -> Result<Self, Problem> {
        let mut lists: HashMap<&str, (&Surroundings, Vec<&Vec<usize>>)> = HashMap::new();
        for question in questions {
            let (_, known) = lists.entry(&question.environment.key).or_insert_with(|| (&question.environment, Vec::new()));
            for (_, list) in &question.inputs {
                if !known.contains(&list) {
                    known.push(list);
                }
            }
        }
        let mut of_environment = HashMap::new();
        for (key, (surroundings, lists)) in lists {
            let mut module = format!("package {PACKAGE}\n\nimport rego.v1\n\nnothing := []\n\n");
            let mut queries = HashMap::new();
            for (number, list) in lists.into_iter().enumerate() {
                for (rule, entry, query) in list.iter().flat_map(|at| asked(catalog, *at)) {
                    let _ = writeln!(module, "q{number} contains [{rule}, {entry}, results] if results := {query}");
                }
                queries.insert(list.clone(), (whom(catalog, list), format!("data.{PACKAGE}.q{number}")));
            }
            let failed = |error| Problem::configuration("policy-load", error);
            let engine = catalog.foreign_engine(&module, &surroundings.data).map_err(failed)?;
            of_environment.insert(key.to_owned(), Asked { engine: Bounded::new(engine), queries: Arc::new(queries), slow: Duration::ZERO });
        }
        Ok(Self { catalog, of_environment })
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
        let Some(asked) = self.of_environment.get_mut(&question.environment.key) else { return (verdicts, failures) };
        for (input, list) in &question.inputs {
            asked.engine.set_input(input.clone());
            let is_combined = matches!(input, Value::Array(_));
            let together = if list.len() > 1 { asked.together(list, patience) } else { None };
            for at in list {
                let rule = &self.catalog.rules[*at];
                let results = match &together {
                    Some(results) => Ok(results.get(at).cloned().unwrap_or_default()),
                    None if list.len() > 1 => asked.alone(self.catalog, *at, &spent[*at], patience),
                    None => asked.at_once(self.catalog, *at, &spent[*at], patience),
                };
                let found = results.and_then(|results| verdicts_of(*at, rule, levels[*at], &results, is_combined).map_err(Failure::Error));
                match found {
                    Ok(found) => verdicts.extend(found),
                    Err(failure) => failures.push((*at, failure)),
                }
            }
        }
        (verdicts, failures)
    }
}

/// The values of a rule's entries.
type Results = HashMap<usize, Value>;

/// What is asked of a rule: its index, that of the entry (behind the last one, that of what exempts from them), and the query.
fn asked(catalog: &Catalog, at: usize) -> impl Iterator<Item = (usize, usize, &str)> {
    let rule = &catalog.rules[at];
    let entries = rule.queries().enumerate();
    entries.chain(rule.exception.as_deref().map(|query| (rule.entries.len(), query))).map(move |(entry, query)| (at, entry, query))
}

/// Whom to blame where a query takes too much.
fn whom(catalog: &Catalog, list: &[usize]) -> Whom {
    if let [rule] = list {
        return catalog.rules[*rule].whom();
    }
    let ids: Vec<&str> = list.iter().map(|at| catalog.rules[*at].id.as_str()).collect();
    Whom { name: format!("one of the rules {}", ids.join(", ")).into(), place: None }
}

impl Asked {
    /// The results of all rules of a list; nothing where one fails, or where they have taken so long that each is to answer for itself.
    fn together(&mut self, list: &Vec<usize>, patience: Duration) -> Option<HashMap<usize, Results>> {
        let (whom, query) = self.queries.get(list)?;
        let left = (patience / 4).checked_sub(self.slow).filter(|left| !left.is_zero())?;
        let start = Instant::now();
        let answer = self.engine.ask(whom, query, left);
        let took = start.elapsed();
        self.slow += if took > QUICK { took } else { Duration::ZERO };
        by_rule(&answer.ok()?)
    }

    /// The results of all entries of the only rule in its list.
    fn at_once(&mut self, catalog: &Catalog, at: usize, spent: &Spent, patience: Duration) -> Result<Results, Failure> {
        let left = patience.saturating_sub(spent.time());
        let Some((whom, query)) = self.queries.get([at].as_slice()).filter(|_| !left.is_zero()) else {
            return self.alone(catalog, at, spent, patience);
        };
        match spent.on(|| self.engine.ask(whom, query, left)) {
            Ok(answer) => match by_rule(&answer) {
                Some(mut results) => Ok(results.remove(&at).unwrap_or_default()),
                None => self.alone(catalog, at, spent, patience),
            },
            Err(Broken::TooLong) => Err(spent.failure(Broken::TooLong)),
            // By itself, each entry may tell more.
            Err(_) => self.alone(catalog, at, spent, patience),
        }
    }

    /// The results of a rule, each entry by itself.
    fn alone(&mut self, catalog: &Catalog, at: usize, spent: &Spent, patience: Duration) -> Result<Results, Failure> {
        let whom = catalog.rules[at].whom();
        let mut results = Results::new();
        for (_, entry, query) in asked(catalog, at) {
            let left = patience.saturating_sub(spent.time());
            let result = if left.is_zero() { Err(Broken::TooLong) } else { spent.on(|| self.engine.ask(&whom, query, left)) };
            results.insert(entry, result.map_err(|broken| spent.failure(broken))?);
        }
        Ok(results)
    }
}

/// The answer to a query, by rule.
fn by_rule(answer: &Value) -> Option<HashMap<usize, Results>> {
    let mut results: HashMap<usize, Results> = HashMap::new();
    if matches!(answer, Value::Undefined) {
        return Some(results);
    }
    for one in value::elements(answer)? {
        let [rule, entry, value] = value::elements(one)?.try_into().ok()?;
        results.entry(value::index(rule)?).or_default().insert(value::index(entry)?, value.clone());
    }
    Some(results)
}

/// A result says what object it is about only where its rule is asked about many.
fn verdicts_of(at: usize, rule: &Rule, level: Level, results: &Results, is_combined: bool) -> Result<Vec<Verdict>, Error> {
    let exempt = results.get(&rule.entries.len()).map(exempt).unwrap_or_default();
    let mut verdicts = Vec::new();
    for (number, entry) in rule.entries.iter().enumerate() {
        if exempt.contains(conftest::suffix(entry.name())) {
            continue;
        }
        let Some(result) = results.get(&number) else { continue };
        let level = entry_level(entry, level);
        let malformed = |what: String| {
            let error = Error::new(ErrorKind::Invalid, format!("{what} of {}", entry.name())).at(entry.place.clone());
            error.help("a result is a text, or an object whose `msg` is one; write `deny contains msg if { … }`")
        };
        let Some(elements) = value::elements(result) else {
            match result {
                Value::Undefined | Value::Null | Value::Bool(false) => continue,
                Value::Object(map) if map.is_empty() => continue,
                _ => return Err(malformed(format!("no set, but {}, is the value", named(result)))),
            }
        };
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
                verdicts.push(Verdict { rule: at, level, message, path, object, related: Vec::new(), note: None });
            }
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
