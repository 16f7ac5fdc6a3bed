//! Bases that are built once for several that build on them.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::build::accumulator::Accumulator;
use crate::context::budget::Cost;
use crate::context::{Context, Visit};
use crate::error::Error;
use crate::file::load::Root;
use crate::note::Note;
use crate::source::{Origin, Source};

/// A directory as it is and as people see it, and the repository that it is in.
type Key = (PathBuf, PathBuf, Option<String>);

/// The bases that builds have in common, or the parts of one build that go into the same directory.
#[derive(Debug, Default)]
pub(crate) struct Bases {
    bases: Mutex<HashMap<Key, Arc<Base>>>,
    /// Those that were built without being kept: whoever comes again keeps them.
    met: Mutex<HashSet<Key>>,
    /// Locked by who builds that base.
    turns: Mutex<HashMap<Key, Arc<Mutex<()>>>>,
}

/// All that building a directory gives; its origins count from its own first source.
#[derive(Clone, Debug)]
struct Base {
    accumulator: Accumulator,
    sources: Vec<Arc<Source>>,
    notes: Vec<Note>,
    inputs: Vec<PathBuf>,
    /// Their depths count from the directory; each directory once, where it was deepest.
    visits: Vec<Visit>,
    /// What it took to build it.
    cost: Cost,
    /// Whether Kustomize has read its OpenAPI document for it.
    uses_openapi: bool,
}

impl Bases {
    /// What `build` gives for the directory, or has given before.
    ///
    /// A base's own bases are in it. So they are not kept when they are met for the first time, but for those of components; whoever reaches a
    /// base along many paths builds it twice. Who builds a base waits for nobody; so not even kustomizations that build on each other in a
    /// circle make threads wait for each other for ever.
    pub(crate) fn build(
        &self,
        context: &mut Context,
        root: &Root,
        by_component: bool,
        build: impl Fn(&mut Context) -> Result<Accumulator, Error>,
    ) -> Result<Accumulator, Error> {
        if context.openapi.is_set() {
            // What others have built was built by other rules.
            return build(context);
        }
        let key = root.key();
        let is_likely_shared = context.shared.for_many && (!context.is_base || by_component);
        let turn = (context.shared.for_many && !context.is_base).then(|| Arc::clone(lock(&self.turns).entry(key.clone()).or_default()));
        let _turn = turn.as_deref().map(lock);
        let known = lock(&self.bases).get(&key).cloned();
        if let Some(base) = known {
            // Where it cannot be used, or is more than the build may make, building it tells where and why.
            let copy = base.copy_cost();
            if root.allows(&base.visits) && context.budget.allows(copy) {
                context.budget.count(copy);
                if base.uses_openapi {
                    context.openapi.note_use();
                }
                return Ok((*base).clone().join(context, root));
            }
            return build(context);
        }
        if !is_likely_shared && lock(&self.met).insert(key.clone()) {
            return build(context);
        }
        let base = Base::new(context, root, build)?;
        if !context.openapi.is_set() && context.shared.has_room(base.cost) {
            lock(&self.bases).insert(key, Arc::new(base.clone()));
        }
        Ok(base.join(context, root))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Base {
    fn new(context: &mut Context, root: &Root, build: impl Fn(&mut Context) -> Result<Accumulator, Error>) -> Result<Self, Error> {
        let (shared, budget) = (Arc::clone(&context.shared), context.budget.clone());
        let mut inner = Context {
            shared,
            budget,
            version: context.version,
            assumptions: context.assumptions,
            load_restrictor: context.load_restrictor.clone(),
            supplier: context.supplier.clone(),
            openapi: context.openapi.clone(),
            is_base: true,
            ..Context::default()
        };
        let accumulator = build(&mut inner)?;
        let Context { sources, notes, inputs, visits, budget, openapi, .. } = inner;
        let uses_openapi = openapi.is_used();
        context.openapi = openapi;
        let cost = budget.used().since(context.budget.used());
        context.budget = budget;
        let mut deepest: HashMap<(PathBuf, Option<String>), usize> = HashMap::new();
        for Visit { real, depth, address } in visits {
            let deepest = deepest.entry((real, address)).or_default();
            *deepest = depth.max(*deepest);
        }
        let visits = deepest.into_iter().map(|((real, address), depth)| Visit { real, depth: depth - root.depth(), address }).collect();
        Ok(Self { accumulator, sources: sources.into_vec(), notes, inputs, visits, cost, uses_openapi })
    }

    /// What it takes to use it once more: as much memory as to build it, but not the work.
    fn copy_cost(&self) -> Cost {
        Cost { steps: self.cost.values, ..self.cost }
    }

    /// Goes on in another build, as if it had been made there.
    fn join(self, context: &mut Context, root: &Root) -> Accumulator {
        let Self { mut accumulator, sources, mut notes, inputs, visits, .. } = self;
        let by = context.sources.append(sources);
        let mut shift = |origin: &mut Origin| origin.shift(by);
        accumulator.change_origins(&mut shift);
        notes.iter_mut().for_each(|note| note.change_origins(&mut shift));
        context.notes.append(&mut notes);
        context.inputs.extend(inputs);
        context.visits.extend(visits.into_iter().map(|visit| Visit { depth: visit.depth + root.depth(), ..visit }));
        accumulator
    }
}
