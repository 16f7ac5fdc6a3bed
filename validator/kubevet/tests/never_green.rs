//! Nothing is clean by accident: what can't be judged ends with its own diagnostic and its own exit code.

mod common;

use common::{DEPLOYMENT, PROBE_RULE, Scratch};

const CONFIGURATION: i32 = 2;
const UNJUDGED: i32 = 3;
const NOTHING: i32 = 4;

#[test]
fn an_overlay_that_does_not_render() {
    let scratch = Scratch::project().file("overlays/prod/kustomization.yaml", "resources: [../../base, missing.yaml]\n");
    let run = scratch.check(&[]).ends_with(UNJUDGED).says("error[render-failed]").says("missing.yaml");
    // The other overlay is judged all the same.
    run.says("web-dev/web");
}

#[test]
fn a_kustomization_that_is_no_yaml() {
    let scratch = Scratch::project().file("overlays/prod/kustomization.yaml", "resources: [../../base\n");
    scratch.check(&[]).ends_with(UNJUDGED).says("error[render-failed]");
}

#[test]
fn a_directory_without_a_kustomization() {
    let scratch = Scratch::project().file("notes/readme.md", "nothing here\n");
    scratch.check(&["notes"]).ends_with(NOTHING).says("error[no-kustomization]").says("notes").says("--manifests");
}

#[test]
fn an_empty_directory() {
    let scratch = Scratch::project();
    std::fs::create_dir(scratch.path().join("empty")).unwrap();
    scratch.check(&["empty"]).ends_with(NOTHING).says("error[no-kustomization]");
    scratch.check(&["--manifests", "empty"]).ends_with(NOTHING).says("error[no-manifests]");
}

#[test]
fn an_empty_render() {
    let scratch = Scratch::project()
        .file("overlays/prod/kustomization.yaml", "resources: [nothing.yaml]\n")
        .file("overlays/prod/nothing.yaml", "# no object here\n");
    let run = scratch.check(&["overlays/prod"]);
    // kubectl refuses it, the engine as well; an empty stream is the case that gets through.
    assert!([UNJUDGED, NOTHING].contains(&run.code), "{}", run.stdout);
    scratch
        .run_with(&["check", "-", "--environment", "prod"], "---\n")
        .ends_with(NOTHING)
        .says("error[empty-render]")
        .says("<stdin> holds no object");
}

#[test]
fn empty_standard_input() {
    Scratch::project().run_with(&["check", "-", "--environment", "prod"], "").ends_with(NOTHING).says("error[empty-render]");
}

#[test]
fn a_root_without_an_environment() {
    let scratch = Scratch::project().file("overlays/qa/kustomization.yaml", "resources: [../../base]\n");
    let run = scratch.check(&[]).ends_with(CONFIGURATION).says("error[no-environment]").says("overlays/qa belongs to no environment");
    run.says("policies/environments.yaml").says("--environment");
    scratch.run_with(&["check", "-"], DEPLOYMENT).ends_with(CONFIGURATION).says("error[no-environment]");
}

#[test]
fn a_root_with_two_environments() {
    let table = common::TABLE.replace("dev: {overlays: [overlays/dev]}", "dev: {overlays: [overlays/*]}");
    Scratch::project()
        .file("policies/environments.yaml", &table)
        .check(&[])
        .ends_with(CONFIGURATION)
        .says("two environments, dev and prod");
}

#[test]
fn an_unknown_environment() {
    Scratch::project()
        .check(&["--environment", "prd"])
        .ends_with(CONFIGURATION)
        .says("no environment \"prd\"")
        .says("did you mean \"prod\"?");
}

#[test]
fn a_policy_that_does_not_parse() {
    let scratch = Scratch::project().file("policies/demo/probe.rego", &PROBE_RULE.replace("deny contains", "deny contain"));
    scratch.check(&[]).ends_with(CONFIGURATION).says("error[policy-load]").says("policies/demo/probe.rego:11:6").says("read as Rego 1.0");
}

#[test]
fn a_policy_with_an_unsafe_variable() {
    let scratch = Scratch::project().file("policies/demo/probe.rego", &PROBE_RULE.replace("[container.name]", "[nobody.name]"));
    scratch.check(&[]).ends_with(CONFIGURATION).says("error[policy-load]").says("nobody").says("policies/demo/probe.rego");
}

#[test]
fn a_rule_that_never_finds_anything() {
    let scratch = Scratch::project().file("policies/demo/probe.rego", &PROBE_RULE.replace("deny contains", "denied contains"));
    scratch.check(&[]).ends_with(CONFIGURATION).says("has no `deny`");
}

#[test]
fn a_rule_in_the_wrong_package() {
    let scratch = Scratch::project().file("policies/demo/probe.rego", &PROBE_RULE.replace("kubevet.demo.probe", "kubevet.demo.prob"));
    scratch.check(&[]).ends_with(CONFIGURATION).says("is not the package of this file");
}

#[test]
fn a_rule_with_wrong_metadata() {
    let scratch = Scratch::project().file("policies/demo/probe.rego", &PROBE_RULE.replace("kinds:", "kind:"));
    scratch.check(&[]).ends_with(CONFIGURATION).says("unknown field `kind`").says("policies/demo/probe.rego:5");
}

#[test]
fn a_table_that_names_an_unknown_rule() {
    let table = common::TABLE.replace("demo/probe:", "demo/prob:");
    let scratch = Scratch::project().file("policies/environments.yaml", &table);
    scratch
        .check(&[])
        .ends_with(CONFIGURATION)
        .says("error[unknown-rule]")
        .says("environments.yaml:6:3")
        .says("did you mean \"demo/probe\"?");
}

#[test]
fn a_table_that_is_wrong() {
    let cases = [
        ("dev: warn,", "dev: wrn,", "\"wrn\" is not a level"),
        ("dev: warn, ", "", "says nothing about dev"),
        ("dev: warn,", "dev: warn, qa: warn,", "names \"qa\", which is no environment"),
        ("overlays: [overlays/dev]", "overlay: [overlays/dev]", "has no field \"overlay\""),
        ("overlays: [overlays/dev]", "overlays: overlays/dev", "must be a list"),
        ("overlays: [overlays/dev]", "overlays: ['overlays/[']", "not a path or glob"),
        ("parameters: {slowStarters: {other: 3}}", "parameters: 3", "\"parameters\" must be a map"),
        ("version: 1", "version: 2", "reads version 1"),
        ("version: 1\n", "", "needs the field \"version\""),
        ("rules:", "rules: [", "not valid YAML"),
    ];
    for (from, to, expected) in cases {
        let table = common::TABLE.replace(from, to);
        assert_ne!(table, common::TABLE, "{from}");
        let scratch = Scratch::project().file("policies/environments.yaml", &table);
        scratch.check(&[]).ends_with(CONFIGURATION).says("error[environments]").says("policies/environments.yaml:").says(expected);
    }
}

#[test]
fn a_rule_pattern_that_matches_nothing() {
    Scratch::project().run(&["check", "--rule", "demo/prob"]).ends_with(CONFIGURATION).says("matches no rule").says("demo/probe");
}

#[test]
fn every_rule_is_off() {
    let table = common::TABLE.replace("prod: deny", "prod: off");
    let scratch = Scratch::project().file("policies/environments.yaml", &table);
    scratch.check(&["overlays/prod"]).ends_with(NOTHING).says("error[no-rules]").says("no rule applies in prod");
}

#[test]
fn no_rule_judges_any_object() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let run = Scratch::project().run_with(&["check", "-", "--environment", "prod", "--rule", "demo/*"], map);
    run.ends_with(NOTHING).says("error[nothing-evaluated]");
}

#[test]
fn a_policy_directory_without_policies() {
    let scratch = Scratch::project().file("other/readme.md", "");
    scratch.check(&["--policy", "other"]).ends_with(CONFIGURATION).says("error[policy-directory]");
    scratch.check(&["--policy", "nowhere"]).ends_with(CONFIGURATION).says("error[policy-directory]");
}

#[test]
fn a_path_that_does_not_exist() {
    Scratch::project().check(&["overlays/prd"]).ends_with(CONFIGURATION).says("error[no-such-path]");
}

#[test]
fn a_stream_that_is_broken() {
    let cases = [
        (": :\n- x: [", "not valid YAML"),
        ("just text\n", "not a Kubernetes object"),
        ("metadata: {name: a}\n", "has no kind"),
        ("kind: ConfigMap\n", "has no apiVersion"),
    ];
    for (text, expected) in cases {
        let run = Scratch::project().run_with(&["check", "-", "--environment", "prod"], &format!("{DEPLOYMENT}---\n{text}"));
        run.ends_with(UNJUDGED).says("error[unreadable]").says(expected);
    }
}

#[test]
fn a_file_that_is_not_utf8() {
    let scratch = Scratch::project();
    scratch.write("bad.yaml", b"kind: \xff\n");
    scratch.check(&["bad.yaml", "--environment", "prod"]).ends_with(UNJUDGED).says("not UTF-8");
}

#[test]
fn one_broken_file_among_manifests() {
    let scratch = Scratch::project().file("plain/good.yaml", DEPLOYMENT).file("plain/bad.yaml", "a: [\n");
    scratch.check(&["--manifests", "plain", "--environment", "prod"]).ends_with(UNJUDGED).says("plain/bad.yaml");
}

#[test]
fn a_rule_whose_result_is_malformed() {
    const RESULT: &str = "{\"msg\": msg, \"path\": path}";
    let cases = [
        (RESULT, "{\"message\": msg, \"path\": path}", "has no \"msg\""),
        (RESULT, "{\"msg\": msg, \"path\": \"spec\"}", "is not a list of keys and indexes"),
        ("deny contains {\"msg\": msg, \"path\": path} if", "deny := 3 if", "not a set"),
        (RESULT, "{\"msg\": msg, \"fix\": \"x\"}", "\"fix\" has no \"title\" of one line"),
        (RESULT, "{\"msg\": msg, \"fix\": [{\"title\": \"x\", \"edits\": []}]}", "the fix \"x\" has no list \"edits\""),
        (RESULT, "{\"msg\": msg, \"fix\": {\"title\": \"x\", \"safe\": 1, \"edits\": [{\"remove\": path}]}}", "neither true nor false"),
        (RESULT, "{\"msg\": msg, \"fix\": {\"title\": \"x\", \"edits\": [{\"set\": path}]}}", "an edit without a \"value\""),
        (RESULT, "{\"msg\": msg, \"fix\": {\"title\": \"x\", \"edits\": [{\"remove\": []}]}}", "path is not a list of keys and indexes"),
        (RESULT, "{\"msg\": msg, \"fix\": {\"title\": \"x\", \"edits\": [{\"add\": path, \"set\": path}]}}", "is not one of"),
        (
            RESULT,
            "{\"msg\": msg, \"fix\": {\"title\": \"x\", \"edits\": [{\"create\": {\"kind\": \"Pod\"}}]}}",
            "creates what is no object",
        ),
        (RESULT, "{\"msg\": msg, \"fix\": {\"title\": \"x\", \"edits\": [{\"source\": \"quote\"}]}}", "its result no \"note\""),
        (
            RESULT,
            "{\"msg\": msg, \"fix\": {\"title\": \"x\", \"safe\": true, \"edits\": [{\"set\": path, \"value\": [\"<kubevet: A NAME>\"]}]}}",
            "a value that a person must choose",
        ),
    ];
    for (from, to, expected) in cases {
        let rule = PROBE_RULE.replace(from, to);
        let rule = if to.starts_with("deny :=") { rule.replace("path := [", "_ := [").replace("msg := ", "_ := ") } else { rule };
        let scratch = Scratch::project().file("policies/demo/probe.rego", &rule);
        // Nothing else asks how to mend it.
        let command = if to.contains("\"fix\"") { "fix" } else { "check" };
        let run = scratch.run(&[command, "base", "--environment", "prod"]).ends_with(UNJUDGED).says("error[rule-evaluation]");
        run.says("rule demo/probe").says(expected);
    }
}

#[test]
fn an_overlay_rule_that_speaks_of_an_unknown_object() {
    let rule = PROBE_RULE.replace("kinds: [Deployment]", "scope: overlay");
    let rule = rule.split("deny contains").next().unwrap().to_owned()
        + "deny contains {\"msg\": \"x\", \"path\": [], \"object\": {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"name\": \"ghost\"}}\n";
    let scratch = Scratch::project().file("policies/demo/probe.rego", &rule);
    scratch.check(&["base", "--environment", "prod"]).ends_with(UNJUDGED).says("error[rule-result]").says("Pod ghost");
}

#[test]
fn wrong_usage() {
    let scratch = Scratch::project();
    scratch.run(&["check", "--nonsense"]).ends_with(CONFIGURATION);
    scratch.run(&["check", "--format", "nonsense"]).ends_with(CONFIGURATION);
    scratch.run(&["check", "--format", "json", "--format", "human"]).ends_with(CONFIGURATION).says("only one --format");
    scratch.run(&["check", "--format", "json", "--output", "a", "--output", "b"]).ends_with(CONFIGURATION).says("two --output");
    scratch.run(&["check", "--kubernetes-version", "1.28"]).ends_with(CONFIGURATION).says("1.29 to 1.36");
}

#[test]
fn tests_that_are_not_there_or_fail() {
    let scratch = Scratch::empty().file("policies/demo/probe.rego", PROBE_RULE).file("policies/environments.yaml", common::TABLE);
    scratch.run(&["test"]).ends_with(NOTHING).says("error[no-tests]");
    let test = "package kubevet.demo.probe_test\n\nimport rego.v1\n\ntest_wrong if 1 == 2\n";
    let scratch = scratch.file("policies/demo/probe_test.rego", test);
    scratch.run(&["test"]).ends_with(1).says("FAIL data.kubevet.demo.probe_test.test_wrong (policies/demo/probe_test.rego:5)");
    let scratch = scratch.file("policies/demo/probe_test.rego", &test.replace("1 == 2", "1 == 1"));
    scratch.run(&["test"]).ends_with(0);
    scratch.run(&["test", "--run", "nothing"]).ends_with(NOTHING).says("no test's name contains \"nothing\"");
    scratch.run(&["test", "--threshold", "99"]).ends_with(1).says("below the threshold");
}

/// Whatever is wrong, the message says what to do next.
#[test]
fn every_problem_comes_with_help() {
    let table = |from: &str, to: &str| ("policies/environments.yaml", common::TABLE.replace(from, to));
    let rule = |from: &str, to: &str| ("policies/demo/probe.rego", PROBE_RULE.replace(from, to));
    let waiver = "version: 1\nwaivers:\n  - {rule: demo/probe, object: {kind: Deployment, name: web}, reason: r, expiry: 2999-01-01}\n";
    let waivers = |from: &str, to: &str| ("policies/waivers.yaml", waiver.replace(from, to));
    let prod = |text: &str| ("overlays/prod/kustomization.yaml", text.to_owned());
    let cases = [
        table("version: 1", "version: 9"),
        table("dev: warn, ", ""),
        table("dev: warn,", "dev: wrn,"),
        table("overlays: [overlays/dev]", "overlays: overlays/dev"),
        table("parameters: {slowStarters: {other: 3}}", "parameters: 3"),
        table("rules:", "rules: ["),
        table("demo/probe:", "demo/prob:"),
        table("dev: {overlays: [overlays/dev]}", "dev: {overlays: [overlays/qa]}"),
        ("policies/environments.yaml", String::new()),
        rule("deny contains", "deny contain"),
        rule("deny contains", "denied contains"),
        rule("kubevet.demo.probe", "kubevet.demo.prob"),
        rule("# METADATA\n", ""),
        rule("# title:", "# titel:"),
        rule("#   kinds:", "#   needs: [facts.shema]\n#   kinds:"),
        rule("{\"msg\": msg, \"path\": path}", "{\"message\": msg, \"path\": path}"),
        waivers("2999-01-01", "2020-01-01"),
        waivers("2999-01-01", "soon"),
        waivers("reason: r, ", ""),
        waivers("kind: Deployment, ", ""),
        waivers("{rule", "- {rule"),
        waivers("name: web", "name: gone"),
        ("policies/products.yaml", "nonsense: [\n".to_owned()),
        ("policies/schemas/crd.yaml", "kind: [\n".to_owned()),
        prod("resources: [../../base, missing.yaml]\n"),
        prod("resources: [../../base\n"),
        prod("resources: [../../base]\nnonsense: 1\n"),
        prod("resources: [https://example.com/x?ref=v1]\n"),
        prod("resources: [../../base]\nhelmCharts: [{name: x}]\n"),
        prod("resources: [nothing.yaml]\n"),
    ];
    let mut count = 0;
    let mut check = |scratch: &Scratch, arguments: &[&str], what: &str| {
        let arguments = [arguments, &["--renderer", "native", "--format", "json"]].concat();
        let report = scratch.run(&arguments).json();
        let problems = ["errors", "warnings"].map(|list| report[list].as_array().unwrap().clone()).concat();
        assert!(!problems.is_empty(), "{what}: {report:#}");
        for problem in problems {
            assert!(problem["help"].as_str().is_some_and(|help| help.len() > 8), "{what}: {problem:#}");
            count += 1;
        }
    };
    for (file, text) in cases {
        check(&Scratch::project().file(file, &text), &["check"], &format!("{file}: {text}"));
    }
    let scratch = Scratch::project().file("bad.json", "{\"version\": 3, \"findings\": []}").file("list.yaml", "- a\n");
    for arguments in [
        &["check", "nowhere"][..],
        &["check", "list.yaml", "--environment", "prod"],
        &["check", "--manifests", "policies", "--environment", "prod"],
        &["check", "--environment", "prd"],
        &["check", "--rule", "demo/prob"],
        &["check", "--rule", "demo/["],
        &["check", "--baseline", "missing.json"],
        &["check", "--baseline", "bad.json"],
        &["check", "--write-baseline", "base/deployment.yaml"],
        &["check", "--since", "nothing"],
        &["check", "--policy", "nowhere"],
        &["check", "--policy", "policies", "--policy", "policies"],
    ] {
        check(&scratch, arguments, &arguments.join(" "));
    }
    assert!(count > 30, "{count}");
}
