//! What each workload takes of its namespace, in the steady state and at its peak.

use std::collections::{HashMap, HashSet};

use kustomize::Node;

use super::amounts::{Amounts, quantity};
use super::limits::{Limits, Resources};
use crate::objects::{Index, Object, Path, PodTemplate};
use crate::products::{MadeKind, MadeObject};
use crate::schema::format::quantity::Quantity;

/// What one workload takes.
#[derive(Debug)]
pub(super) struct Demand<'a> {
    /// Where the object stands among all objects; none where it is applied on top of them.
    pub(super) at: Option<usize>,
    /// `Deployment web`
    pub(super) name: String,
    /// Its namespace.
    pub(super) namespace: &'a str,
    /// Pods at once in the steady state.
    pub(super) steady: i64,
    /// Pods at once in the worst case.
    pub(super) peak: i64,
    /// Whether it runs on every node, so that the number of its pods is the cluster's business.
    pub(super) on_every_node: bool,
    /// What one pod asks for.
    pub(super) pod: Resources,
    /// The sizes of the claims that each pod brings.
    pub(super) claims: Vec<Quantity>,
    /// Its containers, with what each asks for.
    pub(super) containers: Vec<(Path, Resources)>,
}

/// The demands of all workloads, those of operators and those that are applied on top included.
pub(super) fn of_all<'a, 'l>(
    index: &Index<'a>,
    made: &'a [MadeObject],
    additions: &Index<'a>,
    limits: &impl Fn(&str) -> &'l Limits<'l>,
) -> Vec<Demand<'a>> {
    let autoscalers = autoscalers(index);
    let own = index.objects.iter().enumerate();
    let mut demands: Vec<_> = own.filter_map(|(at, object)| of_object(Some(at), object, &autoscalers, limits(object.namespace))).collect();
    demands.extend(made.iter().filter(|made| made.kind == MadeKind::Pod).map(|made| of_operator(made, limits(&made.namespace))));
    let none = HashMap::new();
    // An addition that brings the overlay along, with other settings, changes its objects and makes no more of them.
    let mut known: HashSet<_> = index.objects.iter().map(identity).collect();
    let on_top = additions.objects.iter().filter(|object| known.insert(identity(object)));
    demands.extend(on_top.filter_map(|object| of_object(None, object, &none, limits(object.namespace))));
    demands
}

fn identity<'a>(object: &Object<'a>) -> (&'a str, &'a str, &'a str) {
    (object.kind, object.namespace, object.name)
}

/// The most replicas that an autoscaler may ask for, by namespace, kind and name of its target.
fn autoscalers<'a>(index: &Index<'a>) -> HashMap<(&'a str, &'a str, &'a str), i64> {
    let autoscalers = index.of_kind("autoscaling", "HorizontalPodAutoscaler").iter().filter_map(|at| index.objects.get(*at));
    let most = |object: &Object<'a>| {
        let spec = object.node.get("spec")?;
        let (kind, name) = (spec.str_at(&["scaleTargetRef", "kind"])?, spec.str_at(&["scaleTargetRef", "name"])?);
        Some(((object.namespace, kind, name), spec.get("maxReplicas")?.as_i64()?))
    };
    autoscalers.filter_map(most).collect()
}

fn of_object<'a>(
    at: Option<usize>,
    object: &Object<'a>,
    autoscalers: &HashMap<(&str, &str, &str), i64>,
    limits: &Limits<'_>,
) -> Option<Demand<'a>> {
    // What an operator makes, the table of products says.
    let template = object.pod_template().filter(|_| !object.is_partial())?;
    let spec = object.node.get("spec");
    let number = |keys: &[&str]| spec.and_then(|spec| spec.at(keys)).and_then(Node::as_i64);
    let replicas = number(&["replicas"]).unwrap_or(1);
    let scaled = autoscalers.get(&(object.namespace, object.own_kind(), object.name)).copied().unwrap_or(replicas).max(replicas);
    let (steady, peak) = match object.kind {
        "Deployment" => (replicas, rolling_out(spec, &template, scaled)),
        "StatefulSet" | "ReplicaSet" | "ReplicationController" => (replicas, scaled),
        "Job" => (0, running(number(&["parallelism"]), number(&["completions"]))),
        "CronJob" => {
            let job = |key| number(&["jobTemplate", "spec", key]);
            (0, running(job("parallelism"), job("completions")))
        }
        _ => (1, 1),
    };
    let (pod, containers) = of_pod(&template, limits);
    let templates = spec.and_then(|spec| spec.get("volumeClaimTemplates")).map_or(&[][..], Node::items);
    let claims = templates.iter().filter_map(|claim| quantity(claim.at(&["spec", "resources", "requests", "storage"])?)).collect();
    Some(Demand {
        at,
        name: format!("{} {}", object.own_kind(), object.name),
        namespace: object.namespace,
        steady,
        peak,
        on_every_node: object.kind == "DaemonSet",
        pod,
        claims,
        containers,
    })
}

fn running(parallelism: Option<i64>, completions: Option<i64>) -> i64 {
    let parallelism = parallelism.unwrap_or(1);
    completions.map_or(parallelism, |completions| parallelism.min(completions))
}

/// The most pods at once while a rollout replaces all of them.
///
/// A quota counts a pod until its grace period is over. New pods may all be ready before the first old one is gone, so there may be as
/// many again, whatever the surge; where nobody waits for a pod to end, there are only those that the surge adds.
fn rolling_out(spec: Option<&Node>, template: &PodTemplate<'_>, replicas: i64) -> i64 {
    let strategy = spec.and_then(|spec| spec.get("strategy"));
    if strategy.and_then(|strategy| strategy.str_at(&["type"])) == Some("Recreate") {
        return replicas;
    }
    let grace = template.spec().and_then(|spec| spec.get("terminationGracePeriodSeconds")).and_then(Node::as_i64);
    let more = if grace == Some(0) { surge(strategy, replicas).min(replicas) } else { replicas };
    replicas.saturating_add(more)
}

/// How many pods more a rollout may make: 25 % (rounded up) unless the strategy says otherwise.
fn surge(strategy: Option<&Node>, replicas: i64) -> i64 {
    let most = strategy.and_then(|strategy| strategy.at(&["rollingUpdate", "maxSurge"]));
    let percent = match most.map(|most| (most.as_i64(), most.text())) {
        Some((Some(number), _)) => return number,
        Some((None, Some(text))) => text.strip_suffix('%').and_then(|percent| percent.parse().ok()).unwrap_or(25),
        _ => 25,
    };
    replicas.saturating_mul(percent).saturating_add(99) / 100
}

/// What a pod asks for: its containers and sidecars together, or an init container where that needs more, and its overhead.
fn of_pod(template: &PodTemplate<'_>, limits: &Limits<'_>) -> (Resources, Vec<(Path, Resources)>) {
    let (mut running, mut starting) = (Resources::default(), Resources::default());
    let mut containers = Vec::new();
    for (path, container) in template.containers() {
        let own = limits.resources(container.get("resources"));
        let init = path.0.iter().any(|segment| *segment == "initContainers".into());
        if !init || container.str_at(&["restartPolicy"]) == Some("Always") {
            running.requests.add(&own.requests, 1);
            running.limits.add(&own.limits, 1);
        } else {
            // Sidecars that were started before it run beside it; those are what `running` holds so far.
            let mut beside = running.clone();
            beside.requests.add(&own.requests, 1);
            beside.limits.add(&own.limits, 1);
            starting.requests.at_least(&beside.requests);
            starting.limits.at_least(&beside.limits);
        }
        containers.push((path, own));
    }
    running.requests.at_least(&starting.requests);
    running.limits.at_least(&starting.limits);
    let spec = template.spec();
    let whole = |field: &str| Amounts::read(spec.and_then(|spec| spec.at(&["resources", field])));
    for (own, whole) in [(&mut running.limits, whole("limits")), (&mut running.requests, whole("requests"))] {
        own.0.extend(whole.0);
    }
    let overhead = Amounts::read(spec.and_then(|spec| spec.get("overhead")));
    running.requests.add(&overhead, 1);
    running.limits.add(&overhead, 1);
    (running, containers)
}

fn of_operator<'a>(made: &'a MadeObject, limits: &Limits<'_>) -> Demand<'a> {
    let mut pod = Resources::default();
    for container in &made.containers {
        let read = |pairs: &[(String, String)]| {
            Amounts(pairs.iter().filter_map(|(name, amount)| Some((name.clone(), Quantity::parse(amount).ok()?))).collect())
        };
        let mut own = Resources { requests: read(&container.requests), limits: read(&container.limits) };
        own.requests.default_to(&own.limits);
        let defaults = limits.resources(None);
        own.requests.default_to(&defaults.requests);
        own.limits.default_to(&defaults.limits);
        pod.requests.add(&own.requests, 1);
        pod.limits.add(&own.limits, 1);
    }
    Demand {
        at: Some(made.at),
        name: made.name.clone(),
        namespace: &made.namespace,
        steady: made.replicas,
        peak: made.replicas,
        on_every_node: false,
        pod,
        claims: made.claims.iter().filter_map(|size| Quantity::parse(size).ok()).collect(),
        containers: Vec::new(),
    }
}
