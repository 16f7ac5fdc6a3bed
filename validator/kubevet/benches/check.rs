//! Whole checks: this repository's three environments, and generated overlays of 40, 2,000 and 20,000 objects.
//!
//! `cargo bench -p kubevet --bench check`. For CPU time and kubectl's side by side, see the example `race` of the crate `kustomize`.

// What fails here fails the benchmark.
#![allow(clippy::expect_used)]

use std::path::{Path, PathBuf};

use divan::Bencher;
use kubevet::check::{Settings, check};
use kubevet::input::Inputs;
use kubevet::project::Project;
use kubevet::renderer::Renderer;

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

/// Everything that `kubevet check` does but the report.
fn run(paths: &[PathBuf], environment: Option<&str>) -> usize {
    let project = Project::open(&[], paths.first().map(PathBuf::as_path)).expect("a project");
    let inputs = Inputs::of_project(&project, paths, false).expect("inputs");
    let settings = Settings {
        against: None,
        trusted: None,
        combine: false,
        patience: kubevet::policy::PATIENCE,
        environment: environment.map(str::to_owned),
        renderer: Renderer::Native,
        kustomize: kustomize::Settings::default(),
        verify_render: false,
        kubernetes_version: kubevet_facts::schema::Version::default(),
        rules: Vec::new(),
        baseline: None,
        write_baseline: None,
        since: None,
        today: jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
    };
    check(&project, &inputs.list, &settings).findings.len()
}
