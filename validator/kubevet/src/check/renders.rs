//! Renders each overlay once, whoever asks for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError};

use kustomize::{Assumptions, Builder, Error, FileTree, Node, Render, Settings, Sources};

use walkdir::{DirEntry, WalkDir};

use super::Against;
use super::done::{Done, Outcome};
use super::revision::RevisionTree;
use crate::discover::SKIPPED;
use crate::drafts::Drafts;
use crate::files;
use crate::flux::{self, Substitutions};
use crate::git::Checkout;
use crate::input::Input;
use crate::paths::shown;
use crate::problem::{Problem, invalid};
use crate::renderer::{self, Rendered, Renderer};
use crate::vendor::{Locked, Shelf};
use crate::watch;

/// The renders of a run.
#[derive(Debug)]
pub(super) struct Renders {
    renderer: Renderer,
    /// One for each kind of build, so that what they share is the same for all of them.
    builders: HashMap<Assumptions, Builder>,
    /// What builds of a directory may leave out, where that is anything.
    assumptions: HashMap<PathBuf, Assumptions>,
    settings: Settings,
    verify: bool,
    /// Whether nothing but the engine can make them: the working tree is not what is rendered.
    only_native: bool,
    is_of_revision: bool,
    done: Arc<Done>,
    /// What Flux fills in, looked for when a render has something to fill in.
    flux: OnceLock<Arc<Substitutions>>,
    manifests: Manifests,
    /// What the renders are compared with.
    before: Option<Before>,
}

/// An old state.
#[derive(Debug)]
enum Before {
    /// The overlays of a revision.
    Revision(Arc<RevisionTree>, Box<Renders>),
    /// Manifests.
    Given(Vec<Arc<Render>>),
}

impl Renders {
    /// Renders of the project that `start` is in.
    pub(super) fn new(start: &Path, how: &super::Settings, assumptions: HashMap<PathBuf, Assumptions>) -> Self {
        let (settings, drafts) = (how.kustomize.clone(), how.drafts.clone());
        let first = || drafts.clone().map_or_else(Builder::default, |drafts| Builder::of_tree(drafts));
        let builders = builders(Locked::of(start), &settings, &assumptions, first);
        let top = Checkout::of(start).map(|checkout| checkout.top().to_owned());
        let only_native = drafts.is_some();
        let manifests = Manifests::OnDisk(top, drafts.unwrap_or_default());
        let (done, flux) = (Arc::default(), OnceLock::new());
        let (renderer, verify) = (how.renderer, how.verify_render);
        Self { renderer, builders, assumptions, settings, verify, only_native, is_of_revision: false, done, flux, manifests, before: None }
    }

    /// Renders as they were in a revision. Nothing but the engine can make them.
    pub(super) fn of_revision(tree: &Arc<RevisionTree>, settings: &Settings, assumptions: HashMap<PathBuf, Assumptions>) -> Self {
        let locked = Locked::on(Arc::clone(tree) as Arc<dyn Shelf>, tree.top().to_owned());
        let builders = builders(locked, settings, &assumptions, || Builder::of_tree(Arc::clone(tree) as Arc<dyn FileTree>));
        let settings = settings.clone();
        // Whoever asks for the revision's renders: they are the same.
        let done = Arc::clone(&tree.done);
        let (renderer, flux, manifests) = (Renderer::Native, OnceLock::new(), Manifests::OfRevision(Arc::clone(tree)));
        let (verify, only_native, is_of_revision) = (false, true, true);
        Self { renderer, builders, assumptions, settings, verify, only_native, is_of_revision, done, flux, manifests, before: None }
    }

    /// The same renders, to be compared with an old state.
    pub(super) fn against(self, against: Option<&Against>) -> Self {
        let before = against.map(|against| match against {
            Against::Revision(tree) => {
                Before::Revision(Arc::clone(tree), Box::new(Self::of_revision(tree, &self.settings, self.assumptions.clone())))
            }
            Against::Manifests(renders) => Before::Given(renders.clone()),
        });
        Self { before, ..self }
    }

    /// What an input was, if it is compared with anything; nothing where it was not there.
    pub(super) fn before(&self, input: &Input) -> Option<Result<Vec<Arc<Render>>, Problem>> {
        match (self.before.as_ref()?, input) {
            (Before::Given(renders), _) => Some(Ok(renders.clone())),
            (Before::Revision(tree, renders), _) => Some(was(tree, renders, input)),
        }
    }

    /// What builds of a directory may leave out, where that is anything.
    pub(super) fn assumptions(&self) -> &HashMap<PathBuf, Assumptions> {
        &self.assumptions
    }

    /// Takes renders that are there already, and what Flux fills in.
    pub(super) fn take(&self, known: impl Iterator<Item = (PathBuf, Arc<Render>)>, flux: Option<Arc<Substitutions>>) {
        let slots = known.map(|(dir, render)| (dir, Arc::new(OnceLock::from(Ok((render, None))))));
        self.done.0.lock().unwrap_or_else(PoisonError::into_inner).extend(slots);
        // Nobody has asked yet.
        flux.into_iter().for_each(|flux| drop(self.flux.set(flux)));
    }

    /// All renders that the engine could make, and what Flux fills in, if anything is filled in.
    pub(super) fn made(&self) -> (HashMap<PathBuf, Arc<Render>>, Option<Arc<Substitutions>>) {
        let done = self.done.0.lock().unwrap_or_else(PoisonError::into_inner);
        let made = done.iter().filter_map(|(dir, slot)| match slot.get() {
            Some(Ok((render, None))) => Some((dir.clone(), Arc::clone(render))),
            _ => None,
        });
        (made.collect(), self.flux.get().cloned())
    }

    /// What is not as the file system has it.
    pub(super) fn drafts(&self) -> Arc<Drafts> {
        match &self.manifests {
            Manifests::OnDisk(_, drafts) => Arc::clone(drafts),
            Manifests::OfRevision(_) => Arc::default(),
        }
    }

    /// Whether they are those of a revision.
    pub(super) fn is_of_revision(&self) -> bool {
        self.is_of_revision
    }

    /// The renders of the old state, where there are others than those that are compared.
    pub(super) fn of_before(&self) -> Option<&Self> {
        match self.before.as_ref()? {
            Before::Revision(_, renders) => Some(renders),
            Before::Given(_) => None,
        }
    }

    /// The render of a directory.
    pub(super) fn get(&self, dir: &Path) -> Outcome {
        let mut done = self.done.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(done.entry(dir.to_owned()).or_default());
        drop(done);
        slot.get_or_init(|| {
            let _at = watch::at(format!("building {}", shown(dir).display()));
            let assumptions = self.assumptions.get(dir).copied().unwrap_or_default();
            let Some(builder) = self.builders.get(&assumptions) else {
                return Err(Problem::unjudged("internal", invalid("a build of a kind that nobody asked for")));
            };
            let mut rendered = match self.only_native {
                true => Rendered::native(builder.build(dir).map_err(|error| Problem::unjudged("render-failed", error))?),
                false => self.renderer.render_with(dir, &self.settings, |dir| builder.build(dir))?,
            };
            if self.verify {
                renderer::verify(dir, &rendered.render, &self.settings)?;
            }
            if rendered.render.sources.iter().any(|(_, source)| source.text().contains(flux::OPEN)) {
                self.fill_in(dir, &mut rendered.render);
            }
            Ok((Arc::new(rendered.render), rendered.fallback))
        })
        .clone()
    }

    /// Fills in what Flux does, where it builds this directory.
    fn fill_in(&self, dir: &Path, render: &mut Render) {
        let Some(top) = self.manifests.top() else { return };
        let Some(inside) = dir.canonicalize().ok().or_else(|| std::path::absolute(dir).ok()) else { return };
        let Ok(inside) = inside.strip_prefix(&top) else { return };
        let substitutions = self.flux.get_or_init(|| Arc::new(Substitutions::of(self.manifests.telling().into_iter())));
        substitutions.apply(inside, render);
    }
}

/// Where the manifests of the project are.
#[derive(Debug)]
enum Manifests {
    /// Below a directory, if there is one, with drafts over it.
    OnDisk(Option<PathBuf>, Arc<Drafts>),
    OfRevision(Arc<RevisionTree>),
}

impl Manifests {
    fn top(&self) -> Option<PathBuf> {
        match self {
            Self::OnDisk(top, _) => top.clone(),
            Self::OfRevision(tree) => Some(tree.top().to_owned()),
        }
    }

    /// Those that may say what Flux fills in. What can't be read says nothing here: it is reported where it is judged.
    fn telling(&self) -> Vec<(PathBuf, String)> {
        let text = |path: PathBuf| match self {
            Self::OnDisk(_, drafts) => match drafts.text(&path) {
                Some(text) => Some((path, text?.to_owned())),
                None => Some((path.clone(), files::read_text(&path).ok()?)),
            },
            Self::OfRevision(tree) => Some((path.clone(), Shelf::text(&**tree, &path).ok()??)),
        };
        let paths = match self {
            Self::OnDisk(top, _) => {
                let is_searched = |entry: &DirEntry| entry.file_name() != ".git" && !SKIPPED.iter().any(|name| entry.file_name() == *name);
                let entries = top.iter().flat_map(|top| WalkDir::new(top).into_iter().filter_entry(is_searched).filter_map(Result::ok));
                entries.filter(|entry| entry.file_type().is_file()).map(DirEntry::into_path).collect()
            }
            Self::OfRevision(tree) => tree.files(),
        };
        let manifests = paths.into_iter().filter(|path| files::is_manifest(path)).filter_map(text);
        let manifests: Vec<_> = manifests.filter(|(_, text)| flux::may_tell(text)).collect();
        // Without a Kustomization of Flux's nothing is filled in.
        if manifests.iter().any(|(_, text)| flux::is_of_flux(text)) { manifests } else { Vec::new() }
    }
}

/// What an input was in a revision; nothing where it was not there.
fn was(tree: &RevisionTree, renders: &Renders, input: &Input) -> Result<Vec<Arc<Render>>, Problem> {
    match input {
        Input::Overlay(dir) if tree.has_kustomization(dir) => renders.get(dir).map(|(render, _)| vec![render]).map_err(|problem| {
            Problem::unjudged("old-side", Error { message: format!("as it was, {}", problem.error.message), ..*problem.error })
        }),
        Input::Overlay(_) => Ok(Vec::new()),
        Input::Manifests { texts, .. } => {
            let texts = texts.iter().filter_map(|(path, _)| Some((path, Shelf::text(tree, path).ok().flatten()?)));
            let read = texts.map(|(path, text)| kustomize::read_manifests(path, text).map(Arc::new));
            read.collect::<Result<_, _>>().map_err(|error| Problem::unjudged("old-side", error))
        }
    }
}

/// The revision whose waivers in place count.
#[derive(Debug)]
pub(super) struct Trusted {
    tree: Arc<RevisionTree>,
    renders: Renders,
}

impl Trusted {
    pub(super) fn new(tree: &Arc<RevisionTree>, settings: &Settings, assumptions: HashMap<PathBuf, Assumptions>) -> Self {
        Self { tree: Arc::clone(tree), renders: Renders::of_revision(tree, settings, assumptions) }
    }

    /// What an input was; nothing where it was not there, or could not be built.
    pub(super) fn was(&self, input: &Input) -> Vec<Arc<Render>> {
        was(&self.tree, &self.renders, input).unwrap_or_default()
    }
}

/// A builder for each kind of assumptions, of files that `first` begins with.
fn builders(
    locked: Locked,
    settings: &Settings,
    assumptions: &HashMap<PathBuf, Assumptions>,
    first: impl Fn() -> Builder,
) -> HashMap<Assumptions, Builder> {
    let locked = Arc::new(locked);
    let kinds = assumptions.values().copied().chain([Assumptions::default()]);
    let of = |assumptions| Settings { assumptions, ..settings.clone() };
    kinds.map(|kind| (kind, first().with_settings(of(kind)).with_supplier(locked.clone()))).collect()
}

/// The objects of a render, each with the sources that its origins point into.
pub(super) fn with_sources(render: &Render) -> impl Iterator<Item = (&Sources, &Node)> {
    render.objects.iter().map(|object| (&render.sources, object))
}
