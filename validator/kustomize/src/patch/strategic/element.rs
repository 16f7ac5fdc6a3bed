//! The elements of lists.

use ecow::EcoString;

use crate::yaml::node::{Node, Tag, Value};

use super::directive::{DIRECTIVE, Directive};

/// The elements of a patch's list without those that have the same directive as the first that has one, and without empty ones.
pub(super) fn without_directive(patch: &Node) -> Vec<Node> {
    let directive = patch.items().iter().find_map(|item| item.get(DIRECTIVE)).map(Directive::named);
    let stays = |item: &&Node| !is_empty(item) && item.get(DIRECTIVE).map(Directive::named) != directive;
    patch.items().iter().filter(stays).cloned().collect()
}

/// The text of an element's merge key; empty where it is missing, null or empty.
pub(super) fn key_text<'n>(node: &'n Node, key: &str) -> &'n str {
    node.get(key).and_then(Node::as_scalar).filter(|scalar| scalar.tag != Tag::Null).map_or("", |scalar| &scalar.text)
}

/// What an element goes by in a [`Removal`].
pub(super) fn key_label(node: &Node, keys: &[&str]) -> EcoString {
    keys.first().map_or("", |key| key_text(node, key)).into()
}

/// Whether an element is one that Kustomize drops.
pub(super) fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.tag == Tag::Null,
        Value::Map(map) => map.entries().is_empty(),
        Value::Seq(_) => false,
    }
}
