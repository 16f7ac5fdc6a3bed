//! A desk to try documentation at: a copy of the repository, kubevet on PATH, and stand-ins for what needs a cluster, a daemon or minutes.
//!
//! A stand-in only writes down how it was called. [`Desk::calls`] is then held to what is known without a cluster: every file, overlay,
//! namespace, object, image and port that a call names must exist in this repository, and a way to call a program that is not known here
//! is a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use super::{copy_of_repository, kubevet, repository};

/// The programs that are stood in for.
const STAND_INS: [&str; 8] = ["cargo", "curl", "docker", "dot", "helm", "kind", "kubectl", "python3"];

/// Notes its name and arguments, a line each, and an empty line. What is asked for output gets some.
const STAND_IN: &str = "\
#!/bin/sh
{ basename \"$0\"; for argument; do printf '%s\\n' \"$argument\"; done; echo; } >> \"$CALLS\"
case \"$(basename \"$0\") $1\" in
'helm template') printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: chart, namespace: charts}\\ndata: {a: b}\\n' ;;
'kubectl -n') [ \"$3\" != get ] || echo pod/example-0 ;;
'dot '*) cat > /dev/null ;;
'python3 '*) [ \"$2\" != export ] || mkdir -p \"$3\" ;;
esac
";

/// A copy of the repository without what is built, as a Git repository with one commit that `origin/main` points at.
#[derive(Debug)]
pub(crate) struct Desk(tempfile::TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a directory"));
        copy_of_repository(&desk.path("repository"), &["target", ".git", "validator"]);
        std::os::unix::fs::symlink(repository().join("validator").canonicalize().expect("a path"), desk.path("repository/validator"))
            .expect("a link");
        for directory in ["bin", "home"] {
            fs::create_dir(desk.path(directory)).expect("a directory");
        }
        for name in STAND_INS {
            fs::write(desk.path("bin").join(name), STAND_IN).expect("a file");
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kubevet"), desk.path("bin/kubevet")).expect("a link");
        let commit = "chmod +x ../bin/*; git init -q . && git add -A && git -c user.name=t -c user.email=t@example.com commit -qm t && git update-ref refs/remotes/origin/main HEAD";
        assert!(desk.shell(commit).status.success(), "git works");
        desk
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// A file of the copy.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.path("repository").join(path)
    }

    /// Runs a script in the copy; it ends with the first command that fails.
    pub(crate) fn shell(&self, script: &str) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", script]).current_dir(self.path("repository"));
        shell.env("PATH", path).env("NO_COLOR", "1").env("HOME", self.path("home")).env("CALLS", self.path("calls"));
        shell.output().expect("a shell")
    }

    /// How the stand-ins were called since the last time, each call checked.
    pub(crate) fn calls(&self) -> usize {
        let text = fs::read_to_string(self.path("calls")).unwrap_or_default();
        let _ = fs::remove_file(self.path("calls"));
        let calls: Vec<Vec<&str>> =
            text.split("\n\n").map(|call| call.lines().collect()).filter(|call: &Vec<_>| !call.is_empty()).collect();
        calls.iter().for_each(|call| self.check(call));
        calls.len()
    }

    fn check(&self, call: &[&str]) {
        let shown = call.join(" ");
        match call {
            ["cargo", "install", "--path", package, "--locked"] => assert!(self.file(package).join("Cargo.toml").is_file(), "{shown}"),
            ["cargo", "xtask", "test"] => {}
            ["cargo", "run", "--release", "--", arguments @ ..] | ["cargo", "run", "--", arguments @ ..] => {
                let output = kubevet().args(arguments).current_dir(self.file("")).output().expect("kubevet starts");
                assert!(output.status.success(), "{shown}: {}", String::from_utf8_lossy(&output.stderr));
            }
            ["curl", url] => {
                let port: u16 =
                    url.strip_prefix("http://localhost:").and_then(|rest| rest.split('/').next()?.parse().ok()).expect("a port");
                assert!(stack().contains(&format!("nodePort: {port}")), "{shown}: no Service has this port");
                let kind = fs::read_to_string(self.file("hack/kind.yaml")).expect("a file");
                assert!(kind.contains(&format!("hostPort: {port}")), "{shown}: kind forwards no such port");
            }
            ["docker", "build", "-t", "somabrain-upstream:49daf44", "."] => {
                let dockerfile = fs::read_to_string(self.file("hack/images/somabrain.Dockerfile")).expect("a file");
                assert!(dockerfile.contains("ARG IMAGE=somabrain-upstream:49daf44\n"), "{shown}: nothing builds on it");
            }
            ["docker", "build", "-t", image, "."] => assert_image(image, &shown),
            ["docker", "build", "-f", file, "-t", image, "PATH/TO/somabrain"] => {
                assert!(self.file(file).is_file(), "{shown}");
                assert_image(image, &shown);
            }
            ["docker", "exec", "sb_postgres", "pg_dump", ..] | ["dot", ..] | ["helm", "template", _] => {}
            ["kind", "create", "cluster", "--name", "somabrain", "--config", file] => {
                assert!(fs::read_to_string(self.file(file)).expect("a file").contains("kind: Cluster"), "{shown}");
            }
            ["kind", "load", "docker-image", images @ .., "--name", "somabrain"] => {
                images.iter().for_each(|image| assert_image(image, &shown))
            }
            ["kubectl", "apply" | "diff" | "delete", "-k", overlay] => {
                let output = kubevet().args(["render", overlay]).current_dir(self.file("")).output().expect("kubevet starts");
                assert!(output.status.success(), "{shown}: {}", String::from_utf8_lossy(&output.stderr));
            }
            ["kubectl", "-n", namespace, "delete", kinds, "-l", label] => {
                let (key, value) = label.split_once('=').expect("a label");
                assert!(stack().contains(&format!("namespace: {namespace}\n")), "{shown}: no such namespace");
                assert!(stack().contains(&format!("{key}: {value}\n")), "{shown}: nothing has this label");
                assert!(kinds.split(',').all(|kind| ["job", "configmap", "serviceaccount", "networkpolicy"].contains(&kind)), "{shown}");
            }
            ["kubectl", "-n", namespace, "delete", "statefulset", "--all"] => {
                assert!(stack().contains(&format!("namespace: {namespace}\n")), "{shown}: no such namespace");
            }
            ["kubectl", "-n", namespace, command, rest @ ..] => {
                assert!(stack().contains(&format!("namespace: {namespace}\n")), "{shown}: no such namespace");
                assert!(["delete", "get", "logs", "rollout", "wait"].contains(command), "{shown}: an unknown command");
                for (kind, name) in named(command, rest) {
                    let document =
                        |text: &str| text.contains(&format!("\nkind: {kind}\n")) && text.contains(&format!("\n  name: {name}\n"));
                    assert!(stack().split("---\n").any(|text| document(&format!("\n{text}"))), "{shown}: there is no {kind} {name}");
                }
            }
            ["kubectl", "cp", "archive/.", to, "-c", container] => {
                assert!(to.ends_with(":/migration") && stack().contains(&format!("name: {container}\n")), "{shown}");
            }
            ["python3", script, command, ..] => {
                let text = fs::read_to_string(self.file(script)).unwrap_or_else(|error| panic!("{shown}: {error}"));
                assert!(text.contains(&format!("\"{command}\"")), "{shown}: the script knows no such command");
            }
            _ => panic!("a call that nobody knows: {shown}"),
        }
    }
}

/// The objects that arguments of kubectl name, as `job/NAME`, or `job NAME` after `delete`.
fn named<'a>(command: &str, arguments: &[&'a str]) -> Vec<(&'static str, &'a str)> {
    let kinds = [("job", "Job"), ("pvc", "PersistentVolumeClaim"), ("deployment", "Deployment"), ("statefulset", "StatefulSet")];
    let kind = |word: &str| kinds.iter().find(|(short, _)| *short == word).map(|(_, kind)| *kind);
    match arguments {
        [word, name, ..] if command == "delete" => vec![(kind(word).expect("a known kind"), *name)],
        _ => arguments.iter().filter_map(|word| word.split_once('/')).filter_map(|(word, name)| Some((kind(word)?, name))).collect(),
    }
}

fn assert_image(image: &str, call: &str) {
    assert!(stack().contains(&format!("image: {image}\n")), "{call}: nothing in dev runs this image");
}

/// Everything that the overlays and Jobs of dev render to.
fn stack() -> &'static str {
    static STACK: OnceLock<String> = OnceLock::new();
    STACK.get_or_init(|| {
        let render = |overlay: &Path| {
            let output = kubevet().arg("render").arg(overlay).output().expect("kubevet starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("UTF-8")
        };
        let dev = ["overlays/dev", "jobs/precheck/dev", "jobs/integration-tests/dev", "jobs/benchmark/dev", "jobs/migrate-data/dev"];
        dev.iter().map(|overlay| render(&repository().join(overlay))).collect::<Vec<_>>().join("---\n")
    })
}
