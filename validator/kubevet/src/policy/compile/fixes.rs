//! Rules without the fixes that they offer, for whom only wants to know what is wrong: to make a fix takes as long as to find what it mends.

use std::collections::BTreeSet;

use super::names::{declared, deep, defined, everywhere, variables};
use super::{Body, Import, Kind, Module, Rule, StmtKind, walk};

/// Takes the fixes out of the results of a module's rules, and out of the bodies what only they need.
pub(crate) fn remove(module: &mut Module) {
    let imports = module.imports.iter().filter_map(Import::name);
    let documents = ["input", "data"].map(str::to_owned);
    let globals: BTreeSet<String> = defined(module).map(str::to_owned).chain(imports).chain(documents).collect();
    module.rules.iter_mut().for_each(|rule| of_rule(rule, &globals));
}

fn of_rule(rule: &mut Rule, globals: &BTreeSet<String>) {
    let mut unneeded = BTreeSet::new();
    walk::terms(rule, &mut |term| {
        let Kind::Object(entries) = &mut term.kind else { return };
        let is_result = entries.iter().any(|(key, _)| key.as_text().as_deref() == Some("msg"));
        entries.retain(|(key, value)| {
            let is_fix = is_result && key.as_text().as_deref() == Some("fix");
            if is_fix {
                deep(value, &mut unneeded);
            }
            !is_fix
        });
    });
    let mut known = globals.clone();
    rule.head.arguments.iter().flatten().for_each(|argument| variables(argument, &mut known));
    let mut of_head = BTreeSet::new();
    rule.head.element.iter().for_each(|element| deep(element, &mut of_head));
    for branch in &mut rule.branches {
        let mut used = of_head.clone();
        branch.value.iter().for_each(|value| deep(value, &mut used));
        branch.body.iter_mut().for_each(|body| tidy(body, &used, &known, unneeded.clone()));
    }
}

/// Takes out of a body the variables that nothing uses any more, and then what only they were made of. What a variable is made of stays where it
/// may be what gives another one its values: `volumes[i]` goes through all of them.
fn tidy(body: &mut Body, used: &BTreeSet<String>, known: &BTreeSet<String>, mut unneeded: BTreeSet<String>) {
    loop {
        let is_idle = |at: usize| {
            let StmtKind::Declare(left, value) = &body[at].kind else { return false };
            let Kind::Var(name) = &left.kind else { return false };
            let (before, behind) = (&body[..at], &body[at + 1..]);
            let mut others = used.clone();
            everywhere(before, &mut others);
            everywhere(behind, &mut others);
            let mut parts = BTreeSet::new();
            deep(value, &mut parts);
            let given = declared(before);
            unneeded.contains(name) && !others.contains(name) && parts.iter().all(|part| known.contains(part) || given.contains(part))
        };
        let Some(at) = (0..body.len()).find(|at| is_idle(*at)) else { return };
        if let StmtKind::Declare(_, value) = body.remove(at).kind {
            deep(&value, &mut unneeded);
        }
    }
}
