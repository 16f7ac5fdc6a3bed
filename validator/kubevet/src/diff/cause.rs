//! One line of a base under several overlays: one cause, several effects.

use std::collections::BTreeMap;

use kubevet_facts::change::Kind;

use crate::check::{FieldChange, ObjectChange, OverlayChange};
use crate::findings::Location;
use crate::paths::shown;

/// A field that changes in the same way, and for the same reason, in several overlays.
#[derive(Debug)]
pub(super) struct Cause<'a> {
    pub(super) field: &'a FieldChange,
    /// The objects in which it does, each with its overlay.
    effects: Vec<(&'a OverlayChange, &'a ObjectChange)>,
}

impl Cause<'_> {
    /// Where it has an effect, in the words of `name`: several overlays of an environment that are called alike are counted.
    pub(super) fn effects(&self, name: impl Fn(&OverlayChange, &ObjectChange) -> String) -> String {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for (change, object) in &self.effects {
            let name = name(change, object);
            match counts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => counts.push((name, 1)),
            }
        }
        let words = counts.into_iter().map(|(name, count)| if count > 1 { format!("{name} ×{count}") } else { name });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// `base/web.yaml:12`
pub(super) fn at(location: &Location) -> String {
    let (line, _) = location.source.position(location.start);
    if location.is_whole_file() {
        shown(location.source.path()).display().to_string()
    } else {
        format!("{}:{line}", shown(location.source.path()).display())
    }
}

/// The line that makes a field what it is; where it is gone, the one that made it what it was.
pub(super) fn place(field: &FieldChange) -> Option<String> {
    let old = || field.was.as_ref().map(|was| format!("was {}", at(was)));
    if field.new.is_none() && !field.is_secret { old() } else { field.cause.as_ref().map(at).or_else(old) }
}

/// The lines that change fields in more than one overlay, and the first object of each overlay in which they do.
pub(super) fn causes(changes: &[OverlayChange]) -> Vec<Cause<'_>> {
    let mut found: BTreeMap<(String, String), Cause<'_>> = BTreeMap::new();
    for change in changes {
        for object in change.objects.iter().filter(|object| object.change == Kind::Changed) {
            for field in &object.fields {
                let Some(cause) = field.cause.as_ref().or(field.was.as_ref()) else { continue };
                let cause = found.entry((at(cause), field.path_text.clone())).or_insert_with(|| Cause { field, effects: Vec::new() });
                if !cause.effects.iter().any(|(known, _)| known.path == change.path) {
                    cause.effects.push((change, object));
                }
            }
        }
    }
    found.into_values().filter(|cause| cause.effects.len() > 1).collect()
}
