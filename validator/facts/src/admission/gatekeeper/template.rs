//! ConstraintTemplates: which language they are written in, and where in them the code is.

use kustomize::Node;

use super::engine::Code;
use crate::admission::policy::Policy;
use crate::objects::{ObjectId, Path};

/// The engine of sources in CEL, as templates name it.
const CEL: &str = "K8sNativeValidation";

/// A template.
#[derive(Debug)]
pub(super) struct Template<'a> {
    /// The kind of its constraints.
    pub(super) kind: &'a str,
    /// The template, where it is among the objects.
    pub(super) definition: Option<ObjectId>,
    /// Its source in CEL, which Gatekeeper prefers.
    pub(super) cel: Option<Policy<'a>>,
    /// Its Rego, and where in the template it is.
    pub(super) rego: Option<(Code<'a>, Path)>,
}

/// Whether an object is a ConstraintTemplate.
pub(super) fn is_template(object: &Node) -> bool {
    object.str_at(&["kind"]) == Some("ConstraintTemplate")
        && object.str_at(&["apiVersion"]).is_some_and(|version| version.starts_with("templates.gatekeeper.sh/"))
}

impl<'a> Template<'a> {
    /// Reads a template; nothing where it names no kind, which is a mistake by its schema.
    pub(super) fn read(object: &'a Node, is_among: bool) -> Option<Self> {
        let kind = object.str_at(&["spec", "crd", "spec", "names", "kind"])?;
        let mut template = Template { kind, definition: is_among.then(|| ObjectId::of(object)), cel: None, rego: None };
        // Gatekeeper takes templates with one target only.
        let target = object.at(&["spec", "targets"]).and_then(|targets| targets.items().first())?;
        let place = Path::of(&["spec", "targets"]).with(0);
        for (number, code) in target.get("code").map_or(&[][..], Node::items).iter().enumerate() {
            let place = place.with("code").with(number).with("source");
            let Some(source) = code.get("source") else { continue };
            match code.str_at(&["engine"]) {
                Some(CEL) if template.cel.is_none() => {
                    template.cel = Some(Policy::of_template(kind, source, place, template.definition.clone()));
                }
                Some("Rego") if template.rego.is_none() => template.rego = rego(kind, source, place),
                _ => {}
            }
        }
        if template.rego.is_none() {
            template.rego = rego(kind, target, place);
        }
        Some(template)
    }
}

/// The Rego of a source, or of a target in the older form.
fn rego<'a>(kind: &'a str, source: &'a Node, place: Path) -> Option<(Code<'a>, Path)> {
    let main = source.str_at(&["rego"])?;
    let libs = source.get("libs").map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
    let is_v1 = source.str_at(&["version"]) == Some("v1");
    Some((Code { kind, main, libs, is_v1 }, place))
}
