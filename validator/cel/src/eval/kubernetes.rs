//! Kubernetes' libraries, from the crate `kube-cel`.

use kube_cel::KubeCelExt as _;
use kube_cel::cel::common::ast::{CallExpr, Expr, IdedExpr};
use kube_cel::cel::{self, Context, ExecutionError};

use super::convert::{from_cel, to_cel};
use super::{Budget, Evaluated, error, no_overload, unknown};
use crate::value::Value;

/// Names that arguments are bound to.
const ARGUMENTS: &[&str] = &["a", "b", "c", "d"];

thread_local! {
    /// The functions, which are registered once a thread.
    static LIBRARIES: Context<'static> = Context::default().with_all();
}

/// Calls a function or a method of `target`.
pub(super) fn call(name: &str, target: Option<&Value>, args: &[Value], budget: &Budget) -> Evaluated {
    if args.len() > ARGUMENTS.len() - 1 {
        return no_overload(name);
    }
    LIBRARIES.with(|libraries| {
        let mut context = libraries.new_inner_scope();
        let mut bound = Vec::new();
        for (variable, value) in ARGUMENTS.iter().zip(target.into_iter().chain(args)) {
            context.add_variable_from_value(*variable, to_cel(value)?);
            bound.push(IdedExpr { id: 0, expr: Expr::Ident((*variable).to_owned()) });
        }
        let target = target.is_some().then(|| Box::new(bound.remove(0)));
        let call = IdedExpr { id: 0, expr: Expr::Call(CallExpr { func_name: name.to_owned(), target, args: bound }) };
        match cel::Value::resolve(&call, &context) {
            Ok(value) => {
                let value = from_cel(value);
                budget.charge(value.weight(1 << 20))?;
                Ok(value)
            }
            Err(ExecutionError::UndeclaredReference(name)) => unknown(format!("the function {name} is not known here")),
            Err(ExecutionError::FunctionError { message, .. }) => error(message),
            Err(_) => no_overload(name),
        }
    })
}
