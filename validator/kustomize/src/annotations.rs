//! An object's annotations as Kustomize handles them: it writes them anew now and then, and its own stand among them.

use ecow::EcoString;

use crate::build_metadata::{ORIGIN, TRANSFORMATIONS};
use crate::node::{Entry, Map, Node, Scalar, Value};
use crate::resource::{Behavior, PreviousId, Resource};
use crate::source::Origin;
use crate::transform::unquoted_key;

/// Annotations or labels that are a list with an odd number of elements, which kubectl does not survive.
pub(crate) struct OddList(pub(crate) Origin);

/// Reads the annotations or labels in `metadata` and writes them back (`GetAnnotations`, `SetAnnotations`): all values become strings, keys lose
/// their quotes, a list is taken for keys and values in turn, and what has nothing in it goes.
pub(crate) fn rewrite(metadata: &mut Map, field: &str) -> Result<(), OddList> {
    let Some(pairs) = metadata.get_mut(field) else { return Ok(()) };
    let origin = pairs.origin.clone();
    match &mut pairs.value {
        Value::Map(map) => {
            for entry in map.entries_mut() {
                entry.key = unquoted_key(&entry.key.text);
                rewrite_value(&mut entry.value);
            }
        }
        Value::Seq(seq) if seq.items.len() % 2 == 1 => return Err(OddList(origin)),
        Value::Seq(seq) => {
            let mut map = Map::default();
            let mut items = std::mem::take(&mut seq.items).into_iter();
            while let (Some(key), Some(mut value)) = (items.next(), items.next()) {
                rewrite_value(&mut value);
                let key = key.text().unwrap_or_default();
                match map.get_mut(key) {
                    Some(earlier) => *earlier = value,
                    None => map.entries_mut().push(Entry { key: unquoted_key(key), value }),
                }
            }
            pairs.value = Value::Map(map);
        }
        Value::Scalar(_) => {}
    }
    if pairs.entries().is_empty()
        && let Some(at) = metadata.index_of(field)
    {
        // Of two only the first goes.
        metadata.entries_mut().remove(at);
    }
    Ok(())
}

/// A string without quotes, unless it would be something else then.
fn rewrite_value(value: &mut Node) {
    match &mut value.value {
        Value::Scalar(scalar) => {
            *scalar = Scalar { before_comment: scalar.before_comment, ..Scalar::quoted(std::mem::take(&mut scalar.text)) };
        }
        other => *other = Value::Scalar(Scalar::string("")),
    }
}

/// Whether a path leads to all of an object's annotations, or to one of Kustomize's own.
pub(crate) fn is_bookkeeping<'p>(path: impl IntoIterator<Item = &'p str>) -> bool {
    let mut path = path.into_iter();
    path.next() == Some("metadata")
        && path.next().is_none_or(|field| field == "annotations" && path.next().is_none_or(|key| key.contains("config.k")))
}

/// Writes Kustomize's own annotations into an object.
pub(crate) fn show(object: &mut Node, bookkeeping: &Bookkeeping) {
    let Some(metadata) = object.get_mut("metadata").filter(|_| !bookkeeping.is_empty()) else { return };
    let origin = metadata.origin.clone();
    let Some(metadata) = metadata.as_map_mut() else { return };
    if metadata.get("annotations").is_none_or(Node::is_null) {
        metadata.set("annotations", Node::map(origin.clone()));
    }
    let Some(map) = metadata.get_mut("annotations").and_then(Node::as_map_mut) else { return };
    for (key, text) in bookkeeping {
        map.set(key, Node::string(text.clone(), origin.clone()));
    }
}

/// The annotations in which Kustomize keeps what it knows of an object.
pub(crate) type Bookkeeping = Vec<(&'static str, EcoString)>;

impl Resource {
    /// Labels or annotations that kubectl does not survive to look at.
    pub(crate) fn odd_list(&self) -> Option<OddList> {
        let metadata = self.node.get("metadata")?;
        let pairs = ["labels", "annotations"].into_iter().filter_map(|field| metadata.get(field));
        pairs.into_iter().find(|node| node.items().len() % 2 == 1).map(|node| OddList(node.origin.clone()))
    }

    /// The object's metadata with Kustomize's own annotations, and nothing else.
    pub(crate) fn shown_metadata(&self) -> Node {
        let mut object = Node::map(self.node.origin.clone());
        if let (Some(map), Some(metadata)) = (object.as_map_mut(), self.node.get("metadata")) {
            map.set("metadata", metadata.clone());
        }
        show(&mut object, &self.bookkeeping());
        object
    }

    /// Takes the annotations that [`show`] wrote out again. Those that identify the object are never lost (`GetInternalAnnotations`); where it
    /// comes from and what has worked on it are.
    pub(crate) fn hide_bookkeeping(&mut self) {
        let shown = self.bookkeeping();
        let found = self.take_annotations(|key| shown.iter().any(|(shown, _)| *shown == key));
        self.provenance.keep(found.iter().any(|key| key == ORIGIN), found.iter().any(|key| key == TRANSFORMATIONS));
    }

    /// Knows nothing but what Kustomize's own annotations in the object say.
    pub(crate) fn reread_bookkeeping(&mut self) {
        let mut provenance = std::mem::take(&mut self.provenance);
        let found = self.take_annotations(|key| matches!(key, ORIGIN | TRANSFORMATIONS));
        provenance.keep(found.iter().any(|key| key == ORIGIN), found.iter().any(|key| key == TRANSFORMATIONS));
        self.forget();
        self.provenance = provenance;
        self.absorb_bookkeeping();
    }

    /// Takes annotations out; the keys of those that were there.
    fn take_annotations(&mut self, is_taken: impl Fn(&str) -> bool) -> Vec<EcoString> {
        let mut taken = Vec::new();
        let annotations = self.node.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"));
        if let Some(map) = annotations.and_then(Node::as_map_mut) {
            map.entries_mut().retain(|entry| {
                let is_taken = is_taken(&entry.key.text);
                taken.extend(is_taken.then(|| entry.key.text.clone()));
                !is_taken
            });
        }
        taken
    }

    /// What Kustomize's own annotations would say now.
    pub(crate) fn bookkeeping(&self) -> Bookkeeping {
        let mut all = Vec::new();
        let mut list = |key, texts: Vec<&str>| {
            if !texts.is_empty() {
                all.push((key, texts.join(",").into()));
            }
        };
        let previous = |part: fn(&PreviousId) -> &EcoString| self.previous.iter().map(|id| part(id).as_str()).collect();
        list("internal.config.kubernetes.io/previousNames", previous(|id| &id.name));
        list("internal.config.kubernetes.io/previousNamespaces", previous(|id| &id.namespace));
        list("internal.config.kubernetes.io/previousKinds", previous(|id| &id.kind));
        list("internal.config.kubernetes.io/prefixes", self.prefixes.iter().map(EcoString::as_str).collect());
        list("internal.config.kubernetes.io/suffixes", self.suffixes.iter().map(EcoString::as_str).collect());
        if self.needs_hash {
            list("internal.config.kubernetes.io/needsHashSuffix", vec!["enabled"]);
        }
        if self.was_free.0 {
            list("internal.config.kubernetes.io/allowNameChange", vec!["enabled"]);
        }
        if self.was_free.1 {
            list("internal.config.kubernetes.io/allowKindChange", vec!["enabled"]);
        }
        list("internal.config.kubernetes.io/generatorBehavior", Vec::from_iter(self.behavior.map(Behavior::name)));
        all.extend(self.provenance.annotations());
        all
    }
}
