//! What applying a manifest does to the object that an older one made.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

use std::path::Path;

use kubevet_facts::change::{self, How, Kind, Restart, Update};
use kubevet_facts::schema::{SchemaSet, Version};
use kustomize::Node;

fn objects(text: &str) -> Vec<Node> {
    kustomize::read_manifests(Path::new("test.yaml"), text).unwrap().objects
}

fn update_as(version: Version, old: &str, new: &str) -> Update {
    let (old, new) = (objects(old), objects(new));
    change::update(&old[0], &new[0], &SchemaSet::new(version, []))
}

fn update(old: &str, new: &str) -> Update {
    update_as(Version::V1_36, old, new)
}

fn deployment(spec: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{app: web}}}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4
          ports: [{{name: http, containerPort: 8080}}]
        - {{name: log, image: registry.example/log:2}}
{spec}"
    )
}

fn refused(update: &Update) -> Vec<&str> {
    update.refused.iter().map(|refusal| refusal.field.as_str()).chain(update.invalid.iter().map(|fact| fact.field.as_str())).collect()
}

/// What is only written differently is no change.
#[test]
fn rewriting_changes_nothing() {
    let old = deployment("  replicas: 1\n");
    for new in [
        old.clone(),
        old.replace("  replicas: 1\n", ""),
        old.replace("  replicas: 1\n", "  replicas: 1\n  revisionHistoryLimit: 10\n  progressDeadlineSeconds: 600\n  paused: false\n"),
        old.replace("  replicas: 1\n", "  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}\n"),
        old.replace("image: registry.example/web:1.4", "image: 'registry.example/web:1.4'\n          imagePullPolicy: IfNotPresent"),
        old.replace("containerPort: 8080}", "containerPort: 8080, protocol: TCP}"),
        old.replace("    spec:\n      containers", "    spec:\n      restartPolicy: Always\n      dnsPolicy: ClusterFirst\n      hostNetwork: false\n      volumes: []\n      containers"),
        old.replace("{app: web}}\nspec", "{app: web}, creationTimestamp: null}\nspec"),
    ] {
        let update = update(&old, &new);
        assert!(update.is_noop() && !update.is_refused() && update.restart == Restart::None, "{new}\n{:?}", update.fields);
    }
}

/// Quantities are one however they are written, in the form that they have.
#[test]
fn quantities_are_compared_as_they_are_stored() {
    let claim = |size: &str| {
        format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: data}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {size}}}}}}}}}"
        )
    };
    assert!(update(&claim("2Gi"), &claim("2048Mi")).is_noop());
    assert!(!update(&claim("2Gi"), &claim("3Gi")).is_noop() && !update(&claim("2Gi"), &claim("3Gi")).is_refused());
    assert_eq!(refused(&update(&claim("2Gi"), &claim("1Gi"))), ["spec.resources.requests.storage"]);
}

#[test]
fn pods_are_replaced_where_their_template_changes() {
    let image = |text: &str| text.replace("web:1.4", "web:1.5");
    for (spec, expected) in [
        ("  replicas: 2\n", Restart::Rolling),
        ("  replicas: 2\n  strategy: {type: Recreate}\n", Restart::AtOnce),
        ("  replicas: 2\n  paused: true\n", Restart::Later),
        ("  replicas: 0\n", Restart::NoReplicas),
    ] {
        let old = deployment(spec);
        assert_eq!(update(&old, &image(&old)).restart, expected, "{spec}");
    }
    let old = deployment("");
    assert_eq!(update(&old, &old.replace("name: web, labels", "name: web, annotations: {a: b}, labels")).restart, Restart::None);
}

#[test]
fn what_stays_can_not_change() {
    let service = |spec: &str| {
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{ports: [{{port: 80}}], selector: {{app: web}}{spec}}}}}")
    };
    let job = |image: &str| {
        format!(
            "{{apiVersion: batch/v1, kind: Job, metadata: {{name: once}}, spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: a, image: '{image}'}}]}}}}}}}}"
        )
    };
    let config = |rest: &str| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c}}, {rest}}}");
    let class = |rest: &str| {
        format!("{{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {{name: c}}, provisioner: disk.example{rest}}}")
    };
    let selector = deployment("")
        .replace("matchLabels: {app: web}", "matchLabels: {app: web, team: a}")
        .replace("metadata: {labels: {app: web}}", "metadata: {labels: {app: web, team: a}}");
    for (old, new, fields) in [
        (deployment(""), selector, &["spec.selector"][..]),
        (job("a:1"), job("a:2"), &["spec.template"]),
        (service(""), service(", clusterIP: None"), &["spec.clusterIPs[0]"]),
        (service(", clusterIP: None"), service(""), &[]),
        (service(", type: NodePort"), service(", type: ClusterIP"), &[]),
        (service(", type: LoadBalancer, loadBalancerClass: a.example/b"), service(", type: LoadBalancer"), &["spec.loadBalancerClass"]),
        (config("immutable: true, data: {a: b}"), config("immutable: true, data: {a: c}"), &["data"]),
        (config("immutable: true, data: {a: b}"), config("data: {a: b}"), &["immutable"]),
        (config("data: {a: b}"), config("immutable: true, data: {a: c}"), &[]),
        (class(""), class(", reclaimPolicy: Delete"), &[]),
        (class(""), class(", reclaimPolicy: Retain"), &["reclaimPolicy"]),
    ] {
        let update = update(&old, &new);
        assert_eq!(refused(&update), fields, "{old}\n{new}");
    }
}

/// What the new manifest lacks and the old one had goes; what both lack stays, such as a default that clashes with what comes.
#[test]
fn an_update_is_a_merge_in_three_ways() {
    let set = |rest: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: db}}, spec: {{serviceName: db, selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: a, image: 'a:1'}}]}}}}{rest}}}}}"
        )
    };
    // The default `rollingUpdate` is still there when OnDelete comes.
    assert_eq!(refused(&update(&set(""), &set(", updateStrategy: {type: OnDelete}"))), ["spec.updateStrategy.rollingUpdate"]);
    let old = set(", updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}");
    assert!(!update(&old, &set(", updateStrategy: {type: OnDelete}")).is_refused());
    assert_eq!(refused(&update(&set(""), &set(", podManagementPolicy: Parallel"))), ["spec"]);
    assert!(update(&set(", podManagementPolicy: OrderedReady"), &set("")).is_noop());
}

/// A second port of the same number is lost, as everybody learns once.
#[test]
fn a_twin_of_a_merge_key_is_lost() {
    let service =
        |ports: &str| format!("{{apiVersion: v1, kind: Service, metadata: {{name: dns}}, spec: {{selector: {{a: b}}, ports: [{ports}]}}}}");
    let tcp = "{name: tcp, port: 53, protocol: TCP}";
    let update_of = |new: &str| update(&service(tcp), &service(new));
    assert!(update_of(&format!("{tcp}, {{name: udp, port: 53, protocol: UDP}}")).is_noop());
    let both = format!("{tcp}, {{name: udp, port: 53, protocol: UDP}}");
    assert!(update(&service(&both), &service(&both)).is_noop());
}

#[test]
fn a_moved_container_is_no_other_one() {
    let old = deployment("");
    let log = "        - {name: log, image: registry.example/log:2}\n";
    let new = old.replace(log, "").replace("      containers:\n", &format!("      containers:\n{log}")).replace("web:1.4", "web:1.5");
    let paths: Vec<String> = update(&old, &new).fields.iter().map(|field| format!("{} {}", field.old_path, field.path)).collect();
    assert_eq!(paths, ["spec.template.spec.containers[0].image spec.template.spec.containers[1].image"]);
}

#[test]
fn what_was_applied_last_counts_where_the_old_side_is_a_cluster_s() {
    let live = "apiVersion: v1
kind: Service
metadata:
  name: web
  uid: 3b7a
  resourceVersion: '12'
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[{\"port\":80}],\"type\":\"NodePort\"}}
spec:
  clusterIP: 10.96.3.4
  clusterIPs: [10.96.3.4]
  type: NodePort
  ports: [{port: 80, protocol: TCP, targetPort: 80, nodePort: 30123}]
status: {loadBalancer: {}}
";
    let new = "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort, ports: [{port: 80}]}}";
    let update = update(live, new);
    assert!(update.is_noop() && !update.is_refused(), "{update:?}");
}

#[test]
fn versions_drop_what_they_do_not_know() {
    let claim = |rest: &str| {
        format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: data}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 2Gi}}}}{rest}}}}}"
        )
    };
    let new = claim(", volumeAttributesClassName: gold");
    assert!(update_as(Version::V1_33, &claim(""), &new).is_noop());
    assert!(!update_as(Version::V1_36, &claim(""), &new).is_noop());
    // A hook that only sleeps goes whole: nothing is wrong with it.
    let web = |hooks: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: a, image: a{hooks}}}]}}}}}}}}"
        )
    };
    let sleep = web(", lifecycle: {preStop: {sleep: {seconds: 5}}}");
    let update = update_as(Version::V1_29, &web(""), &sleep);
    assert!(update.is_noop() && !update.is_refused(), "{update:?}");
    let update = update_as(Version::V1_30, &web(""), &sleep);
    assert!(!update.is_noop() && !update.is_refused(), "{update:?}");
}

#[test]
fn objects_are_found_through_hashes_and_renames() {
    let old = objects(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: env-6k2g5d8ft9}, data: {a: '1'}}
---
{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: a}}
---
{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: web}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}
---
{apiVersion: v1, kind: Service, metadata: {name: gone}}
",
    );
    let new = objects(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: env-b4m9h2c7td}, data: {a: '2'}}
---
{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: b}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: team-web}}
",
    );
    let (old, new): (Vec<_>, Vec<_>) = (old.iter().collect(), new.iter().collect());
    let how: Vec<How> = change::pairs(&old, &new).iter().map(|pair| pair.how).collect();
    assert_eq!(how, [How::Hash, How::Renamed, How::Moved, How::Renamed, How::Alone]);
    let kinds: Vec<Kind> = change::compare(&old, &new, &SchemaSet::default()).iter().map(|change| change.change).collect();
    assert_eq!(kinds[0], Kind::Renamed);
    assert_eq!(kinds[4], Kind::Removed);
}

/// a -> b mirrored is b -> a.
#[test]
fn a_comparison_has_two_directions() {
    let (one, other) = (objects(&deployment("  replicas: 2\n")), objects(&deployment("  replicas: 3\n").replace("web:1.4", "web:1.5")));
    let set = SchemaSet::default();
    let there = change::update(&one[0], &other[0], &set);
    let back = change::update(&other[0], &one[0], &set);
    let ends = |update: &Update, mirrored: bool| -> Vec<_> {
        let end = |field: &change::Field| match mirrored {
            false => (field.path.to_string(), field.old.clone(), field.new.clone()),
            true => (field.old_path.to_string(), field.new.clone(), field.old.clone()),
        };
        update.fields.iter().map(end).collect()
    };
    assert_eq!(ends(&there, false), ends(&back, true));
    assert_eq!(there.fields.len(), 2);
}
