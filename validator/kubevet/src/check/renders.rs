//! Renders each overlay once, whoever asks for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use kustomize::{Assumptions, Builder, Error, Render, Settings};

use crate::paths::shown;
use crate::problem::{Problem, invalid};
use crate::renderer::{self, Renderer};
use crate::vendor::Locked;
use crate::watch;

/// A render, and why kubectl made it although the engine was asked first.
type Outcome = Result<(Arc<Render>, Option<Error>), Problem>;

/// The renders of a run.
#[derive(Debug)]
pub(super) struct Renders {
    renderer: Renderer,
    /// One for each kind of build, so that what they share is the same for all of them.
    builders: HashMap<Assumptions, Builder>,
    /// What builds of a directory may leave out, where that is anything.
    assumptions: HashMap<PathBuf, Assumptions>,
    settings: Settings,
    verify: bool,
    done: Mutex<HashMap<PathBuf, Arc<OnceLock<Outcome>>>>,
}

impl Renders {
    /// Renders of the project that `start` is in.
    pub(super) fn new(
        start: &Path,
        renderer: Renderer,
        settings: Settings,
        verify: bool,
        assumptions: HashMap<PathBuf, Assumptions>,
    ) -> Self {
        let locked = Arc::new(Locked::of(start));
        let kinds = assumptions.values().copied().chain([Assumptions::default()]);
        let of = |assumptions| Settings { assumptions, ..settings.clone() };
        let builder = |kind| Builder::default().with_settings(of(kind)).with_supplier(locked.clone());
        let builders = kinds.map(|kind| (kind, builder(kind))).collect();
        Self { renderer, builders, assumptions, settings, verify, done: Mutex::default() }
    }

    /// The render of a directory.
    pub(super) fn get(&self, dir: &Path) -> Outcome {
        let mut done = self.done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let slot = Arc::clone(done.entry(dir.to_owned()).or_default());
        drop(done);
        slot.get_or_init(|| {
            let _at = watch::at(format!("building {}", shown(dir).display()));
            let assumptions = self.assumptions.get(dir).copied().unwrap_or_default();
            let Some(builder) = self.builders.get(&assumptions) else {
                return Err(Problem::unjudged("internal", invalid("a build of a kind that nobody asked for")));
            };
            let rendered = self.renderer.render_with(dir, &self.settings, |dir| builder.build(dir))?;
            if self.verify {
                renderer::verify(dir, &rendered.render, &self.settings)?;
            }
            Ok((Arc::new(rendered.render), rendered.fallback))
        })
        .clone()
    }
}
