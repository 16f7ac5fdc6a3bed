//! ConfigMaps, Secrets, Namespaces; and that no secret value is ever shown.

use kubevet_facts::schema::Version;

use super::{facts, table};

#[test]
fn config_maps() {
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, %}";
    table(
        map,
        &[
            ("data: {a.b-c_D: ''}, binaryData: {b: YQ==}", &[]),
            ("data: {a/b: c}", &["invalid data[a/b]"]),
            ("data: {..a: c}", &["invalid data[..a]"]),
            ("data: {a: 5}", &["type data[a]"]),
            ("data: {a: b}, binaryData: {a: YQ==}", &["invalid data[a]"]),
            ("data: [a]", &["type data"]),
        ],
    );
    let large = format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {{a: {}}}}}", "x".repeat(1024 * 1024 + 1));
    assert_eq!(super::problems(Version::V1_33, &large), ["invalid "]);
}

/// The server sees what SOPS decrypts; everything else is checked as it is.
#[test]
fn secrets_that_sops_encrypted() {
    let (value, sops) = ("ENC[AES256_GCM,data:abc=,type:str]", "sops: {version: 3.9.0, mac: 'ENC[AES256_GCM,data:abc=,type:str]'}");
    table(
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, %}",
        &[
            (&format!("data: {{a: '{value}'}}, {sops}"), &[]),
            (&format!("data: {{a: '{value}', b: 'not base64'}}, more: 1, {sops}"), &["type data[b]", "unknown more"]),
            (&format!("data: {{a: '{value}'}}"), &["type data[a]"]),
            (&format!("data: {{a: '{value}'}}, sops: {{mac: any}}"), &["type data[a]", "unknown sops"]),
        ],
    );
}

#[test]
fn secrets() {
    let secret = "{apiVersion: v1, kind: Secret, metadata: {name: a}, %}";
    table(
        secret,
        &[
            ("type: kubernetes.io/tls, stringData: {tls.crt: '', tls.key: ''}", &[]),
            ("type: kubernetes.io/tls, data: {tls.crt: ''}", &["required data[tls.key]"]),
            ("type: kubernetes.io/basic-auth", &["required data[username]"]),
            ("type: kubernetes.io/dockerconfigjson, data: {.dockerconfigjson: e30=}", &[]),
            ("type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: '[]'}", &["invalid stringData[.dockerconfigjson]"]),
            ("type: kubernetes.io/dockerconfigjson", &["required data[.dockerconfigjson]"]),
            ("type: kubernetes.io/service-account-token", &["required metadata.annotations[kubernetes.io/service-account.name]"]),
            ("data: {a b: YQ==}", &["invalid data[a b]"]),
        ],
    );
}

#[test]
fn secret_values_are_never_shown() {
    for yaml in [
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: hunter2!}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: 4815162342}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: 4815162342}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: hunter2!}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b, env: [{name: PASSWORD, value: 4815162342}]}]}}",
    ] {
        for version in Version::ALL {
            let found = facts(version, yaml);
            assert!(!found.is_empty(), "{yaml}");
            let shown = format!("{found:?}");
            assert!(!shown.contains("hunter2") && !shown.contains("4815162342"), "{shown}");
        }
    }
}

#[test]
fn namespaces() {
    let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {pod-security.kubernetes.io/%}}}";
    table(
        namespace,
        &[
            ("enforce: restricted", &[]),
            ("enforce: strict", &["enum metadata.labels[pod-security.kubernetes.io/enforce]"]),
            ("warn-version: v1.33", &[]),
            ("warn-version: v1.033", &["invalid metadata.labels[pod-security.kubernetes.io/warn-version]"]),
        ],
    );
}
