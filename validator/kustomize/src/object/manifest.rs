//! Objects out of YAML text, as Kustomize's resource factory makes them.

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::Error;
use crate::object::resource::is_nil_or_empty;
use crate::source::SourceId;
use crate::yaml::node::{Node, Style, Tag, Value};
use crate::yaml::{self, Dialect};

/// Reads the objects of a source: empty documents are dropped, lists become their items, and every object must have a kind
/// and a name.
pub(crate) fn read_objects(context: &mut Context, id: SourceId) -> Result<Vec<Node>, Error> {
    let documents = context.read(id, Dialect::YamlV3)?;
    objects_in(context, documents)
}

/// Reads the objects of a patch, in whose maps a key may come twice.
pub(crate) fn read_repeating(context: &mut Context, id: SourceId) -> Result<Vec<Node>, Error> {
    let documents = yaml::read_repeating(&context.sources, id)?;
    for document in &documents {
        context.charge(Cost::tree(document), &document.origin)?;
    }
    objects_in(context, documents)
}

fn objects_in(context: &Context, mut documents: Vec<Node>) -> Result<Vec<Node>, Error> {
    // A file that is one List is unwrapped as it is. Any other list takes the way to JSON and its items go to the end.
    if let [only] = documents.as_mut_slice()
        && matches!(only.get("kind").and_then(Node::text), Some("List" | "ResourceList"))
        && let Some(Value::Seq(seq)) = only.get_mut("items").map(|items| &mut items.value)
    {
        documents = std::mem::take(&mut seq.items).into_iter().collect();
    }
    let mut queue = Vec::with_capacity(documents.len());
    take_good(context, documents, &mut queue)?;
    let mut objects = Vec::with_capacity(queue.len());
    let mut at = 0;
    while let Some(slot) = queue.get_mut(at) {
        at += 1;
        let mut node = std::mem::replace(slot, Node::map(slot.origin.clone()));
        let is_list = node.get("kind").and_then(Node::text).is_some_and(|kind| kind.ends_with("List"));
        let Some(items) = node.get_mut("items").filter(|_| is_list) else {
            objects.push(node);
            continue;
        };
        if items.is_null() {
            continue;
        }
        let origin = items.origin.clone();
        let Value::Seq(seq) = &mut items.value else {
            return Err(context.invalid(&origin, "`items` of a list must be a list"));
        };
        let mut inner = std::mem::take(&mut seq.items);
        for item in &mut inner {
            unfold(item);
            yaml::canonical(item, &context.sources)?;
            quote(item);
        }
        take_good(context, inner, &mut queue)?;
    }
    Ok(objects)
}

/// Folded texts become literal ones: the way to JSON does not fold them again.
fn unfold(node: &mut Node) {
    match &mut node.value {
        Value::Map(map) => map.entries_mut().iter_mut().for_each(|entry| unfold(&mut entry.value)),
        Value::Seq(seq) => seq.items.iter_mut().for_each(unfold),
        Value::Scalar(scalar) if scalar.style == Style::Folded => scalar.style = Style::Literal,
        Value::Scalar(_) => {}
    }
}

/// Gives strings the quotes that they have in JSON: what replaces one of them later is a string.
fn quote(node: &mut Node) {
    match &mut node.value {
        Value::Map(map) => map.entries_mut().iter_mut().for_each(|entry| quote(&mut entry.value)),
        Value::Seq(seq) => seq.items.iter_mut().for_each(quote),
        Value::Scalar(scalar) if scalar.tag == Tag::Str => scalar.style = Style::DoubleQuoted,
        Value::Scalar(_) => {}
    }
}

/// Appends the nodes that are objects; nothing is dropped but what is empty (`dropBadNodes`).
fn take_good(context: &Context, nodes: impl IntoIterator<Item = Node>, out: &mut Vec<Node>) -> Result<(), Error> {
    for node in nodes {
        if !is_nil_or_empty(&node) {
            check(context, &node)?;
            out.push(node);
        }
    }
    Ok(())
}

/// An object must be a map with a kind and, if it is no list, a name.
pub(crate) fn check(context: &Context, node: &Node) -> Result<(), Error> {
    if node.as_map().is_none() {
        return Err(context.invalid(&node.origin, "a Kubernetes object must be a map"));
    }
    let kind = node.get("kind").filter(|kind| !kind.is_null()).and_then(Node::text).unwrap_or_default();
    if kind.is_empty() {
        return Err(context.invalid(&node.origin, "this object has no `kind`"));
    }
    let name = node.at(&["metadata", "name"]).filter(|name| !name.is_null()).and_then(Node::text).unwrap_or_default();
    if name.is_empty() && !kind.ends_with("List") {
        return Err(context.invalid(&node.origin, format!("this {kind} has no `metadata.name`")));
    }
    Ok(())
}
