//! What one run leaves for the next: renders of what did not change, and what the rules said of them.
//!
//! A render depends on the files that it read, a judgement on renders and the project. So a judgement holds as long as each render that it looked at is the very one
//! that it would look at now.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use kubevet_facts::schema::Version;
use kustomize::{Assumptions, Render};

use super::known::Known;
use super::plan::Task;
use super::recall::Recall;
use super::renders::Renders;
use crate::discover::{FILE_NAMES, kustomization_file};
use crate::drafts::Drafts;
use crate::files;
use crate::flux::{self, Substitutions};
use crate::input::Input;
use crate::paths::normalize;

/// What is known of a project that is judged again and again. A copy costs little: what is known itself is shared.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    renders: HashMap<PathBuf, Arc<Kept>>,
    judgements: HashMap<PathBuf, Arc<Told>>,
    /// What was said of each object of an overlay when it was judged last.
    recalls: HashMap<PathBuf, Arc<Recall>>,
    /// What Flux fills in, if anything is filled in.
    flux: Option<Arc<Substitutions>>,
    /// How the renders were made.
    how: Option<How>,
    /// The version of Kubernetes by which it was judged.
    version: Option<Version>,
    /// The day on which waivers were judged.
    today: Option<Date>,
    /// Paths of inputs without links: they are looked up again and again.
    real: HashMap<PathBuf, PathBuf>,
}

/// What decides what a render is, besides files.
#[derive(Clone, Debug, PartialEq, Eq)]
struct How {
    settings: kustomize::Settings,
    assumptions: HashMap<PathBuf, Assumptions>,
}

/// A render.
#[derive(Debug)]
struct Kept {
    render: Arc<Render>,
    /// The files and directories that it read, without links.
    inputs: HashSet<PathBuf>,
    /// Whether something in it may be filled in.
    is_open: bool,
}

/// What came of judging an overlay.
#[derive(Debug)]
struct Told {
    /// The renders that it looked at.
    of: Vec<(PathBuf, Arc<Render>)>,
    /// Whether it looked at other overlays and at manifests that nothing builds on.
    leans: bool,
    known: Arc<Known>,
}

impl Memory {
    /// Forgets what changed files touch. Nothing instead of a list is for anything that may have changed.
    pub fn change(&mut self, changed: Option<&[PathBuf]>, drafts: &Drafts) {
        let Some(changed) = changed else {
            *self = Self::default();
            return;
        };
        for path in changed {
            let path = real(path);
            self.renders.retain(|_, kept| !kept.is_touched(&path));
            if !files::is_manifest(&path) {
                continue;
            }
            let text = drafts.text(&path).map(|text| text.map(str::to_owned)).unwrap_or_else(|| files::read_text(&path).ok());
            // What it said before nobody knows any more.
            if self.flux.is_some() && text.is_none_or(|text| flux::may_tell(&text)) {
                self.flux = None;
                self.renders.retain(|_, kept| !kept.is_open);
            }
            if path.ancestors().skip(1).all(|dir| kustomization_file(dir).is_none()) {
                self.judgements.retain(|_, told| !told.leans);
            }
        }
    }

    /// Forgets what rules said: there may be others.
    pub fn forget_judgements(&mut self) {
        self.judgements.clear();
        self.recalls.clear();
    }

    /// The render of a directory, if it could be built.
    pub fn render(&self, dir: &Path) -> Option<&Arc<Render>> {
        self.renders.get(dir).map(|kept| &kept.render)
    }

    /// Whether any render read a file, whose path is one without links.
    pub fn is_read(&self, file: &Path) -> bool {
        self.renders.values().any(|kept| kept.inputs.contains(file))
    }

    /// Whether the render of a directory read a file, whose path is one without links.
    pub fn reads(&self, dir: &Path, file: &Path) -> bool {
        self.renders.get(dir).is_some_and(|kept| kept.inputs.contains(file))
    }

    /// Gives a run what is known already, and forgets what is not there any more.
    pub(super) fn begin(&mut self, tasks: &[Task<'_>], renders: &Renders, settings: &super::Settings) {
        let dirs: HashSet<&Path> = tasks.iter().filter_map(overlay).collect();
        self.recalls.retain(|dir, _| dirs.contains(dir.as_path()));
        let how = How { settings: settings.kustomize.clone(), assumptions: renders.assumptions().clone() };
        if self.how.as_ref() != Some(&how) {
            self.renders.clear();
            self.how = Some(how);
        }
        if self.version != Some(settings.kubernetes_version) {
            self.forget_judgements();
            self.version = Some(settings.kubernetes_version);
        }
        if self.today != Some(settings.today) {
            self.judgements.clear();
            self.today = Some(settings.today);
        }
        renders.take(self.renders.iter().map(|(dir, kept)| (dir.clone(), Arc::clone(&kept.render))), self.flux.clone());
    }

    /// What is known of a task whose renders are what they were.
    pub(super) fn known(&self, task: &Task<'_>, renders: &Renders) -> Option<Arc<Known>> {
        let told = self.judgements.get(overlay(task)?)?;
        let used = uses(task, told.leans);
        let is_same = |(dir, (was, render)): (&PathBuf, &(PathBuf, Arc<Render>))| {
            dir == was && renders.get(dir).is_ok_and(|(now, _)| Arc::ptr_eq(&now, render))
        };
        (used.len() == told.of.len() && std::iter::zip(&used, &told.of).all(is_same)).then(|| Arc::clone(&told.known))
    }

    /// Takes note of what came of a task, which leans on other overlays or not.
    pub(super) fn judged(&mut self, task: &Task<'_>, renders: &Renders, leans: bool, known: Known) {
        let Some(dir) = overlay(task) else { return };
        let render = |dir: PathBuf| renders.get(&dir).ok().map(|(render, _)| (dir, render));
        // What could not be built is tried again.
        let Some(of) = uses(task, leans).into_iter().map(render).collect::<Option<Vec<_>>>() else {
            self.judgements.remove(dir);
            return;
        };
        self.judgements.insert(dir.to_owned(), Arc::new(Told { of, leans, known: Arc::new(known) }));
    }

    /// What was said of the objects of a task.
    pub(super) fn recall(&self, task: &Task<'_>) -> Option<&Recall> {
        self.recalls.get(overlay(task)?).map(|recall| &**recall)
    }

    /// Takes note of what was said of the objects of a task.
    pub(super) fn keep(&mut self, task: &Task<'_>, recall: Recall) {
        if let Some(dir) = overlay(task) {
            self.recalls.insert(dir.to_owned(), Arc::new(recall));
        }
    }

    /// Keeps what a run made.
    pub(super) fn end(&mut self, renders: &Renders) {
        let (mut done, flux) = renders.made();
        self.flux = flux;
        self.renders.retain(|dir, _| done.contains_key(dir));
        self.judgements.retain(|dir, _| done.contains_key(dir));
        for (dir, render) in done.drain() {
            if self.renders.get(&dir).is_some_and(|kept| Arc::ptr_eq(&kept.render, &render)) {
                continue;
            }
            let inputs = render.inputs.iter().map(|input| self.real.entry(input.clone()).or_insert_with(|| real(input)).clone()).collect();
            let is_open = render.sources.iter().any(|(_, source)| source.text().contains(flux::OPEN));
            self.renders.insert(dir, Arc::new(Kept { render, inputs, is_open }));
        }
    }
}

impl Kept {
    /// Whether a path is one of the inputs, has one below it, or is a kustomization file where one was looked for.
    fn is_touched(&self, path: &Path) -> bool {
        let is_kustomization = FILE_NAMES.iter().any(|name| path.ends_with(name));
        let is_beside = || is_kustomization && path.parent().is_some_and(|dir| self.inputs.contains(dir));
        let is_gone_or_new = || !path.is_file() && self.inputs.iter().any(|input| input.starts_with(path));
        self.inputs.contains(path) || is_beside() || is_gone_or_new()
    }
}

fn overlay<'t>(task: &'t Task<'_>) -> Option<&'t Path> {
    match task.input {
        Input::Overlay(dir) => Some(dir),
        Input::Manifests { .. } => None,
    }
}

/// The overlays that judging one looks at.
fn uses(task: &Task<'_>, leans: bool) -> Vec<PathBuf> {
    let below = task.below.iter().map(|(_, dir)| dir);
    let others = task.siblings.all().filter(|_| leans);
    let own = std::iter::once(task.input.path());
    own.chain(task.context.iter().chain(&task.additions).chain(below).chain(others).map(PathBuf::as_path)).map(Path::to_owned).collect()
}

/// An absolute path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let above = absolute.ancestors().find_map(|above| Some((above.canonicalize().ok()?, absolute.strip_prefix(above).ok()?)));
    above.map_or_else(|| normalize(&absolute), |(above, below)| normalize(&above.join(below)))
}
