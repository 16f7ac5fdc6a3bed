//! Where kustomizations, and the files that they read replacements from, name objects.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kustomize::yaml::Dialect;
use kustomize::{Node, Sources};

use super::edit::documents;
use crate::discover::FILE_NAMES;
use crate::location::Step;
use crate::paths::shown;

/// The kinds that `replicas` of a kustomization are of.
const SCALED: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

/// Where a kustomization names objects of a kind, and how.
pub(super) fn entries<'n>(root: &'n Node, kind: &str) -> Vec<(Vec<Step>, &'n str)> {
    let mut found = Vec::new();
    let mut add = |path: Vec<Step>, map: &'n Node, is_kind: bool| {
        let is_meant = map.str_at(&["kind"]).map_or(is_kind, |named| named == kind);
        if let Some(text) = map.str_at(&["name"]).filter(|_| is_meant) {
            found.push((path.into_iter().chain([Step::Key("name".to_owned())]).collect(), text));
        }
    };
    let key = |name: &str| Step::Key(name.to_owned());
    let items = |node: &'n Node, list: &str| node.get(list).map(Node::items).unwrap_or_default().iter().enumerate();
    // `waivers.yaml` has its rows as a kustomization has them.
    for (list, below) in [("patches", "target"), ("patchesJson6902", "target"), ("vars", "objref"), ("waivers", "object")] {
        for (at, item) in items(root, list) {
            item.get(below).into_iter().for_each(|map| add(vec![key(list), Step::Index(at), key(below)], map, true));
        }
    }
    // A file of replacements is a list of them, or one.
    let listed = items(root, "replacements").map(|(at, node)| (vec![key("replacements"), Step::Index(at)], node));
    let own = root.items().iter().enumerate().map(|(at, node)| (vec![Step::Index(at)], node));
    for (above, replacement) in listed.chain(own).chain([(Vec::new(), root)]) {
        let below = |more: &[Step]| [&above[..], more].concat();
        replacement.get("source").into_iter().for_each(|map| add(below(&[key("source")]), map, true));
        for (nth, target) in items(replacement, "targets") {
            let target_path = [key("targets"), Step::Index(nth)];
            let within = |more: &[Step]| below(&[&target_path[..], more].concat());
            target.get("select").into_iter().for_each(|map| add(within(&[key("select")]), map, true));
            for (number, map) in items(target, "reject") {
                add(within(&[key("reject"), Step::Index(number)]), map, true);
            }
        }
    }
    let generators = [("configMapGenerator", kind == "ConfigMap"), ("secretGenerator", kind == "Secret")];
    for (list, is_kind) in generators.into_iter().chain([("replicas", SCALED.contains(&kind))]) {
        for (at, map) in items(root, list) {
            add(vec![key(list), Step::Index(at)], map, is_kind);
        }
    }
    found
}

/// The patches that stand in a kustomization.
pub(super) fn blocks(root: &Node) -> Vec<(Vec<Step>, &str)> {
    let key = |name: &str| Step::Key(name.to_owned());
    let items = |list: &str| root.get(list).map(Node::items).unwrap_or_default().iter().enumerate();
    let patches =
        items("patches").filter_map(|(at, item)| Some((vec![key("patches"), Step::Index(at), key("patch")], item.str_at(&["patch"])?)));
    let merges = items("patchesStrategicMerge").filter_map(|(at, item)| {
        Some((vec![key("patchesStrategicMerge"), Step::Index(at)], item.as_str().filter(|text| text.contains('\n'))?))
    });
    patches.chain(merges).collect()
}

/// The files that kustomizations read replacements from.
pub(super) fn replacement_files(sources: &Sources) -> BTreeSet<PathBuf> {
    let is_asked = |path: &Path, text: &str| FILE_NAMES.iter().any(|name| path.ends_with(name)) && text.contains("replacements");
    let mut found = BTreeSet::new();
    for (_, source) in sources.iter().filter(|(_, source)| is_asked(source.path(), source.text())) {
        let dir = source.path().parent().unwrap_or(Path::new(""));
        for root in documents(source.text(), Dialect::YamlV2).unwrap_or_default() {
            let named = root.get("replacements").map(Node::items).unwrap_or_default().iter().filter_map(|item| item.str_at(&["path"]));
            found.extend(named.map(|path| shown(&dir.join(path))));
        }
    }
    found
}
