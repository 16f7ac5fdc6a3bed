//! Which objects a target of a replacement is about.

use ecow::EcoString;

use crate::context::Context;
use crate::context::decode::Text;
use crate::error::Error;
use crate::file::replacement::{Id, Selector};
use crate::object::gvk::{Gvk, selects, split_api_version};
use crate::object::label_selector::LabelSelector;
use crate::object::nearest::{self, Part};
use crate::object::resource::{ResId, Resource};
use crate::object::resource_map::ResourceMap;
use crate::object::selector::Pattern;
use crate::source::Origin;
use crate::version::Version;

/// What an identity of a replacement matches.
impl Id {
    fn is_empty(&self) -> bool {
        self.gvk == Gvk::default() && self.name.is_none() && self.namespace.is_none()
    }

    fn selects(&self, id: &ResId<'_>) -> bool {
        let (group, version) = split_api_version(id.api_version);
        self.name.as_ref().is_none_or(|name| *name.value == *id.name)
            && self.namespace.as_ref().is_none_or(|namespace| *namespace.value == *id.namespace)
            && selects(&self.gvk, group, version, id.kind)
    }

    /// Whether the object is or was that.
    pub(super) fn selects_any(&self, resource: &Resource) -> bool {
        self.selects(&resource.id()) || resource.previous_ids().any(|id| self.selects(&id))
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |text: &Option<Text>| text.as_ref().map_or(String::new(), |text| text.value.to_string());
        let parts = [("kind", self.gvk.kind.to_string()), ("name", text(&self.name)), ("namespace", text(&self.namespace))];
        let shown: Vec<_> = parts.iter().filter(|(_, value)| !value.is_empty()).map(|(part, value)| format!("{part} `{value}`")).collect();
        f.write_str(&if shown.is_empty() { "anything".to_owned() } else { shown.join(", ") })
    }
}

/// A [`Selector`] with its label selectors parsed.
pub(super) struct Matcher<'a> {
    id: &'a Id,
    /// Group, version, kind, name and namespace.
    parts: [Pattern; 5],
    labels: Option<LabelSelector>,
    annotations: Option<LabelSelector>,
}

impl<'a> Matcher<'a> {
    /// Of a selector at `origin`.
    ///
    /// # Errors
    /// What is no label selector, and no regular expression where it must be one.
    pub(super) fn new(context: &Context, selector: &'a Selector, origin: &Origin) -> Result<Self, Error> {
        let parse = |text: &Option<Text>| {
            let parse = |text: &Text| LabelSelector::parse(&text.value).map_err(|why| context.invalid(&text.origin, why));
            text.as_ref().map(parse).transpose()
        };
        let Id { gvk, name, namespace } = &selector.id;
        let of_gvk = |part: &EcoString| (!part.is_empty()).then(|| Text { value: part.clone(), origin: origin.clone() });
        let texts = [of_gvk(&gvk.group), of_gvk(&gvk.version), of_gvk(&gvk.kind), name.clone(), namespace.clone()];
        // Before 5.8 each part is the text itself.
        let is_expression = context.version >= Version::V5_8;
        let part = |text: &Option<Text>| {
            if is_expression { Pattern::compile(context, text.as_ref()) } else { Ok(Pattern::exact(text.as_ref())) }
        };
        let [group, version, kind, name, namespace] = &texts;
        let parts = [part(group)?, part(version)?, part(kind)?, part(name)?, part(namespace)?];
        Ok(Self { id: &selector.id, parts, labels: parse(&selector.labels)?, annotations: parse(&selector.annotations)? })
    }

    /// Whether the labels and annotations are as they must be.
    pub(super) fn labels_match(&self, resource: &Resource) -> bool {
        let matches = |selector: &Option<LabelSelector>, key| {
            selector.as_ref().is_none_or(|selector| selector.matches(resource.node.at(&["metadata", key])))
        };
        matches(&self.labels, "labels") && matches(&self.annotations, "annotations")
    }

    /// Whether the identity that the object has or had is what is looked for.
    pub(super) fn id_matches(&self, context: &Context, resource: &Resource) -> bool {
        let [group, version, kind, name, namespace] = &self.parts;
        let matches = |id: &ResId<'_>| {
            let (of_group, of_version) = split_api_version(id.api_version);
            kind.matches(context, id.kind)
                && name.matches(context, id.name)
                && namespace.matches(context, id.namespace)
                && group.matches(context, of_group)
                && version.matches(context, of_version)
        };
        matches(&resource.id()) || resource.previous_ids().any(|id| matches(&id))
    }

    /// The name that it asks for, where that is one and no pattern.
    pub(super) fn literal_name(&self) -> Option<&'a str> {
        self.id.name.as_ref().filter(|_| !matches!(self.parts[3], Pattern::Expression(_))).map(|name| &*name.value)
    }

    /// The end of a message where it selects nothing, see [`nearest::suggestion`].
    pub(super) fn suggestion(&self, context: &Context, map: &ResourceMap) -> String {
        let kind = Some(&*self.id.gvk.kind).filter(|kind| !kind.is_empty());
        nearest::suggestion(context, map, (kind, self.id.name.as_ref().map(|name| &*name.value)), |context, resource| {
            let [group, version, kind, name, namespace] = &self.parts;
            let ids = || resource.previous_ids().chain([resource.id()]);
            let (of_group, of_version) = split_api_version(resource.api_version());
            let parts = [
                (Part::ApiVersion, group.matches(context, of_group) && version.matches(context, of_version)),
                (Part::Kind, ids().any(|id| kind.matches(context, id.kind))),
                (Part::Name, ids().any(|id| name.matches(context, id.name))),
                (Part::Namespace, ids().any(|id| namespace.matches(context, id.namespace))),
                (Part::Labels, self.labels_match(resource)),
            ];
            parts.into_iter().filter(|(_, is_met)| !is_met).map(|(part, _)| part).collect()
        })
    }

    /// Whether this, as a rejection, rejects: an empty part of it says nothing.
    pub(super) fn rejects(&self, context: &Context, resource: &Resource) -> bool {
        let by_labels = (self.labels.is_some() || self.annotations.is_some()) && self.labels_match(resource);
        by_labels || !self.id.is_empty() && self.id_matches(context, resource)
    }
}
