//! What builds get from elsewhere without going there: what `kubevet vendor` kept, if it still is what the lock says.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use kustomize::{Chart, Error, ErrorKind, Supplied, Supplier};

use super::lock::{Kind, Lock, Repository};
use super::shelf::{Shelf, WorkingTree};
use super::{DIRECTORY, LOCK, place, tree};
use crate::paths::shown;
use crate::problem::{invalid, whole};

/// The lock of a project, which is read once something is asked for, and what it speaks of.
#[derive(Debug)]
pub(crate) struct Locked {
    /// Without links.
    top: PathBuf,
    shelf: Arc<dyn Shelf>,
    lock: OnceLock<Result<Lock, Error>>,
    /// What was looked at already.
    verified: Mutex<HashMap<PathBuf, Result<(), Error>>>,
}

impl Locked {
    /// What was kept in the project that a path is in.
    pub(crate) fn of(start: &Path) -> Self {
        Self::at(super::top(start))
    }

    /// What was kept in a project.
    pub(super) fn at(top: PathBuf) -> Self {
        Self::on(Arc::new(WorkingTree), top)
    }

    /// What a state of a project had kept.
    pub(crate) fn on(shelf: Arc<dyn Shelf>, top: PathBuf) -> Self {
        Self { top, shelf, lock: OnceLock::new(), verified: Mutex::default() }
    }

    fn lock(&self) -> Result<&Lock, Error> {
        let path = self.top.join(LOCK);
        let read = || self.shelf.text(&path)?.map_or_else(|| Ok(Lock::default()), |text| Lock::parse(&shown(&path), text));
        self.lock.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// What lies at a place, if it has that hash.
    fn kept(&self, place: &Path, hash: &str, of: impl FnOnce(&Path) -> Result<String, Error>) -> Result<Supplied, Error> {
        let path = self.top.join(DIRECTORY).join(place);
        let verify = || {
            // Nothing on the way may be a link: what lies behind it is in no review.
            let real = self.shelf.real(&path).ok_or_else(|| self.missing(&path))?;
            if real != path {
                return Err(invalid(format!("{} is behind a symbolic link", shown(&path).display())).help(AGAIN));
            }
            match of(&path)? {
                found if found == hash => Ok(()),
                found => {
                    let message = format!("{} is not what {LOCK} says: its hash is {found}, not {hash}", shown(&path).display());
                    Err(invalid(message).help(AGAIN))
                }
            }
        };
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        verified.entry(place.to_owned()).or_insert_with(verify).clone()?;
        Ok(Supplied { path: shown(&path), records: vec![shown(&self.top.join(LOCK))], ..Supplied::default() })
    }

    fn missing(&self, path: &Path) -> Error {
        let error = invalid(format!("{} is not there, and {LOCK} names it", shown(path).display()));
        error.help("commit what `kubevet vendor` wrote, or run it: a .gitignore with `vendor` may have kept it out")
    }

    fn unknown(&self, address: &str) -> Error {
        let lock = shown(&self.top.join(LOCK));
        let why = if self.shelf.real(&self.top.join(LOCK)).is_some() {
            format!("{} has no such entry", lock.display())
        } else {
            format!("there is no {}", lock.display())
        };
        Error::new(ErrorKind::Unsupported, format!("`{address}` is remote, and {why}"))
            .help("run `kubevet vendor`, which fetches it and writes it down: nothing else goes to the network")
    }
}

/// What to do where something is not as it should be.
const AGAIN: &str = "take back what changed it, or run `kubevet vendor` and look at what that changes";

impl Supplier for Locked {
    fn repository(&self, repository: &kustomize::Repository) -> Result<Supplied, Error> {
        let key = (repository.url.clone(), repository.reference.clone());
        let Some(Repository { kind, revision, hash }) = self.lock()?.repositories.get(&key) else {
            return Err(self.unknown(&repository.address));
        };
        let reference = repository.reference.as_deref();
        let is_commit = reference.is_some_and(|reference| reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if is_commit && !reference.is_some_and(|reference| reference.eq_ignore_ascii_case(revision)) {
            let message = format!("`{}` names a commit, and {LOCK} has another one for it, {revision}", repository.address);
            return Err(invalid(message).at(whole(&shown(&self.top.join(LOCK)))).help(AGAIN));
        }
        let supplied = self.kept(&place::of_repository(&repository.url, revision), hash, |dir| self.shelf.hash(dir))?;
        Ok(Supplied { moves: moves(*kind, reference.filter(|_| !is_commit), is_commit), ..supplied })
    }

    fn is_file(&self, url: &str) -> Result<bool, Error> {
        let lock = self.lock()?;
        if lock.files.contains_key(url) {
            return Ok(true);
        }
        let repository = kustomize::Repository::parse(url);
        let is_known = repository.is_some_and(|repository| lock.repositories.contains_key(&(repository.url, repository.reference)));
        if is_known { Ok(false) } else { Err(self.unknown(url)) }
    }

    fn file(&self, url: &str) -> Result<Supplied, Error> {
        let Some(hash) = self.lock()?.files.get(url) else { return Err(self.unknown(url)) };
        self.kept(&place::of_file(url, tree::digits(hash).unwrap_or_default()), hash, |file| self.shelf.hash_of_file(file))
    }

    fn chart(&self, chart: &Chart) -> Result<Supplied, Error> {
        let settings = tree::hash_of(&chart.settings());
        let Some(entry) = self.lock()?.charts.get(&(chart.name.clone(), settings)) else {
            let lock = shown(&self.top.join(LOCK));
            let message =
                format!("`{}` is a chart of Helm's, and {} has nothing of it with these settings and values", chart.name, lock.display());
            let help = "run `kubevet vendor`, which asks your helm and writes down what it says, or judge what helm prints: `helm template … | kubevet check - --environment NAME`";
            return Err(Error::new(ErrorKind::Unsupported, message).help(help));
        };
        let supplied = self.kept(&place::of_chart(&chart.name, tree::digits(&entry.hash).unwrap_or_default()), &entry.hash, |file| {
            self.shelf.hash_of_file(file)
        })?;
        let (own, mut records) = (chart.home().join(&chart.name), supplied.records);
        let is_there = self.shelf.is_directory(&own);
        if is_there {
            // Kustomize takes what is there.
            let found = self.shelf.hash(&own)?;
            if found != entry.chart {
                let message =
                    format!("{} is another chart than {LOCK} says: its hash is {found}, not {}", shown(&own).display(), entry.chart);
                return Err(invalid(message).help(AGAIN));
            }
            records.extend(self.shelf.files(&own)?.into_iter().map(|name| own.join(name)));
        } else if chart.repo.is_empty() {
            return Err(invalid(format!("there is no chart in {}, and no `repo` to pull it from", shown(&own).display())));
        }
        Ok(Supplied { records, moves: moves_of_chart(chart, is_there), address: address_of_chart(chart), ..supplied })
    }
}

/// Where a chart that was pulled is from.
pub(super) fn address_of_chart(chart: &Chart) -> Option<String> {
    let version = if chart.version.is_empty() { String::new() } else { format!("-{}", chart.version) };
    (!chart.repo.is_empty()).then(|| format!("{}#{}{version}", chart.repo, chart.name))
}

/// What to say of a chart that is pulled, and another one from day to day.
fn moves_of_chart(chart: &Chart, is_there: bool) -> Option<String> {
    let is_one = chart.version.starts_with(|char: char| char.is_ascii_digit() || char == 'v')
        && !chart.version.contains(['x', 'X', '*', ' ', ',', '|', '<', '>', '~', '^']);
    match chart.version.as_str() {
        _ if is_there || chart.repo.is_empty() || is_one => None,
        "" => Some("names no `version`".to_owned()),
        version => Some(format!("takes any version that fits `{version}`")),
    }
}

/// What to say of a `ref` that is another commit from day to day.
fn moves(kind: Kind, reference: Option<&str>, is_commit: bool) -> Option<String> {
    match (kind, reference) {
        _ if is_commit => None,
        (_, None) => Some("names no `ref`".to_owned()),
        (Kind::Branch, Some(reference)) => Some(format!("follows the branch `{reference}`")),
        (Kind::None, Some(reference)) => Some(format!("follows `{reference}`")),
        _ => None,
    }
}
