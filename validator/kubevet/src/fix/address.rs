//! Paths into objects, as patches have them.

use kustomize::{Node, Tag, merge_keys};
use serde_json::{Value as Json, json};

use super::refusal::Refusal;
use super::spot::Selector;
use super::tree;
use crate::locate;
use crate::location::Step;

/// The keys by which the elements of the list at a path are merged.
pub(super) fn keys_of(object: &Node, path: &[Step]) -> Option<&'static [&'static str]> {
    let keys = path.iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    merge_keys(object.str_at(&["apiVersion"])?, object.str_at(&["kind"])?, keys)
}

/// A path as a strategic merge patch has it.
pub(super) fn selectors(object: &Node, path: &[Step]) -> Result<Vec<Selector>, Refusal> {
    let mut found = Vec::new();
    for (at, step) in path.iter().enumerate() {
        found.push(match step {
            Step::Key(key) => Selector::Key(key.clone()),
            Step::Index(_) => {
                let replaced = || Refusal::new("Kustomize replaces the list as a whole");
                let above = path.get(..at).unwrap_or_default();
                let keys = keys_of(object, above).filter(|keys| !keys.is_empty()).ok_or_else(replaced)?;
                let element = path.get(..=at).and_then(|path| locate::resolve(object, path)).ok_or_else(Refusal::not_there)?;
                let of = |key: &&str| Some(((*key).to_owned(), scalar(element.get(key)?)?));
                let keys: Vec<_> = keys.iter().filter_map(of).collect();
                if keys.is_empty() {
                    return Err(replaced());
                }
                Selector::Element(keys)
            }
        });
    }
    Ok(found)
}

pub(super) fn scalar(node: &Node) -> Option<Json> {
    let text = node.text()?;
    Some(match node.as_scalar()?.tag {
        Tag::Int => text.parse::<i64>().map_or_else(|_| json!(text), Json::from),
        Tag::Bool => json!(text == "true"),
        _ => json!(text),
    })
}

/// The pointer of a JSON patch, and its value with the maps that are missing.
pub(super) fn pointer(object: &Node, path: &[Step], value: &Json, is_addition: bool) -> Result<(String, Json), Refusal> {
    let there = tree::depth(object, path);
    let end = (there + 1).min(path.len());
    let mut pointer: String = path.get(..end).unwrap_or_default().iter().map(|step| format!("/{}", escaped(step))).collect();
    let mut value = value.clone();
    if is_addition && there == path.len() {
        pointer.push_str("/-");
        return Ok((pointer, value));
    }
    if is_addition {
        value = json!([value]);
    }
    for step in path.get(end..).unwrap_or_default().iter().rev() {
        let Step::Key(key) = step else { return Err(Refusal::not_there()) };
        value = json!({key: value});
    }
    Ok((pointer, value))
}

pub(super) fn escaped(step: &Step) -> String {
    match step {
        Step::Key(key) => key.replace('~', "~0").replace('/', "~1"),
        Step::Index(index) => index.to_string(),
    }
}
