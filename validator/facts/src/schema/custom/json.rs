//! JSON read straight into a document tree, for definitions that are data and need no origins.

use std::collections::HashSet;
use std::fmt;

use kustomize::{Entry, Map, Node, Origin, Scalar, Source, Sources, Tag, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value as Json};
use thin_vec::ThinVec;

/// Reads one JSON document. Every node has the same origin, which points nowhere. Takes a tenth of the time of
/// [`kustomize::read_manifests`].
///
/// # Errors
///
/// The text is not JSON.
pub fn read_json(text: &str) -> Result<Node, serde_json::Error> {
    read(text, Place::Data, &HashSet::new())
}

/// The values of a canonical tree, without origins.
pub(crate) fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Map(map) => Json::Object(map.entries().iter().map(|entry| (entry.key.text.to_string(), to_json(&entry.value))).collect()),
        Value::Seq(seq) => Json::Array(seq.items.iter().map(to_json).collect()),
        Value::Scalar(scalar) => match scalar.tag {
            Tag::Null => Json::Null,
            Tag::Bool => Json::Bool(scalar.text == "true"),
            Tag::Int => match (scalar.text.parse::<i64>(), scalar.text.parse::<u64>()) {
                (Ok(number), _) => number.into(),
                (_, Ok(number)) => number.into(),
                _ => Json::String(scalar.text.to_string()),
            },
            Tag::Float => float(&scalar.text).unwrap_or_else(|| Json::String(scalar.text.to_string())),
            _ => Json::String(scalar.text.to_string()),
        },
    }
}

fn float(text: &str) -> Option<Json> {
    let number: f64 = text.parse().ok()?;
    // 1.0 and 1 are one JSON number to the API server.
    if number.fract() == 0.0 && number.abs() < 9e15 { Some((number as i64).into()) } else { Number::from_f64(number).map(Json::Number) }
}

/// Reads a schema, or a document with one in it. Of a property with another name than these it tells only its type and default. What is in such
/// a default counts as used, and so `names` grows.
pub(super) fn read_schema(text: &str, names: &mut HashSet<String>) -> Result<Node, serde_json::Error> {
    loop {
        let known = names.len();
        let (node, more) = read_noting(text, Place::Schema, names)?;
        names.extend(more);
        if names.len() == known {
            return Ok(node);
        }
    }
}

fn read(text: &str, place: Place, names: &HashSet<String>) -> Result<Node, serde_json::Error> {
    read_noting(text, place, names).map(|(node, _)| node)
}

/// Also gives the names that defaults of properties that don't matter bring into objects.
fn read_noting(text: &str, place: Place, names: &HashSet<String>) -> Result<(Node, Vec<String>), serde_json::Error> {
    let source = Sources::default().add(Source::new("", ""));
    let mut json = serde_json::Deserializer::from_str(text);
    let mut parts = Parts { origin: Origin::new(source, 0, 0), entries: Vec::new(), items: Vec::new(), names, more: Vec::new() };
    let node = Tree(&mut parts, place).deserialize(&mut json)?;
    json.end()?;
    Ok((node, parts.more))
}

/// What of the maps and lists around a place was read so far: each is made when its length is known.
struct Parts<'n> {
    origin: Origin,
    entries: Vec<Entry>,
    items: Vec<Node>,
    /// The properties that matter.
    names: &'n HashSet<String>,
    /// Properties that matter as well, because of a default.
    more: Vec<String>,
}

/// What a value is.
#[derive(Clone, Copy)]
enum Place {
    Data,
    /// A schema or a list of them, or what has one in it.
    Schema,
    /// The properties of a schema.
    Properties,
    /// The schema of a property that doesn't matter.
    Other,
}

impl Place {
    /// What the value of a key is.
    fn of(self, key: &str, names: &HashSet<String>) -> Self {
        match (self, key) {
            (Self::Schema, "properties") => Self::Properties,
            (Self::Schema, "enum" | "default" | "example") | (Self::Data, _) => Self::Data,
            (Self::Properties, name) if !names.contains(name) => Self::Other,
            (Self::Schema | Self::Properties, _) => Self::Schema,
            (Self::Other, _) => Self::Other,
        }
    }
}

struct Tree<'p, 'n>(&'p mut Parts<'n>, Place);

impl Tree<'_, '_> {
    fn scalar<E>(self, scalar: Scalar) -> Result<Node, E> {
        Ok(Node::scalar(scalar, self.0.origin.clone()))
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_, '_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_, '_> {
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
        while let Some(item) = access.next_element_seed(Tree(self.0, self.1))? {
            self.0.items.push(item);
        }
        let items: ThinVec<Node> = self.0.items.drain(first..).collect();
        Ok(Node::seq(items, self.0.origin.clone()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let first = self.0.entries.len();
        while let Some(key) = access.next_key_seed(Key)? {
            let value = match (self.1, &*key.text) {
                (Place::Other, "default") => access.next_value_seed(Tree(self.0, Place::Data))?,
                (Place::Other, "type" | "format" | "x-kubernetes-int-or-string") => access.next_value_seed(Tree(self.0, Place::Data))?,
                (Place::Other, _) => {
                    access.next_value::<IgnoredAny>()?;
                    continue;
                }
                (place, word) => {
                    let place = place.of(word, self.0.names);
                    access.next_value_seed(Tree(self.0, place))?
                }
            };
            if let (Place::Properties, Some(default)) = (self.1, value.get("default"))
                && default.as_scalar().is_none()
            {
                self.0.more.push(key.text.to_string());
                add_names(default, &mut self.0.more);
            }
            self.0.entries.push(Entry { key, value });
        }
        let entries: ThinVec<Entry> = self.0.entries.drain(first..).collect();
        Ok(Node { value: Value::Map(Map::new(entries)), origin: self.0.origin.clone() })
    }
}

fn add_names(node: &Node, names: &mut Vec<String>) {
    for entry in node.entries() {
        names.push(entry.key.text.to_string());
        add_names(&entry.value, names);
    }
    node.items().iter().for_each(|item| add_names(item, names));
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

    #[test]
    fn a_schema_is_read_where_its_properties_matter() {
        let schema = r#"{"properties": {
            "a": {"type": "object", "default": {"properties": {"b": 1}}, "enum": [{"properties": {"b": 1}}],
                  "properties": {"properties": {"items": {"properties": {"a": {"anyOf": [{"type": "string"}]}, "b": {"type": "string"}}}},
                                 "enum": {"default": 1, "properties": {"b": {}}}, "c": true, "d": {"default": null}}},
            "b": {"type": "object", "properties": {"a": {"type": "string"}}},
            "c": {"type": "string", "properties": {"a": {"type": "string"}}}}}"#;
        let expected = r#"{"properties": {
            "a": {"type": "object", "default": {"properties": {"b": 1}}, "enum": [{"properties": {"b": 1}}],
                  "properties": {"properties": {"items": {"properties": {"a": {"anyOf": [{"type": "string"}]}, "b": {"type": "string"}}}},
                                 "enum": {"default": 1}, "c": true, "d": {"default": null}}},
            "b": {"type": "object", "properties": {"a": {"type": "string"}}}, "c": {"type": "string"}}}"#;
        let mut names = ["a", "properties"].map(str::to_owned).into();
        assert_eq!(read_schema(schema, &mut names).unwrap(), read_json(expected).unwrap());
        // What a default brings into objects counts as well.
        assert!(names.contains("b") && !names.contains("c"));
    }
}
