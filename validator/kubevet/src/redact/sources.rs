//! Where a source has credentials because of what it is: a Secret, a generator of one, a file of variables.

use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use kustomize::{Node, Source, Sources, yaml};
use regex::Regex;

use super::names::{PARTS, holds, is_credential, is_literal, joined_parts};

/// Fields of a generator that hold no value.
const OF_GENERATORS: [&str; 12] =
    ["apiVersion", "kind", "metadata", "name", "namespace", "type", "behavior", "files", "envs", "env", "labels", "annotations"];

/// Fields of a Secret that hold no value. What else stands in one is a value, in a field that is written wrong.
const OF_SECRETS: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];

/// The byte ranges that a source's structure tells, in no order. Of one that `is_built`, what Secrets took is known besides.
pub(super) fn find(source: &Source, is_built: bool, ranges: &mut Vec<Range<usize>>) {
    let is_yaml = is_yaml(source.path());
    if is_yaml && !may_name_a_credential(source.text()) {
        return;
    }
    let mut sources = Sources::default();
    let id = sources.add(Source::new(source.path(), source.text()));
    match yaml::read(&sources, id, yaml::Dialect::YamlV3) {
        Ok(documents) if is_yaml && documents.iter().any(|document| document.as_scalar().is_none()) => {
            documents.iter().for_each(|document| in_node(document, Around::Nothing, ranges));
        }
        _ if is_yaml => in_broken_yaml(source.text(), ranges),
        _ if source.path().extension().is_some_and(|extension| extension == "rego") => {}
        _ if is_built => {}
        _ => in_variables(source.text(), ranges),
    }
}

/// Fields of most Pods whose name sounds like one of a credential.
const HARMLESS: [&str; 2] = ["automountServiceAccountToken:", "imagePullSecrets:"];

/// Whether the structure of a text in YAML could tell anything: without the name of a credential, a Secret or a patch of one, it need not be read.
fn may_name_a_credential(text: &str) -> bool {
    static OF_WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| finder(PARTS.into_iter().chain(["stringdata", "/data"])));
    static OF_LETTERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| finder(joined_parts().chain([SECRET_GENERATOR.to_owned()])));
    let has = |finder: &Option<AhoCorasick>, text: &[u8]| finder.as_ref().is_none_or(|finder| finder.is_match(text));
    // What is written with escapes could be anything.
    if text.contains('\\') {
        return true;
    }
    // As names are read, digits are nothing; a key of a generator is known without what separates its words.
    let mut words = Vec::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let inner = line.trim_start_matches([' ', '-']);
        let line = HARMLESS.iter().find_map(|field| inner.strip_prefix(field)).unwrap_or(line);
        words.extend(line.bytes().filter(|byte| !byte.is_ascii_digit()));
    }
    has(&OF_WORDS, &words) || {
        words.retain(u8::is_ascii_alphabetic);
        has(&OF_LETTERS, &words)
    }
}

fn finder(parts: impl Iterator<Item = impl AsRef<[u8]>>) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(true).build(parts).ok()
}

pub(super) fn is_yaml(path: &Path) -> bool {
    path.extension().is_none_or(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

fn range(node: &Node) -> Range<usize> {
    node.origin.start as usize..node.origin.end as usize
}

/// What surrounds a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    /// The key that it stands under is called like a credential.
    Name,
    /// Whatever it holds is secret.
    Secret,
}

fn in_node(node: &Node, around: Around, ranges: &mut Vec<Range<usize>>) {
    let kind = node.str_at(&["kind"]);
    if kind == Some("SecretGenerator") {
        in_generators(node, ranges);
        return;
    }
    let credential = around == Around::Name || ["name", "key"].into_iter().any(|field| node.str_at(&[field]).is_some_and(is_credential));
    let patches_data = node.str_at(&["path"]).is_some_and(|path| path.starts_with("/data") || path.starts_with("/stringData"));
    for entry in node.entries() {
        let (key, value) = (&*entry.key.text, &entry.value);
        let hidden = around == Around::Secret
            || (kind == Some("Secret") && !OF_SECRETS.contains(&key))
            || (key == "value" && (credential || patches_data))
            || (key == "patch" && value.text().is_some_and(|text| may_patch_a_secret(node.str_at(&["target", "kind"]), text)))
            || value.as_str().is_some_and(|text| holds(key, text) || (around == Around::Name && is_credential(key)));
        if hidden && value.as_scalar().is_some() {
            ranges.push(range(value));
        } else if is_secret_generator(key) {
            in_generators(value, ranges);
        } else {
            let around = if hidden {
                Around::Secret
            } else if is_credential(key) {
                Around::Name
            } else {
                Around::Nothing
            };
            in_node(value, around, ranges);
        }
    }
    for item in node.items() {
        if around == Around::Secret && item.as_scalar().is_some() {
            ranges.push(range(item));
        }
        in_node(item, if around == Around::Secret { around } else { Around::Nothing }, ranges);
    }
}

/// How the key `secretGenerator` begins, also with a mistake in it.
const SECRET_GENERATOR: &str = "secretgen";

/// Whether a key of a kustomization is `secretGenerator`, or meant to be.
fn is_secret_generator(key: &str) -> bool {
    let letters: String = key.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
    letters.starts_with(SECRET_GENERATOR)
}

/// Whatever a generator of Secrets holds and is no name: `literals`, and what was meant to be.
fn in_generators(node: &Node, ranges: &mut Vec<Range<usize>>) {
    if node.text().is_some_and(is_literal) {
        ranges.push(range(node));
    }
    for entry in node.entries() {
        if !OF_GENERATORS.iter().any(|known| entry.key.text.eq_ignore_ascii_case(known)) {
            in_generators(&entry.value, ranges);
        }
    }
    node.items().iter().for_each(|item| in_generators(item, ranges));
}

/// Whether a patch in a kustomization may be one of a Secret.
fn may_patch_a_secret(target: Option<&str>, patch: &str) -> bool {
    match target {
        Some(kind) => kind.contains("Secret"),
        None => speaks_of_a_secret(patch) || patch.contains("/data/"),
    }
}

/// Whether a text that is no tree has a Secret in it.
fn speaks_of_a_secret(text: &str) -> bool {
    static KIND: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"kind["']?\s*:\s*["']?Secret\b|stringData"#).ok());
    KIND.as_ref().is_none_or(|kind| kind.is_match(text))
}

/// The blocks of a Secret's data and of generators, by their indentation.
fn in_broken_yaml(text: &str, ranges: &mut Vec<Range<usize>>) {
    let of_secret = speaks_of_a_secret(text);
    let mut block: Option<(usize, bool)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let inner = content.trim_start();
        let indent = content.len() - inner.len();
        let is_item = inner.starts_with('-');
        if let Some((outer, _)) = block
            && !inner.is_empty()
            && (indent < outer || (indent == outer && !is_item) || content == "---")
        {
            block = None;
        }
        let element = inner.trim_start_matches(['-', ' ']);
        let (key, value) = element.split_once(':').unwrap_or(("", element));
        let from = start + content.len() - value.trim_start().len();
        let is_named = |known: &str| key.trim_matches(['"', '\'']).eq_ignore_ascii_case(known);
        if let Some((_, is_generator)) = block {
            if !(is_generator && OF_GENERATORS.iter().any(|known| is_named(known))) {
                ranges.push(from..start + content.len());
            }
        } else if is_secret_generator(key) || (of_secret && (is_named("data") || is_named("stringData"))) {
            block = Some((indent, is_secret_generator(key)));
            ranges.push(from..start + content.len());
        }
        start += line.len();
    }
}

/// A file that isn't YAML may be what a generator reads: the values of `KEY=value` lines, and any line of another shape.
fn in_variables(text: &str, ranges: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let shown = content.find(['=', ':']).map_or(0, |at| at + 1);
        if !content.trim_start().starts_with('#') {
            ranges.push(start + shown..start + content.len());
        }
        start += line.len();
    }
}
