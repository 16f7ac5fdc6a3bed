//! Keeps the loops of a body one within the other as they are written: they give an array its order. The engine has those first that wait for nothing, and
//! others in the order of the names of their variables.

use std::collections::BTreeSet;

use super::ast::{Body, Kind, Stmt, StmtKind, Term};
use super::names::{bindable, each_child, each_term, everywhere, variables};
use super::order::{after, looked_up};

/// Has each loop wait for the one before. `is_known` tells which variables outer bodies have, `name` gives unused names.
pub(super) fn nested(body: &mut Body, is_known: &dyn Fn(&str) -> bool, name: &mut dyn FnMut() -> String) {
    let mut seen = BTreeSet::new();
    let mut is_loop = |statement: &Stmt| {
        let is_open = |variable: &str| variable == "_" || !(is_known(variable) || seen.contains(variable));
        let found = repeats(statement, &is_open);
        everywhere(std::slice::from_ref(statement), &mut seen);
        found
    };
    let loops: Vec<usize> = (0..body.len()).filter(|at| is_loop(&body[*at])).collect();
    if loops.len() < 2 {
        return;
    }
    let is_new = |variable: &String| variable != "_" && !is_known(variable);
    let (mut last, mut had, mut seen) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (at, statement) in body.iter_mut().enumerate() {
        let mut others = given(statement);
        bindable(statement, &mut others);
        if others.iter().all(|variable| had.contains(variable) || !seen.contains(variable)) {
            each_term_mut(statement, &mut |term| look_up(term, &had));
        }
        if loops.contains(&at) {
            let mut own = given(statement);
            own.retain(is_new);
            if own.is_empty() {
                name_wildcards(statement, name);
                own = given(statement);
                own.retain(is_new);
            }
            // A variable that something before uses may be what that waits for.
            if own.is_disjoint(&seen) {
                wait(statement, &last);
                had.extend(own.iter().cloned());
            }
            last = own;
        }
        everywhere(std::slice::from_ref(statement), &mut seen);
    }
}

/// Has variables that loops before give be values, so that the engine doesn't have those loops here.
fn look_up(term: &mut Term, had: &BTreeSet<String>) {
    match &mut term.kind {
        Kind::Ref(head, parts) => {
            look_up(head, had);
            for part in parts {
                match &part.kind {
                    Kind::Var(name) if had.contains(name) => looked_up(part),
                    _ => look_up(part, had),
                }
            }
        }
        Kind::Call(_, items) | Kind::Array(items) | Kind::Set(items) => items.iter_mut().for_each(|item| look_up(item, had)),
        Kind::Infix(_, left, right) => [left, right].into_iter().for_each(|side| look_up(side, had)),
        Kind::Object(fields) => fields.iter_mut().for_each(|(_, value)| look_up(value, had)),
        _ => {}
    }
}

fn repeats(statement: &Stmt, is_open: &dyn Fn(&str) -> bool) -> bool {
    match &statement.kind {
        _ if statement.is_negated => false,
        StmtKind::SomeIn(..) => true,
        StmtKind::Some(_) | StmtKind::Every(..) => false,
        StmtKind::Term(term) if is_walk(term) => true,
        StmtKind::Term(_) | StmtKind::Declare(..) | StmtKind::Unify(..) => {
            let mut found = false;
            each_term(statement, &mut |term| found |= searches(term, is_open));
            found
        }
    }
}

fn is_walk(term: &Term) -> bool {
    matches!(&term.kind, Kind::Call(function, arguments) if matches!(&function.kind, Kind::Var(name) if name == "walk") && arguments.len() == 2)
}

/// Whether something in brackets of a term takes all keys.
fn searches(term: &Term, is_open: &dyn Fn(&str) -> bool) -> bool {
    let mut found = match &term.kind {
        Kind::Ref(_, parts) => parts.iter().any(|part| has_variable(part, is_open)),
        _ => false,
    };
    each_child(term, &mut |child| found |= searches(child, is_open));
    found
}

fn has_variable(pattern: &Term, is_open: &dyn Fn(&str) -> bool) -> bool {
    match &pattern.kind {
        Kind::Var(name) => is_open(name),
        Kind::Array(items) => items.iter().any(|item| has_variable(item, is_open)),
        _ => false,
    }
}

/// The variables that a loop may give values to.
fn given(statement: &Stmt) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match &statement.kind {
        StmtKind::SomeIn(key, value, _) => key.iter().chain([value]).for_each(|term| variables(term, &mut names)),
        StmtKind::Term(Term { kind: Kind::Call(_, arguments), .. }) => {
            arguments.last().into_iter().for_each(|last| variables(last, &mut names))
        }
        StmtKind::Declare(left, _) => variables(left, &mut names),
        _ => {}
    }
    each_term(statement, &mut |term| keys(term, &mut names));
    names
}

fn keys(term: &Term, names: &mut BTreeSet<String>) {
    if let Kind::Ref(_, parts) = &term.kind {
        parts.iter().for_each(|part| variables(part, names));
    }
    each_child(term, &mut |child| keys(child, names));
}

/// Gives wildcards names, so that something can wait for them.
fn name_wildcards(statement: &mut Stmt, name: &mut dyn FnMut() -> String) {
    each_term_mut(statement, &mut |term| name_within(term, name));
}

fn each_term_mut(statement: &mut Stmt, see: &mut dyn FnMut(&mut Term)) {
    match &mut statement.kind {
        StmtKind::SomeIn(key, value, collection) => key.iter_mut().chain([value, collection]).for_each(see),
        StmtKind::Term(term) => see(term),
        StmtKind::Declare(left, right) | StmtKind::Unify(left, right) => [left, right].into_iter().for_each(see),
        StmtKind::Some(_) | StmtKind::Every(..) => {}
    }
}

fn name_within(term: &mut Term, name: &mut dyn FnMut() -> String) {
    match &mut term.kind {
        Kind::Var(variable) if variable == "_" => *variable = name(),
        Kind::Ref(head, parts) => {
            name_within(head, name);
            parts.iter_mut().for_each(|part| name_within(part, name));
        }
        Kind::Call(_, items) | Kind::Array(items) => items.iter_mut().for_each(|item| name_within(item, name)),
        Kind::Infix(_, left, right) => [left, right].into_iter().for_each(|side| name_within(side, name)),
        Kind::Object(fields) => fields.iter_mut().for_each(|(_, value)| name_within(value, name)),
        _ => {}
    }
}

/// Has a statement wait for variables: one of its terms mentions them.
fn wait(statement: &mut Stmt, variables: &BTreeSet<String>) {
    let term = match &mut statement.kind {
        StmtKind::SomeIn(_, _, collection) => collection,
        StmtKind::Term(term) => match &mut term.kind {
            Kind::Infix(_, left, _) => left,
            Kind::Member(_, _, collection) => collection,
            Kind::Call(_, arguments) => match arguments.first_mut() {
                Some(first) => first,
                None => return,
            },
            _ => term,
        },
        StmtKind::Declare(_, right) => right,
        StmtKind::Unify(left, right) => match (&left.kind, &right.kind) {
            (Kind::Ref(..) | Kind::Call(..), _) => left,
            (_, Kind::Ref(..) | Kind::Call(..)) => right,
            _ => return,
        },
        StmtKind::Some(_) | StmtKind::Every(..) => return,
    };
    after(term, variables.iter().cloned());
}
