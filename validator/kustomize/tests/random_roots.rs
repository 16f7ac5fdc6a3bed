//! Random kustomizations, each built as kubectl builds it and refused where kubectl refuses it.
//!
//! `RANDOM_ROOTS` says how many, `RANDOM_SEED` which is the first. What differs is printed with its seed; `RANDOM_KEEP` names a directory that keeps its files.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used)]

mod kubectl;
mod random;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use kustomize::ErrorKind;
use random::Root;

/// How many there are where nobody says it: kubectl takes a second for a batch.
const FEW: u64 = 50;

/// What is built is held against kubectl in batches, because kubectl takes longer to start than to build.
const BATCH: usize = 25;

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// How one root came out.
enum Outcome {
    Same,
    Refused,
    /// What only kubectl builds, and what that is.
    Unsupported(String),
}

/// One kustomization over several roots.
fn batch(directory: &Path, roots: &[(u64, &'static str)]) {
    let resources: String = roots.iter().map(|(seed, root)| format!("- {seed}/{root}\n")).collect();
    fs::write(directory.join("kustomization.yaml"), format!("resources:\n{resources}")).unwrap();
}

/// Whether all came out alike; nothing where both refuse them together.
fn is_same(directory: &Path) -> Option<bool> {
    let ours = kustomize::build(directory).map(|render| render.to_yaml());
    match (ours, kubectl::kustomize(directory)) {
        (Ok(ours), Ok(theirs)) => Some(ours == theirs),
        (Err(_), Err(_)) => None,
        _ => Some(false),
    }
}

/// Those of the roots, each of which builds, that kubectl does not build alike: found by halves.
fn different(directory: &Path, roots: &[(u64, &'static str)], found: &mut String) {
    if roots.is_empty() {
        return;
    }
    if let [(seed, root)] = roots {
        let directory = directory.join(seed.to_string()).join(root);
        let ours = kustomize::build(&directory).unwrap().to_yaml();
        match kubectl::kustomize(&directory) {
            Ok(theirs) if theirs == ours => {}
            Ok(theirs) => {
                let line = std::iter::zip(ours.lines(), theirs.lines()).position(|(ours, theirs)| ours != theirs).unwrap_or_default();
                let shown = |text: &str| text.lines().skip(line.saturating_sub(2)).take(5).collect::<Vec<_>>().join("\n");
                writeln!(found, "seed {seed}: other bytes\n--- ours\n{}\n--- kubectl\n{}", shown(&ours), shown(&theirs)).unwrap();
            }
            Err(error) => writeln!(found, "seed {seed}: a wrong accept; kubectl says {}", error.trim()).unwrap(),
        }
        return;
    }
    batch(directory, roots);
    let is_same = is_same(directory);
    if is_same != Some(true) {
        let (one, other) = roots.split_at(roots.len() / 2);
        let before = found.len();
        different(directory, one, found);
        different(directory, other, found);
        if found.len() == before && is_same.is_some() {
            writeln!(found, "seeds {roots:?}: alike one by one, and not together").unwrap();
        }
    }
}

fn single(directory: &Path, seed: u64, found: &mut String) -> Outcome {
    match kustomize::build(directory) {
        Ok(_) => Outcome::Same,
        Err(error) if error.kind == ErrorKind::Unsupported => Outcome::Unsupported(error.to_string()),
        Err(error) => {
            if kubectl::kustomize(directory).is_ok() {
                writeln!(found, "seed {seed}: a wrong refusal: {error}").unwrap();
            }
            Outcome::Refused
        }
    }
}

#[test]
fn random_roots_come_out_as_those_of_kubectl() {
    if !kubectl::is_reference() {
        return;
    }
    let (count, first) = (number("RANDOM_ROOTS", FEW), number("RANDOM_SEED", 0));
    let (mut found, mut built, mut refused, mut unsupported) = (String::new(), 0, 0, 0);
    let seeds: Vec<u64> = (first..first + count).collect();
    for chunk in seeds.chunks(BATCH) {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path();
        let mut roots = Vec::new();
        let before = found.len();
        for seed in chunk {
            let root = Root::of(*seed);
            root.lay_out(&directory.join(seed.to_string()));
            match single(&directory.join(seed.to_string()).join(root.directory), *seed, &mut found) {
                Outcome::Same => roots.push((*seed, root.directory)),
                Outcome::Refused => refused += 1,
                Outcome::Unsupported(what) => {
                    unsupported += 1;
                    println!("seed {seed}: not supported: {what}");
                }
            }
        }
        built += roots.len();
        different(directory, &roots, &mut found);
        if let Some(keep) = env::var_os("RANDOM_KEEP").filter(|_| found.len() > before) {
            chunk.iter().for_each(|seed| Root::of(*seed).lay_out(&Path::new(&keep).join(seed.to_string())));
        }
    }
    println!("seeds {first} to {}: {built} built, {refused} refused, {unsupported} not supported", first + count - 1);
    assert!(found.is_empty(), "{found}");
    assert!(built > refused, "{built} built, {refused} refused");
}
