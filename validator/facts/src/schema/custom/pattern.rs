//! Regular expressions of schemas, compiled once each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::super::cursor::At;

/// How many are kept, and what one may take, in bytes.
const MOST: usize = 256;
const LARGEST: usize = 1 << 20;

/// Work that compiling one counts as.
const COMPILATION: usize = 5_000;

/// Compiled patterns; one that this engine cannot compile matches everything, since the API server's can.
#[derive(Debug, Default)]
pub(super) struct Patterns(Mutex<HashMap<Box<str>, Option<Arc<Regex>>>>);

impl Patterns {
    /// Whether `text`, at that place, has a match of `pattern` in it.
    pub(super) fn matches(&self, at: At<'_>, pattern: &str, text: &str) -> bool {
        let compiled = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match known.get(pattern) {
                Some(compiled) => compiled.clone(),
                None => {
                    at.doc.charge(COMPILATION);
                    if known.len() >= MOST {
                        known.clear();
                    }
                    let compiled = kustomize::regex_of_go(pattern)
                        .ok()
                        .and_then(|text| RegexBuilder::new(&text).size_limit(LARGEST).dfa_size_limit(LARGEST).build().ok());
                    let compiled = compiled.map(Arc::new);
                    known.entry(pattern.into()).or_insert(compiled).clone()
                }
            }
        };
        at.doc.charge(text.len() * pattern.len().min(64) / 8);
        compiled.is_none_or(|regex| regex.is_match(text))
    }
}
