//! From YAML values to JSON values.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ecow::EcoString;

use super::Dialect;
use super::block::{Reread, reread};
use super::float::json_float;
use super::number::{parse_float, parse_integer};
use super::resolve::parse_bool;
use super::text::is_forbidden;
use super::timestamp::canonical_timestamp;
use crate::error::{Error, ErrorKind, Place};
use crate::source::{Origin, Sources};
use crate::yaml::node::{Node, Scalar, Style, Tag, Value};

/// Makes every scalar of a document what it is after Kustomize took the document to JSON (`RNode.MarshalJSON`): an integer's text is decimal, an
/// integer beyond 64 bits and a timestamp change, a folded text may gain line breaks. The tags that remain are those of JSON: null, bool,
/// int, float and str.
///
/// # Errors
/// What JSON cannot say or go-yaml cannot read again: `.inf` and `.nan`, a key that is not a string (below the top), base64 that is none,
/// control characters, a block scalar that starts with a tab.
pub fn canonical(node: &mut Node, sources: &Sources) -> Result<(), Error> {
    meet_comment(node);
    name_keys(node);
    Canonical { sources, is_printed: true }.node(node)
}

/// go-yaml prints an empty line between the end of a document and a comment behind it. A block scalar that keeps its empty lines, where it is still
/// the last value, keeps that one too.
fn meet_comment(node: &mut Node) {
    if let Some(scalar) = node.last_scalar_mut()
        && std::mem::take(&mut scalar.before_comment)
        && matches!(scalar.style, Style::Literal | Style::Folded | Style::Plain)
        && scalar.text.ends_with("\n\n")
    {
        scalar.text.push('\n');
    }
}

/// go-yaml reads the top into a map[string]interface{}, which takes any key as its text.
fn name_keys(node: &mut Node) {
    if let Value::Map(map) = &mut node.value {
        for entry in map.entries_mut() {
            if entry.key.tag != Tag::Str && entry.key.tag != Tag::Null {
                entry.key.tag = Tag::Str;
            }
        }
    }
}

/// Makes every scalar of a document what it is in the JSON that Kustomize takes it to, as [`canonical`] does, but not yet what the printing of that
/// JSON makes of it.
pub(crate) fn to_json(node: &mut Node, sources: &Sources) -> Result<(), Error> {
    meet_comment(node);
    name_keys(node);
    Canonical { sources, is_printed: false }.node(node)
}

struct Canonical<'a> {
    sources: &'a Sources,
    /// Whether the JSON is printed as YAML.
    is_printed: bool,
}

impl Canonical<'_> {
    fn node(&self, node: &mut Node) -> Result<(), Error> {
        match &mut node.value {
            Value::Scalar(scalar) => self.scalar(scalar, &node.origin),
            Value::Seq(seq) => seq.items.iter_mut().try_for_each(|item| self.node(item)),
            Value::Map(map) => map.entries_mut().iter_mut().try_for_each(|entry| {
                self.key(&mut entry.key, &entry.value.origin)?;
                self.node(&mut entry.value)
            }),
        }
    }

    fn key(&self, key: &mut Scalar, origin: &Origin) -> Result<(), Error> {
        if key.tag != Tag::Str {
            let message = format!("the key `{}` is not a string (map[interface {{}}]interface {{}} has no JSON form)", key.text);
            return Err(self.error(ErrorKind::Invalid, message, origin).help("put the key in quotes"));
        }
        if &*key.text == "<<" {
            // yaml.v2 takes it for a merge key when it reads the JSON.
            let message = "a key `<<` in quotes, which kubectl drops without a word, is not supported";
            return Err(self.error(ErrorKind::Unsupported, message, origin));
        }
        key.style = Style::Plain;
        if self.is_printed && key.text.contains('\u{85}') {
            let message = "a key has a line break of YAML 1.1 (U+0085), which kubectl cannot read back from JSON";
            return Err(self.error(ErrorKind::Invalid, message, origin));
        }
        if self.is_printed { self.text(&mut key.text, origin) } else { Ok(()) }
    }

    fn scalar(&self, scalar: &mut Scalar, origin: &Origin) -> Result<(), Error> {
        // In flow collections go-yaml v3 quotes what is empty or has a colon, and what is in quotes is a string when it is read again.
        if scalar.style == Style::FlowPlain && (scalar.text.is_empty() || scalar.tag == Tag::Timestamp && scalar.text.contains(':')) {
            scalar.tag = Tag::Str;
        }
        if matches!(scalar.tag, Tag::Str | Tag::Merge) {
            match reread(&scalar.text, scalar.style) {
                Reread::Same => {}
                Reread::Changed(text) => scalar.text = text.into(),
                Reread::Unreadable => {
                    let message = "go-yaml cannot read a block scalar back whose first character is a tab";
                    return Err(self.error(ErrorKind::Invalid, message, origin).help("write the text in double quotes"));
                }
            }
        }
        let was_text = matches!(scalar.tag, Tag::Str | Tag::Merge | Tag::Binary);
        json_value(scalar).map_err(|message| self.error(ErrorKind::Invalid, message, origin).help("put it in quotes if it is text"))?;
        if self.is_printed && scalar.tag == Tag::Float && scalar.text == NEGATIVE_ZERO {
            *scalar = Scalar::plain("0", Tag::Int);
        }
        if was_text && self.is_printed { self.text(&mut scalar.text, origin) } else { Ok(()) }
    }

    /// What printing a string as JSON and reading that as YAML leaves of it.
    fn text(&self, text: &mut EcoString, origin: &Origin) -> Result<(), Error> {
        // Whole chunks of a long text at once.
        let is_simple = |chunk: &[u8]| chunk.iter().fold(true, |all, byte| all & ((0x20..0x7F).contains(byte) | (*byte == b'\n')));
        if text.as_bytes().chunks(64).all(is_simple) {
            return Ok(());
        }
        // encoding/json escapes controls below U+0020; the others reach go-yaml's reader as they are.
        if let Some(bad) = text.chars().find(|character| *character >= ' ' && is_forbidden(*character)) {
            let message = format!("the text has the control character U+{:04X}, which YAML does not allow", u32::from(bad));
            return Err(self.error(ErrorKind::Invalid, message, origin));
        }
        if text.contains('\u{85}') {
            *text = fold_next_lines(text).into();
        }
        Ok(())
    }

    fn error(&self, kind: ErrorKind, message: impl Into<String>, origin: &Origin) -> Error {
        let source = Arc::clone(self.sources.get(origin.source));
        Error::new(kind, message).at(Place { source, start: origin.key, end: origin.end })
    }
}

/// What `encoding/json` writes for `-0.0`; whoever reads it as YAML takes it for an integer.
pub(crate) const NEGATIVE_ZERO: &str = "-0";

/// Makes a scalar what `encoding/json` makes of its value; the message says why that cannot be.
pub(super) fn json_value(scalar: &mut Scalar) -> Result<(), String> {
    let mismatch = |kind| format!("`{}` is not a YAML {kind}, as its tag says", scalar.text);
    *scalar = match scalar.tag {
        Tag::Str | Tag::Merge => {
            (scalar.tag, scalar.style) = (Tag::Str, Style::Plain);
            return Ok(());
        }
        Tag::Int if is_canonical_integer(&scalar.text) => {
            scalar.style = Style::Plain;
            return Ok(());
        }
        Tag::Null => Scalar::null(),
        Tag::Bool => {
            let value = parse_bool(&scalar.text, Dialect::YamlV2).ok_or_else(|| mismatch("boolean"))?;
            Scalar::plain(if value { "true" } else { "false" }, Tag::Bool)
        }
        Tag::Int => {
            let value = parse_integer(&scalar.text, Dialect::YamlV3).ok_or_else(|| mismatch("integer"))?;
            Scalar::plain(value.to_string(), Tag::Int)
        }
        Tag::Float => {
            // `!!float 0x1F` is a float by its tag and an integer by its text.
            let integer = || parse_integer(&scalar.text, Dialect::YamlV3).map(|integer| integer as f64);
            let value = parse_float(&scalar.text).or_else(integer).ok_or_else(|| mismatch("float"))?;
            if value == 0.0 && value.is_sign_negative() {
                Scalar::plain(NEGATIVE_ZERO, Tag::Float)
            } else {
                json_float(value).ok_or_else(|| format!("JSON has no number for `{}`", scalar.text))?
            }
        }
        Tag::Timestamp => Scalar::string(canonical_timestamp(&scalar.text).ok_or_else(|| mismatch("timestamp"))?),
        Tag::Binary => {
            let packed: String = scalar.text.chars().filter(|character| !matches!(character, '\n' | '\r')).collect();
            let bytes = STANDARD.decode(packed).map_err(|_| "!!binary value contains invalid base64 data")?;
            Scalar::string(String::from_utf8_lossy(&bytes))
        }
    };
    Ok(())
}

/// What reading a text in double quotes makes of U+0085, which is a line break in YAML 1.1: it and the blanks around it become one space.
pub(crate) fn fold_next_lines(text: &str) -> String {
    if !text.contains('\u{85}') {
        return text.to_owned();
    }
    let mut lines = text.split('\u{85}').peekable();
    let mut out = String::with_capacity(text.len());
    let mut first = true;
    while let Some(line) = lines.next() {
        let line = if first { line } else { line.trim_start_matches([' ', '\t']) };
        let line = if lines.peek().is_some() { line.trim_end_matches([' ', '\t']) } else { line };
        if !first {
            let folded = if line.is_empty() && lines.peek().is_some() { '\n' } else { ' ' };
            if !(folded == ' ' && out.ends_with('\n')) {
                out.push(folded);
            }
        }
        out.push_str(line);
        first = false;
    }
    out
}

fn is_canonical_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() < 19
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" && digits == text || !digits.starts_with('0') && !digits.is_empty())
}
