//! `replicas` (ReplicaCountTransformer).

use crate::context::Context;
use crate::error::Error;
use crate::file::entry::Replica;
use crate::object::field_spec::{CreateAs, FieldSpec};
use crate::object::resource_map::ResourceMap;
use crate::yaml::node::Tag;

use crate::object::set::set_text;

/// Sets the count on every object that has or had the name and whose kind is in `specs`; there must be one.
pub(crate) fn apply(context: &Context, map: &mut ResourceMap, replica: &Replica, specs: &[FieldSpec]) -> Result<(), Error> {
    let name = replica.name.as_ref().map_or("", |name| &*name.value);
    let mut found = false;
    for at in map.named(name).to_vec() {
        let Some(resource) = map.resources_mut().get_mut(at as usize) else { continue };
        let gvk = resource.gvk();
        for spec in specs {
            let is_meant = |kind: &str| spec.matches(&gvk.group, &gvk.version, kind);
            let is_now = resource.name() == name && is_meant(&gvk.kind);
            let is_or_was = is_now || resource.previous.iter().any(|id| &*id.name == name && is_meant(&id.kind));
            if !is_or_was {
                continue;
            }
            found = true;
            if !is_meant(&gvk.kind) {
                continue;
            }
            let create = Some(CreateAs::Scalar(Tag::Int));
            let mut wrote_shared = false;
            spec.visit(&mut resource.node, create, &replica.origin, context, &mut |node| {
                if node.as_scalar().is_none() {
                    return Err(context.invalid(&node.origin, "`replicas` must be a number"));
                }
                set_text(context, node, replica.count.to_string(), &replica.origin)?;
                // Other than most of what Kustomize sets it has a tag.
                if let Some(scalar) = node.as_scalar_mut() {
                    scalar.implicit = false;
                    scalar.quoted_tag = (scalar.tag == Tag::Str).then_some(Tag::Int);
                }
                wrote_shared |= node.is_share_written();
                Ok(())
            })?;
            if wrote_shared {
                resource.settle_shares(context, &replica.origin)?;
            }
        }
    }
    if found {
        return Ok(());
    }
    let origin = replica.name.as_ref().map_or(&replica.origin, |name| &name.origin);
    Err(context.invalid(origin, format!("no Deployment, StatefulSet, ReplicaSet or ReplicationController is named `{name}`")))
}
