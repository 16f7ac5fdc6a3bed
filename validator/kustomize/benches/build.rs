//! Builds of generated overlays, with namespace, prefix, labels, images and patches.

// What fails here fails the benchmark.
#![allow(clippy::expect_used)]

use divan::Bencher;

mod overlay;

fn main() {
    divan::main();
}

/// The whole build from files to YAML; 20,000 objects must cost at most eleven times what 2,000 do.
#[divan::bench(args = [40, 2_000, 20_000], sample_count = 10)]
fn build(bencher: Bencher<'_, '_>, objects: usize) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let built = overlay::write(directory.path(), objects).expect("an overlay");
    bencher.bench(|| kustomize::build(&built).expect("a build").to_yaml());
}
