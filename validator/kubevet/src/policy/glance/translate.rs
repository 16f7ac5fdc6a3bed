//! From the tree of a compiled module to rules that can be looked at.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;

use super::calls::Function;
use super::program::{Branch, Collects, Definition, Expr, Inner, Makes, Program, Rule, Step};
use crate::policy::compile::{Body, Kind, Module, Stmt, StmtKind, Term, names};

type Path = Vec<String>;

/// What compiled modules that are loaded together say.
pub(in crate::policy) fn program<'m>(modules: impl Iterator<Item = &'m Module> + Clone) -> Program {
    let mut program = Program::default();
    for module in modules.clone() {
        Translator::declare(module, &mut program);
    }
    for module in modules {
        Translator::new(module, &program.numbers).define(&mut program.rules);
    }
    program
}

/// Translates the rules of a module.
struct Translator<'a> {
    module: &'a Module,
    numbers: &'a BTreeMap<Path, usize>,
    package: Path,
    /// The rules of the package, by their names in it.
    own: BTreeMap<&'a str, usize>,
    imports: BTreeMap<String, Path>,
    /// The variables of the definition at hand.
    variables: BTreeMap<String, usize>,
    /// What bodies around a term mention, from outside to inside.
    around: Vec<BTreeSet<String>>,
    /// How many terms so far may be in conflict.
    asked: usize,
}

impl<'a> Translator<'a> {
    /// Notes which rules a module has.
    fn declare(module: &Module, program: &mut Program) {
        let package = module.package.path().unwrap_or_default();
        for rule in &module.rules {
            let Some(name) = names::first(&rule.head.name) else { continue };
            let makes = match &rule.head.name.kind {
                Kind::Var(_) if rule.head.element.is_some() => Makes::Set,
                Kind::Var(_) if rule.head.arguments.is_some() => Makes::Function,
                Kind::Var(_) => Makes::Value,
                Kind::Ref(_, parts) if parts.len() == 1 && parts[0].as_text().is_none() => {
                    if rule.head.element.is_some() {
                        Makes::Sets
                    } else {
                        Makes::Object
                    }
                }
                _ => Makes::Unknown,
            };
            program.declare(package.iter().cloned().chain([name.to_owned()]).collect(), makes);
        }
    }

    fn new(module: &'a Module, numbers: &'a BTreeMap<Path, usize>) -> Self {
        let imports = module.imports.iter().filter_map(|import| Some((import.name()?, import.components()))).collect();
        let package = module.package.path().unwrap_or_default();
        let below = numbers.range(package.clone()..).take_while(|(path, _)| path.starts_with(&package));
        let own = below.filter(|(path, _)| path.len() == package.len() + 1);
        let own = own.filter_map(|(path, number)| Some((path.last()?.as_str(), *number))).collect();
        Self { module, numbers, package, own, imports, variables: BTreeMap::new(), around: Vec::new(), asked: 0 }
    }

    /// Adds the module's definitions to those of all rules.
    fn define(mut self, rules: &mut [Rule]) {
        for rule in &self.module.rules {
            let Some(number) = names::first(&rule.head.name).and_then(|name| self.rule(name)) else { continue };
            if rules[number].makes == Makes::Unknown {
                continue;
            }
            self.variables.clear();
            if rule.is_default {
                rules[number].default = rule.branches.first().and_then(|branch| branch.value.as_ref()).map(|value| self.expr(value));
                continue;
            }
            let mut arguments = BTreeSet::new();
            rule.head.arguments.iter().flatten().for_each(|argument| names::variables(argument, &mut arguments));
            self.around.push(arguments);
            let arguments = rule.head.arguments.iter().flatten().map(|argument| self.expr(argument)).collect();
            let key = match &rule.head.name.kind {
                Kind::Ref(_, parts) => parts.first(),
                _ => None,
            };
            let branch = |this: &mut Self, value: Option<&Term>, body: Option<&Body>| {
                let body = body.map(Vec::as_slice).unwrap_or_default();
                this.enter(body);
                let body = this.body(body);
                let value = rule.head.element.as_ref().or(value).map_or(Expr::Known(Value::from(true)), |value| this.expr(value));
                let key = key.map(|key| this.expr(key));
                this.around.pop();
                Branch { body, value, key }
            };
            let branches = rule.branches.iter().map(|one| branch(&mut self, one.value.as_ref(), one.body.as_ref())).collect();
            self.around.pop();
            rules[number].definitions.push(Definition { arguments, branches, variables: self.variables.len() });
        }
    }

    fn rule(&self, name: &str) -> Option<usize> {
        self.own.get(name).copied()
    }

    fn variable(&mut self, name: &str) -> usize {
        let next = self.variables.len();
        *self.variables.entry(name.to_owned()).or_insert(next)
    }

    fn enter(&mut self, body: &[Stmt]) {
        let mut names = names::declared(body);
        body.iter().for_each(|statement| names::mentioned(statement, &mut names));
        self.around.push(names);
    }

    fn body(&mut self, body: &[Stmt]) -> Vec<Step> {
        body.iter().filter(|statement| !matches!(statement.kind, StmtKind::Some(_))).map(|statement| self.step(statement)).collect()
    }

    fn step(&mut self, statement: &Stmt) -> Step {
        let before = self.asked;
        let step = self.plain_step(statement);
        // Another input or other data may give rules other values.
        if statement.with.is_empty() { step } else { Step::Open { asks: self.asked > before } }
    }

    /// A line as it is without `with`.
    fn plain_step(&mut self, statement: &Stmt) -> Step {
        match &statement.kind {
            StmtKind::Term(Term { kind: Kind::Call(function, arguments), .. })
                if !statement.is_negated && matches!(&function.kind, Kind::Var(name) if name == "walk") && arguments.len() == 2 =>
            {
                Step::Walk(self.expr(&arguments[0]), self.expr(&arguments[1]))
            }
            StmtKind::Term(term) if statement.is_negated => Step::Not(self.expr(term)),
            // OPA's grammar has no others.
            _ if statement.is_negated => Step::Open { asks: true },
            StmtKind::Term(term) => Step::Test(self.expr(term)),
            StmtKind::Declare(left, right) | StmtKind::Unify(left, right) => Step::Unify(self.expr(left), self.expr(right)),
            StmtKind::Some(_) => Step::Open { asks: false },
            StmtKind::SomeIn(key, value, collection) => {
                let key = key.as_ref().map(|key| self.expr(key));
                Step::Some(key, self.expr(value), self.expr(collection))
            }
            StmtKind::Every(key, value, domain, body) => {
                let domain = self.expr(domain);
                let mut used = BTreeSet::new();
                names::everywhere(body, &mut used);
                let needs = self.needs(&used);
                let key = key.as_ref().map(|key| self.expr(key));
                let value = self.expr(value);
                let before = self.asked;
                self.enter(body);
                let body = self.body(body);
                self.around.pop();
                Step::Every(key, value, domain, Inner { body, needs, asks: self.asked > before })
            }
        }
    }

    /// Which of the names that an inner body uses are variables of those around it.
    fn needs(&mut self, used: &BTreeSet<String>) -> Vec<usize> {
        let is_around = |name: &&String| self.around.iter().any(|names| names.contains(*name)) && self.is_variable(name);
        let names: Vec<&String> = used.iter().filter(is_around).collect();
        names.into_iter().map(|name| self.variable(name)).collect()
    }

    fn is_variable(&self, name: &str) -> bool {
        name != "_" && !["input", "data"].contains(&name) && !self.imports.contains_key(name) && self.rule(name).is_none()
    }

    fn expr(&mut self, term: &Term) -> Expr {
        match &term.kind {
            Kind::Const(_) => constant(term).map_or(Expr::Opaque(Vec::new()), Expr::Known),
            Kind::Var(name) if name == "_" => Expr::Any,
            Kind::Var(name) if self.is_variable(name) => Expr::Variable(self.variable(name)),
            Kind::Var(_) => self.named(term, &[]),
            Kind::Ref(head, parts) => match &head.kind {
                Kind::Var(name) if !self.is_variable(name) => self.named(head, parts),
                _ => {
                    let head = self.expr(head);
                    self.path(head, parts)
                }
            },
            Kind::Call(function, arguments) => self.call(function, arguments),
            Kind::Infix(op, left, right) => match (Function::of_operator(op.0), self.expr(left), self.expr(right)) {
                // The engine meets a conflict on the right of what is undefined, too.
                (Some(function), left, right) if !right.makes_object() => Expr::Call(function, vec![left, right]),
                (_, left, right) => Expr::Opaque(vec![left, right]),
            },
            Kind::Member(key, value, collection) => {
                let terms: Vec<&Term> = key.iter().map(|key| &**key).chain([&**value, collection]).collect();
                Expr::Member(self.all(terms))
            }
            Kind::Array(items) => Expr::Array(self.all(items)),
            Kind::Set(items) => Expr::Set(self.all(items)),
            Kind::Object(fields) => Expr::Object(self.all(fields.iter().flat_map(|(key, value)| [key, value]))),
            Kind::ArrayOf(item, body) => self.collect(Collects::Array, term, &[item], body),
            Kind::SetOf(item, body) => self.collect(Collects::Set, term, &[item], body),
            Kind::ObjectOf(key, value, body) => self.collect(Collects::Object, term, &[key, value], body),
            Kind::Template(_) => Expr::Opaque(Vec::new()),
        }
    }

    fn all<'t>(&mut self, terms: impl IntoIterator<Item = &'t Term>) -> Vec<Expr> {
        terms.into_iter().map(|term| self.expr(term)).collect()
    }

    fn collect(&mut self, collects: Collects, whole: &Term, terms: &[&Term], body: &[Stmt]) -> Expr {
        let mut used = BTreeSet::new();
        names::deep(whole, &mut used);
        let needs = self.needs(&used);
        let before = self.asked;
        self.asked += usize::from(collects == Collects::Object);
        self.enter(body);
        let body = self.body(body);
        let terms = self.all(terms.iter().copied());
        self.around.pop();
        Expr::Collect(collects, terms, Inner { body, needs, asks: self.asked > before })
    }

    fn path(&mut self, head: Expr, parts: &[Term]) -> Expr {
        match head {
            head if parts.is_empty() => head,
            head => Expr::Path(Box::new(head), self.all(parts)),
        }
    }

    /// What begins with the name of a rule, an import or a document.
    fn named(&mut self, name: &Term, parts: &[Term]) -> Expr {
        let Some(mut path) = self.resolved(name) else { return Expr::Opaque(self.all(parts)) };
        if path.first().is_some_and(|root| root == "input") {
            let own: Vec<Expr> = path[1..].iter().map(|key| Expr::Known(Value::from(key.as_str()))).collect();
            let parts: Vec<Expr> = own.into_iter().chain(self.all(parts)).collect();
            return if parts.is_empty() { Expr::Input } else { Expr::Path(Box::new(Expr::Input), parts) };
        }
        let given = path.len();
        path.extend(parts.iter().map_while(Term::as_text));
        // `data` itself is no part of a rule's path.
        let path = &path[1..];
        let rule = (1..=path.len()).find_map(|length| Some((length, *self.numbers.get(&path[..length])?)));
        let (length, head) = match rule {
            Some((length, number)) => {
                self.asked += 1;
                (length, Expr::Rule(number))
            }
            None if path.first().is_some_and(|first| first == "environment") => (1, Expr::Environment),
            None => return self.package(path, parts),
        };
        // An import may lead into the value of a rule.
        let own = path[length..given.saturating_sub(1).max(length)].iter().map(|key| Expr::Known(Value::from(key.as_str())));
        let own: Vec<Expr> = own.collect();
        let rest = &parts[(length + 1).saturating_sub(given).min(parts.len())..];
        let keys: Vec<Expr> = own.into_iter().chain(self.all(rest)).collect();
        if keys.is_empty() { head } else { Expr::Path(Box::new(head), keys) }
    }

    /// What is below a path that is no rule's: all of a package, or of several, any rule of which may be in conflict.
    fn package(&mut self, path: &[String], parts: &[Term]) -> Expr {
        let below = self.numbers.range(path.to_vec()..).take_while(|(rule, _)| rule.starts_with(path));
        let rules: Vec<Expr> = below.map(|(_, number)| Expr::Rule(*number)).collect();
        self.asked += rules.len();
        Expr::Opaque(rules.into_iter().chain(self.all(parts)).collect())
    }

    /// The full path that a name begins: `data.…` or `input.…`.
    fn resolved(&self, name: &Term) -> Option<Path> {
        let Kind::Var(name) = &name.kind else { return None };
        match self.imports.get(name) {
            Some(path) => Some(path.clone()),
            None if ["input", "data"].contains(&name.as_str()) => Some(vec![name.clone()]),
            None => Some(["data"].map(str::to_owned).into_iter().chain(self.package.iter().cloned()).chain([name.clone()]).collect()),
        }
    }

    fn call(&mut self, function: &Term, arguments: &[Term]) -> Expr {
        let Some(path) = function.path() else { return Expr::Opaque(self.all(arguments)) };
        let head = match &function.kind {
            Kind::Ref(head, _) => head,
            _ => function,
        };
        let full: Option<Path> = self.resolved(head).map(|full| full.into_iter().chain(path[1..].iter().cloned()).collect());
        let rule = full.filter(|full| full[0] == "data").and_then(|full| self.numbers.get(&full[1..]).copied());
        if let Some(number) = rule {
            self.asked += 1;
            return Expr::CallRule(number, self.all(arguments));
        }
        match (path.join(".").as_str(), arguments) {
            ("internal.value", [value]) | ("internal.after", [value, _]) => self.expr(value),
            (name, _) => match Function::of_name(name, arguments.len()) {
                Some(function) => Expr::Call(function, self.all(arguments)),
                None => Expr::Opaque(self.all(arguments)),
            },
        }
    }
}

fn constant(term: &Term) -> Option<Value> {
    let Kind::Const(written) = &term.kind else { return None };
    match written.as_str() {
        "null" => Some(Value::Null),
        "true" => Some(Value::from(true)),
        "false" => Some(Value::from(false)),
        text if text.starts_with(['"', '`']) => term.as_text().map(|text| Value::from(text.as_str())),
        number => Value::from_numeric_string(number).ok(),
    }
}
