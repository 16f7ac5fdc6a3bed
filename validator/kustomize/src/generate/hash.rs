//! The hash of a generated object's content that its name gets (`api/hasher`).

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::context::Context;
use crate::error::Error;
use crate::node::{Node, Tag, Value};
use crate::resource_map::ResourceMap;
use crate::transform::set_text;
use crate::yaml;

/// Appends the hash to every name that needs one.
pub(crate) fn apply(context: &Context, map: &mut ResourceMap) -> Result<(), Error> {
    let mut any = false;
    for resource in map.resources_mut().iter_mut().filter(|resource| resource.needs_hash) {
        any = true;
        let hash = hash(context, &resource.node)?;
        resource.store_id();
        let origin = resource.generator.clone().unwrap_or_else(|| resource.node.origin.clone());
        if let Some(name) = resource.node.get_mut("metadata").and_then(|metadata| metadata.get_mut("name")) {
            let text = format!("{}-{hash}", name.text().unwrap_or_default());
            set_text(name, text, &origin);
        }
    }
    if any {
        map.reindex_all();
    }
    Ok(())
}

/// The hash of a ConfigMap or Secret; its name is not part of it.
fn hash(context: &Context, object: &Node) -> Result<String, Error> {
    let kind = object.get("kind").and_then(Node::text).unwrap_or_default();
    let mut json = String::from("{");
    let mut field = |name: &str, value: &str| {
        if json.len() > 1 {
            json.push(',');
        }
        let _ = write!(json, "\"{name}\":{value}");
    };
    let content = |name: &str| -> Result<(String, bool), Error> {
        let mut value = String::new();
        match object.get(name) {
            None => value.push_str("\"\""),
            Some(node) if node.as_scalar().is_some() => write_string(node.text().unwrap_or_default(), &mut value),
            Some(node) => {
                let mut node = node.clone();
                yaml::canonical(&mut node, &context.sources)?;
                write_json(&node, &mut value);
            }
        }
        Ok((value, object.get(name).is_some_and(|node| node.as_map().is_some())))
    };
    match kind {
        "ConfigMap" => {
            let (data, (binary, has_binary)) = (content("data")?.0, content("binaryData")?);
            if has_binary {
                field("binaryData", &binary);
            }
            field("data", &data);
            field("kind", "\"ConfigMap\"");
            field("name", "\"\"");
        }
        "Secret" => {
            let (data, (strings, has_strings)) = (content("data")?.0, content("stringData")?);
            field("data", &data);
            field("kind", "\"Secret\"");
            field("name", "\"\"");
            if has_strings {
                field("stringData", &strings);
            }
            field("type", &content("type")?.0);
        }
        _ => return Err(context.unsupported(&object.origin, format!("a content hash in the name of a {kind}"))),
    }
    json.push('}');
    Ok(encode(&Sha256::digest(json.as_bytes())))
}

/// The first ten hexadecimal digits, without those that could make words or look like numbers.
fn encode(digest: &[u8]) -> String {
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).take(10);
    digits.map(|digit| char::from(b"gh2k456789mbcdtf"[usize::from(digit)])).collect()
}

/// JSON as `encoding/json` writes it, keys sorted by bytes.
fn write_json(node: &Node, out: &mut String) {
    match &node.value {
        Value::Scalar(scalar) if matches!(scalar.tag, Tag::Null | Tag::Bool | Tag::Int | Tag::Float) => out.push_str(&scalar.text),
        Value::Scalar(scalar) => write_string(&scalar.text, out),
        Value::Seq(seq) => {
            out.push('[');
            for (at, item) in seq.items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut entries: Vec<_> = map.entries().iter().collect();
            entries.sort_by(|a, b| a.key.text.cmp(&b.key.text));
            out.push('{');
            for (at, entry) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_string(&entry.key.text, out);
                out.push(':');
                write_json(&entry.value, out);
            }
            out.push('}');
        }
    }
}

/// A string with Go's escapes, those of `<`, `>`, `&` and the two Unicode line separators included.
fn write_string(text: &str, out: &mut String) {
    const SEPARATORS: u8 = 0xE2;
    let is_escaped = |byte: u8| byte < b' ' || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&' | SEPARATORS);
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_escaped) {
        let (plain, other) = rest.split_at(at);
        out.push_str(plain);
        let mut chars = other.chars();
        match chars.next().unwrap_or_default() {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            char @ ('<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}
