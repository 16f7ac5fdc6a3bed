//! How a finding can be mended, in terms of objects: what a rule offers beside what is wrong.

use std::ops::Range;
use std::sync::Arc;

use kustomize::Source;
use serde_json::Value as Json;

use crate::location::{Object, Step};

/// What a value begins with that a person must choose: `<kubevet: HOW MUCH MEMORY>`.
pub const PLACEHOLDER: &str = "<kubevet: ";

/// One way to mend a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// What it does, as an order: `set a memory limit`.
    pub title: String,
    /// Whether it is right without a person's look; otherwise it is a suggestion.
    pub safe: bool,
    /// What to change; all of it belongs together.
    pub edits: Vec<Edit>,
}

/// A change of what is rendered, or of what a note is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Gives a field a value, and makes the maps on the way to it.
    Set {
        /// The object, where it is not the finding's.
        object: Option<Object>,
        /// The field.
        path: Vec<Step>,
        /// Its value.
        value: Json,
    },
    /// Takes a field or a list element out.
    Remove {
        /// The object, where it is not the finding's.
        object: Option<Object>,
        /// The field or element.
        path: Vec<Step>,
    },
    /// Puts an element to the end of a list, which is made where it is missing.
    Add {
        /// The object, where it is not the finding's.
        object: Option<Object>,
        /// The list.
        path: Vec<Step>,
        /// The element.
        value: Json,
    },
    /// Makes an object.
    Create {
        /// All of it.
        object: Json,
    },
    /// Changes the entry of a file that a note of the build is about.
    Source(SourceEdit),
}

/// What becomes of the entry that a note is about.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceEdit {
    /// It goes.
    Remove,
    /// Its scalar gets quotes.
    Quote,
    /// Its key gets another name.
    Rename(String),
    /// Another value takes the place of its value; under another key, if there is one.
    Rewrite {
        /// The new key.
        to: Option<String>,
        /// The new value.
        value: Json,
    },
}

impl Edit {
    /// The object that it names and the path in it, where it has one.
    pub fn place_mut(&mut self) -> Option<(Option<&Object>, &mut Vec<Step>)> {
        match self {
            Self::Set { object, path, .. } | Self::Remove { object, path } | Self::Add { object, path, .. } => {
                Some((object.as_ref(), path))
            }
            Self::Create { .. } | Self::Source(_) => None,
        }
    }

    /// The same, to look at.
    pub fn place(&self) -> Option<(Option<&Object>, &[Step])> {
        match self {
            Self::Set { object, path, .. } | Self::Remove { object, path } | Self::Add { object, path, .. } => {
                Some((object.as_ref(), path))
            }
            Self::Create { .. } | Self::Source(_) => None,
        }
    }

    /// The object that it names, if it names one.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Set { object, .. } | Self::Remove { object, .. } | Self::Add { object, .. } => object.as_ref(),
            Self::Create { .. } | Self::Source(_) => None,
        }
    }

    /// What it writes, to change it.
    pub fn value_mut(&mut self) -> Option<&mut Json> {
        match self {
            Self::Set { value, .. } | Self::Add { value, .. } | Self::Source(SourceEdit::Rewrite { value, .. }) => Some(value),
            Self::Create { object } => Some(object),
            Self::Remove { .. } | Self::Source(_) => None,
        }
    }

    /// What it writes.
    pub fn value(&self) -> Option<&Json> {
        match self {
            Self::Set { value, .. } | Self::Add { value, .. } | Self::Source(SourceEdit::Rewrite { value, .. }) => Some(value),
            Self::Create { object } => Some(object),
            Self::Remove { .. } | Self::Source(_) => None,
        }
    }
}

/// A fix that was proved, as reports show it.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What it does, as an order.
    pub title: String,
    /// Whether it is right without a person's look.
    pub safe: bool,
    /// What it does to files, for people; without what must not be shown.
    pub diff: String,
    /// The same for programs; nothing where it has what must not be shown.
    pub files: Vec<Replaced>,
}

/// What a fix does to a file.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// The file as it is; empty where it is not there.
    pub source: Arc<Source>,
    /// Bytes of it, and what takes their place.
    pub parts: Vec<(Range<u32>, String)>,
}

/// Whether a value that a person must choose is in a value.
pub fn has_placeholder(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains(PLACEHOLDER),
        Json::Array(items) => items.iter().any(has_placeholder),
        Json::Object(fields) => fields.values().any(has_placeholder),
        _ => false,
    }
}

/// What a person must choose in a value: each placeholder once, as it is written.
pub fn placeholders_in(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::String(text) => {
            let mut rest = text.as_str();
            while let Some((at, length)) = rest.find(PLACEHOLDER).and_then(|at| Some((at, rest.get(at..)?.find('>')? + 1))) {
                let placeholder = rest.get(at..at + length).unwrap_or_default();
                if !found.iter().any(|known| known == placeholder) {
                    found.push(placeholder.to_owned());
                }
                rest = rest.get(at + length..).unwrap_or_default();
            }
        }
        Json::Array(items) => items.iter().for_each(|item| placeholders_in(item, found)),
        Json::Object(fields) => fields.values().for_each(|field| placeholders_in(field, found)),
        _ => {}
    }
}

/// Puts what a person chose in the place of a placeholder.
pub fn fill(value: &mut Json, placeholder: &str, chosen: &Json) {
    match value {
        Json::String(text) if text == placeholder => *value = chosen.clone(),
        Json::String(text) if text.contains(placeholder) => {
            let chosen = chosen.as_str().map_or_else(|| chosen.to_string(), str::to_owned);
            *text = text.replace(placeholder, &chosen);
        }
        Json::Array(items) => items.iter_mut().for_each(|item| fill(item, placeholder, chosen)),
        Json::Object(fields) => fields.values_mut().for_each(|field| fill(field, placeholder, chosen)),
        _ => {}
    }
}
