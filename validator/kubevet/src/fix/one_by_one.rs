//! Fixes one by one: each proved by itself, or as a person decides.

use std::collections::{BTreeMap, BTreeSet};

use super::marks::Marks;
use super::outcome::{Fixed, FixedFile, Mended, Options};
use super::plan::{Ask, Candidate};
use super::refusal::Refusal;
use super::work::{Work, as_one};
use crate::check::{Memory, Settings, selection};
use crate::findings::Finding;
use crate::input::Input;
use crate::problem::Problem;
use crate::project::Project;

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is mended in the way of this number, from 0.
    Take(usize),
    /// It stays.
    Leave,
    /// It is mended in the first way, and so is all that follows.
    All,
    /// It stays, and so does all that follows.
    End,
}

/// For each finding that has one, the best fix that is proved when it is made alone; the findings are those of single overlays, merged where they are mended
/// together.
pub fn offers(project: &Project, inputs: &[Input], settings: &Settings) -> Vec<Mended> {
    let mut work = Work::begin(project, inputs, settings, Memory::default());
    let asks = work.state.asks(&|_| true);
    asks.iter().filter_map(|(ask, members)| work.proved(ask, members, 1).pop().map(|(_, mended)| mended)).collect()
}

/// Mends what a person wants mended: `decide` is asked for each finding that has a fix, with the ways to mend it, each of which is proved.
pub fn mend_as_decided(
    project: &Project,
    inputs: &[Input],
    settings: &Settings,
    options: &Options,
    decide: &mut dyn FnMut(&[Mended]) -> Decision,
) -> Mended {
    let selected = match selection(&options.rules, &project.catalog.ids()) {
        Ok(selected) => selected,
        Err(error) => return Mended { problems: vec![Problem::configuration("unknown-rule", error)], ..Mended::default() },
    };
    let is_asked = |finding: &Finding| selected(&finding.rule);
    let mut work = Work::begin(project, inputs, settings, Memory::default());
    let mut decided: BTreeSet<Ask> = BTreeSet::new();
    let mut is_all = false;
    loop {
        let asks: BTreeMap<Ask, _> = work.state.asks(&is_asked);
        let is_next = |(ask, members): &(Ask, Vec<(usize, usize)>)| !decided.contains(ask) && work.is_within(members, options);
        let Some((ask, members)) = asks.into_iter().find(is_next) else { break };
        decided.insert(ask.clone());
        let ways = work.proved(&ask, &members, if is_all { 1 } else { usize::MAX });
        let (candidates, shown): (Vec<Candidate>, Vec<Mended>) = ways.into_iter().unzip();
        if candidates.is_empty() {
            continue;
        }
        let taken = match if is_all { Decision::Take(0) } else { decide(&shown) } {
            Decision::Take(number) => candidates.into_iter().nth(number),
            Decision::Leave => None,
            Decision::All => {
                is_all = true;
                candidates.into_iter().next()
            }
            Decision::End => break,
        };
        if let Some(candidate) = taken {
            work.take(candidate);
        }
    }
    work.end(&is_asked, options)
}

impl Work<'_> {
    /// The ways to mend the findings of an ask that are proved, the best first; one for each title.
    fn proved(&mut self, ask: &Ask, members: &[(usize, usize)], most: usize) -> Vec<(Candidate, Mended)> {
        let (candidates, _) = self.state.candidates(ask, members, true);
        let mut found: Vec<(Candidate, Mended)> = Vec::new();
        for candidate in candidates {
            if found.len() == most {
                break;
            }
            if found.iter().any(|(known, _)| known.title == candidate.title) {
                continue;
            }
            match self.alone(&candidate) {
                Ok(mended) => found.push((candidate, mended)),
                Err(why) => self.fail(&candidate, why),
            }
        }
        found
    }

    /// What a fix does to the texts as they are, once it is proved.
    fn alone(&mut self, candidate: &Candidate) -> Result<Mended, Refusal> {
        let before = self.state.texts.clone();
        let mut texts = before.clone();
        candidate.operations.iter().try_for_each(|operation| operation.apply(&mut texts))?;
        let proved = self.prove(texts.clone(), std::slice::from_ref(candidate));
        proved.map_err(|complaints| complaints.into_iter().next().map_or_else(Refusal::not_there, |(_, why)| why))?;
        let mut marks = Marks::default();
        marks.add(0, &before, &texts);
        let file = |path: &std::path::PathBuf| {
            let (before, after) = (before.get(path).ok().flatten(), texts.get(path).ok().flatten()?);
            Some(FixedFile { path: path.clone(), before, after, marks: marks.of(path) })
        };
        let files = texts.differing(&before).iter().filter_map(file).collect();
        let of = |(at, _): &(usize, usize)| self.state.examined.report.findings.get(*at).cloned();
        let all: Vec<Finding> = candidate.members.iter().filter_map(of).collect();
        let fixed = as_one(all).map(|finding| Fixed { finding, title: candidate.title.clone(), safe: candidate.safe });
        Ok(Mended { fixed: fixed.into_iter().collect(), files, secrets: self.secrets.clone(), ..Mended::default() })
    }

    /// Keeps a fix that was proved for the state as it is.
    fn take(&mut self, candidate: Candidate) {
        let mut texts = self.state.texts.clone();
        if candidate.operations.iter().try_for_each(|operation| operation.apply(&mut texts)).is_ok()
            && let Ok(state) = self.prove(texts, std::slice::from_ref(&candidate))
        {
            self.accept(*state, vec![candidate]);
        }
    }
}
