//! `crds`: OpenAPI definitions whose extensions say which fields are references, annotations, selectors or names
//! (`api/internal/accumulator/loadconfigfromcrds.go`).

use crate::file::config::{BackReference, Conflict, TransformerConfig, merge_all};
use crate::object::field_spec::FieldSpec;
use crate::object::gvk::Gvk;
use crate::source::Origin;
use crate::yaml::node::Node;

/// How deep references between definitions are followed.
const DEEPEST: usize = 100;

/// What keeps a file of definitions from being used.
pub(crate) enum Problem {
    /// Two specs of a field disagree.
    Conflict(Conflict),
    /// Definitions refer to each other in a circle.
    Circle,
    /// Something is not what it must be.
    Shape(Origin, String),
}

impl From<Conflict> for Problem {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

/// The fields that the definitions of a file name.
pub(crate) fn config(definitions: &Node) -> Result<TransformerConfig, Problem> {
    let mut config = TransformerConfig::default();
    check_map(definitions, "a file of definitions")?;
    for entry in definitions.entries() {
        check_map(&entry.value, "a definition")?;
        for (name, part) in [("Schema", schema(&entry.value)), ("properties", properties(&entry.value))] {
            part.map_or(Ok(()), |part| check_map(part, name))?;
        }
        let has = |property: &str| properties(&entry.value).is_some_and(|properties| properties.get(property).is_some());
        if !(has("kind") && has("apiVersion") && has("metadata")) {
            continue;
        }
        let kind = entry.key.text.rsplit('.').next().unwrap_or_default();
        let kind = Gvk { kind: kind.into(), ..Gvk::default() };
        let mut crd = Crd { definitions, kind, config: TransformerConfig::default() };
        crd.definition(&entry.value, &mut Vec::new())?;
        config = config.merge(&crd.config)?;
    }
    Ok(config)
}

fn check_map(node: &Node, what: &str) -> Result<(), Problem> {
    let is_map = node.is_null() || node.as_map().is_some();
    if is_map { Ok(()) } else { Err(Problem::Shape(node.origin.clone(), format!("{what} must be a map"))) }
}

fn schema(definition: &Node) -> Option<&Node> {
    definition.get("Schema").or_else(|| definition.get("schema"))
}

/// `Schema.properties` of a definition.
fn properties(definition: &Node) -> Option<&Node> {
    schema(definition)?.get("properties")
}

struct Crd<'a> {
    definitions: &'a Node,
    kind: Gvk,
    config: TransformerConfig,
}

impl<'a> Crd<'a> {
    fn definition(&mut self, definition: &'a Node, path: &mut Vec<&'a str>) -> Result<(), Problem> {
        if path.len() > DEEPEST {
            return Err(Problem::Circle);
        }
        for entry in properties(definition).map(Node::entries).unwrap_or_default() {
            path.push(&entry.key.text);
            let property = &entry.value;
            let extension = |name: &str| property.str_at(&[name]);
            if extension("x-kubernetes-annotation").is_some() {
                self.config.common_annotations = merge_all(&self.config.common_annotations, &[self.spec(path)])?;
            }
            if extension("x-kubernetes-label-selector").is_some() {
                self.config.common_labels = merge_all(&self.config.common_labels, &[self.spec(path)])?;
            }
            if extension("x-kubernetes-identity").is_some() {
                self.config.name_prefix = merge_all(&self.config.name_prefix, &[self.spec(path)])?;
            }
            let reference = extension("x-kubernetes-object-ref-api-version").zip(extension("x-kubernetes-object-ref-kind"));
            if let Some((version, kind)) = reference {
                path.push(extension("x-kubernetes-object-ref-name-key").unwrap_or("name"));
                let target = Gvk { version: version.into(), kind: kind.into(), ..Gvk::default() };
                let references = TransformerConfig {
                    name_reference: vec![BackReference { target, referrers: vec![self.spec(path)] }],
                    ..TransformerConfig::default()
                };
                self.config = self.config.merge(&references)?;
                path.pop();
            }
            if let Some(inner) = extension("$ref").and_then(|name| self.definitions.get(name)) {
                self.definition(inner, path)?;
            }
            path.pop();
        }
        Ok(())
    }

    fn spec(&self, path: &[&str]) -> FieldSpec {
        FieldSpec { kind: self.kind.kind.as_str().into(), path: path.join("/"), ..FieldSpec::default() }
    }
}
