//! Evaluates rules.

use std::sync::Arc;

use kustomize::{Error, ErrorKind, Place};
use regorus::{Engine, Value};

use super::batch::{self, Batches};
use super::catalog::{Catalog, Rule, entry_level};
use super::metadata::Scope;
use super::ruleset::Question;
use super::value;
use crate::environments::Level;
use crate::findings::{Object, Step};
use crate::problem::Problem;

/// What a rule said.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The rule's index in the catalog.
    pub rule: usize,
    /// Its level here.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// Where in the object.
    pub path: Vec<Step>,
    /// Whom it is about, where the rule judges a whole overlay.
    pub object: Option<Object>,
    /// Other objects and paths that belong to it.
    pub related: Vec<Related>,
    /// The note of the build that it is about, instead of an object.
    pub note: Option<usize>,
}

/// Another place that belongs to a verdict.
#[derive(Clone, Debug)]
pub struct Related {
    /// The environment whose object it is, where that is another one.
    pub environment: Option<String>,
    /// The object; `None` for the same one.
    pub object: Option<Object>,
    /// Where in it.
    pub path: Vec<Step>,
    /// A word on it.
    pub note: String,
}

/// Has what it takes to answer some questions; clones are cheap, and each thread has its own.
#[derive(Clone, Debug)]
pub struct Evaluator<'a> {
    catalog: &'a Catalog,
    parts: Vec<Part>,
}

/// An engine with the policies that some of the questions need.
#[derive(Clone, Debug)]
struct Part {
    engine: Engine,
    batches: Arc<Batches>,
}

/// From so many questions on those about objects have an engine of their own: it looks through all its policies at each first reference, and to
/// prepare another one takes as long as some dozen answers.
const MANY: usize = 256;

impl<'a> Evaluator<'a> {
    /// Loads and analyses the policies that these questions need, and those that nobody has checked before.
    pub fn new<'q>(catalog: &'a Catalog, questions: impl IntoIterator<Item = &'q Question>) -> Result<Self, Problem> {
        let open: Vec<&Question> = questions.into_iter().filter(|question| !question.is_settled()).collect();
        let is_about_object = |question: &&Question| question.rules.iter().all(|at| catalog.rules[*at].scope == Scope::Object);
        let (of_objects, of_overlays): (Vec<_>, Vec<_>) = open.iter().copied().partition(is_about_object);
        let parts = if open.len() < MANY { vec![open] } else { vec![of_objects, of_overlays] };
        let part = |questions: Vec<&Question>| {
            let batches = Batches::new(&catalog.rules, questions.into_iter().map(|question| &question.rules));
            let engine = catalog.engine(&batches).map_err(|error| Problem::configuration("policy-load", error))?;
            Ok(Part { engine, batches: Arc::new(batches) })
        };
        Ok(Self { catalog, parts: parts.into_iter().map(part).collect::<Result<_, _>>()? })
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
        let together = part.together(self.catalog, question);
        // Where anything fails, each rule is asked again by itself, so that the error names its rule.
        let left = question.rules.iter().copied().filter(|at| together.is_none() || self.catalog.rules[*at].is_foreign());
        let left: Vec<usize> = left.collect();
        let mut verdicts = together.unwrap_or_default();
        let mut problems = Vec::new();
        for at in left {
            let rule = &self.catalog.rules[at];
            for entry in &rule.entries {
                let level = entry_level(entry, question.levels[at]);
                let results = part.engine.eval_rule(entry.query.clone());
                let results = results.map_err(|error| self.catalog.error(&error.to_string()));
                match results.and_then(|results| verdicts_of(at, rule, level, &results)) {
                    Ok(found) => verdicts.extend(found),
                    Err(error) => {
                        let error = error.at(Place { source: Arc::clone(&rule.file.source), start: 0, end: 0 });
                        problems.push(Problem::unjudged(
                            "rule-evaluation",
                            Error { message: format!("rule {}: {}", rule.id, error.message), ..error },
                        ));
                    }
                }
            }
        }
        if problems.is_empty() { Ok(verdicts) } else { Err(problems) }
    }
}

impl Part {
    /// The verdicts of the rules that one query covers; nothing where it fails or leaves out a rule.
    fn together(&mut self, catalog: &Catalog, question: &Question) -> Option<Vec<Verdict>> {
        let query = self.batches.query(&question.rules)?.clone();
        let answers = self.engine.eval_rule(query).ok()?;
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
}

fn verdicts_of(at: usize, rule: &Rule, level: Level, results: &Value) -> Result<Vec<Verdict>, Error> {
    if matches!(results, Value::Undefined) {
        return Ok(Vec::new());
    }
    let malformed = |what: &str| {
        Error::new(ErrorKind::Invalid, what)
            .help("a result is {\"msg\": \"…\", \"path\": [\"spec\", …]}, with \"object\" in overlay scope; a rule of conftest's may give a string")
    };
    let elements = value::elements(results).ok_or_else(|| malformed("its result is not a set"))?;
    let verdict = |element: &Value| {
        let base = Verdict { rule: at, level, message: String::new(), path: Vec::new(), object: None, related: Vec::new(), note: None };
        if let Ok(message) = element.as_string() {
            return Ok(Verdict { message: message.to_string(), ..base });
        }
        let message = value::text(element, "msg").ok_or_else(|| malformed("a result has no \"msg\""))?;
        let path = match value::get(element, "path") {
            Some(path) => value::path(path).ok_or_else(|| malformed("a result's \"path\" is not a list of keys and indexes"))?,
            None => Vec::new(),
        };
        let object = value::get(element, "object")
            .map(|object| value::object(object).ok_or_else(|| malformed("a result's \"object\" is incomplete")));
        let object = object.transpose()?;
        let note =
            value::get(element, "note").map(|note| value::index(note).ok_or_else(|| malformed("a result's \"note\" is not an index")));
        let note = note.transpose()?;
        if rule.scope != Scope::Object && object.is_none() && note.is_none() {
            return Err(malformed(
                "a result has neither \"object\" nor \"note\", one of which a rule that judges no single object must give",
            ));
        }
        let related = value::get(element, "related")
            .map(|related| related_of(related).ok_or_else(|| malformed("a result's \"related\" is malformed")));
        Ok(Verdict { message, path, object, related: related.transpose()?.unwrap_or_default(), note, ..base })
    };
    elements.into_iter().map(verdict).collect()
}

fn related_of(list: &Value) -> Option<Vec<Related>> {
    let related = |item: &Value| {
        let object = match value::get(item, "object") {
            Some(object) => Some(value::object(object)?),
            None => None,
        };
        let path = value::get(item, "path").map_or_else(|| Some(Vec::new()), value::path)?;
        Some(Related { environment: value::text(item, "environment"), object, path, note: value::text(item, "note").unwrap_or_default() })
    };
    value::elements(list)?.into_iter().map(related).collect()
}
