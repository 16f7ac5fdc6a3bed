//! Where the fields of a build come from: the line that set them, the lines that it replaced, and the line that removed what is gone.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fmt::Write as _;
use std::path::Path;

use kustomize::{Node, Origin, Render};

/// Builds the overlay in `files` and lists every leaf and removal of its objects: the path, then each line of its history, newest first.
fn history(files: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let render = kustomize::build(&directory.path().join("overlay")).unwrap_or_else(|error| panic!("{error}"));
    let mut out = String::new();
    for object in &render.objects {
        let path = format!("{}/{}", object.str_at(&["kind"]).unwrap(), object.str_at(&["metadata", "name"]).unwrap());
        leaves(&render, directory.path(), object, &path, &mut out);
    }
    for note in &render.notes {
        writeln!(out, "note {:?}: {}\n    {}", note.kind, note.message, line(&render, directory.path(), &note.origin)).unwrap();
    }
    out
}

fn leaves(render: &Render, root: &Path, node: &Node, path: &str, out: &mut String) {
    for removal in node.removed() {
        writeln!(out, "{path}.{} removed", removal.key).unwrap();
        writeln!(out, "    by  {}", line(render, root, &removal.by)).unwrap();
        writeln!(out, "    had {}", line(render, root, &removal.had)).unwrap();
    }
    for entry in node.entries() {
        leaves(render, root, &entry.value, &format!("{path}.{}", entry.key), out);
    }
    for (index, item) in node.items().iter().enumerate() {
        leaves(render, root, item, &format!("{path}[{index}]"), out);
    }
    if let Some(text) = node.text() {
        writeln!(out, "{path} = {text}").unwrap();
        for origin in node.origin.history() {
            writeln!(out, "    {}", line(render, root, origin)).unwrap();
        }
    }
}

/// `file:line: text`, the text that an origin covers in one line.
fn line(render: &Render, root: &Path, origin: &Origin) -> String {
    let source = render.sources.get(origin.source);
    let path = source.path().strip_prefix(root).unwrap_or(source.path()).display().to_string();
    let text = &source.text()[origin.key as usize..origin.end as usize];
    format!(
        "{}:{}: {}",
        path.replace("overlay/../", ""),
        source.position(origin.key).0,
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    )
}

const BASE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: app
        image: app:1
        livenessProbe: {httpGet: {path: /}}
        env:
        - {name: A, value: '1'}
        - {name: B, value: '2'}
        args: [x, y]
      - name: sidecar
        image: sidecar:1
      tolerations:
      - key: a
        name: a
";

fn overlay<'a>(kustomization: &'a str, patch: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("base/kustomization.yaml", "resources: [deployment.yaml]\n"),
        ("base/deployment.yaml", BASE),
        ("overlay/kustomization.yaml", kustomization),
        ("overlay/patch.yaml", patch),
    ]
}

#[test]
fn strategic_merge() {
    let patch = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: app
        image: app:1
        livenessProbe: null
        env:
        - {name: A, value: '9'}
        - {name: C, value: '3'}
        - {name: B, $patch: delete}
        args: [y, z]
      - name: sidecar
        $patch: delete
      - name: new
        image: new:1
      tolerations: []
";
    insta::assert_snapshot!(history(&overlay("resources: [../base]\npatches: [{path: patch.yaml}]\n", patch)));
}

#[test]
fn two_patches_and_an_image() {
    let kustomization = "\
resources: [../base]
patches:
- path: patch.yaml
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: app}
    spec:
      replicas: 5
images:
- name: app
  newTag: '2'
";
    let patch = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: app}, spec: {replicas: 3, paused: true}}\n";
    insta::assert_snapshot!(history(&overlay(kustomization, patch)));
}

#[test]
fn json_patch() {
    let patch = "\
- op: replace
  path: /spec/replicas
  value: 3
- op: remove
  path: /spec/template/spec/containers/0/livenessProbe
- op: remove
  path: /spec/template/spec/containers/1
- op: add
  path: /metadata/annotations/note
  value: hello
- op: replace
  path: /spec/paused
  value: true
- op: move
  from: /spec/template/spec/containers/0/args
  path: /spec/template/spec/containers/0/command
";
    let kustomization = "resources: [../base]\npatches:\n- path: patch.yaml\n  target: {kind: Deployment}\n";
    insta::assert_snapshot!(history(&overlay(kustomization, patch)));
}

#[test]
fn replacement_and_var() {
    let kustomization = "\
resources: [../base, patch.yaml]
configurations: [vars.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.replicas}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [spec.replicas]
  - select: {kind: Deployment}
    fieldPaths:
    - spec.template.spec.containers.[name=app].image
    options: {delimiter: ':', index: 1}
  - select: {kind: Deployment}
    fieldPaths: [spec.revisionHistoryLimit]
    options: {create: true}
vars:
- name: TAG
  objref: {apiVersion: v1, kind: ConfigMap, name: config}
  fieldref: {fieldpath: data.tag}
";
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {replicas: '4', tag: v9, use: 'is $(TAG)'}\n";
    let mut files = overlay(kustomization, config).to_vec();
    files.push(("overlay/vars.yaml", "varReference: [{kind: ConfigMap, path: data/use}]\n"));
    insta::assert_snapshot!(history(&files));
}

#[test]
fn what_is_lost_in_silence() {
    let kustomization = "\
resources: [objects.yaml]
patches:
- path: patch.yaml
";
    let objects = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec: {template: {spec: {containers: [{name: a, ports: [{containerPort: 80}], env: [{name: A, value: '1'}, {name: A, value: '2'}]}]}}}
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: app}
spec: {items: [{name: a}, {name: b}]}
";
    let patch = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec: {template: {spec: {containers: [{name: a, ports: [{containerPort: 80, protocol: TCP, name: http}]}]}}}
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: app}
spec: {items: [{name: b, x: 1}]}
";
    let files = [("overlay/kustomization.yaml", kustomization), ("overlay/objects.yaml", objects), ("overlay/patch.yaml", patch)];
    insta::assert_snapshot!(history(&files));
}
