//! Expressions as people write them, read into a tree.
//!
//! The crate `cel` has a parser too; its generated one takes a third of a millisecond for an expression and expands macros, after which
//! nothing tells `all` from `exists` any more. Rules of definitions are short and there are hundreds, so they are read here.

mod lex;
mod parse;

pub(crate) use parse::RESERVED;
pub use parse::parse;

/// A place in the text of an expression, in bytes from its start.
pub type Offset = u32;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Where it is.
    pub at: Offset,
    /// What it is.
    pub kind: Kind,
}

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A constant.
    Literal(Literal),
    /// A variable or the name of a type.
    Ident(Box<str>),
    /// A field of something.
    Select(Box<Expr>, Box<str>, Access),
    /// An element of something; true where it may be missing (`a[?b]`).
    Index(Box<[Expr; 2]>, bool),
    /// A function or method.
    Call(Call),
    /// All of these.
    And(Vec<Expr>),
    /// Any of these.
    Or(Vec<Expr>),
    /// `condition ? then : otherwise`.
    Conditional(Box<[Expr; 3]>),
    /// `!a`.
    Not(Box<Expr>),
    /// `-a`.
    Negate(Box<Expr>),
    /// An operator between two.
    Binary(Op, Box<[Expr; 2]>),
    /// A list; true where an element may be missing (`[?a]`).
    List(Vec<(Expr, bool)>),
    /// A map; true where an entry may be missing (`{?a: b}`).
    Map(Vec<(Expr, Expr, bool)>),
    /// A message of a named type.
    Struct(Box<str>),
    /// A macro over the elements of a list or map.
    Fold(Box<Fold>),
}

/// How a field is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `a.b`: it is an error where it is missing.
    Plain,
    /// `has(a.b)`.
    Test,
    /// `a.?b`.
    Optional,
}

/// A function or method with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its name, with its namespace where it has one: `sets.contains`.
    pub name: Box<str>,
    /// What a method is called on.
    pub target: Option<Box<Expr>>,
    /// Its arguments.
    pub args: Vec<Expr>,
}

/// A macro over the elements of a list or map, or over what an optional value holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// Which macro.
    pub kind: FoldKind,
    /// Over what.
    pub range: Expr,
    /// The variable: an element of a list, a key of a map; with a second one, an index or key.
    pub first: Box<str>,
    /// The second variable: an element or value.
    pub second: Option<Box<str>>,
    /// Which elements count, for those macros that take a condition beside the body.
    pub filter: Option<Expr>,
    /// What is evaluated for each.
    pub body: Expr,
}

/// The macros that evaluate something for elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FoldKind {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    TransformList,
    TransformMap,
    TransformMapEntry,
    OptMap,
    OptFlatMap,
}

/// Operators between two operands that are both evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
}

impl Op {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Op::Add => "+",
            Op::Subtract => "-",
            Op::Multiply => "*",
            Op::Divide => "/",
            Op::Remainder => "%",
            Op::Equal => "==",
            Op::NotEqual => "!=",
            Op::Less => "<",
            Op::LessEqual => "<=",
            Op::Greater => ">",
            Op::GreaterEqual => ">=",
            Op::In => "in",
        }
    }
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(std::sync::Arc<str>),
    Bytes(std::sync::Arc<[u8]>),
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub at: Offset,
    /// What is wrong, for people.
    pub message: String,
}

impl Expr {
    /// Calls `visit` for this part and all parts of it.
    pub fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        visit(self);
        self.parts(&mut |part| part.walk(visit));
    }

    /// Calls `visit` for what it is made of.
    pub fn parts<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        match &self.kind {
            Kind::Literal(_) | Kind::Ident(_) | Kind::Struct(_) => {}
            Kind::Select(of, ..) | Kind::Not(of) | Kind::Negate(of) => visit(of),
            Kind::Index(both, _) | Kind::Binary(_, both) => both.iter().for_each(visit),
            Kind::Conditional(all) => all.iter().for_each(visit),
            Kind::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).for_each(visit),
            Kind::And(all) | Kind::Or(all) => all.iter().for_each(visit),
            Kind::List(items) => items.iter().for_each(|(item, _)| visit(item)),
            Kind::Map(entries) => entries.iter().for_each(|(key, value, _)| {
                visit(key);
                visit(value);
            }),
            Kind::Fold(fold) => [Some(&fold.range), fold.filter.as_ref(), Some(&fold.body)].into_iter().flatten().for_each(visit),
        }
    }

    /// Whether it uses the variable of this name, which no macro may have taken.
    pub fn uses(&self, name: &str) -> bool {
        let mut found = false;
        self.walk(&mut |part| found |= matches!(&part.kind, Kind::Ident(ident) if &**ident == name));
        found
    }
}
