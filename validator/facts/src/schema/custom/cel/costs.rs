//! What the rules of a definition cost the server at most, and how much they may (`apiextensions/validation/cel_validation.go`).

use std::cell::Cell;

use kustomize::Node;

use crate::schema::cursor::At;

/// The largest request that the server takes, in bytes, which bounds what a schema does not.
pub(super) const LARGEST_REQUEST: u64 = 3 << 20;

/// The most that one expression may cost, in the server's units.
const MOST: u64 = 10_000_000;

/// The most that all expressions of a version may cost.
const MOST_OF_ALL: u64 = 100_000_000;

/// How many times what a schema describes may be in one object, if its lists and maps bound that.
#[derive(Clone, Copy, Debug)]
pub(in crate::schema) struct Repeats(Option<u64>);

impl Repeats {
    /// That of the root.
    pub(in crate::schema) const ONCE: Repeats = Repeats(Some(1));

    /// That of what is below a schema.
    pub(in crate::schema) fn below(self, schema: At<'_>) -> Repeats {
        let most = |field| schema.get(field).node().and_then(Node::as_i64).map(|most| u64::try_from(most).unwrap_or(0));
        let times = match schema.get("type").str() {
            "object" if schema.get("additionalProperties").exists() => most("maxProperties"),
            "array" => most("maxItems"),
            _ => Some(1),
        };
        Repeats(self.0.zip(times).map(|(own, times)| own.saturating_mul(times)))
    }

    /// The number for values of at least so many bytes: where nothing bounds it, what fits into a request.
    pub(super) fn of(self, smallest: u64) -> u64 {
        self.0.unwrap_or(LARGEST_REQUEST / (smallest + 1))
    }
}

/// What the rules of a version cost.
#[derive(Debug, Default)]
pub(in crate::schema) struct Costs {
    total: Cell<u64>,
    is_one_too_high: Cell<bool>,
}

impl Costs {
    /// Counts what an expression costs at most.
    pub(super) fn observe(&self, expression: At<'_>, cost: u64) {
        self.total.set(self.total.get().saturating_add(cost));
        if cost > MOST {
            self.is_one_too_high.set(true);
            expression.forbidden(format!("is estimated to cost {} what an expression may: {HELP}", over(cost, MOST)));
        }
    }

    /// Reports that all expressions together cost too much, unless that is because of one that costs too much by itself.
    pub(in crate::schema) fn check_total(&self, schema: At<'_>) {
        let total = self.total.get();
        if total > MOST_OF_ALL && !self.is_one_too_high.get() {
            let over = over(total, MOST_OF_ALL);
            schema.forbidden(format!("has rules that are estimated to cost {over} what those of one version may: {HELP}"));
        }
    }
}

const HELP: &str = "make it simpler, or bound the lists, maps and texts that it looks at with maxItems, maxProperties and maxLength";

fn over(cost: u64, most: u64) -> String {
    match cost as f64 / most as f64 {
        factor if factor > 100.0 => "more than 100 times".into(),
        factor if factor < 1.5 => format!("{factor:.3} times"),
        factor => format!("{factor:.1} times"),
    }
}
