//! Texts with fields of an object in them, as `policies/products.yaml` uses them: `{metadata.name}-rw`.
//!
//! A field is a path: keys joined by dots, `[key]` for a key that has dots itself, `[]` for each element of a list and a last `*` for
//! each key of a map. So a template stands for any number of texts.

use kustomize::Node;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::objects::Path;

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

/// A path to fields of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Each,
    Keys,
}

/// A field that must be there, or must have a value (`spec.type=tls`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    field: Field,
    value: Option<String>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with its braces or with a field in them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (field, after) = after.split_once('}').ok_or_else(|| format!("`{text}` has a {{ without its }}"))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            parts.push(Part::Field(Field::parse(field)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Ok(Template(parts))
    }

    /// The texts that it stands for in an object; none where a field is not there.
    pub fn expand(&self, object: &Node) -> Vec<String> {
        self.0.iter().fold(vec![String::new()], |texts, part| match part {
            Part::Text(text) => texts.into_iter().map(|before| before + text).collect(),
            Part::Field(field) => {
                let values = field.texts(object);
                texts.iter().flat_map(|before| values.iter().map(move |value| format!("{before}{value}"))).collect()
            }
        })
    }
}

impl Field {
    /// Reads a path.
    ///
    /// # Errors
    /// An empty key, a bracket without its pair, or a `*` that is not last.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('[') {
                let (key, after) = after.split_once(']').ok_or_else(|| format!("`{text}` has a [ without its ]"))?;
                steps.push(if key.is_empty() { Step::Each } else { Step::Key(key.into()) });
                rest = after.strip_prefix('.').unwrap_or(after);
                continue;
            }
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            steps.push(match key {
                "" => return Err(format!("`{text}` has an empty key")),
                "*" if after.is_empty() => Step::Keys,
                "*" => return Err(format!("`{text}` has a * that is not last")),
                key => Step::Key(key.into()),
            });
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        if steps.is_empty() { Err("a field is empty".into()) } else { Ok(Field(steps)) }
    }

    fn texts(&self, object: &Node) -> Vec<String> {
        let (keys, steps) = match self.0.split_last() {
            Some((Step::Keys, before)) => (true, before),
            _ => (false, self.0.as_slice()),
        };
        let nodes = walk(object, steps);
        if keys {
            return nodes.iter().flat_map(|node| node.entries()).map(|entry| entry.key.text.to_string()).collect();
        }
        nodes.iter().filter(|node| !node.is_null()).filter_map(|node| node.text()).map(str::to_owned).collect()
    }

    /// The first node that is there.
    pub fn node<'a>(&self, object: &'a Node) -> Option<&'a Node> {
        walk(object, &self.0).into_iter().next()
    }

    /// Where it is or could be: in every map that its path leads to, with the node that is there.
    pub fn places<'a>(&self, object: &'a Node) -> Vec<(Path, Option<&'a Node>)> {
        let Some((Step::Key(last), above)) = self.0.split_last() else { return Vec::new() };
        let maps = above.iter().fold(vec![(Path::default(), object)], |nodes, step| match step {
            Step::Key(key) => nodes.iter().filter_map(|(path, node)| Some((path.with(key.as_str()), node.get(key)?))).collect(),
            Step::Each => {
                nodes.iter().flat_map(|(path, node)| node.items().iter().enumerate().map(move |(at, item)| (path.with(at), item))).collect()
            }
            Step::Keys => nodes,
        });
        let is_map = |(_, node): &(Path, &Node)| node.as_map().is_some();
        maps.into_iter().filter(is_map).map(|(path, node)| (path.with(last.as_str()), node.get(last))).collect()
    }

    /// Whether anything but null and empty lists and maps is there.
    pub fn is_set(&self, object: &Node) -> bool {
        let filled = |node: &&Node| match node.as_scalar() {
            Some(_) => !node.is_null(),
            None => !node.items().is_empty() || !node.entries().is_empty(),
        };
        walk(object, &self.0).iter().any(filled)
    }
}

fn walk<'a>(object: &'a Node, steps: &[Step]) -> Vec<&'a Node> {
    steps.iter().fold(vec![object], |nodes, step| match step {
        Step::Key(key) => nodes.iter().filter_map(|node| node.get(key)).collect(),
        Step::Each => nodes.iter().flat_map(|node| node.items()).collect(),
        Step::Keys => nodes,
    })
}

impl Condition {
    /// Whether it holds for an object.
    pub fn holds(&self, object: &Node) -> bool {
        match &self.value {
            None => self.field.is_set(object),
            Some(value) => self.field.texts(object).contains(value),
        }
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Template::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Field::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (field, value) = text.split_once('=').map_or((&*text, None), |(field, value)| (field, Some(value.to_owned())));
        Ok(Condition { field: Field::parse(field).map_err(D::Error::custom)?, value })
    }
}
