//! What the files of a kustomization say, typed; nothing is done yet.

pub(crate) mod chart;
pub(crate) mod config;
pub(crate) mod crds;
pub(crate) mod embedded;
pub(crate) mod entry;
pub(crate) mod generator;
pub(crate) mod kustomization;
pub(crate) mod load;
pub(crate) mod outline;
pub(crate) mod replacement;
pub(crate) mod var;
