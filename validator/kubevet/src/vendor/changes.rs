//! What a change does to a lock: only the network knows whether it tells the truth, so a person should look.

use std::collections::BTreeSet;
use std::path::Path;

use super::lock::{ChartKey, Key, Lock, Repository};
use super::{LOCK, place, top};
use crate::files::{is_there, read_text};
use crate::git::Snapshot;
use crate::paths::shown;
use crate::problem::{Problem, invalid, whole};

/// The lock of the project that a path is in, beside the one that a revision has. What can't be read is said where it is used.
pub(crate) fn between(before: &Snapshot, start: &Path) -> Vec<Problem> {
    let path = top(start).join(LOCK);
    let Some(inside) = before.checkout.inside(&path) else { return Vec::new() };
    let was = before.read(&inside).ok().flatten();
    let is = Some(&path).filter(|path| is_there(path)).and_then(|path| read_text(path).ok());
    if was == is {
        return Vec::new();
    }
    let read = |text: Option<String>| text.and_then(|text| Lock::parse(&path, text).ok()).unwrap_or_default();
    let (was, is) = (read(was), read(is));
    let keys: BTreeSet<&Key> = was.repositories.keys().chain(is.repositories.keys()).collect();
    let repositories = keys.into_iter().filter_map(|key| repository(key, was.repositories.get(key), is.repositories.get(key)));
    let urls: BTreeSet<&String> = was.files.keys().chain(is.files.keys()).collect();
    let files = urls.into_iter().filter_map(|url| match (was.files.get(url), is.files.get(url)) {
        (Some(was), Some(is)) => (was != is).then(|| format!("{url} is another file")),
        (None, _) => Some(format!("{url} is new")),
        _ => Some(format!("{url} is gone")),
    });
    let charts: BTreeSet<&ChartKey> = was.charts.keys().chain(is.charts.keys()).collect();
    let charts = charts.into_iter().filter_map(|key| match (was.charts.get(key), is.charts.get(key)) {
        (Some(was), Some(is)) => (was != is).then(|| format!("the chart {} is another one", key.0)),
        (None, _) => Some(format!("the chart {} is new, or has new settings", key.0)),
        _ => Some(format!("the chart {} is gone, or had other settings", key.0)),
    });
    let problem = |what: String| Problem::warning("lock-changed", invalid(format!("{LOCK}: {what}")).at(whole(&shown(&path))));
    repositories.chain(files).chain(charts).map(problem).collect()
}

fn repository((url, reference): &Key, was: Option<&Repository>, is: Option<&Repository>) -> Option<String> {
    let name = reference.as_ref().map_or_else(|| url.clone(), |reference| format!("{url} at {reference}"));
    Some(match (was, is) {
        (Some(was), Some(is)) if was == is => return None,
        (Some(was), Some(is)) if was.revision == is.revision => format!("other files of {name}, {}", place::short(&is.revision)),
        (Some(was), Some(is)) => format!("{name} is now {} (was {})", place::short(&is.revision), place::short(&was.revision)),
        (None, Some(is)) => format!("{name} is new, {}", place::short(&is.revision)),
        (_, None) => format!("{name} is gone"),
    })
}
