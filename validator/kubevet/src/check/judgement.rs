//! What comes of judging one input.

use std::time::Duration;

use crate::findings::Finding;
use crate::problem::Problem;

/// What the rules said of one input.
#[derive(Default)]
pub(super) struct Judgement {
    pub(super) findings: Vec<Finding>,
    /// What they said of the input as it was, besides what is there on both sides.
    pub(super) before: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
    /// Waivers that covered something.
    pub(super) waivers: Vec<usize>,
    /// How long it took.
    pub(super) time: Duration,
}
