//! Reading YAML into trees. The only file that names granit-parser.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle};

use super::Dialect;
use super::canonical::json_value;
use super::merge::{self, Merge};
use super::number::{parse_float, parse_integer};
use super::resolve::{parse_bool, resolve};
use super::style::is_break;
use super::text::{BadSeparator, find_refused, split_documents, split_json};
use crate::error::{Error, ErrorKind, Place};
use crate::node::{Entry, Map, Node, Scalar, Style, Tag, Value};
use crate::source::{Origin, SourceId, Sources};

/// How deep collections may nest. Deeper trees are of no use to Kubernetes, and walking them would need a deep stack.
const DEEPEST: usize = 500;
/// How many nodes all aliases of a file may add.
const MOST_ALIASED_NODES: usize = 100_000;
/// How many bytes of text all aliases of a file may add.
const MOST_ALIASED_BYTES: usize = 16 << 20;

/// Reads every document of a source. As Kustomize does, v3 leaves out documents that are empty or null, and whatever follows `...`; v2 gives a
/// null for them.
///
/// # Errors
/// The first thing that is wrong: syntax, a repeated key ([`Dialect::YamlV3`]), a key that is a collection, an unknown alias, or one of the
/// limits on depth and aliases.
pub fn read(sources: &Sources, id: SourceId, dialect: Dialect) -> Result<Vec<Node>, Error> {
    let source = sources.get(id);
    let text = source.text();
    let error_at = |range: Range<usize>, kind, message: String| {
        Error::new(kind, message).at(Place { source: Arc::clone(source), start: range.start as u32, end: range.end as u32 })
    };
    super::text::check_length(source.path(), text.len() as u64)?;
    if let Some((at, character)) = find_refused(text) {
        let range = at..at + character.len_utf8();
        return Err(if is_break(character) {
            // A line break for go-yaml, text for granit-parser.
            let message = format!("a line break of YAML 1.1 (U+{:04X}) is not supported", u32::from(character));
            error_at(range, ErrorKind::Unsupported, message).help("write it as \\N, \\L or \\P in double quotes")
        } else {
            let message = format!("control characters are not allowed in YAML (U+{:04X})", u32::from(character));
            error_at(range, ErrorKind::Syntax, message)
        });
    }
    let parts = match dialect {
        Dialect::YamlV3 => split_documents(text).map_err(|BadSeparator(line)| {
            let message = format!("invalid document separator `{}`", text[line.clone()].trim());
            error_at(line, ErrorKind::Syntax, message).help("put nothing but a comment behind `---`")
        })?,
        Dialect::YamlV2 => split_json(text).unwrap_or_else(|| std::iter::once(0..text.len()).collect()),
    };
    let mut reader = Reader { text, id, dialect, error_at: &error_at, aliased_nodes: 0, aliased_bytes: 0 };
    let mut documents = Vec::new();
    for part in parts {
        reader.part(part, &mut documents)?;
    }
    Ok(documents)
}

struct Reader<'a> {
    text: &'a str,
    id: SourceId,
    dialect: Dialect,
    error_at: &'a dyn Fn(Range<usize>, ErrorKind, String) -> Error,
    aliased_nodes: usize,
    aliased_bytes: usize,
}

/// A finished node that aliases may refer to, and what a copy costs.
struct Anchored {
    node: Node,
    nodes: usize,
    bytes: usize,
    depth: usize,
}

/// A collection that is being read.
struct Frame {
    start: usize,
    anchor: usize,
    flow: bool,
    content: Content,
}

enum Content {
    Seq(Vec<Node>),
    Map { entries: Vec<Entry>, merges: Vec<Merge>, key: Option<Key> },
}

struct Key {
    scalar: Scalar,
    range: Range<usize>,
}

impl Reader<'_> {
    /// Reads the documents of one part: all of them as v2, the first as v3.
    fn part(&mut self, part: Range<usize>, documents: &mut Vec<Node>) -> Result<(), Error> {
        let bom = if self.text[part.clone()].starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        let base = part.start + bom;
        let text = &self.text[base..part.end];
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let mut options = Options::default();
        options.emit_comments = false;
        options.emit_unresolved_aliases = true;
        options.bom_inside_document_as_content = true;
        options.block_scalar_eof_without_line_feed = true;
        // One more than our own limit, so that ours is the one that is reported.
        options.flow_nesting_limit = DEEPEST + 1;
        options.block_nesting_limit = DEEPEST + 1;

        let mut frames: Vec<Frame> = Vec::new();
        let mut anchors: HashMap<usize, Anchored> = HashMap::new();
        // The end of the last token, where an empty value would stand.
        let mut last_end = base;
        // The end of the last token, the empty lines after a block scalar included.
        let mut scanned_end = base;
        for next in Parser::new_from_str_with_options(text, options) {
            let (event, span) = next.map_err(|error| self.syntax_error(&error, base, &frames))?;
            let range = byte_range(&span, base, self.text.len());
            let aliased = matches!(event, Event::Alias(_));
            let (node, anchor) = match event {
                Event::Scalar(value, style, anchor, tag) => {
                    // granit-parser reads a missing value as `~`.
                    let empty = range.is_empty() && style == ScalarStyle::Plain;
                    let value = if empty { Cow::Borrowed("") } else { value };
                    self.check_gap(scanned_end..range.start, &frames)?;
                    scanned_end = range.end;
                    if style == ScalarStyle::DoubleQuoted && self.dialect == Dialect::YamlV3 {
                        self.check_escapes(&range)?;
                    }
                    let range = if empty { self.empty_range(last_end, range) } else { self.scalar_range(last_end, range, style) };
                    let explicit = tag.as_deref().and_then(explicit_tag);
                    let mut scalar = self.scalar(value, style, explicit, &range)?;
                    if self.dialect == Dialect::YamlV3 && scalar.style == Style::Plain && frames.last().is_some_and(|frame| frame.flow) {
                        scalar.style = Style::FlowPlain;
                    }
                    last_end = range.end;
                    if let Some(Frame { content: Content::Map { key: key @ None, .. }, .. }) = frames.last_mut() {
                        if anchor != 0 {
                            let node = Node::scalar(scalar.clone(), self.origin(&range));
                            anchors.insert(anchor, Anchored::new(node));
                        }
                        *key = Some(Key { scalar, range });
                        continue;
                    }
                    // Only a key merges.
                    if scalar.tag == Tag::Merge {
                        scalar.tag = Tag::Str;
                    }
                    (Node::scalar(scalar, self.origin(&range)), anchor)
                }
                Event::SequenceStart(structure, anchor, _) | Event::MappingStart(structure, anchor, _) => {
                    if let Some(Frame { content: Content::Map { key: None, .. }, .. }) = frames.last() {
                        return Err((self.error_at)(range, ErrorKind::Syntax, "a key is a list or a map; keys must be text".to_owned()));
                    }
                    if frames.len() >= DEEPEST {
                        return Err(self.too_deep(range));
                    }
                    let content = match event {
                        Event::SequenceStart(..) => Content::Seq(Vec::new()),
                        _ => Content::Map { entries: Vec::new(), merges: Vec::new(), key: None },
                    };
                    self.check_gap(scanned_end..range.start, &frames)?;
                    (last_end, scanned_end) = (range.end, range.end);
                    let flow = structure == StructureStyle::Flow;
                    frames.push(Frame { start: range.start, anchor, flow, content });
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(Frame { start, anchor, flow, content }) = frames.pop() else { continue };
                    // A flow collection ends with its bracket, a block one with its last child.
                    let end = if flow { range.end } else { last_end };
                    last_end = end.max(start);
                    scanned_end = scanned_end.max(last_end);
                    let origin = self.origin(&(start..last_end));
                    let node = match content {
                        Content::Seq(items) => Node::seq(items, origin),
                        Content::Map { entries, merges, .. } => self.map(entries, merges, origin)?,
                    };
                    (node, anchor)
                }
                Event::Alias(anchor) => {
                    (last_end, scanned_end) = (range.end, range.end);
                    let copy = self.alias(anchors.get(&anchor), frames.len(), &range)?;
                    if let Some(Frame { content: Content::Map { key: key @ None, .. }, .. }) = frames.last_mut() {
                        let Value::Scalar(scalar) = copy.value else {
                            let message = "a key is an alias of a list or a map; keys must be text".to_owned();
                            return Err((self.error_at)(range, ErrorKind::Syntax, message));
                        };
                        *key = Some(Key { scalar, range });
                        continue;
                    }
                    (copy, 0)
                }
                Event::UnresolvedAlias(name) => {
                    return Err((self.error_at)(range, ErrorKind::Syntax, format!("unknown anchor `{name}` referenced")));
                }
                Event::DocumentEnd => {
                    anchors.clear();
                    if self.dialect == Dialect::YamlV3 {
                        return Ok(());
                    }
                    continue;
                }
                _ => continue,
            };
            let node = self.place(node, aliased, &mut frames)?;
            let finished = match &node {
                Placed::Document(node) => Some(node),
                Placed::Child => frames.last().and_then(Frame::last),
            };
            if let (true, Some(finished)) = (anchor != 0, finished) {
                anchors.insert(anchor, Anchored::new(finished.clone()));
            }
            // kyaml skips documents without a value.
            if let Placed::Document(node) = node
                && !(self.dialect == Dialect::YamlV3 && node.is_null())
            {
                documents.push(node);
            }
        }
        Ok(())
    }

    /// Puts a finished node where it belongs.
    fn place(&self, mut node: Node, aliased: bool, frames: &mut [Frame]) -> Result<Placed, Error> {
        let Some(frame) = frames.last_mut() else { return Ok(Placed::Document(node)) };
        match &mut frame.content {
            Content::Seq(items) => items.push(node),
            Content::Map { entries, merges, key } => {
                let Some(Key { scalar, range }) = key.take() else { return Ok(Placed::Child) };
                node.origin.key = range.start as u32;
                if scalar.tag == Tag::Merge {
                    let values = merge::values(node, aliased);
                    let values = match values {
                        Ok(_) if self.dialect == Dialect::YamlV3 && !merges.is_empty() => Err("duplicate merge key"),
                        values => values,
                    };
                    let values = values.map_err(|message| (self.error_at)(range, ErrorKind::Invalid, message.to_owned()))?;
                    merges.push(Merge { at: entries.len(), values });
                } else {
                    entries.push(Entry { key: scalar, value: node });
                }
            }
        }
        Ok(Placed::Child)
    }

    fn map(&self, entries: Vec<Entry>, merges: Vec<Merge>, origin: Origin) -> Result<Node, Error> {
        let entries = match self.dialect {
            Dialect::YamlV3 => {
                let entries = if merges.is_empty() { entries } else { merge::merged_v3(entries, merges) };
                if let Some((first, second)) = merge::repeated(&entries) {
                    let (first, second) = (&entries[first], &entries[second]);
                    let range = |entry: &Entry| entry.value.origin.key as usize..entry.value.origin.end as usize;
                    let line = 1 + self.text.as_bytes()[..first.value.origin.key as usize].iter().filter(|byte| **byte == b'\n').count();
                    let message = format!("mapping key \"{}\" already defined at line {line}", second.key.text);
                    let error = (self.error_at)(range(second), ErrorKind::Invalid, message);
                    let place = (self.error_at)(range(first), ErrorKind::Invalid, String::new()).place;
                    let error = error.help("remove one of the two");
                    return Err(match place {
                        Some(place) => error.related(place, "the first one"),
                        None => error,
                    });
                }
                entries
            }
            Dialect::YamlV2 => merge::merged_v2(entries, merges),
        };
        Ok(Node { value: Value::Map(Map::new(entries)), origin })
    }

    fn scalar(&self, text: Cow<'_, str>, style: ScalarStyle, explicit: Option<Explicit>, range: &Range<usize>) -> Result<Scalar, Error> {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let tag = match explicit {
            None if style == Style::Plain => resolve(&text, self.dialect),
            None | Some(Explicit::Other) => Tag::Str,
            Some(Explicit::Core(tag)) => {
                let fits = match tag {
                    Tag::Int => parse_integer(&text, self.dialect).is_some(),
                    Tag::Float => parse_integer(&text, self.dialect).is_some() || parse_float(&text).is_some(),
                    Tag::Bool => parse_bool(&text, self.dialect).is_some(),
                    Tag::Null => resolve(&text, self.dialect) == Tag::Null,
                    Tag::Timestamp => resolve(&text, Dialect::YamlV3) == Tag::Timestamp,
                    Tag::Str | Tag::Binary | Tag::Merge => true,
                };
                if !fits {
                    let message = format!("cannot decode `{text}` as {}", tag_name(tag));
                    return Err((self.error_at)(range.clone(), ErrorKind::Invalid, message));
                }
                // go-yaml v2 gives a timestamp to `interface{}` as its text.
                if tag == Tag::Timestamp && self.dialect == Dialect::YamlV2 { Tag::Str } else { tag }
            }
        };
        let mut scalar = Scalar { text: text.into(), tag, style };
        if self.dialect == Dialect::YamlV2 && tag != Tag::Merge {
            json_value(&mut scalar).map_err(|message| (self.error_at)(range.clone(), ErrorKind::Invalid, message))?;
        }
        Ok(scalar)
    }

    /// A copy of an anchored node, within the budget; it is set where the alias stands, its parts where the anchor has them.
    fn alias(&mut self, anchored: Option<&Anchored>, depth: usize, range: &Range<usize>) -> Result<Node, Error> {
        let Some(anchored) = anchored else {
            return Err((self.error_at)(range.clone(), ErrorKind::Invalid, "an anchor's value contains itself".to_owned()));
        };
        self.aliased_nodes += anchored.nodes;
        self.aliased_bytes += anchored.bytes;
        if self.aliased_nodes > MOST_ALIASED_NODES || self.aliased_bytes > MOST_ALIASED_BYTES {
            let message = "the document contains excessive aliasing".to_owned();
            return Err((self.error_at)(range.clone(), ErrorKind::Limit, message).help("write the values out"));
        }
        if depth + anchored.depth > DEEPEST {
            return Err(self.too_deep(range.clone()));
        }
        let mut node = anchored.node.clone();
        node.origin = self.origin(range);
        Ok(node)
    }

    fn origin(&self, range: &Range<usize>) -> Origin {
        Origin::new(self.id, range.start as u32, range.end as u32)
    }

    /// Where a value that is not written would stand: behind the `:` or `-` before it.
    fn empty_range(&self, last_end: usize, range: Range<usize>) -> Range<usize> {
        let rest = &self.text[last_end..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let between = &self.text.as_bytes()[last_end..range.start.max(last_end)];
        let at = if rest[blanks..].starts_with(':') {
            last_end + blanks + 1
        } else {
            between.iter().rposition(|byte| *byte == b'-').map_or(last_end, |dash| last_end + dash + 1)
        };
        at..at
    }

    /// A scalar's range: a block scalar starts with its `|` or `>` and ends with its last line.
    fn scalar_range(&self, last_end: usize, range: Range<usize>, style: ScalarStyle) -> Range<usize> {
        let indicator = match style {
            ScalarStyle::Literal => b'|',
            ScalarStyle::Folded => b'>',
            _ => return range,
        };
        let bytes = self.text.as_bytes();
        let from = last_end.min(range.start);
        let start = bytes[from..range.start].iter().position(|byte| *byte == indicator).map_or(range.start, |at| from + at);
        let end = start + self.text[start..range.end.max(start)].trim_end_matches(['\n', '\r', ' ']).len();
        start..end
    }

    /// An error where go-yaml refuses a tab between two tokens that granit-parser takes: before what may be a key, outside of flow collections.
    fn check_gap(&self, gap: Range<usize>, frames: &[Frame]) -> Result<(), Error> {
        let Some(text) = self.text.as_bytes().get(gap.clone()) else { return Ok(()) };
        if !text.contains(&b'\t') || frames.last().is_some_and(|frame| frame.flow) {
            return Ok(());
        }
        let (mut key_allowed, mut comment) = (gap.start == 0, false);
        for (at, byte) in gap.zip(text) {
            match byte {
                b'\n' => (key_allowed, comment) = (true, false),
                _ if comment => {}
                b'#' => comment = true,
                b'-' | b'?' => key_allowed = true,
                b'\t' if key_allowed => {
                    let message = "found a tab character that violates indentation".to_owned();
                    return Err((self.error_at)(at..at + 1, ErrorKind::Syntax, message).help("use spaces here"));
                }
                b' ' | b'\t' => {}
                _ => key_allowed = false,
            }
        }
        Ok(())
    }

    /// An error where a double-quoted text has an escape that go-yaml does not know: `\/`, and halves of surrogate pairs.
    fn check_escapes(&self, range: &Range<usize>) -> Result<(), Error> {
        let text = &self.text[range.clone()];
        let mut from = 0;
        while let Some(found) = text[from..].find('\\') {
            let at = from + found;
            let half = || {
                text.get(at + 2..at + 4)
                    .is_some_and(|digits| digits.as_bytes()[0].eq_ignore_ascii_case(&b'd') && digits.as_bytes()[1] > b'7')
            };
            let message = match text.as_bytes().get(at + 1) {
                Some(b'/') => "found unknown escape character `\\/`",
                Some(b'u') if half() => "found half of a surrogate pair, an invalid Unicode character escape code",
                _ => {
                    from = (at + 2..=text.len()).find(|next| text.is_char_boundary(*next)).unwrap_or(text.len());
                    continue;
                }
            };
            let range = range.start + at..range.start + at + 2;
            return Err((self.error_at)(range, ErrorKind::Syntax, message.to_owned()).help("write the character itself"));
        }
        Ok(())
    }

    fn syntax_error(&self, error: &ScanError, base: usize, frames: &[Frame]) -> Error {
        let at = base + error.marker().byte_offset().unwrap_or_default();
        let at = (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or_default();
        let end = at + self.text[at..].chars().next().filter(|next| *next != '\n').map_or(0, char::len_utf8);
        let tab = error.info().contains("tab");
        // kubectl takes tabs in flow collections.
        let kind = if tab && frames.last().is_some_and(|frame| frame.flow) { ErrorKind::Unsupported } else { ErrorKind::Syntax };
        let error = (self.error_at)(at..end, kind, format!("not valid YAML: {}", error.info()));
        if tab { error.help("indent with spaces: YAML allows no tabs here") } else { error }
    }

    fn too_deep(&self, range: Range<usize>) -> Error {
        (self.error_at)(range, ErrorKind::Limit, format!("collections nest more than {DEEPEST} deep"))
    }
}

enum Placed {
    Document(Node),
    Child,
}

impl Frame {
    /// The node that was placed last.
    fn last(&self) -> Option<&Node> {
        match &self.content {
            Content::Seq(items) => items.last(),
            Content::Map { entries, .. } => entries.last().map(|entry| &entry.value),
        }
    }
}

impl Anchored {
    fn new(node: Node) -> Self {
        let (mut nodes, mut bytes) = (0, 0);
        let depth = measure(&node, &mut nodes, &mut bytes);
        Self { node, nodes, bytes, depth }
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

/// An explicit tag: one of YAML's own for scalars, or another, which leaves the text as it is.
#[derive(Clone, Copy)]
enum Explicit {
    Core(Tag),
    Other,
}

fn explicit_tag(tag: &granit_parser::Tag) -> Option<Explicit> {
    // go-yaml ignores the non-specific tag `!`.
    if tag.handle().len() + tag.suffix().len() <= 1 {
        return None;
    }
    Some(match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("str") => Explicit::Core(Tag::Str),
        Some("int") => Explicit::Core(Tag::Int),
        Some("float") => Explicit::Core(Tag::Float),
        Some("bool") => Explicit::Core(Tag::Bool),
        Some("null") => Explicit::Core(Tag::Null),
        Some("timestamp") => Explicit::Core(Tag::Timestamp),
        Some("binary") => Explicit::Core(Tag::Binary),
        Some("merge") => Explicit::Core(Tag::Merge),
        _ => Explicit::Other,
    })
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

fn byte_range(span: &Span, base: usize, limit: usize) -> Range<usize> {
    let range = span.byte_range().unwrap_or_default();
    let start = (base + range.start).min(limit);
    start..(base + range.end).clamp(start, limit)
}
