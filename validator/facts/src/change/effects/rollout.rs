//! What the rollout of a changed workload waits for, perhaps for ever.

use kustomize::Node;
use serde::Serialize;

use super::Side;
use super::capacity::quotas;
use crate::capacity::{Asked, Named, display};
use crate::change::share::{resolve, unavailable};
use crate::change::{Change, Restart};
use crate::objects::{Object, ObjectId, Path, PodTemplate};
use crate::selectors::{Labels, Selector};

/// Something that a rollout waits for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// The workload.
    pub object: ObjectId,
    /// Where in it.
    pub path: Path,
    /// What it waits for: it continues "new Pods wait".
    pub text: String,
    /// Whether it waits for ever, or only where the cluster is such.
    pub forever: bool,
}

/// What the rollouts of changed workloads wait for.
pub(super) fn waits(new: Side<'_, '_>, asked: &[Asked], changes: &[&Change]) -> Vec<Wait> {
    let mut found = Vec::new();
    let restarted = changes.iter().copied().filter(|change| change.refused.is_empty() && change.restart != Restart::None);
    for change in restarted {
        let Some((at, object)) = change.new.and_then(|at| Some((at, new.index.objects.get(at)?))) else { continue };
        let Some(template) = object.pod_template() else { continue };
        let workload = Workload { new, object, template, id: &change.object };
        if change.restart == Restart::Later {
            found.extend(workload.budget());
        }
        if change.restart == Restart::Rolling && object.kind == "Deployment" && workload.unavailable() == 0 {
            found.extend(workload.claims());
            found.extend(workload.host_ports());
            found.extend(workload.own_node());
            found.extend(asked.iter().find(|asked| asked.at == at).and_then(|own| workload.quota(own, asked)));
        }
    }
    found
}

struct Workload<'w, 'a> {
    new: Side<'w, 'a>,
    object: &'w Object<'a>,
    template: PodTemplate<'a>,
    id: &'w ObjectId,
}

impl Workload<'_, '_> {
    fn wait(&self, path: Path, forever: bool, text: String) -> Wait {
        Wait { object: self.id.clone(), path, text, forever }
    }

    fn replicas(&self) -> i64 {
        self.object.node.at(&["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1)
    }

    /// How many Pods less than wanted the rollout may have.
    fn unavailable(&self) -> i64 {
        let strategy = |key: &str| self.object.node.at(&["spec", "strategy", "rollingUpdate", key]);
        unavailable(strategy("maxUnavailable").and_then(Node::text), strategy("maxSurge").and_then(Node::text), self.replicas())
    }

    /// Volumes that the old Pod holds.
    fn claims(&self) -> Vec<Wait> {
        let volumes = self.template.spec().and_then(|spec| spec.get("volumes")).map_or(&[][..], Node::items).iter().enumerate();
        let of_volume = |(at, volume): (usize, &Node)| {
            let name = volume.str_at(&["persistentVolumeClaim", "claimName"])?;
            let namespace = self.object.namespace;
            let is_it = |claim: &&Object<'_>| claim.namespace == namespace && claim.name == name;
            let mut claims = self.new.index.of_kind("", "PersistentVolumeClaim").iter().filter_map(|at| self.new.index.objects.get(*at));
            let claim = claims.find(is_it)?;
            let modes: Vec<&str> =
                claim.node.at(&["spec", "accessModes"]).map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
            let path = self.template.spec_path(&["volumes"]).with(at);
            match modes.as_slice() {
                ["ReadWriteOncePod"] => {
                    Some(self.wait(path, true, format!("for the volume of claim {name}, which one Pod at a time may use")))
                }
                ["ReadWriteOnce"] => {
                    Some(self.wait(path, false, format!("for the volume of claim {name} where they get another node than the old Pod has")))
                }
                _ => None,
            }
        };
        volumes.filter_map(of_volume).collect()
    }

    /// Ports of the node that the old Pod has.
    fn host_ports(&self) -> Option<Wait> {
        let mut ports = self.template.containers().flat_map(|(path, container)| {
            let ports = container.get("ports").map_or(&[][..], Node::items).iter().enumerate();
            let taken = ports.filter_map(|(at, port)| Some((at, port.get("hostPort")?.as_i64().filter(|port| *port > 0)?)));
            taken.map(|(at, port)| (path.with("ports").with(at).with("hostPort"), port)).collect::<Vec<_>>()
        });
        let (path, port) = ports.next()?;
        Some(self.wait(path, false, format!("for a node where port {port} is free")))
    }

    /// Whether its Pods keep each other off their nodes.
    fn own_node(&self) -> Option<Wait> {
        const TERMS: &[&str] = &["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
        let terms = self.template.spec()?.at(TERMS)?.items().iter().enumerate();
        let labels = Labels::new(self.template.labels());
        let is_own = |term: &Node| {
            let selector = term.get("labelSelector").and_then(|node| Selector::of_label_selector(node).ok());
            term.str_at(&["topologyKey"]) == Some("kubernetes.io/hostname") && selector.is_some_and(|selector| selector.matches(&labels))
        };
        let (at, _) = terms.into_iter().find(|(_, term)| is_own(term))?;
        let nodes = self.replicas().saturating_add(1);
        Some(self.wait(self.template.spec_path(TERMS).with(at), false, format!("for a node of their own: they need {nodes}")))
    }

    /// A quota that has no room for one Pod more.
    fn quota(&self, own: &Asked, all: &[Asked]) -> Option<Wait> {
        let quotas = quotas(self.new.index);
        let hard = quotas.get(self.object.namespace)?;
        let mut sum = Named::new();
        for asked in all.iter().filter(|asked| asked.namespace == own.namespace) {
            for (resource, amount) in &asked.steady {
                let known = sum.entry(resource.clone()).or_default();
                *known = known.plus(*amount);
            }
        }
        let is_full = |(resource, hard): &(&String, &crate::schema::format::quantity::Quantity)| {
            let asked = sum.get(*resource).copied().unwrap_or_default();
            own.pod.get(*resource).is_some_and(|pod| !pod.is_zero() && asked.plus(*pod) > **hard && asked <= **hard)
        };
        let (resource, hard) = hard.iter().find(is_full)?;
        let path = Path::of(&["spec", "strategy"]);
        let hard = display(resource, *hard);
        Some(self.wait(path, true, format!("for room in the quota of the namespace: {resource} is {hard}, and one Pod more is too much")))
    }

    /// A budget that lets no Pod be evicted.
    fn budget(&self) -> Option<Wait> {
        let labels = Labels::new(self.template.labels());
        let replicas = self.replicas();
        let mut budgets = self.new.index.of_kind("policy", "PodDisruptionBudget").iter().filter_map(|at| self.new.index.objects.get(*at));
        let allows_none = |budget: &&Object<'_>| {
            let selector = budget.node.at(&["spec", "selector"]).and_then(|node| Selector::of_label_selector(node).ok());
            let amount =
                |key: &str, up: bool| budget.node.at(&["spec", key]).and_then(Node::text).and_then(|text| resolve(text, replicas, up));
            let none = match (amount("minAvailable", true), amount("maxUnavailable", true)) {
                (Some(least), _) => least >= replicas,
                (None, Some(most)) => most == 0,
                (None, None) => false,
            };
            none && budget.namespace == self.object.namespace && selector.is_some_and(|selector| selector.matches(&labels))
        };
        let budget = budgets.find(allows_none)?;
        let text =
            format!("for ever where old ones are evicted, as PodDisruptionBudget {} allows none; they have to be deleted", budget.name);
        Some(self.wait(Path::of(&["spec", "updateStrategy"]), false, text))
    }
}
