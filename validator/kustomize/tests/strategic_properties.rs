//! Random objects with random strategic merge patches, many in one build, must come out as kubectl has them.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::panic)]

mod kubectl;

use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

/// A value as it is written, in flow style.
#[derive(Clone, Debug)]
enum Yaml {
    Scalar(&'static str),
    List(Vec<Yaml>),
    Map(Vec<(&'static str, Yaml)>),
}

impl fmt::Display for Yaml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => f.write_str(text),
            Self::List(items) => write!(f, "[{}]", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
            Self::Map(fields) => {
                write!(f, "{{{}}}", fields.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

type Values = BoxedStrategy<Yaml>;

/// Which side of a merge is made: only a patch has directives.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Base,
    Patch,
}

fn scalar() -> Values {
    select(&["a", "b", "1", "2", "1.5", "true", "null", "~", "''", "'x'", "\"5\"", "\"true\""][..]).prop_map(Yaml::Scalar).boxed()
}

fn one_of(values: &'static [&'static str]) -> Values {
    select(values).prop_map(Yaml::Scalar).boxed()
}

fn list(item: Values) -> Values {
    prop::collection::vec(item, 0..4).prop_map(Yaml::List).boxed()
}

/// A list whose elements a patch may have directives for, in one of them or in one of their own.
fn merged(side: Side, item: Values) -> Values {
    let directive = directive(side);
    (prop::collection::vec(item, 0..4), directive, any::<prop::sample::Index>())
        .prop_map(|(mut items, directive, at)| {
            if let Some(directive) = directive {
                items.insert(at.index(items.len() + 1), Yaml::Map(vec![directive]));
            }
            Yaml::List(items)
        })
        .boxed()
}

/// In a patch, a directive now and then.
fn directive(side: Side) -> BoxedStrategy<Option<(&'static str, Yaml)>> {
    match side {
        Side::Base => Just(None).boxed(),
        Side::Patch => field("$patch", one_of(&["delete", "replace", "merge"]), 0.06),
    }
}

/// A map with some of the fields; those of `keys` nearly always.
fn map(side: Side, keys: &[(&'static str, &'static [&'static str], f64)], fields: Vec<(&'static str, Values)>) -> Values {
    let keys = keys.iter().map(|(key, values, likely)| field(key, one_of(values), *likely));
    let fields = fields.into_iter().map(|(key, value)| {
        let null = if side == Side::Patch { 6 } else { 2 };
        field(key, prop_oneof![100 - null => value, null => Just(Yaml::Scalar("null"))].boxed(), 0.5)
    });
    let directive = directive(side);
    (keys.chain(fields).collect::<Vec<_>>(), directive)
        .prop_map(|(fields, directive)| Yaml::Map(fields.into_iter().flatten().chain(directive).collect()))
        .boxed()
}

fn field(key: &'static str, value: Values, likely: f64) -> BoxedStrategy<Option<(&'static str, Yaml)>> {
    prop::option::weighted(likely, value.prop_map(move |value| (key, value))).boxed()
}

/// How likely an element has its merge key.
const KEYED: f64 = 0.97;

fn pod(side: Side) -> Values {
    let env =
        || map(side, &[("name", &["A", "B", "C"], KEYED)], vec![("value", scalar()), ("valueFrom", map(side, &[], vec![("x", scalar())]))]);
    let port = || map(side, &[("containerPort", &["80", "443"], KEYED), ("protocol", &["TCP", "UDP"], 0.6)], vec![("name", scalar())]);
    let mount = || map(side, &[("mountPath", &["/a", "/b"], KEYED)], vec![("name", scalar())]);
    let resources = || map(side, &[], vec![("limits", map(side, &[], vec![("cpu", scalar()), ("memory", scalar())]))]);
    let container = || {
        let fields = vec![
            ("image", scalar()),
            ("args", list(scalar())),
            ("env", merged(side, env())),
            ("ports", merged(side, port())),
            ("volumeMounts", merged(side, mount())),
            ("resources", resources()),
            ("unknown", list(env())),
        ];
        map(side, &[("name", &["c1", "c2", "5", "\"5\""], KEYED)], fields)
    };
    let constraint =
        map(side, &[("topologyKey", &["z", "h"], KEYED), ("whenUnsatisfiable", &["X", "Y"], 0.8)], vec![("maxSkew", scalar())]);
    let volume = map(side, &[("name", &["v", "w"], KEYED)], vec![("emptyDir", map(side, &[], vec![("medium", scalar())]))]);
    let fields = vec![
        ("containers", merged(side, container())),
        ("initContainers", merged(side, container())),
        ("volumes", merged(side, volume)),
        ("topologySpreadConstraints", merged(side, constraint)),
        ("tolerations", list(env())),
        ("nodeSelector", map(side, &[], vec![("a", scalar()), ("b", scalar())])),
    ];
    map(side, &[], fields)
}

fn spec(side: Side) -> Values {
    let metadata = map(side, &[], vec![("finalizers", list(one_of(&["a", "b", "c"])))]);
    let template = map(side, &[], vec![("metadata", metadata), ("spec", pod(side))]);
    map(
        side,
        &[],
        vec![("replicas", scalar()), ("template", template), ("other", map(side, &[], vec![("x", scalar()), ("l", list(scalar()))]))],
    )
}

/// An object or patch called `case-{index}`, without a directive for the whole.
fn document(index: usize, kind: &(&str, &str), spec: &Yaml) -> String {
    let (api_version, kind) = kind;
    format!("---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: case-{index:04}}}\nspec: {spec}\n")
}

#[test]
fn merges_as_kubectl_does() {
    if !kubectl::is_reference() {
        return;
    }
    let kinds = [("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("example.org/v1", "Widget")];
    let mut runner = TestRunner::deterministic();
    let (bases, patches) = (spec(Side::Base), spec(Side::Patch));
    let (mut objects, mut changes) = (String::new(), String::new());
    for index in 0..300 {
        let mut value = |strategy: &Values| strategy.new_tree(&mut runner).unwrap().current();
        let kind = &kinds[index % kinds.len()];
        objects.push_str(&document(index, kind, &value(&bases)));
        changes.push_str(&document(index, kind, &value(&patches)));
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("objects.yaml"), &objects).unwrap();
    std::fs::write(directory.path().join("patches.yaml"), &changes).unwrap();
    let kustomization = "resources: [objects.yaml]\npatches: [{path: patches.yaml}]\nsortOptions: {order: fifo}\n";
    std::fs::write(directory.path().join("kustomization.yaml"), kustomization).unwrap();
    let theirs = kubectl::kustomize(directory.path()).unwrap_or_else(|error| panic!("{error}"));
    let ours = kustomize::build(directory.path()).unwrap_or_else(|error| panic!("{error}")).to_yaml();
    let cases = objects.split("---\n").skip(1).zip(changes.split("---\n").skip(1));
    for ((ours, theirs), (object, patch)) in ours.split("---\n").zip(theirs.split("---\n")).zip(cases) {
        assert_eq!(ours, theirs, "{object}{patch}");
    }
    assert_eq!(ours, theirs);
}
