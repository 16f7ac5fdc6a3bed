//! How long all facts of many objects take: `cargo bench -p kubevet-facts`.

#![allow(clippy::panic)] // a benchmark that cannot read its own manifests

use std::fmt::Write;

use kubevet_facts::{Options, compute};
use kustomize::{Node, Render, read_manifests};

fn main() {
    divan::main();
}

/// Workloads, each with a Service, a ConfigMap that names the next one's Service, and a NetworkPolicy, in namespaces of 100 each.
fn manifests(objects: usize) -> String {
    let mut text = String::new();
    for number in 0..objects / 4 {
        let (namespace, next) = (number / 100, number / 100 * 100 + (number + 1) % 100);
        let _ = write!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w{number}, namespace: n{namespace}}}\nspec:\n  selector: {{matchLabels: {{app: w{number}}}}}\n  \
             template:\n    metadata: {{labels: {{app: w{number}, tier: web}}}}\n    spec:\n      containers:\n      - name: main\n        image: example/app:1\n        \
             envFrom: [{{configMapRef: {{name: c{number}}}}}]\n        ports: [{{name: http, containerPort: 8080}}]\n        resources: {{limits: {{cpu: 1, memory: 1Gi}}}}\n\
             ---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{number}, namespace: n{namespace}}}\nspec: {{selector: {{app: w{number}}}, ports: [{{port: 80, targetPort: http}}]}}\n\
             ---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}, namespace: n{namespace}}}\ndata: {{URL: 'http://s{next}', LEVEL: info}}\n\
             ---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{number}, namespace: n{namespace}}}\nspec:\n  podSelector: {{matchLabels: {{app: w{number}}}}}\n  \
             policyTypes: [Ingress, Egress]\n  ingress: [{{from: [{{podSelector: {{matchLabels: {{tier: web}}}}}}], ports: [{{port: http}}]}}]\n  egress: [{{to: [{{podSelector: {{}}}}]}}]\n"
        );
    }
    text
}

fn render(objects: usize) -> Render {
    read_manifests(std::path::Path::new("bench.yaml"), manifests(objects)).unwrap_or_else(|error| panic!("{error}"))
}

#[divan::bench(args = [40, 2_000, 20_000], sample_count = 10)]
fn all(bencher: divan::Bencher<'_, '_>, objects: usize) {
    let render = render(objects);
    let nodes: Vec<&Node> = render.objects.iter().collect();
    bencher.bench_local(|| compute(&nodes, &Options::default()));
}
