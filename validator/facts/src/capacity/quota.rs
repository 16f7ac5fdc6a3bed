//! ResourceQuotas: what they allow and what is asked of them.

use kustomize::Node;
use serde::Serialize;

use super::Unspecified;
use super::amounts::{Amounts, display, quantity};
use super::demand::Demand;
use crate::objects::{Index, Object, Path};
use crate::schema::format::quantity::Quantity;

/// A hard limit of a ResourceQuota and what is asked of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotaUse {
    /// Where the limit is.
    pub path: Path,
    /// What is limited: `requests.cpu`, `pods` …
    pub resource: String,
    /// The limit.
    pub hard: String,
    /// What is asked in the steady state.
    pub steady: String,
    /// What is asked in the worst case: autoscalers at their maximum, rollouts, Jobs.
    pub peak: String,
    /// Whether the steady state is more than the limit.
    pub exceeded: bool,
    /// Whether the worst case is more than the limit.
    pub exceeded_at_peak: bool,
    /// Who asks most at the peak, with how much, the greatest first.
    pub greatest: Vec<String>,
    /// What can't be counted: DaemonSets have as many Pods as there are nodes, and count as one.
    pub uncounted: Vec<String>,
}

/// How many of those who ask most are named.
const NAMED: usize = 3;

/// The limits of a ResourceQuota that can be counted. One that only holds for some Pods (`scopes`) is left alone.
pub(super) fn uses(object: &Object<'_>, demands: &[&Demand<'_>], index: &Index<'_>) -> Vec<QuotaUse> {
    let spec = object.node.get("spec");
    let field = |name: &str| spec.and_then(|spec| spec.get(name));
    if field("scopes").is_some_and(|scopes| !scopes.items().is_empty())
        || field("scopeSelector").is_some_and(|selector| !selector.entries().is_empty())
    {
        return Vec::new();
    }
    let entries = field("hard").map_or(&[][..], Node::entries).iter();
    let count = |entry: &kustomize::Entry| {
        let (resource, hard) = (&*entry.key.text, quantity(&entry.value)?);
        let asked = asked(object, resource, demands, index)?;
        let sum = |part: fn(&Asked) -> Quantity| asked.iter().map(part).fold(Quantity::default(), Quantity::plus);
        let (steady, peak) = (sum(|asked| asked.steady), sum(|asked| asked.peak));
        let mut greatest: Vec<_> = asked.iter().filter(|asked| !asked.peak.is_zero()).collect();
        greatest.sort_by(|a, b| b.peak.cmp(&a.peak).then_with(|| a.name.cmp(&b.name)));
        Some(QuotaUse {
            path: Path::of(&["spec", "hard", resource]),
            resource: resource.to_owned(),
            hard: display(resource, hard),
            steady: display(resource, steady),
            peak: display(resource, peak),
            exceeded: steady > hard,
            exceeded_at_peak: peak > hard,
            greatest: greatest.iter().take(NAMED).map(|asked| format!("{} {}", asked.name, display(resource, asked.peak))).collect(),
            uncounted: demands.iter().filter(|demand| demand.on_every_node).map(|demand| demand.name.clone()).collect(),
        })
    };
    entries.filter_map(count).collect()
}

/// What one object asks of a limit.
struct Asked {
    name: String,
    steady: Quantity,
    peak: Quantity,
}

fn asked(quota: &Object<'_>, resource: &str, demands: &[&Demand<'_>], index: &Index<'_>) -> Option<Vec<Asked>> {
    let of_pods = |amount: &dyn Fn(&Demand<'_>) -> Quantity| {
        let ask = |demand: &&Demand<'_>| Asked {
            name: demand.name.clone(),
            steady: amount(demand).times(demand.steady),
            peak: amount(demand).times(demand.peak),
        };
        Some(demands.iter().map(ask).collect())
    };
    let of_objects = |kind: &str, group: &str, amount: &dyn Fn(&Object<'_>) -> Quantity| {
        let objects =
            index.objects.iter().filter(|object| object.namespace == quota.namespace && object.kind == kind && object.group() == group);
        let ask = |object: &Object<'_>| {
            let amount = amount(object);
            Asked { name: format!("{kind} {}", object.name), steady: amount, peak: amount }
        };
        objects.map(ask).collect::<Vec<_>>()
    };
    let one = |_: &Object<'_>| Quantity::of(1);
    match resource {
        "pods" | "count/pods" => of_pods(&|_| Quantity::of(1)),
        "requests.storage" => {
            let mut found = of_objects("PersistentVolumeClaim", "", &|claim| {
                claim.node.at(&["spec", "resources", "requests", "storage"]).and_then(quantity).unwrap_or_default()
            });
            found.extend(of_pods(&|demand| demand.claims.iter().copied().fold(Quantity::default(), Quantity::plus))?);
            Some(found)
        }
        "persistentvolumeclaims" | "count/persistentvolumeclaims" => {
            let mut found = of_objects("PersistentVolumeClaim", "", &one);
            found.extend(of_pods(&|demand| Quantity::of(demand.claims.len() as i64))?);
            Some(found)
        }
        "services" | "count/services" => Some(of_objects("Service", "", &one)),
        "services.loadbalancers" => Some(of_objects("Service", "", &|service| of_type(service, &["LoadBalancer"]))),
        "services.nodeports" => {
            Some(of_objects("Service", "", &|service| of_type(service, &["NodePort", "LoadBalancer"]).times(ports(service))))
        }
        "configmaps" | "count/configmaps" => Some(of_objects("ConfigMap", "", &one)),
        "secrets" | "count/secrets" => Some(of_objects("Secret", "", &one)),
        "cpu" | "memory" | "ephemeral-storage" => of_pods(&|demand| demand.pod.requests.get(resource).unwrap_or_default()),
        _ => {
            if let Some(resource) = resource.strip_prefix("requests.") {
                return of_pods(&|demand| demand.pod.requests.get(resource).unwrap_or_default());
            }
            let resource = resource.strip_prefix("limits.")?;
            of_pods(&|demand| demand.pod.limits.get(resource).unwrap_or_default())
        }
    }
}

fn of_type(service: &Object<'_>, types: &[&str]) -> Quantity {
    let own = service.node.str_at(&["spec", "type"]).unwrap_or("ClusterIP");
    Quantity::of(i64::from(types.contains(&own)))
}

fn ports(service: &Object<'_>) -> i64 {
    service.node.at(&["spec", "ports"]).map_or(0, |ports| ports.items().len() as i64)
}

/// What a ResourceQuota demands of every container and one does not say, with the place of its object among all objects.
pub(super) fn unspecified(object: &Object<'_>, demands: &[&Demand<'_>]) -> Vec<(usize, Unspecified)> {
    let mut found = Vec::new();
    let hard = Amounts::read(object.node.at(&["spec", "hard"]));
    for name in hard.0.keys() {
        let (limits, resource) = match name.split_once('.') {
            None if ["cpu", "memory"].contains(&name.as_str()) => (false, name.as_str()),
            Some(("requests", resource @ ("cpu" | "memory"))) => (false, resource),
            Some(("limits", resource @ ("cpu" | "memory"))) => (true, resource),
            _ => continue,
        };
        for demand in demands {
            let Some(at) = demand.at else { continue };
            let whole = if limits { &demand.pod.limits } else { &demand.pod.requests };
            for (path, own) in &demand.containers {
                let own = if limits { &own.limits } else { &own.requests };
                // Resources of the Pod as a whole stand for those of its containers.
                let by_pod = whole.get(resource).is_some()
                    && demand.containers.iter().all(|(_, own)| {
                        let own = if limits { &own.limits } else { &own.requests };
                        own.get(resource).is_none()
                    });
                if own.get(resource).is_none() && !by_pod {
                    let path = path.with("resources").with(if limits { "limits" } else { "requests" }).with(resource);
                    found.push((at, Unspecified { path, resource: name.clone(), quota: object.id() }));
                }
            }
        }
    }
    found
}
