//! Old states that were read from a cluster, and changes of custom resources.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

use std::path::Path;

use kubevet_facts::change::{Kind, Update, compare, update};
use kubevet_facts::schema::{SchemaSet, Version};
use kustomize::Node;

fn objects(text: &str) -> Vec<Node> {
    kustomize::read_manifests(Path::new("test.yaml"), text).unwrap().objects
}

fn changed(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (objects(old), objects(new));
    let update = update(&old[0], &new[0], &SchemaSet::new(Version::V1_36, []));
    assert!(!update.is_refused(), "{:?} {:?}", update.refused, update.invalid);
    update.fields.iter().map(|field| field.path.to_string()).collect()
}

/// What identifies an object of a cluster, in its metadata.
const STORED: &str = "creationTimestamp: '2026-01-01T00:00:00Z', generation: 3, resourceVersion: '4711', uid: 0e3f2f4c-6a3e-4b5c-8d8e-1c1d2e3f4a5b, managedFields: [{manager: kubectl, operation: Apply}]";

fn stored(kind: &str, metadata: &str, rest: &str) -> String {
    format!("{{{kind}, metadata: {{{metadata}, {STORED}}}, {rest}}}")
}

fn written(kind: &str, metadata: &str, rest: &str) -> String {
    format!("{{{kind}, metadata: {{{metadata}}}, {rest}}}")
}

/// Whatever a server adds is no change; whatever a person took out of the manifest is one.
#[test]
fn what_a_cluster_adds_is_no_change() {
    for (kind, metadata, live, metadata_now, manifest, expected) in [
        (
            "apiVersion: v1, kind: Service",
            "name: web, annotations: {a: b}",
            "spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], internalTrafficPolicy: Cluster, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, \
             ports: [{name: http, port: 80, protocol: TCP, targetPort: 8080, nodePort: 30123}], selector: {app: web}, sessionAffinity: None, \
             type: NodePort}, status: {loadBalancer: {}}",
            "name: web",
            "spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}",
            &["metadata.annotations"][..],
        ),
        (
            "apiVersion: v1, kind: PersistentVolumeClaim",
            "name: data, finalizers: [kubernetes.io/pvc-protection], annotations: {pv.kubernetes.io/bind-completed: 'yes', \
             volume.kubernetes.io/storage-provisioner: disk.example}",
            "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}, storageClassName: standard, volumeMode: Filesystem, \
             volumeName: pvc-1}, status: {phase: Bound, capacity: {storage: 2Gi}}",
            "name: data",
            "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}",
            &[],
        ),
        (
            "apiVersion: v1, kind: Namespace",
            "name: shop, labels: {kubernetes.io/metadata.name: shop, team: a}",
            "spec: {finalizers: [kubernetes]}, status: {phase: Active}",
            "name: shop",
            "spec: {}",
            &["metadata.labels.team"],
        ),
        (
            "apiVersion: apps/v1, kind: Deployment",
            "name: web, annotations: {deployment.kubernetes.io/revision: '7'}",
            "spec: {progressDeadlineSeconds: 600, replicas: 2, revisionHistoryLimit: 10, selector: {matchLabels: {app: web}}, strategy: {type: RollingUpdate, \
             rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}, template: {metadata: {creationTimestamp: null, labels: {app: web}, annotations: \
             {kubectl.kubernetes.io/restartedAt: '2026-01-02T00:00:00Z'}}, spec: {containers: [{name: web, image: 'web:1', imagePullPolicy: IfNotPresent, \
             resources: {}, terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File}], dnsPolicy: ClusterFirst, restartPolicy: Always, \
             schedulerName: default-scheduler, securityContext: {}, terminationGracePeriodSeconds: 30}}}, status: {replicas: 2}",
            "name: web",
            "spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, \
             image: 'web:1'}]}}}",
            &[],
        ),
        (
            "apiVersion: apps.example.com/v1, kind: App",
            "name: web, finalizers: [apps.example.com/cleanup]",
            "spec: {size: 3}, status: {ready: true}",
            "name: web",
            "spec: {size: 3}",
            &[],
        ),
    ] {
        let now = written(kind, metadata_now, manifest);
        assert_eq!(changed(&stored(kind, metadata, live), &now), expected, "{kind}");
    }
}

/// What was applied last is noted in the object: nothing else is taken out.
#[test]
fn the_note_of_apply_says_what_was_in_the_manifest() {
    let live = |note: &str| {
        stored(
            "apiVersion: v1, kind: ConfigMap",
            &format!(
                "name: c, labels: {{app: c, by: operator, team: a}}, annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{note}'}}"
            ),
            "data: {a: b}",
        )
    };
    let note = |labels: &str| {
        format!(r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"c","labels":{labels}}},"data":{{"a":"b"}}}}"#)
    };
    let new = written("apiVersion: v1, kind: ConfigMap", "name: c, labels: {app: c}", "data: {a: b}");
    assert_eq!(changed(&live(&note(r#"{"app":"c"}"#)), &new), [""; 0]);
    assert_eq!(changed(&live(&note(r#"{"app":"c","team":"a"}"#)), &new), ["metadata.labels.team"]);
    // One that can't be read says nothing.
    assert_eq!(changed(&live("no JSON"), &new), ["metadata.labels.by", "metadata.labels.team"]);
}

/// What controllers own, and what every namespace gets, is in no manifest, so it isn't missing there.
#[test]
fn what_a_cluster_makes_is_not_gone() {
    let owned = "name: web-1, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: a, controller: true}]";
    let old = [
        stored("apiVersion: v1, kind: Pod", owned, "spec: {}"),
        stored("apiVersion: v1, kind: ConfigMap", "name: kube-root-ca.crt", "data: {}"),
        stored("apiVersion: v1, kind: ServiceAccount", "name: default", "secrets: []"),
        stored("apiVersion: v1, kind: ConfigMap", "name: settings", "data: {}"),
    ]
    .join("\n---\n");
    let old = objects(&old);
    let changes = compare(&old.iter().collect::<Vec<_>>(), &[], &SchemaSet::new(Version::V1_36, []));
    let gone: Vec<_> = changes.iter().filter(|change| change.change == Kind::Removed).map(|change| change.object.name.as_str()).collect();
    assert_eq!(gone, ["settings"]);
    // In manifests they are what they are.
    let written = objects(&written("apiVersion: v1, kind: ServiceAccount", "name: default", "secrets: []"));
    let changes = compare(&[&written[0]], &[], &SchemaSet::new(Version::V1_36, []));
    assert_eq!(changes[0].change, Kind::Removed);
}

/// A definition with a default, a limit, and rules about changes.
const DEFINITION: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: apps.example.com}
spec:
  group: example.com
  names: {kind: App, plural: apps}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                mode: {type: string, default: plain}
                size: {type: integer, maximum: 5, x-kubernetes-validations: [{rule: self >= oldSelf, message: can not shrink}]}
                name:
                  type: string
                  x-kubernetes-validations:
                    - {rule: '!oldSelf.hasValue() || self == oldSelf.value()', optionalOldSelf: true, message: stays}
                parts:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [id]
                  items:
                    type: object
                    required: [id]
                    properties: {id: {type: string}, weight: {type: integer, maximum: 5}, free: {type: string}}
                    x-kubernetes-validations: [{rule: '!has(self.free) || self.free != \"no\"', message: no is not free}]
";

fn app(old: &str, new: &str) -> Update {
    let definition = objects(DEFINITION);
    let app = |spec: &str| {
        objects(&format!("{{apiVersion: example.com/v1, kind: App, metadata: {{name: a, namespace: shop}}, spec: {{{spec}}}}}"))
    };
    update(&app(old)[0], &app(new)[0], &SchemaSet::new(Version::V1_36, &definition))
}

#[test]
fn custom_resources_change_as_their_definition_lets_them() {
    for (old, new, refused) in [
        // A default that is written out is no change.
        ("size: 1", "size: 1, mode: plain", &[][..]),
        // Rules that compare with what was.
        ("size: 2", "size: 3", &[]),
        ("size: 2", "size: 1", &["spec.size: can not shrink"]),
        ("size: 2", "mode: other", &[]),
        ("name: a", "name: b", &["spec.name: stays"]),
        ("name: a, size: 1", "name: a, size: 2", &[]),
        // Whoever was wrong before may stay so, and become nothing worse.
        ("size: 9, mode: a", "size: 9, mode: b", &[]),
        ("size: 9", "size: 10", &["spec.size: must be at most 5, but is 10"]),
        ("parts: [{id: a, weight: 9}, {id: b}]", "parts: [{id: b}, {id: a, weight: 9}]", &[]),
        ("parts: [{id: a, free: 'no'}], size: 1", "parts: [{id: c}, {id: a, free: 'no'}], size: 2", &[]),
        ("parts: [{id: a}]", "parts: [{id: a, free: 'no'}]", &["spec.parts[0]: no is not free"]),
        ("parts: [{id: a, weight: 9}]", "parts: [{id: b, weight: 9}]", &["spec.parts[0].weight: must be at most 5, but is 9"]),
    ] {
        let update = app(old, new);
        let said: Vec<String> = update.invalid.iter().map(|fact| format!("{}: {}", fact.field, fact.message)).collect();
        assert_eq!(said, refused, "{old} -> {new}");
        assert!(update.refused.is_empty(), "{:?}", update.refused);
    }
    assert!(app("size: 1", "size: 1, mode: plain").is_noop());
    assert!(!app("size: 1", "size: 1, mode: other").is_noop());
}
