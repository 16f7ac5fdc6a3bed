//! The objects of a build in order, indexed by every name that they have or had.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ecow::EcoString;
use foldhash::{HashMap, HashSet, HashSetExt as _};
use smallvec::{SmallVec, smallvec};

use crate::context::Context;
use crate::error::{Error, Place};
use crate::object::resource::{ResId, Resource};

/// Objects in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceMap {
    resources: Vec<Resource>,
    /// Positions by name, current and previous ones. Names only ever come in, so a hit must be looked at.
    by_name: HashMap<EcoString, Positions>,
    /// The same by the hash of identities, because many namespaces may have the same names.
    by_id: HashMap<u64, Positions>,
}

/// Positions in ascending order, most often one.
type Positions = SmallVec<[u32; 4]>;

/// A hash of an identity; the `apiVersion` is left out, which hardly ever differs.
fn id_hash(id: ResId<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (id.kind, id.name, id.namespace).hash(&mut hasher);
    hasher.finish()
}

/// Adds a position to an ascending list.
fn insert(positions: &mut Positions, at: u32) {
    if let Err(place) = positions.binary_search(&at) {
        positions.insert(place, at);
    }
}

impl ResourceMap {
    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// All objects for change. [`Self::reindex`] must follow where names change.
    pub(crate) fn resources_mut(&mut self) -> &mut [Resource] {
        &mut self.resources
    }

    pub(crate) fn into_resources(self) -> Vec<Resource> {
        self.resources
    }

    /// Adds an object, or gives it back where one has its identity.
    pub(crate) fn push(&mut self, mut resource: Resource) -> Result<(), Box<Resource>> {
        if self.current(resource.id()).next().is_some() {
            return Err(Box::new(resource));
        }
        resource.indexed = 0;
        self.resources.push(resource);
        self.index(self.resources.len() - 1);
        Ok(())
    }

    /// Adds all objects of another map, or gives the first one back that has the identity of one before it.
    pub(crate) fn append(&mut self, other: Self) -> Result<(), Box<Resource>> {
        if self.resources.is_empty() && other.first_duplicate().is_none() {
            *self = other;
            return Ok(());
        }
        other.resources.into_iter().try_for_each(|resource| self.push(resource))
    }

    /// Takes note of the identities that the object at `at` has got since it was last looked at.
    fn index(&mut self, at: usize) {
        let Some(resource) = self.resources.get_mut(at) else { return };
        let known = std::mem::replace(&mut resource.indexed, resource.previous.len() as u32) as usize;
        for id in resource.previous_ids().skip(known).chain([resource.id()]) {
            insert(self.by_id.entry(id_hash(id)).or_default(), at as u32);
            match self.by_name.get_mut(id.name) {
                Some(positions) => insert(positions, at as u32),
                None => drop(self.by_name.insert(id.name.into(), smallvec![at as u32])),
            }
        }
    }

    /// Changes every object and takes note of its new identity; gives the position of the first that one before it has now.
    pub(crate) fn change<E>(&mut self, mut change: impl FnMut(&mut Resource) -> Result<(), E>) -> Result<Option<usize>, E> {
        let mut duplicate = None;
        for at in 0..self.resources.len() {
            self.resources.get_mut(at).map_or(Ok(()), &mut change)?;
            self.index(at);
            let taken = |resource: &Resource| self.current(resource.id()).any(|other| other < at);
            if duplicate.is_none() && self.resources.get(at).is_some_and(taken) {
                duplicate = Some(at);
            }
        }
        Ok(duplicate)
    }

    /// Takes note of the identity that the object at `at` has got.
    pub(crate) fn reindex(&mut self, at: usize) {
        self.index(at);
    }

    /// Takes note of all identities.
    pub(crate) fn reindex_all(&mut self) {
        (0..self.resources.len()).for_each(|at| self.index(at));
    }

    /// Positions of the objects that have or had `name`, in order.
    pub(crate) fn named(&self, name: &str) -> &[u32] {
        self.by_name.get(name).map_or(&[], SmallVec::as_slice)
    }

    /// Positions of the objects one of whose identities may be `id`.
    fn hashed(&self, id: ResId<'_>) -> impl Iterator<Item = usize> + use<'_> {
        self.by_id.get(&id_hash(id)).into_iter().flatten().map(|at| *at as usize)
    }

    /// Positions of the objects whose identity is `id`.
    pub(crate) fn current<'a>(&'a self, id: ResId<'a>) -> impl Iterator<Item = usize> + 'a {
        self.hashed(id).filter(move |at| self.resources[*at].id() == id)
    }

    /// Positions of the objects whose identity is or was `id`.
    pub(crate) fn any<'a>(&'a self, id: ResId<'a>) -> impl Iterator<Item = usize> + 'a {
        self.hashed(id).filter(move |at| {
            let resource = &self.resources[*at];
            !resource.is_empty() && (resource.id() == id || resource.previous_ids().any(|previous| previous == id))
        })
    }

    /// The first object whose identity another one before it has; what a patch has emptied has none.
    pub(crate) fn first_duplicate(&self) -> Option<&Resource> {
        let mut seen = HashSet::with_capacity(self.resources.len());
        self.resources.iter().filter(|resource| !resource.is_empty()).find(|resource| !seen.insert(resource.id()))
    }

    /// An error about an object that has the identity of another one, with the places of both and of what brought them along.
    pub(crate) fn with_both(&self, context: &Context, error: Error, second: &Resource) -> Error {
        let error = with_ways(context, error, second, ["the second one", "this brings the second one"]);
        match self.current(second.id()).filter_map(|at| self.resources.get(at)).find(|first| !std::ptr::eq(*first, second)) {
            Some(first) => with_first(context, error, first),
            None => error,
        }
    }

    /// Drops the objects that a transformer has emptied or that `keep` does not keep.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Resource) -> bool) {
        if self.resources.iter().all(&keep) {
            return;
        }
        let resources = std::mem::take(&mut self.resources);
        self.resources = resources.into_iter().filter(keep).collect();
        self.resources.iter_mut().for_each(|resource| resource.indexed = 0);
        self.by_name.clear();
        self.by_id.clear();
        self.reindex_all();
    }
}

/// An error about an object that is there already, with the places of it and of what brought it along.
pub(crate) fn with_first(context: &Context, error: Error, first: &Resource) -> Error {
    with_ways(context, error, first, ["the first one", "this brings the first one"])
}

fn with_ways(context: &Context, error: Error, resource: &Resource, [is, brings]: [&str; 2]) -> Error {
    let place = |origin| Place::of(&context.sources, origin);
    let is_told = |way: &Place| error.place.as_ref().is_some_and(|at| Arc::ptr_eq(&at.source, &way.source) && at.start == way.start);
    let way = resource.way.as_ref().map(place).filter(|way| !is_told(way));
    let error = error.related(place(&resource.node.origin), is);
    way.into_iter().fold(error, |error, way| error.related(way, brings))
}
