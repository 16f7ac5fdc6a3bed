//! What an overlay lost on the way from the environments below it.
//!
//! The overlays of those environments are rendered for it even where only this one is judged: otherwise `check overlays/prod` and
//! `--since` would pass what `check` refuses. One that doesn't render is reported where it is judged itself.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use kubevet_facts::protection::{self, Counterparts, Lost, Workload};
use kubevet_facts::workloads::Workloads;
use kustomize::{Node, Render, Sources};

use super::plan::Task;
use super::renders::{Renders, with_sources};
use crate::environments::Role;
use crate::paths::shown;

/// A path without the parts that only say which environment it is.
fn unnamed(path: &Path) -> Vec<Component<'_>> {
    path.components().filter(|part| Role::of_name(&part.as_os_str().to_string_lossy()).is_none()).collect()
}

/// The renders of the environments below one.
#[derive(Default)]
pub(super) struct Below<'a> {
    /// Each with its environment, the lowest first.
    pub(super) renders: Vec<(&'a str, Arc<Render>)>,
    /// Whether each is of the same overlay, as far as its path says.
    same: Vec<bool>,
}

impl<'a> Below<'a> {
    pub(super) fn new(task: &Task<'a>, renders: &Renders) -> Self {
        let own = shown(task.input.path());
        let render = |(name, dir): &(&'a str, PathBuf)| {
            let (render, _) = renders.get(dir).ok()?;
            Some(((*name, render), unnamed(&own) == unnamed(&shown(dir))))
        };
        let (renders, same) = task.below.iter().filter_map(render).unzip();
        Self { renders, same }
    }

    /// What `objects` lack of the protection that they have below.
    pub(super) fn lost(&self, objects: &[(&Sources, &Node)], table: &Workloads) -> Vec<Lost> {
        if self.renders.is_empty() {
            return Vec::new();
        }
        let of_render = |render| workloads(&with_sources(render).collect::<Vec<_>>(), table);
        let below: Vec<(&str, Vec<(String, Workload)>)> =
            self.renders.iter().map(|(environment, render)| (*environment, of_render(render))).collect();
        let mut counterparts = Counterparts::default();
        for ((environment, workloads), same) in std::iter::zip(&below, &self.same) {
            workloads.iter().for_each(|(source, workload)| counterparts.add(environment, source, workload, *same));
        }
        workloads(objects, table).iter().flat_map(|(source, workload)| counterparts.lost(source, workload)).collect()
    }
}

/// The workloads among objects, each with the place of the manifest that it is made from: what tells a workload whatever it is renamed to.
fn workloads(objects: &[(&Sources, &Node)], table: &Workloads) -> Vec<(String, Workload)> {
    let nodes: Vec<&Node> = objects.iter().map(|(_, node)| *node).collect();
    let source = |workload: &Workload| {
        let (sources, node) = objects.get(workload.place)?;
        let origin = node.get("kind")?.origin.history().last()?;
        Some(format!("{}:{}", shown(sources.get(origin.source).path()).display(), origin.start))
    };
    protection::workloads(&nodes, &table.read(&nodes))
        .into_iter()
        .map(|workload| (source(&workload).unwrap_or_default(), workload))
        .collect()
}
