//! Rules in a form in which they can be looked at quickly: names are numbers, constants are values.

use std::collections::BTreeMap;

use regorus::Value;

use super::calls::Function;

/// All rules of some modules.
#[derive(Debug, Default)]
pub(in crate::policy) struct Program {
    pub(super) numbers: BTreeMap<Vec<String>, usize>,
    pub(super) rules: Vec<Rule>,
}

/// All definitions of a rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) makes: Makes,
    pub(super) definitions: Vec<Definition>,
    pub(super) default: Option<Expr>,
}

/// What a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Makes {
    Value,
    Set,
    /// With a key for each result.
    Object,
    /// A set for each key.
    Sets,
    Function,
    /// Something that nobody looks at here.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Definition {
    pub(super) arguments: Vec<Expr>,
    /// Others come after `else`.
    pub(super) branches: Vec<Branch>,
    /// How many variables it has.
    pub(super) variables: usize,
}

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) body: Vec<Step>,
    /// A value or an element.
    pub(super) value: Expr,
    pub(super) key: Option<Expr>,
}

/// One line of a body.
#[derive(Debug)]
pub(super) enum Step {
    Test(Expr),
    Not(Expr),
    /// Takes the right side apart, or compares.
    Unify(Expr, Expr),
    /// Each path and value within a value.
    Walk(Expr, Expr),
    /// A key, a value, and where they are.
    Some(Option<Expr>, Expr, Expr),
    Every(Option<Expr>, Expr, Expr, Inner),
    /// It may hold or not; whether it asks rules, which may be in conflict.
    Open {
        asks: bool,
    },
}

/// A body within another one.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) body: Vec<Step>,
    /// Variables of bodies around it, which must have values for anything to be certain.
    pub(super) needs: Vec<usize>,
    /// Whether it asks rules or collects objects, either of which may be in conflict.
    pub(super) asks: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collects {
    Array,
    Set,
    Object,
}

#[derive(Debug)]
pub(super) enum Expr {
    Known(Value),
    Variable(usize),
    /// `_`
    Any,
    Input,
    /// `data.environment`
    Environment,
    Rule(usize),
    /// What begins it, and keys; a variable without a value takes all of them.
    Path(Box<Expr>, Vec<Expr>),
    Call(Function, Vec<Expr>),
    CallRule(usize, Vec<Expr>),
    /// A key and a value, or a value, in a collection.
    Member(Vec<Expr>),
    Array(Vec<Expr>),
    Set(Vec<Expr>),
    /// Keys and values in turns.
    Object(Vec<Expr>),
    /// Its terms: a key and a value, or a value.
    Collect(Collects, Vec<Expr>, Inner),
    /// Nothing is known of its value; what it has in it is evaluated all the same, as that may be in conflict.
    Opaque(Vec<Expr>),
}

impl Expr {
    /// Whether an object is collected within it, which may have two values for a key.
    pub(super) fn makes_object(&self) -> bool {
        match self {
            Self::Collect(collects, terms, _) => *collects == Collects::Object || terms.iter().any(Self::makes_object),
            Self::Call(_, terms)
            | Self::CallRule(_, terms)
            | Self::Member(terms)
            | Self::Array(terms)
            | Self::Set(terms)
            | Self::Object(terms)
            | Self::Opaque(terms) => terms.iter().any(Self::makes_object),
            Self::Path(head, terms) => head.makes_object() || terms.iter().any(Self::makes_object),
            _ => false,
        }
    }
}

impl Program {
    /// The number of the rule at a path below `data`.
    pub(super) fn number<'p>(&self, path: impl Iterator<Item = &'p str>) -> Option<usize> {
        self.numbers.get(&path.map(str::to_owned).collect::<Vec<_>>()).copied()
    }

    /// Adds a rule without definitions, unless it is there; of two kinds of definitions it is unknown.
    pub(super) fn declare(&mut self, path: Vec<String>, makes: Makes) {
        let next = self.rules.len();
        let number = *self.numbers.entry(path).or_insert(next);
        match self.rules.get_mut(number) {
            Some(rule) if rule.makes == makes => {}
            Some(rule) => rule.makes = Makes::Unknown,
            None => self.rules.push(Rule { makes, definitions: Vec::new(), default: None }),
        }
    }
}
