//! What Kustomize 5.8 builds otherwise than 5.6, which is the default.

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used)]

use kustomize::{ErrorKind, Version};

const SOURCE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: source}\ndata: {host: db.local, port: \"5432\", yes: \"true\"}\n";

/// What a version makes of a kustomization and its object, or says.
fn build(version: Version, kustomization: &str, object: &str) -> Result<String, String> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("kustomization.yaml"), kustomization).unwrap();
    std::fs::write(directory.path().join("object.yaml"), object).unwrap();
    std::fs::write(directory.path().join("comment.yaml"), "# nothing yet\n").unwrap();
    let direct = kustomize::build_as(version, directory.path());
    let shared = kustomize::Builder::default().with_settings(version).build(directory.path());
    assert_eq!(format!("{direct:?}"), format!("{shared:?}"));
    direct.map(|render| render.to_yaml()).map_err(|error| {
        let kind = if error.kind == ErrorKind::Unsupported { "unsupported: " } else { "" };
        format!("{kind}{} ({})", error.message, error.help.unwrap_or_default())
    })
}

fn old(kustomization: &str, object: &str) -> Result<String, String> {
    build(Version::V5_6, kustomization, object)
}

fn new(kustomization: &str, object: &str) -> Result<String, String> {
    build(Version::V5_8, kustomization, object)
}

/// A replacement of a field of `app` by one of the source.
fn into_text(from: &str, field: &str, more: &str) -> String {
    format!(
        "resources: [object.yaml]\nreplacements:\n- source: {{kind: ConfigMap, name: source, fieldPath: data.{from}}}\n  targets:\n  - select: \
         {{name: app}}\n    fieldPaths: ['{field}']\n{more}"
    )
}

/// An object `app` with a text, and the source.
fn with_text(text: &str) -> String {
    let text = text.replace('\n', "\n    ");
    format!("{SOURCE}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: app}}\ndata:\n  text: |\n    {text}\n")
}

/// The text of `app` once the field in it is replaced.
fn replaced(text: &str, from: &str, field: &str) -> Result<String, String> {
    let output = new(&into_text(from, &format!("data.text.{field}"), ""), &with_text(text))?;
    let data: Vec<&str> =
        output.lines().skip_while(|line| !line.starts_with("  text:")).take_while(|line| *line != "kind: ConfigMap").collect();
    Ok(data.join("\n"))
}

#[test]
fn versions_have_names() {
    for version in Version::ALL {
        assert_eq!(version.to_string().parse(), Ok(version));
    }
    assert_eq!(Version::default().to_string(), "5.6");
    assert_eq!("5.7".parse::<Version>(), Err("the version of Kustomize is 5.6 or 5.8".to_owned()));
}

#[test]
fn a_value_without_a_source() {
    let kustomization = "resources: [object.yaml]\nreplacements:\n- sourceValue: \"8\"\n  targets:\n  - select: {kind: ConfigMap}\n    \
                         fieldPaths: [data.host, data.added]\n    options: {create: true}\n";
    let error = old(kustomization, SOURCE).unwrap_err();
    assert!(error.contains("`sourceValue` is known since Kustomize 5.8") && error.contains("--kustomize 5.8"), "{error}");
    let output = new(kustomization, SOURCE).unwrap();
    // What was text stays text; a new field is what its value looks like.
    assert!(output.contains("  host: \"8\"\n") && output.contains("  added: 8\n"), "{output}");
    let both = kustomization.replace("  targets", "  source: {kind: ConfigMap}\n  targets");
    assert!(new(&both, SOURCE).unwrap_err().contains("both `source` and `sourceValue`"));
    assert!(new(&kustomization.replace("\"8\"", "8"), SOURCE).unwrap_err().contains("must be a string"));
    assert!(new(&kustomization.replace("\"8\"", "null"), SOURCE).unwrap_err().contains("must specify a source"));
}

#[test]
fn images_of_volumes() {
    let object =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  volumes:\n  - {name: model, image: {reference: \"weights:1\"}}\n";
    let kustomization = "resources: [object.yaml]\nimages: [{name: weights, newTag: \"2\"}]\n";
    assert!(old(kustomization, object).unwrap().contains("reference: weights:1"));
    assert!(new(kustomization, object).unwrap().contains("reference: weights:2"));
}

#[test]
fn empty_patches() {
    for patch in ["path: comment.yaml", "patch: '# later'", "patch: '{}'\n  target: {kind: ConfigMap}"] {
        let kustomization = format!("resources: [object.yaml]\npatches:\n- {patch}\n");
        assert!(old(&kustomization, SOURCE).unwrap_err().contains("empty"), "{patch}");
        assert_eq!(new(&kustomization, SOURCE), new("resources: [object.yaml]\n", SOURCE), "{patch}");
    }
}

#[test]
fn options_of_patches() {
    let patch = |option: &str| {
        format!(
            "resources: [object.yaml]\npatches:\n- options: {{{option}: true}}\n  target: {{kind: ConfigMap}}\n  patch: '{{apiVersion: v1, kind: \
             ConfigMap, metadata: {{name: other}}}}'\n"
        )
    };
    assert!(old(&patch("allowNames"), SOURCE).is_ok());
    assert!(new(&patch("allowNames"), SOURCE).unwrap_err().contains("unknown field `allowNames`"));
    // Before 5.8 these are keys of a map, and letters count.
    assert!(old(&patch("allownamechange"), SOURCE).unwrap().contains("name: source"));
    assert!(new(&patch("allownamechange"), SOURCE).unwrap().contains("name: other"));
}

#[test]
fn targets_by_expression() {
    let object = format!("{SOURCE}---\n{}---\n{}", SOURCE.replace("source", "app-1"), SOURCE.replace("source", "app-2"));
    let kustomization = "resources: [object.yaml]\nreplacements:\n- source: {name: source, fieldPath: data.port}\n  targets:\n  - select: {kind: \
                         Config.*, name: app-.}\n    reject: [{name: '.*2'}]\n    fieldPaths: [data.host]\n";
    assert_eq!(old(kustomization, &object), old("resources: [object.yaml]\n", &object));
    let output = new(kustomization, &object).unwrap();
    assert_eq!(output.matches("host: db.local").count(), 2, "{output}");
    // The whole name must match.
    assert_eq!(new(&kustomization.replace("app-.", "app"), &object), old("resources: [object.yaml]\n", &object));
    assert!(new(&kustomization.replace("app-.", "'app-('"), &object).is_err());
}

#[test]
fn the_label_of_the_version() {
    let kustomization = "resources: [object.yaml]\nbuildMetadata: [managedByLabel]\n";
    assert!(old(kustomization, SOURCE).unwrap().contains("managed-by: kustomize-(devel)\n"));
    assert!(new(kustomization, SOURCE).unwrap().contains("managed-by: kustomize-v5.8.1\n"));
}

#[test]
fn fields_in_a_text_of_json() {
    let compact = r#"{"z": "<a>", "db": {"host": "", "port": 1}, "l": [1.50, 12345678901234567890123, 9007199254740993]}"#;
    assert_eq!(
        replaced(compact, "host", "db.host").unwrap(),
        "  text: '{\"db\":{\"host\":\"db.local\",\"port\":1},\"l\":[1.5,1.2345678901234568e+22,9007199254740993],\"z\":\"\\u003ca\\u003e\"}'"
    );
    assert!(replaced(compact, "port", "db.port").unwrap().contains(r#""port":5432"#));
    // A number cannot become a text.
    assert!(replaced(compact, "host", "db.port").unwrap_err().starts_with("unsupported: "));
    let indented = "{\n  \"list\": [\n    {\"name\": \"a\", \"v\": 0},\n    {}\n  ]\n}";
    assert_eq!(
        replaced(indented, "port", "list.[name=a].v").unwrap(),
        "  text: |-\n    {\n      \"list\": [\n        {\n          \"name\": \"a\",\n          \"v\": 5432\n        },\n        {}\n      ]\n    }"
    );
    assert!(replaced(compact, "host", "db.name").unwrap_err().contains("unable to find"));
    let created = new(&into_text("host", "data.text.db.name", "    options: {create: true}\n"), &with_text(compact)).unwrap();
    assert!(created.contains(r#""name":"db.local""#), "{created}");
    let error = old(&into_text("host", "data.text.db.host", ""), &with_text(compact)).unwrap_err();
    assert!(error.contains("unable to find field"), "{error}");
}

#[test]
fn fields_in_a_text_of_yaml() {
    let text = "db:\n    host: localhost   # of the laptop\n    port: 1\n\nlist:\n  - {a: b,c: [ 1,2 ]}\n  - x: 'y'\n    z: \"w\"\nnone:\nport: text";
    assert_eq!(
        replaced(text, "host", "db.host").unwrap(),
        "  text: |-\n    db:\n      host: db.local # of the laptop\n      port: 1\n    list:\n    - {a: b, c: [1, 2]}\n    - x: 'y'\n      z: \"w\"\n    none:\n    port: text"
    );
    assert!(replaced(text, "port", "db.port").unwrap().contains("\n      port: 5432\n"));
    // A text stays one.
    assert!(replaced(text, "port", "port").unwrap().ends_with("\n    port: \"5432\""));
    assert!(replaced(text, "yes", "list.1.x").unwrap().contains("- x: 'true'\n"));
}

/// What go-yaml would print anew in ways that are not known here.
#[test]
fn texts_of_yaml_that_are_refused() {
    for text in [
        "# at the top\nhost: a",
        "host: a\n# at the end",
        "host: a\nmore: |\n  text",
        "host: a\nmore: &x 1\nagain: *x",
        "host: a\nmore: !t 1",
        "host: a\nmore:\n  two\n  lines",
        "host: a\nmore: \"\\t\"",
        "host: a\nmore: 'it''s'",
        "host: a\n? more\n: b",
        "host: a\nmore: {a: b} # c",
        "host: a\nmore: # c\n  b: c",
        "---\nhost: a",
        "host: a\nmore: é",
    ] {
        let error = replaced(text, "host", "host").unwrap_err();
        assert!(error.starts_with("unsupported: "), "{text}: {error}");
    }
}
