//! What rules name and nothing serves: kinds, keys and fields that are misspelt, or not known here.

use std::collections::BTreeSet;

use kubevet_facts::products::Products;
use kubevet_facts::schema::{self, Definitions};
use kubevet_facts::workloads::Workloads;
use kustomize::Error;

use crate::policy::{Catalog, Rule, Scope, embedded_kinds};
use crate::problem::{Problem, invalid, suggest};

/// How many mistakes are worth a word each.
const MOST: usize = 10;

/// A word on each kind, key and field that a rule of the project names and that neither Kubernetes nor a definition or table of the project has.
pub(super) fn unknown(catalog: &Catalog, crds: &Definitions, products: &Products, workloads: &Workloads) -> Vec<Problem> {
    let has_names = |rule: &&Rule| !rule.kinds.is_empty() || !rule.guard.keys.is_empty();
    let own: Vec<&Rule> = catalog.rules.iter().filter(|rule| rule.is_of_project()).filter(has_names).collect();
    if own.is_empty() {
        return Vec::new();
    }
    let built_in: BTreeSet<&str> = schema::kinds().collect();
    let mut kinds: BTreeSet<&str> = crds.kinds().chain(products.kinds()).chain(workloads.kinds()).collect();
    kinds.extend(schema::catalog::all().iter().map(|known| known.kind));
    for kind in built_in.iter().copied().chain(embedded_kinds()) {
        kinds.insert(kind);
    }
    let of_kinds = own.iter().flat_map(|rule| rule.kinds.iter().filter_map(|kind| unknown_kind(rule, kind, &kinds)).take(MOST));
    // Of other kinds nobody knows the fields.
    let is_known = |rule: &&&Rule| !rule.kinds.is_empty() && rule.kinds.iter().all(|kind| built_in.contains(kind.as_str()));
    let of_keys = own.iter().filter(is_known).flat_map(|rule| unknown_keys(rule)).map(|error| Problem::warning("unknown-key", error));
    let of_fields = own.iter().filter(is_known).flat_map(|rule| unknown_fields(rule)).map(|error| Problem::warning("never-there", error));
    of_kinds.chain(of_keys).chain(of_fields).take(MOST * MOST).collect()
}

fn unknown_kind(rule: &Rule, kind: &str, kinds: &BTreeSet<&str>) -> Option<Problem> {
    if kinds.contains(kind) {
        return None;
    }
    let error = invalid(format!("rule {} judges the kind {kind}, which no known Kubernetes version serves", rule.id));
    let meant = suggest(kind, kinds.iter().copied().filter(|kind| !kind.ends_with("List")));
    let help = match meant.starts_with("did you mean") {
        true => meant,
        false => "correct it, or put the CustomResourceDefinition of that kind into policies/schemas".to_owned(),
    };
    Some(Problem::warning("unknown-kind", error.at(rule.place_of(kind)).help(help)))
}

/// Keys may be anything that people choose, so that only what is nearly the name of a field is a mistake.
fn unknown_keys(rule: &Rule) -> Vec<Error> {
    if rule.guard.keys.is_empty() {
        return Vec::new();
    }
    let fields: BTreeSet<&str> = schema::fields().collect();
    let unknown = rule.guard.keys.iter().filter(|key| !fields.contains(key.as_str())).take(MOST);
    let error = |key: &String| {
        let meant = suggest(key, fields.iter().copied());
        let error = invalid(format!("no field is called {key}, without which rule {} is not evaluated", rule.id));
        meant.starts_with("did you mean").then(|| error.at(rule.place_of(key)).help(meant))
    };
    unknown.filter_map(error).collect()
}

fn unknown_fields(rule: &Rule) -> Vec<Error> {
    if rule.scope != Scope::Object {
        return Vec::new();
    }
    let error = |(path, place): (Vec<&str>, kustomize::Place)| {
        let mut missing = None;
        for kind in &rule.kinds {
            missing = missing.max(Some(schema::missing_step(kind, &path)?));
        }
        let (step, known) = missing?;
        let message = format!("input.{} is never there: {} has no such field", path.get(..=step)?.join("."), rule.kinds.join(" or "));
        Some(invalid(message).at(place).help(suggest(path.get(step)?, known)))
    };
    rule.fields_of_input().into_iter().filter_map(error).take(MOST).collect()
}
