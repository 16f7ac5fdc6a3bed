//! Findings on what builds lose, with what nearly matched, and the lines that they name.

#![allow(clippy::unwrap_used, reason = "helpers outside the functions that clippy exempts")]

mod common;

use common::Scratch;
use serde_json::Value;

/// The findings of the `kustomize` rules as `rule line message`, for lines of the overlay's kustomization.
fn findings(scratch: &Scratch) -> Vec<String> {
    let run = scratch.run(&["check", "overlays/prod", "--rule", "kustomize/*", "--format", "json"]);
    assert!(run.code < 2, "{}\n{}", run.stdout, run.stderr);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |finding: &Value| {
        let cause = &finding["locations"][0];
        let file = text(&cause["file"]).trim_start_matches("overlays/prod/").replace("kustomization.yaml", "");
        let rule = text(&finding["rule"]).trim_start_matches("kustomize/").to_owned();
        format!("{rule} {file}:{} {}", cause["line"], text(&finding["message"]))
    };
    let mut lines: Vec<_> = run.json()["findings"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

fn prod(kustomization: &str) -> Scratch {
    Scratch::project().file("overlays/prod/kustomization.yaml", kustomization)
}

/// Each kustomization on top of the base must have these findings.
fn table(cases: &[(&str, &[&str])]) {
    for (kustomization, expected) in cases {
        assert_eq!(findings(&prod(&format!("resources: [../../base]\n{kustomization}"))), *expected, "{kustomization}");
    }
}

/// A merge patch of the Deployment's container and of its spec.
fn patch(of_spec: &str, of_container: &str) -> String {
    format!(
        "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {{name: web}}\n    spec:\n{of_spec}      template:\n        spec:\n          containers:\n          - name: web\n{of_container}"
    )
}

#[test]
fn targets_that_nearly_match() {
    let target = |target: &str| format!("patches:\n- target: {target}\n  patch: |-\n    - {{op: remove, path: /spec/replicas}}\n");
    let none = "target-matches-nothing :3 the target of this patch matches no object";
    for (part, meant) in [
        ("{kind: Deployment, name: wbe}", "; did you mean `web`?"),
        ("{kind: Deployment, name: something-else}", "; did you mean `web`?"),
        ("{kind: StatefulSet, name: web}", "; did you mean Deployment `web`?"),
        ("{group: extensions, kind: Deployment, name: web}", "; did you mean Deployment `web` of apps/v1?"),
        ("{kind: Deployment, name: web, namespace: shop}", "; did you mean Deployment `web`, which names no namespace?"),
        ("{kind: Deployment, labelSelector: app=api}", "; did you mean Deployment `web`, which has other labels or annotations?"),
        ("{kind: StatefulSet, name: db}", ""),
    ] {
        table(&[(&target(part), &[&format!("{none}{meant}")])]);
    }
    let replacement = |select: &str| {
        format!("replacements:\n- source: {{kind: Deployment, name: web}}\n  targets:\n  - select: {select}\n    fieldPaths: [data.a]\n")
    };
    for (select, meant) in [("{kind: Deploymnt}", "; did you mean Deployment `web`?"), ("{name: wbe}", "; did you mean `web`?")] {
        let message = format!("target-matches-nothing :5 this target of a replacement matches no object{meant}");
        table(&[(&replacement(select), &[&message])]);
    }
}

#[test]
fn images_that_nearly_match() {
    let deployment = common::DEPLOYMENT.replace("image: nginx:1.29", "image: registry.example/nginx:1.29");
    let images = |images: &str| prod(&format!("resources: [../../base]\nimages:\n{images}")).file("base/deployment.yaml", &deployment);
    let of = |part: &str| findings(&images(part));
    let none =
        |name: &str| format!("image-matches-nothing :3 no image of any object is named `{name}`; did you mean `registry.example/nginx`?");
    assert_eq!(of("- {name: nginx, newTag: '2'}\n"), [none("nginx")]);
    assert_eq!(of("- {name: registry.example/ngnix, newTag: '2'}\n"), [none("registry.example/ngnix")]);
    assert_eq!(of("- {name: other, newTag: '2'}\n"), ["image-matches-nothing :3 no image of any object is named `other`"]);
    assert_eq!(
        of("- {name: registry.example/nginx, newTag: '2'}\n- {name: registry.example/nginx, newTag: '3'}\n"),
        ["repeated-key :3 `registry.example/nginx` comes again below, and the last one counts"]
    );
    assert_eq!(
        of("- {name: registry.example/nginx}\n"),
        [
            "image-matches-nothing :3 `registry.example/nginx` is named here, and nothing of it is changed: there is no newName, newTag or digest"
        ]
    );
    // The first gives the name that the second looks for.
    assert_eq!(of("- {name: registry.example/nginx, newName: nginx}\n- {name: nginx, newTag: '3'}\n"), [""; 0]);
}

#[test]
fn what_a_merge_patch_deletes_in_vain_or_leaves() {
    let vain = |message: &str| format!("deletes-nothing {message}");
    table(&[
        (
            &patch("", "            imagee: null\n"),
            &[&vain(":12 there is no `spec.template.spec.containers.imagee` to delete; did you mean `image`?")],
        ),
        // Many write a null to be sure.
        (&patch("      strategy: {type: Recreate, rollingUpdate: null}\n", ""), &[]),
        (&patch("      strategy: {$patch: delete}\n", ""), &[&vain(":8 there is no `spec.strategy` to delete")]),
        (
            &patch("      $retainKeys: [template]\n", ""),
            &[
                "directive-ignored :8 `$retainKeys` stays in the object, as the field `spec.$retainKeys`: Kustomize knows no directive but `$patch`",
            ],
        ),
    ]);
}

#[test]
fn what_add_replaces() {
    let json = |operation: &str| format!("patches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - {operation}\n");
    table(&[
        (
            &json("{op: add, path: /spec/template/metadata/labels, value: {team: a}}"),
            &["list-replaced :5 `add` of `/spec/template/metadata/labels`, which is there, replaces all of it; lost: `app`"],
        ),
        (
            &json("{op: add, path: /spec/template/spec/containers, value: [{name: other, image: a}]}"),
            &["list-replaced :5 `add` of `/spec/template/spec/containers`, which is there, replaces all of it; lost: `web`"],
        ),
        (&json("{op: replace, path: /spec/template/metadata/labels, value: {team: a}}"), &[]),
        (&json("{op: add, path: /spec/template/metadata/labels, value: {app: a, team: a}}"), &[]),
        (&json("{op: add, path: /metadata/annotations, value: {team: a}}"), &[]),
    ]);
}

#[test]
fn lists_of_custom_resources_that_lose_something() {
    let of = |list: &str, patch: &str| {
        let resource = |list: &str| format!("apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: w}}\nspec:\n  list: {list}\n");
        let scratch = prod("resources: [w.yaml]\npatches: [{path: p.yaml}]\n").file("overlays/prod/w.yaml", &resource(list));
        let found = findings(&scratch.file("overlays/prod/p.yaml", &resource(patch)));
        let start = "list-replaced p.yaml:5 the list `spec.list` is replaced, not merged, because Kustomize knows no merge key for it; ";
        found.iter().map(|line| line.strip_prefix(start).unwrap_or(line).to_owned()).collect::<Vec<_>>()
    };
    let none = [""; 0];
    assert_eq!(of("[{secretKey: a, x: 1}, {secretKey: b, x: 2}]", "[{secretKey: c, x: 3}]"), ["lost: `a`, `b`"]);
    assert_eq!(of("[{port: http, interval: 30s, path: /m}]", "[{port: http, interval: 10s}]"), ["`http` loses `path`"]);
    assert_eq!(of("[{host: a}, {host: b}]", "[{host: b}]"), ["lost: `a`"]);
    assert_eq!(of("[{rule: {a: 1}}, {rule: {a: 2}}]", "[{rule: {a: 3}}]"), ["2 of its 2 elements are gone"]);
    // One list in the place of another.
    assert_eq!(of("[{host: dev.example}]", "[{host: prod.example}]"), none);
    assert_eq!(of("[{rule: {a: 1}}]", "[{rule: {a: 3}}]"), none);
    assert_eq!(of("[a, b]", "[c]"), none);
    // Who writes an empty list means it.
    assert_eq!(of("[{host: a}, {host: b}]", "[]"), none);
    assert_eq!(of("[{port: a, x: 1}]", "[{port: a, x: 2}, {port: b, x: 1}]"), none);
}

#[test]
fn lists_of_known_kinds_that_people_add_to() {
    let why = "is replaced, not merged, because Kustomize knows no merge key for it";
    let lost = |line: u32, path: &str, what: &str| format!("list-replaced :{line} the list `{path}` {why}; {what}");
    let base = common::DEPLOYMENT.replace("    spec:\n", "    spec:\n      tolerations: [{key: a, operator: Exists}]\n");
    let adds = "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {tolerations: [{key: b, operator: Exists}]}}}\n";
    let scratch = prod(&format!("resources: [../../base]\n{adds}")).file("base/deployment.yaml", &base);
    assert_eq!(findings(&scratch), [lost(7, "spec.template.spec.tolerations", "lost: `a`")]);
}

#[test]
fn comments_in_files_of_variables() {
    let scratch = prod("resources: [../../base]\nconfigMapGenerator: [{name: a, envs: [a.env]}]\n");
    let scratch = scratch.file("overlays/prod/a.env", "A=b # c\nB=#c\n# d\nC=d#e\n");
    assert_eq!(findings(&scratch), ["kept-quotes a.env:1 what follows ` #` is part of the value of `A`: only whole lines are comments"]);
}

#[test]
fn files_without_objects() {
    let scratch = prod("resources: [../../base, none.yaml]\n").file("overlays/prod/none.yaml", "# kind: ConfigMap\n");
    assert_eq!(findings(&scratch), ["content-ignored :1 `none.yaml` holds no object"]);
}

#[test]
fn a_patch_that_names_one_of_its_targets() {
    let two = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n";
    let of = |name: &str, target: &str| {
        let patch = format!(
            "resources: [two.yaml]\npatches:\n- target: {target}\n  patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {{name: {name}}}\n    data: {{x: y}}\n"
        );
        findings(&prod(&patch).file("overlays/prod/two.yaml", two))
    };
    let message = "target-is-wider :3 this patch names `a`, and its target takes in 1 more: ConfigMap b in namespace default";
    assert_eq!(of("a", "{kind: ConfigMap}"), [message]);
    assert_eq!(of("any", "{kind: ConfigMap}"), [""; 0]);
    assert_eq!(of("a", "{kind: ConfigMap, name: a|b}"), [""; 0]);
}

#[test]
fn a_component_that_is_applied_twice() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {a: b}}]\n";
    let scratch = prod("resources: [../../base]\ncomponents: [../../c]\n").file("c/kustomization.yaml", component);
    assert_eq!(findings(&scratch), [""; 0]);
    let scratch = scratch.file("base/kustomization.yaml", "resources: [deployment.yaml]\ncomponents: [../c]\n");
    assert_eq!(findings(&scratch), ["repeated-affix :2 `../../c` is applied to objects that it has been applied to already"]);
}

#[test]
fn field_specs_that_match_nothing() {
    let transformer = |rest: &str| {
        let text = format!("apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {{name: a}}\nannotations: {{a: b}}\n{rest}");
        findings(&prod("resources: [../../base]\ntransformers: [t.yaml]\n").file("overlays/prod/t.yaml", &text))
    };
    let spec = |kind: &str, field: &str| format!("fieldSpecs:\n- path: metadata/annotations\n  create: true\n  kind: {kind}\n{field}");
    assert_eq!(transformer(&spec("Deployment", "")), [""; 0]);
    assert_eq!(transformer(&spec("Deploymnt", "")), ["target-matches-nothing t.yaml:6 no object is a Deploymnt; did you mean Deployment?"]);
    assert_eq!(
        transformer(&spec("Deployment", "  versoin: v1\n")),
        ["unknown-field t.yaml:9 `versoin` is no field of fieldSpecs: Kustomize ignores it; did you mean `version`?"]
    );
    assert_eq!(
        transformer(&spec("Deployment", "  Version: v1\n")),
        ["unknown-field t.yaml:9 the field of fieldSpecs is called `version`, and not `Version`"]
    );
    assert_eq!(transformer(""), ["target-matches-nothing t.yaml:1 this AnnotationsTransformer has no fieldSpecs, and so changes nothing"]);
}

#[test]
fn names_that_plain_texts_keep() {
    let of = |kustomization: &str, resource: &str| {
        let scratch = prod(&format!("resources: [../../base, r.yaml]\n{kustomization}"));
        findings(
            &scratch.file("overlays/prod/r.yaml", &format!("apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: w}}\n{resource}")),
        )
    };
    let renamed = "namePrefix: p-\n";
    let left = |line: u32, name: &str| {
        format!(
            "reference-left r.yaml:{line} this names Deployment `{name}`, and what was called so is `p-web` now: Kustomize has not rewritten it"
        )
    };
    assert_eq!(of(renamed, "spec: {deploymentName: web, x: {deploymentRef: {name: web}}}\n"), [left(4, "web"), left(4, "web")]);
    assert_eq!(of(renamed, "spec: {scaleTargetRef: {name: web}}\n"), [left(4, "web")]);
    // What is called otherwise, and labels, may mean something else.
    assert_eq!(of(renamed, "spec: {name: web, app: web, selector: {matchLabels: {deployment: w}}}\n"), [""; 0]);
    assert_eq!(of("", "spec: {deploymentName: web}\n"), [""; 0]);
    let generated = "configMapGenerator: [{name: settings, literals: [a=b]}]\n";
    let env = |name: &str| of(generated, &format!("spec: {{env: [{{name: {name}, value: settings}}]}}\n"));
    assert_eq!(env("CONFIGMAP_NAME").len(), 1);
    assert_eq!(env("MODE"), [""; 0]);
}

#[test]
fn what_is_taken_out_of_the_clusters_own_namespace() {
    let role = |namespace: &str| {
        format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: r\n  namespace: {namespace}\nrules: []\n")
    };
    let of = |base: &str, namespace: &str| {
        let scratch = prod(&format!("namespace: shop\nresources: [{base}r.yaml]\n"));
        findings(&scratch.file("overlays/prod/r.yaml", &role(namespace)))
    };
    let message = "namespace-overwritten :1 Role r is in `kube-system` as written, and this puts it into `shop`";
    assert_eq!(of("../../base, ", "kube-system"), [message]);
    assert_eq!(of("../../base, ", "other"), [""; 0]);
    // All of it is moved.
    assert_eq!(of("", "kube-system"), [""; 0]);
}
