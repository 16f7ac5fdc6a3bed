//! All pairs and ports, over the public face.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

mod common;

use common::{deployment, policy, products, render, service};
use kubevet_facts::schema::Version;
use kubevet_facts::traffic::{analyse, reach::Reachability};
use kubevet_facts::workloads::Reading;
use kustomize::Node;
use serde_json::{Value, json};

fn reach(manifests: &str) -> Result<Reachability, String> {
    let render = render(manifests);
    let nodes: Vec<&Node> = render.objects.iter().collect();
    analyse(&nodes, &Reading::default(), &products(), &Version::ALL)
        .map_err(|invalid| invalid.iter().map(|error| format!("{}: {}", error.path, error.message)).collect())
}

/// What `src` may send to `dst`, as `TCP 80 443-445`; empty where nothing is allowed.
fn flow(reach: &Reachability, src: &str, dst: &str) -> String {
    let value: Value = serde_json::to_value(reach).unwrap();
    let ends = |row: &&Value| row["src"] == json!(src) && row["dst"] == json!(dst);
    let ports = |ports: &Value| {
        let range = |range: &Value| if range[0] == range[1] { range[0].to_string() } else { format!("{}-{}", range[0], range[1]) };
        ports.as_array().unwrap().iter().map(range).collect::<Vec<_>>().join(" ")
    };
    let rows = value["allowed"].as_array().unwrap().iter().filter(ends);
    rows.map(|row| format!("{} {}", row["protocol"].as_str().unwrap(), ports(&row["ports"]))).collect::<Vec<_>>().join(", ")
}

fn external(reach: &Reachability, workload: &str) -> Vec<String> {
    let value: Value = serde_json::to_value(reach).unwrap();
    let of_workload = |row: &&Value| row["src"] == json!(workload) && row["dst"].as_str().unwrap().starts_with("external:");
    let rows = value["allowed"].as_array().unwrap().iter().filter(of_workload);
    rows.map(|row| format!("{} {} {}", row["dst"].as_str().unwrap(), row["protocol"].as_str().unwrap(), row["ports"])).collect()
}

const WEB: &str = "shop/Deployment/web";
const DB: &str = "shop/Deployment/db";
const ALL: &str = "SCTP 1-65535, TCP 1-65535, UDP 1-65535";

/// Two workloads and policies; what web may send to db.
fn web_to_db(policies: &[&str]) -> String {
    let db = "ports: [{name: sql, containerPort: 5432}, {name: sql-udp, containerPort: 5432, protocol: UDP}]";
    let policies: String = policies.iter().enumerate().map(|(at, spec)| policy(&format!("p{at}"), spec)).collect();
    flow(&reach(&(deployment("web", "") + &deployment("db", db) + &policies)).unwrap(), WEB, DB)
}

#[test]
fn policies_open_what_they_name_and_nothing_else() {
    let table: &[(&str, &[&str], &str)] = &[
        ("no policy", &[], ALL),
        ("deny ingress", &["{podSelector: {}}"], ""),
        ("deny egress only", &["{podSelector: {}, policyTypes: [Egress]}"], ""),
        ("a policy of another pod", &["{podSelector: {matchLabels: {app: other}}}"], ALL),
        ("types default to ingress", &["{podSelector: {matchLabels: {app: web}}}"], ALL),
        (
            "an egress rule makes it isolate egress",
            &["{podSelector: {matchLabels: {app: web}}, egress: [{ports: [{port: 80}]}]}"],
            "TCP 80",
        ),
        ("rules of a type that is left out do not count", &["{podSelector: {}, policyTypes: [Ingress], egress: [{}]}"], ""),
        ("an empty rule opens everything", &["{podSelector: {}, ingress: [{}]}"], ALL),
        (
            "an empty list of peers is everybody",
            &["{podSelector: {}, ingress: [{from: [], ports: [{port: 1, protocol: SCTP}]}]}"],
            "SCTP 1",
        ),
        ("a port without a number is all of TCP", &["{podSelector: {}, ingress: [{ports: [{}]}]}"], "TCP 1-65535"),
        ("a range", &["{podSelector: {}, ingress: [{ports: [{port: 443, endPort: 445}]}]}"], "TCP 443-445"),
        (
            "ranges that touch are one",
            &["{podSelector: {}, ingress: [{ports: [{port: 1, endPort: 4}, {port: 5}, {port: 3, endPort: 9}]}]}"],
            "TCP 1-9",
        ),
        ("a name has the number of its protocol", &["{podSelector: {}, ingress: [{ports: [{port: sql}, {port: sql-udp}]}]}"], "TCP 5432"),
        (
            "a name of the destination, not of the source",
            &["{podSelector: {matchLabels: {app: web}}, egress: [{ports: [{port: sql}]}]}"],
            "TCP 5432",
        ),
        ("rules add up", &["{podSelector: {}, ingress: [{ports: [{port: 1}]}, {ports: [{port: 9}]}]}"], "TCP 1 9"),
        ("policies add up", &["{podSelector: {}}", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 9}]}]}"], "TCP 9"),
        (
            "both sides must allow",
            &[
                "{podSelector: {}, ingress: [{ports: [{port: 1, endPort: 9}]}]}",
                "{podSelector: {}, egress: [{ports: [{port: 5, endPort: 20}]}]}",
            ],
            "TCP 5-9",
        ),
        ("blocks are not for pods", &["{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"], ""),
        ("a peer in another namespace", &["{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {a: b}}}]}]}"], ""),
        (
            "every namespace has its name as a label",
            &[
                "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}], ports: [{port: 7}]}]}",
            ],
            "TCP 7",
        ),
        (
            "expressions",
            &[
                "{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: Exists}, {key: old, operator: DoesNotExist}]}}], ports: [{port: 7}]}]}",
            ],
            "TCP 7",
        ),
    ];
    for (name, policies, expected) in table {
        assert_eq!(web_to_db(policies), *expected, "{name}");
    }
}

#[test]
fn addresses_outside_are_merged_and_split_at_exceptions() {
    let spec = "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {ipBlock: {cidr: 11.0.0.0/8}}], ports: [{port: 443}]}]}";
    let reach = reach(&(deployment("web", "") + &policy("p", spec))).unwrap();
    assert_eq!(
        external(&reach, WEB),
        ["external:10.0.0.0-10.0.255.255 TCP [[443,443]]", "external:10.2.0.0-11.255.255.255 TCP [[443,443]]"]
    );
}

#[test]
fn unknown_names_and_ipv6_open_nothing() {
    let spec = "{podSelector: {}, egress: [{ports: [{port: sql}]}, {to: [{ipBlock: {cidr: '2001:db8::/32'}}]}]}";
    let reach = reach(&(deployment("web", "") + &deployment("db", "") + &policy("p", spec))).unwrap();
    assert_eq!(flow(&reach, WEB, DB), "");
    assert_eq!(external(&reach, WEB), [""; 0]);
}

#[test]
fn what_the_api_server_refuses_is_an_error() {
    let table = [
        ("{podSelector: {}, ingress: [{ports: [{port: 0}]}]}", "from 1 to 65535"),
        ("{podSelector: {}, ingress: [{ports: [{port: 9, endPort: 8}]}]}", "endPort"),
        ("{podSelector: {}, ingress: [{ports: [{port: sql, endPort: 8}]}]}", "endPort"),
        ("{podSelector: {}, ingress: [{ports: [{port: UPPER}]}]}", "lower-case"),
        ("{podSelector: {}, ingress: [{ports: [{port: 1, protocol: ICMP}]}]}", "TCP, UDP or SCTP"),
        ("{podSelector: {}, ingress: [{from: [{}]}]}", "a peer needs"),
        ("{podSelector: {}, ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}", "can't be combined"),
        ("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]}", "CIDR"),
        ("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}", "strict subset"),
        ("{podSelector: {matchLabels: {a: 1}}}", "must be a string"),
        ("{podSelector: {matchExpressions: [{key: a, operator: Equals, values: [b]}]}}", "operator"),
        ("{podSelector: {matchExpressions: [{key: a, operator: In}]}}", "need values"),
        ("{podSelector: {}, policyTypes: [Both]}", "Ingress or Egress"),
    ];
    for (spec, expected) in table {
        let error = reach(&policy("p", spec)).unwrap_err();
        assert!(error.contains(expected), "{spec}: {error}");
    }
    let twice = policy("p", "{podSelector: {}}") + &policy("p", "{podSelector: {}}");
    assert!(reach(&twice).unwrap_err().contains("has this name"));
}

#[test]
fn owned_pods_are_their_owner() {
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web-1, namespace: shop, labels: {app: web}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1a, uid: u, controller: true}]}\nspec: {containers: [{name: main, image: example/app}]}\n";
    let ids = |manifests: &str| reach(manifests).unwrap().workloads.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(ids(pod), ["shop/ReplicaSet/web-1a"]);
    assert_eq!(ids(&(pod.to_owned() + &pod.replace("name: web-1,", "name: web-2,"))), ["shop/ReplicaSet/web-1a"]);
}

#[test]
fn an_ingress_controller_reaches_the_port_that_the_service_leads_to() {
    let ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n";
    let stack = |spec: &str| {
        let web = deployment("web", "ports: [{name: http, containerPort: 8080}]") + &service("web", "[{port: 80, targetPort: http}]");
        serde_json::to_value(reach(&(web + ingress + &policy("p", spec))).unwrap().ingress_controller).unwrap()
    };
    let open = json!([{"dst": WEB, "protocol": "TCP", "ports": [[8080, 8080]]}]);
    assert_eq!(stack("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"), open);
    assert_eq!(stack("{podSelector: {}, ingress: [{ports: [{port: http}]}]}"), open);
    assert_eq!(stack("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"), json!([]));
    assert_eq!(stack("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"), json!([]));
}

#[test]
fn needed_flows_come_from_configuration() {
    let web = deployment("web", "env: [{name: DB_HOST, value: db}, {name: DB_PORT, value: '5432'}]");
    let stack = web + &deployment("db", "") + &service("db", "[{port: 5432, targetPort: 5433}]");
    let needed = |extra: &str| serde_json::to_value(reach(&(stack.clone() + extra)).unwrap().needed).unwrap();
    assert_eq!(needed(""), json!([{"src": WEB, "dst": DB, "protocol": "TCP", "port": 5433, "allowed": true}]));
    let closed = policy("p", "{podSelector: {matchLabels: {app: db}}}");
    assert_eq!(needed(&closed), json!([{"src": WEB, "dst": DB, "protocol": "TCP", "port": 5433, "allowed": false}]));
}
