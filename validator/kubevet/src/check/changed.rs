//! What changed between an old state and what is judged: the facts that rules of scope `change` see, and what reports show of them.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use kubevet_facts::admission::{self, Policies};
use kubevet_facts::change::{self, Change, Effects, FlowChange, Grant, Kind, Pair, Refusal, Restart, State};
use kubevet_facts::objects::{Path, Segment};
use kubevet_facts::schema::{Reason, SchemaSet};
use kubevet_facts::{Facts, ObjectFacts, Options};
use kustomize::{Node, Render, Sources};
use serde::Serialize;
use serde_json::Value as Json;

use super::in_place::Waivers;
use super::judgement::Judgement;
use super::locator::Locator;
use super::plan::Task;
use super::renders::with_sources;
use crate::findings::{self, Location, Object, Role, Step};
use crate::locate;
use crate::policy::Verdict;
use crate::project::Project;
use crate::redact::Secrets;

/// What rules see as `input.facts.change`.
#[derive(Debug, Serialize)]
pub(super) struct ChangeFacts {
    /// Each object that is not as it was.
    objects: Vec<Change>,
    /// What that means for rights, flows, exposure, capacity and rollouts.
    #[serde(flatten)]
    effects: Effects,
}

/// An old state beside a new one.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) before: Vec<Arc<Render>>,
    pub(super) facts: ChangeFacts,
    /// The objects that can't go.
    pub(super) denied: Vec<Denied>,
    pub(super) summary: OverlayChange,
}

/// What changed in an overlay.
#[derive(Clone, Debug)]
pub struct OverlayChange {
    /// The overlay or file.
    pub path: PathBuf,
    /// Its environment.
    pub environment: String,
    /// The objects that are not as they were.
    pub objects: Vec<ObjectChange>,
    /// How many are as they were.
    pub unchanged: usize,
    /// What it means beyond its objects.
    pub effects: Consequences,
}

/// What a change means beyond its objects, as reports show it.
#[derive(Clone, Debug)]
pub struct Consequences {
    /// How many pairs may talk that might not, who is none of the workloads counted as one.
    pub opened: usize,
    /// How many pairs may not talk that might, of workloads that are still there.
    pub cut: usize,
    /// How many rights are granted, as the rule `change/rights` tells of them.
    pub granted: usize,
    /// All of it, as rules see it.
    pub facts: Json,
}

impl Consequences {
    fn new(effects: &Effects) -> Self {
        let pairs = |change: &FlowChange| change.pairs;
        let is_news = |grant: &&Grant| grant.bound || grant.rights.iter().any(|right| right.danger.is_some());
        Consequences {
            opened: effects.flows.opened.iter().map(pairs).sum(),
            cut: effects.flows.cut.iter().filter(|change| !change.newcomers).map(pairs).sum(),
            granted: effects.rights.granted.iter().filter(is_news).map(|grant| grant.rights.len() + grant.more).sum(),
            facts: serde_json::to_value(effects).unwrap_or_default(),
        }
    }
}

/// What became of an object.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// What.
    pub change: Kind,
    /// The object.
    pub object: Object,
    /// What it was called.
    pub was: Option<Object>,
    /// Whether only the hash in its name changed.
    pub by_hash: bool,
    /// What differs in it.
    pub fields: Vec<FieldChange>,
    /// What the API server would refuse.
    pub refused: Vec<Refusal>,
    /// Whether it refuses the object that would be stored, whatever was there.
    pub is_invalid: bool,
    /// What happens to its Pods.
    pub restart: Restart,
    /// The ConfigMaps and Secrets that replace its Pods.
    pub hashes: Vec<String>,
}

/// A field that is not as it was.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// Where.
    pub path: Vec<Step>,
    /// The same for people.
    pub path_text: String,
    /// What it was, if it is shown.
    pub old: Option<Json>,
    /// What it is, if it is shown.
    pub new: Option<Json>,
    /// Whether the values are secret, and so not here.
    pub is_secret: bool,
    /// The line that makes it what it is, or took it out.
    pub cause: Option<Location>,
    /// The line that made it what it was.
    pub was: Option<Location>,
}

/// An old state, and which of its objects becomes which new one.
#[derive(Debug)]
pub(super) struct Before {
    renders: Vec<Arc<Render>>,
    pairs: Vec<Pair>,
}

impl Before {
    pub(super) fn new(renders: Vec<Arc<Render>>, news: &[&Node]) -> Self {
        let olds: Vec<&Node> = renders.iter().flat_map(|render| &render.objects).collect();
        let pairs = change::pairs(&olds, news);
        Self { renders, pairs }
    }

    /// The places of old and new objects that are one.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        self.pairs.iter().filter_map(|pair| Some((pair.old?, pair.new?)))
    }

    /// What each of the new objects was, where an update makes it what it is. What is written as it was is not sent.
    pub(super) fn updated(&self, news: &[&Node]) -> Vec<Option<&Node>> {
        let olds: Vec<&Node> = self.renders.iter().flat_map(|render| &render.objects).collect();
        let mut updated = vec![None; news.len()];
        for pair in self.pairs.iter().filter(|pair| pair.is_update()) {
            if let (Some(old), Some(new)) = (pair.old.and_then(|at| olds.get(at)), pair.new)
                && news.get(new).is_some_and(|new| new != old)
            {
                updated[new] = Some(*old);
            }
        }
        updated
    }

    /// Compares, and puts what the API server would refuse in updates into the facts of the objects, which are the first of those that
    /// policies see.
    pub(super) fn compare(
        &self,
        project: &Project,
        task: &Task<'_>,
        objects: &[(&Sources, &Node)],
        all: &[&Node],
        facts: &mut Facts,
        options: &Options<'_>,
    ) -> Changed {
        let old: Vec<(&Sources, &Node)> = self.renders.iter().flat_map(|render| with_sources(render)).collect();
        let (olds, news) = (nodes(&old), nodes(objects));
        let set = SchemaSet::new(options.kubernetes_version, all.iter().copied());
        let set = match options.crds {
            Some(definitions) => set.with(definitions, news.iter().copied()),
            None => set,
        };
        let set = set.with_catalog(news.iter().copied());
        let mut changes = change::compare_pairs(&self.pairs, &olds, &news, &set);
        for change in &mut changes {
            if let (true, Some(facts)) = (change.is_update(), change.new.and_then(|at| facts.objects.get_mut(at))) {
                // Of an object that changed there is only what Gatekeeper refuses of its own kinds.
                let refused = std::mem::replace(&mut facts.schema, std::mem::take(&mut change.invalid));
                facts.schema.extend(refused.into_iter().filter(|_| change.change != Kind::Unchanged));
                facts.coverage.undecided.append(&mut change.undecided);
                facts.coverage.unchecked &= !facts.schema.iter().any(|fact| fact.reason == Reason::ApiVersion);
                // What is refused replaces no Pod.
                if !facts.schema.is_empty() {
                    change.restart = Restart::None;
                }
            }
        }
        let denied = denied(&changes, &olds, all, options);
        let unchanged = changes.iter().filter(|change| change.change == Kind::Unchanged).count();
        changes.retain(|change| change.change != Kind::Unchanged);
        let (was, is) = (project.workloads.read(&olds), project.workloads.read(&news));
        let (was, is) = (State { objects: &olds, reading: &was }, State { objects: &news, reading: &is });
        let effects = change::effects(was, is, &changes, &project.products);
        let is_invalid = |change: &Change| {
            let of_new = |at: usize| facts.objects.get(at).is_some_and(|facts| !facts.schema.is_empty());
            change.is_update() && change.new.is_some_and(of_new)
        };
        let shown = changes.iter().map(|change| ObjectChange { is_invalid: is_invalid(change), ..shown(change, &old, objects) }).collect();
        let summary = OverlayChange {
            path: task.input.path().to_owned(),
            environment: task.rules.environment().to_owned(),
            objects: shown,
            unchanged,
            effects: Consequences::new(&effects),
        };
        Changed { before: self.renders.clone(), facts: ChangeFacts { objects: changes, effects }, denied, summary }
    }
}

/// An object that goes, which a policy of the cluster's wouldn't let go.
#[derive(Debug)]
pub(super) struct Denied {
    /// Its place among the old objects.
    pub(super) at: usize,
    /// What rules see of it.
    pub(super) facts: ObjectFacts,
}

/// What the cluster's policies say of the objects that go, if somebody deletes them.
fn denied(changes: &[Change], olds: &[&Node], all: &[&Node], options: &Options<'_>) -> Vec<Denied> {
    let goes = |change: &&Change| matches!(change.change, Kind::Removed | Kind::Renamed);
    let gone: Vec<usize> = changes.iter().filter(goes).filter_map(|change| change.old).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    // Of namespaces that go as well, the labels still count.
    let is_namespace = |node: &&&Node| node.str_at(&["kind"]) == Some("Namespace");
    let policies = Policies::of(all, options.admission.iter().chain(olds.iter().filter(is_namespace).copied()));
    let decide = |at: usize| {
        let old = olds.get(at).copied()?;
        let mut admission = policies.decide(&admission::Change { old: Some(old), ..Default::default() }).denials;
        admission.iter_mut().for_each(|denial| denial.message = format!("can't be deleted: {}", denial.message));
        (!admission.is_empty()).then(|| Denied { at, facts: ObjectFacts { admission, ..ObjectFacts::default() } })
    };
    gone.into_iter().filter_map(decide).collect()
}

impl Changed {
    /// An old object.
    pub(super) fn old(&self, at: usize) -> Option<&Node> {
        self.before.iter().flat_map(|render| &render.objects).nth(at)
    }

    /// Whether anything changed.
    pub(super) fn has_any(&self) -> bool {
        !self.facts.objects.is_empty()
    }

    /// What rules said of it. They may speak of objects that are gone.
    pub(super) fn findings(
        &self,
        project: &Project,
        task: &Task<'_>,
        objects: &[(&Sources, &Node)],
        verdicts: Vec<Verdict>,
        in_place: &Waivers<'_>,
        judgement: &mut Judgement,
    ) {
        let known: HashSet<Object> = objects.iter().map(|(_, node)| Object::of(node)).collect();
        let gone = self.before.iter().flat_map(|render| with_sources(render)).filter(|(_, node)| !known.contains(&Object::of(node)));
        let objects: Vec<(&Sources, &Node)> = objects.iter().copied().chain(gone).collect();
        let mut locator = Locator::new(project, task.input.path(), task.rules.environment(), &objects, in_place);
        for verdict in verdicts {
            match locator.subject(None, &verdict).and_then(|at| locator.finding(at, verdict)) {
                Ok(found) => judgement.add(found),
                Err(problem) => judgement.problems.push(problem),
            }
        }
    }
}

fn nodes<'a>(objects: &[(&Sources, &'a Node)]) -> Vec<&'a Node> {
    objects.iter().map(|(_, node)| *node).collect()
}

fn shown(change: &Change, old: &[(&Sources, &Node)], new: &[(&Sources, &Node)]) -> ObjectChange {
    let (before, after) = (change.old.and_then(|at| old.get(at)), change.new.and_then(|at| new.get(at)));
    let is_secret = change.object.kind == "Secret";
    let fields = change.fields.iter().map(|field| {
        let (path, old_path) = (steps(&field.path), steps(&field.old_path));
        let secret = is_secret && matches!(path.first(), Some(Step::Key(key)) if key == "data" || key == "stringData");
        let place = |side: Option<&(&Sources, &Node)>, path: &[Step]| {
            side.and_then(|(sources, node)| locate::locate(sources, node, path).into_iter().find(|place| place.role == Role::Cause))
        };
        let names = |side: Option<&(&Sources, &Node)>, path: &[Step]| {
            side.map_or_else(String::new, |(_, node)| findings::path_text(path, &locate::element_names(node, path)))
        };
        FieldChange {
            path_text: if field.new.is_some() || before.is_none() {
                names(after.copied().as_ref(), &path)
            } else {
                names(before.copied().as_ref(), &old_path)
            },
            cause: place(after, &path),
            was: place(before, &old_path),
            path,
            old: field.old.clone().filter(|_| !secret),
            new: field.new.clone().filter(|_| !secret),
            is_secret: secret,
        }
    });
    ObjectChange {
        change: change.change,
        object: after.or(before).map(|(_, node)| Object::of(node)).unwrap_or_else(|| Object {
            api_version: String::new(),
            kind: String::new(),
            namespace: None,
            name: String::new(),
        }),
        was: before.filter(|_| change.was.is_some()).map(|(_, node)| Object::of(node)),
        by_hash: change.by_hash,
        fields: fields.collect(),
        refused: change.refused.clone(),
        is_invalid: false,
        restart: change.restart,
        hashes: change.hashes.iter().map(|id| format!("{} {}", id.kind, id.name)).collect(),
    }
}

fn steps(path: &Path) -> Vec<Step> {
    path.0.iter().cloned().map(|segment: Segment| Step::from(segment)).collect()
}

impl OverlayChange {
    /// Takes credentials out of the values that are shown.
    pub(super) fn redact(&mut self, secrets: &Secrets) {
        scrub(&mut self.effects.facts, secrets);
        for object in &mut self.objects {
            for field in &mut object.fields {
                [&mut field.old, &mut field.new].into_iter().flatten().for_each(|value| scrub(value, secrets));
                field.path_text = secrets.scrub(&field.path_text).into_owned();
            }
            for refusal in &mut object.refused {
                refusal.message = secrets.scrub(&refusal.message).into_owned();
            }
        }
    }

    /// How many objects became that.
    pub fn count(&self, kind: Kind) -> usize {
        self.objects.iter().filter(|object| object.change == kind).count()
    }
}

fn scrub(value: &mut Json, secrets: &Secrets) {
    match value {
        Json::String(text) => *text = secrets.scrub(text).into_owned(),
        Json::Array(items) => items.iter_mut().for_each(|item| scrub(item, secrets)),
        Json::Object(fields) => {
            *fields = std::mem::take(fields)
                .into_iter()
                .map(|(key, mut value)| {
                    scrub(&mut value, secrets);
                    (secrets.scrub(&key).into_owned(), value)
                })
                .collect();
        }
        _ => {}
    }
}
