//! `replacements` (ReplacementTransformer and `api/filters/replacement`): fields that take their value from another object's.

use ecow::EcoString;

use crate::annotations;
use crate::budget::Cost;
use crate::context::Context;
use crate::decode::{Decode, Decoder, Text, fields_help};
use crate::error::Error;
use crate::field_path;
use crate::field_spec::CreateAs;
use crate::gvk::{Gvk, selects, split_api_version};
use crate::label_selector::LabelSelector;
use crate::load::Root;
use crate::lookup::{self, Failure, Mismatch, Pattern};
use crate::node::{Node, Scalar, Style, Tag, Value};
use crate::note::NoteKind;
use crate::resource::{ResId, Resource, is_nil_or_empty};
use crate::resource_map::ResourceMap;
use crate::selector::Pattern as Part;
use crate::share;
use crate::source::Origin;
use crate::version::Version;
use crate::yaml::{Dialect, resolve};

use super::structured_text::StructuredText;

/// One of `replacements`, in the kustomization or in a file that it names.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    /// The file to read instead.
    path: Option<Text>,
    source: Option<Source>,
    /// The value itself, instead of a source.
    source_value: Option<Text>,
    targets: Option<Vec<Target>>,
    /// The whole entry.
    origin: Origin,
}

/// Where a value is taken from.
#[derive(Clone, Debug)]
struct Source {
    id: Id,
    field_path: Option<Text>,
    options: FieldOptions,
    origin: Origin,
}

/// Where a value is put.
#[derive(Clone, Debug)]
struct Target {
    select: Option<Selector>,
    reject: Vec<Selector>,
    field_paths: Vec<Text>,
    options: FieldOptions,
    origin: Origin,
}

/// An identity to look for; what is empty matches all.
#[derive(Clone, Debug, Default)]
struct Id {
    gvk: Gvk,
    name: Option<Text>,
    namespace: Option<Text>,
}

/// An identity and what the labels and annotations must be.
#[derive(Clone, Debug, Default)]
struct Selector {
    id: Id,
    labels: Option<Text>,
    annotations: Option<Text>,
}

/// `options`: which piece of the text is meant, and whether a missing field is created.
#[derive(Clone, Debug, Default)]
struct FieldOptions {
    delimiter: Option<Text>,
    index: i64,
    create: bool,
}

const DEFAULT_PATH: &str = "metadata.name";

impl Decode for Replacement {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut replacement = Self { path: None, source: None, source_value: None, targets: None, origin: node.origin.clone() };
        decoder.fields(node, field, |field, node| {
            match field {
                "path" => replacement.path = decoder.get(node, "replacements.path")?,
                "source" if node.is_null() => replacement.source = None,
                "source" => replacement.source = Some(decoder.get(node, "replacements.source")?),
                "sourcevalue" if !decoder.knows(Version::V5_8, node, "sourceValue")? => return Ok(false),
                "sourcevalue" if node.is_null() => replacement.source_value = None,
                "sourcevalue" => replacement.source_value = Some(decoder.get(node, "replacements.sourceValue")?),
                "targets" if node.is_null() => replacement.targets = None,
                "targets" => replacement.targets = Some(decoder.get(node, "replacements.targets")?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(replacement)
    }
}

impl Decode for Source {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let (id, options, origin) = (Id::default(), FieldOptions::default(), node.origin.clone());
        let mut source = Self { id, field_path: None, options, origin };
        decoder.fields(node, field, |field, node| {
            match field {
                "fieldpath" => source.field_path = decoder.get(node, "source.fieldPath")?,
                "options" => source.options = decoder.get(node, "source.options")?,
                _ => return source.id.decode_field(decoder, field, node),
            }
            Ok(true)
        })?;
        Ok(source)
    }
}

impl Decode for Target {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let (options, origin) = (FieldOptions::default(), node.origin.clone());
        let mut target = Self { select: None, reject: Vec::new(), field_paths: Vec::new(), options, origin };
        decoder.fields(node, field, |field, node| {
            match field {
                "select" if node.is_null() => target.select = None,
                "select" => target.select = Some(decoder.get(node, "targets.select")?),
                "reject" => target.reject = decoder.get(node, "targets.reject")?,
                "fieldpaths" => target.field_paths = decoder.get(node, "targets.fieldPaths")?,
                "options" => target.options = decoder.get(node, "targets.options")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(target)
    }
}

impl Decode for Selector {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut selector = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "labelselector" => selector.labels = decoder.get(node, "labelSelector")?,
                "annotationselector" => selector.annotations = decoder.get(node, "annotationSelector")?,
                _ => return selector.id.decode_field(decoder, field, node),
            }
            Ok(true)
        })?;
        Ok(selector)
    }
}

impl Decode for FieldOptions {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "delimiter" => options.delimiter = decoder.get(node, "options.delimiter")?,
                "index" => options.index = decoder.get(node, "options.index")?,
                "create" => options.create = decoder.get(node, "options.create")?,
                // Kustomize reads it and does nothing with it.
                "encoding" => drop(decoder.get::<Option<Text>>(node, "options.encoding")?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }
}

impl Id {
    fn decode_field(&mut self, decoder: Decoder<'_>, field: &str, node: &Node) -> Result<bool, Error> {
        match field {
            "name" => self.name = decoder.get(node, "name")?,
            "namespace" => self.namespace = decoder.get(node, "namespace")?,
            _ => return self.gvk.decode_field(decoder, field, node),
        }
        Ok(true)
    }

    fn is_empty(&self) -> bool {
        self.gvk == Gvk::default() && self.name.is_none() && self.namespace.is_none()
    }

    fn selects(&self, id: &ResId<'_>) -> bool {
        let (group, version) = split_api_version(id.api_version);
        self.name.as_ref().is_none_or(|name| *name.value == *id.name)
            && self.namespace.as_ref().is_none_or(|namespace| *namespace.value == *id.namespace)
            && selects(&self.gvk, group, version, id.kind)
    }

    fn selects_any(&self, resource: &Resource) -> bool {
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
struct Matcher<'a> {
    id: &'a Id,
    /// Group, version, kind, name and namespace.
    parts: [Part; 5],
    labels: Option<LabelSelector>,
    annotations: Option<LabelSelector>,
}

impl<'a> Matcher<'a> {
    fn new(context: &Context, selector: &'a Selector, origin: &Origin) -> Result<Self, Error> {
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
            if is_expression { Part::compile(context, text.as_ref()) } else { Ok(Part::exact(text.as_ref())) }
        };
        let [group, version, kind, name, namespace] = &texts;
        let parts = [part(group)?, part(version)?, part(kind)?, part(name)?, part(namespace)?];
        Ok(Self { id: &selector.id, parts, labels: parse(&selector.labels)?, annotations: parse(&selector.annotations)? })
    }

    fn labels_match(&self, resource: &Resource) -> bool {
        let matches = |selector: &Option<LabelSelector>, key| {
            selector.as_ref().is_none_or(|selector| selector.matches(resource.node.at(&["metadata", key])))
        };
        matches(&self.labels, "labels") && matches(&self.annotations, "annotations")
    }

    /// Whether the identity that the object has or had is what is looked for.
    fn id_matches(&self, context: &Context, resource: &Resource) -> bool {
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

    /// Whether this, as a rejection, rejects: an empty part of it says nothing.
    fn rejects(&self, context: &Context, resource: &Resource) -> bool {
        let by_labels = (self.labels.is_some() || self.annotations.is_some()) && self.labels_match(resource);
        by_labels || !self.id.is_empty() && self.id_matches(context, resource)
    }
}

/// Reads the files that entries name, so that all replacements are known before the first is applied.
pub(crate) fn load(context: &mut Context, root: &Root, entries: &[Replacement]) -> Result<Vec<Replacement>, Error> {
    let mut all = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(path) = &entry.path else {
            all.push(entry.clone());
            continue;
        };
        if entry.source.is_some() || entry.targets.as_ref().is_some_and(|targets| !targets.is_empty()) {
            return Err(context.invalid(&path.origin, "cannot specify both path and inline replacement"));
        }
        let id = root.load(context, path)?.into_source(context)?;
        let Some(document) = context.read_first(id)? else { continue };
        let decoder = context.decoder(true);
        if document.as_seq().is_some() {
            all.append(&mut decoder.get(&document, &path.value)?);
        } else {
            all.push(decoder.get(&document, &path.value)?);
        }
    }
    Ok(all)
}

/// Applies one replacement to all objects.
pub(crate) fn apply(context: &mut Context, map: &mut ResourceMap, replacement: &Replacement) -> Result<(), Error> {
    let targets = replacement.targets.as_ref().filter(|_| replacement.source.is_some() || replacement.source_value.is_some());
    let Some(targets) = targets else {
        let error = context.invalid(&replacement.origin, "replacements must specify a source and at least one target");
        return Err(error.help(fields_help(context.version)));
    };
    let (value, found) = match (&replacement.source, &replacement.source_value) {
        (Some(_), Some(value)) => {
            return Err(context.invalid(&value.origin, "a replacement must not have both `source` and `sourceValue`"));
        }
        (Some(source), None) => source.value(context, map).map(|(value, found)| (value, Some(found)))?,
        (None, value) => {
            let (text, origin) = value.as_ref().map_or(("".into(), &replacement.origin), |value| (value.value.clone(), &value.origin));
            (Node::scalar(Scalar::implicit(text), origin.clone()), None)
        }
    };
    for target in targets {
        target.put(context, map, &value, found.as_ref())?;
    }
    map.reindex_all();
    Ok(())
}

/// Where a value was found.
struct Found {
    /// The position of the object.
    at: usize,
    /// The path in it.
    parts: Vec<String>,
}

impl Source {
    /// The value to put into the targets.
    fn value(&self, context: &Context, map: &ResourceMap) -> Result<(Node, Found), Error> {
        context.charge(Cost::steps(map.resources().len()), &self.origin)?;
        let mut found = map.resources().iter().enumerate().filter(|(_, resource)| self.id.selects_any(resource));
        let (at_source, resource) = match (found.next(), found.next()) {
            (Some(found), None) => found,
            (None, _) => return Err(context.invalid(&self.origin, format!("nothing selected by {}", self.id))),
            (Some(_), Some(_)) => return Err(context.invalid(&self.origin, format!("multiple matches for selector {}", self.id))),
        };
        let path = self.field_path.as_ref().map_or(DEFAULT_PATH, |path| &path.value);
        let at = self.field_path.as_ref().map_or(&self.origin, |path| &path.origin);
        let parts = field_path::split_bracketed(path);
        // What Kustomize keeps in annotations is copied along.
        let shown = annotations::is_bookkeeping(parts.iter().map(String::as_str)).then(|| resource.shown_metadata());
        let node = lookup::get(shown.as_ref().unwrap_or(&resource.node), parts.iter().map(String::as_str))
            .map_err(|mismatch| {
                self.error(context, at, format!("error looking up replacement source `{path}`: {}", mismatch.message), &mismatch.at)
            })?
            .filter(|node| !is_nil_or_empty(node))
            .ok_or_else(|| {
                let message = format!("fieldPath `{path}` is missing for replacement source {}", self.id);
                self.error(context, at, message, &resource.node.origin)
            })?;
        let Some(delimiter) = &self.options.delimiter else {
            let mut value = context.copy(node, at)?;
            share::separate(&mut value);
            return Ok((value, Found { at: at_source, parts }));
        };
        let Some(scalar) = node.as_scalar() else {
            return Err(context.invalid(&delimiter.origin, "delimiter option can only be used with scalar nodes"));
        };
        let piece = usize::try_from(self.options.index).ok().and_then(|index| scalar.text.split(&*delimiter.value).nth(index));
        let piece = piece.ok_or_else(|| {
            context
                .invalid(&delimiter.origin, format!("options.index {} is out of bounds: the source has fewer pieces", self.options.index))
        })?;
        Ok((Node::scalar(Scalar::new(piece, scalar.tag, scalar.style), node.origin.clone()), Found { at: at_source, parts }))
    }

    fn error(&self, context: &Context, at: &Origin, message: String, source: &Origin) -> Error {
        context.invalid(at, message).related(crate::Place::of(&context.sources, source), "the source")
    }
}

impl Target {
    fn put(&self, context: &mut Context, map: &mut ResourceMap, value: &Node, source: Option<&Found>) -> Result<(), Error> {
        let Some(select) = &self.select else {
            return Err(context.invalid(&self.origin, "target must specify resources to select"));
        };
        let select = Matcher::new(context, select, &self.origin)?;
        let reject = self.reject.iter().map(|selector| Matcher::new(context, selector, &self.origin)).collect::<Result<Vec<_>, _>>()?;
        let default = Text { value: DEFAULT_PATH.into(), origin: self.origin.clone() };
        let paths = if self.field_paths.is_empty() { std::slice::from_ref(&default) } else { &self.field_paths };
        context.charge(Cost::steps(map.resources().len() * (1 + reject.len())), &self.origin)?;
        let mut patterns: Option<Vec<(&Text, Pattern)>> = None;
        for (at, resource) in map.resources_mut().iter_mut().enumerate() {
            if let Some(list) = resource.odd_list() {
                return Err(context.odd_annotations(&list));
            }
            if !select.labels_match(resource)
                || !select.id_matches(context, resource)
                || reject.iter().any(|reject| reject.rejects(context, resource))
            {
                continue;
            }
            let patterns = match &patterns {
                Some(patterns) => patterns,
                None => {
                    let parse = |path| Pattern::parse(context, path).map(|pattern| (path, pattern));
                    patterns.insert(paths.iter().map(parse).collect::<Result<_, _>>()?)
                }
            };
            for (path, pattern) in patterns {
                if let Some(source) = source
                    && at == source.at
                    && value.as_scalar().is_none()
                    && pattern.is_within(&source.parts)
                {
                    let message = format!("a replacement that puts `{}` into itself is not supported", source.parts.join("."));
                    return Err(context.unsupported(&path.origin, message));
                }
                self.put_at(context, resource, path, pattern, value)?;
            }
        }
        if patterns.is_none() {
            context.note(NoteKind::TargetMatchesNothing, &self.origin, "this target of a replacement matches no object");
        }
        Ok(())
    }

    /// Puts the value into a text that is JSON or YAML, if the path leads into one.
    fn put_in_text(
        &self,
        context: &mut Context,
        resource: &mut Resource,
        path: &Text,
        value: &Node,
        create: Option<CreateAs>,
    ) -> Result<bool, Error> {
        if context.version < Version::V5_8 {
            return Ok(false);
        }
        let parts = field_path::split_bracketed(&path.value);
        let Some(structured) = StructuredText::find(context, &resource.node, path, &parts)? else { return Ok(false) };
        let outer = Pattern::of_parts(context, path, structured.outer().to_vec())?;
        let Some(text) = structured.with(context, path, value, create)? else { return Ok(false) };
        let set = &mut |node: &mut Node, _| {
            let origin = path.origin.clone().replacing(&value.origin.clone().replacing(&node.origin));
            if let Some(scalar) = node.as_scalar_mut() {
                scalar.text = text.as_str().into();
                scalar.share = scalar.share.written();
            }
            node.origin = origin;
            Ok(())
        };
        match outer.visit(context, &mut resource.node, None, &path.origin, set) {
            Ok(1) => resource.settle_shares(context, &path.origin).map(|()| true),
            Err(Failure::Error(error)) => Err(error),
            _ => Err(context.unsupported(&path.origin, format!("`{}` leads into several texts, which is not supported", path.value))),
        }
    }

    fn put_at(&self, context: &mut Context, resource: &mut Resource, path: &Text, pattern: &Pattern, value: &Node) -> Result<(), Error> {
        let create = self.options.create.then_some(match &value.value {
            Value::Scalar(_) => CreateAs::Scalar(Tag::Str),
            Value::Map(_) => CreateAs::Map,
            Value::Seq(_) => CreateAs::Seq,
        });
        if self.put_in_text(context, resource, path, value, create)? {
            return Ok(());
        }
        let missing = |why: &str| {
            let or_create = if self.options.create { " or create" } else { "" };
            format!("unable to find{or_create} field `{}` in replacement target {}{why}", path.value, resource.id())
        };
        let missing = (missing(""), missing(": "));
        let is_bookkeeping = pattern.is_bookkeeping();
        let is_annotation = pattern.is_within(&["metadata".to_owned(), "annotations".to_owned()]);
        if is_bookkeeping {
            let bookkeeping = resource.bookkeeping();
            annotations::show(&mut resource.node, &bookkeeping);
        }
        let found = pattern
            .visit(context, &mut resource.node, create, &path.origin, &mut |node, created| {
                self.set(context, node, (created, is_annotation), value, &path.origin)
            })
            .map_err(|failure| match failure {
                Failure::Mismatch(Mismatch { message, at }) => {
                    let error = context.invalid(&path.origin, format!("{}{message}", missing.1));
                    error.related(crate::Place::of(&context.sources, &at), "the field")
                }
                Failure::Error(error) => error,
            })?;
        if is_bookkeeping {
            resource.reread_bookkeeping();
        }
        resource.settle_shares(context, &path.origin)?;
        if found == 0 {
            let error = context.invalid(&path.origin, missing.0).help("`options.create: true` creates it");
            return Err(error.related(crate::Place::of(&context.sources, &resource.node.origin), "the target"));
        }
        Ok(())
    }

    /// Puts the value into one field. A scalar keeps its own type and quotes, and only its text changes.
    fn set(
        &self,
        context: &Context,
        node: &mut Node,
        (created, is_annotation): (bool, bool),
        value: &Node,
        cause: &Origin,
    ) -> Result<(), Failure> {
        context.charge(Cost::tree(value), cause)?;
        let mut text = value.text().unwrap_or_default().to_owned();
        if let Some(delimiter) = &self.options.delimiter {
            let Some(old) = node.as_scalar() else {
                let message = "delimiter option can only be used with scalar nodes".to_owned();
                return Err(Mismatch { message, at: node.origin.clone() }.into());
            };
            context.charge(Cost::text(&old.text), cause)?;
            text = with_piece(&old.text, &delimiter.value, self.options.index, &text);
        }
        let origin = if created { value.origin.clone() } else { value.origin.clone().replacing(&node.origin) };
        let origin = cause.clone().replacing(&origin);
        match &mut node.value {
            Value::Scalar(scalar) => {
                if scalar.implicit && matches!(scalar.style, Style::Plain | Style::FlowPlain) {
                    scalar.tag = resolve(&text, Dialect::YamlV3);
                } else if scalar.tag == Tag::Null && is_annotation {
                    // It is made a string in the end, whatever it is.
                    scalar.tag = Tag::Str;
                } else if scalar.tag == Tag::Null && resolve(&text, Dialect::YamlV3) != Tag::Null {
                    // Kustomize makes `!!null text` of it, which it cannot print.
                    return Err(Mismatch { message: "a null cannot take a value".to_owned(), at: node.origin.clone() }.into());
                }
                scalar.text = text.into();
                scalar.share = scalar.share.written();
            }
            _ => node.value = value.value.clone(),
        }
        node.origin = origin;
        Ok(())
    }
}

/// `old` with the piece at `index` replaced; before the first one where the index is negative, behind the last one where it is too high.
fn with_piece(old: &str, delimiter: &str, index: i64, new: &str) -> String {
    let mut pieces: Vec<&str> = old.split(delimiter).collect();
    match usize::try_from(index) {
        Err(_) => pieces.insert(0, new),
        Ok(index) => match pieces.get_mut(index) {
            Some(piece) => *piece = new,
            None => pieces.push(new),
        },
    }
    pieces.join(delimiter)
}
