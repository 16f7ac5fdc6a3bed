//! Lists that a strategic merge merges by their elements' keys.
//!
//! Nearly every list is well-formed: each element has its merge keys, and no two have the same. [`Tidy`] lists are merged in linear time. What is
//! left goes through [`untidy`](super::untidy), which repeats what `kyaml/yaml/walk/associative_sequence.go` does step by step, because what comes
//! out of it (elements lost, doubled, reordered) follows from the steps and nothing else.

use std::borrow::Cow;
use std::collections::HashMap;

use ecow::EcoString;

use crate::error::Error;
use crate::note::NoteKind;
use crate::object::schema::{Schema, Type};
use crate::source::Origin;
use crate::yaml::node::{Node, Removal, Seq, Tag, Value};

use super::super::lost::lost_elements;
use super::directive::Directive;
use super::element::{is_empty, key_label, key_text, without_directive};
use super::walk::{Fate, Level, Merge, Path};

impl Merge<'_> {
    /// Merges a list that has merge keys.
    pub(super) fn list(&mut self, dest: &mut Node, patch: &Node, keys: &[&str], item: Type<'_>, path: Path<'_>) -> Result<Fate, Error> {
        let new = match Directive::of_list(patch) {
            Some((Directive::Delete, by)) => return Ok(Fate::Clear(Some(by.clone()))),
            Some((Directive::Unknown(name), by)) => return Err(self.unknown_directive(name, by, path)),
            Some((Directive::Replace, by)) => {
                let items = self.adopt_elements(&without_directive(patch), keys, item, path)?;
                let lost = lost_elements(dest.items(), &items, by);
                let mut new = Node::seq(items, patch.origin.clone());
                if let Some(seq) = new.as_seq_mut() {
                    lost.into_iter().for_each(|removal| seq.note_removal(removal));
                }
                dest.replace(new);
                return Ok(Fate::Keep);
            }
            Some((Directive::Merge, _)) => Cow::Owned(without_directive(patch)),
            None => Cow::Borrowed(patch.items()),
        };
        if let Some(seq) = dest.as_seq_mut() {
            self.elements(seq, &new, Some(&patch.origin), keys, item, path)?;
        }
        Ok(Fate::Keep)
    }

    /// Merges the patch's elements (or none) into `dest`; `by` is the patch's list.
    pub(super) fn elements(
        &mut self,
        dest: &mut Seq,
        new: &[Node],
        by: Option<&Origin>,
        keys: &[&str],
        item: Type<'_>,
        path: Path<'_>,
    ) -> Result<(), Error> {
        if keys.is_empty() {
            return self.scalars(dest, new, path);
        }
        if dest.items.is_empty() && new.is_empty() {
            return Ok(());
        }
        let Some(tidy) = Tidy::of(keys, &dest.items, new) else {
            return self.untidy_elements(dest, new, by, keys, item, path);
        };
        let patched_in_place = tidy.keys == 1;
        let mut old: Vec<Option<Node>> = std::mem::take(&mut dest.items).into_iter().map(Some).collect();
        let mut items = Vec::with_capacity(old.len() + new.len());
        // Where elements that stay stood before, and the patch's element that moved them.
        let mut moved: Vec<(usize, &Node)> = Vec::new();
        for (element, place) in new.iter().zip(tidy.places) {
            let Some(slot) = place.and_then(|index| old.get_mut(index)) else {
                if let Some((Directive::Delete, _)) = Directive::of(element) {
                    let message = format!("there is no `{}` in `{path}` to delete", key_label(element, keys));
                    self.note(NoteKind::DeletesNothing, message, &element.origin);
                }
                items.extend(self.adopt(element, Schema::Of(item), Level::Top, path)?.filter(|node| !is_empty(node)));
                continue;
            };
            let Some(mut node) = slot.take() else { continue };
            match self.element(&mut node, element, item, path)? {
                Fate::Keep if patched_in_place => {
                    items.push(node);
                    moved.extend(place.map(|place| (place, element)));
                }
                // With two merge keys Kustomize leaves merged elements where they were.
                Fate::Keep => *slot = Some(node),
                Fate::Clear(by) => {
                    let by = by.unwrap_or_else(|| element.origin.clone());
                    dest.note_removal(Removal { key: key_label(&node, keys), by, had: node.origin });
                }
            }
        }
        if path.last() == "initContainers" {
            self.note_order(&moved, &old, keys, path);
        }
        for mut node in old.into_iter().flatten() {
            // Merging a second time with nothing does nothing.
            self.node(&mut node, None, Schema::Of(item), path)?;
            items.push(node);
        }
        dest.items = items.into();
        Ok(())
    }

    /// Notes that init containers, which run one after the other, run in another order than before.
    fn note_order(&mut self, moved: &[(usize, &Node)], left: &[Option<Node>], keys: &[&str], path: Path<'_>) {
        let first_left = left.iter().enumerate().find_map(|(at, node)| Some((at, node.as_ref()?)));
        let next = moved.iter().copied().skip(1).chain(first_left);
        if let Some(((_, first), (_, second))) = std::iter::zip(moved.iter().copied(), next).find(|((one, _), (two, _))| one > two) {
            let (first_name, second_name) = (key_label(first, keys), key_label(second, keys));
            let message = format!("`{first_name}` of `{path}` now runs before `{second_name}`: what a patch names comes first");
            self.note(NoteKind::InitContainersReordered, message, &first.origin);
        }
    }

    /// What becomes of a list that the patch adds.
    pub(super) fn adopt_elements(&mut self, new: &[Node], keys: &[&str], item: Type<'_>, path: Path<'_>) -> Result<Vec<Node>, Error> {
        if keys.is_empty() {
            let mut dest = Seq::default();
            self.scalars(&mut dest, new, path)?;
            return Ok(dest.items.into_iter().collect());
        }
        if Tidy::of(keys, &[], new).is_none() {
            return self.adopt_untidy(new, keys, item, path);
        }
        let mut items = Vec::with_capacity(new.len());
        for element in new {
            items.extend(self.adopt(element, Schema::Of(item), Level::Nested, path)?.filter(|node| !is_empty(node)));
        }
        Ok(items)
    }

    /// Merges one element of the patch into the object's element with the same keys.
    pub(super) fn element(&mut self, node: &mut Node, element: &Node, item: Type<'_>, path: Path<'_>) -> Result<Fate, Error> {
        if let Some((Directive::Replace, by)) = Directive::of(element) {
            // Kustomize builds the new element and then puts the old one back in its place.
            self.note_no_replacement(by, path);
            return Ok(Fate::Keep);
        }
        self.node(node, Some(element), Schema::Of(item), path)
    }

    /// Notes that an element was to be replaced, and was not.
    pub(super) fn note_no_replacement(&mut self, by: &Origin, path: Path<'_>) {
        let message = format!("`$patch: replace` has no effect on an element of `{path}`: the patch's element is lost");
        self.note(NoteKind::ElementLost, message, by);
    }

    /// Lists of scalars: the patch's, then those of the object that the patch does not have.
    fn scalars(&mut self, dest: &mut Seq, new: &[Node], path: Path<'_>) -> Result<(), Error> {
        let mut places: HashMap<EcoString, usize> = HashMap::new();
        let mut items: Vec<Node> = Vec::with_capacity(dest.items.len() + new.len());
        let patched = new.len();
        let old = std::mem::take(&mut dest.items);
        for (index, element) in new.iter().cloned().chain(old).enumerate() {
            if Directive::of(&element).is_some() {
                continue;
            }
            let Value::Scalar(scalar) = &element.value else {
                return Err(self.error(format!("`{path}` is a list of scalars, but this element is not one"), &element.origin));
            };
            if scalar.tag == Tag::Null {
                continue;
            }
            match places.get(&scalar.text).copied() {
                None => {
                    places.insert(scalar.text.clone(), items.len());
                    items.push(element);
                }
                // The value is the same either way; the object's element had it first.
                Some(place) if index >= patched => items[place] = element,
                Some(_) => {}
            }
        }
        dest.items = items.into();
        Ok(())
    }
}

/// How the elements of a patch's list and of an object's list go together, where that is plain.
struct Tidy {
    /// How many of the merge keys are in use.
    keys: usize,
    /// For each element of the patch, the object's element with the same keys.
    places: Vec<Option<usize>>,
}

impl Tidy {
    fn of(keys: &[&str], dest: &[Node], new: &[Node]) -> Option<Self> {
        let used: Vec<&str> =
            keys.iter().copied().filter(|key| dest.iter().chain(new).any(|node| !key_text(node, key).is_empty())).collect();
        let values = |node| {
            let values: Vec<&str> = used.iter().map(|key| key_text(node, key)).collect();
            (!values.is_empty() && values.iter().all(|value| !value.is_empty())).then_some(values)
        };
        let mut index = HashMap::with_capacity(dest.len());
        for (place, node) in dest.iter().enumerate() {
            if index.insert(values(node)?, place).is_some() {
                return None;
            }
        }
        let mut seen = std::collections::HashSet::with_capacity(new.len());
        let mut places = Vec::with_capacity(new.len());
        for node in new {
            let values = values(node)?;
            places.push(index.get(&values).copied());
            if !seen.insert(values) {
                return None;
            }
        }
        Some(Self { keys: used.len(), places })
    }
}
