//! Laws of comparing two states: what is only written differently is no change, and the way back is the way there, mirrored.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use common::repository;
use kubevet_facts::change::{Change, Kind, Restart, compare};
use kubevet_facts::schema::{SchemaSet, Version};
use kustomize::Node;
use proptest::prelude::*;
use serde::Deserialize as _;
use serde_json::{Value, json};

/// The objects of this repository's environments, as JSON.
fn stacks() -> &'static [Vec<Value>] {
    static STACKS: OnceLock<Vec<Vec<Value>>> = OnceLock::new();
    let of = |name: &str| {
        let render = kustomize::build(&repository().join("overlays").join(name)).unwrap();
        serde_yaml::Deserializer::from_str(&render.to_yaml()).map(|document| Value::deserialize(document).unwrap()).collect()
    };
    STACKS.get_or_init(|| ["dev", "staging", "prod"].map(of).into())
}

/// A stream of random numbers that a seed makes.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides.max(1) as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        (1..items.len()).rev().for_each(|at| items.swap(at, self.roll(at + 1)));
    }
}

/// What the API server would set, by the kinds and places where it does.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("Deployment", "/spec/revisionHistoryLimit", "10"),
    ("Deployment", "/spec/progressDeadlineSeconds", "600"),
    ("StatefulSet", "/spec/podManagementPolicy", "\"OrderedReady\""),
    ("StatefulSet", "/spec/updateStrategy/type", "\"RollingUpdate\""),
    ("Service", "/spec/type", "\"ClusterIP\""),
    ("Service", "/spec/sessionAffinity", "\"None\""),
    ("Service", "/spec/internalTrafficPolicy", "\"Cluster\""),
    ("PersistentVolumeClaim", "/spec/volumeMode", "\"Filesystem\""),
    ("CronJob", "/spec/concurrencyPolicy", "\"Allow\""),
    ("CronJob", "/spec/suspend", "false"),
    ("*", "/metadata/creationTimestamp", "null"),
    ("*", "/metadata/finalizers", "[]"),
    ("POD", "/restartPolicy", "\"Always\""),
    ("POD", "/dnsPolicy", "\"ClusterFirst\""),
    ("POD", "/schedulerName", "\"default-scheduler\""),
    ("POD", "/terminationGracePeriodSeconds", "30"),
    ("POD", "/hostNetwork", "false"),
    ("CONTAINER", "/terminationMessagePath", "\"/dev/termination-log\""),
    ("CONTAINER", "/terminationMessagePolicy", "\"File\""),
    ("CONTAINER", "/stdin", "false"),
    ("CONTAINER", "/ports/0/protocol", "\"TCP\""),
];

/// Sets a default where the place is free and what it is in is there.
fn set(value: &mut Value, pointer: &str, default: &str) {
    let (above, key) = pointer.rsplit_once('/').unwrap();
    if let Some(fields) = value.pointer_mut(above).and_then(Value::as_object_mut) {
        fields.entry(key).or_insert_with(|| serde_json::from_str(default).unwrap());
    }
}

fn pod(object: &mut Value) -> Option<&mut Value> {
    let pointer = match object["kind"].as_str()? {
        "Deployment" | "StatefulSet" | "DaemonSet" => "/spec/template/spec",
        _ => return None,
    };
    object.pointer_mut(pointer)
}

/// Writes an object in another way that means the same.
fn rewrite(object: &Value, dice: &mut Dice) -> String {
    let mut object = object.clone();
    for (kind, pointer, default) in DEFAULTS {
        if dice.roll(2) == 0 {
            continue;
        }
        match *kind {
            "POD" => pod(&mut object).into_iter().for_each(|pod| set(pod, pointer, default)),
            "CONTAINER" => {
                let containers = pod(&mut object).and_then(|pod| pod.get_mut("containers")).and_then(Value::as_array_mut);
                containers.into_iter().flatten().for_each(|container| set(container, pointer, default));
            }
            kind if kind == "*" || object["kind"] == kind => set(&mut object, pointer, default),
            _ => {}
        }
    }
    quantities(&mut object, dice);
    let mut text = String::new();
    write(&object, dice, &mut text);
    text
}

/// Writes amounts of resources in another unit.
fn quantities(value: &mut Value, dice: &mut Dice) {
    let amount = |text: &str, dice: &mut Dice| {
        let number = |suffix: &str| text.strip_suffix(suffix).and_then(|number| number.parse::<u64>().ok());
        match (number("Gi"), number("Mi"), number("m"), text.parse::<u64>().ok()) {
            _ if dice.roll(2) == 0 => None,
            (Some(number), ..) => Some(json!(format!("{}Mi", number * 1024))),
            (_, Some(number), ..) => Some(json!(format!("{}Ki", number * 1024))),
            (_, _, Some(number), _) => Some(json!(format!("{}.{:03}", number / 1000, number % 1000))),
            (.., Some(number)) => Some(json!(format!("{}m", number * 1000))),
            _ => None,
        }
    };
    let Value::Object(fields) = value else {
        value.as_array_mut().into_iter().flatten().for_each(|item| quantities(item, dice));
        return;
    };
    if let Some(Value::Object(resources)) = fields.get_mut("resources") {
        for list in ["limits", "requests"] {
            for (_, value) in resources.get_mut(list).and_then(Value::as_object_mut).into_iter().flatten() {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if let Some(other) = amount(&text, dice) {
                    *value = other;
                }
            }
        }
    }
    fields.iter_mut().for_each(|(_, field)| quantities(field, dice));
}

/// Writes JSON with the keys in any order, and now and then with more room.
fn write(value: &Value, dice: &mut Dice, text: &mut String) {
    let space = |dice: &mut Dice| if dice.roll(4) == 0 { "\n   " } else { " " };
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            dice.shuffle(&mut fields);
            text.push('{');
            for (at, (key, field)) in fields.into_iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                text.push_str(space(dice));
                text.push_str(&json!(key).to_string());
                text.push_str(": ");
                write(field, dice, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                text.push_str(space(dice));
                write(item, dice, text);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

/// Changes a few of the objects somewhere, and takes one away.
fn mutate(objects: &[Value], dice: &mut Dice) -> Vec<Value> {
    let mut changed = objects.to_vec();
    changed.remove(dice.roll(changed.len()));
    for _ in 0..4 {
        let at = dice.roll(changed.len());
        // A name is who it is, and what is allocated or merged stays in spite of the manifest.
        if let Some(fields) = changed[at].as_object_mut().filter(|object| object["kind"] != "Service") {
            for field in ["spec", "data"] {
                fields.get_mut(field).into_iter().for_each(|value| mutate_in(value, dice));
            }
        }
    }
    changed
}

fn mutate_in(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(dice.roll(fields.len())).unwrap().clone();
            match dice.roll(5) {
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert("added".to_owned(), json!({"by": "dice"}))),
                _ => mutate_in(&mut fields[&key], dice),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = dice.roll(items.len());
            mutate_in(&mut items[at], dice);
        }
        Value::Bool(set) => *set = !*set,
        Value::Number(_) => *value = json!(dice.roll(1000) + 5000),
        Value::String(text) => text.push_str("-x"),
        _ => {}
    }
}

fn nodes(text: &str) -> Vec<Node> {
    kustomize::read_manifests(Path::new("objects.yaml"), text).unwrap().objects
}

fn stream(objects: &[Value]) -> String {
    objects.iter().map(|object| format!("---\n{object}\n")).collect()
}

fn compared(old: &[Node], new: &[Node], version: Version) -> Vec<Change> {
    let set = SchemaSet::new(version, new).with_catalog(new);
    compare(&old.iter().collect::<Vec<_>>(), &new.iter().collect::<Vec<_>>(), &set)
}

/// A change as it is seen from the other side, so that both can be compared.
fn seen(change: &Change, mirrored: bool) -> (String, String, BTreeSet<String>) {
    let kind = match (change.change, mirrored) {
        (Kind::Added, true) => Kind::Removed,
        (Kind::Removed, true) => Kind::Added,
        (kind, _) => kind,
    };
    let field = |field: &kubevet_facts::change::Field| {
        let (old, new, old_path, path) = (&field.old, &field.new, &field.old_path, &field.path);
        let sides = if mirrored { (new, old, path, old_path) } else { (old, new, old_path, path) };
        format!("{sides:?}")
    };
    let object = (&change.object.kind, &change.object.namespace, &change.object.name);
    (format!("{kind:?}"), format!("{object:?}"), change.fields.iter().map(field).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_only_written_differently_is_no_change(seed in any::<u64>(), stack in 0..3_usize, version in 0..Version::ALL.len()) {
        let version = Version::ALL[version];
        let mut dice = Dice(seed);
        let mut objects = stacks()[stack].clone();
        let old = nodes(&stream(&objects));
        dice.shuffle(&mut objects);
        let text: String = objects.iter().map(|object| format!("---\n{}\n", rewrite(object, &mut dice))).collect();
        for change in compared(&old, &nodes(&text), version) {
            prop_assert!(
                change.change == Kind::Unchanged && change.refused.is_empty() && change.restart == Restart::None,
                "{:?}: {:?} {:?}", change.object, change.fields, change.refused
            );
        }
    }

    #[test]
    fn the_way_back_is_the_mirrored_way(seed in any::<u64>(), stack in 0..3_usize) {
        let objects = &stacks()[stack];
        let (old, new) = (nodes(&stream(objects)), nodes(&stream(&mutate(objects, &mut Dice(seed)))));
        let there = compared(&old, &new, Version::V1_36);
        let back = compared(&new, &old, Version::V1_36);
        prop_assert!(there.iter().any(|change| change.change != Kind::Unchanged));
        let there: BTreeSet<_> = there.iter().map(|change| seen(change, false)).collect();
        let back: BTreeSet<_> = back.iter().map(|change| seen(change, true)).collect();
        prop_assert_eq!(there, back);
    }
}

/// Nothing of one state is left unsaid in another, even where one of them is empty.
#[test]
fn everything_comes_and_goes() {
    let old = nodes(&stream(&stacks()[0]));
    for (old, new, kind) in [(&old[..], &[][..], Kind::Removed), (&[], &old[..], Kind::Added)] {
        let changes = compared(old, new, Version::V1_36);
        assert!(changes.len() == stacks()[0].len() && changes.iter().all(|change| change.change == kind), "{kind:?}");
    }
    assert!(compared(&[], &[], Version::V1_36).is_empty());
}
