//! The parameters that rules declare: what the table may give for each, and what holds where it gives nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use kustomize::{Error, Place, Source};
use regex::Regex;
use serde_json::Value;

use super::files::PolicyFile;
use super::metadata::{Declaration, ValueType};
use super::text::Text;
use super::value;
use crate::environments::Environment;
use crate::problem::{invalid, suggest};

/// A declared parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// What it may be, and what for.
    pub declaration: Declaration,
    /// The file that declares it.
    pub source: Arc<Source>,
}

/// All parameters of the rules.
#[derive(Debug, Default)]
pub struct Parameters {
    declared: BTreeMap<String, Parameter>,
    /// What rules of the project read and nobody declares, each where it is first read.
    undeclared: BTreeMap<String, Place>,
}

impl Parameters {
    /// Takes the declarations of a file.
    pub(super) fn declare(&mut self, file: &PolicyFile, declarations: BTreeMap<String, Declaration>) -> Result<(), Error> {
        for (name, declaration) in declarations {
            let place = || metadata_place(&file.source, &name);
            let wrong = declaration.default.as_ref().and_then(|default| declaration.objection(default));
            if let Some(wrong) = wrong {
                return Err(invalid(format!("the default of the parameter {name} {}", wrong.text)).at(place()));
            }
            if let Some(known) = self.declared.get(&name) {
                let error = invalid(format!("the parameter {name} is declared twice")).at(place());
                let error = error.related(metadata_place(&known.source, &name), "the other one");
                return Err(error.help("rules that share a parameter declare it in one place, and all may read it"));
            }
            self.declared.insert(name, Parameter { declaration, source: Arc::clone(&file.source) });
        }
        Ok(())
    }

    /// Notes what the files of a project read without any declaration.
    pub(super) fn read_by<'f>(&mut self, files: impl Iterator<Item = &'f PolicyFile>) {
        for file in files.filter(|file| file.known.is_none()) {
            for (name, place) in reads(&file.source) {
                if !self.declared.contains_key(&name) {
                    self.undeclared.entry(name).or_insert(place);
                }
            }
        }
    }

    /// All that are declared, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Parameter)> {
        self.declared.iter().map(|(name, parameter)| (name.as_str(), parameter))
    }

    /// Those that a file declares.
    pub(crate) fn declared_in(&self, file: &PolicyFile) -> impl Iterator<Item = (&str, &Parameter)> {
        self.iter().filter(|(_, parameter)| parameter.source.path() == file.source.path())
    }

    /// What holds where the table gives nothing.
    pub(super) fn defaults(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.iter().filter_map(|(name, parameter)| Some((name, parameter.declaration.default.as_ref()?)))
    }

    /// What is wrong with the parameters of an environment.
    pub fn check(&self, environment: &Environment) -> Vec<Error> {
        let names = || self.declared.keys().chain(self.undeclared.keys()).map(String::as_str);
        let check = |(name, at, node): (&str, Place, &kustomize::Node)| {
            let Some(parameter) = self.declared.get(name) else {
                let message = format!("no rule reads the parameter \"{name}\" of environment {}", environment.name);
                let hint = format!("{}; `kubevet rules --parameters` lists all", suggest(name, names()));
                return (!self.undeclared.contains_key(name)).then(|| invalid(message).at(at).help(hint));
            };
            let given = value::json(node);
            let wrong = if given.is_null() { None } else { parameter.declaration.objection(&given) }?;
            let message = format!("the parameter {name} of environment {} {}", environment.name, wrong.text);
            let help = wrong.help.unwrap_or_else(|| format!("it says: {}", parameter.declaration.description));
            Some(invalid(message).at(environment.place_of(node)).help(help))
        };
        environment.parameters().filter_map(check).take(MOST).collect()
    }

    /// A word on each parameter that a rule reads and nobody declares.
    pub(super) fn undeclared(&self) -> impl Iterator<Item = Error> {
        self.undeclared.iter().take(MOST).map(|(name, place)| {
            let hint = match suggest(name, self.declared.keys().map(String::as_str)) {
                hint if hint.starts_with("did you mean") => hint,
                _ => format!(
                    "declare it in a rule's METADATA, so that the table is checked: custom.parameters.{name}: {{type: string, description: …}}"
                ),
            };
            invalid(format!("no METADATA declares the parameter \"{name}\" that is read here")).at(place.clone()).help(hint)
        })
    }
}

/// What is wrong with a value.
struct Objection {
    /// Follows the parameter's name.
    text: String,
    help: Option<String>,
}

impl Declaration {
    fn objection(&self, given: &Value) -> Option<Objection> {
        let elements: Vec<&Value> = match given {
            _ if !self.value.takes(given) => return Some(self.value.objection(given, &format!("must be {}, but is", self.value.named()))),
            Value::Array(list) => list.iter().collect(),
            Value::Object(map) => map.values().collect(),
            _ => Vec::new(),
        };
        if let Some(of) = self.of {
            let wrong = elements.iter().find(|element| !of.takes(element));
            if let Some(wrong) = wrong {
                return Some(of.objection(wrong, &format!("must be {} whose values are {} each, but has", self.value.named(), of.named())));
            }
        }
        let texts = elements.into_iter().chain([given]).filter_map(Value::as_str);
        let unknown = texts.into_iter().find(|text| !self.choices.is_empty() && !self.choices.iter().any(|choice| choice == text))?;
        let text = format!("must not be \"{unknown}\"");
        Some(Objection { text, help: Some(suggest(unknown, self.choices.iter().map(String::as_str))) })
    }
}

/// How many mistakes are worth a word each.
const MOST: usize = 10;

/// How much of a wrong value a message shows.
const LONGEST: usize = 60;

impl ValueType {
    /// Its name, with an article.
    fn named(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::List => "a list",
            Self::Map => "a map",
        }
    }

    fn takes(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Map => value.is_object(),
        }
    }

    fn objection(self, given: &Value, but_is: &str) -> Objection {
        let help = match given {
            // A version such as 1.30 would lose its zero.
            Value::Number(number) if self == Self::String => Some(format!("write it in quotes: \"{number}\"")),
            Value::String(text) if serde_json::from_str(text).is_ok_and(|value| self.takes(&value)) => {
                Some(format!("write it without quotes: {text}"))
            }
            _ => None,
        };
        let given = given.to_string();
        let shown: String = given.chars().take(LONGEST).collect();
        let more = if shown.len() < given.len() { "…" } else { "" };
        Objection { text: format!("{but_is} {shown}{more}"), help }
    }
}

/// What a file reads, as far as its text tells.
pub(super) fn reads(source: &Arc<Source>) -> Vec<(String, Place)> {
    static READS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let by_path = r#"\benvironment\.parameters(?:\.([A-Za-z_]\w*)|\["([^"\\]+)"\])"#;
        let by_helper = r#"\bparameters\.value\(\s*"([^"\\]+)""#;
        Regex::new(&format!("{by_path}|{by_helper}")).ok()
    });
    let text = source.text();
    let code = Text::of(text).code;
    let block = text.find("\npackage ").unwrap_or_default();
    let is_code = |at: usize| code.as_bytes().get(at).is_some_and(|byte| *byte != b' ');
    let is_need = |at: usize| at < block && text[..at].rfind('\n').is_some_and(|line| text[line..at].contains("needs:"));
    let Some(reads) = READS.as_ref() else { return Vec::new() };
    let read = |found: regex::Captures<'_>| {
        let whole = found.get(0).filter(|whole| is_code(whole.start()) || is_need(whole.start()))?;
        let name = found.iter().skip(1).flatten().next()?;
        let place = Place { source: Arc::clone(source), start: whole.start() as u32, end: whole.end() as u32 };
        Some((name.as_str().to_owned(), place))
    };
    reads.captures_iter(text).filter_map(read).collect()
}

/// Where a word first stands in the METADATA block of a file; its top where it doesn't.
pub(super) fn metadata_place(source: &Arc<Source>, word: &str) -> Place {
    let text = source.text();
    let block = text.split("\npackage ").next().unwrap_or_default();
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let is_whole = |at: &usize| {
        let (before, after) = (block[..*at].chars().next_back(), block[at + word.len()..].chars().next());
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    };
    let custom = block.find("custom:").unwrap_or_default();
    let at = block[custom..].match_indices(word).map(|(at, _)| at + custom).find(is_whole);
    let (start, end) = at.map_or((0, 0), |at| (at, at + word.len()));
    Place { source: Arc::clone(source), start: start as u32, end: end as u32 }
}
