//! Reads a module: package, imports, rules and their bodies. Terms are in `term.rs`.

use super::ast::{At, Body, Branch, Head, Import, Kind, Mistake, Module, Rule, Stmt, StmtKind, Term, With};
use super::lex::{Token, Word, word};
use super::older;

/// How deep brackets and bodies may be within each other.
const DEEPEST: u32 = 48;

/// How often a word may be looked at, on average: what looks like a comprehension may be something else.
const LOOKS: usize = 64;

/// Reads a text.
#[derive(Clone, Debug)]
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) word: Word,
    /// Where the last word ended.
    pub(super) end: u32,
    is_v0: bool,
    /// Whether calls of builtins that only the older syntax has mean their successors.
    pub(super) has_older: bool,
    words: Words,
    depth: u32,
    looks: usize,
}

/// What of the newer words is in use.
#[derive(Clone, Copy, Debug)]
struct Words {
    r#if: bool,
    r#in: bool,
    contains: bool,
    every: bool,
}

pub(super) type Read<T> = Result<T, Mistake>;

/// Words that are never names.
const KEYWORDS: [&str; 11] = ["as", "default", "else", "false", "import", "package", "not", "null", "some", "true", "with"];

/// Reads a module in the syntax of 1.0, or in the older one.
pub(crate) fn module(text: &str, is_v0: bool) -> Read<Module> {
    let all = !is_v0;
    let words = Words { r#if: all, r#in: all, contains: all, every: all };
    let first = word(text, 0)?;
    let looks = text.len().saturating_mul(LOOKS);
    let parser = Parser { text, word: first, end: 0, is_v0, has_older: is_v0, words, depth: 0, looks };
    let module = parser.clone().module()?;
    // What a module defines itself is no builtin.
    let is_own = is_v0 && older::is_defined(&module);
    if is_own { Parser { has_older: false, ..parser }.module() } else { Ok(module) }
}

impl<'a> Parser<'a> {
    fn module(mut self) -> Read<Module> {
        if !self.is_name("package") {
            return Err(self.unexpected("a module begins with `package`"));
        }
        self.next()?;
        let package = self.path()?;
        let mut imports = Vec::new();
        while self.is_name("import") {
            imports.push(self.import()?);
        }
        let mut rules = Vec::new();
        while self.word.token != Token::End {
            if self.is_symbol(";") {
                self.next()?;
                continue;
            }
            self.rule(&mut rules)?;
        }
        Ok(Module { package, imports, rules })
    }

    fn path(&mut self) -> Read<Term> {
        let term = self.reference()?;
        if term.path().is_none() {
            return Err(Mistake::new(term.at, "expected a path of names"));
        }
        Ok(term)
    }

    fn import(&mut self) -> Read<Import> {
        let start = self.word.at;
        self.next()?;
        let path = self.path()?;
        let components = path.path().unwrap_or_default();
        let components: Vec<&str> = components.iter().map(String::as_str).collect();
        match components[..] {
            ["rego", "v1"] => {
                (self.is_v0, self.has_older) = (false, false);
                self.words = Words { r#if: true, r#in: true, contains: true, every: true };
            }
            ["future", "keywords"] => self.words = Words { r#if: true, r#in: true, contains: true, every: true },
            ["future", "keywords", "if"] => self.words.r#if = true,
            ["future", "keywords", "in"] => self.words.r#in = true,
            ["future", "keywords", "contains"] => self.words.contains = true,
            ["future", "keywords", "every"] => (self.words.every, self.words.r#in) = (true, true),
            ["future", "keywords", "not"] | ["data" | "input", ..] => {}
            _ => {
                let error = Mistake::new(path.at, "an import begins with data, input, future.keywords or rego.v1");
                return Err(error);
            }
        }
        let alias = if self.is_name("as") {
            self.next()?;
            Some(self.variable()?)
        } else {
            None
        };
        Ok(Import { at: At { start: start.start, end: self.end }, path, alias })
    }

    /// A definition; in the older syntax it may have several bodies, which are as many definitions.
    fn rule(&mut self, rules: &mut Vec<Rule>) -> Read<()> {
        let start = self.word.at;
        let is_default = self.is_name("default");
        if is_default {
            self.next()?;
        }
        // A function's head looks like a call of it.
        let (mut name, arguments) = match self.head_name()? {
            Term { kind: Kind::Call(name, arguments), .. } => (*name, Some(arguments)),
            name if self.is_symbol("(") => {
                self.next()?;
                (name, Some(self.list(")")?))
            }
            name => (name, None),
        };
        let mut element = None;
        if self.words.contains && self.is_name("contains") {
            self.next()?;
            element = Some(self.infix(true)?);
        }
        let mut value = self.value_after_sign()?;
        if is_default {
            let Some(value) = value else { return Err(self.unexpected("a default has a value: `default name := value`")) };
            let branch = Branch { at: start, value: Some(value), body: None };
            let at = At { start: start.start, end: self.end };
            rules.push(Rule { at, is_default, head: Head { name, arguments, element: None }, branches: vec![branch] });
            return Ok(());
        }
        let has_if = self.words.r#if && self.is_name("if");
        // `deny[msg] { … }` is a set in the older syntax.
        let is_plain = value.is_none() && element.is_none() && arguments.is_none();
        if let (Kind::Ref(first, parts), false, true, true) = (&mut name.kind, has_if, self.is_v0, is_plain)
            && let [part] = parts.as_slice()
            && (!matches!(part.kind, Kind::Const(_)) || self.text[..part.at.start as usize].ends_with('['))
        {
            element = parts.pop();
            name = (**first).clone();
        }
        let body = if has_if {
            self.next()?;
            Some(self.body_of_if()?)
        } else if self.is_symbol("{") {
            if !self.is_v0 {
                return Err(Mistake::new(self.word.at, "a body needs `if` before it").help("write `if {`"));
            }
            self.next()?;
            Some(self.body("}")?)
        } else {
            None
        };
        // In the older syntax a function may be its arguments alone: `accepts("any")`.
        if self.is_v0 && arguments.is_some() && body.is_none() && value.is_none() {
            value = Some(Term::new(name.at, Kind::Const("true".to_owned())));
        }
        if body.is_none() && value.is_none() && element.is_none() {
            let help = if self.is_v0 {
                "name { … }, name[element] { … } or name = value"
            } else {
                "name := value, name if …, name contains element"
            };
            return Err(self.unexpected("a rule has a body or a value").help(format!("write {help}")));
        }
        let mut branches = vec![Branch { at: start, value, body }];
        while self.is_name("else") {
            if branches.last().is_some_and(|branch| branch.body.is_none()) {
                return Err(Mistake::new(self.word.at, "`else` follows a body"));
            }
            branches.push(self.otherwise()?);
        }
        if branches.len() > 1 && element.is_some() {
            return Err(Mistake::new(branches[1].at, "a set has no `else`"));
        }
        let head = Head { name, arguments, element };
        let at = At { start: start.start, end: self.end };
        rules.push(Rule { at, is_default, head, branches });
        self.more_bodies(rules)
    }

    fn more_bodies(&mut self, rules: &mut Vec<Rule>) -> Read<()> {
        while self.is_v0 && self.is_symbol("{") {
            let start = self.word.at;
            let Some(before) = rules.last().filter(|rule| rule.branches.len() == 1 && rule.branches[0].body.is_some()) else {
                return Err(self.unexpected("a rule begins with a name"));
            };
            let mut rule = before.clone();
            self.next()?;
            rule.branches[0].body = Some(self.body("}")?);
            rule.at = At { start: start.start, end: self.end };
            rule.branches[0].at = start;
            rules.push(rule);
        }
        Ok(())
    }

    /// The name that a rule defines.
    fn head_name(&mut self) -> Read<Term> {
        if !matches!(self.word.token, Token::Name) || self.is_keyword() {
            return Err(self.unexpected("a rule begins with a name"));
        }
        self.reference()
    }

    fn value_after_sign(&mut self) -> Read<Option<Term>> {
        if self.is_symbol(":=") || self.is_symbol("=") {
            self.next()?;
            return self.infix(true).map(Some);
        }
        Ok(None)
    }

    fn otherwise(&mut self) -> Read<Branch> {
        let start = self.word.at;
        self.next()?;
        let value = self.value_after_sign()?;
        let body = if self.words.r#if && self.is_name("if") {
            self.next()?;
            Some(self.body_of_if()?)
        } else if self.is_v0 && self.is_symbol("{") {
            self.next()?;
            Some(self.body("}")?)
        } else {
            None
        };
        if value.is_none() && body.is_none() {
            return Err(self.unexpected("`else` has a value or a body"));
        }
        Ok(Branch { at: start, value, body })
    }

    fn body_of_if(&mut self) -> Read<Body> {
        if self.is_symbol("{") {
            let saved = self.clone();
            self.next()?;
            let body = self.body("}");
            let goes_on = !self.word.is_first && !matches!(self.word.token, Token::End | Token::Symbol("}" | ";")) && !self.is_name("else");
            match body {
                Ok(body) if !goes_on => return Ok(body),
                // It may be a set or an object that begins a term.
                first => {
                    let looks = self.looks;
                    let again = saved.clone();
                    *self = Self { looks, ..saved };
                    return match self.statement() {
                        Ok(statement) => Ok(vec![statement]),
                        Err(mistake) => {
                            *self = Self { looks: self.looks, ..again };
                            Err(first.err().unwrap_or(mistake))
                        }
                    };
                }
            }
        }
        Ok(vec![self.statement()?])
    }

    /// Statements up to a symbol, which is read too.
    pub(super) fn body(&mut self, end: &'static str) -> Read<Body> {
        self.deeper()?;
        let mut body = vec![self.statement()?];
        loop {
            if self.is_symbol(end) {
                self.next()?;
                self.depth -= 1;
                return Ok(body);
            }
            if self.is_symbol(";") {
                self.next()?;
                if self.is_symbol(end) {
                    continue;
                }
            } else if !self.word.is_first {
                return Err(self.unexpected(&format!("expected `{end}`, `;` or a new line")));
            }
            body.push(self.statement()?);
        }
    }

    pub(super) fn statement(&mut self) -> Read<Stmt> {
        let start = self.word.at;
        let is_negated = self.is_name("not");
        if is_negated {
            self.next()?;
        }
        let kind = if self.is_name("some") && !is_negated {
            self.next()?;
            self.some()?
        } else if self.words.every && self.is_name("every") && !is_negated {
            self.next()?;
            self.every()?
        } else {
            let left = self.infix(true)?;
            let sign = self.word.token;
            if sign == Token::Symbol(":=") || sign == Token::Symbol("=") {
                self.next()?;
                let right = self.infix(true)?;
                if sign == Token::Symbol("=") { StmtKind::Unify(left, right) } else { StmtKind::Declare(left, right) }
            } else {
                StmtKind::Term(left)
            }
        };
        let mut with = Vec::new();
        while self.is_name("with") {
            let start = self.word.at;
            self.next()?;
            let target = self.term()?;
            if !self.is_name("as") {
                return Err(self.unexpected("expected `as`"));
            }
            self.next()?;
            let value = self.infix(true)?;
            with.push(With { at: At { start: start.start, end: self.end }, target, value });
        }
        Ok(Stmt { at: At { start: start.start, end: self.end }, is_negated, kind, with })
    }

    fn some(&mut self) -> Read<StmtKind> {
        let mut terms = vec![self.infix_above_in()?];
        while self.is_symbol(",") {
            self.next()?;
            terms.push(self.infix_above_in()?);
        }
        if self.is_in() {
            self.next()?;
            let collection = self.infix_above_in()?;
            return match (terms.pop(), terms.pop(), terms.is_empty()) {
                (Some(value), key, true) => Ok(StmtKind::SomeIn(key, value, collection)),
                _ => Err(Mistake::new(collection.at, "`some … in` takes a key and a value at most")),
            };
        }
        match terms.iter().find(|term| !matches!(term.kind, Kind::Var(_))) {
            Some(other) => Err(Mistake::new(other.at, "`some` declares variables")),
            None => Ok(StmtKind::Some(terms)),
        }
    }

    fn every(&mut self) -> Read<StmtKind> {
        let first = self.variable()?;
        let (key, value) = if self.is_symbol(",") {
            self.next()?;
            (Some(first), self.variable()?)
        } else {
            (None, first)
        };
        if !self.is_in() {
            return Err(self.unexpected("expected `in`"));
        }
        self.next()?;
        let domain = self.infix_above_in()?;
        if !self.is_symbol("{") {
            return Err(self.unexpected("expected `{`"));
        }
        self.next()?;
        Ok(StmtKind::Every(key, value, domain, self.body("}")?))
    }

    pub(super) fn variable(&mut self) -> Read<Term> {
        if self.word.token != Token::Name || self.is_keyword() {
            return Err(self.unexpected("expected a variable"));
        }
        let at = self.word.at;
        let name = self.here().to_owned();
        self.next()?;
        Ok(Term::var(at, name))
    }

    /// The text of the word.
    pub(super) fn here(&self) -> &'a str {
        self.text.get(self.word.at.start as usize..self.word.at.end as usize).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Read<()> {
        self.look()?;
        self.end = self.word.at.end;
        self.word = word(self.text, self.end)?;
        Ok(())
    }

    fn look(&mut self) -> Read<()> {
        let Some(left) = self.looks.checked_sub(1) else {
            return Err(Mistake::new(self.word.at, "brackets here can be read in too many ways").help("use variables for what is in them"));
        };
        self.looks = left;
        Ok(())
    }

    /// Goes on behind a byte that is not the beginning of the next word.
    pub(super) fn resume(&mut self, at: u32) -> Read<()> {
        self.look()?;
        self.end = at;
        self.word = word(self.text, at)?;
        Ok(())
    }

    pub(super) fn deeper(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("nested deeper than {DEEPEST} brackets and bodies");
            return Err(Mistake::new(self.word.at, message).help("use variables for what is in them"));
        }
        Ok(())
    }

    pub(super) fn shallower(&mut self) {
        self.depth -= 1;
    }

    /// Goes back to an earlier state; what was looked at stays looked at.
    pub(super) fn back(&mut self, saved: Self) {
        *self = Self { looks: self.looks, ..saved };
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.word.token, Token::Symbol(found) if found == symbol)
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        self.word.token == Token::Name && self.here() == name
    }

    pub(super) fn is_in(&self) -> bool {
        self.words.r#in && self.is_name("in")
    }

    /// Whether the word can't be a name here. `contains` is a builtin's name, too.
    pub(super) fn is_keyword(&self) -> bool {
        let here = self.here();
        KEYWORDS.contains(&here)
            || (here == "if" && self.words.r#if)
            || (here == "in" && self.words.r#in)
            || (here == "every" && self.words.every)
    }

    pub(super) fn unexpected(&self, wanted: &str) -> Mistake {
        let found = match self.word.token {
            Token::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.here()),
        };
        Mistake::new(self.word.at, format!("unexpected {found}: {wanted}"))
    }
}
