//! What packages a release: the archive, what is downloaded of it, and the manifests of package managers.
//!
//! Not tested here, because it needs GitHub: attestations, the SBOM, the push of the image, and the binaries of other machines.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use common::{has_tool, repository};
use serde_yaml::Value;

/// The targets of a release, with how krew calls them.
const TARGETS: [(&str, &str, &str); 4] = [
    ("x86_64-unknown-linux-musl", "linux", "amd64"),
    ("aarch64-unknown-linux-musl", "linux", "arm64"),
    ("x86_64-apple-darwin", "darwin", "amd64"),
    ("aarch64-apple-darwin", "darwin", "arm64"),
];

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a script of `packaging/` in the repository.
fn script(name: &str, arguments: &[&Path], releases: &Path) -> Output {
    let mut command = Command::new(repository().join("packaging").join(name));
    command.args(arguments).current_dir(repository()).env("KUBEVET_RELEASES", format!("file://{}", releases.display()));
    for name in ["GH_TOKEN", "GITHUB_TOKEN", "GITHUB_ACTIONS"] {
        command.env_remove(name);
    }
    command.env("GH_CONFIG_DIR", releases).output().unwrap()
}

/// What `Cargo.toml` says of a field of the workspace.
fn about(field: &str) -> String {
    let text = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{field} = \""))).unwrap();
    line.trim_end_matches('"').to_owned()
}

/// The directory of a release as `release.yml` makes it, with archives of a script that runs the kubevet of the tests.
fn release() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let of_version = directory.path().join(format!("v{}", about("version")));
    let binary = directory.path().join("kubevet");
    fs::write(&binary, format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_kubevet"))).unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
    for (target, ..) in TARGETS {
        let done = script("archive", &[&binary, Path::new(target), &of_version], directory.path());
        assert!(done.status.success(), "{}", text(&done));
    }
    let sums = Command::new("sh").args(["-c", "sha256sum kubevet-*.tar.gz > SHA256SUMS"]).current_dir(&of_version).status().unwrap();
    assert!(sums.success());
    let sources = script("fingerprint", &[], directory.path());
    fs::write(of_version.join("sources"), sources.stdout).unwrap();
    directory
}

#[test]
fn a_release_is_downloaded_if_it_is_of_these_sources_and_unchanged() {
    let releases = release();
    let of_version = releases.path().join(format!("v{}", about("version")));
    let fetch = || {
        let to = tempfile::tempdir().unwrap();
        let output = script("fetch", &[to.path()], releases.path());
        let binary = to.path().join("kubevet");
        let runs = binary.exists() && Command::new(&binary).arg("--version").output().unwrap().status.success();
        (output.status.code().unwrap(), runs, text(&output))
    };
    let (code, runs, said) = fetch();
    assert!(code == 0 && runs, "{code}: {said}");

    for (target, ..) in TARGETS {
        let archive = of_version.join(format!("kubevet-{target}.tar.gz"));
        let mut bytes = fs::read(&archive).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(archive, bytes).unwrap();
    }
    let (code, runs, said) = fetch();
    assert!(code == 2 && !runs && said.contains("has not the sum"), "{code}: {said}");

    fs::write(of_version.join("sources"), "0123456789abcdef\n").unwrap();
    let (code, runs, said) = fetch();
    assert!(code == 1 && !runs && said.contains("other sources"), "{code}: {said}");
    fs::remove_file(of_version.join("sources")).unwrap();
    let (code, runs, said) = fetch();
    assert!(code == 1 && !runs && said.contains("there is no release"), "{code}: {said}");
}

/// On a runner of GitHub's, a binary whose origin is not attested is none.
#[test]
fn a_runner_asks_for_the_attestation() {
    let releases = release();
    let bin = tempfile::tempdir().unwrap();
    let gh = |exit: u8| {
        let text =
            format!("#!/bin/sh\n[ \"$1 $2\" = 'auth token' ] || {{ echo \"$@\" >> {}/calls; exit {exit}; }}\n", bin.path().display());
        fs::write(bin.path().join("gh"), text).unwrap();
        fs::set_permissions(bin.path().join("gh"), fs::Permissions::from_mode(0o755)).unwrap();
    };
    let fetch = || {
        let to = tempfile::tempdir().unwrap();
        let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(repository().join("packaging/fetch"));
        command.arg(to.path()).env("PATH", path).env("GITHUB_ACTIONS", "true");
        let output = command.env("KUBEVET_RELEASES", format!("file://{}", releases.path().display())).output().unwrap();
        (output.status.code().unwrap(), to.path().join("kubevet").exists(), text(&output))
    };
    gh(0);
    let (code, is_there, said) = fetch();
    assert!(code == 0 && is_there, "{code}: {said}");
    let calls = fs::read_to_string(bin.path().join("calls")).unwrap();
    let repository = about("repository").replace("https://github.com/", "");
    assert!(calls.starts_with("attestation verify ") && calls.contains(&format!(".tar.gz --repo {repository}")), "{calls}");
    gh(1);
    let (code, is_there, said) = fetch();
    assert!(code == 2 && !is_there, "{code}: {said}");
}

/// The names that cargo-binstall would ask for are those of the archives, and the binary is where it would look.
#[test]
fn binstall_finds_what_archives_hold() {
    let releases = release();
    let of_version = releases.path().join(format!("v{}", about("version")));
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(repository())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let package = metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == "kubevet").unwrap().clone();
    assert_eq!(package["repository"], about("repository").as_str());
    let binstall = &package["metadata"]["binstall"];
    assert_eq!(binstall["pkg-fmt"], "tgz");
    let glibc = TARGETS[..2].iter().map(|(target, ..)| target.replace("musl", "gnu"));
    for target in TARGETS.iter().map(|(target, ..)| (*target).to_owned()).chain(glibc) {
        let of_target = &binstall["overrides"][&target];
        let field = |name: &str| of_target[name].as_str().or(binstall[name].as_str()).unwrap().to_owned();
        let expand = |text: String| text.replace("{ version }", &about("version")).replace("{ target }", &target);
        let url = expand(field("pkg-url")).replace("{ repo }", &about("repository"));
        let file = url.strip_prefix(&format!("{}/releases/download/v{}/", about("repository"), about("version"))).unwrap().to_owned();
        let listed = Command::new("tar").arg("-tzf").arg(of_version.join(&file)).output().unwrap();
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let inside = expand(field("bin-dir"));
        assert!(listed.lines().any(|line| line == inside), "{target}: no {inside} in {file}:\n{listed}");
        for part in ["/LICENSE", "/man/kubevet-check.1", "/completions/kubevet.zsh"] {
            assert!(listed.lines().any(|line| line.ends_with(part)), "no {part} in\n{listed}");
        }
    }
}

#[test]
fn an_archive_is_alike_each_time() {
    let releases = release();
    let binary = releases.path().join("kubevet");
    let target = Path::new("x86_64-unknown-linux-musl");
    let again = script("archive", &[&binary, target, &releases.path().join("again")], releases.path());
    assert!(again.status.success(), "{}", text(&again));
    let name = "kubevet-x86_64-unknown-linux-musl.tar.gz";
    let first = fs::read(releases.path().join(format!("v{}", about("version"))).join(name)).unwrap();
    assert!(first == fs::read(releases.path().join("again").join(name)).unwrap());
}

#[test]
fn package_managers_get_the_sums_of_all_archives() {
    let directory = tempfile::tempdir().unwrap();
    let sum = |at: usize| at.to_string().repeat(64);
    let lines = TARGETS.iter().enumerate().map(|(at, (target, ..))| format!("{}  kubevet-{target}.tar.gz\n", sum(at)));
    let lines: Vec<String> = lines.collect();
    fs::write(directory.path().join("SHA256SUMS"), lines.concat()).unwrap();
    let done = script("manifests", &[directory.path()], directory.path());
    assert!(done.status.success(), "{}", text(&done));
    let krew = fs::read_to_string(directory.path().join("kubevet.krew.yaml")).unwrap();
    let krew: Value = serde_yaml::from_str(&krew).unwrap();
    assert_eq!(krew["spec"]["version"], format!("v{}", about("version")).as_str());
    for (at, (target, os, arch)) in TARGETS.iter().enumerate() {
        let platform = &krew["spec"]["platforms"][at];
        let address = format!("{}/releases/download/v{}/kubevet-{target}.tar.gz", about("repository"), about("version"));
        assert_eq!(platform["uri"], address.as_str());
        assert_eq!(platform["sha256"], sum(at).as_str());
        assert_eq!(
            (platform["selector"]["matchLabels"]["os"].as_str(), platform["selector"]["matchLabels"]["arch"].as_str()),
            (Some(*os), Some(*arch))
        );
        let formula = fs::read_to_string(directory.path().join("kubevet.rb")).unwrap();
        assert!(formula.contains(&format!("url \"{address}\"\n      sha256 \"{}\"\n", sum(at))), "{formula}");
        assert!(!formula.contains('@'), "{formula}");
    }
    if has_tool("ruby", "package_managers_get_the_sums_of_all_archives, of the syntax of the formula,") {
        let checked = Command::new("ruby").arg("-c").arg(directory.path().join("kubevet.rb")).output().unwrap();
        assert!(checked.status.success(), "{}", text(&checked));
    }

    fs::write(directory.path().join("SHA256SUMS"), lines[..3].concat()).unwrap();
    let done = script("manifests", &[directory.path()], directory.path());
    assert!(!done.status.success() && text(&done).contains("no sum for @SHA256:aarch64-apple-darwin@"), "{}", text(&done));
}

/// The manifest keeps the rules that krew validates plugins by, and what it would copy out of an archive is there: the binary where `bin` says.
#[test]
fn krew_finds_what_archives_hold() {
    let releases = release();
    let of_version = releases.path().join(format!("v{}", about("version")));
    let done = script("manifests", &[&of_version], releases.path());
    assert!(done.status.success(), "{}", text(&done));
    let krew: Value = serde_yaml::from_str(&fs::read_to_string(of_version.join("kubevet.krew.yaml")).unwrap()).unwrap();
    assert_eq!(krew["apiVersion"], "krew.googlecontainertools.github.com/v1alpha2");
    assert_eq!(krew["kind"], "Plugin");
    let name = krew["metadata"]["name"].as_str().unwrap();
    assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
    let short = krew["spec"]["shortDescription"].as_str().unwrap();
    assert!(!short.is_empty() && short.len() <= 50 && !short.contains('\n'), "{short}");
    for (platform, (target, ..)) in krew["spec"]["platforms"].as_sequence().unwrap().iter().zip(TARGETS) {
        let sum = platform["sha256"].as_str().unwrap();
        assert!(sum.len() == 64 && sum.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{sum}");
        let archive = of_version.join(format!("kubevet-{target}.tar.gz"));
        let listed = Command::new("tar").arg("-tzf").arg(&archive).output().unwrap();
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let mut copied = Vec::new();
        for file in platform["files"].as_sequence().unwrap() {
            assert_eq!(file["to"], ".", "{target}");
            let glob = globset::GlobBuilder::new(file["from"].as_str().unwrap()).literal_separator(true).build().unwrap().compile_matcher();
            let found: Vec<_> = listed.lines().filter(|line| glob.is_match(line)).collect();
            assert_eq!(found.len(), 1, "{target}: {} in\n{listed}", glob.glob());
            copied.extend(found[0].rsplit('/').next());
        }
        assert_eq!(copied, [platform["bin"].as_str().unwrap(), "LICENSE"], "{target}");
    }
}

/// All that the image has is what the archives hold, and it asks for nothing that an empty image lacks.
#[test]
fn the_image_is_a_binary_and_nothing_else() {
    let file = fs::read_to_string(repository().join("packaging/Dockerfile")).unwrap();
    let commands: Vec<&str> = file.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(commands[0], "FROM scratch");
    let copies: Vec<&&str> = commands.iter().filter(|line| line.starts_with("COPY ") || line.starts_with("ADD ")).collect();
    assert_eq!(copies, [&"COPY --chmod=755 linux-${TARGETARCH}/kubevet /kubevet"]);
    assert!(!commands.iter().any(|line| line.starts_with("RUN ")), "there is no shell to run it");
    assert!(commands.contains(&"ENTRYPOINT [\"/kubevet\"]") && commands.contains(&"USER 65532:65532"), "{file}");
}

#[test]
fn shellcheck_accepts_the_scripts() {
    if !has_tool("shellcheck", "shellcheck_accepts_the_scripts") {
        return;
    }
    let scripts = ["archive", "fetch", "fingerprint", "hook", "manifests"].map(|name| repository().join("packaging").join(name));
    let output = Command::new("shellcheck")
        .args(["--external-sources", "--severity=warning"])
        .args(scripts)
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
}
