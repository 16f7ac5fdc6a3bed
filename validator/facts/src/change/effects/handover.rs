//! What Services and budgets select before, during and after a rollout: old Pods keep their labels until they are replaced.

use std::collections::{BTreeSet, HashMap};

use kustomize::Node;
use serde::Serialize;

use super::words;
use crate::change::{Change, Kind};
use crate::objects::{Index, Object, ObjectId, Path};
use crate::selectors::Selector;
use crate::traffic::cluster::{Cluster, Workload};

/// The most workloads that are named.
const MOST: usize = 5;

/// A Service or PodDisruptionBudget that selects other Pods than before, or none for a while.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Handover {
    /// The Service or PodDisruptionBudget.
    pub object: ObjectId,
    /// Whose line makes the difference: the object itself, or a workload whose labels change.
    pub cause: ObjectId,
    /// Where in it.
    pub path: Path,
    /// The workloads whose Pods it selected before and does not after the rollout.
    pub lost: Vec<String>,
    /// The workloads whose Pods it selects now and did not before.
    pub gained: Vec<String>,
    /// Whether it selects no Pod at all after the rollout.
    pub none_after: bool,
    /// The workloads whose old Pods it does not select, so that it selects none of theirs until new ones are ready.
    pub gap: Vec<String>,
    /// Whether during the rollout no old Pod of any workload is selected, though there were some.
    pub none_during: bool,
    /// Whether the API server refuses the update that would bring the new Pods, so that it stays so.
    pub refused: bool,
}

/// Compares two sides.
pub(super) fn handovers(old: (&Index<'_>, &Cluster<'_>), new: (&Index<'_>, &Cluster<'_>), changes: &[&Change]) -> Vec<Handover> {
    let by_new: HashMap<usize, &Change> = changes.iter().copied().filter_map(|change| Some((change.new?, change))).collect();
    let by_id: HashMap<&str, &Workload<'_>> = new.1.workloads.iter().map(|workload| (&*workload.id, workload)).collect();
    let mut found = Vec::new();
    for (group, kind) in [("", "Service"), ("policy", "PodDisruptionBudget")] {
        for at in new.0.of_kind(group, kind).iter().copied() {
            let Some(object) = new.0.objects.get(at) else { continue };
            let before = match by_new.get(&at) {
                // Beside one under another name the old one goes on selecting what it did.
                Some(change) => change.old.filter(|_| change.change == Kind::Changed),
                None => old.0.find(group, kind, object.namespace, object.name),
            };
            let Some(before) = before.and_then(|at| old.0.objects.get(at)) else { continue };
            let (Some(was), Some(is)) = (selector(before), selector(object)) else { continue };
            let ids = |cluster: &Cluster<'_>, numbers: Vec<usize>| -> BTreeSet<String> {
                numbers.into_iter().filter_map(|number| Some(cluster.workloads.get(number)?.id.to_string())).collect()
            };
            let selected_before = ids(old.1, old.1.with_pods_of(before.namespace, &was));
            let selected_after = ids(new.1, new.1.with_pods_of(object.namespace, &is));
            // The selector changes at once, the Pods later.
            let still: BTreeSet<String> = ids(old.1, old.1.with_pods_of(object.namespace, &is));
            let gap: Vec<&String> = selected_before.iter().filter(|id| selected_after.contains(*id) && !still.contains(*id)).collect();
            let lost: Vec<&String> = selected_before.difference(&selected_after).collect();
            let gained: Vec<&String> = selected_after.difference(&selected_before).collect();
            let none_after = selected_after.is_empty() && !selected_before.is_empty();
            let joined = !gained.is_empty() && !selected_before.is_empty();
            let left = lost.iter().any(|id| by_id.contains_key(id.as_str()));
            if gap.is_empty() && !none_after && !joined && !left {
                continue;
            }
            let workload = gap.iter().chain(&gained).chain(&lost).find_map(|id| by_id.get(id.as_str()));
            let own_change = by_new.get(&at).and_then(|change| {
                let keys: &[&str] = &["spec", "selector"];
                let field = change.fields.iter().find(|field| field.path.0.starts_with(&Path::of(keys).0) || field.path.0.len() == 1)?;
                Some((object.id(), field.path.clone()))
            });
            let of_workload = workload.and_then(|workload| {
                let labels =
                    workload.template.map_or_else(Path::default, |template| Path::of(template.path).with("metadata").with("labels"));
                Some((new.0.objects.get(workload.at)?.id(), labels))
            });
            let (cause, path) = own_change.or(of_workload).unwrap_or_else(|| (object.id(), Path::of(&["spec", "selector"])));
            let is_refused = |id: &&String| {
                let change = by_id.get(id.as_str()).and_then(|workload| by_new.get(&workload.at));
                change.is_some_and(|change| !change.refused.is_empty())
            };
            let named = |ids: &[&String]| -> Vec<String> {
                let more = ids.len().checked_sub(MOST).filter(|more| *more > 0).map(|more| format!("{more} more"));
                ids.iter().take(MOST).map(|id| words::workload(id, object.namespace)).chain(more).collect()
            };
            found.push(Handover {
                object: object.id(),
                cause,
                path,
                lost: named(&lost),
                gained: named(&gained),
                none_after,
                none_during: !none_after && !selected_before.is_empty() && still.is_empty(),
                refused: gap.iter().any(is_refused),
                gap: named(&gap),
            });
        }
    }
    found
}

/// What a Service or budget selects; nothing where it selects nothing by itself.
fn selector<'a>(object: &Object<'a>) -> Option<Selector<'a>> {
    let node = object.node.at(&["spec", "selector"]).filter(|node| !node.is_null())?;
    if object.kind == "Service" {
        let of_pods = object.node.str_at(&["spec", "type"]) != Some("ExternalName");
        return Some(node).filter(|node| of_pods && !node.entries().is_empty()).and_then(|node| Selector::of_labels(node).ok());
    }
    Some(node).filter(|node: &&Node| node.as_map().is_some()).and_then(|node| Selector::of_label_selector(node).ok())
}
