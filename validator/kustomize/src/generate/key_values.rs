//! The values of a generator: env files, literals and files (`api/kv`).

use std::collections::HashSet;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::error::{Error, ErrorKind};
use crate::file::generator::GeneratorArgs;
use crate::file::load::Root;
use crate::note::NoteKind;
use crate::source::{Origin, Source};
use crate::yaml;

/// A key, its value and the literal, env line or file that says so.
pub(super) struct KeyValue {
    pub(super) key: String,
    pub(super) value: Vec<u8>,
    pub(super) origin: Origin,
}

/// All values of a generator, by key; a key may come but once.
pub(super) fn load(context: &mut Context, root: &Root, args: &GeneratorArgs) -> Result<Vec<KeyValue>, Error> {
    let mut pairs = Vec::new();
    for file in &args.envs {
        env_file(context, root, file, &mut pairs)?;
    }
    for literal in &args.literals {
        pairs.push(parse_literal(context, literal)?);
    }
    for source in &args.files {
        pairs.push(load_file(context, root, source)?);
    }
    for pair in &pairs {
        // The value, and the text that its origin points into.
        context.charge(Cost::of(1, pair.key.len() + 2 * pair.value.len()), &args.origin)?;
    }
    let mut keys = HashSet::new();
    if let Some(pair) = pairs.iter().find(|pair| !keys.insert(pair.key.clone())) {
        return Err(context.invalid(&pair.origin, format!("the key `{}` comes twice in this generator", pair.key)));
    }
    pairs.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(pairs)
}

/// `key=value`; quotes around the whole value go.
fn parse_literal(context: &Context, literal: &Text) -> Result<KeyValue, Error> {
    // It is printed as JSON on its way to the generator.
    let text = yaml::fold_next_lines(&literal.value);
    let split = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let Some((key, value)) = split else {
        return Err(context.invalid(&literal.origin, "a literal must have the form key=value"));
    };
    let unquoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    // A lone quote is stripped to nothing, as in Kustomize's slicing it can't be: it panics there.
    let value = unquoted.unwrap_or(value);
    Ok(KeyValue { key: key.to_owned(), value: value.as_bytes().to_vec(), origin: literal.origin.clone() })
}

/// `path` or `key=path`.
fn load_file(context: &mut Context, root: &Root, source: &Text) -> Result<KeyValue, Error> {
    let (key, path) = match source.value.split_once('=') {
        None => (source.value.trim_end_matches('/').rsplit('/').next().unwrap_or_default(), &*source.value),
        Some((key, path)) if !key.is_empty() && !path.is_empty() && !path.contains('=') => (key, path),
        Some(_) => {
            return Err(context.invalid(&source.origin, "a file must have the form path or key=path, and neither may contain `=`"));
        }
    };
    let path = Text { value: path.into(), origin: source.origin.clone() };
    let loaded = root.load(context, &path)?;
    let (path, value) = (loaded.path.clone(), loaded.into_bytes());
    let text = std::str::from_utf8(&value).unwrap_or_default();
    let length = text.len() as u32;
    let id = context.sources.add(Source::new(path, text));
    Ok(KeyValue { key: key.to_owned(), value, origin: Origin::new(id, 0, length) })
}

/// Lines of `KEY=value`; blank lines and comments are skipped, a line without `=` is a key with an empty value.
fn env_file(context: &mut Context, root: &Root, file: &Text, pairs: &mut Vec<KeyValue>) -> Result<(), Error> {
    let loaded = root.load(context, file)?;
    let path = loaded.path.clone();
    let Ok(text) = String::from_utf8(loaded.into_bytes()) else {
        let message = format!("`{}` is not UTF-8", file.value);
        return Err(context.error(ErrorKind::Invalid, &file.origin, message));
    };
    let id = context.sources.add(Source::new(path, text.as_str()));
    let mut start = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let begin = start;
        start += whole.len();
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let end = begin + line.len();
        let line = if number == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let origin = Origin::new(id, (end - line.len()) as u32, end as u32);
        if key.is_empty() {
            continue;
        }
        if value.split_once(" #").is_some_and(|(before, _)| !before.trim().is_empty()) {
            let message = format!("what follows ` #` is part of the value of `{key}`: only whole lines are comments");
            context.note(NoteKind::QuotesKept, &origin, message);
        }
        if ['"', '\''].iter().any(|quote| value.len() > 1 && value.starts_with(*quote) && value.ends_with(*quote)) {
            context.note(NoteKind::QuotesKept, &origin, format!("the quotes are part of the value of `{key}`"));
        }
        pairs.push(KeyValue { key: key.to_owned(), value: value.as_bytes().to_vec(), origin });
    }
    Ok(())
}
