//! Workloads that make Pods from a template.

use kubevet_facts::schema::Version;

use super::{table, table_for, table_since};

fn workload(kind: &str, spec: &str) -> String {
    format!("{{apiVersion: {kind}, metadata: {{name: a}}, spec: {{{spec}}}}}")
}

const TEMPLATE: &str = "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: c}]}}";

#[test]
fn the_selector_must_select_the_template() {
    let labels = "invalid spec.template.metadata.labels";
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"] {
        table(
            &workload(&format!("apps/v1, kind: {kind}"), &format!("selector: %, {TEMPLATE}")),
            &[
                ("{matchLabels: {a: b}}", &[]),
                ("{matchExpressions: [{key: a, operator: In, values: [b, c]}, {key: z, operator: DoesNotExist}]}", &[]),
                ("{matchLabels: {a: c}}", &[labels]),
                ("{matchLabels: {a: b, z: w}}", &[labels]),
                ("{matchExpressions: [{key: a, operator: NotIn, values: [b]}]}", &[labels]),
                ("{}", &["invalid spec.selector"]),
                ("null", &["required spec.selector"]),
                ("{a: b}", &["unknown spec.selector.a"]),
            ],
        );
    }
}

#[test]
fn update_strategies() {
    let frame = |kind: &str, field: &str| {
        workload(&format!("apps/v1, kind: {kind}"), &format!("selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}, {field}"))
    };
    table(
        &frame("Deployment", "strategy: %"),
        &[
            ("{type: Recreate}", &[]),
            ("{type: Recreate, rollingUpdate: {maxSurge: 1}}", &["forbidden spec.strategy.rollingUpdate"]),
            ("{rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}", &["invalid spec.strategy.rollingUpdate.maxUnavailable"]),
            ("{rollingUpdate: {maxSurge: 0}}", &[]),
            ("{rollingUpdate: {maxSurge: 50 %}}", &["invalid spec.strategy.rollingUpdate.maxSurge"]),
            ("{rollingUpdate: {maxUnavailable: 101%}}", &["invalid spec.strategy.rollingUpdate.maxUnavailable"]),
        ],
    );
    table(
        &frame("DaemonSet", "updateStrategy: %"),
        &[
            ("{rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", &[]),
            ("{rollingUpdate: {maxSurge: 1}}", &["invalid spec.updateStrategy.rollingUpdate.maxSurge"]),
            ("{rollingUpdate: {maxUnavailable: 0}}", &["required spec.updateStrategy.rollingUpdate.maxUnavailable"]),
        ],
    );
    table(
        &frame("StatefulSet", "updateStrategy: %"),
        &[("{type: OnDelete}", &[]), ("{rollingUpdate: {partition: -1}}", &["invalid spec.updateStrategy.rollingUpdate.partition"])],
    );
    table(
        &frame("Deployment", "%"),
        &[
            ("replicas: -1", &["invalid spec.replicas"]),
            ("progressDeadlineSeconds: 20, minReadySeconds: 20", &["invalid spec.progressDeadlineSeconds"]),
            ("minReadySeconds: 600", &["invalid spec.progressDeadlineSeconds"]),
            ("serviceName: a", &["unknown spec.serviceName"]),
        ],
    );
}

#[test]
fn long_running_pods_restart_always() {
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"] {
        let template =
            "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {%, containers: [{name: a, image: c}]}}";
        table(
            &workload(&format!("apps/v1, kind: {kind}"), template),
            &[
                ("restartPolicy: Always", &[]),
                ("restartPolicy: Never", &["enum spec.template.spec.restartPolicy"]),
                ("activeDeadlineSeconds: 5", &["forbidden spec.template.spec.activeDeadlineSeconds"]),
            ],
        );
    }
}

#[test]
fn older_servers_look_at_little_in_a_stateful_set() {
    let set = workload(
        "apps/v1, kind: StatefulSet",
        "selector: {matchLabels: {a: b}}, serviceName: a, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, %}]}},
         volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]",
    );
    let cases: &[(&str, &[&str])] = &[
        ("image: b, volumeMounts: [{name: data, mountPath: /d}]", &[]),
        ("image: b, volumeMounts: [{name: date, mountPath: /d}]", &["not-found spec.template.spec.containers[0].volumeMounts[0].name"]),
        ("image: b, imagePullPolicy: always", &["enum spec.template.spec.containers[0].imagePullPolicy"]),
        ("image: ''", &["required spec.template.spec.containers[0].image"]),
    ];
    for (part, refused) in cases {
        table_since(Version::V1_34, &set, &[(part, &[], refused)]);
    }
    // What cannot be decoded is refused by all.
    table(&set, &[("image: 5", &["type spec.template.spec.containers[0].image"])]);
}

#[test]
fn claim_templates_are_checked_by_newer_servers() {
    let set = workload(
        "apps/v1, kind: StatefulSet",
        &format!("selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}, volumeClaimTemplates: [{{metadata: {{name: d}}, spec: %}}]"),
    );
    let missing: &[&str] =
        &["required spec.volumeClaimTemplates[0].spec.accessModes", "required spec.volumeClaimTemplates[0].spec.resources"];
    table_since(Version::V1_35, &set, &[("{}", &[], missing)]);
    let named = workload("apps/v1, kind: StatefulSet", &format!("selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}, serviceName: %"));
    table_since(Version::V1_33, &named, &[("a", &[], &[]), ("a.b", &[], &["invalid spec.serviceName"])]);
}

#[test]
fn jobs() {
    let job = workload("batch/v1, kind: Job", "template: {spec: {restartPolicy: Never, containers: [{name: a, image: c}]}}, %");
    table(
        &job,
        &[
            ("backoffLimit: 0", &[]),
            ("backoffLimit: -1", &["invalid spec.backoffLimit"]),
            ("completionMode: Indexed", &["required spec.completions"]),
            ("backoffLimitPerIndex: 1", &["invalid spec.backoffLimitPerIndex"]),
            ("selector: {matchLabels: {a: b}}", &["invalid spec.selector"]),
            ("manualSelector: true", &["required spec.selector"]),
            ("podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}", &[]),
            ("podFailurePolicy: {rules: [{action: Ignore}]}", &["invalid spec.podFailurePolicy.rules[0]"]),
            (
                "podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [2, 1]}}]}",
                &["invalid spec.podFailurePolicy.rules[0].onExitCodes.values"],
            ),
        ],
    );
    let policies: &[(&str, &[&str])] = &[
        (
            "completionMode: Indexed, completions: 2, parallelism: 2, successPolicy: {rules: [{succeededCount: 2}, {succeededCount: 3}]}",
            &["invalid spec.successPolicy.rules[1].succeededCount"],
        ),
        ("successPolicy: {rules: [{succeededCount: 1}]}", &["invalid spec.successPolicy"]),
    ];
    for (part, refused) in policies {
        // 1.30 knows the field and drops it.
        table_for(Version::V1_29, &job, &[(part, &["unknown spec.successPolicy"])]);
        table_for(Version::V1_30, &job, &[(part, &[])]);
        Version::ALL.into_iter().skip(2).for_each(|version| table_for(version, &job, &[(part, refused)]));
    }
    let template = workload(
        "batch/v1, kind: Job",
        "template: {metadata: {labels: {%}}, spec: {restartPolicy: OnFailure, containers: [{name: a, image: c}]}}",
    );
    table(&template, &[("job-name: a", &[]), ("job-name: b", &["invalid spec.template.metadata.labels[job-name]"])]);
    let policy = workload("batch/v1, kind: Job", "template: {spec: {%, containers: [{name: a, image: c}]}}");
    let wrong: &[&str] = &["required spec.template.spec.restartPolicy"];
    table(&policy, &[("restartPolicy: OnFailure", &[]), ("restartPolicy: Always", wrong), ("restartPolicy: null", wrong)]);
}

#[test]
fn cron_jobs() {
    let cron = workload(
        "batch/v1, kind: CronJob",
        "%, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: c}]}}}}",
    );
    table(
        &cron,
        &[
            ("schedule: '*/5 * * * *', timeZone: Europe/Oslo", &[]),
            ("schedule: '@daily'", &[]),
            ("schedule: '* * * *'", &["invalid spec.schedule"]),
            ("schedule: ''", &["required spec.schedule"]),
            ("schedule: 'TZ=UTC * * * * *'", &["invalid spec.schedule"]),
            ("schedule: '@daily', timeZone: europe/oslo", &["invalid spec.timeZone"]),
            ("schedule: '@daily', successfulJobsHistoryLimit: -1", &["invalid spec.successfulJobsHistoryLimit"]),
        ],
    );
    let long = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: %}, spec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: c}]}}}}}}";
    table(long, &[(&"a".repeat(52), &[]), (&"a".repeat(53), &["invalid metadata.name"])]);
}

#[test]
fn a_job_of_a_cron_job_has_no_selector_of_its_own() {
    table(
        "{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: '0 1 * * *', jobTemplate: {spec: {%template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}}}",
        &[("", &[]), ("selector: {matchLabels: {a: b}}, ", &["invalid spec.jobTemplate.spec.selector"])],
    );
}

/// Where one label differs, it is the place: another file may have set it than the rest.
#[test]
fn the_label_that_differs_is_the_place() {
    let deployment = |labels: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{matchLabels: {{app: a, tier: b}}}}\n  template:\n    metadata: {{labels: {{{labels}}}}}\n    spec: {{containers: [{{name: a, image: a}}]}}\n"
        )
    };
    for (labels, place) in [("app: a, tier: c", "spec.template.metadata.labels.tier"), ("app: a", "spec.template.metadata.labels")] {
        let found = super::facts(Version::V1_36, &deployment(labels));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!((found[0].path.to_string().as_str(), found[0].field.as_str()), (place, "spec.template.metadata.labels"));
    }
}
