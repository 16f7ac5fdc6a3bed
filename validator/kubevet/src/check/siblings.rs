//! What the other overlays of an environment have, and what is applied beside them: a reference that one of them answers does not dangle.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use kubevet_facts::Facts;
use kubevet_facts::objects::Index;
use kubevet_facts::products::Products;
use kubevet_facts::references::Dangling;
use kubevet_facts::references::provided::Provided;
use kubevet_facts::selectors::{Labels, Selector};
use kustomize::Node;

use super::loose;
use super::renders::Renders;

/// Namespace of objects that name none. Whoever applies an overlay may give them another one.
const DEFAULT: &str = "default";

/// The overlays of an environment.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    overlays: Vec<PathBuf>,
    /// Those of other environments.
    elsewhere: Vec<PathBuf>,
    /// The directory of the project, and names of other environments: what is in a directory that is called so is not of this one.
    root: PathBuf,
    others: Vec<String>,
    /// Those, of all, whose path names no environment: something may apply them in any.
    shared: HashSet<PathBuf>,
    /// Found out when the first reference dangles.
    known: OnceLock<Known>,
    /// The same of what they were in a revision.
    before: OnceLock<Known>,
}

/// All that the overlays have or make.
#[derive(Debug, Default)]
struct Known {
    /// The namespaces of objects by kind and name, each with what it is of.
    places: HashMap<(String, String), Vec<(String, Of)>>,
    provided: Provided,
    pods: Vec<Pods>,
}

/// Pods of a workload.
#[derive(Debug)]
struct Pods {
    namespace: String,
    labels: Vec<(String, String)>,
    of: Of,
}

/// What has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// An overlay of the environment.
    Overlay(usize),
    /// An overlay of another environment, and whether its path names one.
    Elsewhere { shared: bool },
    /// No overlay that can be built.
    Nothing,
}

/// The overlay that is looked at.
#[derive(Clone, Copy)]
struct Own {
    at: Option<usize>,
    shared: bool,
}

impl Siblings {
    /// Of `environments`, each with its overlays, the one that is `at` this place.
    pub(super) fn new(environments: &[(&str, &[PathBuf])], at: usize, root: &Path) -> Self {
        let names: Vec<String> = environments.iter().map(|(name, _)| (*name).to_owned()).collect();
        let names_one = |dir: &Path| {
            let parts = dir.strip_prefix(root).unwrap_or(dir).iter().map(|part| part.to_string_lossy().into_owned());
            parts.flat_map(|part| part.split(['-', '_', '.']).map(str::to_owned).collect::<Vec<_>>()).any(|word| names.contains(&word))
        };
        let of_others = |number: &usize| *number != at;
        let elsewhere = environments.iter().enumerate().filter(|(number, _)| of_others(number)).flat_map(|(_, (_, dirs))| *dirs);
        Self {
            overlays: environments.get(at).map(|(_, dirs)| dirs.to_vec()).unwrap_or_default(),
            elsewhere: elsewhere.cloned().collect(),
            root: root.to_owned(),
            shared: environments.iter().flat_map(|(_, dirs)| *dirs).filter(|dir| !names_one(dir)).cloned().collect(),
            others: names.iter().enumerate().filter(|(number, _)| of_others(number)).map(|(_, name)| name.clone()).collect(),
            known: OnceLock::new(),
            before: OnceLock::new(),
        }
    }

    /// Whether there is more than one.
    pub(super) fn are_several(&self) -> bool {
        self.overlays.len() > 1
    }

    /// All overlays that may be looked at.
    pub(super) fn all(&self) -> impl Iterator<Item = &PathBuf> {
        self.overlays.iter().chain(&self.elsewhere)
    }

    /// Takes out of the facts of an overlay and its objects what dangles in it and is there elsewhere. Gives whether it looked elsewhere.
    pub(super) fn answer(&self, own: &Path, nodes: &[&Node], facts: &mut Facts, renders: &Renders, products: &Products) -> bool {
        let own = Own { at: self.overlays.iter().position(|dir| dir == own), shared: self.shared.contains(own) };
        // What is no overlay of the environment may stand for the only one.
        if own.at.is_none() && !self.are_several() {
            return false;
        }
        let looked = Cell::new(false);
        let found = if renders.is_of_revision() { &self.before } else { &self.known };
        let known = || {
            looked.set(true);
            found.get_or_init(|| self.find(renders, products))
        };
        for (object, node) in facts.objects.iter_mut().zip(nodes) {
            let Some(policy) = object.network.policy.as_mut().filter(|policy| !policy.empty_peers.is_empty()) else { continue };
            let known = known();
            let namespace = said(node.str_at(&["metadata", "namespace"]).unwrap_or_default());
            policy.empty_peers.retain(|path| !known.has_pods_of(path.nearest(node), namespace, own));
        }
        for object in facts.objects.iter_mut().chain(&mut facts.views).filter(|object| object.dangling.iter().any(may_be_elsewhere)) {
            let known = known();
            object.dangling.retain(|dangling| !(may_be_elsewhere(dangling) && known.has(dangling, own)));
        }
        looked.get()
    }

    fn find(&self, renders: &Renders, products: &Products) -> Known {
        let built: Vec<_> = self.overlays.iter().map(|dir| renders.get(dir).ok()).collect();
        let broken = self.overlays.iter().zip(&built).filter(|(_, built)| built.is_none()).map(|(dir, _)| dir.as_path());
        // Of a revision only what is built is looked at.
        let [loose, of_others] =
            if renders.is_of_revision() { Default::default() } else { loose::objects(&self.root, broken, &self.others, &renders.drafts()) };
        let mut known = Known::default();
        let mut all: Vec<&Node> = Vec::new();
        let rendered = built.iter().enumerate().filter_map(|(at, built)| Some((Of::Overlay(at), &built.as_ref()?.0.objects)));
        for (of, objects) in rendered.chain([(Of::Nothing, &loose)]) {
            let nodes: Vec<&Node> = objects.iter().collect();
            known.add(&nodes, of, products);
            all.extend(nodes);
        }
        known.add(&of_others.iter().collect::<Vec<_>>(), Of::Elsewhere { shared: false }, products);
        for dir in &self.elsewhere {
            let Ok((render, _)) = renders.get(dir) else { continue };
            known.add(&render.objects.iter().collect::<Vec<_>>(), Of::Elsewhere { shared: self.shared.contains(dir) }, products);
        }
        let index = Index::new(&all);
        known.provided = Provided::new(&index, &[], products);
        known
    }
}

impl Known {
    fn add(&mut self, nodes: &[&Node], of: Of, products: &Products) {
        let index = Index::new(nodes);
        let own = index.objects.iter().map(|object| (object.kind.to_owned(), object.name.to_owned(), object.namespace.to_owned()));
        let made = products.made(&index).into_iter().map(|made| (made.kind.name().to_owned(), made.name, made.namespace));
        for (kind, name, namespace) in own.chain(made) {
            self.places.entry((kind, name)).or_default().push((said(&namespace).to_owned(), of));
        }
        for object in &index.objects {
            let Some(template) = object.pod_template() else { continue };
            let labels = Labels::new(template.labels());
            let labels = labels.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
            self.pods.push(Pods { namespace: said(object.namespace).to_owned(), labels, of });
        }
    }

    /// Whether another overlay has Pods that a peer of a policy in a namespace names.
    fn has_pods_of(&self, peer: &Node, namespace: &str, own: Own) -> bool {
        let selector = peer.get("podSelector").filter(|_| peer.get("namespaceSelector").is_none());
        let Some(selector) = selector.and_then(|selector| Selector::of_label_selector(selector).ok()) else { return false };
        self.pods.iter().any(|pods| own.may_join(pods.of, &pods.namespace, namespace) && selector.matches(&Labels::of_pairs(&pods.labels)))
    }

    fn has(&self, dangling: &Dangling, own: Own) -> bool {
        let wanted = said(&dangling.namespace);
        let places = self.places.get(&(dangling.kind.to_owned(), dangling.name.clone())).map_or(&[][..], Vec::as_slice);
        let answers = |(namespace, of): &(String, Of)| own.may_join(*of, namespace, wanted);
        places.iter().any(answers) || self.provided.may_be_made(wanted, &dangling.name)
    }
}

impl Own {
    /// Whether what something has in one namespace is there for what this overlay has in another. Who names no namespace goes where it is sent.
    fn may_join(self, of: Of, theirs: &str, ours: &str) -> bool {
        match of {
            Of::Overlay(at) if self.at == Some(at) => theirs == ours,
            Of::Overlay(_) | Of::Nothing => theirs == ours || [theirs, ours].contains(&DEFAULT),
            Of::Elsewhere { shared } => (shared && (theirs == ours || theirs == DEFAULT)) || (self.shared && ours == DEFAULT),
        }
    }
}

fn said(namespace: &str) -> &str {
    if namespace.is_empty() { DEFAULT } else { namespace }
}

/// A whole object may be in another overlay; a key or port that an object lacks is not.
pub(super) fn may_be_elsewhere(dangling: &Dangling) -> bool {
    dangling.key.is_none() && dangling.port.is_none()
}
