//! What objects name, and whether it is there.
//!
//! Only names that nothing answers to become facts: a rule says what they mean.

pub mod configuration;
pub mod endpoints;
pub mod pods;
pub mod products;
pub mod provided;
pub mod template;

use std::collections::HashSet;

use kustomize::Node;
use serde::Serialize;

use crate::objects::{Index, Path};
use crate::schema::suggest::closest;
use crate::traffic::cluster::Cluster;
use crate::traffic::flows::Place;
use crate::traffic::needs::Needs;
use products::MadeKind;
use provided::Provided;

/// A name in an object that stands for another one.
#[derive(Clone, Debug)]
pub struct Mention<'a> {
    /// What kind of object is meant.
    pub kind: MadeKind,
    /// Its name.
    pub name: &'a str,
    /// Where the name is.
    pub path: Path,
    /// A key that it must have, and where that is named.
    pub key: Option<(&'a str, Path)>,
    /// Whether it may be absent.
    pub optional: bool,
}

/// A reference that nothing answers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dangling {
    /// Where it is.
    pub path: Path,
    /// The kind that is meant.
    pub kind: &'static str,
    /// The namespace that it must be in.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The port that the Service, which is there, lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Where the name stands, if it is in another object that is referred to at `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    /// The key that the object, which is there, lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A name (or key) that is there and looks much the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similar: Option<String>,
}

/// The dangling references of each object.
pub fn dangling(index: &Index<'_>, cluster: &Cluster<'_>, provided: &Provided, needs: &Needs) -> Vec<Vec<Dangling>> {
    let check = |object: &crate::objects::Object<'_>| {
        if !cluster.knows(object.namespace) {
            return Vec::new();
        }
        let mut mentions = object.pod_template().map(|template| pods::mentions(&template)).unwrap_or_default();
        if (object.group(), object.kind) == ("networking.k8s.io", "Ingress") {
            mentions.extend(ingress_certificates(object.node));
        }
        let mut seen = HashSet::new();
        let found = mentions.iter().filter_map(|mention| unanswered(mention, object.namespace, provided));
        found.filter(|dangling| seen.insert(dangling.path.clone())).collect()
    };
    let mut all: Vec<Vec<Dangling>> = index.objects.iter().map(check).collect();
    for host in &needs.unanswered {
        let Some(workload) = cluster.workloads.get(host.from) else { continue };
        if host.port.is_none() && provided.may_be_made(&host.namespace, &host.service) {
            continue;
        }
        let similar = match host.port {
            None => closest(&host.service, provided.names(MadeKind::Service, &host.namespace)).map(str::to_owned),
            Some(_) => None,
        };
        let dangling = Dangling {
            path: host.path.clone(),
            kind: MadeKind::Service.name(),
            namespace: host.namespace.clone(),
            name: host.service.clone(),
            port: host.port.map(|port| port.to_string()),
            source: Place::elsewhere(index, workload.at, &host.at),
            key: None,
            similar,
        };
        if let Some(own) = all.get_mut(workload.at).filter(|own| !own.contains(&dangling)) {
            own.push(dangling);
        }
    }
    all
}

fn ingress_certificates(ingress: &Node) -> Vec<Mention<'_>> {
    let entries = ingress.at(&["spec", "tls"]).map_or(&[][..], Node::items).iter().enumerate();
    let path = |at: usize| Path::of(&["spec", "tls"]).with(at).with("secretName");
    let named = entries.filter_map(|(at, tls)| Some((at, tls.str_at(&["secretName"])?)));
    named.map(|(at, name)| Mention { kind: MadeKind::Secret, name, path: path(at), key: None, optional: false }).collect()
}

fn unanswered(mention: &Mention<'_>, namespace: &str, provided: &Provided) -> Option<Dangling> {
    if mention.optional || always_there(mention) {
        return None;
    }
    let dangling = |path: &Path, key: Option<&str>, similar: Option<&str>| Dangling {
        path: path.clone(),
        kind: mention.kind.name(),
        namespace: namespace.into(),
        name: mention.name.into(),
        port: None,
        source: None,
        key: key.map(Into::into),
        similar: similar.map(Into::into),
    };
    match provided.find(mention.kind, namespace, mention.name) {
        None if provided.may_be_made(namespace, mention.name) => None,
        None => {
            let names = provided.names(mention.kind, namespace);
            Some(dangling(&mention.path, None, closest(mention.name, names)))
        }
        Some(keys) => {
            let (key, path) = mention.key.as_ref()?;
            let missing = !keys.open && !keys.known.contains(*key);
            missing.then(|| dangling(path, Some(key), closest(key, keys.known.iter().map(String::as_str))))
        }
    }
}

/// What every namespace has, though no manifest says so.
fn always_there(mention: &Mention<'_>) -> bool {
    matches!((mention.kind, mention.name), (MadeKind::ServiceAccount, "default") | (MadeKind::ConfigMap, "kube-root-ca.crt"))
}
