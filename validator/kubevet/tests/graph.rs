//! `kubevet graph`: pictures and their refusals.

mod common;

use common::Scratch;

/// A shop of a web server, a database and a stray, where the database lets in the web server on two ports, one of which nobody needs.
const SHOP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: example/web, env: [{name: DB, value: 'postgresql://db/x'}, {name: LOG, value: 'http://stray:80'}]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: example/db}]}
---
apiVersion: v1
kind: Pod
metadata: {name: stray, namespace: shop, labels: {app: stray}}
spec: {containers: [{name: stray, image: example/stray}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Service
metadata: {name: stray, namespace: shop}
spec: {selector: {app: stray}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}, {from: [{podSelector: {}}], ports: [{port: 9, protocol: UDP}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: stray, namespace: shop}
spec: {podSelector: {matchLabels: {app: stray}}, policyTypes: [Ingress, Egress]}
";

fn shop() -> Scratch {
    Scratch::empty().file("shop/all.yaml", SHOP)
}

#[test]
fn mermaid_is_the_default() {
    let run = shop().run(&["graph", "shop/all.yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout, @r#"
    flowchart LR
      subgraph ns0["shop"]
        n0["Deployment db"]
        n1["Deployment web"]
        n2["Pod stray"]
      end
      n1 -->|"TCP 5432"| n0
      n1 -.->|"UDP 9"| n0
      n1 --x|"TCP 80"| n2
      linkStyle 2 stroke:red
    "#);
}

#[test]
fn dot() {
    let run = shop().run(&["graph", "--manifests", "shop", "--format", "dot"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout, @r#"
    digraph traffic {
      rankdir=LR;
      node [shape=box];
      subgraph cluster0 {
        label="shop";
        n0 [label="Deployment db"];
        n1 [label="Deployment web"];
        n2 [label="Pod stray"];
      }
      n1 -> n0 [label="TCP 5432", style=solid];
      n1 -> n0 [label="UDP 9", style=dashed];
      n1 -> n2 [label="TCP 80", style=solid, color=red, arrowhead=tee];
    }
    "#);
}

#[test]
fn json_has_workloads_allowed_and_needed() {
    let run = shop().run(&["graph", "--manifests", "shop", "--format", "json"]);
    let graph: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(graph["workloads"], serde_json::json!(["shop/Deployment/db", "shop/Deployment/web", "shop/Pod/stray"]));
    let row = serde_json::json!({"src": "shop/Deployment/web", "dst": "shop/Deployment/db", "protocol": "TCP", "ports": [[5432, 5432]]});
    assert!(graph["allowed"].as_array().unwrap().contains(&row));
    let needed: Vec<_> =
        graph["needed"].as_array().unwrap().iter().map(|flow| (flow["dst"].as_str().unwrap(), flow["allowed"] == true)).collect();
    assert_eq!(needed, [("shop/Deployment/db", true), ("shop/Pod/stray", false)]);
}

#[test]
fn what_the_api_server_refuses_is_an_error_with_its_line() {
    let run = Scratch::empty().file("bad.yaml", &SHOP.replace("port: 9,", "port: 90000,")).run(&["graph", "bad.yaml"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.is_empty());
    assert!(run.stderr.contains("bad.yaml:40:"), "{}", run.stderr);
    assert!(run.stderr.contains("1 to 65535"), "{}", run.stderr);
}

#[test]
fn nothing_to_draw_is_never_a_picture() {
    let nothing = Scratch::empty().file("empty.yaml", "# nothing\n").run(&["graph", "empty.yaml"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (4, ""), "{}", nothing.stderr);
    let absent = Scratch::empty().run(&["graph", "absent"]);
    assert_eq!((absent.code, absent.stdout.as_str()), (2, ""), "{}", absent.stderr);
}
