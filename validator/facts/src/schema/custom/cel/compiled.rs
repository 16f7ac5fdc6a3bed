//! The rules of a schema, read once, without the parts of the schema that have none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kubevet_cel::names::escaped;
use kubevet_cel::{Expr, SyntaxError, parse};
use kustomize::Node;

use crate::objects::Path;

/// How many expressions are kept.
const MOST: usize = 8_192;

/// The deepest schema whose rules are read. The server's are at most this deep.
const DEEPEST: usize = 100;

/// Expressions that were read; the same rules come with every overlay.
#[derive(Debug, Default)]
pub(in super::super) struct Expressions(Mutex<HashMap<Box<str>, Read>>);

/// An expression, or why it is none.
pub(super) type Read = Arc<Result<Expr, SyntaxError>>;

impl Expressions {
    fn read(&self, text: &str) -> Read {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(read) = known.get(text) {
            return Arc::clone(read);
        }
        if known.len() >= MOST {
            known.clear();
        }
        Arc::clone(known.entry(text.into()).or_insert_with(|| Arc::new(parse(text))))
    }
}

/// The rules at one place of a schema and below it.
#[derive(Debug, Default)]
pub(in super::super) struct Rules {
    pub(super) own: Vec<Rule>,
    /// By the field's name, and by its name in expressions.
    pub(super) properties: Vec<(Box<str>, Box<str>, Rules)>,
    /// Those of a list's elements or a map's values.
    pub(super) elements: Option<Box<Rules>>,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) text: Box<str>,
    pub(super) expr: Read,
    pub(super) message: Option<Box<str>>,
    pub(super) message_expr: Option<Read>,
    pub(super) field_path: Vec<Box<str>>,
    pub(super) reason: &'static str,
    pub(super) has_optional_old: bool,
    pub(super) uses_old: bool,
    /// Where it is in the definition.
    pub(super) place: Path,
}

impl Rules {
    /// The rules of a schema at a place of its definition; nothing where it has none.
    pub(in super::super) fn of(schema: &Node, place: Path, expressions: &Expressions) -> Option<Rules> {
        Self::below(schema, place, expressions, 0)
    }

    fn below(schema: &Node, place: Path, expressions: &Expressions, depth: usize) -> Option<Rules> {
        if depth > DEEPEST {
            return None;
        }
        let own = schema.get("x-kubernetes-validations").map_or(&[][..], Node::items);
        let own = own.iter().enumerate().filter_map(|(number, rule)| {
            let place = place.with("x-kubernetes-validations").with(number);
            Rule::read(rule, place, expressions)
        });
        let own: Vec<_> = own.collect();
        let fields = schema.get("properties").map_or(&[][..], Node::entries);
        let properties = fields.iter().filter_map(|entry| {
            let name = &*entry.key.text;
            let place = place.with("properties").with(name);
            Some((name.into(), escaped(name)?.into(), Self::below(&entry.value, place, expressions, depth + 1)?))
        });
        let properties: Vec<_> = properties.collect();
        let elements = ["items", "additionalProperties"].into_iter().find_map(|field| {
            let below = schema.get(field)?;
            Self::below(below, place.with(field), expressions, depth + 1)
        });
        let is_empty = own.is_empty() && properties.is_empty() && elements.is_none();
        (!is_empty).then(|| Rules { own, properties, elements: elements.map(Box::new) })
    }
}

impl Rule {
    fn read(rule: &Node, place: Path, expressions: &Expressions) -> Option<Rule> {
        let text = rule.str_at(&["rule"])?;
        let expr = expressions.read(text);
        let uses_old = expr.as_ref().as_ref().is_ok_and(|expr| expr.uses("oldSelf"));
        let message_expr = rule.str_at(&["messageExpression"]).filter(|text| !text.is_empty());
        Some(Rule {
            text: text.into(),
            expr,
            message: rule.str_at(&["message"]).filter(|text| !text.is_empty()).map(Into::into),
            message_expr: message_expr.map(|text| expressions.read(text)),
            field_path: rule.str_at(&["fieldPath"]).map(field_path).unwrap_or_default(),
            reason: match rule.str_at(&["reason"]) {
                Some("FieldValueForbidden") => "FieldValueForbidden",
                Some("FieldValueRequired") => "FieldValueRequired",
                Some("FieldValueDuplicate") => "FieldValueDuplicate",
                _ => "FieldValueInvalid",
            },
            has_optional_old: rule.get("optionalOldSelf").and_then(Node::as_bool) == Some(true),
            uses_old,
            place,
        })
    }
}

/// The names in a path such as `.spec['a.b'].c`.
fn field_path(text: &str) -> Vec<Box<str>> {
    let mut names = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, after) = if let Some(quoted) = rest.strip_prefix("['") {
            quoted.split_once("']").unwrap_or((quoted, ""))
        } else {
            let plain = rest.strip_prefix('.').unwrap_or(rest);
            plain.split_at(plain.find(['.', '[']).unwrap_or(plain.len()))
        };
        if name.is_empty() && after.len() == rest.len() {
            break;
        }
        names.push(name.into());
        rest = after;
    }
    names
}
