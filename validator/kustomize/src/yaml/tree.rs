//! Building trees from what the parser finds: nesting, anchors and aliases, merge keys, repeated keys, and the limits on all of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use ecow::EcoString;
use thin_vec::ThinVec;

use super::Dialect;
use super::canonical::json_value;
use super::input::{DEEPEST, Documents, Input};
use super::merge::{self, Merge};
use super::number::{parse_float, parse_integer};
use super::resolve::{parse_bool, resolve};
use crate::error::{Error, ErrorKind};
use crate::source::Origin;
use crate::yaml::node::{Entry, Map, Node, Scalar, Style, Tag, Value};

/// How many nodes the anchors and aliases of a file may copy.
const MOST_COPIED_NODES: usize = 200_000;
/// How many nodes one stream may hold: 20,000 ordinary objects have half of it, and a file of nothing but commas stays within memory.
const MOST_NODES: usize = 1_000_000;
/// How many bytes of text they may copy.
const MOST_COPIED_BYTES: usize = 16 << 20;

/// What to do about `{{`.
pub(super) const TEMPLATE_HELP: &str = "this is a template: render it first, as `helm template CHART | kubevet check -` does";

/// Builds the documents of one source.
pub(super) struct Builder<'a> {
    input: Input<'a>,
    documents: Vec<Node>,
    /// What is not read because a document before it has ended.
    pub(super) passed_over: Vec<Origin>,
    repeated: Vec<(EcoString, Origin)>,
    open: Vec<Frame>,
    /// Finished entries of the open maps and items of the open lists, innermost last: so that each collection gets as much
    /// memory as it needs, once.
    entries: Vec<Entry>,
    items: Vec<Node>,
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    copied_nodes: usize,
    copied_bytes: usize,
}

/// What kind of collection begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    Seq,
    Map,
}

/// An explicit tag: one of YAML's own for scalars, or another, which leaves the text as it is.
#[derive(Clone, Copy)]
pub(super) enum Explicit {
    Core(Tag),
    Other,
}

/// A collection that is being read.
struct Frame {
    start: usize,
    anchor: usize,
    flow: bool,
    content: Content,
}

/// From where on the items or entries belong to it.
enum Content {
    Seq { from: usize },
    Map { from: usize, merges: Vec<Merge>, key: Option<Key> },
}

struct Key {
    scalar: Scalar,
    range: Range<usize>,
}

/// A finished node that aliases may refer to, and what a copy costs.
struct Anchored {
    node: Node,
    nodes: usize,
    bytes: usize,
    depth: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            documents: Vec::new(),
            passed_over: Vec::new(),
            repeated: Vec::new(),
            open: Vec::new(),
            entries: Vec::new(),
            items: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            copied_nodes: 0,
            copied_bytes: 0,
        }
    }

    /// All documents, once everything is read.
    pub(super) fn documents(self) -> Documents {
        Documents { nodes: self.documents, passed_over: self.passed_over, repeated: self.repeated }
    }

    /// Whether what comes next is within `[…]` or `{…}`.
    pub(super) fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|frame| frame.flow)
    }

    pub(super) fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: Style,
        explicit: Option<Explicit>,
        range: Range<usize>,
        anchor: usize,
    ) -> Result<(), Error> {
        self.count(&range)?;
        let tag = self.tag(&text, style, explicit, &range)?;
        let mut scalar = Scalar::new(text, tag, style);
        let is_key = self.awaits_key();
        // Only a key merges.
        if tag == Tag::Merge && !is_key {
            scalar.tag = Tag::Str;
        }
        if self.input.dialect == Dialect::YamlV2 && scalar.tag != Tag::Merge {
            json_value(&mut scalar).map_err(|message| self.input.error(range.clone(), ErrorKind::Invalid, message))?;
        }
        if !is_key {
            return self.add(Node::scalar(scalar, self.input.origin(&range)), anchor, false);
        }
        self.anchor(anchor, &Node::scalar(scalar.clone(), self.input.origin(&range)))?;
        self.set_key(Key { scalar, range });
        Ok(())
    }

    /// A collection begins.
    pub(super) fn open(&mut self, collection: Collection, flow: bool, range: Range<usize>, anchor: usize) -> Result<(), Error> {
        if self.awaits_key() {
            let is_template = self.input.text[..range.start].ends_with('{');
            let error = self.input.error(range, ErrorKind::Syntax, "a key is a list or a map; keys must be text");
            return Err(if is_template { error.help(TEMPLATE_HELP) } else { error });
        }
        self.count(&range)?;
        if self.open.len() >= DEEPEST {
            return Err(self.too_deep(range));
        }
        let content = match collection {
            Collection::Seq => Content::Seq { from: self.items.len() },
            Collection::Map => Content::Map { from: self.entries.len(), merges: Vec::new(), key: None },
        };
        self.open.push(Frame { start: range.start, anchor, flow, content });
        Ok(())
    }

    /// The innermost collection ends.
    pub(super) fn close(&mut self, end: usize) -> Result<(), Error> {
        let Some(Frame { start, anchor, content, .. }) = self.open.pop() else { return Ok(()) };
        let origin = self.input.origin(&(start..end.max(start)));
        let node = match content {
            Content::Seq { from } => Node::seq(self.items.drain(from..).collect::<ThinVec<_>>(), origin),
            Content::Map { from, merges, .. } => Node { value: Value::Map(Map::new(self.entries_from(from, merges)?)), origin },
        };
        self.add(node, anchor, false)
    }

    /// A copy of an anchored node, within the budget; it is set where the alias stands, its parts where the anchor has them.
    pub(super) fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Error> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(self.input.error(range, ErrorKind::Invalid, "an anchor's value contains itself"));
        };
        if self.open.len() + anchored.depth > DEEPEST {
            return Err(self.too_deep(range));
        }
        let (nodes, bytes) = (anchored.nodes, anchored.bytes);
        let mut node = anchored.node.clone();
        self.charge(nodes, bytes, &range)?;
        if !self.awaits_key() {
            node.origin = self.input.origin(&range);
            return self.add(node, 0, true);
        }
        let Value::Scalar(scalar) = node.value else {
            return Err(self.input.error(range, ErrorKind::Syntax, "a key is an alias of a list or a map; keys must be text"));
        };
        self.set_key(Key { scalar, range });
        Ok(())
    }

    /// Keeps a copy of a finished node for its aliases.
    fn anchor(&mut self, anchor: usize, node: &Node) -> Result<(), Error> {
        if anchor == 0 {
            return Ok(());
        }
        let (mut nodes, mut bytes) = (0, 0);
        let depth = measure(node, &mut nodes, &mut bytes);
        self.charge(nodes, bytes, &(node.origin.start as usize..node.origin.end as usize))?;
        self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, bytes, depth });
        Ok(())
    }

    /// Counts what is read.
    fn count(&mut self, range: &Range<usize>) -> Result<(), Error> {
        self.nodes += 1;
        if self.nodes <= MOST_NODES {
            return Ok(());
        }
        let message = format!("there are more than {MOST_NODES} values in the file");
        Err(self.input.error(range.clone(), ErrorKind::Limit, message).help("split the file"))
    }

    /// Counts what is copied.
    fn charge(&mut self, nodes: usize, bytes: usize, range: &Range<usize>) -> Result<(), Error> {
        self.copied_nodes += nodes;
        self.copied_bytes += bytes;
        if self.copied_nodes <= MOST_COPIED_NODES && self.copied_bytes <= MOST_COPIED_BYTES {
            return Ok(());
        }
        let message = "the document contains excessive aliasing";
        Err(self.input.error(range.clone(), ErrorKind::Limit, message).help("write the values out"))
    }

    /// A comment follows the document that has just ended.
    pub(super) fn note_comment(&mut self) {
        let last = self.documents.last_mut().and_then(Node::last_scalar_mut);
        last.into_iter().for_each(|scalar| scalar.before_comment = true);
    }

    /// Anchors end with their document.
    pub(super) fn end_document(&mut self) {
        self.anchors.clear();
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Frame { content: Content::Map { key: None, .. }, .. }))
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame { content: Content::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(new);
        }
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, mut node: Node, anchor: usize, aliased: bool) -> Result<(), Error> {
        self.anchor(anchor, &node)?;
        let v3 = self.input.dialect == Dialect::YamlV3;
        match self.open.last_mut().map(|frame| &mut frame.content) {
            // kyaml skips documents without a value.
            None if v3 && node.is_null() => {}
            None => self.documents.push(node),
            Some(Content::Seq { .. }) => self.items.push(node),
            Some(Content::Map { from, merges, key }) => {
                let Some(Key { scalar, range }) = key.take() else { return Ok(()) };
                node.origin.key = range.start as u32;
                if scalar.tag != Tag::Merge {
                    self.entries.push(Entry { key: scalar, value: node });
                    return Ok(());
                }
                let values = match merge::values(node, aliased) {
                    Ok(_) if v3 && !merges.is_empty() => Err("duplicate merge key"),
                    values => values,
                };
                let values = values.map_err(|message| self.input.error(range, ErrorKind::Invalid, message))?;
                merges.push(Merge { at: self.entries.len() - *from, values });
            }
        }
        Ok(())
    }

    /// A map's entries with what it merges.
    fn entries_from(&mut self, from: usize, merges: Vec<Merge>) -> Result<ThinVec<Entry>, Error> {
        if self.input.unique_keys {
            self.refuse_repeated(self.entries.get(from..).unwrap_or_default())?;
        } else if let Some((first, _)) = merge::repeated(self.entries.get(from..).unwrap_or_default())
            && let Some(entry) = self.entries.get(from + first)
        {
            self.repeated.push((entry.key.text.clone(), entry.value.origin.clone()));
        }
        let own = self.entries.drain(from..);
        Ok(match self.input.dialect {
            Dialect::YamlV2 => merge::merged_v2(own.collect(), merges).into(),
            Dialect::YamlV3 if merges.is_empty() => own.collect(),
            Dialect::YamlV3 => merge::merged_v3(own.collect(), merges).into(),
        })
    }

    /// An error where a key occurs twice.
    fn refuse_repeated(&self, entries: &[Entry]) -> Result<(), Error> {
        let Some((first, second)) = merge::repeated(entries) else { return Ok(()) };
        let (first, second) = (&entries[first], &entries[second]);
        let range = |entry: &Entry| entry.value.origin.key as usize..entry.value.origin.end as usize;
        let line = 1 + self.input.text.as_bytes()[..range(first).start].iter().filter(|byte| **byte == b'\n').count();
        let message = format!("mapping key \"{}\" already defined at line {line}", second.key.text);
        let error = self.input.error(range(second), ErrorKind::Invalid, message).help("remove one of the two");
        Err(error.related(self.input.place(range(first)), "the first one"))
    }

    fn tag(&self, text: &str, style: Style, explicit: Option<Explicit>, range: &Range<usize>) -> Result<Tag, Error> {
        let dialect = self.input.dialect;
        let tag = match explicit {
            None if matches!(style, Style::Plain | Style::FlowPlain) => return Ok(resolve(text, dialect)),
            None | Some(Explicit::Other) => return Ok(Tag::Str),
            Some(Explicit::Core(tag)) => tag,
        };
        let fits = match tag {
            Tag::Int => parse_integer(text, dialect).is_some(),
            Tag::Float => parse_integer(text, dialect).is_some() || parse_float(text).is_some(),
            Tag::Bool => parse_bool(text, dialect).is_some(),
            Tag::Null => resolve(text, dialect) == Tag::Null,
            Tag::Timestamp => resolve(text, Dialect::YamlV3) == Tag::Timestamp,
            Tag::Str | Tag::Binary | Tag::Merge => true,
        };
        match tag {
            _ if !fits => Err(self.input.error(range.clone(), ErrorKind::Invalid, format!("cannot decode `{text}` as {}", tag_name(tag)))),
            // go-yaml v2 gives a timestamp to `interface{}` as its text.
            Tag::Timestamp if dialect == Dialect::YamlV2 => Ok(Tag::Str),
            _ => Ok(tag),
        }
    }

    fn too_deep(&self, range: Range<usize>) -> Error {
        self.input.error(range, ErrorKind::Limit, format!("collections nest more than {DEEPEST} deep"))
    }
}

/// Counts nodes and bytes of text; gives the depth.
fn measure(node: &Node, nodes: &mut usize, bytes: &mut usize) -> usize {
    *nodes += 1;
    match &node.value {
        Value::Scalar(scalar) => {
            *bytes += scalar.text.len();
            0
        }
        Value::Seq(seq) => 1 + seq.items.iter().map(|item| measure(item, nodes, bytes)).max().unwrap_or_default(),
        Value::Map(map) => {
            let depths = map.entries().iter().map(|entry| {
                *bytes += entry.key.text.len();
                measure(&entry.value, nodes, bytes)
            });
            1 + depths.max().unwrap_or_default()
        }
    }
}

fn tag_name(tag: Tag) -> &'static str {
    match tag {
        Tag::Null => "!!null",
        Tag::Bool => "!!bool",
        Tag::Int => "!!int",
        Tag::Float => "!!float",
        Tag::Str => "!!str",
        Tag::Timestamp => "!!timestamp",
        Tag::Binary => "!!binary",
        Tag::Merge => "!!merge",
    }
}
