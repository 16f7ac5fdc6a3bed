//! What the tests of facts share.

#![allow(dead_code, clippy::unwrap_used)] // each test uses a part; what fails here fails the test

use kubevet_facts::products::Products;
use kubevet_facts::{Facts, Options, compute};
use kustomize::{Node, Render, read_manifests};

/// The objects of a stream of manifests.
pub(crate) fn render(manifests: &str) -> Render {
    read_manifests(std::path::Path::new("test.yaml"), manifests.to_owned()).unwrap()
}

/// The facts of a stream of manifests, with the table of products that the project ships.
pub(crate) fn facts(manifests: &str) -> Facts {
    facts_with(manifests, "")
}

/// The same, with manifests that are applied on top at times.
pub(crate) fn facts_with(manifests: &str, additions: &str) -> Facts {
    let (render, additions, products) = (render(manifests), render(additions), products());
    let nodes: Vec<&Node> = render.objects.iter().collect();
    let additions: Vec<&Node> = additions.objects.iter().collect();
    compute(&nodes, &Options { products: Some(&products), additions: &additions, ..Options::default() })
}

/// The table that the project ships.
pub(crate) fn products() -> Products {
    serde_yaml::from_str(include_str!("../../../../policies/products.yaml")).unwrap()
}

/// A Deployment in namespace `shop` whose pods have the label `app: NAME`, with more fields of its container as flow YAML.
pub(crate) fn deployment(name: &str, container: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  \
         template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      containers:\n        - {{name: main, image: example/app, {container}}}\n"
    )
}

/// A Service in namespace `shop` for the pods of [`deployment`].
pub(crate) fn service(name: &str, ports: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {{app: {name}}}, ports: {ports}}}\n"
    )
}

/// A NetworkPolicy in namespace `shop`.
pub(crate) fn policy(name: &str, spec: &str) -> String {
    format!("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n")
}
