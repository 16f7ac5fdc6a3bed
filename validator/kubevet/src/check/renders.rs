//! Renders each overlay once, whoever asks for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use kustomize::{Builder, Error, Render, Settings};

use crate::paths::shown;
use crate::problem::Problem;
use crate::renderer::{self, Renderer};
use crate::vendor::Locked;
use crate::watch;

/// A render, and why kubectl made it although the engine was asked first.
type Outcome = Result<(Arc<Render>, Option<Error>), Problem>;

/// The renders of a run.
#[derive(Debug)]
pub(super) struct Renders {
    renderer: Renderer,
    builder: Builder,
    settings: Settings,
    verify: bool,
    done: Mutex<HashMap<PathBuf, Arc<OnceLock<Outcome>>>>,
}

impl Renders {
    /// Renders of the project that `start` is in.
    pub(super) fn new(start: &Path, renderer: Renderer, settings: Settings, verify: bool) -> Self {
        let builder = Builder::default().with_settings(settings.clone()).with_supplier(Arc::new(Locked::of(start)));
        Self { renderer, builder, settings, verify, done: Mutex::default() }
    }

    /// The render of a directory.
    pub(super) fn get(&self, dir: &Path) -> Outcome {
        let mut done = self.done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let slot = Arc::clone(done.entry(dir.to_owned()).or_default());
        drop(done);
        slot.get_or_init(|| {
            let _at = watch::at(format!("building {}", shown(dir).display()));
            let rendered = self.renderer.render_with(dir, &self.settings, |dir| self.builder.build(dir))?;
            if self.verify {
                renderer::verify(dir, &rendered.render, &self.settings)?;
            }
            Ok((Arc::new(rendered.render), rendered.fallback))
        })
        .clone()
    }
}
