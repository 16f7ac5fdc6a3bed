//! What of a policy is asked.

use kustomize::Place;

use crate::environments::Level;

/// A Rego rule whose results are findings.
#[derive(Debug)]
pub(super) struct Entry {
    /// `data.package.name`.
    pub(super) query: String,
    /// Whether its findings are warnings at most, because of its name.
    pub(super) warns: bool,
    /// Where it is defined.
    pub(super) place: Place,
}

impl Entry {
    /// The rule's name in its package.
    pub(super) fn name(&self) -> &str {
        self.query.rsplit('.').next().unwrap_or_default()
    }
}

/// The level of an entry, given the level of its rule.
pub(super) fn entry_level(entry: &Entry, level: Level) -> Level {
    if entry.warns { level.min(Level::Warn) } else { level }
}
