//! The order of the output (SortOrderTransformer).

use crate::context::Context;
use crate::error::Error;
use crate::file::kustomization::Kustomization;
use crate::object::gvk::Gvk;
use crate::object::kind_order::{Ranks, gvk_key};
use crate::object::resource::Resource;

/// Sorts the objects of a finished build, by default in the legacy order.
pub(crate) fn apply(context: &Context, resources: &mut [Resource], kustomization: &Kustomization) -> Result<(), Error> {
    let Some(options) = &kustomization.sort_options else {
        sort(resources, &Ranks::legacy());
        return Ok(());
    };
    match (options.order.as_ref().map(|order| (&*order.value, &order.origin)), &options.legacy) {
        (Some(("fifo", _)), None) => {}
        (Some(("fifo", origin)), Some(_)) => {
            return Err(context.invalid(origin, "`legacySortOptions` needs the order `legacy`"));
        }
        (Some(("legacy", _)), None) => sort(resources, &Ranks::legacy()),
        (Some(("legacy", _)), Some(legacy)) => {
            let kinds = |texts: &'_ [crate::context::decode::Text]| texts.iter().map(|text| text.value.clone()).collect::<Vec<_>>();
            let (first, last) = (kinds(&legacy.first), kinds(&legacy.last));
            sort(resources, &Ranks::new(first.iter().map(|kind| &**kind), last.iter().map(|kind| &**kind)));
        }
        (Some((_, origin)), _) => return Err(context.invalid(origin, "`sortOptions.order` must be `legacy` or `fifo`")),
        (None, _) => return Err(context.invalid(&kustomization.whole, "`sortOptions.order` must be `legacy` or `fifo`")),
    }
    Ok(())
}

fn sort(resources: &mut [Resource], ranks: &Ranks<'_>) {
    resources.sort_by_cached_key(|resource| {
        let Gvk { group, version, kind } = resource.gvk();
        let or = |text: &str, stand_in: &str| if text.is_empty() { stand_in.to_owned() } else { text.to_owned() };
        // Those of other groups come behind the core's.
        let is_other_namespace = &*kind == "Namespace" && !group.is_empty();
        let (rank, kind) = gvk_key(ranks, &group, &version, &kind);
        (rank, is_other_namespace, kind, format!("{}|{}", or(resource.namespace(), "~X"), or(resource.name(), "~N")))
    });
}
