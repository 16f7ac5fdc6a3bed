//! Which directories are the overlays of a project.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::path::{Path, PathBuf};

use common::Scratch;
use kubevet::project::Project;

/// A project whose table names these globs, with an empty kustomization in each directory, or one that builds on others.
fn project(globs: &str, directories: &[(&str, &str)]) -> Scratch {
    let table = format!("version: 1\nenvironments:\n  prod: {{overlays: [{globs}]}}\n");
    let scratch = Scratch::empty().file("policies/environments.yaml", &table);
    directories.iter().fold(scratch, |scratch, (dir, resources)| {
        scratch.file(&format!("{dir}/kustomization.yaml"), &format!("resources: [{resources}]\n"))
    })
}

fn overlays(root: &Path) -> Vec<PathBuf> {
    Project::open(&[root.join("policies")], None).unwrap().overlays().unwrap().to_vec()
}

#[test]
fn overlays_are_what_the_table_names_and_what_nothing_builds_on() {
    for (globs, directories, expected) in [
        (
            "overlays/prod",
            &[("overlays/prod", "../../base"), ("overlays/prod/part", ""), ("base", "")][..],
            "overlays/prod overlays/prod/part",
        ),
        ("overlays/prod", &[("overlays/prod", "part"), ("overlays/prod/part", "")], "overlays/prod"),
        ("overlays/*", &[("overlays/a", "../b"), ("overlays/b", ""), ("other", "")], "overlays/a overlays/b"),
        // What builds on a part may be outside of what the table names.
        ("apps", &[("apps/a", ""), ("apps/b", ""), ("clusters/x", "../../apps/b")], "apps/a"),
        ("'*/prod'", &[("a/prod", ""), ("b/prod/c", ""), ("d", "../b/prod/c")], "a/prod"),
        (".", &[(".", "a"), ("a", ""), ("b", "")], ". b"),
        ("overlays/prod, gone", &[("overlays/prod", "")], "overlays/prod"),
        ("gone", &[("overlays/prod", "")], ""),
        ("vendor/prod, .hidden/prod", &[("vendor/prod", ""), (".hidden/prod", "")], ""),
    ] {
        let scratch = project(globs, directories);
        let found: Vec<String> = overlays(scratch.path()).iter().map(|dir| dir.display().to_string()).collect();
        let found: Vec<&str> = found.iter().map(|dir| if dir.is_empty() { "." } else { dir }).collect();
        assert_eq!(found.join(" "), expected, "{globs}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let scratch = project("overlays/prod", &[("elsewhere/prod", "")]);
    std::os::unix::fs::symlink("elsewhere", scratch.path().join("overlays")).unwrap();
    assert_eq!(overlays(scratch.path()), Vec::<PathBuf>::new());
}
