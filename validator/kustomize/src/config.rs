//! Which fields transformers work on: Kustomize's own tables and what `configurations` adds to them
//! (`api/internal/plugins/builtinconfig`).

use std::sync::{Arc, OnceLock};

use crate::decode::{Decode, Decoder};
use crate::error::{Error, ErrorKind};
use crate::field_spec::FieldSpec;
use crate::gvk::Gvk;
use crate::node::Node;
use crate::source::{Source, Sources};
use crate::transform::sort::sort_by_kind;
use crate::yaml::{self, Dialect};

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
            "path" => decoder.get(node, "path").map(|text: crate::decode::Text| spec.path = text.value.into()).map(|()| true),
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
    pub(crate) fn builtin() -> Result<Arc<Self>, Error> {
        static BUILTIN: OnceLock<Result<Arc<TransformerConfig>, Error>> = OnceLock::new();
        BUILTIN.get_or_init(|| Self::read_builtin().map(Arc::new)).clone()
    }

    fn read_builtin() -> Result<Self, Error> {
        let mut sources = Sources::default();
        let mut table = |name: &str, text: &str| -> Result<Node, Error> {
            let id = sources.add(Source::new(name, text));
            let mut documents = yaml::read(&sources, id, Dialect::YamlV2)?.into_iter();
            documents.next().ok_or_else(|| Error::new(ErrorKind::Invalid, format!("the table {name} is empty")))
        };
        let tables = [
            table("nameprefix", include_str!("../data/nameprefix.yaml"))?,
            table("namesuffix", include_str!("../data/namesuffix.yaml"))?,
            table("commonlabels", include_str!("../data/commonlabels.yaml"))?,
            table("commonannotations", include_str!("../data/commonannotations.yaml"))?,
            table("namespace", include_str!("../data/namespace.yaml"))?,
            table("varreference", include_str!("../data/varreference.yaml"))?,
            table("namereference", include_str!("../data/namereference.yaml"))?,
            table("images", include_str!("../data/images.yaml"))?,
            table("replicas", include_str!("../data/replicas.yaml"))?,
        ];
        let metadata_labels = table("metadatalabels", include_str!("../data/metadatalabels.yaml"))?;
        let decoder = Decoder { sources: &sources, lenient: false };
        let mut all = Self { template_labels: decoder.get(&metadata_labels, "templateLabels")?, ..Self::default() };
        all.common_labels.clone_from(&all.template_labels);
        for node in &tables {
            let mut config: Self = decoder.get(node, "the table")?;
            all.name_prefix.append(&mut config.name_prefix);
            all.name_suffix.append(&mut config.name_suffix);
            all.common_labels.append(&mut config.common_labels);
            all.common_annotations.append(&mut config.common_annotations);
            all.namespace.append(&mut config.namespace);
            all.var_reference.append(&mut config.var_reference);
            all.name_reference.append(&mut config.name_reference);
            all.images.append(&mut config.images);
            all.replicas.append(&mut config.replicas);
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
    use super::TransformerConfig;

    #[test]
    fn the_tables_are_read() {
        let config = TransformerConfig::builtin().unwrap();
        assert_eq!(config.template_labels.len(), 10);
        assert_eq!(config.common_labels.len(), 10 + 22);
        assert_eq!(config.name_prefix.len(), 1);
        assert!(config.name_reference.iter().map(|reference| reference.referrers.len()).sum::<usize>() > 150);
    }
}
