//! `labels`, `commonLabels` and `commonAnnotations` (Label- and AnnotationsTransformer).

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Pairs;
use crate::error::Error;
use crate::note::NoteKind;
use crate::object::field_spec::{CreateAs, FieldSpec};
use crate::object::resource_map::ResourceMap;
use crate::source::Origin;
use crate::yaml::share;

use super::spread::Spread;
use crate::object::set::{Pair, set_pairs};

/// Sets `pairs` in the maps of `specs`.
pub(crate) fn apply(context: &mut Context, map: &mut ResourceMap, pairs: &Pairs, specs: &[FieldSpec]) -> Result<(), Error> {
    let Some(cause) = pairs.first().map(|(_, value)| value.origin.clone()) else { return Ok(()) };
    let cost = Cost::of(pairs.len(), pairs.iter().map(|(key, value)| key.value.len() + value.value.len()).sum());
    let mut spread = Spread::new(pairs);
    for resource in map.resources_mut() {
        let gvk = resource.gvk();
        spread.look(resource, specs);
        resource.ensure_annotations();
        let mut pairs: Vec<Pair<'_>> = pairs.iter().map(|(key, value)| Pair::new(&key.value, value, resource.new_share())).collect();
        for spec in specs.iter().filter(|spec| spec.matches(&gvk.group, &gvk.version, &gvk.kind)) {
            set_all(context, &mut resource.node, &mut pairs, (spec, cost), &cause)?;
        }
        for (share, style) in pairs.iter().filter_map(Pair::restyled) {
            context.charge(Cost::steps(share::restyle(&mut resource.node, share, style)), &cause)?;
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
    pairs: &mut [Pair<'_>],
    (spec, cost): (&FieldSpec, Cost),
    cause: &Origin,
) -> Result<(), Error> {
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
        set_pairs(map, pairs.iter_mut());
        Ok(())
    })
}
