//! `namePrefix` and `nameSuffix` (Prefix- and SuffixTransformer).

use crate::context::Context;
use crate::context::decode::Text;
use crate::error::Error;
use crate::note::NoteKind;
use crate::object::field_spec::{CreateAs, FieldSpec};
use crate::object::gvk::Gvk;
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::yaml::node::Tag;

use crate::object::set::set_text;

/// Which end of a name grows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// `namePrefix`
    Prefix,
    /// `nameSuffix`
    Suffix,
}

/// Puts `affix` to the fields of `specs`; by default `metadata/name`.
pub(crate) fn apply(context: &mut Context, map: &mut ResourceMap, end: End, affix: &Text, specs: &[FieldSpec]) -> Result<(), Error> {
    let mut repeated: Option<String> = None;
    let shared = &*context;
    map.change(|resource| {
        let context = shared;
        if keeps_name(resource) {
            return Ok(());
        }
        let original = Gvk::new(resource.api_version(), resource.original_id().kind);
        for spec in specs.iter().filter(|spec| spec.matches(&original.group, &original.version, &original.kind)) {
            if spec.path == "metadata/name" {
                let affixes = if end == End::Prefix { &mut resource.prefixes } else { &mut resource.suffixes };
                let is_repeated = affixes.contains(&affix.value);
                affixes.push(affix.value.clone());
                if is_repeated {
                    repeated.get_or_insert_with(|| resource.id().to_string());
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
    if let Some(name) = repeated {
        let message = format!("`{}` is put to names that have it already, such as that of {name}", affix.value);
        context.note(NoteKind::AffixRepeated, &affix.origin, message);
    }
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
