//! The kinds that rules name: one that nothing serves is misspelt, or not known here.

use std::collections::BTreeSet;

use kubevet_facts::references::products::Products;
use kubevet_facts::schema::{self, Definitions};

use crate::policy::{Catalog, Rule};
use crate::problem::{Problem, invalid, suggest};

/// How many mistakes are worth a word each.
const MOST: usize = 10;

/// A word on each kind that a rule of the project names and that neither Kubernetes nor a definition or table of the project has.
pub(super) fn unknown(catalog: &Catalog, crds: &Definitions, products: &Products) -> Vec<Problem> {
    let (own, known): (Vec<&Rule>, Vec<&Rule>) = catalog.rules.iter().partition(|rule| rule.is_of_project());
    if own.iter().all(|rule| rule.kinds.is_empty()) {
        return Vec::new();
    }
    let mut kinds: BTreeSet<&str> = known.iter().flat_map(|rule| &rule.kinds).map(String::as_str).collect();
    kinds.extend(crds.kinds().chain(products.kinds()));
    for kind in schema::kinds() {
        kinds.insert(kind);
    }
    let named = own.iter().flat_map(|rule| rule.kinds.iter().map(move |kind| (rule, kind)));
    let unknown = named.filter(|(_, kind)| !kinds.contains(kind.as_str()));
    let problem = |(rule, kind): (&&Rule, &String)| {
        let error = invalid(format!("rule {} judges the kind {kind}, which no known Kubernetes version serves", rule.id));
        let meant = suggest(kind, kinds.iter().copied().filter(|kind| !kind.ends_with("List")));
        let help = match meant.starts_with("did you mean") {
            true => meant,
            false => "correct it, or put the CustomResourceDefinition of that kind into policies/schemas".to_owned(),
        };
        Problem::warning("unknown-kind", error.at(rule.place_of(kind)).help(help))
    };
    unknown.take(MOST).map(problem).collect()
}
