//! Evaluates many rules at once: the engine forgets everything between two queries, and rules share most of what they compute.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use super::catalog::Rule;
use super::metadata::Scope;

/// The key of the input that holds the environment.
pub(super) const ENVIRONMENT: &str = "$environment";

/// The generated package, which no policy of ours or of conftest's has.
const PACKAGE: &str = "kubevet_batch";

/// The rules that judge one kind of input.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// A Rego rule that gives the results of all `together`: a list of sets of `[rule, results]`.
    pub(super) query: Option<String>,
    /// Rules that the query covers.
    pub(super) together: Vec<usize>,
    /// Rules that are asked one by one, because nothing is known of their shape.
    pub(super) alone: Vec<usize>,
}

impl Batch {
    /// All of its rules.
    pub(super) fn rules(&self) -> impl Iterator<Item = usize> {
        self.together.iter().chain(&self.alone).copied()
    }
}

/// The batches of all rules, whatever their levels are: those that are off are evaluated in vain, and the policies are analysed once.
#[derive(Debug, Default)]
pub(super) struct Batches {
    by_kind: HashMap<String, Batch>,
    other_kinds: Batch,
    /// What judges an overlay as a whole.
    pub(super) overlay: Batch,
    /// What compares it with other environments.
    pub(super) environments: Batch,
    /// The module that defines the queries.
    pub(super) module: String,
}

impl Batches {
    /// Groups the rules by the inputs that they judge.
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut module = format!("package {PACKAGE}\n\nimport rego.v1\n");
        // One set for each list of kinds, so that a rule stands in the module once.
        let mut groups: BTreeMap<(Scope, &[String]), usize> = BTreeMap::new();
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| !rule.is_foreign()) {
            let next = groups.len();
            let group = *groups.entry((rule.scope, &rule.kinds)).or_insert(next);
            for entry in &rule.entries {
                let _ = write!(module, "\ng{group} contains [{at}, {}]\n", entry.query);
            }
        }
        let mut queries = 0;
        let mut batch = |judges: &dyn Fn(&Rule) -> bool| {
            let chosen = (0..rules.len()).filter(|at| judges(&rules[*at]));
            let (alone, together): (Vec<_>, Vec<_>) = chosen.partition(|at| rules[*at].is_foreign());
            let group = |at: &usize| groups.get(&(rules[*at].scope, rules[*at].kinds.as_slice())).copied();
            let sets: BTreeSet<usize> = together.iter().filter_map(group).collect();
            let query = (!sets.is_empty()).then(|| {
                let sets = sets.iter().map(|group| format!("g{group}")).collect::<Vec<_>>().join(", ");
                let _ = write!(module, "\nq{queries} := [{sets}]\n");
                queries += 1;
                format!("data.{PACKAGE}.q{}", queries - 1)
            });
            Batch { query, together, alone }
        };
        let named: BTreeSet<&String> = rules.iter().flat_map(|rule| &rule.kinds).collect();
        let object = |rule: &Rule| rule.scope == Scope::Object;
        let by_kind = named
            .into_iter()
            .map(|kind| (kind.clone(), batch(&|rule| object(rule) && (rule.kinds.is_empty() || rule.kinds.contains(kind)))))
            .collect();
        let other_kinds = batch(&|rule| object(rule) && rule.kinds.is_empty());
        let overlay = batch(&|rule| rule.scope == Scope::Overlay);
        let environments = batch(&|rule| rule.scope == Scope::Environments);
        Self { by_kind, other_kinds, overlay, environments, module }
    }

    /// What judges an object of that kind.
    pub(super) fn of_kind(&self, kind: &str) -> &Batch {
        self.by_kind.get(kind).unwrap_or(&self.other_kinds)
    }
}

/// `data.environment`, read from the input, so that one engine serves all environments: data that changes is analysed anew with all policies.
pub(super) fn environment_policy() -> String {
    format!(
        "package environment\n\nimport rego.v1\n\nname := input[\"{ENVIRONMENT}\"].name\n\nparameters := input[\"{ENVIRONMENT}\"].parameters\n"
    )
}
