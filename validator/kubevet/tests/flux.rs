//! What Flux fills in after the build: values that files of the project give are used, all others are judged by their form.

mod common;

use common::git::{commit, committed};
use common::{Run, Scratch, TABLE};

/// Says what it sees.
const RULE: &str = "\
# METADATA
# title: Says what a Deployment is
# description: For tests.
# custom:
#   kinds: [Deployment]
package kubevet.demo.probe

import rego.v1

deny contains {\"msg\": msg, \"path\": [\"spec\", \"replicas\"]} if {
\tmsg := sprintf(\"%v %v %v %v\", [input.metadata.name, input.spec.replicas, input.metadata.labels, input.metadata.annotations.host])
}
";

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${APP}
  labels: {\"${KEY}\": a}
  annotations: {host: \"${HOST:=localhost}.${ZONE}\"}
spec:
  replicas: ${REPLICAS}
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: a}]}}
";

/// A Kustomization of Flux's for the overlay prod.
fn flux(post_build: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: web, namespace: flux-system}}\nspec:\n  interval: 1h\n  path: ./overlays/prod\n  \
         prune: true\n  sourceRef: {{kind: GitRepository, name: main}}\n  postBuild:\n{post_build}"
    )
}

fn project(post_build: &str) -> Scratch {
    let scratch = Scratch::project().file("policies/demo/probe.rego", RULE).file("policies/environments.yaml", TABLE);
    committed(scratch.file("base/deployment.yaml", DEPLOYMENT).file("clusters/main/web.yaml", &flux(post_build)))
}

#[track_caller]
fn prod(scratch: &Scratch) -> Run {
    scratch.check(&["overlays/prod"]).ends_with(1)
}

const ALL: &str = "    substitute: {APP: web, KEY: example.com/tier, ZONE: example.com, REPLICAS: '3'}\n";

#[test]
fn values_of_a_kustomization_are_used_where_it_points() {
    let scratch = project(ALL);
    // A number is one, and a default counts where nothing else says it.
    prod(&scratch).says("web 3 {\"example.com/tier\": \"a\"} localhost.example.com");
    scratch.check(&["overlays/dev"]).says("${APP} ${REPLICAS} {\"${KEY}\": \"a\"} ${HOST:=localhost}.${ZONE}");
    scratch.run(&["render", "overlays/prod"]).ends_with(0).says("replicas: ${REPLICAS}");
    prod(&project(&ALL.replace("APP: web", "APP: web, HOST: www"))).says("www.example.com");
    // Where two fill in different things, each is one of two.
    scratch.write("clusters/other/web.yaml", flux(&ALL.replace("'3'", "'2'")).replace("name: web", "name: other"));
    prod(&scratch).says("web ${REPLICAS} {\"example.com/tier\": \"a\"} ${HOST:=localhost}.example.com");
}

#[test]
fn values_of_config_maps_of_the_project_are_used_and_those_of_secrets_are_not() {
    let from = "    substitute: {APP: web}\n    substituteFrom: [{kind: ConfigMap, name: settings}, {kind: Secret, name: login}]\n";
    let scratch = project(from);
    let settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\ndata: {APP: other, REPLICAS: '4', ZONE: 'ENC[x]'}\n";
    let login = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: flux-system}\nstringData: {KEY: hunter2-hunter2}\n";
    scratch.write("clusters/main/settings.yaml", format!("{settings}{login}"));
    let run = prod(&scratch).says("web 4 {\"${KEY}\": \"a\"} ${HOST:=localhost}.${ZONE}");
    assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
    // Of another namespace it is another one.
    scratch.write("clusters/main/settings.yaml", settings.replace("flux-system", "web"));
    prod(&scratch).says("web ${REPLICAS}");
}

#[test]
fn an_object_may_stay_as_it_is() {
    let off = DEPLOYMENT.replace("annotations: {", "annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled, ");
    let scratch = project(ALL);
    scratch.write("base/deployment.yaml", off);
    prod(&scratch).says("${APP} ${REPLICAS}");
    scratch.write("base/deployment.yaml", DEPLOYMENT.replace("  name: ${APP}", "  name: web$${APP}"));
    prod(&scratch).says("web$${APP} 3");
}

#[test]
fn a_change_of_values_is_a_change_of_what_is_built() {
    let scratch = project(ALL);
    let web = scratch.path().join("clusters/main/web.yaml");
    scratch.write("clusters/main/web.yaml", std::fs::read_to_string(&web).unwrap().replace("'3'", "'5'"));
    scratch.check(&["--since", "main"]).says("web 5").says("1 render");
    scratch.run(&["diff", "overlays/prod", "--against", "main"]).says("spec.replicas: 3 → 5");
    commit(&scratch);
    scratch.run(&["diff", "overlays/prod", "--against", "HEAD"]).ends_with(0);
}

/// A change may bring any values.
#[test]
fn there_is_an_end_to_how_much_is_filled_in() {
    let long = "x".repeat(60_000);
    let scratch = project(&format!("    substitute: {{LONG: {long}}}\n"));
    let uses = "${LONG} ".repeat(10_000);
    scratch.write(
        "base/deployment.yaml",
        format!("{DEPLOYMENT}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: '{uses}'}}\n"),
    );
    prod(&scratch).says("${APP}");
}
