//! Tells without asking a rule that it has nothing to find: most rules look for something that most objects don't have.

use std::collections::{HashMap, HashSet};

use aho_corasick::AhoCorasick;
use kustomize::{Error, Node, Value as Tree};
use regorus::Value;

use super::batch::ENVIRONMENT;
use super::metadata::Scope;
use super::notes::kind_names;
use super::rule::Rule;
use super::value;
use crate::problem::invalid;

/// What the paths in `needs` may begin with.
const INPUT_PATHS: [&str; 11] = [
    "facts.admission",
    "facts.capacity",
    "facts.change",
    "facts.coverage",
    "facts.dangling",
    "facts.lost",
    "facts.network",
    "facts.schema",
    "facts.suspect",
    "notes",
    "environment.parameters",
];

/// How a path in `needs` would have to go on where no input has it: such a path would switch a rule off without a word.
pub(super) fn known_paths(path: &str) -> Result<(), String> {
    let (beginning, mut known): (_, Vec<&str>) = match path {
        path if path.starts_with("facts.suspect.") => ("facts.suspect.", kubevet_facts::suspect::names().collect()),
        path if path.starts_with("notes.") => ("notes.", kind_names().collect()),
        _ => ("", INPUT_PATHS.to_vec()),
    };
    known.sort_unstable();
    let rest = path.strip_prefix(beginning).unwrap_or(path);
    let is_known = |known: &&str| rest.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if known.iter().any(is_known) { Ok(()) } else { Err(format!("write one of {beginning}{}", known.join(&format!(", {beginning}")))) }
}

/// Maps whose keys people choose, so that they are texts too.
const FREE: [&str; 5] = ["annotations", "binaryData", "data", "labels", "stringData"];

/// The conditions of all rules, their entries numbered.
#[derive(Debug)]
pub(super) struct Guards {
    /// The rules for objects of each kind that some rule names.
    by_kind: HashMap<String, Vec<usize>>,
    /// The rules for objects of other kinds.
    other_kinds: Vec<usize>,
    /// The rules for an overlay as a whole, with the kinds that it must have.
    overlay: Vec<(usize, Vec<String>)>,
    /// The rules that compare environments.
    environments: Vec<usize>,
    /// The rules that judge changes.
    change: Vec<usize>,
    keys: HashMap<String, usize>,
    texts: AhoCorasick,
    rules: Vec<Guard>,
}

/// One rule's conditions.
#[derive(Debug)]
struct Guard {
    keys: Set,
    texts: Set,
    /// Paths of the input; one of them must hold something.
    needs: Vec<Vec<String>>,
}

/// What a tree has of what rules look for.
#[derive(Clone, Debug, Default)]
pub(super) struct Traits {
    keys: Set,
    texts: Set,
}

impl Traits {
    /// Adds those of another tree.
    pub(super) fn extend(&mut self, other: &Self) {
        self.keys.extend(&other.keys);
        self.texts.extend(&other.texts);
    }
}

impl Guards {
    pub(super) fn new(rules: &[Rule]) -> Result<Self, Error> {
        let mut keys = HashMap::new();
        let mut needles: Vec<&str> = Vec::new();
        let guards = rules.iter().map(|rule| {
            let mut guard = Guard { keys: Set::default(), texts: Set::default(), needs: Vec::new() };
            for key in &rule.guard.keys {
                let next = keys.len();
                guard.keys.insert(*keys.entry(key.clone()).or_insert(next));
            }
            for text in &rule.guard.texts {
                let at = needles.iter().position(|known| known == text).unwrap_or_else(|| {
                    needles.push(text);
                    needles.len() - 1
                });
                guard.texts.insert(at);
            }
            guard.needs = rule.guard.needs.iter().map(|path| input_path(path)).collect();
            guard
        });
        let guards = guards.collect();
        let of_scope = |scope| (0..rules.len()).filter(move |at| rules[*at].scope == scope);
        let judging = |judges: &dyn Fn(&Rule) -> bool| of_scope(Scope::Object).filter(|at| judges(&rules[*at])).collect();
        let named: HashSet<&String> = of_scope(Scope::Object).flat_map(|at| &rules[at].kinds).collect();
        let by_kind =
            named.into_iter().map(|kind| (kind.clone(), judging(&|rule| rule.kinds.is_empty() || rule.kinds.contains(kind)))).collect();
        let other_kinds = judging(&|rule| rule.kinds.is_empty());
        let overlay = of_scope(Scope::Overlay).map(|at| (at, rules[at].kinds.clone())).collect();
        let texts = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&needles)
            .map_err(|error| invalid(format!("the `texts` of the rules are too many: {error}")))?;
        let environments = of_scope(Scope::Environments).collect();
        let change = of_scope(Scope::Change).collect();
        Ok(Self { by_kind, other_kinds, overlay, environments, change, keys, texts, rules: guards })
    }

    /// The rules that judge objects of a kind.
    pub(super) fn of_kind(&self, kind: &str) -> &[usize] {
        self.by_kind.get(kind).unwrap_or(&self.other_kinds)
    }

    /// The rules that judge an overlay with objects of these kinds.
    pub(super) fn of_overlay<'k>(&self, kinds: impl Iterator<Item = &'k str>) -> Vec<usize> {
        let kinds: HashSet<&str> = kinds.collect();
        let judges = |wanted: &[String]| wanted.is_empty() || wanted.iter().any(|kind| kinds.contains(kind.as_str()));
        self.overlay.iter().filter(|(_, wanted)| judges(wanted)).map(|(at, _)| *at).collect()
    }

    /// The rules that compare an overlay with those of other environments.
    pub(super) fn of_environments(&self) -> &[usize] {
        &self.environments
    }

    /// The rules that judge what a change does to an overlay.
    pub(super) fn of_change(&self) -> &[usize] {
        &self.change
    }

    /// Looks at all keys and texts of a tree.
    pub(super) fn traits(&self, node: &Node, traits: &mut Traits) {
        match &node.value {
            Tree::Scalar(scalar) => self.look_for_texts(&scalar.text, traits),
            Tree::Seq(seq) => seq.items.iter().for_each(|item| self.traits(item, traits)),
            Tree::Map(map) => {
                for entry in map.entries() {
                    let key = &*entry.key.text;
                    if let Some(number) = self.keys.get(key) {
                        traits.keys.insert(*number);
                    }
                    if FREE.contains(&key) {
                        entry.value.entries().iter().for_each(|free| self.look_for_texts(&free.key.text, traits));
                    }
                    self.traits(&entry.value, traits);
                }
            }
        }
    }

    fn look_for_texts(&self, text: &str, traits: &mut Traits) {
        for found in self.texts.find_overlapping_iter(text) {
            traits.texts.insert(found.pattern().as_usize());
        }
    }

    /// Whether a rule could find something in an input that has these traits.
    pub(super) fn let_through(&self, rule: usize, traits: &Traits, input: &Value) -> bool {
        let guard = &self.rules[rule];
        (guard.keys.is_empty() || guard.keys.meets(&traits.keys))
            && (guard.texts.is_empty() || guard.texts.meets(&traits.texts))
            && (guard.needs.is_empty() || guard.needs.iter().any(|path| holds_something(input, path)))
    }
}

/// The keys of a path such as `facts.schema`, `notes` or `environment.parameters.minReplicas`.
fn input_path(path: &str) -> Vec<String> {
    let path = path.strip_prefix("environment.").map_or_else(|| path.to_owned(), |rest| format!("{ENVIRONMENT}.{rest}"));
    path.split('.').map(str::to_owned).collect()
}

/// The value at a key; an element of a list is named by its kind.
fn step<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Array(list) => list.iter().find(|element| value::text(element, "kind").as_deref() == Some(key)),
        _ => value::get(value, key),
    }
}

fn holds_something(input: &Value, path: &[String]) -> bool {
    match path.iter().try_fold(input, |value, key| step(value, key)) {
        None | Some(Value::Undefined | Value::Null | Value::Bool(false)) => false,
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(_) => true,
    }
}

/// A set of small numbers.
#[derive(Clone, Debug, Default)]
struct Set(Vec<u64>);

impl Set {
    fn insert(&mut self, number: usize) {
        let word = number / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        std::iter::zip(&mut self.0, &other.0).for_each(|(one, two)| *one |= two);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn meets(&self, other: &Self) -> bool {
        std::iter::zip(&self.0, &other.0).any(|(one, two)| one & two != 0)
    }
}
