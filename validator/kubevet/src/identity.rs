//! What makes a finding the same one tomorrow, for baselines and fingerprints.
//!
//! Bots change image tags, replicas and digests every day, lines move, and lists are put into another order. None of that makes another finding: it is known by its rule, its
//! object, the path there with list elements by their key, and what is structurally wrong: the message without the values in it.

use std::collections::BTreeSet;

use kustomize::Node;

use crate::locate;
use crate::location::{Object, Step};

/// What stands for values.
const VALUE: &str = "…";

/// Fields that tell an element of a list from the others, the first that it has: the merge keys of Kubernetes' lists, before `name` where a name may be there twice.
const KEYS: [&str; 12] =
    ["mountPath", "devicePath", "topologyKey", "name", "containerPort", "port", "host", "path", "ip", "key", "type", "kind"];

/// How many values at a finding's place are looked for in its message.
const MOST_VALUES: usize = 64;

/// How Kustomize writes a hash at the end of a name: ten characters of these.
const HASH: &str = "2456789bcdfghkmt";
const HASH_LENGTH: usize = 10;

/// Where a finding is and what is wrong there, without what changes from day to day.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The path, with list elements by their key: `spec.containers[web].ports[containerPort=80]`; `[]` for an element without one.
    pub path: String,
    /// The message without values.
    pub what: String,
}

impl Identity {
    /// That of a finding on a rendered object.
    pub fn of(node: &Node, path: &[Step], message: &str) -> Self {
        let mut values = BTreeSet::new();
        collect(locate::resolve(node, path), &mut values);
        Self { path: stable_path(node, path), what: what(message, &values) }
    }

    /// That of a finding which is about no place in an object.
    pub fn of_message(message: &str) -> Self {
        Self { path: String::new(), what: what(message, &BTreeSet::new()) }
    }
}

/// An object for a baseline: kind, namespace and name, without the hash of its content.
pub fn object_text(object: &Object) -> String {
    Object { name: without_hash(&object.name).to_owned(), ..object.clone() }.to_string()
}

/// A name without the hash that Kustomize puts at the end of the names of what it generates.
pub fn without_hash(name: &str) -> &str {
    let Some((before, hash)) = name.rsplit_once('-') else { return name };
    // Ten consonants are no word.
    if hash.len() == HASH_LENGTH && hash.chars().all(|character| HASH.contains(character)) { before } else { name }
}

fn stable_path(object: &Node, path: &[Step]) -> String {
    let mut text = String::new();
    let mut node = Some(object);
    for step in path {
        node = node.and_then(|node| locate::child(node, step));
        match step {
            Step::Index(_) => text.push_str(&format!("[{}]", node.and_then(key_of).unwrap_or_default())),
            Step::Key(key) if key.contains(['.', '/']) => text.push_str(&format!("[\"{}\"]", without_hash(key))),
            Step::Key(key) => {
                text.push_str(if text.is_empty() { "" } else { "." });
                text.push_str(key);
            }
        }
    }
    text
}

/// A path in an object, in another state of it, where list elements have other indexes: as far as both have the same elements.
pub(crate) fn path_in(object: &Node, other: &Node, path: &[Step]) -> Vec<Step> {
    let (mut node, mut counterpart) = (Some(object), Some(other));
    let mut found = Vec::new();
    for step in path {
        node = node.and_then(|node| locate::child(node, step));
        let step = match step {
            Step::Key(key) => Step::Key(key.clone()),
            Step::Index(_) => {
                let Some(element) = node else { break };
                let is_same = |item: &Node| match key_of(element) {
                    Some(key) => key_of(item).is_some_and(|other| other == key),
                    None => item == element,
                };
                let Some(at) = counterpart.and_then(|list| list.items().iter().position(is_same)) else { break };
                Step::Index(at)
            }
        };
        counterpart = counterpart.and_then(|node| locate::child(node, &step));
        found.push(step);
    }
    found
}

fn key_of(element: &Node) -> Option<String> {
    let (key, value) = KEYS.iter().find_map(|key| Some((*key, element.get(key)?.text()?)))?;
    Some(if key == "name" { without_hash(value).to_owned() } else { format!("{key}={value}") })
}

/// The values of a node that a message may repeat.
fn collect<'a>(node: Option<&'a Node>, values: &mut BTreeSet<&'a str>) {
    let Some(node) = node.filter(|_| values.len() < MOST_VALUES) else { return };
    values.extend(node.text().map(str::trim).filter(|text| !text.is_empty() && !text.contains(char::is_whitespace)));
    node.entries().iter().for_each(|entry| collect(Some(&entry.value), values));
    node.items().iter().for_each(|item| collect(Some(item), values));
}

/// A message without what it quotes, counts, names by a path or repeats of the object, and without a guess at what was meant.
pub fn what(message: &str, values: &BTreeSet<&str>) -> String {
    let message = unquoted(message.split("; did you mean").next().unwrap_or_default());
    let mut words: Vec<&str> = Vec::new();
    for word in message.split_whitespace() {
        let bare = word.trim_matches(|character: char| !character.is_alphanumeric() && character != '…');
        let is_value = bare.is_empty()
            || bare == VALUE
            || values.contains(bare)
            || bare.contains(|character: char| character.is_ascii_digit() || ":/@=_.…*{[".contains(character));
        if !is_value {
            words.push(bare);
        } else if words.last() != Some(&VALUE) {
            words.push(VALUE);
        } else {
            continue;
        }
        // A list of values is one, however long it is.
        if let [.., VALUE, "and" | "or", VALUE] = words.as_slice() {
            words.truncate(words.len() - 2);
        }
    }
    words.join(" ")
}

/// A text with `…` for what stands in quotes.
fn unquoted(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let closes = match character {
            '"' | '`' => character,
            _ => {
                clean.push(character);
                continue;
            }
        };
        clean.push_str(VALUE);
        while let Some(inner) = characters.next() {
            if inner == '\\' {
                characters.next();
            } else if inner == closes {
                break;
            }
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_no_part_of_what_is_wrong() {
        let same = [
            (
                "image nginx:1.2 of container \"web\" is not pinned by digest",
                "image nginx:1.3 of container \"web\" is not pinned by digest",
            ),
            ("has 1 replicas", "has 3 replicas"),
            ("must be one of a, b and c.d, but is 5", "must be one of a, b and e, but is 7"),
            ("\"imagee\" is not a field; did you mean \"image\"?", "\"imagee\" is not a field"),
            ("is \"a \\\" b\", too", "is \"c\", too"),
            ("ConfigMap web-prod/settings does not exist", "ConfigMap web-dev/other does not exist"),
            ("needs 5, 6 and 7", "needs 5"),
        ];
        let values = BTreeSet::from(["c.d", "e"]);
        for (one, other) in same {
            assert_eq!(what(one, &values), what(other, &values));
        }
        let values = BTreeSet::from(["redis"]);
        assert_eq!(
            what("image redis of container \"a\" is not pinned", &values),
            what("image redis:7 of container \"a\" is not pinned", &values)
        );
        assert_ne!(what("must not be empty", &values), what("must be a number", &values));
    }

    #[test]
    fn hashes_are_no_part_of_names() {
        for (name, expected) in
            [("settings-5k8m2t7b9c", "settings"), ("settings", "settings"), ("web-deployment", "web-deployment"), ("-2456789bcd", "")]
        {
            assert_eq!(without_hash(name), expected);
        }
    }
}
