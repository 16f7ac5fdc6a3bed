//! `kubevet vendor`, and what is built with what it kept.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside the test functions that clippy exempts")]

#[path = "../common/mod.rs"]
mod common;
mod helm;
mod hostile;
mod plugins;
mod server;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::git::{commit, committed, git};
use common::{DEPLOYMENT, Scratch, has_kubectl};
use server::Server;

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

/// A table of the environments dev and prod, with the rules that are inside the binary.
const TABLE: &str = "version: 1\nenvironments:\n  dev: {overlays: [overlays/dev]}\n  prod: {overlays: [overlays/prod]}\n";

/// What others build on, at the tag v1 and, with another image, on the branch `next`.
fn upstream() -> Scratch {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -c\n";
    let scratch = Scratch::empty()
        .file("config/base/kustomization.yaml", "resources: [web.yaml]\nconfigMapGenerator: [{name: c, envs: [c.env]}]\n")
        .file("config/base/web.yaml", DEPLOYMENT)
        .file("config/base/c.env", "a=b\n")
        .file("config/kustomization.yaml", "namePrefix: up-\nresources: [base]\n")
        .file("component/kustomization.yaml", component)
        .file("README.md", "nobody reads this\n")
        .file("hooks/post-checkout", "#!/bin/sh\ntouch ran\n");
    let scratch = committed(scratch);
    git(scratch.path(), &["tag", "v1"]);
    git(scratch.path(), &["checkout", "-q", "-b", "next"]);
    scratch.write("config/base/web.yaml", DEPLOYMENT.replace("1.29", "1.30"));
    commit(&scratch);
    git(scratch.path(), &["checkout", "-q", "main"]);
    scratch
}

fn prod(kustomization: &str) -> Scratch {
    Scratch::empty().file("overlays/prod/kustomization.yaml", kustomization)
}

/// A project with one overlay on the upstream repository at a `ref`.
fn on(upstream: &Scratch, query: &str) -> Scratch {
    let resource = format!("file://{}//config{query}", upstream.path().display());
    prod(&format!("namespace: shop\nresources: [\"{resource}\"]\n"))
        .file("policies/environments.yaml", &TABLE.replace("  dev: {overlays: [overlays/dev]}\n", ""))
}

fn built_by_kubectl(dir: &Path) -> String {
    let output = Command::new("kubectl").arg("kustomize").arg(dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn kept(scratch: &Scratch) -> Vec<String> {
    let top = scratch.path().join("vendor/kubevet");
    let files = walkdir::WalkDir::new(&top).sort_by_file_name().into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.map(|file| file.path().strip_prefix(&top).unwrap().display().to_string()).collect()
}

/// Every form in which something remote is named comes out as kubectl builds it with the network, and needs none afterwards.
#[test]
fn builds_are_those_of_kubectl() {
    let dir =
        Scratch::empty().file("files/a.yaml", MAP).file("files/page/x", "<!doctype html>\n<p>a: b: c\n").file("files/a.txt", "text\n");
    let dir = dir.file("files/patch.yaml", "- {op: add, path: /metadata/labels, value: {a: b}}\n");
    let up = upstream();
    git(dir.path(), &["clone", "-q", "--bare", &up.path().display().to_string(), "org/repo.git"]);
    git(dir.path(), &["clone", "-q", "--bare", &up.path().display().to_string(), "org/plain"]);
    let id = git(up.path(), &["rev-parse", "next"]);
    let server = Server::of(dir.path());
    // One that builds on another one.
    let nested = committed(
        Scratch::empty()
            .file("deep/er/kustomization.yaml", &format!("resources: [../../side, '{}']\n", server.url("org/repo.git//config?ref=v1")))
            .file("side/kustomization.yaml", "namePrefix: side-\nresources: [map.yaml]\n")
            .file("side/map.yaml", MAP),
    );
    let (file, nested) = (format!("file://{}", up.path().display()), format!("file://{}", nested.path().display()));
    let url = |path: &str| server.url(path);
    let cases = [
        format!("resources: ['{file}//config?ref=v1']\n"),
        format!("resources: ['{file}//config']\nnamePrefix: x-\n"),
        format!("resources: ['{file}//config/base/?version=next&timeout=90s&submodules=false']\n"),
        format!("resources: ['git::{}']\n", url("org/repo.git/config?ref=v1")),
        format!("resources: ['{}']\n", url("org/plain/config?ref=next")),
        format!("resources: ['{}']\n", url(&format!("org/plain//config/base?ref={id}"))),
        format!("resources: ['{}', '{}']\n", url("files/a.yaml"), url("org/plain/config?ref=v1")),
        format!("resources: ['{}']\n", url("moved/files/a.yaml")),
        format!("resources: ['{}']\ncomponents: ['{}']\n", url("files/a.yaml"), url("org/repo.git//component?ref=v1")),
        format!(
            "resources: ['{0}']\npatches: [{{path: '{1}', target: {{kind: ConfigMap}}}}]\n",
            url("files/a.yaml"),
            url("files/patch.yaml")
        ),
        format!("configMapGenerator: [{{name: a, files: ['{0}', 'b={0}'], envs: ['{1}']}}]\n", url("files/a.txt"), url("files/a.yaml")),
        format!("resources: ['{nested}//deep/er']\n"),
        format!("bases: ['{nested}//side', '{file}//config/base?ref=v1']\nbuildMetadata: [originAnnotations, transformerAnnotations]\n"),
        format!("resources: ['{}']\nbuildMetadata: [originAnnotations]\nnameSuffix: -x\n", url("files/a.yaml")),
        format!("resources: ['{nested}//side/../side']\nbuildMetadata: [originAnnotations, transformerAnnotations]\nnamespace: other\n"),
    ];
    let has_kubectl = has_kubectl("the comparison of remote bases with kubectl");
    for case in cases {
        let scratch = prod(&case);
        scratch.run(&["render", "overlays/prod"]).ends_with(3).says("kubevet vendor");
        scratch.run(&["vendor"]).ends_with(0);
        let expected = has_kubectl.then(|| built_by_kubectl(&scratch.path().join("overlays/prod")));
        server.asked();
        let ours = scratch.run(&["render", "overlays/prod"]).ends_with(0).stdout;
        assert_eq!(server.asked(), [""; 0], "{case}");
        assert_eq!(ours, expected.unwrap_or_else(|| ours.clone()), "{case}");
        assert!(!ours.is_empty());
        scratch.run(&["vendor", "--check"]).ends_with(0).says("as it was");
    }
}

#[test]
fn only_what_builds_read_is_kept() {
    let up = upstream();
    let scratch = on(&up, "?ref=v1");
    let run = scratch.run(&["vendor"]).ends_with(0);
    assert_eq!(run.stdout, "wrote kubevet.lock and vendor/kubevet; commit both: 1 from git, 0 over HTTP, 0 from helm, 4 files\n");
    let names: Vec<_> = kept(&scratch).iter().filter_map(|name| Some(name.split_once('@')?.1.split_once('/')?.1.to_owned())).collect();
    assert_eq!(names, ["config/base/c.env", "config/base/kustomization.yaml", "config/base/web.yaml", "config/kustomization.yaml"]);
    // The hash is one that anybody can make.
    let lock = fs::read_to_string(scratch.path().join("kubevet.lock")).unwrap();
    let script = "cd vendor/kubevet/*/*/*@*/ 2>/dev/null || cd vendor/kubevet/*/*@*/ || cd $(find vendor/kubevet -name '*@*'); find . -type f | sed 's,^./,,' | LC_ALL=C sort | xargs sha256sum | sha256sum";
    let sum = Command::new("sh").args(["-c", script]).current_dir(scratch.path()).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    assert!(lock.contains(&format!("hash: sha256:{}\n", sum.trim_end_matches("  -\n"))), "{lock}\n{sum}");
    // Again is nothing new, and what nothing needs any more goes.
    scratch.run(&["vendor"]).ends_with(0).says("kubevet.lock is as it was");
    scratch.write("overlays/prod/kustomization.yaml", "namespace: x\n");
    scratch.run(&["vendor", "--check"]).ends_with(1).says("is in kubevet.lock, and nothing needs it");
    scratch.write("overlays/prod/kustomization.yaml", "resources: [a.yaml]\n");
    scratch.write("overlays/prod/a.yaml", MAP);
    scratch.run(&["vendor"]).ends_with(0).says("nothing here comes from elsewhere");
    assert!(!scratch.path().join("kubevet.lock").exists() && kept(&scratch).is_empty());
}

#[test]
fn what_is_not_kept_is_an_error_at_its_line() {
    let up = upstream();
    let scratch = on(&up, "?ref=v1");
    let run = scratch.run(&["check", "overlays/prod"]).ends_with(3);
    let run = run.says("overlays/prod/kustomization.yaml:2:13").says("is remote, and there is no kubevet.lock");
    run.says("help: run `kubevet vendor`, which fetches it and writes it down: nothing else goes to the network");
    scratch.run(&["vendor"]).ends_with(0);
    let other = fs::read_to_string(scratch.path().join("overlays/prod/kustomization.yaml")).unwrap().replace("ref=v1", "ref=next");
    scratch.write("overlays/prod/kustomization.yaml", other);
    scratch.run(&["check", "overlays/prod"]).ends_with(3).says("is remote, and kubevet.lock has no such entry");
    // kubectl is not asked either: it would go there.
    scratch.run(&["check", "overlays/prod", "--renderer", "auto"]).ends_with(3).says("is remote");
    scratch.run(&["render", "overlays/prod", "--renderer", "kubectl"]).ends_with(3).says("is remote");
}

#[test]
fn a_base_that_does_not_build_keeps_nothing_of_others_away() {
    let up = upstream();
    let scratch = on(&up, "?ref=v1").file("overlays/broken/kustomization.yaml", "resources: ['file:///nowhere/at-all?ref=v1']\n");
    let run = scratch.run(&["vendor", "overlays/prod", "overlays/broken"]).ends_with(3);
    run.says("overlays/broken/kustomization.yaml:1:13").says("cannot fetch file:///nowhere/at-all").says("1 from git");
    scratch.run(&["render", "overlays/prod"]).ends_with(0).says("up-web");
}

/// One path after the other, each beside what is there.
#[test]
fn one_overlay_at_a_time() {
    let up = upstream();
    let dev = format!("resources: ['file://{}//config/base?ref=next']\n", up.path().display());
    let scratch = on(&up, "?ref=v1").file("overlays/dev/kustomization.yaml", &dev);
    scratch.run(&["vendor", "overlays/prod"]).ends_with(0).says("1 from git");
    scratch.run(&["vendor", "overlays/dev"]).ends_with(0).says("2 from git");
    for overlay in ["overlays/dev", "overlays/prod"] {
        scratch.run(&["render", overlay]).ends_with(0).says("kind: Deployment");
    }
    let lock = fs::read(scratch.path().join("kubevet.lock")).unwrap();
    scratch.run(&["vendor", "overlays/prod", "overlays/dev"]).ends_with(0).says("as it was");
    assert_eq!(fs::read(scratch.path().join("kubevet.lock")).unwrap(), lock);
}

#[test]
fn findings_point_into_the_copy_and_name_where_it_is_from() {
    let up = upstream();
    let scratch = on(&up, "?ref=v1");
    scratch.run(&["vendor"]).ends_with(0);
    let run = scratch.run(&["check", "overlays/prod", "--rule", "probes/liveness"]).ends_with(1);
    let address = format!("file://{}//config/base/web.yaml?ref=v1", up.path().display());
    run.says("/config/base/web.yaml:").says(&format!("╰─▶ a copy of {address}"));
    let report = scratch.run(&["check", "overlays/prod", "--rule", "probes/liveness", "--format", "json"]).json();
    let location = &report["findings"][0]["locations"][0];
    assert_eq!(location["url"], address);
    assert!(location["file"].as_str().unwrap().starts_with("vendor/kubevet/"), "{location}");
    let broken = "cannot read `web.yaml`";
    git(up.path(), &["rm", "-q", "config/base/web.yaml"]);
    commit(&up);
    scratch.write("overlays/prod/kustomization.yaml", format!("resources: ['file://{}//config']\n", up.path().display()));
    scratch
        .run(&["vendor"])
        .ends_with(3)
        .says(broken)
        .says(&format!("╰─▶ a copy of file://{}//config/base/kustomization.yaml", up.path().display()));
}

/// Whoever writes what others build on waives nothing for them: neither in a comment nor in an annotation.
#[test]
fn what_is_kept_of_others_waives_nothing() {
    let annotated =
        DEPLOYMENT.replace("  name: web\n", "  name: web\n  annotations: {kubevet.dev/allow: images/* because upstream says so}\n");
    let commented = annotated.replace("      containers:", "      containers: # kubevet: allow probes/* because upstream says so");
    let upstream =
        committed(Scratch::empty().file("config/kustomization.yaml", "resources: [web.yaml]\n").file("config/web.yaml", &commented));
    git(upstream.path(), &["tag", "v1"]);
    let scratch = on(&upstream, "?ref=v1");
    scratch.run(&["vendor"]).ends_with(0);
    let arguments = ["check", "--rule", "images/digest", "--rule", "probes/liveness"];
    let run = scratch.run(&arguments).ends_with(1).says("2 errors, 0 warnings");
    assert!(!run.stdout.contains("waived"), "{}", run.stdout);
    // The project itself does, on what it makes of it.
    let resources = std::fs::read_to_string(scratch.path().join("overlays/prod/kustomization.yaml")).unwrap();
    let patch = "patches:\n  - patch: |-\n      # kubevet: allow probes/* because we know better\n      {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {paused: false}}\n";
    scratch.write("overlays/prod/kustomization.yaml", format!("{resources}{patch}"));
    scratch.run(&arguments).ends_with(1).says("1 error, 0 warnings, 1 waived");
}

#[test]
fn a_ref_that_moves_is_a_finding() {
    let up = upstream();
    let id = git(up.path(), &["rev-parse", "main"]);
    for (query, expected) in [
        ("", Some("names no `ref`")),
        ("?ref=next", Some("follows the branch `next`")),
        ("?ref=refs/heads/next", Some("follows the branch `refs/heads/next`")),
        ("?ref=HEAD", Some("follows `HEAD`")),
        ("?ref=v1", None),
        (&*format!("?ref={id}"), None),
    ] {
        let scratch = on(&up, query);
        scratch.run(&["vendor"]).ends_with(0);
        let run = scratch.run(&["check", "overlays/prod", "--rule", "kustomize/*"]);
        match expected {
            Some(text) => drop(run.ends_with(1).says("kustomize/moving-ref").says("overlays/prod/kustomization.yaml:2:13").says(text)),
            None => drop(run.ends_with(0)),
        }
    }
}

#[test]
fn a_branch_that_moved_and_a_lock_that_lies() {
    let up = upstream();
    let scratch = on(&up, "?ref=next");
    scratch.run(&["vendor"]).ends_with(0);
    git(up.path(), &["checkout", "-q", "next"]);
    up.write("config/base/c.env", "a=c\n");
    commit(&up);
    let before = scratch.run(&["render", "overlays/prod"]).ends_with(0).stdout;
    let lock = fs::read(scratch.path().join("kubevet.lock")).unwrap();
    scratch.run(&["vendor", "--check"]).ends_with(1).says("error[lock-differs]").says(" at next is ").says("kubevet.lock says");
    assert_eq!(fs::read(scratch.path().join("kubevet.lock")).unwrap(), lock);
    scratch.run(&["vendor"]).ends_with(0).says("wrote kubevet.lock");
    assert_ne!(scratch.run(&["render", "overlays/prod"]).ends_with(0).stdout, before);
    // Files that never were there, with a hash that is right.
    let file = kept(&scratch).into_iter().find(|name| name.ends_with("c.env")).unwrap();
    scratch.write(&format!("vendor/kubevet/{file}"), "a=harmless\n");
    let said = scratch.run(&["render", "overlays/prod"]).ends_with(3).stderr;
    let hash = |before: &str| said.split_once(before).unwrap().1.split([',', ' ', '\n']).next().unwrap().to_owned();
    let lock = fs::read_to_string(scratch.path().join("kubevet.lock")).unwrap();
    scratch.write("kubevet.lock", lock.replace(&hash(", not "), &hash("its hash is ")));
    scratch.run(&["render", "overlays/prod"]).ends_with(0).says("harmless");
    scratch.run(&["vendor", "--check"]).ends_with(1).says("has other files than kubevet.lock says");
}

#[test]
fn a_change_of_the_lock_affects_what_uses_it() {
    let up = upstream();
    let scratch = on(&up, "?ref=next")
        .file("policies/environments.yaml", TABLE)
        .file("overlays/dev/kustomization.yaml", "resources: [a.yaml]\n")
        .file("overlays/dev/a.yaml", MAP);
    scratch.run(&["vendor"]).ends_with(0);
    let scratch = committed(scratch);
    let check = |more: &[&str]| scratch.run(&[&["check", "--rule", "probes/startup"], more].concat());
    check(&["--since", "HEAD"]).says("not affected, so not judged: overlays/dev, overlays/prod");
    git(up.path(), &["checkout", "-q", "next"]);
    up.write("config/base/c.env", "a=c\n");
    commit(&up);
    scratch.run(&["vendor"]).ends_with(0);
    let now = &git(up.path(), &["rev-parse", "next"])[..12];
    for option in ["--since", "--policy-from"] {
        check(&[option, "HEAD"])
            .says("warning[lock-changed] kubevet.lock: ")
            .says(&format!("at next is now {now} (was "))
            .says("kubevet vendor --check");
    }
    check(&["--since", "HEAD"]).says("not affected, so not judged: overlays/dev\n");
    git(scratch.path(), &["checkout", "-q", "kubevet.lock"]);
    check(&["--since", "HEAD"]).ends_with(3).says("kubevet.lock names it");
}

/// The old side is what the revision had kept, whatever lies in the working tree now.
#[test]
fn a_comparison_takes_each_side_as_it_was_kept() {
    let up = upstream();
    let scratch = on(&up, "?ref=next");
    scratch.run(&["vendor"]).ends_with(0);
    let scratch = committed(scratch);
    scratch.run(&["diff", "overlays/prod", "--against", "HEAD", "--exit-code"]).ends_with(0);
    let kept_before = kept(&scratch);
    git(up.path(), &["checkout", "-q", "next"]);
    up.write("config/base/web.yaml", DEPLOYMENT.replace("1.29", "1.31"));
    commit(&up);
    scratch.run(&["vendor"]).ends_with(0);
    assert_ne!(kept(&scratch), kept_before);
    let changed = |revision: &str| {
        let run = scratch.run(&["diff", "overlays/prod", "--against", revision, "--exit-code", "--rule", "change/*"]);
        run.ends_with(1).says(":1.30").says(":1.31");
    };
    changed("HEAD");
    // What the working tree has is of no use to the old side, and what it lacks no loss.
    fs::remove_file(scratch.path().join("kubevet.lock")).unwrap();
    scratch.run(&["diff", "overlays/prod", "--against", "HEAD"]).ends_with(3).says("there is no kubevet.lock");
    scratch.run(&["vendor"]).ends_with(0);
    changed("HEAD");
    // A revision whose lock does not tell the truth builds nothing, and neither does one that kept nothing.
    let lock = fs::read_to_string(scratch.path().join("kubevet.lock")).unwrap();
    let hash = lock.split_once("hash: sha256:").unwrap().1.get(..64).unwrap();
    scratch.write("kubevet.lock", lock.replace(hash, &"0".repeat(64)));
    commit(&scratch);
    scratch.write("kubevet.lock", &lock);
    scratch.run(&["diff", "overlays/prod", "--against", "HEAD"]).ends_with(3).says("as it was, ").says("is not what kubevet.lock says");
    git(scratch.path(), &["rm", "-q", "-r", "--cached", "vendor"]);
    git(scratch.path(), &["commit", "-q", "--allow-empty", "-m", "without"]);
    scratch
        .run(&["diff", "overlays/prod", "--against", "HEAD"])
        .ends_with(3)
        .says("as it was, ")
        .says("is not there, and kubevet.lock names it");
}

#[test]
fn git_may_ignore_what_must_be_committed() {
    let up = upstream();
    let scratch = committed(on(&up, "?ref=v1").file(".gitignore", "vendor/\n"));
    scratch.run(&["vendor"]).ends_with(0).says("warning[vendor-ignored] git ignores vendor/kubevet");
    fs::remove_dir_all(scratch.path().join("vendor")).unwrap();
    scratch.run(&["check"]).ends_with(3).says("a .gitignore with `vendor` may have kept it out");
    scratch.write(".gitignore", "/vendor/*\n!/vendor/kubevet/\n");
    let run = scratch.run(&["vendor"]).ends_with(0);
    assert!(!run.stderr.contains("vendor-ignored"), "{}", run.stderr);
    // Nothing that is kept is an overlay.
    scratch.run(&["check", "--rule", "probes/startup"]).says("1 render (prod)");
}
