//! A Helm chart, as it is written: one of `helmCharts`, the deprecated `helmChartInflationGenerator`, or the configuration of a plugin.

use crate::context::decode::{Decode, Decoder, Text};
use crate::error::Error;
use crate::source::Origin;
use crate::version::Version;
use crate::yaml::node::Node;

/// A chart and, where it is the configuration of a plugin, what `helmGlobals` says elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct HelmChart {
    pub(crate) name: Option<Text>,
    pub(crate) version: Option<Text>,
    pub(crate) repo: Option<Text>,
    pub(crate) release_name: Option<Text>,
    pub(crate) name_template: Option<Text>,
    pub(crate) namespace: Option<Text>,
    pub(crate) kube_version: Option<Text>,
    pub(crate) api_versions: Vec<Text>,
    pub(crate) values_file: Option<Text>,
    pub(crate) values_inline: Option<Node>,
    pub(crate) values_merge: Option<Text>,
    pub(crate) additional_values_files: Vec<Text>,
    pub(crate) include_crds: bool,
    pub(crate) skip_hooks: bool,
    pub(crate) skip_tests: bool,
    pub(crate) debug: bool,
    pub(crate) devel: bool,
    pub(crate) globals: HelmGlobals,
    /// The whole entry.
    pub(crate) origin: Origin,
    /// The key of the list that it is in; the entry itself where it is in none.
    pub(crate) list: Origin,
}

/// `helmGlobals`. Where helm keeps its own settings is not taken from a project: they can name programs.
#[derive(Clone, Debug, Default)]
pub(crate) struct HelmGlobals {
    pub(crate) chart_home: Option<Text>,
}

impl HelmChart {
    pub(crate) fn new(origin: Origin) -> Self {
        Self {
            name: None,
            version: None,
            repo: None,
            release_name: None,
            name_template: None,
            namespace: None,
            kube_version: None,
            api_versions: Vec::new(),
            values_file: None,
            values_inline: None,
            values_merge: None,
            additional_values_files: Vec::new(),
            include_crds: false,
            skip_hooks: false,
            skip_tests: false,
            debug: false,
            devel: false,
            globals: HelmGlobals::default(),
            list: origin.clone(),
            origin,
        }
    }

    /// One of the deprecated list, whose fields have other names.
    pub(crate) fn decode_deprecated(node: &Node, decoder: Decoder<'_>, globals: &mut HelmGlobals) -> Result<Self, Error> {
        let mut chart = Self::new(node.origin.clone());
        decoder.fields(node, "helmChartInflationGenerator", |field, node| {
            match field {
                "chartname" => chart.name = decoder.get(node, "chartName")?,
                "chartversion" => chart.version = decoder.get(node, "chartVersion")?,
                "chartrepourl" => chart.repo = decoder.get(node, "chartRepoUrl")?,
                "values" => chart.values_file = decoder.get(node, "values")?,
                "valueslocal" => chart.values_inline = inline(node, decoder, "valuesLocal")?,
                "valuesmerge" => chart.values_merge = decoder.get(node, "valuesMerge")?,
                "releasename" => chart.release_name = decoder.get(node, "releaseName")?,
                // The last one counts for all.
                "charthome" => {
                    if let Some(home) = decoder.get(node, "chartHome")? {
                        globals.chart_home = Some(home);
                    }
                }
                "chartreponame" | "helmbin" | "helmhome" | "releasenamespace" => drop(decoder.get::<Option<Text>>(node, field)?),
                "extraargs" => drop(decoder.get::<Vec<Text>>(node, "extraArgs")?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(chart)
    }
}

impl Decode for HelmChart {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut chart = Self::new(node.origin.clone());
        decoder.fields(node, field, |field, node| {
            match field {
                "name" => chart.name = decoder.get(node, "name")?,
                "version" => chart.version = decoder.get(node, "version")?,
                "repo" => chart.repo = decoder.get(node, "repo")?,
                "releasename" => chart.release_name = decoder.get(node, "releaseName")?,
                "nametemplate" => chart.name_template = decoder.get(node, "nameTemplate")?,
                "namespace" => chart.namespace = decoder.get(node, "namespace")?,
                "kubeversion" => chart.kube_version = decoder.get(node, "kubeVersion")?,
                "apiversions" => chart.api_versions = decoder.get(node, "apiVersions")?,
                "valuesfile" => chart.values_file = decoder.get(node, "valuesFile")?,
                "valuesinline" => chart.values_inline = inline(node, decoder, "valuesInline")?,
                "valuesmerge" => chart.values_merge = decoder.get(node, "valuesMerge")?,
                "additionalvaluesfiles" => chart.additional_values_files = decoder.get(node, "additionalValuesFiles")?,
                "includecrds" => chart.include_crds = decoder.get(node, "includeCRDs")?,
                "skiphooks" => chart.skip_hooks = decoder.get(node, "skipHooks")?,
                "skiptests" => chart.skip_tests = decoder.get(node, "skipTests")?,
                "debug" => chart.debug = decoder.get(node, "debug")?,
                "devel" if decoder.knows(Version::V5_8, node, "devel")? => chart.devel = decoder.get(node, "devel")?,
                // Those of a plugin stand beside them.
                "charthome" if decoder.lenient => chart.globals.chart_home = decoder.get(node, "chartHome")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(chart)
    }
}

impl Decode for HelmGlobals {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut globals = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "charthome" => globals.chart_home = decoder.get(node, "chartHome")?,
                "confighome" => drop(decoder.get::<Option<Text>>(node, "configHome")?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(globals)
    }
}

fn inline(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Option<Node>, Error> {
    if node.as_map().is_none() && !node.is_null() {
        return Err(decoder.mismatch(node, field, "a map"));
    }
    Ok(node.as_map().filter(|map| !map.entries().is_empty()).map(|_| node.clone()))
}
