//! How kustomizations are built: as is asked for, else as the table says. Which Kustomize counts, else 5.6, and which files may be read.

mod common;

use common::Scratch;

const KUSTOMIZATION: &str =
    "resources: [map.yaml]\nreplacements:\n- sourceValue: new\n  targets:\n  - {select: {kind: ConfigMap}, fieldPaths: [data.a]}\n";
const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: old}\n";

fn scratch() -> Scratch {
    Scratch::project().file("overlays/prod/kustomization.yaml", KUSTOMIZATION).file("overlays/prod/map.yaml", MAP)
}

fn table(kustomize: &str) -> String {
    format!("{}\nkustomize: {kustomize}\n", common::TABLE)
}

#[test]
fn a_field_of_a_newer_version_is_refused_by_its_name() {
    let scratch = scratch();
    for arguments in [&["render", "overlays/prod"][..], &["check", "overlays/prod"], &["graph", "overlays/prod"]] {
        let run = scratch.run(arguments).ends_with(3);
        let run = run.says("`sourceValue` is known since Kustomize 5.8");
        run.says("--kustomize 5.8");
    }
}

#[test]
fn an_argument_counts_more_than_the_table() {
    let scratch = scratch();
    scratch.run(&["render", "overlays/prod", "--kustomize", "5.8"]).ends_with(0).says("a: new");
    scratch.run(&["check", "overlays/prod", "--kustomize", "5.8"]).ends_with(0);
    for version in ["\"5.8\"", "5.8"] {
        let scratch = Scratch::project()
            .file("overlays/prod/kustomization.yaml", KUSTOMIZATION)
            .file("overlays/prod/map.yaml", MAP)
            .file("policies/environments.yaml", &table(version));
        scratch.run(&["render", "overlays/prod"]).ends_with(0).says("a: new");
        scratch.run(&["render", "overlays/prod", "--origins"]).ends_with(0).says("a: new");
        scratch.run(&["check", "overlays/prod"]).ends_with(0);
        scratch.run(&["graph", "overlays/prod", "--kustomize", "5.6"]).ends_with(3).says("since Kustomize 5.8");
    }
}

#[test]
fn other_versions_are_not_known() {
    scratch().run(&["check", "--kustomize", "4.5"]).ends_with(2).says("5.6 or 5.8");
    let scratch = scratch().file("policies/environments.yaml", &table("latest"));
    scratch.run(&["check", "overlays/prod"]).ends_with(2).says("the version of Kustomize is 5.6 or 5.8");
    scratch.run(&["render", "overlays/prod"]).ends_with(2).says("environments.yaml");
}

/// A project with an overlay that reads a file beside it and one, `out`, that reads a file outside of the project.
fn reading(table: &str) -> (Scratch, Scratch) {
    let outside = Scratch::empty().file("secret.txt", "secret of the machine\n");
    let overlay = |file: &str| format!("resources: [map.yaml]\nconfigMapGenerator: [{{name: made, files: [\"{file}\"]}}]\n");
    let scratch = Scratch::project()
        .file("policies/environments.yaml", &format!("{}{table}", common::TABLE))
        .file("shared/values.txt", "of the project\n")
        .file("overlays/prod/map.yaml", MAP)
        .file("overlays/prod/kustomization.yaml", &overlay("../../shared/values.txt"))
        .file("out/map.yaml", MAP)
        .file("out/kustomization.yaml", &overlay(&outside.path().join("secret.txt").display().to_string()));
    (scratch, outside)
}

const OPEN: &str = "LoadRestrictionsNone";

#[test]
fn what_lies_beside_a_kustomization_is_read_where_somebody_says_so() {
    let (scratch, _outside) = reading("");
    for command in [&["render"][..], &["check", "-e", "prod"], &["graph"]] {
        for (overlay, opened) in [("overlays/prod", "of the project"), ("out", "secret of")] {
            let arguments = [command, &[overlay]].concat();
            let refused = scratch.run(&arguments).ends_with(3).says("is not in or below the directory of the kustomization");
            refused.says("--load-restrictor LoadRestrictionsNone").says("kustomization.yaml:2:");
            let run = scratch.run(&[&arguments[..], &["--load-restrictor", OPEN]].concat());
            assert!(run.code < 2, "{command:?} {overlay}: {run:?}");
            if command == ["render"] {
                run.says(opened);
            }
        }
    }
    scratch.run(&["render", "overlays/prod", "--load-restrictor", "None"]).ends_with(2).says(OPEN);
}

#[test]
fn the_table_opens_the_project_and_no_more() {
    let (scratch, _outside) = reading("loadRestrictor: LoadRestrictionsNone\n");
    scratch.run(&["render", "overlays/prod"]).ends_with(0).says("of the project");
    let run = scratch.run(&["check", "overlays/prod"]);
    assert!(run.code < 2, "{run:?}");
    for command in [&["render"][..], &["check", "-e", "prod"]] {
        let run = scratch.run(&[command, &["out"]].concat()).ends_with(3);
        let run = run.says("the directory that holds policies/ and nothing else");
        assert!(!format!("{run:?}").contains("secret of"), "{run:?}");
    }
    let closed = ["render", "overlays/prod", "--load-restrictor", "LoadRestrictionsRootOnly"];
    scratch.run(&closed).ends_with(3).says("is not in or below");
    let (scratch, _outside) = reading("loadRestrictor: all\n");
    scratch.run(&["check", "overlays/prod"]).ends_with(2).says("LoadRestrictionsRootOnly or LoadRestrictionsNone");
}
