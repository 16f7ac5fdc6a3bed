//! Nothing that a policy asks for takes more time or memory than it may; the error names the rule and the limit.

mod common;

use common::{DEPLOYMENT, PROBE_RULE, Run, Scratch};

const CONFIGURATION: i32 = 2;
const UNJUDGED: i32 = 3;

/// A hundred million additions, which the engine can stop.
const LOOP: &str = "\tn := numbers.range(1, 100)
\tsome a in n
\tsome b in n
\tsome c in n
\tsome d in n
\ta + b + c + d < 0
";

/// A rule as people write them for conftest.
fn rule(body: &str) -> String {
    format!("package main\n\nimport rego.v1\n\ndeny contains \"found\" if {{\n{body}}}\n")
}

fn check(policy: &str, arguments: &[&str]) -> Run {
    check_within("1s", policy, arguments)
}

fn check_within(timeout: &str, policy: &str, arguments: &[&str]) -> Run {
    let scratch = Scratch::project().file("policies/demo/probe.rego", PROBE_RULE).file("policies/main.rego", policy);
    scratch.check(&[&["overlays/prod", "--rule", "main", "--policy-timeout", timeout], arguments].concat())
}

#[test]
fn a_rule_that_loops() {
    let run = check(&rule(LOOP), &[]).ends_with(UNJUDGED);
    run.says("error[policy-limit] rule main took longer than 1 s in this run").says("policies/main.rego:1:1");
}

#[test]
fn a_rule_that_loops_among_others() {
    let slow = PROBE_RULE.replace("demo.probe", "demo.slow").replace("\tsome i, container", &format!("{LOOP}\tsome i, container"));
    let scratch = Scratch::project().file("policies/demo/probe.rego", PROBE_RULE).file("policies/demo/slow.rego", &slow);
    let run = scratch.check(&["overlays/prod", "--policy-timeout", "1s"]).ends_with(UNJUDGED);
    run.says("rule demo/slow took longer than 1 s in this run");
}

#[test]
fn a_step_that_nothing_can_stop() {
    // Numbers of which each has twice the digits of the one before.
    let squares: String = (1..=29).map(|at| format!("\ta{at} := a{0} * a{0}\n", at - 1)).collect();
    let body = &format!("\ta0 := 99999999999999999999\n{squares}\ta29 == 0\n");
    check(&rule(body), &[]).ends_with(UNJUDGED).says("error[policy-limit] rule main took longer than 1 s");
    let json = check(&rule(body), &["--format", "json"]).ends_with(UNJUDGED);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["errors"][0]["code"], "policy-limit");
}

#[test]
fn builtins_that_would_make_too_much() {
    // Not the time but what would be made is judged here, however busy the machine is.
    let check = |body: &str| check_within("60s", &rule(body), &[]).ends_with(UNJUDGED);
    check("\tcount(numbers.range(1, 1000000000)) == 0\n")
        .says("rule main: numbers.range would make 1000000000 numbers, of which 4194304 are the limit")
        .says("policies/main.rego:6");
    check("\tcount(numbers.range_step(1000000000, 0, 2)) == 0\n").says("numbers.range_step would make 500000001 numbers");
    check("\tsprintf(\"%1000000d\", [1]) == concat(\"\", [sprintf(\"%1000000d\", [i]) | some i in numbers.range(1, 100)])\n")
        .says("rule main: concat would make a text of 100000000 bytes");
    check(
        "\tnodes := {sprintf(\"%d\", [i]) | some i in numbers.range(1, 2100)}\n\tgraph := {node: nodes | some node in nodes}
\tcount(graph.reachable_paths(graph, {\"1\"})) == 0\n",
    )
    .says("rule main: graph.reachable_paths found");
    let thousand = "concat(\"\", [s | some _ in numbers.range(1, 1000)])";
    let text = format!("\ts := \"0123456789\"\n\tt := {thousand}\n\tu := {}\n", thousand.replace("[s", "[t"));
    check(&format!("{text}\tcount({}) == 0\n", thousand.replace("[s", "[u")))
        .says("rule main: concat would make a text of 10000000000 bytes");
}

#[test]
fn guarded_builtins_answer_as_opa_does() {
    let cases = [
        ("numbers.range(3, 1)", "[3, 2, 1]"),
        ("numbers.range(-1, 1)", "[-1, 0, 1]"),
        ("numbers.range_step(0, 10, 4)", "[0, 4, 8]"),
        ("numbers.range_step(10, 1, 4)", "[10, 6, 2]"),
        ("concat(\"-\", [\"b\", \"a\"])", "b-a"),
        ("concat(\"-\", {\"b\", \"a\"})", "a-b"),
        ("concat(\"-\", [])", ""),
        // Wrong arguments leave a value undefined.
        ("object.get({\"n\": [n | n := numbers.range(1.5, 3)]}, \"n\", 0)", "[]"),
        ("object.get({\"n\": [n | n := numbers.range_step(1, 3, 0)]}, \"n\", 0)", "[]"),
        ("object.get({\"n\": [n | n := concat(\"-\", [1])]}, \"n\", 0)", "[]"),
    ];
    for (term, expected) in cases {
        let policy = format!("package main\n\nimport rego.v1\n\ndeny contains sprintf(\"<%v>\", [{term}])\n");
        check(&policy, &["--format", "json"]).says(&serde_json::json!(format!("<{expected}>")).to_string().replace('"', ""));
    }
    // The result may be the last argument.
    let out = "package main\n\nimport rego.v1\n\ndeny contains text if concat(\"+\", [\"a\", \"b\"], text)\n";
    check(out, &[]).says("a+b");
}

#[test]
fn a_run_that_takes_too_long() {
    let scratch = Scratch::project().file("policies/main.rego", &rule(LOOP));
    let run = scratch.check(&["overlays/prod", "--rule", "main", "--timeout", "1s"]).ends_with(UNJUDGED);
    run.says("error[timeout] the run took longer than 1 s: judging overlays/prod, rule main");
}

#[test]
fn a_test_that_loops() {
    let test = format!("package main_test\n\nimport rego.v1\n\ntest_slow if {{\n{LOOP}}}\n\ntest_quick if true\n");
    let scratch = Scratch::project().file("policies/main_test.rego", &test);
    let run = scratch.run(&["test", "--policy-timeout", "1s"]).ends_with(1);
    run.says("ERROR data.main_test.test_slow").says("took longer than 1 s").says("1 passed, 1 failed");
}

#[test]
fn other_commands_end_too() {
    let scratch = Scratch::project().file("all.yaml", DEPLOYMENT);
    for command in [&["render", "overlays/prod"][..], &["graph", "all.yaml"], &["check", "overlays/prod"], &["test"]] {
        let run = scratch.run(&[command, &["--timeout", "0s"]].concat()).ends_with(2);
        assert!(run.stderr.contains("longer than nothing"), "{}", run.stderr);
        let run = scratch.run(&[command, &["--timeout", "1h 30m"]].concat());
        assert!(run.code != 2, "{}", run.stderr);
    }
}

#[test]
fn rules_that_need_themselves() {
    let run = |rules: &str| check(&format!("package main\n\nimport rego.v1\n\n{rules}\ndeny contains \"x\" if a\n"), &[]);
    let direct = run("a if f(3)\n\nf(x) := f(x - 1)\n").ends_with(CONFIGURATION);
    direct.says("error[policy-load] rule data.main.f is recursive: data.main.f -> data.main.f").says("policies/main.rego:7:1");
    let around = run("a := b\n\nb := data.main.c\n\nc := data[\"main\"].a\n").ends_with(CONFIGURATION);
    around.says("is recursive: data.main.a -> data.main.b -> data.main.c -> data.main.a");
    let whole = run("a := count(data.main)\n").ends_with(CONFIGURATION);
    whole.says("rule data.main.a is recursive");
    let chain: String = (0..400).map(|at| format!("r{at} := r{}\n", at + 1)).collect();
    let long = run(&format!("a := r0\n{chain}r400 := 1\n")).ends_with(CONFIGURATION);
    long.says("needs more than 256 rules, one after the other");
}

#[test]
fn what_is_nested_too_deep() {
    let nested = |depth: usize| format!("\tx := {}1{}\n\tcount(x) == 0\n", "[".repeat(depth), "]".repeat(depth));
    check(&rule(&nested(40)), &[]).ends_with(CONFIGURATION).says("brackets are nested too deep in this rule");
    check(&rule(&nested(400)), &[]).ends_with(CONFIGURATION).says("nested deeper than 48 brackets and bodies").says("policies/main.rego:6");
    check(&rule(&nested(12)), &[]).ends_with(1);
    let sum = vec!["1"; 300].join(" + ");
    check(&rule(&format!("\t{sum} == 0\n")), &[]).ends_with(CONFIGURATION).says("more than 200 operators in a row");
}

#[test]
fn functions_that_are_not_there() {
    let says = |call: &str, words: &str| {
        check(&rule(&format!("\t{call}\n")), &[])
            .ends_with(CONFIGURATION)
            .says("error[policy-load]")
            .says(words)
            .says("policies/main.rego:6:");
    };
    says("startwith(input.kind, \"D\")", "did you mean startswith?");
    says("http.send({\"url\": \"http://x\"}).body == 1", "a rule may not ask the network");
    says("time.now_ns() > 0", "would depend on the time");
    says("data.lib.is_ready(input)", "there is no function data.lib.is_ready");
    says("deny(1)", "rule data.main.deny is no function");
    says("not input.items[_].ready", "`_` stands in something that is negated");
}

#[test]
fn calls_with_another_number_of_arguments() {
    let refused = |call: &str, words: &str| {
        check(&rule(&format!("\t{call}\n")), &[]).ends_with(CONFIGURATION).says(words).says("policies/main.rego:6:");
    };
    refused("count(input.spec, 2) > 0", "count takes 1 argument, not 2");
    refused("x := count(input.spec, 2)\n\tx", "count takes 1 argument, not 2");
    refused("startswith(input.kind)", "startswith takes 2 arguments, not 1");
    refused("not endswith(input.kind, \"x\", 1, 2)", "endswith takes 2 arguments, not 4");
    refused("[x | x := upper()] == []", "upper takes 1 argument, not 0");
    // A line of its own may take the result with one more.
    check(&rule("\tcount([1, 2], 2)\n\tupper(\"a\", upper_a)\n\tupper_a == \"A\"\n"), &[]).ends_with(1);
}

#[test]
fn rules_that_are_called_as_what_compiled_rules_need() {
    let run = |rules: &str| check(&format!("package main\n\nimport rego.v1\n\n{rules}\n"), &[]);
    // A pattern of an object counts its keys, and not with the rule that is called so.
    let count = run("count(_) := 7\n\ndeny contains \"x\" if {\n\t{\"a\": a} := {\"a\": 1}\n\ta == 1\n\tcount([]) == 7\n}");
    count.ends_with(1);
    for name in ["walk(x) := x", "internal.value(x) := 3", "walk contains 1"] {
        run(&format!("{name}\n\ndeny contains \"x\" if input.kind")).ends_with(CONFIGURATION).says("is a name of the rule engine's own");
    }
}

#[test]
fn a_rule_with_endless_results() {
    let rule = "package main\n\nimport rego.v1\n\ndeny contains sprintf(\"%d\", [i]) if some i in numbers.range(1, 60000)\n";
    let scratch = Scratch::project().file("policies/demo/probe.rego", PROBE_RULE).file("policies/main.rego", rule);
    let run = scratch.check(&["overlays/prod", "--rule", "main", "--policy-timeout", "60s"]);
    assert!(run.stdout.contains("60000 results, of which 50000 are the limit"), "{}\n{}", run.stdout.len(), run.stderr);
    assert_eq!(run.code, UNJUDGED);
}

#[test]
fn a_metadata_block_of_endless_brackets() {
    let rule = format!(
        "# METADATA\n# title: a\n# custom: {}\npackage kubevet.demo.deep\n\nimport rego.v1\n\ndeny contains \"x\" if false\n",
        "[".repeat(100_000)
    );
    let scratch = Scratch::project().file("policies/demo/deep.rego", &rule);
    scratch.check(&["overlays/prod"]).ends_with(CONFIGURATION).says("the METADATA block nests more than 100 brackets").says("deep.rego:3");
}
