//! The kustomization file, typed, every field with its line.
//!
//! Fields are those of `api/types` in Kustomize v5.6.0. Deprecated fields are folded into their successors as
//! `FixKustomization` does it.

use crate::context::Context;
use crate::context::decode::{Decoder, Pairs, Text};
use crate::error::Error;
use crate::file::chart::{HelmChart, HelmGlobals};
use crate::file::entry::{Image, Label, Patch, Replica, SortOptions};
use crate::file::generator::{GeneratorArgs, GeneratorOptions};
use crate::file::replacement::Replacement;
use crate::file::var::Var;
use crate::note::DeprecatedField;
use crate::source::Origin;
use crate::yaml::node::Node;

/// A `Kustomization` or `Component`.
#[derive(Clone, Debug)]
pub(crate) struct Kustomization {
    /// The file.
    pub(crate) whole: Origin,
    pub(crate) is_component: bool,
    /// `resources`, then `bases`.
    pub(crate) resources: Vec<Text>,
    pub(crate) components: Vec<Text>,
    pub(crate) crds: Vec<Text>,
    pub(crate) configurations: Vec<Text>,
    /// Any fields; `path` and `version` count.
    pub(crate) openapi: Pairs,
    pub(crate) generators: Vec<Text>,
    pub(crate) transformers: Vec<Text>,
    pub(crate) name_prefix: Option<Text>,
    pub(crate) name_suffix: Option<Text>,
    pub(crate) namespace: Option<Text>,
    pub(crate) common_labels: Pairs,
    pub(crate) labels: Vec<Label>,
    pub(crate) common_annotations: Pairs,
    pub(crate) patches_strategic_merge: Vec<Text>,
    pub(crate) patches_json6902: Vec<Patch>,
    pub(crate) patches: Vec<Patch>,
    /// `images`, then `imageTags`.
    pub(crate) images: Vec<Image>,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) replacements: Vec<Replacement>,
    pub(crate) vars: Vec<Var>,
    pub(crate) config_maps: Vec<GeneratorArgs>,
    pub(crate) secrets: Vec<GeneratorArgs>,
    /// `helmCharts`, then `helmChartInflationGenerator`.
    pub(crate) charts: Vec<HelmChart>,
    pub(crate) helm_globals: HelmGlobals,
    pub(crate) validators: Vec<Text>,
    pub(crate) generator_options: GeneratorOptions,
    pub(crate) sort_options: Option<SortOptions>,
    pub(crate) build_metadata: Vec<Text>,
    /// Deprecated fields, each with its line.
    pub(crate) deprecated: Vec<(DeprecatedField, Origin)>,
}

/// Fields that `kubectl kustomize` warns of (`CheckDeprecatedFields` in Kustomize v5.6.0) and what takes their places.
const DEPRECATED: [(&str, &str); 6] = [
    ("bases", "resources"),
    ("imageTags", "images"),
    ("commonLabels", "labels"),
    ("patchesJson6902", "patches"),
    ("patchesStrategicMerge", "patches"),
    ("vars", "replacements"),
];

const KUSTOMIZATION_VERSION: &str = "kustomize.config.k8s.io/v1beta1";
const COMPONENT_VERSION: &str = "kustomize.config.k8s.io/v1alpha1";

impl Kustomization {
    fn empty(whole: Origin) -> Self {
        Self {
            whole,
            is_component: false,
            resources: Vec::new(),
            components: Vec::new(),
            crds: Vec::new(),
            configurations: Vec::new(),
            openapi: Pairs::new(),
            generators: Vec::new(),
            transformers: Vec::new(),
            name_prefix: None,
            name_suffix: None,
            namespace: None,
            common_labels: Pairs::new(),
            labels: Vec::new(),
            common_annotations: Pairs::new(),
            patches_strategic_merge: Vec::new(),
            patches_json6902: Vec::new(),
            patches: Vec::new(),
            images: Vec::new(),
            replicas: Vec::new(),
            replacements: Vec::new(),
            vars: Vec::new(),
            config_maps: Vec::new(),
            secrets: Vec::new(),
            charts: Vec::new(),
            helm_globals: HelmGlobals::default(),
            validators: Vec::new(),
            generator_options: GeneratorOptions::default(),
            sort_options: None,
            build_metadata: Vec::new(),
            deprecated: Vec::new(),
        }
    }

    /// Reads a kustomization from the first document of its file; `whole` is the origin of the file.
    pub(crate) fn read(context: &Context, document: Option<&Node>, whole: &Origin) -> Result<Self, Error> {
        let empty = || context.invalid(whole, "the kustomization file is empty");
        // go-yaml v2 into a struct: anything but a map leaves the struct empty.
        let document = document.filter(|node| node.as_map().is_some()).ok_or_else(empty)?;
        let decoder = context.decoder(false);
        let mut read =
            Reader { decoder, kustomization: Self::empty(whole.clone()), bases: Vec::new(), image_tags: Vec::new(), anything: false };
        let (mut kind, mut api_version) = (None, None);
        decoder.fields(document, "the kustomization", |field, node| match field {
            "kind" => decoder.get(node, "kind").map(|text: Option<Text>| kind = text).map(|()| true),
            "apiversion" => decoder.get(node, "apiVersion").map(|text: Option<Text>| api_version = text).map(|()| true),
            _ => read.field(field, node),
        })?;
        if !read.anything {
            return Err(empty());
        }
        let mut result = read.kustomization;
        result.resources.append(&mut read.bases);
        result.images.append(&mut read.image_tags);
        result.is_component = match &kind {
            None => false,
            Some(kind) => match &*kind.value {
                "Kustomization" => false,
                "Component" => true,
                _ => return Err(context.invalid(&kind.origin, "`kind` must be Kustomization or Component")),
            },
        };
        if result.is_component {
            // A Component is used by many: what it patches by kind or label may be in some of them only.
            let targets = result.patches.iter_mut().filter_map(|patch| patch.target.as_mut());
            targets.for_each(|target| target.may_match_nothing = target.name.is_none());
        }
        let wanted = if result.is_component { COMPONENT_VERSION } else { KUSTOMIZATION_VERSION };
        match &api_version {
            Some(version) if &*version.value != wanted => {
                let kind = if result.is_component { "Component" } else { "Kustomization" };
                Err(context.invalid(&version.origin, format!("`apiVersion` of a {kind} must be {wanted}")))
            }
            _ => Ok(result),
        }
    }
}

/// Fills a kustomization field by field.
struct Reader<'a> {
    decoder: Decoder<'a>,
    kustomization: Kustomization,
    bases: Vec<Text>,
    image_tags: Vec<Image>,
    /// Whether any field says something; `resources: []` does, `namePrefix: ""` does not.
    anything: bool,
}

impl Reader<'_> {
    fn field(&mut self, field: &str, node: &Node) -> Result<bool, Error> {
        let decoder = self.decoder;
        let result = &mut self.kustomization;
        let deprecated = DEPRECATED.iter().find(|(name, _)| field.eq_ignore_ascii_case(name));
        if let Some((name, successor)) = deprecated.filter(|_| !node.items().is_empty() || !node.entries().is_empty()) {
            result.deprecated.push((DeprecatedField { name, successor, value: node.clone() }, key(node, name)));
        }
        match field {
            "metadata" => check_metadata(decoder, node)?,
            "openapi" => result.openapi = decoder.get(node, "openapi")?,
            "nameprefix" => result.name_prefix = decoder.get(node, "namePrefix")?,
            "namesuffix" => result.name_suffix = decoder.get(node, "nameSuffix")?,
            "namespace" => result.namespace = decoder.get(node, "namespace")?,
            "commonlabels" => result.common_labels = decoder.get(node, "commonLabels")?,
            "labels" => result.labels = decoder.get(node, "labels")?,
            "commonannotations" => result.common_annotations = decoder.get(node, "commonAnnotations")?,
            "patchesstrategicmerge" => result.patches_strategic_merge = decoder.get(node, "patchesStrategicMerge")?,
            "patchesjson6902" => result.patches_json6902 = decoder.get(node, "patchesJson6902")?,
            "patches" => result.patches = decoder.get(node, "patches")?,
            "images" => result.images = decoder.get(node, "images")?,
            "replacements" => result.replacements = decoder.get(node, "replacements")?,
            "replicas" => result.replicas = decoder.get(node, "replicas")?,
            "vars" => result.vars = decoder.get(node, "vars")?,
            "sortoptions" => result.sort_options = if node.is_null() { None } else { Some(decoder.get(node, "sortOptions")?) },
            "resources" => result.resources = decoder.get(node, "resources")?,
            "components" => result.components = decoder.get(node, "components")?,
            "crds" => result.crds = decoder.get(node, "crds")?,
            "configmapgenerator" => result.config_maps = decoder.get(node, "configMapGenerator")?,
            "secretgenerator" => result.secrets = decoder.get(node, "secretGenerator")?,
            "helmglobals" => {
                let globals: HelmGlobals = decoder.get(node, "helmGlobals")?;
                result.helm_globals.chart_home = globals.chart_home.or(result.helm_globals.chart_home.take());
            }
            "helmcharts" => {
                let mut charts: Vec<HelmChart> = decoder.get(node, "helmCharts")?;
                charts.iter_mut().for_each(|chart| chart.list = key(node, "helmCharts"));
                charts.append(&mut result.charts);
                result.charts = charts;
            }
            "helmchartinflationgenerator" => {
                for entry in nodes(decoder, node, "helmChartInflationGenerator")? {
                    let chart = HelmChart::decode_deprecated(&entry, decoder, &mut result.helm_globals)?;
                    result.charts.push(HelmChart { list: key(node, "helmChartInflationGenerator"), ..chart });
                }
            }
            "generatoroptions" => result.generator_options = decoder.get(node, "generatorOptions")?,
            "configurations" => result.configurations = decoder.get(node, "configurations")?,
            "generators" => result.generators = decoder.get(node, "generators")?,
            "transformers" => result.transformers = decoder.get(node, "transformers")?,
            "validators" => result.validators = decoder.get(node, "validators")?,
            "buildmetadata" => result.build_metadata = decoder.get(node, "buildMetadata")?,
            // Emptied into their successors, so an empty list says nothing.
            "bases" => {
                self.bases = decoder.get(node, "bases")?;
                self.anything |= !self.bases.is_empty();
                return Ok(true);
            }
            "imagetags" => {
                self.image_tags = decoder.get(node, "imageTags")?;
                self.anything |= !self.image_tags.is_empty();
                return Ok(true);
            }
            _ => return Ok(false),
        }
        self.anything |= node.as_scalar().is_none_or(|scalar| !node.is_null() && !scalar.text.is_empty());
        Ok(true)
    }
}

/// The key that a field has in the file.
fn key(node: &Node, name: &str) -> Origin {
    Origin::new(node.origin.source, node.origin.key, node.origin.key + name.len() as u32)
}

fn nodes(decoder: Decoder<'_>, node: &Node, field: &str) -> Result<Vec<Node>, Error> {
    if !node.is_null() && node.as_seq().is_none() {
        return Err(decoder.mismatch(node, field, "a list"));
    }
    Ok(node.items().to_vec())
}

/// `metadata` has no effect, but its shape is checked.
fn check_metadata(decoder: Decoder<'_>, node: &Node) -> Result<(), Error> {
    decoder.fields(node, "metadata", |field, node| {
        match field {
            "name" | "namespace" => drop(decoder.get::<Option<Text>>(node, &format!("metadata.{field}"))?),
            "labels" | "annotations" => drop(decoder.get::<Pairs>(node, &format!("metadata.{field}"))?),
            _ => return Ok(false),
        }
        Ok(true)
    })
}
