//! What a change does: to this repository's three environments, and to generated overlays of 40 and 2,000 objects.
//!
//! `cargo bench -p kubevet --bench diff`. To compare with: `our_three_environments` of the benchmark `check`, of which this may take twice the time.

// What fails here fails the benchmark.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use divan::Bencher;
use kubevet::check::Settings;
use kubevet::diff::{Old, base, diff};
use kubevet::input::{Input, Inputs};
use kubevet::project::Project;

#[path = "../../kustomize/benches/overlay/mod.rs"]
mod overlay;

fn main() {
    divan::main();
}

/// A label that a base gives to everything: all objects of all environments change.
#[divan::bench]
fn our_three_environments(bencher: Bencher<'_, '_>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for part in ["base", "gitops", "jobs", "overlays", "policies"] {
        copy(&repository.join(part), &directory.path().join(part));
    }
    commit(directory.path());
    let changed = directory.path().join("base/kustomization.yaml");
    let text = fs::read_to_string(&changed).expect("a base");
    fs::write(&changed, format!("{text}\ncommonAnnotations: {{example.com/changed: \"yes\"}}\n")).expect("a change");
    let overlays = ["dev", "staging", "prod"].map(|name| directory.path().join("overlays").join(name));
    bencher.bench(|| since_head(&overlays, None));
}

/// Every tenth Deployment has another image.
#[divan::bench(args = [40, 2_000], sample_count = 10)]
fn generated(bencher: Bencher<'_, '_>, objects: usize) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let built = overlay::write(directory.path(), objects).expect("an overlay");
    commit(directory.path());
    for at in (0..objects / 4).step_by(10) {
        let file = directory.path().join(format!("base/app-{at}.yaml"));
        let text = fs::read_to_string(&file).expect("a component");
        fs::write(&file, text.replace("serviceAccountName", "terminationGracePeriodSeconds: 50\n      serviceAccountName"))
            .expect("a change");
    }
    bencher.bench(|| since_head(std::slice::from_ref(&built), Some("prod")));
}

/// The same between two streams of manifests.
#[divan::bench(args = [40, 2_000], sample_count = 10)]
fn manifests(bencher: Bencher<'_, '_>, objects: usize) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let built = overlay::write(directory.path(), objects).expect("an overlay");
    let old = kustomize::build(&built).unwrap_or_else(|error| panic!("{error}")).to_yaml();
    let new = directory.path().join("new.yaml");
    fs::write(&new, old.replace("replicas: 5", "replicas: 6")).expect("manifests");
    bencher.bench(|| {
        compare(std::slice::from_ref(&new), Some("prod"), |_| {
            (Old::Manifests(vec![(PathBuf::from("old.yaml"), old.clone())]), "old".into())
        })
    });
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(|entry| entry.expect("a readable repository")) {
        let to = to.join(entry.path().strip_prefix(from).expect("below it"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).expect("a directory");
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

fn commit(directory: &Path) {
    let identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"];
    for arguments in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", "before"]] {
        let status = Command::new("git").arg("-C").arg(directory).args(identity).args(arguments).status().expect("git");
        assert!(status.success(), "git {arguments:?}");
    }
}

fn since_head(paths: &[PathBuf], environment: Option<&str>) -> usize {
    compare(paths, environment, |start| {
        let base = base(start, Some("HEAD")).expect("a revision");
        (Old::Revision(base.snapshot), base.described)
    })
}

/// Everything that `kubevet diff` does but the report.
fn compare(paths: &[PathBuf], environment: Option<&str>, old: impl Fn(&Path) -> (Old, String)) -> usize {
    let start = paths.first().map(PathBuf::as_path).expect("a path");
    let project = Project::open(&[], Some(start)).expect("a project");
    let inputs: Vec<Input> = Inputs::of_project(&project, paths, false).expect("inputs").list;
    let (old, against) = old(start);
    let settings = Settings { environment: environment.map(str::to_owned), ..Settings::default() };
    let found = diff(&project, paths, &inputs, old, against, settings);
    assert_eq!(found.report.failures(), 0, "{:?}", found.report.problems);
    found.changes().iter().map(|change| change.objects.len()).sum()
}
