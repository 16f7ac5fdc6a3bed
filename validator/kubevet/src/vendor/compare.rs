//! What `kubevet vendor --check` says: the lock beside what it would be now.

use std::collections::BTreeSet;
use std::path::Path;

use super::lock::{ChartKey, Key, Lock};
use super::{LOCK, place};
use crate::paths::shown;
use crate::problem::{Problem, invalid, whole};

/// What is not as the lock says, of what was fetched again.
pub(super) fn differences(top: &Path, before: &Lock, now: &Lock) -> Vec<Problem> {
    let place = || whole(&shown(&top.join(LOCK)));
    let name = |(url, reference): &Key| reference.as_ref().map_or_else(|| url.clone(), |reference| format!("{url} at {reference}"));
    let repository = |key: &Key| match (before.repositories.get(key), now.repositories.get(key)) {
        (Some(was), Some(is)) if was == is => None,
        (Some(was), Some(is)) if was.revision != is.revision => {
            let (was, is) = (place::short(&was.revision), place::short(&is.revision));
            Some(format!("{} is {is}, and {LOCK} says {was}", name(key)))
        }
        (Some(_), Some(_)) => Some(format!("{} has other files than {LOCK} says, or others are needed", name(key))),
        (None, _) => Some(format!("{} is not in {LOCK}", name(key))),
        (_, None) => Some(format!("{} is in {LOCK}, and nothing needs it", name(key))),
    };
    let file = |url: &&String| match (before.files.get(*url), now.files.get(*url)) {
        (Some(was), Some(is)) if was == is => None,
        (Some(_), Some(_)) => Some(format!("{url} is another file than {LOCK} says")),
        (None, _) => Some(format!("{url} is not in {LOCK}")),
        (_, None) => Some(format!("{url} is in {LOCK}, and nothing needs it")),
    };
    let chart = |key: &&ChartKey| match (before.charts.get(*key), now.charts.get(*key)) {
        (Some(was), Some(is)) if was == is => None,
        (Some(_), Some(_)) => Some(format!("the chart {} comes out as something else than {LOCK} says", key.0)),
        (None, _) => Some(format!("the chart {} is not in {LOCK} with these settings", key.0)),
        (_, None) => Some(format!("the chart {} is in {LOCK} with settings that nothing needs", key.0)),
    };
    let charts: BTreeSet<&ChartKey> = before.charts.keys().chain(now.charts.keys()).collect();
    let keys: BTreeSet<&Key> = before.repositories.keys().chain(now.repositories.keys()).collect();
    let urls: BTreeSet<&String> = before.files.keys().chain(now.files.keys()).collect();
    let problem = |what: String| {
        Problem::denied("lock-differs", invalid(what).at(place()).help("`kubevet vendor` writes it again; look at what that changes"))
    };
    keys.into_iter()
        .filter_map(repository)
        .chain(urls.iter().filter_map(file))
        .chain(charts.iter().filter_map(chart))
        .map(problem)
        .collect()
}
