//! Finding nodes by path, as kyaml does it: one node (`PathGetter`) or all that match (`PathMatcher`).

use ecow::EcoString;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::error::{Error, ErrorKind, Place};
use crate::object::bookkeeping;
use crate::object::expression::Expression;
use crate::object::field_path;
use crate::object::field_spec::CreateAs;
use crate::object::set::unquoted_key;
use crate::source::Origin;
use crate::yaml::node::{Entry, Map, Node, Scalar, Seq, Style, Tag, Value};
use crate::yaml::{self, Dialect};

/// A path that leads through the wrong kind of node, and where that is.
#[derive(Debug)]
pub(crate) struct Mismatch {
    /// What is wrong.
    pub(crate) message: String,
    /// The node that is of the wrong kind.
    pub(crate) at: Origin,
}

/// Why nothing was set at a path.
pub(crate) enum Failure {
    /// The path does not fit.
    Mismatch(Mismatch),
    /// Anything else.
    Error(Error),
}

impl From<Mismatch> for Failure {
    fn from(mismatch: Mismatch) -> Self {
        Self::Mismatch(mismatch)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Mismatch {
    fn new(wanted: &str, part: &str, at: &Node) -> Self {
        Self { message: format!("`{part}` needs {wanted} here"), at: at.origin.clone() }
    }
}

/// The node at a path; list elements are given by index, `-` for the last one, or `[field=value]`.
///
/// # Errors
/// A part of the path that does not fit the node it is for.
pub(crate) fn get<'n, 'p>(node: &'n Node, parts: impl IntoIterator<Item = &'p str>) -> Result<Option<&'n Node>, Mismatch> {
    let mut node = node;
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        if part == "*" {
            return Err(Mismatch::new("an index or a name (`*` is not for this path)", part, node));
        }
        if node.is_null() {
            return Ok(None);
        }
        let list = || node.as_seq().map(|seq| &seq.items).ok_or_else(|| Mismatch::new("a list", part, node));
        let next = if let Ok(index) = part.parse::<i64>() {
            let index = usize::try_from(index).map_err(|_| Mismatch::new("an index that is not negative", part, node))?;
            list()?.get(index)
        } else if part == "-" {
            list()?.last()
        } else if let Some(selector) = field_path::element_selector(part) {
            let (field, value) = selector.map_err(|message| Mismatch { message: message.to_owned(), at: node.origin.clone() })?;
            list()?.iter().find(|item| element_text(item, field).is_some_and(|text| text == value))
        } else {
            node.as_map().ok_or_else(|| Mismatch::new("a map", part, node))?.get(part)
        };
        match next {
            Some(next) => node = next,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// The node at a path as [`get`] finds it, where fields and elements that are missing are created with the origin `cause`, the last one as
/// an empty scalar. There is none below a null or behind the end of a list.
///
/// # Errors
/// A part of the path that does not fit the node it is for, and `*`.
pub(crate) fn get_or_create<'n>(node: &'n mut Node, parts: &[String], cause: &Origin) -> Result<Option<&'n mut Node>, Mismatch> {
    let mut node = node;
    let mut parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).peekable();
    while let Some(part) = parts.next() {
        if part == "*" {
            return Err(Mismatch::new("an index or a name (`*` is not for this path)", part, node));
        }
        if node.is_null() {
            return Ok(None);
        }
        let next = if let Ok(index) = part.parse::<i64>() {
            let index = usize::try_from(index).map_err(|_| Mismatch::new("an index that is not negative", part, node))?;
            list(node, part)?.items.get_mut(index)
        } else if part == "-" {
            let mismatch = Mismatch::new("a list that is not empty", part, node);
            Some(list(node, part)?.items.last_mut().ok_or(mismatch)?)
        } else if let Some(selector) = field_path::element_selector(part) {
            let (field, value) = selector.map_err(|message| Mismatch { message: message.to_owned(), at: node.origin.clone() })?;
            let items = &mut list(node, part)?.items;
            let found = items.iter().position(|item| element_text(item, field).is_some_and(|text| text == value));
            if found.is_none() {
                items.push(new_element(field, value, cause));
            }
            let at = found.unwrap_or(items.len() - 1);
            items.get_mut(at)
        } else {
            let mismatch = Mismatch::new("a map", part, node);
            let map = node.as_map_mut().ok_or(mismatch)?;
            let found = map.index_of(part);
            if found.is_none() {
                let value = match parts.peek() {
                    None => Node::scalar(Scalar::plain("", Tag::Str), cause.clone()),
                    Some(next) if next.parse::<i64>().is_ok() || field_path::element_selector(next).is_some() => {
                        Node::seq(Vec::new(), cause.clone())
                    }
                    Some(_) => Node::map(cause.clone()),
                };
                map.entries_mut().push(Entry { key: unquoted_key(part), value });
            }
            let at = found.unwrap_or(map.entries().len() - 1);
            map.entries_mut().get_mut(at).map(|entry| &mut entry.value)
        };
        match next {
            Some(next) => node = next,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// An element that `[field=value]` selects.
fn new_element(field: &str, value: &str, cause: &Origin) -> Node {
    let own = Node::scalar(Scalar::implicit(value), cause.clone());
    if field.is_empty() {
        return own;
    }
    let entry = Entry { key: Scalar::string(field), value: own };
    Node { value: Value::Map(Map::new(vec![entry])), origin: cause.clone() }
}

/// What an element is selected by: its own text, or that of one of its fields.
fn element_text<'n>(item: &'n Node, field: &str) -> Option<&'n str> {
    let node = if field.is_empty() { item } else { item.get(field)? };
    Some(node.text().unwrap_or_default())
}

/// A path whose parts may select several nodes: `*` for each element of a list, `[field=regex]` for those that match.
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

enum Part {
    Index(usize),
    Every,
    Element { field: EcoString, value: EcoString, expression: Expression },
    Field(EcoString),
}

impl Pattern {
    /// Reads a path with dots.
    ///
    /// # Errors
    /// A list selector without `=` or with a regular expression that is none.
    pub(crate) fn parse(context: &Context, path: &Text) -> Result<Self, Error> {
        Self::of_parts(context, path, field_path::split_bracketed(&path.value))
    }

    /// Reads the parts of a path, or some of them.
    ///
    /// # Errors
    /// Those of [`Self::parse`].
    pub(crate) fn of_parts(context: &Context, path: &Text, parts: Vec<String>) -> Result<Self, Error> {
        let place = Place::of(&context.sources, &path.origin);
        let invalid = |why: &str| Error::new(ErrorKind::Invalid, format!("`{}` is not a field path: {why}", path.value)).at(place.clone());
        let part = |part: String| {
            if let Some(index) = field_path::index(&part) {
                return Ok(Part::Index(index));
            }
            if part == "*" {
                return Ok(Part::Every);
            }
            match field_path::element_selector(&part) {
                Some(selector) => {
                    let (field, value) = selector.map_err(invalid)?;
                    let expression = Expression::new(context, value, value).map_err(|error| error.at(place.clone()))?;
                    Ok(Part::Element { field: field.into(), value: value.into(), expression })
                }
                None => Ok(Part::Field(part.into())),
            }
        };
        Ok(Self { parts: parts.into_iter().map(part).collect::<Result<_, Error>>()? })
    }

    /// Whether it leads to where Kustomize keeps records of its own.
    pub(crate) fn is_bookkeeping(&self) -> bool {
        let is_field = |part: &Part| matches!(part, Part::Field(_));
        self.parts.iter().all(is_field)
            && bookkeeping::is_bookkeeping(self.parts.iter().map(|part| match part {
                Part::Field(name) => name.as_str(),
                _ => "",
            }))
    }

    /// Whether it leads to what is below `path`, or would if there were fields.
    pub(crate) fn is_within(&self, path: &[String]) -> bool {
        let path: Vec<&str> = path.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        let is_same = |(part, field): (&Part, &&str)| match part {
            Part::Field(name) => name == field,
            Part::Index(index) => field.parse() == Ok(*index),
            // It may be that element.
            Part::Every | Part::Element { .. } => true,
        };
        self.parts.len() > path.len() && self.parts.iter().zip(&path).all(is_same)
    }

    /// Calls `set` with every node that matches, and whether it was created for this; how many there were.
    ///
    /// With `create`, what is missing is created, the last node as `create` says; what is created has the origin `cause`.
    ///
    /// # Errors
    /// Those of `set`, a part of the path that does not fit the node it is for, and more than the build may use.
    pub(crate) fn visit(
        &self,
        context: &Context,
        node: &mut Node,
        create: Option<CreateAs>,
        cause: &Origin,
        set: &mut dyn FnMut(&mut Node, bool) -> Result<(), Failure>,
    ) -> Result<usize, Failure> {
        Visit { context, create, cause, set }.node(node, &self.parts, false)
    }
}

struct Visit<'a> {
    context: &'a Context,
    create: Option<CreateAs>,
    cause: &'a Origin,
    set: &'a mut dyn FnMut(&mut Node, bool) -> Result<(), Failure>,
}

impl Visit<'_> {
    fn node(&mut self, node: &mut Node, parts: &[Part], created: bool) -> Result<usize, Failure> {
        self.context.charge(Cost::steps(1 + node.items().len()), self.cause)?;
        let Some((part, rest)) = parts.split_first() else {
            (self.set)(node, created)?;
            return Ok(1);
        };
        if node.is_null() {
            return self.below_null(parts);
        }
        match part {
            // An empty part means the node itself, if that is an empty scalar.
            Part::Field(name) if name.is_empty() && node.as_scalar().is_some() => match node.text() {
                Some("") => self.node(node, rest, created),
                _ => Ok(0),
            },
            Part::Field(name) => {
                let Some(at) = self.field(node, name, rest)? else { return Ok(0) };
                let (entry, created) = at;
                self.node(entry, rest, created)
            }
            Part::Index(index) => {
                let flow = is_flow(self.context, node);
                let seq = list(node, "an index")?;
                let count = seq.items.len();
                let created = *index == count && self.create.is_some();
                if created {
                    let new = self.new_node(rest, flow);
                    seq.items.extend(new);
                }
                match seq.items.get_mut(*index) {
                    Some(item) => self.node(item, rest, created),
                    None => {
                        let message = format!("index {index} specified but only {count} elements found");
                        Err(Mismatch { message, at: node.origin.clone() }.into())
                    }
                }
            }
            Part::Every => {
                let mut found = 0;
                for item in &mut list(node, "*")?.items {
                    found += self.node(item, rest, false)?;
                }
                Ok(found)
            }
            Part::Element { field, value, expression } => {
                let mut found = 0;
                let seq = list(node, value)?;
                for item in &mut seq.items {
                    let shown = if field.is_empty() { Some(shown(item)) } else { item.get(field).map(shown) };
                    if shown.is_some_and(|text| expression.is_match(self.context, &text)) {
                        // What follows a selector for scalars is not looked at.
                        found += self.node(item, if field.is_empty() { &[] } else { rest }, false)?;
                    }
                }
                if found > 0 || self.create.is_none() {
                    return Ok(found);
                }
                if !expression.is_match(self.context, value) {
                    let message = format!("no element matches `{value}`, and none can be created that does");
                    return Err(Mismatch { message, at: node.origin.clone() }.into());
                }
                seq.items.push(new_element(field, value, self.cause));
                match seq.items.last_mut() {
                    Some(item) => self.node(item, if field.is_empty() { &[] } else { rest }, true),
                    None => Ok(0),
                }
            }
        }
    }

    fn field<'n>(&mut self, node: &'n mut Node, name: &str, rest: &[Part]) -> Result<Option<(&'n mut Node, bool)>, Failure> {
        let mismatch = Mismatch::new("a map", name, node);
        let flow = self.create.is_some() && is_flow(self.context, node);
        let Some(map) = node.as_map_mut().filter(|_| !name.is_empty()) else { return Err(mismatch.into()) };
        let index = map.index_of(name);
        if index.is_none() {
            let Some(new) = self.new_node(rest, flow) else { return Ok(None) };
            self.context.charge(Cost::text(name), self.cause)?;
            map.entries_mut().push(Entry { key: Scalar::string(name), value: new });
        }
        let at = index.unwrap_or(map.entries().len() - 1);
        Ok(map.entries_mut().get_mut(at).map(|entry| (&mut entry.value, index.is_none())))
    }

    /// Kustomize hangs new fields under a null, where nobody ever sees them.
    fn below_null(&mut self, parts: &[Part]) -> Result<usize, Failure> {
        if self.create.is_none() || !matches!(parts, [Part::Field(_), ..]) {
            return Ok(0);
        }
        let mut unseen = Node::map(self.cause.clone());
        self.node(&mut unseen, parts, true)
    }

    /// The node to create for what comes before `rest`, in a collection in brackets or not.
    fn new_node(&self, rest: &[Part], flow: bool) -> Option<Node> {
        let leaf = self.create?;
        let origin = self.cause.clone();
        let next = rest.first().filter(|part| !matches!(part, Part::Field(name) if name.is_empty()));
        Some(match (next, leaf) {
            (Some(Part::Index(_) | Part::Element { .. }), _) | (None, CreateAs::Seq) => Node::seq(Vec::new(), origin),
            (Some(_), _) | (None, CreateAs::Map) => Node::map(origin),
            (None, CreateAs::Scalar(_)) => {
                let style = if flow { Style::FlowPlain } else { Style::Plain };
                Node::scalar(Scalar { style, ..Scalar::implicit("") }, origin)
            }
        })
    }
}

/// Whether a collection is written in brackets: what is in it tells, or else the text.
fn is_flow(context: &Context, node: &Node) -> bool {
    let scalars = node.entries().iter().map(|entry| &entry.value).chain(node.items()).filter_map(Node::as_scalar);
    let told = scalars.map(|scalar| scalar.style).find(|style| matches!(style, Style::Plain | Style::FlowPlain));
    told.map_or_else(
        || matches!(context.sources.get(node.origin.source).text().as_bytes().get(node.origin.start as usize), Some(b'{' | b'[')),
        |style| style == Style::FlowPlain,
    )
}

fn list<'n>(node: &'n mut Node, part: &str) -> Result<&'n mut Seq, Mismatch> {
    let mismatch = Mismatch::new("a list", part, node);
    node.as_seq_mut().ok_or(mismatch)
}

/// A scalar as go-yaml prints it, which is what Kustomize holds its regular expressions against.
fn shown(node: &Node) -> String {
    let Some(Scalar { text, tag, style, .. }) = node.as_scalar() else { return String::new() };
    match style {
        Style::SingleQuoted => format!("'{text}'"),
        Style::DoubleQuoted => format!("\"{text}\""),
        _ if *tag == Tag::Str && yaml::resolve(text, Dialect::YamlV3) != Tag::Str => format!("\"{text}\""),
        _ => text.trim().to_owned(),
    }
}
