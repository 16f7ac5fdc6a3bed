//! The reports, for people and for programs.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::process::Stdio;

use common::Scratch;
use serde_json::Value;

/// prod's patch takes the probe away that the base has; dev keeps it.
fn removed_probe() -> Scratch {
    let deployment = format!("{}          livenessProbe: {{httpGet: {{path: /, port: 80}}}}\n", common::DEPLOYMENT);
    Scratch::project()
        .file("base/deployment.yaml", &deployment)
        .file("overlays/prod/kustomization.yaml", "namespace: web-prod\nresources: [../../base]\npatches:\n  - path: web.yaml\n")
        .file(
            "overlays/prod/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          livenessProbe: null\n",
        )
}

#[test]
fn a_removal_points_at_the_patch_and_at_what_was_there() {
    let run = removed_probe().check(&[]).ends_with(1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_missing_field_points_at_the_base_for_all_environments() {
    let table = common::TABLE.replace("dev: warn", "dev: deny");
    let run = Scratch::project().file("policies/environments.yaml", &table).check(&[]).ends_with(1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn colour_is_for_terminals() {
    let escape = "\u{1b}[";
    let scratch = Scratch::project();
    assert!(!scratch.check(&[]).stdout.contains(escape));
    assert!(scratch.check(&["--color", "always"]).stdout.contains(escape));
    assert!(!scratch.check(&["--color", "never"]).stdout.contains(escape));
}

#[test]
fn nothing_but_the_report_is_on_standard_output() {
    for format in ["json", "sarif"] {
        let run = removed_probe().check(&["--format", format]).ends_with(1);
        assert_eq!(run.stderr, "");
        run.json();
    }
}

#[test]
fn several_reports_of_one_run() {
    let scratch = removed_probe();
    let run = scratch.check(&[
        "--format",
        "sarif",
        "--output",
        "out/a.sarif",
        "--format",
        "human",
        "--format",
        "junit",
        "--output",
        "out/b.xml",
        "--format",
        "markdown",
        "--output",
        "out/c.md",
        "--format",
        "github",
        "--output",
        "out/d.txt",
    ]);
    run.ends_with(1).says("error[demo/probe]");
    let read = |name: &str| std::fs::read_to_string(scratch.path().join("out").join(name)).unwrap();
    assert!(serde_json::from_str::<Value>(&read("a.sarif")).is_ok());
    assert!(read("b.xml").contains("<failure message=\"container &quot;web&quot; has no livenessProbe\" type=\"demo/probe\">"));
    let markdown = read("c.md");
    assert!(markdown.contains("\n**1 error, 0 warnings**, 0 waived, 0 problems.\n"), "{markdown}");
    assert!(markdown.contains("\n| ❌ | `demo/probe` | 1 | Every container has a probe |\n"), "{markdown}");
    assert!(markdown.contains("| `demo/probe` Every container has a probe | ✅ | ❌ 1 |"), "{markdown}");
    let annotation = read("d.txt");
    assert!(
        annotation.starts_with(
            "::error file=overlays/prod/web.yaml,line=10,endLine=10,col=11,endColumn=30,title=demo/probe::prod: Deployment web-prod/web: "
        ),
        "{annotation}"
    );
    assert!(annotation.contains("%0Abase/deployment.yaml:13 had one"), "{annotation}");
}

#[test]
fn sarif_has_what_code_scanning_needs() {
    let scratch = removed_probe().file(
        "policies/waivers.yaml",
        "version: 1\nwaivers:\n  - {rule: demo/probe, object: {kind: Deployment, name: web}, environment: prod, reason: soon, expiry: 2999-01-01}\n",
    );
    let log = scratch.check(&["--format", "sarif"]).ends_with(0).json();
    let run = &log["runs"][0];
    assert_eq!(log["version"], "2.1.0");
    let result = &run["results"][0];
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((&rule["id"], &rule["id"]), (&result["ruleId"], &Value::from("demo/probe")));
    assert!(
        rule["shortDescription"]["text"].is_string() && rule["help"]["text"].is_string() && rule["fullDescription"]["text"].is_string()
    );
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "overlays/prod/web.yaml");
    assert_eq!(location["region"], serde_json::json!({"startLine": 10, "startColumn": 11, "endLine": 10, "endColumn": 30}));
    assert_eq!(result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], "base/deployment.yaml");
    assert_eq!(result["suppressions"][0]["justification"], "until 2999-01-01: soon");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn fingerprints_stay_when_other_lines_move() {
    let scratch = removed_probe();
    let print = |scratch: &Scratch| scratch.check(&["--format", "sarif"]).json()["runs"][0]["results"][0]["partialFingerprints"].clone();
    let before = print(&scratch);
    assert!(before["kubevet/v2"].is_string());
    let patch = std::fs::read_to_string(scratch.path().join("overlays/prod/web.yaml")).unwrap();
    scratch.write("overlays/prod/web.yaml", format!("# a comment\n\n{patch}"));
    assert_eq!(print(&scratch), before);
    scratch.write("overlays/prod/web.yaml", patch.replace("livenessProbe: null", "livenessProbe: ~"));
    assert_eq!(print(&scratch), before);
    scratch.write("overlays/prod/web.yaml", patch.replace("        - name: web", "        - name: api"));
    assert_ne!(print(&scratch), before);
}

#[test]
fn errors_are_in_every_report() {
    for format in ["human", "json", "sarif", "junit", "github", "markdown"] {
        let scratch = Scratch::project().file("overlays/prod/kustomization.yaml", "resources: [../../base, missing.yaml]\n");
        let run = scratch.check(&["--format", format]).ends_with(3).says("render-failed").says("missing.yaml");
        assert_eq!(run.stderr, "", "{format}");
    }
}

#[test]
fn junit_escapes_what_xml_cannot_hold() {
    let rule = common::PROBE_RULE.replace("has no livenessProbe", "<&> \\u0001 ]]>");
    let run = Scratch::project().file("policies/demo/probe.rego", &rule).check(&["--format", "junit"]).ends_with(1);
    assert!(run.stdout.contains("&lt;&amp;&gt; \\u{1} ]]&gt;"), "{}", run.stdout);
}

/// Every place where a secret value can stand, and a finding beside each.
#[test]
fn secret_values_are_in_no_report() {
    let secret = "hunter2-hunter2";
    let encoded = "aHVudGVyMi1odW50ZXIy";
    let rule = "\
# METADATA
# title: Talks too much
# custom: {help: x}
package kubevet.demo.probe

import rego.v1

deny contains {\"msg\": sprintf(\"value %v\", [value]), \"path\": [field, key]} if {
\tsome field in [\"data\", \"stringData\"]
\tsome key, value in input[field]
}

deny contains {\"msg\": \"env\", \"path\": [\"spec\", \"template\", \"spec\", \"containers\", 0, \"env\", i, \"name\"]} if {
\tsome i, _ in input.spec.template.spec.containers[0].env
}

deny contains {\"msg\": \"kind\", \"path\": [\"kind\"]}

deny contains {\"msg\": \"name\", \"path\": [\"metadata\", \"name\"]}
";
    let scratch = Scratch::project()
        .file("policies/demo/probe.rego", rule)
        .file("base/secret.yaml", &format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData:\n  plain: {secret}\n  block: |\n    {secret}\n    more {secret}\n"))
        .file("base/encoded.yaml", &format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: b}}\ndata:\n  value: {encoded}\n"))
        .file("base/secret.env", &format!("# a comment\nTOKEN={secret}\n"))
        .file("base/secret.txt", secret)
        .file("base/deployment.yaml", &format!("{}          env:\n            - name: DB_PASSWORD\n              value: {secret}\n            - name: DB_URL\n              value: postgres://user:{secret}@db/app\n", common::DEPLOYMENT))
        .file(
            "base/kustomization.yaml",
            &format!("resources: [deployment.yaml, secret.yaml, encoded.yaml]\nsecretGenerator:\n  - name: generated\n    literals: [key={secret}]\n    envs: [secret.env]\n    files: [secret.txt]\n"),
        )
        .file(
            "overlays/prod/kustomization.yaml",
            &format!("namespace: web-prod\nresources: [../../base]\npatches:\n  - target: {{kind: Secret, name: a}}\n    patch: |\n      - op: replace\n        path: /stringData/plain\n        value: {secret}-2\n  - patch: |\n      apiVersion: v1\n      kind: Secret\n      metadata: {{name: b}}\n      data: {{value: {encoded}}}\n"),
        );
    for format in ["human", "json", "sarif", "junit", "github", "markdown"] {
        let run = scratch.check(&["--format", format, "--show-waived"]).ends_with(1).says("demo/probe");
        assert!(!run.stdout.contains("hunter2"), "{format}: {}", run.stdout);
        assert!(!run.stdout.contains(encoded), "{format}: {}", run.stdout);
    }
    let human = scratch.check(&[]).stdout;
    assert!(human.contains("<redacted>"), "{human}");
    // The lines below a secret of several lines keep their numbers.
    assert!(human.contains("DB_PASSWORD"), "{human}");
}

#[test]
fn what_the_build_notes_is_a_finding_at_its_line() {
    let scratch = Scratch::project().file(
        "overlays/prod/kustomization.yaml",
        "resources: [../../base]\npatches:\n  - target: {kind: Deployment, name: wbe}\n    patch: |\n      - {op: remove, path: /spec}\n",
    );
    let report = scratch.run(&["check", "overlays/prod", "--rule", "kustomize/*", "--format", "json"]).ends_with(1).json();
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "kustomize/target-matches-nothing");
    assert_eq!(finding["object"]["kind"], "Kustomization");
    assert_eq!(
        (&finding["locations"][0]["file"], &finding["locations"][0]["line"]),
        (&Value::from("overlays/prod/kustomization.yaml"), &Value::from(3))
    );
}

#[test]
fn a_render_with_the_place_of_each_line() {
    let run = removed_probe().run(&["render", "overlays/prod", "--origins"]).ends_with(0);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_line_each_for_who_wants_no_more() {
    let scratch = removed_probe().file("policies/waivers.yaml", "version: 1\nwaivers: []\nmore: 1\n");
    scratch.check(&["--format", "concise"]).ends_with(2).says("policies/waivers.yaml:3:1: error[waivers] ");
    std::fs::remove_file(scratch.path().join("policies/waivers.yaml")).unwrap();
    let run = scratch.check(&["--format", "concise"]).ends_with(1);
    assert_eq!(
        run.stdout,
        "overlays/prod/web.yaml:10:11: error[demo/probe] prod: Deployment web-prod/web: container \"web\" has no livenessProbe\n\
         2 renders (dev, prod), 2 objects, 1 rule: 1 error, 0 warnings\n\
         of what was judged, every kind has a schema, and every Pod was read\n"
    );
}

#[test]
fn many_findings_begin_with_an_overview() {
    let containers =
        |count: usize| (1..count).map(|at| format!("        - name: c{at}\n          image: nginx:1.29\n")).collect::<String>();
    let run = |count: usize| {
        let deployment = common::DEPLOYMENT.to_owned() + &containers(count);
        Scratch::project().file("base/deployment.yaml", &deployment).check(&["overlays/prod"]).ends_with(1).stdout
    };
    assert!(run(4).starts_with("error[demo/probe]"));
    assert!(run(5).starts_with("    5 errors    demo/probe  Every container has a probe\n\nerror[demo/probe]"), "{}", run(5));
}

/// Where a person has to know which overlay to look at, each has its counts.
#[test]
fn overlays_of_one_environment_are_counted() {
    let table = "version: 1\nenvironments:\n  dev: {overlays: [overlays/dev]}\n  prod: {overlays: ['clusters/*']}\n";
    let overlay = |replaced: &str| format!("namespace: web\nresources: [../../base]\nnamePrefix: {replaced}-\n");
    let scratch = Scratch::project().file("policies/environments.yaml", table);
    std::fs::remove_dir_all(scratch.path().join("overlays/prod")).unwrap();
    let containers: String = (1..5).map(|at| format!("        - name: c{at}\n          image: nginx:1.29\n")).collect();
    let scratch =
        ["a", "b", "c"].iter().fold(scratch, |scratch, name| scratch.file(&format!("clusters/{name}/kustomization.yaml"), &overlay(name)));
    let probes = |text: &str| text.replace("image: nginx:1.29", "livenessProbe: {httpGet: {path: /, port: 80}}");
    let scratch = scratch
        .file("base/deployment.yaml", &(common::DEPLOYMENT.to_owned() + &containers))
        .file("clusters/b/kustomization.yaml", &format!("{}patches: [{{path: probe.yaml}}]\n", overlay("b")))
        .file("clusters/b/probe.yaml", &probes(common::DEPLOYMENT));
    let report = scratch.check(&[]).ends_with(1).stdout;
    let counts: Vec<&str> = report.lines().take_while(|line| !line.starts_with("error")).collect();
    assert_eq!(
        counts,
        [
            "    5 errors    demo/probe  Every container has a probe",
            "",
            "    5 errors     0 warnings  prod  clusters/a",
            "    5 errors     0 warnings  prod  clusters/c",
            "    4 errors     0 warnings  prod  clusters/b",
            ""
        ]
    );
}

/// What several rules say of one place is one block, and so is what one line does to objects of other kinds and places.
#[test]
fn one_cause_is_shown_once() {
    let other =
        common::PROBE_RULE.replace("livenessProbe", "readinessProbe").replace("Every container has a probe", "Every container is asked");
    let report = Scratch::project().file("policies/demo/ready.rego", &other.replace("demo.probe", "demo.ready")).check(&["overlays/prod"]);
    let report = report.ends_with(1).stdout;
    assert_eq!((report.matches("error[").count(), report.matches("╭─[").count()), (2, 1), "{report}");
    insta::assert_snapshot!(report);

    let patch = "- op: add\n  path: /spec/template/spec/containers/-\n  value:\n    name: proxy\n    image: proxy:1\n";
    let uses = |kind: &str| format!("resources: [{kind}.yaml]\ncomponents: [../../proxy]\n");
    let probed = common::DEPLOYMENT.to_owned() + "          livenessProbe: {httpGet: {path: /, port: 80}}\n";
    let second = probed.replace(
        "      containers:\n",
        "      containers:\n        - name: first\n          image: first:1\n          livenessProbe: {exec: {command: [x]}}\n",
    );
    let scratch = Scratch::project()
        .file("policies/demo/probe.rego", &common::PROBE_RULE.replace("[Deployment]", "[Deployment, StatefulSet]"))
        .file(
            "proxy/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: add.yaml, target: {name: web}}]\n",
        )
        .file("proxy/add.yaml", patch)
        .file("overlays/dev/kustomization.yaml", &uses("d"))
        .file("overlays/dev/d.yaml", &probed)
        .file("overlays/prod/kustomization.yaml", &uses("s"))
        .file("overlays/prod/s.yaml", &second.replace("kind: Deployment", "kind: StatefulSet"))
        .file("policies/environments.yaml", &common::TABLE.replace("dev: warn", "dev: deny"));
    let report = scratch.check(&["--format", "json"]).json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report:#}");
    let kinds: Vec<&Value> = findings[0]["objects"].as_array().unwrap().iter().map(|object| &object["kind"]).collect();
    assert_eq!(kinds, ["Deployment", "StatefulSet"]);
    scratch.check(&["--format", "concise"]).says("dev, prod: Deployment web, StatefulSet web: container \"proxy\" has no livenessProbe");
}

/// Lines are as wide as `COLUMNS` says; without, and not on a terminal, they are whole.
#[test]
fn lines_are_no_wider_than_the_terminal() {
    let rule = common::PROBE_RULE.replace("Add livenessProbe to the container.", "Add livenessProbe to the container, so that a hang is seen before people see it, and the Pod starts again; ask those who run the application what is a hang for it.");
    let long = "x".repeat(300);
    let deployment = common::DEPLOYMENT
        .replace("        - name: web\n", &format!("        - {{name: web, args: [{long}]}} # {long}\n"))
        .replace("          image: nginx:1.29\n", "");
    let scratch = Scratch::project().file("policies/demo/probe.rego", &rule).file("base/deployment.yaml", &deployment);
    let run = |columns: Option<&str>| {
        let mut command = common::kubevet();
        match columns {
            Some(columns) => command.env("COLUMNS", columns),
            None => command.env_remove("COLUMNS"),
        };
        let output = command.args(["check", "--rule", "demo/*"]).current_dir(scratch.path()).stdin(Stdio::null()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for columns in [60, 80, 200] {
        let report = run(Some(&columns.to_string()));
        let widest = report.lines().map(|line| line.chars().count()).max().unwrap();
        assert!((columns - 12..=columns).contains(&widest), "{widest} of {columns}:\n{report}");
    }
    assert!(run(None).contains("what is a hang for it; see `kubevet explain demo/probe`\n"), "{}", run(None));
    assert_eq!(run(Some("nonsense")), run(None));
}

#[test]
fn who_shows_the_repository_gets_paths_from_its_top() {
    let scratch = removed_probe();
    std::fs::create_dir(scratch.path().join(".git")).unwrap();
    let below = |format: &str| {
        let arguments = ["check", "--rule", "demo/*", "prod", "--format", format];
        let run = common::kubevet().args(arguments).current_dir(scratch.path().join("overlays")).output().unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    };
    let (code, sarif) = below("sarif");
    assert_eq!(code, Some(1), "{sarif}");
    for uri in ["overlays/prod/web.yaml", "base/deployment.yaml"] {
        assert!(sarif.contains(&format!("\"uri\": \"{uri}\"")), "{sarif}");
    }
    let (_, github) = below("github");
    assert!(
        github.starts_with("::error file=overlays/prod/web.yaml,line=10,") && github.contains("%0Abase/deployment.yaml:13 had one"),
        "{github}"
    );
    // People are where they are.
    assert!(below("human").1.contains("[prod/web.yaml:10:11]"));
}

#[test]
fn junit_says_how_long_it_took() {
    let report = removed_probe().check(&["--format", "junit"]).ends_with(1).stdout;
    let tree = roxmltree::Document::parse(&report).unwrap();
    let timed = tree.descendants().filter(|node| ["testsuites", "testsuite", "testcase"].contains(&node.tag_name().name()));
    let times: Vec<f64> = timed.map(|node| node.attribute("time").unwrap().parse().unwrap()).collect();
    assert!(times.len() == 8 && times[0] > 0.0, "{times:?}");
}

/// What a patch sets is found at the patch, and what stands in a generated file or a block of text at its own line, without the value.
#[test]
fn values_are_found_where_they_are_set() {
    let kustomization = "\
resources: [../../base]
patches:
  - target: {kind: Service, name: web}
    patch: |-
      - {op: replace, path: /spec/type, value: LoadBalancer}
  - path: replicas.yaml
configMapGenerator:
  - {name: settings, files: [app.properties, nested.json]}
";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n";
    let block = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: block}\ndata:\n  app.ini: |\n    [db]\n    ; no password here: passwords\n    password = horse-1\n";
    let replicas = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n";
    let scratch = Scratch::project()
        .file("base/kustomization.yaml", "resources: [deployment.yaml, service.yaml, block.yaml]\n")
        .file("base/deployment.yaml", &common::DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: 3\n  selector"))
        .file("base/service.yaml", service)
        .file("base/block.yaml", block)
        .file("policies/environments.yaml", &common::TABLE.replace("parameters: {", "parameters: {minReplicas: 2, "))
        .file("overlays/prod/kustomization.yaml", kustomization)
        .file("overlays/prod/replicas.yaml", replicas)
        .file("overlays/prod/app.properties", "# the server\nserver.port=80\n\nspring.datasource.password=horse-2\nspring.datasource.url=jdbc:postgresql://app:horse-3@db/x\n")
        .file("overlays/prod/nested.json", "{\n  \"port\": 1,\n  \"db\": {\n    \"password\": \"horse-4\"\n  }\n}\n");
    let rules = ["services/load-balancer", "availability/replicas", "secrets/*", "connections/client-encryption"];
    let arguments: Vec<&str> = ["check", "overlays/prod"].into_iter().chain(rules.iter().flat_map(|rule| ["--rule", *rule])).collect();
    let concise = scratch.run(&[&arguments[..], &["--format", "concise"]].concat()).ends_with(1).stdout;
    for place in [
        "base/block.yaml:8:5: error[secrets/configmap-literal]",
        "overlays/prod/app.properties:4:1: error[secrets/configmap-literal]",
        "overlays/prod/app.properties:5:1: error[secrets/url-credentials]",
        "overlays/prod/app.properties:5:1: error[connections/client-encryption]",
        "overlays/prod/nested.json:4:5: error[secrets/configmap-literal]",
        "overlays/prod/kustomization.yaml:5:41: error[services/load-balancer]",
        "overlays/prod/replicas.yaml:5:3: error[availability/replicas]",
    ] {
        assert!(concise.contains(place), "no {place} in\n{concise}");
    }
    let human = scratch.run(&arguments).says("spring.datasource.password=<redacted>").stdout;
    assert!(!human.contains("horse"), "{human}");
}

/// Totals, a table by rule, and the findings folded below; links lead to lines where somebody shows them.
#[test]
fn markdown_is_read_from_the_top() {
    let scratch = removed_probe();
    std::fs::create_dir(scratch.path().join(".git")).unwrap();
    let run = |variables: &[(&str, &str)], directory: &str| {
        let mut command = common::kubevet();
        command.args(["check", "--rule", "demo/*", "prod", "--format", "markdown"]).envs(variables.iter().copied());
        String::from_utf8(command.current_dir(scratch.path().join(directory)).output().unwrap().stdout).unwrap()
    };
    insta::assert_snapshot!(run(&[], "overlays"));
    let github = [("GITHUB_SERVER_URL", "https://git.example"), ("GITHUB_REPOSITORY", "team/shop"), ("GITHUB_SHA", "0f3a")];
    let linked = run(&github, "overlays");
    let link = "[`prod/web.yaml:10`](https://git.example/team/shop/blob/0f3a/overlays/prod/web.yaml#L10) removed here";
    assert!(linked.contains(link), "{linked}");
}

/// <https://github.com/orgs/community/discussions/27190>: a comment has at most 65,536 characters.
#[test]
fn markdown_fits_into_a_comment() {
    let containers: String = (1..900).map(|at| format!("        - name: c{at}\n          image: nginx:1.29\n")).collect();
    let scratch = Scratch::project().file("base/deployment.yaml", &(common::DEPLOYMENT.to_owned() + &containers));
    let report = scratch.check(&["overlays/prod", "--format", "markdown"]).ends_with(1).stdout;
    assert!(
        report.len() < 65_536 && report.contains("| ❌ | `demo/probe` | 900 |") && report.contains(" more: see the job's log\n"),
        "{report}"
    );
    assert_eq!(report.matches("<details>").count(), report.matches("</details>").count());
}

/// Kubevet's own rules have a page in the book, and those about security a severity; others' have neither.
#[test]
fn sarif_says_where_to_read_on_and_how_bad_it_is() {
    let scratch = Scratch::project().file(
        "overlays/prod/kustomization.yaml",
        "resources: [../../base]\npatches:\n  - patch: |-\n      - {op: add, path: /spec/template/spec/hostNetwork, value: true}\n    target: {kind: Deployment}\n",
    );
    let log = scratch.run(&["check", "--format", "sarif"]).ends_with(1).json();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let rule = |id: &str| rules.iter().find(|rule| rule["id"] == id).unwrap();
    let own = rule("pod-security/baseline-host-namespaces");
    let page = own["helpUri"].as_str().unwrap();
    assert!(page.starts_with("https://") && page.ends_with("/rules/pod-security/baseline-host-namespaces.html"), "{page}");
    assert_eq!(own["properties"]["security-severity"], "8.8");
    assert!(own["properties"]["tags"].as_array().unwrap().contains(&"security".into()), "{own:#}");
    assert_eq!(rule("probes/liveness")["properties"]["security-severity"], Value::Null);
    let other = rule("demo/probe");
    assert_eq!((&other["helpUri"], &other["properties"]["security-severity"]), (&Value::Null, &Value::Null));
    // Every row of the table is of a rule that there is.
    let table = include_str!("../src/report/severities.yaml");
    for row in table.lines().filter_map(|line| line.strip_prefix("- {rules: ")) {
        let pattern = row.split(", severity").next().unwrap().trim_matches('\'');
        let glob = globset::Glob::new(pattern).unwrap().compile_matcher();
        assert!(rules.iter().any(|rule| glob.is_match(rule["id"].as_str().unwrap())) || pattern.starts_with("change/"), "{pattern}");
    }
}
