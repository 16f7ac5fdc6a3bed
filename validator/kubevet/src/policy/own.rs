//! What is kubevet's own: no file of a project adds to it or hides it. One of the same path and package takes its place, and the report says so.

use std::sync::Arc;

use kustomize::{Error, Place};
use regorus::Value;
use regorus::unstable::{Expr, Module};

use super::batch;
use super::embedded::{self, Known};
use super::files::PolicyFile;
use super::heads::heads;
use crate::problem::invalid;

/// The packages inside the binary and those that it generates.
fn packages() -> impl Iterator<Item = &'static str> {
    let known = embedded::files().iter().filter_map(|file| file.policy.as_ref()).map(|known: &Known| known.package);
    known.chain([batch::PACKAGE, batch::ENVIRONMENT_PACKAGE])
}

/// Which of them stand at this key of `data`, where there can be nothing else.
pub(super) fn has_data(key: &str) -> Option<&str> {
    packages().any(|package| package.split('.').next() == Some(key)).then_some(key)
}

/// The path of a module's package, however it is written: `kubevet["lib"].workload` is `kubevet.lib.workload`.
fn package(refr: &Expr) -> String {
    path(refr).join(".")
}

/// The same, step by step.
pub(super) fn path(mut refr: &Expr) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    loop {
        refr = match refr {
            Expr::RefDot { refr, field: (span, _), .. } => {
                parts.push(span.text());
                refr
            }
            Expr::RefBrack { refr, index, .. } => {
                parts.push(if let Expr::String { value: Value::String(key), .. } = index.as_ref() { key } else { index.span().text() });
                refr
            }
            other => {
                parts.push(other.span().text());
                parts.reverse();
                return parts;
            }
        }
    }
}

/// Refuses a project's file whose package or rules stand where one of kubevet's packages is, as OPA refuses conflicts.
pub(super) fn check(file: &PolicyFile, module: &Module) -> Result<(), Error> {
    let (package, heads) = (package(&module.package.refr), heads(module));
    let below = |path: &str, above: &str| path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'));
    let conflicts = |own: &str| {
        if *package == *own {
            file.replaces() != Some(own)
        } else {
            let hides = |head: &String| own == format!("{package}.{head}") || below(own, &format!("{package}.{head}"));
            below(&package, own) || (below(own, &package) && heads.iter().any(hides))
        }
    };
    let Some(own) = packages().find(|own| conflicts(own)) else { return Ok(()) };
    let message = format!("package {package} conflicts with kubevet's own package {own}");
    let place = Place { source: Arc::clone(&file.source), start: 0, end: 0 };
    let help = match embedded::files().iter().find(|file| file.policy.as_ref().is_some_and(|known| known.package == own)) {
        Some(file) => format!("give it a package of its own; to replace kubevet's, name the file policies/{}", file.path),
        None => "give it a package of its own".to_owned(),
    };
    Err(invalid(message).at(place).help(help))
}
