//! Evaluates many rules at once: the engine forgets everything between two queries, and rules share most of what they compute.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::bounds::Whom;
use super::rule::Rule;

/// The key of the input that holds the environment.
pub(super) const ENVIRONMENT: &str = "environment";

/// The generated package, which no policy of ours or of conftest's has.
pub(super) const PACKAGE: &str = "kubevet_batch";

/// A query that asks nothing.
pub(super) const NOTHING: &str = "data.kubevet_batch.nothing";

/// Bytes of a module; the engine refuses files of 20,000 lines and of a MiB.
const LONGEST: usize = 1 << 18;

fn header() -> String {
    format!("package {PACKAGE}\n\nimport rego.v1\n\n")
}

/// Defines [`NOTHING`].
pub(super) fn nothing_policy() -> String {
    format!("{}nothing := []\n", header())
}

/// A query for each list of rules that is to be evaluated together.
#[derive(Clone, Debug, Default)]
pub(super) struct Batches {
    queries: HashMap<Vec<usize>, (Whom, String)>,
    /// The modules that define the queries.
    pub(super) modules: Vec<String>,
}

impl Batches {
    /// Makes a query for each of the lists.
    pub(super) fn new<'q>(rules: &[Rule], lists: impl IntoIterator<Item = &'q Vec<usize>>) -> Self {
        let mut batches = Self { queries: HashMap::new(), modules: vec![nothing_policy()] };
        for list in lists {
            let number = batches.queries.len();
            if batches.queries.contains_key(list) {
                continue;
            }
            let together = together(rules, list);
            if together.is_empty() {
                continue;
            }
            let mut definition = format!("\nq{number} := [\n");
            for at in together {
                for query in rules[at].queries() {
                    let _ = writeln!(definition, "\t[{at}, {query}],");
                }
            }
            definition.push_str("]\n");
            match batches.modules.last_mut().filter(|module| module.len() + definition.len() < LONGEST) {
                Some(module) => module.push_str(&definition),
                None => batches.modules.push(header() + &definition),
            }
            batches.queries.insert(list.clone(), (whom(rules, list), format!("data.{PACKAGE}.q{number}")));
        }
        batches
    }

    /// All rules that are in a query.
    pub(super) fn rules(&self) -> BTreeSet<usize> {
        self.queries.keys().flatten().copied().collect()
    }

    /// The Rego rule that gives the results of a list, `[[rule, results], …]`, and whom to blame for it.
    pub(super) fn query(&self, list: &[usize]) -> Option<&(Whom, String)> {
        self.queries.get(list)
    }
}

/// Those of a list that a query can cover: nothing is known of the shape of rules that were not written for kubevet.
pub(super) fn together(rules: &[Rule], list: &[usize]) -> Vec<usize> {
    list.iter().copied().filter(|at| !rules[*at].is_foreign()).collect()
}

/// Whom to blame where a query of many rules takes too much: those that the binary doesn't know.
fn whom(rules: &[Rule], list: &[usize]) -> Whom {
    let unknown: Vec<&Rule> = together(rules, list).into_iter().map(|at| &rules[at]).filter(|rule| rule.file.known.is_none()).collect();
    match unknown.as_slice() {
        [] => Whom { name: "the rules of kubevet".into(), place: None },
        [rule] => rule.whom(),
        several => {
            let ids: Vec<&str> = several.iter().map(|rule| rule.id.as_str()).collect();
            Whom { name: format!("one of the rules {}", ids.join(", ")).into(), place: None }
        }
    }
}

/// The package of [`environment_policy`].
pub(super) const ENVIRONMENT_PACKAGE: &str = "environment";

/// `data.environment`, read from the input, so that one engine serves all environments: data that changes is analysed anew with all policies.
pub(super) fn environment_policy() -> String {
    format!(
        "package {ENVIRONMENT_PACKAGE}\n\nimport rego.v1\n\nname := input[\"{ENVIRONMENT}\"].name\n\nparameters := input[\"{ENVIRONMENT}\"].parameters\n"
    )
}
