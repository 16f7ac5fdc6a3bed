//! What somebody chose of what could be fixed.

use std::path::PathBuf;

use super::candidate::Candidate;
use crate::findings::Finding;
use crate::identity::Identity;
use crate::location::Object;
use crate::paths::shown;

/// A part of what could be fixed.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// What is found in a file, by its path as it is shown.
    File(PathBuf),
    /// One finding, in one way.
    Finding(Box<Choice>),
}

/// One finding, and the fix of it.
#[derive(Clone, Debug)]
pub struct Choice {
    rule: String,
    identity: Identity,
    objects: Vec<Object>,
    overlays: Vec<PathBuf>,
    message: String,
    title: String,
}

impl Chosen {
    /// The fix of that title, in all overlays in which the same asks for it.
    pub fn fix(finding: &Finding, title: &str) -> Self {
        Self::Finding(Box::new(Choice {
            rule: finding.rule.clone(),
            identity: finding.identity.clone(),
            objects: std::iter::once(&finding.object).chain(&finding.also).cloned().collect(),
            overlays: finding.overlays.clone(),
            message: finding.message.clone(),
            title: title.to_owned(),
        }))
    }

    /// Whether a finding of one overlay is among what was chosen.
    pub(super) fn has(&self, finding: &Finding) -> bool {
        match self {
            Self::File(file) => finding.cause().is_some_and(|cause| shown(cause.source.path()) == *file),
            Self::Finding(choice) => {
                choice.rule == finding.rule
                    && choice.identity == finding.identity
                    && choice.message == finding.message
                    && choice.objects.contains(&finding.object)
                    && finding.overlays.iter().any(|overlay| choice.overlays.contains(overlay))
            }
        }
    }

    /// Whether a way to mend it is.
    pub(super) fn takes(&self, candidate: &Candidate) -> bool {
        match self {
            Self::File(_) => true,
            Self::Finding(choice) => candidate.offer == choice.title,
        }
    }
}
