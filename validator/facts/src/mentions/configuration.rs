//! The texts that configure the containers of a pod: variables, arguments, and the files and variables of its ConfigMaps and Secrets.
//! Probes are not among them: the kubelet asks those, not the pod.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine;
use kustomize::Node;

use crate::objects::{Index, Object, Path, PodTemplate};

/// A text that configures a container.
#[derive(Debug)]
pub struct Setting<'a> {
    /// The variable or key that holds it; empty for an argument.
    pub name: &'a str,
    /// The text.
    pub text: Cow<'a, str>,
    /// Where it stands among all objects: the workload itself or a ConfigMap, and where in that.
    pub at: (usize, Path),
    /// Where the workload takes it from; the same as `at` for its own texts.
    pub from: Path,
    /// Whether it is a file, where names also stand in comments and examples.
    pub file: bool,
    /// Whether the container takes all that the ConfigMap or Secret has, and not this text by its key.
    pub whole: bool,
    /// Whether it is secret, so that nothing of it may be shown.
    pub secret: bool,
}

/// All texts that configure the pods of an object.
pub fn settings<'a>(index: &Index<'a>, at: usize, object: &Object<'a>, template: &PodTemplate<'a>) -> Vec<Setting<'a>> {
    let reader = Reader { index, at, namespace: object.namespace };
    let mut found = Vec::new();
    for (path, container) in template.containers() {
        let first = found.len();
        reader.environment(container, &path, &mut found);
        expand(found.get_mut(first..).unwrap_or_default());
        for field in ["command", "args"] {
            for (number, node) in list(container, field).iter().enumerate() {
                let Some(text) = node.text() else { continue };
                let path = path.with(field).with(number);
                let file = text.contains('\n');
                found.push(Setting { name: "", text: text.into(), at: (at, path.clone()), from: path, file, whole: false, secret: false });
            }
        }
    }
    for (number, volume) in template.spec().map_or(&[][..], |spec| list(spec, "volumes")).iter().enumerate() {
        let path = template.spec_path(&["volumes"]).with(number);
        reader.volume(volume, &path, "secretName", &mut found);
        for (number, source) in volume.get("projected").map_or(&[][..], |projected| list(projected, "sources")).iter().enumerate() {
            reader.volume(source, &path.with("projected").with("sources").with(number), "name", &mut found);
        }
    }
    found
}

fn list<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).map_or(&[], Node::items)
}

struct Reader<'r, 'a> {
    index: &'r Index<'a>,
    at: usize,
    namespace: &'a str,
}

impl<'a> Reader<'_, 'a> {
    fn environment(&self, container: &'a Node, path: &Path, found: &mut Vec<Setting<'a>>) {
        for (number, source) in list(container, "envFrom").iter().enumerate() {
            for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                if let Some(name) = source.str_at(&[field, "name"]) {
                    found.extend(self.values(kind, name, &path.with("envFrom").with(number).with(field).with("name"), false));
                }
            }
        }
        for (number, variable) in list(container, "env").iter().enumerate() {
            let path = path.with("env").with(number);
            let name = variable.str_at(&["name"]).unwrap_or("");
            if let Some(text) = variable.get("value").and_then(Node::text) {
                let path = path.with("value");
                found.push(Setting {
                    name,
                    text: text.into(),
                    at: (self.at, path.clone()),
                    from: path,
                    file: false,
                    whole: false,
                    secret: false,
                });
            }
            for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                let Some(reference) = variable.at(&["valueFrom", field]) else { continue };
                let (Some(object), Some(key)) = (reference.str_at(&["name"]), reference.str_at(&["key"])) else { continue };
                let values = self.values(kind, object, &path.with("valueFrom").with(field), false);
                found.extend(values.into_iter().filter(|value| value.name == key).map(|value| Setting { name, whole: false, ..value }));
            }
        }
    }

    fn volume(&self, volume: &'a Node, path: &Path, secret_name: &str, found: &mut Vec<Setting<'a>>) {
        for (field, kind, name_field) in [("configMap", "ConfigMap", "name"), ("secret", "Secret", secret_name)] {
            let Some(source) = volume.get(field) else { continue };
            let Some(name) = source.str_at(&[name_field]) else { continue };
            let picked: Vec<&str> = list(source, "items").iter().filter_map(|item| item.str_at(&["key"])).collect();
            let values = self.values(kind, name, &path.with(field).with(name_field), true);
            found.extend(values.into_iter().filter(|value| picked.is_empty() || picked.contains(&value.name)));
        }
    }

    /// The values of a ConfigMap or Secret, decoded.
    fn values(&self, kind: &'static str, name: &'a str, from: &Path, file: bool) -> Vec<Setting<'a>> {
        let Some(at) = self.index.find("", kind, self.namespace, name) else { return Vec::new() };
        let Some(object) = self.index.objects.get(at) else { return Vec::new() };
        let mut found = Vec::new();
        for field in ["data", "stringData"] {
            for entry in object.node.get(field).map_or(&[][..], Node::entries) {
                let Some(text) = entry.value.text() else { continue };
                let (secret, key) = (kind == "Secret", &*entry.key.text);
                let text = match secret && field == "data" {
                    true => decoded(text).map(Cow::Owned),
                    false => Some(Cow::Borrowed(text)),
                };
                let Some(text) = text else { continue };
                let file = file || text.contains('\n');
                found.push(Setting { name: key, text, at: (at, Path::of(&[field, key])), from: from.clone(), file, whole: true, secret });
            }
        }
        found
    }
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).ok()?).ok()
}

/// Puts the values of variables in place of `$(NAME)`, as the kubelet does; what it can't know stays.
fn expand(settings: &mut [Setting<'_>]) {
    /// Variables that double each other must not fill the memory.
    const LONGEST: usize = 1 << 16;
    let mut known: HashMap<&str, String> = HashMap::new();
    for setting in settings {
        if setting.text.contains("$(") {
            let mut text = String::new();
            let mut rest = &*setting.text;
            while let Some((before, after)) = rest.split_once("$(") {
                text.push_str(before);
                let value = after.split_once(')').and_then(|(name, after)| Some((known.get(name)?, after)));
                rest = match value {
                    Some((value, after)) if text.len() + value.len() <= LONGEST => {
                        text.push_str(value);
                        after
                    }
                    _ => {
                        text.push_str("$(");
                        after
                    }
                };
            }
            text.push_str(rest);
            setting.text = text.into();
        }
        known.insert(setting.name, setting.text.to_string());
    }
}
