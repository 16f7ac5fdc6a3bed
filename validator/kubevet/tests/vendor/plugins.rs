//! Plugins that are programs or containers: never run, refused by name, or passed over where the table says so.

use std::fs;

use super::MAP;
use super::common::Scratch;

const KSOPS: &str = "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: secrets\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ksops}\nfiles: [secret.enc.yaml]\n";

/// A project whose prod needs a plugin, with what its row of the table has besides.
fn project(field: &str, plugin: &str, row: &str) -> Scratch {
    Scratch::empty()
        .file("policies/environments.yaml", &format!("version: 1\nenvironments:\n  prod: {{overlays: [overlays/prod]{row}}}\n"))
        .file("overlays/prod/kustomization.yaml", &format!("resources: [a.yaml]\n{field}: [plugin.yaml]\n"))
        .file("overlays/prod/a.yaml", MAP)
        .file("overlays/prod/plugin.yaml", plugin)
        .file("overlays/prod/secret.enc.yaml", "sops: {}\n")
}

#[test]
fn a_root_that_needs_one_is_refused_by_name() {
    let container = "apiVersion: example.com/v1\nkind: Limits\nmetadata:\n  name: l\n  annotations: {config.kubernetes.io/function: 'container: {image: \"example.com/limits:v1\"}'}\n";
    for (field, plugin, says) in [
        ("generators", KSOPS, "the generator ksops `secrets` (viaduct.ai/v1) is the program `ksops`, which kubevet never runs"),
        ("transformers", container, "the transformer Limits `l` (example.com/v1) is the container `example.com/limits:v1`"),
        ("validators", container, "the validator Limits `l` (example.com/v1) is the container"),
        (
            "generators",
            "apiVersion: example.com/v1\nkind: Old\nmetadata: {name: o}\n",
            "the generator Old `o` (example.com/v1) is a program of its own",
        ),
    ] {
        let run = project(field, plugin, "").run(&["check"]).ends_with(3);
        run.says(says).says("overlays/prod/plugin.yaml:1:1").says(&format!("`assume: {{{field}: skip}}`"));
        // To pass over one kind of plugins is not to pass over another.
        let other = if field == "generators" { "transformers" } else { "generators" };
        project(field, plugin, &format!(", assume: {{{other}: skip}}")).run(&["check"]).ends_with(3).says(says);
        let skipping = project(field, plugin, &format!(", assume: {{{field}: skip}}"));
        skipping.run(&["render", "overlays/prod"]).ends_with(3).says(says).says("`render` prints all that there is or nothing");
    }
}

#[test]
fn what_is_passed_over_is_accounted_for() {
    let scratch = project("generators", KSOPS, ", assume: {generators: skip}");
    let run = scratch.run(&["check", "--rule", "kustomize/*"]).ends_with(0);
    run.says("1 render (prod), 1 object").says(
        "not judged: the generator ksops `secrets` (viaduct.ai/v1) is the program `ksops`, and was not run: what it makes is missing (overlays/prod/plugin.yaml:1)",
    );
    let report = scratch.run(&["check", "--rule", "kustomize/*", "--format", "json"]).ends_with(0).json();
    let not_run = &report["summary"]["coverage"]["notRun"];
    assert_eq!((&not_run[0]["file"], &not_run[0]["line"]), (&"overlays/prod/plugin.yaml".into(), &1.into()), "{not_run}");
    // A base of another directory, and inline.
    scratch.write("overlays/prod/kustomization.yaml", "resources: [../../base]\n");
    scratch.write(
        "base/kustomization.yaml",
        format!("resources: [a.yaml]\ngenerators:\n- |-\n{}", KSOPS.lines().map(|line| format!("  {line}\n")).collect::<String>()),
    );
    scratch.write("base/a.yaml", MAP);
    scratch.run(&["check", "--rule", "kustomize/*"]).ends_with(0).says("was not run: what it makes is missing (base/kustomization.yaml:");
}

/// A picture leaves out what `check` leaves out, and says so.
#[test]
fn a_picture_without_it_says_so() {
    let project = |row| project("generators", KSOPS, row).file("overlays/prod/a.yaml", super::DEPLOYMENT);
    project("").run(&["graph", "overlays/prod"]).ends_with(3).says("which kubevet never runs");
    let run = project(", assume: {generators: skip}").run(&["graph", "overlays/prod"]).ends_with(0);
    run.says("flowchart LR").says("warning[plugin-skipped]").says("what it makes is missing").says("overlays/prod/plugin.yaml:1:1");
}

#[test]
fn the_table_says_what_may_be_passed_over() {
    for (row, says) in [
        (", assume: {generators: run}", "\"generators\" can only be skip"),
        (", assume: {generator: skip}", "no field \"generator\""),
        (", assume: skip", "must be a map"),
    ] {
        project("generators", KSOPS, row).run(&["check"]).ends_with(2).says("policies/environments.yaml:3").says(says);
    }
    // A change of it is told.
    let scratch = super::committed(project("generators", KSOPS, ""));
    let path = scratch.path().join("policies/environments.yaml");
    let table = fs::read_to_string(&path).unwrap();
    fs::write(&path, table.replace("[overlays/prod]", "[overlays/prod], assume: {generators: skip}")).unwrap();
    scratch.run(&["check", "--policy-from", "HEAD"]).ends_with(3).says("what builds of prod may leave out is something else (`assume`)");
}
