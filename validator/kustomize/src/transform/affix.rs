//! `namePrefix` and `nameSuffix` (Prefix- and SuffixTransformer).

use crate::context::Context;
use crate::decode::Text;
use crate::error::Error;
use crate::field_spec::{CreateAs, FieldSpec};
use crate::gvk::Gvk;
use crate::node::Tag;
use crate::resource::Resource;
use crate::resource_map::ResourceMap;

use super::set_text;

/// Which end of a name grows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// `namePrefix`
    Prefix,
    /// `nameSuffix`
    Suffix,
}

/// Puts `affix` to the fields of `specs`; by default `metadata/name`.
pub(crate) fn apply(context: &Context, map: &mut ResourceMap, end: End, affix: &Text, specs: &[FieldSpec]) -> Result<(), Error> {
    map.change(|resource| {
        if keeps_name(resource) {
            return Ok(());
        }
        let original = Gvk::new(resource.api_version(), resource.original_id().kind);
        for spec in specs.iter().filter(|spec| spec.matches(&original.group, &original.version, &original.kind)) {
            if spec.path == "metadata/name" {
                match end {
                    End::Prefix => resource.prefixes.push(affix.value.clone()),
                    End::Suffix => resource.suffixes.push(affix.value.clone()),
                }
                resource.store_id();
            }
            let gvk = resource.gvk();
            if !spec.matches(&gvk.group, &gvk.version, &gvk.kind) {
                continue;
            }
            let create = Some(CreateAs::Scalar(Tag::Str));
            spec.visit(&mut resource.node, create, &affix.origin, context, &mut |node| {
                let Some(old) = node.text() else {
                    return Err(context.invalid(&node.origin, format!("`{}` must be a string to take a prefix or suffix", spec.path)));
                };
                let new = match end {
                    End::Prefix => format!("{}{old}", affix.value),
                    End::Suffix => format!("{old}{}", affix.value),
                };
                set_text(context, node, new, &affix.origin)
            })?;
            if spec.path != "metadata/name" {
                resource.settle_shares(context, &affix.origin)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// Names that mean something outside of the object: those of CustomResourceDefinitions, APIServices and Namespaces.
fn keeps_name(resource: &Resource) -> bool {
    let is_api_service = || resource.gvk().group == "apiregistration.k8s.io";
    match resource.original_id().kind {
        "CustomResourceDefinition" | "Namespace" => true,
        "APIService" => is_api_service(),
        _ => false,
    }
}
