//! Label selectors, and which of many sets of labels they select.
//!
//! Semantics: the API documentation of `LabelSelector`. An empty selector selects everything. What a *missing* selector
//! means differs between the fields that hold one, so the caller decides that.

use std::collections::HashMap;
use std::fmt;

use kustomize::{Entry, Node};

use crate::objects::Refused;

/// A parsed label selector: all requirements must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector<'a> {
    requirements: Vec<Requirement<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement<'a> {
    key: &'a str,
    test: Test<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test<'a> {
    In(Vec<&'a str>),
    NotIn(Vec<&'a str>),
    Exists,
    DoesNotExist,
}

impl<'a> Selector<'a> {
    /// Reads a `LabelSelector` (`matchLabels` and `matchExpressions`).
    ///
    /// # Errors
    /// What the API server refuses: an unknown operator, values that are missing or too many, a value that is no string.
    pub fn of_label_selector(node: &'a Node) -> Result<Self, Refused> {
        let mut selector = match node.get("matchLabels") {
            Some(labels) => Selector::of_labels(labels).map_err(|error| error.below("matchLabels"))?,
            None => Selector::default(),
        };
        for (at, expression) in node.get("matchExpressions").map_or(&[][..], Node::items).iter().enumerate() {
            let requirement = Requirement::of_expression(expression).map_err(|error| error.below(at).below("matchExpressions"))?;
            selector.requirements.push(requirement);
        }
        Ok(selector)
    }

    /// Reads a plain map of labels, as Services and ReplicationControllers have it.
    ///
    /// # Errors
    /// A value that is no string.
    pub fn of_labels(node: &'a Node) -> Result<Self, Refused> {
        let of_entry = |entry: &'a Entry| {
            let key = &*entry.key.text;
            let value = string(&entry.value).map_err(|error| error.below(key))?;
            Ok(Requirement { key, test: Test::In(vec![value]) })
        };
        Ok(Selector { requirements: node.entries().iter().map(of_entry).collect::<Result<_, _>>()? })
    }

    /// Whether it pins a label to values that all satisfy a condition, so that it selects nothing else.
    pub fn pins(&self, key: &str, condition: impl Fn(&str) -> bool) -> bool {
        self.requirements.iter().any(|requirement| match &requirement.test {
            Test::In(values) => requirement.key == key && values.iter().all(|value| condition(value)),
            _ => false,
        })
    }

    /// What it asks for beside some labels, and the values of those that it pins.
    pub fn beside(&self, keys: &[&str]) -> (Self, Vec<(&'a str, &[&'a str])>) {
        let others = self.requirements.iter().filter(|requirement| !keys.contains(&requirement.key)).cloned().collect();
        (Selector { requirements: others }, self.pinned().filter(|(key, _)| keys.contains(key)).collect())
    }

    /// Whether it only asks for labels to be there or not to have some values, so that it names no workload.
    pub fn is_generic(&self) -> bool {
        self.requirements.iter().all(|requirement| !matches!(requirement.test, Test::In(_)))
    }

    /// The selector that asks for the given labels.
    pub fn of_pairs(labels: &'a [(String, String)]) -> Self {
        Selector { requirements: labels.iter().map(|(key, value)| Requirement { key, test: Test::In(vec![value]) }).collect() }
    }

    /// Whether all that it selects is selected by another one too, as far as the requirements of both tell one by one.
    pub fn is_within(&self, other: &Selector<'_>) -> bool {
        let implies = |own: &Requirement<'a>, asked: &Requirement<'_>| {
            own.key == asked.key
                && match (&own.test, &asked.test) {
                    (Test::In(own), Test::In(asked)) => own.iter().all(|value| asked.contains(value)),
                    (Test::In(own), Test::NotIn(asked)) => !own.iter().any(|value| asked.contains(value)),
                    (Test::NotIn(own), Test::NotIn(asked)) => asked.iter().all(|value| own.contains(value)),
                    (Test::In(_) | Test::Exists, Test::Exists) => true,
                    (Test::DoesNotExist, Test::DoesNotExist | Test::NotIn(_)) => true,
                    _ => false,
                }
        };
        other.requirements.iter().all(|asked| self.requirements.iter().any(|own| implies(own, asked)))
    }

    /// Whether it has no requirement and so selects everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether a set of labels has everything that is required.
    pub fn matches(&self, labels: &Labels<'_>) -> bool {
        self.requirements.iter().all(|requirement| requirement.holds(labels.get(requirement.key)))
    }

    /// The key of the one requirement that these labels don't meet, if it is one and others are met, or the key is there with another value.
    pub fn nearly(&self, labels: &Labels<'_>) -> Option<&'a str> {
        let mut unmet = self.requirements.iter().filter(|requirement| !requirement.holds(labels.get(requirement.key)));
        let (only, None) = (unmet.next()?, unmet.next()) else { return None };
        (self.requirements.len() > 1 || labels.get(only.key).is_some()).then_some(only.key)
    }

    /// The requirements that pin a key to some values, for a lookup in an index.
    fn pinned(&self) -> impl Iterator<Item = (&'a str, &[&'a str])> {
        self.requirements.iter().filter_map(|requirement| match &requirement.test {
            Test::In(values) => Some((requirement.key, values.as_slice())),
            _ => None,
        })
    }
}

/// `app=web, tier in (a, b), !old`, in one order however it is written.
impl fmt::Display for Selector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |requirement: &Requirement<'_>| {
            let key = requirement.key;
            let list = |values: &[&str]| {
                let mut values = values.to_vec();
                values.sort_unstable();
                values.join(", ")
            };
            match &requirement.test {
                Test::In(values) if values.len() == 1 => format!("{key}={}", list(values)),
                Test::In(values) => format!("{key} in ({})", list(values)),
                Test::NotIn(values) => format!("{key} not in ({})", list(values)),
                Test::Exists => key.to_owned(),
                Test::DoesNotExist => format!("!{key}"),
            }
        };
        let mut texts: Vec<String> = self.requirements.iter().map(text).collect();
        texts.sort();
        texts.dedup();
        f.write_str(&texts.join(", "))
    }
}

fn string(node: &Node) -> Result<&str, Refused> {
    node.as_str().ok_or_else(|| Refused::new("a label's value must be a string; quote it"))
}

impl<'a> Requirement<'a> {
    fn of_expression(node: &'a Node) -> Result<Self, Refused> {
        let values = node.get("values").map_or(&[][..], Node::items).iter().map(string).collect::<Result<Vec<_>, _>>();
        let values = values.map_err(|error| error.below("values"))?;
        let test = match (node.str_at(&["operator"]), values.is_empty()) {
            (Some("In"), false) => Test::In(values),
            (Some("NotIn"), false) => Test::NotIn(values),
            (Some("Exists"), true) => Test::Exists,
            (Some("DoesNotExist"), true) => Test::DoesNotExist,
            (Some("In" | "NotIn"), true) => return Err(Refused::new("In and NotIn need values").below("values")),
            (Some("Exists" | "DoesNotExist"), false) => {
                return Err(Refused::new("Exists and DoesNotExist take no values").below("values"));
            }
            _ => return Err(Refused::new("the operator must be In, NotIn, Exists or DoesNotExist").below("operator")),
        };
        let key = node.str_at(&["key"]).ok_or_else(|| Refused::new("an expression needs a key"))?;
        Ok(Requirement { key, test })
    }

    /// As the API documentation has it: `NotIn` also holds where the key is absent.
    fn holds(&self, value: Option<&str>) -> bool {
        match &self.test {
            Test::In(values) => value.is_some_and(|value| values.contains(&value)),
            Test::NotIn(values) => value.is_none_or(|value| !values.contains(&value)),
            Test::Exists => value.is_some(),
            Test::DoesNotExist => value.is_none(),
        }
    }
}

/// The labels of an object or a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Labels<'a> {
    /// Reads a map of labels; nothing where there is none.
    pub fn new(node: Option<&'a Node>) -> Self {
        let entries = node.map_or(&[][..], Node::entries).iter();
        Labels(entries.filter_map(|entry| Some((&*entry.key.text, entry.value.text()?))).collect())
    }

    /// Labels that are no part of an object.
    pub fn of_pairs(labels: &'a [(String, String)]) -> Self {
        Labels(labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect())
    }

    /// The same labels, with `key` set to `value` whatever it was.
    pub fn with(mut self, key: &'a str, value: &'a str) -> Self {
        self.0.retain(|(other, _)| *other != key);
        self.0.push((key, value));
        self
    }

    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(other, _)| *other == key).map(|(_, value)| *value)
    }

    /// All labels.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().copied()
    }
}

/// Many sets of labels, numbered from 0, each in a namespace, indexed so that a selector need not look at all of them.
#[derive(Debug, Default)]
pub struct LabelIndex<'a> {
    labels: Vec<Labels<'a>>,
    by_namespace: HashMap<&'a str, Vec<usize>>,
    by_label: HashMap<(&'a str, &'a str, &'a str), Vec<usize>>,
}

impl<'a> LabelIndex<'a> {
    /// Indexes sets of labels, each with its namespace.
    pub fn new(all: impl IntoIterator<Item = (&'a str, Labels<'a>)>) -> Self {
        let mut index = LabelIndex::default();
        for (at, (namespace, labels)) in all.into_iter().enumerate() {
            index.by_namespace.entry(namespace).or_default().push(at);
            for (key, value) in labels.iter() {
                index.by_label.entry((namespace, key, value)).or_default().push(at);
            }
            index.labels.push(labels);
        }
        index
    }

    /// The numbers of those in `namespace` that the selector selects, ascending.
    pub fn select(&self, namespace: &'a str, selector: &Selector<'a>) -> Vec<usize> {
        let candidates = |(key, values): (&'a str, &[&'a str])| -> Vec<&[usize]> {
            values.iter().filter_map(|value| self.by_label.get(&(namespace, key, value))).map(Vec::as_slice).collect()
        };
        let fewest = selector.pinned().map(candidates).min_by_key(|lists| lists.iter().map(|list| list.len()).sum::<usize>());
        let lists = fewest.unwrap_or_else(|| vec![self.in_namespace(namespace)]);
        let mut found: Vec<_> = lists.into_iter().flatten().copied().filter(|at| selector.matches(&self.labels[*at])).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The numbers of all in `namespace`, ascending.
    pub fn in_namespace(&self, namespace: &str) -> &[usize] {
        self.by_namespace.get(namespace).map_or(&[], Vec::as_slice)
    }
}
