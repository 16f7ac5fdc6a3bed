//! What became of the waivers of a run: those that are wrong, old or of no use.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kustomize::Error;

use super::in_place::{Key, key};
use super::judgement::{Judgement, Used};
use super::{Judged, Settings, unjudged_environments};
use crate::paths::shown;
use crate::problem::{Acceptance, Problem, invalid};
use crate::project::Project;
use crate::waivers::InPlace;

/// The waivers of a run.
pub(super) struct Waived {
    /// Whether each of `waivers.yaml` covered something.
    listed: Vec<bool>,
    /// The same of those of problems.
    of_problems: Vec<bool>,
    /// Those in place, each with whether it covered something.
    in_place: BTreeMap<Key, (InPlace, bool)>,
    wrong: BTreeMap<Key, Error>,
}

impl Waived {
    pub(super) fn of(project: &Project) -> Self {
        let (listed, of_problems) = (vec![false; project.waivers.len()], vec![false; project.problem_waivers.len()]);
        Self { listed, of_problems, in_place: BTreeMap::new(), wrong: BTreeMap::new() }
    }

    /// Marks the problems that are waived.
    pub(super) fn accept(&mut self, project: &Project, today: Date, problems: &mut [Problem]) {
        for problem in problems {
            let mut waivers = project.problem_waivers.iter().enumerate();
            if let Some((at, waiver)) = waivers.find(|(_, waiver)| !waiver.expired(today) && waiver.covers(problem)) {
                self.of_problems[at] = true;
                problem.accepted = Some(Acceptance::Waived(waiver.waived()));
            }
        }
    }

    /// Takes note of those of an input. What several inputs are built on is one.
    pub(super) fn add(&mut self, judgement: &mut Judgement) {
        for waiver in std::mem::take(&mut judgement.in_place) {
            self.in_place.entry(key(&waiver)).or_insert((waiver, false));
        }
        for error in std::mem::take(&mut judgement.wrong) {
            let place = error.place.as_ref().map(|place| (shown(place.source.path()), place.start)).unwrap_or_default();
            self.wrong.insert((place.0, place.1, String::new()), error);
        }
        for used in std::mem::take(&mut judgement.used) {
            match used {
                Used::Listed(at) => self.listed[at] = true,
                // One of a revision may not be here any more.
                Used::InPlace(key) => self.in_place.get_mut(&key).into_iter().for_each(|(_, used)| *used = true),
            }
        }
    }

    /// Those in place.
    pub(super) fn in_place(&self) -> Vec<InPlace> {
        self.in_place.values().map(|(waiver, _)| waiver.clone()).collect()
    }

    /// Expired waivers fail the run; a waiver that covers nothing is worth knowing, if all that it could cover was judged.
    pub(super) fn problems(&self, project: &Project, judged: &[Judged], settings: &Settings, everything: bool) -> Vec<Problem> {
        let mut unjudged: Option<Vec<usize>> = None;
        let mut unjudged = || unjudged.get_or_insert_with(|| unjudged_environments(project, judged)).clone();
        // Where only changes are judged, nobody knows.
        let is_whole = settings.rules.is_empty() && settings.against.is_none();
        let mut problems = Vec::new();
        for (waiver, used) in std::iter::zip(&project.waivers, &self.listed) {
            let whom = format!("{} of {} {}", waiver.rule, waiver.kind, waiver.name);
            if waiver.expired(settings.today) {
                let error = invalid(format!("the waiver for {whom} expired on {}", waiver.expiry)).at(waiver.place.clone());
                problems.push(Problem::denied("waiver-expired", error.help(format!("fix the finding, or renew it: {}", waiver.reason))));
            } else if !used && is_whole {
                let covers = |name: &str| waiver.is_in(name);
                if !unjudged().iter().any(|at| project.table.environments.get(*at).is_some_and(|environment| covers(&environment.name))) {
                    let error = invalid(format!("the waiver for {whom} covers nothing")).at(waiver.place.clone());
                    problems.push(Problem::warning("waiver-unused", error.help("remove it, or correct its object, path or environment")));
                }
            }
        }
        for (waiver, used) in std::iter::zip(&project.problem_waivers, &self.of_problems) {
            let whom = format!("{} of {}", waiver.problem, waiver.file);
            if waiver.expired(settings.today) {
                let error = invalid(format!("the waiver for {whom} expired on {}", waiver.expiry)).at(waiver.place.clone());
                problems.push(Problem::denied("waiver-expired", error.help(format!("correct it, or renew the waiver: {}", waiver.reason))));
            } else if !used && is_whole && everything {
                let error = invalid(format!("the waiver for {whom} covers nothing")).at(waiver.place.clone());
                problems.push(Problem::warning("waiver-unused", error.help("remove it, or correct its file")));
            }
        }
        if !project.table.waivers_in_place {
            problems.extend(self.ignored(project));
            return problems;
        }
        problems.extend(self.wrong.values().cloned().map(|error| Problem::configuration("waivers", error)));
        let ids = project.catalog.ids();
        for (waiver, used) in self.in_place.values() {
            let allow = &waiver.allow;
            if let Some(error) = allow.dangling(&ids) {
                problems.push(Problem::configuration("waivers", error));
            } else if let Some(until) = allow.until.filter(|_| allow.expired(settings.today)) {
                let error = invalid(format!("the waiver for {} here expired on {until}", allow.rule)).at(allow.place.clone());
                problems.push(Problem::denied("waiver-expired", error.help(format!("fix the finding, or renew it: {}", allow.reason))));
            } else if !used && is_whole && settings.trusted.is_none() && unjudged().is_empty() {
                let error = invalid(format!("the waiver for {} here covers nothing", allow.rule)).at(allow.place.clone());
                problems.push(Problem::warning("waiver-unused", error.help("remove it, or put it at the line that the finding points at")));
            }
        }
        problems
    }

    /// What to say of waivers in place where the table wants none.
    fn ignored(&self, project: &Project) -> Vec<Problem> {
        let waivers = self.in_place.values().map(|(waiver, _)| waiver.allow.place.clone());
        let wrong = self.wrong.values().filter_map(|error| error.place.clone());
        let problem = |place| {
            let error = invalid(format!("this waives nothing: {} has waiversInPlace: off", shown(&project.table.path).display())).at(place);
            Problem::warning("waiver-ignored", error.help("remove it, or write it to waivers.yaml"))
        };
        waivers.chain(wrong).map(problem).collect()
    }
}
