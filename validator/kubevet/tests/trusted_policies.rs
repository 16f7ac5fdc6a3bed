//! Whose policies judge a change: those of the base where it says so, and a report names what the change does to them, and what takes the
//! place of kubevet's own.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::git::{commit, committed, git};
use common::{PROBE_RULE, Run, Scratch, TABLE, kubevet};

const WAIVER: &str =
    "version: 1\nwaivers:\n  - rule: demo/probe\n    object: {kind: Deployment, name: web}\n    reason: agreed\n    expiry: 9999-12-31\n";

/// A project in a repository.
fn project() -> Scratch {
    committed(Scratch::project())
}

/// Judges by the policies of the base.
fn from_base(scratch: &Scratch) -> Run {
    scratch.check(&["--policy-from", "HEAD"])
}

fn warnings(run: &Run) -> Vec<String> {
    let report = run.json();
    let warnings = report["warnings"].as_array().unwrap().iter();
    let shown = |warning: &serde_json::Value| {
        let location = &warning["locations"][0];
        let at = format!("{}:{}", location["file"].as_str().unwrap_or_default(), location["line"]);
        format!("{} {at} {}", warning["code"].as_str().unwrap(), warning["message"].as_str().unwrap())
    };
    warnings.map(shown).collect()
}

/// Each kind of change to what a project is judged by: the report names it, whichever it is judged by, and the base's policies still judge.
#[test]
fn changes_to_policies() {
    let off = TABLE.replace("{dev: warn, prod: deny, why: a hang in dev disturbs nobody}", "{dev: warn, prod: off}");
    let other_rule = PROBE_RULE.replace("livenessProbe\n\tmsg", "livenessProbe\n\tfalse\n\tmsg");
    let new_rule = PROBE_RULE.replace("demo.probe", "demo.other");
    let liveness = PROBE_RULE.replace("kubevet.demo.probe", "kubevet.probes.liveness");
    for (file, text, expected) in [
        ("policies/environments.yaml", off.as_str(), "policies/environments.yaml:6 demo/probe is now off in prod (was deny)"),
        (
            "policies/environments.yaml",
            &TABLE.replace("[overlays/prod]", "[overlays/prod, overlays/qa]").replace("other: 3", "other: 4"),
            "policies/environments.yaml:4 overlays of prod are now overlays/prod, overlays/qa (were overlays/prod)\
             \npolicies-changed policies/environments.yaml:4 parameters of prod are others",
        ),
        (
            "policies/environments.yaml",
            &TABLE.replace("  prod:", "  qa: {overlays: [qa]}\n  prod:").replace("prod: deny", "qa: off, prod: deny"),
            "policies/environments.yaml:4 environment qa is new: qa",
        ),
        (
            "policies/environments.yaml",
            &format!("exclude: [{{path: overlays/prod, reason: too strict}}]\n{TABLE}"),
            "policies/environments.yaml:1 overlays at overlays/prod are left out now: too strict",
        ),
        (
            "policies/waivers.yaml",
            WAIVER,
            "policies/waivers.yaml:3 new waiver: demo/probe of Deployment web in every environment until 9999-12-31: agreed",
        ),
        ("policies/demo/probe.rego", &other_rule, "policies/demo/probe.rego:1 rule demo/probe is another one"),
        ("policies/demo/other.rego", &new_rule, "policies/demo/other.rego:1 rule demo/other is new"),
        ("policies/lib/mine.rego", "package kubevet.lib.mine\n\nx := 1\n", "policies/lib/mine.rego:1 policy lib/mine.rego is new"),
        ("policies/products.yaml", "[]\n", "policies/products.yaml:1 products.yaml is new"),
        (
            "policies/probes/liveness.rego",
            &liveness,
            "policies/probes/liveness.rego:1 rule probes/liveness takes the place of kubevet's own",
        ),
    ] {
        let scratch = project();
        // `products.yaml` is read strictly; what kubevet itself has is right.
        let own = std::fs::read_to_string(common::repository().join("policies/products.yaml")).unwrap() + "# changed\n";
        scratch.write(file, if file.ends_with("products.yaml") { &own } else { text });
        let expected = format!("policies-changed {expected}");
        let run = scratch.check(&["--policy-from", "HEAD", "--format", "json"]).ends_with(1);
        assert_eq!(warnings(&run).join("\n"), expected);
        // Judged by its own policies it may pass, but not without a word.
        let run = scratch.check(&["--since", "HEAD", "--format", "json"]);
        let own: Vec<String> = warnings(&run).into_iter().filter(|warning| warning.starts_with("policies-changed")).collect();
        assert_eq!(own.join("\n"), expected);
        commit(&scratch);
        assert_eq!(warnings(&scratch.check(&["--policy-from", "HEAD~1", "--format", "json"]).ends_with(1)).join("\n"), expected);
        // What is part of the base is no change.
        assert!(!from_base(&scratch).stdout.contains("policies-changed"));
    }
}

#[test]
fn what_is_taken_away() {
    let scratch = committed(Scratch::project().file("policies/waivers.yaml", WAIVER));
    std::fs::remove_file(scratch.path().join("policies/waivers.yaml")).unwrap();
    from_base(&scratch).ends_with(0).says("waiver gone: demo/probe of Deployment web").says("policies/waivers.yaml");
    scratch.check(&["--since", "HEAD"]).ends_with(1).says("waiver gone: demo/probe of Deployment web");

    let scratch = project();
    std::fs::remove_dir_all(scratch.path().join("policies/demo")).unwrap();
    scratch.write("policies/environments.yaml", TABLE.split("rules:").next().unwrap());
    from_base(&scratch).ends_with(1).says("rule demo/probe is gone").says("error[demo/probe]");

    // Without any policies left, kubevet's own would judge.
    let scratch = project();
    std::fs::remove_dir_all(scratch.path().join("policies")).unwrap();
    let run = scratch.run(&["check", "--rule", "demo/*", "--policy-from", "HEAD"]).ends_with(1);
    run.says("there is no table any more: kubevet's own holds").says("rule demo/probe is gone").says("error[demo/probe]");
}

/// Where the base has no policies, a change can't bring its own along.
#[test]
fn policies_that_are_new_do_not_count_yet() {
    let scratch = Scratch::empty()
        .file("overlays/prod/kustomization.yaml", "resources: [deployment.yaml]\n")
        .file("overlays/prod/deployment.yaml", common::DEPLOYMENT);
    let scratch = committed(scratch);
    let table = "version: 1\nenvironments:\n  prod: {overlays: [overlays/prod]}\nrules:\n  probes/liveness: {prod: off}\n";
    for file in ["policies/environments.yaml", "overlays/policies/environments.yaml"] {
        scratch.write(file, table);
        let run = scratch.run(&["check", "overlays/prod", "--policy-from", "HEAD", "--rule", "probes/liveness"]).ends_with(1);
        run.says("there is a table now; kubevet's own held").says("probes/liveness is now off in prod (was deny)").says(file);
        std::fs::remove_file(scratch.path().join(file)).unwrap();
    }
    // A directory that somebody names must be there.
    scratch.write("other/environments.yaml", table);
    let run = scratch.run(&["check", "--policy", "other", "--policy-from", "HEAD"]).ends_with(2);
    run.says("other is not there in revision \"HEAD\"");
    scratch.run(&["check", "--policy-from", "no-such-revision"]).ends_with(2).says("git knows no revision \"no-such-revision\"");
    Scratch::project().check(&["--policy-from", "HEAD"]).ends_with(2).says("not in a git checkout");
}

/// Policies that the next change would be judged by must be right, whatever this one is judged by.
#[test]
fn wrong_policies_of_a_change() {
    for (file, text, said) in [
        ("policies/environments.yaml", "version: 2\n", "error[environments]"),
        ("policies/demo/probe.rego", "package\n", "error[policy-load]"),
        ("policies/waivers.yaml", "version: 1\nwaivers: [{}]\n", "error[waivers]"),
    ] {
        let scratch = project();
        scratch.write(file, text);
        from_base(&scratch).ends_with(2).says(said).says(file);
    }
}

/// A link where policies were leads nowhere that counts.
#[cfg(unix)]
#[test]
fn links_in_place_of_policies() {
    let scratch = project();
    let elsewhere = Scratch::empty().file("environments.yaml", &TABLE.replace("prod: deny", "prod: off"));
    std::fs::rename(scratch.path().join("policies"), scratch.path().join("old")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), scratch.path().join("policies")).unwrap();
    scratch.run(&["check", "--policy", "policies", "--policy-from", "HEAD"]).ends_with(2).says("demo/probe");
    commit(&scratch);
    // Of a link in the base it is not known what it led to.
    from_base(&scratch).ends_with(2).says("this is a link");
}

/// A directory that policies lead to by a link can change without them.
#[cfg(unix)]
#[test]
fn links_among_policies() {
    let scratch = Scratch::project().file("crds/readme.md", "");
    std::os::unix::fs::symlink("../crds", scratch.path().join("policies/schemas")).unwrap();
    let scratch = committed(scratch);
    from_base(&scratch).ends_with(2).says("HEAD:policies/schemas").says("this is a link");
    scratch.check(&["--since", "HEAD"]).ends_with(1).says("2 renders (dev, prod)");
}

/// Where a change leaves policies alone, people see their files; else which revision has them.
#[test]
fn where_policies_are() {
    let scratch = committed(Scratch::project().file("policies/waivers.yaml", &WAIVER.replace("9999", "2000")));
    let json = || scratch.check(&["--policy-from", "HEAD", "--format", "json"]).ends_with(1).json();
    assert_eq!(json()["errors"][0]["locations"][0]["file"], "policies/waivers.yaml");
    scratch.write("policies/waivers.yaml", WAIVER);
    assert_eq!(json()["errors"][0]["locations"][0]["file"], "HEAD:policies/waivers.yaml");
}

#[test]
fn the_baseline_of_the_base() {
    let scratch = project();
    scratch.check(&["--write-baseline", "policies/baseline.json"]).ends_with(0);
    let baseline = ["--baseline", "policies/baseline.json"];
    let with = |arguments: &[&str]| scratch.check(&[&baseline, arguments].concat());
    with(&["--policy-from", "HEAD"]).ends_with(2).says("policies/baseline.json is not there in revision \"HEAD\"");
    commit(&scratch);
    with(&["--policy-from", "HEAD"]).ends_with(0);
    // One finding more, and a baseline that accepts it.
    let file = |name: &str| scratch.path().join(name);
    let text = std::fs::read_to_string(file("base/deployment.yaml")).unwrap();
    scratch.write("base/deployment.yaml", text + "        - {name: other, image: nginx}\n");
    std::fs::remove_file(file("policies/baseline.json")).unwrap();
    scratch.check(&["--write-baseline", "policies/baseline.json"]).ends_with(0);
    let run = with(&["--policy-from", "HEAD"]).ends_with(1);
    run.says("the baseline now accepts: dev: Deployment web-dev/web: demo/probe; prod: Deployment web-prod/web: demo/probe");
    with(&["--since", "HEAD"]).ends_with(0).says("the baseline now accepts");
    // What an overlay was accepted for before is judged, although nothing of it changed.
    git(scratch.path(), &["checkout", "-q", "base"]);
    scratch.write("policies/baseline.json", "{\"version\": 1, \"findings\": []}\n");
    with(&["--since", "HEAD"]).ends_with(1).says("the baseline no longer accepts").says("2 renders");
}

/// A checkout of the base beside the one that is judged, whichever of the two lies in the other.
#[test]
fn a_trusted_checkout_elsewhere() {
    let trusted = project();
    let policies = trusted.path().join("policies");
    let policies = policies.to_str().unwrap();
    let judged = project();
    judged.write("policies/environments.yaml", TABLE.replace("prod: deny", "prod: off"));
    judged.check(&["--policy", policies]).ends_with(1).says("2 renders (dev, prod)");
    judged.check(&["overlays/prod", "--policy", policies, "--since", "HEAD"]).ends_with(1);
    judged.check(&["--policy", policies, "--policy-from", "HEAD"]).ends_with(1).says("2 renders (dev, prod)");

    for inside in [judged.path().join("trusted"), trusted.path().join("judged")] {
        let from = if inside.ends_with("trusted") { trusted.path() } else { judged.path() };
        git(inside.parent().unwrap(), &["clone", "-q", from.to_str().unwrap(), inside.to_str().unwrap()]);
    }
    judged.check(&["overlays", "--policy", "trusted/policies"]).ends_with(1).says("2 renders (dev, prod)");
    judged.check(&["overlays", "--policy", "trusted/policies", "--policy-from", "HEAD"]).ends_with(1).says("2 renders (dev, prod)");
    trusted.check(&["judged", "--policy", "policies"]).ends_with(1).says("2 renders (dev, prod)");
    // Without a checkout, the table's paths begin where kubevet runs.
    let plain = Scratch::project();
    plain.check(&["--policy", policies]).ends_with(1).says("2 renders (dev, prod)");
}

#[test]
fn nothing_changes_kubevets_own_rules_in_silence() {
    let liveness = PROBE_RULE.replace("kubevet.demo.probe", "kubevet.probes.liveness");
    let scratch = Scratch::project().file("policies/probes/liveness.rego", &liveness);
    let run = scratch.run(&["check", "--rule", "demo/*"]).ends_with(1);
    run.says("warning[policy-replaced] policies/probes/liveness.rego takes the place of kubevet's own kubevet.probes.liveness");
    // What only happens to be called the same is one more.
    let scratch = Scratch::project().file("policies/probes/liveness.rego", "package main\n\ndeny contains \"no\" if true\n");
    let run = scratch.run(&["rules"]).ends_with(0);
    assert!(run.stdout.contains("\nprobes/liveness ") && run.stdout.contains("\nmain "), "{}", run.stdout);

    for (file, text) in [
        ("lib/zz.rego", "package kubevet.lib.workload\n\ncontainers := []\n"),
        ("lib/pods.rego", "package kubevet.lib.workload\n\ncontainers := []\n"),
        ("zz.rego", "package kubevet[\"lib\"].workload\n\nx := []\n"),
        ("zz.rego", "package\tkubevet.lib.workload\n\nx := []\n"),
        ("zz.rego", "package kubevet[\"l\\u0069b\"].workload\n\nx := []\n"),
        ("zz.rego", "package kubevet.lib.workload.containers\n\nx := []\n"),
        ("zz.rego", "package kubevet.lib\n\nworkload := {}\n"),
        ("zz.rego", "package kubevet.lib\n\nworkload.containers := []\n"),
        ("zz.rego", "package kubevet\n\nprobes[\"liveness\"] := {}\n"),
        ("zz.rego", "package kubevet.probes.liveness.deny\n\nx := []\n"),
        ("zz.rego", "package environment\n\nname := \"dev\"\n"),
        ("zz.rego", "package kubevet_batch\n\nq0 := []\n"),
    ] {
        let scratch = Scratch::project().file(&format!("policies/{file}"), text);
        scratch.check(&[]).ends_with(2).says("conflicts with kubevet's own package").says(&format!("policies/{file}:1:1"));
    }
    let scratch = Scratch::project().file("policies/lib/mine.rego", "package kubevet.lib.mine\n\nx := 1\n");
    let run = scratch.check(&[]).ends_with(1);
    assert!(!run.stdout.contains("kubevet.lib.mine"), "{}", run.stdout);
}

/// Every format names what a change does to the policies.
#[test]
fn in_every_format() {
    let scratch = project();
    scratch.write("policies/waivers.yaml", WAIVER);
    for format in ["human", "json", "sarif", "junit", "github", "markdown"] {
        from_base(&scratch).ends_with(1);
        scratch.check(&["--policy-from", "HEAD", "--format", format]).ends_with(1).says("new waiver: demo/probe");
    }
}

/// A hook runs with variables that name the repository and its index.
#[test]
fn in_a_hook() {
    let scratch = project();
    let output = kubevet()
        .args(["check", "--rule", "demo/*", "--policy-from", "HEAD"])
        .current_dir(scratch.path().join("overlays"))
        .envs([("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index"), ("GIT_PREFIX", "")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Data decides what is found as policies do: that of the base counts, and a change to it is told.
#[test]
fn data_is_that_of_the_base_too() {
    let policy = "package main\n\nimport rego.v1\n\ndeny contains \"not allowed\" if not input.metadata.name in data.allowed\n";
    let scratch = committed(Scratch::project().file("data/one.yaml", "allowed: [db]\n").file("policies/allowed.rego", policy));
    let check = |more: &[&str]| {
        let all = [&["check", "overlays/prod", "--rule", "main", "--format", "json"], more].concat();
        scratch.run(&all)
    };
    check(&["--data", "data"]).ends_with(1);
    scratch.write("data/one.yaml", "allowed: [db, web]\n");
    check(&["--data", "data"]).ends_with(0);
    for path in ["data", "data/one.yaml"] {
        let run = check(&["--data", path, "--policy-from", "HEAD"]).ends_with(1);
        assert_eq!(warnings(&run), [format!("policies-changed {path}:1 the data of --data is other data")]);
        // Whatever else did not change is judged again.
        let run = check(&["--data", path, "--since", "HEAD"]).ends_with(0);
        assert_eq!(run.json()["summary"]["skipped"], serde_json::json!([]), "{path}");
    }
    scratch.write("other/two.yaml", "allowed: [web]\n");
    check(&["--data", "other", "--policy-from", "HEAD"]).ends_with(2).says("other is not there in revision");
    check(&["--data", "other/two.yaml", "--policy-from", "HEAD"]).ends_with(2).says("is not there in revision");
}
