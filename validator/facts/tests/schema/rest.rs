//! Scaling, budgets, access, quotas, classes, admission, definitions.

use kubevet_facts::schema::Version;

use super::{table, table_since};

#[test]
fn autoscalers() {
    let scaler = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, %}}";
    let resource = |target: &str| format!("maxReplicas: 2, metrics: [{{type: Resource, resource: {{name: cpu, target: {{{target}}}}}}}]");
    table(
        scaler,
        &[
            ("maxReplicas: 2", &[]),
            ("maxReplicas: 2, minReplicas: 3", &["invalid spec.maxReplicas"]),
            ("maxReplicas: 2, minReplicas: 0", &["invalid spec.minReplicas"]),
            (&resource("type: Utilization, averageUtilization: 80"), &[]),
            (&resource("type: Utilization, averageUtilization: 0"), &["invalid spec.metrics[0].resource.target.averageUtilization"]),
            (&resource("type: Utilization"), &["required spec.metrics[0].resource.target.averageUtilization"]),
            ("maxReplicas: 2, metrics: [{type: Pods}]", &["required spec.metrics[0].pods"]),
            ("maxReplicas: 2, metrics: [{type: cpu}]", &["enum spec.metrics[0].type"]),
            ("maxReplicas: 2, behavior: {scaleUp: {policies: []}}", &["required spec.behavior.scaleUp.policies"]),
            ("maxReplicas: 2, targetCPUUtilizationPercentage: 80", &["unknown spec.targetCPUUtilizationPercentage"]),
        ],
    );
    let target = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: a}}}";
    table_since(Version::V1_35, target, &[("", &[], &["invalid spec.scaleTargetRef.apiVersion"])]);
}

#[test]
fn disruption_budgets() {
    let budget = "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {%}}";
    table(
        budget,
        &[
            ("minAvailable: 50%", &[]),
            ("", &[]),
            ("minAvailable: 1, maxUnavailable: 1", &["forbidden spec.maxUnavailable"]),
            ("minAvailable: -5%", &["invalid spec.minAvailable"]),
            ("maxUnavailable: 150%", &["invalid spec.maxUnavailable"]),
        ],
    );
}

#[test]
fn roles_and_bindings() {
    let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}, rules: [{%}]}";
    table(
        role,
        &[
            ("apiGroups: [''], resources: [pods], verbs: [get]", &[]),
            ("apiGroups: [''], resources: [pods]", &["required rules[0].verbs"]),
            ("resources: [pods], verbs: [get]", &["required rules[0].apiGroups"]),
            ("nonResourceURLs: [/x], verbs: [get]", &["invalid rules[0].nonResourceURLs"]),
        ],
    );
    let binding = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: a}, roleRef: {kind: ClusterRole, name: r}, subjects: [{%}]}";
    table(
        binding,
        &[
            ("kind: ServiceAccount, name: s, namespace: ns", &[]),
            ("kind: ServiceAccount, name: s", &["required subjects[0].namespace"]),
            ("kind: User, name: u, apiGroup: v1", &["enum subjects[0].apiGroup"]),
            ("kind: Robot, name: r", &["enum subjects[0].kind"]),
        ],
    );
    let reference = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: a}, roleRef: {%}}";
    table(reference, &[("kind: Role, name: r", &["enum roleRef.kind"]), ("kind: ClusterRole", &["required roleRef.name"])]);
}

#[test]
fn quotas_and_ranges() {
    let quota = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: a}, spec: {hard: {%}}}";
    table(
        quota,
        &[
            ("requests.cpu: 4, count/deployments.apps: 5, pods: 10", &[]),
            ("pods: 1.5", &["invalid spec.hard[pods]"]),
            ("limits.memory: -1", &["invalid spec.hard[limits.memory]"]),
            ("request.cpu: 4", &["invalid spec.hard[request.cpu]"]),
        ],
    );
    let range = "{apiVersion: v1, kind: LimitRange, metadata: {name: a}, spec: {limits: [{%}]}}";
    table(
        range,
        &[
            ("type: Container, default: {cpu: 1}, defaultRequest: {cpu: 500m}, max: {cpu: 2}", &[]),
            ("type: Container, min: {cpu: 3}, max: {cpu: 2}", &["invalid spec.limits[0].min[cpu]"]),
            ("type: Container, default: {cpu: 1}, defaultRequest: {cpu: 2}", &["invalid spec.limits[0].defaultRequest[cpu]"]),
            ("type: Pod, default: {cpu: 1}", &["forbidden spec.limits[0].default"]),
            ("type: container", &["enum spec.limits[0].type"]),
        ],
    );
}

#[test]
fn classes_of_nodes_and_priorities() {
    let class = "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, value: %}";
    table(class, &[("1000000000", &[]), ("1000000001", &["forbidden value"])]);
    let runtime = "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: a}, handler: %}";
    table(runtime, &[("kata", &[]), ("Kata", &["invalid handler"]), ("''", &["required handler"])]);
}

#[test]
fn api_services() {
    let service =
        "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.example.com}, spec: {group: example.com, %}}";
    table(
        service,
        &[
            ("version: v1, groupPriorityMinimum: 100, versionPriority: 10", &[]),
            ("version: v2, groupPriorityMinimum: 100, versionPriority: 10", &["invalid metadata.name"]),
            ("version: v1, groupPriorityMinimum: 0, versionPriority: 10", &["invalid spec.groupPriorityMinimum"]),
            ("version: v1, groupPriorityMinimum: 100, versionPriority: 1001", &["invalid spec.versionPriority"]),
            (
                "version: v1, groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true, caBundle: YQ==",
                &["invalid spec.insecureSkipTLSVerify"],
            ),
        ],
    );
}

#[test]
fn priority_levels() {
    let level = "{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: PriorityLevelConfiguration, metadata: {name: a}, spec: {type: Limited, limited: {limitResponse: {%}}}}";
    table(
        level,
        &[
            ("type: Reject", &[]),
            ("type: Queue, queuing: {queues: 8}", &[]),
            ("type: Reject, queuing: {queues: 8}", &["forbidden spec.limited.limitResponse.queuing"]),
            ("type: Drop", &["enum spec.limited.limitResponse.type"]),
        ],
    );
}

#[test]
fn webhooks_and_policies() {
    let hook = "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: a}, webhooks: [{name: a.example.com, admissionReviewVersions: [v1], %}]}";
    table(
        hook,
        &[
            ("sideEffects: None, clientConfig: {url: 'https://example.com/a'}", &[]),
            (
                "sideEffects: None, clientConfig: {url: 'https://example.com/a'}, rules: [{operations: [CREATE], apiGroups: ['*'], apiVersions: ['*'], resources: ['*', pods/exec]}]",
                &[],
            ),
            (
                "sideEffects: None, clientConfig: {url: 'https://example.com/a'}, rules: [{operations: ['*', CREATE], apiGroups: [''], apiVersions: [v1], resources: ['*', pods]}]",
                &["invalid webhooks[0].rules[0].operations", "invalid webhooks[0].rules[0].resources"],
            ),
            ("clientConfig: {url: 'https://example.com/a'}", &["required webhooks[0].sideEffects"]),
            ("sideEffects: None, clientConfig: {url: 'http://example.com/a'}", &["invalid webhooks[0].clientConfig.url"]),
            ("sideEffects: None, clientConfig: {}", &["required webhooks[0].clientConfig"]),
            (
                "sideEffects: None, timeoutSeconds: 31, clientConfig: {service: {name: a, namespace: b}}",
                &["invalid webhooks[0].timeoutSeconds"],
            ),
        ],
    );
    let binding = "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: a}, spec: {policyName: p, validationActions: [%]}}";
    let old: &[&str] = &["api-version apiVersion"];
    table_since(
        Version::V1_30,
        binding,
        &[
            ("Deny, Audit", old, &[]),
            ("Deny, Warn", old, &["invalid spec.validationActions"]),
            ("", old, &["required spec.validationActions"]),
        ],
    );
}

#[test]
fn definitions() {
    let definition = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: boxes.example.com}, spec: {group: example.com, scope: Namespaced, names: {plural: boxes, kind: Box},
        versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: %}}]}}";
    let spec = "spec.versions[0].schema.openAPIV3Schema";
    table(
        definition,
        &[
            ("{type: object}", &[]),
            ("{}", &[&format!("required {spec}.type")]),
            ("{type: object, properties: {a: {}}}", &[&format!("required {spec}.properties[a].type")]),
            ("{type: object, properties: {a: {type: array}}}", &[&format!("required {spec}.properties[a].items")]),
            (
                "{type: object, properties: {a: {type: integer, minimum: 1, default: 0}}}",
                &[&format!("invalid {spec}.properties[a].default")],
            ),
        ],
    );
    let named = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: %}, spec: {group: example.com, scope: Namespaced, names: {plural: boxes, kind: Box},
        versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}";
    table(named, &[("boxes.example.com", &[]), ("box.example.com", &["invalid metadata.name"])]);
}

/// Lists that are compared with each other must not take time and memory as the product of their lengths.
#[test]
fn an_object_of_endless_comparisons_is_refused() {
    let count = 8_000;
    let mounts: String = (0..count).map(|at| format!("    - {{name: m{at}, mountPath: /m{at}}}\n")).collect();
    let volumes: String = (0..count).map(|at| format!("  - {{name: v{at}, emptyDir: {{}}}}\n")).collect();
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n  - name: c\n    image: a\n    volumeMounts:\n{mounts}  volumes:\n{volumes}"
    );
    let started = std::time::Instant::now();
    let found = super::facts(Version::V1_33, &pod);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("has too many parts"), "{found:?}");
}

/// What the server takes or drops without a word is not wrong.
#[test]
fn what_the_server_takes() {
    table(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, %}}",
        &[
            ("dataSource: {name: a}", &[]),
            ("dataSource: {kind: Other}", &[]),
            ("dataSource: {kind: PersistentVolumeClaim}", &["required spec.dataSource.name"]),
            ("dataSource: {kind: VolumeSnapshot, apiGroup: snapshot.storage.k8s.io}", &["required spec.dataSource.name"]),
            ("dataSourceRef: {name: a}", &["required spec.dataSourceRef.kind"]),
        ],
    );
    table(
        "{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: a}, spec: {priorityLevelConfiguration: {name: a}, %}}",
        &[("matchingPrecedence: 0", &[]), ("matchingPrecedence: -1", &["invalid spec.matchingPrecedence"])],
    );
    table(
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: ExternalName, externalName: a.b, ports: [{port: 80, nodePort: %}]}}",
        &[("30080", &[])],
    );
    table("{apiVersion: authentication.k8s.io/v1, kind: TokenReview, spec: {token: %}}", &[("a", &[])]);
    table(
        "{apiVersion: v1, kind: ConfigMap, metadata: {%}}",
        &[("generateName: a-, namespace: ''", &[]), ("name: a, generation: -1", &["invalid metadata.generation"])],
    );
}

#[test]
fn definitions_in_domains_of_kubernetes_need_approval() {
    let definition = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: xs.GROUP, annotations: {%}}, spec: {group: GROUP, \
        scope: Namespaced, names: {plural: xs, kind: X, singular: x, listKind: Xs}, versions: [{name: v1, served: true, storage: true, \
        schema: {openAPIV3Schema: {type: object, properties: {a: {type: string, x-kubernetes-int-or-string: true}}}}}]}}";
    let key = "api-approved.kubernetes.io";
    let (missing, wrong) = (format!("required metadata.annotations[{key}]"), format!("invalid metadata.annotations[{key}]"));
    for group in ["x.k8s.io", "a.kubernetes.io"] {
        table(
            &definition.replace("GROUP", group),
            &[
                ("", &[&missing]),
                (&format!("{key}: yes please"), &[&wrong]),
                (&format!("{key}: 'https://git.example.com/approval/1'"), &[]),
                (&format!("{key}: 'unapproved, experimental'"), &[]),
            ],
        );
    }
    for group in ["example.com", "k8s.io.example.com", "notk8s.io"] {
        table(&definition.replace("GROUP", group), &[("", &[])]);
    }
}
