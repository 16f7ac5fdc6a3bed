//! Merging lists whose elements lack merge keys or share them, step by step as Kustomize does.
//!
//! Kustomize works on pointers: an element that was merged is the same node in the object's list and in the result. Here a
//! pointer is the index of a slot.

use ecow::EcoString;

use crate::error::Error;
use crate::note::{Note, NoteKind};
use crate::object::schema::{Schema, Type};
use crate::source::Origin;
use crate::yaml::node::{Node, Removal, Seq, Value};

use super::directive::Directive;
use super::element::{is_empty, key_label, key_text};
use super::walk::{Fate, Level, Merge, Path};

/// An element; the patch's own until it is taken into the object.
enum Slot<'p> {
    Own(Node),
    Patch(&'p Node),
}

impl Slot<'_> {
    fn node(&self) -> &Node {
        match self {
            Self::Own(node) => node,
            Self::Patch(node) => node,
        }
    }
}

/// A merge of two such lists.
struct Untidy<'p, 'k> {
    slots: Vec<Slot<'p>>,
    /// The object's list.
    dest: Vec<usize>,
    /// The patch's list; `None` where it is the object's list itself, because the patch adds it.
    patch: Option<Vec<usize>>,
    keys: &'k [&'k str],
    item: Type<'k>,
    path: Path<'k>,
    removed: Vec<Removal>,
}

impl Merge<'_> {
    /// Merges the patch's elements into `dest`; `by` is the patch's list.
    pub(super) fn untidy_elements(
        &mut self,
        dest: &mut Seq,
        new: &[Node],
        by: Option<&Origin>,
        keys: &[&str],
        item: Type<'_>,
        path: Path<'_>,
    ) -> Result<(), Error> {
        let own = std::mem::take(&mut dest.items);
        let count = own.len();
        let slots = own.into_iter().map(Slot::Own).chain(new.iter().map(Slot::Patch)).collect();
        let patch = (count..count + new.len()).collect();
        let mut this = Untidy { slots, dest: (0..count).collect(), patch: Some(patch), keys, item, path, removed: Vec::new() };
        let (items, became) = this.run(self)?;
        for (element, slot) in new.iter().zip(&became[count..]) {
            if slot.is_none_or(|slot| items.contains(&slot)) {
                continue;
            }
            if let Some((Directive::Replace, by)) = Directive::of(element) {
                self.note_no_replacement(by, path);
            } else {
                let message = format!(
                    "the element `{}` of `{path}` is lost, because the object's element and the patch's do not both have {}",
                    key_label(element, keys),
                    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and "),
                );
                self.note(NoteKind::ElementLost, message, &element.origin);
            }
        }
        for (at, element) in new.iter().enumerate() {
            let is_there = became[count + at].is_some() || items.contains(&(count + at)) || is_empty(element);
            if !is_there && Directive::of(element).is_none() {
                let keys_named = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ");
                let message = format!(
                    "the element `{}` of `{path}` is lost: another one of the patch has what it has of {keys_named}",
                    key_label(element, keys)
                );
                self.note(NoteKind::ElementLost, message, &element.origin);
            }
        }
        let explained: Vec<Origin> = this.removed.iter().map(|removal| removal.had.clone()).collect();
        for slot in (0..count).filter(|slot| !items.contains(slot)) {
            let node = this.slots[slot].node();
            if !explained.contains(&node.origin) {
                let message = format!(
                    "the element `{}` of `{path}` is lost in the merge: another one has the same merge key, or one has none",
                    key_label(node, keys)
                );
                let (by, why) = match by {
                    Some(by) => (by, "this patch merges the list"),
                    None => (self.patch, "this patch has Kustomize merge every list of the object with itself"),
                };
                self.notes.push(Note::new(NoteKind::ElementLost, message, node.origin.clone()).related(by.clone(), why));
                let by = by.clone();
                dest.note_removal(Removal { key: key_label(node, keys), by, had: node.origin.clone() });
            }
        }
        std::mem::take(&mut this.removed).into_iter().for_each(|removal| dest.note_removal(removal));
        dest.items = this.collect(&items).into();
        Ok(())
    }

    /// What becomes of a list that the patch adds: Kustomize merges it with itself.
    pub(super) fn adopt_untidy(&mut self, new: &[Node], keys: &[&str], item: Type<'_>, path: Path<'_>) -> Result<Vec<Node>, Error> {
        let slots = new.iter().map(Slot::Patch).collect();
        let mut this = Untidy { slots, dest: (0..new.len()).collect(), patch: None, keys, item, path, removed: Vec::new() };
        let (items, _) = this.run(self)?;
        Ok(this.collect(&items))
    }
}

impl<'p> Untidy<'p, '_> {
    /// Kustomize's steps compare each element with each other; beyond this many that costs seconds.
    const MOST_ELEMENTS: usize = 4096;

    /// The slots of the merged list, and for each slot the one that it became, if it was merged and not deleted.
    fn run(&mut self, merge: &mut Merge<'_>) -> Result<(Vec<usize>, Vec<Option<usize>>), Error> {
        if let (true, Some(first)) = (self.slots.len() > Self::MOST_ELEMENTS, self.slots.first()) {
            return Err(merge.too_long(self.path, &first.node().origin));
        }
        merge.steps += self.slots.len() * self.slots.len();
        let mut became = vec![None; self.slots.len()];
        let mut values = self.values();
        if self.keys.len() > 1 {
            unite(&mut values);
        }
        let used: Vec<bool> = (0..self.keys.len()).map(|key| values.iter().any(|values| !values[key].is_empty())).collect();
        let any = used.contains(&true);
        let narrow = |list: &[EcoString]| -> Vec<EcoString> {
            list.iter().zip(&used).filter(|(_, used)| !any || **used).map(|(value, _)| value.clone()).collect()
        };
        let keys: Vec<&str> = self.keys.iter().zip(&used).filter(|(_, used)| !any || **used).map(|(key, _)| *key).collect();
        let mut items = Vec::new();
        for values in &values {
            let values = narrow(values);
            let dest = self.find(&self.dest, &keys, &values);
            let patch = match &self.patch {
                Some(list) => self.find(list, &keys, &values),
                None => dest,
            };
            let merged = self.walk(merge, dest, patch)?;
            if let (Some(patch), Some(merged)) = (patch, merged) {
                became[patch] = Some(merged);
            }
            match merged.filter(|slot| !is_empty(self.slots[*slot].node())) {
                Some(slot) => self.set(merge, &mut items, &keys, &values, Some(slot))?,
                None => {
                    let mut dest = std::mem::take(&mut self.dest);
                    self.set(merge, &mut dest, &keys, &values, None)?;
                    self.dest = dest;
                }
            }
        }
        if !values.is_empty() {
            self.append(merge, &mut items, &keys)?;
        }
        Ok((items, became))
    }

    /// The merge keys' values of all elements, the patch's first, each once.
    fn values(&self) -> Vec<Vec<EcoString>> {
        let mut all: Vec<Vec<EcoString>> = Vec::new();
        for slot in self.patch.iter().flatten().chain(&self.dest) {
            let node = self.slots[*slot].node();
            let values: Vec<EcoString> = self.keys.iter().map(|key| key_text(node, key).into()).collect();
            if !all.contains(&values) {
                all.push(values);
            }
        }
        all
    }

    /// The first element whose keys have the given values; keys without a value do not count if another has one.
    fn find(&self, list: &[usize], keys: &[&str], values: &[EcoString]) -> Option<usize> {
        let any = values.iter().any(|value| !value.is_empty());
        list.iter().copied().find(|slot| {
            let node = self.slots[*slot].node();
            node.as_map().is_some()
                && keys
                    .iter()
                    .zip(values)
                    .filter(|(_, value)| !any || !value.is_empty())
                    .all(|(key, value)| node.get(key).is_some_and(|field| raw_text(field) == &**value))
        })
    }

    /// Merges two elements; the slot of the result.
    fn walk(&mut self, merge: &mut Merge<'_>, dest: Option<usize>, patch: Option<usize>) -> Result<Option<usize>, Error> {
        let merged = match (dest, patch) {
            (None, None) => None,
            (None, Some(slot)) => self.adopt_slot(merge, slot, Level::Top)?,
            (Some(slot), Some(_)) if self.patch.is_none() => self.adopt_slot(merge, slot, Level::Nested)?,
            // What it brings is an element of its own. The one that it is for takes its place again where the rest of the list is added,
            // unless that is not there any more.
            (Some(_), Some(slot)) if matches!(Directive::of(self.slots[slot].node()), Some((Directive::Replace, _))) => {
                self.adopt_slot(merge, slot, Level::Top)?
            }
            (Some(dest), patch) => {
                let (low, high) = self.slots.split_at_mut(dest + 1);
                let Some(Slot::Own(node)) = low.last_mut() else { return Ok(Some(dest)) };
                let fate = match patch.and_then(|patch| high.get(patch - dest - 1)) {
                    Some(element) => merge.element(node, element.node(), self.item, self.path)?,
                    None => merge.node(node, None, Schema::Of(self.item), self.path)?,
                };
                match fate {
                    Fate::Keep => Some(dest),
                    Fate::Clear(by) => {
                        let had = node.origin.clone();
                        let by = by.unwrap_or_else(|| had.clone());
                        self.removed.push(Removal { key: key_label(node, self.keys), by, had });
                        None
                    }
                }
            }
        };
        // Kustomize takes the directive out of the patch when it has seen it: the next time it is not there.
        if let Some(slot) = patch
            && let Some(node) = Directive::stripped(self.slots[slot].node())
        {
            self.slots[slot] = Slot::Own(node);
        }
        Ok(merged)
    }

    fn adopt_slot(&mut self, merge: &mut Merge<'_>, slot: usize, level: Level) -> Result<Option<usize>, Error> {
        let adopted = merge.adopt(self.slots[slot].node(), Schema::Of(self.item), level, self.path)?;
        Ok(adopted.map(|node| {
            self.slots[slot] = Slot::Own(node);
            slot
        }))
    }

    /// Replaces the elements with the given keys by `element`, or deletes them; appends it where there are none.
    ///
    /// A value that is not given counts as the one before it, and an empty one as any.
    fn set(
        &self,
        merge: &Merge<'_>,
        list: &mut Vec<usize>,
        keys: &[&str],
        values: &[EcoString],
        element: Option<usize>,
    ) -> Result<(), Error> {
        let selects_maps = values.first().is_some_and(|value| !value.is_empty());
        let mut found = false;
        let mut kept = Vec::with_capacity(list.len() + 1);
        for slot in list.drain(..) {
            let node = self.slots[slot].node();
            if is_empty(node) {
                continue;
            }
            if node.as_map().is_none() {
                if selects_maps {
                    kept.push(slot);
                    continue;
                }
                if !values.is_empty() {
                    return Err(self.not_a_map(merge, node));
                }
            }
            let matches = !values.is_empty()
                && keys
                    .iter()
                    .zip(values)
                    .all(|(key, value)| node.get(key).is_some_and(|field| value.is_empty() || raw_text(field) == &**value));
            if !matches {
                if !values.is_empty() {
                    kept.push(slot);
                }
                continue;
            }
            found = true;
            kept.extend(element);
        }
        if !found {
            kept.extend(element);
        }
        *list = kept;
        Ok(())
    }

    /// Appends what is left of the object's list to the merged one.
    fn append(&self, merge: &Merge<'_>, items: &mut Vec<usize>, keys: &[&str]) -> Result<(), Error> {
        for slot in self.dest.iter().copied() {
            let node = self.slots[slot].node();
            let mut values: Vec<EcoString> = Vec::new();
            for key in keys {
                if !node.is_null() && node.as_map().is_none() {
                    return Err(self.not_a_map(merge, node));
                }
                match node.get(key) {
                    Some(field) => values.push(raw_text(field).into()),
                    None => items.push(slot),
                }
            }
            if keys.len() > 1 {
                self.set(merge, items, keys, &values, None)?;
            }
            self.set(merge, items, keys, &values, Some(slot).filter(|_| !node.is_null()))?;
        }
        Ok(())
    }

    fn not_a_map(&self, merge: &Merge<'_>, node: &Node) -> Error {
        merge.error(format!("`{}` is a list of maps, but this element is not one", self.path), &node.origin)
    }

    fn collect(self, items: &[usize]) -> Vec<Node> {
        let mut slots: Vec<Option<Slot<'p>>> = self.slots.into_iter().map(Some).collect();
        let mut nodes: Vec<Node> = Vec::with_capacity(items.len());
        for (place, slot) in items.iter().enumerate() {
            match slots[*slot].take() {
                Some(Slot::Own(node)) => nodes.push(node),
                Some(Slot::Patch(node)) => nodes.push(node.clone()),
                None => nodes.extend(items[..place].iter().position(|earlier| earlier == slot).map(|at| nodes[at].clone())),
            }
        }
        nodes
    }
}

/// A scalar's text, whatever it is; empty for anything else.
fn raw_text(node: &Node) -> &str {
    match &node.value {
        Value::Scalar(scalar) => &scalar.text,
        _ => "",
    }
}

/// Makes values that differ only where one of them is empty the same.
fn unite(values: &mut [Vec<EcoString>]) {
    for i in 0..values.len() {
        let first = values[i].clone();
        for j in 0..values.len() {
            if let Some(united) = united(&first, &values[j]) {
                values[i].clone_from(&united);
                values[j] = united;
            }
        }
    }
}

fn united(a: &[EcoString], b: &[EcoString]) -> Option<Vec<EcoString>> {
    let mut common = false;
    let mut all = Vec::with_capacity(a.len());
    for (a, b) in a.iter().zip(b) {
        common |= a == b;
        if a != b && !a.is_empty() && !b.is_empty() {
            return None;
        }
        all.push(if a.is_empty() { b.clone() } else { a.clone() });
    }
    common.then_some(all)
}
