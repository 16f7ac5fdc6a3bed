//! Candidates at work on texts in memory: tried, proved and kept, or refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::candidate::{Ask, Candidate};
use super::chosen::Chosen;
use super::marks::Marks;
use super::outcome::{Fixed, FixedFile, Mended, Options, Refused};
use super::plan::State;
use super::proof::{Complaint, Proof};
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
    /// What was tried in vain; where it was tried alone, after how many fixes.
    failed: HashMap<String, Option<usize>>,
    /// How many fixes there were when what failed was given another chance.
    reconsidered: usize,
    /// Why an ask has no fix.
    reasons: BTreeMap<Ask, Refusal>,
    pub(super) fixed: Vec<Fixed>,
    marks: Marks,
    runs: usize,
    /// What stood in the way, from the first run.
    problems: Vec<Problem>,
    pub(super) secrets: Secrets,
}

/// Fixes that are not proved.
pub(super) struct Vain {
    pub(super) complaints: Vec<Complaint>,
    /// What they lead to, as far as that was judged.
    pub(super) state: Option<Box<State>>,
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
            state: State::new(texts, first, None),
            failed: HashMap::new(),
            reconsidered: 0,
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
            match candidate.apply(&mut tried) {
                Ok(()) => {
                    texts = tried;
                    good.push(candidate);
                }
                Err(why) => self.fail(&candidate, why, false),
            }
        }
        if good.is_empty() {
            return;
        }
        let Vain { complaints, state } = match self.prove(texts, &good) {
            Ok(state) => return self.accept(*state, good),
            Err(vain) => vain,
        };
        let is_alone = good.len() == 1;
        let blames = |complaint: &Complaint, at: usize| is_alone || (complaint.blamed.len() == 1 && complaint.blamed.contains(&at));
        let is_blamed = |at: usize| complaints.iter().any(|complaint| blames(complaint, at));
        if !(0..good.len()).any(is_blamed) {
            // It is due to some of them, who knows which.
            let blamed: BTreeSet<usize> = complaints.iter().flat_map(|complaint| complaint.blamed.iter().copied()).collect();
            let all = good.len();
            let is_first = |at: usize| if blamed.is_empty() || blamed.len() == all { at < all / 2 } else { !blamed.contains(&at) };
            let (first, second): (Vec<_>, Vec<_>) = good.into_iter().enumerate().partition(|(at, _)| is_first(*at));
            for half in [first, second] {
                self.settle_now(half.into_iter().map(|(_, candidate)| candidate).collect(), options);
            }
            return;
        }
        let mut rest: Vec<Candidate> = Vec::new();
        for (at, candidate) in good.into_iter().enumerate() {
            let against: Vec<&Complaint> = complaints.iter().filter(|complaint| blames(complaint, at)).collect();
            let Some(first) = against.first() else {
                rest.push(candidate);
                continue;
            };
            let new: Option<BTreeSet<usize>> = against.iter().map(|complaint| complaint.new).collect();
            let whole = state.as_ref().zip(new).and_then(|(state, new)| state.with_fixes(&candidate, &new, options.suggestions));
            self.fail(&candidate, first.why.clone(), is_alone);
            match whole {
                Some(whole) if !self.failed.contains_key(&whole.key()) => rest.push(whole),
                _ => {}
            }
        }
        self.settle_now(rest, options);
    }

    /// Settles candidates that were made for a state which may be another one now: what is another one itself has its turn in the next round.
    fn settle_now(&mut self, candidates: Vec<Candidate>, options: &Options) {
        let mut batch: Vec<Candidate> = Vec::new();
        for old in candidates {
            match self.state.again(&old, options.suggestions) {
                Some(new) if batch.iter().all(|other| new.is_beside(other)) => batch.push(new),
                // With others gone it may go alone, or with something else.
                _ => drop(self.failed.remove(&Candidate { more: Vec::new(), ..old }.key())),
            }
        }
        self.settle(batch, options);
    }

    pub(super) fn fail(&mut self, candidate: &Candidate, why: Refusal, alone: bool) {
        self.reasons.entry(candidate.ask.clone()).or_insert(why);
        self.failed.insert(candidate.key(), alone.then_some(self.fixed.len()));
    }

    /// Gives what failed another chance if there are fixes since: another run, which begins with them, would do so too. Whether there are any.
    pub(super) fn reconsider(&mut self) -> bool {
        let fixes = self.fixed.len();
        // What failed alone, and after all of them, would fail again.
        self.failed.retain(|_, alone| *alone == Some(fixes));
        std::mem::replace(&mut self.reconsidered, fixes) != fixes
    }

    pub(super) fn accept(&mut self, state: State, candidates: Vec<Candidate>) {
        let mut texts = self.state.texts.clone();
        for candidate in candidates {
            let before = texts.clone();
            // It was done a moment ago.
            if candidate.apply(&mut texts).is_err() {
                continue;
            }
            self.marks.add(self.fixed.len(), &before, &texts);
            self.fixed.extend(self.state.fixed(&candidate));
        }
        self.state = state;
    }

    /// Judges everything with the texts.
    pub(super) fn prove(&mut self, texts: Texts, candidates: &[Candidate]) -> Result<Box<State>, Vain> {
        let drafts = match texts.drafts() {
            Ok(drafts) => drafts,
            Err(why) => return Err(Vain { complaints: vec![Complaint { blamed: BTreeSet::new(), why, new: None }], state: None }),
        };
        self.memory.change(Some(&texts.differing(&self.looked_at)), &drafts);
        self.looked_at = texts.clone();
        let settings = Settings { drafts: Some(Arc::new(drafts)), ..self.settings.clone() };
        self.runs += 1;
        let examined = examine(self.project, self.inputs, &settings, Some(&mut self.memory));
        let complaints = Proof::new(&self.state, &examined, candidates).complaints();
        let state = Box::new(State::new(texts, examined, Some(&self.state)));
        if complaints.is_empty() { Ok(state) } else { Err(Vain { complaints, state: Some(state) }) }
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
