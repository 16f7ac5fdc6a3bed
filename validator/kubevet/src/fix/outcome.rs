//! What to fix, and what came of it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::chosen::Chosen;
use super::refusal::Refusal;
use crate::findings::Finding;
use crate::location::Object;
use crate::problem::Problem;
use crate::redact::Secrets;

/// What to fix.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Findings of rules whose id matches one of these globs; empty for all.
    pub rules: Vec<String>,
    /// Whether suggestions, which a person must look at, are taken too.
    pub suggestions: bool,
    /// Only findings that one of these overlays has too; empty for all.
    pub within: Vec<PathBuf>,
    /// Only this; nothing for all.
    pub chosen: Option<Chosen>,
}

/// A fix that was proved.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The finding, in all overlays that it was mended in.
    pub finding: Finding,
    /// The objects that it changes or makes, as far as it names any.
    pub objects: Vec<Object>,
    /// What was done.
    pub title: String,
    /// Whether it is right without a person's look.
    pub safe: bool,
}

/// A finding that stays although its rule offers a fix.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The finding.
    pub finding: Finding,
    /// Why.
    pub reason: Refusal,
}

/// A file that fixes change or make.
#[derive(Clone, Debug)]
pub struct FixedFile {
    /// Its path, as it is shown.
    pub path: PathBuf,
    /// What it says, if it is there.
    pub before: Option<Arc<str>>,
    /// What it would say.
    pub after: Arc<str>,
    /// For each line of that, the fixes that it is of, or that took out what was before it.
    pub marks: Vec<BTreeSet<usize>>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Mended {
    /// What is fixed, in the order in which it was proved.
    pub fixed: Vec<Fixed>,
    /// What is not, although a rule offers a fix.
    pub refused: Vec<Refused>,
    /// Findings that a suggestion might mend, where suggestions were not asked for.
    pub suggested: Vec<Finding>,
    /// The files.
    pub files: Vec<FixedFile>,
    /// What stood in the way, from the first run.
    pub problems: Vec<Problem>,
    /// What must not be printed.
    pub secrets: Secrets,
    /// How many times the overlays were judged.
    pub runs: usize,
}
