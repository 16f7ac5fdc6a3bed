//! The hash of a generated object's content that its name gets (`api/hasher`), and those that several builds have in common.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use ecow::EcoString;
use sha2::{Digest, Sha256};

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::Error;
use crate::yaml;
use crate::yaml::json::{self, Form};
use crate::yaml::node::{Entry, Node, Value};

/// The hashes of generated objects that other builds have too, by their names.
#[derive(Debug, Default)]
pub(crate) struct Hashes(Mutex<HashMap<EcoString, Vec<(Content, String)>>>);

impl Hashes {
    /// The hash of the content of an object called `name`, which is kept where there is room.
    pub(crate) fn get(&self, name: &str, content: Content, has_room: impl Fn(Cost) -> bool) -> String {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            lock().get(name).and_then(|known| known.iter().find(|(other, _)| other.is_same(&content)).map(|(_, hash)| hash.clone()));
        known.unwrap_or_else(|| {
            let hash = content.hash();
            if has_room(content.cost()) {
                lock().entry(name.into()).or_default().push((content, hash.clone()));
            }
            hash
        })
    }
}

/// What the hash of a ConfigMap or Secret is that of; its name is no part of it.
#[derive(Debug)]
pub(crate) struct Content {
    is_secret: bool,
    data: Option<Node>,
    /// `binaryData` of a ConfigMap, `stringData` of a Secret.
    other: Option<Node>,
    /// `type` of a Secret.
    secret_type: Option<Node>,
}

impl Content {
    /// That of an object.
    ///
    /// # Errors
    /// What has no form in JSON.
    pub(crate) fn of(context: &Context, object: &Node) -> Result<Self, Error> {
        let field = |name: &str| {
            let mut field = object.get(name).cloned();
            if let Some(node) = field.as_mut().filter(|node| node.as_scalar().is_none()) {
                yaml::to_json(node, &context.sources)?;
            }
            Ok(field)
        };
        match object.get("kind").and_then(Node::text).unwrap_or_default() {
            "ConfigMap" => Ok(Self { is_secret: false, data: field("data")?, other: field("binaryData")?, secret_type: None }),
            "Secret" => Ok(Self { is_secret: true, data: field("data")?, other: field("stringData")?, secret_type: field("type")? }),
            kind => Err(context.unsupported(&object.origin, format!("a content hash in the name of a {kind}"))),
        }
    }

    fn cost(&self) -> Cost {
        let mut cost = Cost::of(1, 0);
        [&self.data, &self.other, &self.secret_type].into_iter().flatten().for_each(|field| cost.add(Cost::tree(field)));
        cost
    }

    fn is_same(&self, other: &Self) -> bool {
        let fields = [(&self.data, &other.data), (&self.other, &other.other), (&self.secret_type, &other.secret_type)];
        let is_same = |(one, other): (&Option<Node>, &Option<Node>)| match (one, other) {
            (Some(one), Some(other)) => is_same(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        self.is_secret == other.is_secret && fields.into_iter().all(is_same)
    }

    /// The hash as names have it.
    pub(crate) fn hash(&self) -> String {
        let other = self.other.as_ref().filter(|node| node.as_map().is_some());
        let mut json = String::from("{");
        if self.is_secret {
            write_field("data", self.data.as_ref(), &mut json);
            json.push_str(",\"kind\":\"Secret\",\"name\":\"\",");
            if other.is_some() {
                write_field("stringData", other, &mut json);
                json.push(',');
            }
            write_field("type", self.secret_type.as_ref(), &mut json);
        } else {
            if other.is_some() {
                write_field("binaryData", other, &mut json);
                json.push(',');
            }
            write_field("data", self.data.as_ref(), &mut json);
            json.push_str(",\"kind\":\"ConfigMap\",\"name\":\"\"");
        }
        json.push('}');
        encode(&Sha256::digest(json.as_bytes()))
    }
}

/// Whether two trees are equal, entries in the same order.
fn is_same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Scalar(one), Value::Scalar(other)) => one.tag == other.tag && one.text == other.text,
        (Value::Seq(one), Value::Seq(other)) => {
            one.items.len() == other.items.len() && std::iter::zip(&one.items, &other.items).all(|(one, other)| is_same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            let is_same = |(one, other): (&Entry, &Entry)| one.key.text == other.key.text && is_same(&one.value, &other.value);
            one.entries().len() == other.entries().len() && std::iter::zip(one.entries(), other.entries()).all(is_same)
        }
        _ => false,
    }
}

fn write_field(name: &str, value: Option<&Node>, out: &mut String) {
    let _ = write!(out, "\"{name}\":");
    match value {
        None => out.push_str("\"\""),
        // A scalar where a map should be is a text, whatever it looks like.
        Some(node) => match node.text() {
            Some(text) => json::write_string(text, out),
            None => json::write(node, Form::Floats, out),
        },
    }
}

/// The first ten hexadecimal digits, without those that could make words or look like numbers.
fn encode(digest: &[u8]) -> String {
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).take(10);
    digits.map(|digit| char::from(b"gh2k456789mbcdtf"[usize::from(digit)])).collect()
}
