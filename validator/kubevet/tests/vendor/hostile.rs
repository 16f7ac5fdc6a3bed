//! Locks, copies and repositories that somebody prepared.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::common::Scratch;
use super::common::git::{commit, committed, git};
use super::{MAP, kept, on, prod, upstream};

/// The copy of a file.
fn copy(scratch: &Scratch, end: &str) -> String {
    let name = kept(scratch).into_iter().find(|name| name.ends_with(end)).unwrap();
    format!("vendor/kubevet/{name}")
}

#[test]
fn a_copy_that_is_another_one_is_refused() {
    let up = upstream();
    let scratch = on(&up, "?ref=v1");
    scratch.run(&["vendor"]).ends_with(0);
    let refused =
        |says: &str| drop(scratch.run(&["check", "overlays/prod"]).ends_with(3).says("overlays/prod/kustomization.yaml:2:13").says(says));
    let (env, web) = (copy(&scratch, "c.env"), copy(&scratch, "web.yaml"));
    let path = |name: &str| scratch.path().join(name);
    scratch.write(&env, "a=other\n");
    refused("is not what kubevet.lock says: its hash is sha256:");
    scratch.write(&env, "a=b\n");
    scratch.run(&["render", "overlays/prod"]).ends_with(0);
    // One more that a kustomization could come to read.
    scratch.write(&web.replace("web.yaml", "more.yaml"), MAP);
    refused("is not what kubevet.lock says");
    fs::remove_file(path(&web.replace("web.yaml", "more.yaml"))).unwrap();
    // The same bytes behind links.
    fs::rename(path(&web), path("web.yaml")).unwrap();
    symlink(path("web.yaml"), path(&web)).unwrap();
    refused("is not a regular file");
    fs::remove_file(path(&web)).unwrap();
    fs::rename(path("web.yaml"), path(&web)).unwrap();
    fs::rename(path("vendor"), path("elsewhere")).unwrap();
    symlink("elsewhere", path("vendor")).unwrap();
    refused("is behind a symbolic link");
    scratch.run(&["vendor"]).ends_with(3).says("vendor is a symbolic link");
    fs::remove_file(path("vendor")).unwrap();
    fs::rename(path("elsewhere"), path("vendor")).unwrap();
    scratch.run(&["render", "overlays/prod"]).ends_with(0);
}

#[test]
fn a_lock_that_is_wrong_is_refused_where_it_is_needed() {
    let up = upstream();
    let scratch = on(&up, "?ref=v1").file("overlays/dev/kustomization.yaml", "resources: [a.yaml]\n").file("overlays/dev/a.yaml", MAP);
    scratch.run(&["vendor", "overlays/prod"]).ends_with(0);
    let lock = fs::read_to_string(scratch.path().join("kubevet.lock")).unwrap();
    for (from, to, says) in [
        ("version: 1", "version: 9", "kubevet.lock:3:1"),
        ("kind: tag", "kind: [tag]", "kubevet.lock:7:5"),
        ("revision: \"", "revision: \"../../../../etc/", "must be the name of a commit in full"),
        ("hash: sha256:", "hash: sha256:..", "must be `sha256:` and 64 digits"),
    ] {
        assert!(lock.contains(from));
        scratch.write("kubevet.lock", lock.replace(from, to));
        scratch.run(&["render", "overlays/prod"]).ends_with(3).says(says);
        scratch.run(&["render", "overlays/dev"]).ends_with(0);
    }
    // A commit is what it is called, whatever a lock says.
    let id = git(up.path(), &["rev-parse", "next"]);
    let kustomization = fs::read_to_string(scratch.path().join("overlays/prod/kustomization.yaml")).unwrap();
    scratch.write("overlays/prod/kustomization.yaml", kustomization.replace("ref=v1", &format!("ref={id}")));
    scratch.write("kubevet.lock", lock.replace("ref: \"v1\"", &format!("ref: \"{id}\"")));
    scratch.run(&["render", "overlays/prod"]).ends_with(3).says("names a commit, and kubevet.lock has another one for it");
}

#[test]
fn repositories_stay_in_themselves() {
    let secret =
        Scratch::empty().file("secret", "k=v\n").file("kustomization.yaml", "namePrefix: out-\nresources: [a.yaml]\n").file("a.yaml", MAP);
    let out = secret.path().display().to_string();
    let up = Scratch::empty()
        .file("out/kustomization.yaml", "resources: [../../out]\n")
        .file("link/kustomization.yaml", "configMapGenerator: [{name: a, envs: [secret]}]\n")
        .file("dir/kustomization.yaml", "resources: [leads]\n")
        .file("above/kustomization.yaml", "resources: [../map.yaml]\n")
        .file("git/kustomization.yaml", "resources: [map.yaml]\n")
        .file("map.yaml", MAP);
    symlink(secret.path().join("secret"), up.path().join("link/secret")).unwrap();
    symlink(secret.path(), up.path().join("dir/leads")).unwrap();
    symlink(secret.path(), up.path().join("top")).unwrap();
    let up = committed(up.file("base/kustomization.yaml", &format!("resources: [{out}]\n")));
    git(up.path(), &["config", "uploadpack.allowFilter", "true"]);
    for (path, says) in [
        ("out", "`../../out`"),
        ("link", "`secret` is not in or below the directory"),
        ("dir", "`leads` leads out of the repository"),
        ("above", "`../map.yaml` is not in or below"),
        ("top", "leads out"),
        ("base", "must be a relative path"),
        ("nothing", "is no directory of"),
        ("map.yaml", "is no directory of"),
    ] {
        let scratch = prod(&format!("resources: ['file://{}//{path}']\n", up.path().display()));
        scratch.run(&["vendor"]).ends_with(3).says(says);
        assert!(kept(&scratch).is_empty(), "{path}");
    }
}

#[test]
fn circles_end() {
    let (one, other) = (Scratch::empty(), Scratch::empty());
    let url = |scratch: &Scratch| format!("file://{}", scratch.path().display());
    let one = committed(one.file("kustomization.yaml", &format!("resources: ['{}']\n", url(&other))));
    let other = committed(other.file("kustomization.yaml", &format!("resources: ['{}']\n", url(&one))));
    prod(&format!("resources: ['{}']\n", url(&one))).run(&["vendor"]).ends_with(3).says("leads to a repository that refers to it: a cycle");
    drop(other);
}

#[test]
fn nothing_of_an_address_or_a_repository_runs() {
    let up = upstream();
    // Its own hooks, a submodule, and settings that come with files.
    fs::set_permissions(up.path().join("hooks/post-checkout"), fs::Permissions::from_mode(0o755)).unwrap();
    up.write(".gitmodules", "[submodule \"sub\"]\n\tpath = sub\n\turl = ext::sh -c 'touch ran'\n\tupdate = !touch ran\n");
    up.write(".gitattributes", "* filter=run\n");
    fs::create_dir(up.path().join("sub")).unwrap();
    git(up.path(), &["update-index", "--add", "--cacheinfo", "160000,0123456789abcdef0123456789abcdef01234567,sub"]);
    commit(&up);
    let scratch = on(&up, "");
    scratch.run(&["vendor"]).ends_with(0);
    let url = format!("file://{}", up.path().display());
    let before: Vec<_> = fs::read_dir(scratch.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    for (address, says) in [
        (format!("{url}//sub"), "no kustomization file in"),
        (format!("{url}//config?ref=--upload-pack=touch%20ran"), "is no branch, tag or commit that git could have"),
        (format!("{url}//config?ref=main:refs/heads/x"), "is no branch, tag or commit"),
        ("ssh://-oProxyCommand=touch%20ran/org/repo".to_owned(), "no address that git could have"),
        ("git@-oProxyCommand=touch ran:org/repo".to_owned(), "no address that git could have"),
        ("ext::sh -c touch%20ran/a/b".to_owned(), "cannot read"),
        ("git::ext::sh -c 'touch ran'/a/b".to_owned(), "cannot read"),
    ] {
        let other = prod(&format!("resources:\n- \"{address}\"\n"));
        other.run(&["vendor"]).ends_with(3).says(says);
        assert!(!other.path().join("ran").exists() && kept(&other).is_empty());
    }
    let after: Vec<_> = fs::read_dir(scratch.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(before, after);
}
