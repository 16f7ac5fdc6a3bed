//! Setting a field as Kustomize's `FieldSetter` does it.

use ecow::EcoString;
use foldhash::HashMap;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::error::Error;
use crate::source::Origin;
use crate::yaml::node::{Entry, Map, Node, Scalar, Style, Tag};
use crate::yaml::share::Share;
use crate::yaml::{Dialect, resolve};

/// Sets the text of a scalar as `FieldSetter` does it: quotes stay, and without quotes the text says what it is.
///
/// # Errors
/// Where the build has used up what it may use.
pub(crate) fn set_text(context: &Context, node: &mut Node, text: impl Into<EcoString>, origin: &Origin) -> Result<(), Error> {
    let text = text.into();
    context.charge(Cost::text(&text), origin)?;
    let node_origin = node.origin.clone();
    let style = node.as_scalar().map_or(Style::Plain, |scalar| scalar.style);
    let scalar = match style {
        Style::Plain | Style::FlowPlain => Scalar { style, ..Scalar::implicit(text) },
        _ => Scalar::new(text, Tag::Str, style),
    };
    let is_same = |old: &Origin| (old.source, old.key, old.start, old.end) == (origin.source, origin.key, origin.start, origin.end);
    match node.as_scalar_mut() {
        // What the same line sets again has not changed hands.
        Some(old) if is_same(&node_origin) => *old = Scalar { share: old.share.written(), ..scalar },
        _ => node.replace(Node::scalar(scalar, origin.clone())),
    }
    Ok(())
}

/// Sets a string in a map as `FieldSetter` does it. A new key is written without quotes, which matters where it reads as a
/// number or boolean: kubectl fails on such a key, and so does the canonical form.
pub(crate) fn set_pair(map: &mut Map, key: &str, value: &Text) {
    let at = map.index_of(key);
    set_pair_at(map, at, key, value, Share::default());
}

/// Sets many strings as [`set_pair`] does, each of which is one with the others of its share where its key is new. The keys are distinct.
pub(crate) fn set_pairs<'p>(map: &mut Map, pairs: impl ExactSizeIterator<Item = (&'p str, &'p Text, Share)>) {
    /// So many are found quicker without an index.
    const FEW: usize = 8;
    if pairs.len() <= FEW {
        pairs.for_each(|(key, value, share)| set_pair_at(map, map.index_of(key), key, value, share));
        return;
    }
    let index: HashMap<EcoString, usize> = map.entries().iter().enumerate().map(|(at, entry)| (entry.key.text.clone(), at)).rev().collect();
    pairs.for_each(|(key, value, share)| set_pair_at(map, index.get(key).copied(), key, value, share));
}

/// Sets a string at the place where its key is, or at the end.
fn set_pair_at(map: &mut Map, at: Option<usize>, key: &str, value: &Text, share: Share) {
    let scalar = Scalar::string(value.value.clone());
    match at.and_then(|at| map.entries_mut().get_mut(at)) {
        Some(old) => old.value.replace(Node::scalar(scalar, value.origin.clone())),
        None => {
            let value = Node::scalar(Scalar { share, ..scalar }, value.origin.clone());
            map.entries_mut().push(Entry { key: unquoted_key(key), value })
        }
    }
}

/// A key that Kustomize writes without quotes.
pub(crate) fn unquoted_key(key: &str) -> Scalar {
    Scalar::plain(key, resolve(key, Dialect::YamlV3))
}
