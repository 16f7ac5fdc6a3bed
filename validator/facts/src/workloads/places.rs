//! Paths in `policies/workloads.yaml`: `spec.tasks[].template` for each element of a list, `spec.replicaSpecs.*.template` for each value of a map.

use kustomize::Node;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::objects::{Path, Segment};

/// A path that may lead to several places of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(Box<str>),
    /// Each element of a list.
    Each,
    /// Each value of a map.
    Any,
}

impl Places {
    /// Reads a path.
    ///
    /// # Errors
    /// A key that is empty.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let key = part.trim_end_matches("[]");
            match key {
                "" => return Err(format!("`{text}` has an empty key")),
                "*" => steps.push(Step::Any),
                key if key.contains(['[', ']']) => return Err(format!("`{text}`: write [] behind a key, for each element of its list")),
                key => steps.push(Step::Key(key.into())),
            }
            steps.extend(std::iter::repeat_n(Step::Each, (part.len() - key.len()) / 2));
        }
        Ok(Places(steps))
    }

    /// The path of keys only.
    pub(super) fn of(keys: &[&str]) -> Self {
        Places(keys.iter().map(|key| Step::Key((*key).into())).collect())
    }

    /// All places of an object that it leads to.
    pub fn find<'a>(&self, object: &'a Node) -> Vec<(Path, &'a Node)> {
        self.0.iter().fold(vec![(Path::default(), object)], |found, step| {
            found.into_iter().flat_map(|(path, node)| below(step, &path, node)).collect()
        })
    }

    /// The place that belongs to another one: `[]` and `*` stand for what they stand for there.
    pub(super) fn beside<'a>(&self, object: &'a Node, chosen: &[Segment]) -> Option<(Path, &'a Node)> {
        let (mut path, mut chosen) = (Path::default(), chosen.iter());
        let mut node = object;
        for step in &self.0 {
            let segment = match step {
                Step::Key(key) => Segment::Key(key.clone()),
                Step::Each | Step::Any => chosen.next()?.clone(),
            };
            node = match &segment {
                Segment::Key(key) => node.get(key)?,
                Segment::Index(index) => node.items().get(*index)?,
            };
            path.0.push(segment);
        }
        Some((path, node))
    }

    /// What `[]` and `*` stand for in one of the places.
    pub(super) fn chosen(&self, place: &Path) -> Vec<Segment> {
        let open = std::iter::zip(&self.0, &place.0).filter(|(step, _)| !matches!(step, Step::Key(_)));
        open.map(|(_, segment)| segment.clone()).collect()
    }
}

fn below<'a>(step: &Step, path: &Path, node: &'a Node) -> Vec<(Path, &'a Node)> {
    match step {
        Step::Key(key) => node.get(key).map(|value| (path.with(&**key), value)).into_iter().collect(),
        Step::Each => node.items().iter().enumerate().map(|(at, item)| (path.with(at), item)).collect(),
        Step::Any => node.entries().iter().map(|entry| (path.with(&*entry.key.text), &entry.value)).collect(),
    }
}

impl<'de> Deserialize<'de> for Places {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Places::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
