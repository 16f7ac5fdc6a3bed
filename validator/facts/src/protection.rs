//! What protects a workload, and what of that another environment's copy of it has lost.
//!
//! Fields that only ever make a workload safer count, and only whether they are there: a probe, a request or a limit, hardening of the
//! security context, a PodDisruptionBudget or NetworkPolicy that covers it. What two environments may well do differently (how many
//! replicas, how much memory) is no protection.

use std::collections::HashMap;

use kustomize::Node;
use serde::Serialize;

use crate::objects::{Object, ObjectId, Path, PodTemplate};
use crate::selectors::{LabelIndex, Labels, Selector};
use crate::workloads::Reading;

/// A workload and what protects it.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its place among the objects.
    pub place: usize,
    /// Who it is.
    pub object: ObjectId,
    containers: Vec<Container>,
    /// Where the pod's spec is.
    spec: Path,
    guards: Vec<Guard>,
}

#[derive(Clone, Debug)]
struct Container {
    name: String,
    /// The last part of the image's name: `redis` of `registry.example.com/library/redis:7`.
    image: String,
    path: Path,
    /// Hardening of the pod that its own security context takes back.
    weakens: Vec<&'static str>,
}

/// One thing that protects a workload.
#[derive(Clone, Debug)]
struct Guard {
    kind: Kind,
    /// As people call it: `livenessProbe`, `limits.memory`.
    name: &'static str,
    /// Which container has it; `None` where the pod or another object has it.
    container: Option<usize>,
    /// Where in the container, or in the pod's spec.
    below: &'static [&'static str],
    /// The object that gives the protection, where it is another one.
    given_by: Option<ObjectId>,
}

/// What sort of protection something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A probe.
    Probe,
    /// A request or limit.
    Resource,
    /// Hardening of a pod's or container's security context.
    SecurityContext,
    /// A NetworkPolicy.
    NetworkPolicy,
    /// What keeps pods up through drains, lost nodes and rollouts.
    Availability,
}

/// A protection that a workload lost on the way from one environment to another.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lost {
    /// What sort of protection.
    pub kind: Kind,
    /// What it is called: `livenessProbe`, `limits.memory`.
    pub name: &'static str,
    /// The container that lost it; `None` where the pod as a whole did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The workload that lost it.
    pub object: ObjectId,
    /// Where it would be.
    pub path: Path,
    /// Who has it.
    pub before: Before,
}

/// Where a protection still is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Before {
    /// The environment.
    pub environment: String,
    /// The workload there, or the policy or budget that covers it.
    pub object: ObjectId,
    /// Where in it.
    pub path: Path,
}

/// What containers have, each where in the container and how it is called.
const OF_CONTAINERS: [(Kind, &str, &[&str]); 8] = [
    (Kind::Probe, "livenessProbe", &["livenessProbe"]),
    (Kind::Probe, "readinessProbe", &["readinessProbe"]),
    (Kind::Probe, "startupProbe", &["startupProbe"]),
    (Kind::Resource, "requests.cpu", &["resources", "requests", "cpu"]),
    (Kind::Resource, "requests.memory", &["resources", "requests", "memory"]),
    (Kind::Resource, "limits.cpu", &["resources", "limits", "cpu"]),
    (Kind::Resource, "limits.memory", &["resources", "limits", "memory"]),
    (Kind::Availability, "lifecycle.preStop", &["lifecycle", "preStop"]),
];

/// A setting that hardens: how it is called, where it is in a container or, for those that a pod may have, in the pod's spec, and whether
/// its value hardens.
type Hardening = (&'static str, &'static [&'static str], fn(&Node) -> bool);

const HARDENING: [Hardening; 5] = [
    ("allowPrivilegeEscalation: false", &["securityContext", "allowPrivilegeEscalation"], |value| value.as_bool() == Some(false)),
    ("readOnlyRootFilesystem: true", &["securityContext", "readOnlyRootFilesystem"], |value| value.as_bool() == Some(true)),
    ("capabilities.drop", &["securityContext", "capabilities", "drop"], |value| !value.items().is_empty()),
    ("runAsNonRoot: true", &["securityContext", "runAsNonRoot"], |value| value.as_bool() == Some(true)),
    ("seccompProfile", &["securityContext", "seccompProfile"], |value| value.str_at(&["type"]).is_some_and(|kind| kind != "Unconfined")),
];

/// Fields of a pod's spec that keep replicas apart: either will do.
const SPREADING: [&[&str]; 2] = [&["topologySpreadConstraints"], &["affinity", "podAntiAffinity"]];

impl Workload {
    fn new(place: usize, object: &Object<'_>, template: &PodTemplate<'_>) -> Self {
        let mut workload =
            Workload { place, object: object.id(), containers: Vec::new(), spec: template.spec_path(&[]), guards: Vec::new() };
        let Some(spec) = template.spec() else { return workload };
        for (at, (path, node)) in template.containers().enumerate() {
            let image = node.str_at(&["image"]).unwrap_or_default();
            let image = image.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let image = image.split(':').next().unwrap_or_default().to_owned();
            let mut weakens = Vec::new();
            for (kind, name, keys) in OF_CONTAINERS {
                // Limits of the pod as a whole hold for each container.
                let pod_wide = kind == Kind::Resource && is_there(spec.at(keys));
                if pod_wide || is_there(node.at(keys)) {
                    workload.add(kind, name, (!pod_wide).then_some(at), keys, None);
                }
            }
            for (name, keys, hardens) in HARDENING {
                match (node.at(keys).filter(|own| !own.is_null()), spec.at(keys)) {
                    (Some(own), _) if hardens(own) => workload.add(Kind::SecurityContext, name, Some(at), keys, None),
                    (Some(_), _) => weakens.push(name),
                    (None, Some(shared)) if hardens(shared) => workload.add(Kind::SecurityContext, name, None, keys, None),
                    _ => {}
                }
            }
            let name = node.str_at(&["name"]).unwrap_or_default().to_owned();
            workload.containers.push(Container { name, image, path, weakens });
        }
        if let Some(keys) = SPREADING.into_iter().find(|keys| is_there(spec.at(keys))) {
            workload.add(Kind::Availability, "topologySpreadConstraints", None, keys, None);
        }
        workload
    }

    fn add(
        &mut self,
        kind: Kind,
        name: &'static str,
        container: Option<usize>,
        below: &'static [&'static str],
        given_by: Option<ObjectId>,
    ) {
        self.guards.push(Guard { kind, name, container, below, given_by });
    }

    /// Whether another environment's workload looks like the same one: kind, name, and the image of its first container.
    pub fn resembles(&self, other: &Self) -> bool {
        let main = |workload: &Self| workload.containers.last().map(|container| (container.name.clone(), container.image.clone()));
        self.object.kind == other.object.kind && self.object.name == other.object.name && main(self) == main(other)
    }

    fn has(&self, name: &str, container: usize) -> bool {
        // A request that is not there is as large as the limit.
        let or_limit = match name {
            "requests.cpu" => "limits.cpu",
            "requests.memory" => "limits.memory",
            name => name,
        };
        let is_it = |guard: &Guard| guard.name == name || guard.name == or_limit;
        let weakened = self.containers.get(container).is_some_and(|container| container.weakens.contains(&name));
        self.guards.iter().any(|guard| is_it(guard) && guard.container.map_or(!weakened, |at| at == container))
    }

    /// Where `self` lacks a guard of the same workload elsewhere: `Some(None)` for the pod as a whole.
    fn lacks(&self, guard: &Guard, before: &Self) -> Option<Option<usize>> {
        if let Some(at) = guard.container {
            // A container that is not here has nothing to lose.
            let name = &before.containers.get(at)?.name;
            let here = self.containers.iter().position(|container| container.name == *name)?;
            return (!self.has(guard.name, here)).then_some(Some(here));
        }
        if !matches!(guard.kind, Kind::Resource | Kind::SecurityContext) {
            return (!self.guards.iter().any(|own| own.name == guard.name)).then_some(None);
        }
        let bare = (0..self.containers.len()).find(|at| !self.has(guard.name, *at))?;
        let weakens = self.containers.get(bare).is_some_and(|container| container.weakens.contains(&guard.name));
        Some(weakens.then_some(bare))
    }

    /// What `self` lacks of the protection that `before`, the same workload of another environment, has.
    pub fn lost<'a>(&'a self, before: &'a Self, environment: &'a str) -> impl Iterator<Item = Lost> + 'a {
        before.guards.iter().filter_map(move |guard| {
            let place = self.lacks(guard, before)?;
            let container = place.and_then(|at| self.containers.get(at));
            let above = container.map_or(&self.spec, |container| &container.path);
            let before_above = guard.container.and_then(|at| before.containers.get(at)).map_or(&before.spec, |container| &container.path);
            let in_object = guard.given_by.is_none();
            let path = |above: &Path| if in_object { above.join(&Path::of(guard.below)) } else { Path::default() };
            Some(Lost {
                kind: guard.kind,
                name: guard.name,
                container: container.map(|container| container.name.clone()),
                object: self.object.clone(),
                path: path(above),
                before: Before {
                    environment: environment.to_owned(),
                    object: guard.given_by.clone().unwrap_or_else(|| before.object.clone()),
                    path: path(before_above),
                },
            })
        })
    }
}

fn is_there(node: Option<&Node>) -> bool {
    node.is_some_and(|node| !node.is_null() && (node.as_scalar().is_some() || !node.items().is_empty() || !node.entries().is_empty()))
}

/// The workloads among objects that are deployed together, with what protects them; `reading` has the Pods of those of other kinds than
/// Kubernetes' own.
pub fn workloads(objects: &[&Node], reading: &Reading<'_>) -> Vec<Workload> {
    let index = reading.index(objects);
    let with_template = index.objects.iter().enumerate().filter_map(|(at, object)| Some((at, object, object.pod_template()?)));
    let found: Vec<_> = with_template.collect();
    let labels = LabelIndex::new(found.iter().map(|(_, object, template)| (object.namespace, Labels::new(template.labels()))));
    let place = |at: usize| at.checked_sub(objects.len()).and_then(|view| reading.views.get(view)).map_or(at, |view| view.at);
    let mut workloads: Vec<_> = found.iter().map(|(at, object, template)| Workload::new(place(*at), object, template)).collect();
    for (kind, name, group, of_kind) in [
        (Kind::Availability, "PodDisruptionBudget", "policy", "PodDisruptionBudget"),
        (Kind::NetworkPolicy, "NetworkPolicy", "networking.k8s.io", "NetworkPolicy"),
    ] {
        let field = if kind == Kind::NetworkPolicy { "podSelector" } else { "selector" };
        for at in index.of_kind(group, of_kind) {
            let Some(object) = index.objects.get(*at) else { continue };
            // A selector that the API server refuses is another rule's business; one that is missing selects nothing.
            let Some(Ok(selector)) = object.node.at(&["spec", field]).map(Selector::of_label_selector) else { continue };
            for covered in labels.select(object.namespace, &selector) {
                let Some(workload) = workloads.get_mut(covered) else { continue };
                if !workload.guards.iter().any(|guard| guard.name == name) {
                    workload.add(kind, name, None, &[], Some(object.id()));
                }
            }
        }
    }
    workloads
}

/// The workloads of the environments below one, found by what they are made from.
#[derive(Debug, Default)]
pub struct Counterparts<'a> {
    by_source: HashMap<&'a str, Vec<(&'a str, &'a Workload)>>,
    by_name: HashMap<(&'a str, &'a str), Vec<(&'a str, &'a Workload)>>,
}

impl<'a> Counterparts<'a> {
    /// Adds a workload of an environment, and the place in the sources that it is made from. Only where it `is_of_same_overlay` is one of the same name the same.
    pub fn add(&mut self, environment: &'a str, source: &'a str, workload: &'a Workload, is_of_same_overlay: bool) {
        self.by_source.entry(source).or_default().push((environment, workload));
        if !is_of_same_overlay {
            return;
        }
        self.by_name.entry((&workload.object.kind, &workload.object.name)).or_default().push((environment, workload));
    }

    /// What a workload made from that source has lost: each protection once, as the last environment that has it shows.
    pub fn lost(&self, source: &str, workload: &Workload) -> Vec<Lost> {
        let made_alike = self.by_source.get(source).map_or(&[][..], Vec::as_slice);
        let named_alike = self.by_name.get(&(workload.object.kind.as_str(), workload.object.name.as_str())).map_or(&[][..], Vec::as_slice);
        let named_alike = named_alike.iter().filter(|(_, other)| workload.resembles(other));
        // One base may make several workloads of an environment: their names then tell them apart.
        let alone = |environment: &str| made_alike.iter().filter(|(other, _)| *other == environment).count() == 1;
        let is_same = |(environment, other): &&(&str, &Workload)| other.object.name == workload.object.name || alone(environment);
        let mut lost: Vec<Lost> = Vec::new();
        for (environment, before) in named_alike.chain(made_alike.iter().filter(is_same)) {
            for found in workload.lost(before, environment) {
                match lost.iter_mut().find(|known| known.name == found.name && known.container == found.container) {
                    Some(known) => *known = found,
                    None => lost.push(found),
                }
            }
        }
        lost
    }
}
