//! Evaluates rules.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kustomize::Error;
use regorus::Value;

use super::batch::{self, Batches};
use super::bounds::{Bounded, Broken, PATIENCE};
use super::catalog::Catalog;
use super::entry::entry_level;
use super::foreign;
use super::metadata::Scope;
use super::rule::{Found, Rule};
use super::ruleset::Question;
use super::spent::{Failure, Spent};
use super::value;
use super::verdict::{Verdict, verdicts_of};
use crate::problem::{Problem, invalid};
use crate::watch::shown;

/// Has what it takes to answer some questions; clones are cheap, and each thread has its own.
#[derive(Clone, Debug)]
pub struct Evaluator<'a> {
    catalog: &'a Catalog,
    parts: Vec<Part>,
    foreign: foreign::Engines<'a>,
    /// How long a rule may take in the run.
    patience: Duration,
    /// What each rule took of it.
    spent: Arc<Vec<Spent>>,
}

/// An engine with the policies that some of the questions need.
#[derive(Clone, Debug)]
struct Part {
    engine: Bounded,
    batches: Arc<Batches>,
    /// How long each query took where it took long.
    slow: HashMap<String, Duration>,
}

/// What an answer to many rules at once may take without being counted.
const QUICK: Duration = Duration::from_millis(20);

/// From so many questions on those about objects have an engine of their own: it looks through all its policies at each first reference, and to
/// prepare another one takes as long as some dozen answers.
const MANY: usize = 256;

impl<'a> Evaluator<'a> {
    /// Loads and analyses the policies that these questions need, and those that nobody has checked before.
    pub fn new<'q>(catalog: &'a Catalog, questions: impl IntoIterator<Item = &'q Question>) -> Result<Self, Problem> {
        let open: Vec<&Question> = questions.into_iter().filter(|question| !question.is_settled()).collect();
        let is_about_object = |question: &&Question| question.rules.iter().all(|at| catalog.rules[*at].scope == Scope::Object);
        let (of_objects, of_overlays): (Vec<_>, Vec<_>) = open.iter().copied().partition(is_about_object);
        let foreign = foreign::Engines::new(catalog, open.iter().filter_map(|question| question.foreign.as_ref()))?;
        let parts = match open.len() {
            // Nothing is asked, and nothing could be wrong with the policies.
            0 if catalog.is_known() => Vec::new(),
            few if few < MANY => vec![open],
            _ => vec![of_objects, of_overlays],
        };
        let part = |questions: Vec<&Question>| {
            let batches = Batches::new(&catalog.rules, questions.into_iter().map(|question| &question.rules));
            let engine = catalog.engine(&batches).map_err(|error| Problem::configuration("policy-load", error))?;
            Ok(Part { engine: Bounded::new(engine), batches: Arc::new(batches), slow: HashMap::new() })
        };
        let spent = catalog.rules.iter().map(|_| Spent::default()).collect();
        let parts = parts.into_iter().map(part).collect::<Result<_, _>>()?;
        Ok(Self { catalog, parts, foreign, patience: PATIENCE, spent: Arc::new(spent) })
    }

    /// The same, with another time for each rule.
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// What the rules say. Where one fails, there are problems that name it.
    pub fn answer(&mut self, question: &Question) -> Result<Vec<Verdict>, Vec<Problem>> {
        if question.is_settled() {
            return Ok(Vec::new());
        }
        let has_query = |part: &Part| part.batches.query(&question.rules).is_some();
        // Rules that no query covers are in each engine.
        let at = self.parts.iter().position(has_query).unwrap_or_default();
        let part = &mut self.parts[at];
        part.engine.set_input(question.input.clone());
        let together = part.together(self.catalog, question, self.patience);
        // Where anything fails, each rule is asked again by itself, so that the error names its rule.
        let left = question.rules.iter().copied().filter(|_| together.is_none());
        let left: Vec<usize> = left.collect();
        let mut verdicts = together.unwrap_or_default();
        let mut failures = Vec::new();
        for found in &question.found {
            match known(self.catalog, found, question) {
                Ok(found) => verdicts.extend(found),
                Err(error) => failures.push((found.rule, Failure::Error(error))),
            }
        }
        for at in left {
            let rule = &self.catalog.rules[at];
            let found = part.alone(rule, &self.spent[at], self.patience).and_then(|answers| {
                let found = std::iter::zip(&rule.entries, &answers)
                    .map(|(entry, results)| verdicts_of(at, rule, entry_level(entry, question.levels[at]), results));
                found.collect::<Result<Vec<_>, _>>().map_err(Failure::Error)
            });
            match found {
                Ok(found) => verdicts.extend(found.into_iter().flatten()),
                Err(failure) => failures.push((at, failure)),
            }
        }
        verdicts.sort_by_key(|verdict| verdict.rule);
        if let Some(foreign) = &question.foreign {
            let (found, failed) = self.foreign.answer(foreign, &question.levels, &self.spent, self.patience);
            verdicts.extend(found);
            failures.extend(failed);
        }
        let problems: Vec<Problem> = failures.into_iter().filter_map(|(at, failure)| self.problem(at, failure)).collect();
        if problems.is_empty() { Ok(verdicts) } else { Err(problems) }
    }
}

impl Evaluator<'_> {
    fn problem(&self, at: usize, failure: Failure) -> Option<Problem> {
        let rule = &self.catalog.rules[at];
        match failure {
            Failure::Told => None,
            Failure::Time => {
                let message = format!("rule {} took longer than {} in this run", rule.id, shown(self.patience));
                Some(Problem::unjudged("policy-limit", invalid(message).at(rule.top())))
            }
            Failure::Engine(text) => Some(failed(rule, self.catalog.error(&text))),
            Failure::Error(error) => Some(failed(rule, error)),
        }
    }
}

/// The verdicts of what was found without an engine.
fn known(catalog: &Catalog, found: &Found, question: &Question) -> Result<Vec<Verdict>, Error> {
    let rule = &catalog.rules[found.rule];
    let entry = &rule.entries[found.entry];
    let level = entry_level(entry, question.levels[found.rule]);
    if rule.is_foreign() {
        return foreign::verdicts_of(found.rule, entry, level, &found.results, false);
    }
    verdicts_of(found.rule, rule, level, &found.results)
}

fn failed(rule: &Rule, error: Error) -> Problem {
    let error = error.at(rule.top());
    Problem::unjudged("rule-evaluation", Error { message: format!("rule {}: {}", rule.id, error.message), ..error })
}

impl Part {
    /// The verdicts of the rules that one query covers; nothing where it fails or leaves out a rule, or has taken so long that each rule is to
    /// answer for itself.
    fn together(&mut self, catalog: &Catalog, question: &Question, patience: Duration) -> Option<Vec<Verdict>> {
        let (whom, query) = self.batches.query(&question.rules)?;
        let left = (patience / 4).saturating_sub(self.slow.get(query).copied().unwrap_or_default());
        if left.is_zero() {
            return None;
        }
        let start = Instant::now();
        let answers = self.engine.ask(whom, query, left);
        let took = start.elapsed();
        if took > QUICK {
            *self.slow.entry(query.clone()).or_default() += took;
        }
        let answers = answers.ok()?;
        let mut verdicts = Vec::new();
        let mut answered = 0;
        for answer in value::elements(&answers)? {
            let [at, results] = value::elements(answer)?.try_into().ok()?;
            let at = value::index(at)?;
            answered += 1;
            verdicts.extend(verdicts_of(at, catalog.rules.get(at)?, question.levels[at], results).ok()?);
        }
        let rules = &catalog.rules;
        let asked: usize = batch::together(rules, &question.rules).into_iter().map(|at| rules[at].entries.len()).sum();
        (answered == asked).then_some(verdicts)
    }

    /// The results of a rule that is asked by itself, in the order of its entries.
    fn alone(&mut self, rule: &Rule, spent: &Spent, patience: Duration) -> Result<Vec<Value>, Failure> {
        let whom = rule.whom();
        let results = rule.entries.iter().map(|entry| {
            let left = patience.saturating_sub(spent.time());
            let result = if left.is_zero() { Err(Broken::TooLong) } else { spent.on(|| self.engine.ask(&whom, &entry.query, left)) };
            result.map_err(|broken| spent.failure(broken))
        });
        results.collect()
    }
}
