//! One kustomization of a build, in Kustomize's order of work (`api/internal/target/kusttarget.go`).

use std::sync::Arc;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::elsewhere::address::{Repository, is_remote_file};
use crate::elsewhere::whereabouts::Whereabouts;
use crate::error::{Error, ErrorKind, Place};
use crate::file::config::{Conflict, TransformerConfig, merge_all};
use crate::file::crds;
use crate::file::embedded::Embedded;
use crate::file::entry::Label;
use crate::file::kustomization::Kustomization;
use crate::file::load::Root;
use crate::generate::{self, Product};
use crate::note::{Note, NoteKind};
use crate::object::field_spec::FieldSpec;
use crate::object::manifest;
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::object::schema;
use crate::patch::apply as patches;
use crate::source::{Origin, SourceId};
use crate::transform::{affix, images, metadata, namespace, replacements, replicas};
use crate::yaml::Dialect;
use crate::yaml::node::Node;

use super::accumulator::Accumulator;
use super::bases::Bases;
use super::charts;
use super::metadata::{BuildMetadata, Configuration};
use super::openapi;
use super::plugin::{Plugin, Role};

/// What all kustomizations of a build have in common.
pub(crate) struct Session {
    /// What the one at the top asks for.
    pub(crate) metadata: BuildMetadata,
    /// Those that were built already.
    pub(crate) bases: Arc<Bases>,
}

/// A kustomization and its directory.
pub(crate) struct Target {
    root: Root,
    /// The kustomization file, from the directory that is built.
    file: Whereabouts,
    kustomization: Kustomization,
    /// What led here.
    reference: Option<Place>,
}

/// Notes what a kustomization file says that Kustomize obeys and a person may regret.
fn note_habits(context: &mut Context, kustomization: &Kustomization) {
    for (field, origin) in &kustomization.deprecated {
        let message = format!("`{}` is deprecated: use `{}`", field.name, field.successor);
        let note = Note::new(NoteKind::FieldDeprecated, message, origin.clone());
        context.add_notes([Note { deprecated: Some(field.clone()), ..note }]);
    }
    let generators = || kustomization.config_maps.iter().chain(&kustomization.secrets);
    if let Some(origin) = kustomization.generator_options.disable_name_suffix_hash.as_ref().filter(|_| generators().next().is_some()) {
        context.note(NoteKind::HashDisabled, origin, "no generated name has a hash of its content");
        return;
    }
    for generator in generators() {
        if let Some(origin) = &generator.options.disable_name_suffix_hash {
            let name = generator.name.as_ref().map_or("", |name| &*name.value);
            context.note(NoteKind::HashDisabled, origin, format!("the name of the generated `{name}` has no hash of its content"));
        }
    }
}

impl Target {
    /// Reads the kustomization in `root`; `reference` is what led there.
    pub(crate) fn read(context: &mut Context, root: Root, reference: Option<Place>) -> Result<Self, Error> {
        let loaded = root.kustomization_file(context, reference.clone())?;
        let file = root.whereabouts(&loaded.path.file_name().unwrap_or_default().to_string_lossy());
        let id = loaded.into_source(context)?;
        let document = context.read_first(id)?;
        let kustomization = Kustomization::read(context, document.as_ref(), &Origin::new(id, 0, 0))?;
        openapi::set(context, &root, &kustomization.openapi)?;
        note_habits(context, &kustomization);
        Ok(Self { root, file, kustomization, reference })
    }

    pub(crate) fn kustomization(&self) -> &Kustomization {
        &self.kustomization
    }

    /// Does all the work of this kustomization; a component goes on with the objects of its parent.
    pub(crate) fn accumulate(&self, context: &mut Context, session: &Session, mut accumulator: Accumulator) -> Result<Accumulator, Error> {
        let kustomization = &self.kustomization;
        accumulator = self.resources(context, session, accumulator, &kustomization.resources)?;
        self.configurations(context, &mut accumulator)?;
        self.crds(context, &mut accumulator)?;
        self.generators(context, session, &mut accumulator)?;
        for component in &kustomization.components {
            let root = self.root.descend(context, component)?;
            accumulator = self.directory(context, session, accumulator, root, component, true)?;
        }
        self.transformers(context, session, &mut accumulator)?;
        let Accumulator { map, vars, .. } = &mut accumulator;
        vars.define(context, map, &kustomization.vars)?;
        Ok(accumulator)
    }

    fn resources(
        &self,
        context: &mut Context,
        session: &Session,
        mut accumulator: Accumulator,
        paths: &[Text],
    ) -> Result<Accumulator, Error> {
        for path in paths {
            let is_remote_file = is_remote_file(&path.value);
            if is_remote_file && !context.is_file(path)? {
                let root = self.root.descend(context, path)?;
                accumulator = self.directory(context, session, accumulator, root, path, false)?;
                continue;
            }
            let file_error = match self.file(context, path) {
                Ok(objects) => {
                    if objects.is_empty() {
                        context.note(NoteKind::ContentIgnored, &path.origin, format!("`{}` holds no object", path.value));
                    }
                    self.add(context, session, &mut accumulator, objects, path)?;
                    continue;
                }
                Err(error) if is_remote_file => return Err(error),
                Err(error) if matches!(error.kind, ErrorKind::Unsupported | ErrorKind::Limit) => return Err(error),
                Err(error) => error,
            };
            let root = match self.root.descend(context, path) {
                Ok(root) => root,
                Err(error) if error.kind == ErrorKind::Unsupported || Repository::parse(&path.value).is_some() => return Err(error),
                // What is wrong with the file says more, unless there is a directory that may not be used.
                Err(error) if self.root.is_directory(&path.value) => return Err(error),
                Err(_) => return Err(file_error),
            };
            accumulator = self.directory(context, session, accumulator, root, path, false)?;
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

    fn add(
        &self,
        context: &Context,
        session: &Session,
        accumulator: &mut Accumulator,
        objects: Vec<Node>,
        path: &Text,
    ) -> Result<(), Error> {
        let file = self.root.whereabouts(&path.value);
        for node in objects {
            context.charge(Cost::OBJECT, &node.origin)?;
            let mut resource = Resource::new(node);
            if !context.openapi.is_used() && !schema::is_builtin(resource.api_version(), resource.kind()) {
                // Kustomize asks whether it has a namespace.
                context.openapi.note_use();
            }
            session.metadata.read_from(&mut resource, &file);
            resource.way = Some(path.origin.clone());
            accumulator.map.push(resource).map_err(|resource| self.duplicate(context, &accumulator.map, &resource, path))?;
        }
        Ok(())
    }

    /// Reads the kustomization in `root` that is referred to as `path` at `place`.
    fn referred(context: &mut Context, root: Root, place: Place, path: &str, is_component: bool) -> Result<Self, Error> {
        let target = Self::read(context, root, Some(place.clone()))?;
        if target.kustomization.is_component == is_component {
            return Ok(target);
        }
        let (is, wanted) = if is_component { ("a Kustomization", "components") } else { ("a Component", "resources") };
        let other = if is_component { "resources" } else { "components" };
        let message = format!("`{path}` is {is}, which does not belong under `{wanted}`");
        Err(Error::new(ErrorKind::Invalid, message).at(place).help(format!("list it under `{other}`")))
    }

    /// Builds another kustomization and adds its objects.
    fn directory(
        &self,
        context: &mut Context,
        session: &Session,
        mut accumulator: Accumulator,
        root: Root,
        path: &Text,
        is_component: bool,
    ) -> Result<Accumulator, Error> {
        let place = Place::of(&context.sources, &path.origin);
        if is_component {
            let real = root.paths().0.to_owned();
            if accumulator.components.contains(&real) {
                let message = format!("`{}` is applied to objects that it has been applied to already", path.value);
                context.note(NoteKind::AffixRepeated, &path.origin, message);
            }
            accumulator.components.push(real);
            let target = Self::referred(context, root.of_component(), place, &path.value, true)?;
            let first = target.kustomization.whole.source;
            accumulator = target.accumulate(context, session, accumulator)?;
            // What it brought along, itself or what it builds on, was read after it.
            for resource in accumulator.map.resources_mut() {
                resource.way.iter_mut().filter(|way| way.source >= first).for_each(|way| way.clone_from(&path.origin));
            }
            // Kustomize merges all of it into nothing, which finds what is at odds with itself.
            if let Some(config) = accumulator.config.take() {
                accumulator.merge_config(context, config, &path.origin)?;
            }
            context.charge(Cost::steps(accumulator.map.resources().len()), &path.origin)?;
            return match accumulator.map.first_duplicate() {
                Some(second) => {
                    let error = context.invalid(&path.origin, format!("two objects have the identity {}", second.id()));
                    Err(accumulator.map.with_both(context, error, second))
                }
                None => Ok(accumulator),
            };
        }
        let build = |context: &mut Context| {
            let target = Self::referred(context, root.clone(), place.clone(), &path.value, false)?;
            target.accumulate(context, session, Accumulator::default())
        };
        let mut inner = if session.metadata.is_kept() {
            build(context)?
        } else {
            session.bases.build(context, &root, self.kustomization.is_component, build)?
        };
        let config = inner.config(context.version)?;
        inner.map.resources_mut().iter_mut().for_each(|resource| resource.way = Some(path.origin.clone()));
        accumulator.components.extend(inner.components);
        accumulator.map.append(inner.map).map_err(|resource| self.duplicate(context, &accumulator.map, &resource, path))?;
        accumulator.merge_config(context, config, &path.origin)?;
        accumulator.vars.merge(context, inner.vars)?;
        Ok(accumulator)
    }

    fn configurations(&self, context: &mut Context, accumulator: &mut Accumulator) -> Result<(), Error> {
        let builtin = TransformerConfig::builtin(context.version)?;
        let mut custom = TransformerConfig::default();
        for path in &self.kustomization.configurations {
            let id = self.source(context, path)?;
            // Unlike in the kustomization itself, a repeated key is an error here.
            context.read(id, Dialect::YamlV3)?;
            let Some(document) = context.read_first(id)? else { continue };
            let decoder = context.decoder(false);
            let read: TransformerConfig = decoder.get(&document, &path.value)?;
            custom = custom.merge(&read).map_err(|conflict| context.invalid(&path.origin, conflict.to_string()))?;
        }
        let Some(first) = self.kustomization.configurations.first() else {
            // The tables do not conflict with what has grown out of them.
            return accumulator.merge_config(context, builtin, &self.kustomization.whole);
        };
        let config = builtin.merge(&custom).map_err(|conflict| context.invalid(&first.origin, conflict.to_string()))?;
        accumulator.merge_config(context, Arc::new(config), &first.origin)
    }

    fn crds(&self, context: &mut Context, accumulator: &mut Accumulator) -> Result<(), Error> {
        for path in &self.kustomization.crds {
            let id = self.source(context, path)?;
            if context.sources.get(id).text().is_empty() {
                return Err(context.invalid(&path.origin, format!("`{}` is empty", path.value)));
            }
            let Some(definitions) = context.read_first(id)? else { continue };
            let config = crds::config(&definitions).map_err(|problem| match problem {
                crds::Problem::Conflict(conflict) => context.invalid(&path.origin, conflict.to_string()),
                crds::Problem::Shape(origin, message) => context.invalid(&origin, message),
                crds::Problem::Circle => context.error(ErrorKind::Limit, &path.origin, "the definitions refer to each other too deeply"),
            })?;
            accumulator.merge_config(context, Arc::new(config), &path.origin)?;
        }
        Ok(())
    }

    fn generators(&self, context: &mut Context, session: &Session, accumulator: &mut Accumulator) -> Result<(), Error> {
        let kustomization = &self.kustomization;
        let config_maps = kustomization.config_maps.iter().map(|args| (Product::ConfigMap, args));
        let secrets = kustomization.secrets.iter().map(|args| (Product::Secret, args));
        for (product, args) in config_maps.chain(secrets) {
            let mut resource = generate::generate(context, &self.root, product, args, &kustomization.generator_options)?;
            let kind = if product == Product::ConfigMap { "ConfigMapGenerator" } else { "SecretGenerator" };
            session.metadata.generated(&mut resource, &self.configuration(kind));
            generate::absorb(context, &mut accumulator.map, resource)?;
        }
        for chart in &kustomization.charts {
            for mut resource in charts::objects(context, &self.root, chart, &kustomization.helm_globals)? {
                session.metadata.generated(&mut resource, &self.configuration("HelmChartInflationGenerator"));
                generate::absorb(context, &mut accumulator.map, resource)?;
            }
        }
        for (plugin, file) in self.plugins(context, session, &kustomization.generators, Role::Generator)? {
            for mut resource in plugin.generate(context, &self.root)? {
                session.metadata.generated(&mut resource, &plugin_configuration(&plugin, &file));
                generate::absorb(context, &mut accumulator.map, resource)?;
            }
        }
        Ok(())
    }

    /// The configurations of `generators` or `transformers`: inline ones, then those of files and directories, each with the file
    /// that it is in.
    fn plugins(&self, context: &mut Context, session: &Session, entries: &[Text], role: Role) -> Result<Vec<(Plugin, Whereabouts)>, Error> {
        let mut accumulator = Accumulator::default();
        let mut paths = Vec::new();
        for entry in entries {
            match inline_objects(context, entry) {
                Some(objects) => self.add(context, session, &mut accumulator, objects, entry)?,
                None => paths.push(entry.clone()),
            }
        }
        let inline = accumulator.map.resources().len();
        accumulator = self.resources(context, session, accumulator, &paths)?;
        let resources = accumulator.map.into_resources().into_iter().enumerate();
        let plugin = |(at, resource): (usize, Resource)| {
            let file = resource.provenance.file().filter(|_| at >= inline).map_or_else(|| self.file.clone(), Whereabouts::clone);
            Ok(Plugin::new(context, resource, role)?.map(|plugin| (plugin, file)))
        };
        resources.map(plugin).filter_map(Result::transpose).collect()
    }

    /// What is wrong with an entry that brings an object for the second time.
    fn duplicate(&self, context: &Context, map: &ResourceMap, resource: &Resource, path: &Text) -> Error {
        let message = format!("`{}` brings {}, which is there already", path.value, resource.id());
        let error = map.with_both(context, context.invalid(&path.origin, message), resource);
        match &self.reference {
            Some(reference) if self.kustomization.is_component => error.related(reference.clone(), "this component brings the second one"),
            _ => error,
        }
    }

    fn configuration<'a>(&'a self, kind: &'a str) -> Configuration<'a> {
        Configuration { file: &self.file, kind, name: "", namespace: "" }
    }

    fn transformers(&self, context: &mut Context, session: &Session, accumulator: &mut Accumulator) -> Result<(), Error> {
        self.builtin_transformers(context, session, accumulator)?;
        let map = &mut accumulator.map;
        for (plugin, file) in self.plugins(context, session, &self.kustomization.transformers, Role::Transformer)? {
            plugin.transform(context, &self.root, map)?;
            session.metadata.transformed(context, map, &plugin_configuration(&plugin, &file))?;
            map.retain(|resource| !resource.is_empty());
        }
        // None of them changes anything.
        self.plugins(context, session, &self.kustomization.validators, Role::Validator)?;
        Ok(())
    }

    fn builtin_transformers(&self, context: &mut Context, session: &Session, accumulator: &mut Accumulator) -> Result<(), Error> {
        let config = accumulator.config(context.version)?;
        let kustomization = &self.kustomization;
        let map = &mut accumulator.map;
        let done =
            |context: &Context, map: &mut ResourceMap, kind: &str| session.metadata.transformed(context, map, &self.configuration(kind));
        if !kustomization.patches_strategic_merge.is_empty() {
            patches::apply_strategic(context, &self.root, map, &kustomization.patches_strategic_merge, None)?;
            done(context, map, "PatchStrategicMergeTransformer")?;
        }
        for patch in &kustomization.patches {
            patches::apply(context, &self.root, map, patch)?;
            done(context, map, "PatchTransformer")?;
        }
        map.retain(|resource| !resource.is_empty());
        if let Some(text) = &kustomization.namespace {
            let subjects = namespace::Subjects::default();
            let transform = namespace::Namespace { namespace: text, specs: &config.namespace, unset_only: false, subjects };
            namespace::apply(context, map, &transform)?;
            done(context, map, "NamespaceTransformer")?;
        }
        if let Some(prefix) = &kustomization.name_prefix {
            affix::apply(context, map, affix::End::Prefix, prefix, &config.name_prefix)?;
            done(context, map, "PrefixTransformer")?;
        }
        if let Some(suffix) = &kustomization.name_suffix {
            affix::apply(context, map, affix::End::Suffix, suffix, &config.name_suffix)?;
            done(context, map, "SuffixTransformer")?;
        }
        for label in &kustomization.labels {
            let specs = label_specs(label, &config).map_err(|conflict| {
                let error = Error::new(ErrorKind::Invalid, conflict.to_string());
                match label.pairs.first() {
                    Some((key, _)) => error.at(Place::of(&context.sources, &key.origin)),
                    None => error,
                }
            })?;
            metadata::apply(context, map, &label.pairs, &specs)?;
            done(context, map, "LabelTransformer")?;
        }
        if !(kustomization.labels.is_empty() && kustomization.common_labels.is_empty()) {
            metadata::apply(context, map, &kustomization.common_labels, &config.common_labels)?;
            done(context, map, "LabelTransformer")?;
        }
        if !kustomization.common_annotations.is_empty() {
            metadata::apply(context, map, &kustomization.common_annotations, &config.common_annotations)?;
            done(context, map, "AnnotationsTransformer")?;
        }
        for patch in &kustomization.patches_json6902 {
            patches::apply_json(context, &self.root, map, patch)?;
            done(context, map, "PatchJson6902Transformer")?;
        }
        for replica in &kustomization.replicas {
            replicas::apply(context, map, replica, &config.replicas)?;
            done(context, map, "ReplicaCountTransformer")?;
        }
        if !kustomization.images.is_empty() {
            images::apply(context, map, &kustomization.images, &config.images)?;
            kustomization.images.iter().try_for_each(|_| done(context, map, "ImageTagTransformer"))?;
        }
        if !kustomization.replacements.is_empty() {
            replacements::apply(context, &self.root, map, &kustomization.replacements)?;
            done(context, map, "ReplacementTransformer")?;
        }
        Ok(())
    }
}

fn plugin_configuration<'a>(plugin: &'a Plugin, file: &'a Whereabouts) -> Configuration<'a> {
    Configuration { file, kind: plugin.kind(), name: plugin.name(), namespace: plugin.namespace() }
}

/// The objects in `entry`, if it is not a path but holds them itself.
fn inline_objects(context: &mut Context, entry: &Text) -> Option<Vec<Node>> {
    if !entry.value.contains(':') {
        return None;
    }
    let embedded = Embedded::new(context, entry);
    let mut objects = manifest::read_objects(context, embedded.id).ok()?;
    objects.iter_mut().for_each(|node| embedded.tree(node));
    Some(objects)
}

/// The fields of one entry of `labels`.
fn label_specs(label: &Label, config: &TransformerConfig) -> Result<Vec<FieldSpec>, Conflict> {
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
