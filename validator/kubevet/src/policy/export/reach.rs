//! What of its own module and of others a rule uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::compile::names::first;
use crate::policy::compile::{Kind, Module, Term, walk};

/// A package or a name below it.
pub(super) type Path = Vec<String>;

/// What a name stands for in a module.
pub(super) enum Meaning {
    /// The input, and the fields of it that are named.
    Input(Path),
    /// A document, and the fields of it that are named.
    Data(Path),
    /// A rule of the module's own package.
    Own(String),
    /// A variable or a function of the language.
    Local,
}

/// What a variable or a reference that begins with one stands for.
pub(super) fn meaning(module: &Module, own: &BTreeSet<String>, term: &Term) -> Option<Meaning> {
    let (name, parts) = match &term.kind {
        Kind::Var(name) => (name, &[][..]),
        Kind::Ref(head, parts) => match &head.kind {
            Kind::Var(name) => (name, &parts[..]),
            _ => return None,
        },
        _ => return None,
    };
    let mut rest: Path = parts.iter().map_while(Term::as_text).collect();
    let import = module.imports.iter().find(|import| import.name().as_ref() == Some(name));
    let mut path = import.map_or_else(|| vec![name.clone()], crate::policy::compile::Import::components);
    path.append(&mut rest);
    let after = path.split_off(1);
    Some(match path.first().map(String::as_str) {
        Some("input") => Meaning::Input(after),
        Some("data") => Meaning::Data(after),
        _ if own.contains(name) => Meaning::Own(name.clone()),
        _ => Meaning::Local,
    })
}

/// Modules that are loaded together.
pub(super) struct Modules {
    pub(super) modules: Vec<Module>,
    packages: BTreeMap<Path, Vec<usize>>,
}

impl Modules {
    pub(super) fn of(modules: Vec<Module>) -> Self {
        let mut packages: BTreeMap<Path, Vec<usize>> = BTreeMap::new();
        for (at, module) in modules.iter().enumerate() {
            packages.entry(module.package.path().unwrap_or_default()).or_default().push(at);
        }
        Self { modules, packages }
    }

    /// The names of a package's rules.
    pub(super) fn names(&self, package: &Path) -> BTreeSet<String> {
        let modules = self.packages.get(package).into_iter().flatten();
        modules.flat_map(|at| &self.modules[*at].rules).filter_map(|rule| first(&rule.head.name)).map(str::to_owned).collect()
    }

    /// The package that a path leads into, and the rule of it that is named.
    pub(super) fn package_of<'p>(&self, path: &'p [String]) -> Option<(Path, Option<&'p String>)> {
        (1..=path.len()).rev().find(|end| self.packages.contains_key(&path[..*end])).map(|end| (path[..end].to_vec(), path.get(end)))
    }

    /// Every rule that some rules of a package need, themselves included, by package.
    pub(super) fn reached(&self, package: &Path, entries: &[String]) -> BTreeMap<Path, BTreeSet<String>> {
        let mut found: BTreeMap<Path, BTreeSet<String>> = BTreeMap::new();
        let mut left: Vec<(Path, String)> = entries.iter().map(|entry| (package.clone(), entry.clone())).collect();
        while let Some((package, name)) = left.pop() {
            if !found.entry(package.clone()).or_default().insert(name.clone()) {
                continue;
            }
            let own = self.names(&package);
            for at in self.packages.get(&package).into_iter().flatten() {
                let module = &self.modules[*at];
                for rule in module.rules.iter().filter(|rule| first(&rule.head.name) == Some(&name)) {
                    walk::terms(&mut rule.clone(), &mut |term| match meaning(module, &own, term) {
                        Some(Meaning::Own(name)) => left.push((package.clone(), name)),
                        Some(Meaning::Data(path)) => {
                            if let Some((package, rule)) = self.package_of(&path) {
                                let all = || self.names(&package);
                                let names = rule.map_or_else(all, |rule| BTreeSet::from([rule.clone()]));
                                left.extend(names.into_iter().map(|name| (package.clone(), name)));
                            }
                        }
                        _ => {}
                    });
                }
            }
        }
        found
    }
}
