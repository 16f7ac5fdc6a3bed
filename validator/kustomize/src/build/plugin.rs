//! Builtin transformers and generators with a configuration of their own, listed under `transformers` and `generators`.

use crate::context::Context;
use crate::context::decode::{Decode, Pairs, Text};
use crate::error::Error;
use crate::file::chart::{HelmChart, HelmGlobals};
use crate::file::entry::{Image, Patch, Replica};
use crate::file::generator::{GeneratorArgs, GeneratorOptions};
use crate::file::load::Root;
use crate::file::replacement::Replacement;
use crate::generate::{self, Product};
use crate::note::NoteKind;
use crate::object::field_spec::FieldSpec;
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::object::selector::Selector;
use crate::patch::apply as patches;
use crate::settings::Assumptions;
use crate::source::{Origin, Source, Sources};
use crate::suggest::closest;
use crate::transform::{affix, images, metadata, namespace, replacements, replicas, value_add};
use crate::yaml::node::{Entry, Map, Node, Scalar};
use crate::yaml::{self, Dialect};

use super::{charts, plugin_fields};

/// What a plugin does, and so where it is listed.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    Generator,
    Transformer,
    Validator,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Transformer => "transformer",
            Self::Validator => "validator",
        }
    }

    fn is_skipped(self, assumptions: Assumptions) -> bool {
        match self {
            Self::Generator => assumptions.skip_generators,
            Self::Transformer => assumptions.skip_transformers,
            Self::Validator => assumptions.skip_validators,
        }
    }
}

/// What a configuration says that it runs.
const FUNCTIONS: [&str; 2] = ["config.kubernetes.io/function", "config.k8s.io/function"];

/// A configuration, as JSON values.
pub(crate) struct Plugin {
    node: Node,
}

/// A part of a configuration, none where it is absent or null.
fn part<'a>(node: &'a Node, field: &str) -> Option<&'a Node> {
    let map = node.as_map()?;
    map.entries().iter().find(|entry| entry.key.text.eq_ignore_ascii_case(field)).map(|entry| &entry.value).filter(|node| !node.is_null())
}

impl Plugin {
    /// Takes over a configuration that was read or built; nothing for a program or a container that may be passed over.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unsupported`] for one that may not.
    pub(crate) fn new(context: &mut Context, resource: Resource, role: Role) -> Result<Option<Self>, Error> {
        let mut node = resource.node;
        yaml::canonical(&mut node, &context.sources)?;
        if node.str_at(&["apiVersion"]) != Some("builtin") {
            return program(context, &node, role).map(|()| None);
        }
        if matches!(role, Role::Validator) {
            let kind = node.get("kind").and_then(Node::text).unwrap_or_default();
            return Err(context.unsupported(&node.origin, format!("the validator `{kind}` is not supported")));
        }
        for unknown in plugin_fields::unknown(&node) {
            context.note(NoteKind::FieldUnknown, &unknown.origin, unknown.message());
        }
        Ok(Some(Self { node }))
    }

    pub(crate) fn kind(&self) -> &str {
        self.node.str_at(&["kind"]).unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.node.str_at(&["metadata", "name"]).unwrap_or_default()
    }

    pub(crate) fn namespace(&self) -> &str {
        self.node.str_at(&["metadata", "namespace"]).unwrap_or_default()
    }

    /// A field, its default where it is absent.
    fn get<T: Decode + Default>(&self, context: &Context, field: &str) -> Result<T, Error> {
        let decoder = context.decoder(true);
        part(&self.node, field).map_or_else(|| Ok(T::default()), |node| T::decode(node, decoder, field))
    }

    fn unknown(&self, context: &Context, role: &str) -> Error {
        context.invalid(&self.node.origin, format!("there is no builtin {role} `{}`", self.kind()))
    }

    /// Notes field specs for kinds that no object is of, and that there are none where nothing is done without.
    fn note_vain_specs(&self, context: &mut Context, map: &ResourceMap) -> Result<(), Error> {
        let needs_specs =
            ["AnnotationsTransformer", "LabelTransformer", "PrefixTransformer", "PrefixSuffixTransformer", "SuffixTransformer"];
        let specs: Vec<FieldSpec> = self.get(context, "fieldSpecs")?;
        if specs.is_empty() && needs_specs.contains(&self.kind()) {
            let message = format!("this {} has no fieldSpecs, and so changes nothing", self.kind());
            context.note(NoteKind::TargetMatchesNothing, &self.node.origin, message);
        }
        let nodes = part(&self.node, "fieldSpecs").map(Node::items).unwrap_or_default();
        let is_met = |spec: &FieldSpec| {
            map.resources().iter().any(|resource| {
                let gvk = resource.gvk();
                spec.matches(&gvk.group, &gvk.version, &gvk.kind)
            })
        };
        let of_a_kind = std::iter::zip(&specs, nodes).filter(|(spec, _)| !spec.kind.is_empty() && !is_met(spec));
        for (spec, node) in of_a_kind {
            let meant = closest(&spec.kind, map.resources().iter().map(Resource::kind));
            let meant =
                meant.filter(|meant| *meant != spec.kind.as_str()).map_or(String::new(), |meant| format!("; did you mean {meant}?"));
            let message = format!("no object is a {}{meant}", spec.kind);
            context.note(NoteKind::TargetMatchesNothing, &node.origin, message);
        }
        Ok(())
    }

    /// Runs a transformer; paths are relative to `root`.
    pub(crate) fn transform(&self, context: &mut Context, root: &Root, map: &mut ResourceMap) -> Result<(), Error> {
        self.note_vain_specs(context, map)?;
        let specs = || self.get::<Vec<FieldSpec>>(context, "fieldSpecs");
        match self.kind() {
            "PatchTransformer" => {
                let decoder = context.decoder(true);
                let patch = Patch::decode(&self.node, decoder, "PatchTransformer")?;
                patches::apply(context, root, map, &patch)
            }
            "PatchStrategicMergeTransformer" => {
                let (paths, inline): (Vec<Text>, Option<Text>) = (self.get(context, "paths")?, self.get(context, "patches")?);
                if paths.is_empty() && inline.is_none() {
                    return Err(context.invalid(&self.node.origin, "a PatchStrategicMergeTransformer must have `paths` or `patches`"));
                }
                patches::apply_strategic(context, root, map, &paths, inline.as_ref())
            }
            "PatchJson6902Transformer" => {
                let target: Option<Selector> = match part(&self.node, "target") {
                    Some(node) => Some(Selector::decode(node, context.decoder(true), "target")?),
                    None => None,
                };
                let (path, patch) = (self.get(context, "path")?, self.get(context, "jsonOp")?);
                let origin = self.node.origin.clone();
                let patch = Patch { path, patch, target, allow_name_change: false, allow_kind_change: false, origin };
                patches::apply_json(context, root, map, &patch)
            }
            "NamespaceTransformer" => self.namespaces(context, map, &specs()?),
            "PrefixTransformer" => self.affix(context, map, affix::End::Prefix, "prefix", &specs()?),
            "SuffixTransformer" => self.affix(context, map, affix::End::Suffix, "suffix", &specs()?),
            "PrefixSuffixTransformer" => {
                let specs = specs()?;
                self.affix(context, map, affix::End::Prefix, "prefix", &specs)?;
                self.affix(context, map, affix::End::Suffix, "suffix", &specs)
            }
            "LabelTransformer" => metadata::apply(context, map, &self.get::<Pairs>(context, "labels")?, &specs()?),
            "AnnotationsTransformer" => metadata::apply(context, map, &self.get::<Pairs>(context, "annotations")?, &specs()?),
            "ReplicaCountTransformer" => {
                let decoder = context.decoder(true);
                let replica =
                    Replica::decode(part(&self.node, "replica").unwrap_or(&Node::map(self.node.origin.clone())), decoder, "replica")?;
                replicas::apply(context, map, &replica, &specs()?)
            }
            "ImageTagTransformer" => {
                let specs = specs()?;
                let decoder = context.decoder(true);
                let image =
                    Image::decode(part(&self.node, "imageTag").unwrap_or(&Node::map(self.node.origin.clone())), decoder, "imageTag")?;
                images::apply(context, map, &[image], &specs)
            }
            "ReplacementTransformer" => {
                let replacements: Vec<Replacement> = self.get(context, "replacements")?;
                replacements::apply(context, root, map, &replacements)
            }
            "ValueAddTransformer" => {
                let (value, targets) = (self.get(context, "value")?, self.get(context, "targets")?);
                let target_file_path = self.get(context, "targetFilePath")?;
                let config = value_add::ValueAdd { value, targets, target_file_path, origin: self.node.origin.clone() };
                value_add::apply(context, root, map, config)
            }
            "HashTransformer" => generate::hash::apply(context, map),
            _ => Err(self.unknown(context, "transformer")),
        }
    }

    fn affix(&self, context: &mut Context, map: &mut ResourceMap, end: affix::End, field: &str, specs: &[FieldSpec]) -> Result<(), Error> {
        if part(&self.node, "fieldSpecs").is_none() {
            return Err(context.invalid(&self.node.origin, format!("a {} must have `fieldSpecs`", self.kind())));
        }
        // These two are read by go-yaml itself, which minds the case.
        let affix = if self.node.get(field).is_some() { self.get::<Option<Text>>(context, field)? } else { None };
        match affix {
            Some(affix) => affix::apply(context, map, end, &affix, specs),
            None => Ok(()),
        }
    }

    fn namespaces(&self, context: &Context, map: &mut ResourceMap, specs: &[FieldSpec]) -> Result<(), Error> {
        let Some(namespace) = self.node.at(&["metadata", "namespace"]).filter(|node| !node.is_null()) else { return Ok(()) };
        let decoder = context.decoder(true);
        let Some(namespace) = decoder.get::<Option<Text>>(namespace, "metadata.namespace")? else { return Ok(()) };
        let subjects: Option<Text> = self.get(context, "setRoleBindingSubjects")?;
        let subjects = match subjects.as_ref().map(|text| &*text.value) {
            None | Some("defaultOnly") => namespace::Subjects::DefaultOnly,
            Some("allServiceAccounts") => namespace::Subjects::AllServiceAccounts,
            Some("none") => namespace::Subjects::None,
            Some(other) => {
                let message = format!("`setRoleBindingSubjects` must be defaultOnly, allServiceAccounts or none, not `{other}`");
                return Err(context.invalid(&self.node.origin, message));
            }
        };
        let unset_only = self.get(context, "unsetOnly")?;
        namespace::apply(context, map, &namespace::Namespace { namespace: &namespace, specs, unset_only, subjects })
    }

    /// Runs a generator.
    pub(crate) fn generate(&self, context: &mut Context, root: &Root) -> Result<Vec<Resource>, Error> {
        let one = match self.kind() {
            "ConfigMapGenerator" => self.values(context, root, Product::ConfigMap),
            "SecretGenerator" => self.values(context, root, Product::Secret),
            "IAMPolicyGenerator" => self.iam_policy(context),
            "HelmChartInflationGenerator" => {
                let chart = HelmChart::decode(&self.node, context.decoder(true), "HelmChartInflationGenerator")?;
                return charts::objects(context, root, &chart, &HelmGlobals::default());
            }
            _ => Err(self.unknown(context, "generator")),
        };
        one.map(|resource| vec![resource])
    }

    /// A ConfigMap or Secret; the name is that of the configuration unless it says otherwise.
    fn values(&self, context: &mut Context, root: &Root, product: Product) -> Result<Resource, Error> {
        let decoder = context.decoder(true);
        let kind = if product == Product::ConfigMap { "configMapGenerator" } else { "secretGenerator" };
        let mut args = GeneratorArgs::decode(&self.node, decoder, kind)?;
        let meta = |key: &str| self.node.at(&["metadata", key]).map_or(Ok(None), |node| decoder.get::<Option<Text>>(node, key));
        args.name = match args.name {
            None => meta("name")?,
            name => name,
        };
        args.namespace = match args.namespace {
            None => meta("namespace")?,
            namespace => namespace,
        };
        generate::generate(context, root, product, &args, &GeneratorOptions::default())
    }

    /// The ServiceAccount of a workload identity on GKE (`api/filters/iampolicygenerator`).
    fn iam_policy(&self, context: &Context) -> Result<Resource, Error> {
        let text = |path: &[&str]| {
            let node = self.node.at(path).filter(|node| !node.is_null());
            let text = node.and_then(Node::text).filter(|text| !text.is_empty());
            text.zip(node)
                .ok_or_else(|| context.invalid(&self.node.origin, format!("an IAMPolicyGenerator must have `{}`", path.join("."))))
        };
        if text(&["cloud"])?.0 != "gke" {
            return Err(context.invalid(&self.node.origin, "`cloud` of an IAMPolicyGenerator must be gke"));
        }
        let (name, name_node) = text(&["kubernetesService", "name"])?;
        let (account, account_node) = text(&["serviceAccount", "name"])?;
        let (project, _) = text(&["serviceAccount", "projectId"])?;
        let origin = &self.node.origin;
        let string = |text: &str, origin: &Origin| Node::string(text, origin.clone());
        let entry = |key: &str, value: Node| Entry { key: Scalar::string(key), value };
        let annotation = format!("{account}@{project}.iam.gserviceaccount.com");
        let annotations = map(vec![entry("iam.gke.io/gcp-service-account", string(&annotation, &account_node.origin))], origin);
        let mut meta = vec![entry("annotations", annotations), entry("name", string(name, &name_node.origin))];
        if let Ok((namespace, node)) = text(&["kubernetesService", "namespace"]) {
            meta.push(entry("namespace", string(namespace, &node.origin)));
        }
        let object = vec![
            entry("apiVersion", string("v1", origin)),
            entry("kind", string("ServiceAccount", origin)),
            entry("metadata", map(meta, origin)),
        ];
        Ok(Resource::new(map(object, origin)))
    }
}

fn map(entries: Vec<Entry>, origin: &Origin) -> Node {
    Node { value: crate::yaml::node::Value::Map(Map::new(entries)), origin: origin.clone() }
}

/// Passes over a program or a container where that is allowed.
fn program(context: &mut Context, node: &Node, role: Role) -> Result<(), Error> {
    let text = |path: &[&str]| node.at(path).and_then(Node::text).unwrap_or_default();
    let role_name = role.name();
    let name = match text(&["metadata", "name"]) {
        "" => String::new(),
        name => format!(" `{name}`"),
    };
    let what = format!("the {role_name} {}{name} ({}) is {}", text(&["kind"]), text(&["apiVersion"]), runs(node));
    if role.is_skipped(context.assumptions) {
        let missing = match role {
            Role::Generator => "what it makes is missing",
            Role::Transformer => "what it changes is as it was",
            Role::Validator => "what it refuses is not",
        };
        context.note(NoteKind::PluginSkipped, &node.origin, format!("{what}, and was not run: {missing}"));
        return Ok(());
    }
    let help = format!(
        "judge what `kustomize build --enable-alpha-plugins` prints: … | kubevet check - --environment NAME; or do without it: \
         `assume: {{{role_name}s: skip}}` in the environment's row of environments.yaml"
    );
    Err(context.unsupported(&node.origin, format!("{what}, which kubevet never runs")).help(help))
}

/// What a configuration says that it runs, such as ``the program `ksops` ``.
fn runs(node: &Node) -> String {
    let annotations = node.at(&["metadata", "annotations"]);
    let function = FUNCTIONS.iter().find_map(|name| annotations?.get(name)?.as_str());
    let parsed = function.and_then(|text| {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("function", text));
        yaml::read_all(&sources, id, Dialect::YamlV3).ok()?.nodes.into_iter().next()
    });
    let of = |path: &[&str]| parsed.as_ref().and_then(|node| node.str_at(path)).map(str::to_owned);
    match (of(&["container", "image"]), of(&["exec", "path"]), function) {
        (Some(image), ..) => format!("the container `{image}`"),
        (_, Some(path), _) => format!("the program `{path}`"),
        (_, _, Some(_)) => "a function".to_owned(),
        _ => "a program of its own".to_owned(),
    }
}
