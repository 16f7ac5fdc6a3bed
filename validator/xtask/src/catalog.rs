//! The catalogue of custom kinds in the facts crate, made from CustomResourceDefinitions that projects publish.
//!
//! The format is described where it is read: `validator/facts/src/schema/custom/catalog/mod.rs`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Flags of the index, and what they mean for who trusts a schema.
const FLAGS: &[(&str, &str)] = &[
    ("derived-from-go-types", "made from Go types, not the released one"),
    ("typed-by-hand", "written by hand, not the released one"),
    ("helm-templated-source", "taken out of a Helm template"),
    ("copy-under-test-dir", "a copy in another project's tests"),
];

/// Projects that differ from what their flags say, as the catalogue's README has it.
const PROJECTS: &[(&str, &str)] = &[
    ("kong", ""),
    ("traefik", ""),
    ("openshift-apis-vendored", "an old copy in another project"),
    ("cluster-api-provider-mixed-hypershift", "a copy in another project"),
    ("aws-app-mesh", "an old copy in another project"),
    ("aws-ack-sagemaker", "an old copy in another project"),
    // Elsewhere Routes are no custom kind, and an admission plugin completes SecurityContextConstraints.
    ("openshift-route-scc-microshift", "MicroShift's, and OpenShift fills in what that requires"),
];

/// Groups whose kinds a program reads from files, and no API server is given.
const FILES: &[&str] = &["cli.kyverno.io", "airshipit.org"];

/// The definitions of a project, by group and kind.
type Definitions = BTreeMap<(String, String), Value>;

struct Row {
    project: String,
    release: String,
    doubt: String,
    versions: Vec<String>,
    definition: String,
}

/// Writes the catalogue made of `dir`, and says what it wrote.
pub(crate) fn generate(dir: &Path) -> Result<String> {
    let path = dir.join("INDEX.tsv");
    let index = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut kinds: BTreeMap<(String, String), Row> = BTreeMap::new();
    let mut projects: BTreeMap<(&str, &str), Definitions> = BTreeMap::new();
    for line in index.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [project, release, _source, group, kind, _versions, _validations, _bytes, _scope, _shape, _template, flags] = columns[..]
        else {
            return Err(format!("INDEX.tsv: not 12 columns: {line}").into());
        };
        let definitions = match projects.entry((project, release)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(definitions(&dir.join(format!("{project}-{release}.jsonl.gz")))?),
        };
        if FILES.contains(&group) {
            continue;
        }
        let key = (group.to_owned(), kind.to_owned());
        let definition = definitions.remove(&key).ok_or_else(|| format!("{project}: {group} {kind} is in the index only"))?;
        let row = row(project, release, doubt(project, flags), &definition)?;
        match kinds.entry(key) {
            Entry::Vacant(new) => {
                new.insert(row);
            }
            // Of two channels of a project the one with more fields refuses nothing that the other takes.
            Entry::Occupied(mut known) if known.get().definition.len() < row.definition.len() => {
                known.insert(row);
            }
            Entry::Occupied(_) => {}
        }
    }
    write(&kinds)
}

fn write(kinds: &BTreeMap<(String, String), Row>) -> Result<String> {
    let (mut text, mut packed, mut plain) = (String::new(), Vec::new(), 0);
    for ((group, kind), row) in kinds {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(row.definition.as_bytes())?;
        let bytes = encoder.finish()?;
        let Row { project, release, doubt, versions, definition } = row;
        writeln!(text, "{group}\t{kind}\t{}\t{project}\t{release}\t{doubt}\t{}", versions.join(","), bytes.len())?;
        packed.extend_from_slice(&bytes);
        plain += definition.len();
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../facts/src/schema/custom/catalog");
    fs::write(target.join("kinds.tsv"), &text)?;
    fs::write(target.join("schemas.bin"), &packed)?;
    Ok(format!("{} kinds: {} bytes, {plain} unpacked, and {} of index", kinds.len(), packed.len(), text.len()))
}

fn definitions(path: &Path) -> Result<Definitions> {
    let packed = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut plain = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut plain)?;
    let mut found = BTreeMap::new();
    for line in plain.lines() {
        let definition: Value = serde_json::from_str(line)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let spec = &definition["spec"];
        found.insert((text(&spec["group"]), text(&spec["names"]["kind"])), definition);
    }
    Ok(found)
}

/// Why a schema is less sure than a released one; empty where it is not.
fn doubt(project: &str, flags: &str) -> String {
    if let Some((_, doubt)) = PROJECTS.iter().find(|(name, _)| *name == project) {
        return (*doubt).to_owned();
    }
    let doubts = FLAGS.iter().filter(|(flag, _)| flags.split(',').any(|found| found == *flag)).map(|(_, doubt)| *doubt);
    doubts.collect::<Vec<_>>().join("; ")
}

fn row(project: &str, release: &str, doubt: String, definition: &Value) -> Result<Row> {
    let mut spec = definition["spec"].clone();
    let mut versions = Vec::new();
    for version in spec["versions"].as_array_mut().ok_or("a definition has no versions")? {
        let open = if is_open(&version["schema"]["openAPIV3Schema"]) { "~" } else { "" };
        versions.push(format!("{}{open}", version["name"].as_str().ok_or("a version has no name")?));
        // The server drops what is written below a status subresource.
        if version["subresources"]["status"].is_object()
            && let Some(status) = version.pointer_mut("/schema/openAPIV3Schema/properties/status")
        {
            *status = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        }
    }
    let texts = [project, release, &doubt].into_iter();
    if texts.chain(versions.iter().map(String::as_str)).any(|text| text.contains(['\t', '\n'])) {
        return Err(format!("{project}: a name with a tab or a line break").into());
    }
    let definition = json!({"spec": spec}).to_string();
    Ok(Row { project: project.to_owned(), release: release.to_owned(), doubt, versions, definition })
}

/// Whether a schema names no field beside those that every object has, or none of `spec` and nothing beside it.
fn is_open(schema: &Value) -> bool {
    let names_fields = |schema: &Value| schema["properties"].as_object().is_some_and(|fields| !fields.is_empty());
    // Read strictly, an object of such a kind could say nothing at all.
    if !names_fields(schema) {
        return true;
    }
    let own = schema["properties"].as_object().into_iter().flatten();
    let mut own = own.filter(|(name, _)| !["apiVersion", "kind", "metadata", "status"].contains(&name.as_str())).peekable();
    let has_own = own.peek().is_some();
    let only_open_spec = has_own && own.all(|(name, schema)| name == "spec" && takes_anything(schema) && !names_fields(schema));
    only_open_spec || (!has_own && takes_anything(schema))
}

fn takes_anything(schema: &Value) -> bool {
    schema["x-kubernetes-preserve-unknown-fields"] == true
}
