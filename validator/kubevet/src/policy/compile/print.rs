//! Writes a module for the engine: in the syntax of 1.0, each word on its line of the source where that is possible.

use super::ast::{At, Body, Branch, Head, Kind, Module, Rule, Stmt, StmtKind, Term};

/// A module as the engine reads it.
#[derive(Clone, Debug)]
pub(crate) struct Printed {
    pub(crate) text: String,
    /// Where words are here and where they are in the source, in the order of the text.
    marks: Vec<(u32, u32)>,
}

impl Printed {
    /// The byte of the source that a byte of the text stands for.
    pub(crate) fn source(&self, offset: u32) -> u32 {
        let behind = self.marks.partition_point(|(here, _)| *here <= offset);
        match behind.checked_sub(1).and_then(|at| self.marks.get(at)) {
            Some((_, there)) => *there,
            None => 0,
        }
    }
}

impl Printed {
    /// The line of the source that a line of the text stands for; both count from 1.
    pub(crate) fn line(&self, source: &str, line: u32) -> u32 {
        let start: usize = self.text.split_inclusive('\n').take((line as usize).saturating_sub(1)).map(str::len).sum();
        let first = self.marks.partition_point(|(here, _)| (*here as usize) < start);
        let there = self.marks.get(first).map_or(0, |(_, there)| *there as usize);
        source.get(..there).map_or(line, |before| before.matches('\n').count() as u32 + 1)
    }
}

/// Prints a module of which `source` is the text.
pub(crate) fn module(module: &Module, source: &str) -> Printed {
    let starts = source.match_indices('\n').map(|(at, _)| at as u32 + 1);
    let mut printer = Printer {
        out: Printed { text: String::with_capacity(source.len()), marks: Vec::new() },
        starts: std::iter::once(0).chain(starts).collect(),
        line: 0,
    };
    printer.word(module.package.at, "package");
    printer.space();
    printer.term(&module.package, 0);
    // The engine reads the syntax of 1.0 unasked; where it is asked, `v1` is an import in it that hides variables of that name.
    for import in &module.imports {
        if import.name().is_none() {
            continue;
        }
        printer.word(import.at, "import");
        printer.space();
        printer.term(&import.path, 0);
        if let Some(alias) = &import.alias {
            printer.space();
            printer.word(alias.at, "as ");
            printer.term(alias, 0);
        }
    }
    module.rules.iter().for_each(|rule| printer.rule(rule));
    printer.out.text.push('\n');
    printer.out
}

struct Printer {
    out: Printed,
    /// Where the lines of the source begin.
    starts: Vec<u32>,
    line: usize,
}

impl Printer {
    /// A word with a place.
    fn word(&mut self, at: At, word: &str) {
        let line = self.starts.partition_point(|start| *start <= at.start) - 1;
        while self.line < line {
            self.out.text.push('\n');
            self.line += 1;
        }
        self.out.marks.push((self.out.text.len() as u32, at.start));
        self.add(word);
    }

    fn add(&mut self, word: &str) {
        self.out.text.push_str(word);
        self.line += word.matches('\n').count();
    }

    fn space(&mut self) {
        if !self.out.text.ends_with([' ', '\n']) {
            self.out.text.push(' ');
        }
    }

    /// A word without a place.
    fn glue(&mut self, word: &str, is_apart: bool) {
        if is_apart {
            self.space();
        }
        self.add(word);
    }

    fn rule(&mut self, rule: &Rule) {
        self.space();
        if rule.is_default {
            self.word(rule.at, "default ");
        }
        let Head { name, arguments, element } = &rule.head;
        self.term(name, 0);
        if let Some(arguments) = arguments {
            self.list("(", arguments, ")");
        }
        if let Some(element) = element {
            self.glue("contains", true);
            self.space();
            self.term(element, 0);
        }
        for (number, branch) in rule.branches.iter().enumerate() {
            if number > 0 {
                self.space();
                self.word(branch.at, "else");
            }
            self.branch(branch);
        }
    }

    fn branch(&mut self, branch: &Branch) {
        if let Some(value) = &branch.value {
            self.glue(":= ", true);
            self.term(value, 0);
        }
        if let Some(body) = &branch.body {
            self.glue("if {", true);
            self.body(body);
            self.glue("}", true);
        }
    }

    fn body(&mut self, body: &Body) {
        for (number, statement) in body.iter().enumerate() {
            self.glue(if number == 0 { "" } else { ";" }, number == 0);
            self.space();
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        if statement.is_negated {
            self.word(statement.at, "not ");
        }
        match &statement.kind {
            StmtKind::Term(term) => self.term(term, 0),
            StmtKind::Declare(left, right) => self.pair(left, ":=", right, 0),
            StmtKind::Unify(left, right) => self.pair(left, "=", right, 0),
            StmtKind::Some(variables) => {
                self.word(statement.at, "some ");
                self.terms(variables);
            }
            StmtKind::SomeIn(key, value, collection) => {
                self.word(statement.at, "some ");
                self.member(key.as_ref(), value, collection);
            }
            StmtKind::Every(key, value, domain, body) => {
                self.word(statement.at, "every ");
                self.member(key.as_ref(), value, domain);
                self.glue("{", true);
                self.body(body);
                self.glue("}", true);
            }
        }
        for with in &statement.with {
            self.space();
            self.word(with.at, "with ");
            self.term(&with.target, 0);
            self.glue("as", true);
            self.space();
            self.term(&with.value, 1);
        }
    }

    fn member(&mut self, key: Option<&Term>, value: &Term, collection: &Term) {
        if let Some(key) = key {
            self.term(key, 1);
            self.glue(", ", false);
        }
        self.pair(value, "in", collection, 1);
    }

    fn pair(&mut self, left: &Term, sign: &str, right: &Term, binds: u8) {
        self.term(left, binds);
        self.glue(sign, true);
        self.space();
        self.term(right, binds);
    }

    fn terms(&mut self, terms: &[Term]) {
        for (number, term) in terms.iter().enumerate() {
            if number > 0 {
                self.glue(", ", false);
            }
            self.term(term, 1);
        }
    }

    fn list(&mut self, open: &str, terms: &[Term], close: &str) {
        self.glue(open, false);
        self.terms(terms);
        self.glue(close, false);
    }

    /// A term, in parentheses if it binds less tightly than it must.
    fn term(&mut self, term: &Term, least: u8) {
        let open = |printer: &mut Self, binds: u8| {
            if binds < least {
                printer.word(term.at, "(");
            }
        };
        let close = |printer: &mut Self, binds: u8| {
            if binds < least {
                printer.glue(")", false);
            }
        };
        match &term.kind {
            Kind::Const(written) => self.word(term.at, written),
            Kind::Var(name) => self.word(term.at, name),
            Kind::Ref(head, parts) => {
                self.term(head, 9);
                for part in parts {
                    match part.as_text() {
                        Some(name) if is_name(&name) => {
                            self.glue(".", false);
                            self.glue(&name, false);
                        }
                        Some(text) => {
                            self.glue("[", false);
                            self.glue(&super::ast::quoted(&text), false);
                            self.glue("]", false);
                        }
                        None => {
                            self.glue("[", false);
                            self.term(part, 1);
                            self.glue("]", false);
                        }
                    }
                }
            }
            Kind::Call(function, arguments) => {
                self.term(function, 9);
                self.list("(", arguments, ")");
            }
            Kind::Infix(op, left, right) => {
                let binds = op.binds();
                open(self, binds);
                self.term(left, binds);
                self.glue(op.0, true);
                self.space();
                self.term(right, binds + 1);
                close(self, binds);
            }
            // With a key, the engine never finds anything in a set.
            Kind::Member(Some(key), value, collection) => {
                self.word(term.at, "internal.member");
                let terms = [&**key, value, collection];
                for (number, part) in terms.into_iter().enumerate() {
                    self.glue(if number == 0 { "(" } else { ", " }, false);
                    self.term(part, 0);
                }
                self.glue(")", false);
            }
            Kind::Member(None, value, collection) => {
                open(self, 0);
                self.member(None, value, collection);
                close(self, 0);
            }
            Kind::Array(items) => {
                self.word(term.at, "");
                self.list("[", items, "]");
            }
            Kind::Set(items) if items.is_empty() => self.word(term.at, "set()"),
            Kind::Set(items) => {
                self.word(term.at, "");
                self.list("{", items, "}");
            }
            Kind::Object(fields) => {
                self.word(term.at, "{");
                for (number, (key, value)) in fields.iter().enumerate() {
                    if number > 0 {
                        self.glue(", ", false);
                    }
                    self.term(key, 1);
                    self.glue(": ", false);
                    self.term(value, 1);
                }
                self.glue("}", false);
            }
            Kind::ArrayOf(item, body) => {
                self.word(term.at, "[");
                self.comprehension(item, body, "]");
            }
            Kind::SetOf(item, body) => {
                self.word(term.at, "{");
                self.comprehension(item, body, "}");
            }
            Kind::ObjectOf(key, value, body) => {
                self.word(term.at, "{");
                self.term(key, 1);
                self.glue(": ", false);
                self.comprehension(value, body, "}");
            }
            // Compiled to a call before.
            Kind::Template(pieces) => {
                self.word(term.at, "");
                self.list("[", pieces, "]");
            }
        }
    }

    fn comprehension(&mut self, item: &Term, body: &Body, close: &str) {
        self.term(item, 9);
        self.glue("|", true);
        self.body(body);
        self.glue(close, false);
    }
}

/// Whether a text may follow a dot.
fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
