//! Kubernetes' and CEL's methods of lists, and sets.

use std::cmp::Ordering;

use super::{Budget, Evaluated, error, kubernetes, no_overload, texts};
use crate::value::{List, Value};

/// Whether lists have such a method here.
pub(super) fn has(name: &str) -> bool {
    matches!(
        name,
        "isSorted"
            | "sum"
            | "min"
            | "max"
            | "indexOf"
            | "lastIndexOf"
            | "join"
            | "contains"
            | "distinct"
            | "flatten"
            | "reverse"
            | "slice"
            | "sort"
            | "first"
            | "last"
    )
}

pub(super) fn method(name: &str, list: &List, args: &[Value], budget: &Budget) -> Evaluated {
    let items = &list.items;
    match (name, args) {
        ("isSorted", []) => {
            for pair in items.windows(2) {
                match pair[0].compare(&pair[1]) {
                    Some(Ordering::Greater) => return Ok(Value::Bool(false)),
                    Some(_) => {}
                    None => return no_overload(name),
                }
            }
            Ok(Value::Bool(true))
        }
        ("sum", []) => {
            let Some(first) = items.first() else { return Ok(Value::Int(0)) };
            items[1..].iter().try_fold(first.clone(), |sum, item| super::operators::binary(crate::syntax::Op::Add, &sum, item, budget))
        }
        ("min" | "max", []) => {
            let wanted = if name == "min" { Ordering::Less } else { Ordering::Greater };
            let Some(mut best) = items.first() else { return error(format!("{name} called on empty list")) };
            for item in &items[1..] {
                match item.compare(best) {
                    Some(ordering) if ordering == wanted => best = item,
                    Some(_) => {}
                    None => return no_overload(name),
                }
            }
            Ok(best.clone())
        }
        ("indexOf", [item]) => Ok(place(items.iter().position(|known| known == item))),
        ("lastIndexOf", [item]) => Ok(place(items.iter().rposition(|known| known == item))),
        ("join", _) => texts::join(items, args, budget),
        _ => kubernetes::call(name, Some(&Value::List(std::sync::Arc::new(list.clone()))), args, budget),
    }
}

fn place(found: Option<usize>) -> Value {
    Value::Int(found.map_or(-1, |at| at as i64))
}

/// `sets.contains`, `sets.equivalent` and `sets.intersects`.
pub(super) fn sets(name: &str, a: &List, b: &List, budget: &Budget) -> Evaluated {
    budget.charge(a.items.len().saturating_mul(b.items.len()))?;
    let covers = |of: &List, items: &List| items.items.iter().all(|item| of.items.contains(item));
    Ok(Value::Bool(match name {
        "sets.contains" => covers(a, b),
        "sets.equivalent" => covers(a, b) && covers(b, a),
        _ => a.items.iter().any(|item| b.items.contains(item)),
    }))
}
