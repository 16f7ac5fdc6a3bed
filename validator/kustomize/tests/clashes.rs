//! Objects that come twice: the error shows both, and the ways on which they came.

#![allow(clippy::unwrap_used, reason = "helpers outside the functions that clippy exempts")]

use std::fs;
use std::path::Path;

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

/// What the error says of each place, as `file:line what`; the first is that of the error itself.
fn places(files: &[(&str, &str)]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let top = directory.path().join("top");
    let error = kustomize::build(&top).unwrap_err();
    // With bases that are kept for others it is the same.
    let builder = kustomize::Builder::default();
    for _ in 0..2 {
        assert_eq!(format!("{:?}", builder.build(&top).unwrap_err()), format!("{error:?}"));
    }
    let shown = |place: &kustomize::Place| {
        let path = place.source.path().display().to_string();
        let (line, _) = place.source.position(place.start);
        let mut parts: Vec<&str> = Vec::new();
        for part in Path::new(path.trim_start_matches(&format!("{}/", directory.path().display()))) {
            match part.to_str().unwrap() {
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        format!("{}:{line}", parts.join("/"))
    };
    let related = error.related.iter().map(|(place, why)| format!("{} {why}", shown(place)));
    [shown(error.place.as_ref().unwrap())].into_iter().chain(related).collect()
}

#[test]
fn by_two_files() {
    let files = [("top/kustomization.yaml", "resources:\n- one.yaml\n- two.yaml\n"), ("top/one.yaml", MAP), ("top/two.yaml", MAP)];
    assert_eq!(
        places(&files),
        [
            "top/kustomization.yaml:3",
            "top/two.yaml:1 the second one",
            "top/one.yaml:1 the first one",
            "top/kustomization.yaml:2 this brings the first one"
        ]
    );
}

#[test]
fn by_two_bases_with_one_component() {
    let files = [
        ("top/kustomization.yaml", "resources:\n- ../one\n- ../two\n"),
        ("one/kustomization.yaml", "components: [../part]\n"),
        ("two/kustomization.yaml", "resources: [../three]\n"),
        ("three/kustomization.yaml", "components: [../part]\n"),
        ("part/kustomization.yaml", &format!("{COMPONENT}resources: [map.yaml]\n")),
        ("part/map.yaml", MAP),
    ];
    assert_eq!(
        places(&files),
        [
            "top/kustomization.yaml:3",
            "part/map.yaml:1 the second one",
            "part/map.yaml:1 the first one",
            "top/kustomization.yaml:2 this brings the first one"
        ]
    );
}

#[test]
fn by_a_base_and_a_component() {
    let part = format!("{COMPONENT}resources:\n- map.yaml\n");
    let files = [
        ("top/kustomization.yaml", "resources:\n- ../one\ncomponents:\n- ../part\n"),
        ("one/kustomization.yaml", "resources: [map.yaml]\n"),
        ("one/map.yaml", MAP),
        ("part/kustomization.yaml", &part),
        ("part/map.yaml", MAP),
    ];
    assert_eq!(
        places(&files),
        [
            "part/kustomization.yaml:4",
            "part/map.yaml:1 the second one",
            "one/map.yaml:1 the first one",
            "top/kustomization.yaml:2 this brings the first one",
            "top/kustomization.yaml:4 this component brings the second one"
        ]
    );
}

#[test]
fn by_components_one_of_which_has_another() {
    let (one, two) = (format!("{COMPONENT}components:\n- ../two\n"), format!("{COMPONENT}resources:\n- map.yaml\n"));
    let files = [
        ("top/kustomization.yaml", "resources: [other.yaml]\ncomponents:\n- ../one\n- ../two\n"),
        ("top/other.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"),
        ("one/kustomization.yaml", &one),
        ("two/kustomization.yaml", &two),
        ("two/map.yaml", MAP),
    ];
    assert_eq!(
        places(&files),
        [
            "two/kustomization.yaml:4",
            "two/map.yaml:1 the second one",
            "two/map.yaml:1 the first one",
            "top/kustomization.yaml:3 this brings the first one",
            "top/kustomization.yaml:4 this component brings the second one"
        ]
    );
}

#[test]
fn by_generators_and_by_what_renames() {
    let made = "configMapGenerator:\n- {name: a, literals: [k=v], options: {disableNameSuffixHash: true}}\n";
    let files = [("top/kustomization.yaml", &*format!("resources:\n- ../one\n{made}")), ("one/kustomization.yaml", made)];
    assert_eq!(
        places(&files),
        ["top/kustomization.yaml:4", "one/kustomization.yaml:2 the first one", "top/kustomization.yaml:2 this brings the first one"]
    );
    let other = MAP.replace("name: a", "name: a, namespace: shop");
    let files = [
        ("top/kustomization.yaml", "namespace: shop\nresources:\n- one.yaml\n- two.yaml\n"),
        ("top/one.yaml", MAP),
        ("top/two.yaml", &other),
    ];
    assert_eq!(
        places(&files),
        [
            "top/kustomization.yaml:1",
            "top/two.yaml:1 the second one",
            "top/kustomization.yaml:4 this brings the second one",
            "top/one.yaml:1 the first one",
            "top/kustomization.yaml:3 this brings the first one"
        ]
    );
}
