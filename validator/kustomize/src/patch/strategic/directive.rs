//! `$patch`: what a part of a patch says of itself.

use crate::source::Origin;
use crate::yaml::node::Node;

/// What a map or list of a patch is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive<'a> {
    Delete,
    Replace,
    Merge,
    Unknown(&'a str),
}

/// The field that says it.
pub(super) const DIRECTIVE: &str = "$patch";

impl<'a> Directive<'a> {
    /// The `$patch` of a map, and where it is.
    pub(super) fn of(patch: &'a Node) -> Option<(Self, &'a Origin)> {
        let value = patch.get(DIRECTIVE)?;
        Some((Self::named(value), &value.origin))
    }

    /// The `$patch` of a list: the first element that has one, if it has nothing else.
    pub(super) fn of_list(patch: &'a Node) -> Option<(Self, &'a Origin)> {
        let element = patch.items().iter().find(|item| item.get(DIRECTIVE).is_some())?;
        if element.entries().len() > 1 { None } else { Self::of(element) }
    }

    /// The map without its directive, if it has one.
    pub(super) fn stripped(patch: &Node) -> Option<Node> {
        if matches!(Directive::of(patch)?, (Directive::Unknown(_), _)) {
            return None;
        }
        let mut node = patch.clone();
        node.as_map_mut()?.entries_mut().retain(|entry| &*entry.key.text != DIRECTIVE);
        Some(node)
    }

    /// What a value of the field says.
    pub(super) fn named(value: &'a Node) -> Self {
        match value.text().unwrap_or_default() {
            "delete" => Self::Delete,
            "replace" => Self::Replace,
            "merge" => Self::Merge,
            other => Self::Unknown(other),
        }
    }
}
