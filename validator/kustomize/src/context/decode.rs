//! Typed values out of a node tree, decoded as Go's `encoding/json` decodes them, each with the line it stands on.

use ecow::EcoString;

use crate::error::{Error, ErrorKind, Place};
use crate::source::{Origin, Sources};
use crate::version::Version;
use crate::yaml;
use crate::yaml::node::{Node, Tag, Value};

/// What to do about a field that is not there, or not enough.
pub(crate) fn fields_help(version: Version) -> String {
    format!("correct it; what counts is {}, and a later version may know more fields", version.description())
}

/// A string and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) value: EcoString,
    pub(crate) origin: Origin,
}

/// The pairs of a `map[string]string`, by key in byte order, as Go's maps are walked where the order matters.
pub(crate) type Pairs = Vec<(Text, Text)>;

/// How strict decoding is, and where its errors point.
#[derive(Clone, Copy)]
pub(crate) struct Decoder<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) version: Version,
    /// As `sigs.k8s.io/yaml` unmarshals plugin configurations: unknown fields are skipped and scalars become strings where a
    /// string is wanted. A kustomization file itself is decoded strictly.
    pub(crate) lenient: bool,
}

/// A type that can be read from a node; `field` names it in errors.
pub(crate) trait Decode: Sized {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error>;
}

impl Decoder<'_> {
    /// An error at `node` that says what was wanted of `field`.
    pub(crate) fn mismatch(self, node: &Node, field: &str, wanted: &str) -> Error {
        let found = match &node.value {
            Value::Map(_) => "a map",
            Value::Seq(_) => "a list",
            Value::Scalar(scalar) => match scalar.tag {
                Tag::Null => "null",
                Tag::Bool => "a boolean",
                Tag::Int | Tag::Float => "a number",
                _ => "a string",
            },
        };
        let error = Error::new(ErrorKind::Invalid, format!("`{field}` must be {wanted}, but it is {found}"));
        let error = error.at(Place::of(self.sources, &node.origin));
        if wanted == "a string" && node.as_scalar().is_some() { error.help("put the value in quotes") } else { error }
    }

    /// Walks the entries of a struct. `take` says whether it knows the field, whose name it gets in lower case: Go compares
    /// field names without regard to case.
    pub(crate) fn fields(self, node: &Node, field: &str, mut take: impl FnMut(&str, &Node) -> Result<bool, Error>) -> Result<(), Error> {
        if node.is_null() {
            return Ok(());
        }
        let map = node.as_map().ok_or_else(|| self.mismatch(node, field, "a map"))?;
        // Two spellings of one field: Go reads the JSON in sorted order, and the last one wins.
        let mut entries: Vec<_> = map.entries().iter().collect();
        entries.sort_by(|a, b| a.key.text.cmp(&b.key.text));
        for entry in entries {
            if !take(&entry.key.text.to_ascii_lowercase(), &entry.value)? && !self.lenient {
                let message = format!("unknown field `{}` in {field}", entry.key.text);
                let error = Error::new(ErrorKind::Invalid, message).at(Place::of(self.sources, &entry.value.origin));
                return Err(error.help(fields_help(self.version)));
            }
        }
        Ok(())
    }

    /// Whether a field that came with Kustomize `since` is known: where it is not, lenient decoding passes over it.
    ///
    /// # Errors
    /// Where decoding is strict and the version older.
    pub(crate) fn knows(self, since: Version, node: &Node, field: &str) -> Result<bool, Error> {
        if self.version >= since || self.lenient {
            return Ok(self.version >= since);
        }
        let message = format!("`{field}` is known since Kustomize {since}, and the version that counts is {}", self.version);
        let error = Error::new(ErrorKind::Invalid, message).at(Place::of(self.sources, &node.origin));
        Err(error.help(format!("pass --kustomize {since}, or write `kustomize: \"{since}\"` at the top of environments.yaml")))
    }

    /// Decodes the value of `field`.
    pub(crate) fn get<T: Decode>(self, node: &Node, field: &str) -> Result<T, Error> {
        T::decode(node, self, field)
    }
}

impl Decode for Text {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let scalar = node.as_scalar().ok_or_else(|| decoder.mismatch(node, field, "a string"))?;
        let value = match scalar.tag {
            Tag::Null => "".into(),
            Tag::Bool | Tag::Int | Tag::Float if !decoder.lenient => return Err(decoder.mismatch(node, field, "a string")),
            _ => scalar.text.clone(),
        };
        Ok(Self { value, origin: node.origin.clone() })
    }
}

/// In Go an empty string and an absent one are the same.
impl Decode for Option<Text> {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        Ok(Some(Text::decode(node, decoder, field)?).filter(|text| !text.value.is_empty()))
    }
}

impl Decode for bool {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        if node.is_null() {
            return Ok(false);
        }
        node.as_bool().ok_or_else(|| decoder.mismatch(node, field, "true or false"))
    }
}

impl Decode for i64 {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        if node.is_null() {
            return Ok(0);
        }
        let is_zero = node.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Float && scalar.text == yaml::NEGATIVE_ZERO);
        let zero = is_zero.then_some(0);
        node.as_i64().or(zero).ok_or_else(|| decoder.mismatch(node, field, "an integer"))
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        if node.is_null() {
            return Ok(Self::new());
        }
        let seq = node.as_seq().ok_or_else(|| decoder.mismatch(node, field, "a list"))?;
        seq.items.iter().map(|item| T::decode(item, decoder, field)).collect()
    }
}

impl Decode for Pairs {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        if node.is_null() {
            return Ok(Self::new());
        }
        let map = node.as_map().ok_or_else(|| decoder.mismatch(node, field, "a map of strings"))?;
        let mut pairs = Self::new();
        for entry in map.entries() {
            let value = Text::decode(&entry.value, decoder, &format!("{field}.{}", entry.key.text))?;
            let mut at_key = entry.value.origin.clone();
            at_key.start = at_key.key;
            pairs.push((Text { value: entry.key.text.clone(), origin: at_key }, value));
        }
        pairs.sort_by(|a, b| a.0.value.cmp(&b.0.value));
        Ok(pairs)
    }
}
