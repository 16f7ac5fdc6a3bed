//! Patches: strategic merge and JSON 6902.

pub(crate) mod apply;
mod json6902;
mod list_merge;
mod merge_keys;
mod repeated_keys;
mod strategic;
mod untidy_list;
