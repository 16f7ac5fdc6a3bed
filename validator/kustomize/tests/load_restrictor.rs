//! Which files kustomizations may read, and how that is widened.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used)]

mod kubectl;

use std::fs;
use std::path::Path;
use std::process::Command;

use kustomize::{Builder, LoadRestrictor, Settings};

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\n";

/// `repository/app` reads files beside it, in every way that there is; more lies outside of `repository`.
fn files() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("outside/secret.txt", "outside\n");
    write("repository/.git/config", "token\n");
    write("repository/shared/map.yaml", MAP);
    write("repository/shared/patch.yaml", "- {op: add, path: /data, value: {a: b}}\n");
    write("repository/shared/values.env", "A=1\n");
    write(
        "repository/app/kustomization.yaml",
        "resources: [../shared/map.yaml]\npatches: [{path: ../shared/patch.yaml, target: {kind: ConfigMap}}]\n\
         configMapGenerator: [{name: made, envs: [../shared/values.env], files: [../shared/map.yaml]}]\n",
    );
    write("repository/overlay/kustomization.yaml", "resources: [../app]\n");
    write("repository/outside/kustomization.yaml", "configMapGenerator: [{name: made, files: [../../outside/secret.txt]}]\n");
    write("repository/git/kustomization.yaml", "configMapGenerator: [{name: made, files: [../.git/config]}]\n");
    #[cfg(unix)]
    {
        write("repository/linked/kustomization.yaml", "configMapGenerator: [{name: made, files: [secret.txt]}]\n");
        std::os::unix::fs::symlink("../../outside/secret.txt", directory.path().join("repository/linked/secret.txt")).unwrap();
    }
    directory
}

fn build(directory: &Path, restrictor: &LoadRestrictor) -> Result<String, String> {
    let settings = Settings { load_restrictor: restrictor.clone(), ..Settings::default() };
    let direct = kustomize::build_as(settings.clone(), directory);
    let shared = Builder::default().with_settings(settings).build(directory);
    assert_eq!(format!("{shared:?}"), format!("{direct:?}"));
    direct.map(|render| render.to_yaml()).map_err(|error| format!("{error}\n{}", error.help.clone().unwrap_or_default()))
}

#[test]
fn only_who_asks_for_it_reads_beside_a_kustomization() {
    let files = files();
    let repository = files.path().join("repository");
    let below = LoadRestrictor::Below(repository.canonicalize().unwrap().into());
    let refused = "is not in or below the directory of the kustomization";
    for (root, reads) in [
        ("app", [false, true, true]),
        ("overlay", [false, true, true]),
        ("outside", [false, false, true]),
        ("git", [false, false, true]),
        ("linked", [false, false, true]),
    ] {
        if cfg!(not(unix)) && root == "linked" {
            continue;
        }
        for (restrictor, reads) in std::iter::zip([&LoadRestrictor::RootOnly, &below, &LoadRestrictor::None], reads) {
            let built = build(&repository.join(root), restrictor);
            match built {
                Ok(text) => assert!(reads, "{root} {restrictor:?}: {text}"),
                Err(error) => {
                    assert!(!reads && error.contains(refused) && error.contains("--load-restrictor"), "{root} {restrictor:?}: {error}")
                }
            }
        }
    }
}

#[test]
fn what_is_read_then_is_what_kubectl_reads() {
    if !kubectl::is_reference() {
        return;
    }
    let files = files();
    for root in ["app", "overlay", "outside", "git"] {
        let root = files.path().join("repository").join(root);
        let output = Command::new("kubectl").args(["kustomize", "--load-restrictor", "LoadRestrictionsNone"]).arg(&root).output().unwrap();
        assert_eq!(build(&root, &LoadRestrictor::None).unwrap(), String::from_utf8_lossy(&output.stdout), "{}", root.display());
    }
}

#[test]
fn the_names_are_those_of_kubectl() {
    for name in ["LoadRestrictionsRootOnly", "LoadRestrictionsNone"] {
        assert_eq!(name.parse::<LoadRestrictor>().unwrap().to_string(), name);
    }
    assert!("none".parse::<LoadRestrictor>().unwrap_err().contains("LoadRestrictionsNone"));
}
