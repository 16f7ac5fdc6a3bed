//! Which directories are the overlays of a project.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::path::{Path, PathBuf};

use common::Scratch;
use kubevet::project::Project;

/// A project whose table names these globs, with an empty kustomization in each directory, or one that builds on others.
fn project(globs: &str, directories: &[(&str, &str)]) -> Scratch {
    let table = format!("version: 1\nenvironments:\n  prod: {{overlays: [{globs}]}}\n");
    let scratch = Scratch::empty().file("policies/environments.yaml", &table).file("policies/demo/probe.rego", common::PROBE_RULE);
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
        // What is spelled out is searched, wherever it lies.
        ("vendor/prod, .hidden/prod", &[("vendor/prod", ""), (".hidden/prod", "")], ".hidden/prod vendor/prod"),
        ("'*/target/*'", &[("a/target/b", ""), ("a/vendor/b", "")], "a/target/b"),
        // A circle is judged, and says so itself; what only leads into one, or only a circle leads to, is not forgotten.
        ("o", &[("o/a", "../b"), ("o/b", "../a"), ("o/c", "../a")], "o/c"),
        ("o", &[("o/a", "../b"), ("o/b", "../a, ../c"), ("o/c", "")], "o/a"),
    ] {
        let scratch = project(globs, directories);
        let found: Vec<String> = overlays(scratch.path()).iter().map(|dir| dir.display().to_string()).collect();
        let found: Vec<&str> = found.iter().map(|dir| if dir.is_empty() { "." } else { dir }).collect();
        assert_eq!(found.join(" "), expected, "{globs}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_what_is_searched_anyway_adds_nothing() {
    let scratch = project("elsewhere/prod, overlays/prod", &[("elsewhere/prod", "")]);
    link(&scratch, "elsewhere", "overlays");
    assert_eq!(overlays(scratch.path()), [Path::new("elsewhere/prod")]);
}

#[cfg(unix)]
#[test]
fn a_link_into_a_hidden_directory_is_followed() {
    let scratch = project("overlays", &[(".real/prod", ""), ("overlays/dev", "")]);
    link(&scratch, "../.real/prod", "overlays/prod");
    assert_eq!(overlays(scratch.path()), [Path::new("overlays/dev"), Path::new("overlays/prod")]);
    // It belongs where it really is, which the table does not name.
    let report = scratch.check(&["--format", "json"]).ends_with(2).json();
    assert!(report.to_string().contains(".real/prod belongs to no environment"), "{report}");
}

#[cfg(unix)]
fn link(scratch: &Scratch, target: &str, path: &str) {
    std::os::unix::fs::symlink(target, scratch.path().join(path)).unwrap();
}

const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

/// A finished project, and how a change to it ends: its exit code, and what the report says.
fn ends(scratch: &Scratch, code: i32, says: &str) {
    let run = scratch.check(&[]);
    let printed = run.stdout.clone() + &run.stderr;
    assert_eq!(run.code, code, "{printed}");
    assert!(printed.contains(says), "{says}:\n{printed}");
}

#[test]
fn an_overlay_that_becomes_a_component_is_judged_all_the_same() {
    let scratch = Scratch::project().file("overlays/prod/kustomization.yaml", &format!("{COMPONENT}resources: [../../base]\n"));
    ends(&scratch, 1, "demo/probe");
    // Without a table, what it is called counts.
    let scratch = Scratch::empty()
        .file("policies/demo/probe.rego", common::PROBE_RULE)
        .file("a/dev/kustomization.yaml", "resources: [deployment.yaml]\n")
        .file("a/dev/deployment.yaml", common::DEPLOYMENT)
        .file("a/production/kustomization.yaml", &format!("{COMPONENT}resources: [deployment.yaml]\n"))
        .file("a/production/deployment.yaml", common::DEPLOYMENT);
    ends(&scratch, 1, "a/production/deployment.yaml");
    // Where an overlay of another environment uses it, it is judged there; that nothing is judged as its own is said.
    let hidden = "nothing is judged as prod: a/production is a component";
    let uses = "resources: [deployment.yaml]\ncomponents: [../production]\nnameSuffix: -x\n";
    let scratch =
        scratch.file("a/dev/kustomization.yaml", uses).file("a/production/kustomization.yaml", &format!("{COMPONENT}namePrefix: x-\n"));
    ends(&scratch, 1, hidden);
    let scratch = scratch.file("b/live/kustomization.yaml", "resources: [../../a/dev]\n");
    assert!(!scratch.check(&[]).stderr.contains(hidden));
}

#[test]
fn an_overlay_that_a_new_component_lists_is_judged_all_the_same() {
    let scratch = Scratch::empty()
        .file("policies/demo/probe.rego", common::PROBE_RULE)
        .file("apps/live/kustomization.yaml", "resources: [deployment.yaml]\n")
        .file("apps/live/deployment.yaml", common::DEPLOYMENT)
        .file("parts/new/kustomization.yaml", &format!("{COMPONENT}resources: [../../apps/live]\n"));
    ends(&scratch, 1, "apps/live/deployment.yaml");
    ends(&scratch, 1, "nothing judges the component parts/new");
}

#[test]
fn an_environment_that_another_overlay_takes_in_is_judged_for_itself() {
    let delete = "resources: [../production]\npatches:\n- patch: |-\n    $patch: delete\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n";
    let scratch = Scratch::empty()
        .file("policies/demo/probe.rego", common::PROBE_RULE)
        .file("a/dev/kustomization.yaml", delete)
        .file("a/production/kustomization.yaml", "resources: [deployment.yaml]\n")
        .file("a/production/deployment.yaml", common::DEPLOYMENT);
    ends(&scratch, 4, "a/production/deployment.yaml");
}

#[test]
fn overlays_in_a_circle_are_an_error() {
    let scratch = Scratch::project()
        .file("overlays/dev/kustomization.yaml", "resources: [../prod]\n")
        .file("overlays/prod/kustomization.yaml", "resources: [../dev]\n");
    std::fs::remove_dir_all(scratch.path().join("base")).unwrap();
    ends(&scratch, 3, "a cycle");
    let scratch = Scratch::empty()
        .file("policies/demo/probe.rego", common::PROBE_RULE)
        .file("ok/dev/kustomization.yaml", "configMapGenerator: [{name: a, literals: [a=b]}]\n")
        .file("x/kustomization.yaml", "resources: [../y]\n")
        .file("y/kustomization.yaml", "resources: [../x]\n");
    ends(&scratch, 3, "a cycle");
}

#[test]
fn a_row_that_matches_nothing_is_an_error_with_its_line() {
    let scratch = Scratch::project();
    std::fs::remove_dir_all(scratch.path().join("overlays/prod")).unwrap();
    let report = scratch.check(&["--format", "json"]).ends_with(2).json();
    assert_eq!(report["errors"][0]["message"], "no kustomization is at \"overlays/prod\", which environment prod names");
    assert_eq!(report["errors"][0]["locations"][0]["line"], 4);
    // Patterns may be ahead of their directories, as long as the environment has any.
    let table = common::TABLE.replace("[overlays/prod]", "[overlays/prod, overlays/prod-*]");
    let scratch = Scratch::project().file("policies/environments.yaml", &table);
    let report = scratch.check(&["--format", "json"]).ends_with(1).json();
    assert_eq!(report["warnings"][0]["code"], "no-overlay");
    // Whoever names the environment and judges a stream asks for no overlay.
    scratch.check(&["overlays/dev", "--environment", "dev"]).ends_with(0);
}

#[cfg(unix)]
#[test]
fn policies_behind_links_count_and_none_leads_out() {
    let rule = &common::PROBE_RULE.replace("kubevet.demo.probe", "kubevet.demo.never");
    let scratch = Scratch::project().file("shared/never.rego", rule);
    link(&scratch, "../../shared/never.rego", "policies/demo/never.rego");
    ends(&scratch, 1, "demo/never");
    let elsewhere = Scratch::empty().file("never.rego", rule);
    let scratch = Scratch::project();
    link(&scratch, &elsewhere.path().join("never.rego").display().to_string(), "policies/demo/never.rego");
    ends(&scratch, 2, "policies/demo/never.rego is a symbolic link that leads out of");
    let scratch = Scratch::project();
    link(&scratch, "nowhere.rego", "policies/demo/never.rego");
    ends(&scratch, 2, "never.rego");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_as_nothing() {
    let pipe = |path: &str, code: i32, arguments: &[&str]| {
        let scratch = Scratch::project();
        std::fs::create_dir_all(scratch.path().join(path).parent().unwrap()).unwrap();
        let _ = std::fs::remove_file(scratch.path().join(path));
        let made = std::process::Command::new("mkfifo").arg(scratch.path().join(path)).status().unwrap();
        assert!(made.success());
        let run = scratch.check(arguments);
        let printed = run.stdout.clone() + &run.stderr;
        assert_eq!(run.code, code, "{path}: {printed}");
        assert!(printed.contains(&format!("{path} is not a regular file")), "{path}: {printed}");
    };
    pipe("overlays/prod/kustomization.yaml", 3, &[]);
    pipe("policies/environments.yaml", 2, &[]);
    pipe("policies/waivers.yaml", 2, &[]);
    pipe("policies/demo/probe.rego", 2, &[]);
    pipe("policies/schemas/a.yaml", 2, &[]);
    pipe("plain/a.yaml", 3, &["--manifests", "plain", "--environment", "prod"]);
    pipe("baseline.json", 2, &["--baseline", "baseline.json"]);
}

#[test]
fn what_stands_among_policies_is_read_or_named() {
    let table = common::TABLE;
    for (path, text, code, says) in [
        ("policies/environments.yml", table, 2, "policies/environments.yml is not read: its name must be environments.yaml"),
        ("policies/waivers.yml", "[]", 2, "policies/waivers.yml is not read: its name must be waivers.yaml"),
        ("policies/schemas/a.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourcedefinition\n", 1, "this defines no kind"),
        ("policies/schemas/a.YAML", "a: [", 2, "policies/schemas/a.YAML"),
    ] {
        ends(&Scratch::project().file(path, text), code, says);
    }
    // What is called like a kustomization, or leads nowhere, is no less an error.
    let scratch = Scratch::project();
    std::fs::create_dir_all(scratch.path().join("overlays/prod-2/kustomization.yaml")).unwrap();
    scratch.write("policies/environments.yaml", common::TABLE.replace("[overlays/prod]", "[overlays/prod, overlays/prod-2]"));
    ends(&scratch, 3, "overlays/prod-2");
    #[cfg(unix)]
    {
        let scratch = Scratch::empty().file("policies/demo/probe.rego", common::PROBE_RULE);
        let scratch = scratch.file("a/dev/kustomization.yaml", "configMapGenerator: [{name: a, literals: [a=b]}]\n");
        link(&scratch, "nowhere", "a/prod");
        ends(&scratch, 4, "a/prod holds no kustomization");
    }
    // A directory of definitions is one of policies.
    let scratch = Scratch::empty().file("a/prod/kustomization.yaml", "configMapGenerator: [{name: a, literals: [a=b]}]\n");
    ends(&scratch.file("policies/schemas/a.yaml", "a: ["), 2, "policies/schemas/a.yaml");
}

#[test]
fn what_the_table_excludes_is_counted_and_not_judged() {
    let scratch = project("overlays", &[("overlays/a", ""), ("overlays/old/b", ""), ("overlays/old/c", "")]);
    let table = |exclude: &str| {
        let text = format!("version: 1\nexclude: [{exclude}]\nenvironments:\n  prod: {{overlays: [overlays]}}\n");
        scratch.write("policies/environments.yaml", text);
        scratch.write("overlays/a/kustomization.yaml", "resources: [web.yaml]\n");
        scratch.write("overlays/a/web.yaml", common::DEPLOYMENT);
    };
    table("{path: overlays/old, reason: gone soon}");
    let run = scratch.run(&["check"]).ends_with(1).says("1 render (prod)").says("2 overlays excluded by the table");
    assert!(!run.stdout.contains("overlays/old"), "{}", run.stdout);
    let report = scratch.run(&["check", "--format", "json"]).json();
    assert_eq!(report["summary"]["excluded"][0], serde_json::json!({"path": "overlays/old/b", "reason": "gone soon"}));
    // Whoever names one means it.
    scratch.run(&["check", "overlays/old/b"]).ends_with(4).says("overlays/old/b renders to nothing");
    table("{path: overlays/*/b, reason: x}, {path: overlays/*/c, reason: y}, {path: gone, reason: z}");
    scratch.run(&["check"]).ends_with(1).says("warning[exclude-unused]").says("\"gone\" under exclude leaves out nothing");
    for (exclude, expected) in [
        ("{path: overlays/old}", "needs the field \"reason\""),
        ("{path: overlays/old, reason: ''}", "must not be empty"),
        ("{path: '[', reason: x}", "not a path or glob"),
        ("overlays/old", "must be a map"),
    ] {
        table(exclude);
        scratch.run(&["check"]).ends_with(2).says(expected).says("policies/environments.yaml:2");
    }
    table("{path: overlays, reason: nobody wants it}");
    scratch.run(&["check"]).ends_with(4).says("error[all-excluded]");
}

#[cfg(unix)]
#[test]
fn what_git_ignores_is_no_overlay_unless_it_is_committed() {
    let scratch = project("'**'", &[("overlays/a", ""), ("out/b", ""), ("out/keep/c", ""), ("scratch", "")]);
    scratch.write(".gitignore", "/out/\n!/out/keep/\n");
    scratch.write("overlays/.gitignore", "a\n");
    let git = |arguments: &[&str]| {
        let git = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let done = std::process::Command::new("git").args(git).args(arguments).current_dir(scratch.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let found = || overlays(scratch.path()).iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(" ");
    // Outside of a checkout nobody ignores anything.
    assert_eq!(found(), "out/b out/keep/c overlays/a scratch");
    git(&["init", "-q"]);
    assert_eq!(found(), "scratch");
    scratch.run(&["check"]).says("3 kustomizations ignored by git");
    // A change can't hide an overlay.
    git(&["add", "-f", "overlays/a", "scratch"]);
    git(&["commit", "-q", "-m", "t"]);
    assert_eq!(found(), "overlays/a scratch");
    // Whoever names a directory means it.
    scratch.run(&["check", "out"]).says("out/b").says("out/keep/c");
}
