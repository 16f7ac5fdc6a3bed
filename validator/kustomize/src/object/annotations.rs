//! An object's annotations as Kustomize handles them: it writes them anew now and then, and its own stand among them.

use crate::context::Context;
use crate::error::Error;
use crate::object::set::unquoted_key;
use crate::source::Origin;
use crate::yaml::node::{Entry, Map, Node, Scalar, Value};

/// Annotations or labels that are a list with an odd number of elements, which kubectl does not survive.
pub(crate) struct OddList(pub(crate) Origin);

impl OddList {
    /// The refusal to go on with it.
    pub(crate) fn refusal(&self, context: &Context) -> Error {
        context.invalid(&self.0, "annotations and labels must be a map, and this is a list")
    }
}

/// Reads the annotations or labels in `metadata` and writes them back (`GetAnnotations`, `SetAnnotations`): all values become strings, keys lose
/// their quotes, a list is taken for keys and values in turn, and what has nothing in it goes.
pub(crate) fn rewrite(metadata: &mut Map, field: &str) -> Result<(), OddList> {
    let Some(pairs) = metadata.get_mut(field) else { return Ok(()) };
    let origin = pairs.origin.clone();
    match &mut pairs.value {
        Value::Map(map) => {
            for entry in map.entries_mut() {
                entry.key = unquoted_key(&entry.key.text);
                rewrite_value(&mut entry.value);
            }
        }
        Value::Seq(seq) if seq.items.len() % 2 == 1 => return Err(OddList(origin)),
        Value::Seq(seq) => {
            let mut map = Map::default();
            let mut items = std::mem::take(&mut seq.items).into_iter();
            while let (Some(key), Some(mut value)) = (items.next(), items.next()) {
                rewrite_value(&mut value);
                let key = key.text().unwrap_or_default();
                match map.get_mut(key) {
                    Some(earlier) => *earlier = value,
                    None => map.entries_mut().push(Entry { key: unquoted_key(key), value }),
                }
            }
            pairs.value = Value::Map(map);
        }
        Value::Scalar(_) => {}
    }
    if pairs.entries().is_empty()
        && let Some(at) = metadata.index_of(field)
    {
        // Of two only the first goes.
        metadata.entries_mut().remove(at);
    }
    Ok(())
}

/// A string without quotes, unless it would be something else then.
pub(crate) fn rewrite_value(value: &mut Node) {
    match &mut value.value {
        Value::Scalar(scalar) => {
            *scalar = Scalar { before_comment: scalar.before_comment, ..Scalar::quoted(std::mem::take(&mut scalar.text)) };
        }
        other => *other = Value::Scalar(Scalar::string("")),
    }
}
