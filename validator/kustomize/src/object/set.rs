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
    Pair::new(key, value, Share::default()).set_at(map, at);
}

/// Sets many strings as [`set_pair`] does. The keys are distinct.
pub(crate) fn set_pairs<'m, 'p: 'm>(map: &mut Map, pairs: impl ExactSizeIterator<Item = &'m mut Pair<'p>>) {
    /// So many are found quicker without an index.
    const FEW: usize = 8;
    if pairs.len() <= FEW {
        pairs.for_each(|pair| pair.set_at(map, map.index_of(pair.key)));
        return;
    }
    let index: HashMap<EcoString, usize> = map.entries().iter().enumerate().map(|(at, entry)| (entry.key.text.clone(), at)).rev().collect();
    pairs.for_each(|pair| pair.set_at(map, index.get(pair.key).copied()));
}

/// A string that is set in several maps: one node to Kustomize, which hangs it where its key is new, and copies it to where it is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair<'p> {
    key: &'p str,
    value: &'p Text,
    /// That of the places where the key was new.
    share: Share,
    /// The node's, which takes over the quotes of what it is copied to.
    style: Style,
    is_hung: bool,
    /// Whether the style is another one since it was hung somewhere.
    is_restyled: bool,
}

impl<'p> Pair<'p> {
    /// One that was set nowhere yet.
    pub(crate) fn new(key: &'p str, value: &'p Text, share: Share) -> Self {
        Self { key, value, share, style: Style::Plain, is_hung: false, is_restyled: false }
    }

    /// The scalars to which it has given a style that is not its own any more, and that style.
    pub(crate) fn restyled(&self) -> Option<(Share, Style)> {
        self.is_restyled.then_some((self.share, self.style))
    }

    /// Sets it at the place where its key is, or at the end.
    fn set_at(&mut self, map: &mut Map, at: Option<usize>) {
        let quoted = Scalar::quoted(self.value.value.clone());
        let own = if self.style == Style::Plain { quoted.style } else { self.style };
        match at.and_then(|at| map.entries_mut().get_mut(at)) {
            Some(old) => {
                let style = old.value.as_scalar().map_or(own, |scalar| scalar.style);
                self.take(if style == Style::FlowPlain { Style::Plain } else { style });
                old.value.replace(Node::scalar(Scalar { style, ..quoted }, self.value.origin.clone()));
            }
            None => {
                self.take(own);
                self.is_hung = true;
                let value = Node::scalar(Scalar { style: own, share: self.share, ..quoted }, self.value.origin.clone());
                map.entries_mut().push(Entry { key: unquoted_key(self.key), value });
            }
        }
    }

    fn take(&mut self, style: Style) {
        self.is_restyled |= self.is_hung && self.style != style;
        self.style = style;
    }
}

/// A key that Kustomize writes without quotes.
pub(crate) fn unquoted_key(key: &str) -> Scalar {
    Scalar::plain(key, resolve(key, Dialect::YamlV3))
}
