//! Builtins that depend on nothing but their arguments, and take no longer than to read them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use regex::{Regex, RegexBuilder};
use regorus::unstable::{BUILTINS, BuiltinFcn, Expr, Ref, Rule, RuleHead, Span};
use regorus::{Engine, Value};

use crate::policy::builtins::Own;

/// What a builtin gives: a value or nothing, or `None` where nobody knows here.
type Answer = Option<Option<Value>>;

/// A builtin.
#[derive(Clone, Copy)]
pub(super) enum Function {
    Plain(fn(&[Value]) -> Answer),
    /// One that takes the place of the engine's.
    Own(Own),
    Engine(BuiltinFcn),
}

/// Those of kubevet's own that take no longer than to read their arguments.
const OWN: [&str; 18] = [
    "array.flatten",
    "concat",
    "internal.and",
    "internal.collection",
    "internal.count",
    "internal.div",
    "internal.gt",
    "internal.gte",
    "internal.lt",
    "internal.lte",
    "internal.member",
    "internal.minus",
    "internal.mul",
    "internal.or",
    "internal.plus",
    "internal.rem",
    "sprintf",
    "strings.count",
];

/// The same of the engine.
const ENGINE: [&str; 49] = [
    "abs",
    "array.concat",
    "array.reverse",
    "array.slice",
    "base64.decode",
    "base64.encode",
    "base64.is_valid",
    "ceil",
    "floor",
    "format_int",
    "glob.match",
    "indexof",
    "intersection",
    "max",
    "min",
    "net.cidr_contains",
    "net.cidr_is_valid",
    "object.filter",
    "object.get",
    "object.keys",
    "object.remove",
    "object.subset",
    "object.union",
    "object.union_n",
    "product",
    "regex.find_all_string_submatch_n",
    "regex.find_n",
    "regex.is_valid",
    "regex.replace",
    "regex.split",
    "round",
    "semver.compare",
    "semver.is_valid",
    "sort",
    "split",
    "strings.any_prefix_match",
    "strings.any_suffix_match",
    "strings.reverse",
    "substring",
    "sum",
    "to_number",
    "trim",
    "trim_left",
    "trim_prefix",
    "trim_right",
    "trim_space",
    "trim_suffix",
    "type_name",
    "union",
];

/// What the engine's builtins say where an error is, which nobody reads here: a call with some arguments.
fn place() -> Option<&'static (Span, Vec<Ref<Expr>>)> {
    static PLACE: LazyLock<Option<(Span, Vec<Ref<Expr>>)>> = LazyLock::new(|| {
        let mut engine = Engine::new();
        engine.add_policy("<kubevet>/place.rego".to_owned(), "package place\n\nat := f(1, 1, 1, 1)\n".to_owned()).ok()?;
        let module = engine.get_modules().first()?.clone();
        let Rule::Spec { head: RuleHead::Compr { assign: Some(assign), .. }, .. } = module.policy.first()?.as_ref() else { return None };
        let Expr::Call { span, params, .. } = assign.value.as_ref() else { return None };
        Some((span.clone(), params.clone()))
    });
    PLACE.as_ref()
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Function")
    }
}

/// Items or bytes of a value that is still small: no call takes long with values like that.
const SMALL: usize = 1 << 16;

/// Whether a value is one that people write. Values that grow from line to line are for the engine, whose time is measured.
fn is_small(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_i64().is_some() || number.as_big().is_none(),
        Value::String(text) => text.len() <= SMALL,
        Value::Array(items) => items.len() <= SMALL,
        Value::Set(items) => items.len() <= SMALL,
        Value::Object(fields) => fields.len() <= SMALL,
        _ => true,
    }
}

impl Function {
    pub(super) fn call(self, arguments: &[Value]) -> Answer {
        if !arguments.iter().all(is_small) {
            return None;
        }
        match self {
            Self::Plain(function) => function(arguments),
            Self::Own(own) => own.call(arguments),
            Self::Engine((function, _)) => match function(&place()?.0, &place()?.1, arguments, false).ok()? {
                Value::Undefined => Some(None),
                value => Some(Some(value)),
            },
        }
    }

    pub(super) fn of_operator(operator: &str) -> Option<Self> {
        let ordered = match operator {
            "==" => return Some(Self::Plain(|arguments| answer(arguments[0] == arguments[1]))),
            "!=" => return Some(Self::Plain(|arguments| answer(arguments[0] != arguments[1]))),
            "<" => "internal.lt",
            "<=" => "internal.lte",
            ">" => "internal.gt",
            ">=" => "internal.gte",
            _ => return None,
        };
        Own::named(ordered).map(Self::Own)
    }

    /// The builtin of a name that takes so many arguments.
    pub(super) fn of_name(name: &str, count: usize) -> Option<Self> {
        if OWN.contains(&name) {
            return Own::named(name).map(Self::Own);
        }
        Some(Self::Plain(match (name, count) {
            ("is_array", 1) => |arguments| answer(matches!(arguments[0], Value::Array(_))),
            ("is_boolean", 1) => |arguments| answer(matches!(arguments[0], Value::Bool(_))),
            ("is_null", 1) => |arguments| answer(matches!(arguments[0], Value::Null)),
            ("is_number", 1) => |arguments| answer(matches!(arguments[0], Value::Number(_))),
            ("is_object", 1) => |arguments| answer(matches!(arguments[0], Value::Object(_))),
            ("is_set", 1) => |arguments| answer(matches!(arguments[0], Value::Set(_))),
            ("is_string", 1) => |arguments| answer(matches!(arguments[0], Value::String(_))),
            ("startswith", 2) => |arguments| texts(arguments, |text, part| text.starts_with(part)),
            ("endswith", 2) => |arguments| texts(arguments, |text, part| text.ends_with(part)),
            ("contains", 2) => |arguments| texts(arguments, |text, part| text.contains(part)),
            ("lower", 1) => |arguments| text(&arguments[0], str::to_lowercase),
            ("upper", 1) => |arguments| text(&arguments[0], str::to_uppercase),
            ("count", 1) => |arguments| match &arguments[0] {
                Value::Array(items) => answer(items.len()),
                Value::Set(items) => answer(items.len()),
                Value::Object(fields) => answer(fields.len()),
                Value::String(text) => answer(text.chars().count()),
                _ => Some(None),
            },
            ("numbers.range", 2) => numbers,
            ("regex.match", 2) => is_match,
            ("replace", 3) => replaced,
            _ if ENGINE.contains(&name) => {
                return BUILTINS.get(name).filter(|(_, arity)| usize::from(*arity) == count).map(|known| Self::Engine(*known));
            }
            _ => return None,
        }))
    }
}

fn answer(value: impl Into<Value>) -> Answer {
    Some(Some(value.into()))
}

/// `numbers.range`, unless it makes more than people ask for.
fn numbers(arguments: &[Value]) -> Answer {
    match (arguments[0].as_i64(), arguments[1].as_i64()) {
        (Ok(from), Ok(to)) if from.abs_diff(to) < SMALL as u64 => Own::named("numbers.range").and_then(|range| range.call(arguments)),
        _ => None,
    }
}

thread_local! {
    /// Patterns that were asked for. The engine keeps them too, but hands out copies, each of which finds its states anew.
    static PATTERNS: RefCell<HashMap<Arc<str>, Option<Regex>>> = RefCell::default();
}

/// Patterns of a thread that are kept: more than people write, in case rules make them.
const KEPT: usize = 1 << 10;

/// Bytes that a pattern may take, as in the engine.
const LARGEST: usize = 100 << 10;

/// `regex.match`; where the engine refuses a pattern, it is to say so.
fn is_match(arguments: &[Value]) -> Answer {
    let [Value::String(pattern), Value::String(text)] = arguments else { return Some(None) };
    PATTERNS.with_borrow_mut(|patterns| {
        if !patterns.contains_key(&**pattern) {
            if patterns.len() >= KEPT {
                patterns.clear();
            }
            patterns.insert(Arc::from(&**pattern), RegexBuilder::new(pattern).size_limit(LARGEST).build().ok());
        }
        let pattern = patterns.get(&**pattern)?.as_ref()?;
        Some(Some(Value::from(pattern.is_match(text))))
    })
}

/// `replace`, unless it makes more than people ask for.
fn replaced(arguments: &[Value]) -> Answer {
    let [Value::String(text), Value::String(old), Value::String(new)] = arguments else { return Some(None) };
    let is_small = !old.is_empty() && text.matches(&**old).count().saturating_mul(new.len()) <= SMALL;
    is_small.then(|| Some(Value::from(text.replace(&**old, new).as_str())))
}

fn texts(arguments: &[Value], holds: fn(&str, &str) -> bool) -> Answer {
    match arguments {
        [Value::String(text), Value::String(part)] => answer(holds(text, part)),
        // Lists of texts are for others.
        _ => None,
    }
}

fn text(argument: &Value, change: fn(&str) -> String) -> Answer {
    match argument {
        Value::String(text) => answer(change(text).as_str()),
        _ => Some(None),
    }
}
