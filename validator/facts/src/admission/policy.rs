//! One policy with its bindings: its conditions, variables and validations.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use kubevet_cel::syntax::{Access, Kind};
use kubevet_cel::{Budget, Expr, Fault, SyntaxError, Value, Variables, evaluate, parse};
use kustomize::Node;

use super::cluster::Cluster;
use super::matching::matches;
use super::request::Request;
use super::{Decision, Denial, values};
use crate::objects::{ObjectId, Path, Segment};
use crate::schema::Undecided;
use crate::selectors::{Labels, Selector};

/// The longest message that an expression may make, in bytes, as in the server.
const LONGEST_MESSAGE: usize = 5 << 10;

/// The variables that Gatekeeper gives to each template.
const TEMPLATE_VARIABLES: [(&str, &str); 2] = [
    ("anyObject", "request.operation == 'DELETE' && object == null ? oldObject : object"),
    ("params", "!has(params.spec) ? null : !has(params.spec.parameters) ? null : params.spec.parameters"),
];

type Read = Result<Expr, SyntaxError>;

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

/// What expressions of a policy see, for one set of parameters.
struct Scope<'s> {
    request: &'s Request<'s>,
    params: Value,
    policy: &'s Policy<'s>,
    budget: &'s Budget,
    /// Whether conditions are evaluated, which the server does without the namespace.
    is_condition: std::cell::Cell<bool>,
    /// Variables that were asked for; each is evaluated once.
    known: RefCell<HashMap<&'s str, Result<Value, Fault>>>,
}

impl Variables for Scope<'_> {
    fn get(&self, name: &str) -> Option<Result<Value, Fault>> {
        if name == "namespaceObject" && self.is_condition.get() {
            return Some(Ok(if self.request.namespace.is_some() { Value::object([]) } else { Value::Null }));
        }
        if let Some((_, value)) = self.request.values.iter().find(|(known, _)| *known == name) {
            return Some(Ok(value.clone()));
        }
        match name {
            "params" => Some(Ok(self.params.clone())),
            "authorizer" => Some(Err(Fault::Unknown("what a user may do is known in the cluster only".into()))),
            _ => None,
        }
    }

    fn composite(&self, field: &str) -> Option<Result<Value, Fault>> {
        let (at, (name, expr)) = self.policy.variables.iter().enumerate().find(|(_, (name, _))| *name == field)?;
        if let Some(known) = self.known.borrow().get(name) {
            return Some(known.clone());
        }
        // Only those before it can be used by it, so no two wait for each other.
        let before = Before { scope: self, count: at };
        let value = match expr {
            Ok(expr) => evaluate(expr, &before, self.budget),
            Err(error) => Err(Fault::Unknown(format!("the variable {name} can't be read: {}", error.message))),
        };
        self.known.borrow_mut().insert(name, value.clone());
        Some(value)
    }
}

/// What a variable sees: those that come before it.
struct Before<'b, 's> {
    scope: &'b Scope<'s>,
    count: usize,
}

impl Variables for Before<'_, '_> {
    fn get(&self, name: &str) -> Option<Result<Value, Fault>> {
        self.scope.get(name)
    }

    fn composite(&self, field: &str) -> Option<Result<Value, Fault>> {
        let is_before = self.scope.policy.variables[..self.count].iter().any(|(name, _)| *name == field);
        if is_before { self.scope.composite(field) } else { None }
    }
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
        Policy {
            name,
            bindings: Vec::new(),
            spec,
            place,
            definition,
            conditions: items(conditions).map(|node| (expression(node).to_owned(), parse(expression(node)))).collect(),
            variables: items("variables").map(|node| (text(node, "name").unwrap_or_default(), parse(expression(node)))).collect(),
            validations: items("validations").map(validation).collect(),
        }
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
                        self.deny(&bound, message, None, decision);
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
        let is_condition = std::cell::Cell::new(true);
        let scope = Scope { request, params, policy: self, budget, is_condition, known: RefCell::default() };
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
                self.deny(binding, message, None, decision);
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
            self.deny(binding, message, Some((number, &scope)), decision);
        }
        unknown.map_or(Ok(()), Err)
    }

    fn deny(&self, binding: &Bound<'_>, message: String, at: Option<(usize, &Scope<'_>)>, decision: &mut Decision) {
        let validation = at.and_then(|(number, _)| self.validations.get(number));
        let path = match (validation, at) {
            (Some(Validation { expr: Ok(expr), .. }), Some((_, scope))) => named_field(expr, scope),
            _ => None,
        };
        let place = at.map(|(number, _)| self.place.clone().with("validations").with(number).with("expression"));
        let denial = Denial {
            policy: binding.policy.to_owned(),
            binding: binding.binding.to_owned(),
            message,
            path: path.unwrap_or_default(),
            denies: binding.denies,
            expression: validation.map(|validation| validation.text.to_owned()).unwrap_or_default(),
            at: place.unwrap_or_else(|| self.place.clone()),
            definition: self.definition.clone(),
        };
        if !decision.denials.contains(&denial) {
            decision.denials.push(denial);
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

/// The field of the object that the failing part of an expression names first.
fn named_field(expr: &Expr, scope: &Scope<'_>) -> Option<Path> {
    let parts: &[Expr] = match &expr.kind {
        Kind::And(parts) => parts,
        _ => std::slice::from_ref(expr),
    };
    let fails = |part: &&Expr| evaluate(part, scope, &Budget::of(20_000)) != Ok(Value::Bool(true));
    let failing = parts.iter().find(fails)?;
    let mut found: Option<Vec<Segment>> = None;
    failing.walk(&mut |part| {
        if found.is_none() {
            found = fields(part).filter(|fields| !fields.is_empty());
        }
    });
    found.map(Path)
}

/// The fields of `object.a.b`; nothing where it is something else.
fn fields(expr: &Expr) -> Option<Vec<Segment>> {
    match &expr.kind {
        Kind::Ident(name) => (&**name == "object").then(Vec::new),
        Kind::Select(of, field, Access::Plain | Access::Optional | Access::Test) => {
            let mut fields = fields(of)?;
            fields.push(Segment::from(&**field));
            Some(fields)
        }
        _ => None,
    }
}

/// Shared by threads: what is read of a policy never changes.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Arc<Policy<'static>>>();
};
