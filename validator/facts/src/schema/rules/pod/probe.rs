//! Probes and lifecycle handlers.

use super::super::{check, port_number, port_number_or_name};
use super::Context;
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;

const DEFAULT_GRACE_SECONDS: i64 = 30;

/// A container's probes.
pub(super) fn probes(container: At<'_>) {
    for (field, once) in [("livenessProbe", true), ("readinessProbe", false), ("startupProbe", true)] {
        let probe = container.get(field);
        if !probe.exists() {
            continue;
        }
        handler(probe, &["exec", "httpGet", "tcpSocket", "grpc"]);
        for seconds in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
            probe.get(seconds).not_negative();
        }
        let success = probe.get("successThreshold");
        if once && success.int().is_some_and(|threshold| threshold > 1) {
            success.invalid(format!("must be 1 in a {field}, but is {}", success.int().unwrap_or_default()));
        }
        let grace = probe.get("terminationGracePeriodSeconds");
        if field == "readinessProbe" && grace.exists() {
            grace.invalid("must not be set in a readinessProbe, which ends nothing");
        } else {
            grace.at_least(1);
        }
    }
}

/// A container's lifecycle handlers.
pub(super) fn lifecycle(context: Context<'_>, lifecycle: At<'_>) {
    let grace = context.spec.get("terminationGracePeriodSeconds").int().unwrap_or(DEFAULT_GRACE_SECONDS);
    for hook in [lifecycle.get("postStart"), lifecycle.get("preStop")].into_iter().filter(|hook| hook.exists()) {
        handler(hook, &["exec", "httpGet", "tcpSocket", "sleep"]);
        let sleep = hook.get("sleep");
        let seconds = sleep.get("seconds").int().unwrap_or(0);
        // A negative grace period counts as one second, with a warning.
        let grace = if grace < 0 { 1 } else { grace };
        let least = if context.version().has(Feature::PodLifecycleSleepActionAllowZero) { 0 } else { 1 };
        if sleep.exists() && !(least..=grace).contains(&seconds) {
            sleep.report(
                Reason::Invalid,
                format!("must be {least} to terminationGracePeriodSeconds ({grace}) seconds long, but is {seconds}"),
            );
        }
    }
}

/// Exactly one of the handlers, and what it needs.
fn handler(at: At<'_>, allowed: &[&'static str]) {
    let mut there = allowed.iter().map(|name| at.get(name)).filter(|handler| handler.exists());
    match there.next() {
        Some(first) => there.for_each(|extra| extra.clashes(first, "must not be set beside another handler")),
        None if at.is_broken() => {}
        None => at.required(format!("exactly one of {}", allowed.join(", "))),
    }

    let (exec, http, tcp, grpc) = (at.get("exec"), at.get("httpGet"), at.get("tcpSocket"), at.get("grpc"));
    if exec.exists() && exec.get("command").is_empty() {
        exec.get("command").required("");
    }
    if http.exists() {
        port_number_or_name(http.get("port"));
        http.get("httpHeaders").items().for_each(|header| check(header.get("name"), name::http_header));
    }
    if tcp.exists() {
        port_number_or_name(tcp.get("port"));
    }
    if grpc.exists() {
        port_number(grpc.get("port"));
    }
}
