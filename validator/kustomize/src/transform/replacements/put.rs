//! Where the value of a replacement is put.

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::error::{Error, Place};
use crate::file::replacement::Target;
use crate::note::NoteKind;
use crate::object::bookkeeping;
use crate::object::field_path;
use crate::object::field_spec::CreateAs;
use crate::object::lookup::{Failure, Mismatch, Pattern};
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::source::Origin;
use crate::transform::structured_text::StructuredText;
use crate::version::Version;
use crate::yaml::node::{Node, Style, Tag, Value};
use crate::yaml::{Dialect, resolve};

use super::matcher::Matcher;
use super::{DEFAULT_PATH, Found, take_text};

/// The objects that a target selects by the name that they have, and those by one that they had before.
#[derive(Default)]
struct Hits<'a> {
    name: Option<&'a str>,
    has_present: bool,
    former: Option<String>,
}

impl Hits<'_> {
    fn add(&mut self, resource: &Resource) {
        match self.name {
            Some(name) if name == resource.name() => self.has_present = true,
            Some(_) => self.former = self.former.take().or_else(|| Some(resource.id().to_string())),
            None => {}
        }
    }

    fn message(&self) -> Option<String> {
        let (Some(name), Some(former), true) = (self.name, &self.former, self.has_present) else { return None };
        Some(format!("this target of a replacement also matches {former}, which was called `{name}` before"))
    }
}

impl Target {
    /// Puts the value into every object that is selected.
    pub(super) fn put(&self, context: &mut Context, map: &mut ResourceMap, value: &mut Node, source: Option<&Found>) -> Result<(), Error> {
        let Some(select) = &self.select else {
            return Err(context.invalid(&self.origin, "target must specify resources to select"));
        };
        let select = Matcher::new(context, select, &self.origin)?;
        let reject = self.reject.iter().map(|selector| Matcher::new(context, selector, &self.origin)).collect::<Result<Vec<_>, _>>()?;
        let default = Text { value: DEFAULT_PATH.into(), origin: self.origin.clone() };
        let paths = if self.field_paths.is_empty() { std::slice::from_ref(&default) } else { &self.field_paths };
        context.charge(Cost::steps(map.resources().len() * (1 + reject.len())), &self.origin)?;
        let mut patterns: Option<Vec<(&Text, Pattern)>> = None;
        let mut hits = Hits { name: select.literal_name(), ..Hits::default() };
        for (at, resource) in map.resources_mut().iter_mut().enumerate() {
            if let Some(list) = resource.odd_list() {
                return Err(list.refusal(context));
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
            hits.add(resource);
            for (path, pattern) in patterns {
                if let Some(source) = source
                    && at == source.at
                    && value.as_scalar().is_none()
                    && pattern.is_within(&source.parts)
                {
                    let message = format!("a replacement that puts `{}` into itself is not supported", source.parts.join("."));
                    return Err(context.unsupported(&path.origin, message));
                }
                let source = source.filter(|source| source.at == at);
                self.put_at(context, resource, (path, pattern), value, source)?;
                source.into_iter().for_each(|source| source.follow(resource, value));
            }
        }
        if patterns.is_none() {
            let message = format!("this target of a replacement matches no object{}", select.suggestion(context, map));
            context.note(NoteKind::TargetMatchesNothing, &self.origin, message);
        }
        if let Some(message) = hits.message() {
            context.note(NoteKind::FormerName, &self.origin, message);
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

    /// Puts the value into the fields of an object, which may be that of the source.
    fn put_at(
        &self,
        context: &mut Context,
        resource: &mut Resource,
        (path, pattern): (&Text, &Pattern),
        value: &mut Node,
        source: Option<&Found>,
    ) -> Result<(), Error> {
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
            let shown = resource.bookkeeping();
            bookkeeping::show(&mut resource.node, &shown);
        }
        // Where nothing is created, nothing moves.
        let live = source.filter(|_| create.is_none()).and_then(|source| source.node(resource)).map(std::ptr::from_ref);
        let found = pattern
            .visit(context, &mut resource.node, create, &path.origin, &mut |node, created| {
                self.set(context, node, (created, is_annotation), value, &path.origin)?;
                if live.is_some_and(|live| std::ptr::eq(live, node)) {
                    take_text(value, node);
                }
                Ok(())
            })
            .map_err(|failure| match failure {
                Failure::Mismatch(Mismatch { message, at }) => {
                    let error = context.invalid(&path.origin, format!("{}{message}", missing.1));
                    error.related(Place::of(&context.sources, &at), "the field")
                }
                Failure::Error(error) => error,
            })?;
        if is_bookkeeping {
            resource.reread_bookkeeping();
        }
        resource.settle_shares(context, &path.origin)?;
        if found == 0 {
            let error = context.invalid(&path.origin, missing.0).help("`options.create: true` creates it");
            return Err(error.related(Place::of(&context.sources, &resource.node.origin), "the target"));
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
            Value::Scalar(scalar) if scalar.quoted_tag.is_some_and(|tag| tag != resolve(&text, Dialect::YamlV3)) => {
                // Kustomize makes something like `!!int "text"` of it, which it cannot read again.
                let message = "what was set to a number, a boolean or null cannot take a text".to_owned();
                return Err(Mismatch { message, at: node.origin.clone() }.into());
            }
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
