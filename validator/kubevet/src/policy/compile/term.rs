//! Reads terms.

use super::ast::{At, Kind, Mistake, Op, Stmt, StmtKind, Term, VALUE, quoted};
use super::lex::{Token, span};
use super::older;
use super::parse::{Parser, Read};

/// Operators by how tightly they bind, the loosest first.
const OPERATORS: [&[&str]; 5] = [&["==", "!=", "<=", ">=", "<", ">"], &["|"], &["&"], &["+", "-"], &["*", "/", "%"]];

/// How many operators may follow each other: each is a level of the tree.
const LONGEST: usize = 200;

impl Parser<'_> {
    /// A term with operators; whether `key, value in collection` may be one.
    pub(super) fn infix(&mut self, takes_key: bool) -> Read<Term> {
        let left = self.infix_above_in()?;
        self.membership(left, takes_key)
    }

    fn membership(&mut self, left: Term, takes_key: bool) -> Read<Term> {
        let mut left = left;
        if takes_key && self.is_symbol(",") {
            let saved = self.clone();
            self.next()?;
            match self.infix_above_in() {
                Ok(value) if self.is_in() => {
                    self.next()?;
                    let collection = self.infix_above_in()?;
                    let at = left.at.to(collection.at);
                    left = Term::new(at, Kind::Member(Some(Box::new(left)), Box::new(value), Box::new(collection)));
                }
                _ => self.back(saved),
            }
        }
        let mut length = 0;
        while self.is_in() {
            length += 1;
            if length > LONGEST {
                return Err(self.unexpected("fewer operators in a row"));
            }
            self.next()?;
            let collection = self.infix_above_in()?;
            let at = left.at.to(collection.at);
            left = Term::new(at, Kind::Member(None, Box::new(left), Box::new(collection)));
        }
        Ok(left)
    }

    /// A term with operators but `in`.
    pub(super) fn infix_above_in(&mut self) -> Read<Term> {
        let first = self.term()?;
        self.level(0, Some(first))
    }

    /// A term of operators from a level on, which begins with a term that was read already.
    fn level(&mut self, level: usize, first: Option<Term>) -> Read<Term> {
        let Some(operators) = OPERATORS.get(level) else {
            return match first {
                Some(first) => Ok(first),
                None => self.term(),
            };
        };
        let mut left = self.level(level + 1, first)?;
        let mut length = 0;
        while let Token::Symbol(symbol) = self.word.token {
            if !operators.contains(&symbol) {
                break;
            }
            length += 1;
            if length > LONGEST {
                return Err(
                    Mistake::new(left.at, format!("more than {LONGEST} operators in a row")).help("use variables, or sum and concat")
                );
            }
            self.next()?;
            let right = self.level(level + 1, None)?;
            left = Term::new(left.at.to(right.at), Kind::Infix(Op(symbol), Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    /// A term without operators around it.
    pub(super) fn term(&mut self) -> Read<Term> {
        let at = self.word.at;
        let constant = |parser: &mut Self| {
            let written = parser.here().to_owned();
            parser.next()?;
            Ok(Term::new(at, Kind::Const(written)))
        };
        match self.word.token {
            Token::Number | Token::Quoted | Token::Raw => constant(self),
            Token::Name if matches!(self.here(), "null" | "true" | "false") => constant(self),
            Token::Symbol("-") => {
                self.next()?;
                if self.word.token != Token::Number || self.word.is_apart {
                    return Err(self.unexpected("`-` stands before a number or between two terms"));
                }
                let number = format!("-{}", self.here());
                self.next()?;
                Ok(Term::new(At { start: at.start, end: self.end }, Kind::Const(number)))
            }
            Token::Template => {
                let template = self.template()?;
                self.behind(template)
            }
            Token::Name | Token::Symbol("[" | "{") => self.reference(),
            Token::Symbol("(") => {
                self.deeper()?;
                self.next()?;
                let inner = self.infix(true)?;
                if !self.is_symbol(")") {
                    return Err(self.unexpected("expected `)`"));
                }
                self.next()?;
                self.shallower();
                Ok(Term { at: At { start: at.start, end: self.end }, ..inner })
            }
            _ => Err(self.unexpected("expected a term")),
        }
    }

    /// A variable, collection or call, with what follows behind dots and in brackets.
    pub(super) fn reference(&mut self) -> Read<Term> {
        let head = match self.word.token {
            Token::Symbol("[") => self.array()?,
            Token::Symbol("{") => self.braces()?,
            _ => self.variable()?,
        };
        self.behind(head)
    }

    fn behind(&mut self, head: Term) -> Read<Term> {
        let mut head = head;
        let mut parts: Vec<Term> = Vec::new();
        let mut depth = 0;
        let whole = |head: Term, parts: &mut Vec<Term>| match parts.last() {
            Some(last) => {
                let at = At { start: head.at.start, end: last.at.end };
                Term::new(at, Kind::Ref(Box::new(head), std::mem::take(parts)))
            }
            None => head,
        };
        while !self.word.is_apart {
            match self.word.token {
                Token::Symbol(".") => {
                    self.next()?;
                    if self.word.token != Token::Name || self.word.is_apart {
                        return Err(self.unexpected("a name follows a dot"));
                    }
                    parts.push(Term::text(self.word.at, self.here()));
                    self.next()?;
                }
                Token::Symbol("[") => {
                    self.deeper()?;
                    self.next()?;
                    let index = self.infix(false)?;
                    if !self.is_symbol("]") {
                        return Err(self.unexpected("expected `]`"));
                    }
                    self.next()?;
                    self.shallower();
                    parts.push(index);
                }
                Token::Symbol("(") => {
                    let function = whole(head, &mut parts);
                    if function.path().is_none() {
                        return Err(self.unexpected("only a function can be called"));
                    }
                    // Each call is a level of the tree.
                    self.deeper()?;
                    depth += 1;
                    self.next()?;
                    let arguments = self.list(")")?;
                    let at = At { start: function.at.start, end: self.end };
                    head = match function.kind {
                        Kind::Var(name) if name == "set" && arguments.is_empty() => Term::new(at, Kind::Set(Vec::new())),
                        _ if self.has_older => Term::new(at, Kind::Call(Box::new(older::successor(function)), arguments)),
                        _ => Term::new(at, Kind::Call(Box::new(function), arguments)),
                    };
                }
                _ => break,
            }
        }
        (0..depth).for_each(|_| self.shallower());
        Ok(whole(head, &mut parts))
    }

    /// Terms up to a symbol, which is read too.
    pub(super) fn list(&mut self, end: &'static str) -> Read<Vec<Term>> {
        self.deeper()?;
        let mut terms = Vec::new();
        loop {
            if self.is_symbol(end) {
                self.next()?;
                self.shallower();
                return Ok(terms);
            }
            terms.push(self.infix(false)?);
            self.comma_or(end)?;
        }
    }

    fn comma_or(&mut self, end: &'static str) -> Read<()> {
        if self.is_symbol(",") {
            return self.next();
        }
        if self.is_symbol(end) { Ok(()) } else { Err(self.unexpected(&format!("expected `,` or `{end}`"))) }
    }

    /// What follows the `|` of a comprehension, or nothing where it is the union of two sets.
    fn comprehension(&mut self, end: &'static str) -> Read<Option<Vec<Stmt>>> {
        if !self.is_symbol("|") {
            return Ok(None);
        }
        let saved = self.clone();
        self.next()?;
        match self.body(end) {
            Ok(body) => Ok(Some(body)),
            Err(mistake) => {
                let is_list = self.is_symbol(",") || self.is_symbol(":");
                self.back(saved);
                if is_list { Ok(None) } else { Err(mistake) }
            }
        }
    }

    fn array(&mut self) -> Read<Term> {
        let start = self.word.at;
        self.deeper()?;
        self.next()?;
        let mut items = Vec::new();
        if !self.is_symbol("]") {
            let first = self.term()?;
            if let Some(body) = self.comprehension("]")? {
                self.shallower();
                return Ok(Term::new(At { start: start.start, end: self.end }, Kind::ArrayOf(Box::new(first), body)));
            }
            items.push(self.rest_of(first)?);
            self.comma_or("]")?;
        }
        self.shallower();
        items.extend(self.list("]")?);
        Ok(Term::new(At { start: start.start, end: self.end }, Kind::Array(items)))
    }

    /// The term of which the first part was read.
    fn rest_of(&mut self, first: Term) -> Read<Term> {
        let left = self.level(0, Some(first))?;
        self.membership(left, false)
    }

    /// An object, a set, or a comprehension of one.
    fn braces(&mut self) -> Read<Term> {
        let start = self.word.at;
        self.deeper()?;
        self.next()?;
        let whole = |parser: &mut Self, kind| {
            parser.shallower();
            Ok(Term::new(At { start: start.start, end: parser.end }, kind))
        };
        if self.is_symbol("}") {
            self.next()?;
            return whole(self, Kind::Object(Vec::new()));
        }
        let first = self.term()?;
        if let Some(body) = self.comprehension("}")? {
            return whole(self, Kind::SetOf(Box::new(first), body));
        }
        let first = self.rest_of(first)?;
        if !self.is_symbol(":") {
            self.comma_or("}")?;
            let mut items = vec![first];
            items.extend(self.list("}")?);
            return whole(self, Kind::Set(items));
        }
        self.next()?;
        let value = self.term()?;
        if let Some(body) = self.comprehension("}")? {
            return whole(self, Kind::ObjectOf(Box::new(first), Box::new(value), body));
        }
        let value = self.rest_of(value)?;
        let mut fields = vec![(first, value)];
        loop {
            self.comma_or("}")?;
            if self.is_symbol("}") {
                self.next()?;
                return whole(self, Kind::Object(fields));
            }
            let key = self.infix(false)?;
            if !self.is_symbol(":") {
                return Err(self.unexpected("expected `:`"));
            }
            self.next()?;
            fields.push((key, self.infix(false)?));
        }
    }

    /// `$"text {term} text"`
    fn template(&mut self) -> Read<Term> {
        let start = self.word.at;
        self.deeper()?;
        let is_raw = self.here().ends_with('`');
        let end = if is_raw { '`' } else { '"' };
        let mut pieces = Vec::new();
        let mut from = start.end as usize;
        loop {
            let rest = self.text.get(from..).unwrap_or_default();
            let mut written = String::new();
            let mut letters = rest.char_indices();
            let stop = loop {
                match letters.next() {
                    Some((at, '{')) => break Some((at, true)),
                    Some((at, letter)) if letter == end => break Some((at, false)),
                    Some((_, '\\')) => match letters.next() {
                        Some((_, '{')) => written.push('{'),
                        Some((_, other)) => written.extend(['\\', other]),
                        None => break None,
                    },
                    Some((_, '\n')) if !is_raw => break None,
                    Some((_, letter)) => written.push(letter),
                    None => break None,
                }
            };
            let Some((length, goes_on)) = stop else { return Err(Mistake::new(start, "this string has no end")) };
            if !written.is_empty() {
                let written = if is_raw { quoted(&written) } else { format!("\"{written}\"") };
                let text = Term::new(span(from, from + length), Kind::Const(written));
                if text.as_text().is_none() {
                    return Err(Mistake::new(text.at, "a string has no such escape"));
                }
                pieces.push(text);
            }
            from += length + 1;
            if !goes_on {
                self.resume(from as u32)?;
                self.shallower();
                return Ok(Term::new(At { start: start.start, end: self.end }, Kind::Template(pieces)));
            }
            self.resume(from as u32)?;
            let at = self.word.at;
            let value = self.statement()?;
            if !self.is_symbol("}") {
                return Err(self.unexpected("expected `}`"));
            }
            from = self.word.at.end as usize;
            let StmtKind::Term(term) = value.kind else { return Err(Mistake::new(at, "a string takes values, not statements")) };
            let variable = Term::var(term.at, VALUE);
            let declaration = Stmt { kind: StmtKind::Declare(variable.clone(), term), ..value };
            pieces.push(Term::new(declaration.at, Kind::SetOf(Box::new(variable), vec![declaration])));
        }
    }
}
