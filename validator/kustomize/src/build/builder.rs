//! Several builds that share their bases.

use std::path::Path;
use std::sync::Arc;

use crate::context::Context;
use crate::context::budget::{Budget, Limits};
use crate::context::shared::Shared;
use crate::context::tree::{FileTree, Files};
use crate::elsewhere::supply::Supplier;
use crate::error::Error;
use crate::object::render::Render;
use crate::settings::Settings;

use super::bases::Bases;
use super::build_in;

/// Builds kustomizations as [`build`](crate::build()) does, on as many threads as ask for it. What several of them build on is read and built
/// once: a file that changes while the builder lives may be seen as it was.
#[derive(Debug)]
pub struct Builder {
    shared: Arc<Shared>,
    bases: Arc<Bases>,
    limits: Limits,
    settings: Settings,
    supplier: Option<Arc<dyn Supplier>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self { shared: Arc::new(Shared::for_many(Files::default())), ..Self::for_one() }
    }
}

impl Builder {
    /// A builder for a single build, which keeps nothing for others.
    pub fn for_one() -> Self {
        Self { shared: Arc::default(), bases: Arc::default(), limits: Limits::default(), settings: Settings::default(), supplier: None }
    }

    /// A builder that reads files in that tree.
    pub fn of_tree(tree: Arc<dyn FileTree>) -> Self {
        Self { shared: Arc::new(Shared::for_many(Files(tree))), ..Self::for_one() }
    }

    /// The same builder with what gives its builds what is not in the project.
    pub fn with_supplier(self, supplier: Arc<dyn Supplier>) -> Self {
        Self { supplier: Some(supplier), ..self }
    }

    /// The same builder with other limits for each of its builds.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same builder for builds of that kind.
    pub fn with_settings(self, settings: impl Into<Settings>) -> Self {
        Self { settings: settings.into(), ..self }
    }

    /// Builds the kustomization in `directory`.
    ///
    /// # Errors
    /// Those of [`build`](crate::build()).
    pub fn build(&self, directory: &Path) -> Result<Render, Error> {
        let (shared, budget, supplier) = (Arc::clone(&self.shared), Budget::new(self.limits), self.supplier.clone());
        build_in(Context { shared, budget, supplier, ..Context::new(&self.settings) }, Arc::clone(&self.bases), directory)
    }
}
