//! Bodies: one statement after the other, each within what those before it look for.

use super::{DEEPEST, Names, Result, Said, Translator, all, text_of};
use crate::policy::compile::{Body, Kind, Stmt, StmtKind, Term, walk};

/// What comes after all statements of a body.
type Then<'a, 'm> = &'a mut dyn FnMut(&mut Translator<'m>, &Names) -> Result<String>;

impl<'m> Translator<'m> {
    /// That a body holds, and what follows.
    pub(super) fn body(&mut self, body: &[Stmt], names: Names, then: Then<'_, 'm>) -> Result<String> {
        let Some((statement, rest)) = body.split_first() else { return then(self, &names) };
        if !statement.with.is_empty() {
            return Err("it evaluates something with another input".to_owned());
        }
        if statement.is_negated {
            let inner = vec![Stmt { is_negated: false, ..statement.clone() }];
            let found = self.body(&inner, names.clone(), &mut |_, _| Ok("true".to_owned()))?;
            let rest = self.body(rest, names, then)?;
            return Ok(all(&[format!("!({found})"), rest]));
        }
        if let Some((collection, variable, changed)) = self.iteration(statement, &names) {
            let value = self.value(&collection, &names)?;
            let (key, each) = (self.name("k"), self.name("v"));
            let mut inner = names;
            let said = |value: &str| Said { guards: Vec::new(), value: Some(value.to_owned()) };
            if let Some(variable) = variable {
                inner.insert(variable, said(&key));
            }
            inner.insert(EACH.to_owned() + &each, said(&each));
            let changed = changed(&each);
            let statements: Body = std::iter::once(changed).chain(rest.iter().cloned()).collect();
            let found = self.body(&statements, inner, then)?;
            let exists = format!("{}.exists({key}, {each}, {found})", text_of(&value)?);
            return Ok(all(&[value.guards, vec![exists]].concat()));
        }
        match &statement.kind {
            StmtKind::Some(_) => self.body(rest, names, then),
            StmtKind::Declare(Term { kind: Kind::Var(name), .. }, value) => {
                let said = if matches!(&value.kind, Kind::Call(function, _) if super::shows(function)) {
                    Said { guards: vec![self.there(value, &names)?], value: None }
                } else {
                    self.value(value, &names)?
                };
                let mut inner = names;
                inner.insert(name.clone(), Said { guards: Vec::new(), ..said.clone() });
                let rest = self.body(rest, inner, then)?;
                Ok(all(&[said.guards, vec![rest]].concat()))
            }
            StmtKind::SomeIn(None, Term { kind: Kind::Var(name), .. }, collection) => {
                if let Some(lists) = self.containers(collection)? {
                    return self.each_container(name, lists, rest, &names, then);
                }
                let said = self.value(collection, &names)?;
                let (key, each) = (self.name("k"), self.name("v"));
                let mut inner = names;
                inner.insert(name.clone(), Said { guards: Vec::new(), value: Some(each.clone()) });
                let found = self.body(rest, inner, then)?;
                let exists = format!("{}.exists({key}, {each}, {found})", text_of(&said)?);
                Ok(all(&[said.guards, vec![exists]].concat()))
            }
            StmtKind::Term(term) => {
                let said = self.value(term, &names)?;
                // What is there and not false holds.
                let holds = match &term.kind {
                    Kind::Var(_) | Kind::Ref(..) => format!("{} != false", text_of(&said)?),
                    _ => text_of(&said)?.to_owned(),
                };
                let rest = self.body(rest, names, then)?;
                Ok(all(&[said.guards, vec![holds, rest]].concat()))
            }
            _ => Err("it has a statement that is not said in CEL".to_owned()),
        }
    }

    /// That what follows holds for some container of the lists.
    fn each_container(&mut self, name: &str, lists: Vec<Said>, rest: &[Stmt], names: &Names, then: Then<'_, 'm>) -> Result<String> {
        self.entries.insert(name.to_owned());
        let mut ways = Vec::new();
        for list in lists {
            let (key, each) = (self.name("k"), self.name("v"));
            let mut inner = names.clone();
            inner.insert(name.to_owned(), Said { guards: Vec::new(), value: Some(each.clone()) });
            let found = self.body(rest, inner, &mut *then)?;
            let exists = format!("{}.exists({key}, {each}, {found})", text_of(&list)?);
            ways.push(format!("({})", all(&[list.guards, vec![exists]].concat())));
        }
        Ok(format!("({})", ways.join(" || ")))
    }

    /// What a statement goes over, if it has a reference with a variable that nothing gave a value yet: the collection, that variable, and the statement
    /// with a name for the element.
    #[expect(clippy::type_complexity, reason = "the three belong together and nowhere else")]
    fn iteration(&self, statement: &Stmt, names: &Names) -> Option<(Term, Option<String>, Box<dyn Fn(&str) -> Stmt>)> {
        let own = self.modules.names(&self.package);
        let is_free = |part: &Term| match &part.kind {
            Kind::Var(name) => !names.contains_key(name) && !own.contains(name) && name != "input",
            _ => false,
        };
        let mut found = None;
        let mut copy = statement.clone();
        walk::statement(&mut copy, &mut |term| {
            if let Kind::Ref(head, parts) = &term.kind
                && found.is_none()
                && let Some(at) = parts.iter().position(is_free)
            {
                let collection = match at {
                    0 => (**head).clone(),
                    _ => Term::new(term.at, Kind::Ref(head.clone(), parts[..at].to_vec())),
                };
                let variable = match &parts[at].kind {
                    Kind::Var(name) if name != "_" => Some(name.clone()),
                    _ => None,
                };
                found = Some((term.at, collection, variable, parts[at + 1..].to_vec()));
            }
        });
        let (place, collection, variable, after) = found?;
        let statement = statement.clone();
        let changed = move |each: &str| {
            let mut changed = statement.clone();
            let head = Term::var(place, EACH.to_owned() + each);
            let element = if after.is_empty() { head } else { Term::new(place, Kind::Ref(Box::new(head), after.clone())) };
            walk::statement(&mut changed, &mut |term| {
                if term.at == place && matches!(term.kind, Kind::Ref(..)) {
                    *term = element.clone();
                }
            });
            changed
        };
        Some((collection, variable, Box::new(changed)))
    }

    /// A rule of the module that is true or not, or a function with these arguments.
    pub(super) fn helper(&mut self, name: &str, arguments: Option<&[Said]>, _names: &Names) -> Result<Said> {
        if self.depth >= DEEPEST {
            return Err("its helpers call each other too deeply".to_owned());
        }
        self.depth += 1;
        let mut ways = Vec::new();
        for definition in self.definitions(name) {
            let [branch] = &definition.branches[..] else { return Err(format!("its helper {name} has an `else`")) };
            let is_true = matches!(branch.value.as_ref().map(|value| &value.kind), None | Some(Kind::Const(_)))
                && branch.value.as_ref().is_none_or(|value| matches!(&value.kind, Kind::Const(written) if written == "true"));
            if definition.is_default || definition.head.element.is_some() {
                return Err(format!("its helper {name} is more than true or false"));
            }
            if !is_true {
                // A constant collection, such as a set of names.
                match (&branch.value, &branch.body, arguments) {
                    (Some(value), None, None) => {
                        self.depth -= 1;
                        return self.value(value, &Names::new());
                    }
                    _ => return Err(format!("its helper {name} is more than true or false")),
                }
            }
            let mut inner = Names::new();
            let parameters = definition.head.arguments.iter().flatten();
            for (parameter, argument) in std::iter::zip(parameters, arguments.unwrap_or_default()) {
                let Kind::Var(parameter) = &parameter.kind else { return Err(format!("its helper {name} matches its arguments")) };
                inner.insert(parameter.clone(), Said { guards: Vec::new(), ..argument.clone() });
            }
            let body = branch.body.clone().unwrap_or_default();
            ways.push(format!("({})", self.body(&body, inner, &mut |_, _| Ok("true".to_owned()))?));
        }
        self.depth -= 1;
        let guards = arguments.unwrap_or_default().iter().flat_map(|argument| argument.guards.clone()).collect();
        if ways.is_empty() {
            Err(format!("there is no {name}"))
        } else {
            Ok(Said { guards, value: Some(format!("({})", ways.join(" || "))) })
        }
    }
}

/// Begins the names of elements, which no variable of Rego has.
const EACH: &str = "$";
