//! Edits of YAML texts: what they say afterwards, and that all else stays.

#![allow(clippy::panic, reason = "a test helper outside the functions that clippy exempts")]

use kubevet::findings::Step;
use kubevet::fix::{Change, edit};
use kustomize::yaml::{self, Dialect};
use kustomize::{Node, Source, Sources};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn path(text: &str) -> Vec<Step> {
    let step = |part: &str| part.parse().map_or_else(|_| Step::Key(part.to_owned()), Step::Index);
    text.split('.').filter(|part| !part.is_empty()).map(step).collect()
}

fn set(at: &str, value: Json) -> Change {
    Change::Set(path(at), value)
}

fn add(at: &str, value: Json) -> Change {
    Change::Add(path(at), value)
}

fn remove(at: &str) -> Change {
    Change::Remove(path(at))
}

fn edited(text: &str, change: &Change) -> String {
    edit(text, Dialect::YamlV3, 0, change).unwrap_or_else(|why| panic!("{why} in\n{text}"))
}

#[test]
fn edits_are_written_as_people_write() {
    let limits = || json!({"limits": {"memory": "1Gi"}});
    let cases = [
        // Under the comment that belongs to what is there, in the indentation of the file.
        ("a:\n    b: 1 # one\n    # more on b\nc: 2\n", set("a.d", json!("x")), "a:\n    b: 1 # one\n    d: x\n    # more on b\nc: 2\n"),
        ("- name: a\n  image: b\n", set("0.resources", limits()), "- name: a\n  image: b\n  resources:\n    limits:\n      memory: 1Gi\n"),
        ("a: 1", set("b", json!(true)), "a: 1\nb: true"),
        ("a: 1\r\nb:\r\n  c: 2\r\n", set("b.d", json!([1])), "a: 1\r\nb:\r\n  c: 2\r\n  d:\r\n    - 1\r\n"),
        ("a: {b: 1}\n", set("a.c", json!("x y")), "a: {b: 1, c: x y}\n"),
        ("a: {}\n", set("a.c.d", json!(1)), "a:\n  c:\n    d: 1\n"),
        ("a:\nb: 1\n", set("a.c", json!(1)), "a:\n  c: 1\nb: 1\n"),
        ("a: 'x' # why\n", set("a", json!("y")), "a: 'y' # why\n"),
        ("a: 1\n", set("a", json!("1")), "a: \"1\"\n"),
        ("a: yes it is\n", set("a", json!("no")), "a: \"no\"\n"),
        ("a:\n  b: 1\n", set("a", json!(3)), "a: 3\n"),
        ("a: x # why\nb: 1\n", set("a", json!({"c": 1})), "a: # why\n  c: 1\nb: 1\n"),
        ("a: x # why\nb: 1\n", set("a", json!("c\nd\n")), "a: | # why\n  c\n  d\nb: 1\n"),
        ("- x # why\n- y\n", set("0", json!({"c": 1, "d": 2})), "- c: 1 # why\n  d: 2\n- y\n"),
        ("a:\n- 1\nb:\n- 2\n", set("c", json!([{"name": "x", "args": ["z"]}])), "a:\n- 1\nb:\n- 2\nc:\n- name: x\n  args:\n  - z\n"),
        ("a:\n  - x # one\nb: 1\n", add("a", json!("z")), "a:\n  - x # one\n  - z\nb: 1\n"),
        ("a: [x]\n", add("a", json!({"b": 1})), "a: [x, {b: 1}]\n"),
        ("b: 1\n", add("a.c", json!("z")), "b: 1\na:\n  c:\n    - z\n"),
        ("a: 1\n# on b\nb: 2\nc: 3\n", remove("b"), "a: 1\n# on b\nc: 3\n"),
        ("a:\n  - name: x\n    v: 1\n  - name: y\n", remove("a.0"), "a:\n  - name: y\n"),
        ("a:\n  - name: x\n    v: 1\n", remove("a.0.name"), "a:\n  - v: 1\n"),
        ("a:\n  b: 1\nc: 1\n", remove("a.b"), "a: {}\nc: 1\n"),
        ("a: {b: 1, c: 2}\n", remove("a.b"), "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", remove("a.c"), "a: {b: 1}\n"),
        ("a: 1\nb: 2", remove("b"), "a: 1"),
        ("{\"a\": {\n  \"b\": 1\n}}\n", set("a.c", json!("x")), "{\"a\": {\n  \"b\": 1,\n  \"c\": \"x\"\n}}\n"),
        ("mode: 0777\n", Change::Quote(path("mode")), "mode: \"0777\"\n"),
        ("bases: [a]\nb: 1\n", Change::Rename(path("bases"), "resources".to_owned()), "resources: [a]\nb: 1\n"),
        ("a: |\n  x\n  y\n\nb: 1\n", set("c", json!(1)), "a: |\n  x\n  y\n\nb: 1\nc: 1\n"),
        ("a:\n  b: |\n    x\n", set("a.c", json!(1)), "a:\n  b: |\n    x\n  c: 1\n"),
        ("x: &a {b: 1}\ny: *a\n", set("y", json!(2)), "x: &a {b: 1}\ny: 2\n"),
        ("base: &b {c: 1}\nd:\n  <<: *b\n  e: 1\n", set("d.c", json!(2)), "base: &b {c: 1}\nd:\n  <<: *b\n  e: 1\n  c: 2\n"),
        ("\u{feff}a: 1\n", set("b", json!(2)), "\u{feff}a: 1\nb: 2\n"),
        ("a:\n- x\n- y\n- z\n", Change::Insert(path("a"), 1, json!("m")), "a:\n- x\n- m\n- y\n- z\n"),
    ];
    for (text, change, expected) in cases {
        assert_eq!(edited(text, &change), expected, "{change:?} in\n{text}");
    }
}

#[test]
fn what_is_shared_is_refused() {
    for (text, change) in [
        ("x: &a {b: 1}\ny: *a\n", set("y.b", json!(2))),
        ("x: &a {b: 1}\ny: *a\n", set("x.b", json!(2))),
        ("a: 1\n", set("b.0", json!(2))),
        ("a: 1\n", set("a.b", json!(2))),
        ("a: 1\n", add("a", json!(2))),
        ("a: 1\n", remove("b")),
    ] {
        assert!(edit(text, Dialect::YamlV3, 0, &change).is_err(), "{change:?} in\n{text}");
    }
}

#[test]
fn other_documents_stay() {
    let text = "# first\na: 1\n---\n# second\na: 1\n---\na: 3\n";
    let new = edit(text, Dialect::YamlV3, 1, &set("b", json!([]))).unwrap();
    assert_eq!(new, "# first\na: 1\n---\n# second\na: 1\nb: []\n---\na: 3\n");
}

fn read(text: &str) -> Option<Vec<Node>> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("", text));
    yaml::read(&sources, id, Dialect::YamlV3).ok()
}

/// A value as it is written in one of several ways.
fn write(value: &Json, indent: usize, habit: u8, out: &mut String) {
    let pad = " ".repeat(indent);
    let is_flow = |value: &Json| habit & 4 != 0 && value.to_string().len() < 24;
    let flow = |value: &Json| value.to_string();
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            for (at, (key, value)) in fields.iter().enumerate() {
                if habit & 8 != 0 && at % 2 == 0 {
                    out.push_str(&format!("{pad}# on {key}\n"));
                }
                let comment = if habit & 16 != 0 && at % 3 == 0 { " # note" } else { "" };
                match value {
                    value
                        if is_flow(value)
                            || value.as_object().is_some_and(serde_json::Map::is_empty)
                            || value.as_array().is_some_and(Vec::is_empty) =>
                    {
                        out.push_str(&format!("{pad}{key}: {}{comment}\n", flow(value)))
                    }
                    Json::Object(_) => {
                        out.push_str(&format!("{pad}{key}:{comment}\n"));
                        write(value, indent + if habit & 1 != 0 { 4 } else { 2 }, habit, out);
                    }
                    Json::Array(_) => {
                        out.push_str(&format!("{pad}{key}:{comment}\n"));
                        write(value, indent + if habit & 2 != 0 { 2 } else { 0 }, habit, out);
                    }
                    value => out.push_str(&format!("{pad}{key}: {value}{comment}\n")),
                }
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for item in items {
                let mut text = String::new();
                match item {
                    Json::Object(fields) if !fields.is_empty() => {
                        write(item, indent + 2, habit & !8, &mut text);
                        out.push_str(&format!("{pad}- {}", &text[indent + 2..]));
                    }
                    item => out.push_str(&format!("{pad}- {}\n", flow(item))),
                }
            }
        }
        value => out.push_str(&format!("{pad}{value}\n")),
    }
}

fn value() -> impl Strategy<Value = Json> {
    let text = prop_oneof![
        "[a-z]{1,6}",
        "[ -~]{0,9}",
        Just("yes".to_owned()),
        Just("1.10".to_owned()),
        Just("a\nb\n".to_owned()),
        Just("2020-01-01".to_owned()),
        Just("# x: y".to_owned())
    ];
    let leaf =
        prop_oneof![any::<bool>().prop_map(Json::from), any::<i32>().prop_map(Json::from), text.prop_map(Json::from), Just(Json::Null)];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let fields = proptest::collection::btree_map("[a-z]{1,5}", inner.clone(), 0..4)
            .prop_map(|fields| Json::Object(fields.into_iter().collect()));
        prop_oneof![proptest::collection::vec(inner, 0..4).prop_map(Json::from), fields]
    })
}

fn document() -> impl Strategy<Value = Json> {
    proptest::collection::btree_map("[a-z]{1,5}", value(), 1..5).prop_map(|fields| Json::Object(fields.into_iter().collect()))
}

/// Every path of a value but the empty one.
fn paths(value: &Json, at: &mut Vec<Step>, all: &mut Vec<Vec<Step>>) {
    if !at.is_empty() {
        all.push(at.clone());
    }
    let mut below = |step: Step, value: &Json| {
        at.push(step);
        paths(value, at, all);
        at.pop();
    };
    match value {
        Json::Object(fields) => fields.iter().for_each(|(key, value)| below(Step::Key(key.clone()), value)),
        Json::Array(items) => items.iter().enumerate().for_each(|(index, value)| below(Step::Index(index), value)),
        _ => {}
    }
}

fn at<'v>(value: &'v mut Json, path: &[Step]) -> &'v mut Json {
    path.iter().fold(value, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Index(index) => &mut value[*index],
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_edits(document in document(), new in value(), habit in 0_u8..32, which in any::<prop::sample::Index>(), kind in 0..4, crlf in any::<bool>(), tail in any::<bool>()) {
        let mut text = String::new();
        write(&document, 0, habit, &mut text);
        if tail {
            text = format!("first: 1\n---\n{text}---\nlast: 1\n");
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let number = usize::from(tail);
        let Some(before) = read(&text) else { return Ok(()) };
        let mut all = Vec::new();
        paths(&document, &mut Vec::new(), &mut all);
        let path = which.get(&all).clone();
        let mut expected = document.clone();
        let change = match kind {
            0 => {
                *at(&mut expected, &path) = new.clone();
                Change::Set(path, new)
            }
            1 => {
                let (last, above) = path.split_last().unwrap();
                match (last, at(&mut expected, above)) {
                    (Step::Key(key), Json::Object(fields)) => drop(fields.remove(key)),
                    (Step::Index(index), Json::Array(items)) => drop(items.remove(*index)),
                    _ => return Ok(()),
                }
                Change::Remove(path)
            }
            2 => match at(&mut expected, &path) {
                Json::Array(items) => {
                    items.push(new.clone());
                    Change::Add(path, new)
                }
                _ => return Ok(()),
            },
            _ => match at(&mut expected, &path) {
                Json::Object(fields) if !fields.contains_key("zz") => {
                    fields.insert("zz".to_owned(), new.clone());
                    Change::Set([path, vec![Step::Key("zz".to_owned())]].concat(), new)
                }
                _ => return Ok(()),
            },
        };
        // A document that is gone is no edit.
        if expected.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(());
        }
        let edited = edit(&text, Dialect::YamlV3, number, &change);
        let edited = edited.map_err(|why| TestCaseError::fail(format!("{why}: {change:?} in\n{text}")))?;
        let after = read(&edited).expect("what is written can be read");
        prop_assert_eq!(after.len(), before.len());
        prop_assert_eq!(json_of(&after[number]), expected, "{:?} in\n{}gives\n{}", change, text, edited);
        for other in (0..before.len()).filter(|at| *at != number) {
            prop_assert_eq!(&after[other], &before[other]);
        }
        prop_assert_eq!(edited.replace("\r\n", "").contains('\n'), !crlf && edited.contains('\n'));
        if let Change::Set(..) = change {
            let again = edit(&edited, Dialect::YamlV3, number, &change);
            prop_assert_eq!(again.as_deref(), Ok(edited.as_str()), "a second time");
        }
        let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with("# on")).count();
        if !matches!(change, Change::Remove(_)) && kind != 0 {
            prop_assert_eq!(comments(&edited), comments(&text));
        }
    }
}

fn json_of(node: &Node) -> Json {
    use kustomize::{Tag, Value};
    match &node.value {
        Value::Scalar(scalar) => match scalar.tag {
            Tag::Null => Json::Null,
            Tag::Bool => Json::from(&*scalar.text == "true"),
            Tag::Int => scalar.text.parse::<i64>().map_or_else(|_| Json::from(&*scalar.text), Json::from),
            _ => Json::from(&*scalar.text),
        },
        Value::Seq(seq) => seq.items.iter().map(json_of).collect::<Vec<_>>().into(),
        Value::Map(map) => Json::Object(map.entries().iter().map(|entry| (entry.key.text.to_string(), json_of(&entry.value))).collect()),
    }
}
