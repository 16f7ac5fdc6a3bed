//! What a change does to what it is judged by: a report says so, whichever of the two it was judged by.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Error, Place, Source};

use super::{PRODUCTS, Project, SCHEMAS, TABLE, WAIVERS, WORKLOADS};
use crate::baseline::Baseline;
use crate::environments::{Environment, Exclude};
use crate::folder::Folder;
use crate::git::Snapshot;
use crate::policy::{PolicyFile, Rule};
use crate::problem::{Problem, invalid, whole};
use crate::waivers::{self, Allow, InPlace, ProblemWaiver, Reach, Waiver};

/// How many entries of a baseline a message lists.
const LISTED: usize = 10;

fn changed(message: String, place: Place) -> Problem {
    Problem::warning("policies-changed", invalid(message).at(place))
}

/// Policies, table, waivers, products, workloads and schemas, beside those that were there before.
pub fn between(before: &Project, now: &Project) -> Vec<Problem> {
    let compare = Comparison { before, now };
    let mut problems = compare.environments();
    problems.extend(compare.excludes());
    problems.extend(compare.levels());
    problems.extend(compare.waivers());
    problems.extend(compare.problem_waivers());
    problems.extend(compare.waivers_in_place());
    problems.extend(compare.policies());
    problems.extend(compare.files());
    problems.extend(compare.data());
    problems
}

/// The waivers in place that a revision has not. What they waive is judged by the revision's, where a person wants that.
pub(crate) fn in_place(before: &Snapshot, now: &[InPlace]) -> Vec<Problem> {
    let mut texts: HashMap<PathBuf, Option<Arc<Source>>> = HashMap::new();
    let mut is_known = |waiver: &InPlace| {
        let path = waiver.allow.place.source.path();
        let Some(inside) = before.checkout.inside(path) else { return true };
        let read = |inside: &PathBuf| Some(Arc::new(Source::new(path, before.read(inside).ok()??)));
        let Some(was) = texts.entry(inside).or_insert_with_key(read) else { return false };
        let same = |other: &InPlace| other.allow.says_the_same(&waiver.allow);
        match (&waiver.reach, waivers::of_comments(was)) {
            (Reach::Lines { what, .. }, was) => {
                was.waivers.iter().any(|other| same(other) && matches!(&other.reach, Reach::Lines { what: was, .. } if was == what))
            }
            (Reach::Object(_), _) => was.text().contains(&waiver.allow.reason),
        }
    };
    let new: Vec<&InPlace> = now.iter().filter(|waiver| !is_known(waiver)).collect();
    let described = |waiver: &InPlace| {
        let Allow { rule, until, reason, place } = &waiver.allow;
        let whom = match &waiver.reach {
            Reach::Lines { what, .. } => format!("of {what}"),
            Reach::Object(_) => "of the object with this annotation".to_owned(),
        };
        let end = until.map(|until| format!(" until {until}")).unwrap_or_default();
        changed(format!("new waiver in place: {rule} {whom}{end}: {reason}"), place.clone())
    };
    new.into_iter().map(described).collect()
}

/// A baseline beside the one that was there before.
pub(crate) fn between_baselines(before: Option<&Baseline>, now: Option<&Baseline>) -> Vec<Problem> {
    let gone = before.map(|before| before.beyond(now)).unwrap_or_default();
    let new = now.map(|now| now.beyond(before)).unwrap_or_default();
    let Some(path) = now.or(before).map(|baseline| whole(baseline.path())) else { return Vec::new() };
    let list = |what: &str, entries: Vec<String>| {
        let shown = entries.get(..LISTED.min(entries.len())).unwrap_or_default().join("; ");
        let more = entries.len().saturating_sub(LISTED);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        (!entries.is_empty()).then(|| changed(format!("the baseline {what}: {shown}{more}"), path.clone()))
    };
    [list("now accepts", new), list("no longer accepts", gone)].into_iter().flatten().collect()
}

struct Comparison<'a> {
    before: &'a Project,
    now: &'a Project,
}

impl<'a> Comparison<'a> {
    /// A file as it is now; where there is none any more, where it would be.
    fn place(&self, name: &str) -> Place {
        let folder = self.now.folders.iter().find(|folder| folder.has(name)).or(self.now.folders.first());
        match folder {
            Some(folder) => whole(&folder.shown(Path::new(name))),
            None => {
                let was = self.before.folders.iter().find(|folder| folder.has(name)).or(self.before.folders.first());
                whole(&was.map_or_else(|| PathBuf::from(name), |folder| crate::paths::shown(&folder.place().join(name))))
            }
        }
    }

    fn environments(&self) -> Vec<Problem> {
        let (before, now) = (&self.before.table, &self.now.table);
        let of =
            |list: &'a [Environment]| list.iter().map(|environment| (environment.name.as_str(), environment)).collect::<BTreeMap<_, _>>();
        let (was, is) = (of(&before.environments), of(&now.environments));
        let mut problems = Vec::new();
        if before.is_default != now.is_default {
            let message =
                if now.is_default { "there is no table any more: kubevet's own holds" } else { "there is a table now; kubevet's own held" };
            problems.push(changed(message.to_owned(), self.place(TABLE)));
        }
        for name in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
            problems.extend(match (was.get(name), is.get(name)) {
                (Some(was), Some(is)) => self.environment(was, is),
                (None, Some(is)) => vec![changed(format!("environment {name} is new: {}", is.overlays.join(", ")), is.place.clone())],
                _ => vec![changed(format!("environment {name} is gone"), self.place(TABLE))],
            });
        }
        problems
    }

    /// What the table leaves out that it did not leave out before, and the other way round.
    fn excludes(&self) -> Vec<Problem> {
        let (before, now) = (&self.before.table.excludes, &self.now.table.excludes);
        let is_in = |list: &[Exclude], one: &Exclude| list.iter().any(|other| (&other.path, &other.reason) == (&one.path, &one.reason));
        let new = now.iter().filter(|exclude| !is_in(before, exclude));
        let new =
            new.map(|exclude| changed(format!("overlays at {} are left out now: {}", exclude.path, exclude.reason), exclude.place.clone()));
        let gone = before.iter().filter(|exclude| !is_in(now, exclude));
        new.chain(gone.map(|exclude| changed(format!("overlays at {} are left out no longer", exclude.path), self.place(TABLE)))).collect()
    }

    fn environment(&self, was: &Environment, is: &Environment) -> Vec<Problem> {
        let name = &is.name;
        let mut problems = Vec::new();
        for (what, was, now) in [("overlays", &was.overlays, &is.overlays), ("additions", &was.additions, &is.additions)] {
            if was != now {
                let message = format!("{what} of {name} are now {} (were {})", listed(now), listed(was));
                problems.push(changed(message, is.place.clone()));
            }
        }
        if was.assumptions != is.assumptions {
            problems.push(changed(format!("what builds of {name} may leave out is something else (`assume`)"), is.place.clone()));
        }
        if was.parameters_text() != is.parameters_text() {
            problems.push(changed(format!("parameters of {name} are others"), is.place.clone()));
        }
        problems
    }

    /// Rules that are there before and now, but not with the same levels in environments that are.
    fn levels(&self) -> Vec<Problem> {
        let (before, now) = (&self.before.table, &self.now.table);
        let shared = |rule: &&Rule| self.before.catalog.rule(&rule.id).is_some();
        let change = |rule: &Rule| {
            let differences: Vec<String> = now
                .environments
                .iter()
                .enumerate()
                .filter_map(|(at, environment)| {
                    let (was_at, _) = before.named(&environment.name).ok()?;
                    let (was, is) = (before.level(&rule.id, was_at), now.level(&rule.id, at));
                    (was != is).then(|| format!("{is} in {} (was {was})", environment.name))
                })
                .collect();
            let place = || now.levels.row(&rule.id).map_or_else(|| self.place(TABLE), |row| row.place.clone());
            (!differences.is_empty()).then(|| changed(format!("{} is now {}", rule.id, differences.join(", ")), place()))
        };
        self.now.catalog.rules.iter().filter(shared).filter_map(change).collect()
    }

    fn data(&self) -> Option<Problem> {
        let place = self.now.data_places.first().map(|path| whole(path))?;
        (!self.before.data.says_the_same(&self.now.data)).then(|| changed("the data of --data is other data".to_owned(), place))
    }

    fn waivers(&self) -> Vec<Problem> {
        let (before, now) = (&self.before.waivers, &self.now.waivers);
        let new = now.iter().filter(|waiver| !before.iter().any(|known| known.says_the_same(waiver)));
        let gone = before.iter().filter(|waiver| !now.iter().any(|known| known.says_the_same(waiver)));
        let new = new.map(|waiver| changed(format!("new waiver: {}", described(waiver)), waiver.place.clone()));
        new.chain(gone.map(|waiver| changed(format!("waiver gone: {}", described(waiver)), self.place(WAIVERS)))).collect()
    }

    fn problem_waivers(&self) -> Vec<Problem> {
        let (before, now) = (&self.before.problem_waivers, &self.now.problem_waivers);
        let described =
            |waiver: &ProblemWaiver| format!("{} of {} until {}: {}", waiver.problem, waiver.file, waiver.expiry, waiver.reason);
        let new = now.iter().filter(|waiver| !before.iter().any(|known| known.says_the_same(waiver)));
        let gone = before.iter().filter(|waiver| !now.iter().any(|known| known.says_the_same(waiver)));
        let new = new.map(|waiver| changed(format!("new waiver: {}", described(waiver)), waiver.place.clone()));
        new.chain(gone.map(|waiver| changed(format!("waiver gone: {}", described(waiver)), self.place(WAIVERS)))).collect()
    }

    fn waivers_in_place(&self) -> Option<Problem> {
        let (was, is) = (self.before.table.waivers_in_place, self.now.table.waivers_in_place);
        let message = if is { "waivers in place hold now" } else { "waivers in place hold no longer" };
        (was != is).then(|| changed(message.to_owned(), self.place(TABLE)))
    }

    fn policies(&self) -> Vec<Problem> {
        let of = |project: &'a Project| project.catalog.files().map(|file| (file.name.as_path(), file)).collect::<BTreeMap<_, _>>();
        let (was, is) = (of(self.before), of(self.now));
        let names: BTreeSet<_> = was.keys().chain(is.keys()).collect();
        names.into_iter().filter_map(|name| self.policy(was.get(name).copied(), is.get(name).copied())).collect()
    }

    fn policy(&self, was: Option<&PolicyFile>, is: Option<&PolicyFile>) -> Option<Problem> {
        let file = is.or(was)?;
        if was.zip(is).is_some_and(|(was, is)| was.source.text() == is.source.text()) {
            return None;
        }
        let own = |file: &PolicyFile| file.embedded;
        let what = match (was, is) {
            (Some(was), Some(_)) if own(was) => "takes the place of kubevet's own",
            (Some(_), Some(is)) if own(is) => "is gone, so that kubevet's own holds",
            (Some(_), Some(_)) => "is another one",
            (None, _) => "is new",
            (_, None) => "is gone",
        };
        let of = |project: &Project, file: &PolicyFile| {
            let rules = project.catalog.rules.iter().filter(|rule| Arc::ptr_eq(&rule.file.source, &file.source));
            rules.map(|rule| rule.id.clone()).collect::<Vec<_>>().join(", ")
        };
        let rules = is.map_or_else(|| of(self.before, file), |is| of(self.now, is));
        let subject = if rules.is_empty() { format!("policy {}", file.name.display()) } else { format!("rule {rules}") };
        let place = match is {
            Some(is) if !own(is) => whole(is.source.path()),
            _ => self.place(&file.name.to_string_lossy()),
        };
        Some(changed(format!("{subject} {what}"), place))
    }

    /// Files that are compared as wholes.
    fn files(&self) -> Vec<Problem> {
        let texts = |folders: &[Folder]| {
            let mut texts = BTreeMap::new();
            for folder in folders {
                let schemas = folder.files(SCHEMAS).unwrap_or_default();
                let tables = [PRODUCTS, WORKLOADS].into_iter().filter(|name| folder.has(name)).map(PathBuf::from);
                for name in schemas.into_iter().chain(tables) {
                    texts.insert(name.clone(), folder.read(&name).map_err(|error: Error| error.message));
                }
            }
            texts
        };
        let (was, is) = (texts(&self.before.folders), texts(&self.now.folders));
        let names: BTreeSet<&PathBuf> = was.keys().chain(is.keys()).collect();
        let change = |name: &&PathBuf| {
            let what = match (was.get(*name), is.get(*name)) {
                (Some(was), Some(is)) if was == is => return None,
                (Some(_), Some(_)) => "is another one",
                (None, _) => "is new",
                (_, None) => "is gone",
            };
            Some(changed(format!("{} {what}", name.display()), self.place(&name.to_string_lossy())))
        };
        names.iter().filter_map(change).collect()
    }
}

fn listed(globs: &[String]) -> String {
    if globs.is_empty() { "none".to_owned() } else { globs.join(", ") }
}

fn described(waiver: &Waiver) -> String {
    let place = if waiver.environments.is_empty() { "every environment".to_owned() } else { waiver.environments.join(", ") };
    format!("{} of {} {} in {place} until {}: {}", waiver.rule, waiver.kind, waiver.name, waiver.expiry, waiver.reason)
}
