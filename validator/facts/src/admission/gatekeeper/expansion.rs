//! ExpansionTemplates: what will be made of an object, such as a Deployment's Pods, which constraints judge with it (`pkg/expansion` of Gatekeeper).

use kustomize::Node;

use crate::objects::{Path, Segment, group_of};

/// What is made of what is made, and so on; Gatekeeper itself gives up there.
const DEEPEST: usize = 30;

/// How many objects may be made of one.
const MOST: usize = 32;

/// An ExpansionTemplate.
#[derive(Debug)]
pub(super) struct Expansion<'a> {
    name: &'a str,
    object: &'a Node,
    /// The fields that lead to the template in an object.
    source: Vec<&'a str>,
    /// The apiVersion and kind of what is made.
    api_version: String,
    kind: &'a str,
    /// The action of constraints on it, if it is another than theirs.
    action: Option<&'a str>,
}

/// An object that is made of another.
#[derive(Debug)]
pub(super) struct Made<'e> {
    pub(super) object: Node,
    /// Where in the object that it is made of its fields are.
    pub(super) place: Path,
    /// The ExpansionTemplate that says so.
    pub(super) by: &'e str,
    /// Whether violations of it refuse or warn, if that is another than the constraint says.
    pub(super) denies: Option<bool>,
}

/// Whether an object is an ExpansionTemplate.
pub(super) fn is_expansion(object: &Node) -> bool {
    let group = object.str_at(&["apiVersion"]).map(group_of);
    group == Some("expansion.gatekeeper.sh") && object.str_at(&["kind"]) == Some("ExpansionTemplate")
}

impl<'a> Expansion<'a> {
    pub(super) fn read(object: &'a Node) -> Option<Self> {
        let spec = object.get("spec")?;
        let text = |keys: &[&str]| spec.str_at(keys).filter(|text| !text.is_empty());
        let version = text(&["generatedGVK", "version"])?;
        let api_version = text(&["generatedGVK", "group"]).map_or_else(|| version.to_owned(), |group| format!("{group}/{version}"));
        Some(Expansion {
            name: object.str_at(&["metadata", "name"]).unwrap_or_default(),
            object,
            source: text(&["templateSource"])?.split('.').collect(),
            api_version,
            kind: text(&["generatedGVK", "kind"])?,
            action: text(&["enforcementAction"]),
        })
    }

    fn takes(&self, object: &Node) -> bool {
        let (group, version) = object.str_at(&["apiVersion"]).unwrap_or_default().rsplit_once('/').unwrap_or_else(|| {
            let version = object.str_at(&["apiVersion"]).unwrap_or_default();
            ("", version)
        });
        let kind = object.str_at(&["kind"]).unwrap_or_default();
        let lists = |rule: &Node, field: &str, own: &str| {
            rule.get(field).map_or(&[][..], Node::items).iter().filter_map(Node::as_str).any(|item| item == own)
        };
        let rules = self.object.at(&["spec", "applyTo"]).map_or(&[][..], Node::items);
        rules.iter().any(|rule| lists(rule, "groups", group) && lists(rule, "versions", version) && lists(rule, "kinds", kind))
    }

    /// What it makes of an object that is in a namespace.
    fn make(&self, object: &Node, namespace: Option<&str>) -> Option<Node> {
        let mut made = object.at(&self.source).filter(|source| source.as_map().is_some())?.clone();
        let origin = made.origin.clone();
        let string = |text: &str| Node::string(text, origin.clone());
        let name = format!("{}-{}", object.str_at(&["metadata", "name"]).unwrap_or_default(), self.kind).to_lowercase();
        let fields = made.as_map_mut()?;
        fields.set("apiVersion", string(&self.api_version));
        fields.set("kind", string(self.kind));
        if fields.get("metadata").is_none_or(|metadata| metadata.as_map().is_none()) {
            fields.set("metadata", Node::map(origin.clone()));
        }
        let metadata = fields.get_mut("metadata")?.as_map_mut()?;
        metadata.set("name", string(&name));
        if let Some(namespace) = namespace {
            metadata.set("namespace", string(namespace));
        }
        Some(made)
    }
}

/// All that is made of an object, what is made of that included.
pub(super) fn made<'e>(expansions: &'e [Expansion<'_>], object: &Node, namespace: Option<&str>) -> Vec<Made<'e>> {
    let mut all: Vec<Made<'e>> = Vec::new();
    let of = |object: &Node, place: &Path| {
        let taking = expansions.iter().filter(|expansion| expansion.takes(object));
        let made = taking.filter_map(|expansion| {
            let steps = expansion.source.iter().map(|step| Segment::from(*step)).collect();
            Some(Made {
                object: expansion.make(object, namespace)?,
                place: place.join(&Path(steps)),
                by: expansion.name,
                denies: expansion.action.map(|action| action == "deny"),
            })
        });
        made.collect::<Vec<_>>()
    };
    let mut fresh = of(object, &Path::default());
    for _ in 0..DEEPEST {
        let next = fresh.iter().flat_map(|made| of(&made.object, &made.place)).take(MOST).collect();
        all.append(&mut fresh);
        fresh = next;
        if fresh.is_empty() || all.len() >= MOST {
            break;
        }
    }
    all
}
