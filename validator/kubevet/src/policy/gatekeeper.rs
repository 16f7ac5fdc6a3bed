//! Evaluates the Rego of Gatekeeper's templates: each template is a program of its own, with its libraries and `data.inventory`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use kubevet_facts::admission::gatekeeper::{Answer, Code, Engine, Mistake, Violation};
use kubevet_facts::objects::{Path, Segment};
use kustomize::{Error, Source};
use regex::Regex;
use regorus::Value;

use super::batch;
use super::bounds::{Bounded, Broken, Whom, check_results, survive};
use super::builtins;
use super::compile::Syntax;
use super::heads::{heads, package};
use super::load::{Compiled, new_engine};
use super::spent::{Failure, Spent};
use super::text::{Text, references};
use super::value;
use crate::findings::Step;
use crate::problem::{Problem, invalid};
use crate::watch::{self, shown};

/// What a template's rule must be called.
const VIOLATION: &str = "violation";

/// The templates of a run: each is compiled once, whatever it is asked about.
#[derive(Debug, Default)]
pub struct Gatekeeper {
    programs: Mutex<HashMap<Vec<String>, Arc<Program>>>,
}

/// A template as it was compiled, or what is wrong with it.
#[derive(Debug)]
struct Program {
    ready: Result<Ready, Mistake>,
    /// The time that it took in the run.
    spent: Spent,
}

#[derive(Debug)]
struct Ready {
    engine: Bounded,
    query: String,
    asks: Asks,
}

/// What the code names that is not in every input, or not here at all.
#[derive(Debug, Default)]
struct Asks {
    inventory: bool,
    user: bool,
    namespace: bool,
    /// A builtin that is not here, and why.
    missing: Option<(String, &'static str)>,
}

/// Gatekeeper's own builtin.
const EXTERNAL: &str = "external_data";

/// A template that was asked about objects.
#[derive(Debug)]
struct Asked {
    program: Arc<Program>,
    /// Its engine, with the inventory of the objects, once it is needed.
    engine: Option<Bounded>,
}

/// What evaluates templates for one set of objects.
#[derive(Debug)]
pub struct Session<'g> {
    gatekeeper: &'g Gatekeeper,
    patience: Duration,
    /// The templates that were asked, by the kind of their constraints.
    asked: Mutex<HashMap<String, Asked>>,
    /// `data` with the inventory, which engines share.
    inventory: OnceLock<Value>,
    problems: Mutex<Vec<Problem>>,
}

impl Gatekeeper {
    /// What evaluates templates for one set of objects, with the time that each may take in the run.
    pub fn session(&self, patience: Duration) -> Session<'_> {
        Session { gatekeeper: self, patience, asked: Mutex::default(), inventory: OnceLock::new(), problems: Mutex::default() }
    }

    /// What is wrong with the Rego of a template: in which of its libraries, if it is in one, and in which line.
    pub fn mistake(&self, code: &Code<'_>) -> Option<Mistake> {
        self.program(code).ready.as_ref().err().cloned()
    }

    fn program(&self, code: &Code<'_>) -> Arc<Program> {
        let version = if code.is_v1 { "v1" } else { "v0" };
        let key = [code.kind, version, code.main].into_iter().chain(code.libs.iter().copied()).map(str::to_owned).collect();
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        let program = || Arc::new(Program { ready: compiled(code), spent: Spent::default() });
        Arc::clone(programs.entry(key).or_insert_with(program))
    }
}

impl Session<'_> {
    /// What went wrong, once.
    pub fn problems(self) -> Vec<Problem> {
        self.problems.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, code: &'static str, error: Error) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(Problem::unjudged(code, error));
    }
}

impl Engine for Session<'_> {
    fn mistake(&self, code: &Code<'_>) -> Option<Mistake> {
        self.gatekeeper.mistake(code)
    }

    fn violations(&self, code: &Code<'_>, input: serde_json::Value, inventory: &dyn Fn() -> serde_json::Value) -> Answer {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        // To find the program means to hash all of its text, which once is enough.
        let known = asked.entry(code.kind.to_owned());
        let Asked { program, engine: own } = known.or_insert_with(|| Asked { program: self.gatekeeper.program(code), engine: None });
        let Ok(Ready { engine, query, asks }) = &program.ready else {
            return Answer::Unknown(format!("the Rego of its template {} is wrong", code.kind));
        };
        if let Some(why) = asks.unknown(&input) {
            return Answer::Unknown(why);
        }
        let whom = Whom { name: format!("the template of {}", code.kind).into(), place: None };
        let engine = match own {
            Some(engine) => engine,
            None => {
                let mut engine = engine.clone();
                if asks.inventory {
                    let data = || value::with_entry(Value::new_object(), "inventory", Value::from(inventory()));
                    if let Err(text) = engine.add_data(self.inventory.get_or_init(data).clone()) {
                        self.tell("rule-evaluation", invalid(format!("{}: {text}", whom.name)));
                        return Answer::Violations(Vec::new());
                    }
                }
                own.insert(engine)
            }
        };
        engine.set_input(Value::from(input));
        let left = self.patience.saturating_sub(program.spent.time());
        let result = if left.is_zero() { Err(Broken::TooLong) } else { program.spent.on(|| engine.ask(&whom, query, left)) };
        let found = result.map_err(|broken| program.spent.failure(broken));
        match found.and_then(|found| violations(&found).map_err(Failure::Error)) {
            Ok(Some(violations)) => return Answer::Violations(violations),
            Ok(None) => return Answer::Unknown("what its template finds has no text msg, so Gatekeeper drops it".to_owned()),
            Err(Failure::Told) => {}
            Err(Failure::Time) => {
                self.tell("policy-limit", invalid(format!("{} took longer than {} in this run", whom.name, shown(self.patience))));
            }
            Err(Failure::Engine(text)) => {
                let message = text.split("error: ").nth(1).unwrap_or(&text).lines().next().unwrap_or_default().to_owned();
                self.tell("rule-evaluation", invalid(format!("{}: {message}", whom.name)));
            }
            Err(Failure::Error(error)) => {
                self.tell("rule-evaluation", Error { message: format!("{}: {}", whom.name, error.message), ..error });
            }
        }
        Answer::Violations(Vec::new())
    }
}

impl Asks {
    fn of(code: &Code<'_>) -> Self {
        static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"\b(?:(inventory)|(userInfo|review\.uid|review\.options)|(namespaceObject|_unstable)|([a-z_0-9.]+)\()").ok()
        });
        let mut asks = Asks::default();
        for text in code.libs.iter().chain([&code.main]) {
            // A field may be named in brackets, too.
            let Text { code, literals } = Text::of(text);
            let literals: Vec<&str> = literals.iter().map(|(_, literal)| literal.trim()).collect();
            let found =
                NAMES.iter().flat_map(|names| names.captures_iter(&code).chain(literals.iter().filter_map(|text| names.captures(text))));
            for found in found {
                asks.inventory |= found.get(1).is_some();
                asks.user |= found.get(2).is_some();
                asks.namespace |= found.get(3).is_some();
                let called = found.get(4).map(|called| called.as_str());
                let reason = |name: &str| match name {
                    EXTERNAL => Some("what is elsewhere is known in the cluster only"),
                    name => builtins::missing(name),
                };
                let missing = called.and_then(|name| Some((name.to_owned(), reason(name)?)));
                asks.missing = asks.missing.take().or(missing);
            }
        }
        asks
    }

    /// Why nothing can be known about an input.
    fn unknown(&self, input: &serde_json::Value) -> Option<String> {
        let has = |field: &str| input["review"].get(field).is_some();
        match self {
            Self { missing: Some((name, reason)), .. } => Some(format!("it calls {name}: {reason}")),
            Self { user: true, .. } if !has("userInfo") => {
                Some("it asks who changes the object and how, which is known in the cluster only".to_owned())
            }
            Self { namespace: true, .. } if has("namespace") && !has("namespaceObject") => {
                Some("it asks for the namespace, which is not among the objects".to_owned())
            }
            _ => None,
        }
    }
}

/// Compiles a template, as Gatekeeper takes it.
fn compiled(code: &Code<'_>) -> Result<Ready, Mistake> {
    let named = |name: &str, text: &str| Arc::new(Source::new(format!("<{}>/{name}", code.kind), text.to_owned()));
    let main = named("rego", code.main);
    let libs: Vec<_> = code.libs.iter().enumerate().map(|(number, text)| named(&format!("libs-{number}"), text)).collect();
    let asks = Asks::of(code);
    if asks.missing.is_some() {
        // What is never evaluated needs no engine.
        let engine = Bounded::new(new_engine(false));
        return Ok(Ready { engine, query: String::new(), asks });
    }
    let syntax = if code.is_v1 { Syntax::New } else { Syntax::Old };
    let sources: Vec<_> = libs.iter().chain([&main]).collect();
    let compiled = Compiled::in_syntax(sources.iter().copied(), syntax);
    let mut engine = new_engine(false);
    let mistake = |lib: Option<usize>, error: &Error| {
        let line = error.place.as_ref().map_or(1, |place| place.source.position(place.start).0);
        Mistake { lib, line, message: error.message.clone() }
    };
    for (lib, source) in libs.iter().enumerate().map(|(number, lib)| (Some(number), lib)).chain([(None, &main)]) {
        elsewhere(source.text()).map_or(Ok(()), |(line, message)| Err(Mistake { lib, line, message }))?;
    }
    for (number, source) in libs.iter().enumerate() {
        compiled.add(&mut engine, source).map_err(|error| mistake(Some(number), &error))?;
        let name = engine.get_modules().last().map(|module| package(module)).unwrap_or_default();
        if name != "lib" && !name.starts_with("lib.") {
            return Err(Mistake { lib: Some(number), line: 1, message: format!("a library's package begins with lib, and not {name}") });
        }
    }
    compiled.add(&mut engine, &main).map_err(|error| mistake(None, &error))?;
    let module = engine.get_modules().last().map(|module| (package(module), heads(module)));
    let (name, heads) = module.unwrap_or_default();
    if !heads.iter().any(|head| head == VIOLATION) {
        return Err(Mistake { lib: None, line: 1, message: "it has no rule violation".to_owned() });
    }
    let nothing = Arc::new(Source::new("<kubevet>/batch.rego", batch::nothing_policy()));
    compiled.add(&mut engine, &nothing).map_err(|error| mistake(None, &error))?;
    engine.set_input(Value::new_object());
    let _at = watch::at("analysing a template");
    let analysed = survive(|| engine.eval_rule(batch::NOTHING.to_owned()));
    analysed.map_err(|text| mistake(None, &compiled.error(&text, &sources)))?;
    Ok(Ready { engine: Bounded::new(engine), query: format!("data.{name}.{VIOLATION}"), asks })
}

/// A reference to data that templates don't see: in which line, and what is wrong with it.
fn elsewhere(text: &str) -> Option<(u32, String)> {
    let is_seen = |reference: &str| ["inventory", "lib"].iter().any(|seen| reference.split('.').next() == Some(*seen));
    let reference = references(text).into_iter().find(|reference| !is_seen(reference))?;
    let name = if reference.is_empty() { "data".to_owned() } else { format!("data.{reference}") };
    let line = text.find(&name).and_then(|at| text.get(..at)).map_or(1, |before| before.matches('\n').count() + 1);
    Some((line as u32, format!("a template sees data.inventory and data.lib only, and not {name}")))
}

/// The violations that a template found. Gatekeeper drops those without a message; nothing where there are no others.
fn violations(results: &Value) -> Result<Option<Vec<Violation>>, Error> {
    let elements = match results {
        Value::Undefined => Vec::new(),
        results => value::elements(results).ok_or_else(|| invalid("its violation is no set"))?,
    };
    check_results(elements.len())?;
    let violation = |element: &Value| {
        let path = value::get(element, "details").and_then(|details| value::path(value::get(details, "path")?)).unwrap_or_default();
        let segment = |step: Step| match step {
            Step::Key(key) => Segment::from(key.as_str()),
            Step::Index(index) => Segment::from(index),
        };
        Some(Violation { message: value::text(element, "msg")?, path: Path(path.into_iter().map(segment).collect()) })
    };
    let found: Vec<Violation> = elements.iter().copied().filter_map(violation).collect();
    Ok(Some(found).filter(|found| !found.is_empty() || elements.is_empty()))
}
