//! Candidates at work on texts in memory: tried, proved and kept, or refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::chosen::Chosen;
use super::marks::Marks;
use super::outcome::{Fixed, FixedFile, Mended, Options, Refused};
use super::plan::{Ask, Candidate, State};
use super::proof::Proof;
use super::refusal::Refusal;
use super::texts::Texts;
use crate::check::{Memory, Settings, examine};
use crate::findings::{self, Finding};
use crate::input::Input;
use crate::paths::shown;
use crate::problem::Problem;
use crate::project::Project;
use crate::redact::Secrets;
use crate::renderer::Renderer;

/// Fixes at work: what is proved so far, and what was tried in vain.
pub(super) struct Work<'a> {
    project: &'a Project,
    inputs: &'a [Input],
    settings: Settings,
    /// What is known of overlays that an edit does not touch.
    memory: Memory,
    /// The texts that were judged last.
    looked_at: Texts,
    pub(super) state: State,
    /// What was tried in vain, and why.
    failed: HashMap<String, Refusal>,
    /// Why an ask has no fix.
    reasons: BTreeMap<Ask, Refusal>,
    pub(super) fixed: Vec<Fixed>,
    marks: Marks,
    runs: usize,
    /// What stood in the way, from the first run.
    problems: Vec<Problem>,
    pub(super) secrets: Secrets,
}

impl<'a> Work<'a> {
    /// Judges the inputs as they are.
    pub(super) fn begin(project: &'a Project, inputs: &'a [Input], settings: &Settings, mut memory: Memory) -> Self {
        let native = Settings { renderer: Renderer::Native, verify_render: false, ..settings.clone() };
        let settings = Settings { rules: Vec::new(), write_baseline: None, since: None, against: None, ..native };
        let texts = Texts::over(settings.drafts.clone());
        let first = examine(project, inputs, &settings, Some(&mut memory));
        let problems = first.report.problems.clone();
        let mut secrets = Secrets::default();
        secrets.merge(first.report.secrets.clone());
        Self {
            project,
            inputs,
            settings,
            memory,
            looked_at: texts.clone(),
            state: State::new(texts, first),
            failed: HashMap::new(),
            reasons: BTreeMap::new(),
            fixed: Vec::new(),
            marks: Marks::default(),
            runs: 1,
            problems,
            secrets,
        }
    }

    /// What came of it.
    pub(super) fn end(self, is_asked: &dyn Fn(&Finding) -> bool, options: &Options) -> Mended {
        let (refused, suggested) = self.left(is_asked, options);
        let files = self.files();
        let Self { fixed, problems, secrets, runs, .. } = self;
        Mended { fixed, refused, suggested, files, problems, secrets, runs }
    }

    /// The next way of each ask that has one, as far as they don't meet.
    pub(super) fn batch(&mut self, is_asked: &dyn Fn(&Finding) -> bool, options: &Options) -> Vec<Candidate> {
        let mut batch: Vec<Candidate> = Vec::new();
        for (ask, members) in self.asks(is_asked, options) {
            let (candidates, refusal) = self.state.candidates(&ask, &members, options.suggestions);
            let is_chosen = |candidate: &Candidate| options.chosen.as_ref().is_none_or(|chosen| chosen.takes(candidate));
            let next = candidates.into_iter().find(|candidate| is_chosen(candidate) && !self.failed.contains_key(&candidate.key()));
            match next {
                Some(next) if batch.iter().all(|other| next.is_beside(other)) => batch.push(next),
                Some(_) => {}
                None => drop(refusal.map(|why| self.reasons.entry(ask).or_insert(why))),
            }
        }
        batch
    }

    /// What asks for a fix and is meant.
    fn asks(&self, is_asked: &dyn Fn(&Finding) -> bool, options: &Options) -> BTreeMap<Ask, Vec<(usize, usize)>> {
        let mut asks = self.state.asks(is_asked);
        let has = |chosen: &Chosen, at: usize| self.state.examined.report.findings.get(at).is_some_and(|finding| chosen.has(finding));
        let is_chosen =
            |members: &[(usize, usize)]| options.chosen.as_ref().is_none_or(|chosen| members.iter().any(|(at, _)| has(chosen, *at)));
        asks.retain(|_, members| self.is_within(members, options) && is_chosen(members));
        asks
    }

    pub(super) fn is_within(&self, members: &[(usize, usize)], options: &Options) -> bool {
        let is_it = |(_, overlay): &(usize, usize)| {
            let judged = self.state.examined.renders.get(*overlay).map(|(judged, _)| shown(&judged.path));
            judged.is_some_and(|path| options.within.iter().any(|within| shown(within) == path))
        };
        options.within.is_empty() || members.iter().any(is_it)
    }

    /// Takes what can be proved of some candidates.
    pub(super) fn settle(&mut self, batch: Vec<Candidate>, options: &Options) {
        let mut texts = self.state.texts.clone();
        let mut good = Vec::new();
        for candidate in batch {
            let mut tried = texts.clone();
            match candidate.operations.iter().try_for_each(|operation| operation.apply(&mut tried)) {
                Ok(()) => {
                    texts = tried;
                    good.push(candidate);
                }
                Err(why) => self.fail(&candidate, why),
            }
        }
        if good.is_empty() {
            return;
        }
        match self.prove(texts, &good) {
            Ok(state) => self.accept(*state, good),
            Err(complaints) => {
                if let [one] = good.as_slice() {
                    let why = complaints.into_iter().next().map_or_else(Refusal::not_there, |(_, why)| why);
                    return self.fail(one, why);
                }
                let blamed: BTreeSet<usize> = complaints.iter().flat_map(|(blamed, _)| blamed.iter().copied()).collect();
                let all = good.len();
                let is_first = |at: usize| match blamed.len() {
                    0 => at < all / 2,
                    blamed if blamed == all => at < all / 2,
                    _ => !blamed.contains(&at),
                };
                let (first, second): (Vec<_>, Vec<_>) = good.into_iter().enumerate().partition(|(at, _)| is_first(*at));
                let fixed = self.fixed.len();
                self.settle(first.into_iter().map(|(_, candidate)| candidate).collect(), options);
                let second = second.into_iter().map(|(_, candidate)| candidate);
                // They are about findings of the state that there was. What is another one now has its turn in the next round.
                let again =
                    |old: Candidate| if self.fixed.len() == fixed { Some(old) } else { self.state.again(&old, options.suggestions) };
                let second = second.filter_map(again).collect();
                self.settle(second, options);
            }
        }
    }

    pub(super) fn fail(&mut self, candidate: &Candidate, why: Refusal) {
        self.reasons.entry(candidate.ask.clone()).or_insert_with(|| why.clone());
        self.failed.insert(candidate.key(), why);
    }

    pub(super) fn accept(&mut self, state: State, candidates: Vec<Candidate>) {
        let mut texts = self.state.texts.clone();
        for candidate in candidates {
            let before = texts.clone();
            // It was done a moment ago.
            if candidate.operations.iter().try_for_each(|operation| operation.apply(&mut texts)).is_err() {
                continue;
            }
            self.marks.add(self.fixed.len(), &before, &texts);
            let all =
                candidate.members.iter().filter_map(|(finding, _)| self.state.examined.report.findings.get(*finding).cloned()).collect();
            self.fixed.extend(as_one(all).map(|finding| Fixed { finding, title: candidate.title, safe: candidate.safe }));
        }
        self.state = state;
    }

    /// Judges everything with the texts; complaints name the candidates that they may be due to.
    pub(super) fn prove(&mut self, texts: Texts, candidates: &[Candidate]) -> Result<Box<State>, Vec<(BTreeSet<usize>, Refusal)>> {
        let nobody = |why| vec![(BTreeSet::new(), why)];
        let drafts = texts.drafts().map_err(nobody)?;
        self.memory.change(Some(&texts.differing(&self.looked_at)), &drafts);
        self.looked_at = texts.clone();
        let settings = Settings { drafts: Some(Arc::new(drafts)), ..self.settings.clone() };
        self.runs += 1;
        let examined = examine(self.project, self.inputs, &settings, Some(&mut self.memory));
        let complaints = Proof { before: &self.state, after: &examined, candidates }.complaints();
        if complaints.is_empty() { Ok(Box::new(State::new(texts, examined))) } else { Err(complaints) }
    }

    /// What is left: refused, and left out because it would be a suggestion.
    fn left(&self, is_asked: &dyn Fn(&Finding) -> bool, options: &Options) -> (Vec<Refused>, Vec<Finding>) {
        let (mut refused, mut suggested) = (Vec::new(), Vec::new());
        for (ask, members) in self.asks(is_asked, options) {
            let all: Vec<Finding> = members.iter().filter_map(|(at, _)| self.state.examined.report.findings.get(*at).cloned()).collect();
            let is_suggestion = !options.suggestions && all.iter().all(|finding| finding.remedies.iter().all(|remedy| !remedy.safe));
            for finding in findings::merge(all) {
                if is_suggestion {
                    suggested.push(finding);
                } else {
                    let reason =
                        self.reasons.get(&ask).cloned().unwrap_or_else(|| Refusal::new("there are more fixes than rounds to make them"));
                    refused.push(Refused { finding, reason });
                }
            }
        }
        (refused, suggested)
    }

    fn files(&self) -> Vec<FixedFile> {
        let below = Texts::over(self.settings.drafts.clone());
        let file = |(path, after): (&Path, &Arc<str>)| FixedFile {
            path: path.to_owned(),
            before: below.get(path).ok().flatten(),
            after: Arc::clone(after),
            marks: self.marks.of(path),
        };
        self.state.texts.edited().map(file).filter(|file| file.before.as_ref() != Some(&file.after)).collect()
    }
}

/// Findings that are one but for the level, and whatever else differs from environment to environment.
pub(super) fn as_one(findings: Vec<Finding>) -> Option<Finding> {
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
