//! Which lists a strategic merge merges, and by which keys.
//!
//! The data is that of the OpenAPI document that Kustomize v5.6.0 carries (Kubernetes v1.21.2), reduced to the fields
//! with patch strategy `merge` and the ways that lead to them. A kind that is not in [`definition`] is unknown to
//! Kustomize, and a strategic merge replaces all its lists, `metadata.finalizers` included, unless a kustomization names a document that has it.

use crate::context::openapi::{Definitions, OpenApi};
use crate::yaml::node::Node;

/// What is known about a node.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Schema<'s> {
    /// Nothing; a map with `apiVersion` and `kind` may still tell.
    Unknown,
    /// A map of this type.
    Of(Type<'s>),
    /// A list whose elements are merged by `keys` (by their own value where there are none) and are of type `item`.
    List {
        /// The merge keys.
        keys: Keys<'s>,
        /// The type of the elements.
        item: Type<'s>,
    },
}

/// A type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type<'s> {
    /// One that Kustomize knows of itself.
    Builtin(&'static Definition),
    /// One of a document that a kustomization names.
    Custom(&'s Definitions, &'s Node),
}

/// The fields that identify an element of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keys<'s> {
    /// Those of Kustomize's own document.
    Builtin(&'static [&'static str]),
    /// Those of `x-kubernetes-list-map-keys`, or the one of `x-kubernetes-patch-merge-key`.
    Custom(&'s [Node]),
}

/// The fields of a type that a strategic merge must know about.
#[derive(Debug)]
pub(crate) struct Definition(&'static [(&'static str, Known)]);

/// What Kustomize's own document says of a field.
#[derive(Clone, Copy, Debug)]
enum Known {
    Of(&'static Definition),
    List { keys: &'static [&'static str], item: &'static Definition },
}

impl<'s> Keys<'s> {
    /// The fields.
    pub(crate) fn names(self) -> Vec<&'s str> {
        match self {
            Self::Builtin(names) => names.to_vec(),
            Self::Custom(nodes) => nodes.iter().filter_map(Node::as_str).collect(),
        }
    }
}

impl<'s> Schema<'s> {
    /// What is known about the value at `key`.
    pub(crate) fn field(self, key: &str) -> Self {
        match self {
            Self::Of(Type::Builtin(definition)) => match definition.0.iter().find(|(name, _)| *name == key) {
                Some((_, Known::Of(definition))) => Self::Of(Type::Builtin(definition)),
                Some((_, Known::List { keys, item })) => Self::List { keys: Keys::Builtin(keys), item: Type::Builtin(item) },
                None => Self::Unknown,
            },
            Self::Of(Type::Custom(definitions, node)) => custom_field(definitions, node, key),
            _ => Self::Unknown,
        }
    }
}

/// As `ResourceSchema.Field`: a property, or else what all other properties are.
fn custom_field<'s>(definitions: &'s Definitions, node: &'s Node, key: &str) -> Schema<'s> {
    let property = node.get("properties").and_then(|properties| properties.get(key));
    let any = || node.get("additionalProperties").filter(|any| any.as_map().is_some());
    let Some(property) = property.or_else(any) else { return Schema::Unknown };
    let property = match property.str_at(&["$ref"]) {
        Some(reference) => definitions.referred(reference),
        None => Some(property),
    };
    // A reference that leads nowhere says nothing.
    let Some(property) = property else { return Schema::Unknown };
    let is_merged = |strategy: &str| strategy.split(',').any(|part| part == "merge");
    if !property.str_at(&["x-kubernetes-patch-strategy"]).is_some_and(is_merged) {
        return Schema::Of(Type::Custom(definitions, property));
    }
    let keys = match (property.get("x-kubernetes-list-map-keys"), property.get("x-kubernetes-patch-merge-key")) {
        (Some(keys), _) => keys.items(),
        (None, Some(key)) => std::slice::from_ref(key),
        (None, None) => &[],
    };
    let is_list = property.str_at(&["type"]) == Some("array")
        || matches!(property.get("type").map(Node::items), Some([one]) if one.as_str() == Some("array"));
    let item = property.get("items").filter(|_| is_list).and_then(|item| resolved(definitions, item));
    let item = item.map_or(Type::Builtin(&OPAQUE), |item| Type::Custom(definitions, item));
    Schema::List { keys: Keys::Custom(keys), item }
}

/// What references lead to, however many there are on the way.
fn resolved<'s>(definitions: &'s Definitions, node: &'s Node) -> Option<&'s Node> {
    /// More than this lead in a circle.
    const LONGEST: usize = 100;
    let mut node = node;
    for _ in 0..LONGEST {
        let Some(reference) = node.str_at(&["$ref"]) else { return Some(node) };
        node = definitions.referred(reference)?;
    }
    None
}

/// The type of the objects of a kind, where something says it.
pub(crate) fn of_kind<'s>(openapi: &'s OpenApi, api_version: &str, kind: &str) -> Option<Type<'s>> {
    let custom = openapi.custom().and_then(|custom| Some(Type::Custom(custom, custom.of_kind(api_version, kind)?)));
    custom.or_else(|| definition(api_version, kind).filter(|_| openapi.has_builtin()).map(Type::Builtin))
}

/// The fields by which a strategic merge tells the elements of a list apart, in a kind that Kustomize knows without reading any document: that of the
/// list to which these keys lead, through the elements of other lists too. Nothing where it would replace the list; empty where elements are told apart by
/// their own value.
pub fn merge_keys<'k>(api_version: &str, kind: &str, mut keys: impl Iterator<Item = &'k str>) -> Option<&'static [&'static str]> {
    let first = Schema::Of(Type::Builtin(definition(api_version, kind)?));
    let list = keys.try_fold(first, |schema, key| match schema {
        Schema::List { item, .. } => Some(Schema::Of(item).field(key)),
        Schema::Of(_) => Some(schema.field(key)),
        Schema::Unknown => None,
    });
    match list? {
        Schema::List { keys: Keys::Builtin(keys), .. } => Some(keys),
        _ => None,
    }
}

/// Whether Kustomize knows a kind without reading any document.
pub(crate) fn is_builtin(api_version: &str, kind: &str) -> bool {
    definition(api_version, kind).is_some()
}

const fn list(keys: &'static [&'static str], item: &'static Definition) -> Known {
    Known::List { keys, item }
}

const CONDITIONS: Known = list(&["type"], &OPAQUE);

static OPAQUE: Definition = Definition(&[]);
static META: Definition = Definition(&[("finalizers", list(&[], &OPAQUE)), ("ownerReferences", list(&["uid"], &OPAQUE))]);
static OBJECT: Definition = Definition(&[("metadata", Known::Of(&META))]);
static STATUS: Definition = Definition(&[("conditions", CONDITIONS)]);
static OBJECT_WITH_CONDITIONS: Definition = Definition(&[("metadata", Known::Of(&META)), ("status", Known::Of(&STATUS))]);

static CONTAINER: Definition = Definition(&[
    ("env", list(&["name"], &OPAQUE)),
    ("ports", list(&["containerPort", "protocol"], &OPAQUE)),
    ("volumeDevices", list(&["devicePath"], &OPAQUE)),
    ("volumeMounts", list(&["mountPath"], &OPAQUE)),
]);
static EPHEMERAL_CONTAINER: Definition = Definition(&[
    ("env", list(&["name"], &OPAQUE)),
    ("volumeDevices", list(&["devicePath"], &OPAQUE)),
    ("volumeMounts", list(&["mountPath"], &OPAQUE)),
]);
static EPHEMERAL_VOLUME: Definition = Definition(&[("volumeClaimTemplate", Known::Of(&OBJECT))]);
static VOLUME: Definition = Definition(&[("ephemeral", Known::Of(&EPHEMERAL_VOLUME))]);
static POD_SPEC: Definition = Definition(&[
    ("containers", list(&["name"], &CONTAINER)),
    ("ephemeralContainers", list(&["name"], &EPHEMERAL_CONTAINER)),
    ("hostAliases", list(&["ip"], &OPAQUE)),
    ("imagePullSecrets", list(&["name"], &OPAQUE)),
    ("initContainers", list(&["name"], &CONTAINER)),
    ("topologySpreadConstraints", list(&["topologyKey", "whenUnsatisfiable"], &OPAQUE)),
    ("volumes", list(&["name"], &VOLUME)),
]);
static POD_STATUS: Definition = Definition(&[("conditions", CONDITIONS), ("podIPs", list(&["ip"], &OPAQUE))]);
static POD: Definition = Definition(&[("metadata", Known::Of(&META)), ("spec", Known::Of(&POD_SPEC)), ("status", Known::Of(&POD_STATUS))]);
static POD_TEMPLATE_SPEC: Definition = Definition(&[("metadata", Known::Of(&META)), ("spec", Known::Of(&POD_SPEC))]);
static WITH_TEMPLATE: Definition = Definition(&[("template", Known::Of(&POD_TEMPLATE_SPEC))]);
static WORKLOAD: Definition =
    Definition(&[("metadata", Known::Of(&META)), ("spec", Known::Of(&WITH_TEMPLATE)), ("status", Known::Of(&STATUS))]);
static POD_TEMPLATE: Definition = Definition(&[("metadata", Known::Of(&META)), ("template", Known::Of(&POD_TEMPLATE_SPEC))]);
static JOB_TEMPLATE: Definition = Definition(&[("metadata", Known::Of(&META)), ("spec", Known::Of(&WITH_TEMPLATE))]);
static CRON_JOB_SPEC: Definition = Definition(&[("jobTemplate", Known::Of(&JOB_TEMPLATE))]);
static CRON_JOB: Definition = Definition(&[("metadata", Known::Of(&META)), ("spec", Known::Of(&CRON_JOB_SPEC))]);

static SERVICE_SPEC: Definition = Definition(&[("ports", list(&["port", "protocol"], &OPAQUE))]);
static SERVICE: Definition =
    Definition(&[("metadata", Known::Of(&META)), ("spec", Known::Of(&SERVICE_SPEC)), ("status", Known::Of(&STATUS))]);
static SERVICE_ACCOUNT: Definition = Definition(&[("metadata", Known::Of(&META)), ("secrets", list(&["name"], &OPAQUE))]);
static NODE_SPEC: Definition = Definition(&[("podCIDRs", list(&[], &OPAQUE))]);
static NODE_STATUS: Definition = Definition(&[("addresses", list(&["type"], &OPAQUE)), ("conditions", CONDITIONS)]);
static NODE: Definition =
    Definition(&[("metadata", Known::Of(&META)), ("spec", Known::Of(&NODE_SPEC)), ("status", Known::Of(&NODE_STATUS))]);
static COMPONENT_STATUS: Definition = Definition(&[("conditions", CONDITIONS), ("metadata", Known::Of(&META))]);
static WEBHOOKS: Definition = Definition(&[("metadata", Known::Of(&META)), ("webhooks", list(&["name"], &OPAQUE))]);
static CSI_NODE_SPEC: Definition = Definition(&[("drivers", list(&["name"], &OPAQUE))]);
static CSI_NODE: Definition = Definition(&[("metadata", Known::Of(&META)), ("spec", Known::Of(&CSI_NODE_SPEC))]);

/// The type of the objects of a kind, where Kustomize knows it.
fn definition(api_version: &str, kind: &str) -> Option<&'static Definition> {
    Some(match (api_version, kind) {
        ("apps/v1", "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet") | ("v1", "ReplicationController") | ("batch/v1", "Job") => {
            &WORKLOAD
        }
        ("v1", "Pod") => &POD,
        ("v1", "PodTemplate") => &POD_TEMPLATE,
        ("batch/v1" | "batch/v1beta1", "CronJob") => &CRON_JOB,
        ("v1", "Service") => &SERVICE,
        ("v1", "ServiceAccount") => &SERVICE_ACCOUNT,
        ("v1", "Node") => &NODE,
        ("v1", "ComponentStatus") => &COMPONENT_STATUS,
        ("v1", "Namespace" | "PersistentVolumeClaim")
        | ("policy/v1" | "policy/v1beta1", "PodDisruptionBudget")
        | ("apiregistration.k8s.io/v1" | "apiregistration.k8s.io/v1beta1", "APIService") => &OBJECT_WITH_CONDITIONS,
        (
            "admissionregistration.k8s.io/v1" | "admissionregistration.k8s.io/v1beta1",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
        ) => &WEBHOOKS,
        ("storage.k8s.io/v1" | "storage.k8s.io/v1beta1", "CSINode") => &CSI_NODE,
        _ if PLAIN_KINDS.iter().any(|(version, kinds)| *version == api_version && kinds.contains(&kind)) => &OBJECT,
        _ => return None,
    })
}

/// The other kinds that Kustomize knows; only their metadata has lists that are merged.
static PLAIN_KINDS: &[(&str, &[&str])] = &[
    ("v1", &["Binding", "ConfigMap", "Endpoints", "Event", "LimitRange", "PersistentVolume", "ResourceQuota", "Secret"]),
    ("apiextensions.k8s.io/v1", &["CustomResourceDefinition"]),
    ("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"]),
    ("apps/v1", &["ControllerRevision"]),
    ("authentication.k8s.io/v1", &["TokenRequest", "TokenReview"]),
    ("authentication.k8s.io/v1beta1", &["TokenReview"]),
    ("authorization.k8s.io/v1", ACCESS_REVIEWS),
    ("authorization.k8s.io/v1beta1", ACCESS_REVIEWS),
    ("autoscaling/v1", &["HorizontalPodAutoscaler", "Scale"]),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"]),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"]),
    ("certificates.k8s.io/v1", &["CertificateSigningRequest"]),
    ("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"]),
    ("coordination.k8s.io/v1", &["Lease"]),
    ("coordination.k8s.io/v1beta1", &["Lease"]),
    ("discovery.k8s.io/v1", &["EndpointSlice"]),
    ("discovery.k8s.io/v1beta1", &["EndpointSlice"]),
    ("events.k8s.io/v1", &["Event"]),
    ("events.k8s.io/v1beta1", &["Event"]),
    ("extensions/v1beta1", &["Ingress"]),
    ("flowcontrol.apiserver.k8s.io/v1beta1", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io/v1", &["Ingress", "IngressClass", "NetworkPolicy"]),
    ("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"]),
    ("node.k8s.io/v1", &["RuntimeClass"]),
    ("node.k8s.io/v1beta1", &["RuntimeClass"]),
    ("policy/v1beta1", &["Eviction", "PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io/v1", RBAC),
    ("rbac.authorization.k8s.io/v1beta1", RBAC),
    ("scheduling.k8s.io/v1", &["PriorityClass"]),
    ("scheduling.k8s.io/v1beta1", &["PriorityClass"]),
    ("storage.k8s.io/v1", &["CSIDriver", "StorageClass", "VolumeAttachment"]),
    ("storage.k8s.io/v1beta1", &["CSIDriver", "CSIStorageCapacity", "StorageClass", "VolumeAttachment"]),
];

const ACCESS_REVIEWS: &[&str] = &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"];
const RBAC: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
