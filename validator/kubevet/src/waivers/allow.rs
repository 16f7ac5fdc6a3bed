//! `allow RULE because REASON`: a waiver that stands beside what it waives, in a comment or an annotation.

use std::ops::Range;

use jiff::civil::Date;
use kustomize::{Error, Place};

use super::is_like;
use crate::environments::is_of_cluster;
use crate::problem::{Waived, invalid, suggest};

/// What such a comment begins with.
pub(crate) const MARK: &str = "kubevet:";

/// The annotation whose lines are waivers of its object.
pub(crate) const ANNOTATION: &str = "kubevet.dev/allow";

const FORM: &str = "write: allow RULE because REASON, or with an end: allow RULE until 2027-03-31 because REASON";

/// One rule that is allowed to say something here.
#[derive(Clone, Debug)]
pub struct Allow {
    /// The rule, or a pattern of rules such as `pod-security/*`.
    pub rule: String,
    /// The last day on which it holds; none where it has no end.
    pub until: Option<Date>,
    /// Why it is accepted.
    pub reason: String,
    /// Where the rule is named.
    pub place: Place,
}

impl Allow {
    /// Whether it may cover findings of a rule.
    pub fn is_of(&self, rule: &str) -> bool {
        is_like(&self.rule, rule)
    }

    /// Whether it is past its last day.
    pub fn expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| today > until)
    }

    /// Whether another one accepts the same with the same words.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        (&self.rule, self.until, &self.reason) == (&other.rule, other.until, &other.reason)
    }

    /// What a finding says that it covers.
    pub fn waived(&self) -> Waived {
        Waived { reason: self.reason.clone(), expiry: self.until.map(|until| until.to_string()), in_place: true }
    }

    /// An error if it names a rule that does not exist.
    pub fn dangling(&self, rules: &[&str]) -> Option<Error> {
        let is_known = rules.iter().any(|rule| self.is_of(rule)) || is_of_cluster(&self.rule);
        (!is_known).then(|| {
            let error = invalid(format!("the waiver names rule \"{}\", which does not exist", self.rule));
            error.at(self.place.clone()).help(suggest(&self.rule, rules.iter().copied()))
        })
    }
}

/// Reads what follows the mark: one waiver for each rule that is named. `place` gives the place of a range of the text.
///
/// # Errors
/// Another word than `allow`, no rule, no reason, or an end that is no date.
pub(super) fn parse(text: &str, place: impl Fn(Range<usize>) -> Place) -> Result<Vec<Allow>, Error> {
    let all = || place(text.len() - text.trim_start().len()..text.trim_end().len());
    let wrong = |range: Option<Range<usize>>, message: String| invalid(message).at(range.map_or_else(all, &place)).help(FORM);
    let mut words = words(text).peekable();
    match words.next() {
        Some(first) if &text[first.clone()] == "allow" => {}
        Some(first) => {
            let message = format!("\"{}\" is nothing that kubevet reads here; it knows \"allow\"", &text[first.clone()]);
            return Err(wrong(Some(first), message));
        }
        None => return Err(wrong(None, "this says nothing; kubevet knows \"allow\"".to_owned())),
    }
    let (mut rules, mut until, mut reason) = (Vec::new(), None, "");
    while let Some(range) = words.next() {
        match &text[range.clone()] {
            "because" => {
                reason = text[range.end..].trim();
                break;
            }
            "until" => {
                let date = words.next().unwrap_or_else(|| range.clone());
                let read = text[date.clone()].parse();
                until =
                    Some(read.map_err(|_| wrong(Some(date), "\"until\" needs a date, the last day on which the waiver holds".to_owned()))?);
            }
            _ if until.is_some() => return Err(wrong(Some(range), "\"because\" and a reason follow the date".to_owned())),
            _ => rules.push(range),
        }
    }
    if rules.is_empty() {
        return Err(wrong(None, "the waiver names no rule".to_owned()));
    }
    if reason.is_empty() {
        return Err(wrong(None, "the waiver gives no reason".to_owned()));
    }
    let allow = |range: Range<usize>| Allow { rule: text[range.clone()].to_owned(), until, reason: reason.to_owned(), place: place(range) };
    Ok(rules.into_iter().map(allow).collect())
}

/// The words of a text, between white space and commas.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let parts = text.split([' ', '\t', ',']).filter(|part| !part.trim().is_empty());
    parts.map(|part| {
        let start = part.as_ptr().addr() - text.as_ptr().addr();
        start..start + part.len()
    })
}
