//! Reading YAML into trees. The only file that names granit-parser.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle};

use super::Dialect;
use super::input::{DEEPEST, Documents, Input};
use super::style::is_break;
use super::text::{BadSeparator, check_length, find_refused, split_documents, split_json};
use super::token;
use super::tree::{Builder, Collection, Explicit, TEMPLATE_HELP};
use crate::error::{Error, ErrorKind, Place};
use crate::source::{SourceId, Sources};
use crate::yaml::node::{Node, Style, Tag};

/// Reads every document of a source. As Kustomize does, v3 leaves out documents that are empty or null, and whatever follows `...`; v2 gives a
/// null for them.
///
/// # Errors
/// The first thing that is wrong: syntax, a repeated key ([`Dialect::YamlV3`]), a key that is a collection, an unknown alias, or one of the
/// limits on depth and aliases.
pub fn read(sources: &Sources, id: SourceId, dialect: Dialect) -> Result<Vec<Node>, Error> {
    read_all(sources, id, dialect).map(|documents| documents.nodes)
}

/// As [`read()`] with v3, and an error for what that passes over.
///
/// # Errors
/// Those of [`read()`], and content behind the end of a document.
pub fn read_whole(sources: &Sources, id: SourceId) -> Result<Vec<Node>, Error> {
    let documents = read_all(sources, id, Dialect::YamlV3)?;
    match documents.passed_over.first() {
        None => Ok(documents.nodes),
        Some(origin) => {
            let error =
                Error::new(ErrorKind::Syntax, "the document above has ended, and nothing reads this").at(Place::of(sources, origin));
            Err(error.help("remove the `...` or the second value above it"))
        }
    }
}

/// As [`read()`], with what it passes over.
pub(crate) fn read_all(sources: &Sources, id: SourceId, dialect: Dialect) -> Result<Documents, Error> {
    read_as(sources, id, dialect, dialect == Dialect::YamlV3)
}

/// Reads every document of a source as [`Dialect::YamlV2`], but refuses a repeated key, as the API server's strict decoding does. A key that
/// overrides a merged one repeats nothing.
///
/// # Errors
/// Those of [`read()`], and a repeated key.
pub(crate) fn read_strict(sources: &Sources, id: SourceId) -> Result<Vec<Node>, Error> {
    read_as(sources, id, Dialect::YamlV2, true).map(|documents| documents.nodes)
}

/// Reads every document of a source as [`Dialect::YamlV3`], with the keys that a map has twice.
///
/// # Errors
/// Those of [`read()`] but repeated keys.
pub(crate) fn read_repeating(sources: &Sources, id: SourceId) -> Result<Vec<Node>, Error> {
    read_as(sources, id, Dialect::YamlV3, false).map(|documents| documents.nodes)
}

fn read_as(sources: &Sources, id: SourceId, dialect: Dialect, unique_keys: bool) -> Result<Documents, Error> {
    let source = sources.get(id);
    let text = source.text();
    let is_json = text.trim_start().starts_with(['{', '[']);
    let input = Input { source, id, text, dialect, unique_keys, is_json, tabs: text.contains('\t') };
    check_length(source.path(), text.len() as u64)?;
    let mut breaks = Vec::new();
    for (at, character) in find_refused(text) {
        if !is_break(character) {
            let message = format!("control characters are not allowed in YAML (U+{:04X})", u32::from(character));
            return Err(input.error(at..at + character.len_utf8(), ErrorKind::Syntax, message));
        }
        breaks.push(at);
    }
    let parts = match dialect {
        Dialect::YamlV3 => split_documents(text).map_err(|BadSeparator(line)| {
            let message = format!("invalid document separator `{}`", text[line.clone()].trim());
            input.error(line, ErrorKind::Syntax, message).help("put nothing but a comment behind `---`")
        })?,
        Dialect::YamlV2 => split_json(text).unwrap_or_else(|| std::iter::once(0..text.len()).collect()),
    };
    let mut builder = Builder::new(input);
    let read = parts.into_iter().try_for_each(|part| read_part(input, part, &mut builder, &mut breaks));
    if let Some((at, character)) = breaks.first().and_then(|at| Some((*at, text.get(*at..)?.chars().next()?))) {
        // A line break for go-yaml, text for granit-parser.
        let message = format!("a line break of YAML 1.1 (U+{:04X}) is not supported here", u32::from(character));
        let error = input.error(at..at + character.len_utf8(), ErrorKind::Unsupported, message);
        return Err(error.help("write it as \\N, \\L or \\P in double quotes"));
    }
    read.map(|()| builder.documents())
}

/// A byte order mark and what stands for it where it is content, because granit-parser skips it at the start of a document: of the same length.
const BOM: (char, char) = ('\u{FEFF}', '\u{F8FF}');

/// A text with stand-ins for byte order marks; as it is where it has stand-ins already.
fn show_boms(text: &str) -> Cow<'_, str> {
    if !text.contains(BOM.0) || text.contains(BOM.1) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(BOM.0, BOM.1.encode_utf8(&mut [0; 4])))
}

/// Reads the documents of one part: all of them as v2, the first as v3. The `breaks` of YAML 1.1 that are read as such are taken out.
fn read_part(input: Input<'_>, part: Range<usize>, builder: &mut Builder<'_>, breaks: &mut Vec<usize>) -> Result<(), Error> {
    let bom = if input.text[part.clone()].starts_with(BOM.0) { BOM.0.len_utf8() } else { 0 };
    let base = part.start + bom;
    let text = &input.text[base..part.end];
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    if bom > 0 && text.starts_with(BOM.0) {
        let range = base..base + BOM.0.len_utf8();
        return Err(input.error(range, ErrorKind::Syntax, "there are two byte order marks").help("remove them"));
    }
    if let Some(at) = end_without_document(text) {
        let range = base + at..base + at + DOCUMENT_END.len();
        return Err(input.error(range, ErrorKind::Syntax, "`...` ends a document that has not begun").help("remove it"));
    }
    // The ends of the last token, and of what was scanned: a block scalar's last lines may be empty.
    let (mut last_end, mut scanned_end) = (base, base);
    let shown = show_boms(text);
    let has_boms = matches!(shown, Cow::Owned(_));
    for next in Parser::new_from_str_with_options(&shown, options()) {
        let (event, span) = next.map_err(|error| syntax_error(input, &error, base, builder.in_flow()))?;
        let range = byte_range(&span, base, input.text.len());
        if let Event::Scalar(.., anchor, _) | Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) = event
            && anchor != 0
        {
            token::check_names(input, scanned_end..range.start)?;
        }
        if let Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) = event {
            if !builder.in_flow() {
                token::check_gap(input, scanned_end..range.start)?;
            }
            scanned_end = range.end;
        }
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                // granit-parser reads a missing value as `~`.
                let missing = range.is_empty() && style == ScalarStyle::Plain;
                let value = if missing { Cow::Borrowed("") } else { value };
                let value = if has_boms { value.replace(BOM.1, BOM.0.encode_utf8(&mut [0; 4])).into() } else { value };
                let style = match style {
                    ScalarStyle::Plain if builder.in_flow() => Style::FlowPlain,
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                if missing && style == Style::FlowPlain && tag.is_some() {
                    // go-yaml reads the comma or bracket as part of the tag.
                    let message = "a tag without a value in a flow collection is not supported";
                    return Err(input.error(range, ErrorKind::Unsupported, message).help("write the value, or null"));
                }
                // What reads with v2 takes JSON as JSON, which has these escapes.
                if style == Style::DoubleQuoted && !(input.is_json && input.dialect == Dialect::YamlV2) {
                    token::check_escapes(input, &range)?;
                }
                if builder.in_flow() {
                    token::check_flow(input, &range, style)?;
                }
                let quoted = matches!(style, Style::SingleQuoted | Style::DoubleQuoted) && !breaks.is_empty();
                let value = if quoted { token::separated(input, &range, value, breaks) } else { value };
                let range = if missing {
                    token::missing_value(input.text, last_end, range)
                } else {
                    token::with_header(input.text, last_end, range, style)
                };
                if input.tabs && matches!(style, Style::Literal | Style::Folded) {
                    token::check_block(input, range.start, &value)?;
                }
                last_end = range.end;
                builder.scalar(value, style, tag.as_deref().and_then(explicit_tag), range, anchor)?;
            }
            Event::SequenceStart(structure, anchor, _) => {
                last_end = range.end;
                builder.open(Collection::Seq, structure == StructureStyle::Flow, range, anchor)?;
            }
            Event::MappingStart(structure, anchor, _) => {
                last_end = range.end;
                builder.open(Collection::Map, structure == StructureStyle::Flow, range, anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                // A flow collection ends with its bracket, a block one with its last child.
                if builder.in_flow() {
                    last_end = range.end;
                    scanned_end = scanned_end.max(range.end);
                }
                builder.close(last_end)?;
            }
            Event::Alias(anchor) => {
                token::check_names(input, range.clone())?;
                last_end = range.end;
                builder.alias(anchor, range)?;
            }
            Event::UnresolvedAlias(name) => {
                token::check_names(input, range.clone())?;
                return Err(input.error(range, ErrorKind::Syntax, format!("unknown anchor `{name}` referenced")));
            }
            Event::DocumentEnd => {
                if input.tabs {
                    token::check_gap(input, scanned_end..document_end(input.text, scanned_end, base + text.len()))?;
                }
                builder.end_document();
                if input.dialect == Dialect::YamlV3 {
                    if input.text.get(last_end..base + text.len()).is_some_and(|rest| rest.trim_ascii_start().starts_with('#')) {
                        builder.note_comment();
                    }
                    builder.passed_over.extend(content(input.text, last_end..base + text.len()).map(|range| input.origin(&range)));
                    return Ok(());
                }
            }
            _ => {}
        }
    }
    Ok(())
}

const DOCUMENT_END: &str = "...";

/// Where a document ends with nothing but comments before that, which libyaml takes for a missing node.
fn end_without_document(text: &str) -> Option<usize> {
    let is_blank = |line: &&str| line.trim_ascii().is_empty() || line.trim_ascii_start().starts_with('#');
    let at = text.split_inclusive('\n').take_while(is_blank).map(str::len).sum();
    let rest = text.get(at..)?.strip_prefix(DOCUMENT_END)?;
    rest.chars().next().is_none_or(|next| next.is_ascii_whitespace()).then_some(at)
}

/// Where the document ends whose last token ends at `from`: before a marker, or at the `end`.
fn document_end(text: &str, from: usize, end: usize) -> usize {
    let rest = text.get(from..end).unwrap_or_default();
    let marker = ["\n...", "\n---"].iter().filter_map(|marker| rest.find(marker)).min();
    marker.map_or(end, |at| from + at)
}

/// The first line with content in what follows a document, from there on to the end of the line.
fn content(text: &str, rest: Range<usize>) -> Option<Range<usize>> {
    let mut at = rest.start;
    for line in text[rest].split_inclusive('\n') {
        let told = line.trim_ascii_start().strip_prefix(DOCUMENT_END).unwrap_or(line).trim_ascii();
        if !told.is_empty() && !told.starts_with('#') {
            let start = at + (told.as_ptr() as usize - line.as_ptr() as usize);
            return Some(start..start + told.len());
        }
        at += line.len();
    }
    None
}

fn options() -> Options {
    let mut options = Options::default();
    options.emit_comments = false;
    options.emit_unresolved_aliases = true;
    // Both as libyaml does.
    options.bom_inside_document_as_content = true;
    options.block_scalar_eof_without_line_feed = true;
    // One more than our own limit, so that ours is the one that is reported.
    options.flow_nesting_limit = DEEPEST + 1;
    options.block_nesting_limit = DEEPEST + 1;
    options
}

fn syntax_error(input: Input<'_>, error: &ScanError, base: usize, in_flow: bool) -> Error {
    let at = base + error.marker().byte_offset().unwrap_or_default();
    let at = (0..=at.min(input.text.len())).rev().find(|at| input.text.is_char_boundary(*at)).unwrap_or_default();
    let end = at + input.text[at..].chars().next().filter(|next| *next != '\n').map_or(0, char::len_utf8);
    let tab = error.info().contains("tab");
    // kubectl takes tabs in flow collections, and comments next to a token.
    let taken_by_kubectl = (tab && in_flow) || error.info().contains("comments must be separated");
    let kind = if taken_by_kubectl { ErrorKind::Unsupported } else { ErrorKind::Syntax };
    let error = input.error(at..end, kind, format!("not valid YAML: {}", error.info()));
    let line = input.text[..at].rfind('\n').map_or(0, |at| at + 1);
    let is_template = input.text[line..].lines().next().is_some_and(|line| line.contains("{{"));
    if tab {
        error.help("indent with spaces: YAML allows no tabs here")
    } else if is_template {
        error.help(TEMPLATE_HELP)
    } else {
        error
    }
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

fn byte_range(span: &Span, base: usize, limit: usize) -> Range<usize> {
    let range = span.byte_range().unwrap_or_default();
    let start = (base + range.start).min(limit);
    start..(base + range.end).clamp(start, limit)
}
