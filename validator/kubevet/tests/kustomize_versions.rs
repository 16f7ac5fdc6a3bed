//! Which Kustomize counts: the one that is asked for, else the table's, else 5.6.

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
