//! What the API server would refuse in an object.

use serde::Serialize;

use crate::objects::{ObjectId, Path};

/// One reason why the API server refuses an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SchemaFact {
    /// Where the problem is, or where the missing thing belongs; some of the way may be missing too.
    pub path: Path,
    /// The path as the API server writes it, with keys of free maps in brackets: `spec.containers[0].resources.limits[gpu]`.
    pub field: String,
    /// What kind of problem it is.
    pub reason: Reason,
    /// What is wrong, for people: it continues a sentence that starts with the field.
    pub message: String,
    /// What was probably meant, where that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// The rule of a CustomResourceDefinition that it breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<BrokenRule>,
    /// Other fields that it cannot be with: what is wrong may as well be there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Path>,
    /// Whose schema says so, where it is one that kubevet carries: another version of the project may have another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<SchemaOf>,
}

impl SchemaFact {
    /// A value that breaks a rule of its field.
    pub(crate) fn refused(path: Path, message: String) -> Self {
        let field = path.to_string();
        SchemaFact { path, field, reason: Reason::Invalid, message, suggestion: None, rule: None, beside: Vec::new(), by: None }
    }
}

/// A rule in CEL that an object breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokenRule {
    /// Its expression.
    pub text: String,
    /// The server's word for the problem: `FieldValueInvalid` unless the rule names another one.
    pub reason: &'static str,
    /// The definition that it is in, where that is among the objects.
    pub definition: Option<ObjectId>,
    /// Where in the definition it is.
    pub path: Path,
}

/// What of an object a rule says can't be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undecided {
    /// Where in the object.
    pub path: Path,
    /// Why, for people.
    pub why: String,
}

/// What the rules of a definition say of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruled {
    /// What they refuse.
    pub facts: Vec<SchemaFact>,
    /// What they may refuse: nothing here can tell.
    pub undecided: Vec<Undecided>,
}

/// A schema that kubevet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SchemaOf {
    /// The project that defines the kind.
    pub project: &'static str,
    /// The project's version that the schema is of.
    pub version: &'static str,
    /// Whether it is less sure than the one that the project released.
    pub doubtful: bool,
}

/// Kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The API server does not serve this apiVersion and kind (any more).
    ApiVersion,
    /// The API server serves this apiVersion and kind only where it is told to.
    Off,
    /// A field that the kind does not have.
    Unknown,
    /// A value of another type than the field's, or a text that its type cannot be read from.
    Type,
    /// A field that must be there.
    Required,
    /// A value that is not one of those that are allowed.
    Enum,
    /// A value that breaks a rule of its field.
    Invalid,
    /// Two of something that must be unique.
    Duplicate,
    /// A field that must not be set here.
    Forbidden,
    /// A name that nothing in the object has.
    NotFound,
    /// A rule in CEL says so.
    Rule,
}
