//! Fixes one by one: each proved by itself, or as a person decides.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::candidate::{Ask, Candidate};
use super::marks::Marks;
use super::outcome::{FixedFile, Mended, Options};
use super::refusal::Refusal;
use super::texts::Texts;
use super::work::{Vain, Work};
use crate::check::{Memory, Settings, selection};
use crate::findings::Finding;
use crate::input::Input;
use crate::location::Object;
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

/// Who decides what is mended.
pub trait Person {
    /// What becomes of a finding that has these fixes, each of which is proved.
    fn decide(&mut self, ways: &[Mended]) -> Decision;
    /// The value for a placeholder in what was chosen, which stays if there is none. Where a value was refused, the reason is given first.
    fn choose(&mut self, placeholder: &str, refused: Option<&Refusal>) -> Option<String>;
}

/// For each finding that has one, the best fix that is proved when it is made alone; the findings are those of single overlays, merged where they are mended
/// together.
pub fn offers(project: &Project, inputs: &[Input], settings: &Settings) -> Vec<Mended> {
    let mut work = Work::begin(project, inputs, settings, Memory::default());
    let asks = work.state.asks(&|_| true);
    asks.iter().filter_map(|(ask, members)| work.proved(ask, members, 1).pop().map(|(_, mended)| mended)).collect()
}

/// Mends what a person wants mended, who is asked for each finding that has a fix.
pub fn mend_as_decided(project: &Project, inputs: &[Input], settings: &Settings, options: &Options, person: &mut dyn Person) -> Mended {
    let selected = match selection(&options.rules, &project.catalog.ids()) {
        Ok(selected) => selected,
        Err(error) => return Mended { problems: vec![Problem::configuration("unknown-rule", error)], ..Mended::default() },
    };
    let is_asked = |finding: &Finding| selected(&finding.rule);
    let mut work = Work::begin(project, inputs, settings, Memory::default());
    let mut decided: BTreeSet<Told> = BTreeSet::new();
    let mut is_all = false;
    loop {
        let is_next = |(_, members): &(Ask, Vec<(usize, usize)>)| {
            work.is_within(members, options) && !work.findings(members).any(|finding| decided.contains(&told(finding)))
        };
        let Some((ask, members)) = work.state.asks(&is_asked).into_iter().find(is_next) else { break };
        decided.extend(work.findings(&members).map(told));
        let ways = work.proved(&ask, &members, if is_all { 1 } else { usize::MAX });
        let (candidates, shown): (Vec<Candidate>, Vec<Mended>) = ways.into_iter().unzip();
        if candidates.is_empty() {
            continue;
        }
        let taken = match if is_all { Decision::Take(0) } else { person.decide(&shown) } {
            Decision::Take(number) => candidates.into_iter().nth(number),
            Decision::Leave => None,
            Decision::All => {
                is_all = true;
                candidates.into_iter().next()
            }
            Decision::End => break,
        };
        if let Some(candidate) = taken {
            let filled = if is_all { candidate } else { work.filled(candidate, person) };
            work.take(filled);
        }
    }
    work.end(&is_asked, options)
}

/// What a person was told of a finding, whatever was mended since: rule, overlay, object, place and message.
type Told = (String, Vec<PathBuf>, Object, String, String);

fn told(finding: &Finding) -> Told {
    (finding.rule.clone(), finding.overlays.clone(), finding.object.clone(), finding.identity.path.clone(), finding.message.clone())
}

impl Work<'_> {
    /// The findings of an ask.
    fn findings(&self, members: &[(usize, usize)]) -> impl Iterator<Item = &Finding> {
        members.iter().filter_map(|(at, _)| self.state.examined.report.findings.get(*at))
    }

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
                Ok(proved) => found.push(proved),
                Err(why) => self.fail(&candidate, why, true),
            }
        }
        found
    }

    /// What a fix does to the texts as they are, once it is proved: alone, or with fixes of what it leads to.
    fn alone(&mut self, candidate: &Candidate) -> Result<(Candidate, Mended), Refusal> {
        let mut whole = candidate.clone();
        let mut first = None;
        loop {
            let before = self.state.texts.clone();
            let mut texts = before.clone();
            whole.apply(&mut texts)?;
            match self.prove(texts.clone(), std::slice::from_ref(&whole)) {
                Ok(_) => return Ok((whole.clone(), self.shown(&whole, &before, &texts))),
                Err(Vain { complaints, state }) => {
                    let new = complaints.iter().map(|complaint| complaint.new).collect::<Option<_>>();
                    let next = state.zip(new).and_then(|(state, new)| state.with_fixes(&whole, &new, true));
                    let why = complaints.into_iter().next().map_or_else(Refusal::not_there, |complaint| complaint.why);
                    whole = next.ok_or_else(|| first.clone().unwrap_or_else(|| why.clone()))?;
                    first.get_or_insert(why);
                }
            }
        }
    }

    fn shown(&self, candidate: &Candidate, before: &Texts, after: &Texts) -> Mended {
        let mut marks = Marks::default();
        marks.add(0, before, after);
        let file = |path: &PathBuf| {
            let (before, after) = (before.get(path).ok().flatten(), after.get(path).ok().flatten()?);
            Some(FixedFile { path: path.clone(), before, after, marks: marks.of(path) })
        };
        let files = after.differing(before).iter().filter_map(file).collect();
        Mended { fixed: self.state.fixed(candidate).into_iter().collect(), files, secrets: self.secrets.clone(), ..Mended::default() }
    }

    /// A proved fix with what a person chooses for its placeholders, proved again.
    fn filled(&mut self, candidate: Candidate, person: &mut dyn Person) -> Candidate {
        let placeholders = self.state.placeholders(&candidate);
        let mut refused: Option<Refusal> = None;
        while !placeholders.is_empty() {
            let mut values: Vec<(&String, String)> = Vec::new();
            for placeholder in &placeholders {
                // A reason is said once.
                values.extend(person.choose(placeholder, refused.take().as_ref()).map(|value| (placeholder, value)));
            }
            if values.is_empty() {
                break;
            }
            let with = |json: fn(&str) -> Json| values.iter().map(|(placeholder, value)| ((*placeholder).clone(), json(value))).collect();
            // Whether a number is meant, or a text that is written as one, is what the proof shows.
            let mut ways: Vec<Vec<(String, Json)>> = vec![with(number), with(|value| Json::from(value))];
            ways.dedup();
            for chosen in ways {
                match self.alone(&Candidate { chosen, ..candidate.clone() }) {
                    Ok((proved, _)) => return proved,
                    Err(why) => drop(refused.get_or_insert(why)),
                }
            }
        }
        candidate
    }

    /// Keeps a fix that was proved for the state as it is.
    fn take(&mut self, candidate: Candidate) {
        let mut texts = self.state.texts.clone();
        if candidate.apply(&mut texts).is_ok()
            && let Ok(state) = self.prove(texts, std::slice::from_ref(&candidate))
        {
            self.accept(*state, vec![candidate]);
        }
    }
}

/// A value as a number or a truth value, if it is one.
fn number(value: &str) -> Json {
    serde_json::from_str(value).ok().filter(|json: &Json| json.is_number() || json.is_boolean()).unwrap_or_else(|| Json::from(value))
}
