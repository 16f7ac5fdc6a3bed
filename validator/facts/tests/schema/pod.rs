//! Pods.

use kubevet_facts::schema::Version;

use super::{problems, table, table_for, table_since};

/// A Pod with `%` in its container.
const CONTAINER: &str = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b, %}],
    volumes: [{name: work, emptyDir: {}}, {name: disk, persistentVolumeClaim: {claimName: c}}]}}";

/// A Pod with `%` in its spec.
const SPEC: &str = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b}], %}}";

#[test]
fn containers() {
    let containers = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {%}}";
    table(
        containers,
        &[
            ("", &["required spec.containers"]),
            ("containers: []", &["required spec.containers"]),
            ("containers: {a: b}", &["type spec.containers"]),
            ("containers: [{name: A, image: b}]", &["invalid spec.containers[0].name"]),
            ("containers: [{name: a}]", &["required spec.containers[0].image"]),
            ("containers: [{name: a, image: ' b'}]", &["invalid spec.containers[0].image"]),
            ("containers: [{name: a, image: b}, {name: a, image: c}]", &["duplicate spec.containers[1].name"]),
            ("containers: [{name: a, image: b}], initContainers: [{name: a, image: c}]", &["duplicate spec.initContainers[0].name"]),
        ],
    );
}

#[test]
fn ports() {
    table(
        CONTAINER,
        &[
            ("ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}]", &[]),
            ("ports: [{name: http}]", &["required spec.containers[0].ports[0].containerPort"]),
            ("ports: [{containerPort: 65536}]", &["invalid spec.containers[0].ports[0].containerPort"]),
            ("ports: [{containerPort: 80, name: HTTP}]", &["invalid spec.containers[0].ports[0].name"]),
            ("ports: [{containerPort: 80, name: '8080'}]", &["invalid spec.containers[0].ports[0].name"]),
            ("ports: [{containerPort: 80, name: a}, {containerPort: 81, name: a}]", &["duplicate spec.containers[0].ports[1].name"]),
            (
                "ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]",
                &["duplicate spec.containers[0].ports[1].hostPort"],
            ),
        ],
    );
}

#[test]
fn probes_and_hooks() {
    let port = &["invalid spec.containers[0].livenessProbe.httpGet.port"];
    table(
        CONTAINER,
        &[
            ("livenessProbe: {httpGet: {port: web}, periodSeconds: 0}", &[]),
            ("livenessProbe: {}", &["required spec.containers[0].livenessProbe"]),
            ("livenessProbe: {httpGet: {path: /}}", port),
            ("livenessProbe: {httpGet: {port: a-name-that-is-long}}", port),
            ("livenessProbe: {httpGet: {port: 80}, exec: {command: [a]}}", &["forbidden spec.containers[0].livenessProbe.httpGet"]),
            ("livenessProbe: {exec: {command: []}}", &["required spec.containers[0].livenessProbe.exec.command"]),
            ("livenessProbe: {tcpSocket: {port: 80}, successThreshold: 2}", &["invalid spec.containers[0].livenessProbe.successThreshold"]),
            ("readinessProbe: {tcpSocket: {port: 80}, successThreshold: 2}", &[]),
            (
                "readinessProbe: {tcpSocket: {port: 80}, terminationGracePeriodSeconds: 5}",
                &["invalid spec.containers[0].readinessProbe.terminationGracePeriodSeconds"],
            ),
            ("lifecycle: {preStop: {sleep: {seconds: 30}}}", &[]),
            ("lifecycle: {postStart: {}}", &["required spec.containers[0].lifecycle.postStart"]),
        ],
    );
    let wrong: &[&str] = &["invalid spec.containers[0].lifecycle.preStop.sleep"];
    // 1.29 drops a sleep.
    table_since(Version::V1_30, CONTAINER, &[("lifecycle: {preStop: {sleep: {seconds: 31}}}", &[], wrong)]);
    for version in Version::ALL {
        let refused = matches!(version, Version::V1_30 | Version::V1_31 | Version::V1_32);
        table_for(version, CONTAINER, &[("lifecycle: {preStop: {sleep: {seconds: 0}}}", if refused { wrong } else { &[] })]);
    }
}

#[test]
fn init_containers_and_sidecars() {
    let init = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b}], initContainers: [{name: i, image: b, %}]}}";
    table(
        init,
        &[
            ("restartPolicy: Always, livenessProbe: {exec: {command: [a]}}", &[]),
            ("livenessProbe: {exec: {command: [a]}}", &["forbidden spec.initContainers[0].livenessProbe"]),
            ("lifecycle: {preStop: {exec: {command: [a]}}}", &["forbidden spec.initContainers[0].lifecycle"]),
        ],
    );
    table_since(Version::V1_35, init, &[("restartPolicy: OnFailure", &["enum spec.initContainers[0].restartPolicy"], &[])]);
    let app = &["forbidden spec.containers[0].restartPolicy"];
    table_since(Version::V1_35, CONTAINER, &[("restartPolicy: Never", app, &[])]);
}

#[test]
fn variables() {
    table(
        CONTAINER,
        &[
            ("env: [{name: A}, {name: A}]", &[]),
            ("env: [{value: d}]", &["required spec.containers[0].env[0].name"]),
            ("env: [{name: A=B}]", &["invalid spec.containers[0].env[0].name"]),
            ("env: [{name: A, value: 5}]", &["type spec.containers[0].env[0].value"]),
            (
                "env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
                &["forbidden spec.containers[0].env[0].valueFrom"],
            ),
            ("env: [{name: A, valueFrom: {}}]", &["invalid spec.containers[0].env[0].valueFrom"]),
            ("env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a']\"}}}]", &[]),
            (
                "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]",
                &["invalid spec.containers[0].env[0].valueFrom.fieldRef.fieldPath"],
            ),
            ("env: [{name: A, valueFrom: {secretKeyRef: {name: s}}}]", &["required spec.containers[0].env[0].valueFrom.secretKeyRef.key"]),
            ("env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}]", &[]),
            (
                "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 2}}}]",
                &["invalid spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor"],
            ),
            ("envFrom: [{configMapRef: {name: c}, prefix: p-}]", &[]),
            ("envFrom: [{}]", &["invalid spec.containers[0].envFrom[0]"]),
            ("envFrom: [{configMapRef: {name: My Settings}}]", &["invalid spec.containers[0].envFrom[0].configMapRef.name"]),
            ("envFrom: [{secretRef: {}}]", &["required spec.containers[0].envFrom[0].secretRef.name"]),
        ],
    );
    let name: &[&str] = &["invalid spec.containers[0].env[0].name"];
    let names: &[(&str, &[&str], &[&str])] = &[
        ("env: [{name: 'a.b c', value: d}]", name, &[]),
        ("env: [{name: 1st, value: d}]", name, &[]),
        ("env: [{name: ..a, value: d}]", name, &[]),
        ("env: [{name: a.b-c_1, value: d}]", &[], &[]),
    ];
    table_since(Version::V1_32, CONTAINER, names);
    // 1.34 knows the field and drops it, which leaves nothing.
    let file = "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: p, key: k}}}]";
    let from = "spec.containers[0].env[0].valueFrom";
    table_for(Version::V1_33, CONTAINER, &[(file, &[&format!("unknown {from}.fileKeyRef")])]);
    table_for(Version::V1_34, CONTAINER, &[(file, &[&format!("invalid {from}")])]);
    table_for(Version::V1_35, CONTAINER, &[(file, &[])]);
}

#[test]
fn mounts() {
    table(
        CONTAINER,
        &[
            ("volumeMounts: [{name: work, mountPath: relative, subPath: a/b}]", &[]),
            ("volumeMounts: [{name: wrok, mountPath: /a}]", &["not-found spec.containers[0].volumeMounts[0].name"]),
            ("volumeMounts: [{name: work}]", &["required spec.containers[0].volumeMounts[0].mountPath"]),
            ("volumeMounts: [{name: work, mountPath: /a, subPath: ../b}]", &["invalid spec.containers[0].volumeMounts[0].subPath"]),
            (
                "volumeMounts: [{name: work, mountPath: /a}, {name: disk, mountPath: /a}]",
                &["invalid spec.containers[0].volumeMounts[1].mountPath"],
            ),
            (
                "volumeMounts: [{name: work, mountPath: /a, mountPropagation: Bidirectional}]",
                &["forbidden spec.containers[0].volumeMounts[0].mountPropagation"],
            ),
            ("volumeDevices: [{name: disk, devicePath: /dev/a}]", &[]),
            ("volumeDevices: [{name: work, devicePath: /dev/a}]", &["invalid spec.containers[0].volumeDevices[0].name"]),
        ],
    );
}

#[test]
fn volumes() {
    table(
        SPEC,
        &[
            ("volumes: [{name: a}]", &[]),
            ("volumes: [{name: a.b}]", &["invalid spec.volumes[0].name"]),
            ("volumes: [{name: a}, {name: a}]", &["duplicate spec.volumes[1].name"]),
            ("volumes: [{name: a, emptyDir: {}, configMap: {name: b}}]", &["forbidden spec.volumes[0].configMap"]),
            ("volumes: [{name: a, configMap: {}}]", &["required spec.volumes[0].configMap.name"]),
            (
                "volumes: [{name: a, secret: {name: b}}]",
                &["unknown spec.volumes[0].secret.name", "required spec.volumes[0].secret.secretName"],
            ),
            ("volumes: [{name: a, configMap: {name: b, defaultMode: 0644}}]", &[]),
            ("volumes: [{name: a, configMap: {name: b, defaultMode: 644}}]", &["invalid spec.volumes[0].configMap.defaultMode"]),
            (
                "volumes: [{name: a, configMap: {name: b, items: [{key: k, path: ../p}]}}]",
                &["invalid spec.volumes[0].configMap.items[0].path"],
            ),
            ("volumes: [{name: a, hostPath: {path: /a/../b}}]", &["invalid spec.volumes[0].hostPath.path"]),
            ("volumes: [{name: a, emptyDir: {sizeLimit: -1}}]", &["forbidden spec.volumes[0].emptyDir.sizeLimit"]),
            (
                "volumes: [{name: a, projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 60}}]}}]",
                &["invalid spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds"],
            ),
            (
                "volumes: [{name: a, projected: {sources: [{secret: {name: s, items: [{key: k, path: p}]}}, {serviceAccountToken: {path: p}}]}}]",
                &["invalid spec.volumes[0].projected"],
            ),
            ("volumes: [{name: a, gitRepo: {repository: ''}}]", &["required spec.volumes[0].gitRepo.repository"]),
            ("volumes: [{name: a, ephemeral: {}}]", &["required spec.volumes[0].ephemeral.volumeClaimTemplate"]),
        ],
    );
}

#[test]
fn resources() {
    let requests = |name: &str| format!("spec.containers[0].resources.requests[{name}]");
    table(
        CONTAINER,
        &[
            ("resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: '0.5', memory: 1024Mi}}", &[]),
            ("resources: {requests: {cpu: 1}, limits: {cpu: 999m}}", &[&format!("invalid {}", requests("cpu"))]),
            ("resources: {requests: {memory: 1Gi}, limits: {memory: 1G}}", &[&format!("invalid {}", requests("memory"))]),
            ("resources: {requests: {cpu: -1}}", &[&format!("invalid {}", requests("cpu"))]),
            ("resources: {requests: {Memory: 1}}", &[&format!("invalid {}", requests("Memory"))]),
            ("resources: {requests: {memory: 64mb}}", &[&format!("type {}", requests("memory"))]),
            ("resources: {limits: {example.com/gpu: 1}}", &[]),
            ("resources: {requests: {example.com/gpu: 1}}", &["required spec.containers[0].resources.limits"]),
            ("resources: {limits: {example.com/gpu: 1.5}}", &["invalid spec.containers[0].resources.limits[example.com/gpu]"]),
            ("resources: {limits: {hugepages-huge: 4Mi, cpu: 1}}", &["invalid spec.containers[0].resources.limits[hugepages-huge]"]),
            ("resources: {limits: {hugepages-2Mi: 4Mi}}", &["forbidden spec.containers[0].resources"]),
            ("resources: {limits: {hugepages-2Mi: 3Mi, cpu: 1}}", &["invalid spec.containers[0].resources.limits[hugepages-2Mi]"]),
        ],
    );
}

#[test]
fn resources_of_the_whole_pod_are_judged_where_they_are_known() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {resources: %, containers: [{name: a, image: b, resources: {requests: {cpu: 1}, limits: {cpu: 2}}}]}}";
    let cases: &[(&str, &[&str])] = &[
        ("{requests: {cpu: 1}, limits: {cpu: 2}}", &[]),
        ("{requests: {cpu: 500m}}", &["invalid spec.resources.requests[cpu]"]),
        ("{limits: {cpu: 1}}", &["invalid spec.containers[0].resources.limits[cpu]"]),
        ("{limits: {storage: 1}}", &["enum spec.resources.limits[storage]"]),
    ];
    let unknown: &[&str] = &["unknown spec.resources"];
    for version in Version::ALL {
        for (part, expected) in cases {
            let expected = match version {
                Version::V1_29 | Version::V1_30 | Version::V1_31 => unknown,
                Version::V1_32 | Version::V1_33 => &[],
                _ => expected,
            };
            table_for(version, pod, &[(part, expected)]);
        }
    }
}

#[test]
fn scheduling() {
    let affinity = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";
    table(
        SPEC,
        &[
            ("nodeSelector: {a/b/c: d}", &["invalid spec.nodeSelector[a/b/c]"]),
            ("tolerations: [{operator: Exists}]", &[]),
            ("tolerations: [{key: a, operator: Exists, value: b}]", &["invalid spec.tolerations[0].operator"]),
            ("tolerations: [{key: a, value: b c}]", &["invalid spec.tolerations[0].operator"]),
            ("tolerations: [{}]", &["invalid spec.tolerations[0].operator"]),
            ("tolerations: [{key: a, tolerationSeconds: 5}]", &["invalid spec.tolerations[0].effect"]),
            (
                "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {}}]}}",
                &[&format!("required {affinity}.topologyKey")],
            ),
            (
                "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, labelSelector: {matchExpressions: [{key: a, operator: In}]}}]}}",
                &[&format!("required {affinity}.labelSelector.matchExpressions[0].values")],
            ),
            (
                "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, preference: {}}]}}",
                &["invalid spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight"],
            ),
            ("topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, minDomains: 2}]", &[]),
            (
                "topologySpreadConstraints: [{topologyKey: a, whenUnsatisfiable: Never}]",
                &["enum spec.topologySpreadConstraints[0].whenUnsatisfiable", "invalid spec.topologySpreadConstraints[0].maxSkew"],
            ),
        ],
    );
}

#[test]
fn security() {
    table(
        CONTAINER,
        &[
            ("securityContext: {runAsUser: 0, runAsNonRoot: true}", &[]),
            ("securityContext: {runAsUser: -1}", &["invalid spec.containers[0].securityContext.runAsUser"]),
            ("securityContext: {privileged: true, allowPrivilegeEscalation: false}", &["invalid spec.containers[0].securityContext"]),
            (
                "securityContext: {seccompProfile: {type: Localhost}}",
                &["required spec.containers[0].securityContext.seccompProfile.localhostProfile"],
            ),
            ("securityContext: {fsGroup: 1}", &["unknown spec.containers[0].securityContext.fsGroup"]),
        ],
    );
    let unmasked: &[&str] = &["invalid spec.containers[0].securityContext.procMount"];
    table_since(Version::V1_33, CONTAINER, &[("securityContext: {procMount: Unmasked}", &[], unmasked)]);
    table_since(Version::V1_33, SPEC, &[("hostNetwork: true, hostUsers: false", &[], &["forbidden spec.hostNetwork"])]);
    table(
        SPEC,
        &[
            (
                "securityContext: {sysctls: [{name: net.ipv4.ip_forward, value: '1'}]}, hostNetwork: true",
                &["invalid spec.securityContext.sysctls[0].name"],
            ),
            (
                "securityContext: {windowsOptions: {gmsaCredentialSpecName: My_Spec}}",
                &["invalid spec.securityContext.windowsOptions.gmsaCredentialSpecName"],
            ),
            ("os: {name: windows}, securityContext: {runAsUser: 1}", &["forbidden spec.securityContext.runAsUser"]),
        ],
    );
}

#[test]
fn profiles_in_annotations() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {container.apparmor.security.beta.kubernetes.io/%}}, spec: {containers: [{name: a, image: b}]}}";
    let key = "metadata.annotations[container.apparmor.security.beta.kubernetes.io";
    table(
        pod,
        &[
            ("a: runtime/default", &[]),
            ("a: localhost/strict", &[]),
            ("a: strict", &[&format!("invalid {key}/a]")]),
            ("other: unconfined", &[&format!("invalid {key}/other]")]),
        ],
    );
}

#[test]
fn the_rest_of_the_spec() {
    table(
        SPEC,
        &[
            ("hostname: a.b", &["invalid spec.hostname"]),
            ("serviceAccountName: A", &["invalid spec.serviceAccountName"]),
            ("dnsPolicy: None", &["required spec.dnsConfig"]),
            ("dnsPolicy: None, dnsConfig: {nameservers: [example.com]}", &["invalid spec.dnsConfig.nameservers[0]"]),
            ("dnsConfig: {searches: [example.com.]}", &[]),
            ("hostAliases: [{ip: 10.0.0.1, hostnames: [a_b]}]", &["invalid spec.hostAliases[0].hostnames[0]"]),
            ("restartPolicy: always", &["enum spec.restartPolicy"]),
            ("activeDeadlineSeconds: 0", &["invalid spec.activeDeadlineSeconds"]),
            ("schedulingGates: [{name: a}], nodeName: node", &["forbidden spec.nodeName"]),
            ("ephemeralContainers: [{name: e, image: b}]", &["forbidden spec.ephemeralContainers"]),
        ],
    );
    let search: &[&str] = &["invalid spec.dnsConfig.searches[0]"];
    table_since(Version::V1_33, SPEC, &[("dnsConfig: {searches: [.]}", search, &[]), ("dnsConfig: {searches: [_tcp.a]}", search, &[])]);
    table_since(Version::V1_36, SPEC, &[("hostAliases: [{ip: 010.0.0.1}]", &[], &["invalid spec.hostAliases[0].ip"])]);
}

#[test]
fn all_mistakes_are_found_in_one_pass() {
    let found = problems(
        Version::V1_33,
        "{apiVersion: v1, kind: Pod, metadata: {name: A}, spec: {restartPolicy: never, containers: [{name: a, imag: b, ports: [{containerPort: x}]}]}}",
    );
    let expected = [
        "unknown spec.containers[0].imag",
        "type spec.containers[0].ports[0].containerPort",
        "enum spec.restartPolicy",
        "invalid metadata.name",
    ];
    for problem in expected {
        assert!(found.iter().any(|found| found == problem), "{problem} in {found:?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
}

#[test]
fn names_of_secrets_and_config_maps() {
    let longest = "a".repeat(253);
    for reference in ["secretKeyRef", "configMapKeyRef"] {
        let of = |name: &str| format!("env: [{{name: A, valueFrom: {{{reference}: {{name: {name}, key: k}}}}}}]");
        let wrong = format!("invalid spec.containers[0].env[0].valueFrom.{reference}.name");
        for name in ["My_Secret", "a/b", "''", &format!("{longest}a")] {
            table(CONTAINER, &[(&of(name), &[&wrong])]);
        }
        for name in ["my-secret", "a.b", &longest] {
            table(CONTAINER, &[(&of(name), &[])]);
        }
    }
    let volume = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}], volumes: [{name: v, csi: {driver: d, nodePublishSecretRef: {%}}}]}}";
    table(
        volume,
        &[
            ("name: a", &[]),
            ("name: A", &["invalid spec.volumes[0].csi.nodePublishSecretRef.name"]),
            ("", &["required spec.volumes[0].csi.nodePublishSecretRef.name"]),
        ],
    );
}

/// Where annotations of former times and fields both name a profile, they must agree; in templates nobody looks.
#[test]
fn profiles_of_annotations_and_fields_agree() {
    let pod = |annotation: &str, spec: &str, container: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: a, annotations: {{{annotation}}}}}, spec: {{{spec}containers: [{{name: c, image: a{container}}}]}}}}"
        )
    };
    let own = "securityContext: {seccompProfile: {type: RuntimeDefault}}, ";
    let local = ", securityContext: {seccompProfile: {type: Localhost, localhostProfile: a.json}}";
    let armor = ", securityContext: {appArmorProfile: {type: Unconfined}}";
    let (of_pod, of_container) = ("seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/c");
    for (annotation, spec, container, expected) in [
        (format!("{of_pod}: runtime/default"), own, "", None),
        (format!("{of_pod}: unconfined"), own, "", Some("spec.securityContext.seccompProfile.type")),
        (format!("{of_pod}: unconfined"), "", "", None),
        (format!("{of_container}: localhost/a.json"), "", local, None),
        (format!("{of_container}: localhost/b.json"), "", local, Some("spec.containers[0].securityContext.seccompProfile.type")),
        (format!("{of_container}d: localhost/b.json"), "", local, None),
        (
            "container.apparmor.security.beta.kubernetes.io/c: runtime/default".to_owned(),
            "",
            armor,
            Some("spec.containers[0].securityContext.appArmorProfile.type"),
        ),
    ] {
        let found: Vec<_> = super::facts(Version::V1_36, &pod(&annotation, spec, container)).into_iter().map(|fact| fact.field).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{annotation} {spec}{container}");
    }
    let change = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {securityContext: {seLinuxChangePolicy: %}, containers: [{name: a, image: a}]}}";
    let wrong: &[&str] = &["enum spec.securityContext.seLinuxChangePolicy"];
    // 1.32 drops the field.
    table_for(Version::V1_31, change, &[("Recursive", &["unknown spec.securityContext.seLinuxChangePolicy"])]);
    table_for(Version::V1_32, change, &[("Recursive", &[]), ("Never", &[])]);
    for version in Version::ALL.into_iter().filter(|version| *version >= Version::V1_33) {
        table_for(version, change, &[("Recursive", &[]), ("MountOption", wrong), ("Never", wrong), ("''", wrong)]);
    }
}

/// A field that another one excludes may be the right one: both places are told.
#[test]
fn what_excludes_each_other_is_told_together() {
    for (spec, expected) in [
        ("env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]", "spec.containers.0.env.0.value"),
        ("livenessProbe: {exec: {command: [a]}, tcpSocket: {port: 80}}", "spec.containers.0.livenessProbe.exec"),
    ] {
        let facts = super::facts(Version::V1_36, &CONTAINER.replace('%', spec));
        let beside = serde_json::to_value(&facts[0].beside).unwrap();
        let steps = beside[0].as_array().unwrap().iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
        assert_eq!((facts.len(), steps.collect::<Vec<_>>().join(".")), (1, expected.to_owned()), "{spec}");
    }
}
