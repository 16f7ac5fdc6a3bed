//! Names of objects, paths into them, an index over them, and where each of Kubernetes' own kinds keeps its pod template.

use std::collections::HashMap;
use std::fmt;

use kustomize::Node;
use serde::{Serialize, Serializer};

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectId {
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// The namespace that the object names, if it names one.
    pub namespace: Option<String>,
    /// `metadata.name`
    pub name: String,
}

impl ObjectId {
    /// The identity that an object gives itself.
    pub fn of(object: &Node) -> Self {
        let text = |keys: &[&str]| object.str_at(keys).map(str::to_owned);
        ObjectId {
            api_version: text(&["apiVersion"]).unwrap_or_default(),
            kind: text(&["kind"]).unwrap_or_default(),
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]).unwrap_or_default(),
        }
    }
}

/// `Kind namespace/name`, as people write it.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

/// One step down into an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A key of a map.
    Key(Box<str>),
    /// An index into a list, from 0.
    Index(usize),
}

impl Serialize for Segment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Segment::Key(key) => serializer.serialize_str(key),
            Segment::Index(index) => serializer.serialize_u64(*index as u64),
        }
    }
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Segment::Key(key.into())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Segment::Index(index)
    }
}

/// A place in an object: a JSON array of keys and indices.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Path(pub Vec<Segment>);

impl Path {
    /// The path of the given keys.
    pub fn of(keys: &[&str]) -> Self {
        Path(keys.iter().map(|key| Segment::from(*key)).collect())
    }

    /// This path and another one below it.
    pub fn join(&self, below: &Path) -> Self {
        Path(self.0.iter().chain(&below.0).cloned().collect())
    }

    /// The node of an object that it leads to, or where it ends too early the last one on the way.
    pub fn nearest<'a>(&self, object: &'a Node) -> &'a Node {
        let step = |node: &'a Node, segment: &Segment| match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.items().get(*index),
        };
        let mut node = object;
        for segment in &self.0 {
            let Some(next) = step(node, segment) else { break };
            node = next;
        }
        node
    }

    /// This path and one more step.
    pub fn with(&self, segment: impl Into<Segment>) -> Self {
        let mut path = Path(Vec::with_capacity(self.0.len() + 1));
        path.0.extend_from_slice(&self.0);
        path.0.push(segment.into());
        path
    }
}

/// `spec.containers[0].name`
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if at == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What the API server would refuse in an object, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where, from the node that was read down.
    pub path: Path,
    /// What is wrong.
    pub message: String,
}

impl Refused {
    /// What is wrong with the node itself.
    pub fn new(message: impl Into<String>) -> Self {
        Refused { path: Path::default(), message: message.into() }
    }

    /// The same, seen from one step further up.
    pub fn below(mut self, segment: impl Into<Segment>) -> Self {
        self.path.0.insert(0, segment.into());
        self
    }
}

/// The key at which a Pod that is shown as a built-in kind says what it is, see [`crate::workloads::View`].
pub const OF: &str = "$of";

/// An object and its identity, borrowed from it. A field that the object lacks (or that isn't a string) is empty.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// The object itself.
    pub node: &'a Node,
    /// What it really is, where it is shown as another kind.
    of: Option<&'a Node>,
    /// Whether it is of an operator's kind and all labels of its Pods are known.
    described: bool,
    /// `apps/v1`
    pub api_version: &'a str,
    /// `Deployment`
    pub kind: &'a str,
    /// The namespace that it will live in: what it says, else `default`, and empty where the kind is cluster-scoped.
    pub namespace: &'a str,
    /// `metadata.name`
    pub name: &'a str,
}

impl<'a> Object<'a> {
    pub(crate) fn new(node: &'a Node) -> Self {
        let (api_version, kind) = (node.str_at(&["apiVersion"]).unwrap_or(""), node.str_at(&["kind"]).unwrap_or(""));
        let said = node.str_at(&["metadata", "namespace"]).unwrap_or("");
        let namespace = match said {
            _ if is_cluster_scoped(group_of(api_version), kind) => "",
            "" => "default",
            said => said,
        };
        Object { node, of: None, described: false, api_version, kind, namespace, name: node.str_at(&["metadata", "name"]).unwrap_or("") }
    }

    /// A Pod of an object of another kind, shown as one of a built-in kind.
    pub(crate) fn of_view(node: &'a Node) -> Self {
        Object { of: node.get(OF), ..Object::new(node) }
    }

    /// Notes that all labels of its Pods are known.
    pub(crate) fn describe(&mut self) {
        self.described = true;
    }

    /// The kind that the manifest names, where this is shown as another one.
    pub fn own_kind(&self) -> &'a str {
        self.of.and_then(|of| of.str_at(&["kind"])).unwrap_or(self.kind)
    }

    /// Whether its Pods are known, with all their labels, though an operator makes them.
    pub fn is_described(&self) -> bool {
        self.described
    }

    /// Whether it is shown as another kind than its own.
    pub fn is_view(&self) -> bool {
        self.of.is_some()
    }

    /// Whether an operator makes its Pod and this is only what it adds to it.
    pub fn is_partial(&self) -> bool {
        self.of.and_then(|of| of.get("partial")).and_then(Node::as_bool) == Some(true)
    }

    /// The API group, empty for the core group.
    pub fn group(&self) -> &'a str {
        group_of(self.api_version)
    }

    /// The identity as reports and rules name it.
    pub fn id(&self) -> ObjectId {
        ObjectId {
            api_version: self.of.and_then(|of| of.str_at(&["apiVersion"])).unwrap_or(self.api_version).into(),
            kind: self.own_kind().into(),
            namespace: self.node.str_at(&["metadata", "namespace"]).map(Into::into),
            name: self.name.into(),
        }
    }

    /// The labels of the object itself.
    pub fn labels(&self) -> Option<&'a Node> {
        self.node.at(&["metadata", "labels"])
    }

    /// The template of the pods that this kind makes, or the Pod itself.
    pub fn pod_template(&self) -> Option<PodTemplate<'a>> {
        let path = pod_template_path(self.group(), self.kind)?;
        self.node.at(path).map(|node| PodTemplate { path, node })
    }
}

/// Where a pod is described in an object: it has `metadata` and `spec`.
#[derive(Clone, Copy, Debug)]
pub struct PodTemplate<'a> {
    /// Where the template is; empty for a Pod.
    pub path: &'static [&'static str],
    /// The template.
    pub node: &'a Node,
}

impl<'a> PodTemplate<'a> {
    /// The labels that the pods get.
    pub fn labels(&self) -> Option<&'a Node> {
        self.node.at(&["metadata", "labels"])
    }

    /// The pod's spec.
    pub fn spec(&self) -> Option<&'a Node> {
        self.node.get("spec")
    }

    /// The path of a field of the pod's spec.
    pub fn spec_path(&self, keys: &[&str]) -> Path {
        Path(self.path.iter().copied().chain(["spec"]).chain(keys.iter().copied()).map(Segment::from).collect())
    }

    /// All containers with their paths: first init containers, then containers.
    pub fn containers(&self) -> impl Iterator<Item = (Path, &'a Node)> {
        let (template, spec) = (*self, self.spec());
        ["initContainers", "containers"].into_iter().flat_map(move |list| {
            let items = spec.and_then(|spec| spec.get(list)).map_or(&[][..], Node::items);
            items.iter().enumerate().map(move |(at, container)| (template.spec_path(&[list]).with(at), container))
        })
    }
}

/// Where objects of one of Kubernetes' own kinds keep their pod template, if they have one. Others are shown as one of these.
pub fn pod_template_path(group: &str, kind: &str) -> Option<&'static [&'static str]> {
    match (group, kind) {
        ("", "Pod") => Some(&[]),
        ("", "ReplicationController") | ("batch", "Job") => Some(&["spec", "template"]),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => Some(&["spec", "template"]),
        ("batch", "CronJob") => Some(&["spec", "jobTemplate", "spec", "template"]),
        _ => None,
    }
}

/// The group of an apiVersion: `apps` of `apps/v1`, empty for `v1`.
pub fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether objects of a built-in kind (or of the operators' kinds that are known here) have no namespace.
pub fn is_cluster_scoped(group: &str, kind: &str) -> bool {
    match group {
        "" => matches!(kind, "Namespace" | "Node" | "PersistentVolume" | "ComponentStatus"),
        "rbac.authorization.k8s.io" => matches!(kind, "ClusterRole" | "ClusterRoleBinding"),
        "networking.k8s.io" => matches!(kind, "IngressClass" | "IPAddress" | "ServiceCIDR"),
        "storage.k8s.io" => kind != "CSIStorageCapacity",
        "authentication.k8s.io" => matches!(kind, "SelfSubjectReview" | "TokenReview"),
        "authorization.k8s.io" => matches!(kind, "SelfSubjectAccessReview" | "SelfSubjectRulesReview" | "SubjectAccessReview"),
        "resource.k8s.io" => {
            matches!(kind, "DeviceClass" | "DeviceTaintRule" | "ResourceClass" | "ResourcePoolStatusRequest" | "ResourceSlice")
        }
        "certificates.k8s.io" => kind != "PodCertificateRequest",
        "scheduling.k8s.io" => kind == "PriorityClass",
        "apiextensions.k8s.io" | "apiregistration.k8s.io" | "admissionregistration.k8s.io" => true,
        "node.k8s.io" | "flowcontrol.apiserver.k8s.io" | "storagemigration.k8s.io" | "internal.apiserver.k8s.io" => true,
        "policy" => kind == "PodSecurityPolicy",
        "cert-manager.io" => kind == "ClusterIssuer",
        "external-secrets.io" => matches!(kind, "ClusterSecretStore" | "ClusterExternalSecret" | "ClusterPushSecret"),
        _ => false,
    }
}

/// The objects, found by what others call them. A name that two objects share finds the first.
#[derive(Debug)]
pub struct Index<'a> {
    /// All objects, in the order in which they were given.
    pub objects: Vec<Object<'a>>,
    by_name: HashMap<(&'a str, &'a str, &'a str, &'a str), usize>,
    by_kind: HashMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> Index<'a> {
    /// Indexes objects.
    pub fn new(nodes: &[&'a Node]) -> Self {
        Self::of(nodes.iter().map(|node| Object::new(node)).collect())
    }

    /// Indexes objects that are known as such already.
    pub(crate) fn of(objects: Vec<Object<'a>>) -> Self {
        let mut by_name = HashMap::with_capacity(objects.len());
        let mut by_kind: HashMap<_, Vec<_>> = HashMap::new();
        for (at, object) in objects.iter().enumerate() {
            by_name.entry((object.group(), object.kind, object.namespace, object.name)).or_insert(at);
            by_kind.entry((object.group(), object.kind)).or_default().push(at);
        }
        Index { objects, by_name, by_kind }
    }

    /// The place of the object of that group, kind, namespace (empty for a cluster-scoped kind) and name.
    pub fn find(&self, group: &'a str, kind: &'a str, namespace: &'a str, name: &'a str) -> Option<usize> {
        self.by_name.get(&(group, kind, namespace, name)).copied()
    }

    /// The places of all objects of a kind.
    pub fn of_kind(&self, group: &'a str, kind: &'a str) -> &[usize] {
        self.by_kind.get(&(group, kind)).map_or(&[], Vec::as_slice)
    }
}

/// A place in an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The object.
    pub object: ObjectId,
    /// Where in it.
    pub path: Path,
}

impl Place {
    /// The place, if it is in another object than the one at `own`.
    pub fn elsewhere(index: &Index<'_>, own: usize, (at, path): &(usize, Path)) -> Option<Self> {
        let object = index.objects.get(*at).filter(|_| *at != own)?;
        Some(Place { object: object.id(), path: path.clone() })
    }
}
