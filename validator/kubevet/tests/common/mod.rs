//! A scratch project and the `kubevet` that runs in it.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::expect_used, clippy::panic, reason = "test helpers outside the functions that clippy exempts")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) mod desk;
pub(crate) mod git;
pub(crate) mod lsp;
pub(crate) mod opa;
pub(crate) mod random;
pub(crate) mod rules;

/// The table of the scratch projects: one environment an overlay.
pub(crate) const TABLE: &str = "\
version: 1
environments:
  dev: {overlays: [overlays/dev]}
  prod: {overlays: [overlays/prod], parameters: {slowStarters: {other: 3}}}
rules:
  demo/probe: {dev: warn, prod: deny, why: a hang in dev disturbs nobody}
";

/// The environments of the examples that show files.
const EXAMPLE_ENVIRONMENTS: [&str; 2] = ["dev", "prod"];

/// What stands before the path of a file in an example.
const FILE: &str = "# file: ";

/// A rule of object scope.
pub(crate) const PROBE_RULE: &str = "\
# METADATA
# title: Every container has a probe
# description: Without one, a hang stays unseen.
# custom:
#   kinds: [Deployment]
#   help: Add livenessProbe to the container.
package kubevet.demo.probe

import rego.v1

deny contains {\"msg\": msg, \"path\": path} if {
\tsome i, container in input.spec.template.spec.containers
\tnot container.livenessProbe
\tmsg := sprintf(\"container \\\"%s\\\" has no livenessProbe\", [container.name])
\tpath := [\"spec\", \"template\", \"spec\", \"containers\", i, \"livenessProbe\"]
}
";

/// How that rule's findings are mended.
pub(crate) const ADD_PROBE: &str =
    r#"{"title": "add a probe", "safe": true, "edits": [{"set": path, "value": {"tcpSocket": {"port": 80}}}]}"#;

/// That rule, or one like it, with a fix.
pub(crate) fn with_fix(rule: &str, fix: &str) -> String {
    let rule = rule.replace("\"path\": path}", "\"path\": path, \"fix\": fix}");
    rule.replace("\"livenessProbe\"]\n", &format!("\"livenessProbe\"]\n\tfix := {fix}\n"))
}

/// A rule that finds elements of a list, which have no keys, and takes them out.
pub(crate) const OLD_ARGUMENT_RULE: &str = "\
# METADATA
# title: No old argument is given
# description: The program does not know it any more.
# custom:
#   kinds: [Deployment]
#   fix: true
package kubevet.demo.old

import rego.v1

deny contains {\"msg\": msg, \"path\": path, \"fix\": fix} if {
\targument := input.spec.template.spec.containers[i].args[n]
\tstartswith(argument, \"old\")
\tmsg := sprintf(\"%s is an old argument\", [argument])
\tpath := [\"spec\", \"template\", \"spec\", \"containers\", i, \"args\", n]
\tfix := {\"title\": \"do without it\", \"safe\": true, \"edits\": [{\"remove\": path}]}
}
";

/// A rule whose findings can be mended.
pub(crate) const FIXING_RULE: &str = "\
# METADATA
# title: Every container has a probe
# description: Without one, a hang stays unseen.
# custom:
#   kinds: [Deployment]
package kubevet.demo.probe

import rego.v1

deny contains {\"msg\": msg, \"path\": path, \"fix\": fix} if {
\tsome i, container in input.spec.template.spec.containers
\tnot container.livenessProbe
\tmsg := sprintf(\"container \\\"%s\\\" has no livenessProbe\", [container.name])
\tpath := [\"spec\", \"template\", \"spec\", \"containers\", i, \"livenessProbe\"]
\tfix := {\"title\": \"add a probe\", \"safe\": true, \"edits\": [{\"set\": path, \"value\": {\"tcpSocket\": {\"port\": 80}}}]}
}
";

/// A Deployment without a probe.
pub(crate) const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29
";

/// A directory that goes away with the value.
#[derive(Debug)]
pub(crate) struct Scratch(TempDir);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Scratch {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        Self(TempDir::new().expect("a scratch directory"))
    }

    /// A table, one rule, and two overlays over a base with one Deployment.
    pub(crate) fn project() -> Self {
        Self::empty()
            .file("policies/environments.yaml", TABLE)
            .file("policies/demo/probe.rego", PROBE_RULE)
            .file("base/kustomization.yaml", "resources: [deployment.yaml]\n")
            .file("base/deployment.yaml", DEPLOYMENT)
            .file("overlays/dev/kustomization.yaml", "namespace: web-dev\nresources: [../../base]\n")
            .file("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\n")
    }

    /// A project of the files that an example lists, each after a line `# file: PATH`; `None` where it is of manifests.
    pub(crate) fn of_files(example: &str) -> Option<Self> {
        let files = example.strip_prefix(FILE)?.split(FILE).filter_map(|file| file.split_once('\n'));
        // Where an example is one kustomization, that is prod.
        let is_one = !example.contains(&format!("{FILE}overlays/"));
        let below = if is_one { "overlays/prod/" } else { "" };
        // The table names what is there: a row without an overlay is an error.
        let has = |environment: &&&str| (is_one && **environment == "prod") || example.contains(&format!("{FILE}overlays/{environment}/"));
        let row = |environment: &&str| format!("  {environment}: {{overlays: [overlays/{environment}]}}\n");
        let rows: String = EXAMPLE_ENVIRONMENTS.iter().filter(has).map(row).collect();
        let scratch = Self::empty().file("policies/environments.yaml", &format!("version: 1\nenvironments:\n{rows}"));
        Some(files.fold(scratch, |scratch, (path, text)| scratch.file(&format!("{below}{path}"), text)))
    }

    /// The same with one more file.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs kubevet here. The rule of the scratch project alone is evaluated, unless the arguments say otherwise.
    pub(crate) fn check(&self, arguments: &[&str]) -> Run {
        self.run(&[&["check", "--rule", "demo/*"], arguments].concat())
    }

    /// Runs kubevet here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "")
    }

    /// Runs kubevet here with something on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = kubevet()
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kubevet starts");
        // A process that ends without reading closes the pipe; that is no failure of the test.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("kubevet ends");
        Run {
            code: output.status.code().expect("an exit code"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
        }
    }
}

impl Run {
    /// Checks the exit code, and shows everything where it is another.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Checks that the output has a text, and shows everything where it hasn't.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "no {text:?} in\nstdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// The report as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in\n{}\nstderr:\n{}", self.stdout, self.stderr))
    }
}

/// The binary under test, with an environment that does not depend on who runs the test.
pub(crate) fn kubevet() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubevet"));
    // Wide enough that no line is wrapped: help is never wider than a page.
    for variable in ["NO_COLOR", "GITHUB_SHA", "CI_COMMIT_SHA"] {
        command.env_remove(variable);
    }
    command.env("COLUMNS", "100000");
    command
}

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether kubectl is there; says so where it isn't.
pub(crate) fn has_kubectl(test: &str) -> bool {
    let found = Command::new("kubectl").args(["version", "--client"]).output().is_ok_and(|output| output.status.success());
    if !found {
        skipped::note(&format!("kubectl is not on PATH, so {test} did not run"));
    }
    found
}

/// Whether a program is on PATH; says so where it isn't.
pub(crate) fn has_tool(program: &str, test: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        skipped::note(&format!("{program} is not on PATH, so {test} did not run"));
    }
    found
}

/// Copies the repository's files, without those at its top that are named in `left_out`.
pub(crate) fn copy_of_repository(to: &Path, left_out: &[&str]) {
    let root = repository();
    let kept = |entry: &walkdir::DirEntry| !(entry.depth() == 1 && left_out.iter().any(|name| entry.file_name() == *name));
    for entry in walkdir::WalkDir::new(&root).into_iter().filter_entry(kept) {
        let entry = entry.expect("a readable repository");
        let to = to.join(entry.path().strip_prefix(&root).expect("below the root"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).expect("a directory");
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

/// Workloads of kinds that are not Kubernetes' own: each with what nobody should let pass.
pub(crate) const OTHER_WORKLOADS: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true
      containers:
        - name: web
          image: nginx
          env:
            - {name: CACHE, valueFrom: {secretKeyRef: {name: absent, key: url}}}
          securityContext: {privileged: true}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  minReplicas: 2
  maxReplicas: 9
  scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: wep}
  ports: [{port: 80}]
---
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
metadata: {name: train, namespace: batch}
spec:
  replicatedJobs:
    - name: first
      template:
        spec:
          template:
            spec: {containers: [{name: first, image: 'registry.shop.example/first:1'}]}
    - name: second
      template:
        spec:
          template:
            spec: {hostPID: true, containers: [{name: second, image: 'registry.shop.example/second:1'}]}
---
apiVersion: kubeflow.org/v1
kind: TFJob
metadata: {name: fit, namespace: batch}
spec:
  tfReplicaSpecs:
    Worker:
      replicas: 3
      template:
        spec:
          containers:
            - name: tensorflow
              image: registry.shop.example/fit:1
              securityContext: {privileged: true}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build, namespace: batch}
spec:
  steps:
    - name: one
      image: registry.shop.example/one:1
    - name: two
      image: registry.shop.example/two:1
      securityContext: {privileged: true}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: all, namespace: watch}
spec:
  serviceAccountName: absent
  containers:
    - name: proxy
      image: registry.shop.example/proxy:1
      securityContext: {privileged: true}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: old, namespace: batch}
spec:
  template:
    spec:
      volumes: [{name: disk, containerDisk: {image: 'registry.shop.example/disk:1'}}]
";
