//! Schema facts, through the public face: YAML in, findings out.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod catalog;
mod cel;
mod config;
mod custom;
mod messages;
mod network;
mod pod;
mod rest;
mod storage;
mod structure;
mod workload;

use std::path::Path;

use kubevet_facts::schema::{self, SchemaFact, SchemaSet, Version};
use kustomize::Node;

/// The objects of a text.
fn objects(yaml: &str) -> Vec<Node> {
    kustomize::read_manifests(Path::new("test.yaml"), yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}")).objects
}

/// What is wrong with the one object of a text.
fn facts(version: Version, yaml: &str) -> Vec<SchemaFact> {
    let objects = objects(yaml);
    assert_eq!(objects.len(), 1, "{yaml}");
    schema::check(&objects[0], &SchemaSet::new(version, &objects))
}

/// The reasons and fields of what is wrong, as `required spec.containers`.
fn names(facts: &[SchemaFact]) -> Vec<String> {
    let name = |fact: &SchemaFact| {
        let reason = serde_json::to_value(fact.reason).unwrap();
        format!("{} {}", reason.as_str().unwrap(), fact.field)
    };
    facts.iter().map(name).collect()
}

/// The same for a text.
fn problems(version: Version, yaml: &str) -> Vec<String> {
    names(&facts(version, yaml))
}

/// Each text put in place of `%` must have these problems, on all versions.
fn table(frame: &str, cases: &[(&str, &[&str])]) {
    for version in Version::ALL {
        table_for(version, frame, cases);
    }
}

/// Each text put in place of `%` must have the first problems on versions before `since`, and the second from there on.
fn table_since(since: Version, frame: &str, cases: &[(&str, &[&str], &[&str])]) {
    for version in Version::ALL {
        for (part, before, after) in cases {
            table_for(version, frame, &[(part, if version < since { before } else { after })]);
        }
    }
}

/// The same on one version.
fn table_for(version: Version, frame: &str, cases: &[(&str, &[&str])]) {
    for (part, expected) in cases {
        let found = problems(version, &frame.replace('%', part));
        assert_eq!(found, *expected, "Kubernetes {version}, {part}\n{:#?}", facts(version, &frame.replace('%', part)));
    }
}
