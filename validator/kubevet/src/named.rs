//! Objects and fields by what a person calls them: `Deployment/web`, `spec.containers[web].image`.

use kustomize::{Error, Node, Render, Sources};

use crate::location::{Object, Step};
use crate::problem::{invalid, suggest};

/// How many objects a message names.
const LISTED: usize = 8;

/// The object that `KIND/NAME` or `KIND/NAMESPACE/NAME` names. The kind is taken in letters of either case; the name is that in the render or, where no object has it
/// there, that which an object has in its file, before a prefix, a suffix or a hash.
///
/// # Errors
/// Where none or more than one is called so.
pub fn object<'r>(render: &'r Render, text: &str) -> Result<&'r Node, Error> {
    let parts: Vec<&str> = text.split('/').collect();
    let (kind, namespace, name) = match parts.as_slice() {
        [kind, name] if !kind.is_empty() && !name.is_empty() => (*kind, None, *name),
        [kind, namespace, name] if parts.iter().all(|part| !part.is_empty()) => (*kind, Some(*namespace), *name),
        _ => return Err(invalid(format!("`{text}` names no object")).help("write KIND/NAME, as Deployment/web, or KIND/NAMESPACE/NAME")),
    };
    let is_meant = |node: &&Node| {
        let object = Object::of(node);
        object.kind.eq_ignore_ascii_case(kind) && namespace.is_none_or(|namespace| object.namespace.as_deref() == Some(namespace))
    };
    let of_kind: Vec<&Node> = render.objects.iter().filter(is_meant).collect();
    let by_name = of_kind.iter().filter(|node| Object::of(node).name == name).copied();
    let mut found: Vec<&Node> = by_name.collect();
    if found.is_empty() {
        found = of_kind.iter().filter(|node| first_name(&render.sources, node) == Some(name)).copied().collect();
    }
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(missing(render, text, &of_kind, name)),
        several => {
            let names: Vec<String> = several.iter().take(LISTED).map(|node| written(node)).collect();
            Err(invalid(format!("`{text}` is what several objects are called")).help(format!("write one of {}", names.join(", "))))
        }
    }
}

/// The name that an object has in its file.
pub(crate) fn first_name<'s>(sources: &'s Sources, node: &Node) -> Option<&'s str> {
    let origin = node.at(&["metadata", "name"])?.origin.history().last()?;
    let text = sources.get(origin.source).text().get(origin.start as usize..origin.end as usize)?;
    Some(text.trim_matches(['"', '\'']))
}

/// An object as it is asked for.
fn written(node: &Node) -> String {
    let Object { kind, namespace, name, .. } = Object::of(node);
    namespace.map_or(format!("{kind}/{name}"), |namespace| format!("{kind}/{namespace}/{name}"))
}

fn missing(render: &Render, text: &str, of_kind: &[&Node], name: &str) -> Error {
    let error = invalid(format!("the render has no {text}"));
    let names: Vec<String> = of_kind.iter().map(|node| Object::of(node).name).collect();
    if let Some(close) = kustomize::closest(name, names.iter().map(String::as_str)) {
        return error.help(format!("did you mean {close}?"));
    }
    let others: Vec<String> =
        if of_kind.is_empty() { render.objects.iter().map(written).collect() } else { of_kind.iter().map(|node| written(node)).collect() };
    let more = others.len().saturating_sub(LISTED);
    let listed = others.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    match more {
        0 => error.help(format!("it has {listed}")),
        _ => error.help(format!("it has {listed} and {more} more; `kubevet render` prints all")),
    }
}

/// The steps of a path that findings or people write: `spec.containers[web].image`, `metadata.annotations["a/b"]`, `ports[0]`, or a JSON pointer, `/spec/ports/0`. In
/// brackets behind a list stands an index, or what an element has as its merge key, in other lists as its `name`. A key with dots in it is found where the object has it.
///
/// # Errors
/// Where brackets aren't closed, or a list has no such element.
pub fn path(object: &Node, text: &str) -> Result<Vec<Step>, Error> {
    let mut walk = Walk { object, node: Some(object), steps: Vec::new() };
    if let Some(pointer) = text.strip_prefix('/') {
        for part in pointer.split('/') {
            walk.step(&part.replace("~1", "/").replace("~0", "~"))?;
        }
        return Ok(walk.steps);
    }
    let mut rest = text.trim_start_matches('.');
    while !rest.is_empty() {
        let (name, behind) = match rest.strip_prefix('[') {
            Some(inner) => bracketed(inner)?,
            None => key(walk.node, rest),
        };
        walk.step(name)?;
        rest = behind.strip_prefix('.').unwrap_or(behind);
    }
    Ok(walk.steps)
}

/// A way through an object.
struct Walk<'r> {
    object: &'r Node,
    /// Where it has led; nothing where the object doesn't go on.
    node: Option<&'r Node>,
    steps: Vec<Step>,
}

impl Walk<'_> {
    /// Goes on to the field or element of a name.
    fn step(&mut self, name: &str) -> Result<(), Error> {
        let is_list = self.node.is_some_and(|node| node.as_seq().is_some());
        let step = if is_list { self.element(name)? } else { Step::Key(name.to_owned()) };
        self.node = self.node.and_then(|node| crate::locate::child(node, &step));
        self.steps.push(step);
        Ok(())
    }

    /// An element of the list that it has led to.
    fn element(&self, name: &str) -> Result<Step, Error> {
        let items = self.node.map(Node::items).unwrap_or_default();
        let keys = self.merge_keys();
        let called = |item: &'_ Node| keys.iter().find_map(|key| item.get(key)?.text()).or_else(|| item.text()).map(str::to_owned);
        if let Some(at) = items.iter().position(|item| called(item).as_deref() == Some(name)) {
            return Ok(Step::Index(at));
        }
        if let Ok(index) = name.parse() {
            return Ok(Step::Index(index));
        }
        let names: Vec<String> = items.iter().filter_map(called).collect();
        let error = invalid(format!("the list has no element called {name}"));
        Err(if names.is_empty() {
            error.help("write its index, from 0")
        } else {
            error.help(suggest(name, names.iter().map(String::as_str)))
        })
    }

    /// What tells the elements of the list apart.
    fn merge_keys(&self) -> &'static [&'static str] {
        let keys = self.steps.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        });
        let kind = self.object.str_at(&["apiVersion"]).zip(self.object.str_at(&["kind"]));
        kind.and_then(|(api_version, kind)| kustomize::merge_keys(api_version, kind, keys)).unwrap_or(&["name"])
    }
}

/// What stands in brackets, and what is behind them.
fn bracketed(inner: &str) -> Result<(&str, &str), Error> {
    let open = || invalid("a bracket of the path is not closed").help("write spec.containers[web] or metadata.annotations[\"a/b\"]");
    let quote = inner.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) => {
            let (name, behind) = inner[1..].split_once(quote).ok_or_else(open)?;
            Ok((name, behind.strip_prefix(']').ok_or_else(open)?))
        }
        None => inner.split_once(']').ok_or_else(open),
    }
}

/// The key that a text begins with, and what is behind it: the longest that the map has, else all before a dot or a bracket.
fn key<'t>(node: Option<&Node>, text: &'t str) -> (&'t str, &'t str) {
    let begins = |key: &str| text.strip_prefix(key).is_some_and(|behind| behind.is_empty() || behind.starts_with(['.', '[']));
    let known = node
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|entry| entry.key.text.len())
        .filter(|length| text.get(..*length).is_some_and(|key| begins(key) && node.is_some_and(|node| node.get(key).is_some())));
    let end = known.max().filter(|end| *end > 0).unwrap_or_else(|| text.find(['.', '[']).unwrap_or(text.len()));
    text.split_at(end)
}
