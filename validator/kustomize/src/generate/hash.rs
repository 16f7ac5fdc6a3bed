//! Names of generated objects with the hash of their content.

use crate::context::Context;
use crate::context::hashes::Content;
use crate::error::Error;
use crate::object::resource_map::ResourceMap;
use crate::object::set::set_text;

/// Appends the hash to every name that needs one.
pub(crate) fn apply(context: &Context, map: &mut ResourceMap) -> Result<(), Error> {
    let mut any = false;
    for resource in map.resources_mut().iter_mut().filter(|resource| resource.needs_hash) {
        any = true;
        let content = Content::of(context, &resource.node)?;
        let shared = &context.shared;
        let hash = if shared.for_many { shared.hashes.get(resource.name(), content, |cost| shared.has_room(cost)) } else { content.hash() };
        resource.store_id();
        let origin = resource.generator.clone().unwrap_or_else(|| resource.node.origin.clone());
        if let Some(name) = resource.node.get_mut("metadata").and_then(|metadata| metadata.get_mut("name")) {
            let text = format!("{}-{hash}", name.text().unwrap_or_default());
            set_text(context, name, text, &origin)?;
        }
    }
    if any {
        map.reindex_all();
    }
    Ok(())
}
