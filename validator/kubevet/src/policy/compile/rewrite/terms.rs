//! Terms: their names, what the engine can't do within them, and what of them moves into the body.

use std::collections::BTreeSet;

use super::super::ast::{Body, Kind, Mistake, Op, Stmt, StmtKind, Term, With};
use super::super::loops;
use super::super::names::{self, variables};
use super::super::order::{self, internal, looked_up};
use super::{Rewriter, is_word, plain};

impl Rewriter<'_> {
    /// Moves a term, or what it consists of, to where it must be defined.
    pub(super) fn lift(&mut self, term: &mut Term, done: &mut Body, with: &[With]) {
        match &mut term.kind {
            Kind::Const(_) | Kind::ArrayOf(..) | Kind::SetOf(..) | Kind::ObjectOf(..) => {}
            Kind::Var(name) if self.is_own(name) || !self.globals.has(name) => {}
            // A rule that is looked up has to be defined, too.
            Kind::Call(function, arguments) if order::is_look_up(function) => {
                arguments.iter_mut().for_each(|argument| self.lift(argument, done, with));
            }
            Kind::Array(items) | Kind::Set(items) | Kind::Template(items) => items.iter_mut().for_each(|item| self.lift(item, done, with)),
            Kind::Object(fields) => fields.iter_mut().for_each(|(key, value)| {
                self.lift(key, done, with);
                self.lift(value, done, with);
            }),
            Kind::Var(_) | Kind::Ref(..) | Kind::Call(..) | Kind::Infix(..) | Kind::Member(..) => self.lift_whole(term, done, with),
        }
    }

    /// The same for a term that itself may be undefined.
    pub(super) fn lift_within(&mut self, term: &mut Term, done: &mut Body, with: &[With]) {
        match &mut term.kind {
            Kind::Ref(head, parts) => {
                if let Kind::Call(..) = head.kind {
                    self.lift_whole(head, done, with);
                }
                parts.iter_mut().for_each(|part| self.lift(part, done, with));
            }
            Kind::Var(_) => {}
            _ => self.lift(term, done, with),
        }
    }

    pub(super) fn lift_whole(&mut self, term: &mut Term, done: &mut Body, with: &[With]) {
        let variable = Term::var(term.at, self.name());
        let value = std::mem::replace(term, variable.clone());
        let statement = plain(StmtKind::Declare(variable, value.clone()), &value);
        done.push(Stmt { with: with.to_vec(), ..statement });
    }

    /// A statement's own call or operation, or its parts.
    pub(super) fn operands(&mut self, term: &mut Term, done: &mut Body, with: &[With]) -> Result<(), Mistake> {
        match &mut term.kind {
            Kind::Call(function, arguments) => {
                self.rename_function(function)?;
                arguments.iter_mut().try_for_each(|argument| self.term(argument, done, with))
            }
            Kind::Member(key, value, collection) => {
                // With a key, what is undefined on both sides is the same to the engine.
                let has_key = key.is_some();
                for part in key.iter_mut().chain([value, collection]) {
                    self.term(part, done, with)?;
                    if has_key {
                        self.lift(part, done, with);
                    }
                }
                Ok(())
            }
            _ => self.term(term, done, with),
        }
    }

    /// Names, comprehensions and what the engine can't do within a term.
    pub(super) fn term(&mut self, term: &mut Term, done: &mut Body, with: &[With]) -> Result<(), Mistake> {
        match &mut term.kind {
            Kind::Const(_) => Ok(()),
            Kind::Var(_) => self.rename(term),
            Kind::Ref(head, parts) => {
                self.term(head, done, with)?;
                flatten(head, parts);
                for part in parts.iter_mut() {
                    let is_fixed = match &part.kind {
                        Kind::Var(name) => self.fixed.last().is_some_and(|fixed| fixed.contains(name)),
                        _ => false,
                    };
                    self.term(part, done, with)?;
                    if is_fixed {
                        looked_up(part);
                    }
                }
                self.packages(term, done, with)
            }
            Kind::Call(function, arguments) => {
                self.rename_function(function)?;
                arguments.iter_mut().try_for_each(|argument| self.term(argument, done, with))?;
                if matches!(&function.kind, Kind::Var(name) if name == "walk") && arguments.len() == 1 {
                    let variable = Term::var(term.at, self.name());
                    arguments.push(variable.clone());
                    let walk = std::mem::replace(term, variable);
                    let statement = plain(StmtKind::Term(walk.clone()), &walk);
                    done.push(Stmt { with: with.to_vec(), ..statement });
                }
                Ok(())
            }
            Kind::Infix(op, left, right) => {
                [&mut *left, &mut *right].into_iter().try_for_each(|side| self.term(side, done, with))?;
                // A number or a text is less or greater in both.
                let is_plain = [&*left, &*right].into_iter().any(|side| matches!(side.kind, Kind::Const(_)));
                if let Some(name) = builtin_of(*op).or_else(|| if is_plain { None } else { order_of(*op) }) {
                    let arguments = vec![(**left).clone(), (**right).clone()];
                    term.kind = Kind::Call(Box::new(internal(term.at, name)), arguments);
                }
                Ok(())
            }
            Kind::Member(key, value, collection) => {
                for part in key.iter_mut().chain([value, collection]) {
                    self.term(part, done, with)?;
                    // As a value it is false where the engine doesn't find a collection.
                    self.lift(part, done, with);
                }
                Ok(())
            }
            Kind::Array(items) | Kind::Set(items) => items.iter_mut().try_for_each(|item| self.term(item, done, with)),
            Kind::Object(fields) => fields.iter_mut().try_for_each(|(key, value)| {
                self.term(key, done, with)?;
                self.term(value, done, with)
            }),
            Kind::ArrayOf(item, body) => {
                *body = self.body_for(std::mem::take(body), &mut [item])?;
                let mut fresh = self.fresh;
                let mut name = || {
                    fresh += 1;
                    format!("{}{fresh}", self.prefix)
                };
                loops::nested(body, &|name| self.is_named(name), &mut name);
                self.fresh = fresh;
                Ok(())
            }
            Kind::SetOf(item, body) => {
                *body = self.body_for(std::mem::take(body), &mut [item])?;
                Ok(())
            }
            Kind::ObjectOf(key, value, body) => {
                *body = self.body_for(std::mem::take(body), &mut [key, value])?;
                Ok(())
            }
            Kind::Template(pieces) => {
                pieces.iter_mut().for_each(|piece| self.expected(piece));
                pieces.iter_mut().try_for_each(|piece| self.term(piece, done, with))?;
                let pieces = Term::new(term.at, Kind::Array(std::mem::take(pieces)));
                term.kind = Kind::Call(Box::new(internal(term.at, "template_string")), vec![pieces]);
                Ok(())
            }
        }
    }

    /// OPA takes for granted that a rule that is nothing but an array, a set or an object without variables has a value: where it has none, a string with
    /// it hasn't either.
    fn expected(&self, piece: &mut Term) {
        let Kind::SetOf(_, body) = &piece.kind else { return };
        let [Stmt { kind: StmtKind::Declare(_, value), .. }] = body.as_slice() else { return };
        let Kind::Var(name) = &value.kind else { return };
        if self.scopes.get(name).is_none()
            && matches!(self.package.composed.get(name), Some(Some(names)) if names.iter().all(|name| self.globals.has(name)))
        {
            piece.kind = Kind::Set(vec![value.clone()]);
        }
    }

    /// The engine finds a rule in a package that is computed only where nothing follows: `data.teams[team].limits.cpu` first becomes the package.
    fn packages(&mut self, term: &mut Term, done: &mut Body, with: &[With]) -> Result<(), Mistake> {
        let Kind::Ref(head, parts) = &mut term.kind else { return Ok(()) };
        let ground: Vec<String> = parts.iter().map_while(Term::as_text).collect();
        let is_computed = matches!(&head.kind, Kind::Var(name) if name == "data") && ground.len() + 1 < parts.len();
        if !is_computed || !self.package.all.iter().any(|package| package.starts_with(&ground)) {
            return Ok(());
        }
        if self.package.path.starts_with(&ground) {
            let error = Mistake::new(term.at, "this may mean a rule of its own package, which the engine can't look up by a computed name");
            return Err(error.help("write the name of the package, or put this rule into a package beside it"));
        }
        let rest = parts.split_off(ground.len() + 1);
        let mut package = term.clone();
        self.lift_whole(&mut package, done, with);
        term.kind = Kind::Ref(Box::new(package), rest);
        Ok(())
    }

    /// What a value is taken apart with.
    pub(super) fn pattern(&mut self, term: &mut Term, done: &mut Body, with: &[With]) -> Result<(), Mistake> {
        match &mut term.kind {
            Kind::Array(items) | Kind::Set(items) => items.iter_mut().try_for_each(|item| self.pattern(item, done, with)),
            Kind::Object(fields) => fields.iter_mut().try_for_each(|(key, value)| {
                self.term(key, done, with)?;
                self.pattern(value, done, with)
            }),
            _ => self.term(term, done, with),
        }
    }

    /// Objects have the keys of a pattern and no others; to the engine they may have more.
    pub(super) fn exact(&mut self, pattern: &mut Term, behind: &mut Body) {
        match &mut pattern.kind {
            Kind::Array(items) => items.iter_mut().for_each(|item| self.exact(item, behind)),
            Kind::Object(fields) if !fields.is_empty() => {
                let variable = Term::var(pattern.at, self.name());
                let count = Term::new(pattern.at, Kind::Const(fields.len().to_string()));
                let mut within = Vec::new();
                for (key, value) in fields {
                    if matches!(key.kind, Kind::Var(_)) {
                        looked_up(key);
                    }
                    self.exact(value, &mut within);
                }
                let object = std::mem::replace(pattern, variable.clone());
                let mut names = BTreeSet::new();
                variables(&object, &mut names);
                if names.is_empty() && !order::has_wildcard(&object) {
                    let is_equal = Kind::Infix(Op("=="), Box::new(variable), Box::new(object.clone()));
                    behind.push(plain(StmtKind::Term(Term::new(object.at, is_equal)), &object));
                    return;
                }
                // What has its value from elsewhere is compared.
                let is_shared = self.shared.last().is_some_and(|shared| !shared.is_disjoint(&names));
                let kind = if is_shared { StmtKind::Unify } else { StmtKind::Declare };
                behind.push(plain(kind(object.clone(), variable.clone()), &object));
                let counted = Kind::Call(Box::new(internal(object.at, "count")), vec![variable]);
                let counted = Box::new(Term::new(object.at, counted));
                let is_equal = Kind::Infix(Op("=="), counted, Box::new(count));
                behind.push(plain(StmtKind::Term(Term::new(object.at, is_equal)), &object));
                behind.extend(within);
            }
            _ => {}
        }
    }

    pub(super) fn rename(&self, term: &mut Term) -> Result<(), Mistake> {
        if let Kind::Var(name) = &mut term.kind {
            if let Some(own) = self.scopes.get(name) {
                if own != name {
                    *name = own.to_owned();
                }
            } else if let Some([root, rest @ ..]) = self.globals.imported(name) {
                // The engine forgets what an import means in functions of a package that it has evaluated as a whole.
                let (at, root) = (term.at, Term::var(term.at, root));
                let parts: Vec<Term> = rest.iter().map(|part| Term::text(at, part)).collect();
                *term = if parts.is_empty() { root } else { Term::new(at, Kind::Ref(Box::new(root), parts)) };
            } else if is_word(name) && !self.globals.has(name) {
                let error = Mistake::new(term.at, format!("{name} is a word of the language since 1.0"));
                return Err(error.help("give the variable another name"));
            }
        }
        Ok(())
    }

    /// What a `with` replaces, which an import may name.
    pub(super) fn target(&self, target: &mut Term) -> Result<(), Mistake> {
        match &mut target.kind {
            Kind::Ref(head, parts) => {
                self.rename(head)?;
                flatten(head, parts);
                Ok(())
            }
            _ => self.rename(target),
        }
    }

    /// A function is a rule or a builtin, whatever variables there are.
    pub(super) fn rename_function(&mut self, function: &mut Term) -> Result<(), Mistake> {
        match names::first(function) {
            Some(name) if self.scopes.get(name).is_some_and(|own| own == name) && matches!(function.kind, Kind::Var(_)) => {
                Err(Mistake::new(function.at, format!("{name} is a variable here, and a variable can't be called")))
            }
            _ => Ok(()),
        }
    }
}

/// Makes one way of a way to something that begins with another one.
fn flatten(head: &mut Term, parts: &mut Vec<Term>) {
    let at = head.at;
    if let Kind::Ref(root, before) = &mut head.kind {
        parts.splice(0..0, std::mem::take(before));
        *head = std::mem::replace(root, Term::var(at, "data"));
    }
}

/// Has all variables in the brackets of a term be values: the engine takes `map[key]` for something that gives `key` one.
pub(super) fn all_looked_up(term: &mut Term) {
    match &mut term.kind {
        Kind::Ref(head, parts) => {
            all_looked_up(head);
            for part in parts {
                match &part.kind {
                    Kind::Var(name) if name != "_" => looked_up(part),
                    Kind::Array(_) | Kind::Object(_) => looked_up(part),
                    _ => all_looked_up(part),
                }
            }
        }
        Kind::Call(_, arguments) => arguments.iter_mut().for_each(all_looked_up),
        Kind::Infix(_, left, right) => [left, right].into_iter().for_each(|side| all_looked_up(side)),
        Kind::Member(key, value, collection) => key.iter_mut().chain([value, collection]).for_each(|part| all_looked_up(part)),
        Kind::Array(items) | Kind::Set(items) => items.iter_mut().for_each(all_looked_up),
        Kind::Object(fields) => fields.iter_mut().for_each(|(key, value)| [key, value].into_iter().for_each(all_looked_up)),
        _ => {}
    }
}

/// The function that takes an operator's place: the engine's own fails where OPA's is undefined.
fn builtin_of(Op(operator): Op) -> Option<&'static str> {
    Some(match operator {
        "+" => "plus",
        "-" => "minus",
        "*" => "mul",
        "/" => "div",
        "%" => "rem",
        "&" => "and",
        "|" => "or",
        _ => return None,
    })
}

/// The function that takes the place of a comparison: the engine has another order of objects and sets.
fn order_of(Op(operator): Op) -> Option<&'static str> {
    Some(match operator {
        "<" => "lt",
        "<=" => "lte",
        ">" => "gt",
        ">=" => "gte",
        _ => return None,
    })
}
