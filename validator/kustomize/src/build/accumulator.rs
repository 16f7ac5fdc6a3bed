//! What a kustomization gives to those that build on it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::context::Context;
use crate::error::Error;
use crate::file::config::TransformerConfig;
use crate::object::resource_map::ResourceMap;
use crate::source::Origin;
use crate::transform::vars::Vars;
use crate::version::Version;

/// The objects so far, and what later steps need.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accumulator {
    pub(crate) map: ResourceMap,
    pub(crate) config: Option<Arc<TransformerConfig>>,
    pub(crate) vars: Vars,
    /// The directories of the components that these objects have been given to.
    pub(crate) components: Vec<PathBuf>,
}

impl Accumulator {
    /// Changes every origin.
    pub(crate) fn change_origins(&mut self, change: &mut impl FnMut(&mut Origin)) {
        self.map.resources_mut().iter_mut().for_each(|resource| resource.change_origins(change));
        self.vars.change_origins(change);
    }

    /// The configuration so far.
    pub(crate) fn config(&self, version: Version) -> Result<Arc<TransformerConfig>, Error> {
        self.config.clone().map_or_else(|| TransformerConfig::builtin(version), Ok)
    }

    /// Merges a configuration into the one that is here.
    pub(crate) fn merge_config(&mut self, context: &Context, incoming: Arc<TransformerConfig>, origin: &Origin) -> Result<(), Error> {
        // Nothing comes of merging the tables with themselves.
        let is_same = match &self.config {
            None => Arc::ptr_eq(&TransformerConfig::builtin(context.version)?, &incoming),
            Some(config) => Arc::ptr_eq(config, &incoming),
        };
        self.config = Some(if is_same {
            incoming
        } else {
            let nothing = TransformerConfig::default();
            let merged = self.config.as_deref().unwrap_or(&nothing).merge(&incoming);
            Arc::new(merged.map_err(|conflict| context.invalid(origin, conflict.to_string()))?)
        });
        Ok(())
    }
}
