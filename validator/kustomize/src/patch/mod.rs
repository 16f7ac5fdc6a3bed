//! Patches: strategic merge and JSON 6902.

pub(crate) mod apply;
mod json6902;
mod lost;
pub(crate) mod strategic;
