//! Adopting kubevet in a repository: the table inside the binary, `init` and baselines.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::{Scratch, TABLE};

/// Overlays without any policies.
fn foreign() -> Scratch {
    Scratch::empty()
        .file("base/kustomization.yaml", "resources: [deployment.yaml]\n")
        .file("base/deployment.yaml", common::DEPLOYMENT)
        .file("deploy/overlays/development/kustomization.yaml", "resources: [../../../base]\n")
        .file("deploy/overlays/production/kustomization.yaml", "resources: [../../../base]\n")
}

#[test]
fn a_repository_without_policies_is_judged_by_the_rules_in_the_binary() {
    let run = foreign().run(&["check"]).ends_with(1);
    run.says("error[probes/liveness] dev, prod: Deployment web").says("base/deployment.yaml:11:11").says("2 renders (dev, prod)");
}

#[test]
fn a_path_that_names_no_environment_is_judged_most_strictly() {
    let scratch = foreign()
        .file("deploy/overlays/blue/kustomization.yaml", "resources: [../../../base]\n")
        .file("deploy/overlays/green/kustomization.yaml", "resources: [../../../base]\n");
    let run = scratch.run(&["check"]).ends_with(1).says("4 renders (dev, prod)").says("warning[environment-assumed]");
    run.says("deploy/overlays/blue, deploy/overlays/green name no environment, so they are judged as prod").says("kubevet init");
    let one = scratch.run(&["check", "deploy/overlays/blue"]).ends_with(1);
    one.says("deploy/overlays/blue names no environment, so it is judged as prod, the strictest");
    let run = scratch.run(&["check", "deploy/overlays/blue", "--environment", "dev"]).ends_with(1);
    assert!(!run.stdout.contains("environment-assumed"), "{}", run.stdout);
    scratch.run_with(&["check", "-"], common::DEPLOYMENT).ends_with(1).says("<stdin> names no environment");
}

/// What another overlay of the environment has is there when both are applied.
#[test]
fn references_are_answered_by_other_overlays_of_the_environment() {
    let scratch = |environment: &str| {
        let deployment =
            format!("{}          envFrom: [{{configMapRef: {{name: settings}}}}, {{secretRef: {{name: login}}}}]\n", common::DEPLOYMENT);
        let secret = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: login}\nspec: {target: {name: login}, data: [{secretKey: a, remoteRef: {key: a}}]}\n";
        Scratch::empty()
            .file("web/prod/kustomization.yaml", "resources: [deployment.yaml]\n")
            .file("web/prod/deployment.yaml", &deployment)
            .file(&format!("settings/{environment}/kustomization.yaml"), "resources: [settings.yaml, secret.yaml]\n")
            .file(&format!("settings/{environment}/settings.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
            .file(&format!("settings/{environment}/secret.yaml"), secret)
    };
    let arguments = ["check", "web/prod", "--rule", "references/configmap", "--rule", "references/secret"];
    scratch("prod").run(&arguments).ends_with(0);
    scratch("dev").run(&arguments).ends_with(1).says("ConfigMap default/settings does not exist").says("Secret default/login");
}

/// Objects without a namespace go where they are sent, manifests without a kustomization are applied by something else, and an overlay that can't be
/// built would have what it lists. What is forgotten in a kustomization stays missing.
#[test]
fn references_are_answered_beside_the_overlays() {
    let deployment = common::DEPLOYMENT.replace("  name: web\nspec", "  name: web\n  namespace: shop\nspec");
    let deployment = format!("{deployment}          envFrom: [{{secretRef: {{name: login}}}}]\n");
    let web = || {
        Scratch::empty().file("web/prod/kustomization.yaml", "resources: [deployment.yaml]\n").file("web/prod/deployment.yaml", &deployment)
    };
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\n";
    let sealed =
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: login, namespace: shop}\nspec: {encryptedData: {a: b}}\n";
    let arguments = ["check", "web/prod", "--rule", "references/secret"];
    let missing = "Secret shop/login does not exist";
    web().run(&arguments).ends_with(1).says(missing);
    web().file("login/prod/kustomization.yaml", "resources: [s.yaml]\n").file("login/prod/s.yaml", secret).run(&arguments).ends_with(0);
    web().file("secrets/prod/s.yaml", sealed).run(&arguments).ends_with(0);
    web().file("secrets/prod/s.yaml", &sealed.replace("shop", "other")).run(&arguments).ends_with(1).says(missing);
    web().file("secrets/staging/s.yaml", sealed).run(&arguments).ends_with(1).says(missing);
    web().file("web/prod/s.yaml", sealed).run(&arguments).ends_with(1).says(missing);
    // What names no environment and no namespace, something applies where it is needed.
    let table = "version: 1\nenvironments: {prod: {overlays: [web]}, rest: {overlays: [login]}}\n";
    let login = |dir: &str, secret: &str| {
        let scratch = web().file(&format!("{dir}/kustomization.yaml"), "resources: [s.yaml]\n").file(&format!("{dir}/s.yaml"), secret);
        scratch.file("policies/environments.yaml", table).run(&arguments)
    };
    login("login/base", secret).ends_with(0);
    login("login/rest", secret).ends_with(1).says(missing);
    login("login/base", sealed).ends_with(0);
    login("login/base", &sealed.replace("shop", "other")).ends_with(1).says(missing);
    let shared = common::DEPLOYMENT.to_owned() + "          envFrom: [{secretRef: {name: login}}]\n";
    let scratch = web().file("web/base/kustomization.yaml", "resources: [deployment.yaml]\n").file("web/base/deployment.yaml", &shared);
    scratch.file("secrets/staging/s.yaml", sealed).run(&["check", "web/base", "--rule", "references/secret"]).ends_with(0);
    let broken = "secretGenerator: [{name: login, envs: [ignored.env]}]\n";
    web().file("login/prod/kustomization.yaml", broken).run(&arguments).ends_with(0);
    web().file("login/staging/kustomization.yaml", broken).run(&arguments).ends_with(1).says(missing);
}

/// A policy's peers may be in another overlay.
#[test]
fn peers_are_found_in_other_overlays() {
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db}\nspec:\n  podSelector: {}\n  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]\n";
    let db = common::DEPLOYMENT.replace("web", "db");
    let scratch = |label: &str| {
        Scratch::empty()
            .file("db/prod/kustomization.yaml", "resources: [db.yaml, policy.yaml]\n")
            .file("db/prod/db.yaml", &db)
            .file("db/prod/policy.yaml", policy)
            .file("web/prod/kustomization.yaml", "resources: [web.yaml]\n")
            .file("web/prod/web.yaml", &common::DEPLOYMENT.replace("app: web", label))
    };
    let arguments = ["check", "db/prod", "--rule", "network/peer-selects-nothing"];
    scratch("app: web").run(&arguments).ends_with(0);
    scratch("app: api").run(&arguments).ends_with(1).says("peer selects no workload");
}

#[test]
fn init_writes_a_table_once() {
    let scratch = foreign();
    let run = scratch.run(&["init"]).ends_with(0).says("wrote policies/environments.yaml for 2 overlays");
    // What it says next works as it stands.
    let next: Vec<Vec<&str>> =
        run.stdout.lines().filter_map(|line| line.trim().strip_prefix("kubevet ")).map(|line| line.split(' ').collect()).collect();
    assert_eq!(
        next,
        [&["check"][..], &["check", "--write-baseline", "policies/baseline.json"], &["check", "--baseline", "policies/baseline.json"]]
    );
    for (arguments, code) in std::iter::zip(&next, [1, 0, 0]) {
        scratch.run(arguments).ends_with(code);
    }
    let table = std::fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap();
    assert!(
        table.contains(
            "  development:\n    overlays: # directories or globs, with what lies below them\n      - deploy/overlays/development\n"
        ),
        "{table}"
    );
    assert!(table.contains("  probes/liveness: {development: deny, production: deny}\n"), "{table}");
    scratch.run(&["check"]).ends_with(1).says("2 renders (development, production)");
    scratch.run(&["rules"]).ends_with(0).says("DEVELOPMENT  PRODUCTION");
    scratch.run(&["init"]).ends_with(2).says("is there already");
    assert_eq!(std::fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap(), table);
    let empty = Scratch::empty();
    empty.run(&["init"]).ends_with(4).says("error[no-kustomization]");
    assert!(!empty.path().join("policies").exists());
}

/// Environments are in the order in which a change passes them, and what names none is judged as strictly as without a table.
#[test]
fn init_is_never_laxer_than_no_table() {
    let kustomization = "resources: [../../base]\n";
    let scratch = ["clusters/eu-prod-1", "overlays/staging", "overlays/dev", "apps/dev-portal", "apps/blue"]
        .iter()
        .fold(foreign(), |scratch, path| scratch.file(&format!("{path}/kustomization.yaml"), kustomization));
    let of = |path: &str| {
        let report = scratch.run(&["check", path, "--format", "json"]).json();
        let rules = report["findings"].as_array().unwrap().iter();
        let mut rules: Vec<String> = rules.map(|finding| format!("{} {}", finding["rule"], finding["level"])).collect();
        rules.sort();
        rules
    };
    let paths = ["apps/dev-portal", "apps/blue", "clusters/eu-prod-1"];
    let before = paths.map(of);
    assert!(before.iter().all(|rules| *rules == before[0] && !rules.is_empty()), "{before:?}");
    scratch.run(&["init"]).ends_with(0);
    assert_eq!(paths.map(of), before);
    let table = std::fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap();
    let order = ["dev", "staging", "prod", "default"].map(|name| table.find(&format!("\n  {name}:\n")).unwrap());
    assert!(order.is_sorted(), "{table}");
    assert!(
        table.contains("      - apps/blue\n      - apps/dev-portal\n    parameters: {podSecurity: restricted, minReplicas: 2}"),
        "{table}"
    );
}

/// Where there are no overlays, the error says what to do with what there is.
#[test]
fn charts_and_manifests_are_told_how_to_be_judged() {
    let chart = |scratch: Scratch| {
        scratch
            .file("my chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n")
            .file("my chart/values.yaml", "replicas: 1\n")
            .file("my chart/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n")
    };
    let charts = chart(Scratch::empty());
    let help = "`helm template 'my chart' | kubevet check - --environment prod`";
    charts.run(&["check"]).ends_with(4).says(help);
    charts.run(&["init"]).ends_with(4).says(help);
    charts.run(&["check", "--manifests"]).ends_with(4).says("error[no-manifests]").says(help);
    let manifests = Scratch::empty()
        .file("k8s/web/deployment.yaml", common::DEPLOYMENT)
        .file("k8s/db/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
        .file("renovate.json", "{\"extends\": []}\n");
    let run = manifests.run(&["check"]).ends_with(4).says("`kubevet check --manifests k8s --environment prod`");
    assert!(!run.stdout.contains("helm"), "{}", run.stdout);
    manifests.run(&["check", "--manifests", "k8s", "--environment", "prod"]).ends_with(1).says("k8s/web/deployment.yaml");
    // Both: what is a manifest is judged, and the rest is listed.
    let both = chart(manifests);
    let run = both.run(&["check", "--manifests"]).ends_with(1).says("warning[left-out] my chart is a Helm chart").says("renovate.json");
    run.says("error[probes/liveness] prod: Deployment web").says("help: pass --environment dev, staging or prod");
}

/// Whatever the layout, `check` has nothing to say about the table that `init` wrote.
#[test]
fn init_knows_every_layout() {
    let overlay = |scratch: Scratch, path: &str, base: &str| {
        scratch
            .file(&format!("{path}kustomization.yaml"), &format!("resources: [{base}]\n"))
            .file(&format!("{path}web.yaml"), common::DEPLOYMENT)
    };
    let nested = ["", "stable/", "stable/ecr/", "stable/dev/", "eu/prod-1/", "us/production/", "ci [1]/"];
    let scratch = nested.iter().fold(Scratch::empty(), |scratch, path| overlay(scratch, path, "web.yaml"));
    scratch.run(&["init"]).ends_with(0).says("for 7 overlays");
    let table = std::fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap();
    for part in ["  default:\n", "      - \".\"\n", "      - stable/ecr\n", "  dev:\n", "  prod:\n", "      - us/production\n"] {
        assert!(table.contains(part), "no {part:?} in\n{table}");
    }
    scratch.run(&["check"]).ends_with(1).says("7 renders (");
}

#[test]
fn a_rule_of_the_project_takes_the_place_of_ours() {
    let rule = common::PROBE_RULE.replace("kubevet.demo.probe", "kubevet.probes.liveness").replace("has no livenessProbe", "is ours now");
    let scratch = foreign().file("policies/probes/liveness.rego", &rule);
    scratch.run(&["check", "--rule", "probes/liveness"]).ends_with(1).says("is ours now").says("1 error,");
}

#[test]
fn a_baseline_accepts_what_is_there_and_says_what_is_gone() {
    let scratch = Scratch::project();
    scratch.check(&["--write-baseline", "baseline.json"]).ends_with(0).says("0 errors, 0 warnings, 2 in the baseline");
    scratch.check(&["--baseline", "baseline.json"]).ends_with(0).says("2 in the baseline");
    // Lines move, another container comes: the old finding is known, the new one is not.
    let deployment = format!("# moved\n{}        - name: side\n          image: nginx:1.29\n", common::DEPLOYMENT);
    let scratch = scratch.file("base/deployment.yaml", &deployment);
    scratch.check(&["--baseline", "baseline.json"]).ends_with(1).says("container \"side\"").says("1 error, 1 warning, 2 in the baseline");
    let scratch = scratch.file("base/deployment.yaml", &format!("{}          livenessProbe: {{}}\n", common::DEPLOYMENT));
    let run = scratch.check(&["--baseline", "baseline.json"]).ends_with(0).says("warning[baseline-fixed]");
    run.says("prod: Deployment web-prod/web: demo/probe is fixed, but still in the baseline");
    // What was not judged is not said to be fixed.
    for arguments in [&["--rule", "demo/other"][..], &["overlays/dev"]] {
        let other = common::PROBE_RULE.replace("kubevet.demo.probe", "kubevet.demo.other");
        scratch.write("policies/demo/other.rego", other);
        let run = scratch.run(&[&["check", "--baseline", "baseline.json"], arguments].concat());
        assert!(!run.stdout.contains("prod: Deployment web-prod/web: demo/probe is fixed"), "{arguments:?}: {}", run.stdout);
    }
    scratch.check(&["--baseline", "missing.json"]).ends_with(2).says("error[baseline]");
    scratch.write("bad.json", "{\"version\": 1, \"findings\": [{\"rule\": 3}]}");
    scratch.check(&["--baseline", "bad.json"]).ends_with(2).says("error[baseline]").says("bad.json:1");
}

#[test]
fn a_broken_base_is_one_error_that_names_the_overlays_behind_it() {
    let scratch = foreign().file("base/kustomization.yaml", "resources: [deployment.yaml, missing.yaml]\n");
    let run = scratch.run(&["check"]).ends_with(3).says("1 problem that kept something from being judged");
    run.says("deploy/overlays/development/kustomization.yaml").says("deploy/overlays/production/kustomization.yaml");
    let report = scratch.run(&["check", "--format", "json"]).json();
    let errors = report["errors"].as_array().unwrap();
    assert_eq!((errors.len(), errors[0]["locations"].as_array().unwrap().len()), (1, 3), "{errors:#?}");
    assert_eq!(errors[0]["locations"][1]["note"], "is not judged because of it");
}

/// What bots and people change every day: image tags, replicas, the order of lists, lines.
#[test]
fn a_baseline_and_fingerprints_outlive_what_changes_every_day() {
    let deployment = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - {name: web, image: redis, ports: [{containerPort: 80}, {containerPort: 81}]}
        - {name: side, image: \"redis:7.1\", envFrom: [{configMapRef: {name: settings}}]}
";
    let arguments = ["check", "overlay", "--environment", "prod"];
    let scratch = Scratch::empty()
        .file(
            "overlay/kustomization.yaml",
            "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [password=aaaaaaaa1]}]\n",
        )
        .file("overlay/web.yaml", deployment);
    let with = |more: &[&'static str]| [&arguments[..], more].concat();
    let prints = |scratch: &Scratch| {
        let log = scratch.run(&with(&["--format", "sarif"])).json();
        let results = log["runs"][0]["results"].as_array().unwrap().iter();
        results.map(|result| result["partialFingerprints"]["kubevet/v2"].to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    let before = prints(&scratch);
    scratch.run(&with(&["--write-baseline", "baseline.json"])).ends_with(0).says("baseline.json: accepts");
    let changed = "\
# moved
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - {name: side, envFrom: [{configMapRef: {name: settings}}], image: \"redis:7.2\"}
        - {name: web, image: \"redis:8\", ports: [{containerPort: 81}, {containerPort: 80}]}
";
    scratch.write("overlay/web.yaml", changed);
    scratch.write(
        "overlay/kustomization.yaml",
        "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [password=bbbbbbbb2]}]\n",
    );
    let run = scratch.run(&with(&["--baseline", "baseline.json"]));
    assert!(!run.stdout.contains("error["), "{}", run.stdout);
    let unknown: Vec<_> = prints(&scratch).difference(&before).cloned().collect();
    assert_eq!(unknown, [""; 0], "{}", run.stdout);
    // Another container is another matter, and so is one more of a kind that can't be told apart.
    scratch.write("overlay/web.yaml", format!("{changed}        - {{name: more, image: redis}}\n"));
    scratch.run(&with(&["--baseline", "baseline.json"])).ends_with(1).says("container \"more\"");
}

#[test]
fn a_baseline_of_the_first_version_is_read() {
    let old = |path: &str, image: &str| {
        format!(
            "{{\"version\": 1, \"findings\": [{{\"rule\": \"images/digest\", \"environment\": \"prod\", \"object\": \"Deployment web\", \"path\": \"{path}\", \
             \"message\": \"image {image} of container \\\"web\\\" is not pinned by digest\"}}]}}"
        )
    };
    let path = "spec.template.spec.containers[web].image";
    let scratch = foreign().file("baseline.json", &old(path, "nginx:1.2"));
    let arguments = ["check", "deploy/overlays/production", "--rule", "images/digest", "--baseline", "baseline.json"];
    let run = scratch.run(&arguments).ends_with(0).says("warning[baseline-old]").says("--write-baseline baseline.json");
    run.says("1 in the baseline");
    scratch.write("baseline.json", old("spec.template.spec.containers[api].image", "nginx:1.2"));
    scratch.run(&arguments).ends_with(1);
    scratch.write("baseline.json", "{\"version\": 3, \"findings\": []}");
    scratch.run(&arguments).ends_with(2).says("baseline of version 3; this kubevet reads 1 and 2");
}

#[test]
fn a_baseline_holds_what_was_not_judged_this_time() {
    let scratch = Scratch::project();
    scratch.check(&["--write-baseline", "baseline.json"]).ends_with(0);
    let all = std::fs::read_to_string(scratch.path().join("baseline.json")).unwrap();
    let run = scratch.check(&["overlays/prod", "--write-baseline", "baseline.json"]).ends_with(0);
    run.says("baseline.json: accepts 2 findings; 1 kept of what this run did not judge");
    assert_eq!(std::fs::read_to_string(scratch.path().join("baseline.json")).unwrap(), all);
    scratch.write("base/deployment.yaml", format!("{}          livenessProbe: {{}}\n", common::DEPLOYMENT));
    scratch.check(&["--write-baseline", "baseline.json"]).ends_with(0).says("accepts 0 findings; 2 dropped as fixed");
}

#[test]
fn an_overlay_that_cannot_be_built_can_be_in_the_baseline() {
    let scratch = Scratch::project().file("overlays/prod/kustomization.yaml", "resources: [../../base, missing.yaml]\n");
    scratch.check(&[]).ends_with(3).says("error[render-failed]");
    let written = scratch.check(&["--write-baseline", "baseline.json"]).ends_with(0).says("2 in the baseline");
    written.says("accepts 1 finding and 1 problem");
    let run = scratch.check(&["--baseline", "baseline.json"]).ends_with(0);
    assert!(!run.stdout.contains("render-failed"), "{}", run.stdout);
    scratch.check(&["--baseline", "baseline.json", "--show-waived"]).ends_with(0).says("waived[render-failed]");
    let report = scratch.check(&["--baseline", "baseline.json", "--format", "json"]).ends_with(0).json();
    assert_eq!((&report["accepted"][0]["code"], report["errors"].as_array().unwrap().len()), (&"render-failed".into(), 0));
    // Where nothing else is judged, nothing is green.
    scratch.check(&["overlays/prod", "--baseline", "baseline.json"]).ends_with(4).says("nothing was judged");
    // What is wrong otherwise is another problem.
    scratch.write("overlays/prod/kustomization.yaml", "resources: [../../base\n");
    scratch.check(&["--baseline", "baseline.json"]).ends_with(3);
    scratch.write("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\n");
    scratch.check(&["--baseline", "baseline.json"]).ends_with(1).says("render-failed is fixed, but still in the baseline");
}

#[test]
fn rules_written_for_conftest_run_unchanged() {
    let policy = "\
package main

deny contains msg if {
\tinput.kind == \"Deployment\"
\tnot input.spec.template.spec.securityContext
\tmsg := sprintf(\"%s has no securityContext\", [input.metadata.name])
}

violation contains {\"msg\": msg, \"details\": {}} if {
\tinput.kind == \"Deployment\"
\tmsg := \"a violation\"
}

warn_replicas contains \"one replica\" if not input.spec.replicas
";
    let scratch = Scratch::project()
        .file("vendor/policy/base.rego", policy)
        .file("vendor/policy/more.rego", "package main\n\ndeny contains \"more\" if input.kind == \"Deployment\"\n");
    let arguments = ["check", "overlays/prod", "--policy", "policies", "--policy", "vendor/policy", "--rule", "main"];
    let run = scratch.run(&arguments).ends_with(1);
    let run = run.says("error[main] prod: Deployment web-prod/web: web has no securityContext").says("a violation").says(": more");
    run.says("warning[main] prod: Deployment web-prod/web: one replica").says("3 errors, 1 warning");
    scratch.run(&["rules", "--policy", "policies", "--policy", "vendor/policy"]).ends_with(0).says("main ");
    let table = TABLE.replace("rules:\n", "rules:\n  main: {dev: off, prod: warn}\n");
    scratch.file("policies/environments.yaml", &table).run(&arguments).ends_with(0).says("0 errors, 4 warnings");
}

/// A row for a group, one for all others, one level for all environments, and rules that are newer than the table.
#[test]
fn levels_by_group_by_default_and_by_version() {
    let scratch = foreign();
    let table = |top: &str, rules: &str| {
        let environments = "development: {overlays: [deploy/overlays/development]}, production: {overlays: [deploy/overlays/production]}";
        scratch.write("policies/environments.yaml", format!("version: 1\n{top}environments: {{{environments}}}\nrules:\n{rules}"));
    };
    let level = |rule: &str| {
        let rules = scratch.run(&["rules"]).ends_with(0).stdout;
        let row = rules.lines().find(|line| line.starts_with(&format!("{rule} "))).unwrap();
        row.split_whitespace().skip(1).take(2).collect::<Vec<_>>().join(" ")
    };
    table("", "  \"*\": warn\n  probes/*: {development: off, production: deny}\n  probes/startup: off\n");
    assert_eq!(
        (level("images/tag"), level("probes/liveness"), level("probes/startup")),
        ("warn warn".into(), "off deny".into(), "off off".into())
    );
    table("kubevet: 0.0.1\n", "  probes/liveness: deny\n  probes/*: deny\n  images/tag: off\n");
    assert_eq!(
        (level("probes/liveness"), level("probes/startup"), level("images/digest")),
        ("deny deny".into(), "warn warn".into(), "warn warn".into())
    );
    assert_eq!(level("images/tag"), "off off");
    scratch.run(&["explain", "images/digest"]).ends_with(0).says("a warning until it has a row");
    for (top, rules, expected) in [
        ("", "  prob/*: deny\n", "no rule is in it"),
        ("", "  probes*: deny\n", "neither a rule nor a group"),
        ("", "  probes/*: loud\n", "is not a level"),
        ("kubevet: new\n", "  probes/*: deny\n", "is no version of kubevet"),
    ] {
        table(top, rules);
        scratch.run(&["check"]).ends_with(2).says(expected).says("policies/environments.yaml:");
    }
}
