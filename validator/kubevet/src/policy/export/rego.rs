//! A rule for Gatekeeper: its module with `violation`, and what it uses of others as libraries.

use std::collections::BTreeSet;
use std::sync::Arc;

use kustomize::Source;

use super::reach::{Meaning, Modules, Path, meaning};
use super::{Rego, parsed, reads};
use crate::policy::compile::names::first;
use crate::policy::compile::{self, Kind, Module, Term, walk};
use crate::policy::rule::Rule;

/// Where the modules that a template uses must be.
const LIB: &str = "lib";

pub(super) fn of(sources: &[Arc<Source>], rule: &Rule) -> Result<Rego, String> {
    let modules = Modules::of(sources.iter().map(|source| parsed(source)).collect::<Result<_, _>>()?);
    let own: Path = rule.package().split('.').map(str::to_owned).collect();
    let entries: Vec<String> = rule.queries().filter_map(|query| query.rsplit('.').next()).map(str::to_owned).collect();
    let reached = modules.reached(&own, &entries);
    let (mut mains, mut libs, mut parameters) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (module, source) in std::iter::zip(&modules.modules, sources) {
        let package = module.package.path().unwrap_or_default();
        let Some(names) = reached.get(&package) else { continue };
        let mut part = module.clone();
        part.rules.retain(|rule| first(&rule.head.name).is_some_and(|name| names.contains(name)));
        if part.rules.is_empty() {
            continue;
        }
        adapt(&mut part, &modules, &package, &own)?;
        parameters.extend(reads(source).into_iter().map(|(name, _)| name));
        if package == own {
            part.package = Term::var(part.package.at, own.join("_"));
            mains.push(printed(&part, source));
        } else {
            part.package = below_lib(&part.package, &package);
            libs.push(printed(&part, source));
        }
    }
    let [main] = &mains[..] else { return Err("its package is in several files".to_owned()) };
    Ok(Rego { main: format!("{main}{}", violations(&entries)), libs, parameters })
}

/// Makes a module one of a template: `input` is a review's object, `data.environment.parameters` a constraint's parameters.
fn adapt(module: &mut Module, modules: &Modules, package: &Path, main: &Path) -> Result<(), String> {
    let own = modules.names(package);
    let mut problem: Option<String> = None;
    let mut used: BTreeSet<String> = BTreeSet::new();
    let names = module.clone();
    for rule in &mut module.rules {
        let has_with = rule.branches.iter().flat_map(|branch| branch.body.iter().flatten()).any(|statement| !statement.with.is_empty());
        if has_with {
            return Err("it evaluates something with another input".to_owned());
        }
        walk::terms(rule, &mut |term| {
            if let Err(why) = adapt_term(term, &names, modules, &own, main, &mut used) {
                problem.get_or_insert(why);
            }
        });
    }
    module.imports.retain(|import| import.name().is_none_or(|name| used.contains(&name)));
    for import in &mut module.imports {
        if import.name().is_some() {
            let path = import.components().split_off(1);
            if modules.package_of(&path).is_none() {
                return Err(format!("it imports data.{}, which only kubevet has", path.join(".")));
            }
            import.path = below_data(&import.path, &path);
        }
    }
    problem.map_or(Ok(()), Err)
}

fn adapt_term(
    term: &mut Term,
    module: &Module,
    modules: &Modules,
    own: &BTreeSet<String>,
    main: &Path,
    used: &mut BTreeSet<String>,
) -> Result<(), String> {
    if matches!(term.kind, Kind::Template(_)) {
        return Err("it has a string with values in it, which Gatekeeper does not read".to_owned());
    }
    let Some(found) = meaning(module, own, term) else { return Ok(()) };
    let name = first(term).unwrap_or_default().to_owned();
    let is_import = module.imports.iter().any(|import| import.name().as_ref() == Some(&name));
    match found {
        Meaning::Input(path) => {
            if is_import {
                return Err("it imports a part of the input".to_owned());
            }
            if let Some(field @ ("facts" | "objects")) = path.first().map(String::as_str) {
                return Err(format!(
                    "it reads what kubevet works out (input.{field}{})",
                    path.get(1).map(|next| format!(".{next}")).unwrap_or_default()
                ));
            }
            insert(term, &["review", "object"]);
        }
        Meaning::Data(path) => match modules.package_of(&path) {
            Some((package, _)) if package == *main => return Err("it names its own package".to_owned()),
            Some(_) if is_import => drop(used.insert(name)),
            Some(_) => insert(term, &[LIB]),
            None if !is_import && path.starts_with(&["environment".to_owned(), "parameters".to_owned()]) => {
                if let Kind::Ref(head, parts) = &mut term.kind {
                    **head = Term::var(head.at, "input");
                    // `environment`
                    parts.remove(0);
                }
            }
            None => return Err(format!("it reads data.{}, which only kubevet has", path.join("."))),
        },
        Meaning::Own(_) | Meaning::Local => {}
    }
    Ok(())
}

/// Puts fields behind the name that a reference begins with.
fn insert(term: &mut Term, fields: &[&str]) {
    let at = term.at;
    let fields = fields.iter().map(|field| Term::text(at, field));
    match &mut term.kind {
        Kind::Ref(_, parts) => drop(parts.splice(0..0, fields)),
        Kind::Var(name) => term.kind = Kind::Ref(Box::new(Term::var(at, std::mem::take(name))), fields.collect()),
        _ => {}
    }
}

fn below_lib(term: &Term, path: &[String]) -> Term {
    let parts = path.iter().map(|part| Term::text(term.at, part)).collect();
    Term::new(term.at, Kind::Ref(Box::new(Term::var(term.at, LIB)), parts))
}

fn below_data(term: &Term, path: &[String]) -> Term {
    let parts = std::iter::once(LIB).chain(path.iter().map(String::as_str)).map(|part| Term::text(term.at, part)).collect();
    Term::new(term.at, Kind::Ref(Box::new(Term::var(term.at, "data")), parts))
}

/// A module's text, without the lines of its comments.
fn printed(module: &Module, source: &Source) -> String {
    let text = compile::print(module, source.text());
    // A string over several lines keeps them.
    if text.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return text;
    }
    let mut lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    lines.push('\n');
    lines
}

/// What Gatekeeper asks for, from what the rule says.
fn violations(entries: &[String]) -> String {
    let violation = |entry: &String| {
        format!(
            "violation contains {{\"msg\": found.msg, \"details\": {{\"path\": object.get(found, \"path\", [])}}}} if some found in {entry}\n\
             violation contains {{\"msg\": found, \"details\": {{}}}} if {{ some found in {entry}; is_string(found) }}\n"
        )
    };
    entries.iter().filter(|entry| *entry != "violation").map(violation).collect()
}
