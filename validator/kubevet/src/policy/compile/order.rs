//! Brings the statements of a body into a form and an order that the engine understands, which OPA doesn't ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{At, Body, Kind, Mistake, Op, Stmt, StmtKind, Term};
use super::names::{self, bindable, fixed};

/// `[a, b] = [c, d]` is `a = c; b = d`: patterns on both sides may have variables of each other. `is_known` tells which variables outer bodies have.
pub(super) fn split(body: Body, is_known: &dyn Fn(&str) -> bool) -> Result<Body, Mistake> {
    let mut done = Vec::with_capacity(body.len());
    let first = body.first().map(|statement| statement.at);
    let mut known = fixed(&body);
    for statement in body {
        one_way(&statement, &|name| is_known(name) || known.contains(name))?;
        bindable(&statement, &mut known);
        split_one(statement, &mut done);
    }
    if let (true, Some(at)) = (done.is_empty(), first) {
        let always = Term::new(at, Kind::Const("true".to_owned()));
        done.push(Stmt { at, is_negated: false, kind: StmtKind::Term(always), with: Vec::new() });
    }
    Ok(done)
}

/// Refuses `[a, b] = [c, a.d]` where nothing before gives `a` its value: whatever the values are, OPA finds it undefined.
fn one_way(statement: &Stmt, is_known: &dyn Fn(&str) -> bool) -> Result<(), Mistake> {
    let StmtKind::Unify(left, right) = &statement.kind else { return Ok(()) };
    let mut names = BTreeSet::new();
    [left, right].into_iter().for_each(|side| names::variables(side, &mut names));
    names.retain(|name| !is_known(name));
    match [left, right].into_iter().find_map(|side| begun_with(side, &names)) {
        Some((at, name)) => {
            let mistake = Mistake::new(at, format!("{name} gets its value from the same `=`"));
            Err(mistake.help(format!("give {name} its value in a line before")))
        }
        None => Ok(()),
    }
}

/// What in a pattern begins with one of the variables and goes on.
fn begun_with<'a>(pattern: &'a Term, names: &BTreeSet<String>) -> Option<(At, &'a str)> {
    match &pattern.kind {
        Kind::Ref(..) => names::first(pattern).filter(|name| names.contains(*name)).map(|name| (pattern.at, name)),
        Kind::Array(items) | Kind::Set(items) => items.iter().find_map(|item| begun_with(item, names)),
        Kind::Object(fields) => fields.iter().find_map(|(_, value)| begun_with(value, names)),
        _ => None,
    }
}

/// Refuses a variable that has no value where one is needed: nothing in the body, nor in the terms that it gives, gives it one, or only what needs it itself. OPA
/// calls it unsafe; the engine would find nothing.
pub(super) fn given_values(body: &[Stmt], outputs: &[&Term], is_known: &dyn Fn(&str) -> bool) -> Result<(), Mistake> {
    let mut given = BTreeSet::new();
    outputs.iter().for_each(|output| names::keys(output, &mut given));
    let mut left: Vec<(&Stmt, BTreeSet<String>, BTreeSet<String>)> = Vec::new();
    for statement in body {
        let (mut gives, mut needs) = (BTreeSet::new(), BTreeSet::new());
        if !statement.is_negated {
            if !matches!(statement.kind, StmtKind::Some(_)) {
                bindable(statement, &mut gives);
                gives.extend(fixed(std::slice::from_ref(statement)));
            }
            names::each_term(statement, &mut |term| names::keys(term, &mut gives));
        }
        needed(statement, &mut needs);
        needs.retain(|name| name != "_" && !gives.contains(name) && !is_known(name));
        left.push((statement, needs, gives));
    }
    loop {
        let before = left.len();
        left.retain(|(_, needs, gives)| {
            let is_ready = needs.is_subset(&given);
            if is_ready {
                given.extend(gives.iter().cloned());
            }
            !is_ready
        });
        if left.len() == before {
            break;
        }
    }
    let open = |(statement, needs, _): &(&Stmt, BTreeSet<String>, BTreeSet<String>)| {
        Some((statement.at, needs.difference(&given).next()?.clone()))
    };
    match left.iter().find_map(open) {
        None => Ok(()),
        Some((at, name)) => {
            let mistake = Mistake::new(at, format!("the variable {name} has no value"));
            Err(mistake
                .help(format!("give {name} its value with `:=` or `some … in`, not by way of this line; OPA calls such a variable unsafe")))
        }
    }
}

/// The variables that must have values before a statement can be evaluated, unless it finds them as keys.
fn needed(statement: &Stmt, names: &mut BTreeSet<String>) {
    match &statement.kind {
        // Either side may give the other one its values.
        StmtKind::Unify(left, right) => [left, right].into_iter().for_each(|side| within_pattern(side, names)),
        StmtKind::Declare(_, right) => of_term(right, names),
        StmtKind::Term(Term { kind: Kind::Call(_, arguments), .. }) => {
            // The last one may take the result.
            if let Some((last, others)) = arguments.split_last() {
                others.iter().for_each(|argument| of_term(argument, names));
                if statement.is_negated { of_term(last, names) } else { within_pattern(last, names) }
            }
        }
        StmtKind::Term(term) => of_term(term, names),
        StmtKind::Some(_) => {}
        StmtKind::SomeIn(_, _, collection) => of_term(collection, names),
        StmtKind::Every(_, _, domain, _) => of_term(domain, names),
    }
    statement.with.iter().for_each(|with| of_term(&with.value, names));
}

fn of_term(term: &Term, names: &mut BTreeSet<String>) {
    match &term.kind {
        Kind::Var(name) => drop(names.insert(name.clone())),
        Kind::Ref(head, parts) => {
            of_term(head, names);
            parts.iter().for_each(|part| within_pattern(part, names));
        }
        _ => names::each_child(term, &mut |child| of_term(child, names)),
    }
}

/// What is no variable of a pattern but needs some.
fn within_pattern(pattern: &Term, names: &mut BTreeSet<String>) {
    match &pattern.kind {
        Kind::Var(_) => {}
        Kind::Array(items) | Kind::Set(items) => items.iter().for_each(|item| within_pattern(item, names)),
        Kind::Object(fields) => fields.iter().for_each(|(key, value)| {
            of_term(key, names);
            within_pattern(value, names);
        }),
        _ => of_term(pattern, names),
    }
}

fn split_one(statement: Stmt, done: &mut Body) {
    match statement.kind {
        StmtKind::Unify(Term { kind: Kind::Array(left), .. }, Term { kind: Kind::Array(right), .. })
            if !statement.is_negated && left.len() == right.len() && !left.is_empty() =>
        {
            for (left, right) in std::iter::zip(left, right) {
                let at = left.at.to(right.at);
                split_one(Stmt { at, is_negated: false, kind: StmtKind::Unify(left, right), with: statement.with.clone() }, done);
            }
        }
        StmtKind::Unify(Term { kind: Kind::Var(left), .. }, Term { kind: Kind::Var(right), .. })
            if left == right && left != "_" && !statement.is_negated && statement.with.is_empty() => {}
        kind => done.push(Stmt { kind, ..statement }),
    }
}

/// Where nothing else can give a variable its value, `x = value` is `x := value`. `is_free` tells of which variables the body decides, `is_known` which
/// have values before.
pub(super) fn assign(body: &mut Body, is_free: &dyn Fn(&str) -> bool, is_known: &dyn Fn(&str) -> bool) {
    let fixed = fixed(body);
    let counts = counts(body);
    let is_target = |target: &Term, value: &Term| match &target.kind {
        Kind::Var(name) => {
            let mut used = BTreeSet::new();
            names::deep(value, &mut used);
            let mut patterns = BTreeSet::new();
            names::variables(value, &mut patterns);
            let is_pattern = patterns.iter().any(|name| !is_known(name) && !fixed.contains(name));
            !is_pattern && name != "_" && counts.get(name) == Some(&1) && is_free(name) && !used.contains(name)
        }
        _ => false,
    };
    for statement in body.iter_mut().filter(|statement| !statement.is_negated) {
        if let StmtKind::Unify(left, right) = &statement.kind {
            if is_target(left, right) {
                statement.kind = StmtKind::Declare(left.clone(), right.clone());
            } else if is_target(right, left) {
                statement.kind = StmtKind::Declare(right.clone(), left.clone());
            }
        }
    }
}

/// Where both sides have their values, `a = b` is `a == b`; a variable in a pattern that has one becomes a value. The engine would give it another one.
pub(super) fn compare(body: &mut Body, is_known: &dyn Fn(&str) -> bool) {
    let fixed = fixed(body);
    let has_value = |name: &str| is_known(name) || fixed.contains(name);
    for statement in body.iter_mut() {
        match &mut statement.kind {
            StmtKind::Unify(left, right) => {
                let mut names = BTreeSet::new();
                [&*left, &*right].into_iter().for_each(|side| names::variables(side, &mut names));
                let is_open = names.iter().any(|name| !has_value(name)) || has_wildcard(left) || has_wildcard(right);
                if statement.is_negated || !is_open {
                    let at = left.at.to(right.at);
                    let (left, right) = (Box::new(left.clone()), Box::new(right.clone()));
                    statement.kind = StmtKind::Term(Term::new(at, Kind::Infix(Op("=="), left, right)));
                } else {
                    [left, right].into_iter().for_each(|side| valued(side, &has_value));
                }
            }
            // The engine reads a variable beside a wildcard as one that this statement defines.
            StmtKind::Declare(left, right) if !matches!(left.kind, Kind::Var(_)) => valued(right, &|_| true),
            StmtKind::Term(Term { kind: Kind::Call(_, arguments), .. }) => {
                // The last one may be a pattern; those that give a variable its value are left alone.
                arguments.last_mut().into_iter().for_each(|last| valued(last, is_known));
            }
            _ => {}
        }
    }
}

/// How many statements of a body may give a variable its value.
fn counts(body: &[Stmt]) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for statement in body {
        let mut names = BTreeSet::new();
        bindable(statement, &mut names);
        names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    }
    counts
}

/// The variables that more than one statement of a body may give their values.
pub(super) fn shared(body: &[Stmt]) -> BTreeSet<String> {
    counts(body).into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect()
}

pub(super) fn has_wildcard(pattern: &Term) -> bool {
    match &pattern.kind {
        Kind::Var(name) => name == "_",
        Kind::Array(items) | Kind::Set(items) => items.iter().any(has_wildcard),
        Kind::Object(fields) => fields.iter().any(|(_, value)| has_wildcard(value)),
        _ => false,
    }
}

fn valued(pattern: &mut Term, has_value: &dyn Fn(&str) -> bool) {
    match &mut pattern.kind {
        Kind::Var(name) if name != "_" && has_value(name) => looked_up(pattern),
        Kind::Array(items) => items.iter_mut().for_each(|item| valued(item, has_value)),
        Kind::Object(fields) => fields.iter_mut().for_each(|(_, value)| valued(value, has_value)),
        _ => {}
    }
}

/// Has a variable be a value, where the engine would give it one.
pub(super) fn looked_up(variable: &mut Term) {
    let value = variable.clone();
    variable.kind = Kind::Call(Box::new(internal(value.at, "value")), vec![value]);
}

/// Whether a function is that which makes a variable a value.
pub(super) fn is_look_up(function: &Term) -> bool {
    function.path().is_some_and(|path| path == ["internal", "value"])
}

/// Has the engine evaluate a term only where variables have their values.
pub(super) fn after(term: &mut Term, variables: impl Iterator<Item = String>) {
    let at = term.at;
    let variables: Vec<Term> = variables.map(|name| Term::var(at, name)).collect();
    if !variables.is_empty() {
        let whole = term.clone();
        term.kind = Kind::Call(Box::new(internal(at, "after")), vec![whole, Term::new(at, Kind::Array(variables))]);
    }
}

/// The name of a function that only compiled rules call.
pub(super) fn internal(at: At, name: &str) -> Term {
    Term::new(at, Kind::Ref(Box::new(Term::var(at, "internal")), vec![Term::text(at, name)]))
}

/// Statements come behind those that give values to their variables, and stay where they are as far as they can.
pub(super) fn ordered(body: Body) -> Body {
    let given: Vec<BTreeSet<String>> = body.iter().map(|statement| fixed(std::slice::from_ref(statement))).collect();
    let all: BTreeSet<&String> = given.iter().flatten().collect();
    let needs = |statement: &Stmt, own: &BTreeSet<String>| {
        let mut used = BTreeSet::new();
        names::everywhere(std::slice::from_ref(statement), &mut used);
        used.into_iter().filter(|name| all.contains(name) && !own.contains(name)).collect::<BTreeSet<String>>()
    };
    let needs: Vec<BTreeSet<String>> = std::iter::zip(&body, &given).map(|(statement, own)| needs(statement, own)).collect();
    // The engine declares a variable again each time that it comes by.
    let is_some = |statement: &Stmt| matches!(statement.kind, StmtKind::Some(_));
    let mut done: Body = body.iter().filter(|statement| is_some(statement)).cloned().collect();
    let mut left: Vec<Option<Stmt>> = body.into_iter().map(|statement| (!is_some(&statement)).then_some(statement)).collect();
    let mut have: BTreeSet<&String> = BTreeSet::new();
    loop {
        let is_ready = |at: &usize| left[*at].is_some() && needs[*at].iter().all(|name| have.contains(name));
        // In a circle nothing is ready; the first may be what the engine can do something with.
        let next = (0..left.len()).find(is_ready).or_else(|| left.iter().position(Option::is_some));
        let Some(at) = next else { return done };
        done.extend(left[at].take());
        have.extend(&given[at]);
    }
}
