//! The fields of configurations of built-in plugins (`api/internal/builtins`), which pass over all others.

use crate::source::Origin;
use crate::suggest::closest;
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

/// The fields of parts of a configuration, by the field that they stand in.
const PARTS: [(&str, &[&str]); 5] = [
    ("fieldSpecs", &FIELD_SPEC),
    ("imageTag", &["name", "newName", "newTag", "tagSuffix", "digest"]),
    ("options", &["allowNameChange", "allowKindChange", "labels", "annotations", "disableNameSuffixHash", "immutable"]),
    ("replica", &["name", "count"]),
    ("target", &["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"]),
];

/// A field that Kustomize passes over: its name, what it would be a field of, and where it is.
pub(super) struct Unknown {
    field: String,
    of: String,
    meant: Option<&'static str>,
    pub(super) origin: Origin,
}

impl Unknown {
    /// What to say of it.
    pub(super) fn message(&self) -> String {
        // Go compares names without regard to case, wherever it is Go's own decoder that reads them.
        if let Some(meant) = self.meant.filter(|meant| meant.eq_ignore_ascii_case(&self.field)) {
            return format!("the field of {} is called `{meant}`, and not `{}`", self.of, self.field);
        }
        let meant = self.meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
        format!("`{}` is no field of {}: Kustomize ignores it{meant}", self.field, self.of)
    }
}

/// Fields that the configuration of a plugin has and Kustomize does not know.
pub(super) fn unknown(configuration: &Node) -> Vec<Unknown> {
    let kind = configuration.str_at(&["kind"]).unwrap_or_default();
    let Some(known) = fields(kind) else { return Vec::new() };
    let known: Vec<&'static str> = COMMON.iter().chain(known).copied().collect();
    let mut unknown = Vec::new();
    look(configuration, kind, &known, &mut unknown);
    parts(configuration, &mut unknown);
    unknown
}

/// Looks at those parts of a configuration whose fields are known.
fn parts(node: &Node, unknown: &mut Vec<Unknown>) {
    for entry in node.entries() {
        let Some((name, known)) = PARTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&entry.key.text)) else { continue };
        let elements = if entry.value.as_map().is_some() { std::slice::from_ref(&entry.value) } else { entry.value.items() };
        elements.iter().for_each(|element| look(element, name, known, unknown));
    }
}

/// Adds the fields of a map that are not known as they are written.
fn look(node: &Node, of: &str, known: &[&'static str], unknown: &mut Vec<Unknown>) {
    for entry in node.entries().iter().filter(|entry| !known.contains(&&*entry.key.text)) {
        let meant = closest(&entry.key.text, known.iter().copied());
        let meant = meant.and_then(|meant| known.iter().find(|known| **known == meant).copied());
        unknown.push(Unknown { field: entry.key.text.to_string(), of: of.to_owned(), meant, origin: entry.value.origin.clone() });
    }
}
