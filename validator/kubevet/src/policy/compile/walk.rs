//! Every term of a rule.

use super::{Body, Kind, Rule, Stmt, StmtKind, Term};

/// Calls `visit` for the terms of a rule, from outside to inside. What a reference begins with is visited by itself only where it is no name: `a.b` is
/// one term, and so is `a[f(x)].c` beside `f(x)`.
pub(crate) fn terms(rule: &mut Rule, visit: &mut dyn FnMut(&mut Term)) {
    let head = &mut rule.head;
    if let Kind::Ref(_, parts) = &mut head.name.kind {
        all(parts, visit);
    }
    head.arguments.iter_mut().for_each(|arguments| all(arguments, visit));
    head.element.iter_mut().for_each(|element| term(element, visit));
    for branch in &mut rule.branches {
        branch.value.iter_mut().for_each(|value| term(value, visit));
        branch.body.iter_mut().for_each(|statements| body(statements, visit));
    }
}

fn all(terms: &mut [Term], visit: &mut dyn FnMut(&mut Term)) {
    terms.iter_mut().for_each(|one| term(one, visit));
}

fn body(statements: &mut Body, visit: &mut dyn FnMut(&mut Term)) {
    statements.iter_mut().for_each(|one| statement(one, visit));
}

/// The same for the terms of a statement.
pub(crate) fn statement(statement: &mut Stmt, visit: &mut dyn FnMut(&mut Term)) {
    match &mut statement.kind {
        StmtKind::Term(one) => term(one, visit),
        StmtKind::Declare(left, right) | StmtKind::Unify(left, right) => {
            term(left, visit);
            term(right, visit);
        }
        StmtKind::Some(variables) => all(variables, visit),
        StmtKind::SomeIn(key, value, collection) => {
            key.iter_mut().for_each(|key| term(key, visit));
            term(value, visit);
            term(collection, visit);
        }
        StmtKind::Every(key, value, domain, inner) => {
            key.iter_mut().for_each(|key| term(key, visit));
            term(value, visit);
            term(domain, visit);
            body(inner, visit);
        }
    }
    for with in &mut statement.with {
        term(&mut with.target, visit);
        term(&mut with.value, visit);
    }
}

fn term(one: &mut Term, visit: &mut dyn FnMut(&mut Term)) {
    visit(one);
    match &mut one.kind {
        Kind::Const(_) | Kind::Var(_) => {}
        Kind::Ref(head, parts) => {
            if !matches!(head.kind, Kind::Var(_)) {
                term(head, visit);
            }
            all(parts, visit);
        }
        Kind::Call(function, arguments) => {
            term(function, visit);
            all(arguments, visit);
        }
        Kind::Infix(_, left, right) => {
            term(left, visit);
            term(right, visit);
        }
        Kind::Member(key, value, collection) => {
            key.iter_mut().for_each(|key| term(key, visit));
            term(value, visit);
            term(collection, visit);
        }
        Kind::Array(terms) | Kind::Set(terms) | Kind::Template(terms) => all(terms, visit),
        Kind::Object(entries) => entries.iter_mut().for_each(|(key, value)| {
            term(key, visit);
            term(value, visit);
        }),
        Kind::ArrayOf(value, inner) | Kind::SetOf(value, inner) => {
            term(value, visit);
            body(inner, visit);
        }
        Kind::ObjectOf(key, value, inner) => {
            term(key, visit);
            term(value, visit);
            body(inner, visit);
        }
    }
}
