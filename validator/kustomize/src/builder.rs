//! Several builds that share their bases.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::build::build_in;
use crate::context::{Context, Visit};
use crate::error::Error;
use crate::files::Files;
use crate::generate::hash::Hashes;
use crate::load::Root;
use crate::note::Note;
use crate::render::Render;
use crate::source::{Origin, Source};
use crate::target::Accumulator;

/// Bytes of source text whose objects are kept for other builds; the objects take some ten times as much memory.
const MOST_KEPT: usize = 4 << 20;

/// Builds kustomizations as [`build`](crate::build()) does, on as many threads as ask for it. What several of them build on is read and built
/// once: a file that changes while the builder lives may be seen as it was.
#[derive(Debug, Default)]
pub struct Builder {
    shared: Arc<Shared>,
}

impl Builder {
    /// Builds the kustomization in `directory`.
    ///
    /// # Errors
    /// Those of [`build`](crate::build()).
    pub fn build(&self, directory: &Path) -> Result<Render, Error> {
        build_in(Context { shared: Some(Arc::clone(&self.shared)), ..Context::default() }, directory)
    }
}

/// A directory as it is and as people see it.
type Key = (PathBuf, PathBuf);

/// What builds have in common.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// The files of components.
    pub(crate) files: Files,
    /// The hashes of generated objects.
    pub(crate) hashes: Hashes,
    bases: Mutex<HashMap<Key, Arc<Base>>>,
    /// Locked by who builds that base.
    turns: Mutex<HashMap<Key, Arc<Mutex<()>>>>,
    /// Bytes of text of what is kept.
    kept: AtomicUsize,
}

/// All that building a directory gives; its origins count from its own first source.
#[derive(Clone, Debug)]
struct Base {
    accumulator: Accumulator,
    sources: Vec<Arc<Source>>,
    notes: Vec<Note>,
    inputs: Vec<PathBuf>,
    /// Their depths count from the directory.
    visits: Vec<Visit>,
}

impl Shared {
    /// What `build` gives for the directory, or has given before.
    ///
    /// A base's own bases are not kept, for they are in it, but for those of components. Who builds a base waits for nobody; so not even
    /// kustomizations that build on each other in a circle make threads wait for each other for ever.
    pub(crate) fn build(
        &self,
        context: &mut Context,
        root: &Root,
        by_component: bool,
        build: impl Fn(&mut Context) -> Result<Accumulator, Error>,
    ) -> Result<Accumulator, Error> {
        let (real, shown) = root.paths();
        let key = (real.to_owned(), shown.to_owned());
        let turn = (!context.is_base).then(|| Arc::clone(lock(&self.turns).entry(key.clone()).or_default()));
        let _turn = turn.as_deref().map(lock);
        let known = lock(&self.bases).get(&key).cloned();
        if let Some(base) = known {
            return if root.allows(context, &base.visits) { Ok((*base).clone().join(context, root)) } else { build(context) };
        }
        if context.is_base && !by_component {
            return build(context);
        }
        let base = Base::new(context, root, build)?;
        if self.has_room(base.sources.iter().map(|source| source.text().len()).sum()) {
            lock(&self.bases).insert(key, Arc::new(base.clone()));
        }
        Ok(base.join(context, root))
    }

    /// Whether there is room to keep another `size` bytes of text and what becomes of them; then they count as kept.
    pub(crate) fn has_room(&self, size: usize) -> bool {
        self.kept.fetch_add(size, Ordering::Relaxed) + size <= MOST_KEPT
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Base {
    fn new(context: &Context, root: &Root, build: impl Fn(&mut Context) -> Result<Accumulator, Error>) -> Result<Self, Error> {
        let mut context = Context { shared: context.shared.clone(), is_base: true, ..Context::default() };
        let accumulator = build(&mut context)?;
        let Context { sources, notes, inputs, mut visits, .. } = context;
        visits.iter_mut().for_each(|visit| visit.depth -= root.depth());
        Ok(Self { accumulator, sources: sources.into_vec(), notes, inputs, visits })
    }

    /// Goes on in another build, as if it had been made there.
    fn join(self, context: &mut Context, root: &Root) -> Accumulator {
        let Self { mut accumulator, sources, mut notes, inputs, visits } = self;
        let by = context.sources.append(sources);
        let mut shift = |origin: &mut Origin| origin.shift(by);
        accumulator.change_origins(&mut shift);
        notes.iter_mut().for_each(|note| shift(&mut note.origin));
        context.notes.append(&mut notes);
        context.inputs.extend(inputs);
        context.visits.extend(visits.into_iter().map(|visit| Visit { depth: visit.depth + root.depth(), ..visit }));
        accumulator
    }
}
