//! Puts the repository's `policies/` into the binary, so that kubevet works in any Kustomize repository.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[allow(dead_code, unused_imports, reason = "made for kubevet, which needs all of it")]
#[path = "src/policy/compile/mod.rs"]
mod compile;
#[allow(dead_code, unreachable_pub, reason = "made for kubevet, which needs all of it")]
#[path = "src/policy/metadata.rs"]
mod metadata;
#[allow(dead_code, reason = "made for kubevet, which needs all of it")]
#[path = "src/policy/text.rs"]
mod text;

fn main() -> io::Result<()> {
    let top = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../policies");
    println!("cargo::rerun-if-changed={}", top.display());
    let mut files = Vec::new();
    if top.is_dir() {
        collect(&top, &mut files)?;
    }
    let name = |file: &Path| file.strip_prefix(&top).unwrap_or(file).to_string_lossy().replace('\\', "/");
    let mut files: Vec<(String, PathBuf)> = files.into_iter().map(|file| (name(&file), file)).collect();
    files.sort();
    let mut code = String::from("static FILES: &[Embedded] = &[\n");
    for (name, file) in files {
        let path = fs::canonicalize(&file)?.display().to_string();
        let text = fs::read_to_string(&file)?;
        let policy = name.ends_with(".rego").then(|| known(&text));
        let json = if policy.is_none() { serde_yaml::from_str::<serde_json::Value>(&text).ok() } else { None };
        code.push_str(&format!(
            "    Embedded {{ path: {name:?}, text: include_str!({path:?}), policy: {}, json: {:?} }},\n",
            option(policy),
            json.map(|json| json.to_string())
        ));
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("embedded.rs"), code)
}

/// What there is to know of a policy, as an expression. What is wrong with it is said when it is used.
fn known(text: &str) -> String {
    let (package, mut references) = (text::package(text), text::references(text));
    references.sort_unstable();
    references.dedup();
    let metadata = metadata::parse(text).ok().flatten().map(|metadata| {
        let metadata::Metadata { title, description, custom, .. } = metadata;
        let metadata::Custom { kinds, scope, help, keys, texts, needs, parameters, since, level, fix, .. } = custom;
        let parameters = if parameters.is_empty() { String::new() } else { serde_json::to_string(&parameters).unwrap_or_default() };
        let level = level.map(|level| format!("Usual::{level:?}"));
        format!(
            "KnownMetadata {{ title: {title:?}, description: {description:?}, kinds: &{kinds:?}, scope: Scope::{scope:?}, help: {help:?}, \
             keys: &{keys:?}, texts: &{texts:?}, needs: &{needs:?}, parameters: {parameters:?}, since: {since:?}, level: {}, \
             fix: {fix} }}",
            option(level)
        )
    });
    // What is wrong with it the engine says better, of the text as it is.
    let compiled = compile::alone(text).map_or_else(|_| text.to_owned(), |printed| printed.text);
    format!("Known {{ package: {package:?}, references: &{references:?}, metadata: {}, compiled: {compiled:?} }}", option(metadata))
}

fn option(expression: Option<String>) -> String {
    expression.map_or("None".to_owned(), |expression| format!("Some({expression})"))
}

/// Rules and the tables; not their tests, and not this repository's own waivers.
fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, files)?;
        } else if (name.ends_with(".rego") && !name.ends_with("_test.rego"))
            || ["environments.yaml", "products.yaml", "workloads.yaml"].contains(&name.as_str())
        {
            files.push(path);
        }
    }
    Ok(())
}
