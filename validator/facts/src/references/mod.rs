//! What objects name, and whether it is there.
//!
//! Only names that nothing answers to become facts: a rule says what they mean.

pub mod objects;
pub mod provided;

use std::collections::HashSet;

use kustomize::closest;
use serde::Serialize;

use crate::later::is_filled_in;
use crate::mentions::{Mention, pods};
use crate::objects::{Object, ObjectId, Path, Place};
use crate::products::MadeKind;
use crate::traffic::needs::Needs;
use objects::Known;
use provided::Provided;

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
    /// A name (or key) that is there and looks much the same; for a port, also the only one that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similar: Option<String>,
    /// The Pods that a selector selects but for one label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Nearest>,
}

/// Pods that a selector selects but for one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Nearest {
    /// Whose Pods they are.
    pub object: ObjectId,
    /// Where the label is, or would be.
    pub path: Path,
    /// The label.
    pub label: String,
    /// What it is, if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Dangling {
    fn new(path: Path, kind: &'static str, namespace: &str, name: &str) -> Self {
        let (namespace, name) = (namespace.into(), name.into());
        Dangling { path, kind, namespace, name, port: None, source: None, key: None, similar: None, nearest: None }
    }
}

/// The dangling references of each object.
pub fn dangling(known: Known<'_, '_>, needs: &Needs) -> Vec<Vec<Dangling>> {
    let Known { index, cluster, provided, .. } = known;
    let check = |(at, object): (usize, &Object<'_>)| {
        if !object.namespace.is_empty() && !cluster.knows(object.namespace) {
            // A Service that is alone in its namespace may have been meant for that of its Pods.
            return if object.kind == "Service" && object.group().is_empty() { known.dangling(at, object) } else { Vec::new() };
        }
        let mentions = object.pod_template().map(|template| pods::mentions(&template)).unwrap_or_default();
        let mut found = known.dangling(at, object);
        found.extend(mentions.iter().filter_map(|mention| unanswered(mention, object.namespace, provided)));
        let mut seen = HashSet::new();
        let is_open = |name: &Option<String>| name.as_deref().is_some_and(is_filled_in);
        found.retain(|dangling| {
            let is_known = !is_filled_in(&dangling.name) && !is_filled_in(&dangling.namespace) && !is_open(&dangling.key);
            is_known && seen.insert(dangling.path.clone())
        });
        found
    };
    let mut all: Vec<Vec<Dangling>> = index.objects.iter().enumerate().map(check).collect();
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
            port: host.port.map(|port| port.to_string()),
            source: Place::elsewhere(index, workload.at, &host.at),
            similar,
            ..Dangling::new(host.path.clone(), MadeKind::Service.name(), &host.namespace, &host.service)
        };
        if let Some(own) = all.get_mut(workload.at).filter(|own| !own.contains(&dangling)) {
            own.push(dangling);
        }
    }
    all
}

fn unanswered(mention: &Mention<'_>, namespace: &str, provided: &Provided) -> Option<Dangling> {
    if mention.optional || always_there(mention) {
        return None;
    }
    let dangling = |path: &Path, key: Option<&str>, similar: Option<&str>| Dangling {
        key: key.map(Into::into),
        similar: similar.map(Into::into),
        ..Dangling::new(path.clone(), mention.kind.name(), namespace, mention.name)
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
