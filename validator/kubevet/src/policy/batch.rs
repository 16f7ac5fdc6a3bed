//! Evaluates many rules at once: the engine forgets everything between two queries, and rules share most of what they compute.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use super::catalog::{Catalog, Rule};
use super::metadata::Scope;
use crate::environments::Level;

/// The generated package, which no policy of ours or of conftest's has.
const PACKAGE: &str = "kubevet_batch";

/// The rules that judge one kind of input.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// A Rego rule that gives the results of all `together`: a list of sets of `[rule, results]`.
    pub(super) query: Option<String>,
    /// Rules that the query covers.
    pub(super) together: Vec<(usize, Level)>,
    /// Rules that are asked one by one, because nothing is known of their shape.
    pub(super) alone: Vec<(usize, Level)>,
}

impl Batch {
    /// All of its rules.
    pub(super) fn rules(&self) -> impl Iterator<Item = &(usize, Level)> {
        self.together.iter().chain(&self.alone)
    }
}

/// The batches of an environment.
#[derive(Debug, Default)]
pub(super) struct Batches {
    by_kind: HashMap<String, Batch>,
    other_kinds: Batch,
    /// What judges an overlay as a whole.
    pub(super) overlay: Batch,
    /// The module that defines the queries.
    pub(super) module: String,
}

impl Batches {
    /// Groups the active rules by the inputs that they judge.
    pub(super) fn new(catalog: &Catalog, active: &[(usize, Level)]) -> Self {
        let rule = |at: usize| &catalog.rules[at];
        let mut module = format!("package {PACKAGE}\n\nimport rego.v1\n");
        // One set for each list of kinds, so that a rule stands in the module once.
        let mut groups: BTreeMap<(bool, &[String]), usize> = BTreeMap::new();
        for (at, _) in active.iter().filter(|(at, _)| !rule(*at).is_foreign()) {
            let next = groups.len();
            let group = *groups.entry((rule(*at).scope == Scope::Overlay, &rule(*at).kinds)).or_insert(next);
            for entry in &rule(*at).entries {
                let _ = write!(module, "\ng{group} contains [{at}, {}]\n", entry.query);
            }
        }
        let mut queries = 0;
        let mut batch = |judges: &dyn Fn(&Rule) -> bool| {
            let rules = active.iter().copied().filter(|(at, _)| judges(rule(*at)));
            let (alone, together): (Vec<_>, Vec<_>) = rules.partition(|(at, _)| rule(*at).is_foreign());
            let sets: BTreeSet<usize> = together
                .iter()
                .filter_map(|(at, _)| groups.get(&(rule(*at).scope == Scope::Overlay, rule(*at).kinds.as_slice())).copied())
                .collect();
            let query = (!sets.is_empty()).then(|| {
                let sets = sets.iter().map(|group| format!("g{group}")).collect::<Vec<_>>().join(", ");
                let _ = write!(module, "\nq{queries} := [{sets}]\n");
                queries += 1;
                format!("data.{PACKAGE}.q{}", queries - 1)
            });
            Batch { query, together, alone }
        };
        let named: BTreeSet<&String> = active.iter().flat_map(|(at, _)| &rule(*at).kinds).collect();
        let object = |rule: &Rule| rule.scope == Scope::Object;
        let by_kind = named
            .into_iter()
            .map(|kind| (kind.clone(), batch(&|rule| object(rule) && (rule.kinds.is_empty() || rule.kinds.contains(kind)))))
            .collect();
        let other_kinds = batch(&|rule| object(rule) && rule.kinds.is_empty());
        let overlay = batch(&|rule| rule.scope == Scope::Overlay);
        Self { by_kind, other_kinds, overlay, module }
    }

    /// What judges an object of that kind.
    pub(super) fn of_kind(&self, kind: &str) -> &Batch {
        self.by_kind.get(kind).unwrap_or(&self.other_kinds)
    }
}
