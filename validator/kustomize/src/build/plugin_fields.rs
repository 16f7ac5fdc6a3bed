//! The fields of built-in plugins (`api/internal/builtins`), which pass over all others.

use crate::source::Origin;
use crate::yaml::node::Node;

/// Fields of every configuration.
const COMMON: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Fields of a generator of ConfigMaps or Secrets.
const GENERATOR: [&str; 9] = ["name", "namespace", "behavior", "literals", "files", "envs", "env", "options", "type"];

const FIELD_SPEC: [&str; 5] = ["group", "version", "kind", "path", "create"];

/// The fields of a kind; nothing for one that is not looked at.
fn fields(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "AnnotationsTransformer" => &["annotations", "fieldSpecs"],
        "ConfigMapGenerator" | "SecretGenerator" => &GENERATOR,
        "HashTransformer" => &[],
        "ImageTagTransformer" => &["imageTag", "fieldSpecs"],
        "LabelTransformer" => &["labels", "fieldSpecs"],
        "NamespaceTransformer" => &["fieldSpecs", "unsetOnly", "setRoleBindingSubjects"],
        "PatchJson6902Transformer" => &["target", "path", "jsonOp"],
        "PatchStrategicMergeTransformer" => &["paths", "patches"],
        "PatchTransformer" => &["path", "patch", "target", "options"],
        "PrefixSuffixTransformer" => &["prefix", "suffix", "fieldSpecs"],
        "PrefixTransformer" => &["prefix", "fieldSpecs"],
        "ReplacementTransformer" => &["replacements"],
        "ReplicaCountTransformer" => &["replica", "fieldSpecs"],
        "SuffixTransformer" => &["suffix", "fieldSpecs"],
        _ => return None,
    })
}

/// Fields that a configuration has and Kustomize does not know: their names, what they are fields of, and where they are.
pub(super) fn unknown(configuration: &Node) -> Vec<(String, String, Origin)> {
    let kind = configuration.str_at(&["kind"]).unwrap_or_default();
    let Some(known) = fields(kind) else { return Vec::new() };
    let mut unknown = Vec::new();
    let mut look = |node: &Node, of: &str, known: &dyn Fn(&str) -> bool| {
        let entries = node.entries().iter().filter(|entry| !known(&entry.key.text));
        unknown.extend(entries.map(|entry| (entry.key.text.to_string(), of.to_owned(), entry.value.origin.clone())));
    };
    look(configuration, kind, &|key| COMMON.contains(&key) || known.contains(&key));
    for spec in configuration.get("fieldSpecs").map(Node::items).unwrap_or_default() {
        look(spec, "fieldSpecs", &|key| FIELD_SPEC.contains(&key));
    }
    unknown
}
