//! Words to a tree.

use super::lex::{Token, tokens};
use super::{Access, Call, Expr, Fold, FoldKind, Kind, Literal, Offset, Op, SyntaxError};

/// How deep an expression may be, in brackets, operators and fields in a row. Twice that of anything in use, and little for any stack; the API
/// server's limit is 250 brackets.
const DEEPEST: u32 = 96;

/// How many words an expression may have. The longest in use has some 600.
const MOST_WORDS: usize = 20_000;

/// Words that are not names.
pub(crate) const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Namespaces of functions: `sets.contains(a, b)` is no method.
const NAMESPACES: &[&str] = &["base64", "cel", "format", "lists", "math", "optional", "sets", "strings"];

/// Reads an expression.
///
/// # Errors
///
/// Where it is none, and what is wrong there.
pub fn parse(text: &str) -> Result<Expr, SyntaxError> {
    let tokens = tokens(text)?;
    if tokens.len() > MOST_WORDS {
        return Err(SyntaxError { at: 0, message: format!("expression has more than {MOST_WORDS} words") });
    }
    let mut parser = Parser { tokens: &tokens, next: 0, depth: 0 };
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => parser.error("mismatched input, expecting the end of the expression"),
    }
}

struct Parser<'t> {
    tokens: &'t [(Token, Offset)],
    next: usize,
    depth: u32,
}

type Parsed = Result<Expr, SyntaxError>;

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)].0
    }

    fn at(&self) -> Offset {
        self.tokens[self.next.min(self.tokens.len() - 1)].1
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError { at: self.at(), message: format!("Syntax error: {}", message.into()) })
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Token::Mark(next) if *next == mark);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str) -> Result<(), SyntaxError> {
        if self.eat(mark) { Ok(()) } else { self.error(format!("expecting {mark:?}")) }
    }

    fn deeper(&mut self, by: u32) -> Result<(), SyntaxError> {
        self.depth += by;
        if self.depth > DEEPEST { self.error(format!("expression is nested more than {DEEPEST} deep")) } else { Ok(()) }
    }

    fn expr(&mut self) -> Parsed {
        let depth = self.depth;
        self.deeper(1)?;
        let at = self.at();
        let condition = self.any()?;
        let expr = if self.eat("?") {
            let then = self.any()?;
            self.expect(":")?;
            let otherwise = self.expr()?;
            Expr { at, kind: Kind::Conditional(Box::new([condition, then, otherwise])) }
        } else {
            condition
        };
        self.depth = depth;
        Ok(expr)
    }

    fn any(&mut self) -> Parsed {
        self.joined("||", Self::every, Kind::Or)
    }

    fn every(&mut self) -> Parsed {
        self.joined("&&", |parser| parser.binary(0), Kind::And)
    }

    fn joined(&mut self, mark: &str, part: impl Fn(&mut Self) -> Parsed, join: fn(Vec<Expr>) -> Kind) -> Parsed {
        let at = self.at();
        let mut parts = vec![part(self)?];
        while self.eat(mark) {
            parts.push(part(self)?);
        }
        match parts.len() {
            1 => Ok(parts.remove(0)),
            _ => Ok(Expr { at, kind: join(parts) }),
        }
    }

    /// Operators of at least this precedence: 0 are relations, 1 sums, 2 products.
    fn binary(&mut self, least: u8) -> Parsed {
        let depth = self.depth;
        let mut left = self.unary()?;
        loop {
            let (op, precedence) = match self.peek() {
                Token::Mark("<") => (Op::Less, 0),
                Token::Mark("<=") => (Op::LessEqual, 0),
                Token::Mark(">") => (Op::Greater, 0),
                Token::Mark(">=") => (Op::GreaterEqual, 0),
                Token::Mark("==") => (Op::Equal, 0),
                Token::Mark("!=") => (Op::NotEqual, 0),
                Token::Mark("in") => (Op::In, 0),
                Token::Mark("+") => (Op::Add, 1),
                Token::Mark("-") => (Op::Subtract, 1),
                Token::Mark("*") => (Op::Multiply, 2),
                Token::Mark("/") => (Op::Divide, 2),
                Token::Mark("%") => (Op::Remainder, 2),
                _ => break,
            };
            if precedence < least {
                break;
            }
            let at = self.at();
            self.next += 1;
            let right = self.binary(precedence + 1)?;
            self.deeper(1)?;
            left = Expr { at, kind: Kind::Binary(op, Box::new([left, right])) };
        }
        self.depth = depth;
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let (at, depth) = (self.at(), self.depth);
        let expr = if self.eat("!") {
            self.deeper(1)?;
            Expr { at, kind: Kind::Not(Box::new(self.unary()?)) }
        } else if self.eat("-") {
            self.deeper(1)?;
            match self.peek().clone() {
                Token::Literal(Literal::Int(value)) => {
                    self.next += 1;
                    let negative = Expr { at, kind: Kind::Literal(Literal::Int(value.wrapping_neg())) };
                    self.members(negative)?
                }
                Token::Literal(Literal::Double(value)) => {
                    self.next += 1;
                    self.members(Expr { at, kind: Kind::Literal(Literal::Double(-value)) })?
                }
                _ => Expr { at, kind: Kind::Negate(Box::new(self.unary()?)) },
            }
        } else {
            if matches!(self.peek(), Token::Literal(Literal::Int(i64::MIN))) {
                return self.error("invalid int literal");
            }
            let primary = self.primary()?;
            self.members(primary)?
        };
        self.depth = depth;
        Ok(expr)
    }

    fn members(&mut self, mut expr: Expr) -> Parsed {
        loop {
            let at = self.at();
            if self.eat(".") {
                self.deeper(1)?;
                let access = if self.eat("?") { Access::Optional } else { Access::Plain };
                let name = self.name()?;
                let is_call = access == Access::Plain && self.eat("(");
                expr = if is_call {
                    let args = self.list(")")?;
                    method(at, expr, name, args)?
                } else {
                    Expr { at, kind: Kind::Select(Box::new(expr), name, access) }
                };
            } else if self.eat("[") {
                self.deeper(1)?;
                let optional = self.eat("?");
                let index = self.expr()?;
                self.expect("]")?;
                expr = Expr { at, kind: Kind::Index(Box::new([expr, index]), optional) };
            } else if matches!(self.peek(), Token::Mark("{")) {
                let Some(name) = dotted(&expr) else { return Ok(expr) };
                self.next += 1;
                self.fields()?;
                expr = Expr { at: expr.at, kind: Kind::Struct(name) };
            } else {
                return Ok(expr);
            }
        }
    }

    /// The fields of a message, whose types no expression of Kubernetes may make.
    fn fields(&mut self) -> Result<(), SyntaxError> {
        while !self.eat("}") {
            self.eat("?");
            self.name()?;
            self.expect(":")?;
            self.expr()?;
            if !self.eat(",") {
                return self.expect("}");
            }
        }
        Ok(())
    }

    fn name(&mut self) -> Result<Box<str>, SyntaxError> {
        match self.peek().clone() {
            Token::Ident(name) => {
                self.next += 1;
                Ok(name)
            }
            _ => self.error("expecting a name"),
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expr>, SyntaxError> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(self.expr()?);
            if !self.eat(",") {
                self.expect(end)?;
                break;
            } else if end == ")" && matches!(self.peek(), Token::Mark(")")) {
                return self.error("expecting an argument");
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        match self.peek().clone() {
            Token::Literal(literal) => {
                self.next += 1;
                Ok(Expr { at, kind: Kind::Literal(literal) })
            }
            Token::Mark("(") => {
                self.next += 1;
                let expr = self.expr()?;
                self.expect(")")?;
                Ok(expr)
            }
            Token::Mark("[") => {
                self.next += 1;
                let mut items = Vec::new();
                while !self.eat("]") {
                    let optional = self.eat("?");
                    items.push((self.expr()?, optional));
                    if !self.eat(",") {
                        self.expect("]")?;
                        break;
                    }
                }
                Ok(Expr { at, kind: Kind::List(items) })
            }
            Token::Mark("{") => {
                self.next += 1;
                let mut entries = Vec::new();
                while !self.eat("}") {
                    let optional = self.eat("?");
                    let key = self.expr()?;
                    self.expect(":")?;
                    entries.push((key, self.expr()?, optional));
                    if !self.eat(",") {
                        self.expect("}")?;
                        break;
                    }
                }
                Ok(Expr { at, kind: Kind::Map(entries) })
            }
            Token::Mark(".") | Token::Ident(_) => {
                self.eat(".");
                let name = self.name()?;
                if RESERVED.contains(&&*name) {
                    self.next -= 1;
                    return self.error(format!("reserved identifier: {name}"));
                }
                if !self.eat("(") {
                    return Ok(Expr { at, kind: Kind::Ident(name) });
                }
                let args = self.list(")")?;
                function(at, name, args)
            }
            Token::End => self.error("mismatched input '<EOF>'"),
            _ => self.error("mismatched input"),
        }
    }
}

fn function(at: Offset, name: Box<str>, mut args: Vec<Expr>) -> Parsed {
    if &*name != "has" || args.len() != 1 {
        return Ok(Expr { at, kind: Kind::Call(Call { name, target: None, args }) });
    }
    match args.remove(0) {
        Expr { kind: Kind::Select(of, field, Access::Plain), .. } => Ok(Expr { at, kind: Kind::Select(of, field, Access::Test) }),
        other => Err(SyntaxError { at: other.at, message: "invalid argument to has() macro".into() }),
    }
}

/// A method, a macro, or a function of a namespace.
fn method(at: Offset, target: Expr, name: Box<str>, args: Vec<Expr>) -> Parsed {
    if let Kind::Ident(space) = &target.kind
        && (NAMESPACES.contains(&&**space) || (&**space, &*name) == ("ip", "isCanonical"))
    {
        return Ok(Expr { at: target.at, kind: Kind::Call(Call { name: format!("{space}.{name}").into(), target: None, args }) });
    }
    let Some((kind, variables)) = fold_kind(&name, args.len()) else {
        return Ok(Expr { at, kind: Kind::Call(Call { name, target: Some(Box::new(target)), args }) });
    };
    let mut args = args.into_iter();
    let mut variable = || match args.next() {
        Some(Expr { kind: Kind::Ident(name), .. }) => Ok(name),
        Some(other) => Err(SyntaxError { at: other.at, message: "argument must be a simple name".into() }),
        None => Err(SyntaxError { at, message: "argument must be a simple name".into() }),
    };
    let first = variable()?;
    let second = if variables == 2 { Some(variable()?) } else { None };
    if second.as_deref() == Some(&*first) {
        return Err(SyntaxError { at, message: format!("duplicate variable name: {first}") });
    }
    let mut rest: Vec<_> = args.collect();
    let Some(body) = rest.pop() else { return Err(SyntaxError { at, message: "missing argument".into() }) };
    Ok(Expr { at, kind: Kind::Fold(Box::new(Fold { kind, range: target, first, second, filter: rest.pop(), body })) })
}

/// The macro of a name with so many arguments, and how many of these are variables.
fn fold_kind(name: &str, args: usize) -> Option<(FoldKind, usize)> {
    Some(match (name, args) {
        ("all", 2 | 3) => (FoldKind::All, args - 1),
        ("exists", 2 | 3) => (FoldKind::Exists, args - 1),
        ("exists_one" | "existsOne", 2 | 3) => (FoldKind::ExistsOne, args - 1),
        ("map", 2 | 3) => (FoldKind::Map, 1),
        ("filter", 2) => (FoldKind::Filter, 1),
        ("transformList", 3 | 4) => (FoldKind::TransformList, 2),
        ("transformMap", 3 | 4) => (FoldKind::TransformMap, 2),
        ("transformMapEntry", 3 | 4) => (FoldKind::TransformMapEntry, 2),
        ("optMap", 2) => (FoldKind::OptMap, 1),
        ("optFlatMap", 2) => (FoldKind::OptFlatMap, 1),
        _ => return None,
    })
}

fn dotted(expr: &Expr) -> Option<Box<str>> {
    match &expr.kind {
        Kind::Ident(name) => Some(name.clone()),
        Kind::Select(of, field, Access::Plain) => Some(format!("{}.{field}", dotted(of)?).into()),
        _ => None,
    }
}
