//! What operators make of their resources, and cert-manager of Ingresses: the table `policies/products.yaml`.

use std::collections::{BTreeMap, HashMap};

use kustomize::Node;
use serde::Deserialize;

use crate::objects::{Index, Object, Path};
use crate::template::{Condition, Field, Template};

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
    /// Labels that tell its Pods apart: each Pod has one of the values. One that ends in `*` stands for all that begin so.
    #[serde(default)]
    pub each: BTreeMap<String, Vec<Template>>,
    /// Ports of a Service or of Pods.
    #[serde(default)]
    pub ports: Vec<MadePort>,
    /// Labels by which a Service selects its Pods.
    #[serde(default)]
    pub selector: BTreeMap<String, Template>,
    /// How many Pods there are; one if it does not say.
    #[serde(default)]
    pub replicas: Option<Template>,
    /// The fields with the resources (`requests` and `limits`) of each of a Pod's containers.
    #[serde(default)]
    pub resources: Vec<Field>,
    /// Another object that says it where these fields don't.
    #[serde(default)]
    pub inherits: Option<Inherits>,
    /// Amounts that the operator fills in itself, such as `requests.memory`.
    #[serde(default)]
    pub fills: Vec<String>,
    /// The sizes of the claims of each Pod.
    #[serde(default)]
    pub claims: Vec<Template>,
}

/// An object of the same group and namespace that has a field for others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inherits {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: Template,
    /// The field.
    pub field: Field,
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
    /// The kinds that it knows.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.by_kind.keys().map(|(_, kind)| kind.as_str())
    }

    /// Whether an object is of a kind that an operator defines and the table says nothing about, so that anything may come of it.
    pub fn is_unknown(&self, object: &Object<'_>) -> bool {
        let group = object.group();
        let operator = group.contains('.') && !group.ends_with(".k8s.io");
        operator && !self.by_kind.contains_key(&(group.to_owned(), object.kind.to_owned()))
    }

    /// Everything that the objects make.
    pub fn made(&self, index: &Index<'_>) -> Vec<MadeObject> {
        let of_object =
            |(at, object): (usize, &Object<'_>)| self.of(object).flat_map(|made| made.expand(at, object, index)).collect::<Vec<_>>();
        index.objects.iter().enumerate().flat_map(of_object).collect()
    }

    fn of<'p>(&'p self, object: &Object<'_>) -> impl Iterator<Item = &'p Made> {
        let products = self.by_kind.get(&(object.group().to_owned(), object.kind.to_owned()));
        let node = object.node;
        let applies = move |product: &&Product| {
            product.when.iter().all(|condition| condition.holds(node)) && !product.unless.iter().any(|condition| condition.holds(node))
        };
        products.into_iter().flatten().filter(applies).flat_map(|product| &product.makes)
    }
}

/// One object that appears in the cluster because of another one.
#[derive(Clone, Debug)]
pub struct MadeObject {
    /// Where the object that makes it stands among all objects.
    pub at: usize,
    /// Its kind.
    pub kind: MadeKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Keys of a Secret or ConfigMap.
    pub keys: Vec<String>,
    /// Whether there are keys beside these.
    pub open_keys: bool,
    /// Labels of Pods.
    pub labels: Vec<(String, String)>,
    /// Labels of which each Pod has one of several values.
    pub each: Vec<(String, String)>,
    /// TCP ports of a Service or of Pods, with their names where they have one.
    pub ports: Vec<(String, u16)>,
    /// Labels by which a Service selects its Pods.
    pub selector: Vec<(String, String)>,
    /// How many Pods there are.
    pub replicas: i64,
    /// The containers of a Pod, as far as the object says something of them.
    pub containers: Vec<MadeContainer>,
    /// Amounts that the operator fills in itself, such as `requests.memory`.
    pub fills: Vec<String>,
    /// The sizes of the claims of each Pod.
    pub claims: Vec<String>,
}

/// A container of a Pod that an operator makes.
#[derive(Clone, Debug)]
pub struct MadeContainer {
    /// Where the object has or could have its resources.
    pub path: Path,
    /// What it asks for.
    pub requests: Amounts,
    /// What it may take.
    pub limits: Amounts,
}

/// Resources with their amounts.
pub type Amounts = Vec<(String, String)>;

impl Made {
    fn expand(&self, at: usize, object: &Object<'_>, index: &Index<'_>) -> Vec<MadeObject> {
        let inherited = self.inherits.as_ref().and_then(|inherits| inherits.node(object, index));
        let names = self.name.iter().map(|template| template.expand(object.node)).find(|names| !names.is_empty()).unwrap_or_default();
        let pairs = |labels: &BTreeMap<String, Template>| -> Vec<(String, String)> {
            let pair = |(key, value): (&String, &Template)| Some((key.clone(), value.expand(object.node).into_iter().next()?));
            labels.iter().filter_map(pair).collect()
        };
        let ports = |port: &MadePort| -> Vec<(String, u16)> {
            let name = port.name.as_ref().and_then(|name| name.expand(object.node).into_iter().next()).unwrap_or_default();
            port.port.expand(object.node).iter().filter_map(|number| Some((name.clone(), number.parse().ok()?))).collect()
        };
        let made = |name| MadeObject {
            at,
            kind: self.kind,
            namespace: object.namespace.into(),
            name,
            keys: self.keys.iter().flat_map(|key| key.expand(object.node)).collect(),
            open_keys: self.open_keys.iter().any(|field| field.is_set(object.node)),
            labels: pairs(&self.labels),
            each: self
                .each
                .iter()
                .flat_map(|(key, values)| values.iter().flat_map(|value| value.expand(object.node)).map(|value| (key.clone(), value)))
                .collect(),
            ports: self.ports.iter().flat_map(ports).collect(),
            selector: pairs(&self.selector),
            replicas: self.replicas.as_ref().and_then(|replicas| replicas.expand(object.node).first()?.parse().ok()).unwrap_or(1),
            containers: self.resources.iter().flat_map(|field| containers(field, object, inherited)).collect(),
            fills: self.fills.clone(),
            claims: self.claims.iter().flat_map(|size| size.expand(object.node)).collect(),
        };
        names.into_iter().map(made).collect()
    }
}

fn containers(field: &Field, object: &Object<'_>, inherited: Option<&Node>) -> Vec<MadeContainer> {
    let amounts = |resources: Option<&Node>, name: &str| {
        let entries = resources.and_then(|resources| resources.get(name)).map_or(&[][..], Node::entries);
        entries.iter().filter_map(|entry| Some((entry.key.text.to_string(), entry.value.text()?.to_owned()))).collect()
    };
    let container = |(path, own): (Path, Option<&Node>)| {
        let resources = own.filter(|own| !own.is_null()).or(inherited);
        MadeContainer { path, requests: amounts(resources, "requests"), limits: amounts(resources, "limits") }
    };
    field.places(object.node).into_iter().map(container).collect()
}

impl Inherits {
    fn node<'a>(&self, object: &Object<'_>, index: &Index<'a>) -> Option<&'a Node> {
        let name = self.name.expand(object.node).into_iter().next()?;
        let same = |at: &&usize| index.objects.get(**at).is_some_and(|other| other.name == name && other.namespace == object.namespace);
        let at = index.of_kind(object.group(), &self.kind).iter().find(same)?;
        self.field.node(index.objects.get(*at)?.node)
    }
}
