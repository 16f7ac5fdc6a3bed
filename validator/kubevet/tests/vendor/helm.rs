//! Helm charts: a stand-in for helm tells what it was asked, kubectl asks it the same, and a real one is asked where it is on PATH.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use super::common::{Scratch, has_kubectl, kubevet};
use super::kept;

/// Pulls a chart with some values, and renders objects that say what it was asked, whatever the paths of temporary files are.
const HELM: &str = r#"#!/bin/sh
echo "$1" >> "$LOG"
case "$1" in
version) echo "${VERSION:-v3.17.2+gcc0bbbd}" ;;
pull)
  echo "$@" | sed "s,$4,DIR," >&2
  for name; do :; done
  for word; do case "$word" in --version) break;; esac; name=$word; done
  mkdir -p "$4/${name##*/}/templates"
  printf 'a: 1\nlist: [1]\nnested: {of: chart, other: 0x10}\n' > "$4/${name##*/}/values.yaml"
  printf 'name: %s\n' "${name##*/}" > "$4/${name##*/}/Chart.yaml" ;;
template)
  shift
  echo "coalesce: a warning that charts have" >&2
  printf -- '---\n# Source: chart/b.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: z\n  namespace: inner\n  annotations: {helm.sh/hook: test}\ndata:\n'
  at=0
  while [ $# -gt 0 ]; do
    at=$((at + 1))
    case "$1" in
    -f) shift; printf '  values%s: |\n' $at; sed 's/^/    /' "$1" ;;
    /*) printf '  argument%s: %s\n' $at "$(basename "$1")" ;;
    *) printf '  argument%s: "%s"\n' $at "$1" ;;
    esac
    shift
  done
  printf -- '---\n---\n# Source: chart/a.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n' ;;
esac
"#;

/// A project with a stand-in for helm beside it.
fn project(kustomization: &str) -> Scratch {
    let scratch = Scratch::empty()
        .file("bin/helm", HELM)
        .file("overlays/prod/kustomization.yaml", kustomization)
        .file("overlays/prod/own.yaml", "a: 2\nnested: {own: yes, of: file}\n")
        .file("overlays/prod/more.yaml", "more: [1, two]\n")
        .file("overlays/prod/charts/local/Chart.yaml", "name: local\nversion: 1.0.0\n")
        .file("overlays/prod/charts/local/values.yaml", "a: 3\n")
        .file("overlays/prod/elsewhere/other/values.yaml", "b: 3\n");
    fs::set_permissions(scratch.path().join("bin/helm"), fs::Permissions::from_mode(0o755)).unwrap();
    scratch
}

fn in_project(mut command: Command, scratch: &Scratch, arguments: &[&str], more: &[(&str, &str)]) -> Output {
    let path = std::env::join_paths([scratch.path().join("bin"), "/usr/local/bin".into(), "/usr/bin".into(), "/bin".into()]).unwrap();
    let command = command.args(arguments).current_dir(scratch.path()).env("PATH", path).env("LOG", scratch.path().join("log"));
    command.envs(more.iter().copied()).output().unwrap()
}

#[track_caller]
fn run(scratch: &Scratch, arguments: &[&str], code: i32) -> String {
    let output = in_project(kubevet(), scratch, arguments, &[]);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    if arguments[0] == "render" {
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    } else {
        said
    }
}

fn asked(scratch: &Scratch) -> String {
    let log = scratch.path().join("log");
    let said = fs::read_to_string(&log).unwrap_or_default();
    let _ = fs::remove_file(log);
    said
}

#[test]
fn charts_come_out_as_kubectl_has_helm_make_them() {
    let cases = [
        "helmCharts: [{name: local}]\n",
        "helmCharts: [{name: local, releaseName: r, namespace: ns, includeCRDs: true, skipTests: true, skipHooks: true, kubeVersion: '1.30', apiVersions: [a/v1, b/v2], nameTemplate: x-y}]\n",
        "helmCharts: [{name: local, valuesFile: own.yaml, additionalValuesFiles: [more.yaml, own.yaml]}]\n",
        "helmCharts: [{name: local, valuesInline: {a: 5, b: {c: [1, x], d: null, e: 1.5, f: 'on', g: 1000000}}}]\n",
        "helmCharts: [{name: local, valuesMerge: merge, valuesInline: {a: 5, b: 6}, valuesFile: own.yaml}]\n",
        "helmCharts: [{name: local, valuesMerge: override, valuesInline: {nested: {own: null, new: [1]}}, valuesFile: own.yaml}]\n",
        "helmCharts: [{name: local, valuesMerge: replace, valuesInline: {a: 5}}]\n",
        "helmGlobals: {chartHome: elsewhere}\nhelmCharts: [{name: other}]\nnamePrefix: p-\nnamespace: outer\ncommonLabels: {a: b}\n",
        "helmCharts: [{name: pulled, repo: 'https://charts.example.com', version: 1.2.3, valuesInline: {list: [2], nested: {of: me}}}]\n",
        "helmCharts: [{name: pulled, repo: 'oci://charts.example.com/a/', version: 1.2.3, releaseName: r}]\n",
        "helmCharts: [{name: local}]\nconfigMapGenerator: [{name: own, literals: [a=b]}]\n",
        "helmChartInflationGenerator: [{chartName: local, releaseName: old, values: own.yaml, valuesLocal: {a: 7}}]\nhelmGlobals: {chartHome: charts}\nnameSuffix: -s\n",
        "generators:\n- |-\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n  metadata: {name: g}\n  name: local\n  releaseName: r\n  valuesInline: {a: 9}\n",
        "helmCharts: [{name: local}]\nbuildMetadata: [originAnnotations, transformerAnnotations]\nnamePrefix: x-\n",
    ];
    let has_kubectl = has_kubectl("the comparison of charts with kubectl");
    for case in cases {
        let scratch = project(case)
            .file("overlays/prod/charts/other/values.yaml", "o: 1\n")
            .file("overlays/prod/g.yaml", "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: last}\nliterals: [a=b]\n");
        assert!(run(&scratch, &["render", "overlays/prod"], 3).contains("which asks your helm"), "{case}");
        assert_eq!(asked(&scratch), "", "{case}");
        let said = run(&scratch, &["vendor"], 0);
        assert!(said.contains("from helm"), "{said}");
        asked(&scratch);
        let ours = run(&scratch, &["render", "overlays/prod"], 0);
        assert_eq!(asked(&scratch), "", "render runs nothing");
        if has_kubectl {
            let output = in_project(Command::new("kubectl"), &scratch, &["kustomize", "--enable-helm", "overlays/prod"], &[]);
            assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(ours, String::from_utf8_lossy(&output.stdout), "{case}");
            // It has pulled the chart to where it looks for it the next time.
            assert_eq!(run(&scratch, &["render", "overlays/prod"], 0), ours, "{case}");
        }
        assert!(run(&scratch, &["vendor", "--check"], 0).contains("as it was"), "{case}");
    }
}

#[test]
fn what_changed_since_helm_was_asked_is_an_error() {
    let scratch = project("helmCharts: [{name: local, valuesFile: own.yaml, valuesInline: {a: 1}}]\n");
    run(&scratch, &["vendor"], 0);
    let refused = |says: &str| {
        let said = run(&scratch, &["render", "overlays/prod"], 3);
        assert!(said.contains(says) && said.contains("overlays/prod/kustomization.yaml:1:15"), "{said}");
        assert_eq!(asked(&scratch).matches("template").count(), 0);
    };
    asked(&scratch);
    scratch.write("overlays/prod/own.yaml", "a: 4\n");
    refused("has nothing of it with these settings and values");
    scratch.write("overlays/prod/own.yaml", "a: 2\nnested: {own: yes, of: file}\n");
    scratch.write("overlays/prod/charts/local/values.yaml", "a: 4\n");
    refused("is another chart than kubevet.lock says");
    scratch.write("overlays/prod/charts/local/values.yaml", "a: 3\n");
    let file = format!("vendor/kubevet/{}", kept(&scratch).into_iter().find(|name| name.ends_with("chart.yaml")).unwrap());
    let text = fs::read_to_string(scratch.path().join(&file)).unwrap();
    scratch.write(&file, text.replace("Deployment", "DaemonSet"));
    refused("is not what kubevet.lock says");
    scratch.write(&file, text);
    run(&scratch, &["render", "overlays/prod"], 0);
}

#[test]
fn helm_is_missing_too_new_or_misused() {
    let scratch = project("helmCharts: [{name: local}]\n");
    let output = in_project(kubevet(), &scratch, &["vendor"], &[("VERSION", "v4.1.4+g05fa379")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(3) && said.contains("Kustomize 5.6 works with helm 3, and the one on PATH is v4.1.4"), "{said}");
    let output = in_project(kubevet(), &scratch, &["vendor", "--kustomize", "5.8"], &[("VERSION", "v4.1.4+g05fa379")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::remove_file(scratch.path().join("bin/helm")).unwrap();
    let output = kubevet().arg("vendor").current_dir(scratch.path()).env("PATH", scratch.path().join("bin")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(3) && said.contains("cannot run helm") && said.contains("install helm"), "{said}");
    for (chart, says) in [
        ("{name: local, releaseName: --post-renderer=x}", "would be an option of helm's"),
        ("{name: --x, repo: 'https://a'}", "would be an option of helm's"),
        ("{name: a, repo: --x}", "would be an option of helm's"),
        ("{name: nothing}", "no `repo` to pull it from"),
        ("{name: ../../../outside}", "is outside of the project"),
        ("{name: local, valuesFile: ../other.yaml}", "cannot read `../other.yaml`"),
        ("{name: local, valuesMerge: both}", "must be merge, override or replace"),
        ("{name: local, unknown: 1}", "unknown field `unknown`"),
        ("{repo: 'https://a'}", "a chart must have a name"),
    ] {
        let scratch = project(&format!("helmCharts: [{chart}]\n"));
        let outside = Path::new("../outside");
        assert!(!scratch.path().join(outside).exists());
        if chart.contains("outside") {
            let inner =
                Scratch::empty().file("outside/values.yaml", "a: 1\n").file("p/bin/helm", HELM).file("p/overlays/prod/charts/a", "");
            fs::set_permissions(inner.path().join("p/bin/helm"), fs::Permissions::from_mode(0o755)).unwrap();
            inner.write("p/overlays/prod/kustomization.yaml", "helmCharts: [{name: ../../../../outside}]\n");
            let path = std::env::join_paths([inner.path().join("p/bin"), "/usr/bin".into(), "/bin".into()]).unwrap();
            let output =
                kubevet().arg("vendor").current_dir(inner.path().join("p")).env("PATH", path).env("LOG", "/dev/null").output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains(says), "{said}");
            continue;
        }
        let said = run(&scratch, &["vendor"], 3);
        assert!(said.contains(says), "{chart}: {said}");
    }
}

/// A real helm, where there is one, and a chart that shows what it gets.
#[test]
fn a_real_helm_says_the_same_to_kubectl() {
    let version = Command::new("helm").args(["version", "--short"]).output();
    if !version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with("v3.")) {
        return skipped::note("helm 3 is not on PATH, so charts were compared with a stand-in only");
    }
    if !has_kubectl("the comparison of charts of a real helm with kubectl") {
        return;
    }
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\ndata:\n  values: {{ .Values | toJson | quote }}\n  kube: {{ .Capabilities.KubeVersion.Version | quote }}\n  has: {{ .Capabilities.APIVersions.Has \"a/v1\" | quote }}\n";
    for chart in [
        "{name: web, releaseName: r}",
        "{name: web, releaseName: r, namespace: ns, includeCRDs: true, kubeVersion: '1.29.3', apiVersions: [a/v1], valuesInline: {num: 1000000, f: 1.5, big: 12345678901, s: 'on', gone: null}}",
        "{name: web, releaseName: r, skipHooks: true, skipTests: true, valuesFile: own.yaml, valuesMerge: merge, valuesInline: {a: 9}}",
    ] {
        let scratch = Scratch::empty()
            .file("overlays/prod/kustomization.yaml", &format!("helmCharts: [{chart}]\nnamePrefix: p-\n"))
            .file("overlays/prod/own.yaml", "a: 2\nb: [1]\n")
            .file("overlays/prod/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
            .file("overlays/prod/charts/web/values.yaml", "a: 1\ngone: 1\nmode: 0755\n")
            .file(
                "overlays/prod/charts/web/crds/c.yaml",
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\n",
            )
            .file("overlays/prod/charts/web/templates/b.yaml", template)
            .file("overlays/prod/charts/web/templates/a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")
            .file(
                "overlays/prod/charts/web/templates/tests/t.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
            );
        scratch.run(&["vendor"]).ends_with(0);
        let output =
            Command::new("kubectl").args(["kustomize", "--enable-helm", "overlays/prod"]).current_dir(scratch.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(scratch.run(&["render", "overlays/prod"]).ends_with(0).stdout, String::from_utf8_lossy(&output.stdout), "{chart}");
    }
}
