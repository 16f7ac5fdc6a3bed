//! Group, version and kind, and which kinds are not in a namespace.

use std::sync::OnceLock;

use ecow::EcoString;
use foldhash::HashSet;

use crate::context::decode::{Decoder, Text};
use crate::error::Error;
use crate::yaml::node::Node;

/// Group, version and kind; in a selector an empty one matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Gvk {
    pub(crate) group: EcoString,
    pub(crate) version: EcoString,
    pub(crate) kind: EcoString,
}

impl Gvk {
    /// Of an object.
    pub(crate) fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = split_api_version(api_version);
        Self { group: group.into(), version: version.into(), kind: kind.into() }
    }

    /// Takes over `group`, `version` or `kind` if `field` is one of them.
    pub(crate) fn decode_field(&mut self, decoder: Decoder<'_>, field: &str, node: &Node) -> Result<bool, Error> {
        let part = match field {
            "group" => &mut self.group,
            "version" => &mut self.version,
            "kind" => &mut self.kind,
            _ => return Ok(false),
        };
        *part = decoder.get::<Text>(node, field)?.value;
        Ok(true)
    }
}

/// Whether `selector` selects an object of the given group, version and kind.
pub(crate) fn selects(selector: &Gvk, group: &str, version: &str, kind: &str) -> bool {
    (selector.kind.is_empty() || *selector.kind == *kind)
        && (selector.group.is_empty() || *selector.group == *group)
        && (selector.version.is_empty() || *selector.version == *version)
}

/// Group and version of an `apiVersion`.
pub(crate) fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Whether objects of this kind have no namespace, by the OpenAPI that Kustomize carries. Every kind that is not in it has one.
pub(crate) fn is_cluster_scoped(api_version: &str, kind: &str) -> bool {
    static KINDS: OnceLock<HashSet<(&str, &str)>> = OnceLock::new();
    let kinds = KINDS.get_or_init(|| {
        let lines = include_str!("../../data/cluster-scoped.txt").lines();
        lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect()
    });
    kinds.contains(&(api_version, kind))
}
