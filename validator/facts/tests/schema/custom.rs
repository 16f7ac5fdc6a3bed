//! Custom resources against the schemas of their definitions.

use kubevet_facts::schema::{self, Definitions, SchemaFact, SchemaSet, Version, read_json};

use super::objects;

const DEFINITION: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boxes.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: boxes, kind: Box}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            status: {type: object}
            spec:
              type: object
              required: [size, mode]
              properties:
                size: {type: integer, minimum: 1, maximum: 10}
                mode: {type: string, enum: [soft, hard], default: soft}
                name: {type: string, pattern: '^[a-z]+$', maxLength: 3}
                note: {type: string, nullable: true}
                port: {x-kubernetes-int-or-string: true}
                when: {type: string, format: date-time}
                tags: {type: array, minItems: 1, x-kubernetes-list-type: set, items: {type: string}}
                rules:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [id]
                  items: {type: object, required: [id], properties: {id: {type: string}, step: {type: number, multipleOf: 2}}}
                env: {type: object, additionalProperties: {type: string}}
                parts: {type: array, x-kubernetes-preserve-unknown-fields: true, items: {type: object, properties: {one: {type: object}}}}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: boolean}}}
                one:
                  type: object
                  properties: {a: {type: string}, b: {type: string}}
                  oneOf: [{required: [a]}, {required: [b]}]
                  not: {required: [c]}
    - name: v1alpha1
      served: false
      storage: false
      schema: {openAPIV3Schema: {type: object}}
";

/// The same facts come of the definition among the objects, and of its JSON, of which only what the object needs is read.
fn check(yaml: &str) -> Vec<SchemaFact> {
    let tree = objects(DEFINITION);
    let json: serde_json::Value = serde_yaml::from_str(DEFINITION).unwrap();
    let mut definitions = Definitions::default();
    definitions.add_json(json.to_string()).unwrap();
    let objects = objects(yaml);
    let found = schema::check(&objects[0], &SchemaSet::new(Version::V1_36, &tree));
    assert_eq!(schema::check(&objects[0], &SchemaSet::new(Version::V1_36, []).with(&definitions, &objects)), found);
    found
}

#[test]
fn values_must_fit_the_schema() {
    for (part, expected) in [
        ("", &[][..]),
        ("size: 11", &["spec.size"]),
        ("size: '5'", &["spec.size"]),
        ("mode: medium", &["spec.mode"]),
        ("mode: null", &[]),
        ("name: abcd", &["spec.name"]),
        ("name: A", &["spec.name"]),
        // Nulls that may not be are taken out first.
        ("name: null", &[]),
        ("note: null", &[]),
        ("size: null", &["spec.size"]),
        ("env: {anything: null}", &[]),
        ("tags: [null]", &["spec.tags[0]"]),
        ("port: http", &[]),
        ("port: 5.5", &["spec.port"]),
        ("when: 2030-01-31T12:00:00Z", &[]),
        ("when: noon", &["spec.when"]),
        ("tags: []", &["spec.tags"]),
        ("tags: [a, b, a]", &["spec.tags[2]"]),
        ("rules: [{id: a}, {id: a}]", &["spec.rules[1]"]),
        ("rules: [{step: 2}]", &["spec.rules[0].id"]),
        ("rules: [{id: a, step: 3}]", &["spec.rules[0].step"]),
        ("env: {anything: goes}", &[]),
        ("env: {anything: 5}", &["spec.env.anything"]),
        ("free: {anything: 5}", &[]),
        ("free: {known: 5}", &["spec.free.known"]),
        ("parts: [{any: thing}, {one: {}}]", &[]),
        ("parts: [{one: {any: thing}}]", &["spec.parts[0].one.any"]),
        ("one: {a: x}", &[]),
        ("one: {}", &["spec.one"]),
        ("one: {a: x, b: w}", &["spec.one"]),
        ("nmae: a", &["spec.nmae"]),
    ] {
        let size = if part.starts_with("size") { "" } else { "size: 1, " };
        let found = check(&format!("{{apiVersion: example.com/v1, kind: Box, metadata: {{name: a}}, spec: {{{size}{part}}}}}"));
        let fields: Vec<_> = found.iter().map(|fact| fact.field.as_str()).collect();
        assert_eq!(fields, expected, "{part}: {found:?}");
    }
}

#[test]
fn required_fields_and_versions() {
    for (yaml, expected) in [
        ("{apiVersion: example.com/v1, kind: Box, metadata: {name: a}}", "spec is required"),
        ("{apiVersion: example.com/v1, kind: Box, metadata: {name: a}, spec: {}}", "spec.size is required"),
        (
            "{apiVersion: example.com/v1alpha1, kind: Box, metadata: {name: a}}",
            "apiVersion has no kind \"Box\" in version \"v1alpha1\"; its CustomResourceDefinition serves v1",
        ),
        ("{apiVersion: example.com/v1, kind: Box, metadata: {name: a}, spec: {size: 1}, status: {any: thing}}", ""),
        ("{apiVersion: example.com/v1, kind: Box, metadata: {name: a}, spec: {size: 1}, extra: 1}", "extra is not a field"),
    ] {
        let shown: Vec<_> = check(yaml).iter().map(|fact| format!("{} {}", fact.field, fact.message)).collect();
        assert_eq!(shown.join("\n"), expected, "{yaml}");
    }
}

#[test]
fn definitions_can_be_json() {
    let definition = serde_json::json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "spec": {"group": "example.com", "names": {"kind": "Box"}, "versions": [{
            "name": "v1", "served": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "string"}}}}}]},
    })
    .to_string();
    let boxes = objects("{apiVersion: example.com/v1, kind: Box, metadata: {name: a}, spec: 5}");
    let found = |set: SchemaSet<'_>| schema::check(&boxes[0], &set).into_iter().map(|fact| fact.message).collect::<Vec<_>>();
    let expected = ["must be a string, but is the number 5; put it in quotes"];
    let tree = read_json(&definition).unwrap();
    assert_eq!(found(SchemaSet::new(Version::V1_36, [&tree])), expected);
    let mut definitions = Definitions::default();
    definitions.add_json(definition).unwrap();
    assert_eq!(found(SchemaSet::default().with(&definitions, &boxes)), expected);
    definitions.add(objects(DEFINITION).remove(0));
    assert_eq!(found(SchemaSet::default().with(&definitions, &boxes)), ["must be a map, but is the number 5"]);
}

#[test]
fn json_that_is_no_definition_is_given_back() {
    for text in ["[]", "{", "{\"kind\": \"List\", \"items\": []}", "{\"apiVersion\": \"v1\", \"kind\": \"CustomResourceDefinition\"}"] {
        assert_eq!(Definitions::default().add_json(text.to_owned()), Err(text.to_owned()));
    }
}

#[test]
fn a_definition_that_cannot_be_read_is_a_fact_of_what_needs_it() {
    let definition = r#"{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {
        "group": "example.com", "names": {"kind": "Box"}, "versions": [{"name": "v1", "maximum": 1e999}]}}"#;
    let mut definitions = Definitions::default();
    definitions.add_json(definition.to_owned()).unwrap();
    let boxes = objects("{apiVersion: example.com/v1, kind: Box, metadata: {name: a}}");
    let found = schema::check(&boxes[0], &SchemaSet::default().with(&definitions, &boxes));
    assert_eq!(
        found[0].message,
        "cannot be checked, because its CustomResourceDefinition cannot be read: number out of range at line 2 column 102"
    );
}

#[test]
fn kinds_without_a_definition_pass() {
    assert_eq!(check("{apiVersion: example.com/v1, kind: Crate, metadata: {name: a}, anything: {goes: 1}}"), []);
}

/// The definitions that kubevet comes with are whole, and their own CustomResourceDefinitions would be accepted.
#[test]
fn the_definitions_of_this_repository_are_read() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/schemas");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let definition = read_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let found = schema::check(&definition, &SchemaSet::default());
            assert_eq!(found, [], "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 13, "{count}");
}
