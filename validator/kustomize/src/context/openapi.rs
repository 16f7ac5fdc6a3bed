//! Which OpenAPI document tells Kustomize of kinds (`kyaml/openapi`): its own, or one that a kustomization names under `openapi`.

use std::cell::Cell;
use std::sync::Arc;

use ecow::EcoString;
use foldhash::HashMap;

use crate::yaml::node::Node;

/// The only version of Kubernetes whose document is in Kustomize.
pub(crate) const BUILTIN_VERSION: &str = "v1.21.2";

/// What counts at one time of a build.
///
/// Kustomize keeps one for all kustomizations: the first that names one sets it, and from then on it counts for whatever is done, in other
/// directories too. Its own document it reads when something asks for the first time; if that was before, both count.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenApi {
    is_set: bool,
    /// Whether something has asked.
    is_read: Cell<bool>,
    custom: Option<Custom>,
}

#[derive(Clone, Debug)]
struct Custom {
    definitions: Arc<Definitions>,
    /// Whether Kustomize's own were read before it.
    is_additional: bool,
}

impl OpenApi {
    /// Whether a kustomization has named one, so that others don't count.
    pub(crate) fn is_set(&self) -> bool {
        self.is_set
    }

    /// Takes Kustomize's own for the whole build.
    pub(crate) fn set_builtin(&mut self) {
        self.is_set = true;
    }

    /// Takes another one from now on.
    pub(crate) fn set(&mut self, definitions: Definitions) {
        self.is_set = true;
        self.custom = Some(Custom { definitions: Arc::new(definitions), is_additional: self.is_read.get() });
    }

    /// Notes that something has asked for a kind that Kustomize does not know without reading its document, or for the fields of one.
    pub(crate) fn note_use(&self) {
        self.is_read.set(true);
    }

    /// Whether something has asked.
    pub(crate) fn is_used(&self) -> bool {
        self.is_read.get()
    }

    /// Whether Kustomize's own document counts.
    pub(crate) fn has_builtin(&self) -> bool {
        self.custom.as_ref().is_none_or(|custom| custom.is_additional)
    }

    /// What the other one says of types.
    pub(crate) fn custom(&self) -> Option<&Definitions> {
        self.custom.as_ref().map(|custom| &*custom.definitions)
    }
}

/// The types of a document.
#[derive(Debug)]
pub(crate) struct Definitions {
    types: HashMap<EcoString, Node>,
    /// The names of types by `apiVersion` and kind of the objects that have them.
    of_kinds: HashMap<(EcoString, EcoString), EcoString>,
}

impl Definitions {
    /// Those of a document that was read as JSON.
    ///
    /// # Errors
    /// What it must be and is not.
    pub(crate) fn new(document: &Node) -> Result<Self, &'static str> {
        if document.as_map().is_none() {
            return Err("an OpenAPI document is a map with `definitions`");
        }
        let mut this = Self { types: HashMap::default(), of_kinds: HashMap::default() };
        for entry in document.get("definitions").map_or(&[][..], Node::entries) {
            let kinds = entry.value.get("x-kubernetes-group-version-kind").map_or(&[][..], Node::items);
            for kind in kinds.iter().filter(|kind| kind.as_map().is_some()) {
                let text = |field| kind.str_at(&[field]).unwrap_or_default();
                let api_version = match text("group") {
                    "" => text("version").into(),
                    group => format!("{group}/{}", text("version")).into(),
                };
                this.of_kinds.insert((api_version, text("kind").into()), entry.key.text.clone());
            }
            this.types.insert(entry.key.text.clone(), entry.value.clone());
        }
        Ok(this)
    }

    /// The type of the objects of a kind.
    pub(crate) fn of_kind(&self, api_version: &str, kind: &str) -> Option<&Node> {
        self.types.get(self.of_kinds.get(&(api_version.into(), kind.into()))?)
    }

    /// The type that a `$ref` leads to.
    pub(crate) fn referred(&self, reference: &str) -> Option<&Node> {
        let name = reference.strip_prefix("#/definitions/")?;
        self.types.get(name).or_else(|| self.types.get(name.replace("~1", "/").replace("~0", "~").as_str()))
    }
}

/// Kinds of objects without a namespace, as paths of a document say: none of their paths is below a namespace.
pub(crate) fn cluster_scoped_kinds(document: &Node) -> Vec<(EcoString, EcoString)> {
    let paths = document.get("paths").map_or(&[][..], Node::entries);
    let kind = |node: &Node| {
        let kind = node.get("get")?.get("x-kubernetes-group-version-kind")?;
        let text = |field| kind.str_at(&[field]).unwrap_or_default();
        let group = text("group");
        let api_version = if group.is_empty() { text("version").into() } else { format!("{group}/{}", text("version")).into() };
        Some((api_version, EcoString::from(text("kind"))))
    };
    let is_namespaced = |path: &str| path.contains("namespaces/{namespace}");
    let (inside, outside): (Vec<_>, Vec<_>) = paths.iter().partition(|entry| is_namespaced(&entry.key.text));
    let inside: std::collections::HashSet<(EcoString, EcoString)> = inside.into_iter().filter_map(|entry| kind(&entry.value)).collect();
    outside.into_iter().filter_map(|entry| kind(&entry.value)).filter(|kind| !inside.contains(kind)).collect()
}
