//! What the input of a rule never has: a rule that asks for it can find nothing, and its author should be told.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use kustomize::{Error, Place, Source};
use regex::Regex;

use super::metadata::{Custom, Scope};
use super::parameters::metadata_place;
use super::text::Text;
use crate::problem::{invalid, suggest};

/// What the facts of an input are, by what the input is.
fn facts(scope: Scope) -> &'static [&'static str] {
    match scope {
        Scope::Object => &["admission", "capacity", "coverage", "dangling", "network", "pods", "schema", "suspect"],
        Scope::Overlay => &["network", "suspect"],
        Scope::Environments => &["lost"],
        Scope::Change => &["change"],
    }
}

/// What else an input has, where it is no object.
fn fields(scope: Scope) -> &'static [&'static str] {
    match scope {
        Scope::Object => &[],
        Scope::Overlay => &["environment", "facts", "notes", "objects"],
        Scope::Environments | Scope::Change => &["environment", "facts"],
    }
}

fn name(scope: Scope) -> &'static str {
    match scope {
        Scope::Object => "object",
        Scope::Overlay => "overlay",
        Scope::Environments => "environments",
        Scope::Change => "change",
    }
}

/// How many mistakes of one rule are worth a word each.
const MOST: usize = 10;

const SCOPES: [Scope; 4] = [Scope::Object, Scope::Overlay, Scope::Environments, Scope::Change];

/// Refuses conditions that nothing meets.
pub(super) fn conditions(source: &Arc<Source>, custom: &Custom) -> Result<(), Error> {
    let scope = custom.scope;
    for path in &custom.needs {
        let is_there = |scope: Scope| match (path.split('.').next(), path.split('.').nth(1)) {
            (Some("facts"), Some(fact)) => facts(scope).contains(&fact),
            (Some("notes"), _) => fields(scope).contains(&"notes"),
            _ => true,
        };
        if !is_there(scope) {
            let with = SCOPES.into_iter().filter(|scope| is_there(*scope)).map(|scope| format!("scope: {}", name(scope)));
            let message = format!("`needs` of this rule names {path}, which the input of a rule with scope: {} never has", name(scope));
            let help = format!("{} has it", with.collect::<Vec<_>>().join(" or "));
            return Err(invalid(message).at(metadata_place(source, path)).help(help));
        }
    }
    for (field, list) in [("keys", &custom.keys), ("texts", &custom.texts)] {
        if matches!(scope, Scope::Environments | Scope::Change) && !list.is_empty() {
            let message = format!("a rule with scope: {} sees no object, so `{field}` would never be met", name(scope));
            return Err(invalid(message).at(metadata_place(source, field)).help("remove it, or judge objects"));
        }
    }
    Ok(())
}

/// A word on each part of the input that the code of a rule names and the input never has.
pub(super) fn body(source: &Arc<Source>, scope: Scope) -> Vec<Error> {
    static INPUT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\binput\.([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?").ok());
    let code = Text::of(source.text()).code;
    let Some(input) = INPUT.as_ref().filter(|_| !code.contains(" with input")) else { return Vec::new() };
    let mut errors: BTreeMap<String, Error> = BTreeMap::new();
    for found in input.captures_iter(&code) {
        let (Some(whole), Some(field)) = (found.get(0), found.get(1)) else { continue };
        let fact = found.get(2).filter(|_| field.as_str() == "facts").map(|fact| fact.as_str());
        let Some((what, hint)) = missing(scope, field.as_str(), fact) else { continue };
        let place = Place { source: Arc::clone(source), start: whole.start() as u32, end: whole.end() as u32 };
        let message = format!("{what} is never there: the input of this rule is {}", described(scope));
        let error = invalid(message).at(place).help(hint);
        errors.entry(error.message.clone()).or_insert(error);
        if errors.len() == MOST {
            break;
        }
    }
    errors.into_values().collect()
}

/// The paths into the input of one object that code names, but for what kubevet adds: each once.
pub(super) fn paths(source: &Arc<Source>) -> Vec<(Vec<&str>, Place)> {
    static PATH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\binput((?:\.[A-Za-z_]\w*)+)").ok());
    let code = Text::of(source.text()).code;
    let Some(path) = PATH.as_ref().filter(|_| !code.contains(" with input")) else { return Vec::new() };
    let mut fields: BTreeMap<Vec<&str>, Place> = BTreeMap::new();
    for found in path.captures_iter(&code) {
        let (Some(whole), Some(steps)) = (found.get(0), found.get(1)) else { continue };
        let steps = source.text().get(steps.start() + 1..steps.end()).unwrap_or_default();
        if !ADDED.iter().any(|added| steps.split('.').next() == Some(added)) {
            let place = Place { source: Arc::clone(source), start: whole.start() as u32, end: whole.end() as u32 };
            fields.entry(steps.split('.').collect()).or_insert(place);
        }
    }
    fields.into_iter().collect()
}

/// What kubevet adds to an object, and what an overlay has instead.
const ADDED: [&str; 4] = ["environment", "facts", "notes", "objects"];

fn missing(scope: Scope, field: &str, fact: Option<&str>) -> Option<(String, String)> {
    if let Some(fact) = fact {
        if facts(scope).contains(&fact) {
            return None;
        }
        let other = SCOPES.into_iter().find(|other| facts(*other).contains(&fact));
        let hint = other.map_or_else(|| suggest(fact, facts(scope).iter().copied()), |other| format!("scope: {} has it", name(other)));
        return Some((format!("input.facts.{fact}"), hint));
    }
    let is_missing = match scope {
        Scope::Object => ["notes", "objects"].contains(&field),
        Scope::Overlay | Scope::Environments | Scope::Change => !fields(scope).contains(&field),
    };
    let hint = || match scope {
        Scope::Object => "write `scope: overlay` below custom in METADATA".to_owned(),
        Scope::Overlay => {
            format!("write `some object in input.objects`, then object.{field}; or leave out scope, so that it judges each object")
        }
        Scope::Change => "input.facts.change is all it has; leave out scope, so that the rule judges each object".to_owned(),
        Scope::Environments => "input.facts.lost is all it has; leave out scope, so that the rule judges each object".to_owned(),
    };
    is_missing.then(|| (format!("input.{field}"), hint()))
}

fn described(scope: Scope) -> &'static str {
    match scope {
        Scope::Object => "one object",
        Scope::Overlay => "all objects of an overlay together (scope: overlay)",
        Scope::Environments => "what environments lost (scope: environments)",
        Scope::Change => "what a change does (scope: change)",
    }
}

/// What rules that were written for conftest name, and so are given, or would miss.
#[derive(Clone, Debug, Default)]
pub(super) struct Asks {
    /// `input.facts` or `input.environment`, which kubevet puts beside the object for whoever names it.
    pub(super) facts: bool,
    /// `data.conftest`, which tells the file.
    pub(super) file: bool,
    /// A field of an object.
    object: Option<Place>,
    /// An element of `--combine`'s list.
    element: Option<Place>,
}

impl Asks {
    /// Adds what a file names.
    pub(super) fn add(&mut self, source: &Arc<Source>) {
        static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let element = r"input\[[^\]\n]*\]\s*\.\s*(?:contents|path)\b|\bin\s+input[ \t]*(?:[^.\[\w \t]|$)";
            Regex::new(&format!(r"\b(?:(input\.(?:facts|environment)\b)|(input\.[A-Za-z_])|({element})|(data\.conftest\b))")).ok()
        });
        let code = Text::of(source.text()).code;
        let Some(names) = NAMES.as_ref() else { return };
        let has_contents = code.contains(".contents");
        for found in names.captures_iter(&code) {
            let place = |at: usize| {
                found.get(at).map(|found| Place { source: Arc::clone(source), start: found.start() as u32, end: found.end() as u32 })
            };
            self.facts |= place(1).is_some();
            self.file |= place(4).is_some();
            self.object = self.object.take().or_else(|| place(2));
            self.element = self.element.take().or_else(|| place(3).filter(|_| has_contents));
        }
    }

    /// A word on what is not there: an object where all are given as a list, or the other way round.
    pub(super) fn missing(&self, is_combined: bool) -> Option<Error> {
        let (place, what, help) = match (is_combined, &self.object, &self.element) {
            (false, None, Some(place)) => (
                place,
                "this reads a list of all objects, but each object is an input of its own",
                "--combine gives the list, as it does with conftest",
            ),
            (true, Some(place), None) => (
                place,
                "this reads an object, but with --combine the input is a list of all objects",
                "write input[i].contents, or leave out --combine",
            ),
            _ => return None,
        };
        Some(invalid(what).at(place.clone()).help(help))
    }
}
