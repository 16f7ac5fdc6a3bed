//! What Kustomize keeps in annotations of its own (`internal.config.kubernetes.io/…`) and a [`Resource`] keeps in its fields: from the annotations
//! into the fields, and back where something looks at them.

use ecow::EcoString;
use thin_vec::ThinVec;

use crate::object::annotations::OddList;
use crate::object::provenance::{ORIGIN, TRANSFORMATIONS};
use crate::object::resource::{Behavior, PreviousId, Resource};
use crate::yaml::node::Node;

/// Whether a path leads to all of an object's annotations, or to one of Kustomize's own.
pub(crate) fn is_bookkeeping<'p>(path: impl IntoIterator<Item = &'p str>) -> bool {
    let mut path = path.into_iter();
    path.next() == Some("metadata")
        && path.next().is_none_or(|field| field == "annotations" && path.next().is_none_or(|key| key.contains("config.k")))
}

/// Whether an annotation is one of Kustomize's own.
pub(crate) fn is_own(key: &str) -> bool {
    BOOKKEEPING.iter().any(|(name, _)| *name == key)
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
    /// Takes Kustomize's own annotations out of the tree and over into the fields.
    pub(crate) fn absorb_bookkeeping(&mut self) {
        let Some(map) = self.node.get_mut("metadata").and_then(|node| node.get_mut("annotations")).and_then(Node::as_map_mut) else {
            return;
        };
        if !map.entries().iter().any(|entry| is_own(&entry.key.text)) {
            return;
        }
        let (ours, theirs): (Vec<_>, Vec<_>) = std::mem::take(map.entries_mut()).into_iter().partition(|entry| is_own(&entry.key.text));
        *map.entries_mut() = theirs.into();
        self.has_bookkeeping = true;
        let mut lists: [ThinVec<EcoString>; 3] = Default::default();
        for entry in &ours {
            let text = entry.value.text().unwrap_or_default();
            let split = || text.split(',').map(EcoString::from).collect::<ThinVec<EcoString>>();
            match BOOKKEEPING.iter().find(|(name, _)| *name == &*entry.key.text).map(|(_, meaning)| meaning) {
                Some(Meaning::Hash) => self.needs_hash = text == "enabled",
                Some(Meaning::Prefixes) => self.prefixes = split(),
                Some(Meaning::Suffixes) => self.suffixes = split(),
                Some(Meaning::PreviousNames) => lists[0] = split(),
                Some(Meaning::PreviousNamespaces) => lists[1] = split(),
                Some(Meaning::PreviousKinds) => lists[2] = split(),
                Some(Meaning::Behavior) => self.behavior = Some(Behavior::from_name(text)),
                Some(Meaning::Nothing) | None => {}
            }
        }
        let [names, namespaces, kinds] = lists;
        if names.len() == namespaces.len() && names.len() == kinds.len() && !names.is_empty() {
            let ids = names.into_iter().zip(namespaces).zip(kinds);
            self.indexed = 0;
            self.previous = ids.map(|((name, namespace), kind)| PreviousId { namespace, name, kind }).collect();
        }
    }

    /// Makes `metadata.annotations` exist where Kustomize keeps its own there.
    pub(crate) fn ensure_annotations(&mut self) {
        let Some(metadata) = self.node.get_mut("metadata").filter(|_| self.has_bookkeeping) else { return };
        let origin = metadata.origin.clone();
        let Some(metadata) = metadata.as_map_mut() else { return };
        // What is no map has nothing in it to Kustomize.
        match metadata.get_mut("annotations") {
            None => metadata.set("annotations", Node::map(origin)),
            Some(annotations) if annotations.as_scalar().is_some() => *annotations = Node::map(origin),
            Some(_) => {}
        }
    }

    /// Loses what Kustomize keeps in annotations, as when a patch replaces all of them.
    pub(crate) fn forget(&mut self) {
        self.previous.clear();
        self.indexed = 0;
        self.prefixes.clear();
        self.suffixes.clear();
        self.needs_hash = false;
        self.behavior = None;
        self.was_free = (false, false);
        self.has_bookkeeping = false;
        self.provenance.forget();
    }

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

/// What an annotation of Kustomize's own says.
enum Meaning {
    Hash,
    Prefixes,
    Suffixes,
    PreviousNames,
    PreviousNamespaces,
    PreviousKinds,
    Behavior,
    Nothing,
}

/// `BuildAnnotations` in api/resource/resource.go.
const BOOKKEEPING: [(&str, Meaning); 19] = [
    ("internal.config.kubernetes.io/needsHashSuffix", Meaning::Hash),
    ("internal.config.kubernetes.io/prefixes", Meaning::Prefixes),
    ("internal.config.kubernetes.io/suffixes", Meaning::Suffixes),
    ("internal.config.kubernetes.io/previousNames", Meaning::PreviousNames),
    ("internal.config.kubernetes.io/previousNamespaces", Meaning::PreviousNamespaces),
    ("internal.config.kubernetes.io/previousKinds", Meaning::PreviousKinds),
    ("internal.config.kubernetes.io/generatorBehavior", Meaning::Behavior),
    ("internal.config.kubernetes.io/allowNameChange", Meaning::Nothing),
    ("internal.config.kubernetes.io/allowKindChange", Meaning::Nothing),
    ("internal.config.kubernetes.io/refBy", Meaning::Nothing),
    ("internal.config.kubernetes.io/path", Meaning::Nothing),
    ("internal.config.kubernetes.io/index", Meaning::Nothing),
    ("internal.config.kubernetes.io/seqindent", Meaning::Nothing),
    ("internal.config.kubernetes.io/id", Meaning::Nothing),
    ("internal.config.kubernetes.io/annotations-migration-resource-id", Meaning::Nothing),
    ("config.kubernetes.io/path", Meaning::Nothing),
    ("config.kubernetes.io/index", Meaning::Nothing),
    ("config.k8s.io/id", Meaning::Nothing),
    ("internal.config.kubernetes.io/helm-generated", Meaning::Nothing),
];
