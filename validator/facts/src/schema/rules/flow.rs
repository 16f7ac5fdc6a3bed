//! FlowSchemas and PriorityLevelConfigurations.

use super::{check, check_required};
use crate::schema::cursor::At;
use crate::schema::format::name;

const HIGHEST_PRECEDENCE: i64 = 10_000;

pub(super) fn flow_schema(spec: At<'_>) {
    let precedence = spec.get("matchingPrecedence");
    // 0 stands for the default.
    precedence.within(0, HIGHEST_PRECEDENCE);
    spec.at(&["distinguisherMethod", "type"]).one_of_if_set(&["ByNamespace", "ByUser"]);
    if spec.get("distinguisherMethod").exists() && spec.at(&["distinguisherMethod", "type"]).str().is_empty() {
        spec.at(&["distinguisherMethod", "type"]).not_one_of(&["ByNamespace", "ByUser"]);
    }
    let level = spec.at(&["priorityLevelConfiguration", "name"]);
    if level.str().is_empty() {
        level.required("the name of a PriorityLevelConfiguration");
    } else {
        check(level, name::dns_subdomain);
    }
    for rule in spec.get("rules").items() {
        at_least_one(rule.get("subjects"));
        rule.get("subjects").items().for_each(subject);
        let (resources, urls) = (rule.get("resourceRules"), rule.get("nonResourceRules"));
        if resources.is_empty() && urls.is_empty() && !rule.is_broken() {
            rule.required("resourceRules or nonResourceRules");
        }
        for resource in resources.items() {
            ["verbs", "apiGroups", "resources"].iter().for_each(|field| at_least_one(resource.get(field)));
            let namespaces = resource.get("namespaces");
            if namespaces.is_empty() && !resource.get("clusterScope").is_true() && !namespaces.is_broken() {
                namespaces.required("at least one, or clusterScope: true");
            }
            if namespaces.len() > 1 && namespaces.items().any(|namespace| namespace.str() == "*") {
                namespaces.invalid("must not have other elements beside \"*\"");
            }
            for namespace in namespaces.items().filter(|namespace| namespace.str() != "*") {
                check(namespace, name::dns_label);
            }
        }
        for url in urls.items() {
            ["verbs", "nonResourceURLs"].iter().for_each(|field| at_least_one(url.get(field)));
            url.get("verbs").items().filter(|verb| verb.str() != "*").for_each(|verb| _ = verb.one_of(VERBS));
        }
    }
}

/// The verbs of requests that name no resource.
const VERBS: &[&str] =
    &["create", "delete", "deletecollection", "get", "head", "list", "options", "patch", "post", "proxy", "put", "update", "watch"];

fn at_least_one(list: At<'_>) {
    if list.is_empty() && !list.is_broken() {
        list.required("at least one");
    } else if list.len() > 1 && list.items().any(|item| item.str() == "*") {
        list.invalid("must not have other elements beside \"*\"");
    }
}

fn subject(subject: At<'_>) {
    let kind = subject.get("kind");
    let kinds = [("Group", "group"), ("ServiceAccount", "serviceAccount"), ("User", "user")];
    let Some((_, field)) = kinds.iter().find(|(name, _)| *name == kind.str()) else {
        kind.not_one_of(&kinds.map(|(name, _)| name));
        return;
    };
    let detail = subject.get(field);
    if !detail.exists() {
        detail.required(format!("with kind {}", kind.str()));
    } else {
        detail.get("name").not_empty();
        if *field == "serviceAccount" {
            check_required(detail.get("namespace"), name::dns_label);
        }
    }
    for (_, other) in kinds.iter().filter(|(_, other)| other != field) {
        if subject.get(other).exists() {
            subject.get(other).forbidden(format!("must not be set with kind {}", kind.str()));
        }
    }
}

pub(super) fn priority_level(spec: At<'_>) {
    let (kind, limited) = (spec.get("type"), spec.get("limited"));
    match kind.str() {
        "Limited" if !limited.exists() => limited.required("with type Limited"),
        "Limited" => {
            let (kind, queuing) = (limited.at(&["limitResponse", "type"]), limited.at(&["limitResponse", "queuing"]));
            match kind.str() {
                "Queue" => {}
                "Reject" if queuing.exists() => queuing.forbidden("must not be set with type Reject"),
                "Reject" => {}
                _ => kind.not_one_of(&["Queue", "Reject"]),
            }
        }
        "Exempt" if limited.exists() => limited.forbidden("must not be set with type Exempt"),
        "Exempt" => {}
        _ => kind.not_one_of(&["Exempt", "Limited"]),
    }
}
