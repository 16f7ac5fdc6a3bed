//! What ValidatingAdmissionPolicies and Gatekeeper's constraints say of objects when they are created, without asking a cluster.
//!
//! Policies, bindings and parameters, templates and constraints are among the objects or beside them. What only the cluster knows (who asks, what a user may do, the labels of
//! a namespace that is not there) makes a policy undecided, never a finding.

mod cluster;
mod defaults;
pub mod gatekeeper;
mod matching;
mod named;
mod policy;
mod request;
mod scope;
mod values;

use kustomize::Node;
use serde::Serialize;

use crate::objects::{ObjectId, Path, group_of};
use crate::schema::{SchemaFact, Undecided};
use cluster::Cluster;
pub use cluster::plural;
use gatekeeper::{Engine, Gatekeeper};
use policy::Policy;
pub use request::Change;

/// Something that a policy refuses or warns of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Denial {
    /// The policy's name.
    pub policy: String,
    /// The binding's name.
    pub binding: String,
    /// What is wrong.
    pub message: String,
    /// Where, as far as the expression that fails names a field.
    pub path: Path,
    /// Whether the object is refused; else people are warned.
    pub denies: bool,
    /// The expression that fails.
    pub expression: String,
    /// Where in the policy it is.
    pub at: Path,
    /// The policy, where it is among the objects.
    pub definition: Option<ObjectId>,
}

/// What policies say of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What they refuse or warn of.
    pub denials: Vec<Denial>,
    /// What can't be told here.
    pub undecided: Vec<Undecided>,
}

impl Decision {
    fn add(&mut self, denial: Denial) {
        if !self.denials.contains(&denial) {
            self.denials.push(denial);
        }
    }
}

/// The policies that count for some objects.
#[derive(Debug, Default)]
pub struct Policies<'a> {
    policies: Vec<Policy<'a>>,
    gatekeeper: Gatekeeper<'a>,
    engine: Option<&'a dyn Engine>,
    cluster: Cluster<'a>,
}

/// Whether an object is a policy or a binding.
pub fn is_policy(object: &Node) -> bool {
    let text = |key| object.str_at(&[key]).unwrap_or_default();
    group_of(text("apiVersion")) == "admissionregistration.k8s.io"
        && matches!(text("kind"), "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding")
}

impl<'a> Policies<'a> {
    /// Takes policies, bindings and parameters from the objects and from what is beside them.
    pub fn of(objects: &[&'a Node], beside: impl IntoIterator<Item = &'a Node>) -> Self {
        let beside: Vec<&Node> = beside.into_iter().collect();
        let all = objects.iter().map(|object| (*object, true)).chain(beside.iter().map(|object| (*object, false)));
        let mut policies: Vec<Policy<'a>> = Vec::new();
        let kind = |object: &Node| object.str_at(&["kind"]).unwrap_or_default().to_owned();
        let gatekeeper = Gatekeeper::of(all.clone());
        let found: Vec<(&Node, bool)> = all.filter(|(object, _)| is_policy(object)).collect();
        policies.extend(
            found
                .iter()
                .filter(|(object, _)| kind(object) == "ValidatingAdmissionPolicy")
                .map(|(object, among)| Policy::read(object, *among)),
        );
        for (binding, _) in found.iter().filter(|(object, _)| kind(object) == "ValidatingAdmissionPolicyBinding") {
            let of = binding.str_at(&["spec", "policyName"]).unwrap_or_default();
            policies.iter_mut().filter(|policy| policy.name == of).for_each(|policy| policy.bindings.push(binding));
        }
        policies.retain(|policy| !policy.bindings.is_empty());
        let is_idle = policies.is_empty() && gatekeeper.is_empty();
        let cluster = if is_idle { Cluster::default() } else { Cluster::of(objects.iter().copied().chain(beside)) };
        Policies { policies, gatekeeper, engine: None, cluster }
    }

    /// The same, with what evaluates Rego; without it, what templates in Rego say is undecided.
    #[must_use]
    pub fn with_engine(self, engine: Option<&'a dyn Engine>) -> Self {
        Policies { engine, ..self }
    }

    /// What Gatekeeper would refuse of an object if it is one of its templates or constraints.
    pub fn mistakes(&self, object: &Node) -> Vec<SchemaFact> {
        self.engine.map_or_else(Vec::new, |engine| Gatekeeper::mistakes(object, engine))
    }

    /// What they say of a change: of an object that is created, updated or deleted.
    pub fn decide(&self, change: &Change<'_>) -> Decision {
        let mut decision = Decision::default();
        let Some(object) = change.object.or(change.old) else { return decision };
        if gatekeeper::is_own(object) {
            decision.undecided.extend(Gatekeeper::undecided(object));
        }
        if (self.policies.is_empty() && self.gatekeeper.is_empty()) || is_policy(object) {
            return decision;
        }
        let request = request::Request::of(change, object, &self.cluster);
        let budget = kubevet_cel::Budget::default();
        for policy in &self.policies {
            policy.decide(&request, &self.cluster, &budget, &mut decision);
        }
        if !gatekeeper::is_own(object) {
            self.gatekeeper.decide(&request, &self.cluster, self.engine, &mut decision);
        }
        decision
    }
}
