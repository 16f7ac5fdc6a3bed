//! Whether a build by another program would leave this machine: everything that a kustomization leads to is looked at, nothing is built.

use std::path::Path;

use crate::context::Context;
use crate::decode::Text;
use crate::error::Error;
use crate::load::{Root, is_remote, is_remote_file};
use crate::node::Node;
use crate::yaml::Dialect;

/// Fields of a kustomization that name files, directories or addresses, in lower case as Kustomize compares them.
const NAMES: [&str; 17] = [
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "openapi",
    "generators",
    "transformers",
    "validators",
    "patches",
    "patchesstrategicmerge",
    "patchesjson6902",
    "replacements",
    "configmapgenerator",
    "secretgenerator",
    "helmcharts",
    "helmchartinflationgenerator",
];

/// Fields among them whose files are read for more names.
const PLUGINS: [&str; 3] = ["generators", "transformers", "validators"];

/// Fields below them that hold content, and no name.
const CONTENT: [&str; 6] = ["literals", "options", "target", "select", "valuesinline", "patch"];

/// Nothing if all that the kustomization in `directory` leads to is in local files.
///
/// What looks remote and is none (a text in a plugin's configuration) counts as remote: whoever asks wants to be certain.
///
/// # Errors
/// With its line, the first thing that is remote or that can't be read.
pub fn check_local(directory: &Path) -> Result<(), Error> {
    let mut context = Context::default();
    let root = Root::open(&mut context, directory)?;
    kustomization(&mut context, &root)
}

fn kustomization(context: &mut Context, root: &Root) -> Result<(), Error> {
    let id = root.kustomization_file(context, None)?.into_source(context)?;
    for document in context.read(id, Dialect::YamlV2)? {
        for entry in document.entries() {
            let field = entry.key.text.to_ascii_lowercase();
            if NAMES.contains(&field.as_str()) {
                names(context, root, &field, &entry.value)?;
            }
        }
    }
    Ok(())
}

fn names(context: &mut Context, root: &Root, field: &str, node: &Node) -> Result<(), Error> {
    for entry in node.entries() {
        if !CONTENT.contains(&entry.key.text.to_ascii_lowercase().as_str()) {
            names(context, root, field, &entry.value)?;
        }
    }
    node.items().iter().try_for_each(|item| names(context, root, field, item))?;
    let Some(value) = node.text() else { return Ok(()) };
    let text = Text { value: value.into(), origin: node.origin.clone() };
    // Of files, a generator may say under which key.
    let (_, name) = value.split_once('=').unwrap_or(("", value));
    if [value, name].iter().any(|name| is_remote(name) || is_remote_file(name)) || (value.contains('\n') && mentions_address(value)) {
        return Err(context.remote(&node.origin, value.lines().next().unwrap_or_default()));
    }
    if root.is_directory(value)
        && !value.is_empty()
        && ["resources", "bases", "components"].iter().chain(&PLUGINS).any(|known| *known == field)
    {
        let below = root.descend(context, &text)?;
        return kustomization(context, &below);
    }
    if PLUGINS.contains(&field) && !value.contains('\n') {
        let id = root.load(context, &text)?.into_source(context)?;
        for document in context.read(id, Dialect::YamlV3)? {
            contents(context, &document)?;
        }
    }
    Ok(())
}

/// Any text of a plugin's configuration may be a name.
fn contents(context: &Context, node: &Node) -> Result<(), Error> {
    node.entries().iter().map(|entry| &entry.value).chain(node.items()).try_for_each(|child| contents(context, child))?;
    match node.text() {
        Some(text) if is_remote(text) || mentions_address(text) => {
            Err(context.remote(&node.origin, text.lines().next().unwrap_or_default()))
        }
        _ => Ok(()),
    }
}

fn mentions_address(text: &str) -> bool {
    text.contains("://") || text.split_whitespace().any(is_remote)
}
