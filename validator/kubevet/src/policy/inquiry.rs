//! Asks policies as `kubevet check` does, without a project around them: for comparing kubevet with OPA.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kustomize::{Error, Source};
use regorus::{Engine, Value};

use super::bounds::{self, Broken, Whom};
use super::glance::{self, Glance, Limits, Results};
use super::load::{Compiled, new_engine};
use crate::watch::shown;

/// Policies, data and an input.
#[derive(Clone, Debug)]
pub struct Inquiry {
    sources: Vec<Arc<Source>>,
    compiled: Arc<Compiled>,
    engine: Engine,
    glance: Arc<glance::Program>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Refusal {
    /// A policy can't be loaded.
    Load(Box<Error>),
    /// An evaluation failed.
    Evaluation(Box<Error>),
    /// It took too long.
    Time(Duration),
    /// The engine panicked.
    Panic(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Load(error) => write!(formatter, "load: {}", error.message),
            Self::Evaluation(error) => write!(formatter, "evaluation: {}", error.message),
            Self::Time(limit) => write!(formatter, "took longer than {}", shown(*limit)),
            Self::Panic(text) => write!(formatter, "panic: {text}"),
        }
    }
}

impl Inquiry {
    /// Takes policies by their paths; `is_strict` makes an error of what is wrong with the arguments of a builtin.
    pub fn new(modules: &BTreeMap<String, String>, is_strict: bool) -> Result<Self, Refusal> {
        let sources: Vec<_> = modules.iter().map(|(path, text)| Arc::new(Source::new(path.clone(), text.clone()))).collect();
        let compiled = Compiled::new(&sources);
        let mut engine = new_engine(is_strict);
        for source in &sources {
            compiled.add(&mut engine, source).map_err(|error| Refusal::Load(Box::new(error)))?;
        }
        let glance = Arc::new(glance::program(compiled.trees().iter()));
        Ok(Self { sources, compiled: Arc::new(compiled), engine, glance })
    }

    /// Adds data, in JSON.
    pub fn with_data(mut self, data: &serde_json::Value) -> Result<Self, Refusal> {
        self.engine.add_data(Value::from(data.clone())).map_err(|error| self.failed(&error.to_string()))?;
        Ok(self)
    }

    /// The value of a Rego rule such as `data.main.deny`, as JSON, if it has one; without an input, `input` is undefined.
    pub fn ask(&self, rule: &str, input: Option<&serde_json::Value>, limit: Duration) -> Result<Option<serde_json::Value>, Refusal> {
        let mut engine = self.engine.clone();
        engine.set_input(input.map_or(Value::Undefined, |input| Value::from(input.clone())));
        let whom = Whom { name: rule.into(), place: None };
        let value = bounds::ask(&mut engine, &whom, rule, limit).map_err(|broken| match broken {
            Broken::TooLong => Refusal::Time(limit),
            Broken::Panic(text) => Refusal::Panic(text),
            Broken::Error(text) => self.failed(&text),
        })?;
        if value == Value::Undefined {
            return Ok(None);
        }
        serde_json::to_value(&value).map(Some).map_err(|error| self.failed(&error.to_string()))
    }

    /// The value of a rule for an input as it is known without the engine, if it is: `check` asks no more then. `Null` where it has none.
    pub fn glance(&self, rule: &str, input: &serde_json::Value) -> Option<serde_json::Value> {
        match Glance::new(&self.glance, &Value::from(input.clone()), &Value::Undefined).results(rule, Limits::OTHERS) {
            Results::None => Some(serde_json::Value::Null),
            Results::Known(value) => serde_json::to_value(&value).ok(),
            Results::Open => None,
        }
    }

    fn failed(&self, text: &str) -> Refusal {
        Refusal::Evaluation(Box::new(self.compiled.error(text, &self.sources.iter().collect::<Vec<_>>())))
    }

    /// The text that the engine reads for a policy.
    pub fn compiled(&self, path: &str) -> Option<&str> {
        self.compiled.text(path)
    }
}
