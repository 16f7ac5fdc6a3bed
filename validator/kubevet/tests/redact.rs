//! Secret values in the sources, as reports must not show them.

use std::path::Path;

use kubevet::redact::Secrets;

/// A manifest that is known to be one is looked at more quickly, and still has the same values taken out.
#[test]
fn a_manifest_hides_what_any_file_hides() {
    let manifests = [
        "kind: Secret\napiVersion: v1\nmetadata: {name: a}\nstringData: {key: hunter2}",
        "{\"kind\": \"Secret\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"a\"}, \"data\": {\"key\": \"aHVudGVyMg==\"}}",
        "kind: \"S\\x65cret\"\napiVersion: v1\nmetadata: {name: a}\nstringData: {key: hunter2}",
        "kind: >-\n  Secret\napiVersion: v1\nmetadata: {name: a}\nstringData: {key: hunter2}",
        "x: &kind Secret\nkind: *kind\napiVersion: v1\nmetadata: {name: a}\nstringData: {key: hunter2}",
        "kind: List\napiVersion: v1\nitems: [{kind: Secret, apiVersion: v1, metadata: {name: a}, stringData: {key: hunter2}}]",
        "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: [{name: a, env: [{name: DB-PASSWORD, value: hunter2}]}]}",
        "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: [{name: a, env: [{\"name\": \"api.key\", \"value\": hunter2}]}]}",
        "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: [{name: a, env: [{name: \"TOK\\x45N\", value: hunter2}]}]}",
        "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      env:\n        - value: |\n            hunter2\n          name: TOKEN",
        "kind: Some\napiVersion: a/v1\nmetadata: {name: a}\nspec:\n  access_key: hunter2\n  pass: &word hunter2\n  token: *word",
        "kind: Some\napiVersion: a/v1\nmetadata: {name: a}\nspec: {secretName: a, secretName old: hunter2, secretRef: {token: hunter2}}",
        "kind: Some\napiVersion: a/v1\nmetadata: {name: a}\nspec: {patch: '- imagePullSecrets: hunter2', path: /data/a, value: hunter2}",
        "kind: Some\napiVersion: a/v1\nmetadata: {name: a}\nspec: {url: \"https://user:hunter2@host/\", secretGenerator: [{literals: [a=hunter2]}]}",
    ];
    for text in manifests {
        let render = kustomize::read_manifests(Path::new("manifest.yaml"), text).unwrap();
        let source = render.sources.get(render.objects[0].origin.source);
        let mut known = Secrets::default();
        known.add(&render);
        let anywhere = Secrets::default().masked(source);
        assert!(!anywhere.is_empty(), "{text}");
        let masked = known.masked(source);
        let is_hidden = |at: &usize| masked.iter().any(|range| range.contains(at));
        assert!(anywhere.into_iter().flatten().all(|at| is_hidden(&at)), "{text}\n{masked:?}");
    }
}

/// What kubevet looks at more quickly, it shows.
#[test]
fn a_manifest_without_credentials_is_shown() {
    let text = "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec:\n  automountServiceAccountToken: false\n  imagePullSecrets: [{name: a}]\n  volumes: [{name: a, secret: {secretName: a}}]";
    let render = kustomize::read_manifests(Path::new("manifest.yaml"), text).unwrap();
    let mut known = Secrets::default();
    known.add(&render);
    assert!(known.masked(render.sources.get(render.objects[0].origin.source)).is_empty());
}
