//! Containers and their ports.

use super::super::{check, check_required, duplicates, unique_names};
use super::{Context, environment, probe, resources, security, volume_mount};
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;

pub(super) fn all(context: Context<'_>) {
    let (init, app) = (context.spec.get("initContainers"), context.spec.get("containers"));
    if app.is_empty() && !app.is_broken() {
        app.required("at least one container");
    }
    init.items().for_each(|container| init_container(context, container));
    app.items().for_each(|container| app_container(context, container));
    unique_names(app.items().chain(init.items()), "name");
    host_ports(context, app.items());
    init.items().for_each(|container| host_ports(context, std::iter::once(container)));
}

fn app_container(context: Context<'_>, container: At<'_>) {
    common(context, container);
    probe::probes(container);
    probe::lifecycle(context, container.get("lifecycle"));
    let policy = container.get("restartPolicy");
    if policy.exists() {
        if context.version().has(Feature::ContainerRestartRules) {
            policy.one_of(&["Always", "OnFailure", "Never"]);
        } else {
            policy.forbidden("must not be set for containers other than init containers");
        }
    } else if !container.get("restartPolicyRules").is_empty() {
        policy.required("with restartPolicyRules");
    }
}

fn init_container(context: Context<'_>, container: At<'_>) {
    common(context, container);
    let policy = container.get("restartPolicy");
    if policy.exists() {
        let newer: &[&str] = &["Always", "OnFailure", "Never"];
        policy.one_of(if context.version().has(Feature::ContainerRestartRules) { newer } else { &["Always"] });
    }
    if policy.str() == "Always" {
        probe::probes(container);
        probe::lifecycle(context, container.get("lifecycle"));
        return;
    }
    for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        if container.get(field).exists() {
            container.get(field).forbidden("must not be set for an init container without restartPolicy: Always");
        }
    }
}

fn common(context: Context<'_>, container: At<'_>) {
    check_required(container.get("name"), name::dns_label);
    let image = container.get("image");
    if image.not_empty() && context.is_pod && image.str().trim() != image.str() {
        image.breaks("must not have spaces at its ends");
    }
    ports(container.get("ports"));
    environment::variables(context, container);
    volume_mount::all(context, container);
    resources::container(context, container);
    security::container(context, container.get("securityContext"));
}

fn ports(ports: At<'_>) {
    for port in ports.items() {
        if !port.get("name").str().is_empty() {
            check(port.get("name"), name::port_name);
        }
        let number = port.get("containerPort");
        match number.int() {
            None | Some(0) => number.required(""),
            Some(_) => number.within(1, 65535),
        }
        if port.get("hostPort").int() != Some(0) {
            port.get("hostPort").within(1, 65535);
        }
    }
    unique_names(ports.items(), "name");
}

/// No two ports of the containers may want the same port of the node.
fn host_ports<'a>(context: Context<'a>, containers: impl Iterator<Item = At<'a>>) {
    let ports = containers.flat_map(|container| container.get("ports").items()).inspect(|port| {
        let (host, own) = (port.get("hostPort"), port.get("containerPort").int());
        if context.host_network() && host.int().is_some_and(|host| host != 0) && host.int() != own {
            host.invalid(format!("must equal containerPort ({}) with hostNetwork, but is {}", own.unwrap_or(0), host.int().unwrap_or(0)));
        }
    });
    let key = |port: At<'a>| {
        let stated = port.get("hostPort").int().filter(|host| *host != 0);
        // A Pod in the host's network gets the number of its own port; a template keeps nothing.
        let implied = port.get("containerPort").int().filter(|_| context.is_pod && context.host_network());
        Some((stated.or(implied)?, port.get("protocol").str_or("TCP"), port.get("hostIP").str()))
    };
    duplicates(ports, key, |port| port.get("hostPort").duplicate("is taken by another port of this Pod"));
}
