//! `check --since REF`: what a change can affect is judged, and so is what can't be told.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::git::{commit, committed, git};
use common::{Run, Scratch, TABLE};

/// Two environments; prod has a component, a patch and a generator of its own.
fn project() -> Scratch {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n";
    let kustomization = "resources: [../../base]\ncomponents: [../../one]\npatches:\n  - path: web.yaml\nsecretGenerator:\n  - name: a\n    envs: [a.env]\n";
    committed(
        Scratch::project()
            .file("one/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [map.yaml]\n")
            .file("one/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n")
            .file("overlays/prod/kustomization.yaml", kustomization)
            .file("overlays/prod/web.yaml", patch)
            .file("overlays/prod/a.env", "A=1\n"),
    )
}

const ONLY_PROD: &str = "not affected, so not judged: overlays/dev";

fn since_head(scratch: &Scratch) -> Run {
    scratch.check(&["--since", "HEAD"])
}

#[test]
fn every_kind_of_file_that_a_render_reads() {
    let scratch = project();
    since_head(&scratch).ends_with(0).says("not affected, so not judged: overlays/dev, overlays/prod");
    for file in
        ["one/kustomization.yaml", "one/map.yaml", "overlays/prod/web.yaml", "overlays/prod/a.env", "overlays/prod/kustomization.yaml"]
    {
        let before = std::fs::read_to_string(scratch.path().join(file)).unwrap();
        scratch.write(file, format!("{before}\n# changed\n"));
        since_head(&scratch).says(ONLY_PROD).says("1 render (prod)");
        git(scratch.path(), &["checkout", "-q", "."]);
    }
    // The index counts as well as the working tree.
    scratch.write("overlays/prod/a.env", "A=2\n");
    git(scratch.path(), &["add", "-A"]);
    since_head(&scratch).says(ONLY_PROD);
}

#[test]
fn deleted_and_renamed_files() {
    let scratch = project();
    std::fs::remove_file(scratch.path().join("one/map.yaml")).unwrap();
    since_head(&scratch).ends_with(3).says("error[render-failed]").says(ONLY_PROD);
    git(scratch.path(), &["checkout", "-q", "."]);
    git(scratch.path(), &["mv", "overlays/prod/web.yaml", "overlays/prod/patch.yaml"]);
    let kustomization = std::fs::read_to_string(scratch.path().join("overlays/prod/kustomization.yaml")).unwrap();
    scratch.write("overlays/prod/kustomization.yaml", kustomization.replace("web.yaml", "patch.yaml"));
    commit(&scratch);
    scratch.check(&["--since", "HEAD~1"]).says(ONLY_PROD).says("1 render (prod)");
    // Renamed in the kustomization's place: the overlay itself is another one now.
    git(scratch.path(), &["mv", "overlays/dev", "overlays/qa"]);
    let table = TABLE.replace("overlays/dev", "overlays/qa");
    scratch.write("policies/environments.yaml", table);
    since_head(&scratch).says("2 renders (dev, prod)");
}

#[test]
fn untracked_and_ignored_files() {
    let scratch = project();
    scratch.write("overlays/prod/b.env", "B=1\n");
    let kustomization = std::fs::read_to_string(scratch.path().join("overlays/prod/kustomization.yaml")).unwrap();
    scratch.write("overlays/prod/kustomization.yaml", kustomization.replace("[a.env]", "[a.env, b.env]"));
    scratch.write(".gitignore", "b.env\n");
    commit(&scratch);
    // Git knows nothing of b.env, so neither does kubevet.
    since_head(&scratch).says(ONLY_PROD).says("1 render (prod)");
}

#[test]
fn policies_affect_everything() {
    for (file, text) in [
        ("policies/environments.yaml", format!("{TABLE}# changed\n")),
        ("policies/waivers.yaml", "version: 1\nwaivers: []\n".to_owned()),
        ("policies/demo/probe.rego", format!("{}# changed\n", common::PROBE_RULE)),
    ] {
        let scratch = project();
        scratch.write(file, text);
        since_head(&scratch).says("2 renders (dev, prod)");
    }
    let scratch = committed(project().file("policies/demo/other.rego", &common::PROBE_RULE.replace("demo.probe", "demo.other")));
    std::fs::remove_file(scratch.path().join("policies/demo/other.rego")).unwrap();
    since_head(&scratch).says("2 renders (dev, prod)");
}

#[test]
fn what_cannot_be_told_is_judged() {
    let scratch = project();
    let run = scratch.check(&["--since", "no-such-revision"]).ends_with(1).says("warning[since-unknown]").says("2 renders (dev, prod)");
    run.says("git knows no revision \"no-such-revision\"").says("fetch-depth: 0");
    scratch.check(&["--since=--output=x"]).ends_with(1).says("warning[since-unknown]");
    Scratch::project().check(&["--since", "HEAD"]).ends_with(1).says("warning[since-unknown]").says("2 renders (dev, prod)");
    // A shallow clone lacks the revision.
    scratch.write("readme.md", "two");
    commit(&scratch);
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", scratch.path().display());
    git(clone.path(), &["clone", "-q", "--depth", "1", &url, "."]);
    let output = common::kubevet().args(["check", "--rule", "demo/*", "--since", "HEAD~1"]).current_dir(clone.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("warning[since-unknown]") && text.contains("2 renders (dev, prod)"), "{text}");
}

/// The repository of the project counts, not that of the working directory.
#[test]
fn from_another_directory() {
    let scratch = project();
    let other = committed(Scratch::empty().file("readme.md", "other"));
    let overlay = scratch.path().join("overlays");
    let run = other.run(&["check", overlay.to_str().unwrap(), "--rule", "demo/*", "--since", "HEAD"]);
    run.ends_with(0).says("nothing that changed is judged");
    scratch.write("overlays/prod/a.env", "A=2\n");
    let run = other.run(&["check", overlay.to_str().unwrap(), "--rule", "demo/*", "--since", "HEAD"]);
    run.ends_with(1).says("1 render (prod)");
}

/// An overlay that lives on what another one of its environment has is judged with it.
#[test]
fn overlays_that_lean_on_each_other() {
    let using = format!("{}          envFrom: [{{configMapRef: {{name: settings}}}}]\n", common::DEPLOYMENT);
    let scratch = committed(
        Scratch::empty()
            .file("web/prod/kustomization.yaml", "resources: [deployment.yaml]\n")
            .file("web/prod/deployment.yaml", &using)
            .file("api/prod/kustomization.yaml", "resources: [deployment.yaml]\n")
            .file("api/prod/deployment.yaml", common::DEPLOYMENT)
            .file("settings/prod/kustomization.yaml", "resources: [settings.yaml]\n")
            .file("settings/prod/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"),
    );
    scratch.write("settings/prod/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n");
    let run = scratch.run(&["check", "--rule", "references/configmap", "--rule", "schema/*", "--since", "HEAD"]).ends_with(1);
    run.says("not affected, so not judged: api/prod").says("ConfigMap default/settings does not exist");
}

#[test]
fn since_judges_what_a_change_can_affect() {
    let scratch = Scratch::project()
        .file("overlays/dev/kustomization.yaml", "resources: [../../base]\nconfigMapGenerator:\n  - name: a\n    files: [a.conf]\n")
        .file("overlays/dev/a.conf", "a\n")
        .file("readme.md", "");
    let scratch = committed(scratch);
    let since = |revision: &str| scratch.check(&["--since", revision]);

    since("HEAD").ends_with(0).says("not affected, so not judged: overlays/dev, overlays/prod");
    scratch.write("readme.md", "changed");
    since("HEAD").ends_with(0).says("nothing that changed is judged");
    scratch.write("overlays/dev/a.conf", "b\n");
    since("HEAD").ends_with(0).says("not affected, so not judged: overlays/prod").says("1 render (dev)");
    scratch.write("base/deployment.yaml", format!("{}# end\n", common::DEPLOYMENT));
    since("HEAD").ends_with(1).says("2 renders (dev, prod)");

    git(scratch.path(), &["add", "-A"]);
    git(scratch.path(), &["commit", "-q", "-m", "two"]);
    since("HEAD").ends_with(0).says("nothing that changed");
    since("HEAD~1").ends_with(1).says("2 renders (dev, prod)");
    // A new file that a kustomization now names.
    scratch.write("overlays/prod/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n");
    scratch.write("overlays/prod/kustomization.yaml", "resources: [../../base, extra.yaml]\n");
    since("HEAD").ends_with(1).says("not affected, so not judged: overlays/dev").says("1 render (prod)");
    // A policy affects everything, and so does what can't be told.
    scratch.write("policies/environments.yaml", format!("{TABLE}# changed\n"));
    since("HEAD").ends_with(1).says("2 renders (dev, prod)");
    since("no-such-revision").ends_with(1).says("warning[since-unknown]").says("2 renders (dev, prod)");
    scratch.check(&["--since=--output=x"]).ends_with(1).says("warning[since-unknown]");
}
