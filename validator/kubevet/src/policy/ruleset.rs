//! The rules as one environment wants them: which of them are to be asked about an object or an overlay, and with what input.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use kubevet_facts::objects::OF;
use kubevet_facts::protection::Lost;
use kustomize::{Node, Note};
use regorus::Value;
use serde::Serialize;

use super::batch::ENVIRONMENT;
use super::catalog::Catalog;
use super::foreign::{ForeignQuestion, Surroundings};
use super::guard::Traits;
use super::notes::noted;
use super::rule::{ADMISSION, Found, Rule};
use super::value;
use crate::environments::{Environment, Level};
use crate::problem::{Problem, invalid};

/// The rules of one environment.
#[derive(Clone, Debug)]
pub struct Ruleset<'a> {
    catalog: &'a Catalog,
    /// The level of each rule.
    levels: Arc<[Level]>,
    environment: &'a str,
    /// `data.environment`.
    description: Value,
    /// The parameters that the table gives.
    given: Value,
    /// What rules that were written for conftest see of the environment.
    surroundings: OnceLock<Arc<Surroundings>>,
    /// The file that they are told, if any of them asks for it.
    file: Option<Value>,
    /// Whether they are asked about all objects together.
    combined: bool,
}

/// An object as rules see it: converted once for all of them.
#[derive(Clone, Debug)]
pub struct Subject {
    kind: String,
    value: Value,
    traits: Traits,
}

/// An input, and the rules that could find something in it.
#[derive(Clone, Debug)]
pub struct Question {
    pub(super) input: Value,
    /// In the order of the catalog.
    pub(super) rules: Vec<usize>,
    pub(super) levels: Arc<[Level]>,
    /// What rules that were written for conftest are asked.
    pub(super) foreign: Option<ForeignQuestion>,
    /// What is known already.
    pub(super) found: Vec<Found>,
    judged_by: usize,
}

impl Question {
    /// How many rules judge the input, those among them that certainly find nothing.
    pub fn judged_by(&self) -> usize {
        self.judged_by
    }

    /// Whether it is asked about the very input that another one is asked about: then the same rules say the same.
    pub fn is_about_input_of(&self, other: &Self) -> bool {
        self.input == other.input
    }

    /// Whether no rule finds anything.
    pub fn is_settled(&self) -> bool {
        self.rules.is_empty() && self.foreign.is_none() && self.found.is_empty()
    }

    /// What rules are given, as JSON, with the environment at the key `environment`: for asking another engine the same.
    pub fn input(&self) -> Result<serde_json::Value, Problem> {
        serde_json::to_value(&self.input).map_err(|error| Problem::unjudged("input", invalid(format!("an input is not JSON: {error}"))))
    }
}

impl<'a> Ruleset<'a> {
    /// Takes the rules for an environment; `level` gives each rule's level, [`Level::Off`] to leave it out.
    pub fn new(catalog: &'a Catalog, environment: &'a Environment, level: impl Fn(&Rule) -> Level) -> Self {
        let mut given = Value::new_object();
        for (name, _, node) in environment.parameters() {
            given = value::with_entry(given, name, value::from_node(node));
        }
        let description = value::with_entry(Value::new_object(), "name", Value::from(environment.name.as_str()));
        let description = value::with_entry(description, "parameters", given.clone());
        let levels = catalog.rules.iter().map(level).collect();
        let mut rules = Self {
            catalog,
            levels,
            environment: &environment.name,
            description,
            given,
            surroundings: OnceLock::new(),
            file: None,
            combined: false,
        };
        for (name, default) in catalog.parameters.defaults() {
            rules = rules.with_parameter(name, Value::from(default.clone()));
        }
        rules
    }

    /// Gives a parameter to rules where the table does not.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, parameter: impl Into<Value>) -> Self {
        if value::get(&self.given, name).is_none_or(|given| matches!(given, Value::Null)) {
            let parameters = value::get(&self.description, "parameters").cloned().unwrap_or_else(Value::new_object);
            let parameters = value::with_entry(parameters, name, parameter.into());
            self.description = value::with_entry(self.description, "parameters", parameters);
        }
        self
    }

    /// Asks rules that were written for conftest about all objects together, as `conftest --combine` does.
    #[must_use]
    pub fn combined(mut self, combined: bool) -> Self {
        self.combined = combined;
        self
    }

    /// Tells rules that were written for conftest where their input comes from, as `data.conftest.file`.
    #[must_use]
    pub fn about(mut self, path: &Path) -> Self {
        if self.catalog.rules.iter().any(|rule| rule.asks.file) {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            let text = |part: Option<&OsStr>| Value::from(part.unwrap_or_default().to_string_lossy().as_ref());
            let file = value::with_entry(Value::new_object(), "name", text(path.file_name()));
            self.file = Some(value::with_entry(file, "dir", text(path.parent().map(Path::as_os_str))));
            self.surroundings = OnceLock::new();
        }
        self
    }

    /// How many rules are not off.
    pub fn rules(&self) -> usize {
        self.levels.iter().filter(|level| **level != Level::Off).count()
    }

    /// The environment's name.
    pub fn environment(&self) -> &'a str {
        self.environment
    }

    /// An object as rules see it.
    pub fn subject(&self, object: &Node) -> Subject {
        let mut traits = Traits::default();
        self.catalog.guards.traits(object, &mut traits);
        let mut value = value::from_node(object);
        // Only what kubevet shows as another kind says so.
        if object.get(OF).is_some() {
            value = value::without_entry(value, OF);
        }
        Subject { kind: object.str_at(&["kind"]).unwrap_or_default().to_owned(), value, traits }
    }

    /// A Pod of an object of another kind as rules see it.
    pub fn subject_of_view(&self, view: &Node) -> Subject {
        Subject { value: value::from_node(view), ..self.subject(view) }
    }

    /// How many rules judge an object.
    pub fn judging(&self, object: &Subject) -> usize {
        let of_kind = self.catalog.guards.of_kind(&object.kind).iter();
        of_kind.filter(|at| self.levels[**at] != Level::Off && !(self.combined && self.catalog.rules[**at].is_foreign())).count()
    }

    /// What to ask about one object. `facts` becomes `input.facts`.
    pub fn on_object(&self, object: &Subject, facts: &impl Serialize) -> Result<Question, Problem> {
        let rules = self.catalog.guards.of_kind(&object.kind);
        let foreign = if self.combined { Vec::new() } else { self.foreign(rules) };
        let question = self.question(object.value.clone(), facts, rules, &object.traits)?;
        let (seeing, bare): (Vec<usize>, Vec<usize>) = foreign.into_iter().partition(|at| self.catalog.rules[*at].asks.facts);
        let inputs = [(object.value.clone(), bare), (question.input.clone(), seeing)];
        Ok(self.with_foreign(question, inputs))
    }

    /// The rules among these that were written for conftest and are not off.
    fn foreign(&self, rules: &[usize]) -> Vec<usize> {
        rules.iter().copied().filter(|at| self.catalog.rules[*at].is_foreign() && self.levels[*at] != Level::Off).collect()
    }

    fn with_foreign(&self, question: Question, inputs: impl IntoIterator<Item = (Value, Vec<usize>)>) -> Question {
        let inputs: Vec<_> = inputs.into_iter().filter(|(_, rules)| !rules.is_empty()).collect();
        if inputs.is_empty() {
            return question;
        }
        let surroundings = self.surroundings.get_or_init(|| {
            let mut data = value::with_entry(Value::new_object(), "environment", self.description.clone());
            if let Some(file) = &self.file {
                data = value::with_entry(data, "conftest", value::with_entry(Value::new_object(), "file", file.clone()));
            }
            Arc::new(Surroundings { key: data.to_string(), data })
        });
        let judged_by = question.judged_by + inputs.iter().map(|(_, rules)| rules.len()).sum::<usize>();
        let mut found = question.found;
        let mut open = Vec::new();
        for (input, rules) in inputs {
            let (own, left) = self.catalog.glance(rules, &input, &self.description);
            found.extend(own);
            if !left.is_empty() {
                open.push((input, left));
            }
        }
        if open.is_empty() {
            return Question { judged_by, found, ..question };
        }
        let foreign = ForeignQuestion { surroundings: Arc::clone(surroundings), inputs: open };
        Question { foreign: Some(foreign), judged_by, found, ..question }
    }

    /// What to ask rules that were written for conftest about all objects together, each with the path that it comes from, if they are.
    pub fn on_combined<'s>(&self, objects: impl IntoIterator<Item = (&'s str, &'s Subject)>) -> Question {
        let nothing = Question {
            input: Value::new_object(),
            rules: Vec::new(),
            levels: Arc::clone(&self.levels),
            foreign: None,
            found: Vec::new(),
            judged_by: 0,
        };
        let all: Vec<usize> = (0..self.catalog.rules.len()).collect();
        let rules = if self.combined { self.foreign(&all) } else { Vec::new() };
        let one = |(path, subject): (&str, &Subject)| {
            let file = value::with_entry(Value::new_object(), "path", Value::from(path));
            value::with_entry(file, "contents", subject.value.clone())
        };
        let input = Value::from(objects.into_iter().map(one).collect::<Vec<_>>());
        self.with_foreign(nothing, [(input, rules)])
    }

    /// What to ask about a Pod of an object of another kind, as the built-in kind would have it: what rules for that kind ask, as far as
    /// `judges` lets them.
    pub fn on_view(&self, view: &Subject, facts: &impl Serialize, judges: impl Fn(&str) -> bool) -> Result<Question, Problem> {
        let of_kind = self.catalog.guards.of_kind(&view.kind).iter().copied();
        // Rules for all kinds are asked about the object itself.
        let rules: Vec<usize> =
            of_kind.filter(|at| !self.catalog.rules[*at].kinds.is_empty() && judges(&self.catalog.rules[*at].id)).collect();
        self.question(view.value.clone(), facts, &rules, &view.traits)
    }

    /// What to ask about an overlay as a whole. `facts` becomes `input.facts`; `notes`, what the build noted, `input.notes`.
    pub fn on_overlay(&self, objects: &[Subject], notes: &[Note], facts: &impl Serialize) -> Result<Question, Problem> {
        self.on_overlay_again(objects, notes, facts, None)
    }

    /// The same, where it is known what these rules were asked about the overlay before: they are asked the same where the input is what it was.
    pub fn on_overlay_again(
        &self,
        objects: &[Subject],
        notes: &[Note],
        facts: &impl Serialize,
        known: Option<&Question>,
    ) -> Result<Question, Problem> {
        let input = self.input(overlay(objects, notes), facts)?;
        if let Some(known) = known.filter(|known| known.input == input) {
            return Ok(known.clone());
        }
        let mut traits = Traits::default();
        objects.iter().for_each(|object| traits.extend(&object.traits));
        let rules = self.catalog.guards.of_overlay(objects.iter().map(|object| object.kind.as_str()));
        Ok(self.question_of(input, &rules, &traits))
    }

    /// Whether any rule compares an overlay with those of other environments.
    pub fn compares_environments(&self) -> bool {
        self.catalog.guards.of_environments().iter().any(|at| self.levels[*at] != Level::Off)
    }

    /// What to ask about what an overlay lost on the way from other environments, which becomes `input.facts.lost`.
    pub fn on_environments(&self, lost: &[Lost]) -> Result<Question, Problem> {
        let facts = BTreeMap::from([("lost", lost)]);
        self.question(Value::new_object(), &facts, self.catalog.guards.of_environments(), &Traits::default())
    }

    /// What to ask about what a change does to an overlay, which becomes `input.facts.change`.
    pub fn on_change(&self, change: &impl Serialize) -> Result<Question, Problem> {
        let facts = BTreeMap::from([("change", change)]);
        self.question(Value::new_object(), &facts, self.catalog.guards.of_change(), &Traits::default())
    }

    /// What to ask about an object that goes, which only the cluster's own policies judge. `facts` becomes `input.facts`.
    pub fn on_gone(&self, object: &Subject, facts: &impl Serialize) -> Result<Question, Problem> {
        let own: Vec<usize> = self.catalog.rules.iter().position(|rule| rule.id == ADMISSION).into_iter().collect();
        self.question(object.value.clone(), facts, &own, &object.traits)
    }

    fn question(&self, input: Value, facts: &impl Serialize, rules: &[usize], traits: &Traits) -> Result<Question, Problem> {
        Ok(self.question_of(self.input(input, facts)?, rules, traits))
    }

    /// An input with what is known of it and of the environment.
    fn input(&self, input: Value, facts: &impl Serialize) -> Result<Value, Problem> {
        let facts =
            serde_json::to_value(facts).map_err(|error| Problem::unjudged("facts", invalid(format!("facts are not JSON: {error}"))))?;
        let input = value::with_entry(input, "facts", Value::from(facts));
        Ok(value::with_entry(input, ENVIRONMENT, self.description.clone()))
    }

    fn question_of(&self, input: Value, rules: &[usize], traits: &Traits) -> Question {
        let is_own = |at: &usize| !self.catalog.rules[*at].is_foreign();
        let active = || rules.iter().copied().filter(|at| self.levels[*at] != Level::Off).filter(is_own);
        let open = active().filter(|at| self.catalog.guards.let_through(*at, traits, &input)).collect();
        let (found, open) = self.catalog.glance(open, &input, &self.description);
        Question { rules: open, levels: Arc::clone(&self.levels), foreign: None, judged_by: active().count(), input, found }
    }
}

/// An overlay as rules see it.
fn overlay(objects: &[Subject], notes: &[Note]) -> Value {
    let list = Value::from(objects.iter().map(|object| object.value.clone()).collect::<Vec<_>>());
    let input = value::with_entry(Value::new_object(), "objects", list);
    value::with_entry(input, "notes", Value::from(notes.iter().map(noted).collect::<Vec<_>>()))
}
