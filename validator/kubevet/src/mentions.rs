//! Names in an object that stand for other objects.

use kubevet_facts::mentions::pods;
use kubevet_facts::objects::{Index, Path as FactsPath, Segment};
use kustomize::Node;

use crate::location::Step;

/// A name in an object that stands for another one.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// Where the name is.
    pub(crate) path: Vec<Step>,
    pub(crate) kind: String,
    pub(crate) name: String,
    /// The key of it that is meant, and where that is named.
    pub(crate) key: Option<(String, Vec<Step>)>,
}

/// The names in an object that stand for others.
pub(crate) fn of(node: &Node) -> Vec<Reference> {
    let nodes = [node];
    let index = Index::new(&nodes);
    let template = index.objects.first().and_then(|object| object.pod_template());
    let steps = |path: &FactsPath| path.0.iter().cloned().map(Segment::into).collect::<Vec<Step>>();
    let mentions = template.iter().flat_map(pods::mentions).map(|mention| Reference {
        path: steps(&mention.path),
        kind: mention.kind.name().to_owned(),
        name: mention.name.to_owned(),
        key: mention.key.as_ref().map(|(key, path)| ((*key).to_owned(), steps(path))),
    });
    let mut found: Vec<Reference> = mentions.collect();
    add_named(node, &mut Vec::new(), &mut found);
    found
}

/// Adds maps that say a kind and a name, as `roleRef` and `scaleTargetRef` do, and the Services behind Ingresses and StatefulSets.
fn add_named(node: &Node, path: &mut Vec<Step>, found: &mut Vec<Reference>) {
    let key = |name: &str| Step::Key(name.to_owned());
    let add = |kind: &str, name: &str, below: &[&str], found: &mut Vec<Reference>, path: &[Step]| {
        let path = path.iter().cloned().chain(below.iter().map(|name| Step::Key((*name).to_owned()))).collect();
        found.push(Reference { path, kind: kind.to_owned(), name: name.to_owned(), key: None });
    };
    if !path.is_empty() {
        if let (Some(kind), Some(name)) = (node.str_at(&["kind"]), node.str_at(&["name"])) {
            add(kind, name, &["name"], found, path);
        }
        if let Some(name) = node.str_at(&["serviceName"]) {
            add("Service", name, &["serviceName"], found, path);
        }
        // What routes lead to is a Service where they say no kind.
        let is_backend = matches!(path.as_slice(), [.., Step::Key(list), Step::Index(_)] if list == "backendRefs");
        if let Some(name) = node.str_at(&["name"]).filter(|_| is_backend && node.get("kind").is_none()) {
            add("Service", name, &["name"], found, path);
        }
        if let Some(name) = node.str_at(&["service", "name"]) {
            add("Service", name, &["service", "name"], found, path);
        }
    }
    for entry in node.entries() {
        path.push(key(&entry.key.text));
        add_named(&entry.value, path, found);
        path.pop();
    }
    for (at, item) in node.items().iter().enumerate() {
        path.push(Step::Index(at));
        add_named(item, path, found);
        path.pop();
    }
}
