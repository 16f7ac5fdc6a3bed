//! Where an edit of an object goes: the line that made the field, a patch that is there, the base, a new patch.

use std::path::Path;

use kustomize::{Node, Render, Sources};
use serde_json::{Value as Json, json};

use super::address::{escaped, keys_of, pointer, selectors};
use super::entry::image;
use super::holder::{Holder, Kind, Library, anchor, base};
use super::operation::Operation;
use super::refusal::Refusal;
use super::tree::{self, Change};
use super::way::Way;
use crate::locate;
use crate::location::{Object, Step};
use crate::remedy::Edit;

/// An overlay, for edits of what it renders to.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) render: &'a Render,
    pub(crate) library: &'a Library,
}

impl<'a> View<'a> {
    /// The object of that identity.
    pub(crate) fn object(&self, identity: &Object) -> Option<&'a Node> {
        self.render.objects.iter().find(|node| Object::of(node) == *identity)
    }

    /// The ways to do an edit, the best first. `own` is the object of the finding.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn ways(&self, own: &Object, edit: &Edit) -> Result<Vec<Way>, Refusal> {
        let named = |object: &Option<Object>| {
            let identity = object.as_ref().unwrap_or(own);
            self.object(identity).ok_or_else(|| Refusal::new("the object is not one of the overlay's own"))
        };
        let (object, ways) = match edit {
            Edit::Set { object, path, value } => {
                named(object).and_then(|object| Ok((object, self.setting(object, path, value, false)?)))?
            }
            Edit::Add { object, path, value } => named(object).and_then(|object| Ok((object, self.setting(object, path, value, true)?)))?,
            Edit::Remove { object, path } => named(object).and_then(|object| Ok((object, self.removing(object, path)?)))?,
            Edit::Create { object } => return self.creating(self.object(own), object),
            Edit::Source(_) => return Err(Refusal::new("only a finding on a note of the build changes an entry")),
        };
        let anchor = anchor(self.sources(), object);
        Ok(ways.into_iter().map(|way| way.of(&anchor)).collect())
    }

    /// The way to leave a field what it was before a patch took it out: that patch does without the line.
    pub(crate) fn restoring(&self, own: &Object, edit: &Edit) -> Option<Way> {
        let (object, path) = edit.place()?;
        let object = self.object(object.unwrap_or(own))?;
        let there = tree::depth(object, path);
        let (node, missing) = (locate::resolve(object, path.get(..there)?)?, path.get(there)?);
        let (holder, at) = self.removal(node, missing)?;
        Some(Way::new(Operation::Change(holder.spot, Change::Remove(at))).of(&anchor(self.sources(), object)))
    }

    /// What took a field out of a map, and where in its document.
    fn removal(&self, map: &Node, missing: &Step) -> Option<(Holder, Vec<Step>)> {
        let Step::Key(key) = missing else { return None };
        let removal = map.removed().iter().rev().find(|removal| *removal.key == **key)?;
        let holder = self.library.holder(self.sources().get(removal.by.source), removal.by.start).ok()?;
        let at = holder.find(&removal.by)?;
        Some((holder, at))
    }

    pub(super) fn sources(&self) -> &'a Sources {
        &self.render.sources
    }

    fn setting(&self, object: &Node, path: &[Step], value: &Json, is_addition: bool) -> Result<Vec<Way>, Refusal> {
        let there = tree::depth(object, path);
        let rest = path.get(there..).unwrap_or_default();
        let node = locate::resolve(object, path.get(..there).unwrap_or_default()).ok_or_else(Refusal::not_there)?;
        let change = |mut at: Vec<Step>| {
            at.extend(rest.iter().cloned());
            if is_addition { Change::Add(at, value.clone()) } else { Change::Set(at, value.clone()) }
        };
        let mut ways = Vec::new();
        // A patch that takes the field out is where it belongs.
        if let Some((holder, mut at)) = rest.first().and_then(|missing| self.removal(node, missing)) {
            at.extend(rest.iter().skip(1).cloned());
            let change = if is_addition { Change::Add(at, value.clone()) } else { Change::Set(at, value.clone()) };
            ways.push(Way::new(Operation::Change(holder.spot, change)));
        }
        let origin = &node.origin;
        let mut refusal = None;
        match self.library.holder(self.sources().get(origin.source), origin.start) {
            Ok(holder) => {
                let place = holder.find(origin).and_then(|at| Some((locate::resolve(&holder.root, &at)?.clone(), at)));
                match place {
                    Some((written, at)) if holder.kind != Kind::Kustomization || written == *node => {
                        ways.push(Way::new(Operation::Change(holder.spot.clone(), change(at))))
                    }
                    Some((_, at)) if rest.is_empty() => ways.extend(image(&holder, &at, value)),
                    _ => {}
                }
            }
            Err(why) => refusal = Some(why),
        }
        let selectors = selectors(object, path);
        let whole = |value: &Json| if is_addition { json!([value]) } else { value.clone() };
        // In a patch a list stands for the whole, unless its elements are merged.
        let is_merged =
            !is_addition || keys_of(object, path).is_some_and(|keys| keys.iter().all(|key| value.get(key).is_some())) || there < path.len();
        if let (Ok(path), true) = (&selectors, is_merged) {
            for holder in self.patches(object) {
                ways.push(Way::new(Operation::Merge { patch: holder.spot, path: path.clone(), value: Some(whole(value)) }));
            }
        }
        match (selectors, is_merged) {
            (Ok(path), true) => ways.extend(self.new_merge(object, path, Some(whole(value)))),
            _ => {
                let kind = if there == path.len() && !is_addition { "replace" } else { "add" };
                let (pointer, value) = pointer(object, path, value, is_addition)?;
                ways.extend(self.new_json(object, json!({"op": kind, "path": pointer, "value": value})));
            }
        }
        ways.dedup();
        if ways.is_empty() {
            Err(refusal.unwrap_or_else(|| Refusal::new("nothing in the files is the place of the edit")))
        } else {
            Ok(ways)
        }
    }

    fn removing(&self, object: &Node, path: &[Step]) -> Result<Vec<Way>, Refusal> {
        let node = locate::resolve(object, path).ok_or_else(Refusal::not_there)?;
        let mut ways = Vec::new();
        if node.origin.previous().is_none()
            && let Ok(holder) = self.library.holder(self.sources().get(node.origin.source), node.origin.start)
            && holder.kind != Kind::Kustomization
            && let Some(at) = holder.find(&node.origin)
        {
            ways.push(Way::new(Operation::Change(holder.spot, Change::Remove(at))));
        }
        match selectors(object, path) {
            Ok(path) => {
                ways.extend(
                    self.patches(object)
                        .into_iter()
                        .map(|holder| Way::new(Operation::Merge { patch: holder.spot, path: path.clone(), value: None })),
                );
                ways.extend(self.new_merge(object, path, None));
            }
            Err(_) => {
                let pointer: String = path.iter().map(|step| format!("/{}", escaped(step))).collect();
                ways.extend(self.new_json(object, json!({"op": "remove", "path": pointer})));
            }
        }
        if ways.is_empty() { Err(Refusal::new("nothing in the files is the place of the edit")) } else { Ok(ways) }
    }

    /// The strategic merge patches of an object.
    fn patches(&self, object: &Node) -> Vec<Holder> {
        let (source, start) = base(self.sources(), object);
        let own = self.library.holder(source, start).map(|holder| holder.spot);
        let named = self.named(object);
        let is_patch = |holder: &Holder| {
            let is_own = own.as_ref().is_ok_and(|own| *own == holder.spot);
            holder.kind == Kind::Object && !is_own && named.as_ref().is_some_and(|named| named.is_named_in(&holder.root))
        };
        self.library.holders(self.sources(), object).into_iter().filter(is_patch).collect()
    }
}
