//! A build from directory to objects.

use std::collections::HashSet;
use std::path::Path;

use crate::budget::Cost;
use crate::build_metadata::BuildMetadata;
use crate::changed::Changed;
use crate::config::TransformerConfig;
use crate::context::Context;
use crate::error::Error;
use crate::generate;
use crate::load::Root;
use crate::manifest;
use crate::references;
use crate::render::Render;
use crate::resource::PreviousId;
use crate::stale;
use crate::target::{Accumulator, Target};
use crate::transform::sort;
use crate::yaml;

/// Builds the kustomization in `directory` as the default [`Version`](crate::Version) of Kustomize does, that of kubectl 1.33.
///
/// # Errors
/// What kubectl refuses too, with the line; a feature that only kubectl builds ([`crate::ErrorKind::Unsupported`]), with its
/// line; and a limit on hostile input ([`crate::ErrorKind::Limit`]).
pub fn build(directory: &Path) -> Result<Render, Error> {
    build_as(crate::Version::default(), directory)
}

/// Builds the kustomization in `directory` as that version of Kustomize does.
///
/// # Errors
/// Those of [`build`].
pub fn build_as(version: crate::Version, directory: &Path) -> Result<Render, Error> {
    build_in(Context { version, ..Context::default() }, directory)
}

/// Builds the kustomization in `directory`.
pub(crate) fn build_in(mut context: Context, directory: &Path) -> Result<Render, Error> {
    let root = Root::open(&mut context, directory)?;
    let target = Target::read(&mut context, root, None)?;
    let metadata = BuildMetadata::new(&target.kustomization().build_metadata);
    let Accumulator { mut map, config, vars } = target.accumulate(&mut context, &metadata, Accumulator::default())?;
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
        return Err(context.invalid(&duplicate.node.origin, format!("two objects have the identity {}", duplicate.id())));
    }
    let mut resources = map.into_resources();
    let mut stale = stale::notes(&resources, &context.sources);
    sort::apply(&context, &mut resources, target.kustomization())?;
    let mut objects = Vec::with_capacity(resources.len());
    let mut changed = Changed::default();
    for mut resource in resources {
        context.charge(Cost::steps(1), &resource.node.origin)?;
        metadata.finish(&context, &mut resource)?;
        resource.finish_annotations().map_err(|list| context.odd_annotations(&list))?;
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
