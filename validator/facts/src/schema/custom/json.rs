//! JSON read straight into a document tree, for definitions that are data and need no origins.

use std::fmt;

use kustomize::{Entry, Map, Node, Origin, Scalar, Source, Sources, Tag, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use thin_vec::ThinVec;

/// Reads one JSON document. Every node has the same origin, which points nowhere. Takes a tenth of the time of
/// [`kustomize::read_manifests`].
///
/// # Errors
///
/// The text is not JSON.
pub fn read_json(text: &str) -> Result<Node, serde_json::Error> {
    let source = Sources::default().add(Source::new("", ""));
    let mut json = serde_json::Deserializer::from_str(text);
    let mut parts = Parts { origin: Origin::new(source, 0, 0), entries: Vec::new(), items: Vec::new() };
    let node = Tree(&mut parts).deserialize(&mut json)?;
    json.end()?;
    Ok(node)
}

/// What of the maps and lists around a place was read so far: each is made when its length is known.
struct Parts {
    origin: Origin,
    entries: Vec<Entry>,
    items: Vec<Node>,
}

struct Tree<'p>(&'p mut Parts);

impl Tree<'_> {
    fn scalar<E>(self, scalar: Scalar) -> Result<Node, E> {
        Ok(Node::scalar(scalar, self.0.origin.clone()))
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        self.scalar(Scalar::plain(if value { "true" } else { "false" }, Tag::Bool))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        self.scalar(Scalar::plain(value.to_string(), Tag::Int))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        self.scalar(Scalar::plain(value.to_string(), Tag::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        self.scalar(Scalar::plain(format!("{value:?}"), Tag::Float))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        self.scalar(Scalar::string(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.scalar(Scalar::null())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let first = self.0.items.len();
        while let Some(item) = access.next_element_seed(Tree(self.0))? {
            self.0.items.push(item);
        }
        let items: ThinVec<Node> = self.0.items.drain(first..).collect();
        Ok(Node::seq(items, self.0.origin.clone()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let first = self.0.entries.len();
        while let Some(key) = access.next_key_seed(Key)? {
            let value = access.next_value_seed(Tree(self.0))?;
            self.0.entries.push(Entry { key, value });
        }
        let entries: ThinVec<Entry> = self.0.entries.drain(first..).collect();
        Ok(Node { value: Value::Map(Map::new(entries)), origin: self.0.origin.clone() })
    }
}

struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Scalar;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Scalar, E> {
        Ok(Scalar::string(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_their_kind() {
        let node = read_json(r#"{"a": [1, 2.0, "3", true, null, {}]}"#).unwrap();
        let shown: Vec<_> =
            node.get("a").unwrap().items().iter().map(|item| item.as_scalar().map(|scalar| (&*scalar.text, scalar.tag))).collect();
        let expected = [("1", Tag::Int), ("2.0", Tag::Float), ("3", Tag::Str), ("true", Tag::Bool), ("null", Tag::Null)];
        assert_eq!(shown[..5], expected.map(Some));
        assert_eq!(shown[5], None);
        assert!(read_json("{} {}").is_err());
    }
}
