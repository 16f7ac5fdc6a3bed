//! What Gatekeeper's constraints say of objects when they are created or updated, as its webhook does.
//!
//! Templates and constraints are among the objects or beside them. Templates in CEL are evaluated here; those in Rego by an [`Engine`] that is given.

mod constraint;
mod engine;
mod matching;
mod mistakes;
mod place;
mod review;
mod template;

use std::collections::HashMap;

use kubevet_cel::Budget;
use kustomize::Node;
use serde_json::{Value as Json, json};

use super::cluster::Cluster;
use super::policy::Bound;
use super::request::Request;
use super::{Decision, Denial, values};
use crate::objects::{Path, group_of};
use crate::schema::{SchemaFact, Undecided};
use constraint::{Constraint, is_constraint};
pub use engine::{Answer, Code, Engine, Mistake, Violation};
use template::{Template, is_template};

/// The label of namespaces whose objects Gatekeeper's webhook is not asked about.
const IGNORE: &str = "admission.gatekeeper.sh/ignore";

/// Templates with their constraints.
#[derive(Debug, Default)]
pub(super) struct Gatekeeper<'a> {
    templates: HashMap<&'a str, Template<'a>>,
    constraints: Vec<Constraint<'a>>,
    /// Namespaces that a Config exempts.
    exempt: Vec<&'a str>,
}

/// Whether an object is of one of Gatekeeper's own kinds.
pub fn is_own(object: &Node) -> bool {
    let group = group_of(object.str_at(&["apiVersion"]).unwrap_or_default());
    group.strip_suffix("gatekeeper.sh").is_some_and(|rest| rest.ends_with('.'))
}

/// Why an object of Gatekeeper's own may change what is found in others, where that is not evaluated here.
fn not_evaluated(object: &Node) -> Option<&'static str> {
    match (group_of(object.str_at(&["apiVersion"])?), object.str_at(&["kind"])?) {
        ("mutations.gatekeeper.sh", _) => Some("what Gatekeeper changes in other objects before they are judged is not evaluated"),
        ("expansion.gatekeeper.sh", "ExpansionTemplate") => Some("what Gatekeeper expects to be made of other objects is not evaluated"),
        ("externaldata.gatekeeper.sh", "Provider") => Some("what it answers is known in the cluster only"),
        _ => None,
    }
}

impl<'a> Gatekeeper<'a> {
    /// Takes templates, constraints and Configs, each with whether it is among the objects.
    pub(super) fn of(objects: impl IntoIterator<Item = (&'a Node, bool)>) -> Self {
        let own: Vec<(&Node, bool)> = objects.into_iter().filter(|(object, _)| is_own(object)).collect();
        let mut gatekeeper = Gatekeeper::default();
        let mut schemas: HashMap<&str, &Node> = HashMap::new();
        for (object, is_among) in own.iter().filter(|(object, _)| is_template(object)) {
            if let Some(template) = Template::read(object, *is_among) {
                let schema = object.at(&["spec", "crd", "spec", "validation", "openAPIV3Schema"]);
                schemas.extend(schema.map(|schema| (template.kind, schema)));
                gatekeeper.templates.insert(template.kind, template);
            }
        }
        for (object, is_among) in own {
            if is_constraint(object) {
                let schema = object.str_at(&["kind"]).and_then(|kind| schemas.get(kind).copied());
                gatekeeper.constraints.extend(Constraint::read(object, is_among, schema));
            } else if object.str_at(&["kind"]) == Some("Config") {
                gatekeeper.exempt.extend(exempt(object));
            }
        }
        gatekeeper
    }

    /// Whether there is nothing to say of any object.
    pub(super) fn is_empty(&self) -> bool {
        self.constraints.is_empty()
    }

    /// What the constraints say of a request.
    pub(super) fn decide(&self, request: &Request<'_>, cluster: &Cluster<'_>, engine: Option<&dyn Engine>, decision: &mut Decision) {
        // Its webhook is not asked about objects that go, unless somebody changes that.
        let Some(object) = request.object else { return };
        let namespace = if request.kind == "Namespace" && request.group.is_empty() { Some(request.name) } else { request.namespace };
        if namespace.is_some_and(|namespace| self.is_exempt(namespace, cluster)) {
            return;
        }
        let mut review: Option<Json> = None;
        for constraint in &self.constraints {
            let undecided = |why: String| Undecided { path: Path::default(), why: format!("the constraint {:?}: {why}", constraint.name) };
            let template = match matching::matches(constraint.matches, request, cluster) {
                Ok(false) => continue,
                Ok(true) => self.templates.get(constraint.kind),
                Err(why) => {
                    decision.undecided.push(undecided(why));
                    continue;
                }
            };
            let Some(template) = template else {
                decision.undecided.push(undecided(format!("its template of kind {} is not there", constraint.kind)));
                continue;
            };
            if let Some(policy) = &template.cel {
                let bound = Bound { policy: constraint.name, binding: constraint.name, denies: constraint.denies };
                let params = values::from_json(&constraint.value);
                match policy.bound(&bound, params, request, &Budget::default(), decision) {
                    Ok(()) => continue,
                    Err(why) if template.rego.is_none() => {
                        decision.undecided.push(undecided(why));
                        continue;
                    }
                    // What its CEL can't tell, its Rego may.
                    Err(_) => {}
                }
            }
            let (Some((code, _)), Some(engine)) = (&template.rego, engine) else {
                decision
                    .undecided
                    .push(undecided(format!("its template of kind {} has no code that can be evaluated here", constraint.kind)));
                continue;
            };
            let review = review.get_or_insert_with(|| review::review(request, cluster));
            let input = json!({"review": review, "parameters": constraint.parameters()});
            match engine.violations(code, input, &|| review::inventory(cluster)) {
                Answer::Unknown(why) => decision.undecided.push(undecided(why)),
                Answer::Violations(found) => {
                    decision.denials.extend(found.into_iter().map(|violation| denial(constraint, violation, object)));
                }
            }
        }
    }

    fn is_exempt(&self, namespace: &str, cluster: &Cluster<'_>) -> bool {
        let is_ignored = |found: &Node| found.at(&["metadata", "labels", IGNORE]).is_some();
        self.exempt.iter().any(|pattern| matching::is_like(pattern, namespace)) || cluster.namespace(namespace).is_some_and(is_ignored)
    }

    /// What Gatekeeper would refuse of one of its own objects.
    pub(super) fn mistakes(object: &Node, engine: &dyn Engine) -> Vec<SchemaFact> {
        mistakes::of(object, engine)
    }

    /// What of an object of Gatekeeper's own is not evaluated.
    pub(super) fn undecided(object: &Node) -> Option<Undecided> {
        not_evaluated(object).map(|why| Undecided { path: Path::default(), why: why.to_owned() })
    }
}

/// The namespaces that a Config takes from the webhook.
fn exempt(config: &Node) -> impl Iterator<Item = &str> {
    let rules = config.at(&["spec", "match"]).map_or(&[][..], Node::items).iter();
    let of_webhook = rules.filter(|rule| {
        let processes = rule.get("processes").map_or(&[][..], Node::items).iter();
        processes.filter_map(Node::as_str).any(|process| matches!(process, "*" | "webhook"))
    });
    of_webhook.flat_map(|rule| rule.get("excludedNamespaces").map_or(&[][..], Node::items)).filter_map(Node::as_str)
}

fn denial(constraint: &Constraint<'_>, violation: Violation, object: &Node) -> Denial {
    let Violation { message, path } = violation;
    Denial {
        policy: constraint.name.to_owned(),
        binding: constraint.name.to_owned(),
        path: if path.0.is_empty() { place::named(&message, object) } else { path },
        message,
        denies: constraint.denies,
        expression: format!("the template of {}", constraint.kind),
        at: Path::of(&["spec"]),
        definition: constraint.definition.clone(),
    }
}
