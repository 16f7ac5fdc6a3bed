//! What operators make of their resources, and cert-manager of Ingresses: the table `policies/products.yaml`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::template::{Condition, Field, Template};
use crate::objects::Object;

/// The table. Its default is empty: every reference must then be met by an object that is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "File")]
pub struct Products {
    by_kind: HashMap<(String, String), Vec<Product>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    products: Vec<Product>,
}

/// What one kind of object makes, under conditions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Product {
    /// API group of the kind, empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// All of these must hold.
    #[serde(default, rename = "if")]
    pub when: Vec<Condition>,
    /// None of these may hold.
    #[serde(default)]
    pub unless: Vec<Condition>,
    /// What comes of it; an empty list says that the kind is known to make nothing that others refer to.
    pub makes: Vec<Made>,
}

/// An object that appears in the cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Made {
    /// Its kind.
    pub kind: MadeKind,
    /// Its name: the first of these templates that stands for anything.
    pub name: Vec<Template>,
    /// Keys of a Secret or ConfigMap.
    #[serde(default)]
    pub keys: Vec<Template>,
    /// If any of these fields is there, there are more keys than can be known.
    #[serde(default)]
    pub open_keys: Vec<Field>,
    /// Labels of Pods.
    #[serde(default)]
    pub labels: BTreeMap<String, Template>,
    /// Ports of a Service or of Pods.
    #[serde(default)]
    pub ports: Vec<MadePort>,
    /// Labels by which a Service selects its Pods.
    #[serde(default)]
    pub selector: BTreeMap<String, Template>,
}

/// What kind of object is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum MadeKind {
    /// `v1/Secret`
    Secret,
    /// `v1/ConfigMap`
    ConfigMap,
    /// `v1/Service`
    Service,
    /// `v1/ServiceAccount`
    ServiceAccount,
    /// `v1/PersistentVolumeClaim`
    PersistentVolumeClaim,
    /// Pods, whatever their names.
    Pod,
}

/// A TCP port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadePort {
    /// Its name, if it has one.
    #[serde(default)]
    pub name: Option<Template>,
    /// Its number.
    pub port: Template,
}

impl MadeKind {
    /// The kind as manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            MadeKind::Secret => "Secret",
            MadeKind::ConfigMap => "ConfigMap",
            MadeKind::Service => "Service",
            MadeKind::ServiceAccount => "ServiceAccount",
            MadeKind::PersistentVolumeClaim => "PersistentVolumeClaim",
            MadeKind::Pod => "Pod",
        }
    }
}

impl TryFrom<File> for Products {
    type Error = String;

    fn try_from(file: File) -> Result<Self, String> {
        if file.version != 1 {
            return Err(format!("version {} is not known; this kubevet reads version 1", file.version));
        }
        let mut by_kind: HashMap<_, Vec<_>> = HashMap::new();
        for product in file.products {
            by_kind.entry((product.group.clone(), product.kind.clone())).or_default().push(product);
        }
        Ok(Products { by_kind })
    }
}

impl Products {
    /// Whether the table says anything about a kind.
    pub fn knows(&self, group: &str, kind: &str) -> bool {
        self.by_kind.contains_key(&(group.to_owned(), kind.to_owned()))
    }

    /// What an object makes.
    pub fn of<'p>(&'p self, object: &Object<'_>) -> impl Iterator<Item = &'p Made> {
        let products = self.by_kind.get(&(object.group().to_owned(), object.kind.to_owned()));
        let node = object.node;
        let applies = move |product: &&Product| {
            product.when.iter().all(|condition| condition.holds(node)) && !product.unless.iter().any(|condition| condition.holds(node))
        };
        products.into_iter().flatten().filter(applies).flat_map(|product| &product.makes)
    }
}

impl Made {
    /// The names of what is made.
    pub fn names(&self, object: &Object<'_>) -> Vec<String> {
        self.name.iter().map(|template| template.expand(object.node)).find(|names| !names.is_empty()).unwrap_or_default()
    }
}
