//! `action.yml` and the workflows: linted, pinned, and the action's scripts run as a runner runs them.
//!
//! Not tested here, because it needs GitHub: the caches, the upload to code scanning, and the job that applies dev to a kind cluster.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::{copy_of_repository, has_tool, repository};
use serde_yaml::Value;

const WORKFLOWS: [&str; 2] = [".github/workflows/gate.yml", ".github/workflows/release.yml"];

fn read(file: &str) -> String {
    fs::read_to_string(repository().join(file)).unwrap()
}

#[test]
fn actionlint_accepts_the_workflows() {
    if has_tool("actionlint", "actionlint_accepts_the_workflows") {
        let output = Command::new("actionlint").args(WORKFLOWS).current_dir(repository()).output().unwrap();
        assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn actions_of_others_are_pinned_by_commit() {
    let mut count = 0;
    for file in WORKFLOWS.into_iter().chain(["action.yml"]) {
        let text = read(file);
        for used in text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("uses: ")).filter(|used| *used != "./")
        {
            let commit = used.split_once('@').map_or("", |(_, rest)| rest.split(" # v").next().unwrap_or_default());
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{file}: {used}");
            count += 1;
        }
    }
    assert!(count > 5, "{count}");
}

/// The scripts of the action's steps, by the name of the step.
fn scripts() -> Vec<(String, String)> {
    let action: Value = serde_yaml::from_str(&read("action.yml")).unwrap();
    let steps = action["runs"]["steps"].as_sequence().unwrap().clone();
    let script = |step: Value| Some((step["name"].as_str()?.to_owned(), step["run"].as_str()?.to_owned()));
    steps.into_iter().filter_map(script).collect()
}

#[test]
fn shellcheck_accepts_the_scripts_of_the_action() {
    if !has_tool("shellcheck", "shellcheck_accepts_the_scripts_of_the_action") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (name, script) in scripts() {
        let file = dir.path().join("script");
        fs::write(&file, script).unwrap();
        let output = Command::new("shellcheck").args(["--shell=bash", "--severity=warning"]).arg(&file).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// What a runner gives to a step: directories, files for outputs and the summary, and the inputs.
struct Runner(tempfile::TempDir);

impl Runner {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("temp/kubevet/bin")).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_kubevet"), dir.path().join("temp/kubevet/bin/kubevet")).unwrap();
        copy_of_repository(&dir.path().join("workspace"), &["target", ".git", "validator"]);
        Self(dir)
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap_or_default()
    }

    fn workspace(&self) -> std::path::PathBuf {
        self.0.path().join("workspace")
    }

    /// Runs a step as runners do: `bash --noprofile --norc -eo pipefail`.
    fn step(&self, name: &str, inputs: &[(&str, &str)]) -> Output {
        let (_, script) = scripts().into_iter().find(|(step, _)| step == name).unwrap();
        for file in ["output", "summary"] {
            fs::write(self.0.path().join(file), "").unwrap();
        }
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script]).current_dir(self.workspace());
        let path = |name: &str| self.0.path().join(name);
        command.env("RUNNER_TEMP", path("temp")).env("GITHUB_OUTPUT", path("output")).env("GITHUB_STEP_SUMMARY", path("summary"));
        let defaults = [("PATHS", "."), ("ARGUMENTS", ""), ("SINCE", ""), ("GRAPH", ""), ("SARIF", "kubevet.sarif")];
        command.envs(defaults).envs(inputs.iter().copied()).env("NO_COLOR", "1");
        command.output().unwrap()
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_action_reports_everywhere_and_fails_on_findings() {
    let runner = Runner::new();
    let run = |inputs: &[(&str, &str)]| runner.step("Judge the overlays", inputs);
    let clean = run(&[("GRAPH", "overlays/prod\noverlays/staging"), ("PATHS", "overlays\njobs")]);
    assert!(clean.status.success(), "{}", text(&clean));
    assert_eq!(runner.file("output"), "exit-code=0\n");
    assert!(text(&clean).contains("15 renders"), "both lines of paths are judged: {}", text(&clean));
    let summary = runner.file("summary");
    for part in
        ["## kubevet: ✅ clean", "### Findings", "| Rule | dev | staging | prod |", "talk to whom in `overlays/prod`", "flowchart LR"]
    {
        assert!(summary.contains(part), "no {part:?} in\n{summary}");
    }
    assert_eq!(summary.matches("```mermaid").count(), 2);

    fs::write(
        runner.workspace().join("overlays/prod/patches/quick-fix.yaml"),
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: somabrain}\nspec: {template: {spec: {containers: [{name: somabrain, livenessProbe: null}]}}}\n",
    )
    .unwrap();
    let kustomization = runner.workspace().join("overlays/prod/kustomization.yaml");
    let before = fs::read_to_string(&kustomization).unwrap();
    fs::write(&kustomization, before + "  - path: patches/quick-fix.yaml\n").unwrap();
    let found = run(&[("PATHS", "overlays/prod"), ("SARIF", "out/report.sarif")]);
    assert_eq!(found.status.code(), Some(1), "{}", text(&found));
    assert_eq!(runner.file("output"), "exit-code=1\n");
    assert!(text(&found).contains("::error file=overlays/prod/patches/quick-fix.yaml,line=4,"), "{}", text(&found));
    assert!(text(&found).contains("error[probes/liveness]"), "{}", text(&found));
    let summary = runner.file("summary");
    assert!(summary.contains("| ❌ | `probes/liveness` | 1 |") && summary.contains("- **prod**: Deployment"), "{summary}");
    assert!(runner.file("workspace/out/report.sarif").contains("\"ruleId\": \"probes/liveness\""));

    let wrong = run(&[("ARGUMENTS", "--nonsense")]);
    assert_eq!((wrong.status.code(), runner.file("output").as_str()), (Some(2), "exit-code=2\n"), "{}", text(&wrong));
}

/// In a pull request, the policies of its base judge.
#[test]
fn the_action_judges_by_the_base_of_a_pull_request() {
    let runner = Runner::new();
    let workspace = runner.workspace();
    let git = |arguments: &[&str]| common::git::git(&workspace, arguments);
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "base"]);
    let base = git(&["rev-parse", "HEAD"]);
    fs::write(workspace.join("policies/waivers.yaml"), "version: 1\nwaivers: []\n").unwrap();
    let run = |policy_from: &str, base: &str| {
        runner.step("Judge the overlays", &[("PATHS", "overlays/prod"), ("POLICY_FROM", policy_from), ("BASE", base)])
    };
    for (policy_from, base) in [("base", base.as_str()), (&base, ""), ("HEAD", "")] {
        let judged = run(policy_from, base);
        assert!(judged.status.success() && text(&judged).contains("waiver gone: "), "{}", text(&judged));
    }
    // Pushes have no base, and who wants the checkout's own policies says so.
    for (policy_from, base) in [("base", ""), ("", base.as_str())] {
        let judged = run(policy_from, base);
        assert_eq!(judged.status.code(), Some(1), "{}", text(&judged));
    }

    // What the checkout left out is fetched.
    let clone = runner.0.path().join("clone");
    fs::write(workspace.join("README.md"), "").unwrap();
    git(&["commit", "-qam", "change"]);
    common::git::git(runner.0.path(), &["clone", "-q", "--depth=1", &format!("file://{}", workspace.display()), "clone"]);
    let (_, script) = scripts().into_iter().find(|(name, _)| name.starts_with("Fetch")).unwrap();
    let fetch = |base: &str| {
        let done = Command::new("bash").args(["-eo", "pipefail", "-c", &script]).current_dir(&clone).env("BASE", base).output().unwrap();
        assert!(done.status.success(), "{}", text(&done));
        text(&done)
    };
    assert_eq!(fetch(&base), "");
    common::git::git(&clone, &["cat-file", "-e", &base]);
    assert!(fetch(&"0".repeat(40)).contains("::warning::"));
}

/// What a pull request does to each environment is in the summary, and in one comment, which later runs update.
#[test]
fn the_action_says_what_a_pull_request_does() {
    let runner = Runner::new();
    let workspace = runner.workspace();
    let git = |arguments: &[&str]| common::git::git(&workspace, arguments);
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "base"]);
    let base = git(&["rev-parse", "HEAD"]);
    let kustomization = workspace.join("overlays/dev/kustomization.yaml");
    let before = fs::read_to_string(&kustomization).unwrap();
    fs::write(&kustomization, before + "\ncommonAnnotations: {team: memory}\n").unwrap();
    let said = runner.step("Say what the change does", &[("PATHS", "overlays"), ("BASE", &base)]);
    let summary = runner.file("summary");
    assert!(said.status.success() && summary.starts_with("## kubevet diff\n") && summary.contains("| dev |"), "{}\n{summary}", text(&said));
    assert_eq!(runner.file("temp/kubevet-diff.md"), summary);

    let path = format!("{}:{}", runner.0.path().join("bin").display(), std::env::var("PATH").unwrap());
    let comment = |known: &str, code: &str| {
        fs::create_dir_all(runner.0.path().join("bin")).unwrap();
        let gh = runner.0.path().join("bin/gh");
        fs::write(&gh, "#!/bin/sh\necho \"$@\" >> \"$LOG\"\ncase \"$*\" in *--jq*) printf '%b' \"$KNOWN\";; *) exit \"$CODE\";; esac\n")
            .unwrap();
        fs::set_permissions(&gh, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let log = runner.0.path().join("log").display().to_string();
        fs::write(&log, "").unwrap();
        let comments = [("COMMENTS", "repos/o/r/issues/7/comments"), ("COMMENT", "repos/o/r/issues/comments")];
        let inputs = [("PATH", path.as_str()), ("LOG", &log), ("KNOWN", known), ("CODE", code)];
        let done = runner.step("Comment what the change does", &[&comments[..], &inputs].concat());
        assert!(done.status.success(), "{}", text(&done));
        (runner.file("log"), text(&done))
    };
    let (log, said) = comment("", "0");
    assert!(log.contains("--method POST repos/o/r/issues/7/comments --field body=@") && said.is_empty(), "{log}{said}");
    let (log, _) = comment("31\\n32\\n", "0");
    assert!(log.contains("--method PATCH repos/o/r/issues/comments/31 --field body=@") && !log.contains("POST"), "{log}");
    let (_, said) = comment("", "1");
    assert!(said.contains("::notice::") && said.contains("pull-requests: write"), "{said}");
}

#[test]
fn the_action_lets_a_change_command_nothing() {
    let runner = Runner::new();
    let run = |inputs: &[(&str, &str)]| runner.step("Judge the overlays", inputs);
    let clean = run(&[("PATHS", "overlays/dev")]);
    let log = text(&clean);
    let (_, rest) = log.split_once("::stop-commands::").unwrap();
    let (word, rest) = rest.split_once('\n').unwrap();
    assert!(word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit()), "{word}");
    let (report, _) = rest.split_once(&format!("\n::{word}::\n")).unwrap();
    assert!(report.contains("1 render (dev)"), "{log}");
    assert!(!text(&run(&[("PATHS", "overlays/dev")])).contains(word), "a word that others can't know");

    fs::create_dir(runner.workspace().join("--rule=objects")).unwrap();
    for paths in ["--rule=objects/* overlays/dev", "--rule=objects", "-h"] {
        let run = run(&[("PATHS", paths)]);
        assert!(!matches!(run.status.code(), Some(0 | 1)), "{paths}: {}", text(&run));
    }
    // Over a link, nothing is written; the log and the summary are there.
    fs::write(runner.workspace().join("victim"), "old").unwrap();
    std::os::unix::fs::symlink("victim", runner.workspace().join("linked.sarif")).unwrap();
    let linked = run(&[("PATHS", "overlays/dev"), ("SARIF", "linked.sarif")]);
    assert_eq!((linked.status.code(), runner.file("workspace/victim").as_str()), (Some(2), "old"), "{}", text(&linked));
    assert!(text(&linked).contains("cannot write linked.sarif: it is a symbolic link") && runner.file("summary").contains("## kubevet"));
}

#[test]
fn the_key_of_the_cache_follows_the_sources() {
    let root = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for file in ["Cargo.toml", "Cargo.lock", "validator/main.rs", "policies/a b.rego", "README.md"] {
        write(file, file);
    }
    fs::create_dir(root.path().join("packaging")).unwrap();
    fs::copy(repository().join("packaging/fingerprint"), root.path().join("packaging/fingerprint")).unwrap();
    let (_, script) = scripts().into_iter().find(|(name, _)| name.starts_with("Fingerprint")).unwrap();
    let keys = |root: &Path| {
        let output = root.join("output");
        fs::write(&output, "").unwrap();
        let done = Command::new("bash").args(["-eo", "pipefail", "-c", &script]).current_dir(root).env("GITHUB_OUTPUT", &output).output();
        assert!(done.unwrap().status.success());
        fs::read_to_string(output).unwrap()
    };
    let before = keys(root.path());
    write("README.md", "other");
    assert_eq!(keys(root.path()), before);
    write("policies/a b.rego", "other");
    let after = keys(root.path());
    assert_ne!(after, before);
    assert_eq!(after.lines().nth(1), before.lines().nth(1), "{after}");
}
