//! What is known of the place of a value: its type in the schema tables, and how a patch treats it.

use serde_json::Value as Json;

use crate::schema::Version;
use crate::schema::table::{Definition, Merge, Table, Type};

/// The type of a value, if it is known.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) version: Version,
    ty: Option<&'static Type>,
    top: Option<&'static Definition>,
}

impl Shape {
    /// The shape of the objects of a kind. Nothing is known of those of other kinds than Kubernetes' own.
    pub(super) fn of(version: Version, api_version: &str, kind: &str) -> Self {
        Shape { version, ty: None, top: Table::of(version).definition_of(api_version, kind) }
    }

    /// The shape of the metadata of every object.
    pub(super) fn of_metadata(version: Version) -> Self {
        Self::of(version, "v1", "ConfigMap").field("metadata")
    }

    /// Whether something is known.
    pub(super) fn is_known(self) -> bool {
        self.ty.is_some() || self.top.is_some()
    }

    /// The shape of what is made of `T` in `[T` or `{T`.
    fn inner(self, ty: Option<&'static Type>) -> Self {
        Shape { ty, top: None, ..self }
    }

    /// The definition, where the value is a map with fields.
    pub(super) fn definition(self) -> Option<&'static Definition> {
        match self.ty {
            Some(Type::Definition(number)) => Table::of(self.version).definition(*number),
            _ => self.top,
        }
    }

    /// The shape of the value at a key.
    pub(super) fn field(self, name: &str) -> Self {
        match (self.definition(), self.ty) {
            (Some(definition), _) => self.inner(definition.field(name)),
            (None, Some(Type::Map(value))) => self.inner(Some(value)),
            _ => self.inner(None),
        }
    }

    /// The shape of the elements.
    pub(super) fn item(self) -> Self {
        match self.ty {
            Some(Type::List(item)) => self.inner(Some(item)),
            _ => self.inner(None),
        }
    }

    /// How patches treat the value at a key, if specially.
    pub(super) fn merge(self, name: &str) -> Option<&'static Merge> {
        self.definition()?.merge(name)
    }

    /// Whether the value is a map whose keys are data.
    pub(super) fn is_free_map(self) -> bool {
        matches!(self.ty, Some(Type::Map(_) | Type::AnyMap))
    }

    /// Whether nobody but its owner knows what the value means.
    pub(super) fn is_opaque(self) -> bool {
        match self.ty {
            None => self.top.is_none(),
            Some(ty) => matches!(ty, Type::Any | Type::AnyMap),
        }
    }

    pub(super) fn is_quantity(self) -> bool {
        matches!(self.ty, Some(Type::Quantity))
    }
}

/// The values of the keys of an element, by which it is told from others; nothing where it has none of them.
pub(super) fn identity(item: &Json, keys: &[Box<str>]) -> Option<String> {
    let mut found = false;
    let mut text = String::new();
    for key in keys {
        match item.get(&**key) {
            Some(Json::String(value)) => {
                found = true;
                text.push_str(value);
            }
            Some(value) if !value.is_null() => {
                found = true;
                text.push_str(&value.to_string());
            }
            // Ports without a protocol are those of TCP.
            _ if &**key == "protocol" => text.push_str("TCP"),
            _ => {}
        }
        text.push('\u{1f}');
    }
    found.then_some(text)
}
