//! The schema tables, held against the kinds and fields of the crate `k8s-openapi` of the same Kubernetes versions.
//!
//! The crate has one version in a build, and takes half a minute to compile; its source has several versions, each type with its group, version, scope
//! and fields in the form that its generator gives them. So the test reads the source, which Cargo has where it keeps packages, and compiles nothing.
//! One release of the crate has the versions from 1.33 on, and another those before.

#![allow(clippy::unwrap_used, reason = "helpers outside the functions that clippy exempts")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use kubevet_facts::objects::{group_of, is_cluster_scoped};
use kubevet_facts::schema::Version;

/// Kinds that a server answers with, and nobody creates.
const ANSWERS: [&str; 5] = ["v1 APIGroup", "v1 APIGroupList", "v1 APIResourceList", "v1 APIVersions", "v1 ComponentStatus"];

/// Kinds by `apiVersion kind`, and the fields of definitions by names such as `core.v1.PodSpec`.
#[derive(Default)]
struct Kinds {
    /// Whether objects of the kind have no namespace; nothing where the source does not say it.
    kinds: BTreeMap<String, Option<bool>>,
    fields: BTreeMap<String, BTreeSet<String>>,
}

/// Where Cargo keeps what a release of the crate says of a version of Kubernetes; nothing where it is not here.
fn source(version: Version) -> Option<PathBuf> {
    let arguments = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    let name = format!("v{}", version.as_str().replace('.', "_"));
    let packages = metadata["packages"].as_array()?.iter().filter(|package| package["name"] == "k8s-openapi");
    let folder = |package: &serde_json::Value| Some(Path::new(package["manifest_path"].as_str()?).parent()?.join("src").join(&name));
    packages.filter_map(folder).find(|folder| folder.is_dir())
}

/// What stands between two texts.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}

impl Kinds {
    fn of_crate(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.of_crate(&path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                self.of_type(&fs::read_to_string(path).unwrap());
            }
        }
    }

    fn of_type(&mut self, text: &str) {
        let Some(definition) = between(text, "// Generated from definition ", "\n") else { return };
        if let Some(fields) = between(text, "deserializer.deserialize_struct(", "],").and_then(|rest| rest.split_once("&[")) {
            let names = fields.1.split('"').skip(1).step_by(2).map(str::to_owned);
            let short: Vec<_> = definition.rsplit('.').take(3).collect();
            self.fields.insert(short.into_iter().rev().collect::<Vec<_>>().join("."), names.collect());
        }
        if let Some(resource) = between(text, "impl crate::Resource for ", "\n}") {
            let constant = |name: &str| between(resource, &format!("const {name}: &'static str = \""), "\"").unwrap();
            let is_cluster = match between(resource, "type Scope = crate::", ";").unwrap() {
                "ClusterResourceScope" => Some(true),
                "NamespaceResourceScope" => Some(false),
                _ => None,
            };
            self.kinds.insert(format!("{} {}", constant("API_VERSION"), constant("KIND")), is_cluster);
        }
    }

    /// As `schema/table.rs` describes them.
    fn of_table(version: Version) -> Self {
        let path = format!("{}/src/schema/tables/{version}.gz", env!("CARGO_MANIFEST_DIR"));
        let mut text = String::new();
        GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        let (kinds, definitions) = text.split_once("\n\n").unwrap();
        let kind = |line: &str| line.split('\t').take(2).collect::<Vec<_>>().join(" ");
        let fields = |line: &str| {
            let mut parts = line.split('\t');
            let name = parts.next().unwrap().to_owned();
            (name, parts.map(|field| field.split(['~', ':']).next().unwrap().to_owned()).collect())
        };
        Self { kinds: kinds.lines().map(|line| (kind(line), None)).collect(), fields: definitions.lines().map(fields).collect() }
    }
}

#[test]
fn tables_have_the_kinds_and_fields_of_k8s_openapi() {
    let sources: Vec<_> = Version::ALL.into_iter().filter_map(|version| Some((version, source(version)?))).collect();
    if sources.len() < Version::ALL.len() {
        skipped::note(
            "the source of k8s-openapi is not here (`cargo fetch --locked` gets it), so the schema tables were not held against it",
        );
    }
    for (version, source) in sources {
        let table = Kinds::of_table(version);
        let mut oracle = Kinds::default();
        oracle.of_crate(&source);
        assert!(
            oracle.kinds.len() > 80 && oracle.fields.len() > 450,
            "{version}: {} kinds, {} definitions",
            oracle.kinds.len(),
            oracle.fields.len()
        );

        let unknown: Vec<_> = table.kinds.keys().filter(|kind| !oracle.kinds.contains_key(*kind)).collect();
        assert_eq!(unknown, [""; 0], "{version}: kinds that the crate does not have");
        // Parts of objects, which have no scope, are created with those.
        let others = oracle.kinds.iter().filter(|(kind, scope)| !table.kinds.contains_key(*kind) && scope.is_some());
        let others: Vec<_> = others.map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(others, ANSWERS, "{version}: kinds that the table does not have");

        for (kind, is_cluster) in oracle.kinds.iter().filter(|(kind, _)| table.kinds.contains_key(*kind)) {
            let (api_version, name) = kind.split_once(' ').unwrap();
            if let Some(is_cluster) = is_cluster {
                assert_eq!(is_cluster_scoped(group_of(api_version), name), *is_cluster, "{version}: {kind}");
            }
        }
        let mut compared = 0;
        for (definition, fields) in &table.fields {
            let Some(other) = oracle.fields.get(definition) else { continue };
            assert_eq!(fields, other, "{version}: {definition}");
            compared += 1;
        }
        assert!(compared + 10 > table.fields.len(), "{version}: {compared} of {} definitions were found", table.fields.len());
    }
}
