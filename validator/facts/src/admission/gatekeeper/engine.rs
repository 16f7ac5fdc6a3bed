//! What evaluates the Rego of templates: this crate knows nothing of Rego.

use serde_json::Value as Json;

use crate::objects::Path;

/// The Rego of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Code<'a> {
    /// The kind of constraints that the template defines.
    pub kind: &'a str,
    /// The module with the rule `violation`.
    pub main: &'a str,
    /// The modules of `libs`, in order.
    pub libs: Vec<&'a str>,
    /// Whether it is in the syntax of Rego 1.0; else it is in the older one.
    pub is_v1: bool,
}

/// What is wrong with the Rego of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Which of `libs` has it; nothing for the main module.
    pub lib: Option<usize>,
    /// The line in that module, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

/// An element of `violation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its `msg`.
    pub message: String,
    /// The field that its `details` name as `path`, a list of keys and indexes; empty where they don't.
    pub path: Path,
}

/// What a template says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its violations.
    Violations(Vec<Violation>),
    /// Nothing that can be known here, and why.
    Unknown(String),
}

/// Evaluates Rego, within bounds of its own; where it fails or takes too long, it tells that itself and gives no violations.
pub trait Engine: std::fmt::Debug + Sync {
    /// What is wrong with code, so that Gatekeeper takes no template with it.
    fn mistake(&self, code: &Code<'_>) -> Option<Mistake>;

    /// The violations for an input, `{"review": …, "parameters": …}`, given what `data.inventory` is where the code asks for it: it is the same for
    /// all inputs of an engine.
    fn violations(&self, code: &Code<'_>, input: Json, inventory: &dyn Fn() -> Json) -> Answer;
}
