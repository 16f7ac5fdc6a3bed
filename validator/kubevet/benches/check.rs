//! Whole checks: this repository's three environments, generated overlays of 40, 2,000 and 20,000 objects, and 2,000 custom resources with rules in CEL.
//!
//! `cargo bench -p kubevet --bench check`. For CPU time and kubectl's side by side, see the example `race` of the crate `kustomize`.

// What fails here fails the benchmark.
#![allow(clippy::expect_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use divan::Bencher;
use kubevet::check::{Settings, check};
use kubevet::input::Inputs;
use kubevet::project::Project;

#[path = "../../kustomize/benches/overlay/mod.rs"]
mod overlay;

fn main() {
    divan::main();
}

#[divan::bench]
fn our_three_environments(bencher: Bencher<'_, '_>) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let overlays = ["dev", "staging", "prod"].map(|name| repository.join("overlays").join(name));
    bencher.bench(|| run(&overlays, None));
}

/// 20,000 objects must cost at most eleven times what 2,000 do.
#[divan::bench(args = [40, 2_000, 20_000], sample_count = 5)]
fn generated(bencher: Bencher<'_, '_>, objects: usize) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let built = overlay::write(directory.path(), objects).expect("an overlay");
    bencher.bench(|| run(std::slice::from_ref(&built), Some("prod")));
}

/// Custom resources whose definition has 20 rules in CEL, all of which hold; without a resource the rules are only checked.
#[divan::bench(args = [0, 2_000], sample_count = 5)]
fn rules_in_cel(bencher: Bencher<'_, '_>, resources: usize) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("kustomization.yaml"), "resources: [definition.yaml, resources.yaml]\n").expect("a kustomization");
    fs::write(directory.path().join("definition.yaml"), definition(20)).expect("a definition");
    // One is there always, as an empty file is no resource.
    let mut text = String::new();
    for number in 0..=resources {
        let _ = write!(
            text,
            "---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: w{number}, namespace: shop}}\n\
             spec: {{replicas: {}, most: 100, mode: fast, ports: [80, 443, {}], names: [a, b, c{number}]}}\n",
            number % 90,
            1024 + number % 1000
        );
    }
    fs::write(directory.path().join("resources.yaml"), text).expect("resources");
    bencher.bench(|| run(&[directory.path().to_owned()], Some("prod")));
}

/// A definition with rules about numbers, lists and texts.
fn definition(rules: usize) -> String {
    let rule = |number: usize| match number % 4 {
        0 => format!("self.replicas <= self.most + {number}"),
        1 => format!("self.ports.all(port, port > 0 && port < 65536 + {number})"),
        2 => format!("self.mode in ['fast', 'slow', 'mode{number}']"),
        _ => format!("self.names.exists(name, name.startsWith('a') || name == 'n{number}')"),
    };
    let rules: Vec<String> = (0..rules).map(|number| format!("{{rule: \"{}\"}}", rule(number))).collect();
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.com}}\nspec:\n  group: example.com\n  \
         scope: Namespaced\n  names: {{kind: Widget, plural: widgets}}\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      \
         schema:\n        openAPIV3Schema:\n          type: object\n          properties:\n            spec:\n              type: object\n              \
         x-kubernetes-validations: [{}]\n              properties:\n                replicas: {{type: integer}}\n                \
         most: {{type: integer}}\n                mode: {{type: string, maxLength: 20}}\n                \
         ports: {{type: array, maxItems: 50, items: {{type: integer}}}}\n                \
         names: {{type: array, maxItems: 50, items: {{type: string, maxLength: 50}}}}\n",
        rules.join(", ")
    )
}

/// Everything that `kubevet check` does but the report.
fn run(paths: &[PathBuf], environment: Option<&str>) -> usize {
    let project = Project::open(&[], paths.first().map(PathBuf::as_path)).expect("a project");
    let inputs = Inputs::of_project(&project, paths, false).expect("inputs");
    let settings = Settings { environment: environment.map(str::to_owned), ..Settings::default() };
    check(&project, &inputs.list, &settings).findings.len()
}
