//! What stands around a value in its text.

use kustomize::Node;

use super::refusal::Refusal;
use super::style::column;
use crate::locate;
use crate::location::Step;

/// What stands around a value.
pub(super) struct Around {
    /// The offset behind the colon of its key, or behind its dash.
    pub(super) behind: usize,
    /// The column of its key or dash.
    pub(super) column: usize,
    /// Whether it stands behind a dash.
    pub(super) is_element: bool,
    /// Whether it is within brackets.
    pub(super) is_flow: bool,
}

impl Around {
    /// What is around the value at a path that leads somewhere; nothing for a whole document.
    pub(super) fn of(text: &str, root: &Node, path: &[Step]) -> Option<Self> {
        let (last, above) = path.split_last()?;
        let node = locate::resolve(root, path)?;
        let in_brackets = |end: usize| {
            let node = path.get(..end).and_then(|path| locate::resolve(root, path));
            node.is_some_and(|node| is_flow(text, node))
        };
        let is_flow = (0..=above.len()).any(in_brackets);
        Some(match last {
            Step::Key(_) => {
                let key = node.origin.key as usize;
                let end = key_end(text, key)?;
                let gap = text.get(end..)?.find(':')?;
                Self { behind: end + gap + 1, column: column(text, key), is_element: false, is_flow }
            }
            Step::Index(_) => {
                let dash = text.get(..node.origin.start as usize)?.trim_end().len().checked_sub(1)?;
                Self { behind: dash + 1, column: column(text, dash), is_element: true, is_flow }
            }
        })
    }

    /// Whether a value stands in its map or list, and does not come from an alias or a merge key.
    pub(super) fn is_own(parent: &Node, node: &Node) -> bool {
        parent.origin.start <= node.origin.key && node.origin.end <= parent.origin.end
    }
}

/// Whether a map or list is written in brackets.
pub(super) fn is_flow(text: &str, node: &Node) -> bool {
    let first = node.entries().first().map(|entry| entry.value.origin.key).or_else(|| node.items().first().map(|item| item.origin.key));
    // A list whose elements stand in the column of its key begins where its first element does.
    let is_outside = first.is_none_or(|first| first > node.origin.start);
    is_outside && node.as_scalar().is_none() && text.get(node.origin.start as usize..).is_some_and(|text| text.starts_with(['{', '[']))
}

/// Refuses a path that leads into what an alias or a merge key brings.
pub(super) fn children_are_own(root: &Node, path: &[Step]) -> Result<(), Refusal> {
    let mut parent = root;
    for step in path {
        let node = locate::child(parent, step).ok_or_else(Refusal::not_there)?;
        if !Around::is_own(parent, node) {
            return Err(Refusal::new("the place is one with others by an anchor, an alias or a merge key"));
        }
        parent = node;
    }
    Ok(())
}

/// The end of a key that begins at an offset.
pub(super) fn key_end(text: &str, key: usize) -> Option<usize> {
    let rest = text.get(key..)?;
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    let Some(quote) = quote else {
        // A colon ends a plain key where a space or nothing is behind it.
        let ends = |at: &usize| {
            rest.get(at + 1..).is_none_or(|behind| behind.is_empty() || behind.starts_with([' ', '\t', '\n', '\r', ',', '}', '{', '[']))
        };
        let colon = rest.match_indices(':').map(|(at, _)| at).find(ends)?;
        return Some(key + rest.get(..colon)?.trim_end().len());
    };
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if character == quote => return Some(key + at + 1),
            _ => {}
        }
    }
    None
}
