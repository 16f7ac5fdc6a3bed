//! Regular expressions of schemas, compiled once each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex::Regex;

/// Compiled patterns; one that this engine cannot compile matches everything, since the API server's can.
#[derive(Debug, Default)]
pub(super) struct Patterns(Mutex<HashMap<Box<str>, Option<Arc<Regex>>>>);

impl Patterns {
    /// Whether `text` has a match of `pattern` in it.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> bool {
        let compiled = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match known.get(pattern) {
                Some(compiled) => compiled.clone(),
                None => known.entry(pattern.into()).or_insert_with(|| Regex::new(pattern).ok().map(Arc::new)).clone(),
            }
        };
        compiled.is_none_or(|regex| regex.is_match(text))
    }
}
