//! The tree that everything works on: YAML values, each with its [`Origin`].

use std::fmt;

use ecow::EcoString;
use thin_vec::ThinVec;

use crate::source::Origin;

pub use super::scalar::{Scalar, Style};
pub use super::tag::Tag;

/// A YAML value and where it comes from.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was set.
    pub origin: Origin,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string, number, boolean or null.
    Scalar(Scalar),
    /// A mapping, in document order.
    Map(Map),
    /// A sequence.
    Seq(Seq),
}

/// Something that was in a map or list and was taken out on the way.
#[derive(Clone, Debug)]
pub struct Removal {
    /// The key in a map; in a list the merge key's value, or the element's text or index.
    pub key: EcoString,
    /// What took it out: the `null`, the `$patch: delete`, the JSON patch operation, the list that replaced this one.
    pub by: Origin,
    /// What it was.
    pub had: Origin,
}

/// A mapping. Lookups are linear: Kubernetes maps are small, and what builds large ones checks duplicates itself.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: ThinVec<Entry>,
    removed: ThinVec<Removal>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Scalar,
    /// The value.
    pub value: Node,
}

/// A sequence.
#[derive(Clone, Debug, Default)]
pub struct Seq {
    /// The elements.
    pub items: ThinVec<Node>,
    removed: ThinVec<Removal>,
}

impl Node {
    /// A scalar node.
    pub fn scalar(scalar: Scalar, origin: Origin) -> Self {
        Self { value: Value::Scalar(scalar), origin }
    }

    /// A string node.
    pub fn string(text: impl Into<EcoString>, origin: Origin) -> Self {
        Self::scalar(Scalar::string(text), origin)
    }

    /// An empty map.
    pub fn map(origin: Origin) -> Self {
        Self { value: Value::Map(Map::default()), origin }
    }

    /// A list.
    pub fn seq(items: impl Into<ThinVec<Node>>, origin: Origin) -> Self {
        Self { value: Value::Seq(Seq { items: items.into(), removed: ThinVec::new() }), origin }
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The scalar for change, if it is one.
    pub fn as_scalar_mut(&mut self) -> Option<&mut Scalar> {
        match &mut self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The map for change, if it is one.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_seq(&self) -> Option<&Seq> {
        match &self.value {
            Value::Seq(seq) => Some(seq),
            _ => None,
        }
    }

    /// The list for change, if it is one.
    pub fn as_seq_mut(&mut self) -> Option<&mut Seq> {
        match &mut self.value {
            Value::Seq(seq) => Some(seq),
            _ => None,
        }
    }

    /// The elements; none where this is not a list.
    pub fn items(&self) -> &[Node] {
        self.as_seq().map_or(&[], |seq| &seq.items)
    }

    /// The entries; none where this is not a map.
    pub fn entries(&self) -> &[Entry] {
        self.as_map().map_or(&[], |map| &map.entries)
    }

    /// The text, where this is a string.
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().filter(|scalar| scalar.tag == Tag::Str).map(|scalar| &*scalar.text)
    }

    /// The text of any scalar.
    pub fn text(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| &*scalar.text)
    }

    /// The value, where this is a canonical boolean.
    pub fn as_bool(&self) -> Option<bool> {
        self.as_scalar().filter(|scalar| scalar.tag == Tag::Bool).and_then(|scalar| scalar.text.parse().ok())
    }

    /// The value, where this is a canonical integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_scalar().filter(|scalar| scalar.tag == Tag::Int).and_then(|scalar| scalar.text.parse().ok())
    }

    /// Whether this is a null.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Null)
    }

    /// The value at `key`, where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The value at `key` for change, where this is a map that has it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_map_mut()?.get_mut(key)
    }

    /// The value below the given keys, through maps only.
    pub fn at(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The string below the given keys, through maps only.
    pub fn str_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.as_str()
    }

    /// Puts another value in place of this one, remembering what was here.
    pub fn replace(&mut self, mut new: Node) {
        new.origin = new.origin.replacing(&self.origin);
        if let (Some(old), Some(new)) = (self.as_scalar(), new.as_scalar_mut()) {
            new.share = old.share.written();
        }
        *self = new;
    }

    /// Whether this is a scalar that is one with others, and was written to.
    pub(crate) fn is_share_written(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.share.is_written())
    }

    /// The last scalar in document order, if nothing but a scalar is last.
    pub(crate) fn last_scalar_mut(&mut self) -> Option<&mut Scalar> {
        match &mut self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Map(map) => map.entries_mut().last_mut()?.value.last_scalar_mut(),
            Value::Seq(seq) => seq.items.last_mut()?.last_scalar_mut(),
        }
    }

    /// Changes every origin of the tree, those of removals included.
    pub(crate) fn change_origins(&mut self, change: &mut impl FnMut(&mut Origin)) {
        change(&mut self.origin);
        let removed = match &mut self.value {
            Value::Scalar(_) => return,
            Value::Map(map) => {
                map.entries.iter_mut().for_each(|entry| entry.value.change_origins(change));
                &mut map.removed
            }
            Value::Seq(seq) => {
                seq.items.iter_mut().for_each(|item| item.change_origins(change));
                &mut seq.removed
            }
        };
        for removal in removed {
            change(&mut removal.by);
            change(&mut removal.had);
        }
    }

    /// What was taken out of this map or list, oldest first.
    pub fn removed(&self) -> &[Removal] {
        match &self.value {
            Value::Map(map) => map.removed(),
            Value::Seq(seq) => seq.removed(),
            Value::Scalar(_) => &[],
        }
    }
}

impl Map {
    /// A map of the given entries, whose keys are distinct.
    pub fn new(entries: impl Into<ThinVec<Entry>>) -> Self {
        Self { entries: entries.into(), removed: ThinVec::new() }
    }

    /// The entries in document order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries for change.
    pub fn entries_mut(&mut self) -> &mut ThinVec<Entry> {
        &mut self.entries
    }

    /// The entry's place in document order.
    pub fn index_of(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|entry| &*entry.key.text == key)
    }

    /// The value at `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| &*entry.key.text == key).map(|entry| &entry.value)
    }

    /// The value at `key` for change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|entry| &*entry.key.text == key).map(|entry| &mut entry.value)
    }

    /// Sets `key`, remembering the origin of a value that was there; a new key goes to the end.
    pub fn set(&mut self, key: &str, value: Node) {
        match self.get_mut(key) {
            Some(old) => old.replace(value),
            None => self.entries.push(Entry { key: Scalar::string(key), value }),
        }
    }

    /// Takes `key` out because of `by`, and remembers that.
    pub fn remove(&mut self, key: &str, by: &Origin) -> Option<Node> {
        let entry = self.entries.remove(self.index_of(key)?);
        self.note_removal(Removal { key: key.into(), by: by.clone(), had: entry.value.origin.clone() });
        Some(entry.value)
    }

    /// Remembers that something was taken out.
    pub fn note_removal(&mut self, removal: Removal) {
        self.removed.push(removal);
    }

    /// What was taken out, oldest first.
    pub fn removed(&self) -> &[Removal] {
        &self.removed
    }
}

impl Seq {
    /// Remembers that something was taken out.
    pub fn note_removal(&mut self, removal: Removal) {
        self.removed.push(removal);
    }

    /// What was taken out, oldest first.
    pub fn removed(&self) -> &[Removal] {
        &self.removed
    }
}

/// Equal values, wherever they come from and in whatever key order.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => a.tag == b.tag && a.text == b.text,
            (Value::Seq(a), Value::Seq(b)) => a.items == b.items,
            (Value::Map(a), Value::Map(b)) => {
                a.entries.len() == b.entries.len() && a.entries.iter().all(|entry| b.get(&entry.key.text) == Some(&entry.value))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
