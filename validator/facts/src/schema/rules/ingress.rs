//! Ingresses and IngressClasses.

use super::{check, check_if_set, check_required, port_number};
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name::{self, Rule};

pub(super) fn ingress(at: At<'_>) {
    let spec = at.get("spec");
    let (rules, default, class) = (spec.get("rules"), spec.get("defaultBackend"), spec.get("ingressClassName"));
    if rules.is_empty() && !default.exists() && !spec.is_broken() {
        spec.invalid("must have rules or a defaultBackend");
    }
    if default.exists() {
        backend(default);
    }
    for rule in rules.items() {
        host(rule.get("host"), true);
        let http = rule.get("http");
        if !http.exists() {
            continue;
        }
        let paths = http.get("paths");
        if paths.is_empty() && !paths.is_broken() {
            paths.required("at least one path");
        }
        paths.items().for_each(path);
    }
    for tls in spec.get("tls").items() {
        tls.get("hosts").items().for_each(|name| host(name, false));
        check_if_set(tls.get("secretName"), name::dns_subdomain);
    }
    if class.exists() {
        check(class, name::dns_subdomain);
        let annotation = at.at(&["metadata", "annotations"]).key("kubernetes.io/ingress.class");
        if annotation.exists() {
            annotation.invalid("must not be set beside ingressClassName");
        }
    }
}

fn host(host: At<'_>, may_be_missing: bool) {
    if may_be_missing && host.str().is_empty() {
        return;
    }
    if may_be_missing && host.str().parse::<std::net::IpAddr>().is_ok() {
        host.breaks("must be a DNS name, not an address");
    } else {
        check(host, name::host);
    }
}

fn path(at: At<'_>) {
    let (kind, path) = (at.get("pathType"), at.get("path"));
    match kind.str() {
        "" => kind.required("Exact, Prefix or ImplementationSpecific"),
        "Exact" | "Prefix" => {
            let text = path.str();
            let wrong = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|part| text.contains(part));
            if !text.starts_with('/') {
                path.breaks(format!("must start with '/' with pathType {}", kind.str()));
            } else if let Some(part) = wrong {
                path.breaks(format!("must not contain '{part}'"));
            } else if text.ends_with("/.") || text.ends_with("/..") {
                path.breaks("must not end with '/.' or '/..'");
            }
        }
        _ if !path.str().is_empty() && !path.str().starts_with('/') => path.breaks("must start with '/'"),
        _ => {}
    }
    backend(at.get("backend"));
}

fn backend(at: At<'_>) {
    let (service, resource) = (at.get("service"), at.get("resource"));
    match (service.exists(), resource.exists()) {
        (true, true) => at.invalid("must have service or resource, not both"),
        (false, false) if at.is_broken() => {}
        (false, false) => at.invalid("must have a service (or a resource)"),
        (false, true) => {
            resource.get("kind").not_empty();
            resource.get("name").not_empty();
        }
        (true, false) => backend_service(at, service),
    }
}

fn backend_service(backend: At<'_>, service: At<'_>) {
    let rule = if service.doc.version.has(Feature::RelaxedServiceNameValidation) { name::dns_label } else { name::dns_1035_label };
    check_required(service.get("name"), rule);
    let port = service.get("port");
    let (number, port_name) = (port.get("number"), port.get("name"));
    let has_number = number.int().unwrap_or(0) != 0;
    match (has_number, !port_name.str().is_empty()) {
        (true, true) => backend.invalid("must have a port's number or its name, not both"),
        (true, false) => port_number(number),
        (false, true) => check(port_name, name::port_name),
        (false, false) if port.is_broken() => {}
        (false, false) => backend.required("the number or name of the service's port (service.port)"),
    }
}

pub(super) fn ingress_class(at: At<'_>) {
    let spec = at.get("spec");
    let (controller, parameters) = (spec.get("controller"), spec.get("parameters"));
    if controller.not_empty() {
        if controller.str().len() > 250 {
            controller.breaks("must have at most 250 characters");
        } else {
            check(controller, domain_prefixed_path);
        }
    }
    if !parameters.exists() {
        return;
    }
    if parameters.get("apiGroup").exists() {
        check(parameters.get("apiGroup"), name::dns_subdomain);
    }
    check_required(parameters.get("kind"), name::path_segment);
    check_required(parameters.get("name"), name::path_segment);
    let (scope, namespace) = (parameters.get("scope"), parameters.get("namespace"));
    match scope.str_or("Cluster") {
        "Namespace" => check_required(namespace, name::dns_label),
        "Cluster" if namespace.exists() => namespace.forbidden("must not be set with scope: Cluster"),
        "Cluster" => {}
        _ => scope.not_one_of(&["Cluster", "Namespace"]),
    }
}

/// `example.com/path`
pub(super) fn domain_prefixed_path(text: &str) -> Rule {
    const WRONG: &str = "must be a domain and a path, such as \"example.com/controller\"";
    let (domain, path) = text.split_once('/').ok_or(WRONG)?;
    name::dns_subdomain(domain).map_err(|_| WRONG)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
    if path.is_empty() || !path.bytes().all(allowed) { Err(WRONG) } else { Ok(()) }
}
