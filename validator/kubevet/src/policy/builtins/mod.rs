//! Builtins that take the place of the engine's own, or that it doesn't have.

mod bounded;
mod formats;
mod graph;
mod named;
mod operators;
mod order;
mod shown;
mod sprintf;
mod strings;
mod template;

use regorus::{Engine, Value};

pub(super) use named::{arity, missing};

/// What a builtin gives.
type Answer = Result<Value, Refusal>;

/// Why it gives nothing.
enum Refusal {
    /// Its arguments are wrong: the expression is undefined, unless the engine is strict.
    Wrong(String),
    /// They demand too much: that is an error everywhere.
    Much(String),
}

/// A builtin, how many arguments it takes, and what it does.
type Builtin = (&'static str, u8, fn(&[Value]) -> Answer);

const BUILTINS: [Builtin; 29] = [
    ("array.flatten", 1, formats::flatten),
    ("concat", 2, bounded::concat),
    ("graph.reachable_paths", 2, graph::reachable_paths),
    ("json.is_valid", 1, formats::is_json),
    ("yaml.is_valid", 1, formats::is_yaml),
    ("numbers.range", 2, bounded::range),
    ("numbers.range_step", 3, bounded::range),
    ("sprintf", 2, sprintf::sprintf),
    ("strings.count", 2, strings::count),
    ("internal.template_string", 1, template::template),
    ("internal.print", 1, template::print),
    ("internal.collection", 1, operators::collection),
    ("internal.count", 1, operators::count),
    ("internal.any", 1, operators::any),
    ("internal.all", 1, operators::all),
    ("internal.member", 3, operators::member),
    ("internal.after", 2, operators::after),
    ("internal.value", 1, operators::after),
    ("internal.lt", 2, order::less),
    ("internal.lte", 2, order::at_most),
    ("internal.gt", 2, order::greater),
    ("internal.gte", 2, order::at_least),
    ("internal.plus", 2, operators::plus),
    ("internal.minus", 2, operators::minus),
    ("internal.mul", 2, operators::times),
    ("internal.div", 2, operators::divided),
    ("internal.rem", 2, operators::remainder),
    ("internal.and", 2, operators::intersection),
    ("internal.or", 2, operators::union),
];

/// A builtin of kubevet's that can be called without an engine.
#[derive(Clone, Copy)]
pub(super) struct Own(fn(&[Value]) -> Answer);

impl Own {
    pub(super) fn named(name: &str) -> Option<Self> {
        BUILTINS.iter().find(|(own, _, _)| *own == name).map(|(_, _, answer)| Self(*answer))
    }

    /// A value, or nothing where it is undefined; `None` where it fails.
    pub(super) fn call(self, arguments: &[Value]) -> Option<Option<Value>> {
        match self.0(arguments) {
            Ok(Value::Undefined) | Err(Refusal::Wrong(_)) => Some(None),
            Ok(value) => Some(Some(value)),
            Err(Refusal::Much(_)) => None,
        }
    }
}

/// Has the engine call these instead of its own.
pub(super) fn guard(engine: &mut Engine, is_strict: bool) {
    for (name, arity, answer) in BUILTINS {
        let call = move |arguments: Vec<Value>| match answer(&arguments) {
            Ok(value) => Ok(value),
            Err(Refusal::Wrong(_)) if !is_strict => Ok(Value::Undefined),
            Err(Refusal::Wrong(message) | Refusal::Much(message)) => Err(std::io::Error::other(format!("{name} {message}")))?,
        };
        // It fails only for a name that was added before.
        let _ = engine.add_extension(name.to_owned(), arity, Box::new(call));
    }
}

/// What a builtin says of arguments of the wrong type.
fn wrong(what: &str) -> Refusal {
    Refusal::Wrong(format!("takes {what}"))
}
