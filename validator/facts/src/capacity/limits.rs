//! LimitRanges: defaults that admission fills in, and bounds that it checks.
//!
//! Semantics: `plugin/pkg/admission/limitranger` and the defaults of `LimitRangeItem` in `pkg/apis/core/v1`.

use std::collections::HashMap;

use kustomize::Node;

use super::OutOfRange;
use super::amounts::{self, Amounts};
use crate::objects::{Index, Object, Path};
use crate::schema::format::quantity::Quantity;

/// All LimitRanges of a namespace.
#[derive(Debug, Default)]
pub(super) struct Limits<'a> {
    items: Vec<Item<'a>>,
}

#[derive(Debug)]
struct Item<'a> {
    range: Object<'a>,
    kind: &'a str,
    min: Amounts,
    max: Amounts,
    default: Amounts,
    default_request: Amounts,
}

/// The LimitRanges by namespace.
pub(super) fn by_namespace<'a>(index: &Index<'a>) -> HashMap<&'a str, Limits<'a>> {
    let mut ranges: HashMap<&str, Limits<'_>> = HashMap::new();
    for range in index.of_kind("", "LimitRange").iter().filter_map(|at| index.objects.get(*at)) {
        for item in range.node.at(&["spec", "limits"]).map_or(&[][..], Node::items) {
            ranges.entry(range.namespace).or_default().items.push(Item::read(*range, item));
        }
    }
    ranges
}

impl<'a> Item<'a> {
    fn read(range: Object<'a>, item: &'a Node) -> Self {
        let amounts = |field: &str| Amounts::read(item.get(field));
        let (kind, min, max) = (item.str_at(&["type"]).unwrap_or(""), amounts("min"), amounts("max"));
        let (mut default, mut default_request) = (amounts("default"), amounts("defaultRequest"));
        if kind == "Container" {
            default.default_to(&max);
            default_request.default_to(&default);
            default_request.default_to(&min);
        }
        Item { range, kind, min, max, default, default_request }
    }
}

/// What a container asks for, once admission has filled in what it does not say.
#[derive(Clone, Debug, Default)]
pub(super) struct Resources {
    /// What is set aside for it.
    pub(super) requests: Amounts,
    /// What it may take.
    pub(super) limits: Amounts,
}

impl Limits<'_> {
    /// What a container (or the resources of a pod as a whole) asks for.
    pub(super) fn resources(&self, resources: Option<&Node>) -> Resources {
        let mut requests = Amounts::read(resources.and_then(|resources| resources.get("requests")));
        let mut limits = Amounts::read(resources.and_then(|resources| resources.get("limits")));
        requests.default_to(&limits);
        for item in self.items.iter().filter(|item| item.kind == "Container") {
            requests.default_to(&item.default_request);
            limits.default_to(&item.default);
        }
        Resources { requests, limits }
    }

    /// Amounts in an object that are out of bounds.
    pub(super) fn refused(&self, object: &Object<'_>) -> Vec<OutOfRange> {
        let mut found = Vec::new();
        if let Some(template) = object.pod_template() {
            for (path, container) in template.containers() {
                let resources = self.resources(container.get("resources"));
                for item in self.items.iter().filter(|item| item.kind == "Container") {
                    let path = path.with("resources");
                    item.check(&resources.limits, &resources.requests, &path, &mut found);
                }
            }
        }
        let claims: Vec<(Path, &Node)> = match (object.group(), object.kind) {
            ("", "PersistentVolumeClaim") => vec![(Path::default(), object.node)],
            ("apps", "StatefulSet") => {
                let templates = object.node.at(&["spec", "volumeClaimTemplates"]).map_or(&[][..], Node::items).iter().enumerate();
                templates.map(|(at, claim)| (Path::of(&["spec", "volumeClaimTemplates"]).with(at), claim)).collect()
            }
            _ => Vec::new(),
        };
        for (path, claim) in claims {
            let requests = Amounts::read(claim.at(&["spec", "resources", "requests"]));
            for item in self.items.iter().filter(|item| item.kind == "PersistentVolumeClaim") {
                item.check(&requests, &requests, &path.with("spec").with("resources"), &mut found);
            }
        }
        found
    }
}

impl Item<'_> {
    /// The greatest that may be taken is bounded from above, what is set aside from below.
    fn check(&self, most: &Amounts, least: &Amounts, path: &Path, found: &mut Vec<OutOfRange>) {
        let mut report = |resource: &str, amount: Quantity, bound: &'static str, limit: Quantity, field: &str| {
            found.push(OutOfRange {
                path: path.with(field).with(resource),
                resource: resource.to_owned(),
                amount: amounts::display(resource, amount),
                bound,
                limit: amounts::display(resource, limit),
                range: self.range.id(),
            });
        };
        let field = if self.kind == "PersistentVolumeClaim" { "requests" } else { "limits" };
        for (resource, max) in &self.max.0 {
            if let Some(amount) = most.get(resource).filter(|amount| amount > max) {
                report(resource, amount, "max", *max, field);
            }
        }
        for (resource, min) in &self.min.0 {
            if let Some(amount) = least.get(resource).filter(|amount| amount < min) {
                report(resource, amount, "min", *min, "requests");
            }
        }
    }
}
