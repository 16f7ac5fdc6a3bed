//! What expressions are about.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, TimeDelta};
use kube_cel::cel;

/// A value. A clone is cheap.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer with a sign.
    Int(i64),
    /// An integer without one.
    Uint(u64),
    /// A number.
    Double(f64),
    /// A text.
    String(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A span of time.
    Duration(TimeDelta),
    /// A moment.
    Timestamp(DateTime<FixedOffset>),
    /// A list.
    List(Arc<List>),
    /// A map, or an object with fields.
    Map(Arc<Map>),
    /// What may be there or not.
    Optional(Option<Arc<Value>>),
    /// A value of Kubernetes' libraries: a quantity, an address, a version, …
    Library(cel::Value),
    /// A format of texts, by its name: its methods tell whether a text has it.
    Format(Arc<str>),
    /// A type, by its name.
    Type(&'static str),
    /// What can't be known here, and why.
    Unknown(&'static str),
}

/// The elements of a list.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// In order.
    pub items: Vec<Value>,
    /// What makes two lists the same.
    pub kind: ListKind,
}

/// What a list means (`x-kubernetes-list-type`), which decides equality and what `+` does.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ListKind {
    /// A sequence.
    #[default]
    Atomic,
    /// No order, and each element once.
    Set,
    /// No order, and each value of these keys once.
    Map(Arc<[Box<str>]>),
}

/// The entries of a map.
pub type Map = BTreeMap<Key, Value>;

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A boolean.
    Bool(bool),
    /// An integer; one without sign is the same where it is the same number.
    Int(i128),
    /// A text.
    String(Arc<str>),
}

impl Value {
    /// A text.
    pub fn string(text: impl AsRef<str>) -> Value {
        Value::String(Arc::from(text.as_ref()))
    }

    /// A list as an expression writes it.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(List { items, kind: ListKind::Atomic }))
    }

    /// A map of named fields.
    pub fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        Value::Map(Arc::new(fields.into_iter().map(|(name, value)| (Key::String(name.into()), value)).collect()))
    }

    /// An optional value that is there.
    pub fn some(value: Value) -> Value {
        Value::Optional(Some(Arc::new(value)))
    }

    /// A field of an object.
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(map) => map.get(&Key::String(name.into())),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The name of its type, as `type()` and messages have it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null_type",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Uint(_) => "uint",
            Value::Double(_) => "double",
            Value::String(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Optional(_) => "optional_type",
            Value::Library(cel::Value::Opaque(opaque)) => match opaque.runtime_type_name() {
                "kubernetes.Quantity" => "kubernetes.Quantity",
                _ => "kubernetes.Value",
            },
            Value::Library(_) => "kubernetes.Value",
            Value::Format(_) => "kubernetes.NamedFormat",
            Value::Type(_) => "type",
            Value::Unknown(_) => "unknown",
        }
    }

    /// The key of a map that it stands for.
    pub fn as_key(&self) -> Option<Key> {
        Some(match self {
            Value::Bool(value) => Key::Bool(*value),
            Value::Int(value) => Key::Int(i128::from(*value)),
            Value::Uint(value) => Key::Int(i128::from(*value)),
            Value::Double(value) if value.fract() == 0.0 && value.abs() < 1e18 => Key::Int(*value as i128),
            Value::String(text) => Key::String(Arc::clone(text)),
            _ => return None,
        })
    }

    /// How many values it is made of, at least one, up to `most`.
    pub fn weight(&self, most: usize) -> usize {
        let mut total = 1;
        match self {
            Value::List(list) => {
                for item in &list.items {
                    if total >= most {
                        break;
                    }
                    total += item.weight(most - total);
                }
            }
            Value::Map(map) => {
                for value in map.values() {
                    if total >= most {
                        break;
                    }
                    total += 1 + value.weight(most - total);
                }
            }
            Value::String(text) => total += text.len() / 16,
            Value::Bytes(bytes) => total += bytes.len() / 16,
            Value::Optional(Some(value)) => total += value.weight(most),
            _ => {}
        }
        total
    }

    /// How two values are ordered; nothing where they can't be compared.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        Some(match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Uint(a), Value::Uint(b)) => a.cmp(b),
            (Value::String(a), Value::String(b)) => a.cmp(b),
            (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
            (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
            (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
            (Value::Int(a), Value::Uint(b)) => i128::from(*a).cmp(&i128::from(*b)),
            (Value::Uint(a), Value::Int(b)) => i128::from(*a).cmp(&i128::from(*b)),
            (Value::Double(a), Value::Double(b)) => return a.partial_cmp(b),
            (Value::Double(a), Value::Int(b)) => return a.partial_cmp(&(*b as f64)),
            (Value::Double(a), Value::Uint(b)) => return a.partial_cmp(&(*b as f64)),
            (Value::Int(a), Value::Double(b)) => return (*a as f64).partial_cmp(b),
            (Value::Uint(a), Value::Double(b)) => return (*a as f64).partial_cmp(b),
            _ => return None,
        })
    }

    /// This and more elements or text, as `+` joins lists.
    pub(crate) fn joined(first: &List, second: &List) -> List {
        let mut items = first.items.clone();
        match &first.kind {
            ListKind::Atomic => items.extend(second.items.iter().cloned()),
            ListKind::Set => {
                for item in &second.items {
                    if !items.contains(item) {
                        items.push(item.clone());
                    }
                }
            }
            ListKind::Map(keys) => {
                for item in &second.items {
                    match items.iter_mut().find(|known| same_keys(known, item, keys)) {
                        Some(known) => *known = item.clone(),
                        None => items.push(item.clone()),
                    }
                }
            }
        }
        List { items, kind: first.kind.clone() }
    }
}

fn same_keys(a: &Value, b: &Value, keys: &[Box<str>]) -> bool {
    keys.iter().all(|key| a.field(key) == b.field(key))
}

impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        let (a, b) = (&self.items, &other.items);
        let is_loose = self.kind != ListKind::Atomic || other.kind != ListKind::Atomic;
        a.len() == b.len() && (a == b || (is_loose && a.iter().all(|item| b.contains(item)) && b.iter().all(|item| a.contains(item))))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b) || a == b,
            (Value::Map(a), Value::Map(b)) => Arc::ptr_eq(a, b) || a == b,
            (Value::Optional(a), Value::Optional(b)) => a == b,
            (Value::Library(a), Value::Library(b)) => a == b,
            (Value::Format(a), Value::Format(b)) => a == b,
            (Value::Type(a), Value::Type(b)) => a == b,
            _ => self.compare(other) == Some(Ordering::Equal),
        }
    }
}
