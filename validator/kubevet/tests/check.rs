//! What `kubevet check` says of overlays, manifests and streams.

mod common;

use common::{DEPLOYMENT, Scratch};
use serde_json::json;

#[test]
fn levels_come_from_the_table() {
    let report = Scratch::project().check(&["--format", "json"]).ends_with(1).json();
    let found: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| (&finding["level"], &finding["environments"])).collect();
    assert_eq!(found, [(&json!("deny"), &json!(["prod"])), (&json!("warn"), &json!(["dev"]))]);
    Scratch::project().check(&["overlays/dev"]).ends_with(0).says("warning[demo/probe]").says("1 warning");
}

#[test]
fn overlays_share_what_one_base_line_causes() {
    let table = common::TABLE.replace("dev: warn", "dev: deny");
    let scratch = Scratch::project().file("policies/environments.yaml", &table);
    let report = scratch.check(&["--format", "json"]).ends_with(1).json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report:#}");
    assert_eq!(findings[0]["environments"], json!(["dev", "prod"]));
    assert_eq!(findings[0]["overlays"], json!(["overlays/dev", "overlays/prod"]));
}

#[test]
fn two_objects_made_from_one_line_are_two_findings() {
    let scratch = Scratch::project()
        .file("overlays/a/kustomization.yaml", "namePrefix: a-\nresources: [../../base]\n")
        .file("overlays/b/kustomization.yaml", "namePrefix: b-\nresources: [../../base]\n")
        .file("overlays/prod/kustomization.yaml", "resources: [../a, ../b]\n");
    let report = scratch.check(&["overlays/prod", "--format", "json"]).ends_with(1).json();
    let mut names: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["object"]["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["a-web", "b-web"]);
}

#[test]
fn a_stream_is_judged_for_the_environment_that_is_asked_for() {
    let arguments = ["check", "-", "--rule", "demo/*", "--format", "json", "--environment"];
    let prod = Scratch::project().run_with(&[&arguments[..], &["prod"]].concat(), DEPLOYMENT).ends_with(1).json();
    let mut finding = prod["findings"][0].clone();
    let fingerprint = finding.as_object_mut().unwrap().remove("fingerprint").unwrap();
    assert_eq!(fingerprint.as_str().unwrap().len(), 32);
    assert_eq!(
        finding,
        json!({
            "rule": "demo/probe",
            "level": "deny",
            "message": "container \"web\" has no livenessProbe",
            "help": "Add livenessProbe to the container.",
            "environments": ["prod"],
            "overlays": ["<stdin>"],
            "object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": null, "name": "web"},
            "path": ["spec", "template", "spec", "containers", 0, "livenessProbe"],
            "locations": [{
                "file": "<stdin>", "line": 11, "column": 11, "endLine": 11, "endColumn": 20, "role": "cause", "note": "has no `livenessProbe`",
            }],
            "waived": null,
        })
    );
    Scratch::project().run_with(&[&arguments[..], &["dev"]].concat(), DEPLOYMENT).ends_with(0);
}

#[test]
fn a_stream_of_json_and_lists() {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [{
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
        "spec": {"template": {"spec": {"containers": [{"name": "one"}, {"name": "two", "livenessProbe": {}}]}}},
    }]});
    let run = Scratch::project().run_with(&["check", "-", "--rule", "demo/*", "--environment", "prod"], &list.to_string());
    run.ends_with(1).says("container \"one\"").says("1 error,");
}

#[test]
fn files_and_directories_of_plain_manifests() {
    let scratch = Scratch::project().file("plain/a.yaml", DEPLOYMENT).file("plain/deep/b.yml", &DEPLOYMENT.replace("web", "api"));
    let both = ["--environment", "prod"];
    scratch.check(&[&["plain/a.yaml"], &both[..]].concat()).ends_with(1).says("plain/a.yaml:11:11").says("1 error,");
    for arguments in [&["--manifests", "plain"][..], &["plain", "--manifests"]] {
        scratch.check(&[arguments, &both].concat()).ends_with(1).says("plain/a.yaml:11:11").says("plain/deep/b.yml:11:11").says("2 errors");
    }
}

#[test]
fn the_working_directory_may_be_the_overlay() {
    let scratch = Scratch::empty().file("kustomization.yaml", "resources: [web.yaml]\n").file("web.yaml", DEPLOYMENT);
    for arguments in [&["check"][..], &["check", "."], &["check", "kustomization.yaml"], &["check", "./kustomization.yaml"]] {
        scratch.run(arguments).ends_with(1).says("web.yaml:11:11").says("1 render (prod)");
    }
}

#[test]
fn the_kustomization_file_names_its_overlay() {
    Scratch::project().check(&["overlays/dev/kustomization.yaml"]).ends_with(0).says("1 render (dev)");
}

#[test]
fn a_rule_reads_the_parameters_of_its_environment() {
    let rule = common::PROBE_RULE
        .replace("not container.livenessProbe", "i < data.environment.parameters.slowStarters.other\n\tdata.environment.name == \"prod\"");
    let scratch = Scratch::project().file("policies/demo/probe.rego", &rule);
    scratch.check(&[]).ends_with(1).says("1 error, 0 warnings");
}

#[test]
fn an_overlay_rule_sees_all_objects() {
    let rule = common::PROBE_RULE.replace("kinds: [Deployment]", "scope: overlay");
    let rule = rule.split("deny contains").next().unwrap().to_owned()
        + "deny contains {\"msg\": \"no Service selects it\", \"path\": [\"spec\", \"selector\"], \"object\": object, \"related\": related} if {
\tsome deployment in input.objects
\tdeployment.kind == \"Deployment\"
\tnot service
\tobject := {\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"namespace\": deployment.metadata.namespace, \"name\": deployment.metadata.name}
\trelated := [{\"path\": [\"metadata\", \"name\"], \"note\": \"this one\"}]
}

service if input.objects[_].kind == \"Service\"
";
    let scratch = Scratch::project().file("policies/demo/probe.rego", &rule);
    let report = scratch.check(&["overlays/prod", "--format", "json"]).ends_with(1).json();
    let finding = &report["findings"][0];
    assert_eq!(finding["object"]["namespace"], "web-prod");
    assert_eq!(finding["locations"][1]["role"], "related");
    assert_eq!(finding["locations"][1]["note"], "this one");
}

#[test]
fn what_is_applied_on_top_is_judged_together_with_the_overlay() {
    // The rule asks for a ConfigMap in the same set; the addition alone does not have it.
    let rule = common::PROBE_RULE.replace("kinds: [Deployment]", "scope: overlay");
    let rule = rule.split("deny contains").next().unwrap().to_owned()
        + "deny contains {\"msg\": \"no ConfigMap\", \"path\": [], \"object\": object} if {
\tsome deployment in input.objects
\tdeployment.kind == \"Deployment\"
\tnot map
\tobject := {\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"name\": deployment.metadata.name}
}

map if input.objects[_].kind == \"ConfigMap\"
";
    let table = common::TABLE.replace("{overlays: [overlays/prod],", "{overlays: [overlays/prod], additions: [jobs/*/prod],");
    let scratch = Scratch::project()
        .file("policies/demo/probe.rego", &rule)
        .file("policies/environments.yaml", &table)
        .file("overlays/prod/kustomization.yaml", "resources: [map.yaml]\n")
        .file("overlays/prod/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
        .file("jobs/load/prod/kustomization.yaml", "resources: [../../../base]\n");
    scratch.check(&["jobs/load/prod"]).ends_with(0).says("1 render (prod), 1 object,");
    let alone = scratch.file("policies/environments.yaml", &common::TABLE.replace("[overlays/prod]", "[overlays/prod, jobs/*/prod]"));
    alone.check(&["jobs/load/prod"]).ends_with(1).says("no ConfigMap");
}

#[test]
fn an_overlay_that_another_builds_on_is_judged_if_the_table_names_it() {
    let table = common::TABLE.replace("[overlays/prod]", "[overlays/prod, overlays/load]");
    let scratch = Scratch::project()
        .file("policies/environments.yaml", &table)
        .file("overlays/load/kustomization.yaml", "resources: [../prod]\nnameSuffix: -load\n");
    scratch.check(&[]).says("3 renders (dev, prod)");
}

#[test]
fn components_and_bases_are_not_judged_by_themselves() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -a\n";
    let scratch = Scratch::project().file("overlays/components/tls/kustomization.yaml", component);
    let run = scratch.check(&[]).ends_with(1).says("2 renders (dev, prod)");
    run.says("nothing judges the component overlays/components/tls");
}

#[test]
fn kubectl_renders_the_same_findings_without_lines() {
    if !common::has_kubectl("kubectl_renders_the_same_findings_without_lines") {
        return;
    }
    let report = Scratch::project().check(&["overlays/prod", "--renderer", "kubectl", "--format", "json"]).ends_with(1).json();
    let location = &report["findings"][0]["locations"][0];
    assert_eq!((&location["file"], &location["line"]), (&json!("overlays/prod/kustomization.yaml"), &json!(1)));
}

#[test]
fn a_verified_render() {
    if common::has_kubectl("a_verified_render") {
        Scratch::project().check(&["overlays/dev", "--verify-render"]).ends_with(0);
    }
}

/// A Pod in a user namespace may run as root since 1.35.
#[test]
fn rules_know_the_kubernetes_version() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostUsers: false\n  containers:\n    - {name: c, image: \"nginx:1\", securityContext: {runAsUser: 0}}\n";
    let scratch = Scratch::project();
    let check = |version: &str| {
        scratch.run_with(
            &["check", "-", "--environment", "prod", "--rule", "pod-security/restricted-run-as-user", "--kubernetes-version", version],
            pod,
        )
    };
    check("1.29").ends_with(1).says("restricted-run-as-user");
    check("1.34").ends_with(1).says("restricted-run-as-user");
    check("1.35").ends_with(0);
    // What the table says of the environment counts more.
    scratch.write("policies/environments.yaml", common::TABLE.replace("{slowStarters: {other: 3}}", "{kubernetesVersion: \"1.36\"}"));
    check("1.33").ends_with(0);
}

/// A kind that a server serves only where it is told to is judged whole, and said to be one.
#[test]
fn kinds_that_are_off_by_default() {
    let class =
        "apiVersion: storage.k8s.io/v1beta1\nkind: VolumeAttributesClass\nmetadata: {name: fast}\ndriverName: d\nparamters: {a: b}\n";
    let scratch = Scratch::project();
    let check = |version: &str| {
        let rules = ["--rule", "schema/*", "--rule", "objects/without-schema"];
        scratch.run_with(&[&["check", "-", "--environment", "prod", "--kubernetes-version", version], &rules[..]].concat(), class)
    };
    let found = check("1.33").ends_with(1);
    let found = found.says("schema/off-by-default").says("is off in Kubernetes 1.33 unless the API server's --runtime-config turns it on");
    let found = found.says("did you mean \"parameters\"?");
    assert!(!found.stdout.contains("without-schema"), "{}", found.stdout);
    check("1.36").says("it serves \"storage.k8s.io/v1\"");
    let found = check("1.30").ends_with(1).says("1.31 has it, where it is turned on");
    assert!(!found.stdout.contains("off-by-default"), "{}", found.stdout);
}

/// What `kubectl create` names is judged as anything else, by rules that look at all objects too, and told apart from what can be applied.
#[test]
fn an_object_that_is_only_created() {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: load-, namespace: shop}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}\n";
    let run = Scratch::empty().run_with(&["check", "-", "--environment", "prod"], job).ends_with(1);
    run.says("objects/generate-name").says("Job shop/load-: a token of ServiceAccount default is mounted");
}
