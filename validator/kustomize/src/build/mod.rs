//! A build from directory to objects.

mod accumulator;
mod bases;
mod builder;
mod changed;
mod charts;
mod metadata;
mod moved;
mod openapi;
mod plugin;
mod plugin_fields;
mod references;
mod remote;
mod sort;
mod stale;
mod target;

pub use builder::Builder;
pub use charts::merge_values;
pub use remote::check_local;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::Error;
use crate::file::config::TransformerConfig;
use crate::file::load::Root;
use crate::generate;
use crate::object::manifest;
use crate::object::render::Render;
use crate::object::resource::PreviousId;
use crate::settings::Settings;
use crate::yaml;

use accumulator::Accumulator;
use bases::Bases;
use changed::Changed;
use metadata::BuildMetadata;
use target::{Session, Target};

/// Builds the kustomization in `directory` as the default [`Version`](crate::Version) of Kustomize does, that of kubectl 1.33.
///
/// # Errors
/// What kubectl refuses too, with the line; a feature that only kubectl builds ([`crate::ErrorKind::Unsupported`]), with its
/// line; and a limit on hostile input ([`crate::ErrorKind::Limit`]).
pub fn build(directory: &Path) -> Result<Render, Error> {
    build_as(Settings::default(), directory)
}

/// Builds the kustomization in `directory` as the settings say, or as a version of Kustomize does.
///
/// # Errors
/// Those of [`build`].
pub fn build_as(settings: impl Into<Settings>, directory: &Path) -> Result<Render, Error> {
    build_in(Context::new(&settings.into()), Arc::default(), directory)
}

/// Builds the kustomization in `directory`.
pub(crate) fn build_in(mut context: Context, bases: Arc<Bases>, directory: &Path) -> Result<Render, Error> {
    let root = Root::open(&mut context, directory)?;
    let target = Target::read(&mut context, root, None)?;
    let metadata = BuildMetadata::new(&target.kustomization().build_metadata);
    let session = Session { metadata, bases };
    let Accumulator { mut map, config, vars, .. } = target.accumulate(&mut context, &session, Accumulator::default())?;
    let config = config.map_or_else(|| TransformerConfig::builtin(context.version), Ok)?;
    generate::hash::apply(&context, &mut map)?;
    references::apply(&context, &mut map, &config.name_reference)?;
    vars.resolve(&mut context, &mut map, &config.var_reference)?;
    for resource in map.resources() {
        manifest::check(&context, &resource.node)?;
        // Kustomize notes nothing of a name that is empty, and then does not have as many names as kinds.
        let is_nameless = |id: &PreviousId| id.name.is_empty();
        if resource.previous.iter().any(is_nameless) && !resource.previous.iter().all(is_nameless) {
            return Err(context.invalid(&resource.node.origin, "the name of this object was empty for a while"));
        }
    }
    map.retain(|resource| resource.annotation("config.kubernetes.io/local-config").is_none_or(|value| value == "false"));
    if let Some(duplicate) = map.first_duplicate() {
        let error = context.invalid(&duplicate.node.origin, format!("two objects have the identity {}", duplicate.id()));
        return Err(map.with_both(&context, error, duplicate));
    }
    let mut resources = map.into_resources();
    let mut stale = stale::notes(&resources, &context.sources);
    sort::apply(&context, &mut resources, target.kustomization())?;
    let mut objects = Vec::with_capacity(resources.len());
    let mut changed = Changed::default();
    for mut resource in resources {
        context.charge(Cost::steps(1), &resource.node.origin)?;
        session.metadata.finish(&context, &mut resource)?;
        resource.finish_annotations().map_err(|list| list.refusal(&context))?;
        yaml::canonical(&mut resource.node, &context.sources)?;
        changed.look(&context, &resource.node);
        objects.push(resource.node);
    }
    context.notes.append(&mut changed.into_notes());
    context.notes.append(&mut stale);
    // A patch with many targets says the same of each.
    let mut seen = HashSet::new();
    context.notes.retain(|note| seen.insert((note.kind, note.message.clone(), note.origin.source, note.origin.key)));
    let Context { sources, notes, inputs, .. } = context;
    Ok(Render { objects, sources, notes, inputs })
}
