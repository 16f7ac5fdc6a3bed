//! What looks like a Pod, whatever the kind that it is in.

use kustomize::Node;

use crate::objects::{Path, Segment};

/// Keys of lists of containers.
const LISTS: [&str; 4] = ["containers", "initContainers", "sidecars", "steps"];

/// A key of one container.
const ONE: &str = "container";

/// How deep to look; no kind that people wrote goes as deep.
const DEEPEST: usize = 64;

/// The maps of an object that have containers with images, from the top; not those below another one.
pub(super) fn pods(object: &Node) -> Vec<Path> {
    let mut found = Vec::new();
    // What an operator reports of the Pods is not what it makes.
    for entry in object.entries().iter().filter(|entry| &*entry.key.text != "status") {
        look(&entry.value, &mut vec![Segment::from(&*entry.key.text)], &mut found);
    }
    found
}

fn look(node: &Node, path: &mut Vec<Segment>, found: &mut Vec<Path>) {
    if path.len() > DEEPEST {
        return;
    }
    if has_containers(node) {
        found.push(Path(path.clone()));
        return;
    }
    for entry in node.entries() {
        path.push(Segment::from(&*entry.key.text));
        look(&entry.value, path, found);
        path.pop();
    }
    for (at, item) in node.items().iter().enumerate() {
        path.push(Segment::from(at));
        look(item, path, found);
        path.pop();
    }
}

fn has_containers(node: &Node) -> bool {
    let has_image = |node: &Node| node.get("image").is_some();
    node.entries().iter().any(|entry| match &*entry.key.text {
        ONE => has_image(&entry.value),
        key if LISTS.contains(&key) => entry.value.items().iter().any(has_image),
        _ => false,
    })
}
