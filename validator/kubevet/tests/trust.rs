//! Changes by strangers: git runs nothing of theirs and tells nothing of their making.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use common::git::{commit, committed, git};
use common::{DEPLOYMENT, Scratch, kubevet};
use kubevet::git::{Checkout, Kind};

const CHANGED: &str = "    # changed\n";
const ONLY_PROD: &str = "not affected, so not judged: overlays/dev";
const ALL: &str = "2 renders (dev, prod)";

/// What git could be made to run: each setting leaves `ran` behind. The first line is that of a repository with a working tree around it.
fn configuration(ran: &Path) -> String {
    let run = format!("touch {}", ran.display());
    format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = \"{run}; false\"\n\tpager = \"{run}; cat\"\n\
         \tsshCommand = \"{run}\"\n[diff]\n\texternal = \"{run}\"\n[diff \"x\"]\n\tcommand = \"{run}\"\n\ttextconv = \"{run}; cat\"\n\
         [filter \"x\"]\n\tclean = \"{run}; cat\"\n\tsmudge = \"{run}; cat\"\n\tprocess = \"{run}\"\n"
    )
}

/// A change to prod, as a commit on top of the base, after something else that a stranger prepared.
fn proposed(scratch: &Scratch) {
    let text = fs::read_to_string(scratch.path().join("overlays/prod/kustomization.yaml")).unwrap();
    scratch.write("overlays/prod/kustomization.yaml", text + "# changed\n");
    commit(scratch);
}

/// Makes a directory of a checkout look like a bare repository whose history has everything as it is, with the configuration in it.
fn disguise(scratch: &Scratch, directory: &str, configuration: &str) {
    let elsewhere = Scratch::empty();
    let inside = scratch.path().join(directory);
    let copy = |from: &Path, to: &Path| {
        let done = Command::new("cp").arg("-R").arg(from).arg(to).status().unwrap();
        assert!(done.success());
    };
    copy(&inside.join("."), elsewhere.path());
    let elsewhere = committed(elsewhere);
    git(elsewhere.path(), &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    for part in ["HEAD", "index", "objects", "refs"] {
        copy(&elsewhere.path().join(".git").join(part), &inside);
    }
    fs::write(inside.join("config"), configuration).unwrap();
}

fn with_main() -> Scratch {
    let scratch = committed(Scratch::project());
    git(scratch.path(), &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    scratch
}

#[test]
fn a_repository_among_the_files_is_not_asked() {
    for (directory, path) in [("overlays/prod", "overlays/prod"), ("overlays", "overlays"), ("policies", "."), ("overlays/prod", ".")] {
        let scratch = with_main();
        proposed(&scratch);
        let ran = scratch.path().join(".git/ran");
        disguise(&scratch, directory, &configuration(&ran));
        git(scratch.path(), &["-c", "core.safecrlf=false", "add", "-A"]);
        git(scratch.path(), &["commit", "-qm", "disguise"]);
        scratch.check(&[path, "--since", "origin/main"]).ends_with(1).says("demo/probe");
        // A run from there asks the same repository.
        let output = kubevet()
            .args(["check", "--rule", "demo/*", "--since", "origin/main"])
            .current_dir(scratch.path().join("overlays/prod"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(!ran.exists(), "{directory}");
    }
}

#[test]
fn nothing_that_attributes_and_configuration_name_is_run() {
    let scratch = with_main();
    let ran = scratch.path().join(".git/ran");
    let config = scratch.path().join(".git/config");
    let own = fs::read_to_string(&config).unwrap();
    proposed(&scratch);
    scratch.write(".gitattributes", "* filter=x diff=x\n");
    fs::write(&config, own + &configuration(&ran).replace("\tworktree = .\n", "")).unwrap();
    scratch.check(&["--since", "origin/main"]).ends_with(1).says(ONLY_PROD);
    assert!(!ran.exists());
    // What the caller's environment says is no better.
    let nowhere = scratch.path().join("nowhere");
    let command = format!("touch {}", ran.display());
    let mut run = kubevet();
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_CONFIG_GLOBAL"] {
        run.env(name, &nowhere);
    }
    run.env("GIT_EXTERNAL_DIFF", &command).env("GIT_PAGER", &command).env("GIT_PREFIX", "overlays/").env("GIT_LITERAL_PATHSPECS", "1");
    run.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "core.fsmonitor").env("GIT_CONFIG_VALUE_0", &command);
    let output = run.args(["check", "--rule", "demo/*", "--since", "origin/main"]).current_dir(scratch.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(ONLY_PROD), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(!ran.exists());
}

/// A partial clone has commits without files, which git would fetch when asked for them.
#[test]
fn what_a_partial_clone_lacks_is_not_fetched() {
    let scratch = with_main();
    proposed(&scratch);
    git(scratch.path(), &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", scratch.path().display());
    for (filter, said) in [("blob:none", ONLY_PROD), ("tree:0", "warning[since-unknown]")] {
        let clone = Scratch::empty();
        git(clone.path(), &["clone", "-q", "--filter", filter, "--no-checkout", &url, "."]);
        let ran = clone.path().join(".git/ran");
        git(clone.path(), &["checkout", "-q", "main"]);
        git(clone.path(), &["config", "remote.origin.uploadpack", &format!("touch {}; git-upload-pack", ran.display())]);
        clone.check(&["--since", "HEAD~1"]).ends_with(1).says(said);
        assert!(!ran.exists(), "{filter}");
    }
}

/// A submodule comes with a history of its own, in which nothing changed.
#[test]
fn a_submodule_belongs_to_the_checkout_that_has_it() {
    let scratch = with_main();
    let other =
        committed(Scratch::empty().file("kustomization.yaml", "resources: [deployment.yaml]\n").file("deployment.yaml", DEPLOYMENT));
    git(scratch.path(), &["rm", "-rq", "overlays/prod"]);
    let url = format!("file://{}", other.path().display());
    git(scratch.path(), &["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "overlays/prod"]);
    commit(&scratch);
    let inside = scratch.path().join("overlays/prod");
    git(&inside, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    assert_eq!(Checkout::of(&inside).unwrap().top(), scratch.path().canonicalize().unwrap());
    for revision in ["origin/main", "HEAD"] {
        scratch.check(&["overlays/prod", "--since", revision]).ends_with(1).says("demo/probe");
    }
}

#[test]
fn every_kind_of_checkout() {
    // Linked working trees have a file .git.
    let scratch = with_main();
    let elsewhere = Scratch::empty();
    let linked = elsewhere.path().join("linked");
    git(scratch.path(), &["worktree", "add", "-q", linked.to_str().unwrap()]);
    let output = || kubevet().args(["check", "--rule", "demo/*", "--since", "origin/main"]).current_dir(&linked).output().unwrap();
    assert!(String::from_utf8_lossy(&output().stdout).contains("nothing that changed"));
    fs::write(linked.join("base/deployment.yaml"), format!("{DEPLOYMENT}{CHANGED}")).unwrap();
    assert!(String::from_utf8_lossy(&output().stdout).contains(ALL));

    let scratch = Scratch::project();
    git(scratch.path(), &["init", "-q", "-b", "main", "--object-format=sha256"]);
    commit(&scratch);
    scratch.check(&["--since", "HEAD"]).ends_with(0).says("nothing that changed");
    proposed(&scratch);
    scratch.check(&["--since", "HEAD~1"]).ends_with(1).says(ONLY_PROD);
}

#[test]
fn links_and_permissions() {
    let scratch = Scratch::project()
        .file("other/kustomization.yaml", "nameSuffix: -b\nresources: [deployment.yaml]\n")
        .file("other/deployment.yaml", DEPLOYMENT);
    symlink("base", scratch.path().join("linked")).unwrap();
    symlink("linked", scratch.path().join("twice")).unwrap();
    scratch.write("overlays/prod/kustomization.yaml", "resources: [../../twice]\n");
    scratch.write("overlays/dev/kustomization.yaml", "resources: [../../base, ../../other]\n");
    let scratch = committed(scratch);
    let since = || scratch.check(&["--since", "HEAD"]);
    since().ends_with(0);
    // Both directories are what they were; the way to one of them leads to the other now.
    fs::remove_file(scratch.path().join("linked")).unwrap();
    symlink("other", scratch.path().join("linked")).unwrap();
    since().ends_with(1).says(ONLY_PROD);
    git(scratch.path(), &["checkout", "-q", "."]);
    // Whether a file may be executed is nothing to a render.
    fs::set_permissions(scratch.path().join("base/deployment.yaml"), fs::Permissions::from_mode(0o755)).unwrap();
    since().ends_with(0);
    // A file that stands where a link stood.
    fs::remove_file(scratch.path().join("twice")).unwrap();
    scratch.write("twice/kustomization.yaml", "resources: [deployment.yaml]\n");
    scratch.write("twice/deployment.yaml", DEPLOYMENT);
    since().ends_with(1).says(ONLY_PROD);
}

#[test]
fn what_git_is_asked() {
    let scratch = with_main();
    let first = fs::read(scratch.path().join("base/deployment.yaml")).unwrap();
    git(scratch.path(), &["checkout", "-qb", "side"]);
    proposed(&scratch);
    git(scratch.path(), &["checkout", "-q", "main"]);
    scratch.write("base/deployment.yaml", "");
    commit(&scratch);

    let checkout = Checkout::of(&scratch.path().join("overlays/prod/kustomization.yaml")).unwrap();
    let commits = ["main", "side", "origin/main"].map(|name| checkout.resolve(name).unwrap());
    assert_eq!(commits[2].id().as_str(), git(scratch.path(), &["rev-parse", "main~1"]));
    assert_eq!(checkout.merge_base(&commits[0], &commits[1]).unwrap(), commits[2]);
    let (before, now) = (checkout.tree(&commits[2]).unwrap(), checkout.tree(&commits[0]).unwrap());
    let path = Path::new("base/deployment.yaml");
    let [before, now] = [before, now].map(|tree| tree.get(path).unwrap().clone());
    assert_eq!(now.kind, Kind::File);
    let ids = [before.id.clone(), now.id, before.id];
    assert_eq!(checkout.blobs(&ids).unwrap(), [first.clone(), Vec::new(), first]);
    for wrong in ["no-such", "--output=x", "", "main:base", "HEAD^{tree}"] {
        assert!(checkout.resolve(wrong).is_err(), "{wrong}");
    }
    assert!(Checkout::of(Path::new("/")).is_none());
    // History that has nothing in common.
    git(scratch.path(), &["checkout", "-q", "--orphan", "apart"]);
    commit(&scratch);
    let error = checkout.merge_base(&commits[0], &checkout.resolve("apart").unwrap()).unwrap_err();
    assert!(error.message.contains("no common ancestor"), "{}", error.message);
}

/// A table that turns everything off, beside the overlay that needs it.
#[test]
fn policies_near_an_overlay_do_not_count() {
    let lax = common::TABLE.replace("{dev: warn, prod: deny, why: a hang in dev disturbs nobody}", "{dev: off, prod: off}");
    let near = |scratch: Scratch, dir: &str| scratch.file(&format!("{dir}/policies/environments.yaml"), &lax);
    for scratch in [near(Scratch::project(), "overlays/prod"), committed(near(Scratch::project(), "overlays/prod"))] {
        scratch.check(&["overlays/prod"]).ends_with(1).says("warning[policies-ignored] overlays/prod/policies is not used");
        // A person may want them.
        scratch.check(&["overlays/prod", "--policy", "overlays/prod/policies", "--policy", "policies"]).ends_with(2);
        scratch.run(&["check", "overlays/prod", "-e", "prod", "--policy", "overlays/prod/policies"]).ends_with(2).says("demo/probe");
    }
    // From inside of a checkout, its own count; without one, the nearest ones do.
    let scratch = committed(near(Scratch::project(), "overlays"));
    let output = kubevet().args(["check", "--rule", "demo/*"]).current_dir(scratch.path().join("overlays/prod")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}
