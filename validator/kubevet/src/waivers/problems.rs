//! Waivers of what can't be judged: an overlay that doesn't render, a file that can't be read.

use jiff::civil::Date;
use kustomize::{Error, Node, Place};

use super::is_like;
use crate::config::Document;
use crate::git::in_repository;
use crate::problem::{ACCEPTABLE, Problem, Waived, suggest};

/// A problem that someone accepted.
#[derive(Clone, Debug)]
pub struct ProblemWaiver {
    /// The problem's code, or a pattern.
    pub problem: String,
    /// The file that the report names, or that of each overlay that is not judged because of it, or a directory with what is below it; from the top of the checkout, `*` stands for any characters.
    pub file: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it holds.
    pub expiry: Date,
    /// Its place in the file.
    pub place: Place,
}

impl ProblemWaiver {
    pub(super) fn read(document: &Document, node: &Node) -> Result<Self, Error> {
        document.fields(node, "a waiver of a problem", &["problem", "file", "reason", "expiry"])?;
        let text =
            |key: &str| document.string(document.required(node, "a waiver of a problem", key)?, &format!("\"{key}\"")).map(str::to_owned);
        let problem = text("problem")?;
        if !ACCEPTABLE.iter().any(|code| is_like(&problem, code)) {
            let named = node.get("problem").unwrap_or(node);
            let error = document.error(named, format!("\"{problem}\" is no problem that can be waived"));
            return Err(error.help(suggest(&problem, ACCEPTABLE)));
        }
        let file = text("file")?.trim_start_matches("./").trim_end_matches('/').to_owned();
        let place = document.place(node.get("problem").unwrap_or(node));
        Ok(Self { problem, file, reason: text("reason")?, expiry: super::expiry(document, node)?, place })
    }

    /// Whether it is past its last day.
    pub fn expired(&self, today: Date) -> bool {
        today > self.expiry
    }

    /// Whether another one accepts the same with the same words, wherever the two stand.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let parts = |waiver: &Self| (waiver.problem.clone(), waiver.file.clone(), waiver.reason.clone(), waiver.expiry);
        parts(self) == parts(other)
    }

    /// Whether it covers a problem: where it is or, of a base, everywhere behind it.
    pub fn covers(&self, problem: &Problem) -> bool {
        let is_there = |place: &Place| {
            let file = in_repository(place.source.path());
            file.ancestors().any(|above| is_like(&self.file, &above.display().to_string()))
        };
        let behind = &problem.error.related;
        problem.can_be_accepted()
            && is_like(&self.problem, problem.code)
            && (problem.error.place.as_ref().is_some_and(is_there)
                || (!behind.is_empty() && behind.iter().all(|(place, _)| is_there(place))))
    }

    /// What a problem says that it covers.
    pub fn waived(&self) -> Waived {
        Waived { reason: self.reason.clone(), expiry: Some(self.expiry.to_string()), in_place: false }
    }
}
