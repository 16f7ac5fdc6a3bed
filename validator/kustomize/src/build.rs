//! A build from directory to objects, in Kustomize's order of work (`api/internal/target/kusttarget.go`).

use std::path::Path;
use std::sync::Arc;

use crate::config::{TransformerConfig, merge_all};
use crate::context::Context;
use crate::decode::{Decoder, Text};
use crate::error::{Error, ErrorKind};
use crate::field_spec::FieldSpec;
use crate::generate::{self, Product};
use crate::kustomization::Kustomization;
use crate::load::Root;
use crate::manifest;
use crate::node::Node;
use crate::references;
use crate::render::Render;
use crate::resource::Resource;
use crate::resource_map::ResourceMap;
use crate::source::{Origin, SourceId};
use crate::transform::vars::Vars;
use crate::transform::{affix, images, metadata, namespace, patches, replacements, replicas, sort};
use crate::yaml::{self, Dialect};

/// Builds the kustomization in `directory` as `kubectl kustomize` 1.33 (Kustomize v5.6.0) does.
///
/// # Errors
/// What kubectl refuses too, with the line; a feature that only kubectl builds ([`ErrorKind::Unsupported`]), with its line;
/// and a limit on hostile input ([`ErrorKind::Limit`]).
pub fn build(directory: &Path) -> Result<Render, Error> {
    let mut context = Context::default();
    let root = Root::open(&mut context, directory)?;
    let kustomization = Target::read(&mut context, &root, None)?;
    let sort_options = kustomization.sort_options.clone();
    let target = Target { root, kustomization };
    let mut accumulator = target.accumulate(&mut context, Accumulator::default())?;
    generate::hash::apply(&context, &mut accumulator.map)?;
    let config = accumulator.config()?;
    references::apply(&context, &mut accumulator.map, &config.name_reference)?;
    accumulator.vars.resolve(&mut context, &mut accumulator.map, &config.var_reference)?;
    for resource in accumulator.map.resources() {
        manifest::check(&context, &resource.node)?;
    }
    accumulator.map.retain(|resource| resource.annotation("config.kubernetes.io/local-config").is_none_or(|value| value == "false"));
    if let Some(duplicate) = accumulator.map.first_duplicate() {
        return Err(context.invalid(&duplicate.node.origin, format!("two objects have the identity {}", duplicate.id())));
    }
    let mut resources = accumulator.map.into_resources();
    sort::apply(&context, &mut resources, sort_options.as_ref())?;
    let mut objects = Vec::with_capacity(resources.len());
    for mut resource in resources {
        resource.finish_annotations();
        yaml::canonical(&mut resource.node, &context.sources)?;
        objects.push(resource.node);
    }
    let Context { sources, notes, inputs } = context;
    Ok(Render { objects, sources, notes, inputs })
}

/// The objects so far, and what later steps need.
#[derive(Debug, Default)]
struct Accumulator {
    map: ResourceMap,
    vars: Vars,
    config: Option<Arc<TransformerConfig>>,
}

impl Accumulator {
    fn config(&self) -> Result<Arc<TransformerConfig>, Error> {
        self.config.clone().map_or_else(TransformerConfig::builtin, Ok)
    }

    /// Merges a configuration into the one that is here.
    fn merge_config(&mut self, context: &Context, incoming: Arc<TransformerConfig>, origin: &Origin) -> Result<(), Error> {
        // Nothing comes of merging the tables with themselves.
        let is_same = match &self.config {
            None => Arc::ptr_eq(&TransformerConfig::builtin()?, &incoming),
            Some(config) => Arc::ptr_eq(config, &incoming),
        };
        if !is_same {
            let nothing = TransformerConfig::default();
            let merged = self.config.as_deref().unwrap_or(&nothing).merge(&incoming);
            self.config = Some(Arc::new(merged.map_err(|conflict| context.invalid(origin, conflict.to_string()))?));
        } else {
            self.config = Some(incoming);
        }
        Ok(())
    }
}

/// A kustomization and its directory.
struct Target {
    root: Root,
    kustomization: Kustomization,
}

impl Target {
    /// Reads the kustomization in `root`.
    fn read(context: &mut Context, root: &Root, reference: Option<&Origin>) -> Result<Kustomization, Error> {
        let id = root.kustomization_file(context, reference)?.into_source(context)?;
        let documents = yaml::read(&context.sources, id, Dialect::YamlV2)?;
        let whole = Origin::new(id, 0, 0);
        let kustomization = Kustomization::read(context, documents.first(), &whole)?;
        let later = [
            ("`generators`", kustomization.generators.first().map(|text| &text.origin)),
            ("`transformers`", kustomization.transformers.first().map(|text| &text.origin)),
            ("`crds`", kustomization.crds.first().map(|text| &text.origin)),
            ("`buildMetadata`", kustomization.build_metadata.first().map(|text| &text.origin)),
        ];
        if let Some((what, Some(origin))) = later.into_iter().find(|(_, origin)| origin.is_some()) {
            return Err(context.unsupported(origin, format!("{what} is not supported yet")));
        }
        match &kustomization.refused {
            Some((what, origin)) => Err(context.unsupported(origin, format!("{what} is not supported"))),
            None => Ok(kustomization),
        }
    }

    /// The whole of a kustomization; a component goes on with the objects of its parent.
    fn accumulate(&self, context: &mut Context, mut accumulator: Accumulator) -> Result<Accumulator, Error> {
        accumulator = self.resources(context, accumulator, &self.kustomization.resources)?;
        self.configurations(context, &mut accumulator)?;
        self.generators(context, &mut accumulator)?;
        for component in &self.kustomization.components {
            let root = self.root.descend(context, component)?;
            accumulator = self.directory(context, accumulator, root, component, true)?;
        }
        self.transformers(context, &mut accumulator)?;
        accumulator.vars.define(context, &mut accumulator.map, &self.kustomization.vars)?;
        Ok(accumulator)
    }

    fn resources(&self, context: &mut Context, mut accumulator: Accumulator, paths: &[Text]) -> Result<Accumulator, Error> {
        for path in paths {
            let file_error = match self.file(context, path) {
                Ok(objects) => {
                    self.add(context, &mut accumulator, objects, path)?;
                    continue;
                }
                Err(error) if matches!(error.kind, ErrorKind::Unsupported | ErrorKind::Limit) => return Err(error),
                Err(error) => error,
            };
            let root = match self.root.descend(context, path) {
                Ok(root) => root,
                Err(error) if error.kind == ErrorKind::Unsupported => return Err(error),
                // What is wrong with the file says more, unless there is a directory that may not be used.
                Err(error) if self.root.is_directory(&path.value) => return Err(error),
                Err(_) => return Err(file_error),
            };
            accumulator = self.directory(context, accumulator, root, path, false)?;
        }
        Ok(accumulator)
    }

    /// The objects in the file at `path`.
    fn file(&self, context: &mut Context, path: &Text) -> Result<Vec<Node>, Error> {
        let id = self.source(context, path)?;
        manifest::read_objects(context, id)
    }

    fn source(&self, context: &mut Context, path: &Text) -> Result<SourceId, Error> {
        self.root.load(context, path)?.into_source(context)
    }

    fn add(&self, context: &Context, accumulator: &mut Accumulator, objects: Vec<Node>, path: &Text) -> Result<(), Error> {
        for node in objects {
            accumulator.map.push(Resource::new(node)).map_err(|resource| duplicate(context, accumulator, &resource, path))?;
        }
        Ok(())
    }

    /// Builds another kustomization and adds its objects.
    fn directory(
        &self,
        context: &mut Context,
        mut accumulator: Accumulator,
        root: Root,
        path: &Text,
        is_component: bool,
    ) -> Result<Accumulator, Error> {
        let kustomization = Self::read(context, &root, Some(&path.origin))?;
        if kustomization.is_component != is_component {
            let (is, wanted) = if is_component { ("a Kustomization", "components") } else { ("a Component", "resources") };
            let other = if is_component { "resources" } else { "components" };
            let message = format!("`{}` is {is}, which does not belong under `{wanted}`", path.value);
            return Err(context.invalid(&path.origin, message).help(format!("list it under `{other}`")));
        }
        let target = Self { root, kustomization };
        if is_component {
            accumulator = target.accumulate(context, accumulator)?;
            if let Some(second) = accumulator.map.first_duplicate() {
                return Err(context.invalid(&path.origin, format!("two objects have the identity {}", second.id())));
            }
            return Ok(accumulator);
        }
        let inner = target.accumulate(context, Accumulator::default())?;
        let config = inner.config()?;
        let vars = inner.vars;
        for resource in inner.map.into_resources() {
            accumulator.map.push(resource).map_err(|resource| duplicate(context, &accumulator, &resource, path))?;
        }
        accumulator.merge_config(context, config, &path.origin)?;
        accumulator.vars.merge(context, vars)?;
        Ok(accumulator)
    }

    fn configurations(&self, context: &mut Context, accumulator: &mut Accumulator) -> Result<(), Error> {
        let builtin = TransformerConfig::builtin()?;
        let mut custom: Option<TransformerConfig> = None;
        for path in &self.kustomization.configurations {
            let id = self.source(context, path)?;
            let documents = yaml::read(&context.sources, id, Dialect::YamlV2)?;
            let Some(document) = documents.first() else { continue };
            let decoder = Decoder { sources: &context.sources, lenient: true };
            let read: TransformerConfig = decoder.get(document, &path.value)?;
            let merged = custom.unwrap_or_default().merge(&read);
            custom = Some(merged.map_err(|conflict| context.invalid(&path.origin, conflict.to_string()))?);
        }
        let (Some(custom), Some(first)) = (custom, self.kustomization.configurations.first()) else {
            // The tables do not conflict with what has grown out of them.
            return accumulator.merge_config(context, builtin, &self.kustomization.whole);
        };
        let config = builtin.merge(&custom).map_err(|conflict| context.invalid(&first.origin, conflict.to_string()))?;
        accumulator.merge_config(context, Arc::new(config), &first.origin)
    }

    fn generators(&self, context: &mut Context, accumulator: &mut Accumulator) -> Result<(), Error> {
        let kustomization = &self.kustomization;
        let config_maps = kustomization.config_maps.iter().map(|args| (Product::ConfigMap, args));
        let secrets = kustomization.secrets.iter().map(|args| (Product::Secret, args));
        // All are made before the first is added.
        let mut made = Vec::new();
        for (product, args) in config_maps.chain(secrets) {
            made.push(generate::generate(context, &self.root, product, args, &kustomization.generator_options)?);
        }
        made.into_iter().try_for_each(|resource| generate::absorb(context, &mut accumulator.map, resource))
    }

    fn transformers(&self, context: &mut Context, accumulator: &mut Accumulator) -> Result<(), Error> {
        let config = accumulator.config()?;
        let kustomization = &self.kustomization;
        let map = &mut accumulator.map;
        if !kustomization.patches_strategic_merge.is_empty() {
            patches::apply_strategic(context, &self.root, map, &kustomization.patches_strategic_merge)?;
        }
        for patch in &kustomization.patches {
            patches::apply(context, &self.root, map, patch)?;
        }
        map.retain(|resource| !resource.is_empty());
        if let Some(text) = &kustomization.namespace {
            let subjects = namespace::Subjects::default();
            let transform = namespace::Namespace { namespace: text, specs: &config.namespace, unset_only: false, subjects };
            namespace::apply(context, map, &transform)?;
        }
        if let Some(prefix) = &kustomization.name_prefix {
            affix::apply(context, map, affix::End::Prefix, prefix, &config.name_prefix)?;
        }
        if let Some(suffix) = &kustomization.name_suffix {
            affix::apply(context, map, affix::End::Suffix, suffix, &config.name_suffix)?;
        }
        for label in &kustomization.labels {
            let specs = label_specs(label, &config).map_err(|conflict| {
                let origin = label.pairs.first().map(|(key, _)| key.origin.clone());
                let error = Error::new(ErrorKind::Invalid, conflict.to_string());
                origin.map_or(error.clone(), |origin| error.at(crate::Place::of(&context.sources, &origin)))
            })?;
            metadata::apply(context, map, &label.pairs, &specs)?;
        }
        metadata::apply(context, map, &kustomization.common_labels, &config.common_labels)?;
        metadata::apply(context, map, &kustomization.common_annotations, &config.common_annotations)?;
        for patch in &kustomization.patches_json6902 {
            patches::apply_json(context, &self.root, map, patch)?;
        }
        for replica in &kustomization.replicas {
            replicas::apply(context, map, replica, &config.replicas)?;
        }
        for image in &kustomization.images {
            images::apply(context, map, image, &config.images)?;
        }
        for replacement in replacements::load(context, &self.root, &kustomization.replacements)? {
            replacements::apply(context, map, &replacement)?;
        }
        Ok(())
    }
}

/// The fields of one entry of `labels`.
fn label_specs(label: &crate::kustomization::Label, config: &TransformerConfig) -> Result<Vec<FieldSpec>, crate::config::Conflict> {
    if label.include_selectors {
        return merge_all(&label.fields, &config.common_labels);
    }
    let mut specs = label.fields.clone();
    if label.include_templates {
        specs = merge_all(&specs, &config.template_labels)?;
    }
    specs = merge_all(&specs, &config.labels)?;
    merge_all(&specs, &[FieldSpec { path: "metadata/labels".into(), create: true, ..FieldSpec::default() }])
}

fn duplicate(context: &Context, accumulator: &Accumulator, resource: &Resource, path: &Text) -> Error {
    let message = format!("`{}` brings {}, which is there already", path.value, resource.id());
    let error = context.invalid(&path.origin, message);
    let error = error.related(crate::Place::of(&context.sources, &resource.node.origin), "the second one");
    match accumulator.map.current(resource.id()).next().and_then(|at| accumulator.map.resources().get(at)) {
        Some(first) => error.related(crate::Place::of(&context.sources, &first.node.origin), "the first one"),
        None => error,
    }
}
