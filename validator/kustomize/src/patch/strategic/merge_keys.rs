//! Which lists a strategic merge merges, and by which keys.
//!
//! The data is that of the OpenAPI document that Kustomize v5.6.0 carries (Kubernetes v1.21.2), reduced to the fields
//! with patch strategy `merge` and the ways that lead to them. A kind that is not in [`definition`] is unknown to
//! Kustomize, and a strategic merge replaces all its lists, `metadata.finalizers` included.

/// What is known about a node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Schema {
    /// Nothing; a map with `apiVersion` and `kind` may still tell.
    Unknown,
    /// A map of this type.
    Of(&'static Definition),
    /// A list whose elements are merged by `keys` (by their own value where there are none) and are of type `item`.
    List {
        /// The merge keys.
        keys: &'static [&'static str],
        /// The type of the elements.
        item: &'static Definition,
    },
}

/// The fields of a type that a strategic merge must know about.
#[derive(Debug)]
pub(super) struct Definition(&'static [(&'static str, Schema)]);

impl Schema {
    /// What is known about the value at `key`.
    pub(super) fn field(self, key: &str) -> Self {
        match self {
            Self::Of(definition) => definition.0.iter().find(|(name, _)| *name == key).map_or(Self::Unknown, |(_, schema)| *schema),
            _ => Self::Unknown,
        }
    }
}

const fn list(keys: &'static [&'static str], item: &'static Definition) -> Schema {
    Schema::List { keys, item }
}

const CONDITIONS: Schema = list(&["type"], &OPAQUE);

static OPAQUE: Definition = Definition(&[]);
static META: Definition = Definition(&[("finalizers", list(&[], &OPAQUE)), ("ownerReferences", list(&["uid"], &OPAQUE))]);
static OBJECT: Definition = Definition(&[("metadata", Schema::Of(&META))]);
static STATUS: Definition = Definition(&[("conditions", CONDITIONS)]);
static OBJECT_WITH_CONDITIONS: Definition = Definition(&[("metadata", Schema::Of(&META)), ("status", Schema::Of(&STATUS))]);

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
static EPHEMERAL_VOLUME: Definition = Definition(&[("volumeClaimTemplate", Schema::Of(&OBJECT))]);
static VOLUME: Definition = Definition(&[("ephemeral", Schema::Of(&EPHEMERAL_VOLUME))]);
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
static POD: Definition =
    Definition(&[("metadata", Schema::Of(&META)), ("spec", Schema::Of(&POD_SPEC)), ("status", Schema::Of(&POD_STATUS))]);
static POD_TEMPLATE_SPEC: Definition = Definition(&[("metadata", Schema::Of(&META)), ("spec", Schema::Of(&POD_SPEC))]);
static WITH_TEMPLATE: Definition = Definition(&[("template", Schema::Of(&POD_TEMPLATE_SPEC))]);
static WORKLOAD: Definition =
    Definition(&[("metadata", Schema::Of(&META)), ("spec", Schema::Of(&WITH_TEMPLATE)), ("status", Schema::Of(&STATUS))]);
static POD_TEMPLATE: Definition = Definition(&[("metadata", Schema::Of(&META)), ("template", Schema::Of(&POD_TEMPLATE_SPEC))]);
static JOB_TEMPLATE: Definition = Definition(&[("metadata", Schema::Of(&META)), ("spec", Schema::Of(&WITH_TEMPLATE))]);
static CRON_JOB_SPEC: Definition = Definition(&[("jobTemplate", Schema::Of(&JOB_TEMPLATE))]);
static CRON_JOB: Definition = Definition(&[("metadata", Schema::Of(&META)), ("spec", Schema::Of(&CRON_JOB_SPEC))]);

static SERVICE_SPEC: Definition = Definition(&[("ports", list(&["port", "protocol"], &OPAQUE))]);
static SERVICE: Definition =
    Definition(&[("metadata", Schema::Of(&META)), ("spec", Schema::Of(&SERVICE_SPEC)), ("status", Schema::Of(&STATUS))]);
static SERVICE_ACCOUNT: Definition = Definition(&[("metadata", Schema::Of(&META)), ("secrets", list(&["name"], &OPAQUE))]);
static NODE_SPEC: Definition = Definition(&[("podCIDRs", list(&[], &OPAQUE))]);
static NODE_STATUS: Definition = Definition(&[("addresses", list(&["type"], &OPAQUE)), ("conditions", CONDITIONS)]);
static NODE: Definition =
    Definition(&[("metadata", Schema::Of(&META)), ("spec", Schema::Of(&NODE_SPEC)), ("status", Schema::Of(&NODE_STATUS))]);
static COMPONENT_STATUS: Definition = Definition(&[("conditions", CONDITIONS), ("metadata", Schema::Of(&META))]);
static WEBHOOKS: Definition = Definition(&[("metadata", Schema::Of(&META)), ("webhooks", list(&["name"], &OPAQUE))]);
static CSI_NODE_SPEC: Definition = Definition(&[("drivers", list(&["name"], &OPAQUE))]);
static CSI_NODE: Definition = Definition(&[("metadata", Schema::Of(&META)), ("spec", Schema::Of(&CSI_NODE_SPEC))]);

/// The type of the objects of a kind, where Kustomize knows it.
pub(super) fn definition(api_version: &str, kind: &str) -> Option<&'static Definition> {
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
