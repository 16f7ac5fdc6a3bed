//! Waivers in place: what a comment or an annotation covers, what becomes of those that are wrong, and who is believed.

#![allow(clippy::expect_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::git::{commit, committed};
use common::{DEPLOYMENT, PROBE_RULE, Run, Scratch};
use serde_json::{Value, json};

const ALLOW: &str = "# kubevet: allow demo/probe because it restarts itself";

/// The Deployment with a comment of its own line before a line, with the same indentation.
fn above(line: &str) -> String {
    let indent = DEPLOYMENT.lines().find(|known| known.trim_start().starts_with(line)).map(|known| known.len() - known.trim_start().len());
    let at = format!("{}{line}", " ".repeat(indent.expect("a line of the Deployment")));
    with_line(DEPLOYMENT, &at, &format!("{}{ALLOW}\n{at}", " ".repeat(indent.unwrap_or_default())))
}

/// The Deployment with a comment behind a line.
fn behind(line: &str) -> String {
    with_line(DEPLOYMENT, line, &format!("{line}  {ALLOW}"))
}

#[track_caller]
fn with_line(text: &str, from: &str, to: &str) -> String {
    let new = text.replacen(from, to, 1);
    assert_ne!(new, text, "{from}");
    new
}

fn prod(deployment: &str) -> Run {
    Scratch::project().file("base/deployment.yaml", deployment).check(&["overlays/prod"])
}

#[test]
fn a_comment_covers_what_begins_on_its_line_or_on_the_next() {
    let covering = [
        above("apiVersion"),
        format!("{ALLOW}\n---\n{DEPLOYMENT}"),
        format!("---  {ALLOW}\n{DEPLOYMENT}"),
        behind("apiVersion: apps/v1"),
        above("spec:"),
        above("containers:"),
        behind("containers:"),
        above("- name: web"),
        behind("- name: web"),
        // Other comments and blank lines are nothing.
        above("containers:").replace(ALLOW, &format!("{ALLOW}\n\n      # more")),
        DEPLOYMENT.replace("- name: web", &format!("-  {ALLOW}\n          name: web")),
        behind("containers:").replace("# kubevet:", "#kubevet:"),
        behind("containers:").replace("demo/probe", "demo/*"),
        behind("containers:").replace("demo/probe", "schema/*, demo/probe"),
        behind("containers:").replace("because", "until 2999-12-31 because"),
    ];
    for deployment in covering {
        prod(&deployment).ends_with(0).says("1 waived");
    }
    let others = [
        above("image"),
        behind("image: nginx:1.29"),
        above("selector"),
        behind("metadata:"),
        behind("containers:").replace("demo/probe", "schema/*"),
        // What is no comment.
        DEPLOYMENT.replace("image:", &format!("args: [\"{ALLOW}\"]\n          image:")),
        DEPLOYMENT.replace("image:", &format!("workingDir: |\n            {ALLOW}\n          image:")),
        DEPLOYMENT.replace("image: nginx", "image: nginx#kubevet:allow").replace(":1.29", ""),
    ];
    for deployment in others {
        let run = prod(&deployment);
        assert_eq!(run.code, 1, "{deployment}\n{}", run.stdout);
    }
}

#[test]
fn a_comment_behind_a_text_of_lines_is_a_comment() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n    text\n\n  # kubevet: allow demo/probe because x\n  b: c\n";
    let run = Scratch::project().file("base/deployment.yaml", &format!("{DEPLOYMENT}---\n{text}")).run(&["check"]);
    run.says("waiver-unused").says("base/deployment.yaml:21:20");
}

#[test]
fn every_report_shows_it_as_a_waiver() {
    let scratch = Scratch::project().file("base/deployment.yaml", &behind("containers:"));
    scratch.check(&["--show-waived"]).ends_with(0).says("waived[demo/probe]").says("waived: it restarts itself");
    let report = scratch.check(&["--format", "json", "overlays/prod"]).ends_with(0).json();
    assert_eq!(report["findings"][0]["waived"], json!({"reason": "it restarts itself", "inPlace": true}));
    assert_eq!(report["summary"]["waived"], 1);
    let sarif = scratch.check(&["--format", "sarif", "overlays/prod"]).ends_with(0).json();
    let suppressions = &sarif["runs"][0]["results"][0]["suppressions"];
    assert_eq!(suppressions, &json!([{"kind": "inSource", "status": "accepted", "justification": "it restarts itself"}]));
    scratch.check(&["--format", "junit", "overlays/prod"]).says("<skipped message=\"waived it restarts itself\"/>");
    scratch.check(&["--format", "markdown", "overlays/prod"]).says("1 waived");
    scratch.check(&["--format", "concise", "--show-waived", "overlays/prod"]).says("waived");
}

#[test]
fn lines_are_followed_through_patches_generators_and_transformers() {
    let patched = |patch: &str, kustomization: &str| {
        let scratch = Scratch::project().file("overlays/prod/patch.yaml", patch);
        scratch.file("overlays/prod/kustomization.yaml", &format!("namespace: web-prod\nresources: [../../base]\n{kustomization}"))
    };
    let spec = "spec:\n  template:\n    spec:\n      containers:\n        - name: web\n          livenessProbe: null";
    let head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    let probed = format!("{DEPLOYMENT}          livenessProbe: {{tcpSocket: {{port: 80}}}}\n");
    // The line that takes it away, whatever is above it in the base.
    let removed = patched(&format!("{head}{spec}  {ALLOW}\n"), "patches: [{path: patch.yaml}]\n").file("base/deployment.yaml", &probed);
    removed.check(&["overlays/prod"]).ends_with(0).says("1 waived");
    // A patch as a whole is for the object that it patches.
    let whole = format!("{ALLOW}\n{head}spec: {{replicas: 2}}\n");
    patched(&whole, "patches: [{path: patch.yaml}]\n").check(&["overlays/prod"]).ends_with(0).says("1 waived");
    patched(&whole.replace("kind: Deployment", "kind: StatefulSet"), "").check(&["overlays/prod"]).ends_with(1);
    // A patch that stands in the kustomization.
    let inline = |comment: &str| {
        let lines = spec.replace('\n', "\n      ");
        let head = head.trim_end().replace('\n', "\n      ");
        format!("patches:\n  - patch: |-\n      {head}\n      {lines}{comment}\n")
    };
    let scratch = patched("", &inline(&format!("  {ALLOW}"))).file("base/deployment.yaml", &probed);
    scratch.check(&["overlays/prod"]).ends_with(0).says("1 waived");
    scratch.write("overlays/prod/kustomization.yaml", format!("resources: [../../base]\n{}", inline("")));
    scratch.check(&["overlays/prod"]).ends_with(1);
    // Other overlays of the base don't have it.
    removed.check(&["--format", "json"]).json()["findings"].as_array().expect("findings").iter().for_each(|finding| {
        assert!(finding["environments"] == json!(["prod"]) && !finding["waived"].is_null(), "{finding}");
    });
}

#[test]
fn a_generator_is_for_what_it_makes_and_an_image_for_its_line() {
    let rule = PROBE_RULE
        .replace("[Deployment]", "[ConfigMap]")
        .replace("some i, container in input.spec.template.spec.containers\n\tnot container.livenessProbe\n\tmsg := sprintf(\"container \\\"%s\\\" has no livenessProbe\", [container.name])", "input.data.a\n\tmsg := \"has a\"")
        .replace("[\"spec\", \"template\", \"spec\", \"containers\", i, \"livenessProbe\"]", "[\"data\", \"a\"]");
    let generator =
        |comment: &str| format!("resources: [../../base]\nconfigMapGenerator:\n  {comment}\n  - name: g\n    literals: [a=b]\n");
    let scratch = Scratch::project().file("policies/demo/probe.rego", &rule);
    scratch.write("overlays/prod/kustomization.yaml", generator(ALLOW));
    scratch.check(&["overlays/prod"]).ends_with(0).says("1 waived");
    scratch.write("overlays/prod/kustomization.yaml", generator("# kubevet is here"));
    scratch.check(&["overlays/prod"]).ends_with(1);
}

#[test]
fn an_annotation_covers_its_object() {
    let annotated =
        |value: &str| with_line(DEPLOYMENT, "  name: web", &format!("  name: web\n  annotations:\n    kubevet.dev/allow: {value}"));
    for value in ["demo/probe because it restarts itself", "|\n      schema/* because x\n      allow demo/probe until 2999-12-31 because y"]
    {
        prod(&annotated(value)).ends_with(0).says("1 waived");
    }
    prod(&annotated("demo/prob because x")).ends_with(2).says("did you mean \"demo/probe\"?").says("base/deployment.yaml:6:5");
    let scratch = Scratch::project();
    scratch.write(
        "overlays/prod/kustomization.yaml",
        "resources: [../../base]\ncommonAnnotations: {kubevet.dev/allow: demo/probe because of all of it}\n",
    );
    scratch.check(&["overlays/prod"]).ends_with(0).says("1 waived");
    scratch.check(&["--format", "json", "overlays/dev"]).says("\"waived\": null");
}

#[test]
fn a_wrong_one_is_an_error_with_its_line() {
    let cases = [
        ("demo/probe because it restarts itself", "demo/probe", "gives no reason"),
        ("because it restarts itself", "because", "gives no reason"),
        ("demo/probe because", "because", "names no rule"),
        ("demo/probe", "demo/prob", "did you mean \"demo/probe\"?"),
        ("demo/probe", "nothing/*", "names rule \"nothing/*\", which does not exist"),
        ("because", "until soon because", "needs a date"),
        ("because", "until 2999-02-30 because", "needs a date"),
        ("because", "until because", "needs a date"),
        ("because", "until 2999-12-31 or so because", "follow the date"),
        ("allow demo/probe because it restarts itself", "", "says nothing"),
        ("allow", "alow", "\"alow\" is nothing that kubevet reads here"),
    ];
    for (from, to, expected) in cases {
        let deployment = behind("containers:").replacen(from, to, 1);
        prod(&deployment).ends_with(2).says("error[waivers]").says("base/deployment.yaml:10:").says(expected);
    }
    prod(&format!("{DEPLOYMENT}{ALLOW}\n")).ends_with(2).says("nothing begins behind this comment");
}

#[test]
fn an_old_one_fails_the_run_and_an_idle_one_is_a_warning() {
    let expired = behind("containers:").replace("because", "until 2020-01-31 because");
    prod(&expired).ends_with(1).says("error[waiver-expired]").says("expired on 2020-01-31").says("error[demo/probe]");
    let idle = Scratch::project().file("base/deployment.yaml", &behind("image: nginx:1.29"));
    idle.run(&["check"]).says("warning[waiver-unused]").says("base/deployment.yaml:12:47");
    // Another overlay or rule might need it.
    for arguments in [&["check", "overlays/dev"][..], &["check", "--rule", "demo/*"]] {
        assert!(!idle.run(arguments).stdout.contains("waiver-unused"), "{arguments:?}");
    }
    let used = Scratch::project().file("base/deployment.yaml", &behind("containers:"));
    assert!(!used.run(&["check"]).stdout.contains("waiver-unused"));
}

#[test]
fn the_table_switches_them_off() {
    let table = |value: &str| format!("waiversInPlace: {value}\n{}", common::TABLE);
    let scratch = Scratch::project().file("base/deployment.yaml", &behind("containers:"));
    scratch.write("policies/environments.yaml", table("off"));
    scratch.check(&["overlays/prod"]).ends_with(1).says("warning[waiver-ignored]").says("has waiversInPlace: off");
    scratch.write("policies/environments.yaml", table("on"));
    scratch.check(&["overlays/prod"]).ends_with(0);
    scratch.write("policies/environments.yaml", table("never"));
    scratch.check(&["overlays/prod"]).ends_with(2).says("can be on or off").says("policies/environments.yaml:1:");
}

#[test]
fn a_secret_in_a_reason_stays_secret() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2-hunter2}\n";
    let deployment = behind("containers:").replace("it restarts itself", "hunter2-hunter2 is for tests");
    let scratch = Scratch::project().file("base/deployment.yaml", &format!("{deployment}---\n{secret}"));
    let run = scratch.check(&["overlays/prod", "--show-waived"]).ends_with(0).says("is for tests");
    assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
}

fn trusting(scratch: &Scratch) -> Run {
    scratch.check(&["--policy-from", "main", "overlays/prod", "--format", "json"])
}

fn codes(report: &Value) -> Vec<&str> {
    report["warnings"].as_array().expect("warnings").iter().filter_map(|warning| warning["code"].as_str()).collect()
}

#[test]
fn a_change_that_is_judged_by_a_revision_waives_nothing() {
    let scratch = committed(Scratch::project());
    scratch.write("base/deployment.yaml", behind("- name: web"));
    let report = trusting(&scratch).ends_with(1).json();
    assert_eq!(codes(&report), ["policies-changed"]);
    trusting(&scratch).says("new waiver in place: demo/probe of Deployment/web spec.template.spec.containers.web: it restarts itself");
    scratch.check(&["--since", "main", "overlays/prod"]).ends_with(0).says("new waiver in place");
    // Merged, it counts, whatever else changes and wherever the line goes.
    commit(&scratch);
    assert_eq!(codes(&trusting(&scratch).ends_with(0).json()), [""; 0]);
    scratch.write("base/deployment.yaml", format!("# a line\n{}", behind("- name: web").replace("1.29", "1.30")));
    trusting(&scratch).ends_with(0);
    scratch.run(&["diff", "--policy-from", "main", "--rule", "demo/*"]).ends_with(0);
    // Nothing takes it along: neither another object, nor another place, nor a patch that is applied to something else.
    scratch.write("base/deployment.yaml", behind("- name: web").replace("name: web\nspec", "name: other\nspec"));
    trusting(&scratch).ends_with(1);
    scratch.write("base/deployment.yaml", behind("- name: web").replace("name: web\nspec", "name: web-bcdfghkmtb\nspec"));
    trusting(&scratch).ends_with(1);
    let second = "        - name: two\n          image: nginx:1.29\n";
    scratch.write("base/deployment.yaml", format!("{}{second}", behind("- name: web")));
    trusting(&scratch).ends_with(1);
    scratch.write("base/deployment.yaml", DEPLOYMENT);
    trusting(&scratch).ends_with(0);
}

#[test]
fn a_patch_waives_for_the_objects_that_the_revision_applied_it_to() {
    let patch =
        "# kubevet: allow demo/probe because x\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n";
    let other = DEPLOYMENT.replace("  name: web\nspec", "  name: other\nspec");
    let kustomization =
        |target: &str| format!("resources: [../../base]\npatches: [{{path: patch.yaml, target: {{kind: Deployment, name: {target}}}}}]\n");
    let scratch = Scratch::project().file("overlays/prod/patch.yaml", patch);
    scratch.write("overlays/prod/kustomization.yaml", kustomization("web"));
    let scratch = committed(scratch.file("base/deployment.yaml", &format!("{DEPLOYMENT}---\n{other}")));
    let open = |run: Run| {
        let report = run.json();
        let open = report["findings"].as_array().expect("findings").iter().filter(|finding| finding["waived"].is_null());
        open.map(|finding| finding["object"]["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(open(trusting(&scratch)), ["other"]);
    scratch.write("overlays/prod/kustomization.yaml", kustomization("'.*'"));
    assert_eq!(open(scratch.check(&["overlays/prod", "--format", "json"])), [""; 0]);
    assert_eq!(open(trusting(&scratch)), ["other"]);
}

#[test]
fn what_comes_on_standard_input_waives_too() {
    let input = format!("{}---\n{}", behind("containers:"), DEPLOYMENT.replace("name: web\nspec", "name: two\nspec"));
    let run = Scratch::project().run_with(&["check", "--rule", "demo/*", "--environment", "prod", "-"], &input);
    run.ends_with(1).says("Deployment two").says("1 waived");
}

/// A change may bring any number of them.
#[test]
fn there_is_an_end_to_how_many_are_read() {
    let comments = "# kubevet: allow demo/probe because x\n".repeat(60_000);
    let scratch = Scratch::project().file("base/deployment.yaml", &format!("{comments}{DEPLOYMENT}"));
    let begin = std::time::Instant::now();
    scratch.check(&["overlays/prod"]).ends_with(2).says("more than 1000 waivers in place").says("base/deployment.yaml:1001:");
    let lines = "      demo/probe because x\n".repeat(500);
    let object = |name: usize| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{name}\n  annotations:\n    kubevet.dev/allow: |\n{lines}---\n")
    };
    scratch.write("base/deployment.yaml", (0..200).map(object).collect::<String>() + DEPLOYMENT);
    scratch.check(&["overlays/prod"]).ends_with(2).says("more than 1000 waivers in place");
    assert!(begin.elapsed().as_secs() < 40, "{:?}", begin.elapsed());
}
