//! Several builds that share their bases.

use std::path::Path;
use std::sync::Arc;

use crate::context::Context;
use crate::context::budget::{Budget, Limits};
use crate::context::shared::Shared;
use crate::error::Error;
use crate::object::render::Render;
use crate::version::Version;

use super::bases::Bases;
use super::build_in;

/// Builds kustomizations as [`build`](crate::build()) does, on as many threads as ask for it. What several of them build on is read and built
/// once: a file that changes while the builder lives may be seen as it was.
#[derive(Debug)]
pub struct Builder {
    shared: Arc<Shared>,
    bases: Arc<Bases>,
    limits: Limits,
    version: Version,
}

impl Default for Builder {
    fn default() -> Self {
        Self { shared: Arc::new(Shared::for_many()), bases: Arc::default(), limits: Limits::default(), version: Version::default() }
    }
}

impl Builder {
    /// The same builder with other limits for each of its builds.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same builder for builds as that version of Kustomize makes them.
    pub fn with_version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// Builds the kustomization in `directory`.
    ///
    /// # Errors
    /// Those of [`build`](crate::build()).
    pub fn build(&self, directory: &Path) -> Result<Render, Error> {
        let (shared, budget) = (Arc::clone(&self.shared), Budget::new(self.limits));
        build_in(Context { shared, budget, version: self.version, ..Context::default() }, Arc::clone(&self.bases), directory)
    }
}
