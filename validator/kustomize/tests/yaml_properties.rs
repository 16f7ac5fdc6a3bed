//! What holds for any tree and any text.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::panic)]

use kustomize::yaml::{self, Dialect};
use kustomize::{Entry, Map, Node, Origin, Scalar, Source, Sources, Style, Tag, Value};
use proptest::prelude::*;

/// Texts with everything that needs care: indicators, breaks, blanks, numbers, words of YAML 1.1, long lines, wide characters.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,6}",
        "[a-z ]{0,100}",
        "\\PC{0,4}",
        prop::sample::select(vec!["\n", " ", "\t", "\r", "\u{7}", "\u{a0}", "\u{2028}", "\u{FEFF}", "🎉", "é"]).prop_map(str::to_owned),
        prop::sample::select(vec![
            "yes",
            "null",
            "~",
            "0x1F",
            "1e3",
            "1:30",
            "2001-01-01",
            ".inf",
            "<<",
            "---",
            "- ",
            ": ",
            " #",
            "0o17",
            "\n\n"
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        4 => text().prop_map(Scalar::string),
        1 => any::<i64>().prop_map(|value| Scalar::plain(value.to_string(), Tag::Int)),
        1 => any::<u64>().prop_map(|value| Scalar::plain(value.to_string(), Tag::Int)),
        1 => any::<f64>().prop_filter_map("JSON has only finite numbers", yaml::json_float),
        1 => any::<bool>().prop_map(|value| Scalar::plain(value.to_string(), Tag::Bool)),
        1 => Just(Scalar::null()),
    ]
}

fn tree(origin: Origin) -> impl Strategy<Value = Node> {
    let leaf = {
        let origin = origin.clone();
        scalar().prop_map(move |scalar| Node::scalar(scalar, origin.clone()))
    };
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let (of_map, of_seq) = (origin.clone(), origin.clone());
        let map = prop::collection::btree_map(text().prop_filter("a merge key", |key| key != "<<"), inner.clone(), 0..6).prop_map(
            move |entries| {
                let entries: Vec<_> = entries.into_iter().map(|(key, value)| Entry { key: Scalar::string(key), value }).collect();
                Node { value: Value::Map(Map::new(entries)), origin: of_map.clone() }
            },
        );
        let seq = prop::collection::vec(inner, 0..6).prop_map(move |items| Node::seq(items, of_seq.clone()));
        prop_oneof![map, seq]
    })
}

/// A document: a map at the top, as every resource is.
fn document(origin: Origin) -> impl Strategy<Value = Node> {
    tree(origin).prop_map(|node| if node.as_map().is_some() { node } else { wrapped(node) })
}

fn wrapped(node: Node) -> Node {
    let origin = node.origin.clone();
    Node { value: Value::Map(Map::new(vec![Entry { key: Scalar::string("spec"), value: node }])), origin }
}

fn read(text: &str, dialect: Dialect) -> (Sources, Result<Vec<Node>, kustomize::Error>) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("a.yaml", text));
    let nodes = yaml::read(&sources, id, dialect);
    (sources, nodes)
}

fn origin() -> Origin {
    let mut sources = Sources::default();
    Origin::new(sources.add(Source::new("none", "")), 0, 0)
}

/// Raw U+2028 and U+2029 are printed as go-yaml prints them, which is where YAML 1.1 and 1.2 part and the reader refuses.
fn has_line_separators(printed: &str) -> bool {
    printed.contains(['\u{2028}', '\u{2029}'])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_as_the_same_tree(tree in document(origin())) {
        let mut printed = String::new();
        yaml::emit(&tree, &mut printed);
        prop_assume!(!has_line_separators(&printed));
        let (_, nodes) = read(&printed, Dialect::YamlV2);
        let nodes = nodes.unwrap_or_else(|error| panic!("{error}\n{printed}"));
        prop_assert_eq!(nodes.len(), 1, "{}", &printed);
        prop_assert_eq!(&nodes[0], &tree, "{}", &printed);
    }

    /// A canonical document stays as it is: printed and read as a resource, it is printed the same again.
    #[test]
    fn printing_is_stable(tree in document(origin())) {
        let mut printed = String::new();
        yaml::emit(&tree, &mut printed);
        prop_assume!(!has_line_separators(&printed));
        let (sources, nodes) = read(&printed, Dialect::YamlV3);
        let Ok(mut nodes) = nodes else { return Ok(()) };
        prop_assert_eq!(nodes.len(), 1);
        // A literal that starts with a tab is one that go-yaml prints and cannot read.
        if yaml::canonical(&mut nodes[0], &sources).is_ok() {
            let mut again = String::new();
            yaml::emit(&nodes[0], &mut again);
            prop_assert_eq!(printed, again);
        }
    }

    #[test]
    fn the_reader_never_panics(text in "[\\x00-\\x7fé🎉\u{FEFF}]{0,60}|([-?:,\\[\\]{}#&*!|>'\"%@` \n\ta0]|---|<<|: |- ){0,40}") {
        for dialect in [Dialect::YamlV3, Dialect::YamlV2] {
            let (sources, nodes) = read(&text, dialect);
            match nodes {
                Ok(mut nodes) => {
                    for node in &mut nodes {
                        check_spans(&sources, node, dialect);
                        if yaml::canonical(node, &sources).is_ok() {
                            yaml::emit(node, &mut String::new());
                        }
                    }
                }
                Err(error) => {
                    let place = error.place.unwrap_or_else(|| panic!("no place: {}", error.message));
                    prop_assert!(place.start <= place.end && place.end as usize <= text.len(), "{:?}", place);
                }
            }
        }
    }

    #[test]
    fn bytes_are_text_or_an_error_with_a_place(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        match yaml::decode("a.yaml".as_ref(), bytes.clone()) {
            Ok(text) => prop_assert_eq!(text.into_bytes(), bytes),
            Err(error) => prop_assert!(error.place.is_some()),
        }
    }
}

/// Every span lies within its parent's and on character boundaries, and a plain scalar on one line is its span's text.
fn check_spans(sources: &Sources, node: &Node, dialect: Dialect) {
    let origin = &node.origin;
    let text = sources.get(origin.source).text();
    assert!(origin.key <= origin.start && origin.start <= origin.end, "{origin:?} in {text:?}");
    let slice = text.get(origin.start as usize..origin.end as usize).unwrap_or_else(|| panic!("{origin:?} in {text:?}"));
    match &node.value {
        // An alias's span is that of the alias.
        _ if slice.starts_with('*') => {}
        Value::Scalar(scalar) => {
            // v2 keeps no styles.
            let plain = dialect == Dialect::YamlV3 && matches!(scalar.style, Style::Plain | Style::FlowPlain);
            if plain && scalar.tag == Tag::Str && !slice.contains(['\n', '\r']) {
                assert!(&*scalar.text == slice, "{:?} is not {slice:?} in {text:?}", scalar.text);
            }
        }
        Value::Map(map) => {
            for entry in map.entries() {
                check_spans(sources, &entry.value, dialect);
            }
        }
        Value::Seq(seq) => {
            for item in &seq.items {
                check_spans(sources, item, dialect);
                assert!(origin.start <= item.origin.start && item.origin.end <= origin.end, "{:?} in {origin:?} in {text:?}", item.origin);
            }
        }
    }
}

#[test]
fn spans_of_every_style() {
    let text = "# head\nplain: a b # c\nsingle: 'it''s'\ndouble: \"é\\n\"\nliteral: |\n  x\n  y\n\nfolded: >-\n  z\nempty:\nlist:\n- 1\n-\n- [a, {b: c}]\n- k: v\n  l: w\n# tail\n? key\n: value\nflow: {a: 1,\n  b: }\ntag: !!str 1\nanchor: &x\n  m: n\nalias: *x\nmerged: {<<: *x}\n";
    let (sources, nodes) = read(text, Dialect::YamlV3);
    let nodes = nodes.unwrap();
    let mut shown = String::new();
    show(&sources, "", &nodes[0], &mut shown);
    insta::assert_snapshot!(shown);
}

/// A line a node: its path, the text of its span, and the text from its key on.
fn show(sources: &Sources, path: &str, node: &Node, out: &mut String) {
    let text = sources.get(node.origin.source).text();
    let range = |from: u32| text.get(from as usize..node.origin.end as usize).unwrap();
    let (line, column) = sources.get(node.origin.source).position(node.origin.start);
    out.push_str(&format!("{path}: {line}:{column} {:?} of {:?}\n", range(node.origin.start), range(node.origin.key)));
    for entry in node.entries() {
        show(sources, &format!("{path}/{}", entry.key.text), &entry.value, out);
    }
    for (index, item) in node.items().iter().enumerate() {
        show(sources, &format!("{path}/{index}"), item, out);
    }
}
