//! What the other overlays of an environment have: a reference that one of them answers does not dangle.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use kubevet_facts::Facts;
use kubevet_facts::objects::Index;
use kubevet_facts::products::Products;
use kubevet_facts::references::Dangling;
use kustomize::Node;

use super::renders::Renders;

/// Namespace of objects that name none.
const DEFAULT: &str = "default";

/// The overlays of an environment.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    overlays: Vec<PathBuf>,
    /// Kind, namespace and name of all that they have or make; found out when the first reference dangles.
    objects: OnceLock<HashSet<(String, String, String)>>,
    /// The same of what they were in a revision.
    before: OnceLock<HashSet<(String, String, String)>>,
}

impl Siblings {
    pub(super) fn new(overlays: Vec<PathBuf>) -> Self {
        Self { overlays, ..Self::default() }
    }

    /// Whether there is more than one.
    pub(super) fn are_several(&self) -> bool {
        self.overlays.len() > 1
    }

    /// Takes out of the facts what dangles in one overlay and is there in another.
    pub(super) fn answer(&self, facts: &mut Facts, renders: &Renders, products: &Products) {
        if !self.are_several() {
            return;
        }
        for object in facts.objects.iter_mut().chain(&mut facts.views).filter(|object| object.dangling.iter().any(may_be_elsewhere)) {
            let known = if renders.is_of_revision() { &self.before } else { &self.objects };
            let known = known.get_or_init(|| objects(&self.overlays, renders, products));
            object.dangling.retain(|dangling| {
                let namespace = if dangling.namespace.is_empty() { DEFAULT } else { &dangling.namespace };
                let identity = (dangling.kind.to_owned(), namespace.to_owned(), dangling.name.clone());
                !(may_be_elsewhere(dangling) && known.contains(&identity))
            });
        }
    }
}

/// A whole object may be in another overlay; a key or port that an object lacks is not.
pub(super) fn may_be_elsewhere(dangling: &Dangling) -> bool {
    dangling.key.is_none() && dangling.port.is_none()
}

/// An overlay that doesn't render has nothing here; that is reported where it is judged itself.
fn objects(overlays: &[PathBuf], renders: &Renders, products: &Products) -> HashSet<(String, String, String)> {
    let renders: Vec<_> = overlays.iter().filter_map(|dir| renders.get(dir).ok()).map(|(render, _)| render).collect();
    let nodes: Vec<&Node> = renders.iter().flat_map(|render| &render.objects).collect();
    let index = Index::new(&nodes);
    let namespace = |name: &str| if name.is_empty() { DEFAULT.to_owned() } else { name.to_owned() };
    let own = index.objects.iter().map(|object| (object.kind.to_owned(), namespace(object.namespace), object.name.to_owned()));
    let made = products.made(&index).into_iter().map(|made| (made.kind.name().to_owned(), namespace(&made.namespace), made.name));
    own.chain(made).collect()
}
