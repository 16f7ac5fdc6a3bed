//! The transformers that change objects one by one, a file each.

pub(crate) mod affix;
pub(crate) mod images;
pub(crate) mod metadata;
pub(crate) mod namespace;
pub(crate) mod replacements;
pub(crate) mod replicas;
mod spread;
mod structured_text;
pub(crate) mod value_add;
pub(crate) mod vars;
