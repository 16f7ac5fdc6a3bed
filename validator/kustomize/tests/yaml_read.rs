//! What the reader takes and what it refuses, and where. Each answer was recorded from `kubectl kustomize` 1.33; where the reader differs on purpose,
//! the case says so.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cpu;

use std::path::Path;
use std::time::Duration;

use kustomize::yaml::{self, Dialect};
use kustomize::{Error, ErrorKind, Node, Source, Sources};

fn read(text: &str, dialect: Dialect) -> Result<(Sources, Vec<Node>), Error> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("a.yaml", text));
    let mut nodes = yaml::read(&sources, id, dialect)?;
    for node in &mut nodes {
        yaml::canonical(node, &sources)?;
    }
    Ok((sources, nodes))
}

/// The documents as kubectl would print them, or the error as people see it.
fn shown(text: &str, dialect: Dialect) -> Result<String, String> {
    let (_, nodes) = read(text, dialect).map_err(|error| error.to_string())?;
    let mut out = String::new();
    for node in &nodes {
        if !out.is_empty() {
            out.push_str("---\n");
        }
        yaml::emit(node, &mut out);
    }
    Ok(out)
}

fn accepts(cases: &[(&str, &str)], dialect: Dialect) {
    for (text, expected) in cases {
        assert_eq!(shown(text, dialect).as_deref(), Ok(*expected), "{text:?}");
    }
}

/// The start of the error and its place are in one string: `a.yaml:LINE:COLUMN: message`.
fn refuses(cases: &[(&str, &str)], dialect: Dialect) {
    for (text, expected) in cases {
        let error = shown(text, dialect).expect_err(text);
        assert!(error.starts_with(expected), "{text:?}\n  got {error}\n  not {expected}");
    }
}

/// goyaml v2, which reads what is applied and kustomizations, knows no more escapes than v3; JSON has others.
#[test]
fn escapes_that_only_json_has() {
    let read = |text: &str| kustomize::read_manifests(Path::new("a.yaml"), text).map(|render| render.objects.len());
    let object = |value: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: {value}}}\n");
    assert!(read(&object(r#""x\/y""#)).unwrap_err().to_string().contains("unknown escape character"));
    assert_eq!(read(&object(r#"'x\/y'"#)).unwrap(), 1);
    assert_eq!(
        read(r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "x\/y\ud83c\udf89"}}"#).unwrap(),
        1
    );
}

#[test]
fn documents() {
    accepts(
        &[
            ("", ""),
            ("# only a comment\n", ""),
            ("\n\n---\n\n---\n", ""),
            ("null\n---\n~\n---\na: 1\n", "a: 1\n"),
            ("a: 1\n---\na: 2\n", "a: 1\n---\na: 2\n"),
            ("a: 1\n--- # comment\na: 2\n---", "a: 1\n---\na: 2\n"),
            ("---\na: 1\n---   \na: 2\n---\t\na: 3\n", "a: 1\n---\na: 2\n---\na: 3\n"),
            ("a: 1", "a: 1\n"),
            ("--- {a: 1}\n", "a: 1\n"),
            // Of each part between separators only the first document counts.
            ("a: 1\n...\na: 2\n---\na: 3\n", "a: 1\n---\na: 3\n"),
            ("a: 1\n...\n{{{\n", "a: 1\n"),
            ("\u{FEFF}a: 1\n---\n\u{FEFF}a: 2\n", "a: 1\n---\na: 2\n"),
            ("a: |\n  x\n  y\r\nb: \"x\r\n  y\"\r\n---\r\nc: >\r\n  x\r\n  y\r\n", "a: |\n  x\n  y\nb: x y\n---\nc: |\n  x y\n"),
            ("{\n\t\"a\": [\n\t\t1\n\t]\n}\n", "a:\n- 1\n"),
        ],
        Dialect::YamlV3,
    );
    refuses(
        &[
            ("a: 1\n--- x\nb: 1\n", "a.yaml:2:1: invalid document separator `--- x`"),
            ("a: 1\n----\nb: 1\n", "a.yaml:2:1: invalid document separator `----`"),
            // Kustomize cuts at `---`, and so cuts a directive off from its document.
            ("%YAML 1.1\n---\na: 1\n", "a.yaml:2:1: not valid YAML: did not find expected <document start>"),
        ],
        Dialect::YamlV3,
    );
}

#[test]
fn syntax() {
    accepts(
        &[
            ("a:\t1\nb: 2\t# x\nc: x\ty\nd: x \t\n", "a: 1\nb: 2\nc: \"x\\ty\"\nd: x\n"),
            ("a: |\n  x\n  \ty\n", "a: \"x\\n\\ty\\n\"\n"),
            ("a: |+\n\n\n", "a: |2+\n\n\n"),
            ("a: |\n  x", "a: x\n"),
            ("a: [\nb,\nc\n]\n", "a:\n- b\n- c\n"),
            ("a:\n- b\n-   c: d\n    e: f\n", "a:\n- b\n- c: d\n  e: f\n"),
            ("a: {b, c: , \"d\":1, e: ~}\n", "a:\n  b: \"\"\n  c: \"\"\n  d: 1\n  e: null\n"),
        ],
        Dialect::YamlV3,
    );
    refuses(
        &[
            ("a:\n\tb: 1\n", "a.yaml:2:2: not valid YAML: tabs"),
            ("a: 1\n\t\nb: 2\n", "a.yaml:2:1: found a tab character that violates indentation"),
            ("a:\n  -\tb\n", "a.yaml:2:4: found a tab character that violates indentation"),
            ("a: |\n  \tx\n", "a.yaml:1:1: go-yaml cannot read a block scalar back"),
            ("a: \"\\/\"\n", "a.yaml:1:5: found unknown escape character"),
            ("a: \"\\ud83c\\udf89\"\n", "a.yaml:1:5: found half of a surrogate pair"),
            ("a: x\0\n", "a.yaml:1:5: control characters are not allowed in YAML (U+0000)"),
            ("a: é\u{7F}\n", "a.yaml:1:5: control characters are not allowed in YAML (U+007F)"),
            ("a: x\u{2028}y\n", "a.yaml:1:5: a line break of YAML 1.1 (U+2028) is not supported here"),
            ("a: {?x: b}\n", "a.yaml:1:5: a text that starts with `?` in a flow collection is not supported"),
            ("a: [?x]\n", "a.yaml:1:5: a text that starts with `?`"),
            ("a: {\"b\n c\": d}\n", "a.yaml:1:5: a key in a flow collection must be on one line"),
            ("a: {b\n c: d}\n", "a.yaml:1:5: a key in a flow collection must be on one line"),
            ("a: 1\na: 2\n", "a.yaml:2:1: mapping key \"a\" already defined at line 1"),
            ("x: {a: 1, b: 2, 'a': 3}\n", "a.yaml:1:17: mapping key \"a\" already defined at line 1"),
            ("? [a]\n: 1\n", "a.yaml:1:3: a key is a list or a map"),
            ("{a: 1}: 1\n", "a.yaml:1:1: "),
            ("a: b: c\n", "a.yaml:1:5: not valid YAML: "),
            ("a: [1\n", "a.yaml:1:4: not valid YAML: unclosed bracket"),
            ("a: \"x\n", "a.yaml:"),
            ("a: 1\n b: 2\n", "a.yaml:2:"),
            ("a: {{ .Values.x }}\n", "a.yaml:1:"),
            ("{{- if .Values.x }}\na: 1\n{{- end }}\n", "a.yaml:1:"),
            ("<<<<<<< HEAD\na: 1\n=======\n", "a.yaml:"),
            ("a: @x\n", "a.yaml:1:4: not valid YAML: "),
        ],
        Dialect::YamlV3,
    );
}

/// What kubectl reads and granit-parser does not, or otherwise: kubevet leaves these to kubectl.
#[test]
fn unsupported() {
    for (text, place) in [
        ("a: &x:y 1\n", "a.yaml:1:4: "),
        ("a: &x y\nb: {*x: 1}\n", "a.yaml:2:5: "),
        ("a: [!!str, b]\n", "a.yaml:1:10: "),
        ("a: {\n\tb: 1}\n", "a.yaml:2:2: "),
        ("a: \"b\"#c\n", "a.yaml:1:7: "),
        ("a: [b,#c\n  d]\n", "a.yaml:1:7: "),
        ("a: x\u{2028}y\n", "a.yaml:1:5: "),
    ] {
        let error = read(text, Dialect::YamlV3).map(|_| ()).expect_err(text);
        assert_eq!(error.kind, ErrorKind::Unsupported, "{text:?}: {error}");
        assert!(error.to_string().starts_with(place), "{text:?}: {error}");
    }
}

#[test]
fn anchors_and_merges() {
    accepts(
        &[
            ("a: &x {b: [1, &y 2]}\nc: *x\nd: *y\n", "a:\n  b:\n  - 1\n  - 2\nc:\n  b:\n  - 1\n  - 2\nd: 2\n"),
            ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "a: 1\nb: 1\nc: 2\nd: 2\n"),
            ("a: &k b\n*k : 1\n", "a: b\nb: 1\n"),
            ("a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n", "a:\n  b: 1\n  c: 2\nd:\n  b: 1\n  c: 3\n"),
            ("a: &x {b: 1}\nc: &y {b: 2, d: 2}\ne:\n  <<: [*x, *y]\n", "a:\n  b: 1\nc:\n  b: 2\n  d: 2\ne:\n  b: 1\n  d: 2\n"),
        ],
        Dialect::YamlV3,
    );
    refuses(
        &[
            ("a: *x\n", "a.yaml:1:4: unknown anchor `x` referenced"),
            ("a: &x [*x]\n", "a.yaml:1:8: an anchor's value contains itself"),
            ("a:\n  <<: 1\n", "a.yaml:2:3: map merge requires map or sequence of maps as the value"),
            ("a: &x [{b: 1}]\nc:\n  <<: *x\n", "a.yaml:3:3: invalid map merge: received alias for a non-map value"),
            ("a: &x {b: 1}\nc:\n  <<: *x\n  <<: *x\n", "a.yaml:4:3: duplicate merge key"),
            ("a:\n  '<<': {b: 1}\n", "a.yaml:2:3: a key `<<` in quotes"),
        ],
        Dialect::YamlV3,
    );
}

#[test]
fn json_has_no_form_for_it() {
    refuses(
        &[
            ("a: .inf\n", "a.yaml:1:1: JSON has no number for `.inf`"),
            ("a: {1: b}\n", "a.yaml:1:5: the key `1` is not a string"),
            ("a:\n  true: b\n", "a.yaml:2:3: the key `true` is not a string"),
            ("a: !!int x\n", "a.yaml:1:10: cannot decode `x` as !!int"),
            ("a: !!bool yes\n", "a.yaml:1:11: cannot decode `yes` as !!bool"),
            ("a: !!binary '*'\n", "a.yaml:1:1: !!binary value contains invalid base64 data"),
        ],
        Dialect::YamlV3,
    );
}

/// As `sigs.k8s.io/yaml` reads kustomization files (recorded from `kubectl label --local`, which reads the same way).
#[test]
fn yaml_1_1() {
    accepts(
        &[
            ("a: [yes, No, on, OFF, y, N, tRUE]\n", "a:\n- true\n- false\n- true\n- false\n- true\n- false\n- tRUE\n"),
            ("a: [0755, 0899, 1_000, 0b101, 1e3, 1.10, 2024-01-02]\n", "a:\n- 493\n- 899\n- 1000\n- 5\n- 1000\n- 1.1\n- \"2024-01-02\"\n"),
            ("a: {y: 1, 2: 3, 1.5: 4, b: 5}\n", "a:\n  \"1.5\": 4\n  \"2\": 3\n  b: 5\n  \"true\": 1\n"),
            ("a: 1\nb: 2\na: 3\n", "a: 3\nb: 2\n"),
            ("a: 1\n<<: {a: 2, c: 3}\n", "a: 2\nc: 3\n"),
            ("<<: {a: 2, c: 3}\na: 1\n", "a: 1\nc: 3\n"),
        ],
        Dialect::YamlV2,
    );
}

#[test]
fn not_utf8() {
    let error = yaml::decode("a.yaml".as_ref(), b"a: 1\nb: caf\xe9\n".to_vec()).unwrap_err();
    assert_eq!(error.to_string(), "a.yaml:2:7: the file is not UTF-8: byte 0xE9");
}

#[test]
fn utf16() {
    let decode = |bytes: &[u8]| yaml::decode("a.yaml".as_ref(), bytes.to_vec());
    assert_eq!(decode(b"\xff\xfea\0\xac\x20").unwrap(), "a\u{20ac}");
    assert_eq!(decode(b"\xfe\xff\0a\xd8\x3c\xdf\x89").unwrap(), "a\u{1f389}");
    for bad in [&b"\xff\xfea"[..], b"\xfe\xff\xd8\x3c", b"\xff\xfe\x89\xdf"] {
        let error = decode(bad).unwrap_err();
        assert_eq!((error.kind, error.to_string()), (ErrorKind::Syntax, "a.yaml:1:1: the file is UTF-16, and not well-formed".to_owned()));
    }
    let two: Vec<u8> = b"\xff\xfe".iter().copied().chain("a: 1\n---\nb: 2\n".bytes().flat_map(|byte| [byte, 0])).collect();
    assert_eq!(decode(&two).unwrap_err().kind, ErrorKind::Unsupported);
}

/// Hostile texts end in an error with a place, soon, on the stack of a test thread (2 MiB).
#[test]
fn hostile() {
    let deep = 10_000;
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (name, before) in "bcdefghi".chars().zip("abcdefgh".chars()) {
        bomb += &format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 10].join(", "));
    }
    let mut merge_bomb = String::from("a: &a {x: 1}\n");
    for (name, before) in "bcdefghi".chars().zip("abcdefgh".chars()) {
        let fields: Vec<String> = (0..10).map(|index| format!("k{index}: *{before}")).collect();
        merge_bomb += &format!("{name}: &{name}\n  <<: *{before}\n  {}\n", fields.join("\n  "));
    }
    let long_text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 100].join(", "));
    let cases = [
        ("alias bomb", bomb, "a.yaml:"),
        ("merge bomb", merge_bomb, "a.yaml:"),
        ("long aliases", long_text, "a.yaml:2:"),
        ("flow lists", format!("a: {}{}", "[".repeat(deep), "]".repeat(deep)), "a.yaml:1:"),
        ("flow maps", format!("a: {}{}", "{a: ".repeat(deep), "}".repeat(deep)), "a.yaml:1:"),
        ("open flow", "[".repeat(1 << 20), "a.yaml:1:"),
        ("dashes", "- ".repeat(deep), "a.yaml:1:"),
        ("block maps", (0..5_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(), "a.yaml:501:"),
        ("explicit keys", "? ".repeat(deep), "a.yaml:1:"),
        (
            "repeated keys",
            format!("{}k9: 1\n", (0..100_000).map(|key| format!("k{key}: 1\n")).collect::<String>()),
            "a.yaml:100001:1: mapping key \"k9\"",
        ),
        ("open quote", format!("a: \"{}", "x\n ".repeat(300_000)), "a.yaml:"),
        ("nested anchors", format!("a: {}{}{}", "&a [".repeat(400), "x, ".repeat(100_000), "]".repeat(400)), "a.yaml:1:"),
        ("many values", format!("a: [{}]", "1, ".repeat(1_000_000)), "a.yaml:1:"),
        ("anchors in anchors", format!("a: {}x", "&a ".repeat(deep)), "a.yaml:1:"),
    ];
    for (name, text, expected) in cases {
        let begin = cpu::used();
        let error = shown(&text, Dialect::YamlV3).expect_err(name);
        assert!(error.starts_with(expected), "{name}: {error}");
        // A second in a release build; a debug build gets more.
        let used = cpu::used() - begin;
        assert!(used < Duration::from_secs(10), "{name} took {used:?}");
    }
    let begin = cpu::used();
    let endless = std::io::repeat(b' ');
    let error = yaml::read_text("a.yaml".as_ref(), endless).unwrap_err();
    assert_eq!((error.kind, error.to_string()), (ErrorKind::Limit, "a.yaml:1:1: the file is larger than 32 MiB".to_owned()));
    let used = cpu::used() - begin;
    assert!(used < Duration::from_secs(10), "{used:?}");
}

/// Many small things are no attack.
#[test]
fn large_but_harmless() {
    let keys: String = (0..50_000).map(|key| format!("k{key}: v{key}\n")).collect();
    let anchors: String = (0..5_000).map(|key| format!("a{key}: &x{key} v\nb{key}: *x{key}\n")).collect();
    for text in [
        format!("data:\n  {}", keys.replace('\n', "\n  ")),
        anchors,
        "# comment\n".repeat(200_000),
        "---\n".repeat(200_000),
        "a: 1\n---\n".repeat(20_000),
    ] {
        shown(&text, Dialect::YamlV3).unwrap();
    }
    let nested = format!("a: {}{}\n", "[".repeat(499), "]".repeat(499));
    shown(&nested, Dialect::YamlV3).unwrap();
}
