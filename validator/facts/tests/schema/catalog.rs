//! Custom resources against the schemas that kubevet carries.

use kubevet_facts::schema::catalog::{self, Kind};
use kubevet_facts::schema::{self, Definitions, Judged, Reason, SchemaFact, SchemaSet, Version};
use kubevet_facts::workloads::Workloads;
use kubevet_facts::{Options, compute};

use super::objects;

fn kind(group: &str, kind: &str) -> &'static Kind {
    catalog::all().iter().find(|known| (known.group, known.kind) == (group, kind)).unwrap()
}

fn check(yaml: &str) -> (Judged, Vec<SchemaFact>) {
    let objects = objects(yaml);
    let set = SchemaSet::new(Version::default(), &objects).with_catalog(&objects);
    (set.judges(&objects[0]), schema::check(&objects[0], &set))
}

/// Fields and reasons.
fn found(yaml: &str) -> Vec<(String, Reason)> {
    check(yaml).1.into_iter().map(|fact| (fact.field, fact.reason)).collect()
}

const ROLLOUT: &str = "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: a}, spec: {%}}";

#[test]
fn a_released_schema_judges_everything_and_is_named() {
    let (judged, facts) = check(&ROLLOUT.replace('%', "replica: 2"));
    let project = kind("argoproj.io", "Rollout");
    assert_eq!(judged, Judged::Whole);
    let by = facts[0].by.unwrap();
    assert_eq!((by.project, by.version, by.doubtful), (project.project, project.release, false));
    let expected = format!("is not a field; did you mean \"replicas\"? (by the schema of {} {})", project.project, project.release);
    assert_eq!((facts.len(), &*facts[0].message), (1, &*expected));
    for (spec, expected) in [
        ("replicas: 2", &[][..]),
        ("replicas: two", &[("spec.replicas", Reason::Type)]),
        ("strategy: {canary: {steps: [{setWeight: 20}, {pause: {}}]}}", &[]),
        ("template: {spec: {containers: [{image: a}]}}", &[("spec.template.spec.containers[0].name", Reason::Required)]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(field, reason)| ((*field).to_owned(), *reason)).collect();
        assert_eq!(found(&ROLLOUT.replace('%', spec)), expected, "{spec}");
    }
}

/// The fields that every object has are in few schemas, and metadata is checked as that of any object.
#[test]
fn every_object_has_an_api_version_a_kind_and_metadata() {
    let gateway = "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a, %}, spec: {selector: {istio: ingress}}}";
    assert_eq!(found(&gateway.replace('%', "labels: {a: b}")), []);
    assert_eq!(found(&gateway.replace('%', "labels: {a: 1}")), [("metadata.labels[a]".to_owned(), Reason::Type)]);
    assert_eq!(check(&gateway.replace('%', "labels: {a: 1}")).1[0].by, None);
}

#[test]
fn a_doubtful_schema_says_only_types_and_names() {
    let profile = "{apiVersion: linkerd.io/v1alpha2, kind: ServiceProfile, metadata: {name: a}, spec: {routes: [%]}}";
    let (judged, facts) = check(&profile.replace('%', "{name: a, conditions: {}}"));
    assert!(matches!(&judged, Judged::Partly(why) if why.contains("linkerd") && why.contains("Helm")), "{judged:?}");
    // `condition` is required.
    assert_eq!(facts.iter().map(|fact| (&*fact.field, fact.reason)).collect::<Vec<_>>(), [("spec.routes[0].conditions", Reason::Unknown)]);
    assert!(facts[0].by.unwrap().doubtful);
    assert_eq!(found(&profile.replace('%', "{name: a}")), []);
    assert_eq!(found(&profile.replace('%', "{name: 1, condition: {}}")), [("spec.routes[0].name".to_owned(), Reason::Type)]);
}

#[test]
fn what_no_schema_says_is_not_judged() {
    for (api_version, kind, expected) in [
        ("cert-manager.io/v1alpha2", "Certificate", Some("has only v1")),
        ("triggers.tekton.dev/v1beta1", "EventListener", Some("takes any field")),
        ("apps.example.com/v1", "App", None),
    ] {
        let (judged, facts) = check(&format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}, spec: {{any: thing}}}}"));
        let Judged::Not(why) = judged else { panic!("{kind}: {judged:?}") };
        assert_eq!(why.as_deref().map(|why| expected.is_some_and(|expected| why.contains(expected))), expected.map(|_| true), "{why:?}");
        assert_eq!(facts, [], "{kind}");
    }
}

/// What another program fills in has a form that nobody knows; a field with another name is wrong all the same.
#[test]
fn placeholders_have_any_form() {
    for value in ["\"${REPLICAS}\"", "'{{ replicas }}'", "$(REPLICAS)", "'ENC[AES256_GCM,data:aGk=,type:int]'", "'${REPLICAS:=2}'"] {
        assert_eq!(found(&ROLLOUT.replace('%', &format!("replicas: {value}"))), [], "{value}");
        assert_eq!(found(&ROLLOUT.replace('%', &format!("replica: {value}"))).len(), 1, "{value}");
    }
    for value in ["'2'", "'{2}'", "'$2'"] {
        assert_eq!(found(&ROLLOUT.replace('%', &format!("replicas: {value}"))).len(), 1, "{value}");
    }
}

/// What an operator patches into a definition, a fork adds to it or an older release had is no mistake.
#[test]
fn clusters_take_more_than_the_release_says() {
    let alert = |kind: &str| {
        let sources = format!("eventSources: [{{kind: {kind}, name: '*'}}]");
        found(&format!(
            "{{apiVersion: notification.toolkit.fluxcd.io/v1beta3, kind: Alert, metadata: {{name: a}}, spec: {{providerRef: {{name: p}}, {sources}}}}}"
        ))
    };
    assert_eq!(alert("FluxInstance"), []);
    assert_eq!(alert("FluxInstances"), [("spec.eventSources[0].kind".to_owned(), Reason::Enum)]);
    let source = |mover: &str| {
        found(&format!(
            "{{apiVersion: volsync.backube/v1alpha1, kind: ReplicationSource, metadata: {{name: a}}, spec: {{sourcePVC: a, {mover}: {{}}}}}}"
        ))
    };
    assert_eq!(source("kopia"), []);
    assert_eq!(source("copia"), [("spec.copia".to_owned(), Reason::Unknown)]);
}

const OWN: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  preserveUnknownFields: false
  names: {plural: rollouts, kind: Rollout}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {replica: {type: integer}}}}}}
";

#[test]
fn a_definition_at_hand_counts_instead() {
    let rollout = ROLLOUT.replace('%', "replica: 2, replicas: 2");
    let expected = [("spec.replicas".to_owned(), Reason::Unknown)];
    assert_eq!(found(&format!("{rollout}\n---{OWN}")), expected, "among the objects");

    let mut definitions = Definitions::default();
    assert!(definitions.add(objects(OWN).remove(0)));
    let objects = objects(&rollout);
    let set = SchemaSet::new(Version::default(), &objects).with(&definitions, &objects).with_catalog(&objects);
    let facts = schema::check(&objects[0], &set);
    assert_eq!(facts.iter().map(|fact| (fact.field.clone(), fact.reason)).collect::<Vec<_>>(), expected, "given");
    assert_eq!(facts[0].by, None);

    let keeps = OWN.replace("preserveUnknownFields: false", "preserveUnknownFields: true");
    assert_eq!(found(&format!("{rollout}\n---{keeps}")), [], "one that keeps what it does not know");
}

/// CEL rules and what lists are keyed by are not lost on the way: later checks read them.
#[test]
fn rules_and_list_types_are_kept() {
    let objects = objects(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a}, spec: {gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP}, {name: a, port: 81, protocol: HTTP}]}}",
    );
    let set = SchemaSet::new(Version::default(), []).with_catalog(&objects);
    let facts = schema::check(&objects[0], &set);
    assert_eq!(facts.iter().map(|fact| (&*fact.field, fact.reason)).collect::<Vec<_>>(), [("spec.listeners[1]", Reason::Duplicate)]);
}

/// What a Pod template is, Kubernetes knows, whoever has one.
#[test]
fn a_template_of_which_the_schema_says_nothing_is_checked_as_any() {
    let workloads: Workloads = serde_yaml::from_str(
        "{version: 1, workloads: [
            {group: apps.openshift.io, kind: DeploymentConfig, as: Deployment},
            {group: apps.kruise.io, kind: CloneSet, as: Deployment},
            {group: monitoring.coreos.com, kind: Prometheus, as: StatefulSet, partial: true, containers: [spec.containers]}]}",
    )
    .unwrap();
    for (api_version, kind, partly) in [("apps.openshift.io/v1", "DeploymentConfig", true), ("apps.kruise.io/v1alpha1", "CloneSet", false)]
    {
        let yaml = format!(
            "{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}, spec: {{selector: {{}}, template: {{spec: {{containers: \
             [{{name: a, imagePullPolice: Always}}, {{name: 1}}]}}}}}}}}"
        );
        let objects = objects(&yaml);
        let nodes: Vec<_> = objects.iter().collect();
        let reading = workloads.read(&nodes);
        let facts = compute(&nodes, &Options { reading: Some(&reading), ..Options::default() });
        let found: Vec<_> = facts.objects[0].schema.iter().map(|fact| (&*fact.field, fact.reason)).collect();
        let expected = [
            ("spec.template.spec.containers[0].imagePullPolice", Reason::Unknown),
            ("spec.template.spec.containers[1].name", Reason::Type),
        ];
        assert_eq!(found, expected, "{kind}");
        assert_eq!((facts.objects[0].coverage.unchecked, facts.objects[0].coverage.partly_checked), (false, partly), "{kind}");
    }
}
