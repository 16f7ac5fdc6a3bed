//! Roles and their bindings.

use super::{check, check_required, selector};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::format::name;

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn role(at: At<'_>, kind: &str) {
    at.get("rules").items().for_each(|rule| policy_rule(rule, kind == "Role"));
    let aggregation = at.get("aggregationRule");
    if aggregation.exists() {
        let selectors = aggregation.get("clusterRoleSelectors");
        if selectors.is_empty() && !selectors.is_broken() {
            selectors.required("at least one selector");
        }
        selectors.items().for_each(selector::label_selector);
    }
}

fn policy_rule(rule: At<'_>, namespaced: bool) {
    let required = |field: &'static str| {
        let list = rule.get(field);
        if list.is_empty() && !list.is_broken() {
            list.required("at least one");
        }
    };
    required("verbs");
    let urls = rule.get("nonResourceURLs");
    if urls.is_empty() {
        required("apiGroups");
        required("resources");
        return;
    }
    if namespaced {
        urls.invalid("must not be set in a Role, which is about one namespace");
    }
    if ["apiGroups", "resources", "resourceNames"].iter().any(|field| !rule.get(field).is_empty()) {
        urls.invalid("must not be set beside apiGroups, resources or resourceNames");
    }
}

pub(super) fn binding(at: At<'_>, kind: &str) {
    let reference = at.get("roleRef");
    let (group, role_kind) = (reference.get("apiGroup"), reference.get("kind"));
    group.one_of_if_set(&[GROUP]);
    let kinds: &[&str] = if kind == "RoleBinding" { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    role_kind.one_of(kinds);
    check_required(reference.get("name"), name::path_segment);
    at.get("subjects").items().for_each(|subject| role_subject(subject, kind == "RoleBinding"));
}

fn role_subject(subject: At<'_>, namespaced: bool) {
    let (kind, group, label) = (subject.get("kind"), subject.get("apiGroup"), subject.get("name"));
    label.not_empty();
    match kind.str() {
        "ServiceAccount" => {
            if !label.str().is_empty() {
                check(label, name::dns_subdomain);
            }
            if !group.str().is_empty() {
                group.report(Reason::Enum, format!("must be empty for a ServiceAccount, but is {}", group.shown()));
            }
            if !namespaced && subject.get("namespace").str().is_empty() {
                subject.get("namespace").required("for a ServiceAccount in a ClusterRoleBinding");
            }
        }
        "User" | "Group" => group.one_of_if_set(&[GROUP]),
        _ => kind.not_one_of(&["ServiceAccount", "User", "Group"]),
    }
}
