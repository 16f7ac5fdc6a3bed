//! Where labels of a whole kustomization do harm: in selectors and claims, which nothing may change later, in the selectors of peers that are
//! somebody else's Pods, and in Services that have no selector on purpose.

use std::collections::{BTreeMap, HashSet};

use crate::context::decode::Pairs;
use crate::object::field_spec::FieldSpec;
use crate::object::resource::Resource;
use crate::yaml::node::Node;

/// Last words of labels that say which release something is.
const RELEASES: [&str; 8] = ["version", "chart", "revision", "commit", "sha", "build", "tag", "release-date"];

/// What a label does, and the first object to which.
#[derive(Default)]
pub(super) struct Spread<'a> {
    /// The label that changes with each release, if there is one.
    release: Option<&'a str>,
    found: BTreeMap<Harm, String>,
    /// Services that have no selector, by name.
    bare: Vec<(String, String)>,
    /// Names of Services whose addresses are listed by hand.
    listed: HashSet<String>,
    /// Whether Pods get the labels too.
    reaches_pods: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    Selector,
    Claim,
    Peer,
    Service,
}

impl<'a> Spread<'a> {
    pub(super) fn new(labels: &'a Pairs) -> Self {
        let is_release = |key: &str| RELEASES.contains(&key.rsplit(['/', '-', '_']).next().unwrap_or(key).to_ascii_lowercase().as_str());
        let release = labels.iter().map(|(key, _)| &*key.value).find(|key| is_release(key));
        Self { release, found: BTreeMap::new(), bare: Vec::new(), listed: HashSet::new(), reaches_pods: false }
    }

    /// Looks at an object before it gets the labels.
    pub(super) fn look(&mut self, resource: &Resource, specs: &[FieldSpec]) {
        let gvk = resource.gvk();
        let writes = |path: &str| specs.iter().any(|spec| spec.path == path && spec.matches(&gvk.group, &gvk.version, &gvk.kind));
        let node = &resource.node;
        self.reaches_pods |= node.at(&["spec", "template", "spec"]).is_some() && writes("spec/template/metadata/labels");
        match &*gvk.kind {
            "Endpoints" => self.listed.extend(node.str_at(&["metadata", "name"]).map(str::to_owned)),
            "EndpointSlice" => self.listed.extend(node.str_at(&["metadata", "labels", "kubernetes.io/service-name"]).map(str::to_owned)),
            "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" if self.release.is_some() && gvk.group == "apps" => {
                if writes("spec/selector/matchLabels") {
                    self.add(Harm::Selector, resource);
                }
                let has_claims = node.at(&["spec", "volumeClaimTemplates"]).is_some_and(|claims| !claims.items().is_empty());
                if has_claims && writes("spec/volumeClaimTemplates[]/metadata/labels") {
                    self.add(Harm::Claim, resource);
                }
            }
            "Service" if writes("spec/selector") => {
                let is_external = node.str_at(&["spec", "type"]) == Some("ExternalName");
                let has_selector = node.at(&["spec", "selector"]).is_some_and(|selector| !selector.entries().is_empty());
                if !is_external && !has_selector && node.get("spec").is_some() {
                    let name = node.str_at(&["metadata", "name"]).unwrap_or_default();
                    self.bare.push((name.to_owned(), resource.id().to_string()));
                }
            }
            "NetworkPolicy" => {
                for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
                    let path = format!("spec/{rules}/{peers}/podSelector/matchLabels");
                    let rules = node.at(&["spec", rules]).map(Node::items).unwrap_or_default();
                    let mut peers = rules.iter().flat_map(|rule| rule.get(peers).map(Node::items).unwrap_or_default());
                    // What stands beside a selector of namespaces speaks of Pods that others label.
                    let is_foreign =
                        |peer: &Node| peer.get("namespaceSelector").is_some() && peer.at(&["podSelector", "matchLabels"]).is_some();
                    if writes(&path) && peers.any(is_foreign) {
                        self.add(Harm::Peer, resource);
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, harm: Harm, resource: &Resource) {
        self.found.entry(harm).or_insert_with(|| resource.id().to_string());
    }

    /// What to say of each.
    pub(super) fn messages(&mut self) -> impl Iterator<Item = String> {
        // Where Pods get the label too, it is how the Service is meant to find them, unless others are listed for it.
        let harmed = self.bare.iter().find(|(name, _)| !self.reaches_pods || self.listed.contains(name));
        self.found.extend(harmed.map(|(_, object)| (Harm::Service, object.clone())));
        let release = self.release.unwrap_or_default();
        self.found.iter().map(move |(harm, object)| match harm {
            Harm::Selector => {
                format!("`{release}` changes with each release, and this puts it into selectors, which can't be changed: that of {object} for one")
            }
            Harm::Claim => {
                format!("`{release}` changes with each release, and this puts it into claim templates, which can't be changed: those of {object} for one")
            }
            Harm::Peer => format!("this adds to the labels of peers in other namespaces, whose Pods don't have it: in {object} for one"),
            Harm::Service => format!("this gives a selector to {object}, which has none"),
        })
    }
}
