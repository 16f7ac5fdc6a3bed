//! One of `replacements`, as it is written.

use crate::context::decode::{Decode, Decoder, Text};
use crate::error::Error;
use crate::object::gvk::Gvk;
use crate::source::Origin;
use crate::version::Version;
use crate::yaml::node::Node;

/// One of `replacements`, in the kustomization or in a file that it names.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    /// The file to read instead.
    pub(crate) path: Option<Text>,
    pub(crate) source: Option<Source>,
    /// The value itself, instead of a source.
    pub(crate) source_value: Option<Text>,
    pub(crate) targets: Option<Vec<Target>>,
    /// The whole entry.
    pub(crate) origin: Origin,
}

/// Where a value is taken from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) id: Id,
    pub(crate) field_path: Option<Text>,
    pub(crate) options: FieldOptions,
    pub(crate) origin: Origin,
}

/// Where a value is put.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) select: Option<Selector>,
    pub(crate) reject: Vec<Selector>,
    pub(crate) field_paths: Vec<Text>,
    pub(crate) options: FieldOptions,
    pub(crate) origin: Origin,
}

/// An identity to look for; what is empty matches all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Id {
    pub(crate) gvk: Gvk,
    pub(crate) name: Option<Text>,
    pub(crate) namespace: Option<Text>,
}

/// An identity and what the labels and annotations must be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    pub(crate) id: Id,
    pub(crate) labels: Option<Text>,
    pub(crate) annotations: Option<Text>,
}

/// `options`: which piece of the text is meant, and whether a missing field is created.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldOptions {
    pub(crate) delimiter: Option<Text>,
    pub(crate) index: i64,
    pub(crate) create: bool,
}

impl Decode for Replacement {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut replacement = Self { path: None, source: None, source_value: None, targets: None, origin: node.origin.clone() };
        decoder.fields(node, field, |field, node| {
            match field {
                "path" => replacement.path = decoder.get(node, "replacements.path")?,
                "source" if node.is_null() => replacement.source = None,
                "source" => replacement.source = Some(decoder.get(node, "replacements.source")?),
                "sourcevalue" if !decoder.knows(Version::V5_8, node, "sourceValue")? => return Ok(false),
                "sourcevalue" if node.is_null() => replacement.source_value = None,
                "sourcevalue" => replacement.source_value = Some(decoder.get(node, "replacements.sourceValue")?),
                "targets" if node.is_null() => replacement.targets = None,
                "targets" => replacement.targets = Some(decoder.get(node, "replacements.targets")?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(replacement)
    }
}

impl Decode for Source {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let (id, options, origin) = (Id::default(), FieldOptions::default(), node.origin.clone());
        let mut source = Self { id, field_path: None, options, origin };
        decoder.fields(node, field, |field, node| {
            match field {
                "fieldpath" => source.field_path = decoder.get(node, "source.fieldPath")?,
                "options" => source.options = decoder.get(node, "source.options")?,
                _ => return source.id.decode_field(decoder, field, node),
            }
            Ok(true)
        })?;
        Ok(source)
    }
}

impl Decode for Target {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let (options, origin) = (FieldOptions::default(), node.origin.clone());
        let mut target = Self { select: None, reject: Vec::new(), field_paths: Vec::new(), options, origin };
        decoder.fields(node, field, |field, node| {
            match field {
                "select" if node.is_null() => target.select = None,
                "select" => target.select = Some(decoder.get(node, "targets.select")?),
                "reject" => target.reject = decoder.get(node, "targets.reject")?,
                "fieldpaths" => target.field_paths = decoder.get(node, "targets.fieldPaths")?,
                "options" => target.options = decoder.get(node, "targets.options")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(target)
    }
}

impl Decode for Selector {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut selector = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "labelselector" => selector.labels = decoder.get(node, "labelSelector")?,
                "annotationselector" => selector.annotations = decoder.get(node, "annotationSelector")?,
                _ => return selector.id.decode_field(decoder, field, node),
            }
            Ok(true)
        })?;
        Ok(selector)
    }
}

impl Decode for FieldOptions {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "delimiter" => options.delimiter = decoder.get(node, "options.delimiter")?,
                "index" => options.index = decoder.get(node, "options.index")?,
                "create" => options.create = decoder.get(node, "options.create")?,
                // Kustomize reads it and does nothing with it.
                "encoding" => drop(decoder.get::<Option<Text>>(node, "options.encoding")?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }
}

impl Id {
    fn decode_field(&mut self, decoder: Decoder<'_>, field: &str, node: &Node) -> Result<bool, Error> {
        match field {
            "name" => self.name = decoder.get(node, "name")?,
            "namespace" => self.namespace = decoder.get(node, "namespace")?,
            _ => return self.gvk.decode_field(decoder, field, node),
        }
        Ok(true)
    }
}
