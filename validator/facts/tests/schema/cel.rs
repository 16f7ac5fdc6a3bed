//! Rules in CEL of CustomResourceDefinitions.

use kubevet_facts::schema::{self, Definitions, SchemaSet, Version};
use kustomize::Node;

use super::objects;

fn node(yaml: &str) -> Node {
    objects(yaml).remove(0)
}

fn definition(spec: &str) -> Node {
    node(&format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: rooms.example.com}}
spec:
  group: example.com
  scope: Namespaced
  names: {{kind: Room, plural: rooms, singular: room, listKind: RoomList}}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {{status: {{}}}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            status: {{type: object, properties: {{seen: {{type: boolean}}}}}}
            spec: {spec}
"
    ))
}

fn room(spec: &str) -> Node {
    node(&format!("{{apiVersion: example.com/v1, kind: Room, metadata: {{name: hall}}, status: {{seen: true}}, spec: {spec}}}"))
}

/// What the rules say, as `field: message`.
fn said(definition: &Node, object: &Node, old: Option<&Node>) -> Vec<String> {
    let set = SchemaSet::new(Version::default(), [definition]);
    assert_eq!(schema::check(object, &set), []);
    let ruled = schema::rules(object, old, &set);
    assert_eq!(ruled.undecided, []);
    ruled.facts.iter().map(|fact| format!("{}: {}", fact.field, fact.message)).collect()
}

#[test]
fn rules_see_defaults_and_typed_values() {
    let definition = definition(
        r#"
              type: object
              default: {}
              properties:
                seats: {type: integer, default: 4}
                share: {type: number, default: 1}
                every: {type: string, format: duration, default: 1h}
                until: {type: string, format: date-time}
                port: {x-kubernetes-int-or-string: true}
                for-all: {type: boolean, default: false}
                namespace: {type: string, default: a}
                kept: {type: string, nullable: true}
                tags: {type: array, x-kubernetes-list-type: set, items: {type: string}, default: [a, b]}
              x-kubernetes-validations:
                - rule: self.seats == 4 && self.share < 1.5 && self.every == duration('60m') && !self.for__dash__all && self.__namespace__ == 'a'
                - rule: "!has(self.until) || self.until.getFullYear() == 2026"
                - rule: "!has(self.port) || type(self.port) == int"
                - rule: "!has(self.kept)"
                - rule: self.tags == ['b', 'a']
"#,
    );
    assert_eq!(said(&definition, &node("{apiVersion: example.com/v1, kind: Room, metadata: {name: hall}}"), None), [""; 0]);
    assert_eq!(said(&definition, &room("{until: '2026-01-01T00:00:00Z', port: 80, kept: null}"), None), [""; 0]);
    assert_eq!(said(&definition, &room("{port: http}"), None), ["spec: failed rule: !has(self.port) || type(self.port) == int"]);
    assert_eq!(said(&definition, &room("{seats: 5}"), None).len(), 1);
}

/// What is filled in after the build is not what a rule will see.
#[test]
fn a_rule_does_not_judge_what_is_filled_in_later() {
    let rule = r#"
              type: object
              properties: {path: {type: string}}
              x-kubernetes-validations: [{rule: "self.path.matches('^/[a-z/]*$')"}]
"#;
    let definition = definition(rule);
    assert_eq!(said(&definition, &room("{path: /1}"), None).len(), 1);
    let ruled = schema::rules(&room("{path: '/{{ .Name }}'}"), None, &SchemaSet::new(Version::V1_36, [&definition]));
    assert_eq!((ruled.facts.len(), ruled.undecided.len()), (0, 1), "{ruled:?}");
}

#[test]
fn a_finding_is_where_the_rule_says() {
    let definition = definition(
        r#"
              type: object
              properties:
                seats: {type: integer}
                doors:
                  type: array
                  items:
                    type: object
                    properties: {name: {type: string}, wide: {type: boolean}}
                    x-kubernetes-validations:
                      - {rule: has(self.wide), message: must say whether it is wide, fieldPath: .wide, reason: FieldValueRequired}
                notes:
                  type: object
                  additionalProperties:
                    type: string
                    x-kubernetes-validations: [{rule: self.size() < 4, messageExpression: "'is ' + string(self.size()) + ' long'"}]
              x-kubernetes-validations:
                - {rule: self.seats > 0, message: needs seats}
"#,
    );
    let broken = room("{seats: 0, doors: [{name: a, wide: true}, {name: b}], notes: {a.b: long one}}");
    let set = SchemaSet::new(Version::default(), [&definition]);
    let ruled = schema::rules(&broken, None, &set);
    let found: Vec<_> = ruled.facts.iter().map(|fact| (fact.field.as_str(), fact.message.as_str())).collect();
    assert_eq!(found, [("spec", "needs seats"), ("spec.doors[1].wide", "must say whether it is wide"), ("spec.notes[a.b]", "is 8 long")]);
    let rule = ruled.facts[1].rule.as_ref().unwrap();
    assert_eq!(rule.reason, "FieldValueRequired");
    assert_eq!(rule.definition.as_ref().unwrap().name, "rooms.example.com");
    let place = rule.path.nearest(&definition);
    assert_eq!(place.str_at(&["fieldPath"]), Some(".wide"));
    // A missing field is the server's error as well.
    assert_eq!(said(&definition, &room("{}"), None).len(), 1);
}

#[test]
fn rules_about_a_change_need_an_old_object() {
    let definition = definition(
        r#"
              type: object
              properties:
                seats: {type: integer}
                color: {type: string}
                doors:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items:
                    type: object
                    required: [name]
                    properties: {name: {type: string}, wide: {type: boolean, x-kubernetes-validations: [{rule: self == oldSelf, message: stays}]}}
              x-kubernetes-validations:
                - {rule: self.seats >= oldSelf.seats, message: never shrinks}
                - {rule: oldSelf.hasValue() || !has(self.color), optionalOldSelf: true, message: has no color at first}
                - {rule: "!has(self.color) || self.color != 'red'", message: not red}
"#,
    );
    assert_eq!(said(&definition, &room("{seats: 1}"), None), [""; 0]);
    assert_eq!(said(&definition, &room("{seats: 1, color: blue}"), None), ["spec: has no color at first"]);
    assert_eq!(said(&definition, &room("{seats: 1, color: blue}"), Some(&room("{seats: 2}"))), ["spec: never shrinks"]);
    let (a, b) = ("{seats: 1, doors: [{name: a, wide: true}, {name: b, wide: false}]}", "{seats: 1, doors: [{name: b, wide: true}]}");
    assert_eq!(said(&definition, &room(b), Some(&room(a))), ["spec.doors[0].wide: stays"]);
    // What was wrong before may stay so, but not beside a change of the same part.
    let red = room("{seats: 1, color: red}");
    assert_eq!(said(&definition, &red, Some(&red)), [""; 0]);
    assert_eq!(said(&definition, &room("{seats: 2, color: red}"), Some(&red)), ["spec: not red"]);
}

#[test]
fn what_cannot_be_told_is_no_finding_and_no_silence() {
    let definition = definition(
        r#"
              type: object
              properties: {at: {type: string, format: date-time}}
              x-kubernetes-validations: [{rule: self.at.getHours('Europe/Berlin') < 12}]
"#,
    );
    let set = SchemaSet::new(Version::default(), [&definition]);
    let ruled = schema::rules(&room("{at: '2026-01-01T00:00:00Z'}"), None, &set);
    assert_eq!(ruled.facts, []);
    assert_eq!(ruled.undecided.len(), 1);
    assert!(ruled.undecided[0].why.contains("Europe/Berlin"), "{:?}", ruled.undecided);
}

#[test]
fn definitions_elsewhere_are_read_with_their_defaults() {
    let text = r#"{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "rooms.example.com"}, "spec": {
        "group": "example.com", "names": {"kind": "Room", "plural": "rooms"}, "scope": "Namespaced", "versions": [{"name": "v1", "served": true,
        "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object",
        "properties": {"seats": {"type": "integer"}, "taken": {"type": "integer", "default": 2},
                       "plan": {"type": "object", "default": {"rows": 1}, "properties": {"rows": {"type": "integer"}, "depth": {"type": "integer", "default": 3}}}},
        "x-kubernetes-validations": [{"rule": "self.taken <= self.seats && self.plan.rows == 1 && self.plan.depth == 3", "message": "too many"}]}}}}}]}}"#;
    let mut definitions = Definitions::default();
    definitions.add_json(text.to_owned()).unwrap();
    for (seats, expected) in [(1, 1), (2, 0)] {
        let object = room(&format!("{{seats: {seats}}}"));
        let set = SchemaSet::new(Version::default(), []).with(&definitions, [&object]);
        let ruled = schema::rules(&object, None, &set);
        assert_eq!((ruled.facts.len(), ruled.undecided.len()), (expected, 0), "{ruled:?}");
        assert!(ruled.facts.iter().all(|fact| fact.rule.as_ref().unwrap().definition.is_none()));
    }
}

/// What is wrong with a definition, as `field: message`, with the field as it is below the spec.
fn wrong_with(spec: &str) -> Vec<String> {
    let facts = schema::check(&definition(spec), &SchemaSet::new(Version::default(), []));
    let short = |field: &str| field.replace("spec.versions[0].schema.openAPIV3Schema", "");
    facts.iter().map(|fact| format!("{}: {}", short(&fact.field), fact.message)).collect()
}

#[test]
fn rules_may_not_cost_more_than_the_server_allows() {
    let unique = |most: &str| {
        format!(
            "{{type: object, properties: {{doors: {{type: array, {most} items: {{type: string, maxLength: 16}}, \
             x-kubernetes-validations: [{{rule: 'self.all(a, self.exists_one(b, a == b))'}}]}}}}}}"
        )
    };
    let found = wrong_with(&unique(""));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(
        ".properties[spec].properties[doors].x-kubernetes-validations[0].rule: is estimated to cost more than 100 times what an \
         expression may: make it simpler, or bound"
    ));
    assert_eq!(wrong_with(&unique("maxItems: 900,")), [""; 0]);
    // What is there often costs as often.
    let nested = |most: &str| {
        format!(
            "{{type: object, properties: {{halls: {{type: array, {most} items: {{type: object, properties: {{name: {{type: string, \
             maxLength: 1000, x-kubernetes-validations: [{{rule: \"self.matches('^[a-z]+$')\"}}]}}}}}}}}}}}}"
        )
    };
    assert!(wrong_with(&nested("")).iter().any(|found| found.contains("times what an expression may")), "{:?}", wrong_with(&nested("")));
    assert_eq!(wrong_with(&nested("maxItems: 100,")), [""; 0]);
    let many = format!(
        "{{type: object, properties: {{doors: {{type: string, x-kubernetes-validations: [{}]}}}}}}",
        "{rule: \"self.matches('[a-z]{10}[0-9]{10}[a-z]{10}')\"}, ".repeat(50)
    );
    let found = wrong_with(&many);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("has rules that are estimated to cost"), "{found:?}");
}

#[test]
fn a_number_in_a_message_has_no_bound_for_the_server() {
    let message = |text: &str| {
        format!(
            "{{type: object, properties: {{seats: {{type: integer, x-kubernetes-validations: [{{rule: self > 0, messageExpression: \"{text}\"}}]}}}}}}"
        )
    };
    assert_eq!(wrong_with(&message("'has %d'.format([self])")), [""; 0]);
    assert_eq!(wrong_with(&message("'has ' + string(self)")).len(), 1);
}
