//! The hook as people get it: the real `pre-commit` clones this repository, which builds kubevet with `cargo install` as there is no release of it,
//! and runs it on commits.
//!
//! To share what `cargo test` has built already, a `cargo` before the real one on PATH adds `--debug` to `cargo install`. Nothing else is made up.

#![allow(clippy::expect_used, clippy::panic, reason = "test helpers outside the functions that clippy exempts")]

mod common;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use common::{DEPLOYMENT, Scratch, copy_of_repository, has_tool, repository};

const CARGO: &str = "\
#!/bin/sh
command=\"$1\"
shift
if [ \"$command\" = install ]; then set -- \"$@\" --debug; fi
exec \"$REAL_CARGO\" \"$command\" \"$@\"
";

/// A patch that takes away what the base has.
const BAD_PATCH: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          livenessProbe: null
";

/// Scratch repositories of one run, and what they share.
struct Setting {
    directory: tempfile::TempDir,
}

impl Setting {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join("bin")).expect("a directory");
        let cargo = directory.path().join("bin/cargo");
        fs::write(&cargo, CARGO).expect("a file");
        assert!(Command::new("chmod").arg("+x").arg(&cargo).status().expect("chmod").success());
        Self { directory }
    }

    /// A program in a directory, as somebody would run it there.
    fn run(&self, dir: &Path, program: &str, arguments: &[&str]) -> Output {
        let target = env::current_exe().expect("this test").ancestors().nth(3).expect("the target directory").to_owned();
        let path = format!("{}:{}", self.directory.path().join("bin").display(), env::var("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command.args(arguments).current_dir(dir).env("PATH", path).env("REAL_CARGO", env!("CARGO"));
        command.env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env("PRE_COMMIT_HOME", self.directory.path().join("home")).env("NO_COLOR", "1");
        command.env("XDG_CACHE_HOME", self.directory.path().join("cache")).env("KUBEVET_RELEASES", "file:///no/releases");
        for (key, value) in [("GIT_AUTHOR_NAME", "t"), ("GIT_AUTHOR_EMAIL", "t@example.com"), ("GIT_CONFIG_GLOBAL", "/dev/null")] {
            command.env(key, value);
        }
        command.env("GIT_COMMITTER_NAME", "t").env("GIT_COMMITTER_EMAIL", "t@example.com");
        command.output().expect("a program that starts")
    }

    fn succeeds(&self, dir: &Path, program: &str, arguments: &[&str]) -> String {
        let output = self.run(dir, program, arguments);
        let text = text(&output);
        assert!(output.status.success(), "{program} {arguments:?}:\n{text}");
        text
    }

    /// Commits everything in a directory.
    fn commit(&self, dir: &Path) -> Output {
        self.succeeds(dir, "git", &["add", "-A"]);
        self.run(dir, "git", &["commit", "-m", "change"])
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn is_there(test: &str) -> bool {
    has_tool("pre-commit", test) && has_tool("git", test)
}

#[test]
fn a_good_commit_passes_and_a_bad_one_is_stopped() {
    if !is_there("a_good_commit_passes_and_a_bad_one_is_stopped") {
        return;
    }
    let setting = Setting::new();
    let hooks = setting.directory.path().join("kubevet");
    copy_of_repository(&hooks, &["target", ".git"]);
    setting.succeeds(&hooks, "git", &["init", "-q"]);
    setting.succeeds(&hooks, "git", &["add", "-A"]);
    setting.succeeds(&hooks, "git", &["commit", "-qm", "one"]);
    let revision = setting.succeeds(&hooks, "git", &["rev-parse", "HEAD"]);
    let config = format!(
        "repos:\n  - repo: file://{}\n    rev: {}\n    hooks:\n      - id: kubevet\n        args: [--rule, probes/liveness]\n",
        hooks.display(),
        revision.trim()
    );
    let prod = "resources: [../../base]\npatches:\n  - path: web.yaml\nconfigMapGenerator:\n  - name: web\n    envs: [web.env]\n    files: [routes.lua]\n";
    let scratch = Scratch::empty()
        .file(".pre-commit-config.yaml", &config)
        .file("README.md", "web\n")
        .file("base/kustomization.yaml", "resources: [deployment.yaml]\n")
        .file("base/deployment.yaml", &format!("{DEPLOYMENT}          livenessProbe: {{tcpSocket: {{port: 80}}}}\n"))
        .file("overlays/prod/kustomization.yaml", prod)
        .file("overlays/prod/web.env", "LEVEL=info\n")
        .file("overlays/prod/routes.lua", "-- none\n")
        .file("overlays/prod/web.yaml", &BAD_PATCH.replace("livenessProbe: null", "imagePullPolicy: Always"));
    let dir = scratch.path();
    setting.succeeds(dir, "git", &["init", "-q"]);
    setting.succeeds(dir, "pre-commit", &["install"]);

    let good = setting.commit(dir);
    assert!(good.status.success() && text(&good).contains("Passed"), "{}", text(&good));

    scratch.write("overlays/prod/web.yaml", BAD_PATCH);
    let bad = setting.commit(dir);
    let said = text(&bad);
    assert!(!bad.status.success(), "{said}");
    for part in
        ["Failed", "error[probes/liveness] prod: Deployment web", "overlays/prod/web.yaml:10:11", "base/deployment.yaml:13:11 had one"]
    {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    assert_eq!(setting.succeeds(dir, "git", &["rev-list", "--count", "HEAD"]).trim(), "1", "the bad commit was made");

    // What the overlays read is judged; what nothing reads is not, and takes no time.
    setting.succeeds(dir, "git", &["reset", "-q", "--hard"]);
    for file in ["overlays/prod/web.env", "overlays/prod/routes.lua", "overlays/prod/kustomization.yaml", "policies/labels/owner.rego"] {
        let before = fs::read_to_string(dir.join(file)).unwrap_or_default();
        scratch.write(file, before + "\n");
        setting.succeeds(dir, "git", &["add", "-A"]);
        let said = text(&setting.run(dir, "pre-commit", &["run"]));
        assert!(!said.contains("Skipped"), "{file}: {said}");
        setting.succeeds(dir, "git", &["reset", "-q", "--hard"]);
    }
    scratch.write("README.md", "web, a server\n");
    let start = Instant::now();
    let other = setting.commit(dir);
    assert!(other.status.success() && text(&other).contains("Skipped"), "{}", text(&other));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// The hook of this repository's own configuration runs, and fires on what the published one fires on.
#[test]
fn this_repository_uses_the_hook() {
    let read = |name: &str| -> serde_yaml::Value {
        serde_yaml::from_str(&fs::read_to_string(repository().join(name)).expect("a file")).expect("YAML")
    };
    let published = read(".pre-commit-hooks.yaml")[0].clone();
    let own = read(".pre-commit-config.yaml")["repos"][0]["hooks"][0].clone();
    for key in ["id", "exclude", "pass_filenames", "require_serial"] {
        assert_eq!(own[key], published[key], "{key}");
    }
    if !is_there("this_repository_uses_the_hook") {
        return;
    }
    let setting = Setting::new();
    let dir: PathBuf = setting.directory.path().join("copy");
    copy_of_repository(&dir, &["target", ".git"]);
    setting.succeeds(&dir, "pre-commit", &["validate-config", ".pre-commit-config.yaml"]);
    setting.succeeds(&dir, "pre-commit", &["validate-manifest", ".pre-commit-hooks.yaml"]);
    // `cargo run` builds for minutes here; what it runs is the kubevet of this test.
    fs::write(
        setting.directory.path().join("bin/cargo"),
        "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nexec \"$KUBEVET\" \"$@\"\n",
    )
    .expect("a file");
    setting.succeeds(&dir, "git", &["init", "-q"]);
    setting.succeeds(&dir, "git", &["add", "-A"]);
    setting.succeeds(&dir, "git", &["commit", "-qm", "one"]);
    let run = |dir: &Path| {
        let command = format!("KUBEVET={} pre-commit run --all-files --verbose", env!("CARGO_BIN_EXE_kubevet"));
        setting.run(dir, "sh", &["-c", &command])
    };
    let output = run(&dir);
    assert!(output.status.success() && text(&output).contains("Passed"), "{}", text(&output));
    fs::write(dir.join("overlays/prod/nothing.env"), "A=1\n").expect("a file");
    fs::remove_file(dir.join("base/somabrain/deployment.yaml")).expect("a file that is there");
    setting.succeeds(&dir, "git", &["add", "-A"]);
    let output = run(&dir);
    assert!(!output.status.success() && text(&output).contains("error[render-failed]"), "{}", text(&output));
}
