//! What comes of judging one input.

use std::time::Duration;

use kustomize::Error;

use super::answer::{About, Answer};
use super::in_place::{Key, Standing};
use crate::findings::Finding;
use crate::problem::Problem;
use crate::waivers::InPlace;

/// What the rules said of one input.
#[derive(Clone, Debug, Default)]
pub(super) struct Judgement {
    pub(super) findings: Vec<Finding>,
    /// What they said of the input as it was, besides what is there on both sides.
    pub(super) before: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
    /// Waivers that covered something.
    pub(super) used: Vec<Used>,
    /// Waivers in place.
    pub(super) in_place: Vec<InPlace>,
    /// What is wrong with others.
    pub(super) wrong: Vec<Error>,
    /// What was said of objects and of all of them, where that is to be kept.
    pub(super) answers: Vec<(About, Answer)>,
    /// How long it took.
    pub(super) time: Duration,
}

/// A waiver that covered a finding.
#[derive(Clone, Debug)]
pub(super) enum Used {
    /// One of `waivers.yaml`, by its place there.
    Listed(usize),
    /// One in place.
    InPlace(Key),
}

impl Judgement {
    pub(super) fn add(&mut self, (finding, used): (Finding, Vec<Used>)) {
        self.findings.push(finding);
        self.used.extend(used);
    }

    pub(super) fn take(&mut self, standing: Standing) {
        self.in_place = standing.waivers;
        self.wrong = standing.wrong;
    }
}
