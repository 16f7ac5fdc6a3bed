//! What came of judging an input, as it is kept for when nothing of it changed.

use super::Judged;
use super::judgement::Judgement;
use crate::coverage::Coverage;
use crate::problem::Problem;
use crate::redact::Secrets;

/// What came of it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) problems: Vec<Problem>,
    pub(super) judged: Option<Judged>,
    pub(super) secrets: Secrets,
    pub(super) coverage: Coverage,
    pub(super) judgement: Judgement,
}
