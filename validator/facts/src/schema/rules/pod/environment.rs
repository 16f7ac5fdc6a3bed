//! Environment variables.

use super::super::{check, check_if_set, check_required};
use super::Context;
use super::resources::hugepage;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;
use crate::schema::format::quantity::Quantity;

pub(super) fn variables(context: Context<'_>, container: At<'_>) {
    let rule = if context.version().has(Feature::RelaxedEnvironmentVariableValidation) { name::variable } else { name::strict_variable };
    for variable in container.get("env").items() {
        check_required(variable.get("name"), rule);
        if variable.get("valueFrom").exists() {
            source(context, variable);
        }
    }
    for import in container.get("envFrom").items() {
        check_if_set(import.get("prefix"), rule);
        let there: Vec<_> = ["configMapRef", "secretRef"].iter().map(|field| import.get(field)).filter(|source| source.exists()).collect();
        match there[..] {
            [] if import.is_broken() => {}
            [] => import.invalid("must have configMapRef or secretRef"),
            [source] => check_required(source.get("name"), name::dns_subdomain),
            _ => import.invalid("must have configMapRef or secretRef, not both"),
        }
    }
}

fn source(context: Context<'_>, variable: At<'_>) {
    let from = variable.get("valueFrom");
    if !variable.get("value").str().is_empty() {
        from.clashes(variable.get("value"), "must not be set beside a value");
        return;
    }
    let old: &[&str] = &["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"];
    let new: &[&str] = &["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
    let allowed = if context.version().has(Feature::EnvFiles) { new } else { old };
    match allowed.iter().filter(|field| from.get(field).exists()).count() {
        1 => {}
        0 if from.is_broken() => {}
        0 => from.invalid(format!("must have one of {}", allowed.join(", "))),
        _ => from.invalid(format!("must have only one of {}", allowed.join(", "))),
    }
    if from.get("fieldRef").exists() {
        field(from.get("fieldRef"), VARIABLE_FIELDS);
    }
    if from.get("resourceFieldRef").exists() {
        resource(from.get("resourceFieldRef"));
    }
    for reference in [from.get("configMapKeyRef"), from.get("secretKeyRef")].into_iter().filter(|reference| reference.exists()) {
        check(reference.get("name"), name::dns_subdomain);
        check_required(reference.get("key"), name::config_key);
    }
    if from.get("fileKeyRef").exists() {
        for field in ["key", "path", "volumeName"] {
            from.get("fileKeyRef").get(field).not_empty();
        }
    }
}

const VARIABLE_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// A reference to a field of the Pod itself.
pub(super) fn field(reference: At<'_>, allowed: &[&str]) {
    let (path, version) = (reference.get("fieldPath"), reference.get("apiVersion"));
    if !matches!(version.str(), "" | "v1") {
        version.breaks("must be \"v1\"");
    }
    if !path.not_empty() {
        return;
    }
    // metadata.labels['key'] and metadata.annotations['key']
    let subscript = path.str().split_once("['").and_then(|(map, rest)| Some((map, rest.strip_suffix("']")?)));
    match subscript {
        Some(("metadata.labels", key)) if name::qualified_name(key).is_ok() => {}
        Some(("metadata.annotations", key)) if name::qualified_name(&key.to_lowercase()).is_ok() => {}
        _ if allowed.contains(&path.str()) => {}
        _ => path.breaks(format!("must be one of {}, or metadata.labels['…'] or metadata.annotations['…'] with a key", allowed.join(", "))),
    }
}

/// A reference to a request or limit of a container.
pub(super) fn resource(reference: At<'_>) {
    let resource = reference.get("resource");
    if !resource.not_empty() {
        return;
    }
    let kind = resource.str().strip_prefix("limits.").or_else(|| resource.str().strip_prefix("requests."));
    let divisors: &[&str] = match kind {
        Some("cpu") => &["1m", "1"],
        Some("memory" | "ephemeral-storage") => BYTES,
        Some(other) if hugepage(other).is_some() => BYTES,
        _ => {
            resource.breaks("must be limits or requests of cpu, memory, ephemeral-storage or hugepages-…, such as \"limits.cpu\"");
            return;
        }
    };
    let divisor = reference.get("divisor");
    let Some(value) = super::quantity(divisor).filter(|value| !value.is_zero()) else { return };
    if !divisors.iter().any(|allowed| Quantity::parse(allowed) == Ok(value)) {
        divisor.breaks(format!("must be one of {} with {}", divisors.join(", "), resource.str()));
    }
}

const BYTES: &[&str] = &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
