//! What Pods have of their node, their privileges, and the hardening that their containers lack.

use kustomize::Node;

use super::item::{Item, To};
use crate::objects::{Path, PodTemplate};

/// Adds what a Pod exposes; the names of its containers come back.
pub(super) fn items(template: &PodTemplate<'_>, items: &mut Vec<Item>) -> Vec<String> {
    let Some(spec) = template.spec() else { return Vec::new() };
    let flag = |key: &str| spec.get(key).and_then(Node::as_bool);
    for (key, text) in
        [("hostNetwork", "the network of the node"), ("hostPID", "the processes of the node"), ("hostIPC", "the shared memory of the node")]
    {
        if flag(key) == Some(true) {
            items.push(Item::new(To::Node, text, template.spec_path(&[key])));
        }
    }
    for (at, volume) in spec.get("volumes").map_or(&[][..], Node::items).iter().enumerate() {
        if let Some(path) = volume.str_at(&["hostPath", "path"]) {
            items.push(Item::new(To::Node, format!("the node's {path}"), template.spec_path(&["volumes"]).with(at).with("hostPath")));
        }
    }
    // In the network of the node every port is the node's.
    let ports_count = flag("hostNetwork") != Some(true);
    let mut names = vec![POD.to_owned()];
    if flag("automountServiceAccountToken") != Some(false) {
        let path = template.spec_path(&["automountServiceAccountToken"]);
        items.push(Item { among: Some(POD.to_owned()), ..Item::new(To::LessHardened, "a token of the ServiceAccount is mounted", path) });
    }
    for (path, node) in template.containers() {
        let container = Container { name: node.str_at(&["name"]).unwrap_or_default(), node, path, spec, template };
        for (at, port) in node.get("ports").map_or(&[][..], Node::items).iter().enumerate().filter(|_| ports_count) {
            if let Some(number) = port.get("hostPort").filter(|port| port.as_i64() != Some(0)).and_then(Node::text) {
                let path = container.path.with("ports").with(at).with("hostPort");
                items.push(Item::new(To::Node, format!("port {number} of the node"), path));
            }
        }
        container.privileges(items);
        container.weaknesses(items);
        names.push(container.name.to_owned());
    }
    names
}

/// Stands for the Pod among its containers; no container can be called so.
const POD: &str = "";

struct Container<'c, 'a> {
    name: &'a str,
    node: &'a Node,
    path: Path,
    spec: &'a Node,
    template: &'c PodTemplate<'a>,
}

impl<'a> Container<'_, 'a> {
    fn own(&self, keys: &[&str]) -> Option<&'a Node> {
        self.node.get("securityContext")?.at(keys).filter(|node| !node.is_null())
    }

    /// What the container says, or else its Pod, and where.
    fn effective(&self, keys: &[&str]) -> (Option<&'a Node>, Path) {
        let below = |path: Path| keys.iter().fold(path.with("securityContext"), |path, key| path.with(*key));
        let of_pod = self.spec.get("securityContext").and_then(|context| context.at(keys)).filter(|node| !node.is_null());
        match (self.own(keys), of_pod) {
            (Some(own), _) => (Some(own), below(self.path.clone())),
            // Where neither says it, the container is as good a place as any.
            (None, None) => (None, below(self.path.clone())),
            (None, of_pod) => (of_pod, below(self.template.spec_path(&[]))),
        }
    }

    fn at(&self, keys: &[&str]) -> Path {
        keys.iter().fold(self.path.with("securityContext"), |path, key| path.with(*key))
    }

    fn privileges(&self, items: &mut Vec<Item>) {
        let mut add = |text: String, path: Path| items.push(Item::new(To::Privileges, format!("container {:?} {text}", self.name), path));
        if self.own(&["privileged"]).and_then(Node::as_bool) == Some(true) {
            add("is privileged".to_owned(), self.at(&["privileged"]));
        }
        let added = self.own(&["capabilities", "add"]).map_or(&[][..], Node::items);
        for (at, capability) in added.iter().enumerate() {
            add(format!("has the capability {}", capability.text().unwrap_or_default()), self.at(&["capabilities", "add"]).with(at));
        }
        if self.own(&["procMount"]).and_then(Node::as_str) == Some("Unmasked") {
            add("sees /proc unmasked".to_owned(), self.at(&["procMount"]));
        }
        for profile in ["seccompProfile", "appArmorProfile"] {
            let (kind, path) = self.effective(&[profile, "type"]);
            if kind.and_then(Node::as_str) == Some("Unconfined") {
                add(format!("is unconfined ({profile})"), path);
            }
        }
        let (user, path) = self.effective(&["runAsUser"]);
        if user.and_then(Node::as_i64) == Some(0) {
            add("runs as root".to_owned(), path);
        }
        let (process, path) = self.effective(&["windowsOptions", "hostProcess"]);
        if process.and_then(Node::as_bool) == Some(true) {
            add("is a process of the host".to_owned(), path);
        }
    }

    fn weaknesses(&self, items: &mut Vec<Item>) {
        let mut add = |text: &str, path: Path| {
            let item = Item::new(To::LessHardened, format!("container {:?} {text}", self.name), path);
            items.push(Item { among: Some(self.name.to_owned()), ..item });
        };
        let (user, _) = self.effective(&["runAsUser"]);
        let (non_root, path) = self.effective(&["runAsNonRoot"]);
        let is_user = user.and_then(Node::as_i64).is_some_and(|user| user > 0);
        if non_root.and_then(Node::as_bool) != Some(true) && !is_user {
            add("may run as root", path);
        }
        if self.own(&["readOnlyRootFilesystem"]).and_then(Node::as_bool) != Some(true) {
            add("may write to its root filesystem", self.at(&["readOnlyRootFilesystem"]));
        }
        if self.own(&["allowPrivilegeEscalation"]).and_then(Node::as_bool) != Some(false) {
            add("may gain privileges", self.at(&["allowPrivilegeEscalation"]));
        }
        let dropped = self.own(&["capabilities", "drop"]).map_or(&[][..], Node::items);
        if !dropped.iter().any(|capability| capability.as_str().is_some_and(|name| name.eq_ignore_ascii_case("ALL"))) {
            add("keeps capabilities", self.at(&["capabilities", "drop"]));
        }
        let (seccomp, path) = self.effective(&["seccompProfile", "type"]);
        if seccomp.is_none() {
            add("has no seccomp profile", path);
        }
    }
}
