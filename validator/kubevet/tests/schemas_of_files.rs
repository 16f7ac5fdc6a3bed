//! The JSON Schemas of kubevet's own files say what their readers say: what a reader takes they take, what it refuses they refuse, and each knows every
//! field that the other knows.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use common::{Scratch, repository};
use serde_json::{Map, Value, json};

/// The files of a project whose form a schema describes.
const FILES: [&str; 4] = ["environments", "waivers", "products", "workloads"];

fn schema(name: &str) -> Value {
    Scratch::empty().run(&["schema", name]).ends_with(0).json()
}

/// Why a schema refuses a value, if it does.
fn objection(schema: &Value, value: &Value) -> Option<String> {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("schema.json", schema.clone()).unwrap();
    let compiled = compiler.compile("schema.json", &mut schemas).unwrap();
    schemas.validate(value, compiled).err().map(|error| format!("{error:#}"))
}

/// A file as an editor sees it.
fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// A project with one such file, and the table that it needs.
fn project(name: &str, text: &str) -> Scratch {
    let table = "version: 1\nenvironments: {dev: {overlays: [overlays/dev]}, prod: {overlays: [overlays/prod]}}\n";
    Scratch::project().file("policies/environments.yaml", table).file(&format!("policies/{name}.yaml"), text)
}

/// Files in which every field stands somewhere.
fn whole(name: &str) -> &'static [&'static str] {
    match name {
        "environments" => &[
            "version: 1
kubevet: '0.1'
kustomize: '5.8'
exclude: [{path: overlays/old, reason: it is switched off in spring}]
loadRestrictor: LoadRestrictionsNone
waiversInPlace: off
environments:
  dev: {overlays: [overlays/dev, 'jobs/*/dev'], assume: {generators: skip, transformers: skip, validators: skip}}
  prod: {overlays: [overlays/prod], additions: [jobs/prod], parameters: {slowStarters: {web: 30}, minReplicas: 3}}
rules:
  demo/probe: {dev: off, prod: deny, why: dev is a laptop}
  probes/liveness: {dev: warn, prod: deny}
  probes/*: warn
  '*': {dev: off, prod: warn, why: one after the other}
",
            "version: 1\nkustomize: 5.6\nenvironments: {prod: {overlays: [.], additions: [], parameters: }}\n",
        ],
        "waivers" => &[
            "version: 1
waivers:
  - rule: demo/probe
    object: {kind: Deployment, namespace: web-prod, name: web}
    environment: prod
    path: [spec, template, spec, containers, 0, livenessProbe]
    reason: it is rewritten this year
    expiry: 2999-01-01
  - {rule: demo/probe, object: {kind: Deployment, name: web}, environments: [dev, prod], reason: why not, expiry: '2999-01-01'}
  - {problem: render-failed, file: overlays/old, reason: its chart is gone, expiry: '2999-01-01'}
  - {problem: 'render-*', file: overlays/older, reason: its chart is gone too, expiry: '2999-01-01'}
",
            "version: 1\nwaivers:\n",
        ],
        "products" => &["version: 1
products:
  - group: example.com
    kind: Database
    if: [spec.enabled, 'spec.type=postgres']
    unless: [spec.external]
    makes:
      - kind: Secret
        name: ['{spec.secretName}', '{metadata.name}-app']
        keys: [username, '{spec.keys[].name}']
        openKeys: [spec.more]
      - kind: Service
        name: ['{metadata.name}-rw']
        selector: {app: '{metadata.name}'}
        ports: [{name: sql, port: 5432}, {port: '{spec.port}'}]
      - kind: Pod
        name: ['{metadata.name}-1']
        labels: {app: '{metadata.name}'}
        each: {role: [primary, replica], pod: ['{metadata.name}-*']}
        replicas: '{spec.instances}'
        resources: [spec.resources]
        inherits: {kind: Defaults, name: '{spec.defaults}', field: spec.resources}
        fills: [requests.memory]
        claims: ['{spec.storage.size}']
  - {group: '', kind: Nothing, makes: []}
"],
        "workloads" => &["version: 1
partial: ['secrets/*', images/digest]
workloads:
  - {group: example.com, kind: A, as: Deployment, template: spec.pods.*.template, if: [spec.on], unless: ['spec.mode=none'],
     replicas: spec.size, selector: spec.match, claims: spec.disks, except: {jobs/ttl: it has none}, source: its documentation}
  - {group: example.com, kind: B, as: Job, spec: 'spec.tasks[].pod', labels: spec.labels}
  - {group: example.com, kind: C, as: StatefulSet, containers: [spec.containers, spec.helper], volumes: spec.volumes, partial: true}
  - {group: example.com, kind: D, leftOut: it runs on machines of its own}
"],
        _ => panic!("{name} has no file here"),
    }
}

/// Mistakes, each of which the reader refuses and the schema too.
fn mistakes(name: &str) -> &'static [&'static str] {
    match name {
        "environments" => &[
            "environments: {prod: {overlays: [.]}}",
            "version: 2\nenvironments: {prod: {overlays: [.]}}",
            "version: 1",
            "version: 1\nenvironments: {}",
            "version: 1\nenvironments: {prod: {}}",
            "version: 1\nenvironments: {prod: {overlays: .}}",
            "version: 1\nenvironments: {prod: {overlays: ['']}}",
            "version: 1\nenvironments: {prod: {overlays: [.], additions: jobs}}",
            "version: 1\nenvironments: {prod: {overlays: [.], parameters: [a]}}",
            "version: 1\nenvironments: {prod: {overlays: [.], parameters: {minReplicas: two}}}",
            "version: 1\nenvironments: {prod: {overlays: [.], parameters: {podSecurity: strict}}}",
            "version: 1\nenvironments: {prod: {overlays: [.]}}\nrules: {probes/liveness: {prod: error}}",
            "version: 1\nenvironments: {prod: {overlays: [.]}}\nrules: {probes/liveness: [deny]}",
            "version: 1\nenvironments: {prod: {overlays: [.]}}\nexclude: [old]",
            "version: 1\nenvironments: {prod: {overlays: [.]}}\nexclude: [{path: old}]",
            "version: 1\nenvironments: {prod: {overlays: [.]}}\nrules: {probes/liveness: {prod: deny, why: ''}}",
            "version: 1\nkustomize: '5.7'\nenvironments: {prod: {overlays: [.]}}",
            "version: 1\nwaiversInPlace: never\nenvironments: {prod: {overlays: [.]}}",
        ],
        "waivers" => &[
            "waivers: []",
            "version: 1",
            "version: 1\nwaivers: [{object: {kind: A, name: a}, reason: b, expiry: 2999-01-01}]",
            "version: 1\nwaivers: [{rule: demo/probe, object: {name: a}, reason: b, expiry: 2999-01-01}]",
            "version: 1\nwaivers: [{rule: demo/probe, object: {kind: A, name: a}, expiry: 2999-01-01}]",
            "version: 1\nwaivers: [{rule: demo/probe, object: {kind: A, name: a}, reason: ' ', expiry: 2999-01-01}]",
            "version: 1\nwaivers: [{rule: demo/probe, object: {kind: A, name: a}, reason: b}]",
            "version: 1\nwaivers: [{problem: render-failed, reason: b, expiry: 2999-01-01}]",
            "version: 1\nwaivers: [{problem: policy-load, file: a, reason: b, expiry: 2999-01-01}]",
            "version: 1\nwaivers: [{problem: render-failed, file: a, expiry: 2999-01-01}]",
            "version: 1\nwaivers: [{problem: render-failed, file: a, object: {kind: A, name: a}, reason: b, expiry: 2999-01-01}]",
            "version: 1\nwaivers: [{rule: demo/probe, object: {kind: A, name: a}, reason: b, expiry: soon}]",
            "version: 1\nwaivers: [{rule: demo/probe, object: {kind: A, name: a}, reason: b, expiry: 2999-02-30}]",
            "version: 1\nwaivers: [{rule: demo/probe, object: {kind: A, name: a}, reason: b, expiry: 2999-01-01, path: [-1]}]",
            "version: 1\nwaivers: [{rule: demo/probe, object: {kind: A, name: a}, reason: b, expiry: 2999-01-01, environment: prod, environments: [dev]}]",
        ],
        "products" => &[
            "products: []",
            "version: 2\nproducts: []",
            "version: 1\nproducts: [{kind: A, makes: []}]",
            "version: 1\nproducts: [{group: a.b, kind: A}]",
            "version: 1\nproducts: [{group: a.b, kind: A, makes: [{kind: Deployment, name: [a]}]}]",
            "version: 1\nproducts: [{group: a.b, kind: A, makes: [{kind: Secret}]}]",
            "version: 1\nproducts: [{group: a.b, kind: A, if: [''], makes: []}]",
        ],
        "workloads" => &[
            "workloads: []",
            "version: 1\nworkloads: [{group: a.b, kind: A}]",
            "version: 1\nworkloads: [{group: apps, kind: Deployment, as: Deployment}]",
            "version: 1\nworkloads: [{group: a.b, kind: A, as: Pod}]",
            "version: 1\nworkloads: [{group: a.b, kind: A, as: Job, leftOut: b}]",
            "version: 1\nworkloads: [{group: a.b, kind: A, as: Job, template: spec.a, spec: spec.b}]",
            "version: 1\nworkloads: [{group: a.b, kind: A, as: Job, template: spec..a}]",
            "version: 1\nworkloads: [{group: a.b, kind: A, as: Job, partial: maybe}]",
        ],
        _ => panic!("{name} has no file here"),
    }
}

#[test]
fn what_readers_take() {
    for name in FILES {
        let schema = schema(name);
        for text in whole(name) {
            project(name, text).run(&["rules"]).ends_with(0);
            assert_eq!(objection(&schema, &yaml(text)), None, "{name}:\n{text}");
        }
        let own = fs::read_to_string(repository().join(format!("policies/{name}.yaml"))).unwrap();
        assert_eq!(objection(&schema, &yaml(&own)), None, "policies/{name}.yaml");
    }
}

#[test]
fn what_readers_refuse() {
    for name in FILES {
        let schema = schema(name);
        for text in mistakes(name) {
            assert!(objection(&schema, &yaml(text)).is_some(), "the schema takes\n{text}");
            let run = project(name, text).run(&["rules"]);
            assert_eq!(run.code, 2, "the reader takes\n{text}");
        }
    }
}

/// At every place of the files above a field that nobody knows is added. The reader lists those that it knows there; they are those of the schema.
/// So a field that one of the two learns has to be added to the other, and to `whole`.
#[test]
fn fields_are_the_same() {
    for name in FILES {
        let schema = schema(name);
        let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut known = BTreeMap::new();
        for text in whole(name) {
            for place in places(&schema, &schema, &yaml(text), &mut Vec::new()) {
                used.entry(place.definition.clone()).or_default().extend(place.fields.iter().cloned());
                let mut changed = yaml(text);
                *changed.pointer_mut(&place.pointer).unwrap().as_object_mut().unwrap() =
                    with_unknown_field(changed.pointer(&place.pointer).unwrap());
                let run = project(name, &serde_yaml::to_string(&changed).unwrap()).run(&["rules"]).ends_with(2);
                assert!(objection(&schema, &changed).is_some(), "{name}{}: the schema takes any field", place.pointer);
                known.insert(place.definition, (listed(&run.stderr), place.known));
            }
        }
        for (definition, (reader, schema)) in known {
            assert_eq!(reader, schema, "{name}: the fields of {definition}, by the reader and by the schema");
            assert_eq!(used[&definition], schema, "{name}: the fields of {definition} that `whole` has, and all");
        }
    }
}

const UNKNOWN: &str = "zzzzzzzzzzzzzzzz";

fn with_unknown_field(map: &Value) -> Map<String, Value> {
    let mut map = map.as_object().unwrap().clone();
    map.insert(UNKNOWN.to_owned(), json!("x"));
    map
}

/// The fields that an error lists, as our own reader writes them (`known: a, b`) and as serde does (``expected one of `a`, `b` ``).
fn listed(error: &str) -> BTreeSet<String> {
    // The report breaks lines.
    let text = error.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(text.contains(UNKNOWN), "{error}");
    if let Some((_, list)) = text.split_once("known: ") {
        return list.split(", ").map(|word| word.split_whitespace().next().unwrap().to_owned()).collect();
    }
    let (_, list) = text.split_once("expected ").unwrap_or_else(|| panic!("no list of fields in\n{error}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A map in a file whose fields a schema lists.
struct Place {
    pointer: String,
    /// Where the schema lists them.
    definition: String,
    fields: BTreeSet<String>,
    known: BTreeSet<String>,
}

/// All such maps in a value.
fn places(root: &Value, schema: &Value, value: &Value, path: &mut Vec<String>) -> Vec<Place> {
    let (definition, schema) = resolve(root, schema);
    let mut found = Vec::new();
    let mut below = |step: String, schema: &Value, value: &Value| {
        path.push(step);
        found.extend(places(root, schema, value, path));
        path.pop();
    };
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| below(at.to_string(), &schema["items"], item)),
        Value::Object(map) => {
            for (key, item) in map {
                let schema = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
                below(key.replace('/', "~1"), schema, item);
            }
            if schema["additionalProperties"] == json!(false) {
                let pointer = path.iter().map(|step| format!("/{step}")).collect();
                let known = schema["properties"].as_object().unwrap().keys().cloned().collect();
                found.push(Place { pointer, definition, fields: map.keys().cloned().collect(), known });
            }
        }
        _ => {}
    }
    found
}

/// What a schema says, with its name: behind a `$ref`, or in the one of several choices that has one.
fn resolve<'s>(root: &'s Value, schema: &'s Value) -> (String, &'s Value) {
    let choices = ["allOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
    let referring = std::iter::once(schema).chain(choices).find_map(|schema| schema["$ref"].as_str());
    match referring.and_then(|reference| Some((reference, root.pointer(reference.strip_prefix('#')?)?))) {
        Some((reference, schema)) => (reference.to_owned(), schema),
        None => ("the file".to_owned(), schema),
    }
}

#[test]
fn the_table_s_schema_knows_rules_and_parameters() {
    let schema = schema("environments");
    let rules = schema["properties"]["rules"]["properties"].as_object().unwrap();
    assert!(rules["probes/liveness"]["description"].as_str().unwrap().contains("liveness probe"), "{rules:?}");
    let listed = Scratch::empty().run(&["rules"]).ends_with(0).stdout;
    assert_eq!(rules.len(), listed.lines().count() - 1);
    let parameters = &schema["definitions"]["environment"]["properties"]["parameters"]["properties"];
    assert_eq!(parameters["minReplicas"]["type"], json!(["integer", "null"]));
}

#[test]
fn init_names_the_schema_to_editors() {
    let scratch = Scratch::empty().file("overlays/prod/kustomization.yaml", "resources: []\n");
    scratch.run(&["init"]).ends_with(0);
    let table = fs::read_to_string(scratch.path().join("policies/environments.yaml")).unwrap();
    assert!(table.starts_with("# yaml-language-server: $schema=environments.schema.json\n"), "{table}");
    let schema: Value = serde_json::from_slice(&fs::read(scratch.path().join("policies/environments.schema.json")).unwrap()).unwrap();
    assert_eq!(schema, self::schema("environments"));
    assert_eq!(objection(&schema, &yaml(&table)), None, "{table}");
}

#[test]
fn a_schema_of_nothing() {
    Scratch::empty().run(&["schema", "deployment"]).ends_with(2).says("kustomization").says("environments");
}

/// Every field that the schema of kustomizations has, the way to it, and a value that is none.
fn fields_of(root: &Value, schema: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let resolved = match schema["$ref"].as_str() {
        Some(at) => root.pointer(at.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    };
    for (name, property) in resolved["properties"].as_object().into_iter().flatten() {
        path.push(name.clone());
        found.push(path.clone());
        fields_of(root, property, path, found);
        path.pop();
    }
    if let Some(items) = resolved.get("items") {
        path.push("[]".to_owned());
        fields_of(root, items, path, found);
        path.pop();
    }
}

/// A kustomization with a field at a path.
fn kustomization_with(path: &[String], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, step| match step.as_str() {
        "[]" => json!([inner]),
        key => json!({key: inner}),
    })
}

/// What a build calls an unknown field the schema doesn't have, and the other way round.
#[test]
fn a_kustomization_has_the_fields_that_its_schema_has() {
    let schema = schema("kustomization");
    let mut fields = Vec::new();
    fields_of(&schema, &schema, &mut Vec::new(), &mut fields);
    assert!(fields.len() > 100, "{}", fields.len());
    let scratch = Scratch::empty();
    let says = |path: &[String]| {
        scratch.write("kustomization.yaml", kustomization_with(path, Value::Null).to_string());
        scratch.run(&["render", ".", "--kustomize", "5.8"]).stderr
    };
    for path in &fields {
        let last = path.last().unwrap();
        let output = says(path);
        assert!(!output.contains(&format!("unknown field `{last}`")), "{path:?}: {output}");
    }
    // Beside each field, one that is not there.
    let mut around: Vec<Vec<String>> = fields.iter().map(|path| path[..path.len() - 1].to_vec()).collect();
    around.sort();
    around.dedup();
    // Maps of any keys, or of what only plugins and charts read.
    let open = ["openapi", "valuesInline", "helmChartInflationGenerator"];
    for path in around.into_iter().filter(|path| !path.iter().any(|step| open.contains(&step.as_str()))) {
        let path: Vec<String> = path.into_iter().chain(["nobodyHasThis".to_owned()]).collect();
        let refuses = objection(&schema, &kustomization_with(&path, json!("x"))).is_some();
        let is_unknown = says(&path).contains("unknown field `nobodyHasThis`");
        assert_eq!(refuses, is_unknown, "{path:?}: {}", says(&path));
    }
}
