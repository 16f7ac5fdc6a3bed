//! Which fields transformers work on: Kustomize's own tables and what `configurations` adds to them
//! (`api/internal/plugins/builtinconfig`).

use std::sync::{Arc, OnceLock};

use crate::context::decode::{Decode, Decoder};
use crate::error::{Error, ErrorKind};
use crate::object::field_spec::FieldSpec;
use crate::object::gvk::Gvk;
use crate::object::kind_order::sort_by_kind;
use crate::version::Version;
use crate::yaml::node::Node;

/// The fields of every transformer.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransformerConfig {
    pub(crate) name_prefix: Vec<FieldSpec>,
    pub(crate) name_suffix: Vec<FieldSpec>,
    pub(crate) namespace: Vec<FieldSpec>,
    pub(crate) common_labels: Vec<FieldSpec>,
    pub(crate) labels: Vec<FieldSpec>,
    pub(crate) template_labels: Vec<FieldSpec>,
    pub(crate) common_annotations: Vec<FieldSpec>,
    pub(crate) name_reference: Vec<BackReference>,
    pub(crate) var_reference: Vec<FieldSpec>,
    pub(crate) images: Vec<FieldSpec>,
    pub(crate) replicas: Vec<FieldSpec>,
}

/// A kind, and the fields that hold names of its objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct BackReference {
    pub(crate) target: Gvk,
    pub(crate) referrers: Vec<FieldSpec>,
}

impl Decode for FieldSpec {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let (mut gvk, mut spec) = (Gvk::default(), Self::default());
        decoder.fields(node, field, |field, node| match field {
            "path" => decoder.get(node, "path").map(|text: crate::context::decode::Text| spec.path = text.value.into()).map(|()| true),
            "create" => decoder.get(node, "create").map(|create| spec.create = create).map(|()| true),
            _ => gvk.decode_field(decoder, field, node),
        })?;
        let Gvk { group, version, kind } = gvk;
        Ok(Self { group: group.into(), version: version.into(), kind: kind.into(), ..spec })
    }
}

impl Decode for BackReference {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut reference = Self::default();
        decoder.fields(node, field, |field, node| match field {
            "fieldspecs" => decoder.get(node, "fieldSpecs").map(|specs| reference.referrers = specs).map(|()| true),
            _ => reference.target.decode_field(decoder, field, node),
        })?;
        Ok(reference)
    }
}

impl Decode for TransformerConfig {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut config = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "nameprefix" => config.name_prefix = decoder.get(node, "namePrefix")?,
                "namesuffix" => config.name_suffix = decoder.get(node, "nameSuffix")?,
                "namespace" => config.namespace = decoder.get(node, "namespace")?,
                "commonlabels" => config.common_labels = decoder.get(node, "commonLabels")?,
                "labels" => config.labels = decoder.get(node, "labels")?,
                "templatelabels" => config.template_labels = decoder.get(node, "templateLabels")?,
                "commonannotations" => config.common_annotations = decoder.get(node, "commonAnnotations")?,
                "namereference" => config.name_reference = decoder.get(node, "nameReference")?,
                "varreference" => config.var_reference = decoder.get(node, "varReference")?,
                "images" => config.images = decoder.get(node, "images")?,
                "replicas" => config.replicas = decoder.get(node, "replicas")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        config.sort();
        Ok(config)
    }
}

/// The kinds whose objects a field names in objects of `kind`, as Kustomize's own tables have it. The path is of keys, with slashes between: elements of lists
/// have none.
pub fn name_references(kind: &str, path: &str) -> impl Iterator<Item = String> {
    let config = TransformerConfig::builtin(Version::default()).ok();
    let is_meant = |spec: &FieldSpec| (spec.kind.is_empty() || spec.kind == kind) && spec.path.replace("[]", "") == path;
    let references = config.iter().flat_map(|config| &config.name_reference);
    let found: Vec<String> = references
        .filter(|reference| reference.referrers.iter().any(is_meant))
        .map(|reference| reference.target.kind.to_string())
        .collect();
    found.into_iter()
}

/// Two field specs for the same field disagree on `create`.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) path: String,
}

impl TransformerConfig {
    /// Kustomize's own tables.
    ///
    /// # Errors
    /// None for the tables as they are; a test reads them.
    pub(crate) fn builtin(version: Version) -> Result<Arc<Self>, Error> {
        type Tables = OnceLock<Result<Arc<TransformerConfig>, Error>>;
        static TABLES: [Tables; 2] = [OnceLock::new(), OnceLock::new()];
        let [old, new] = &TABLES;
        let tables = if version >= Version::V5_8 { new } else { old };
        tables.get_or_init(|| Self::read_builtin(version).map(Arc::new)).clone()
    }

    fn read_builtin(version: Version) -> Result<Self, Error> {
        let flat = |table: &str| table_items(table).into_iter().map(|(_, spec)| spec).collect::<Vec<_>>();
        let mut all = Self {
            name_prefix: flat(include_str!("../../data/nameprefix.yaml")),
            name_suffix: flat(include_str!("../../data/namesuffix.yaml")),
            namespace: flat(include_str!("../../data/namespace.yaml")),
            template_labels: flat(include_str!("../../data/metadatalabels.yaml")),
            common_annotations: flat(include_str!("../../data/commonannotations.yaml")),
            var_reference: flat(include_str!("../../data/varreference.yaml")),
            images: flat(if version >= Version::V5_8 {
                include_str!("../../data/images-5.8.yaml")
            } else {
                include_str!("../../data/images.yaml")
            }),
            replicas: flat(include_str!("../../data/replicas.yaml")),
            ..Self::default()
        };
        all.common_labels.clone_from(&all.template_labels);
        all.common_labels.append(&mut flat(include_str!("../../data/commonlabels.yaml")));
        for (is_nested, spec) in table_items(include_str!("../../data/namereference.yaml")) {
            match all.name_reference.last_mut().filter(|_| is_nested) {
                Some(reference) => reference.referrers.push(spec),
                None => {
                    let target = Gvk { group: spec.group.into(), version: spec.version.into(), kind: spec.kind.into() };
                    all.name_reference.push(BackReference { target, referrers: Vec::new() });
                }
            }
        }
        all.sort();
        Self::default().merge(&all).map_err(|conflict| Error::new(ErrorKind::Invalid, conflict.to_string()))
    }

    /// This and `incoming` in one. What is there already wins over what it covers: an incoming spec of any kind is dropped
    /// where one of a certain kind has its path.
    pub(crate) fn merge(&self, incoming: &Self) -> Result<Self, Conflict> {
        let mut merged = Self {
            name_prefix: merge_all(&self.name_prefix, &incoming.name_prefix)?,
            name_suffix: merge_all(&self.name_suffix, &incoming.name_suffix)?,
            namespace: merge_all(&self.namespace, &incoming.namespace)?,
            common_labels: merge_all(&self.common_labels, &incoming.common_labels)?,
            labels: merge_all(&self.labels, &incoming.labels)?,
            template_labels: merge_all(&self.template_labels, &incoming.template_labels)?,
            common_annotations: merge_all(&self.common_annotations, &incoming.common_annotations)?,
            name_reference: self.name_reference.clone(),
            var_reference: merge_all(&self.var_reference, &incoming.var_reference)?,
            images: merge_all(&self.images, &incoming.images)?,
            replicas: merge_all(&self.replicas, &incoming.replicas)?,
        };
        for reference in &incoming.name_reference {
            merge_reference(&mut merged.name_reference, reference)?;
        }
        merged.sort();
        Ok(merged)
    }

    fn sort(&mut self) {
        let lists = [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.common_annotations,
            &mut self.var_reference,
            &mut self.images,
            &mut self.replicas,
        ];
        for list in lists {
            sort_by_kind(list, |spec| (&spec.group, &spec.version, &spec.kind));
        }
        sort_by_kind(&mut self.name_reference, |reference| {
            let Gvk { group, version, kind } = &reference.target;
            (group, version, kind)
        });
    }
}

/// The items of one of the tables, each with whether it is in another one. The tables are so plain that reading them line by line is enough;
/// a test reads them as YAML.
fn table_items(table: &str) -> Vec<(bool, FieldSpec)> {
    let mut items = Vec::new();
    for line in table.lines() {
        let mut field = line.trim();
        if let Some(first) = field.strip_prefix("- ") {
            items.push((line.starts_with(' '), FieldSpec::default()));
            field = first;
        }
        let (Some((key, value)), Some((_, item))) = (field.split_once(": "), items.last_mut()) else { continue };
        match key {
            "path" => item.path = value.to_owned(),
            "group" => item.group = value.to_owned(),
            "version" => item.version = value.to_owned(),
            "kind" => item.kind = value.to_owned(),
            "create" => item.create = value == "true",
            _ => {}
        }
    }
    items
}

fn merge_reference(references: &mut Vec<BackReference>, incoming: &BackReference) -> Result<(), Conflict> {
    let mut found = false;
    for reference in references.iter_mut().filter(|reference| reference.target == incoming.target) {
        reference.referrers = merge_all(&reference.referrers, &incoming.referrers)?;
        found = true;
    }
    if !found {
        references.push(incoming.clone());
    }
    Ok(())
}

/// Field specs of both lists, as `FsSlice.MergeAll` puts them together.
pub(crate) fn merge_all(specs: &[FieldSpec], incoming: &[FieldSpec]) -> Result<Vec<FieldSpec>, Conflict> {
    let mut merged = specs.to_vec();
    for spec in incoming {
        match merged.iter().find(|other| other.path == spec.path && spec.matches(&other.group, &other.version, &other.kind)) {
            Some(other) if other.create != spec.create => return Err(Conflict { path: spec.path.clone() }),
            Some(_) => {}
            None => merged.push(spec.clone()),
        }
    }
    Ok(merged)
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "two field specs for `{}` disagree on `create`", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::{TransformerConfig, table_items};
    use crate::object::field_spec::FieldSpec;
    use crate::source::{Source, Sources};
    use crate::yaml::node::Node;
    use crate::yaml::{self, Dialect};

    fn yaml_items(list: &Node, is_nested: bool, items: &mut Vec<(bool, FieldSpec)>) {
        for item in list.items() {
            let text = |key: &str| item.str_at(&[key]).unwrap_or_default().to_owned();
            let create = item.get("create").and_then(Node::as_bool).unwrap_or_default();
            let spec = FieldSpec { group: text("group"), version: text("version"), kind: text("kind"), path: text("path"), create };
            items.push((is_nested, spec));
            if let Some(nested) = item.get("fieldSpecs") {
                yaml_items(nested, true, items);
            }
        }
    }

    #[test]
    fn the_tables_are_plain_enough() {
        for table in [
            include_str!("../../data/commonannotations.yaml"),
            include_str!("../../data/commonlabels.yaml"),
            include_str!("../../data/images.yaml"),
            include_str!("../../data/metadatalabels.yaml"),
            include_str!("../../data/nameprefix.yaml"),
            include_str!("../../data/namereference.yaml"),
            include_str!("../../data/namespace.yaml"),
            include_str!("../../data/namesuffix.yaml"),
            include_str!("../../data/replicas.yaml"),
            include_str!("../../data/varreference.yaml"),
        ] {
            let mut sources = Sources::default();
            let id = sources.add(Source::new("table", table));
            let documents = yaml::read(&sources, id, Dialect::YamlV2).unwrap();
            let list = documents[0].entries().first().map_or(&documents[0], |entry| &entry.value);
            let mut items = Vec::new();
            yaml_items(list, false, &mut items);
            assert!(!items.is_empty());
            assert_eq!(table_items(table), items);
        }
    }

    #[test]
    fn the_tables_are_read() {
        let config = TransformerConfig::builtin(crate::Version::default()).unwrap();
        assert_eq!(config.template_labels.len(), 10);
        assert_eq!(config.common_labels.len(), 10 + 22);
        assert_eq!(config.name_prefix.len(), 1);
        assert!(config.name_reference.iter().map(|reference| reference.referrers.len()).sum::<usize>() > 150);
    }
}
