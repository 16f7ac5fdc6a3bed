//! One policy with its bindings: its conditions, variables, validations and audit annotations.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use kubevet_cel::{Budget, Fault, Value, evaluate, parse};
use kustomize::Node;

use super::cluster::Cluster;
use super::matching::matches;
use super::named::named_field;
use super::request::Request;
use super::scope::{Read, Scope};
use super::{Decision, Denial, values};
use crate::objects::{ObjectId, Path};
use crate::schema::Undecided;
use crate::selectors::{Labels, Selector};

/// The longest message that an expression may make, in bytes, as in the server.
const LONGEST_MESSAGE: usize = 5 << 10;

/// The variables that Gatekeeper gives to each template.
const TEMPLATE_VARIABLES: [(&str, &str); 2] = [
    ("anyObject", "request.operation == 'DELETE' && object == null ? oldObject : object"),
    ("params", "!has(params.spec) ? null : !has(params.spec.parameters) ? null : params.spec.parameters"),
];

/// A policy.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    pub(super) name: &'a str,
    pub(super) bindings: Vec<&'a Node>,
    spec: Option<&'a Node>,
    /// Where its spec is in the object that defines it.
    place: Path,
    definition: Option<ObjectId>,
    conditions: Vec<(String, Read)>,
    variables: Vec<(&'a str, Read)>,
    validations: Vec<Validation<'a>>,
    annotations: Vec<(&'a str, Read)>,
}

#[derive(Debug)]
struct Validation<'a> {
    text: &'a str,
    expr: Read,
    message: Option<&'a str>,
    message_expr: Option<Read>,
}

/// What binds a policy.
#[derive(Debug)]
pub(super) struct Bound<'b> {
    /// Under whose name it speaks.
    pub(super) policy: &'b str,
    pub(super) binding: &'b str,
    /// Whether what fails is refused; else people are warned.
    pub(super) denies: bool,
}

impl<'a> Policy<'a> {
    pub(super) fn read(object: &'a Node, is_among: bool) -> Self {
        let definition = is_among.then(|| ObjectId::of(object));
        let name = object.str_at(&["metadata", "name"]).unwrap_or_default();
        Self::of_spec(name, object.get("spec"), "matchConditions", Path::of(&["spec"]), definition)
    }

    /// The source in CEL of one of Gatekeeper's templates, which has variables for the constraint's parameters and for the object, even if it goes.
    pub(super) fn of_template(kind: &'a str, source: &'a Node, place: Path, definition: Option<ObjectId>) -> Self {
        let mut policy = Self::of_spec(kind, Some(source), "matchCondition", place, definition);
        policy.variables.splice(0..0, TEMPLATE_VARIABLES.map(|(name, text)| (name, parse(text))));
        policy
    }

    fn of_spec(name: &'a str, spec: Option<&'a Node>, conditions: &str, place: Path, definition: Option<ObjectId>) -> Self {
        let items = |field: &str| spec.and_then(|spec| spec.get(field)).map_or(&[][..], Node::items).iter();
        let text = |node: &'a Node, field: &'static str| node.str_at(&[field]).filter(|text| !text.is_empty());
        let expression = |node: &'a Node| text(node, "expression").unwrap_or_default();
        let validation = |node: &'a Node| Validation {
            text: expression(node),
            expr: parse(expression(node)),
            message: text(node, "message"),
            message_expr: text(node, "messageExpression").map(parse),
        };
        let annotation = |node: &'a Node| {
            let text = text(node, "valueExpression").unwrap_or_default();
            (text, parse(text))
        };
        Policy {
            name,
            bindings: Vec::new(),
            spec,
            place,
            definition,
            conditions: items(conditions).map(|node| (expression(node).to_owned(), parse(expression(node)))).collect(),
            variables: items("variables").map(|node| (text(node, "name").unwrap_or_default(), parse(expression(node)))).collect(),
            validations: items("validations").map(validation).collect(),
            annotations: items("auditAnnotations").map(annotation).collect(),
        }
    }

    /// The expressions that can't be read: where they are, and why.
    pub(super) fn unread(&self) -> impl Iterator<Item = (Path, &str)> {
        let validations = self.validations.iter().enumerate().flat_map(|(number, validation)| {
            let place = self.place.with("validations").with(number);
            let message = validation.message_expr.as_ref().map(|expr| (place.with("messageExpression"), expr));
            [(place.with("expression"), &validation.expr)].into_iter().chain(message)
        });
        let variables = self.variables.iter().map(|(_, expr)| (self.place.with("variables"), expr));
        validations.chain(variables).filter_map(|(path, expr)| Some((path, expr.as_ref().err()?.message.as_str())))
    }

    pub(super) fn decide(&self, request: &Request<'_>, cluster: &Cluster<'_>, budget: &Budget, decision: &mut Decision) {
        let constraints = self.spec.and_then(|spec| spec.get("matchConstraints"));
        let undecided = |decision: &mut Decision, why: String| {
            let undecided = Undecided { path: Path::default(), why: format!("the policy {:?}: {why}", self.name) };
            if !decision.undecided.contains(&undecided) {
                decision.undecided.push(undecided);
            }
        };
        match matches(constraints, request, cluster, true) {
            Ok(true) => {}
            Ok(false) => return,
            Err(why) => return undecided(decision, why),
        }
        for binding in &self.bindings {
            match matches(binding.at(&["spec", "matchResources"]), request, cluster, false) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(why) => {
                    undecided(decision, why);
                    continue;
                }
            }
            let actions = binding.at(&["spec", "validationActions"]).map_or(&[][..], Node::items);
            let bound = Bound {
                policy: self.name,
                binding: binding.str_at(&["metadata", "name"]).unwrap_or_default(),
                denies: actions.iter().any(|action| action.as_str() == Some("Deny")),
            };
            let params = match self.params(binding, request, cluster) {
                Ok(params) => params,
                Err(message) => {
                    if !self.ignores_failures() {
                        decision.add(self.denial(&bound, message, self.place.clone(), None));
                    }
                    continue;
                }
            };
            for params in params {
                if let Err(why) = self.bound(&bound, params, request, budget, decision) {
                    undecided(decision, why);
                }
            }
        }
    }

    fn ignores_failures(&self) -> bool {
        self.spec.and_then(|spec| spec.str_at(&["failurePolicy"])) == Some("Ignore")
    }

    /// The parameters of a binding, one set after the other; an error is the server's.
    fn params(&self, binding: &Node, request: &Request<'_>, cluster: &Cluster<'_>) -> Result<Vec<Value>, String> {
        let Some(kind) = self.spec.and_then(|spec| spec.get("paramKind")) else { return Ok(vec![Value::Null]) };
        let Some(of) = binding.at(&["spec", "paramRef"]) else { return Ok(vec![Value::Null]) };
        let text = |node: &'_ Node, field: &str| node.str_at(&[field]).unwrap_or_default().to_owned();
        let (api_version, kind) = (text(kind, "apiVersion"), text(kind, "kind"));
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let wanted = text(of, "namespace");
        let namespace = match (cluster.is_namespaced(group, &kind), request.namespace) {
            (false, _) if wanted.is_empty() => None,
            (false, _) => return Err("paramRef.namespace must not be provided for a cluster-scoped `paramKind`".into()),
            (true, _) if !wanted.is_empty() => Some(wanted),
            (true, Some(own)) => Some(own.to_owned()),
            // A Namespace itself counts as being in it.
            (true, None) if request.kind == "Namespace" && request.group.is_empty() => Some(request.name.to_owned()),
            (true, None) => return Err("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources".into()),
        };
        let mut found: Vec<&Node> = cluster.of_kind(&api_version, &kind).collect();
        found.retain(|object| match &namespace {
            None => true,
            Some(namespace) => object.str_at(&["metadata", "namespace"]).unwrap_or("default") == namespace,
        });
        let name = text(of, "name");
        if !name.is_empty() {
            found.retain(|object| object.str_at(&["metadata", "name"]) == Some(&name));
        } else if let Some(selector) = of.get("selector") {
            let Ok(read) = Selector::of_label_selector(selector) else { return Err("the selector of parameters can't be read".into()) };
            found.retain(|object| read.matches(&Labels::new(object.at(&["metadata", "labels"]))));
        }
        if found.is_empty() {
            return match of.str_at(&["parameterNotFoundAction"]) {
                Some("Allow") => Ok(Vec::new()),
                _ => Err("no params found for policy binding with `Deny` parameterNotFoundAction".into()),
            };
        }
        Ok(found.into_iter().map(|object| values::of(object, namespace.as_deref())).collect())
    }

    /// Evaluates a binding with one set of parameters; an error says why it can't be told.
    pub(super) fn bound(
        &self,
        binding: &Bound<'_>,
        params: Value,
        request: &Request<'_>,
        budget: &Budget,
        decision: &mut Decision,
    ) -> Result<(), String> {
        let scope = Scope { request, params, variables: &self.variables, budget, is_condition: Cell::new(true), known: RefCell::default() };
        let mut failure = None;
        let mut unknown = None;
        for (text, expr) in &self.conditions {
            match value(expr, &scope, budget) {
                Ok(Value::Bool(true)) => {}
                Ok(Value::Bool(false)) => return Ok(()),
                Ok(_) => failure = failure.or(Some(format!("the condition {text:?} gives no boolean"))),
                Err(Fault::Error(error)) => failure = failure.or(Some(format!("the condition {text:?} fails: {error}"))),
                Err(Fault::Unknown(why)) => unknown = unknown.or(Some(why)),
            }
        }
        if let Some(why) = unknown {
            return Err(why);
        }
        if let Some(message) = failure {
            if !self.ignores_failures() {
                decision.add(self.denial(binding, message, self.place.clone(), None));
            }
            return Ok(());
        }
        scope.is_condition.set(false);
        let mut unknown = None;
        for (number, validation) in self.validations.iter().enumerate() {
            let message = match value(&validation.expr, &scope, budget) {
                Ok(Value::Bool(true)) => continue,
                Ok(Value::Bool(false)) => message(validation, &scope, budget),
                Ok(_) | Err(Fault::Error(_)) if self.ignores_failures() => continue,
                Ok(_) => format!("expression '{}' gives no boolean", validation.text),
                Err(Fault::Error(error)) => format!("expression '{}' resulted in error: {error}", validation.text),
                Err(Fault::Unknown(why)) => {
                    unknown = unknown.or(Some(why));
                    continue;
                }
            };
            let at = self.place.clone().with("validations").with(number).with("expression");
            decision.add(self.denial(binding, message, at, Some((validation, &scope))));
        }
        for (number, (text, expr)) in self.annotations.iter().enumerate() {
            let message = match value(expr, &scope, budget) {
                Ok(Value::String(_) | Value::Null) => continue,
                Ok(_) => format!("valueExpression '{text}' gives neither a string nor null"),
                Err(Fault::Error(error)) => format!("valueExpression '{text}' resulted in error: {error}"),
                Err(Fault::Unknown(why)) => {
                    unknown = unknown.or(Some(why));
                    continue;
                }
            };
            // One that fails refuses the object, whatever the binding's actions are.
            if !self.ignores_failures() {
                let at = self.place.clone().with("auditAnnotations").with(number).with("valueExpression");
                let denial = self.denial(binding, message, at, None);
                decision.add(Denial { denies: true, expression: (*text).to_owned(), ..denial });
            }
        }
        unknown.map_or(Ok(()), Err)
    }

    /// That something at a place of the policy refuses the object: a validation, which may name the field, or something else.
    fn denial(&self, binding: &Bound<'_>, message: String, at: Path, failed: Option<(&Validation<'_>, &Scope<'_>)>) -> Denial {
        let path = failed.and_then(|(validation, scope)| named_field(validation.expr.as_ref().ok()?, scope));
        Denial {
            policy: binding.policy.to_owned(),
            binding: binding.binding.to_owned(),
            message,
            path: path.unwrap_or_default(),
            denies: binding.denies,
            expression: failed.map(|(validation, _)| validation.text.to_owned()).unwrap_or_default(),
            at,
            definition: self.definition.clone(),
        }
    }
}

fn value(expr: &Read, scope: &Scope<'_>, budget: &Budget) -> Result<Value, Fault> {
    match expr {
        Ok(expr) => evaluate(expr, scope, budget),
        Err(error) => Err(Fault::Unknown(format!("an expression can't be read: {}", error.message))),
    }
}

fn message(validation: &Validation<'_>, scope: &Scope<'_>, budget: &Budget) -> String {
    if let Some(Ok(expr)) = &validation.message_expr
        && let Ok(Value::String(text)) = evaluate(expr, scope, budget)
        && text.len() <= LONGEST_MESSAGE
        && !text.contains('\n')
        && !text.trim().is_empty()
    {
        return text.trim().to_owned();
    }
    match validation.message {
        Some(message) => message.trim().to_owned(),
        None => format!("failed expression: {}", validation.text.trim()),
    }
}

/// Shared by threads: what is read of a policy never changes.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Arc<Policy<'static>>>();
};
