//! Quotas and ranges against what is deployed.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

mod common;

use common::{facts, facts_with};
use serde_json::{Value, json};

fn quota(hard: &str) -> String {
    format!("apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: q, namespace: shop}}\nspec: {{hard: {{{hard}}}}}\n")
}

/// A workload in `shop` of one container with the given resources.
fn workload(kind: &str, spec: &str, resources: &str) -> String {
    let group = if kind == "Job" { "batch" } else { "apps" };
    format!(
        "---\napiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: c, image: i, resources: {{{resources}}}}}]}}}}}}\n"
    )
}

/// Steady state and peak of the quota, which is the first object.
fn asked(manifests: &str, additions: &str) -> (String, String) {
    let used = serde_json::to_value(&facts_with(manifests, additions).objects[0].capacity.quota[0]).unwrap();
    let text = |key: &str| used[key].as_str().unwrap().to_owned();
    (text("steady"), text("peak"))
}

#[test]
fn pods_are_counted_at_their_peak() {
    let hpa = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\nspec: {maxReplicas: 8, scaleTargetRef: {apiVersion: apps/v1, kind: KIND, name: web}}\n";
    let table = [
        ("Deployment", "", "", ("1", "2")),
        ("Deployment", "replicas: 4, ", "", ("4", "8")),
        ("Deployment", "replicas: 4, strategy: {type: Recreate}, ", "", ("4", "4")),
        ("Deployment", "replicas: 4, strategy: {rollingUpdate: {maxSurge: 0}}, ", "", ("4", "8")),
        ("Deployment", "replicas: 4, strategy: {rollingUpdate: {maxSurge: 3}}, ", "", ("4", "8")),
        ("Deployment", "replicas: 2, ", hpa, ("2", "16")),
        ("StatefulSet", "replicas: 3, ", "", ("3", "3")),
        ("StatefulSet", "replicas: 3, ", hpa, ("3", "8")),
        ("DaemonSet", "", "", ("1", "1")),
        ("Job", "parallelism: 5, completions: 3, ", "", ("0", "3")),
    ];
    for (kind, spec, more, (steady, peak)) in table {
        let manifests = quota("pods: '9'") + &workload(kind, spec, "") + &more.replace("KIND", kind);
        assert_eq!(asked(&manifests, ""), (steady.into(), peak.into()), "{kind} {spec}{more}");
    }
}

#[test]
fn where_no_pod_is_waited_for_only_the_surge_comes_on_top() {
    let pods = |strategy: &str| {
        let set = workload("Deployment", &format!("replicas: 4, {strategy}"), "")
            .replace("spec: {containers", "spec: {terminationGracePeriodSeconds: 0, containers");
        asked(&(quota("pods: '9'") + &set), "").1
    };
    assert_eq!(pods(""), "5");
    assert_eq!(pods("strategy: {rollingUpdate: {maxSurge: 3}}, "), "7");
    assert_eq!(pods("strategy: {rollingUpdate: {maxSurge: 0}}, "), "4");
    assert_eq!(pods("strategy: {rollingUpdate: {maxSurge: 300%}}, "), "8", "new Pods are never more than replicas");
    assert_eq!(pods("strategy: {type: Recreate}, "), "4");
}

#[test]
fn jobs_on_demand_may_all_run_at_once() {
    let small = workload("Job", "", "limits: {cpu: 1}");
    let large = workload("Job", "parallelism: 2, ", "limits: {cpu: 1}").replace("name: web", "name: big");
    let manifests = quota("requests.cpu: '2'") + &workload("StatefulSet", "", "requests: {cpu: 500m}");
    assert_eq!(asked(&manifests, &(small + &large)), ("500m".into(), "3500m".into()));
}

#[test]
fn what_an_addition_brings_along_is_counted_once() {
    let web = workload("Deployment", "replicas: 3, ", "");
    let job = workload("Job", "", "").replace("name: web", "name: load");
    assert_eq!(asked(&(quota("pods: '9'") + &web), &(web.clone() + &job + &job)).1, "7");
}

#[test]
fn a_pod_asks_for_what_admission_makes_of_it() {
    let pod = |spec: &str, resource: &str, range: &str| {
        let pod = format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: shop}}\nspec: {{{spec}}}\n");
        let range = format!("---\napiVersion: v1\nkind: LimitRange\nmetadata: {{name: l, namespace: shop}}\nspec: {{limits: [{range}]}}\n");
        asked(&(quota(&format!("{resource}: '1'")) + &pod + &range), "").0
    };
    let container = |resources: &str| format!("{{name: c, image: i, resources: {{{resources}}}}}");
    let (one, two) = (container("requests: {memory: 1Gi}"), container("limits: {memory: 2Gi}"));
    assert_eq!(pod(&format!("containers: [{one}, {two}]"), "requests.memory", ""), "3Gi", "a limit is the request that is not there");
    assert_eq!(pod(&format!("containers: [{one}], initContainers: [{two}]"), "memory", ""), "2Gi", "the larger of starting and running");
    let sidecar = two.replace("name: c", "name: s, restartPolicy: Always");
    assert_eq!(pod(&format!("containers: [{one}], initContainers: [{sidecar}]"), "memory", ""), "3Gi", "a sidecar stays");
    assert_eq!(pod(&format!("containers: [{one}], initContainers: [{sidecar}, {two}]"), "memory", ""), "4Gi", "beside an init container");
    assert_eq!(pod(&format!("containers: [{one}], overhead: {{memory: 512Mi}}"), "memory", ""), "1536Mi");
    assert_eq!(pod(&format!("containers: [{one}], resources: {{requests: {{memory: 5Gi}}}}"), "memory", ""), "5Gi", "the pod as a whole");
    let empty = container("");
    assert_eq!(pod(&format!("containers: [{empty}]"), "limits.cpu", "{type: Container, default: {cpu: 750m}}"), "750m");
    assert_eq!(
        pod(&format!("containers: [{empty}]"), "requests.cpu", "{type: Container, max: {cpu: 2}}"),
        "2",
        "max is the default of default, and that of defaultRequest"
    );
    assert_eq!(pod(&format!("containers: [{empty}]"), "requests.cpu", ""), "0");
}

#[test]
fn storage_and_objects() {
    let claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, namespace: shop}\nspec: {resources: {requests: {storage: 5Gi}}}\n";
    let set = workload(
        "StatefulSet",
        "replicas: 2, volumeClaimTemplates: [{metadata: {name: d}, spec: {resources: {requests: {storage: 10Gi}}}}], ",
        "",
    );
    let cluster = "---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg, namespace: shop}\nspec: {instances: 3, storage: {size: 1Gi}, resources: {limits: {cpu: 1}}}\n";
    let stack = claim.to_owned() + &set + cluster;
    let of = |hard: &str| asked(&(quota(&format!("{hard}: '1'")) + &stack), "").0;
    assert_eq!(of("requests.storage"), "28Gi");
    assert_eq!(of("persistentvolumeclaims"), "6");
    assert_eq!(of("limits.cpu"), "3");
    assert_eq!(of("pods"), "5");
    let service = |kind: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: shop}}\nspec: {{type: {kind}, ports: [{{port: 1}}, {{port: 2}}]}}\n"
        )
    };
    assert_eq!(asked(&(quota("services.nodeports: '0'") + &service("NodePort")), "").0, "2");
    assert_eq!(asked(&(quota("services.loadbalancers: '0'") + &service("LoadBalancer")), "").0, "1");
}

#[test]
fn exceeded_or_only_at_the_peak() {
    let used = |hard: &str| {
        let facts = facts(&(quota(hard) + &workload("Deployment", "replicas: 4, ", "limits: {cpu: 1}")));
        let used = serde_json::to_value(&facts.objects[0].capacity.quota[0]).unwrap();
        (used["exceeded"].clone(), used["exceededAtPeak"].clone(), used["greatest"].clone())
    };
    assert_eq!(used("limits.cpu: 8"), (json!(false), json!(false), json!(["Deployment web 8"])));
    assert_eq!(used("limits.cpu: 7500m"), (json!(false), json!(true), json!(["Deployment web 8"])));
    assert_eq!(used("limits.cpu: 3"), (json!(true), json!(true), json!(["Deployment web 8"])));
}

#[test]
fn quotas_of_other_namespaces_or_for_some_pods_are_not_counted() {
    let web = workload("Deployment", "", "limits: {cpu: 9}");
    let elsewhere = quota("limits.cpu: 1").replace("shop", "other");
    assert_eq!(asked(&(elsewhere + &web), "").0, "0");
    let scoped = quota("limits.cpu: 1").replace("spec: {", "spec: {scopes: [BestEffort], ");
    assert!(facts(&(scoped + &web)).objects[0].capacity.quota.is_empty());
}

#[test]
fn a_quota_makes_containers_say_what_they_take() {
    let found = |resources: &str, range: &str| {
        let facts = facts(&(quota("limits.memory: 1Gi, requests.cpu: 1, pods: 9") + &workload("Deployment", "", resources) + range));
        facts.objects[1].capacity.unspecified.iter().map(|missing| format!("{} {}", missing.resource, missing.path)).collect::<Vec<_>>()
    };
    let path = "spec.template.spec.containers[0].resources";
    assert_eq!(found("", ""), [format!("limits.memory {path}.limits.memory"), format!("requests.cpu {path}.requests.cpu")]);
    assert_eq!(found("limits: {memory: 1Mi}", ""), [format!("requests.cpu {path}.requests.cpu")]);
    assert!(found("limits: {memory: 1Mi, cpu: 1}", "").is_empty());
    let range = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: shop}\nspec: {limits: [{type: Container, default: {memory: 1Mi, cpu: 1}}]}\n";
    assert!(found("", range).is_empty(), "admission fills them in");
}

#[test]
fn ranges_bound_containers_and_claims() {
    let range = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: shop}\nspec: {limits: [{type: Container, max: {cpu: 1}, min: {memory: 64Mi}}, {type: PersistentVolumeClaim, max: {storage: 1Gi}}]}\n";
    let refused = |manifests: &str| -> Vec<Value> {
        let facts = facts(&(manifests.to_owned() + range));
        facts.objects[0]
            .capacity
            .refused
            .iter()
            .map(|refused| serde_json::to_value(refused).unwrap())
            .map(|refused| json!([refused["path"], refused["amount"], refused["bound"], refused["limit"]]))
            .collect()
    };
    assert!(refused(&workload("Deployment", "", "limits: {cpu: 1}, requests: {memory: 64Mi}")).is_empty());
    let path = ["spec", "template", "spec", "containers"];
    let at = |field: &str, resource: &str| json!([path[0], path[1], path[2], path[3], 0, "resources", field, resource]);
    assert_eq!(refused(&workload("Deployment", "", "limits: {cpu: 1500m}")), [json!([at("limits", "cpu"), "1500m", "max", "1"])]);
    assert_eq!(
        refused(&workload("Deployment", "", "requests: {memory: 32Mi}")),
        [json!([at("requests", "memory"), "32Mi", "min", "64Mi"])]
    );
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, namespace: shop}\nspec: {resources: {requests: {storage: 2Gi}}}\n";
    assert_eq!(refused(claim), [json!([["spec", "resources", "requests", "storage"], "2Gi", "max", "1Gi"])]);
}

#[test]
fn pods_that_operators_make_lack_what_nobody_gives_them() {
    let missing = |manifests: &str| -> Vec<String> {
        let objects = facts(manifests).objects;
        let paths = objects.iter().flat_map(|object| &object.capacity.unsized_pods).map(|missing| missing.path.to_string());
        paths.map(|path| path.replace("spec.", "")).collect()
    };
    let cluster = |spec: &str| format!("apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {{name: pg}}\nspec: {{{spec}}}\n");
    let all = ["resources.requests.cpu", "resources.requests.memory", "resources.limits.cpu", "resources.limits.memory"];
    assert_eq!(missing(&cluster("instances: 1")), all);
    assert_eq!(missing(&cluster("resources: {limits: {cpu: 1, memory: 1Gi}}")), [""; 0], "a limit is a request too");
    assert_eq!(missing(&cluster("resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: '0'}}")), all[2..]);

    // What takes it from another resource, or from the operator.
    let pool = "apiVersion: kafka.strimzi.io/v1\nkind: KafkaNodePool\nmetadata: {name: p, labels: {strimzi.io/cluster: k}}\nspec: {roles: [broker], replicas: 1}\n---\n";
    let kafka =
        |kafka: &str| format!("apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {{name: k}}\nspec: {{kafka: {{{kafka}}}}}\n");
    assert_eq!(missing(&(pool.to_owned() + &kafka(""))), all);
    assert_eq!(missing(&(pool.to_owned() + &kafka("resources: {limits: {cpu: 1, memory: 1Gi}}"))), [""; 0]);
    let spilo = "apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: pg}\nspec: {numberOfInstances: 1}\n";
    assert_eq!(missing(spilo), [""; 0]);

    // Containers that are not made, and kinds that nobody knows.
    let operator = kafka("").replace("spec: {", "spec: {entityOperator: {topicOperator: {resources: {limits: {cpu: 1, memory: 1Gi}}}}, ");
    assert_eq!(missing(&operator), [""; 0]);
    assert_eq!(missing("apiVersion: example.com/v1\nkind: Database\nmetadata: {name: d}\nspec: {instances: 1}\n"), [""; 0]);
}
