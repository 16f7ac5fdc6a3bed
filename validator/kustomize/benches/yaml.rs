//! Reading, canonicalising and printing streams of small objects.
//!
//! `cargo bench -p kustomize --bench yaml`

// A benchmark ends where its input is wrong.
#![allow(clippy::expect_used)]

use divan::counter::BytesCount;
use kustomize::yaml::{self, Dialect};
use kustomize::{Node, Source, Sources};

fn main() {
    divan::main();
}

const COUNTS: [usize; 3] = [50, 2_000, 20_000];

/// A stream of `count` Deployments, Services and ConfigMaps.
fn stream(count: usize) -> String {
    let object = |index: usize| match index % 3 {
        0 => format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{index}\n  labels:\n    app: app-{index}\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: app-{index}\n  template:\n    metadata:\n      labels:\n        app: app-{index}\n    spec:\n      containers:\n      - name: main\n        image: registry.example.org/team/app:1.{index}.0\n        ports:\n        - containerPort: 8080 # http\n        resources:\n          limits: {{cpu: 500m, memory: 128Mi}}\n"
        ),
        1 => format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: app-{index}\nspec:\n  type: ClusterIP\n  selector:\n    app: app-{index}\n  ports:\n  - name: http\n    port: 80\n    targetPort: 8080\n"
        ),
        _ => format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app-{index}\ndata:\n  LOG_LEVEL: \"info\"\n  ENABLED: \"true\"\n  config.yaml: |\n    server:\n      port: 8080\n    name: app-{index}\n"
        ),
    };
    (0..count).map(object).collect::<Vec<_>>().join("---\n")
}

fn source(count: usize) -> (Sources, kustomize::SourceId) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("stream.yaml", stream(count)));
    (sources, id)
}

fn documents(count: usize) -> (Sources, Vec<Node>) {
    let (sources, id) = source(count);
    let nodes = yaml::read(&sources, id, Dialect::YamlV3).expect("the stream is YAML");
    (sources, nodes)
}

fn canonical(count: usize) -> Vec<Node> {
    let (sources, mut nodes) = documents(count);
    for node in &mut nodes {
        yaml::canonical(node, &sources).expect("the stream is JSON");
    }
    nodes
}

#[divan::bench(args = COUNTS)]
fn read(bencher: divan::Bencher<'_, '_>, count: usize) {
    let (sources, id) = source(count);
    bencher.counter(BytesCount::of_str(sources.get(id).text())).bench(|| yaml::read(&sources, id, Dialect::YamlV3));
}

#[divan::bench(args = COUNTS)]
fn canonicalise(bencher: divan::Bencher<'_, '_>, count: usize) {
    bencher
        .with_inputs(|| documents(count))
        .bench_refs(|(sources, nodes)| nodes.iter_mut().try_for_each(|node| yaml::canonical(node, sources)));
}

#[divan::bench(args = COUNTS)]
fn emit(bencher: divan::Bencher<'_, '_>, count: usize) {
    let nodes = canonical(count);
    bencher.bench(|| {
        let mut out = String::new();
        for node in &nodes {
            yaml::emit(node, &mut out);
        }
        out
    });
}
