//! Amounts of resources by name.

use std::collections::BTreeMap;

use kustomize::Node;

use crate::schema::format::quantity::Quantity;

/// Amounts by resource: `cpu`, `memory`, `ephemeral-storage` …
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Amounts(pub(super) BTreeMap<String, Quantity>);

impl Amounts {
    /// Reads a map of quantities; what is no quantity is left out, the API server refuses it.
    pub(super) fn read(node: Option<&Node>) -> Self {
        let entries = node.map_or(&[][..], Node::entries).iter();
        Amounts(entries.filter_map(|entry| Some((entry.key.text.to_string(), quantity(&entry.value)?))).collect())
    }

    pub(super) fn get(&self, resource: &str) -> Option<Quantity> {
        self.0.get(resource).copied()
    }

    /// Takes over what this one lacks.
    pub(super) fn default_to(&mut self, other: &Amounts) {
        for (resource, amount) in &other.0 {
            self.0.entry(resource.clone()).or_insert(*amount);
        }
    }

    /// Adds amounts, resource by resource.
    pub(super) fn add(&mut self, other: &Amounts, times: i64) {
        for (resource, amount) in &other.0 {
            let sum = self.0.entry(resource.clone()).or_default();
            *sum = sum.plus(amount.times(times));
        }
    }

    /// Keeps the greater amount of each resource.
    pub(super) fn at_least(&mut self, other: &Amounts) {
        for (resource, amount) in &other.0 {
            let own = self.0.entry(resource.clone()).or_default();
            *own = (*own).max(*amount);
        }
    }
}

/// A scalar as a quantity.
pub(crate) fn quantity(node: &Node) -> Option<Quantity> {
    Quantity::parse(node.text()?).ok()
}

/// An amount as people write it: `1500m` or `2` of cpu, `512Mi` of memory, a plain number of anything else.
pub(crate) fn display(resource: &str, amount: Quantity) -> String {
    const MEBI: i128 = 1 << 20;
    let milli = amount.milli();
    let whole = milli / 1000 + i128::from(milli % 1000 > 0);
    let bytes = ["memory", "storage"].iter().any(|kind| resource.ends_with(kind));
    match () {
        () if resource.ends_with("cpu") && milli % 1000 != 0 => format!("{milli}m"),
        () if bytes && whole >= MEBI && whole % (1024 * MEBI) == 0 => format!("{}Gi", whole / (1024 * MEBI)),
        () if bytes && whole >= MEBI => format!("{}Mi", whole.div_euclid(MEBI) + i128::from(whole % MEBI > 0)),
        () => whole.to_string(),
    }
}
