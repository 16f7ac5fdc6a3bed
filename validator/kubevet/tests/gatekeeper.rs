//! Gatekeeper's templates and constraints, evaluated as its webhook would.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use common::{Run, Scratch};

/// A template with Rego and, below it, `libs` and whatever else is given.
fn template(kind: &str, rego: &str) -> String {
    let rego: String = rego.lines().map(|line| format!("        {line}\n")).collect();
    format!(
        "apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {{name: {}}}
spec:
  crd: {{spec: {{names: {{kind: {kind}}}, validation: {{openAPIV3Schema: {{type: object, properties: {{most: {{type: integer}}}}}}}}}}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
{rego}",
        kind.to_lowercase()
    )
}

fn constraint(kind: &str, spec: &str) -> String {
    format!("---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: {kind}\nmetadata: {{name: few}}\nspec: {{{spec}}}\n")
}

const FEW: &str = "package few

violation[{\"msg\": msg}] {
  input.review.object.spec.replicas > input.parameters.most
  msg := sprintf(\"<%v> are too many\", [input.review.object.spec.replicas])
}
";

const WEB: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 9
";

fn check(manifests: &str) -> Run {
    let scratch = Scratch::empty().file("all.yaml", manifests);
    scratch.run(&["check", "all.yaml", "--environment", "dev", "--rule", "admission/*", "--rule", "schema/invalid", "--format", "concise"])
}

#[test]
fn a_violation_is_a_finding_at_the_field() {
    let all = |spec: &str| template("Few", FEW) + &constraint("Few", spec) + WEB;
    check(&all("parameters: {most: 3}"))
        .ends_with(1)
        .says("all.yaml:25:3: error[admission/few] dev: Deployment shop/web: <9> are too many");
    check(&all("parameters: {most: 9}")).ends_with(0);
    check(&all("parameters: {most: 3}, enforcementAction: dryrun")).ends_with(0).says("warning[admission/few]");
    check(&all("parameters: {most: 3}, match: {kinds: [{apiGroups: [''], kinds: [Pod]}]}")).ends_with(0);
}

#[test]
fn templates_of_the_project_are_evaluated_and_waived() {
    let scratch = Scratch::empty()
        .file("policies/admission/few.yaml", &(template("Few", FEW) + &constraint("Few", "parameters: {most: 3}")))
        .file("web.yaml", WEB);
    let run = |scratch: &Scratch| {
        scratch.run(&["check", "web.yaml", "--policy", "policies", "--environment", "dev", "--rule", "admission/*", "--format", "concise"])
    };
    run(&scratch).ends_with(1).says("error[admission/few]");
    let waived = scratch.file(
        "policies/waivers.yaml",
        "version: 1
waivers:
  - {rule: admission/few, object: {kind: Deployment, namespace: shop, name: web}, environment: dev, reason: soon, expiry: 2999-12-31}
",
    );
    run(&waived).ends_with(0).says("1 waived");
}

#[test]
fn libraries_and_both_syntaxes_are_read() {
    let lib = "      libs:
        - |
          package lib.most

          most(parameters) = parameters.most
          most(parameters) = 3 { not parameters.most }
";
    let rego = FEW
        .replace("package few\n", "package few\n\nimport data.lib.most.most\n")
        .replace("input.parameters.most", "most(input.parameters)");
    check(&(template("Few", &rego) + lib + &constraint("Few", "match: {}") + WEB)).ends_with(1).says("<9> are too many");
    let newer = "package few

violation contains {\"msg\": \"no\"} if {
  some name in [\"web\"]
  input.review.object.metadata.name == name
}
";
    let code = |source: &str| {
        let rego: String = newer.lines().map(|line| format!("            {line}\n")).collect();
        template("Few", "").replace(
            "      rego: |\n",
            &format!("      code:\n      - engine: Rego\n        source:\n          {source}\n          rego: |\n{rego}"),
        )
    };
    check(&(code("version: v1") + &constraint("Few", "match: {}") + WEB)).ends_with(1).says("Deployment shop/web: no");
    // Gatekeeper reads the older syntax where nothing else is said.
    check(&(code("libs: []") + &constraint("Few", "match: {}") + WEB))
        .ends_with(1)
        .says("error[schema/invalid] dev: ConstraintTemplate few: spec.targets[0].code[0].source.rego");
}

#[test]
fn what_only_older_rego_has_is_known() {
    let bodies = [
        ("re_match(\"^w\", input.review.name)", true),
        ("any([false, input.review.name == \"web\"])", true),
        ("all([true, input.review.name == \"db\"])", false),
        ("set_diff({1, 2}, {1}) == {2}", true),
        ("net.cidr_overlap(\"10.0.0.0/8\", \"10.1.1.1\")", true),
        ("accepts(\"anything\")", true),
        ("accepts(5)", false),
    ];
    for (body, is_found) in bodies {
        let rego = format!("package few\n\naccepts(\"anything\")\n\nviolation[{{\"msg\": \"no\"}}] {{ {body} }}\n");
        check(&(template("Few", &rego) + &constraint("Few", "match: {}") + WEB)).ends_with(i32::from(is_found));
    }
    // What a template defines itself is meant, whatever it is called.
    let own = "package few\n\nany(x) { x == 5 }\n\nviolation[{\"msg\": \"no\"}] { any(5) }\n";
    check(&(template("Few", own) + &constraint("Few", "match: {}") + WEB)).ends_with(1);
}

#[test]
fn templates_that_ask_see_what_else_is_there() {
    let unique = "package unique

violation[{\"msg\": msg}] {
  other := data.inventory.namespace[namespace][_].Deployment[name]
  other.spec.replicas == input.review.object.spec.replicas
  name != input.review.object.metadata.name
  msg := sprintf(\"as many as %v/%v\", [namespace, name])
}
";
    let other = WEB.replace("name: web", "name: other");
    check(&(template("Few", unique) + &constraint("Few", "match: {}") + WEB + &other))
        .ends_with(1)
        .says("Deployment shop/web: as many as shop/other");
    check(&(template("Few", unique) + &constraint("Few", "match: {}") + WEB)).ends_with(0);
}

#[test]
fn what_the_cluster_knows_is_accounted_for() {
    for (rego, why) in [
        ("package few\nviolation[{\"msg\": \"no\"}] { input.review.userInfo.username != \"me\" }", "it asks who changes the object"),
        (
            "package few\nviolation[{\"msg\": \"no\"}] { external_data({\"provider\": \"p\", \"keys\": [1]}) }",
            "it calls external_data: what is elsewhere is known in the cluster only",
        ),
        (
            "package few\nviolation[{\"msg\": \"no\"}] { net.cidr_intersects(\"10.0.0.0/8\", \"10.1.0.0/16\") }",
            "it calls net.cidr_intersects",
        ),
        ("package few\nviolation[{\"message\": \"no\"}] { true }", "has no text msg, so Gatekeeper drops it"),
        ("package few\nviolation[{\"msg\": \"no\"}] { time.now_ns() > 5 }", "it calls time.now_ns: the answer would depend on the time"),
        ("package few\nviolation[{\"msg\": \"no\"}] { input.review.namespaceObject.metadata.labels.x }", "it asks for the namespace"),
    ] {
        check(&(template("Few", rego) + &constraint("Few", "match: {}") + WEB)).ends_with(0).says(why);
    }
}

#[test]
fn wrong_rego_is_told_at_the_template() {
    for (rego, message) in [
        ("package few\nviolation[{\"msg\": \"no\"}] { nothing(1) }", "nothing"),
        ("package few\ndeny[{\"msg\": \"no\"}] { true }", "it has no rule violation"),
        ("package few\nviolation[{\"msg\": \"no\"}] { data.other.x }", "data.inventory and data.lib only, and not data.other.x (line 2"),
        ("package few\nviolation[{\"msg\": \"no\"}] {", "(line 3 of it)"),
    ] {
        check(&(template("Few", rego) + WEB))
            .ends_with(1)
            .says("error[schema/invalid] dev: ConstraintTemplate few: spec.targets[0].rego")
            .says(message);
    }
}

#[test]
fn what_the_cluster_would_not_take_is_no_policy_of_a_project() {
    let with = |policies: &str| {
        let scratch = Scratch::empty().file("policies/admission/few.yaml", policies).file("web.yaml", WEB);
        scratch.run(&["check", "web.yaml", "--policy", "policies", "--environment", "dev", "--format", "concise"])
    };
    with(&(template("Few", "package few\nviolation[{\"msg\": \"no\"}] { nothing(1) }") + &constraint("Few", "match: {}")))
        .ends_with(2)
        .says("policies/admission/few.yaml:8:7: error[admission] the cluster would not take ConstraintTemplate few: spec.targets[0].rego is no Rego");
    with(&(template("Few", FEW) + &constraint("Few", "parameters: {most: three}"))).ends_with(2).says(
        "policies/admission/few.yaml:19:21: error[admission] the cluster would not take Few few: spec.parameters.most must be an integer",
    );
}

#[test]
fn constraints_are_checked_against_templates_of_the_project() {
    let scratch = Scratch::empty()
        .file("policies/admission/few.yaml", &template("Few", FEW))
        .file("few.yaml", &constraint("Few", "parameters: {most: three}"));
    let arguments = ["check", "few.yaml", "--policy", "policies", "--environment", "dev", "--rule", "schema/*", "--format", "concise"];
    scratch.run(&arguments).ends_with(1).says("error[schema/type] dev: Few few: spec.parameters.most must be an integer");
}

#[test]
fn no_credential_reaches_a_message() {
    let rego = "package few
violation[{\"msg\": msg}] { msg := sprintf(\"value %v\", [input.review.object.spec.containers[_].env[_].value]) }
violation[{\"msg\": msg}] { msg := sprintf(\"data %v\", [input.review.object.stringData]) }
";
    let pod = "---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: 'example.com/web:1', env: [{name: DB_PASSWORD, value: s3cr3tP4ssw0rd9x}]}]}
---
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: shop}
stringData: {key: c0rrect-h0rse}
";
    let run = check(&(template("Few", rego) + &constraint("Few", "match: {}") + pod))
        .ends_with(1)
        .says("Pod shop/web: value ")
        .says("Secret shop/web: data ");
    assert!(!run.stdout.contains("s3cr3tP4") && !run.stdout.contains("c0rrect"), "{}", run.stdout);
}

#[test]
fn what_is_in_the_render_comes_before_the_project() {
    let all = template("Few", FEW) + &constraint("Few", "parameters: {most: 3}");
    let scratch = Scratch::empty().file("policies/admission/few.yaml", &all.replace("most: 3}", "most: 2}")).file("web.yaml", &(all + WEB));
    let arguments = ["check", "web.yaml", "--policy", "policies", "--environment", "dev", "--rule", "admission/*", "--format", "concise"];
    scratch.run(&arguments).ends_with(1).says("1 error, 0 warnings");
}

#[test]
fn endless_rego_is_stopped() {
    let rego = "package few
violation[{\"msg\": \"no\"}] {
  n := numbers.range(1, 3000)
  count([1 | n[i]; n[j]; n[k]; i + j + k == 0]) > 0
}
";
    let scratch = Scratch::empty().file("all.yaml", &(template("Few", rego) + &constraint("Few", "match: {}") + WEB));
    scratch
        .run(&["check", "all.yaml", "--environment", "dev", "--rule", "admission/*", "--policy-timeout", "1s"])
        .ends_with(3)
        .says("the template of Few took longer than 1 s in this run");
}

#[test]
fn updates_are_judged_and_see_what_was() {
    let rego = "package few
violation[{\"msg\": \"can't grow\"}] {
  input.review.operation == \"UPDATE\"
  input.review.object.spec.replicas > input.review.oldObject.spec.replicas
}
";
    let all = |replicas: u32| template("Few", rego) + &constraint("Few", "match: {}") + &WEB.replace('9', &replicas.to_string());
    let compare = |old: u32, new: u32| {
        let scratch = Scratch::empty().file("old.yaml", &all(old)).file("new.yaml", &all(new));
        scratch.run(&[
            "diff",
            "new.yaml",
            "--against-manifests",
            "old.yaml",
            "--environment",
            "dev",
            "--rule",
            "admission/*",
            "--format",
            "concise",
        ])
    };
    compare(2, 3).ends_with(1).says("error[admission/few] dev: Deployment shop/web: can't grow");
    compare(3, 2).ends_with(0);
}

#[test]
fn a_template_that_turns_wrong_is_told() {
    let scratch = Scratch::empty()
        .file("old.yaml", &(template("Few", FEW) + WEB))
        .file("new.yaml", &(template("Few", &FEW.replace("sprintf(", "sprint(")) + WEB));
    let arguments =
        ["diff", "new.yaml", "--against-manifests", "old.yaml", "--environment", "dev", "--rule", "schema/*", "--format", "concise"];
    scratch.run(&arguments).ends_with(1).says("error[schema/invalid] dev: ConstraintTemplate few: spec.targets[0].rego is no Rego");
}
