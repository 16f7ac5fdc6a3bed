//! `configMapGenerator` and `secretGenerator`.

pub(crate) mod hash;
mod key_values;

use std::collections::BTreeMap;

use base64::Engine;
use ecow::EcoString;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::{Pairs, Text};
use crate::error::Error;
use crate::file::generator::{GeneratorArgs, GeneratorOptions};
use crate::file::load::Root;
use crate::note::NoteKind;
use crate::object::resource::{Behavior, Resource, is_nil_or_empty};
use crate::object::resource_map::{ResourceMap, with_first};
use crate::object::set::{Pair, set_pairs, unquoted_key};
use crate::source::Origin;
use crate::yaml;
use crate::yaml::node::{Entry, Map, Node, Scalar, Style, Tag, Value};
use crate::yaml::share::Share;

use key_values::KeyValue;

/// What a generator makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
}

/// Makes the object of one generator; `globals` are the `generatorOptions` of the kustomization.
pub(crate) fn generate(
    context: &mut Context,
    root: &Root,
    product: Product,
    args: &GeneratorArgs,
    globals: &GeneratorOptions,
) -> Result<Resource, Error> {
    let origin = &args.origin;
    let kind = if product == Product::ConfigMap { "ConfigMap" } else { "Secret" };
    let Some(name) = &args.name else {
        return Err(context.invalid(origin, format!("a {kind} generator must have a name")));
    };
    context.charge(Cost::OBJECT, origin)?;
    let mut object = Map::default();
    object.set("apiVersion", Node::string("v1", origin.clone()));
    object.set("kind", Node::string(kind, origin.clone()));
    let mut metadata = Map::default();
    metadata.set("name", Node::scalar(Scalar::quoted(name.value.clone()), name.origin.clone()));
    if let Some(namespace) = &args.namespace {
        metadata.set("namespace", Node::scalar(Scalar::quoted(namespace.value.clone()), namespace.origin.clone()));
    }
    let labels = merged(&globals.labels, &args.options.labels);
    let annotations = merged(&globals.annotations, &args.options.annotations);
    for (field, pairs) in [("labels", &labels), ("annotations", &annotations)] {
        if let Some((_, first)) = pairs.first() {
            context.charge(Cost::of(pairs.len(), pairs.iter().map(|(key, value)| key.value.len() + value.value.len()).sum()), origin)?;
            let mut map = Map::default();
            let mut pairs: Vec<_> = pairs.iter().map(|(key, value)| Pair::new(&key.value, value, Share::default())).collect();
            set_pairs(&mut map, pairs.iter_mut());
            metadata.set(field, Node { value: Value::Map(map), origin: first.origin.clone() });
        }
    }
    object.set("metadata", Node { value: Value::Map(metadata), origin: origin.clone() });
    if product == Product::Secret {
        let secret_type = args.secret_type.as_ref();
        let text = secret_type.map_or("Opaque", |text| &*text.value);
        object.set("type", Node::string(yaml::fold_next_lines(text), secret_type.map_or(origin, |text| &text.origin).clone()));
        object.set("data", Node::map(origin.clone()));
    }
    for pair in key_values::load(context, root, args)? {
        set_value(&mut object, product, pair, origin);
    }
    if let Some(origin) = args.options.immutable.as_ref().or(globals.immutable.as_ref()) {
        object.set("immutable", Node::scalar(Scalar::plain("true", Tag::Bool), origin.clone()));
    }
    let mut resource = Resource::new(Node { value: Value::Map(object), origin: origin.clone() });
    resource.needs_hash = globals.disable_name_suffix_hash.is_none() && args.options.disable_name_suffix_hash.is_none();
    resource.behavior = Some(args.behavior.as_ref().map_or(Behavior::Unspecified, |text| Behavior::from_name(&text.value)));
    resource.generator = Some(name.origin.clone());
    // The behavior is an annotation in Kustomize.
    resource.has_bookkeeping = true;
    Ok(resource)
}

/// Puts one value under `data`, or under `binaryData` of a ConfigMap where it is not text.
fn set_value(object: &mut Map, product: Product, pair: KeyValue, generator: &Origin) {
    let (field, text) = match (product, String::from_utf8(pair.value)) {
        (Product::ConfigMap, Ok(text)) => ("data", text),
        (Product::ConfigMap, Err(error)) => ("binaryData", wrapped_base64(error.as_bytes())),
        (Product::Secret, Ok(text)) => ("data", wrapped_base64(text.as_bytes())),
        (Product::Secret, Err(error)) => ("data", wrapped_base64(error.as_bytes())),
    };
    if object.get(field).is_none() {
        object.set(field, Node::map(generator.clone()));
    }
    let style = if text.contains('\n') { Style::Literal } else { Style::Plain };
    let scalar = Scalar::new(text, Tag::Str, style);
    if let Some(map) = object.get_mut(field).and_then(Node::as_map_mut) {
        map.entries_mut().push(Entry { key: unquoted_key(&pair.key), value: Node::scalar(scalar, pair.origin) });
    }
}

/// Base64 in lines of 70 characters where it is longer than that.
fn wrapped_base64(bytes: &[u8]) -> String {
    const WIDTH: usize = 70;
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    if encoded.len() < WIDTH {
        return encoded;
    }
    let mut wrapped = String::with_capacity(encoded.len() + encoded.len() / WIDTH + 1);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(WIDTH));
        wrapped.push_str(line);
        wrapped.push('\n');
        rest = more;
    }
    wrapped
}

/// `globals` with the pairs of `own` over them, by key.
fn merged(globals: &Pairs, own: &Pairs) -> Pairs {
    if own.is_empty() {
        return globals.clone();
    }
    let mut pairs: BTreeMap<&str, (Text, Text)> = globals.iter().map(|pair| (&*pair.0.value, pair.clone())).collect();
    for (key, value) in own {
        let mut pair = (key.clone(), value.clone());
        if let Some((global_key, global)) = pairs.remove(&*key.value) {
            pair = (global_key, Text { value: value.value.clone(), origin: value.origin.clone().replacing(&global.origin) });
        }
        pairs.insert(&key.value, pair);
    }
    pairs.into_values().collect()
}

/// Adds a generated object, or merges it into or puts it in the place of the one that is there, as its behavior says
/// (`appendReplaceOrMerge`).
pub(crate) fn absorb(context: &mut Context, map: &mut ResourceMap, resource: Resource) -> Result<(), Error> {
    let origin = resource.generator.clone().unwrap_or_else(|| resource.node.origin.clone());
    let found: Vec<usize> = map.any(resource.id()).collect();
    let id = resource.id().to_string();
    match (found.as_slice(), resource.behavior.unwrap_or_default()) {
        ([], Behavior::Merge | Behavior::Replace) => Err(context.invalid(&origin, format!("there is no {id} to merge with or to replace"))),
        ([], _) => map.push(resource).map_err(|resource| {
            let error = context.invalid(&origin, format!("there is already an object with the identity {}", resource.id()));
            map.with_both(context, error, &resource)
        }),
        ([at], behavior @ (Behavior::Merge | Behavior::Replace)) => {
            let Some(old) = map.resources_mut().get_mut(*at) else { return Ok(()) };
            context.charge(Cost::tree(&old.node), &origin)?;
            if resource.needs_hash && old.generator.is_none() {
                let message = format!("the name of {id} has no hash of its content: no generator made the object that takes these values");
                context.note(NoteKind::HashDisabled, &origin, message);
            }
            let Some(old) = map.resources_mut().get_mut(*at) else { return Ok(()) };
            take_over(old, resource, behavior);
            map.reindex(*at);
            Ok(())
        }
        ([at], _) => {
            let error = context.invalid(&origin, format!("there is already a {id}"));
            let error = error.help("set `behavior: merge` or `behavior: replace`");
            Err(map.resources().get(*at).map_or(error.clone(), |first| with_first(context, error, first)))
        }
        _ => Err(context.invalid(&origin, format!("more than one object could take the values of {id}"))),
    }
}

/// Puts `new` in the place of `old`: metadata merged, identity and history of the old one; with `merge` the data as well.
fn take_over(old: &mut Resource, mut new: Resource, behavior: Behavior) {
    let before = std::mem::replace(&mut old.node, new.node);
    old.needs_hash &= new.needs_hash;
    old.has_bookkeeping = true;
    old.generator = new.generator.take();
    if behavior == Behavior::Replace {
        old.provenance.replace_origin(&mut new.provenance);
    }
    let node = &mut old.node;
    for field in ["labels", "annotations"] {
        merge_strings(node, &before, &["metadata", field]);
    }
    for field in ["name", "namespace"] {
        let was = before.at(&["metadata", field]).cloned();
        let Some(metadata) = node.get_mut("metadata").and_then(Node::as_map_mut) else { continue };
        match was {
            Some(was) if was.text().is_some_and(|text| !text.is_empty()) => {
                metadata.entries_mut().retain(|entry| &*entry.key.text != field);
                metadata.set(field, was);
            }
            _ => metadata.entries_mut().retain(|entry| &*entry.key.text != field),
        }
    }
    if behavior == Behavior::Merge {
        for field in ["data", "binaryData"] {
            merge_strings(node, &before, &[field]);
            if let Some(map) = node.as_map_mut().filter(|map| map.get(field).is_some_and(is_nil_or_empty)) {
                map.entries_mut().retain(|entry| &*entry.key.text != field);
            }
        }
    }
}

/// Puts the entries of the old map at `path` under those of the new one; all become strings.
fn merge_strings(new: &mut Node, old: &Node, path: &[&str]) {
    let Some(old) = old.at(path).filter(|node| !node.entries().is_empty()) else { return };
    let Some((last, parents)) = path.split_last() else { return };
    let mut parent = new;
    for key in parents {
        let Some(next) = parent.get_mut(key) else { return };
        parent = next;
    }
    let Some(parent) = parent.as_map_mut() else { return };
    let mut merged = Map::default();
    let as_string = |entry: &Entry| {
        let node = &entry.value;
        (entry.key.text.clone(), Text { value: node.text().unwrap_or_default().into(), origin: node.origin.clone() })
    };
    for entries in [old.entries(), parent.get(last).map(Node::entries).unwrap_or_default()] {
        let pairs: Vec<(EcoString, Text)> = entries.iter().map(as_string).collect();
        let mut pairs: Vec<_> = pairs.iter().map(|(key, value)| Pair::new(key, value, Share::default())).collect();
        set_pairs(&mut merged, pairs.iter_mut());
    }
    let origin = parent.get(last).map_or(&old.origin, |node| &node.origin).clone();
    parent.entries_mut().retain(|entry| &*entry.key.text != *last);
    parent.set(last, Node { value: Value::Map(merged), origin });
}
