//! Fetches what builds ask for, and remembers it.

mod git;
pub(super) mod helm;
mod http;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kustomize::{Chart, Error, ErrorKind, Supplied, Supplier, Version};
use tempfile::TempDir;

use self::helm::Inflated;
use self::http::{Answer, Client};
use super::lock::{Key, Kind};
use super::locked::address_of_chart;
use crate::problem::invalid;

/// A repository that was fetched.
#[derive(Clone, Debug)]
pub(super) struct Clone {
    /// What its `ref` is.
    pub(super) kind: Kind,
    /// The commit.
    pub(super) revision: String,
    /// Its files.
    pub(super) dir: PathBuf,
}

/// Goes to the network for what builds ask for, once for each thing.
#[derive(Debug)]
pub(super) struct Fetcher {
    work: TempDir,
    client: Client,
    version: Version,
    /// The project, whose charts helm may read.
    top: PathBuf,
    /// Told what is fetched, before it is.
    say: fn(&str),
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    repositories: BTreeMap<Key, Result<Clone, Error>>,
    files: BTreeMap<String, Result<PathBuf, Error>>,
    /// Those that a build has read.
    read: BTreeSet<String>,
    /// Charts by their settings and the directory that asks.
    charts: Vec<(Chart, Result<Inflated, Error>)>,
}

impl Fetcher {
    pub(super) fn new(version: Version, top: PathBuf, say: fn(&str)) -> Result<Self, Error> {
        let work = TempDir::with_prefix("kubevet-").map_err(|error| invalid(format!("cannot make a temporary directory: {error}")))?;
        Ok(Self { work, client: Client::new(), version, top, say, state: Mutex::default() })
    }

    /// What was fetched: repositories, and the files that builds have read.
    pub(super) fn fetched(&self) -> (BTreeMap<Key, Clone>, BTreeMap<String, PathBuf>) {
        let state = self.state();
        let clones = state.repositories.iter().filter_map(|(key, clone)| Some((key.clone(), clone.as_ref().ok()?.clone())));
        let files = state.read.iter().filter_map(|url| Some((url.clone(), state.files.get(url)?.as_ref().ok()?.clone())));
        (clones.collect(), files.collect())
    }

    /// What helm made of charts.
    pub(super) fn inflated(&self) -> Vec<(Chart, Inflated)> {
        let state = self.state();
        state.charts.iter().filter_map(|(chart, inflated)| Some((chart.clone(), inflated.as_ref().ok()?.clone()))).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A path that nothing has yet.
    fn fresh(&self, state: &State) -> PathBuf {
        self.work.path().join((state.repositories.len() + state.files.len() + state.charts.len()).to_string())
    }

    /// The file at an address, whatever it is.
    fn get(&self, state: &mut State, url: &str) -> Result<PathBuf, Error> {
        if let Some(known) = state.files.get(url) {
            return known.clone();
        }
        (self.say)(url);
        let path = self.fresh(state);
        let file = self.client.get(url).and_then(|answer| match answer {
            Answer::File(bytes) => fs::write(&path, bytes).map(|()| path).map_err(|error| invalid(format!("cannot keep {url}: {error}"))),
            Answer::Status(status) => Err(Error::new(ErrorKind::Io, format!("{url} gives no file: the server answers {status}"))),
        });
        state.files.insert(url.to_owned(), file.clone());
        file
    }
}

impl Supplier for Fetcher {
    fn repository(&self, repository: &kustomize::Repository) -> Result<Supplied, Error> {
        let mut state = self.state();
        let key = (repository.url.clone(), repository.reference.clone());
        if !state.repositories.contains_key(&key) {
            let named = repository.reference.as_ref().map(|reference| format!(" at {reference}")).unwrap_or_default();
            (self.say)(&format!("{}{named}", repository.url));
            let dir = self.fresh(&state);
            let made = fs::create_dir(&dir).map_err(|error| invalid(format!("cannot make {}: {error}", dir.display())));
            let fetched = made.and_then(|()| git::fetch(&repository.url, repository.reference.as_deref(), &dir));
            let clone = fetched.map(|git::Fetched { kind, revision }| Clone { kind, revision, dir });
            state.repositories.insert(key.clone(), clone);
        }
        let clone = state.repositories.get(&key).cloned().unwrap_or_else(|| Err(invalid("it was not fetched")))?;
        Ok(Supplied { path: clone.dir, ..Supplied::default() })
    }

    fn is_file(&self, url: &str) -> Result<bool, Error> {
        let is_repository = kustomize::Repository::parse(url).is_some();
        match self.get(&mut self.state(), url) {
            // What is no file of objects may be the page of a repository.
            Ok(path) => Ok(!is_repository || holds_objects(&path)),
            Err(_) if is_repository => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn file(&self, url: &str) -> Result<Supplied, Error> {
        let mut state = self.state();
        let path = self.get(&mut state, url)?;
        state.read.insert(url.to_owned());
        Ok(Supplied { path, ..Supplied::default() })
    }

    fn chart(&self, chart: &Chart) -> Result<Supplied, Error> {
        let mut state = self.state();
        let known = state.charts.iter().find(|(known, _)| known == chart).map(|(_, inflated)| inflated.clone());
        let inflated = known.unwrap_or_else(|| {
            (self.say)(&format!("chart {}", address_of_chart(chart).unwrap_or_else(|| chart.name.clone())));
            let dir = self.fresh(&state);
            let made = fs::create_dir(&dir).map_err(|error| invalid(format!("cannot make {}: {error}", dir.display())));
            let inflated = made.and_then(|()| helm::inflate(chart, self.version, &dir, &[&self.top, self.work.path()]));
            state.charts.push((chart.clone(), inflated.clone()));
            inflated
        })?;
        Ok(Supplied { path: inflated.path, records: inflated.own, address: address_of_chart(chart), moves: None })
    }
}

fn holds_objects(path: &Path) -> bool {
    let text = crate::files::read_text(path);
    text.and_then(|text| kustomize::read_manifests(path, text)).is_ok()
}
