//! Replacements inside of texts that are JSON or YAML, as Kustomize makes them since 5.8 (`setValueInStructuredData`).
//!
//! Kustomize reads the text, changes the tree and prints it again: JSON by `encoding/json`, YAML by go-yaml v3, comments included. Here YAML is
//! printed where it is plain enough to know what that gives, and refused where it is not.

use std::sync::Arc;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::error::Error;
use crate::object::field_spec::CreateAs;
use crate::object::lookup::{self, Failure, Pattern};
use crate::source::{Origin, Source, SourceId};
use crate::yaml::json::{self, Form};
use crate::yaml::node::{Node, Scalar, Style, Tag, Value};
use crate::yaml::{self, Dialect, resolve};

/// A text inside an object, and the path that goes on in it.
pub(super) struct StructuredText {
    id: SourceId,
    root: Node,
    /// The path to the text.
    outer: Vec<String>,
    inner: Pattern,
}

impl StructuredText {
    /// Looks for a text on the way of a path that is JSON or YAML. There is none where the path ends before it goes below a text.
    pub(super) fn find(context: &mut Context, object: &Node, path: &Text, parts: &[String]) -> Result<Option<Self>, Error> {
        for at in 1..parts.len() {
            let (outer, inner) = parts.split_at(at);
            let Ok(Some(node)) = lookup::get(object, outer.iter().map(String::as_str)) else { continue };
            let Some(scalar) = node.as_scalar().filter(|scalar| scalar.tag != Tag::Null) else { continue };
            context.charge(Cost::text(&scalar.text), &path.origin)?;
            let file = Arc::clone(context.sources.get(node.origin.source));
            let id = context.sources.add(Source::new(file.path(), &*scalar.text));
            let Ok(documents) = yaml::read_all(&context.sources, id, Dialect::YamlV3) else { continue };
            let mut documents = documents.nodes.into_iter();
            let (Some(root), None) = (documents.next(), documents.next()) else { return Ok(None) };
            if root.as_scalar().is_some() {
                return Ok(None);
            }
            context.charge(Cost::tree(&root), &path.origin)?;
            let inner = Pattern::of_parts(context, path, inner.to_vec())?;
            return Ok(Some(Self { id, root, outer: outer.to_vec(), inner }));
        }
        Ok(None)
    }

    /// The path to the text.
    pub(super) fn outer(&self) -> &[String] {
        &self.outer
    }

    /// The text with `value` in it; nothing where the path leads nowhere.
    pub(super) fn with(mut self, context: &Context, path: &Text, value: &Node, create: Option<CreateAs>) -> Result<Option<String>, Error> {
        let refuse = |what: &str| {
            let message = format!("`{}` leads into a text, and {what} there is not supported", path.value);
            context.unsupported(&path.origin, message)
        };
        let text = value.text().unwrap_or_default();
        let mut changed = Vec::new();
        let mut is_scalar = true;
        let mut set = |node: &mut Node, created: bool| {
            context.charge(Cost::tree(value), &path.origin)?;
            match &mut node.value {
                Value::Scalar(scalar) => {
                    if scalar.implicit {
                        scalar.tag = resolve(text, Dialect::YamlV3);
                    }
                    scalar.text = text.into();
                    changed.push(node.origin.start);
                    is_scalar &= !created;
                }
                _ => {
                    node.value = value.value.clone();
                    is_scalar = false;
                }
            }
            Ok(())
        };
        match self.inner.visit(context, &mut self.root, create, &path.origin, &mut set) {
            Ok(0) | Err(Failure::Mismatch(_)) => return Ok(None),
            Ok(_) => {}
            Err(Failure::Error(error)) => return Err(error),
        }
        if is_retyped(&self.root) {
            return Err(refuse("a value of another type than the one"));
        }
        let source = Arc::clone(context.sources.get(self.id));
        if source.text().trim_start().starts_with(['{', '[']) {
            if self.root.entries().iter().any(|entry| entry.key.tag != Tag::Str) {
                return Err(refuse("a key that is no string"));
            }
            yaml::to_json(&mut self.root, &context.sources).map_err(|_| refuse("what JSON cannot say"))?;
            let is_indented = source.text().contains('\n') && source.text().contains("  ");
            let mut out = String::new();
            json::write(&self.root, if is_indented { Form::Indented(0) } else { Form::Compact }, &mut out);
            return Ok(Some(out));
        }
        if !is_scalar {
            return Err(refuse("anything but a new text for an old one in YAML"));
        }
        let mut printer = Printer { id: self.id, text: source.text(), changed: &changed, at: 0, out: String::new() };
        let printed = printer.block(&self.root, 0).and_then(|()| printer.rest());
        printed.ok_or_else(|| refuse("YAML with more than plain fields, short texts and comments behind them"))?;
        Ok(Some(printer.out.trim().to_owned()))
    }
}

/// Whether a text without quotes is no longer of its type.
fn is_retyped(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => {
            let is_plain = matches!(scalar.style, Style::Plain | Style::FlowPlain);
            let is_typed = matches!(scalar.tag, Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp);
            is_plain && is_typed && resolve(&scalar.text, Dialect::YamlV3) != scalar.tag
        }
        Value::Seq(seq) => seq.items.iter().any(is_retyped),
        Value::Map(map) => map.entries().iter().any(|entry| is_retyped(&entry.value)),
    }
}

/// Prints a tree as go-yaml v3 does with kyaml's options: two spaces for a level, lists at the depth of their keys, long lines left alone.
/// Nothing comes out where the text has anything that is not accounted for.
struct Printer<'a> {
    id: SourceId,
    text: &'a str,
    /// Where the scalars that have changed started.
    changed: &'a [u32],
    /// All of the text before it is printed.
    at: usize,
    out: String,
}

impl Printer<'_> {
    /// A map or list whose first line has begun, at `indent`.
    fn block(&mut self, node: &Node, indent: usize) -> Option<()> {
        match &node.value {
            Value::Scalar(_) => None,
            Value::Map(map) => map.entries().iter().enumerate().try_for_each(|(at, entry)| {
                self.begin(at, indent);
                self.key(&entry.key, &entry.value.origin)?;
                let deeper = if entry.value.as_map().is_some() { indent + 2 } else { indent };
                self.value(&entry.value, deeper, true)
            }),
            Value::Seq(seq) => seq.items.iter().enumerate().try_for_each(|(at, item)| {
                self.begin(at, indent);
                self.out.push('-');
                self.value(item, indent + 2, false)
            }),
        }
    }

    fn begin(&mut self, at: usize, indent: usize) {
        if at > 0 {
            self.out.extend(std::iter::repeat_n(' ', indent));
        }
    }

    /// What stands behind a key or a dash, and the end of its line.
    fn value(&mut self, node: &Node, indent: usize, behind_key: bool) -> Option<()> {
        if self.is_block(node)? {
            if behind_key {
                self.out.push('\n');
                self.out.extend(std::iter::repeat_n(' ', indent));
            } else {
                self.out.push(' ');
            }
            return self.block(node, indent);
        }
        let before = self.out.len();
        self.out.push(' ');
        self.inline(node)?;
        if self.out.len() == before + 1 {
            self.out.truncate(before);
        } else if node.as_scalar().is_some() {
            self.comment();
        }
        self.out.push('\n');
        Some(())
    }

    /// Whether it is a collection without brackets.
    fn is_block(&self, node: &Node) -> Option<bool> {
        let is_collection = node.as_scalar().is_none();
        Some(is_collection && !matches!(self.text.as_bytes().get(node.origin.start as usize)?, b'{' | b'['))
    }

    fn key(&mut self, key: &Scalar, origin: &Origin) -> Option<()> {
        let quote = match key.style {
            Style::Plain | Style::FlowPlain => "",
            Style::SingleQuoted => "'",
            Style::DoubleQuoted => "\"",
            Style::Literal | Style::Folded => return None,
        };
        let raw = format!("{quote}{}{quote}", key.text);
        let is_simple = key.text.len() < 100 && key.tag == Tag::Str && !key.text.is_empty() && is_simple(&key.text);
        self.skip(origin.key as usize)?;
        if origin.source != self.id || !is_simple || !self.text.get(self.at..)?.starts_with(&raw) {
            return None;
        }
        self.at += raw.len();
        self.out.push_str(&raw);
        self.out.push(':');
        Some(())
    }

    /// A scalar, or a collection in brackets.
    fn inline(&mut self, node: &Node) -> Option<()> {
        if node.origin.source != self.id {
            return None;
        }
        match &node.value {
            Value::Scalar(scalar) => self.scalar(scalar, &node.origin),
            Value::Seq(seq) => {
                self.out.push('[');
                for (at, item) in seq.items.iter().enumerate() {
                    self.out.push_str(if at > 0 { ", " } else { "" });
                    self.inline(item)?;
                }
                self.out.push(']');
                self.skip(node.origin.end as usize)
            }
            Value::Map(map) => {
                self.out.push('{');
                for (at, entry) in map.entries().iter().enumerate() {
                    self.out.push_str(if at > 0 { ", " } else { "" });
                    self.key(&entry.key, &entry.value.origin)?;
                    self.out.push(' ');
                    self.inline(&entry.value)?;
                }
                self.out.push('}');
                self.skip(node.origin.end as usize)
            }
        }
    }

    fn scalar(&mut self, scalar: &Scalar, origin: &Origin) -> Option<()> {
        let (start, end) = (origin.start as usize, origin.end as usize);
        self.skip(start)?;
        let raw = self.text.get(start..end)?;
        self.at = end;
        let in_flow = scalar.style == Style::FlowPlain;
        let is_simple = is_simple(&scalar.text);
        let quoted =
            |quote: char| (is_simple && !scalar.text.contains(['\'', '"', '\\'])).then(|| format!("{quote}{}{quote}", scalar.text));
        let printed = match scalar.style {
            Style::SingleQuoted => quoted('\'')?,
            Style::DoubleQuoted => quoted('"')?,
            Style::Literal | Style::Folded => return None,
            Style::Plain | Style::FlowPlain if !self.changed.contains(&origin.start) => scalar.text.to_string(),
            Style::Plain | Style::FlowPlain if scalar.tag == Tag::Str && resolve(&scalar.text, Dialect::YamlV3) != Tag::Str => quoted('"')?,
            Style::Plain | Style::FlowPlain if is_word(&scalar.text) => scalar.text.to_string(),
            Style::Plain | Style::FlowPlain => return None,
        };
        let is_same = self.changed.contains(&origin.start) || raw == printed;
        let fits = is_simple && !(in_flow && (scalar.text.is_empty() || scalar.text.contains(['?', ':'])));
        self.out.push_str(&printed);
        (is_same && fits).then_some(())
    }

    /// The comment at the end of the line, if there is one.
    fn comment(&mut self) {
        let line = self.text.get(self.at..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let comment = line.trim();
        if comment.starts_with('#') && line.starts_with([' ', '\t']) && is_simple(comment) {
            self.out.push(' ');
            self.out.push_str(comment);
            self.at += line.len();
        }
    }

    /// Passes over what is printed anew.
    fn skip(&mut self, to: usize) -> Option<()> {
        let between = self.text.get(self.at..to)?;
        self.at = to;
        let is_mark = |char: char| matches!(char, ' ' | '\n' | '-' | ':' | ',' | '{' | '[' | '}' | ']');
        (between.chars().all(is_mark) && !between.contains("---")).then_some(())
    }

    fn rest(&mut self) -> Option<()> {
        self.skip(self.text.len())
    }
}

/// Whether it is printed as it is, in whatever quotes: one line of ASCII.
fn is_simple(text: &str) -> bool {
    text.chars().all(|char| char.is_ascii_graphic() || char == ' ')
}

/// Whether it needs no quotes anywhere but where it is taken for something else.
fn is_word(text: &str) -> bool {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '/' | '-' | '@' | '+' | ':');
    text.starts_with(|char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '/'))
        && text.chars().all(is_plain)
        && !text.ends_with(':')
}
