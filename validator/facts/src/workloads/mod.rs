//! Workloads of other kinds than Kubernetes' own: the table `policies/workloads.yaml`.
//!
//! A row says where a kind keeps its Pods and which built-in kind it behaves like. Each Pod of such an object is then seen in the shape of
//! that kind, a [`View`], by rules and facts alike: nothing else needs to know that a Rollout is not a Deployment.

mod look;
mod places;
mod view;

use std::collections::{HashMap, HashSet};

use kustomize::Node;
use serde::Deserialize;

pub use places::Places;
pub use view::View;

use crate::objects::{Index, Object, Path, Segment, group_of};
use crate::template::Condition;

/// The table. Its default is empty: only Kubernetes' own kinds are workloads then.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "File")]
pub struct Workloads {
    /// By group, then by kind.
    rows: HashMap<String, HashMap<String, Vec<Row>>>,
    /// Which rules judge a Pod that an operator completes.
    partial: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    partial: Vec<String>,
    workloads: Vec<Row>,
}

/// What is known of one kind, under conditions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Row {
    /// API group of the kind.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// All of these must hold.
    #[serde(default, rename = "if")]
    when: Vec<Condition>,
    /// None of these may hold.
    #[serde(default)]
    unless: Vec<Condition>,
    /// What it behaves like.
    #[serde(rename = "as")]
    like: Option<Like>,
    /// Where the Pod template is: it has `metadata` and `spec`. What stands beside it is taken for the rest of the workload's spec.
    template: Option<Places>,
    /// Where the Pod's spec is, if there is no template.
    spec: Option<Places>,
    /// Where the containers are, if there is neither: lists of them or single ones.
    #[serde(default)]
    containers: Vec<Places>,
    /// Where the Pod's volumes are, if there are only containers.
    volumes: Option<Places>,
    /// Where the Pod's labels are, if there is no template.
    labels: Option<Places>,
    /// Where the number of Pods is, if it does not stand beside the template as `replicas` (of Jobs `parallelism`).
    replicas: Option<Places>,
    /// Where the selector is, if it does not stand beside the template.
    selector: Option<Places>,
    /// Where the claim templates are, if they do not stand beside the template as `volumeClaimTemplates`.
    claims: Option<Places>,
    /// Whether an operator makes the Pod and this is only what it adds to it.
    #[serde(default)]
    partial: bool,
    /// Rules (`images/digest`) and groups of rules (`jobs/*`) that do not judge it, each with the reason.
    #[serde(default)]
    except: HashMap<String, String>,
    /// Why no rule looks into it, if none does.
    left_out: Option<String>,
    /// Where this is known from.
    #[serde(default)]
    #[allow(dead_code, reason = "for those who read the table")]
    source: String,
}

/// The kind of Kubernetes' own that a kind behaves like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Like {
    /// Replicas that are interchangeable, replaced by a rollout.
    Deployment,
    /// Replicas that are interchangeable.
    ReplicaSet,
    /// Replicas with names and claims of their own.
    StatefulSet,
    /// One on every node.
    DaemonSet,
    /// Pods that end.
    Job,
}

impl Like {
    fn api_version(self) -> &'static str {
        if self == Like::Job { "batch/v1" } else { "apps/v1" }
    }

    fn kind(self) -> &'static str {
        match self {
            Like::Deployment => "Deployment",
            Like::ReplicaSet => "ReplicaSet",
            Like::StatefulSet => "StatefulSet",
            Like::DaemonSet => "DaemonSet",
            Like::Job => "Job",
        }
    }
}

/// Groups of Kubernetes itself whose kinds have Pods: no row changes how those are read.
const OWN_GROUPS: [&str; 4] = ["", "apps", "batch", "extensions"];

impl TryFrom<File> for Workloads {
    type Error = String;

    fn try_from(file: File) -> Result<Self, String> {
        if file.version != 1 {
            return Err(format!("version {} is not known; this kubevet reads version 1", file.version));
        }
        let mut workloads = Workloads { rows: HashMap::new(), partial: file.partial };
        for row in file.workloads {
            row.check().map_err(|why| format!("{} {}: {why}", row.group, row.kind))?;
            workloads.rows.entry(row.group.clone()).or_default().entry(row.kind.clone()).or_default().push(row);
        }
        Ok(workloads)
    }
}

impl Row {
    fn check(&self) -> Result<(), String> {
        if OWN_GROUPS.contains(&self.group.as_str()) {
            return Err("kubevet knows how to read the kinds of this group; name a kind that an operator defines".into());
        }
        let places = [self.template.is_some(), self.spec.is_some(), !self.containers.is_empty()];
        match (self.like, &self.left_out) {
            (Some(_), Some(_)) | (None, None) => {
                Err("write `as`, the kind that it behaves like, or `leftOut`, why no rule looks into it".into())
            }
            (Some(_), None) if places.iter().filter(|given| **given).count() > 1 => {
                Err("write one of `template`, `spec` and `containers`".into())
            }
            _ => Ok(()),
        }
    }

    fn applies(&self, object: &Node) -> bool {
        self.when.iter().all(|condition| condition.holds(object)) && !self.unless.iter().any(|condition| condition.holds(object))
    }
}

impl Workloads {
    /// The same with the rows of another table, which take the place of those for the same kinds.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for (group, kinds) in other.rows {
            self.rows.entry(group).or_default().extend(kinds);
        }
        self.partial.extend(other.partial);
        self
    }

    /// The kinds that it knows.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.rows.values().flat_map(HashMap::keys).map(String::as_str)
    }

    /// The rules and groups of rules that the table names.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        let rows = self.rows.values().flat_map(HashMap::values).flatten();
        rows.flat_map(|row| row.except.keys()).chain(&self.partial).map(String::as_str)
    }

    /// The Pods of objects of other kinds than Kubernetes' own, and what looks like one and is not described.
    pub fn read(&self, objects: &[&Node]) -> Reading<'_> {
        let mut reading = Reading::default();
        for (at, object) in objects.iter().enumerate() {
            let group = group_of(object.str_at(&["apiVersion"]).unwrap_or_default());
            // Kubernetes' own groups either have no dot or hold nothing that has a Pod.
            if !group.contains('.') {
                continue;
            }
            let rows = self.rows.get(group).and_then(|kinds| kinds.get(object.str_at(&["kind"]).unwrap_or_default()));
            let first = reading.views.len();
            for row in rows.into_iter().flatten().filter(|row| row.applies(object)) {
                match (row.like, &row.left_out) {
                    (Some(like), _) => reading.views.extend(view::of(at, object, row, like, &self.partial)),
                    (None, Some(reason)) => reading.left_out.push((at, reason)),
                    (None, None) => {}
                }
            }
            if reading.left_out.last().is_none_or(|(left, _)| *left != at) {
                let known: HashSet<&[Segment]> = reading.views[first..].iter().flat_map(View::pods).map(|path| path.0.as_slice()).collect();
                let is_known = |path: &Path| (1..=path.0.len()).any(|end| known.contains(&path.0[..end]));
                let unread: Vec<Path> = look::pods(object).into_iter().filter(|path| !is_known(path)).collect();
                reading.unread.extend(unread.into_iter().map(|path| (at, path)));
            }
        }
        reading
    }
}

/// What a table makes of objects; each thing with the number of its object.
#[derive(Debug, Default)]
pub struct Reading<'t> {
    /// Their Pods.
    pub views: Vec<View<'t>>,
    /// Where something looks like a Pod that no row describes.
    pub unread: Vec<(usize, Path)>,
    /// What is left out on purpose, with the reason.
    pub left_out: Vec<(usize, &'t str)>,
}

impl Reading<'_> {
    /// The objects that the Pods are shown as.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.views.iter().map(|view| &view.node)
    }

    /// An index of objects, and behind them of their Pods.
    pub fn index<'a>(&'a self, objects: &[&'a Node]) -> Index<'a> {
        let views = self.nodes().map(Object::of_view);
        let mut objects: Vec<_> = objects.iter().map(|node| Object::new(node)).chain(views).collect();
        for view in self.views.iter().filter(|view| view.has_all_labels()) {
            objects.get_mut(view.at).into_iter().for_each(Object::describe);
        }
        Index::of(objects)
    }
}
