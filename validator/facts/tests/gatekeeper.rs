//! What Gatekeeper's constraints say, through the public face: YAML in, decisions out. The Rego of templates is an engine's; here it is one that says
//! what it is asked.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::path::Path;

use kubevet_facts::admission::gatekeeper::{Answer, Code, Engine, Mistake, Violation};
use kubevet_facts::admission::{Change, Decision, Policies};
use kubevet_facts::schema::{SchemaSet, Version, check};
use kustomize::Node;
use serde_json::{Value as Json, json};

/// Finds what a template's code points at in its input or in the inventory: a JSON pointer.
#[derive(Debug)]
struct Pointing;

impl Engine for Pointing {
    fn mistake(&self, code: &Code<'_>) -> Option<Mistake> {
        code.main.starts_with('?').then(|| Mistake { lib: None, line: 1, message: "no code".to_owned() })
    }

    fn violations(&self, code: &Code<'_>, input: Json, inventory: &dyn Fn() -> Json) -> Answer {
        let all = json!({"input": input, "inventory": inventory()});
        let found = all.pointer(code.main).into_iter().filter(|found| !found.is_null());
        Answer::Violations(found.map(|found| Violation { message: found.to_string(), path: Default::default() }).collect())
    }
}

fn objects(yaml: &str) -> Vec<Node> {
    kustomize::read_manifests(Path::new("test.yaml"), yaml).unwrap().objects
}

/// A template whose code is a target's fields, and a constraint with a spec; and a namespace.
fn cluster(target: &str, spec: &str) -> String {
    format!(
        "apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {{name: few}}
spec:
  crd:
    spec:
      names: {{kind: Few}}
      validation:
        openAPIV3Schema:
          type: object
          properties: {{most: {{type: integer, default: 7}}, names: {{type: array, items: {{type: string}}}}}}
  targets: [{{target: admission.k8s.gatekeeper.sh, {target}}}]
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Few
metadata: {{name: few-of-all}}
spec: {spec}
---
apiVersion: v1
kind: Namespace
metadata: {{name: shop, labels: {{tier: gold}}}}
"
    )
}

const DEPLOYMENT: &str =
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {replicas: 9}}";

fn decide(cluster: &str, object: &str, old: Option<&str>) -> Decision {
    let (cluster, object, old) = (objects(cluster), objects(object), old.map(objects));
    let change = Change { object: object.first(), old: old.as_ref().and_then(|old| old.first()), ..Change::default() };
    Policies::of(&object.iter().collect::<Vec<_>>(), &cluster).with_engine(Some(&Pointing)).decide(&change)
}

fn said(cluster: &str, object: &str) -> Vec<String> {
    let decision = decide(cluster, object, None);
    assert_eq!(decision.undecided, []);
    decision.denials.into_iter().map(|denial| denial.message).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn a_constraint_is_about_what_it_matches() {
    let taken = [
        ("", true),
        ("kinds: [{apiGroups: [apps], kinds: [Deployment]}]", true),
        ("kinds: [{apiGroups: ['*'], kinds: ['*']}]", true),
        ("kinds: [{kinds: [Deployment]}]", true),
        ("kinds: [{apiGroups: [''], kinds: [Deployment]}]", false),
        ("kinds: [{apiGroups: [apps], kinds: [StatefulSet]}, {apiGroups: [apps], kinds: [Deployment]}]", true),
        ("namespaces: [shop]", true),
        ("namespaces: ['sh*']", true),
        ("namespaces: ['*op']", true),
        ("namespaces: ['*ho*']", true),
        ("namespaces: [sh]", false),
        ("excludedNamespaces: ['*op']", false),
        ("excludedNamespaces: [other]", true),
        ("labelSelector: {matchLabels: {app: web}}", true),
        ("labelSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}", false),
        ("namespaceSelector: {matchLabels: {tier: gold}}", true),
        ("namespaceSelector: {matchLabels: {tier: lead}}", false),
        ("scope: Namespaced", true),
        ("scope: Cluster", false),
        ("scope: '*'", true),
        ("name: web", true),
        ("name: 'we*'", true),
        ("name: db", false),
        ("source: Original", true),
        ("source: All", true),
        ("source: Generated", false),
        ("kinds: [{kinds: [Deployment]}], namespaces: [other]", false),
    ];
    for (wanted, is_taken) in taken {
        let cluster = cluster("rego: /input/review/name", &format!("{{match: {{{wanted}}}}}"));
        let expected = if is_taken { vec!["\"web\""] } else { Vec::new() };
        assert_eq!(said(&cluster, DEPLOYMENT), expected, "{wanted}");
    }
}

#[test]
fn a_namespace_counts_as_being_in_it() {
    let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {tier: gold}}}";
    for (wanted, is_taken) in [
        ("namespaces: [shop]", true),
        ("excludedNamespaces: ['sh*']", false),
        ("namespaceSelector: {matchLabels: {tier: gold}}", true),
        ("namespaceSelector: {matchLabels: {tier: lead}}", false),
        ("scope: Cluster", true),
        ("scope: Namespaced", false),
    ] {
        let found = said(&cluster("rego: /input/review/name", &format!("{{match: {{{wanted}}}}}")), namespace);
        assert_eq!(found.len(), usize::from(is_taken), "{wanted}");
    }
}

#[test]
fn actions_refuse_or_warn() {
    let scoped = |action: &str, point: &str| {
        format!("enforcementAction: scoped, scopedEnforcementActions: [{{action: {action}, enforcementPoints: [{{name: {point}}}]}}]")
    };
    let actions = [
        (String::new(), Some(true)),
        ("enforcementAction: deny".to_owned(), Some(true)),
        ("enforcementAction: warn".to_owned(), Some(false)),
        ("enforcementAction: dryrun".to_owned(), Some(false)),
        (scoped("deny", "validation.gatekeeper.sh"), Some(true)),
        (scoped("deny", "'*'"), Some(true)),
        (scoped("deny", "audit.gatekeeper.sh"), Some(false)),
        (scoped("warn", "validation.gatekeeper.sh"), Some(false)),
        ("enforcementAction: scoped".to_owned(), None),
    ];
    for (action, expected) in actions {
        let decision = decide(&cluster("rego: /input/review/name", &format!("{{{action}}}")), DEPLOYMENT, None);
        let denies = decision.denials.first().map(|denial| denial.denies);
        assert_eq!(denies, expected, "{action}");
        assert!(decision.denials.iter().all(|denial| denial.policy == "few-of-all"), "{action}");
    }
}

#[test]
fn rego_sees_the_request_its_parameters_and_what_is_there() {
    let see = |pointer: &str, old: Option<&str>| {
        let cluster = cluster(&format!("code: [{{engine: Rego, source: {{rego: {pointer}}}}}]"), "{parameters: {names: [a]}}");
        decide(&cluster, DEPLOYMENT, old).denials.into_iter().map(|denial| denial.message).collect::<Vec<_>>()
    };
    assert_eq!(see("/input/review/kind", None), [r#"{"group":"apps","kind":"Deployment","version":"v1"}"#]);
    assert_eq!(see("/input/review/operation", None), [r#""CREATE""#]);
    assert_eq!(see("/input/review/namespace", None), [r#""shop""#]);
    assert_eq!(see("/input/review/oldObject", None), NONE);
    assert_eq!(see("/input/review/userInfo", None), NONE);
    assert_eq!(see("/input/review/operation", Some(DEPLOYMENT)), [r#""UPDATE""#]);
    assert_eq!(see("/input/review/oldObject/spec/replicas", Some(DEPLOYMENT)), ["9"]);
    assert_eq!(see("/input/review/namespaceObject/metadata/labels/tier", None), [r#""gold""#]);
    // With the default of the template's schema.
    assert_eq!(see("/input/parameters", None), [r#"{"most":7,"names":["a"]}"#]);
    assert_eq!(see("/inventory/namespace/shop/apps~1v1/Deployment/web/spec/replicas", None), ["9"]);
    assert_eq!(see("/inventory/cluster/v1/Namespace/shop/metadata/labels/tier", None), [r#""gold""#]);
}

/// A template in CEL.
fn in_cel(validation: &str) -> String {
    format!(
        "code: [{{engine: K8sNativeValidation, source: {{variables: [{{name: most, expression: variables.params.most}}], validations: [{validation}]}}}}]"
    )
}

#[test]
fn cel_sees_the_object_and_parameters_and_comes_before_rego() {
    let template = in_cel("{expression: variables.anyObject.spec.replicas <= variables.most, message: too many}");
    assert_eq!(said(&cluster(&format!("{template}, rego: /input/review/name"), "{parameters: {}}"), DEPLOYMENT), ["too many"]);
    assert_eq!(said(&cluster(&template, "{parameters: {most: 9}}"), DEPLOYMENT), NONE);
    let decision = decide(&cluster(&template, "{parameters: {most: 3}}"), DEPLOYMENT, None);
    let denial = &decision.denials[0];
    assert_eq!(
        serde_json::to_value(&denial.at).unwrap(),
        json!(["spec", "targets", 0, "code", 0, "source", "validations", 0, "expression"])
    );
}

#[test]
fn a_message_names_the_field() {
    let pod = "apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - {name: web, image: example.com/web:1}
    - {name: side, image: example.com/side:1}
    - {name: twin, image: example.com/side:1}
";
    for (message, path) in [
        ("container <side> has no limits", json!(["spec", "containers", 1])),
        ("'example.com/web:1' has no digest", json!(["spec", "containers", 0, "image"])),
        ("container <web> of 'example.com/web:1'", json!(["spec", "containers", 0, "image"])),
        ("<example.com/side:1> is there twice", json!([])),
        ("nothing is quoted: side", json!([])),
    ] {
        let cluster = cluster("rego: /input/parameters/names/0", &format!("{{parameters: {{names: [\"{message}\"]}}}}"));
        let denial = decide(&cluster, pod, None).denials.pop().unwrap();
        assert_eq!(serde_json::to_value(&denial.path).unwrap(), path, "{message}");
    }
}

#[test]
fn what_will_be_made_of_an_object_is_judged_with_it() {
    let expansion = |action: &str| {
        format!(
            "---
apiVersion: expansion.gatekeeper.sh/v1beta1
kind: ExpansionTemplate
metadata: {{name: pods}}
spec:
  applyTo: [{{groups: [apps], versions: [v1], kinds: [Deployment]}}]
  templateSource: spec.template
  generatedGVK: {{group: '', version: v1, kind: Pod}}
  {action}
"
        )
    };
    let deployment = DEPLOYMENT.replace("replicas: 9", "template: {spec: {hostname: odd}}");
    let of_pods =
        |source: &str, pointer: &str| cluster(&format!("rego: {pointer}"), &format!("{{match: {{kinds: [{{kinds: [Pod]}}], {source}}}}}"));
    let of_all = |source: &str| of_pods(source, "/input/review/object/spec/hostname") + &expansion("");
    assert_eq!(said(&of_all(""), &deployment), ["[Implied by pods] \"odd\""]);
    assert_eq!(said(&of_all("source: Generated"), &deployment).len(), 1);
    assert_eq!(said(&of_all("source: Original"), &deployment), NONE);
    let denial = decide(&of_all(""), &deployment, None).denials.pop().unwrap();
    assert_eq!(serde_json::to_value(&denial.path).unwrap(), json!(["spec", "template", "spec", "hostname"]));
    let warned = of_pods("", "/input/review/name") + &expansion("enforcementAction: warn");
    let denial = decide(&warned, &deployment, None).denials.pop().unwrap();
    assert_eq!((denial.message.as_str(), denial.denies), ("[Implied by pods] \"web-pod\"", false));
    assert_eq!(said(&of_all(""), DEPLOYMENT), NONE);
}

#[test]
fn what_is_not_known_is_accounted_for() {
    let undecided = |cluster: &str, object: &str| {
        let decision = decide(cluster, object, None);
        assert_eq!(decision.denials, []);
        decision.undecided.into_iter().map(|undecided| undecided.why).collect::<Vec<_>>()
    };
    let selector = "{match: {namespaceSelector: {matchLabels: {tier: gold}}}}";
    let elsewhere = DEPLOYMENT.replace("shop", "elsewhere");
    let why = undecided(&cluster("rego: /input/review/name", selector), &elsewhere);
    assert!(why[0].contains("\"elsewhere\" is not among the objects"), "{why:?}");
    let why = undecided(&cluster("rego: /input/review/name", "{}").replace("kind: Few}", "kind: Other}"), DEPLOYMENT);
    assert_eq!(why, ["the constraint \"few-of-all\": its template of kind Few is not there"]);
    let mutation = "{apiVersion: mutations.gatekeeper.sh/v1, kind: Assign, metadata: {name: a}}";
    assert_eq!(undecided(&cluster("rego: /input/review/name", "{}"), mutation).len(), 1);
}

#[test]
fn namespaces_are_exempt_by_label_or_config() {
    let all = cluster("rego: /input/review/name", "{}");
    assert_eq!(said(&all.replace("tier: gold", "admission.gatekeeper.sh/ignore: x"), DEPLOYMENT), NONE);
    let config = |process: &str| {
        format!(
            "---\n{{apiVersion: config.gatekeeper.sh/v1alpha1, kind: Config, metadata: {{name: config}}, spec: {{match: [{{excludedNamespaces: ['sh*'], processes: [{process}]}}]}}}}\n"
        )
    };
    assert_eq!(said(&format!("{all}{}", config("webhook")), DEPLOYMENT), NONE);
    assert_eq!(said(&format!("{all}{}", config("audit")), DEPLOYMENT).len(), 1);
}

#[test]
fn parameters_are_as_the_schema_of_the_template_says() {
    let facts = |spec: &str| {
        let objects = objects(&cluster("rego: /input", spec));
        let set = SchemaSet::new(Version::default(), &objects).with_catalog(&objects);
        objects.iter().flat_map(|object| check(object, &set)).map(|fact| format!("{} {}", fact.field, fact.message)).collect::<Vec<_>>()
    };
    assert_eq!(facts("{match: {kinds: [{apiGroups: [''], kinds: [Pod]}]}, parameters: {most: 3, names: [a]}}"), NONE);
    assert!(facts("{parameters: {most: x}}")[0].starts_with("spec.parameters.most must be an integer"));
    assert!(facts("{parameters: {more: 1}}")[0].starts_with("spec.parameters.more is not a field"));
    assert!(facts("{match: {namespaces: ['a*b']}}")[0].starts_with("spec.match.namespaces[0] "));
    assert!(facts("{match: {scope: Everything}}")[0].starts_with("spec.match.scope "));
}

#[test]
fn what_gatekeeper_would_not_take_is_told() {
    let mistakes = |yaml: &str| {
        let objects = objects(yaml);
        let policies = Policies::of(&[], []).with_engine(Some(&Pointing));
        let facts = objects.iter().flat_map(|object| policies.mistakes(object));
        facts.map(|fact| format!("{} {}", fact.field, fact.message)).collect::<Vec<_>>()
    };
    let fine = cluster("rego: /input", "{match: {labelSelector: {matchLabels: {a: b}}}}");
    assert_eq!(mistakes(&fine), NONE);
    let wrong = [
        (
            cluster("code: [{engine: Rego, source: {rego: '?'}}]", "{}"),
            "spec.targets[0].code[0].source.rego is no Rego that Gatekeeper takes: no code (line 1 of it)",
        ),
        (
            fine.replace("metadata: {name: few}", "metadata: {name: other}"),
            "metadata.name must be \"few\", the kind that it defines in lower case, but is \"other\"",
        ),
        (
            fine.replace("rego: /input}", "rego: /input}, {target: admission.k8s.gatekeeper.sh}"),
            "spec.targets must be one target, but is 2",
        ),
        (
            fine.replace("target: admission", "target: admissions"),
            "spec.targets[0].target must be admission.k8s.gatekeeper.sh, but is \"admissions.k8s.gatekeeper.sh\"",
        ),
        (cluster("code: []", "{}"), "spec.targets[0] must have code of the engine Rego or K8sNativeValidation"),
        (cluster(&in_cel("{expression: 'a +'}"), "{}"), "spec.targets[0].code[0].source.validations[0].expression is no CEL: "),
        (
            fine.replace("matchLabels: {a: b}", "matchExpressions: [{key: a, operator: In}]"),
            "spec.match.labelSelector.matchExpressions[0].values In and NotIn need values",
        ),
    ];
    for (yaml, expected) in wrong {
        let found = mistakes(&yaml);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{expected}: {found:?}");
    }
}
