//! What kustomizations name and the project does not hold: addresses, who supplies it, and how Kustomize writes it down.

pub(crate) mod address;
pub(crate) mod chart;
pub(crate) mod supply;
pub(crate) mod whereabouts;
