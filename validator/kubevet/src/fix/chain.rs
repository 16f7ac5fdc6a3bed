//! Fixes that lead to another finding, together with the fixes of that.

use std::collections::BTreeSet;

use super::candidate::{Candidate, More};
use super::plan::State;
use crate::findings::Finding;
use crate::remedy::{Edit, SourceEdit};

/// So many fixes in a row are one. What needs more is something for a person.
const MOST: usize = 24;

impl State {
    /// A fix that leads to this state, with the first fix of each of these new findings; nothing where one of them has none.
    pub(super) fn with_fixes(&self, candidate: &Candidate, new: &BTreeSet<usize>, suggestions: bool) -> Option<Candidate> {
        let all = &self.examined.report.findings;
        let is_new = |finding: &Finding| new.iter().any(|at| all.get(*at).is_some_and(|known| std::ptr::eq(known, finding)));
        let asks = self.asks(&is_new);
        let asking: usize = asks.values().map(Vec::len).sum();
        if asking < new.len() || candidate.more.len() + asks.len() > MOST {
            return None;
        }
        let mut whole = candidate.clone();
        for (ask, members) in &asks {
            let (found, _) = self.candidates(ask, members, suggestions);
            // What must be the same in a render is known of edits of objects only.
            let is_plain = |next: &&Candidate| {
                let edits = self.edits(next);
                !next.restores && !edits.iter().any(|written| matches!(&written.edit, Edit::Source(edit) if *edit != SourceEdit::Remove))
            };
            let mut open: Vec<_> = members.clone();
            while let Some(member) = open.first() {
                let next = found.iter().filter(is_plain).find(|next| next.members.contains(member))?;
                let is_done = next.operations.iter().all(|operation| whole.operations().any(|known| known == operation));
                match whole.more.last_mut().filter(|_| is_done) {
                    // One fix does for several findings.
                    Some(more) => more.edits.extend(self.edits(next)),
                    None if is_done => return None,
                    None => whole.more.push(More {
                        title: next.title.clone(),
                        safe: next.safe,
                        operations: next.operations.clone(),
                        edits: self.edits(next),
                    }),
                }
                open.retain(|member| !next.members.contains(member));
            }
        }
        // What is done already does not mend it.
        (whole.more.len() > candidate.more.len()).then_some(whole)
    }
}
