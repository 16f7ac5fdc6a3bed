//! Patches: strategic merge and JSON 6902.

pub(crate) mod json6902;
pub(crate) mod repeated_keys;
pub(crate) mod strategic;

mod list_merge;
mod merge_keys;
mod untidy_list;
