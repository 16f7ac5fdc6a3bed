//! The objects of a build in order, indexed by every name that they have or had.

use std::collections::{HashMap, HashSet};

use crate::resource::{ResId, Resource};

/// Objects in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct ResourceMap {
    resources: Vec<Resource>,
    /// Positions by name, current and previous ones. Names only ever come in, so a hit must be looked at.
    by_name: HashMap<Box<str>, Vec<u32>>,
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
    pub(crate) fn push(&mut self, resource: Resource) -> Result<(), Box<Resource>> {
        if self.current(resource.id()).next().is_some() {
            return Err(Box::new(resource));
        }
        let at = self.resources.len() as u32;
        for name in resource.previous.iter().map(|id| &*id.name).chain([resource.name()]) {
            Self::index(&mut self.by_name, name, at);
        }
        self.resources.push(resource);
        Ok(())
    }

    fn index(by_name: &mut HashMap<Box<str>, Vec<u32>>, name: &str, at: u32) {
        match by_name.get_mut(name) {
            // Positions of one name mostly come in ascending order.
            Some(positions) if positions.last() == Some(&at) || positions.binary_search(&at).is_ok() => {}
            Some(positions) => {
                let place = positions.partition_point(|other| *other < at);
                positions.insert(place, at);
            }
            None => drop(by_name.insert(name.into(), vec![at])),
        }
    }

    /// Takes note of a name that the object at `at` has got.
    pub(crate) fn reindex(&mut self, at: usize) {
        Self::index(&mut self.by_name, self.resources[at].name(), at as u32);
    }

    /// Takes note of all names.
    pub(crate) fn reindex_all(&mut self) {
        for (at, resource) in self.resources.iter().enumerate() {
            Self::index(&mut self.by_name, resource.name(), at as u32);
        }
    }

    /// Positions of the objects that have or had `name`, in order.
    pub(crate) fn named(&self, name: &str) -> &[u32] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Positions of the objects whose identity is `id`.
    pub(crate) fn current<'a>(&'a self, id: ResId<'a>) -> impl Iterator<Item = usize> + 'a {
        let positions = self.named(id.name).iter().map(|at| *at as usize);
        positions.filter(move |at| self.resources[*at].id() == id)
    }

    /// Positions of the objects whose identity is or was `id`.
    pub(crate) fn any<'a>(&'a self, id: ResId<'a>) -> impl Iterator<Item = usize> + 'a {
        self.named(id.name).iter().map(|at| *at as usize).filter(move |at| {
            let resource = &self.resources[*at];
            !resource.is_empty() && (resource.id() == id || resource.previous_ids().any(|previous| previous == id))
        })
    }

    /// The first object whose identity another one before it has.
    pub(crate) fn first_duplicate(&self) -> Option<&Resource> {
        let mut seen = HashSet::with_capacity(self.resources.len());
        self.resources.iter().find(|resource| !seen.insert(resource.id()))
    }

    /// Drops the objects that a transformer has emptied or that `keep` does not keep.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Resource) -> bool) {
        if self.resources.iter().all(&keep) {
            return;
        }
        let resources = std::mem::take(&mut self.resources);
        self.resources = resources.into_iter().filter(keep).collect();
        self.by_name.clear();
        for (at, resource) in self.resources.iter().enumerate() {
            for name in resource.previous.iter().map(|id| &*id.name).chain([resource.name()]) {
                Self::index(&mut self.by_name, name, at as u32);
            }
        }
    }
}
