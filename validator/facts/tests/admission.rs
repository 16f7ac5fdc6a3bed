//! What ValidatingAdmissionPolicies say, through the public face: YAML in, decisions out.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::path::Path;

use kubevet_facts::admission::{Change, Decision, Policies};
use kustomize::Node;

fn objects(yaml: &str) -> Vec<Node> {
    kustomize::read_manifests(Path::new("test.yaml"), yaml).unwrap().objects
}

/// A policy about Deployments, and its binding.
fn policy(spec: &str, binding: &str) -> String {
    format!(
        "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: few}}
spec:
  matchConstraints:
    resourceRules: [{{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}}]
{spec}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: few-everywhere}}
spec: {{policyName: few, {binding}}}
---
apiVersion: v1
kind: Namespace
metadata: {{name: shop, labels: {{tier: gold}}}}
"
    )
}

const DENY: &str = "validationActions: [Deny]";

fn decide(cluster: &str, object: &str, old: Option<&str>) -> Decision {
    let (cluster, object, old) = (objects(cluster), objects(object), old.map(objects));
    let policies = Policies::of(&[], &cluster);
    policies.decide(&Change { object: object.first(), old: old.as_ref().and_then(|old| old.first()), ..Change::default() })
}

fn said(cluster: &str, object: &str) -> Vec<String> {
    let decision = decide(cluster, object, None);
    assert_eq!(decision.undecided, []);
    decision.denials.into_iter().map(|denial| denial.message).collect()
}

fn deployment(spec: &str) -> String {
    format!("{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web, namespace: shop, labels: {{app: web}}}}, spec: {spec}}}")
}

const NONE: [&str; 0] = [];

#[test]
fn validations_see_defaults_variables_and_the_namespace() {
    let few = policy("  validations: [{expression: object.spec.replicas == 1, message: one}]", DENY);
    assert_eq!(said(&few, &deployment("{}")), NONE);
    assert_eq!(said(&few, &deployment("{replicas: 2}")), ["one"]);
    let spec = "  variables: [{name: most, expression: \"namespaceObject.metadata.labels.tier == 'gold' ? 5 : 1\"}, {name: more, expression: variables.most + 1}]
  validations:
    - {expression: object.spec.replicas < variables.more, messageExpression: \"'at most ' + string(variables.most)\"}
    - {expression: request.namespace == 'shop' && request.operation == 'CREATE' && oldObject == null}";
    assert_eq!(said(&policy(spec, DENY), &deployment("{replicas: 5}")), NONE);
    assert_eq!(said(&policy(spec, DENY), &deployment("{replicas: 6}")), ["at most 5"]);
}

#[test]
fn a_denial_is_at_the_field_that_fails() {
    let spec = "  validations: [{expression: \"has(object.metadata.labels) && object.spec.replicas < 3\"}]";
    let decision = decide(&policy(spec, "validationActions: [Warn, Audit]"), &deployment("{replicas: 3}"), None);
    let denial = &decision.denials[0];
    assert_eq!(serde_json::to_value(&denial.path).unwrap(), serde_json::json!(["spec", "replicas"]));
    assert_eq!((denial.denies, denial.policy.as_str(), denial.binding.as_str()), (false, "few", "few-everywhere"));
    assert!(denial.message.starts_with("failed expression: has("), "{}", denial.message);
}

#[test]
fn bindings_and_selectors_say_what_is_meant() {
    let spec = "  validations: [{expression: 'false', message: never}]";
    let bindings = [
        ("validationActions: [Deny]", 1),
        ("validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {tier: gold}}}", 1),
        ("validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {tier: lead}}}", 0),
        ("validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}", 1),
        ("validationActions: [Deny], matchResources: {objectSelector: {matchLabels: {app: db}}}", 0),
        (
            "validationActions: [Deny], matchResources: {excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], resourceNames: [web]}]}",
            0,
        ),
        (
            "validationActions: [Deny], matchResources: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments]}]}",
            0,
        ),
    ];
    for (binding, expected) in bindings {
        assert_eq!(said(&policy(spec, binding), &deployment("{}")).len(), expected, "{binding}");
    }
    assert_eq!(said(&policy(spec, DENY), "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}"), NONE);
    let unbound = policy(spec, DENY).replace("policyName: few,", "policyName: other,");
    assert_eq!(said(&unbound, &deployment("{}")), NONE);
}

#[test]
fn failures_and_conditions_follow_the_policy() {
    let failing = "  validations: [{expression: object.spec.nothing > 1}]";
    assert!(said(&policy(failing, DENY), &deployment("{}"))[0].contains("no such key: nothing"));
    assert_eq!(said(&policy(&format!("  failurePolicy: Ignore\n{failing}"), DENY), &deployment("{}")), NONE);
    let condition = |text: &str| {
        format!("  matchConditions: [{{name: a, expression: \"{text}\"}}]\n  validations: [{{expression: 'false', message: never}}]")
    };
    assert_eq!(said(&policy(&condition("object.metadata.name != 'web'"), DENY), &deployment("{}")), NONE);
    assert_eq!(said(&policy(&condition("object.metadata.name == 'web'"), DENY), &deployment("{}")), ["never"]);
}

#[test]
fn an_audit_annotation_that_fails_refuses_whatever_the_actions_are() {
    let annotation = |text: &str| format!("  auditAnnotations: [{{key: size, valueExpression: \"{text}\"}}]");
    let cases = [
        ("'has ' + string(object.spec.replicas)", None),
        ("null", None),
        ("'has ' + string(object.spec.nothing)", Some("resulted in error: no such key: nothing")),
        ("object.spec.replicas", Some("gives neither a string nor null")),
    ];
    for (text, expected) in cases {
        let decision = decide(&policy(&annotation(text), "validationActions: [Audit]"), &deployment("{}"), None);
        let said: Vec<_> = decision.denials.iter().map(|denial| (denial.denies, &*denial.message)).collect();
        assert_eq!(said.len(), usize::from(expected.is_some()), "{text}: {said:?}");
        assert!(said.iter().all(|(denies, message)| *denies && expected.is_some_and(|expected| message.contains(expected))), "{said:?}");
        let ignoring = policy(&format!("  failurePolicy: Ignore\n{}", annotation(text)), "validationActions: [Audit]");
        assert_eq!(decide(&ignoring, &deployment("{}"), None).denials, [], "{text}");
    }
    let unknown = decide(&policy(&annotation("request.userInfo.username"), DENY), &deployment("{}"), None);
    assert_eq!((unknown.denials.len(), unknown.undecided.len()), (0, 1));
}

#[test]
fn parameters_are_found_or_not() {
    let spec = "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: object.spec.replicas <= int(params.data.most), message: too many}]";
    let most = "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: shop}, data: {most: '2'}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: other}, data: {most: '9'}}\n";
    let binding = |of: &str| format!("validationActions: [Deny], paramRef: {{{of}}}");
    let cases = [
        ("name: limits, parameterNotFoundAction: Deny", "{replicas: 3}", 1),
        ("name: limits, parameterNotFoundAction: Deny", "{replicas: 2}", 0),
        ("name: limits, namespace: other, parameterNotFoundAction: Deny", "{replicas: 3}", 0),
        ("name: absent, parameterNotFoundAction: Deny", "{replicas: 1}", 1),
        ("name: absent, parameterNotFoundAction: Allow", "{replicas: 9}", 0),
        ("selector: {}, parameterNotFoundAction: Deny", "{replicas: 3}", 1),
    ];
    for (of, object, expected) in cases {
        assert_eq!(said(&(policy(spec, &binding(of)) + most), &deployment(object)).len(), expected, "{of} {object}");
    }
}

#[test]
fn updates_have_an_old_object_and_what_needs_the_cluster_is_undecided() {
    let spec =
        "  validations: [{expression: \"oldObject == null || object.spec.replicas >= oldObject.spec.replicas\", message: never fewer}]";
    let decision = decide(&policy(spec, DENY), &deployment("{replicas: 1}"), Some(&deployment("{replicas: 2}")));
    assert_eq!(decision.denials[0].message, "never fewer");
    for expression in ["request.userInfo.username == 'me'", "authorizer.group('apps').resource('deployments').check('create').allowed()"] {
        let spec = format!("  validations: [{{expression: \"{expression}\"}}]");
        let decision = decide(&policy(&spec, DENY), &deployment("{}"), None);
        assert_eq!((decision.denials.len(), decision.undecided.len()), (0, 1), "{expression}");
    }
    let elsewhere = deployment("{}").replace("namespace: shop", "namespace: elsewhere");
    let selecting = policy(
        "  validations: [{expression: 'false'}]",
        "validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {tier: gold}}}",
    );
    assert_eq!(decide(&selecting, &elsewhere, None).undecided.len(), 1);
}
