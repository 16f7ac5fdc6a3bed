//! Objects of Helm charts: what helm makes of them is kept, and never made here.

use crate::context::Context;
use crate::context::decode::Text;
use crate::context::openapi::OpenApi;
use crate::elsewhere::chart::{Chart, ValuesMerge};
use crate::error::{Error, Place};
use crate::file::chart::{HelmChart, HelmGlobals};
use crate::file::load::Root;
use crate::object::manifest;
use crate::object::resource::Resource;
use crate::patch::strategic;
use crate::source::{Source, Sources};
use crate::version::Version;
use crate::yaml::node::Node;
use crate::yaml::{self, Dialect};

/// Where charts are, unless `chartHome` says otherwise.
const HOME: &str = "charts";

/// The objects of a chart, in the order in which helm prints them.
pub(crate) fn objects(context: &mut Context, root: &Root, chart: &HelmChart, globals: &HelmGlobals) -> Result<Vec<Resource>, Error> {
    let Some(name) = &chart.name else {
        return Err(context.invalid(&chart.origin, "a chart must have a name"));
    };
    if context.supplier.is_none() {
        let message = format!("the chart `{}` is what helm makes of it, and nothing here runs helm", name.value);
        return Err(context.unsupported(&chart.list, message).related(Place::of(&context.sources, &name.origin), "the chart"));
    }
    let call = call(context, root, chart, globals)?;
    let list = Place::of(&context.sources, &chart.list);
    let supplied = context.supplied(name, |supplier| supplier.chart(&call).map_err(|error| error.at(list)))?;
    let id = root.supplied_file(context, name, &supplied)?.into_source(context)?;
    let keeps_namespace = context.version >= Version::V5_8;
    let resource = |node| {
        let mut resource = Resource::new(node);
        resource.keeps_namespace = keeps_namespace;
        resource
    };
    Ok(manifest::read_objects(context, id)?.into_iter().map(resource).collect())
}

/// The chart as helm is asked for it.
fn call(context: &mut Context, root: &Root, chart: &HelmChart, globals: &HelmGlobals) -> Result<Chart, Error> {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.to_string()).unwrap_or_default();
    let values_merge = match &chart.values_merge {
        None => ValuesMerge::Override,
        Some(merge) => match &*merge.value {
            "override" => ValuesMerge::Override,
            "merge" => ValuesMerge::Merge,
            "replace" => ValuesMerge::Replace,
            _ => return Err(context.invalid(&merge.origin, "`valuesMerge` must be merge, override or replace")),
        },
    };
    let values_inline = match &chart.values_inline {
        Some(values) => Some(canonical(values.clone(), &context.sources)?),
        None => None,
    };
    let mut content = |file: &Text| root.load(context, file).map(crate::file::load::Loaded::into_bytes);
    let values_file = chart.values_file.as_ref().map(&mut content).transpose()?;
    let additional_values = chart.additional_values_files.iter().map(&mut content).collect::<Result<_, _>>()?;
    let home = text(&chart.globals.chart_home.clone().or_else(|| globals.chart_home.clone()));
    Ok(Chart {
        root: root.paths().1.to_owned(),
        home: if home.is_empty() { HOME.to_owned() } else { home },
        name: text(&chart.name),
        version: text(&chart.version),
        repo: text(&chart.repo),
        release_name: text(&chart.release_name),
        name_template: text(&chart.name_template),
        namespace: text(&chart.namespace),
        kube_version: text(&chart.kube_version),
        api_versions: chart.api_versions.iter().map(|version| version.value.to_string()).collect(),
        include_crds: chart.include_crds,
        skip_hooks: chart.skip_hooks,
        skip_tests: chart.skip_tests,
        debug: chart.debug,
        devel: chart.devel,
        values_file,
        values_inline,
        values_merge,
        additional_values,
    })
}

fn canonical(mut node: Node, sources: &Sources) -> Result<String, Error> {
    yaml::canonical(&mut node, sources)?;
    let mut text = String::new();
    yaml::emit(&node, &mut text);
    Ok(text)
}

/// The values that helm gets: those of a file and the inline ones, both as YAML.
///
/// # Errors
/// Where one of them is none, or they can't be merged.
pub fn merge_values(file: &str, inline: &str, merge: ValuesMerge) -> Result<String, Error> {
    let mut sources = Sources::default();
    let mut read = |name: &str, text: &str| {
        let id = sources.add(Source::new(name, text));
        let first = yaml::read_all(&sources, id, Dialect::YamlV3)?.nodes.into_iter().next();
        let place = Place { source: sources.get(id).clone(), start: 0, end: 0 };
        let none = || Error::new(crate::ErrorKind::Invalid, "there are no values in the file that inline ones are merged with").at(place);
        first.filter(|node| node.as_map().is_some()).ok_or_else(none)
    };
    let inline = read("valuesInline", inline)?;
    let (mut target, patch) = match merge {
        ValuesMerge::Replace => return canonical(inline, &sources),
        ValuesMerge::Override => (read("values.yaml", file)?, inline),
        ValuesMerge::Merge => {
            let file = read("values.yaml", file)?;
            (inline, file)
        }
    };
    strategic::merge(&mut target, &patch, false, (&sources, &OpenApi::default()))?;
    canonical(target, &sources)
}
