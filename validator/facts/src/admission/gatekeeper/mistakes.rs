//! What Gatekeeper's own webhook refuses of templates and constraints, beyond their schemas.

use kustomize::Node;

use super::constraint::is_constraint;
use super::engine::{Engine, Mistake};
use super::template::{Template, is_template};
use crate::objects::Path;
use crate::schema::SchemaFact;
use crate::selectors::Selector;

/// The only target that Gatekeeper knows.
const TARGET: &str = "admission.k8s.gatekeeper.sh";

/// What is wrong with an object, if it is a template or a constraint.
pub(super) fn of(object: &Node, engine: &dyn Engine) -> Vec<SchemaFact> {
    if is_template(object) {
        template(object, engine)
    } else if is_constraint(object) {
        ["labelSelector", "namespaceSelector"].into_iter().filter_map(|field| selector(object, field)).collect()
    } else {
        Vec::new()
    }
}

fn template(object: &Node, engine: &dyn Engine) -> Vec<SchemaFact> {
    let Some(template) = Template::read(object, true) else { return Vec::new() };
    let mut facts = Vec::new();
    let mut refuse = |path: Path, message: String| facts.push(SchemaFact::refused(path, message));
    let (name, wanted) = (object.str_at(&["metadata", "name"]).unwrap_or_default(), template.kind.to_lowercase());
    if name != wanted {
        refuse(Path::of(&["metadata", "name"]), format!("must be {wanted:?}, the kind that it defines in lower case, but is {name:?}"));
    }
    let targets = object.at(&["spec", "targets"]).map_or(&[][..], Node::items);
    let place = Path::of(&["spec", "targets"]);
    let [target] = targets else {
        refuse(place, format!("must be one target, but is {}", targets.len()));
        return facts;
    };
    let target = target.str_at(&["target"]).unwrap_or_default();
    if target != TARGET {
        refuse(place.with(0).with("target"), format!("must be {TARGET}, but is {target:?}"));
    }
    if template.cel.is_none() && template.rego.is_none() {
        refuse(place.with(0), "must have code of the engine Rego or K8sNativeValidation".to_owned());
    }
    for (path, message) in template.cel.iter().flat_map(|policy| policy.unread()) {
        refuse(path, format!("is no CEL: {message}"));
    }
    if let Some((code, place)) = &template.rego
        && let Some(Mistake { lib, line, message }) = engine.mistake(code)
    {
        let path = match lib {
            Some(number) => place.with("libs").with(number),
            None => place.with("rego"),
        };
        refuse(path, format!("is no Rego that Gatekeeper takes: {message} (line {line} of it)"));
    }
    facts
}

fn selector(constraint: &Node, field: &str) -> Option<SchemaFact> {
    let path = ["spec", "match", field];
    let refused = Selector::of_label_selector(constraint.at(&path)?).err()?;
    Some(SchemaFact::refused(Path::of(&path).join(&refused.path), refused.message))
}
