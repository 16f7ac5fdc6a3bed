//! Authors of rules are told what can't work: with the line, and what was meant.

mod common;

use common::{PROBE_RULE, Scratch};

/// A project whose table says this of prod, and whose rule has this in `custom`.
fn project(parameters: &str, custom: &str) -> Scratch {
    let table = format!(
        "version: 1\nenvironments:\n  prod:\n    overlays: [overlays/*]\n    parameters:\n      {parameters}\nrules:\n  demo/probe: {{prod: deny}}\n"
    );
    let rule = PROBE_RULE.replace("#   kinds: [Deployment]\n", custom);
    Scratch::project().file("policies/environments.yaml", &table).file("policies/demo/probe.rego", &rule)
}

const KINDS: &str = "#   kinds: [Deployment]\n";

#[test]
fn parameters_of_the_table_are_checked() {
    let cases = [
        ("minReplica: 2", "no rule reads the parameter \"minReplica\" of environment prod", "did you mean \"minReplicas\"?"),
        (
            "podSecurity: restrictd",
            "the parameter podSecurity of environment prod must not be \"restrictd\"",
            "did you mean \"restricted\"?",
        ),
        ("minReplicas: \"two\"", "minReplicas of environment prod must be an integer, but is \"two\"", "it says: How many replicas"),
        ("minReplicas: \"2\"", "must be an integer, but is \"2\"", "write it without quotes: 2"),
        ("minReplicas: 2.5", "must be an integer, but is 2.5", "it says: "),
        ("kubernetesVersion: 1.33", "must be a string, but is 1.33", "write it in quotes: \"1.33\""),
        ("trustedRegistries: docker.io", "must be a list, but is \"docker.io\"", "it says: "),
        ("trustedRegistries: [docker.io, 3]", "must be a list whose values are a string each, but has 3", "write it in quotes: \"3\""),
        ("slowStarters: {web: long}", "must be a map whose values are a number each, but has \"long\"", "it says: "),
        ("owner: {}", "no rule reads the parameter \"owner\"", "known: kubernetesVersion, minReplicas,"),
    ];
    for (parameters, message, help) in cases {
        let run = project(parameters, KINDS).check(&["overlays/prod"]).ends_with(2);
        run.says("error[parameters]").says(message).says(help).says("policies/environments.yaml:6:7");
    }
    for parameters in ["minReplicas: 2", "minReplicas: null", "slowStarters: {web: 2.5, db: 3}", "kubernetesVersion: \"1.33\"", "{}"] {
        project(parameters, KINDS).check(&["overlays/prod"]).ends_with(1).says("1 error, 0 warnings");
    }
}

#[test]
fn a_rule_declares_what_it_reads() {
    const DECLARED: &str =
        "#   parameters:\n#     most:\n#       type: integer\n#       default: 1\n#       description: How many may lack it.\n";
    let body = |scratch: Scratch| {
        let rule = std::fs::read_to_string(scratch.path().join("policies/demo/probe.rego")).unwrap();
        let rule = rule.replace(
            "not container.livenessProbe",
            "i < input.environment.parameters.most\n\tdata.environment.name == input.environment.name",
        );
        scratch.file("policies/demo/probe.rego", &rule)
    };
    // Its default holds where the table says nothing.
    body(project("{}", DECLARED)).check(&["overlays/prod"]).ends_with(1).says("1 error, 0 warnings");
    body(project("most: 0", DECLARED)).check(&["overlays/prod"]).ends_with(0);
    body(project("most: many", DECLARED)).check(&["overlays/prod"]).ends_with(2).says("must be an integer, but is \"many\"");
    body(project("mots: 1", DECLARED)).check(&["overlays/prod"]).ends_with(2).says("did you mean \"most\"?");
    let listed = body(project("most: 4", DECLARED)).run(&["rules", "--parameters"]).ends_with(0);
    let row = listed.stdout.lines().find(|line| line.starts_with("most ")).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(row, "most integer 1 4 How many may lack it.");
    body(project("{}", DECLARED)).run(&["explain", "demo/probe"]).ends_with(0).says("most (integer, 1 by default): How many may lack it.");
    // What nobody declares is not checked, and both the reader and who writes the table are told.
    let run = body(project("most: many", KINDS)).check(&["overlays/prod"]);
    run.says("warning[parameter-undeclared]").says("no METADATA declares the parameter \"most\"").says("policies/demo/probe.rego:13:12");
    let wrong = [
        ("default: 1", "default: one", "the default of the parameter most must be an integer, but is \"one\"", 6),
        ("type: integer", "type: int", "unknown variant `int`", 7),
        ("description", "descripton", "did you mean \"description\"?", 9),
        ("most:", "minReplicas:", "the parameter minReplicas is declared twice", 6),
    ];
    for (right, wrong, message, line) in wrong {
        let run = project("{}", &DECLARED.replace(right, wrong)).check(&["overlays/prod"]).ends_with(2);
        run.says(message).says(&format!("policies/demo/probe.rego:{line}:"));
    }
}

#[test]
fn words_that_metadata_has_not_are_refused() {
    let cases = [
        ("#   kind: [Deployment]\n", "unknown field `kind`", "did you mean \"kinds\"?", 5),
        ("#   kinds: [Deployment]\n#   need: [facts.schema]\n", "unknown field `need`", "did you mean \"needs\"?", 6),
        ("#   scope: overlays\n", "unknown variant `overlays`", "did you mean \"overlay\"?", 5),
        ("#   severity: high\n", "unknown field `severity`", "kinds", 5),
        ("# kinds: [Deployment]\n", "unknown field `kinds`", "kinds may belong below custom", 5),
    ];
    for (custom, message, help, line) in cases {
        let run = project("{}", custom).check(&["overlays/prod"]).ends_with(2);
        run.says("error[policy-load]").says(message).says(help).says(&format!("policies/demo/probe.rego:{line}:"));
    }
    // OPA's own words mean nothing here, and are no mistake.
    let rule = PROBE_RULE.replace("# custom:", "# scope: package\n# authors: [me]\n# related_resources: [https://example.com]\n# custom:");
    Scratch::project().file("policies/demo/probe.rego", &rule).check(&["overlays/prod"]).ends_with(1);
}

#[test]
fn kinds_that_nothing_serves_are_told() {
    let run = project("{}", "#   kinds: [Deploymnet, Pod]\n").check(&["overlays/prod"]);
    run.says("warning[unknown-kind]").says("did you mean \"Deployment\"?").says("policies/demo/probe.rego:5:13");
    let run = project("{}", "#   kinds: [Deployment, Gizmo]\n").check(&["overlays/prod"]).ends_with(1);
    run.says("the kind Gizmo").says("policies/schemas");
    let definition = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: gizmos.example.com}, \
                      spec: {group: example.com, names: {kind: Gizmo, plural: gizmos}, scope: Namespaced, versions: []}}\n";
    let known = project("{}", "#   kinds: [Deployment, Gizmo, Kafka]\n").file("policies/schemas/gizmo.yaml", definition);
    known.check(&["overlays/prod"]).ends_with(1).says("1 error, 0 warnings");
    // As a table of workloads has it.
    let run = project("{}", "#   kinds: [Deployment, Rollout]\n").check(&["overlays/prod"]).ends_with(1);
    assert!(!run.stdout.contains("unknown-kind"), "{}", run.stdout);
}

#[test]
fn a_rule_that_never_sees_its_input_is_told() {
    let refused = [
        ("#   needs: [notes]\n", "`needs` of this rule names notes", "scope: overlay has it", "5:13"),
        ("#   scope: overlay\n#   needs: [facts.schema]\n", "names facts.schema", "scope: object has it", "6:13"),
        ("#   scope: environments\n#   keys: [hostPath]\n", "`keys` would never be met", "remove it", "6:5"),
    ];
    for (custom, message, help, place) in refused {
        let run = project("{}", custom).check(&["overlays/prod"]).ends_with(2);
        run.says(message).says(help).says(&format!("policies/demo/probe.rego:{place}"));
    }
    let told = [
        ("", "input.objects[_].kind == \"Pod\"", "input.objects is never there", "write `scope: overlay`"),
        ("", "input.facts.shema", "input.facts.shema is never there", "did you mean \"schema\"?"),
        ("", "input.facts.lost", "input.facts.lost is never there", "scope: environments has it"),
        ("#   scope: overlay\n", "input.objects", "input.spec is never there", "some object in input.objects"),
    ];
    for (custom, condition, message, help) in told {
        let scratch = project("{}", custom);
        let rule =
            PROBE_RULE.replace("#   kinds: [Deployment]\n", custom).replace("not container", &format!("{condition}\n\tnot container"));
        let run = scratch.file("policies/demo/probe.rego", &rule).check(&["overlays/prod"]);
        run.says("warning[never-there]").says(message).says(help).says("policies/demo/probe.rego:1");
    }
}

/// What kubevet computes of an object may be read.
#[test]
fn facts_that_are_there_are_not_missed() {
    let facts =
        serde_json::to_value(kubevet_facts::ObjectFacts { pods: vec![kubevet_facts::objects::Path(Vec::new())], ..Default::default() })
            .unwrap();
    let names: Vec<&String> = facts.as_object().unwrap().keys().collect();
    assert!(names.len() > 5, "{names:?}");
    let reads: String = names.iter().map(|name| format!("\tinput.facts.{name}\n")).collect();
    let rule = PROBE_RULE.replace("\tnot container", &format!("{reads}\tnot container"));
    let run = project("{}", KINDS).file("policies/demo/probe.rego", &rule).check(&["overlays/prod"]);
    assert!(!run.stdout.contains("never-there"), "{}", run.stdout);
}

#[test]
fn fields_that_no_kind_has_are_told() {
    let with = |kinds: &str, condition: &str| {
        let custom = format!("#   kinds: [{kinds}]\n");
        let rule =
            PROBE_RULE.replace("#   kinds: [Deployment]\n", &custom).replace("not container", &format!("{condition}\n\tnot container"));
        project("{}", KINDS).file("policies/demo/probe.rego", &rule).check(&["overlays/prod"])
    };
    let told = [
        (
            "Deployment",
            "input.spec.tempalte.spec",
            "input.spec.tempalte is never there: Deployment has no such field",
            "did you mean \"template\"?",
        ),
        (
            "Deployment, Pod",
            "input.spec.template.spec.hostNetwrk",
            "input.spec.template.spec.hostNetwrk is never there",
            "did you mean \"hostNetwork\"?",
        ),
        ("Pod", "input.specs", "Pod has no such field", "did you mean \"spec\"?"),
    ];
    for (kinds, condition, message, help) in told {
        let run = with(kinds, condition);
        run.says("warning[never-there]").says(message).says(help).says("policies/demo/probe.rego:13:2");
    }
    let fine = [
        ("Deployment", "input.metadata.labels.anything"),
        ("Deployment, Pod", "input.spec.containers"),
        ("Deployment", "input.spec.template.spec.containers.nothing"),
        ("Deployment, Kafka", "input.spec.kafka.replicas"),
        ("ConfigMap, Deployment", "input.data.anything.at.all"),
        ("Deployment", "input.status.replicas"),
    ];
    for (kinds, condition) in fine {
        let run = with(kinds, condition);
        assert!(!run.stdout.contains("never-there"), "{condition}: {}", run.stdout);
    }
    let run = project("{}", "#   kinds: [Deployment]\n#   keys: [hostPth, example.com/anything]\n").check(&["overlays/prod"]);
    run.says("warning[unknown-key]")
        .says("no field is called hostPth")
        .says("did you mean \"hostPath\"?")
        .says("policies/demo/probe.rego:6:12");
}

#[test]
fn a_rule_of_kubevet_is_its_deny() {
    let with = |rule: &str| {
        let rule = PROBE_RULE.replace("deny contains", rule);
        project("{}", KINDS).file("policies/demo/probe.rego", &rule).check(&["overlays/prod"])
    };
    with("denied contains").ends_with(2).says("this rule has no `deny` that is a set");
    with("deny(_) := {\"x\"}\n\ndenied contains").ends_with(2).says("this rule has no `deny` that is a set");
    with("deny if true\n\ndenied contains").ends_with(2).says("`deny` has no messages").says("policies/demo/probe.rego:11:1");
    let run = with("warn contains {\"msg\": \"x\", \"path\": []} if true\n\ndeny contains").ends_with(1);
    run.says("warning[no-entry-point]").says("`warn` is not asked").says("policies/demo/probe.rego:11:1");
}

#[test]
fn coverage_counts_the_rules_of_the_project() {
    let test = "package kubevet.demo.probe_test\n\nimport data.kubevet.demo.probe\nimport rego.v1\n\n\
                test_without_containers if count(probe.deny) == 0 with input as {\"kind\": \"Deployment\"}\n";
    let scratch = Scratch::project().file("policies/demo/probe_test.rego", test);
    // One of four statements, whatever the rules inside the binary have.
    scratch
        .run(&["test", "--threshold", "60", "--coverage"])
        .ends_with(1)
        .says("not covered: policies/demo/probe.rego")
        .says("below the threshold");
    let full = test
        .replace("== 0", "== 1")
        .replace("{\"kind\": \"Deployment\"}", "{\"spec\": {\"template\": {\"spec\": {\"containers\": [{\"name\": \"a\"}]}}}}");
    let run = scratch.file("policies/demo/probe_test.rego", &full).run(&["test", "--threshold", "100", "--coverage"]).ends_with(0);
    assert!(!run.stdout.contains("<kubevet>"), "{}", run.stdout);
}
