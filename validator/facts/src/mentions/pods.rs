//! What a pod template refers to by name.

use kustomize::Node;

use super::Mention;
use crate::objects::{Path, PodTemplate};
use crate::products::MadeKind;

/// All references of a pod template to objects of its namespace.
pub fn mentions<'a>(template: &PodTemplate<'a>) -> Vec<Mention<'a>> {
    let mut found = Vec::new();
    let Some(spec) = template.spec() else { return found };
    for (path, container) in template.containers() {
        environment(container, &path, &mut found);
    }
    for (at, volume) in items(spec, "volumes") {
        let path = template.spec_path(&["volumes"]).with(at);
        sources(volume, &path, "secretName", &mut found);
        for (at, source) in volume.get("projected").map_or(&[][..], |projected| list(projected, "sources")).iter().enumerate() {
            sources(source, &path.with("projected").with("sources").with(at), "name", &mut found);
        }
        if let Some(claim) = volume.get("persistentVolumeClaim") {
            push(MadeKind::PersistentVolumeClaim, claim, "claimName", &path.with("persistentVolumeClaim"), &mut found);
        }
    }
    sub_paths(template, spec, &mut found);
    for (at, secret) in items(spec, "imagePullSecrets") {
        push(MadeKind::Secret, secret, "name", &template.spec_path(&["imagePullSecrets"]).with(at), &mut found);
    }
    // The older name counts where the newer one is missing.
    let is_named = spec.str_at(&["serviceAccountName"]).is_some_and(|name| !name.is_empty());
    let account = if is_named { "serviceAccountName" } else { "serviceAccount" };
    push(MadeKind::ServiceAccount, spec, account, &template.spec_path(&[]), &mut found);
    found
}

fn list<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).map_or(&[], Node::items)
}

fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = (usize, &'a Node)> {
    list(node, key).iter().enumerate()
}

/// A reference by the field `name_field` of `node`, if that is set.
fn push<'a>(kind: MadeKind, node: &'a Node, name_field: &str, path: &Path, found: &mut Vec<Mention<'a>>) {
    let Some(name) = node.str_at(&[name_field]).filter(|name| !name.is_empty()) else { return };
    let optional = node.get("optional").and_then(Node::as_bool).unwrap_or(false);
    found.push(Mention { kind, name, path: path.with(name_field), key: None, optional });
}

fn environment<'a>(container: &'a Node, path: &Path, found: &mut Vec<Mention<'a>>) {
    const KEYS: [(&str, MadeKind); 2] = [("configMapKeyRef", MadeKind::ConfigMap), ("secretKeyRef", MadeKind::Secret)];
    const WHOLE: [(&str, MadeKind); 2] = [("configMapRef", MadeKind::ConfigMap), ("secretRef", MadeKind::Secret)];
    for (at, variable) in items(container, "env") {
        for (field, kind) in KEYS {
            let Some(reference) = variable.at(&["valueFrom", field]) else { continue };
            let path = path.with("env").with(at).with("valueFrom").with(field);
            push(kind, reference, "name", &path, found);
            if let (Some(mention), Some(key)) = (found.last_mut(), reference.str_at(&["key"])) {
                mention.key = Some((key, path.with("key")));
            }
        }
    }
    for (at, source) in items(container, "envFrom") {
        for (field, kind) in WHOLE {
            if let Some(reference) = source.get(field) {
                push(kind, reference, "name", &path.with("envFrom").with(at).with(field), found);
            }
        }
    }
}

/// ConfigMaps and Secrets of a volume or of a projected source, with the keys that it picks.
fn sources<'a>(volume: &'a Node, path: &Path, secret_name: &str, found: &mut Vec<Mention<'a>>) {
    for (field, kind, name) in [("configMap", MadeKind::ConfigMap, "name"), ("secret", MadeKind::Secret, secret_name)] {
        let Some(source) = volume.get(field) else { continue };
        let path = path.with(field);
        push(kind, source, name, &path, found);
        let Some(whole) = found.last().filter(|mention| mention.path == path.with(name)).cloned() else { continue };
        for (at, item) in items(source, "items") {
            if let Some(key) = item.str_at(&["key"]) {
                found.push(Mention { key: Some((key, path.with("items").with(at).with("key"))), ..whole.clone() });
            }
        }
    }
}

/// A file that is mounted by itself from a ConfigMap or Secret is one of its keys; where there is none, an empty directory is mounted.
fn sub_paths<'a>(template: &PodTemplate<'a>, spec: &'a Node, found: &mut Vec<Mention<'a>>) {
    let volume = |name: &str| list(spec, "volumes").iter().find(|volume| volume.str_at(&["name"]) == Some(name));
    for (path, container) in template.containers() {
        for (at, mount) in items(container, "volumeMounts") {
            let (Some(file), Some(name)) = (mount.str_at(&["subPath"]), mount.str_at(&["name"])) else { continue };
            let Some(volume) = volume(name) else { continue };
            for (field, kind, name) in [("configMap", MadeKind::ConfigMap, "name"), ("secret", MadeKind::Secret, "secretName")] {
                let Some(source) = volume.get(field) else { continue };
                // With items the files have names of their own.
                if let (Some(name), true) = (source.str_at(&[name]), list(source, "items").is_empty()) {
                    let optional = source.get("optional").and_then(Node::as_bool).unwrap_or(false);
                    let path = path.with("volumeMounts").with(at).with("subPath");
                    found.push(Mention { kind, name, path: path.clone(), key: Some((file, path)), optional });
                }
            }
        }
    }
}
