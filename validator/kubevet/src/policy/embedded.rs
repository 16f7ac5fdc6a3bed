//! The files that the binary was built with, and what the build script found out about them, so that no run needs to.

use std::collections::BTreeMap;

use super::metadata::{Custom, Metadata, Scope, Usual};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A file of `policies/`.
#[derive(Debug)]
pub(super) struct Embedded {
    /// Its path below `policies/`.
    pub(super) path: &'static str,
    /// Its text.
    pub(super) text: &'static str,
    /// What is known of it, if it is Rego.
    pub(super) policy: Option<Known>,
    /// The same in JSON, if it is YAML.
    json: Option<&'static str>,
}

/// What the text of a policy tells.
#[derive(Debug)]
pub(super) struct Known {
    /// Its package, without `data`.
    pub(super) package: &'static str,
    /// What it refers to, without `data`.
    pub(super) references: &'static [&'static str],
    /// What it says about itself, if it says so rightly.
    pub(super) metadata: Option<KnownMetadata>,
    /// What the engine reads for it.
    pub(super) compiled: &'static str,
}

/// [`Metadata`], less the examples.
#[derive(Debug)]
pub(super) struct KnownMetadata {
    title: Option<&'static str>,
    description: Option<&'static str>,
    kinds: &'static [&'static str],
    scope: Scope,
    help: Option<&'static str>,
    keys: &'static [&'static str],
    texts: &'static [&'static str],
    needs: &'static [&'static str],
    /// In JSON; empty where there are none.
    parameters: &'static str,
    since: Option<&'static str>,
    level: Option<Usual>,
    fix: bool,
}

impl From<&KnownMetadata> for Metadata {
    fn from(known: &KnownMetadata) -> Self {
        let list = |texts: &[&str]| texts.iter().copied().map(str::to_owned).collect();
        let custom = Custom {
            kinds: list(known.kinds),
            scope: known.scope,
            help: known.help.map(str::to_owned),
            keys: list(known.keys),
            texts: list(known.texts),
            needs: list(known.needs),
            parameters: if known.parameters.is_empty() {
                BTreeMap::new()
            } else {
                serde_json::from_str(known.parameters).unwrap_or_default()
            },
            since: known.since.map(str::to_owned),
            level: known.level,
            fix: known.fix,
            ..Custom::default()
        };
        Self { title: known.title.map(str::to_owned), description: known.description.map(str::to_owned), custom, ..Self::default() }
    }
}

/// All files, in the order of their paths.
pub(super) fn files() -> &'static [Embedded] {
    FILES
}

/// The file of that path.
pub(super) fn file(path: &str) -> Option<&'static Embedded> {
    FILES.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|at| FILES.get(at))
}

/// The kinds that the rules inside the binary name.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    let metadata = files().iter().filter_map(|file| file.policy.as_ref()?.metadata.as_ref());
    metadata.flat_map(|known| known.kinds.iter().copied())
}

/// The text of the file of that path.
pub(crate) fn text(path: &str) -> Option<&'static str> {
    file(path).map(|file| file.text)
}

/// In JSON, which takes less time to read, what the file of that path says in YAML, if this is its text.
pub(crate) fn json(path: &str, text: &str) -> Option<&'static str> {
    file(path).filter(|file| file.text == text)?.json
}
