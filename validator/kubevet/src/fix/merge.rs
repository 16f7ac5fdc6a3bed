//! Strategic merge patches: what they say to give a field a value or to take it out, and fields of one that is there.

use kustomize::Node;
use serde_json::{Map, Value as Json, json};

use super::refusal::Refusal;
use super::spot::{Selector, Spot};
use super::texts::Texts;
use super::tree::Change;
use crate::location::Step;

/// Puts the fields of one value into another.
pub(super) fn join(into: &mut Json, more: Json) {
    match (into, more) {
        (Json::Object(into), Json::Object(more)) => {
            for (key, value) in more {
                match into.get_mut(&key) {
                    Some(known) => join(known, value),
                    None => drop(into.insert(key, value)),
                }
            }
        }
        (into, more) => *into = more,
    }
}

/// What a patch says to give a field a value, or to take it out.
pub(super) fn nested(path: &[Selector], value: Option<&Json>) -> Result<Json, Refusal> {
    let Some((first, rest)) = path.split_first() else { return value.cloned().ok_or_else(|| Refusal::new("a whole object would go")) };
    match first {
        Selector::Key(key) if rest.is_empty() => Ok(json!({key: value.cloned().unwrap_or(Json::Null)})),
        Selector::Key(key) => Ok(json!({key: nested(rest, value)?})),
        Selector::Element(keys) => {
            let mut element: Json = keys.iter().cloned().collect::<Map<_, _>>().into();
            match (rest.is_empty(), value) {
                (true, None) => join(&mut element, json!({"$patch": "delete"})),
                (true, Some(value)) => join(&mut element, value.clone()),
                (false, value) => join(&mut element, nested(rest, value)?),
            }
            Ok(json!([element]))
        }
    }
}

/// Sets a field in a strategic merge patch.
pub(super) fn merge(patch: &Spot, texts: &mut Texts, path: &[Selector], value: Option<&Json>) -> Result<(), Refusal> {
    let root = patch.root(texts)?;
    let (mut node, mut found) = (&root, Vec::new());
    for (at, selector) in path.iter().enumerate() {
        let next = match selector {
            Selector::Key(key) => node.get(key).map(|next| (next, Step::Key(key.clone()))),
            Selector::Element(keys) => {
                let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
                let is_it = |item: &Node| keys.iter().all(|(key, value)| item.get(key).and_then(Node::text) == Some(&text(value)));
                node.items().iter().enumerate().find(|(_, item)| is_it(item)).map(|(index, next)| (next, Step::Index(index)))
            }
        };
        let Some((next, step)) = next else {
            let rest = nested(path.get(at..).unwrap_or_default(), value)?;
            let change = match (selector, rest) {
                (Selector::Key(key), Json::Object(mut fields)) => {
                    found.push(Step::Key(key.clone()));
                    Change::Set(found, fields.remove(key).unwrap_or_default())
                }
                (Selector::Element(_), Json::Array(mut items)) => Change::Add(found, items.pop().unwrap_or_default()),
                _ => return Err(Refusal::not_there()),
            };
            return patch.change(texts, &change);
        };
        found.push(step);
        node = next;
    }
    let change = match (path.last(), value) {
        (_, Some(value)) => Change::Set(found, value.clone()),
        (Some(Selector::Element(_)), None) => {
            found.push(Step::Key("$patch".to_owned()));
            Change::Set(found, json!("delete"))
        }
        (_, None) => Change::Set(found, Json::Null),
    };
    patch.change(texts, &change)
}
