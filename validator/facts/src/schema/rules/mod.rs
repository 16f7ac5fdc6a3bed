//! What the API server's validation code refuses beyond the schema, a file per topic.

pub(super) mod metadata;

use super::cursor::At;

/// Checks an object of a built-in kind.
pub(super) fn built_in(at: At<'_>, namespaced: bool) {
    metadata::built_in(at, namespaced);
}
