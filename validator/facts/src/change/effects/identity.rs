//! Workloads whose Pods have another identity than before: another ServiceAccount, or its token where they had none.

use kustomize::Node;

use super::{Pod, Side};
use crate::objects::{Object, Path};

/// A ServiceAccount by its namespace and name.
type Account<'a> = (&'a str, &'a str);

/// A workload whose Pods act as somebody else.
pub(super) struct Switch<'a> {
    /// Its number.
    pub(super) at: usize,
    /// The line that says so.
    pub(super) path: Path,
    /// As whom they acted, if as anybody.
    pub(super) was: Option<Account<'a>>,
    /// As whom they act.
    pub(super) is: Account<'a>,
}

/// Those among pairs of objects of `from` and `to`.
pub(super) fn switches<'a>(
    from: Side<'_, 'a>,
    to: Side<'_, 'a>,
    pairs: impl Iterator<Item = (Option<usize>, Option<usize>)>,
) -> Vec<Switch<'a>> {
    let mut found = Vec::new();
    for (was, at) in pairs.filter_map(|(was, is)| was.zip(is)) {
        let Some(object) = to.index.objects.get(at) else { continue };
        let Some(before) = from.index.objects.get(was) else { continue };
        // An object that makes several kinds of Pods has them in one order.
        for (before, pod) in from.pods(was).iter().map(|pod| account(from, before, pod)).zip(to.pods(at)) {
            let Some(is) = account(to, object, &pod).filter(|is| before != Some(*is)) else { continue };
            let spec = pod.template.spec();
            let is_set = |key: &&&str| spec.is_some_and(|spec| spec.get(key).is_some());
            let name = || NAMES.iter().find(is_set).copied();
            let key = match spec.and_then(|spec| spec.get(MOUNTS)).filter(|_| before.is_none()).map(Node::as_bool) {
                Some(Some(false)) => Some("volumes"),
                Some(_) => Some(MOUNTS),
                None => name(),
            };
            let path = pod.in_object(&pod.template.spec_path(key.as_slice()));
            found.push(Switch { at, path, was: before, is });
        }
    }
    found
}

/// The fields that name it; the second is the old one.
const NAMES: [&str; 2] = ["serviceAccountName", "serviceAccount"];

/// Whether a Pod gets the token of its ServiceAccount.
const MOUNTS: &str = "automountServiceAccountToken";

/// As whom a Pod acts; nobody where it gets no token.
fn account<'a>(side: Side<'_, 'a>, object: &Object<'a>, pod: &Pod<'_, 'a>) -> Option<Account<'a>> {
    let spec = pod.template.spec()?;
    let name = NAMES.iter().find_map(|key| spec.str_at(&[key]).filter(|name| !name.is_empty())).unwrap_or("default");
    let is_mounted = |node: &Node| node.get(MOUNTS).and_then(Node::as_bool);
    let of_account = || is_mounted(side.index.objects.get(side.index.find("", "ServiceAccount", object.namespace, name)?)?.node);
    let volumes = spec.get("volumes").map_or(&[][..], Node::items).iter();
    let mut sources = volumes.flat_map(|volume| volume.at(&["projected", "sources"]).map_or(&[][..], Node::items));
    let is_projected = sources.any(|source| source.get("serviceAccountToken").is_some());
    (is_projected || is_mounted(spec).or_else(of_account).unwrap_or(true)).then_some((object.namespace, name))
}
