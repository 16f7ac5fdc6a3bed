//! What a selector that selects nothing was probably meant for.

use crate::context::Context;
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::suggest::closest;

/// The parts of a selector, each of which an object meets or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Group and version.
    ApiVersion,
    Kind,
    Name,
    Namespace,
    /// Labels and annotations.
    Labels,
}

/// How many names are listed where none is close.
const LISTED: usize = 4;

/// How many objects are looked at.
const LOOKED_AT: usize = 2000;

/// The end of a message on a selector that selects nothing: what it would select but for one part of it. `kind` and `name` are what it asks for, and
/// `unmet` gives the parts that an object does not meet.
pub(crate) fn suggestion(
    context: &Context,
    map: &ResourceMap,
    (kind, name): (Option<&str>, Option<&str>),
    unmet: impl Fn(&Context, &Resource) -> Vec<Part>,
) -> String {
    let objects = map.resources().iter().filter(|resource| !resource.is_empty()).take(LOOKED_AT);
    // Where it asks for nothing but a kind, every object of another kind would be near.
    let is_near_kind = |other: &str| name.is_some() || kind.is_some_and(|kind| closest(kind, [other]).is_some());
    let near = objects.filter_map(|resource| match *unmet(context, resource) {
        [Part::Kind] if !is_near_kind(resource.kind()) => None,
        [part] => Some((part, resource)),
        _ => None,
    });
    let (named, others): (Vec<_>, Vec<_>) = near.partition(|(part, _)| *part == Part::Name);
    if let Some((part, resource)) = others.first() {
        let id = resource.id();
        let namespace = resource.node.str_at(&["metadata", "namespace"]);
        let what = match (part, namespace) {
            (Part::ApiVersion, _) => format!("{} `{}` of {}", id.kind, id.name, id.api_version),
            (Part::Namespace, Some(namespace)) => format!("{} `{}` in namespace `{namespace}`", id.kind, id.name),
            (Part::Namespace, None) => format!("{} `{}`, which names no namespace", id.kind, id.name),
            (Part::Labels, _) => format!("{} `{}`, which has other labels or annotations", id.kind, id.name),
            _ => format!("{} `{}`", id.kind, id.name),
        };
        return format!("; did you mean {what}?");
    }
    let names: Vec<&str> = named.iter().map(|(_, resource)| resource.name()).collect();
    match (name.and_then(|name| closest(name, names.iter().copied())), &*names) {
        (Some(close), _) => format!("; did you mean `{close}`?"),
        (None, [one]) => format!("; did you mean `{one}`?"),
        (None, names) if (2..=LISTED).contains(&names.len()) => {
            format!("; did you mean one of {}?", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    }
}
