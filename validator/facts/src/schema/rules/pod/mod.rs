//! Pods and Pod templates.

mod container;
mod dns;
mod environment;
mod probe;
mod resources;
mod scheduling;
mod security;
mod volume;
mod volume_mount;

use super::{check, check_if_set, metadata, quantity, unique_names};
use crate::schema::Version;
use crate::schema::cursor::At;
use crate::schema::format::name;

pub(super) use resources::{container_resource_name, is_whole_resource};
pub(super) use scheduling::{node_selector, tolerations};
pub(super) use volume::{has_dots, persistent_source, secret_reference};

/// What the parts of a Pod need to know of the whole.
#[derive(Clone, Copy)]
struct Context<'a> {
    spec: At<'a>,
    /// Whether this is a Pod itself, and not the template of one.
    is_pod: bool,
    /// Names of volumes that do not come from the Pod: a StatefulSet's claim templates.
    claims: Option<At<'a>>,
}

impl<'a> Context<'a> {
    fn version(&self) -> Version {
        self.spec.doc.version
    }

    fn host_network(&self) -> bool {
        self.spec.get("hostNetwork").is_true()
    }

    fn is_windows(&self) -> bool {
        self.spec.at(&["os", "name"]).str() == "windows"
    }

    fn is_linux(&self) -> bool {
        self.spec.at(&["os", "name"]).str() == "linux"
    }

    /// The volume of that name, if the Pod has one; nothing inside where it is a StatefulSet's claim.
    fn volume(&self, name: &str) -> Option<Option<At<'a>>> {
        let own = self.spec.get("volumes").items().find(|volume| volume.get("name").str() == name);
        let claims = self.claims.into_iter().flat_map(At::items);
        own.map(Some).or_else(|| claims.map(|claim| claim.at(&["metadata", "name"])).any(|claim| claim.str() == name).then_some(None))
    }

    /// All containers that are there from the start.
    fn containers(&self) -> impl Iterator<Item = At<'a>> {
        self.spec.get("initContainers").items().chain(self.spec.get("containers").items())
    }
}

/// A Pod.
pub(super) fn pod(at: At<'_>) {
    let spec = at.get("spec");
    pod_annotations(at);
    security::annotations_match(at);
    pod_spec(Context { spec, is_pod: true, claims: None });
    if !spec.get("ephemeralContainers").is_empty() {
        spec.get("ephemeralContainers").forbidden("must not be set when a Pod is created; kubectl debug adds them");
    }
    if !spec.get("schedulingGates").is_empty() && !spec.get("nodeName").str().is_empty() {
        spec.get("nodeName").forbidden("must not be set while there are schedulingGates");
    }
}

/// A Pod template; what a kind demands of its template is with the kind.
pub(super) fn template(at: At<'_>, kind: &str) {
    template_with_claims(at, kind, None);
}

/// A Pod template whose Pods have further volumes, one for each claim template.
pub(super) fn template_with_claims<'a>(at: At<'a>, kind: &str, claims: Option<At<'a>>) {
    template_metadata(at);
    let spec = at.get("spec");
    pod_spec(Context { spec, is_pod: false, claims });
    if !spec.get("ephemeralContainers").is_empty() {
        spec.get("ephemeralContainers").forbidden(format!("must not be set in the template of a {kind}"));
    }
}

/// What a RuntimeClass adds to each Pod: resources, as in limits.
pub(super) fn overhead(resources: At<'_>) {
    resources::amounts(resources);
}

/// Labels and annotations of a template.
pub(super) fn template_metadata(at: At<'_>) {
    metadata::labels(at.at(&["metadata", "labels"]));
    metadata::annotations(at.at(&["metadata", "annotations"]));
    pod_annotations(at);
}

/// The annotations of a Pod or a template of one that mean something to the API server.
fn pod_annotations(at: At<'_>) {
    let annotations = at.at(&["metadata", "annotations"]);
    for (key, profile) in annotations.entries() {
        security::profile_annotation(at.get("spec"), key, profile);
    }
    let cost = annotations.key("controller.kubernetes.io/pod-deletion-cost");
    // No sign in front, no leading zeros: that is what strconv and the extra check of the server leave.
    let text = cost.str();
    if cost.exists() && text.parse::<i32>().map_or(true, |value| value.to_string() != text) {
        cost.breaks("must be a 32-bit integer");
    }
}

fn pod_spec(context: Context<'_>) {
    let spec = context.spec;
    volume::volumes(context);
    container::all(context);
    resources::pod_level(context);
    resources::claims(context);
    overhead(spec.get("overhead"));
    scheduling::all(context);
    security::pod(context);
    dns::all(context);

    check_if_set(spec.get("serviceAccountName"), name::dns_subdomain);
    check_if_set(spec.get("nodeName"), name::dns_subdomain);
    check_if_set(spec.get("hostname"), name::dns_label);
    check_if_set(spec.get("subdomain"), name::dns_label);
    check_if_set(spec.get("priorityClassName"), name::dns_subdomain);
    if spec.get("runtimeClassName").exists() {
        check(spec.get("runtimeClassName"), name::dns_subdomain);
    }
    spec.get("activeDeadlineSeconds").within(1, i64::from(i32::MAX));
    for gate in spec.get("readinessGates").items() {
        check(gate.get("conditionType"), name::qualified_name);
    }
    for gate in spec.get("schedulingGates").items() {
        check(gate.get("name"), name::qualified_name);
    }
    unique_names(spec.get("schedulingGates").items(), "name");
    if spec.get("os").exists() {
        spec.at(&["os", "name"]).one_of(&["linux", "windows"]);
    }
}
