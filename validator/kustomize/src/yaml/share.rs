//! Scalars that are one to Kustomize: a label or annotation that one transformer put in several places of an object.
//!
//! Kustomize makes one node for such a value and hangs it into every map that had no such key. Whatever sets one of them
//! later, in place, sets all of them, until the object passes through JSON, as it does for a JSON patch. Here each has its own
//! node; they know that they belong together by a number, and [`settle`] copies what was written to one to the others.

use foldhash::HashMap;

use crate::source::Origin;
use crate::yaml::node::{Node, Scalar, Style, Value};

pub(crate) use super::scalar::Share;

/// Gives every scalar what was written to one of its group; where several were written, what was written last.
///
/// The number of scalars that were looked at.
pub(crate) fn settle(object: &mut Node) -> usize {
    let mut looked_at = 0;
    if !is_any_written(object, &mut looked_at) {
        return looked_at;
    }
    let mut written: HashMap<u16, (Scalar, Origin)> = HashMap::default();
    each(object, &mut |scalar, origin| {
        looked_at += 2;
        if std::mem::take(&mut scalar.share.written) {
            written.insert(scalar.share.group, (scalar.clone(), origin.clone()));
        }
    });
    each(object, &mut |scalar, origin| {
        if let Some((new, by)) = written.get(&scalar.share.group) {
            scalar.clone_from(new);
            origin.clone_from(by);
        }
    });
    looked_at
}

fn is_any_written(node: &Node, looked_at: &mut usize) -> bool {
    match &node.value {
        Value::Scalar(scalar) => {
            *looked_at += 1;
            scalar.share.is_written()
        }
        Value::Map(map) => map.entries().iter().any(|entry| is_any_written(&entry.value, looked_at)),
        Value::Seq(seq) => seq.items.iter().any(|item| is_any_written(item, looked_at)),
    }
}

/// Gives the scalars of a group a style; how many were looked at.
pub(crate) fn restyle(node: &mut Node, share: Share, style: Style) -> usize {
    let mut looked_at = 0;
    each(node, &mut |scalar, _| {
        looked_at += 1;
        if scalar.share.group == share.group {
            scalar.style = style;
        }
    });
    looked_at
}

/// Makes each scalar in the tree one of its own.
pub(crate) fn separate(node: &mut Node) {
    each(node, &mut |scalar, _| scalar.share = Share::default());
}

/// Visits the scalars, fields by name: the order in which a strategic merge sets them.
fn each(node: &mut Node, visit: &mut dyn FnMut(&mut Scalar, &mut Origin)) {
    match &mut node.value {
        Value::Scalar(scalar) => visit(scalar, &mut node.origin),
        Value::Map(map) => {
            let mut entries: Vec<_> = map.entries_mut().iter_mut().collect();
            entries.sort_unstable_by(|a, b| a.key.text.cmp(&b.key.text));
            entries.into_iter().for_each(|entry| each(&mut entry.value, visit));
        }
        Value::Seq(seq) => seq.items.iter_mut().for_each(|item| each(item, visit)),
    }
}
