//! Rego as a tree. Every node knows the bytes of the source that it stands for.

/// Bytes of the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl At {
    /// From the beginning of this to the end of another.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// What is wrong with a module, and where.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    pub(crate) at: At,
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) help: Option<String>,
}

impl Mistake {
    pub(crate) fn new(at: At, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    /// A variable, or a reference with nothing but texts in it.
    pub(crate) package: Term,
    pub(crate) imports: Vec<Import>,
    pub(crate) rules: Vec<Rule>,
}

/// `import path as alias`
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) at: At,
    pub(crate) path: Term,
    pub(crate) alias: Option<Term>,
}

impl Import {
    /// The components of its path.
    pub(crate) fn components(&self) -> Vec<String> {
        self.path.path().unwrap_or_default()
    }

    /// The name under which the module refers to it, unless it stands for words of the language.
    pub(crate) fn name(&self) -> Option<String> {
        let components = self.components();
        match components.first().map(String::as_str) {
            Some("rego" | "future") | None => None,
            Some(_) => match &self.alias {
                Some(Term { kind: Kind::Var(name), .. }) => Some(name.clone()),
                _ => components.last().cloned(),
            },
        }
    }
}

/// A definition, with what follows after `else`.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) at: At,
    pub(crate) is_default: bool,
    pub(crate) head: Head,
    /// At least one; others come after `else`.
    pub(crate) branches: Vec<Branch>,
}

/// What a rule defines.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// A variable or a reference.
    pub(crate) name: Term,
    /// A function's.
    pub(crate) arguments: Option<Vec<Term>>,
    /// What a set contains.
    pub(crate) element: Option<Term>,
}

/// One way to a value.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    /// Where its `else` is, or the rule.
    pub(crate) at: At,
    pub(crate) value: Option<Term>,
    pub(crate) body: Option<Body>,
}

/// What must hold.
pub(crate) type Body = Vec<Stmt>;

/// One line of a body.
#[derive(Clone, Debug)]
pub(crate) struct Stmt {
    pub(crate) at: At,
    pub(crate) is_negated: bool,
    pub(crate) kind: StmtKind,
    pub(crate) with: Vec<With>,
}

/// Its forms.
#[derive(Clone, Debug)]
pub(crate) enum StmtKind {
    Term(Term),
    /// `:=`
    Declare(Term, Term),
    /// `=`
    Unify(Term, Term),
    /// Variables.
    Some(Vec<Term>),
    SomeIn(Option<Term>, Term, Term),
    Every(Option<Term>, Term, Term, Body),
}

/// `with target as value`
#[derive(Clone, Debug)]
pub(crate) struct With {
    pub(crate) at: At,
    pub(crate) target: Term,
    pub(crate) value: Term,
}

/// An expression.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) at: At,
    pub(crate) kind: Kind,
}

/// Its forms.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// null, a boolean, a number or a string, as it is written.
    Const(String),
    Var(String),
    /// What begins it, and what is behind its dots and in its brackets.
    Ref(Box<Term>, Vec<Term>),
    Call(Box<Term>, Vec<Term>),
    Infix(Op, Box<Term>, Box<Term>),
    /// `key, value in collection`
    Member(Option<Box<Term>>, Box<Term>, Box<Term>),
    Array(Vec<Term>),
    Set(Vec<Term>),
    Object(Vec<(Term, Term)>),
    ArrayOf(Box<Term>, Body),
    SetOf(Box<Term>, Body),
    ObjectOf(Box<Term>, Box<Term>, Body),
    /// A string with values in it: texts are constants, values sets of one element, [`VALUE`], or of none.
    Template(Vec<Term>),
}

/// The variable that holds a value of a string, until it gets a name of its own.
pub(crate) const VALUE: &str = "$value";

/// An operator between two terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Op(pub(crate) &'static str);

impl Op {
    /// The higher, the tighter; `in` is 0.
    pub(crate) fn binds(self) -> u8 {
        match self.0 {
            "*" | "/" | "%" => 5,
            "+" | "-" => 4,
            "&" => 3,
            "|" => 2,
            _ => 1,
        }
    }
}

impl Term {
    pub(crate) fn new(at: At, kind: Kind) -> Self {
        Self { at, kind }
    }

    pub(crate) fn var(at: At, name: impl Into<String>) -> Self {
        Self::new(at, Kind::Var(name.into()))
    }

    /// A string constant.
    pub(crate) fn text(at: At, text: &str) -> Self {
        Self::new(at, Kind::Const(quoted(text)))
    }

    /// The components of a path in which nothing is computed; a string that is no name counts as one.
    pub(crate) fn path(&self) -> Option<Vec<String>> {
        match &self.kind {
            Kind::Var(name) => Some(vec![name.clone()]),
            Kind::Ref(head, parts) => {
                let Kind::Var(name) = &head.kind else { return None };
                let mut path = vec![name.clone()];
                for part in parts {
                    path.push(part.as_text()?);
                }
                Some(path)
            }
            _ => None,
        }
    }

    /// What a string constant says.
    pub(crate) fn as_text(&self) -> Option<String> {
        let Kind::Const(written) = &self.kind else { return None };
        if let Some(raw) = written.strip_prefix('`') {
            return raw.strip_suffix('`').map(str::to_owned);
        }
        unquoted(written)
    }
}

/// A text as a string constant.
pub(crate) fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for letter in text.chars() {
        match letter {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            control if control < ' ' || control == '\u{7f}' => written.push_str(&format!("\\u{:04x}", control as u32)),
            other => written.push(other),
        }
    }
    written.push('"');
    written
}

/// The text that a string constant in double quotes says.
fn unquoted(written: &str) -> Option<String> {
    let inner = written.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    let hex = |letters: &mut std::str::Chars<'_>| {
        let digits: String = letters.by_ref().take(4).collect();
        u32::from_str_radix(&digits, 16).ok()
    };
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        text.push(match letters.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let mut code = hex(&mut letters)?;
                if (0xd800..0xdc00).contains(&code) && letters.as_str().starts_with("\\u") {
                    letters.nth(1);
                    let low = hex(&mut letters)?;
                    code = 0x10000 + ((code - 0xd800) << 10) + low.checked_sub(0xdc00)?;
                }
                char::from_u32(code)?
            }
            same => same,
        });
    }
    Some(text)
}
