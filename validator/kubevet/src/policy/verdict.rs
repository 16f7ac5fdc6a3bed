//! What rules say, from their results.

use kustomize::{Error, ErrorKind};
use regorus::Value;

use super::bounds;
use super::metadata::Scope;
use super::offer;
use super::rule::{ADMISSION, Rule};
use super::value;
use crate::environments::Level;
use crate::findings::{Object, Step};
use crate::remedy::Remedy;

/// What a rule said.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The rule's index in the catalog.
    pub rule: usize,
    /// Its level here.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// Where in the object.
    pub path: Vec<Step>,
    /// What the line has that it is about, where a value has several.
    pub text: Option<String>,
    /// Whom it is about, where the rule judges a whole overlay.
    pub object: Option<Object>,
    /// Other objects and paths that belong to it.
    pub related: Vec<Related>,
    /// The policy of the cluster that speaks: the finding is one of `admission/NAME`.
    pub policy: Option<String>,
    /// Whether it is at most a warning.
    pub warns: bool,
    /// The note of the build that it is about, instead of an object.
    pub note: Option<usize>,
    /// How it can be mended, the best way first.
    pub remedies: Vec<Remedy>,
}

/// Another place that belongs to a verdict.
#[derive(Clone, Debug)]
pub struct Related {
    /// The environment whose object it is, where that is another one.
    pub environment: Option<String>,
    /// The object; `None` for the same one.
    pub object: Option<Object>,
    /// Where in it.
    pub path: Vec<Step>,
    /// A word on it.
    pub note: String,
}

pub(super) fn verdicts_of(at: usize, rule: &Rule, level: Level, results: &Value) -> Result<Vec<Verdict>, Error> {
    if matches!(results, Value::Undefined) {
        return Ok(Vec::new());
    }
    let malformed = |what: &str| {
        Error::new(ErrorKind::Invalid, what)
            .help("a result is {\"msg\": \"…\", \"path\": [\"spec\", …]}, with \"object\" in overlay scope, or a string")
    };
    let elements = value::elements(results).ok_or_else(|| malformed("its result is not a set"))?;
    bounds::check_results(elements.len())?;
    let verdict = |element: &Value| {
        let base = Verdict {
            rule: at,
            level,
            message: String::new(),
            path: Vec::new(),
            text: None,
            object: None,
            related: Vec::new(),
            policy: None,
            warns: false,
            note: None,
            remedies: Vec::new(),
        };
        if let Ok(message) = element.as_string() {
            return Ok(Verdict { message: message.to_string(), ..base });
        }
        let message = value::text(element, "msg").ok_or_else(|| malformed("a result has no \"msg\""))?;
        let path = match value::get(element, "path") {
            Some(path) => value::path(path).ok_or_else(|| malformed("a result's \"path\" is not a list of keys and indexes"))?,
            None => Vec::new(),
        };
        let object = value::get(element, "object")
            .map(|object| value::object(object).ok_or_else(|| malformed("a result's \"object\" is incomplete")));
        let object = object.transpose()?;
        let note =
            value::get(element, "note").map(|note| value::index(note).ok_or_else(|| malformed("a result's \"note\" is not an index")));
        let note = note.transpose()?;
        if rule.scope != Scope::Object && object.is_none() && note.is_none() {
            return Err(malformed(
                "a result has neither \"object\" nor \"note\", one of which a rule that judges no single object must give",
            ));
        }
        let related = value::get(element, "related")
            .map(|related| related_of(related).ok_or_else(|| malformed("a result's \"related\" is malformed")));
        // Only kubevet's own rule about admission speaks for others.
        let policy = value::text(element, "policy").filter(|_| rule.id == ADMISSION);
        let warns = policy.is_some() && matches!(value::get(element, "warns"), Some(Value::Bool(true)));
        let (text, related) = (value::text(element, "text"), related.transpose()?.unwrap_or_default());
        let remedies = offer::remedies_of(element, note.is_some()).map_err(|what| malformed(&what))?;
        Ok(Verdict { message, path, text, object, related, policy, warns, note, remedies, ..base })
    };
    elements.into_iter().map(verdict).collect()
}

fn related_of(list: &Value) -> Option<Vec<Related>> {
    let related = |item: &Value| {
        let object = match value::get(item, "object") {
            Some(object) => Some(value::object(object)?),
            None => None,
        };
        let path = value::get(item, "path").map_or_else(|| Some(Vec::new()), value::path)?;
        Some(Related { environment: value::text(item, "environment"), object, path, note: value::text(item, "note").unwrap_or_default() })
    };
    value::elements(list)?.into_iter().map(related).collect()
}
