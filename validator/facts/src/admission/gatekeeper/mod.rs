//! What Gatekeeper's constraints say of objects when they are created or updated, as its webhook does.
//!
//! Templates and constraints are among the objects or beside them. Templates in CEL are evaluated here; those in Rego by an [`Engine`] that is given.

mod constraint;
mod engine;
mod expansion;
mod matching;
mod mistakes;
mod place;
mod review;
mod template;

use std::collections::{HashMap, HashSet};

use kubevet_cel::Budget;
use kustomize::Node;
use serde_json::{Value as Json, json};

use super::cluster::Cluster;
use super::policy::Bound;
use super::request::{Change, Request};
use super::{Decision, Denial, values};
use crate::objects::{Path, group_of};
use crate::schema::{SchemaFact, Undecided};
use constraint::{Constraint, is_constraint};
pub use engine::{Answer, Code, Engine, Mistake, Violation};
use expansion::{Expansion, Made, is_expansion};
use matching::Source;
use template::{Template, is_template};

/// The label of namespaces whose objects Gatekeeper's webhook is not asked about.
const IGNORE: &str = "admission.gatekeeper.sh/ignore";

/// How many violations of an object are looked for in it.
const PLACED: usize = 64;

/// Templates with their constraints.
#[derive(Debug, Default)]
pub(super) struct Gatekeeper<'a> {
    templates: HashMap<&'a str, Template<'a>>,
    constraints: Vec<Constraint<'a>>,
    expansions: Vec<Expansion<'a>>,
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
                // What is among the objects comes first.
                gatekeeper.templates.entry(template.kind).or_insert(template);
            }
        }
        let mut names = HashSet::new();
        for (object, is_among) in own {
            if is_constraint(object) {
                // The same may be among the objects and beside them.
                if !names.insert((object.str_at(&["kind"]), object.str_at(&["metadata", "name"]))) {
                    continue;
                }
                let schema = object.str_at(&["kind"]).and_then(|kind| schemas.get(kind).copied());
                gatekeeper.constraints.extend(Constraint::read(object, is_among, schema));
            } else if is_expansion(object) {
                gatekeeper.expansions.extend(Expansion::read(object));
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

    /// What the constraints say of a request, and of what will be made of its object.
    pub(super) fn decide(&self, request: &Request<'_>, cluster: &Cluster<'_>, engine: Option<&dyn Engine>, decision: &mut Decision) {
        // Its webhook is not asked about objects that go, unless somebody changes that.
        let Some(object) = request.object else { return };
        let namespace = if request.kind == "Namespace" && request.group.is_empty() { Some(request.name) } else { request.namespace };
        if namespace.is_some_and(|namespace| self.is_exempt(namespace, cluster)) {
            return;
        }
        self.judge(request, object, Source::Original, cluster, engine, decision);
        for Made { object, place, by, denies } in expansion::made(&self.expansions, object, request.namespace) {
            let change = Change { object: Some(&object), namespace: request.namespace.unwrap_or_default(), ..Change::default() };
            let mut implied = Decision::default();
            self.judge(&Request::of(&change, &object, cluster), &object, Source::Generated, cluster, engine, &mut implied);
            decision.denials.extend(implied.denials.into_iter().map(|denial| Denial {
                message: format!("[Implied by {by}] {}", denial.message),
                path: place.join(&denial.path),
                denies: denies.unwrap_or(denial.denies),
                ..denial
            }));
            decision.undecided.extend(implied.undecided);
        }
    }

    fn judge(
        &self,
        request: &Request<'_>,
        object: &Node,
        source: Source,
        cluster: &Cluster<'_>,
        engine: Option<&dyn Engine>,
        decision: &mut Decision,
    ) {
        let budget = Budget::default();
        let mut review: Option<Json> = None;
        for constraint in &self.constraints {
            let undecided = |why: String| Undecided { path: Path::default(), why: format!("the constraint {:?}: {why}", constraint.name) };
            let template = match matching::matches(constraint.matches, request, source, cluster) {
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
                match policy.bound(&bound, params, request, &budget, decision) {
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
                    for violation in found {
                        let object = Some(object).filter(|_| decision.denials.len() < PLACED);
                        decision.denials.push(denial(constraint, violation, object));
                    }
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

/// A violation, at the field of the object that it names.
fn denial(constraint: &Constraint<'_>, violation: Violation, object: Option<&Node>) -> Denial {
    let Violation { message, path } = violation;
    Denial {
        policy: constraint.name.to_owned(),
        binding: constraint.name.to_owned(),
        path: object.filter(|_| path.0.is_empty()).map_or(path, |object| place::named(&message, object)),
        message,
        denies: constraint.denies,
        expression: format!("the template of {}", constraint.kind),
        at: Path::of(&["spec"]),
        definition: constraint.definition.clone(),
    }
}
