//! Evaluates rules on objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubevet_facts::protection::Lost;
use kustomize::{Error, ErrorKind, Node, Note, NoteKind, Place};
use regorus::{Engine, Value};
use serde::Serialize;

use super::batch::{Batch, ENVIRONMENT};
use super::catalog::{Catalog, Rule, entry_level};
use super::metadata::Scope;
use super::value;
use crate::environments::{Environment, Level};
use crate::findings::{Object, Step};
use crate::problem::{Problem, invalid};

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

/// The rules of one environment, ready to judge; clones are cheap, and each thread has its own.
#[derive(Clone, Debug)]
pub struct Evaluator<'a> {
    catalog: &'a Catalog,
    engine: Engine,
    /// The level of each rule.
    levels: Arc<[Level]>,
    environment: &'a str,
    /// `data.environment`.
    description: Value,
    evaluations: usize,
}

impl<'a> Evaluator<'a> {
    /// Takes the rules for an environment; `level` gives each rule's level, [`Level::Off`] to leave it out.
    pub fn new(catalog: &'a Catalog, environment: &'a Environment, level: impl Fn(&Rule) -> Level) -> Result<Self, Problem> {
        let parameters = environment.parameters.as_ref().map_or_else(Value::new_object, value::from_node);
        let description = value::with_entry(Value::new_object(), "name", Value::from(environment.name.as_str()));
        let description = value::with_entry(description, "parameters", parameters);
        let engine = catalog.prepared().map_err(|error| Problem::configuration("policy-load", error))?.clone();
        let levels = catalog.rules.iter().map(level).collect();
        Ok(Self { catalog, engine, levels, environment: &environment.name, description, evaluations: 0 })
    }

    /// Gives a parameter to rules where the table does not.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, parameter: &str) -> Self {
        let parameters = value::get(&self.description, "parameters").cloned().unwrap_or_else(Value::new_object);
        if value::get(&parameters, name).is_none_or(|given| matches!(given, Value::Null)) {
            let parameters = value::with_entry(parameters, name, Value::from(parameter));
            self.description = value::with_entry(self.description, "parameters", parameters);
        }
        self
    }

    fn is_active(&self, rule: usize) -> bool {
        self.levels[rule] != Level::Off
    }

    /// How many rules are not off.
    pub fn rules(&self) -> usize {
        self.levels.iter().filter(|level| **level != Level::Off).count()
    }

    /// The environment's name.
    pub fn environment(&self) -> &'a str {
        self.environment
    }

    /// How many times a rule was evaluated.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// Judges one object. `facts` becomes `input.facts`.
    pub fn object(&mut self, object: &Node, facts: &impl Serialize) -> Result<Vec<Verdict>, Vec<Problem>> {
        let batch = self.catalog.batches.of_kind(object.str_at(&["kind"]).unwrap_or_default());
        if !batch.rules().any(|at| self.is_active(at)) {
            return Ok(Vec::new());
        }
        let input = self.input(value::from_node(object), facts).map_err(|problem| vec![problem])?;
        self.evaluate(input, batch)
    }

    /// What rules are given for an object, as JSON, with the environment at the key `$environment`: for asking another engine the same.
    pub fn object_input(&self, object: &Node, facts: &impl Serialize) -> Result<serde_json::Value, Problem> {
        self.input(value::from_node(object), facts).and_then(|input| as_json(&input))
    }

    /// Judges an overlay as a whole. `facts` becomes `input.facts`; `notes`, what the build noted, `input.notes`.
    pub fn overlay(&mut self, objects: &[&Node], notes: &[Note], facts: &impl Serialize) -> Result<Vec<Verdict>, Vec<Problem>> {
        let batch = &self.catalog.batches.overlay;
        if !batch.rules().any(|at| self.is_active(at)) {
            return Ok(Vec::new());
        }
        let input = self.input(overlay(objects, notes), facts).map_err(|problem| vec![problem])?;
        self.evaluate(input, batch)
    }

    /// Whether any rule compares an overlay with those of other environments.
    pub fn compares_environments(&self) -> bool {
        self.catalog.batches.environments.rules().any(|at| self.is_active(at))
    }

    /// Judges what an overlay lost on the way from other environments; that becomes `input.facts.lost`.
    pub fn environments(&mut self, lost: &[Lost]) -> Result<Vec<Verdict>, Vec<Problem>> {
        let batch = &self.catalog.batches.environments;
        if !self.compares_environments() {
            return Ok(Vec::new());
        }
        if lost.is_empty() {
            // Nothing lost is each rule's answer, without asking.
            self.evaluations += batch.rules().filter(|at| self.is_active(*at)).count();
            return Ok(Vec::new());
        }
        let facts = BTreeMap::from([("lost", lost)]);
        let input = self.input(Value::new_object(), &facts).map_err(|problem| vec![problem])?;
        self.evaluate(input, batch)
    }

    /// What rules are given for an overlay, as [`Evaluator::object_input`] is for an object.
    pub fn overlay_input(&self, objects: &[&Node], notes: &[Note], facts: &impl Serialize) -> Result<serde_json::Value, Problem> {
        self.input(overlay(objects, notes), facts).and_then(|input| as_json(&input))
    }

    /// Adds the facts and the environment to what is judged.
    fn input(&self, input: Value, facts: &impl Serialize) -> Result<Value, Problem> {
        let facts =
            serde_json::to_value(facts).map_err(|error| Problem::unjudged("facts", invalid(format!("facts are not JSON: {error}"))))?;
        let input = value::with_entry(input, "facts", Value::from(facts));
        Ok(value::with_entry(input, ENVIRONMENT, self.description.clone()))
    }

    fn evaluate(&mut self, input: Value, batch: &Batch) -> Result<Vec<Verdict>, Vec<Problem>> {
        self.engine.set_input(input);
        self.evaluations += batch.rules().filter(|at| self.is_active(*at)).count();
        let mut verdicts = Vec::new();
        let mut problems = Vec::new();
        // Where anything fails, each rule is asked again by itself, so that the error names its rule.
        let together = self.together(batch);
        let left: &[_] = if together.is_some() { &[] } else { &batch.together };
        verdicts.extend(together.unwrap_or_default());
        let left = left.iter().chain(&batch.alone).copied().filter(|at| self.levels[*at] != Level::Off).collect::<Vec<_>>();
        for at in left {
            let rule = &self.catalog.rules[at];
            for entry in &rule.entries {
                let level = entry_level(entry, self.levels[at]);
                let results = self.engine.eval_rule(entry.query.clone());
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

    /// The verdicts of a batch's query; nothing where it fails or leaves out a rule, or where most of its rules are off.
    fn together(&mut self, batch: &Batch) -> Option<Vec<Verdict>> {
        if batch.together.iter().filter(|at| self.is_active(**at)).count() * 2 < batch.together.len() {
            return None;
        }
        let answers = self.engine.eval_rule(batch.query.clone()?).ok()?;
        let mut verdicts = Vec::new();
        let mut answered = 0;
        for answer in value::elements(&answers)?.into_iter().filter_map(value::elements).flatten() {
            let [at, results] = value::elements(answer)?.try_into().ok()?;
            let at = value::index(at)?;
            answered += 1;
            let rule = self.catalog.rules.get(at)?;
            if self.is_active(at) {
                verdicts.extend(verdicts_of(at, rule, self.levels[at], results).ok()?);
            }
        }
        let asked: usize = batch.together.iter().map(|at| self.catalog.rules[*at].entries.len()).sum();
        (answered == asked).then_some(verdicts)
    }
}

/// An overlay as rules see it.
fn overlay(objects: &[&Node], notes: &[Note]) -> Value {
    let list = Value::from(objects.iter().copied().map(value::from_node).collect::<Vec<_>>());
    let input = value::with_entry(Value::new_object(), "objects", list);
    let note = |note: &Note| {
        let kind = value::with_entry(Value::new_object(), "kind", Value::from(kind_name(note.kind)));
        value::with_entry(kind, "message", Value::from(note.message.as_str()))
    };
    value::with_entry(input, "notes", Value::from(notes.iter().map(note).collect::<Vec<_>>()))
}

fn as_json(input: &Value) -> Result<serde_json::Value, Problem> {
    serde_json::to_value(input).map_err(|error| Problem::unjudged("input", invalid(format!("an input is not JSON: {error}"))))
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

/// A note's kind as rules know it.
fn kind_name(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::TargetMatchesNothing => "target-matches-nothing",
        NoteKind::ImageMatchesNothing => "image-matches-nothing",
        NoteKind::ValueChanged => "value-changed",
        NoteKind::ElementLost => "element-lost",
        NoteKind::ListReplaced => "list-replaced",
        NoteKind::DirectiveIgnored => "directive-ignored",
        NoteKind::ReplaceAdded => "replace-added",
        NoteKind::VariableUnused => "variable-unused",
        NoteKind::InitContainersReordered => "init-containers-reordered",
        NoteKind::FieldDeprecated => "deprecated-field",
        NoteKind::HashDisabled => "hash-disabled",
    }
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
