//! What a fix says that it does: its edits in each overlay, and what people and programs are told of it.

use super::candidate::{Candidate, Written};
use super::outcome::Fixed;
use super::plan::State;
use crate::findings::{self, Finding};
use crate::location::Object;
use crate::remedy::{Edit, placeholders_in};

impl State {
    /// The findings that a fix is for.
    pub(crate) fn members<'s>(&'s self, candidate: &'s Candidate) -> impl Iterator<Item = &'s Finding> {
        candidate.members.iter().filter_map(|(at, _)| self.examined.report.findings.get(*at))
    }

    /// The edits of a fix in each overlay, with the values that are written: those of one of the findings.
    pub(crate) fn edits(&self, candidate: &Candidate) -> Vec<Written> {
        let remedy = |finding: &Finding| Some(finding.remedies.get(candidate.remedy)?.edits.clone());
        let by = self.examined.report.findings.get(candidate.by).and_then(remedy).unwrap_or_default();
        let mut all = Vec::new();
        for (at, overlay) in &candidate.members {
            let Some(finding) = self.examined.report.findings.get(*at) else { continue };
            for (nth, edit) in remedy(finding).unwrap_or_default().into_iter().enumerate() {
                let edit = match (edit, by.get(nth)) {
                    (Edit::Set { object, path, .. }, Some(Edit::Set { value, .. })) => Edit::Set { object, path, value: value.clone() },
                    (Edit::Add { object, path, .. }, Some(Edit::Add { value, .. })) => Edit::Add { object, path, value: value.clone() },
                    (edit, _) => edit,
                };
                all.push(Written { overlay: *overlay, own: finding.object.clone(), edit });
            }
        }
        all.extend(candidate.more.iter().flat_map(|more| more.edits.iter().cloned()));
        all.iter_mut().filter_map(|written| written.edit.value_mut()).for_each(|value| candidate.fill(value));
        all
    }

    /// What a person must choose in a fix.
    pub(super) fn placeholders(&self, candidate: &Candidate) -> Vec<String> {
        let mut found = Vec::new();
        self.edits(candidate).iter().filter_map(|written| written.edit.value()).for_each(|value| placeholders_in(value, &mut found));
        found
    }

    /// What is said of a fix.
    pub(crate) fn fixed(&self, candidate: &Candidate) -> Option<Fixed> {
        let mut objects: Vec<Object> = Vec::new();
        for object in self.edits(candidate).iter().map(Written::object) {
            if !objects.contains(&object) {
                objects.push(object);
            }
        }
        let finding = as_one(self.members(candidate).cloned().collect())?;
        Some(Fixed { finding, objects, title: candidate.whole_title(), safe: candidate.is_safe() })
    }
}

/// Findings that are one but for the level, and whatever else differs from environment to environment.
fn as_one(findings: Vec<Finding>) -> Option<Finding> {
    let mut merged = findings::merge(findings).into_iter();
    let mut first = merged.next()?;
    for other in merged {
        first.also.extend(std::iter::once(other.object).chain(other.also));
        first.overlays.extend(other.overlays);
        first.environments.extend(other.environments);
    }
    first.environments.sort();
    first.environments.dedup();
    Some(first)
}
