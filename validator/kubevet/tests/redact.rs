//! Secret values in the sources, as reports must not show them.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::path::Path;

use common::Scratch;
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

/// The lines of a source as reports show them.
fn shown(path: &str, text: &str) -> String {
    let source = kustomize::Source::new(path, text);
    let mut shown = String::new();
    let mut at = 0;
    for range in Secrets::default().masked(&source) {
        shown += &text[at..range.start];
        shown += "_";
        at = range.end;
    }
    shown + &text[at..]
}

/// What a file says beside the credential is shown, and the credential is not.
#[test]
fn credentials_are_told_from_what_surrounds_them() {
    for (text, expected) in [
        // Commands, on one line and with an argument a line.
        ("args: [\"--token\", \"plum-9\", \"--port\", \"80\"]", "args: [\"--token\", \"_\", \"--port\", \"80\"]"),
        ("args: [-password, plum-9, -v]", "args: [-password, _, -v]"),
        ("args:\n  - --api-key\n  - plum-9\n  - --verbose\n", "args:\n  - --api-key\n  - _\n  - --verbose\n"),
        ("args:\n  - --skip-auth\n  - --verbose\n", "args:\n  - --skip-auth\n  - --verbose\n"),
        ("command: [mysqladmin, \"-pplum-9\", ping]", "command: [mysqladmin, \"-p_\", ping]"),
        ("command:\n  - mysqladmin\n  - -uroot\n  - -pplum-9\n", "command:\n  - mysqladmin\n  - -uroot\n  - -p_\n"),
        ("command:\n  - redis-cli\n  - -a\n  - plum-9\n  - ping\n", "command:\n  - redis-cli\n  - -a\n  - _\n  - ping\n"),
        // Files in files.
        ("x: |\n  machine a login b password plum-9\n", "x: |\n  machine a login b password _\n"),
        ("x: user default on >plum-9 ~* +@all\n", "x: user default on >_ ~* +@all\n"),
        (
            "x: '{\"tokens\": [\"plum-9\", \"plum-8\"], \"max_tokens\": 4096}'\n",
            "x: '{\"tokens\": [\"_\", \"_\"], \"max_tokens\": 4096}'\n",
        ),
        ("x: '{\"credentials\": {\"value\": \"plum-9\"}}'\n", "x: '{\"credentials\": {\"value\": \"_\"}}'\n"),
        ("x: |\n  [db]\n  secret=plum-9\n", "x: |\n  [db]\n  secret=_\n"),
        // Addresses.
        ("x: https://plum9plum9@example.org/o/r", "x: https://_@example.org/o/r"),
        ("x: ssh://git@example.org/o/r", "x: ssh://git@example.org/o/r"),
        ("x: https://a.example.org/?sv=1&sig=plum%2F9&e=1", "x: https://a.example.org/?sv=1&sig=_&e=1"),
        ("tolerations: [{key: token, value: plum-9}]\n", "tolerations: [{key: token, value: _}]\n"),
        // Fields that name an object and those that hold the value.
        ("secret: my-secret-0\n", "secret: my-secret-0\n"),
        ("secret: Plum_9!\n", "secret: _\n"),
        ("credentials: {user: a, secret: plum-9}\n", "credentials: {user: a, secret: _}\n"),
        ("adminPassword: {value: plum-9}\n", "adminPassword: {value: _}\n"),
        ("volumes:\n- secret: {secretName: tls}\n", "volumes:\n- secret: {secretName: tls}\n"),
        ("automountServiceAccountToken: false\n", "automountServiceAccountToken: false\n"),
        // A Secret and its generators, however they are spelled.
        ("kind: Secret\ntype: Opaque\nstringdata:\n  a: plum-9\n", "kind: Secret\ntype: Opaque\nstringdata:\n  a: _\n"),
        (
            "secret-generator:\n- name: a\n  literals: [a=plum-9]\n  options: {disableNameSuffixHash: true, labels: {app: web}}\n",
            "secret-generator:\n- name: a\n  literals: [_]\n  options: {disableNameSuffixHash: true, labels: {app: web}}\n",
        ),
        (
            "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: a}\nliterals: [a=plum-9]\n",
            "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: a}\nliterals: [_]\n",
        ),
        // Names of keys, and what only mentions Secrets.
        (
            "data:\n- secretKey: POSTGRES_PASSWORD\n  remoteRef: {key: db, property: x}\n",
            "data:\n- secretKey: POSTGRES_PASSWORD\n  remoteRef: {key: db, property: x}\n",
        ),
        ("imagePullSecrets: [{name: Secret}]\ndata:\n  a: [\n", "imagePullSecrets: [{name: Secret}]\ndata:\n  a: [\n"),
        ("nginx.ingress.kubernetes.io/auth-secret: basic-auth\n", "nginx.ingress.kubernetes.io/auth-secret: basic-auth\n"),
        ("realm: Basic Authentication Required\n", "realm: Basic Authentication Required\n"),
        ("header: Basic cGx1bTpwbHVt\n", "header: Basic _\n"),
        ("args: ['--user', '1000:1000']\n", "args: ['--user', '1000:1000']\n"),
        // Patches of what is no Secret.
        (
            "patches:\n- target: {kind: ConfigMap}\n  patch: |-\n    - op: replac\n      path: /data/COLOR\n      value: blue\n",
            "patches:\n- target: {kind: ConfigMap}\n  patch: |-\n    - op: replac\n      path: /data/COLOR\n      value: blue\n",
        ),
        // Nothing.
        ("resources: {limits: {cpu: 100m}, requests: {cpu: 10m}}\n", "resources: {limits: {cpu: 100m}, requests: {cpu: 10m}}\n"),
        ("patches:\n- path: patch.yaml\n  target: {kind: Deployment}\n", "patches:\n- path: patch.yaml\n  target: {kind: Deployment}\n"),
    ] {
        assert_eq!(shown("file.yaml", text), expected);
    }
    assert_eq!(shown("file.env", "# how\nA=plum-9\nplum-9\n"), "# how\nA=_\n_\n");
}

/// Stands for the secret in a file.
const PLACE: &str = "@SECRET@";

/// A secret with a shape that gives nothing away.
const PLANTED: &str = "greengage-plum-47";

/// Every output of every command over a project that has a secret wherever one can stand, and something wrong beside it.
#[test]
fn no_output_has_a_planted_secret() {
    let base = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {pw: @SECRET@}\n---\n";
    let pod = |spec: &str| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: c\n    image: nginx\n    {spec}\n")
    };
    let object = |text: &str| (vec![("o.yaml", format!("{base}{text}"))], "resources: [o.yaml]\n".to_owned());
    let alone = |text: &str| (vec![("o.yaml", text.to_owned())], "resources: [o.yaml]\n".to_owned());
    let cases = [
        object("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_b, labels: {x: 'x @SECRET@ x'}, annotations: {y: '@SECRET@'}}\n"),
        object("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {url: 'x://u:@SECRET@@h/', other: '@SECRET@'}\n"),
        object(&pod("args: [--password, '@SECRET@']\n    env: [{name: DB_PASSWORD, value: '@SECRET@'}, {name: '@SECRET@!', value: 1}]")),
        object(&pod("livenessProbe: {exec: {command: [sh, -c, 'redis-cli -a @SECRET@ ping']}, httpGet: {path: /}}")),
        object(&pod("livenessProbe: {httpGet: {path: '/?token=@SECRET@', port: 0, httpHeaders: [{name: Authorization, value: 'Bearer @SECRET@'}]}}")),
        object(&pod("image: 'x:@SECRET@ '\n    nodeSelector: '@SECRET@'")),
        alone(&pod("args:\n    - --token\n    - '@SECRET@'\n    resources: 1")),
        alone(&pod("env: [{name: DB_PASSWORD, value: !!int '@SECRET@'}]")),
        alone("apiVersion: v1\nkind: Secret\nmetadata: {name: A_b}\nstringData: {pw: !!float @SECRET@}\n"),
        alone("apiVersion: v1\nkind: Secret\nmetadata: {name: A_b}\ndata: {pw: '@SECRET@'}\nstringdata: {pw: '@SECRET@'}\n"),
        alone("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {pw: *@SECRET@}\n"),
        alone("apiVersion: v1\nkind: Secret\nmetadata: {name: a\nstringData: {pw: '@SECRET@'}\n"),
        alone("apiVersion: e.x/v1\nkind: Database\nmetadata: {name: A_b}\nspec: {password: '@SECRET@', admin: {token: {value: '@SECRET@'}}}\n"),
        (vec![], "secretGenerator:\n- name: s\n  literals: [pw=@SECRET@]\n  nonsense: '@SECRET@'\n".to_owned()),
        (vec![], "secretGenerator:\n- name: s\n  literals: {pw: '@SECRET@'}\n".to_owned()),
        (vec![], "secretgenerator:\n- name: s\n  literals: [pw=@SECRET@]\n".to_owned()),
        (vec![("s.env", "pw=@SECRET@\n@SECRET@\n".to_owned())], "secretGenerator: [{name: s, envs: [s.env]}]\n".to_owned()),
        (vec![("s", "@SECRET@\n".to_owned())], "secretGenerator: [{name: s, envs: [s]}]\n".to_owned()),
        (vec![("s.env", "pw @SECRET@\n".to_owned())], "configMapGenerator: [{name: s, envs: [s.env]}]\n".to_owned()),
        (
            vec![("o.yaml", format!("{base}apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: x}}]}}\n"))],
            "resources: [o.yaml]\nreplacements:\n- source: {kind: Secret, fieldPath: stringData.pw}\n  targets: [{select: {kind: Pod}, fieldPaths: [metadata.name]}]\n".to_owned(),
        ),
    ];
    let formats = ["human", "concise", "json", "sarif", "junit", "github", "markdown"];
    for (files, kustomization) in &cases {
        let scratch = Scratch::empty().file("prod/kustomization.yaml", &kustomization.replace(PLACE, PLANTED));
        let scratch =
            files.iter().fold(scratch, |scratch, (path, text)| scratch.file(&format!("prod/{path}"), &text.replace(PLACE, PLANTED)));
        let clean = |what: &str, run: &common::Run| {
            let printed = run.stdout.clone() + &run.stderr;
            assert!(!printed.contains(PLANTED), "{what}\n{kustomization}{files:?}\n{printed}");
        };
        for format in formats {
            clean(format, &scratch.run(&["check", "prod", "--format", format]));
        }
        clean("graph", &scratch.run(&["graph", "prod"]));
        clean("baseline", &scratch.run(&["check", "prod", "--write-baseline", "baseline.json"]));
        let baseline = std::fs::read_to_string(scratch.path().join("baseline.json")).unwrap_or_default();
        assert!(!baseline.contains(PLANTED), "{kustomization}{files:?}\n{baseline}");
    }
}

/// What a ConfigMap takes from a file of variables is shown, but for what is called like a credential.
#[test]
fn files_of_variables_are_secret_where_a_secret_takes_them() {
    let scratch = Scratch::empty()
        .file("prod/kustomization.yaml", "configMapGenerator: [{name: c, envs: [c.env]}]\nsecretGenerator: [{name: s, envs: [s.env]}]\n")
        .file("prod/c.env", "HOST=db.example.org\nDB_PASSWORD=plum-9-plum\n")
        .file("prod/s.env", "HOST=db-9.example.org\n");
    let render = kustomize::build(&scratch.path().join("prod")).unwrap();
    let mut known = Secrets::default();
    known.add(&render);
    let shown = |name: &str| {
        let (_, source) = render.sources.iter().find(|(_, source)| source.path().ends_with(name)).unwrap();
        let masked = known.masked(source);
        masked.into_iter().map(|range| source.text()[range].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shown("c.env"), ["plum-9-plum"]);
    assert_eq!(shown("s.env"), ["HOST=db-9.example.org"]);
}

/// What a rule of a project says of a value under the name of a credential is not told.
#[test]
fn messages_of_other_rules_have_no_credential() {
    let rule = "package main\n\nimport rego.v1\n\ndeny contains sprintf(\"the password is %v\", [input.data.password]) if input.kind == \"ConfigMap\"\n";
    let scratch = Scratch::empty()
        .file("policies/main.rego", rule)
        .file("prod/kustomization.yaml", "resources: [c.yaml]\n")
        .file("prod/c.yaml", &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{password: {PLANTED}}}\n"));
    let report = scratch.run(&["check", "prod", "--format", "json"]).stdout;
    assert!(report.contains("the password is <redacted>") && !report.contains(PLANTED), "{report}");
}

/// Nor what one says of data that a person gives, nor how two documents of it differ.
#[test]
fn data_of_rules_has_no_credential_in_messages() {
    let rule = "package main\n\nimport rego.v1\n\ndeny contains sprintf(\"want %v\", [data.db.password])\n";
    let scratch = Scratch::empty()
        .file("policies/main.rego", rule)
        .file("prod/kustomization.yaml", "configMapGenerator: [{name: a, literals: [a=b]}]\n")
        .file("d.yaml", &format!("db: {{password: {PLANTED}}}\n"))
        .file("e.yaml", &format!("db: {{password: {PLANTED}-2}}\n"));
    for (arguments, says) in [(&["--data", "d.yaml"][..], "want <redacted>"), (&["--data", "d.yaml", "--data", "e.yaml"], "does not fit")] {
        let run = scratch.run(&[&["check", "prod"], arguments].concat());
        let printed = run.stdout.clone() + &run.stderr;
        assert!(printed.contains(says) && !printed.contains(PLANTED), "{printed}");
    }
}

/// The lines of a configuration that a Secret holds stand elsewhere too.
#[test]
fn lines_of_a_configuration_in_a_secret_are_not_cut_out() {
    let scratch = Scratch::empty().file("prod/kustomization.yaml", "resources: [o.yaml]\n").file(
        "prod/o.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  k: |\n    kind: Config\n    image: nginx:1.25.7\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: nginx:1.25.7\n",
    );
    let report = scratch.run(&["check", "prod", "--rule", "images/*"]).stdout;
    assert!(report.contains("image: nginx:1.25.7"), "{report}");
}

/// A user called as the application is, a port and a word stay where they stand for themselves.
#[test]
fn common_values_are_not_cut_out_of_messages() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {user: web-frontend-2, port: '8080', word: container, db: postgres}\n---\n";
    let scratch = Scratch::empty().file("prod/kustomization.yaml", "resources: [o.yaml]\n").file(
        "prod/o.yaml",
        &format!("{secret}apiVersion: v1\nkind: Pod\nmetadata: {{name: web-frontend-2}}\nspec:\n  containers: [{{name: postgres, image: x, ports: [{{containerPort: 8080}}]}}]\n"),
    );
    let report = scratch.run(&["check", "prod", "--format", "concise"]).stdout;
    assert!(report.contains("Pod web-frontend-2: container \"postgres\" has no livenessProbe"), "{report}");
    assert!(!report.contains(kubevet::redact::MASK), "{report}");
}
