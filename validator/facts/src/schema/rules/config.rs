//! ConfigMaps, Secrets and Namespaces.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::check;
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::format::{base64_len, name};

/// All values of a ConfigMap or Secret together.
const MOST_BYTES: usize = 1024 * 1024;

pub(super) fn config_map(at: At<'_>) {
    let (data, binary) = (at.get("data"), at.get("binaryData"));
    let mut bytes = 0;
    for (key, value) in data.entries() {
        key_name(key, value);
        bytes += value.str().len();
        if binary.entries().any(|(other, _)| other == key) {
            value.invalid("must not be in binaryData as well");
        }
    }
    for (key, value) in binary.entries() {
        key_name(key, value);
        bytes += base64_len(value.str());
    }
    if bytes > MOST_BYTES {
        at.report(Reason::Invalid, format!("must have at most {MOST_BYTES} bytes of data, but has {bytes}"));
    }
}

fn key_name(key: &str, value: At<'_>) {
    if let Err(rule) = name::config_key(key) {
        value.invalid(format!("has the key {key:?}, which {rule}"));
    }
}

pub(super) fn secret(at: At<'_>) {
    let (data, text) = (at.get("data"), at.get("stringData"));
    let mut bytes = 0;
    for (key, value) in data.entries().filter(|(key, _)| !text.entries().any(|(other, _)| other == *key)) {
        key_name(key, value);
        bytes += base64_len(value.str());
    }
    for (key, value) in text.entries() {
        key_name(key, value);
        bytes += value.str().len();
    }
    if bytes > MOST_BYTES {
        data.report(Reason::Invalid, format!("must have at most {MOST_BYTES} bytes, but has {bytes}"));
    }
    let has = |key: &str| [data, text].into_iter().flat_map(At::entries).any(|(name, _)| name == key);
    let needs = |key: &'static str, why: &str| {
        if !has(key) && !data.is_broken_itself() {
            data.key(key).required(why);
        }
    };
    match at.get("type").str() {
        "kubernetes.io/service-account-token" => {
            let owner = at.at(&["metadata", "annotations"]).key("kubernetes.io/service-account.name");
            if owner.str().is_empty() {
                owner.required("in a Secret of type kubernetes.io/service-account-token");
            }
        }
        "kubernetes.io/dockercfg" => docker(at, ".dockercfg"),
        "kubernetes.io/dockerconfigjson" => docker(at, ".dockerconfigjson"),
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            needs("username", "username or password in a Secret of type kubernetes.io/basic-auth");
        }
        "kubernetes.io/ssh-auth" => needs("ssh-privatekey", "in a Secret of type kubernetes.io/ssh-auth"),
        "kubernetes.io/tls" => {
            needs("tls.crt", "in a Secret of type kubernetes.io/tls");
            needs("tls.key", "in a Secret of type kubernetes.io/tls");
        }
        _ => {}
    }
}

/// The key must be there and hold a JSON object.
fn docker(at: At<'_>, key: &'static str) {
    let find = |list: At<'_>| list.entries().find(|(name, _)| *name == key).map(|(_, value)| value.str().to_owned());
    let text = find(at.get("stringData")).map(String::into_bytes);
    let value = text.or_else(|| {
        let encoded: String = find(at.get("data"))?.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
        Some(STANDARD.decode(encoded).unwrap_or_default())
    });
    let place = if at.get("stringData").entries().any(|(name, _)| name == key) { at.get("stringData") } else { at.get("data") };
    match value {
        None if place.is_broken_itself() => {}
        None => place.key(key).required(format!("in a Secret of type {}", at.get("type").str())),
        Some(value) if serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&value).is_err() => {
            place.key(key).invalid("must hold a JSON object");
        }
        Some(_) => {}
    }
}

/// Labels that Pod Security reads.
const POD_SECURITY: &str = "pod-security.kubernetes.io/";

pub(super) fn namespace(at: At<'_>) {
    for (key, label) in at.at(&["metadata", "labels"]).entries() {
        match key.strip_prefix(POD_SECURITY) {
            Some("enforce" | "audit" | "warn") => _ = label.one_of(&["privileged", "baseline", "restricted"]),
            Some("enforce-version" | "audit-version" | "warn-version") if !is_policy_version(label.str()) => {
                label.breaks("must be \"latest\" or a version such as \"v1.33\"");
            }
            _ => {}
        }
    }
    at.at(&["spec", "finalizers"]).items().for_each(|finalizer| check(finalizer, name::qualified_name));
}

fn is_policy_version(text: &str) -> bool {
    let minor = text.strip_prefix("v1.").unwrap_or_default();
    let canonical = minor == "0" || !minor.starts_with('0');
    text == "latest" || (canonical && !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()))
}
