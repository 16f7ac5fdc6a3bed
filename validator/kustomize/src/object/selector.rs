//! Which objects a patch or replacement is for.

use ecow::EcoString;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::{Decode, Decoder, Text};
use crate::error::{Error, Place};
use crate::object::expression::Expression;
use crate::object::gvk::split_api_version;
use crate::object::label_selector::LabelSelector;
use crate::object::nearest::{self, Part};
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::source::Origin;
use crate::yaml::node::Node;

/// `target` of a patch, `select` and `reject` of a replacement: every part but the last two is a regular expression that must
/// match whole, and an absent part matches all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    pub(crate) group: Option<Text>,
    pub(crate) version: Option<Text>,
    pub(crate) kind: Option<Text>,
    pub(crate) name: Option<Text>,
    pub(crate) namespace: Option<Text>,
    pub(crate) label_selector: Option<Text>,
    pub(crate) annotation_selector: Option<Text>,
    /// Whether it is meant for whatever there is, which may be nothing.
    pub(crate) may_match_nothing: bool,
}

impl Decode for Selector {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut selector = Self::default();
        decoder.fields(node, field, |field, node| selector.decode_field(decoder, field, node))?;
        Ok(selector)
    }
}

impl Selector {
    /// The name that it asks for, where that is one and no pattern.
    pub(crate) fn literal_name(&self) -> Option<&str> {
        let name = &*self.name.as_ref()?.value;
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')).then_some(name)
    }

    /// Takes `node` over if `field`, in lower case, is one of a selector's.
    pub(crate) fn decode_field(&mut self, decoder: Decoder<'_>, field: &str, node: &Node) -> Result<bool, Error> {
        let part = match field {
            "group" => &mut self.group,
            "version" => &mut self.version,
            "kind" => &mut self.kind,
            "name" => &mut self.name,
            "namespace" => &mut self.namespace,
            "labelselector" => &mut self.label_selector,
            "annotationselector" => &mut self.annotation_selector,
            _ => return Ok(false),
        };
        *part = decoder.get(node, field)?;
        Ok(true)
    }
}

/// A selector with its expressions compiled.
pub(crate) struct Matcher {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    labels: Option<LabelSelector>,
    annotations: Option<LabelSelector>,
}

/// One part of a selector.
pub(crate) enum Pattern {
    Any,
    /// Most are plain names; a plain name can be looked up.
    Literal(EcoString),
    Expression(Expression),
}

impl Pattern {
    /// Matches the text alone, and any where there is none.
    pub(crate) fn exact(part: Option<&Text>) -> Self {
        part.map_or(Self::Any, |part| Self::Literal(part.value.clone()))
    }

    /// A regular expression that must match whole.
    ///
    /// # Errors
    /// Where it is none.
    pub(crate) fn compile(context: &Context, part: Option<&Text>) -> Result<Self, Error> {
        let Some(part) = part else { return Ok(Self::Any) };
        if part.value.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '_' | '/')) {
            return Ok(Self::Literal(part.value.clone()));
        }
        let expression = Expression::new(context, &part.value, &format!("^(?:{})$", part.value));
        expression.map(Self::Expression).map_err(|error| error.at(Place::of(&context.sources, &part.origin)))
    }

    /// Whether it matches a text.
    pub(crate) fn matches(&self, context: &Context, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Literal(literal) => **literal == *text,
            Self::Expression(expression) => expression.is_match(context, text),
        }
    }
}

impl Matcher {
    /// Compiles `selector`.
    pub(crate) fn new(context: &Context, selector: &Selector) -> Result<Self, Error> {
        let pattern = |part: &Option<Text>| Pattern::compile(context, part.as_ref());
        let labels = |part: &Option<Text>| {
            let parse = |text: &Text| LabelSelector::parse(&text.value).map_err(|why| context.invalid(&text.origin, why));
            part.as_ref().map(parse).transpose()
        };
        Ok(Self {
            group: pattern(&selector.group)?,
            version: pattern(&selector.version)?,
            kind: pattern(&selector.kind)?,
            name: pattern(&selector.name)?,
            namespace: pattern(&selector.namespace)?,
            labels: labels(&selector.label_selector)?,
            annotations: labels(&selector.annotation_selector)?,
        })
    }

    /// Whether it selects `resource`: by its first or its current name and namespace.
    fn matches(&self, context: &Context, resource: &Resource) -> bool {
        [Part::Kind, Part::Name, Part::Namespace, Part::ApiVersion, Part::Labels]
            .into_iter()
            .all(|part| self.meets(context, resource, part))
    }

    /// Whether `resource` is what one part asks for.
    fn meets(&self, context: &Context, resource: &Resource, part: Part) -> bool {
        let (current, original) = (resource.id(), resource.original_id());
        let either = |pattern: &Pattern, one: &str, other: &str| pattern.matches(context, one) || pattern.matches(context, other);
        match part {
            Part::Kind => self.kind.matches(context, current.kind),
            Part::Name => either(&self.name, original.name, current.name),
            Part::Namespace => either(&self.namespace, original.namespace, current.namespace),
            Part::ApiVersion => {
                let (group, version) = split_api_version(current.api_version);
                self.group.matches(context, group) && self.version.matches(context, version)
            }
            Part::Labels => {
                self.labels.as_ref().is_none_or(|labels| labels.matches(resource.node.at(&["metadata", "labels"])))
                    && self.annotations.as_ref().is_none_or(|labels| labels.matches(resource.node.at(&["metadata", "annotations"])))
            }
        }
    }

    /// The end of a message where it selects nothing, see [`nearest::suggestion`].
    pub(crate) fn suggestion(&self, context: &Context, map: &ResourceMap, selector: &Selector) -> String {
        let text = |part: &'_ Option<Text>| part.as_ref().map(|part| part.value.clone());
        let (kind, name) = (text(&selector.kind), text(&selector.name));
        const PARTS: [Part; 5] = [Part::ApiVersion, Part::Kind, Part::Name, Part::Namespace, Part::Labels];
        nearest::suggestion(context, map, (kind.as_deref(), name.as_deref()), |context, resource| {
            PARTS.into_iter().filter(|part| !self.meets(context, resource, *part)).collect()
        })
    }

    /// Positions of the objects that it selects, in order.
    ///
    /// # Errors
    /// Where the build has used up what it may use, at `cause`.
    pub(crate) fn select(&self, context: &Context, map: &ResourceMap, cause: &Origin) -> Result<Vec<usize>, Error> {
        let matches = |at: &usize| map.resources().get(*at).is_some_and(|resource| !resource.is_empty() && self.matches(context, resource));
        let candidates = match &self.name {
            Pattern::Literal(name) => map.named(name).iter().map(|at| *at as usize).collect(),
            _ => Vec::from_iter(0..map.resources().len()),
        };
        context.charge(Cost::steps(candidates.len()), cause)?;
        let selected: Vec<usize> = candidates.into_iter().filter(matches).collect();
        // Labels are looked at last, but even where nothing is asked of them.
        match selected.iter().find_map(|at| map.resources().get(*at)?.odd_list()) {
            Some(list) => Err(list.refusal(context)),
            None => Ok(selected),
        }
    }
}
