//! Builds with what is fetched, keeps what the builds read, and proves that they come out the same with that alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use kustomize::{Assumptions, Builder, Error, ErrorKind};
use tempfile::TempDir;

use super::compare::differences;
use super::fetch::{Clone, Fetcher};
use super::lock::{self, Key, Lock, Repository};
use super::locked::Locked;
use super::{DIRECTORY, LOCK, place, tree};
use crate::files::{is_there, read_text};
use crate::git::Checkout;
use crate::paths::shown;
use crate::problem::{Problem, invalid, unreadable};
use crate::write;

/// Beside what is kept: its bytes must stay what they are, on systems with other ends of lines too.
const ATTRIBUTES: (&str, &str) = (".gitattributes", "* -text linguist-vendored\n");

/// What plugins make or change is not fetched, so none of them is in the way.
const ANY: Assumptions = Assumptions { skip_generators: true, skip_transformers: true, skip_validators: true };

/// What to fetch for, and what to do with it.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The project's directory; see [`super::top`].
    pub(crate) top: PathBuf,
    /// The kustomizations to build.
    pub(crate) roots: Vec<PathBuf>,
    /// Whether those are all of the project, so that what they do not need is needed by nobody.
    pub(crate) are_all: bool,
    /// How they are built.
    pub(crate) building: kustomize::Settings,
    /// Only say whether something is not as it was.
    pub(crate) check: bool,
    /// Told what is fetched.
    pub(crate) say: fn(&str),
}

/// What came out.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// How many repositories and files at addresses the lock names now.
    pub(crate) repositories: usize,
    pub(crate) files: usize,
    /// How many charts.
    pub(crate) charts: usize,
    /// How many files are kept for them.
    pub(crate) kept: usize,
    /// Whether anything was, or with `check` would have been, written.
    pub(crate) changed: bool,
    pub(crate) problems: Vec<Problem>,
}

/// Fetches what the roots need.
///
/// # Errors
/// Where nothing could be kept. What keeps one of the roots from being built is among the [problems](Summary::problems).
pub(crate) fn vendor(settings: &Settings) -> Result<Summary, Error> {
    let fetcher = Arc::new(Fetcher::new(settings.building.version, settings.top.clone(), settings.say)?);
    let building = kustomize::Settings { assumptions: ANY, ..settings.building.clone() };
    let builder = Builder::default().with_settings(building.clone()).with_supplier(fetcher.clone());
    let mut summary = Summary::default();
    let (mut read, mut texts) = (BTreeSet::new(), Vec::new());
    for root in &settings.roots {
        match builder.build(root) {
            Ok(render) => {
                texts.push((root, render.to_yaml()));
                read.extend(render.inputs);
            }
            Err(error) => summary.problems.push(Problem::unjudged("render-failed", error)),
        }
    }
    let before = read_lock(&settings.top)?;
    let keeps_all = settings.are_all && summary.problems.is_empty();
    let stage = Stage::new(settings)?;
    let lock = stage.fill(&fetcher, &read, if keeps_all { None } else { before.as_ref() })?;
    summary.repositories = lock.repositories.len();
    summary.files = lock.files.len();
    summary.charts = lock.charts.len();
    summary.kept = if stage.kept.exists() { tree::files(&stage.kept)?.len().saturating_sub(1) } else { 0 };
    if settings.check {
        let before = before.unwrap_or_default();
        summary.problems.extend(differences(&settings.top, &before, &lock));
        summary.changed = before != lock;
    } else {
        summary.changed = stage.install(&lock, before.as_ref())?;
        summary.problems.extend(ignored(&settings.top).filter(|_| !lock.is_empty()));
    }
    let kept = Builder::default().with_settings(building).with_supplier(Arc::new(Locked::at(settings.top.clone())));
    if !summary.changed || !settings.check {
        summary.problems.extend(texts.iter().filter_map(|(root, text)| proof(&kept, root, text)));
    }
    Ok(summary)
}

/// Builds a root with what is kept, and says where that is not what it was with what was fetched.
fn proof(builder: &Builder, root: &Path, fetched: &str) -> Option<Problem> {
    let error = match builder.build(root) {
        Ok(render) if render.to_yaml() == fetched => return None,
        Ok(_) => invalid(format!("{} is another build with what is kept in {DIRECTORY} than with what was fetched", shown(root).display())),
        Err(error) => error,
    };
    Some(Problem::unjudged("vendor-proof", error))
}

fn read_lock(top: &Path) -> Result<Option<Lock>, Error> {
    let path = top.join(LOCK);
    if !is_there(&path) {
        return Ok(None);
    }
    // What can't be read is about to be written again.
    Ok(Some(Lock::parse(&shown(&path), read_text(&path)?).unwrap_or_default()))
}

/// What to say where git would leave out what is kept.
fn ignored(top: &Path) -> Option<Problem> {
    let is_ignored = Checkout::of(top).is_some_and(|checkout| checkout.ignores(Path::new(DIRECTORY)) || checkout.ignores(Path::new(LOCK)));
    let error = || invalid(format!("git ignores {DIRECTORY} or {LOCK}, and both must be committed"));
    is_ignored
        .then(|| Problem::warning("vendor-ignored", error().help(format!("add `!/{DIRECTORY}/` to .gitignore, behind what ignores it"))))
}

/// Where all that is to be kept is put together.
struct Stage<'a> {
    settings: &'a Settings,
    /// Goes away, with what is still in it.
    _around: TempDir,
    kept: PathBuf,
}

impl<'a> Stage<'a> {
    fn new(settings: &'a Settings) -> Result<Self, Error> {
        let around = if settings.check {
            TempDir::new()
        } else {
            // Beside its place, so that it can take it at once.
            let beside = beside(&settings.top)?;
            fs::create_dir_all(&beside).and_then(|()| TempDir::with_prefix_in(".kubevet-", beside))
        };
        let around = around.map_err(|error| Error::new(ErrorKind::Io, format!("cannot write {DIRECTORY}: {error}")))?;
        Ok(Self { settings, kept: around.path().join("kubevet"), _around: around })
    }

    /// Copies what builds have read of what was fetched, and all that an older lock has beside it.
    fn fill(&self, fetcher: &Fetcher, read: &BTreeSet<PathBuf>, older: Option<&Lock>) -> Result<Lock, Error> {
        let (mut clones, files) = fetcher.fetched();
        let mut lock = Lock::default();
        for (url, file) in files {
            let hash = tree::hash_of_file(&file)?;
            self.copy(&file, &place::of_file(&url, tree::digits(&hash).unwrap_or_default()))?;
            lock.files.insert(url, hash);
        }
        for (chart, inflated) in fetcher.inflated().into_iter().filter(|(_, inflated)| read.contains(&inflated.path)) {
            let hash = tree::hash_of_file(&inflated.path)?;
            self.copy(&inflated.path, &place::of_chart(&chart.name, tree::digits(&hash).unwrap_or_default()))?;
            let key = (chart.name.clone(), tree::hash_of(&chart.settings()));
            lock.charts.insert(key, lock::Chart { repo: chart.repo, version: chart.version, chart: inflated.chart, hash });
        }
        // One that no build came to read is of no use.
        clones.retain(|_, clone| read.iter().any(|path| path.starts_with(&clone.dir)));
        for ((url, _), clone) in &clones {
            let place = place::of_repository(url, &clone.revision);
            for path in read.iter().filter(|path| path.is_file()) {
                let Ok(name) = path.strip_prefix(&clone.dir) else { continue };
                check_name(url, name)?;
                self.copy(path, &place.join(name))?;
            }
        }
        if let Some(older) = older {
            self.fill_from(older, &clones, &mut lock)?;
        }
        for (key, Clone { kind, revision, .. }) in clones {
            let hash = tree::hash(&self.kept.join(place::of_repository(&key.0, &revision)))?;
            lock.repositories.insert(key, Repository { kind, revision, hash });
        }
        Ok(lock)
    }

    /// Takes over what builds that were not made now may need.
    fn fill_from(&self, older: &Lock, clones: &BTreeMap<Key, Clone>, lock: &mut Lock) -> Result<(), Error> {
        let kept = self.settings.top.join(DIRECTORY);
        for (url, hash) in older
            .files
            .iter()
            .filter(|(url, _)| !lock.files.contains_key(*url))
            .map(|(url, hash)| (url.clone(), hash.clone()))
            .collect::<Vec<_>>()
        {
            let place = place::of_file(&url, tree::digits(&hash).unwrap_or_default());
            if tree::hash_of_file(&kept.join(&place)).is_ok_and(|found| found == hash) {
                self.copy(&kept.join(&place), &place)?;
                lock.files.insert(url, hash);
            }
        }
        for (key, chart) in older.charts.iter().filter(|(key, _)| !lock.charts.contains_key(*key)).collect::<Vec<_>>() {
            let place = place::of_chart(&key.0, tree::digits(&chart.hash).unwrap_or_default());
            if tree::hash_of_file(&kept.join(&place)).is_ok_and(|found| found == chart.hash) {
                self.copy(&kept.join(&place), &place)?;
                lock.charts.insert(key.clone(), chart.clone());
            }
        }
        for (key, repository) in &older.repositories {
            let place = place::of_repository(&key.0, &repository.revision);
            let dir = kept.join(&place);
            // What is not what the lock says any more, nobody could use.
            if !tree::hash(&dir).is_ok_and(|hash| hash == repository.hash) {
                continue;
            }
            let now = clones.get(key).filter(|clone| clone.revision != repository.revision);
            for name in tree::files(&dir)? {
                match now {
                    Some(clone) if clone.dir.join(&name).is_file() => {
                        self.copy(&clone.dir.join(&name), &place::of_repository(&key.0, &clone.revision).join(&name))?;
                    }
                    Some(_) => {}
                    None => self.copy(&dir.join(&name), &place.join(&name))?,
                }
            }
            if !clones.contains_key(key) {
                lock.repositories.insert(key.clone(), repository.clone());
            }
        }
        for (key, repository) in &mut lock.repositories {
            // Another `ref` of the same commit may have brought more files.
            repository.hash = tree::hash(&self.kept.join(place::of_repository(&key.0, &repository.revision)))?;
        }
        Ok(())
    }

    fn copy(&self, from: &Path, to: &Path) -> Result<(), Error> {
        let to = self.kept.join(to);
        let copied =
            fs::create_dir_all(to.parent().unwrap_or(&self.kept)).and_then(|()| fs::read(from)).and_then(|bytes| fs::write(&to, bytes));
        copied.map_err(|error| unreadable(from, &error))?;
        let (name, text) = ATTRIBUTES;
        fs::write(self.kept.join(name), text).map_err(|error| unreadable(&self.kept, &error))
    }

    /// Puts everything in its place, and says whether that changed anything.
    fn install(&self, lock: &Lock, before: Option<&Lock>) -> Result<bool, Error> {
        let (kept, path) = (self.settings.top.join(DIRECTORY), self.settings.top.join(LOCK));
        let failed = |error: io::Error| Error::new(ErrorKind::Io, format!("cannot write {}: {error}", shown(&kept).display()));
        let hash = |dir: &Path| tree::hash(dir).ok();
        let is_same = before.map_or(lock.is_empty(), |before| before == lock) && hash(&kept) == hash(&self.kept);
        if is_same {
            return Ok(false);
        }
        if is_there(&kept) {
            fs::rename(&kept, self.kept.with_extension("old")).map_err(failed)?;
        }
        if self.kept.exists() {
            fs::rename(&self.kept, &kept).map_err(failed)?;
        }
        if lock.is_empty() {
            // Nobody else's directory: it goes only where nothing is in it.
            return if is_there(&path) { fs::remove_file(&path).map_err(failed).map(|()| true) } else { Ok(true) };
        }
        write::replace(&path, None, |out| out.write_all(lock.text().as_bytes()))?;
        Ok(true)
    }
}

/// The directory that what is kept is in, if no link leads anywhere else.
fn beside(top: &Path) -> Result<PathBuf, Error> {
    let dir = top.join(DIRECTORY);
    let link = dir.ancestors().take_while(|dir| *dir != top).find(|dir| dir.is_symlink());
    match link {
        Some(link) => Err(invalid(format!("{} is a symbolic link", shown(link).display())).help("put a directory in its place")),
        None => Ok(dir.parent().unwrap_or(top).to_owned()),
    }
}

/// Refuses what must not lie in another repository.
fn check_name(url: &str, name: &Path) -> Result<(), Error> {
    let is_git = |part: Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
    if name.components().any(is_git) {
        return Err(invalid(format!("a kustomization of {url} reads {}, which belongs to git", name.display())));
    }
    Ok(())
}
