//! What the expressions of a policy see.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use kubevet_cel::{Budget, Expr, Fault, SyntaxError, Value, Variables, evaluate};

use super::request::Request;

/// An expression, or why it is none.
pub(super) type Read = Result<Expr, SyntaxError>;

/// What expressions of a policy see, for one set of parameters.
pub(super) struct Scope<'s> {
    pub(super) request: &'s Request<'s>,
    pub(super) params: Value,
    /// The policy's variables, in their order.
    pub(super) variables: &'s [(&'s str, Read)],
    pub(super) budget: &'s Budget,
    /// Whether conditions are evaluated, which the server does without the namespace.
    pub(super) is_condition: Cell<bool>,
    /// Variables that were asked for; each is evaluated once.
    pub(super) known: RefCell<HashMap<&'s str, Result<Value, Fault>>>,
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
        let (at, (name, expr)) = self.variables.iter().enumerate().find(|(_, (name, _))| *name == field)?;
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
        let is_before = self.scope.variables[..self.count].iter().any(|(name, _)| *name == field);
        if is_before { self.scope.composite(field) } else { None }
    }
}
