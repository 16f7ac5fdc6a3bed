//! The field that an expression is about.

use kubevet_cel::syntax::{Access, Kind};
use kubevet_cel::{Budget, Expr, Value, evaluate};

use super::scope::Scope;
use crate::objects::{Path, Segment};

/// The field of the object that the failing part of an expression names first.
pub(super) fn named_field(expr: &Expr, scope: &Scope<'_>) -> Option<Path> {
    let parts: &[Expr] = match &expr.kind {
        Kind::And(parts) => parts,
        _ => std::slice::from_ref(expr),
    };
    let fails = |part: &&Expr| evaluate(part, scope, &Budget::of(20_000)) != Ok(Value::Bool(true));
    let failing = parts.iter().find(fails)?;
    let mut found: Option<Vec<Segment>> = None;
    failing.walk(&mut |part| {
        if found.is_none() {
            found = fields(part).filter(|fields| !fields.is_empty());
        }
    });
    found.map(Path)
}

/// The fields of `object.a.b`; nothing where it is something else.
fn fields(expr: &Expr) -> Option<Vec<Segment>> {
    match &expr.kind {
        Kind::Ident(name) => (&**name == "object").then(Vec::new),
        Kind::Select(of, field, Access::Plain | Access::Optional | Access::Test) => {
            let mut fields = fields(of)?;
            fields.push(Segment::from(&**field));
            Some(fields)
        }
        _ => None,
    }
}
