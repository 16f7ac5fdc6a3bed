//! One state of an input, as it is or as it was: what it renders to, and what is known of that.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kubevet_facts::protection::Lost;
use kubevet_facts::workloads::Reading;
use kubevet_facts::{Alone, Facts};
use kustomize::{Error, ErrorKind, Node, Note, Render, Sources};

use super::Settings;
use super::changed::{Before, Changed};
use super::drift::Below;
use super::plan::Task;
use super::renders::{Renders, with_sources};
use super::siblings::may_be_elsewhere;
use crate::findings::Object;
use crate::input::Input;
use crate::paths::shown;
use crate::problem::Problem;
use crate::project::Project;

type Rendered = Vec<Arc<Render>>;

/// What an input renders to.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// What is judged.
    pub(super) own: Rendered,
    /// What is there already when the input is applied.
    pub(super) context: Rendered,
}

/// An object with the sources that its origins point into.
pub(super) type Sourced<'a> = (&'a Sources, &'a Node);

impl Side {
    /// What the input renders to, and what else is there when it is applied.
    pub(super) fn now(task: &Task<'_>, renders: &Renders, notices: &mut Vec<Problem>) -> Result<Self, Vec<Problem>> {
        let own = match task.input {
            Input::Overlay(dir) => {
                let (render, fallback) = renders.get(dir).map_err(|problem| vec![problem])?;
                if let Some(refused) = fallback {
                    let message =
                        format!("kubectl rendered {}, so findings point at whole files: {}", shown(dir).display(), refused.message);
                    notices.push(Problem::warning("kubectl-fallback", Error { message, ..refused }));
                }
                vec![render]
            }
            Input::Manifests { texts, .. } => {
                let (mut read, mut problems) = (Vec::new(), Vec::new());
                for (path, text) in texts {
                    match kustomize::read_manifests(path, text.clone()) {
                        Ok(render) => read.push(Arc::new(render)),
                        // Charts and the like keep values beside manifests.
                        Err(error) if texts.len() > 1 && error.kind == ErrorKind::Invalid && !text.contains("apiVersion") => {
                            problems.push(Problem::warning("left-out", error))
                        }
                        Err(error) => problems.push(Problem::unjudged("unreadable", error)),
                    }
                }
                if read.is_empty() {
                    return Err(problems);
                }
                notices.extend(problems);
                read
            }
        };
        let context = task.context.iter().map(|dir| renders.get(dir).map(|(render, _)| render).map_err(|problem| vec![problem]));
        Ok(Self { own, context: context.collect::<Result<_, _>>()? })
    }

    /// What the input was, with what else was there; what of that doesn't build any more is left out.
    pub(super) fn before(task: &Task<'_>, own: Rendered, renders: Option<&Renders>) -> Self {
        let context = renders.map(|renders| task.context.iter().filter_map(|dir| Some(renders.get(dir).ok()?.0)).collect());
        Self { own, context: context.unwrap_or_default() }
    }

    /// The objects that are judged, then those that are only there; and how many are judged.
    pub(super) fn objects(&self) -> (Vec<Sourced<'_>>, usize) {
        let mut objects: Vec<Sourced<'_>> = self.own.iter().flat_map(|render| with_sources(render)).collect();
        let judged = objects.len();
        if !self.context.is_empty() {
            // What is applied on top takes the place of what has the same identity.
            let identities: HashSet<Object> = objects.iter().map(|(_, node)| Object::of(node)).collect();
            let context = self.context.iter().flat_map(|render| with_sources(render));
            objects.extend(context.filter(|(_, node)| !identities.contains(&Object::of(node))));
        }
        (objects, judged)
    }

    /// What the build of the input noted.
    pub(super) fn notes(&self) -> &[Note] {
        self.own.first().map_or(&[], |render| &render.notes)
    }
}

/// What is known of a side.
pub(super) struct Known<'a> {
    pub(super) facts: Facts,
    /// The Pods of objects of other kinds than Kubernetes' own.
    pub(super) reading: Reading<'a>,
    /// The renders of the environments below, each with its environment.
    pub(super) below: Below<'a>,
    /// What it lost on the way from them.
    pub(super) lost: Vec<Lost>,
    /// What went wrong with policies of the cluster.
    pub(super) problems: Vec<Problem>,
    /// Whether it depends on what other overlays have.
    pub(super) leans: bool,
}

impl<'a> Known<'a> {
    /// Computes what is known of the objects of a side, of which the first are `judged`, with what is known of them `alone` already. Of a side that is
    /// compared with an old one, also says what changed.
    pub(super) fn new(
        project: &'a Project,
        task: &Task<'a>,
        renders: Option<&Renders>,
        settings: &Settings,
        (objects, judged): (&[Sourced<'_>], usize),
        before: Option<&Before>,
        alone: &[Option<Arc<Alone>>],
    ) -> (Self, Option<Changed>) {
        // One that doesn't render is reported where it is judged itself.
        let additions: Rendered =
            renders.iter().flat_map(|renders| task.additions.iter().filter_map(|dir| Some(renders.get(dir).ok()?.0))).collect();
        let mut additions: Vec<&Node> = additions.iter().flat_map(|render| &render.objects).collect();
        let added = project.workloads.read(&additions);
        additions.extend(added.nodes());
        let nodes: Vec<&Node> = objects.iter().map(|(_, node)| *node).collect();
        let reading = project.workloads.read(&nodes);
        let old = before.map(|before| before.updated(&nodes[..judged])).unwrap_or_default();
        let session = project.gatekeeper.session(settings.patience);
        let options =
            kubevet_facts::Options { old: &old, alone, engine: Some(&session), ..options(project, settings, &additions, &reading) };
        let mut facts = kubevet_facts::compute(&nodes, &options);
        let mut below = Below::default();
        let mut leans = false;
        if let Some(renders) = renders {
            leans = task.siblings.answer(task.input.path(), &nodes, &mut facts, renders, &project.products);
            below = Below::new(task, renders);
        }
        let change = before.map(|before| before.compare(project, task, &objects[..judged], &nodes, &mut facts, &options));
        let lost = below.lost(&objects[..judged], &project.workloads);
        let problems = session.problems();
        (Self { facts, reading, below, lost, problems, leans }, change)
    }
}

pub(super) fn options<'a>(
    project: &'a Project,
    settings: &Settings,
    additions: &'a [&'a Node],
    reading: &'a Reading<'a>,
) -> kubevet_facts::Options<'a> {
    kubevet_facts::Options {
        kubernetes_version: settings.kubernetes_version,
        crds: Some(&project.crds),
        admission: &project.admission,
        engine: None,
        products: Some(&project.products),
        additions,
        reading: Some(reading),
        old: &[],
        alone: &[],
    }
}

/// Whether the input names objects that it has not, so that what another overlay has matters.
pub(super) fn leans_on_siblings(project: &Project, task: &Task<'_>, renders: &Renders, settings: &Settings) -> bool {
    let Input::Overlay(dir) = task.input else { return false };
    let Some((render, _)) = renders.get(dir).ok().filter(|_| task.siblings.are_several()) else { return false };
    let nodes: Vec<&Node> = render.objects.iter().collect();
    let reading = project.workloads.read(&nodes);
    let facts = kubevet_facts::compute(&nodes, &options(project, settings, &[], &reading));
    facts.objects.iter().chain(&facts.views).any(|object| object.dangling.iter().any(may_be_elsewhere))
}

/// What rules see alike on both sides, so that they say the same of it: by the places on one of the sides.
#[derive(Debug, Default)]
pub(super) struct Alike {
    objects: HashSet<usize>,
    views: HashSet<usize>,
    /// Everything.
    pub(super) all: bool,
}

impl Alike {
    /// Whether an object is alike.
    pub(super) fn object(&self, at: usize) -> bool {
        self.objects.contains(&at)
    }

    /// Whether a Pod of an object is.
    pub(super) fn view(&self, at: usize) -> bool {
        self.views.contains(&at)
    }
}

/// What is alike on two sides, by the places on the new one and on the old one; with the place on the new side of each old object that is written as it was.
pub(super) struct Both {
    pub(super) now: Alike,
    pub(super) before: Alike,
    pub(super) same: Vec<Option<usize>>,
}

/// Compares what rules see of two sides. `pairs` are the places of old and new objects that are one.
pub(super) fn compare(
    pairs: impl Iterator<Item = (usize, usize)>,
    (now, news, notes): (&Known<'_>, &[Sourced<'_>], &[Note]),
    (before, olds, old_notes): (&Known<'_>, &[Sourced<'_>], &[Note]),
) -> Both {
    let mut both = Both { now: Alike::default(), before: Alike::default(), same: vec![None; olds.len()] };
    for (old, new) in pairs.filter(|(old, new)| olds[*old].1 == news[*new].1) {
        both.same[old] = Some(new);
        if now.facts.objects[new] == before.facts.objects[old] {
            both.now.objects.insert(new);
            both.before.objects.insert(old);
        }
    }
    let (olds_views, news_views) = (views(before), views(now));
    for (old, new) in both.same.iter().enumerate().filter_map(|(old, new)| Some((old, (*new)?))) {
        let (Some(old), Some(new)) = (olds_views.get(&old), news_views.get(&new)) else { continue };
        for (old, new) in std::iter::zip(old, new).filter(|_| old.len() == new.len()) {
            let is_same = before.reading.views[*old].node == now.reading.views[*new].node;
            if is_same && before.facts.views[*old] == now.facts.views[*new] {
                both.now.views.insert(*new);
                both.before.views.insert(*old);
            }
        }
    }
    let said = |notes: &[Note]| notes.iter().map(|note| (note.kind, note.message.clone())).collect::<Vec<_>>();
    let all = olds.len() == news.len()
        && said(notes) == said(old_notes)
        && both.same.iter().enumerate().all(|(old, new)| *new == Some(old))
        && before.facts.views.len() == now.facts.views.len()
        && both.now.views.len() == now.facts.views.len()
        && before.facts.overlay == now.facts.overlay;
    (both.now.all, both.before.all) = (all, all);
    both
}

/// The places of the Pods of each object.
fn views(known: &Known<'_>) -> HashMap<usize, Vec<usize>> {
    let mut views: HashMap<usize, Vec<usize>> = HashMap::new();
    known.reading.views.iter().enumerate().for_each(|(number, view)| views.entry(view.at).or_default().push(number));
    views
}
