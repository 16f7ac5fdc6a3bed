//! `kubevet trace`: who set a field.

mod common;

use common::Scratch;
use serde_json::Value;

const SECRET: &str = "hunter2-is-long-enough";

/// A Deployment whose fields a patch, transformers, a component and a generator set and remove.
fn project() -> Scratch {
    let secret = format!("DB_PASSWORD={SECRET}\nPORT=80\n");
    Scratch::empty()
        .file(
            "base/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations: {example.com/a.b: base}\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n        - name: web\n          image: example/web:1\n          livenessProbe: {tcpSocket: {port: 80}}\n          envFrom: [{secretRef: {name: web}}]\n",
        )
        .file("base/kustomization.yaml", "resources: [web.yaml]\nsecretGenerator:\n  - name: web\n    envs: [web.env]\n")
        .file("base/web.env", &secret)
        .file(
            "components/quiet/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: web}\n      spec:\n        template:\n          spec:\n            containers:\n              - name: web\n                livenessProbe: null\n",
        )
        .file("overlays/prod/patches/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n")
        .file(
            "overlays/prod/kustomization.yaml",
            "namePrefix: shop-\nresources: [../../base]\ncomponents: [../../components/quiet]\npatches: [{path: patches/web.yaml}]\nreplicas:\n  - name: web\n    count: 3\nimages:\n  - name: example/web\n    newTag: '2'\n",
        )
}

fn trace(field: &[&str]) -> common::Run {
    let arguments = ["trace", "overlays/prod", "Deployment/shop-web"].into_iter().chain(field.iter().copied());
    project().run(&arguments.collect::<Vec<_>>())
}

#[test]
fn each_place_that_set_a_field_newest_first() {
    insta::assert_snapshot!(trace(&["spec.replicas"]).ends_with(0).stdout);
    insta::assert_snapshot!(trace(&["spec.template.spec.containers[web].image"]).ends_with(0).stdout);
}

#[test]
fn what_removed_a_field_and_what_it_was() {
    insta::assert_snapshot!(trace(&["spec.template.spec.containers[web].livenessProbe.tcpSocket"]).ends_with(0).stdout);
}

#[test]
fn a_map_with_the_place_of_each_line() {
    insta::assert_snapshot!(trace(&["spec.template.spec"]).ends_with(0).stdout);
}

#[test]
fn a_whole_object_by_the_name_in_its_file() {
    let run = project().run(&["trace", "overlays/prod", "deployment/web"]).ends_with(0);
    run.says("Deployment shop-web").says("overlays/prod/kustomization.yaml:1:1  namePrefix");
    let run = project().run(&["render", "overlays/prod", "--object", "Deployment/web"]).ends_with(0);
    assert!(run.stdout.starts_with("apiVersion: apps/v1\nkind: Deployment\n") && !run.stdout.contains("kind: Secret"), "{}", run.stdout);
    project().run(&["render", "overlays/prod", "--object", "Deployment/web", "--origins"]).ends_with(0).says("# base/web.yaml:");
}

#[test]
fn a_field_is_found_however_people_write_it() {
    for field in [
        "spec.template.spec.containers[0].image",
        ".spec.template.spec.containers.web.image",
        "/spec/template/spec/containers/0/image",
        "spec['template'].spec[\"containers\"][web].image",
    ] {
        trace(&[field]).ends_with(0).says("overlays/prod/kustomization.yaml:10:5  images");
    }
    for field in ["metadata.annotations[example.com/a.b]", "metadata.annotations.example.com/a.b", "/metadata/annotations/example.com~1a.b"]
    {
        trace(&[field]).ends_with(0).says("base/web.yaml:5:17");
    }
}

#[test]
fn elements_are_found_by_what_a_merge_tells_them_apart_by() {
    let scratch = Scratch::empty().file(
        "base/kustomization.yaml",
        "resources: [web.yaml]\n",
    ).file(
        "base/web.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n    - {name: http, port: 80}\n    - name: https\n      port: 443\n      targetPort: tls\n",
    );
    let run = |field: &str| scratch.run(&["trace", "base", "Service/web", field]);
    run("spec.ports[443].targetPort").ends_with(0).says("base/web.yaml:9:7");
    run("spec.ports[1].targetPort").ends_with(0).says("base/web.yaml:9:7");
    run("spec.ports[433].targetPort").ends_with(4).says("is a list of 2 elements");
}

#[test]
fn programs_read_json() {
    let run = trace(&["spec.replicas", "--format", "json"]).ends_with(0);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&document["value"], &document["isThere"]), (&Value::from("3"), &Value::from(true)));
    let places: Vec<(&str, u64, &str)> = document["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| (stage["file"].as_str().unwrap(), stage["line"].as_u64().unwrap(), stage["field"].as_str().unwrap()))
        .collect();
    let expected = [
        ("overlays/prod/kustomization.yaml", 7, "replicas"),
        ("overlays/prod/patches/web.yaml", 5, "patches"),
        ("base/web.yaml", 7, "resources"),
    ];
    assert_eq!(places, expected);
    let run = trace(&["spec.template.spec.containers[web].livenessProbe", "--format", "json"]).ends_with(0);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&document["isThere"], &document["stages"][0]["removes"]), (&Value::from(false), &Value::from(true)));
}

#[test]
fn what_is_secret_is_not_shown() {
    let scratch = project();
    let encoded = "aHVudGVyMi1pcy1sb25nLWVub3VnaA==";
    for arguments in
        [vec!["Secret/web"], vec!["Secret/web", "data"], vec!["Secret/web", "data.DB_PASSWORD"], vec!["Secret/web", "data.PORT"]]
    {
        for format in ["human", "json"] {
            let arguments = ["trace", "overlays/prod"].into_iter().chain(arguments.iter().copied()).chain(["--format", format]);
            let run = scratch.run(&arguments.collect::<Vec<_>>()).ends_with(0);
            let text = run.stdout.clone() + &run.stderr;
            assert!(!text.contains(SECRET) && !text.contains(encoded) && !text.contains("ODA="), "{text}");
            run.says("base/");
        }
    }
    let scratch = scratch.file(
        "base/web.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      env: [{name: API_TOKEN, value: swordfish-and-chips}]\n",
    );
    for field in ["spec", "spec.containers[web].env[API_TOKEN].value"] {
        let run = scratch.run(&["trace", "base", "Pod/web", field]).ends_with(0);
        assert!(!run.stdout.contains("swordfish"), "{}", run.stdout);
        run.says("<redacted>");
    }
}

#[test]
fn what_is_not_there_is_named_with_what_is_near() {
    trace(&["spec.replica"]).ends_with(4).says("has no spec.replica, and nothing removed one").says("did you mean \"replicas\"?");
    trace(&["spec.replicas.more"]).ends_with(4).says("spec.replicas is a value, with nothing in it");
    trace(&["spec.template.spec.containers[7]"]).ends_with(4).says("is a list of 1 elements");
    trace(&["spec.template.spec.containers[wbe]"]).ends_with(4).says("did you mean \"web\"?");
    trace(&["spec.template.spec.containers[web"]).ends_with(4).says("a bracket of the path is not closed");
    let run = |object: &str| project().run(&["trace", "overlays/prod", object]);
    run("Deployment/shop-wbe").ends_with(4).says("the render has no Deployment/shop-wbe").says("did you mean shop-web?");
    run("Service/web").ends_with(4).says("it has Secret/shop-web-");
    run("web").ends_with(4).says("`web` names no object");
    project().run(&["trace", "nowhere", "Deployment/web"]).ends_with(4).says("no-kustomization");
    let several = project().file("base/kustomization.yaml", "resources: [web.yaml, other.yaml]\n").file(
        "base/other.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: one}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: two}\n",
    );
    several.run(&["trace", "base", "Pod/a"]).ends_with(4).says("write one of Pod/one/a, Pod/two/a");
    several.run(&["trace", "base", "Pod/two/a"]).ends_with(0).says("Pod two/a");
}

#[test]
fn hostile_text_moves_no_cursor() {
    let scratch = project().file(
        "base/web.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {\"\\e[2Jkey\": \"a\\e]0;title\\a ::error::x\"}\n",
    );
    let run = scratch.run(&["trace", "base", "ConfigMap/web", "data"]).ends_with(0);
    assert!(!run.stdout.contains(['\u{1b}', '\u{7}']), "{:?}", run.stdout);
}
