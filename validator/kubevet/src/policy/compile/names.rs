//! Which names of a rule are its own variables, and which mean a rule, an import or a document.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::ast::{Branch, Kind, Module, Stmt, StmtKind, Term};

/// What all modules of a package define together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    /// What names of rules begin with.
    pub(crate) names: BTreeSet<String>,
    /// Those of them that go on with something computed in some definition.
    pub(crate) computed: BTreeSet<String>,
    /// The names in the value of each rule, where that is an array, a set or an object, and the rule has one definition and no condition.
    pub(crate) composed: BTreeMap<String, Option<BTreeSet<String>>>,
    /// Its own path.
    pub(crate) path: Vec<String>,
    /// The paths of all packages that are loaded with it.
    pub(crate) all: Rc<Vec<Vec<String>>>,
}

impl Package {
    /// Adds the definitions of a module.
    pub(crate) fn extend(&mut self, module: &Module) {
        for rule in &module.rules {
            let Some(name) = first(&rule.head.name) else { continue };
            let is_new = self.names.insert(name.to_owned());
            let is_plain = matches!(rule.head.name.kind, Kind::Var(_)) && rule.head.arguments.is_none() && !rule.is_default;
            let composed = match rule.branches.as_slice() {
                [Branch { value: Some(value), body, .. }] if is_new && is_plain && body.as_ref().is_none_or(|body| says_true(body)) => {
                    composed_of(value)
                }
                _ => None,
            };
            let is_elsewhere = |name: &String| module.imports.iter().any(|import| import.name().as_ref() == Some(name));
            let composed = composed.map(|names| names.into_iter().filter(|name| !is_elsewhere(name)).collect());
            self.composed.insert(name.to_owned(), composed);
            if matches!(&rule.head.name.kind, Kind::Ref(_, parts) if parts.iter().any(|part| part.as_text().is_none())) {
                self.computed.insert(name.to_owned());
            }
        }
    }
}

/// Whether a body is the word `true`.
fn says_true(body: &[Stmt]) -> bool {
    let [Stmt { kind: StmtKind::Term(Term { kind: Kind::Const(word), .. }), is_negated: false, with, .. }] = body else { return false };
    word == "true" && with.is_empty()
}

/// The names in an array, a set or an object; nothing of one with a template, of which OPA makes lines of the body.
fn composed_of(value: &Term) -> Option<BTreeSet<String>> {
    let is_composed = matches!(value.kind, Kind::Array(_) | Kind::Set(_) | Kind::Object(_)) && !has_template(value);
    is_composed.then(|| {
        let mut names = BTreeSet::new();
        deep(value, &mut names);
        names
    })
}

fn has_template(term: &Term) -> bool {
    let mut found = matches!(term.kind, Kind::Template(_));
    each_child(term, &mut |child| found |= has_template(child));
    found
}

/// The names that a module's rules begin with.
pub(crate) fn defined(module: &Module) -> impl Iterator<Item = &str> {
    module.rules.iter().filter_map(|rule| first(&rule.head.name))
}

/// The name that a reference begins with.
pub(crate) fn first(term: &Term) -> Option<&str> {
    match &term.kind {
        Kind::Var(name) => Some(name),
        Kind::Ref(head, _) => first(head),
        _ => None,
    }
}

/// What names mean in a module.
#[derive(Debug)]
pub(crate) struct Globals {
    /// Rules of the package, imports and the two documents.
    names: BTreeSet<String>,
    /// What names of imports stand for.
    imports: BTreeMap<String, Vec<String>>,
}

impl Globals {
    /// Those of a module, given all rules of its package.
    pub(crate) fn new(module: &Module, package: &Package) -> Self {
        let imports: BTreeMap<_, _> = module.imports.iter().filter_map(|import| Some((import.name()?, import.components()))).collect();
        let documents = ["input", "data"].map(str::to_owned);
        Self { names: package.names.iter().chain(imports.keys()).cloned().chain(documents).collect(), imports }
    }

    /// The components of what a name of an import stands for.
    pub(crate) fn imported(&self, name: &str) -> Option<&[String]> {
        self.imports.get(name).map(Vec::as_slice)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// Variables that are declared, from outside to inside, each with the name that it is given.
#[derive(Debug, Default)]
pub(crate) struct Scopes(Vec<Scope>);

#[derive(Debug, Default)]
struct Scope {
    names: BTreeMap<String, String>,
    /// Those of statements that are still to come.
    later: BTreeMap<String, String>,
}

impl Scopes {
    /// The variable's own name, where it is declared.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find_map(|scope| scope.names.get(name)).map(String::as_str)
    }

    /// A scope in which the names are declared one after the other.
    pub(crate) fn enter(&mut self, later: BTreeMap<String, String>) {
        self.0.push(Scope { names: BTreeMap::new(), later });
    }

    /// Declares the variables of a pattern; gives their own names.
    pub(crate) fn declare(&mut self, pattern: &Term) -> Vec<String> {
        let mut names = BTreeSet::new();
        variables(pattern, &mut names);
        let Some(scope) = self.0.last_mut() else { return Vec::new() };
        let mut owns = Vec::new();
        for name in names {
            if let Some(own) = scope.later.remove(&name) {
                owns.push(own.clone());
                scope.names.insert(name, own);
            }
        }
        owns
    }

    /// Declares all that are left.
    pub(crate) fn declare_all(&mut self) -> Vec<String> {
        let Some(scope) = self.0.last_mut() else { return Vec::new() };
        let later = std::mem::take(&mut scope.later);
        let owns = later.values().cloned().collect();
        scope.names.extend(later);
        owns
    }

    pub(crate) fn leave(&mut self) {
        self.0.pop();
    }
}

/// Those of the variables that a body declares that mean something else before.
pub(crate) fn used_before(body: &[Stmt]) -> BTreeSet<String> {
    let (mut used, mut found, mut known) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for statement in body {
        // What a variable is declared with doesn't see it.
        match &statement.kind {
            StmtKind::Declare(_, value) => deep(value, &mut used),
            StmtKind::SomeIn(_, _, collection) => deep(collection, &mut used),
            _ => {}
        }
        let names: Vec<String> = declared(std::slice::from_ref(statement)).into_iter().filter(|name| !known.contains(name)).collect();
        found.extend(names.iter().filter(|name| used.contains(*name)).cloned());
        known.extend(names);
        everywhere(std::slice::from_ref(statement), &mut used);
    }
    found
}

/// The variables that a body declares.
pub(crate) fn declared(body: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for statement in body {
        match &statement.kind {
            StmtKind::Declare(pattern, _) => variables(pattern, &mut names),
            StmtKind::Some(terms) => terms.iter().for_each(|term| variables(term, &mut names)),
            StmtKind::SomeIn(key, value, _) => key.iter().chain([value]).for_each(|term| variables(term, &mut names)),
            StmtKind::Term(_) | StmtKind::Unify(..) | StmtKind::Every(..) => {}
        }
    }
    names
}

/// The variables of a pattern.
pub(crate) fn variables(pattern: &Term, names: &mut BTreeSet<String>) {
    match &pattern.kind {
        Kind::Var(name) if name != "_" => drop(names.insert(name.clone())),
        Kind::Array(items) | Kind::Set(items) => items.iter().for_each(|item| variables(item, names)),
        Kind::Object(fields) => fields.iter().for_each(|(_, value)| variables(value, names)),
        _ => {}
    }
}

/// All variables of a statement but those of bodies within it.
pub(crate) fn mentioned(statement: &Stmt, names: &mut BTreeSet<String>) {
    each_term(statement, &mut |term| all_variables(term, names));
}

/// Looks at the terms of a statement.
pub(crate) fn each_term<'a>(statement: &'a Stmt, see: &mut dyn FnMut(&'a Term)) {
    match &statement.kind {
        StmtKind::Term(term) => see(term),
        StmtKind::Declare(left, right) | StmtKind::Unify(left, right) => [left, right].into_iter().for_each(&mut *see),
        StmtKind::Some(_) => {}
        StmtKind::SomeIn(key, value, collection) => key.iter().chain([value, collection]).for_each(&mut *see),
        StmtKind::Every(_, _, domain, _) => see(domain),
    }
    statement.with.iter().for_each(|with| see(&with.value));
}

fn all_variables(term: &Term, names: &mut BTreeSet<String>) {
    if let Kind::Var(name) = &term.kind {
        names.insert(name.clone());
    }
    each_child(term, &mut |child| all_variables(child, names));
}

/// Looks at the terms that a term consists of, but not into the bodies of comprehensions and what depends on them.
pub(crate) fn each_child<'a>(term: &'a Term, see: &mut dyn FnMut(&'a Term)) {
    match &term.kind {
        Kind::Const(_) | Kind::Var(_) | Kind::ArrayOf(..) | Kind::SetOf(..) | Kind::ObjectOf(..) => {}
        Kind::Ref(head, parts) => {
            see(head);
            parts.iter().for_each(see);
        }
        // A function's name is no variable.
        Kind::Call(_, arguments) => arguments.iter().for_each(see),
        Kind::Infix(_, left, right) => [left, right].into_iter().for_each(|term| see(term)),
        Kind::Member(key, value, collection) => key.iter().chain([value, collection]).for_each(|term| see(term)),
        Kind::Array(items) | Kind::Set(items) | Kind::Template(items) => items.iter().for_each(see),
        Kind::Object(fields) => fields.iter().flat_map(|(key, value)| [key, value]).for_each(see),
    }
}

/// The variables that a statement may give a value to, unless it finds them as keys.
pub(crate) fn bindable(statement: &Stmt, names: &mut BTreeSet<String>) {
    match &statement.kind {
        StmtKind::Declare(left, _) => variables(left, names),
        StmtKind::Unify(left, right) => [left, right].into_iter().for_each(|side| variables(side, names)),
        StmtKind::Some(terms) => terms.iter().for_each(|term| variables(term, names)),
        StmtKind::SomeIn(key, value, _) => key.iter().chain([value]).for_each(|term| variables(term, names)),
        // The last argument may take the result.
        StmtKind::Term(Term { kind: Kind::Call(_, arguments), .. }) => arguments.last().into_iter().for_each(|last| variables(last, names)),
        StmtKind::Term(_) | StmtKind::Every(..) => {}
    }
}

/// The variables in the brackets of references, each of which takes the keys that there are.
pub(crate) fn keys(term: &Term, names: &mut BTreeSet<String>) {
    if let Kind::Ref(_, parts) = &term.kind {
        parts.iter().for_each(|part| variables(part, names));
    }
    each_child(term, &mut |child| keys(child, names));
}

/// The variables that certain statements of a body give values to, whatever other statements do.
pub(crate) fn fixed(body: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for statement in body {
        match &statement.kind {
            StmtKind::Declare(pattern, _) => variables(pattern, &mut names),
            StmtKind::SomeIn(key, value, _) => key.iter().chain([value]).for_each(|term| variables(term, &mut names)),
            StmtKind::Term(Term { kind: Kind::Call(function, arguments), .. }) if !statement.is_negated => {
                if let (Kind::Var(name), [_, output]) = (&function.kind, arguments.as_slice())
                    && name == "walk"
                {
                    variables(output, &mut names);
                }
            }
            _ => {}
        }
    }
    names
}

/// All variables of a body, those of bodies within it included.
pub(crate) fn everywhere(body: &[Stmt], names: &mut BTreeSet<String>) {
    for statement in body {
        each_term(statement, &mut |term| deep(term, names));
        if let StmtKind::Every(_, _, _, body) = &statement.kind {
            everywhere(body, names);
        }
    }
}

/// All variables of a term, those of bodies within it included.
pub(crate) fn deep(term: &Term, names: &mut BTreeSet<String>) {
    match &term.kind {
        Kind::Var(name) => drop(names.insert(name.clone())),
        Kind::ArrayOf(item, body) | Kind::SetOf(item, body) => {
            deep(item, names);
            everywhere(body, names);
        }
        Kind::ObjectOf(key, value, body) => {
            [key, value].into_iter().for_each(|term| deep(term, names));
            everywhere(body, names);
        }
        _ => {}
    }
    each_child(term, &mut |child| deep(child, names));
}
