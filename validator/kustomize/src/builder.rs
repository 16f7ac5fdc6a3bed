//! Several builds that share their bases.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::build::build_in;
use crate::context::{Context, Visit};
use crate::error::Error;
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
    bases: Arc<Bases>,
}

impl Builder {
    /// Builds the kustomization in `directory`.
    ///
    /// # Errors
    /// Those of [`build`](crate::build()).
    pub fn build(&self, directory: &Path) -> Result<Render, Error> {
        build_in(Context { bases: Some(Arc::clone(&self.bases)), ..Context::default() }, directory)
    }
}

/// What builds are based on, by directory as it is and as people see it.
#[derive(Debug, Default)]
pub(crate) struct Bases {
    slots: Mutex<HashMap<(PathBuf, PathBuf), Arc<Slot>>>,
    /// Bytes of text of what is kept.
    kept: AtomicUsize,
}

/// Empty inside where the base can't be built or is not kept.
type Slot = OnceLock<Option<Base>>;

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

impl Bases {
    /// What `build` gives for the directory, or has given before.
    ///
    /// A base's own bases are not kept, for they are in it. So who waits here for another thread keeps none waiting, not even where
    /// kustomizations build on each other in a circle.
    pub(crate) fn build(
        &self,
        context: &mut Context,
        root: &Root,
        build: impl Fn(&mut Context) -> Result<Accumulator, Error>,
    ) -> Result<Accumulator, Error> {
        let slot = self.slot(root, !context.is_base);
        let mut unkept = None;
        let kept = match &slot {
            None => None,
            Some(slot) if context.is_base => slot.get(),
            Some(slot) => Some(slot.get_or_init(|| {
                let base = Base::new(context, root, &build);
                match base {
                    Ok(base) if self.keeps(&base) => Some(base),
                    other => {
                        unkept = Some(other);
                        None
                    }
                }
            })),
        };
        if let Some(base) = unkept {
            return Ok(base?.join(context, root));
        }
        match kept.and_then(Option::as_ref).filter(|base| root.allows(context, &base.visits)) {
            Some(base) => Ok(base.clone().join(context, root)),
            None => build(context),
        }
    }

    fn slot(&self, root: &Root, add: bool) -> Option<Arc<Slot>> {
        let (real, shown) = root.paths();
        let key = (real.to_owned(), shown.to_owned());
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if add { Some(Arc::clone(slots.entry(key).or_default())) } else { slots.get(&key).cloned() }
    }

    /// Whether there is room to keep another one.
    fn keeps(&self, base: &Base) -> bool {
        let size: usize = base.sources.iter().map(|source| source.text().len()).sum();
        self.kept.fetch_add(size, Ordering::Relaxed) + size <= MOST_KEPT
    }
}

impl Base {
    fn new(context: &Context, root: &Root, build: impl Fn(&mut Context) -> Result<Accumulator, Error>) -> Result<Self, Error> {
        let mut context = Context { bases: context.bases.clone(), is_base: true, ..Context::default() };
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
