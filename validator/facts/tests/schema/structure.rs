//! Unknown fields, types, apiVersions, metadata.

use kubevet_facts::schema::{self, Judged, Reason, SchemaSet, Version};

use super::{facts, names, objects, problems, table, table_for, table_since};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, %}";

#[test]
fn fields_must_exist_and_have_their_types() {
    let deployment = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, %,
        template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}}";
    table(
        deployment,
        &[
            ("replicas: 2", &[]),
            ("replicas: null", &[]),
            ("replicas: '2'", &["type spec.replicas"]),
            ("replicas: 2.5", &["type spec.replicas"]),
            ("replicas: 3000000000", &["type spec.replicas"]),
            ("replica: 2", &["unknown spec.replica"]),
            ("Replicas: 2", &["unknown spec.Replicas"]),
            ("paused: 'true'", &["type spec.paused"]),
            ("strategy: [Recreate]", &["type spec.strategy"]),
            ("strategy: {type: recreate}", &["enum spec.strategy.type"]),
            ("strategy: {rollingUpdate: {maxSurge: 25%}}", &[]),
            ("strategy: {rollingUpdate: {maxSurge: true}}", &["type spec.strategy.rollingUpdate.maxSurge"]),
            // What is filled in later has a form alone.
            ("replicas: '${REPLICAS:=2}'", &[]),
            ("strategy: {type: '${STRATEGY}'}", &[]),
            ("replicas: '$REPLICAS'", &["type spec.replicas"]),
            ("replica: '${REPLICAS}'", &["unknown spec.replica"]),
        ],
    );
}

/// What a key will be that is filled in later, nobody knows either.
#[test]
fn keys_may_be_filled_in_later() {
    for part in ["labels: {'${KEY}': a, 'app/${X}': b}", "annotations: {'${DOMAIN}/a': b}", "name: a}\ndata: {'${FILE}.txt': a"] {
        let manifest = CONFIG.replace("name: a, %", &format!("{}{part}", if part.starts_with("name") { "" } else { "name: a, " }));
        assert!(facts(Version::V1_33, &manifest).is_empty(), "{part}: {:?}", facts(Version::V1_33, &manifest));
    }
    assert_eq!(facts(Version::V1_33, &CONFIG.replace('%', "labels: {'$KEY': a}")).len(), 1);
}

#[test]
fn suggestions_name_the_field_that_was_meant() {
    for (part, meant) in [("lables: {}", Some("labels")), ("Annotations: {}", Some("annotations")), ("whatever: 1", None)] {
        let found = facts(Version::V1_33, &CONFIG.replace('%', part));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].reason, found[0].suggestion.as_deref()), (Reason::Unknown, meant), "{part}");
    }
}

#[test]
fn what_is_missing_beside_a_misspelt_field_is_not_reported_again() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{nmae: a, image: b}]}}";
    assert_eq!(problems(Version::V1_36, pod), ["unknown spec.containers[0].nmae"]);
}

#[test]
fn texts_with_a_grammar() {
    table(
        CONFIG,
        &[
            ("creationTimestamp: 2030-01-31T12:00:00Z", &[]),
            ("creationTimestamp: null", &[]),
            ("creationTimestamp: tomorrow", &["type metadata.creationTimestamp"]),
        ],
    );
    let lease = "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: a}, spec: {renewTime: '%'}}";
    table(lease, &[("2030-01-31T12:00:00.000000Z", &[]), ("2030-01-31T12:00:00Z", &["type spec.renewTime"])]);
    let secret = "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: '%'}}";
    table(secret, &[("YQ==", &[]), ("YQ", &["type data[k]"]), ("ünicode", &["type data[k]"])]);
}

#[test]
fn the_api_server_must_serve_the_kind() {
    for (version, api_version, kind, expected) in [
        (Version::V1_33, "extensions/v1beta1", "Ingress", Some(("apiVersion", Some("networking.k8s.io/v1")))),
        (Version::V1_33, "policy/v1beta1", "PodDisruptionBudget", Some(("apiVersion", Some("policy/v1")))),
        (Version::V1_33, "policy/v1beta1", "PodSecurityPolicy", Some(("apiVersion", None))),
        (Version::V1_33, "v1", "Deployment", Some(("apiVersion", Some("apps/v1")))),
        (Version::V1_33, "Apps/v1", "Deployment", Some(("apiVersion", Some("apps/v1")))),
        (Version::V1_33, "apps/v1", "deployment", Some(("kind", Some("Deployment")))),
        (Version::V1_33, "apps/v1", "StatefullSet", Some(("kind", Some("StatefulSet")))),
        (Version::V1_33, "resource.k8s.io/v1", "ResourceClaim", Some(("apiVersion", None))),
        (Version::V1_33, "admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", Some(("apiVersion", None))),
        (Version::V1_36, "resource.k8s.io/v1", "ResourceClaim", None),
        (Version::V1_36, "example.com/v1", "Anything", None),
        (Version::V1_36, "gateway.networking.k8s.io/v1", "Gateway", None),
    ] {
        let found = facts(version, &format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}}}"));
        let shown = found.first().map(|fact| (fact.field.as_str(), fact.suggestion.as_deref()));
        assert_eq!(shown, expected, "{version} {api_version} {kind}: {found:?}");
        assert!(found.iter().all(|fact| fact.reason == Reason::ApiVersion), "{found:?}");
    }
}

/// What a version lacks, and what it serves only where it is told to.
#[test]
fn kinds_come_and_go() {
    let facts_of = |version, api_version: &str, kind: &str| {
        let found = facts(version, &format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}}}"));
        found
            .into_iter()
            .filter(|fact| matches!(fact.reason, Reason::ApiVersion | Reason::Off))
            .map(|fact| fact.message)
            .collect::<Vec<_>>()
    };
    let shown: Vec<_> = [
        ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema"),
        ("storage.k8s.io/v1beta1", "VolumeAttributesClass"),
        ("storage.k8s.io/v1alpha1", "VolumeAttributesClass"),
        ("storage.k8s.io/v1", "VolumeAttributesClass"),
        ("resource.k8s.io/v1alpha3", "ResourceClaim"),
        ("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy"),
        ("networking.k8s.io/v1", "ServiceCIDR"),
        ("scheduling.k8s.io/v1alpha1", "Workload"),
    ]
    .iter()
    .flat_map(|(api_version, kind)| {
        let line = move |version| {
            let found = facts_of(version, api_version, kind);
            format!("{version} {api_version} {kind}: {}", if found.is_empty() { "served".to_owned() } else { found.join("; ") })
        };
        Version::ALL.into_iter().map(line)
    })
    .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

/// A kind that is off is judged by its fields all the same.
#[test]
fn what_is_off_is_checked() {
    let class = "{apiVersion: storage.k8s.io/v1beta1, kind: VolumeAttributesClass, metadata: {name: a}, driverName: d, %}";
    table_for(
        Version::V1_33,
        class,
        &[("parameters: {a: b}", &["off apiVersion"]), ("paramters: {}", &["unknown paramters", "off apiVersion"])],
    );
    let object = &objects(&class.replace('%', "parameters: {a: b}"))[0];
    assert!(matches!(SchemaSet::new(Version::V1_33, []).judges(object), Judged::Whole));
}

#[test]
fn metadata_is_checked_on_every_object() {
    let long = "a".repeat(64);
    for frame in [CONFIG, "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, %}"] {
        table(
            frame,
            &[
                ("labels: {example.com/a: B_1.x}, annotations: {Example.com/a: any text}", &[]),
                ("labels: {a b: c}", &["invalid metadata.labels[a b]"]),
                ("labels: {a: 'b c'}", &["invalid metadata.labels[a]"]),
                ("labels: {a: 1}", &["type metadata.labels[a]"]),
                ("labels: {Example.com/a: b}", &["invalid metadata.labels[Example.com/a]"]),
                (&format!("labels: {{a: {long}}}"), &["invalid metadata.labels[a]"]),
                ("annotations: {a/b/c: d}", &["invalid metadata.annotations[a/b/c]"]),
                ("annotations: {a: true}", &["type metadata.annotations[a]"]),
                ("resourceVersion: '1'", &["forbidden metadata.resourceVersion"]),
                ("ownerReferences: [{apiVersion: v1, kind: Pod, name: p}]", &["required metadata.ownerReferences[0].uid"]),
                ("ownerReferences: [{apiVersion: a/b/c, kind: Pod, name: p, uid: u}]", &["invalid metadata.ownerReferences[0].apiVersion"]),
                ("clusterName: a", &["unknown metadata.clusterName"]),
            ],
        );
    }
    table(CONFIG, &[("namespace: my-team", &[]), ("namespace: my_team", &["invalid metadata.namespace"])]);
    table(CONFIG, &[("finalizers: [example.com/a, orphan]", &[]), ("finalizers: [mine]", &["invalid metadata.finalizers[0]"])]);
}

#[test]
fn names_depend_on_the_kind() {
    let frame = |kind: &str| format!("{{{kind}, metadata: {{name: '%'}}}}");
    let name: &[&str] = &["invalid metadata.name"];
    table(&frame("apiVersion: v1, kind: ConfigMap"), &[("a.b", &[]), ("A", name), ("a_b", name), ("", &["required metadata.name"])]);
    table(&frame("apiVersion: v1, kind: Namespace"), &[("1a", &[]), ("a.b", name)]);
    table(&frame("apiVersion: rbac.authorization.k8s.io/v1, kind: Role"), &[("system:A b", &[]), ("a/b", name)]);
    let service = "{apiVersion: v1, kind: Service, metadata: {name: '%'}, spec: {ports: [{port: 80}]}}";
    table(service, &[("a", &[]), ("a.b", name)]);
    table_since(Version::V1_36, service, &[("1a", name, &[])]);
    let generated = "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: %}}";
    table(generated, &[("a-", &[]), ("A-", &["invalid metadata.generateName"])]);
}

#[test]
fn versions_are_read() {
    assert_eq!("1.33".parse(), Ok(Version::V1_33));
    assert_eq!("v1.36.2".parse(), Ok(Version::V1_36));
    assert_eq!("1.29.0".parse(), Ok(Version::V1_29));
    assert!(["1.3", "1.28", "1.37"].iter().all(|text| text.parse::<Version>().unwrap_err().contains("1.29 to 1.36")));
}

#[test]
fn objects_must_say_what_they_are() {
    for (json, expected) in [
        (r#"{"kind": "ConfigMap", "metadata": {"name": "a"}}"#, "required apiVersion"),
        (r#"{"apiVersion": "v1", "metadata": {"name": "a"}}"#, "required kind"),
        (r#"{"apiVersion": 1, "kind": "ConfigMap", "metadata": {"name": "a"}}"#, "type apiVersion"),
        ("[]", "type "),
    ] {
        let object = schema::read_json(json).unwrap();
        let found = schema::check(&object, &SchemaSet::default());
        assert_eq!(names(&found), [expected], "{json}");
    }
}
