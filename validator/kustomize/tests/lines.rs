//! Where every line of a build comes from: a snapshot per feature.
//!
//! Each printed line is shown with the line that set it, and, behind `<`, what it took the place of, newest first; `-` lines are
//! what was taken out of the object above.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;

use kustomize::{Map, Node, Origin, Render, Seq, Value};

/// A tree of files, each behind a line `-- path`.
fn lay_out(directory: &std::path::Path, files: &str) {
    for section in format!("\n{}", files.trim_start()).split("\n-- ").skip(1) {
        let (path, content) = section.split_once('\n').unwrap();
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{content}\n")).unwrap();
    }
}

/// `file:line:column` of the key, and the source text from there to the end of the line.
fn show(render: &Render, origin: &Origin) -> String {
    let source = render.sources.get(origin.source);
    let (line, column) = source.position(origin.key);
    let path: std::path::PathBuf = source.path().iter().skip_while(|part| *part != "t").skip(1).collect();
    let text = &source.text()[origin.key as usize..origin.end as usize];
    format!("{}:{line}:{column} `{}`", path.display(), text.lines().next().unwrap_or_default())
}

fn history(render: &Render, origin: &Origin) -> String {
    origin.history().map(|origin| show(render, origin)).collect::<Vec<_>>().join(" < ")
}

fn removals(render: &Render, node: &Node, path: &str, out: &mut String) {
    for removal in node.removed() {
        let (by, had) = (history(render, &removal.by), history(render, &removal.had));
        writeln!(out, "- {path}/{}: by {by}, had {had}", removal.key).unwrap();
    }
    match &node.value {
        Value::Scalar(_) => {}
        Value::Map(map) => each_entry(render, map, path, out),
        Value::Seq(seq) => each_item(render, seq, path, out),
    }
}

fn each_entry(render: &Render, map: &Map, path: &str, out: &mut String) {
    for entry in map.entries() {
        removals(render, &entry.value, &format!("{path}/{}", entry.key), out);
    }
}

fn each_item(render: &Render, seq: &Seq, path: &str, out: &mut String) {
    for (at, item) in seq.items.iter().enumerate() {
        removals(render, item, &format!("{path}/{at}"), out);
    }
}

/// Builds `root` of `files` and shows every line with its origin, then removals and notes.
fn origins(files: &str, root: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path().join("t");
    lay_out(&top, files);
    let render = kustomize::build(&top.join(root)).unwrap();
    let lines = render.lines();
    assert_eq!(lines.iter().map(|line| format!("{}\n", line.text)).collect::<String>(), render.to_yaml());
    let mut written = Vec::new();
    render.write_yaml(&mut written).unwrap();
    assert_eq!(written, render.to_yaml().as_bytes());
    let mut out = String::new();
    for line in lines {
        match line.origin {
            Some(origin) => writeln!(out, "{:<44} {}", line.text, history(&render, origin)).unwrap(),
            None => writeln!(out, "{}", line.text).unwrap(),
        }
    }
    for object in &render.objects {
        removals(&render, object, "", &mut out);
    }
    for note in &render.notes {
        writeln!(out, "note: {} at {}", note.message, show(&render, &note.origin)).unwrap();
    }
    out
}

const DEPLOYMENT: &str = "-- base/kustomization.yaml
resources: [web.yaml]
-- base/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: app
        image: registry.example.com/app:v1
        livenessProbe:
          httpGet: {path: /live, port: 80}
        env:
        - {name: LEVEL, value: info}
      - name: side
        image: side";

fn overlay(kustomization: &str) -> String {
    origins(&format!("{DEPLOYMENT}\n-- prod/kustomization.yaml\nresources: [../base]\n{kustomization}"), "prod")
}

#[test]
fn a_base_alone() {
    insta::assert_snapshot!(origins(DEPLOYMENT, "base"));
}

#[test]
fn namespace_prefix_and_suffix() {
    insta::assert_snapshot!(overlay("namespace: shop\nnamePrefix: a-\nnameSuffix: -b"));
}

#[test]
fn labels_and_annotations() {
    insta::assert_snapshot!(overlay(
        "labels:\n- pairs:\n    app: shop\n  includeTemplates: true\ncommonLabels:\n  tier: front\ncommonAnnotations:\n  owner: team"
    ));
}

#[test]
fn images_and_replicas() {
    insta::assert_snapshot!(overlay(
        "images:\n- name: registry.example.com/app\n  newName: mirror/app\n  newTag: v2\n- name: side\n  newName: other\n- name: absent\n  newTag: v3\nreplicas:\n- name: web\n  count: 3"
    ));
}

#[test]
fn a_strategic_merge_patch_in_a_file() {
    insta::assert_snapshot!(overlay(
        "patches:\n- path: patch.yaml\n-- prod/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: null
  template:
    spec:
      containers:
      - name: app
        livenessProbe: null
        env:
        - name: LEVEL
          value: debug
      - name: side
        $patch: delete"
    ));
}

#[test]
fn patches_in_the_kustomization() {
    insta::assert_snapshot!(overlay(
        "patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      replicas: 2
- target:
    kind: Deployment
  patch: |-
    - op: replace
      path: /spec/replicas
      value: 5
    - op: remove
      path: /spec/template/spec/containers/1
    - op: add
      path: /metadata/labels/tier
      value: front
- target: {kind: Service}
  patch: '[{\"op\": \"remove\", \"path\": \"/spec\"}]'"
    ));
}

#[test]
fn generators() {
    insta::assert_snapshot!(origins(
        "-- kustomization.yaml
resources: [pod.yaml]
generatorOptions:
  labels:
    made: by-hand
configMapGenerator:
- name: conf
  literals:
  - level=info
  files:
  - app.ini
  envs:
  - vars.env
secretGenerator:
- name: cred
  literals:
  - user=me
-- app.ini
[main]
on = 1
-- vars.env
# a comment
KEY=value
-- pod.yaml
apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  containers:
  - name: c
    envFrom:
    - configMapRef:
        name: conf
    - secretRef:
        name: cred",
        ""
    ));
}

#[test]
fn generators_that_merge() {
    insta::assert_snapshot!(origins(
        "-- base/kustomization.yaml
configMapGenerator:
- name: conf
  literals:
  - level=info
  - mode=base
-- prod/kustomization.yaml
resources: [../base]
configMapGenerator:
- name: conf
  behavior: merge
  literals:
  - level=debug",
        "prod"
    ));
}

#[test]
fn name_references() {
    insta::assert_snapshot!(origins(
        "-- kustomization.yaml
resources: [all.yaml]
namePrefix: x-
namespace: shop
-- all.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: runner
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: runners
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: role
subjects:
- kind: ServiceAccount
  name: runner
  namespace: default
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: role",
        ""
    ));
}

#[test]
fn replacements_and_vars() {
    insta::assert_snapshot!(overlay(
        "replacements:
- source:
    kind: Deployment
    fieldPath: metadata.labels.app
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - spec.template.spec.containers.[name=app].env.[name=LEVEL].value"
    ));
}

#[test]
fn components_and_plugins() {
    insta::assert_snapshot!(overlay(
        "components: [../component]
transformers:
- |-
  apiVersion: builtin
  kind: AnnotationsTransformer
  metadata:
    name: a
  annotations:
    owner: team
  fieldSpecs:
  - path: metadata/annotations
    create: true
-- component/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- path: replicas.yaml
-- component/replicas.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 4"
    ));
}

#[test]
fn values_that_yaml_changes() {
    insta::assert_snapshot!(origins(
        "-- kustomization.yaml
resources: [r.yaml]
patches:
- target: {kind: Thing}
  patch: |-
    - {op: add, path: /spec/limit, value: 0640}
-- r.yaml
apiVersion: example.com/v1
kind: Thing
metadata:
  name: t
  annotations:
    version: 1.10
spec:
  limit: 0777
  version: 1.10
  quoted: '1.10'
  date: 2001-01-01
  hex: 0x1F
  long: 1234567890123456789
  plain: 12
---
apiVersion: v1
kind: Secret
metadata:
  name: s
stringData:
  pin: 0777",
        ""
    ));
}
