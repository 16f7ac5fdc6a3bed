//! Rules of objects as other engines take them: those that need nothing but the object and parameters.

mod cel;
mod reach;
mod rego;

use std::collections::{BTreeMap, BTreeSet};

use kustomize::Source;

use super::catalog::Catalog;
use super::compile::{self, Module};
use super::metadata::Scope;
use super::parameters::{Parameter, reads};
use super::rule::Rule;
pub use cel::Cel;

/// A rule as Gatekeeper takes it.
#[derive(Debug)]
pub struct Rego {
    /// The module that has `violation`.
    pub main: String,
    /// The modules that it uses.
    pub libs: Vec<String>,
    /// The parameters that it reads.
    pub parameters: BTreeSet<String>,
}

/// A rule in Rego for Gatekeeper: its input is a review, its parameters are a constraint's, what it uses is beside it.
///
/// # Errors
///
/// Why that can't be, to follow "it can't be exported, as …".
pub fn gatekeeper(catalog: &Catalog, rule: &Rule) -> Result<Rego, String> {
    check(rule)?;
    rego::of(&catalog.sources(rule), rule)
}

/// A rule in CEL for a ValidatingAdmissionPolicy, as far as it can be said without a loss.
///
/// # Errors
///
/// Why that can't be, to follow "it can't be exported, as …".
pub fn admission_policy(catalog: &Catalog, rule: &Rule) -> Result<Cel, String> {
    check(rule)?;
    cel::of(&catalog.sources(rule), rule)
}

/// Whether a rule judges single objects, in kubevet's own way.
fn check(rule: &Rule) -> Result<(), String> {
    match rule.scope {
        _ if rule.is_foreign() => Err("it was written for conftest".to_owned()),
        Scope::Object => Ok(()),
        Scope::Overlay => Err("it judges all objects of an overlay together".to_owned()),
        Scope::Environments => Err("it compares environments".to_owned()),
        Scope::Change => Err("it judges a change, in `kubevet diff`".to_owned()),
    }
}

/// A module as other engines need it.
fn parsed(source: &Source) -> Result<Module, String> {
    let mut module = compile::parse(source.text()).map_err(|mistake| format!("it can't be read: {}", mistake.message))?;
    compile::fixes::remove(&mut module);
    Ok(module)
}

/// The declared ones of some parameters.
pub fn declared<'c>(catalog: &'c Catalog, names: &BTreeSet<String>) -> BTreeMap<&'c str, &'c Parameter> {
    catalog.parameters.iter().filter(|(name, _)| names.contains(*name)).collect()
}
