//! Rules in CEL (`x-kubernetes-validations`), evaluated as the API server does after it has set defaults.

mod compiled;
pub(in crate::schema) mod costs;
pub(in crate::schema) mod types;
mod values;

use std::fmt::Write as _;
use std::sync::Arc;

use kubevet_cel::value::{Key, ListKind, Value};
use kubevet_cel::{Budget, Fault, evaluate};
use kustomize::Node;

use compiled::Rule;
pub(super) use compiled::{Expressions, Rules};
pub(crate) use values::of_object;

use crate::later::is_filled_in;
use crate::objects::{ObjectId, Path, Segment};
use crate::schema::{BrokenRule, Reason, Ruled, SchemaFact, Undecided};

/// The longest message that an expression may make, in bytes, as in the server.
const LONGEST_MESSAGE: usize = 5 << 10;

/// How many problems of one object are kept.
const MOST: usize = 100;

/// Evaluates the rules of a kind about an object, and about its change where there is an old one.
pub(super) fn judge(
    object: &Node,
    old: Option<&Node>,
    schema: &Node,
    keeps_status: bool,
    rules: &Rules,
    definition: Option<ObjectId>,
) -> Ruled {
    let mut run = Run { definition, budget: Budget::default(), path: Vec::new(), ruled: Ruled::default() };
    let value = of_object(object, schema, keeps_status);
    let old = old.map(|old| of_object(old, schema, keeps_status));
    run.node(rules, &value, old.as_ref());
    run.ruled
}

/// Whether something in a value is filled in after the build, so that it is not what a rule will see.
fn waits(value: &Value) -> bool {
    match value {
        Value::String(text) => is_filled_in(text),
        Value::List(list) => list.items.iter().any(waits),
        Value::Map(map) => map.iter().any(|(_, value)| waits(value)),
        _ => false,
    }
}

/// A step to a value: a field that the schema names, a key that is data, or an index.
#[derive(Clone)]
enum Step {
    Field(Box<str>),
    Key(Arc<str>),
    Index(usize),
}

struct Run {
    /// Where the rules are, if that is among the objects.
    definition: Option<ObjectId>,
    budget: Budget,
    path: Vec<Step>,
    ruled: Ruled,
}

impl Run {
    fn node(&mut self, rules: &Rules, value: &Value, old: Option<&Value>) {
        for rule in &rules.own {
            if self.ruled.facts.len() < MOST {
                self.rule(rule, value, old);
            }
        }
        for (name, escaped, below) in &rules.properties {
            if let Some(field) = value.field(escaped).filter(|field| !matches!(field, Value::Null)) {
                self.step(Step::Field(name.clone()), below, field, old.and_then(|old| old.field(escaped)));
            }
        }
        match (value, &rules.elements) {
            (Value::List(list), Some(below)) => {
                for (index, item) in list.items.iter().enumerate() {
                    let old = match (&list.kind, old) {
                        (ListKind::Map(keys), Some(Value::List(old))) => {
                            old.items.iter().find(|old| keys.iter().all(|key| old.field(key) == item.field(key)))
                        }
                        _ => None,
                    };
                    self.step(Step::Index(index), below, item, old);
                }
            }
            (Value::Map(map), Some(below)) => {
                for (key, item) in map.iter() {
                    if let Key::String(name) = key {
                        self.step(Step::Key(Arc::clone(name)), below, item, old.and_then(|old| old.field(name)));
                    }
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, step: Step, rules: &Rules, value: &Value, old: Option<&Value>) {
        self.path.push(step);
        self.node(rules, value, old);
        self.path.pop();
    }

    fn rule(&mut self, rule: &Rule, value: &Value, old: Option<&Value>) {
        let expr = match &*rule.expr {
            Ok(expr) => expr,
            Err(error) => return self.undecided(format!("the rule {:?} can't be read: {}", rule.text, error.message)),
        };
        let old_self = match (rule.uses_old, rule.has_optional_old, old) {
            (true, true, old) => Value::Optional(old.cloned().map(Arc::new)),
            (true, false, Some(old)) => old.clone(),
            // Nothing changes, so the rule has nothing to say.
            (true, false, None) => return,
            // What was wrong before may stay so.
            (false, _, Some(old)) if old == value => return,
            (false, ..) => Value::Null,
        };
        let variables = [("self", value.clone()), ("oldSelf", old_self)];
        let problem = match evaluate(expr, &variables, &self.budget) {
            Ok(Value::Bool(true)) => return,
            Ok(Value::Bool(false)) => self.message(rule, &variables),
            Ok(_) => format!("the rule {:?} gives no boolean", rule.text),
            Err(Fault::Error(error)) => format!("the rule {:?} can't be evaluated: {error}", rule.text),
            Err(Fault::Unknown(why)) => return self.undecided(format!("the rule {:?}: {why}", rule.text)),
        };
        if waits(value) {
            return self.undecided(format!("the rule {:?} is about a value that is filled in later", rule.text));
        }
        let (mut path, mut field) = self.place();
        for name in &rule.field_path {
            let _ = write!(field, ".{name}");
            path.0.push(Segment::from(&**name));
        }
        let field = field.strip_prefix('.').map(str::to_owned).unwrap_or(field);
        let field = if field.is_empty() { "the object".to_owned() } else { field };
        let definition = self.definition.clone();
        let broken = BrokenRule { text: rule.text.to_string(), reason: rule.reason, definition, path: rule.place.clone() };
        self.ruled.facts.push(SchemaFact {
            path,
            field,
            reason: Reason::Rule,
            message: problem,
            suggestion: None,
            rule: Some(broken),
            beside: Vec::new(),
            by: None,
        });
    }

    fn message(&self, rule: &Rule, variables: &[(&str, Value); 2]) -> String {
        if let Some(Ok(expr)) = rule.message_expr.as_deref()
            && let Ok(Value::String(text)) = evaluate(expr, variables, &self.budget)
            && !text.trim().is_empty()
            && !text.contains('\n')
            && text.len() <= LONGEST_MESSAGE
        {
            return text.to_string();
        }
        match &rule.message {
            Some(message) => message.to_string(),
            None => format!("failed rule: {}", rule.text.trim()),
        }
    }

    fn undecided(&mut self, why: String) {
        let (path, _) = self.place();
        self.ruled.undecided.push(Undecided { path, why });
    }

    fn place(&self) -> (Path, String) {
        let (mut path, mut field) = (Path::default(), String::new());
        for step in &self.path {
            let _ = match step {
                Step::Field(name) if field.is_empty() => field.write_str(name),
                Step::Field(name) => write!(field, ".{name}"),
                Step::Key(key) => write!(field, "[{key}]"),
                Step::Index(index) => write!(field, "[{index}]"),
            };
            path.0.push(match step {
                Step::Field(name) => Segment::from(&**name),
                Step::Key(key) => Segment::from(&**key),
                Step::Index(index) => Segment::Index(*index),
            });
        }
        (path, field)
    }
}
