//! Scalars that came out otherwise than they are written: `0777` is 511, `1.10` is 1.1, a date is a time, and of a long
//! integer the last digits are lost.

use std::collections::HashSet;

use crate::context::Context;
use crate::note::{Note, NoteKind};
use crate::source::SourceId;
use crate::yaml::node::{Entry, Node, Scalar, Tag, Value};
use crate::yaml::{Dialect, resolve};

/// Fields that are written in octal on purpose: the modes of files in volumes.
const FILE_MODES: [&str; 2] = ["defaultMode", "mode"];

/// Collects a note for every such scalar of the finished objects that it is shown, each line once.
#[derive(Default)]
pub(crate) struct Changed {
    notes: Vec<Note>,
    seen: HashSet<(SourceId, u32)>,
}

impl Changed {
    pub(crate) fn look(&mut self, context: &Context, object: &Node) {
        let is_secret = object.str_at(&["kind"]) == Some("Secret");
        walk(object, &mut |node, scalar, among_numbers| {
            let Some(written) = written(context, node, scalar) else { return };
            // Among numbers it is one, and no version.
            if among_numbers && written.parse::<f64>().is_ok_and(|number| scalar.text.parse() == Ok(number)) {
                return;
            }
            if self.seen.insert((node.origin.source, node.origin.start)) {
                let message = if is_secret {
                    "the value reads otherwise than it is written".to_owned()
                } else {
                    format!("`{written}` reads as {}", scalar.text)
                };
                self.notes.push(Note::new(NoteKind::ValueChanged, message, node.origin.clone()));
            }
        });
    }

    pub(crate) fn into_notes(self) -> Vec<Note> {
        self.notes
    }
}

/// Shows each scalar to `visit`, with whether it is in a list of numbers.
fn walk<'n>(node: &'n Node, visit: &mut impl FnMut(&'n Node, &'n Scalar, bool)) {
    match &node.value {
        Value::Scalar(scalar) => visit(node, scalar, false),
        Value::Seq(seq) => {
            let numbers = seq.items.iter().filter_map(|item| item.as_scalar().filter(|scalar| matches!(scalar.tag, Tag::Int | Tag::Float)));
            let among_numbers = seq.items.len() > 1 && numbers.count() == seq.items.len();
            for item in &seq.items {
                match item.as_scalar() {
                    Some(scalar) => visit(item, scalar, among_numbers),
                    None => walk(item, visit),
                }
            }
        }
        Value::Map(map) => {
            let is_mode = |entry: &&Entry| FILE_MODES.contains(&&*entry.key.text) && entry.value.as_scalar().is_some();
            map.entries().iter().filter(|entry| !is_mode(entry)).for_each(|entry| walk(&entry.value, visit));
        }
    }
}

/// What stands in the file, if it is a plain number or time and differs from what came out.
fn written<'c>(context: &'c Context, node: &Node, scalar: &Scalar) -> Option<&'c str> {
    let wanted: &[Tag] = match scalar.tag {
        Tag::Int | Tag::Float => &[Tag::Int, Tag::Float],
        // Times come out as `2001-01-01T00:00:00Z` or with an offset.
        Tag::Str if scalar.text.get(10..11) == Some("T") => &[Tag::Timestamp],
        _ => return None,
    };
    let text = context.sources.get(node.origin.source).text();
    let written = text.get(node.origin.start as usize..node.origin.end as usize)?;
    let is_other = *written != *scalar.text && written.len() < 64 && wanted.contains(&resolve(written, Dialect::YamlV3));
    is_other.then_some(written)
}
