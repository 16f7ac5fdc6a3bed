//! What stands in the lists of a kustomization file, but for generators and replacements.

use crate::context::decode::{Decode, Decoder, Pairs, Text};
use crate::error::Error;
use crate::object::field_spec::FieldSpec;
use crate::object::selector::Selector;
use crate::source::Origin;
use crate::version::Version;
use crate::yaml::node::Node;

/// One of `labels`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Label {
    pub(crate) pairs: Pairs,
    pub(crate) include_selectors: bool,
    pub(crate) include_templates: bool,
    pub(crate) fields: Vec<FieldSpec>,
}

/// One of `patches` or `patchesJson6902`.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    pub(crate) path: Option<Text>,
    pub(crate) patch: Option<Text>,
    pub(crate) target: Option<Selector>,
    pub(crate) allow_name_change: bool,
    pub(crate) allow_kind_change: bool,
    /// The whole entry.
    pub(crate) origin: Origin,
}

/// One of `images`.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) name: Option<Text>,
    pub(crate) new_name: Option<Text>,
    pub(crate) tag_suffix: Option<Text>,
    pub(crate) new_tag: Option<Text>,
    pub(crate) digest: Option<Text>,
    /// The whole entry.
    pub(crate) origin: Origin,
}

/// One of `replicas`.
#[derive(Clone, Debug)]
pub(crate) struct Replica {
    pub(crate) name: Option<Text>,
    pub(crate) count: i64,
    /// The count, or the entry where it has none.
    pub(crate) origin: Origin,
}

/// `sortOptions`.
#[derive(Clone, Debug, Default)]
pub(crate) struct SortOptions {
    pub(crate) order: Option<Text>,
    pub(crate) legacy: Option<LegacySortOptions>,
}

/// `sortOptions.legacySortOptions`.
#[derive(Clone, Debug, Default)]
pub(crate) struct LegacySortOptions {
    pub(crate) first: Vec<Text>,
    pub(crate) last: Vec<Text>,
}

impl Decode for Label {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut label = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "pairs" => label.pairs = decoder.get(node, "labels.pairs")?,
                "includeselectors" => label.include_selectors = decoder.get(node, "labels.includeSelectors")?,
                "includetemplates" => label.include_templates = decoder.get(node, "labels.includeTemplates")?,
                "fields" => label.fields = decoder.get(node, "labels.fields")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(label)
    }
}

impl Decode for Patch {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let (path, text, target) = (None, None, None);
        let origin = node.origin.clone();
        let mut patch = Self { path, patch: text, target, allow_name_change: false, allow_kind_change: false, origin };
        decoder.fields(node, field, |field, node| {
            match field {
                "path" => patch.path = decoder.get(node, "patches.path")?,
                "patch" => patch.patch = decoder.get(node, "patches.patch")?,
                "target" if node.is_null() => patch.target = None,
                "target" => patch.target = Some(decoder.get(node, "patches.target")?),
                "options" => {
                    // Before 5.8 the options are a map of any names.
                    let is_map = decoder.version < Version::V5_8;
                    if !is_map {
                        decoder.fields(node, "patches.options", |field, node| {
                            match field {
                                "allownamechange" => patch.allow_name_change = decoder.get(node, "patches.options")?,
                                "allowkindchange" => patch.allow_kind_change = decoder.get(node, "patches.options")?,
                                _ => return Ok(false),
                            }
                            Ok(true)
                        })?;
                    }
                    for entry in node.entries().iter().filter(|_| is_map) {
                        let on: bool = decoder.get(&entry.value, "patches.options")?;
                        match &*entry.key.text {
                            "allowNameChange" => patch.allow_name_change = on,
                            "allowKindChange" => patch.allow_kind_change = on,
                            _ => {}
                        }
                    }
                    if node.as_map().is_none() && !node.is_null() {
                        return Err(decoder.mismatch(node, "patches.options", "a map"));
                    }
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(patch)
    }
}

impl Decode for Image {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let origin = node.origin.clone();
        let mut image = Self { name: None, new_name: None, tag_suffix: None, new_tag: None, digest: None, origin };
        decoder.fields(node, field, |field, node| {
            match field {
                "name" => image.name = decoder.get(node, "images.name")?,
                "newname" => image.new_name = decoder.get(node, "images.newName")?,
                "tagsuffix" => image.tag_suffix = decoder.get(node, "images.tagSuffix")?,
                "newtag" => image.new_tag = decoder.get(node, "images.newTag")?,
                "digest" => image.digest = decoder.get(node, "images.digest")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(image)
    }
}

impl Decode for Replica {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut replica = Self { name: None, count: 0, origin: node.origin.clone() };
        decoder.fields(node, field, |field, node| {
            match field {
                "name" => replica.name = decoder.get(node, "replicas.name")?,
                "count" => {
                    replica.count = decoder.get(node, "replicas.count")?;
                    replica.origin = node.origin.clone();
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(replica)
    }
}

impl Decode for SortOptions {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "order" => options.order = decoder.get(node, "sortOptions.order")?,
                "legacysortoptions" if node.is_null() => options.legacy = None,
                "legacysortoptions" => options.legacy = Some(decoder.get(node, "legacySortOptions")?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }
}

impl Decode for LegacySortOptions {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "orderfirst" => options.first = decoder.get(node, "orderFirst")?,
                "orderlast" => options.last = decoder.get(node, "orderLast")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }
}
