//! Where reports go: the verdict does not depend on who reads them, and they take the place of nothing else.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Output, Stdio};

use common::{Scratch, kubevet};

/// Runs kubevet with a standard output that nobody reads.
fn unread(scratch: &Scratch, arguments: &[&str]) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    kubevet().args(arguments).current_dir(scratch.path()).stdout(writer).stderr(Stdio::piped()).output().unwrap()
}

/// So many containers that no pipe holds their findings.
fn many_findings() -> Scratch {
    let containers: String = (0..900).map(|at| format!("        - name: c{at}\n          image: nginx:1.29\n")).collect();
    Scratch::project().file("base/deployment.yaml", &(common::DEPLOYMENT.to_owned() + &containers))
}

#[test]
fn the_verdict_is_the_same_where_nobody_reads_it() {
    let scratch = many_findings();
    for format in ["human", "json", "sarif", "junit", "github", "markdown"] {
        let run = unread(&scratch, &["check", "--rule", "demo/*", "--format", format]);
        assert_eq!((run.status.code(), run.stderr.as_slice()), (Some(1), &b""[..]), "{format}");
    }
    let run = unread(&scratch, &["check", "--rule", "demo/*", "--format", "human", "--format", "sarif", "--output", "out/a.sarif"]);
    assert_eq!(run.status.code(), Some(1));
    let sarif = fs::read_to_string(scratch.path().join("out/a.sarif")).unwrap();
    assert!(sarif.contains("c899") && sarif.ends_with("}\n"));
    scratch.write("overlays/prod/kustomization.yaml", "resources: [missing.yaml]\n");
    assert_eq!(unread(&scratch, &["check"]).status.code(), Some(3));
}

#[test]
fn other_commands_end_as_they_would() {
    let failing = "package kubevet.demo.probe_test\n\nimport rego.v1\n\ntest_never if false\n";
    let scratch = many_findings().file("policies/demo/probe_test.rego", failing);
    for (arguments, code) in [
        (&["render", "overlays/prod"][..], 0),
        (&["rules"], 0),
        (&["explain", "demo/probe"], 0),
        (&["graph", "overlays/prod"], 0),
        (&["test", "--run", "never"], 1),
        (&["man"], 0),
        (&["--help"], 0),
        (&["check", "--nonsense"], 2),
    ] {
        assert_eq!(unread(&scratch, arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let scratch = Scratch::project();
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let run = kubevet().args(["check", "--rule", "demo/*"]).current_dir(scratch.path()).stdout(full).output().unwrap();
    let stderr = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(3), "{stderr}");
    assert!(stderr.starts_with("error[output] cannot write to standard output: "), "{stderr}");
    // The one that can be is there.
    let run = scratch.check(&["--format", "json", "--output", "base", "--format", "sarif", "--output", "a.sarif"]).ends_with(2);
    assert!(run.stderr.contains("cannot write base: it is there, and no regular file"), "{}", run.stderr);
    assert!(scratch.path().join("a.sarif").is_file());
}

#[test]
fn reports_take_the_place_of_reports_alone() {
    let scratch = Scratch::project().file("victim", "old").file("base/values.txt", "old");
    scratch.write("base/kustomization.yaml", "resources: [deployment.yaml]\nconfigMapGenerator: [{name: a, files: [values.txt]}]\n");
    scratch.write("old.json", "{\"version\": 1, \"findings\": []}");
    symlink("victim", scratch.path().join("link")).unwrap();
    symlink("/", scratch.path().join("root")).unwrap();
    let before = |name: &str| fs::read_to_string(scratch.path().join(name)).unwrap();
    for (file, reason) in [
        ("link", "it is a symbolic link"),
        ("root/tmp/kubevet-test", "root is a symbolic link"),
        ("base/values.txt", "this run read it"),
        ("base/../base/values.txt", "this run read it"),
        ("base/deployment.yaml", "this run read it"),
        ("policies/demo/probe.rego", "this run read it"),
        ("policies/environments.yaml", "this run read it"),
        ("old.json", "this run read it"),
    ] {
        let victim = if file.starts_with("root") { "victim" } else { file };
        let was = before(victim);
        let run = scratch.check(&["--format", "json", "--output", file, "--baseline", "old.json"]).ends_with(2);
        assert!(run.stderr.contains(&format!("cannot write {file}: {reason}")), "{}", run.stderr);
        assert_eq!(before(victim), was, "{file}");
    }
    assert_eq!(before("victim"), "old");
    scratch.check(&["--format", "json", "--output", "a.json"]).ends_with(1);
    scratch.check(&["--format", "json", "--output", "a.json"]).ends_with(1);
    assert!(before("a.json").starts_with('{'));
    // A build that fails is no way to a source either.
    let scratch =
        scratch.file("base/kustomization.yaml", "resources: [gone.yaml]\nconfigMapGenerator: [{name: a, files: [k=values.txt]}]\n");
    let run = scratch.check(&["overlays/prod", "--format", "json", "--output", "base/values.txt"]);
    assert!(run.stderr.contains("cannot write base/values.txt: this run read it"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(scratch.path().join("base/values.txt")).unwrap(), "old");
}

#[test]
fn what_is_committed_stays() {
    let scratch = common::git::committed(Scratch::project().file("src/main.c", "old"));
    for arguments in [&["--format", "json", "--output"][..], &["--write-baseline"]] {
        let mut arguments = arguments.to_vec();
        arguments.push("src/main.c");
        scratch.check(&arguments).ends_with(2).says("cannot write src/main.c: it is committed, and no report");
    }
    // A run that fails early knows even less.
    scratch.write("policies/environments.yaml", "version: 2\n");
    scratch.write("notes.txt", "old");
    let run = scratch.check(&["--format", "json", "--output", "notes.txt"]).ends_with(2);
    assert!(run.stderr.contains("cannot write notes.txt: it is there, it is no report"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(scratch.path().join("notes.txt")).unwrap(), "old");
    let scratch = Scratch::project().file("other.json", "{}");
    scratch.check(&["--write-baseline", "other.json"]).ends_with(2).says("cannot write other.json: it is there, it is no report");
}

#[test]
fn a_baseline_takes_the_place_of_a_baseline() {
    let scratch = Scratch::project().file("victim", "old");
    symlink("victim", scratch.path().join("link")).unwrap();
    scratch.check(&["--write-baseline", "policies/baseline.json"]).ends_with(0);
    scratch.check(&["--write-baseline", "policies/baseline.json"]).ends_with(0);
    for (file, reason) in [("link", "it is a symbolic link"), ("base/deployment.yaml", "this run read it")] {
        scratch.check(&["--write-baseline", file]).ends_with(2).says(&format!("cannot write {file}: {reason}"));
    }
    assert_eq!(fs::read_to_string(scratch.path().join("victim")).unwrap(), "old");
}

#[test]
fn nothing_is_written_behind_a_link() {
    let elsewhere = Scratch::empty();
    let scratch = Scratch::empty().file("overlays/dev/kustomization.yaml", "resources: []\n");
    symlink(elsewhere.path(), scratch.path().join("policies")).unwrap();
    symlink(elsewhere.path(), scratch.path().join("man")).unwrap();
    scratch.run(&["init"]).ends_with(2).says("cannot write ./policies/environments.yaml: policies is a symbolic link");
    scratch.run(&["man", "--directory", "man"]).ends_with(2).says("man is a symbolic link");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    scratch.run(&["man", "--directory", "pages"]).ends_with(0);
    for page in ["kubevet.1", "kubevet-check.1", "kubevet-man.1"] {
        assert!(scratch.path().join("pages").join(page).is_file(), "{page}");
    }
}

#[test]
fn a_stream_that_a_person_names_is_one() {
    let run = Scratch::project().check(&["--format", "json", "--output", "/dev/stdout"]).ends_with(1);
    run.json();
}
