//! Rewrites rules so that the engine answers as OPA does, in the way of OPA's own compiler.
//!
//! - Every term of a head that may be undefined moves to the end of the body, so that it takes one result away and nothing else.
//! - What is undefined within the arguments of something negated makes the body undefined, not the negation true.
//! - Variables that hide a rule, an import or another variable get names of their own.

mod terms;

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Body, Branch, Head, Kind, Mistake, Module, Op, Rule, Stmt, StmtKind, Term, With};
use super::names::{self, Globals, Package, Scopes, declared, variables};
use super::order::{self, internal};
use terms::all_looked_up;

/// Rewrites a module, given what its package defines.
pub(crate) fn module(module: &mut Module, package: &Package, source: &str) -> Result<(), Mistake> {
    let mut prefix = "__v".to_owned();
    while source.contains(&prefix) {
        prefix.push('_');
    }
    reserved(module)?;
    let globals = Globals::new(module, package);
    let mut rewriter = Rewriter {
        globals,
        package,
        scopes: Scopes::default(),
        prefix,
        fresh: 0,
        given: Vec::new(),
        fixed: Vec::new(),
        shared: Vec::new(),
    };
    module.rules.iter_mut().try_for_each(|rule| rewriter.rule(rule))?;
    module.rules.extend(rewriter.parents(&module.rules));
    Ok(())
}

/// Names that rewritten rules call, or that the engine treats as the builtin whoever defines them.
const RESERVED: [&str; 2] = ["internal", "walk"];

/// Refuses rules and imports that would be called where a rewritten rule calls something else.
fn reserved(module: &Module) -> Result<(), Mistake> {
    let rules = module.rules.iter().filter_map(|rule| Some((names::first(&rule.head.name)?.to_owned(), rule.head.name.at)));
    let imports = module.imports.iter().filter_map(|import| Some((import.name()?, import.at)));
    match rules.chain(imports).find(|(name, _)| RESERVED.contains(&name.as_str())) {
        Some((name, at)) => Err(Mistake::new(at, format!("{name} is a name of the rule engine's own")).help("give it another name")),
        None => Ok(()),
    }
}

struct Rewriter<'a> {
    globals: Globals,
    package: &'a Package,
    scopes: Scopes,
    /// What generated names begin with.
    prefix: String,
    fresh: usize,
    /// Variables that have a value, from outside to inside.
    given: Vec<BTreeSet<String>>,
    /// Those of each body that get it from certain statements, so that no index does.
    fixed: Vec<BTreeSet<String>>,
    /// Those of each body that more than one of its statements may give it.
    shared: Vec<BTreeSet<String>>,
}

impl Rewriter<'_> {
    fn name(&mut self) -> String {
        self.fresh += 1;
        format!("{}{}", self.prefix, self.fresh)
    }

    fn rule(&mut self, rule: &mut Rule) -> Result<(), Mistake> {
        self.fresh = 0;
        if rule.is_default {
            return Ok(());
        }
        let mut arguments = BTreeSet::new();
        let mut first: Body = Vec::new();
        let mut of_objects = BTreeSet::new();
        for argument in rule.head.arguments.iter().flatten() {
            let mut own = BTreeSet::new();
            variables(argument, &mut own);
            let is_object = has_object(argument);
            if own.iter().any(|name| of_objects.contains(name) || (is_object && arguments.contains(name))) {
                let mistake = Mistake::new(argument.at, "an object and another argument have the same variable here");
                return Err(mistake.help("give the variables two names and compare them in the body"));
            }
            if is_object {
                of_objects.extend(own.iter().cloned());
            }
            arguments.extend(own);
        }
        self.enter(&arguments);
        for argument in rule.head.arguments.iter_mut().flatten() {
            self.argument(argument, &mut first)?;
        }
        let name = rule.head.name.clone();
        let count = rule.branches.len();
        for (number, branch) in rule.branches.iter_mut().enumerate() {
            let mut parts = name.clone();
            self.branch(branch, &first, &mut parts, rule.head.element.as_mut())?;
            // The brackets of a name mean the same in all branches.
            if count == 1 {
                rule.head.name = parts;
            } else if number == 0 && format!("{parts:?}") != format!("{name:?}") {
                let mistake = Mistake::new(name.at, "a name with terms in brackets has no `else` here");
                return Err(mistake.help("use variables in the brackets, which the body defines"));
            }
        }
        self.given.pop();
        self.scopes.leave();
        Ok(())
    }

    /// Objects that are there even where none of the rules that define their fields has a value: `p.q := 1 if false` makes `p` empty, not undefined.
    fn parents(&mut self, rules: &[Rule]) -> Vec<Rule> {
        let mut parents: BTreeMap<Vec<String>, Term> = BTreeMap::new();
        for rule in rules {
            let Kind::Ref(first, parts) = &rule.head.name.kind else { continue };
            let Some(path) = rule.head.name.path().filter(|path| !self.package.computed.contains(&path[0])) else { continue };
            let Some((_, parts)) = parts.split_last() else { continue };
            let name = if parts.is_empty() { (**first).clone() } else { Term::new(first.at, Kind::Ref(first.clone(), parts.to_vec())) };
            parents.entry(path[..path.len() - 1].to_vec()).or_insert(name);
        }
        parents.into_values().map(|name| self.parent(name)).collect()
    }

    fn parent(&mut self, name: Term) -> Rule {
        self.fresh = 0;
        let at = name.at;
        let (key, value) = (Term::var(at, self.name()), Term::var(at, self.name()));
        let name = match name.kind {
            Kind::Ref(first, parts) => Kind::Ref(first, parts.into_iter().chain([key.clone()]).collect()),
            _ => Kind::Ref(Box::new(name), vec![key.clone()]),
        };
        let nothing = Term::new(at, Kind::Object(Vec::new()));
        let body = vec![Stmt { at, is_negated: false, kind: StmtKind::SomeIn(Some(key), value.clone(), nothing), with: Vec::new() }];
        let head = Head { name: Term::new(at, name), arguments: None, element: None };
        Rule { at, is_default: false, head, branches: vec![Branch { at, value: Some(value), body: Some(body) }] }
    }

    /// A pattern stays, a value to compare with moves into the body.
    fn argument(&mut self, argument: &mut Term, body: &mut Body) -> Result<(), Mistake> {
        match &mut argument.kind {
            Kind::Ref(..) | Kind::Call(..) | Kind::Infix(..) | Kind::Member(..) | Kind::Template(_) => {
                let variable = Term::var(argument.at, self.name());
                let value = std::mem::replace(argument, variable.clone());
                body.push(plain(StmtKind::Unify(variable, value.clone()), &value));
                Ok(())
            }
            Kind::Array(items) => items.iter_mut().try_for_each(|item| self.argument(item, body)),
            Kind::Object(_) => {
                // The body sees whether it has other keys.
                let variable = Term::var(argument.at, self.name());
                let pattern = std::mem::replace(argument, variable.clone());
                let at = pattern.clone();
                body.push(plain(StmtKind::Declare(pattern, variable), &at));
                Ok(())
            }
            Kind::Var(_) => self.rename(argument),
            _ => Ok(()),
        }
    }

    fn branch(&mut self, branch: &mut Branch, first: &Body, name: &mut Term, element: Option<&mut Term>) -> Result<(), Mistake> {
        let mut body = first.clone();
        body.extend(branch.body.take().unwrap_or_default());
        let mut body = order::split(body, &|name| self.is_named(name))?;
        let outputs: Vec<&Term> = [&*name].into_iter().chain(element.as_deref()).chain(branch.value.as_ref()).collect();
        order::given_values(&body, &outputs, &|name| self.is_named(name) || name.starts_with(&self.prefix))?;
        self.enter_body(&body);
        order::assign(&mut body, &|name| self.is_free(name), &|name| self.is_from_outside(name));
        order::compare(&mut body, &|name| self.is_from_outside(name));
        self.fixed.push(names::fixed(&body));
        self.shared.push(order::shared(&body));
        let mut body = self.body_in_scope(body)?;
        let mut outputs: Vec<&mut Term> = Vec::new();
        let is_computed = names::first(name).is_some_and(|name| self.package.computed.contains(name));
        if let Kind::Ref(_, parts) = &mut name.kind {
            if is_computed {
                // The engine finds a rule either by a constant path or by a computed one.
                parts.iter_mut().filter(|part| part.as_text().is_some()).for_each(|part| self.lift_whole(part, &mut body, &[]));
            }
            outputs.extend(parts.iter_mut());
        }
        outputs.extend(element);
        outputs.extend(branch.value.as_mut());
        let body = self.leave(body, outputs)?;
        branch.body = if body.is_empty() { None } else { Some(body) };
        Ok(())
    }

    /// Ends a body with the terms that it gives, and what was known within it.
    fn leave<'t>(&mut self, mut body: Body, outputs: impl IntoIterator<Item = &'t mut Term>) -> Result<Body, Mistake> {
        outputs.into_iter().try_for_each(|output| self.output(output, &mut body))?;
        self.given.pop();
        self.fixed.pop();
        self.shared.pop();
        self.scopes.leave();
        Ok(order::ordered(body))
    }

    /// A term of a head.
    fn output(&mut self, term: &mut Term, body: &mut Body) -> Result<(), Mistake> {
        self.term(term, body, &[])?;
        if !self.is_certain(term) {
            self.lift_whole(term, body, &[]);
        }
        Ok(())
    }

    /// Whether a term has a value wherever the body has an answer, and needs nothing to be computed.
    fn is_certain(&self, term: &Term) -> bool {
        match &term.kind {
            Kind::Const(_) => true,
            Kind::Var(name) => name != "_" && (self.is_own(name) || !self.globals.has(name)),
            Kind::Array(items) | Kind::Set(items) => items.iter().all(|item| self.is_certain(item)),
            Kind::Object(fields) => fields.iter().all(|(key, value)| self.is_certain(key) && self.is_certain(value)),
            _ => false,
        }
    }

    /// Whether a name that was given already is a variable.
    fn is_own(&self, name: &str) -> bool {
        self.given.iter().any(|given| given.contains(name)) || name.starts_with(&self.prefix)
    }

    /// Variables that all statements have.
    fn enter(&mut self, names: &BTreeSet<String>) {
        self.enter_later(names, &BTreeSet::new());
        let names = self.scopes.declare_all();
        self.given.push(names.into_iter().collect());
    }

    /// Declares the variables of a pattern.
    fn declare(&mut self, pattern: &Term) {
        let names = self.scopes.declare(pattern);
        if let Some(given) = self.given.last_mut() {
            given.extend(names);
        }
    }

    /// A body's variables: those that it declares, one after the other, and others that it mentions.
    fn enter_body(&mut self, body: &Body) {
        let declared = declared(body);
        self.enter_later(&declared, &names::used_before(body));
        let others = given(body).into_iter().filter(|name| !self.globals.has(name) && !declared.contains(name));
        self.given.push(others.collect());
    }

    /// Variables that statements declare, some of them after something else of that name was used.
    fn enter_later(&mut self, names: &BTreeSet<String>, renamed: &BTreeSet<String>) {
        let mut scope: BTreeMap<String, String> = BTreeMap::new();
        for name in names {
            let is_taken = self.scopes.get(name).is_some() || self.given.iter().any(|given| given.contains(name));
            let is_hidden = is_taken || self.globals.has(name) || is_word(name) || name.starts_with('$');
            let own = if is_hidden || renamed.contains(name) { self.name() } else { name.clone() };
            scope.insert(name.clone(), own);
        }
        self.scopes.enter(scope);
    }

    fn body(&mut self, body: Body) -> Result<Body, Mistake> {
        self.body_for(body, &mut [])
    }

    /// The body of a comprehension, with the terms that it gives.
    fn body_for(&mut self, body: Body, outputs: &mut [&mut Term]) -> Result<Body, Mistake> {
        let mut body = order::split(body, &|name| self.is_named(name))?;
        let given: Vec<&Term> = outputs.iter().map(|output| &**output).collect();
        order::given_values(&body, &given, &|name| self.is_named(name) || name.starts_with(&self.prefix))?;
        self.enter_body(&body);
        order::assign(&mut body, &|name| self.is_free(name), &|name| self.is_from_outside(name));
        order::compare(&mut body, &|name| self.is_from_outside(name));
        self.fixed.push(names::fixed(&body));
        self.shared.push(order::shared(&body));
        let body = self.body_in_scope(body)?;
        self.leave(body, outputs.iter_mut().map(|output| &mut **output))
    }

    /// Whether a name is that of a variable of an outer body, or none at all.
    fn is_from_outside(&self, name: &str) -> bool {
        let outer = self.given.len().saturating_sub(1);
        self.globals.has(name) || self.scopes.get(name).is_some() || self.given[..outer].iter().any(|given| given.contains(name))
    }

    /// Whether a term refers into a document or a rule by a variable, as `data.a[x]` does, outside of bodies of its own.
    fn refers_by_variable(&self, term: &Term) -> bool {
        let is_variable = |part: &Term| {
            let mut names = BTreeSet::new();
            names::deep(part, &mut names);
            names.iter().any(|name| !self.globals.has(name))
        };
        match &term.kind {
            Kind::Ref(head, parts) if names::first(head).is_some_and(|name| self.globals.has(name)) && parts.iter().any(is_variable) => {
                true
            }
            Kind::ArrayOf(..) | Kind::SetOf(..) | Kind::ObjectOf(..) => false,
            _ => {
                let mut refers = false;
                names::each_child(term, &mut |child| refers |= self.refers_by_variable(child));
                refers
            }
        }
    }

    /// Whether a name means something already.
    fn is_named(&self, name: &str) -> bool {
        self.globals.has(name) || self.scopes.get(name).is_some() || self.given.iter().any(|given| given.contains(name))
    }

    /// Whether a name is that of a variable that no outer body has, and this one doesn't declare.
    fn is_free(&self, name: &str) -> bool {
        let outer = self.given.len().saturating_sub(1);
        !name.starts_with(&self.prefix)
            && !self.globals.has(name)
            && self.scopes.get(name).is_none()
            && !self.given[..outer].iter().any(|given| given.contains(name))
    }

    fn body_in_scope(&mut self, body: Body) -> Result<Body, Mistake> {
        let mut done = Vec::with_capacity(body.len());
        for statement in body {
            self.statement(statement, &mut done)?;
        }
        let left = self.scopes.declare_all();
        if let Some(given) = self.given.last_mut() {
            given.extend(left);
        }
        Ok(done)
    }

    fn statement(&mut self, mut statement: Stmt, done: &mut Body) -> Result<(), Mistake> {
        let mut with = std::mem::take(&mut statement.with);
        let mut behind = Vec::new();
        if let (StmtKind::SomeIn(..), Some(modifier)) =
            (&statement.kind, with.iter().find(|modifier| self.refers_by_variable(&modifier.value)))
        {
            // OPA declares it anew there: an error, or another variable of the same name.
            let mistake = Mistake::new(modifier.at, "`with` behind `some … in` refers to something by a variable");
            return Err(mistake.help("write `values := … with …` in a line before, then `some … in values`"));
        }
        for modifier in &mut with {
            self.target(&mut modifier.target)?;
            self.term(&mut modifier.value, done, &[])?;
            // A path may be the name of a function.
            if !self.is_certain(&modifier.value) && modifier.value.path().is_none() {
                self.lift_whole(&mut modifier.value, done, &[]);
            }
        }
        match &mut statement.kind {
            StmtKind::Term(term) => {
                self.operands(term, done, &with)?;
                if let (false, Kind::Call(function, arguments)) = (statement.is_negated, &mut term.kind)
                    && let (Some("walk"), [_, output]) = (names::first(function), arguments.as_mut_slice())
                {
                    self.exact(output, &mut behind);
                }
            }
            StmtKind::Declare(left, right) => {
                self.term(right, done, &with)?;
                self.declare(left);
                self.pattern(left, done, &with)?;
                self.exact(left, &mut behind);
            }
            StmtKind::Unify(left, right) => {
                self.term(left, done, &with)?;
                self.term(right, done, &with)?;
                let is_value = |term: &Term| matches!(term.kind, Kind::Ref(..) | Kind::Call(..) | Kind::Infix(..));
                if !statement.is_negated && is_value(right) {
                    self.exact(left, &mut behind);
                } else if !statement.is_negated && is_value(left) {
                    self.exact(right, &mut behind);
                }
            }
            StmtKind::Some(terms) => terms.iter_mut().try_for_each(|term| {
                self.declare(term);
                self.rename(term)
            })?,
            StmtKind::SomeIn(key, value, collection) => {
                self.term(collection, done, &with)?;
                if !with.is_empty() {
                    // The engine would have it for the rest of the body, too.
                    let modifiers = std::mem::take(&mut with);
                    self.lift_whole(collection, done, &modifiers);
                }
                if matches!(collection.kind, Kind::Var(_) | Kind::Ref(..) | Kind::Call(..) | Kind::Const(_)) {
                    // The engine fails in what is no collection.
                    let whole = collection.clone();
                    collection.kind = Kind::Call(Box::new(internal(whole.at, "collection")), vec![whole]);
                }
                key.iter().chain([&*value]).for_each(|term| self.declare(term));
                key.iter_mut().chain([&mut *value]).try_for_each(|term| self.pattern(term, done, &with))?;
                key.iter_mut().chain([value]).for_each(|term| self.exact(term, &mut behind));
            }
            StmtKind::Every(key, value, domain, body) => {
                self.term(domain, done, &with)?;
                if !matches!(domain.kind, Kind::Var(_)) {
                    self.lift_whole(domain, done, &with);
                }
                let mut names = BTreeSet::new();
                key.iter().chain([&*value]).for_each(|term| variables(term, &mut names));
                self.enter(&names);
                key.iter_mut().chain([value]).try_for_each(|term| self.rename(term))?;
                *body = self.body(std::mem::take(body))?;
                self.given.pop();
                self.scopes.leave();
                self.wait(domain, body, done);
            }
        }
        if statement.is_negated {
            self.negated(&mut statement, done, &with)?;
        }
        if let StmtKind::Unify(left, right) = &mut statement.kind {
            // The engine reads an operation only on the right.
            if is_operation(left) {
                std::mem::swap(left, right);
            }
            if is_operation(left) {
                self.lift_whole(left, done, &with);
            }
        }
        statement.with = with;
        done.push(statement);
        done.extend(behind);
        Ok(())
    }

    /// The engine orders statements by the variables that they use, but overlooks those in the body of `every`: its domain names them, too. They may be
    /// those of an outer body, whose statement waits then.
    fn wait(&self, domain: &mut Term, body: &Body, before: &Body) {
        let mut used = BTreeSet::new();
        names::everywhere(body, &mut used);
        let here = before.iter().fold(self.given.iter().flatten().cloned().collect(), |mut names: BTreeSet<String>, statement| {
            names.extend(declared(std::slice::from_ref(statement)));
            names
        });
        order::after(domain, used.into_iter().filter(|name| here.contains(name)));
    }

    /// What is negated is true where it is undefined, but not where its arguments are.
    fn negated(&mut self, statement: &mut Stmt, done: &mut Body, with: &[With]) -> Result<(), Mistake> {
        match &mut statement.kind {
            StmtKind::Term(term) => match &mut term.kind {
                Kind::Call(_, arguments) => arguments.iter_mut().for_each(|argument| self.lift(argument, done, with)),
                Kind::Infix(Op("=="), left, right) => [left, right].into_iter().for_each(|side| self.lift_within(side, done, with)),
                Kind::Infix(_, left, right) => [left, right].into_iter().for_each(|side| self.lift(side, done, with)),
                Kind::Member(key, value, collection) => {
                    key.iter_mut().chain([value, collection]).for_each(|part| self.lift(part, done, with));
                }
                _ => self.lift_within(term, done, with),
            },
            StmtKind::Unify(left, right) => [left, right].into_iter().for_each(|side| self.lift_within(side, done, with)),
            _ => {}
        }
        if let StmtKind::Term(term) = &mut statement.kind {
            all_looked_up(term);
        }
        if let StmtKind::Unify(left, right) = &mut statement.kind {
            [left, right].into_iter().for_each(all_looked_up);
        }
        let mut open = BTreeSet::new();
        names::mentioned(statement, &mut open);
        let is_open = |name: &&String| {
            *name == "_"
                || !(self.globals.has(name) || self.given.iter().any(|given| given.contains(*name)) || name.starts_with(&self.prefix))
        };
        match open.iter().find(is_open) {
            Some(name) => {
                let what = if name == "_" { "`_` stands".to_owned() } else { format!("the variable {name} has no value") };
                let error = Mistake::new(statement.at, format!("{what} in something that is negated"));
                Err(error.help("give it a value in a line without `not`, or put the search into a rule of its own and negate that"))
            }
            None => Ok(()),
        }
    }
}

fn has_object(pattern: &Term) -> bool {
    match &pattern.kind {
        Kind::Object(_) => true,
        Kind::Array(items) => items.iter().any(has_object),
        _ => false,
    }
}

/// Words of the newer syntax that the older one has as names.
fn is_word(name: &str) -> bool {
    matches!(name, "if" | "in" | "every")
}

fn is_operation(term: &Term) -> bool {
    matches!(term.kind, Kind::Infix(..) | Kind::Member(..))
}

fn plain(kind: StmtKind, of: &Term) -> Stmt {
    Stmt { at: of.at, is_negated: false, kind, with: Vec::new() }
}

/// The variables that a body gives values to.
fn given(body: &Body) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    body.iter().filter(|statement| !statement.is_negated).for_each(|statement| names::mentioned(statement, &mut names));
    names.remove("_");
    names
}
