//! Webhook configurations and admission policies, their expressions in CEL included.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubevet_cel::check::{Names, ObjectType, Type};

use super::{check, check_if_set, check_required, duplicates, selector, unique_names};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::custom::cel::types::{compiles, minor};
use crate::schema::format::name;

const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const MOST_TIMEOUT_SECONDS: i64 = 30;
const MOST_CONDITIONS: usize = 64;

pub(super) fn webhooks(at: At<'_>) {
    let webhooks = at.get("webhooks");
    for webhook in webhooks.items() {
        if webhook.get("name").not_empty() {
            let parts = webhook.get("name").str().split('.').count();
            check(webhook.get("name"), name::fully_qualified);
            if parts < 3 {
                webhook.get("name").breaks("must be a domain with at least three parts");
            }
        }
        let (effects, versions) = (webhook.get("sideEffects"), webhook.get("admissionReviewVersions"));
        match effects.str() {
            "" if effects.is_broken() => {}
            "" => effects.required("None or NoneOnDryRun"),
            "None" | "NoneOnDryRun" => {}
            _ => effects.not_one_of(&["None", "NoneOnDryRun"]),
        }
        if versions.is_empty() && !versions.is_broken() {
            versions.required("at least one of v1 and v1beta1");
        } else if !versions.is_empty() && !versions.items().any(|version| matches!(version.str(), "v1" | "v1beta1")) {
            versions.report(Reason::Invalid, "must have at least one of v1 and v1beta1");
        }
        versions.items().for_each(|version| check(version, name::dns_1035_label));
        duplicates(versions.items(), |version| Some(version.str()), |version| version.duplicate("is there already"));
        let timeout = webhook.get("timeoutSeconds");
        timeout.within(1, MOST_TIMEOUT_SECONDS);
        webhook.get("rules").items().for_each(rule);
        selector::label_selector(webhook.get("namespaceSelector"));
        selector::label_selector(webhook.get("objectSelector"));
        conditions(webhook.get("matchConditions"));
        let names = names(webhook, false);
        webhook.get("matchConditions").items().for_each(|condition| {
            compiles(condition.get("expression"), &names, &Type::Bool);
        });
        client(webhook.get("clientConfig"));
    }
    unique_names(webhooks.items(), "name");
}

fn client(client: At<'_>) {
    let (url, service) = (client.get("url"), client.get("service"));
    match (url.exists(), service.exists()) {
        (false, false) if client.is_broken() => {}
        (false, false) => client.required("exactly one of url and service"),
        (true, true) => client.required("exactly one of url and service, not both"),
        (true, false) => webhook_url(url),
        (false, true) => {
            service.get("name").not_empty();
            service.get("namespace").not_empty();
            service.get("port").within(1, 65535);
            let path = service.get("path");
            if path.exists() && !path.str().starts_with('/') {
                path.breaks("must start with '/'");
            } else if path.str() != "/" && path.str().split('/').skip(1).any(str::is_empty) && !path.str().ends_with('/') {
                path.breaks("must not have empty parts");
            }
        }
    }
}

fn webhook_url(url: At<'_>) {
    let Some(rest) = url.str().strip_prefix("https://") else {
        url.breaks("must start with https://");
        return;
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() {
        url.breaks("must have a host");
    } else if host.contains('@') {
        url.breaks("must not have a user or password");
    } else if rest.contains('?') || rest.contains('#') {
        url.breaks("must not have a query or a fragment");
    }
}

/// What operations on what resources.
fn rule(rule: At<'_>) {
    let (operations, resources) = (rule.get("operations"), rule.get("resources"));
    for list in [operations, rule.get("apiGroups"), rule.get("apiVersions"), resources] {
        if list.is_empty() && !list.is_broken() {
            list.required("at least one");
        }
    }
    let has = |list: At<'_>, wanted: &str| list.items().any(|item| item.str() == wanted);
    for list in [operations, rule.get("apiGroups"), rule.get("apiVersions")] {
        if has(list, "*") && list.len() > 1 {
            list.report(Reason::Invalid, "must not have other elements beside \"*\"");
        }
    }
    let plain = resources.items().any(|item| item.str() != "*" && !item.str().contains('/'));
    if (has(resources, "*/*") && resources.len() > 1) || (has(resources, "*") && plain) {
        resources.report(Reason::Invalid, "must not have resources that \"*\" or \"*/*\" beside them includes");
    }
    operations.items().for_each(|operation| _ = operation.one_of(OPERATIONS));
    for list in [rule.get("apiVersions"), resources] {
        list.items().filter(|item| item.str().is_empty() && item.exists()).for_each(|item| item.required(""));
    }
    rule.get("scope").one_of_if_set(&["*", "Cluster", "Namespaced"]);
}

/// What the expressions of a policy or a condition may use.
fn names(at: At<'_>, is_policy: bool) -> Names {
    let object = |name: &str, fields: Vec<(&str, Type)>| {
        let fields = fields.into_iter().map(|(name, found)| (name.to_owned(), found)).collect();
        Type::Object(Arc::new(ObjectType { name: name.into(), fields }))
    };
    let text = || Type::String;
    let gvk = |last: &str| object("request.kind", vec![("group", text()), ("version", text()), (last, text())]);
    let texts = || Type::List(Arc::new(text()));
    let user = vec![("username", text()), ("uid", text()), ("groups", texts()), ("extra", Type::Map(Arc::new(text()), Arc::new(texts())))];
    let request = vec![
        ("kind", gvk("kind")),
        ("resource", gvk("resource")),
        ("subResource", text()),
        ("requestKind", gvk("kind")),
        ("requestResource", gvk("resource")),
        ("requestSubResource", text()),
        ("name", text()),
        ("namespace", text()),
        ("operation", text()),
        ("uid", text()),
        ("userInfo", object("request.userInfo", user)),
        ("dryRun", Type::Bool),
        ("options", Type::Dyn),
    ];
    let mut variables = vec![("request".to_owned(), object("request", request))];
    let own: &[&str] = if is_policy { &["namespaceObject", "params"] } else { &[] };
    variables.extend(["object", "oldObject", "authorizer"].iter().chain(own).map(|name| ((*name).to_owned(), Type::Dyn)));
    Names { variables, minor: minor(at) }
}

/// The expressions of a policy: each variable may use those before it.
fn expressions(spec: At<'_>) {
    let mut names = names(spec, true);
    if !spec.get("paramKind").exists() {
        names.variables.retain(|(name, _)| name != "params");
    }
    spec.get("matchConditions").items().for_each(|condition| {
        compiles(condition.get("expression"), &names, &Type::Bool);
    });
    let mut known = BTreeMap::new();
    let with = |names: &Names, known: &BTreeMap<String, Type>| {
        let variables = ObjectType { name: "variables".into(), fields: known.clone() };
        let mut names = names.clone();
        names.variables.push(("variables".to_owned(), Type::Object(Arc::new(variables))));
        names
    };
    for variable in spec.get("variables").items() {
        let found = compiles(variable.get("expression"), &with(&names, &known), &Type::Dyn).unwrap_or(Type::Dyn);
        known.insert(variable.get("name").str().to_owned(), found);
    }
    names = with(&names, &known);
    for validation in spec.get("validations").items() {
        compiles(validation.get("expression"), &names, &Type::Bool);
        compiles(validation.get("messageExpression"), &names, &Type::String);
    }
    for audit in spec.get("auditAnnotations").items() {
        let value = audit.get("valueExpression");
        if let Some(found) = compiles(value, &names, &Type::Dyn).filter(|found| !matches!(found, Type::String | Type::Null | Type::Dyn)) {
            value.invalid(format!("must be an expression of type string or null, but is one of type {found}"));
        }
    }
}

fn conditions(conditions: At<'_>) {
    if conditions.len() > MOST_CONDITIONS {
        conditions.report(Reason::Invalid, format!("must have at most {MOST_CONDITIONS} elements, but has {}", conditions.len()));
    }
    for condition in conditions.items() {
        check_required(condition.get("name"), name::qualified_name);
        not_blank(condition.get("expression"));
    }
    unique_names(conditions.items(), "name");
}

fn not_blank(expression: At<'_>) {
    if expression.str().trim().is_empty() {
        expression.required("");
    }
}

pub(super) fn policy(spec: At<'_>) {
    let (matches, validations, audits) = (spec.get("matchConstraints"), spec.get("validations"), spec.get("auditAnnotations"));
    let kind = spec.get("paramKind");
    if kind.exists() {
        kind.get("apiVersion").not_empty();
        kind.get("kind").not_empty();
    }
    if !matches.exists() {
        matches.required("");
    } else {
        let rules = matches.get("resourceRules");
        if rules.is_empty() && !rules.is_broken() {
            rules.required("at least one");
        }
        match_resources(matches);
    }
    conditions(spec.get("matchConditions"));
    for variable in spec.get("variables").items() {
        check_required(variable.get("name"), name::cel_identifier);
        not_blank(variable.get("expression"));
    }
    if validations.is_empty() && audits.is_empty() && !validations.is_broken() && !audits.is_broken() {
        validations.required("at least one validation or auditAnnotation");
    }
    for validation in validations.items() {
        not_blank(validation.get("expression"));
        let message = validation.get("message");
        if message.exists() && message.str().trim().is_empty() {
            message.invalid("must not be empty");
        } else if message.str().trim().contains('\n') {
            message.breaks("must not have line breaks");
        }
        let reason = validation.get("reason");
        reason.one_of_if_set(&["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"]);
        if validation.get("messageExpression").exists() {
            not_blank(validation.get("messageExpression"));
        }
    }
    for audit in audits.items() {
        check_required(audit.get("key"), name::qualified_name);
        not_blank(audit.get("valueExpression"));
    }
    unique_names(audits.items(), "key");
    expressions(spec);
}

fn match_resources(matches: At<'_>) {
    matches.get("matchPolicy").one_of_if_set(&["Equivalent", "Exact"]);
    selector::label_selector(matches.get("namespaceSelector"));
    selector::label_selector(matches.get("objectSelector"));
    matches.get("resourceRules").items().for_each(rule);
    matches.get("excludeResourceRules").items().for_each(rule);
}

pub(super) fn policy_binding(spec: At<'_>) {
    check_required(spec.get("policyName"), name::dns_subdomain);
    let (actions, parameter) = (spec.get("validationActions"), spec.get("paramRef"));
    if actions.is_empty() && !actions.is_broken() {
        actions.required("at least one");
    }
    actions.items().for_each(|action| _ = action.one_of(&["Audit", "Deny", "Warn"]));
    duplicates(actions.items(), |action| Some(action.str()), |action| action.duplicate("is there already"));
    let has = |wanted: &str| actions.items().any(|action| action.str() == wanted);
    if has("Deny") && has("Warn") {
        actions.report(Reason::Invalid, "must not have both Deny and Warn");
    }
    if parameter.exists() {
        let (own_name, labels) = (parameter.get("name"), parameter.get("selector"));
        match (own_name.str().is_empty(), labels.exists()) {
            (true, false) => parameter.report(Reason::Required, "must have a name or a selector"),
            (false, true) => own_name.forbidden("must not be set beside a selector"),
            _ => {}
        }
        check_if_set(own_name, name::path_segment);
        selector::label_selector(labels);
        let missing = parameter.get("parameterNotFoundAction");
        if !missing.exists() {
            missing.required("Allow or Deny");
        } else {
            missing.one_of(&["Allow", "Deny"]);
        }
    }
    match_resources(spec.get("matchResources"));
}
