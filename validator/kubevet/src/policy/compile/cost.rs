//! What the engine's parser takes for a module: it reads what may be a comprehension twice, at each level of brackets again.

use super::ast::{Body, Kind, Mistake, Module, Stmt, StmtKind, Term};

/// Looks at words that a module may take. Few take more than twice their words.
const MOST: u64 = 1 << 22;

/// Refuses a module that the engine would not get done with.
pub(super) fn check(module: &Module) -> Result<(), Mistake> {
    let mut sum: u64 = 0;
    for rule in &module.rules {
        let values = rule.branches.iter().filter_map(|branch| branch.value.as_ref());
        let terms = std::iter::once(&rule.head.name).chain(rule.head.arguments.iter().flatten()).chain(&rule.head.element).chain(values);
        sum = terms.map(of_term).chain(rule.branches.iter().flat_map(|branch| &branch.body).map(of_body)).fold(sum, u64::saturating_add);
        if sum > MOST {
            let help = "give inner values names of their own";
            return Err(Mistake::new(rule.at, "brackets are nested too deep in this rule").help(help));
        }
    }
    Ok(())
}

fn sum(terms: &[Term]) -> u64 {
    terms.iter().map(of_term).fold(0, u64::saturating_add)
}

fn of_body(body: &Body) -> u64 {
    body.iter().map(of_statement).fold(0, u64::saturating_add)
}

fn of_statement(statement: &Stmt) -> u64 {
    let kind = match &statement.kind {
        // What it begins with may be the left of an assignment.
        StmtKind::Term(term) => of_term(term).saturating_mul(2),
        StmtKind::Declare(left, right) | StmtKind::Unify(left, right) => of_term(left).saturating_add(of_term(right)),
        StmtKind::Some(terms) => sum(terms),
        StmtKind::SomeIn(key, value, collection) => key.iter().chain([value, collection]).map(of_term).fold(0, u64::saturating_add),
        StmtKind::Every(_, _, domain, body) => of_term(domain).saturating_add(of_body(body)),
    };
    statement.with.iter().map(|with| of_term(&with.value)).fold(kind, u64::saturating_add)
}

fn of_term(term: &Term) -> u64 {
    let inner = match &term.kind {
        Kind::Const(_) | Kind::Var(_) => 0,
        Kind::Ref(head, parts) => of_term(head).saturating_add(sum(parts)),
        Kind::Call(_, arguments) => sum(arguments),
        Kind::Infix(_, left, right) => of_term(left).saturating_add(of_term(right)),
        Kind::Member(key, value, collection) => {
            key.iter().chain([value, collection]).map(|term| of_term(term)).fold(0, u64::saturating_add)
        }
        Kind::Array(items) | Kind::Set(items) | Kind::Template(items) => match items.split_first() {
            Some((first, rest)) => of_term(first).saturating_mul(2).saturating_add(sum(rest)),
            None => 0,
        },
        Kind::Object(fields) => {
            let mut sum: u64 = 0;
            for (at, (key, value)) in fields.iter().enumerate() {
                let field = of_term(key).saturating_add(of_term(value));
                sum = sum.saturating_add(if at == 0 { field.saturating_mul(2) } else { field });
            }
            sum
        }
        Kind::ArrayOf(item, body) | Kind::SetOf(item, body) => of_term(item).saturating_add(of_body(body)),
        Kind::ObjectOf(key, value, body) => of_term(key).saturating_mul(2).saturating_add(of_term(value)).saturating_add(of_body(body)),
    };
    inner.saturating_add(1)
}
