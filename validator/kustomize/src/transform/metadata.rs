//! `labels`, `commonLabels` and `commonAnnotations` (Label- and AnnotationsTransformer).

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Pairs;
use crate::error::Error;
use crate::note::NoteKind;
use crate::object::field_spec::{CreateAs, FieldSpec};
use crate::object::resource_map::ResourceMap;
use crate::source::Origin;
use crate::yaml::share::Share;

use super::spread::Spread;
use crate::object::set::set_pairs;

/// Sets `pairs` in the maps of `specs`.
pub(crate) fn apply(context: &mut Context, map: &mut ResourceMap, pairs: &Pairs, specs: &[FieldSpec]) -> Result<(), Error> {
    let Some(cause) = pairs.first().map(|(_, value)| value.origin.clone()) else { return Ok(()) };
    let mut spread = Spread::new(pairs);
    for resource in map.resources_mut() {
        let gvk = resource.gvk();
        spread.look(resource, specs);
        resource.ensure_annotations();
        let shares: Vec<Share> = pairs.iter().map(|_| resource.new_share()).collect();
        for spec in specs.iter().filter(|spec| spec.matches(&gvk.group, &gvk.version, &gvk.kind)) {
            set_all(context, &mut resource.node, pairs, &shares, spec, &cause)?;
        }
        resource.settle_shares(context, &cause)?;
    }
    for message in spread.messages() {
        context.note(NoteKind::LabelSpread, &cause, message);
    }
    Ok(())
}

fn set_all(
    context: &Context,
    object: &mut crate::Node,
    pairs: &Pairs,
    shares: &[Share],
    spec: &FieldSpec,
    cause: &Origin,
) -> Result<(), Error> {
    let cost = Cost::of(pairs.len(), pairs.iter().map(|(key, value)| key.value.len() + value.value.len()).sum());
    spec.visit(object, Some(CreateAs::Map), cause, context, &mut |node| {
        if node.is_null() {
            // It may not be made a map.
            return Ok(());
        }
        let origin = node.origin.clone();
        let Some(map) = node.as_map_mut() else {
            return Err(context.invalid(&origin, format!("`{}` must be a map", spec.path)));
        };
        context.charge(cost, cause)?;
        set_pairs(map, pairs.iter().zip(shares).map(|((key, value), share)| (&*key.value, value, *share)));
        Ok(())
    })
}
