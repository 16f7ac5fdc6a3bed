//! One thing that an object exposes.

use serde::Serialize;

use crate::objects::Path;

/// To what something is exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// To who is outside of the cluster.
    Outside,
    /// The node to its Pods.
    Node,
    /// Its Pods have more privileges.
    Privileges,
    /// Its Pods have less protection than they had.
    LessHardened,
    /// Its namespace takes Pods that it did not take.
    PodSecurity,
}

/// One thing that an object exposes.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) to: To,
    pub(super) text: String,
    pub(super) path: Path,
    /// What must be there on the other side too, so that it counts: the container of lost hardening.
    pub(super) among: Option<String>,
}

impl Item {
    pub(super) fn new(to: To, text: impl Into<String>, path: Path) -> Self {
        Item { to, text: text.into(), path, among: None }
    }
}
