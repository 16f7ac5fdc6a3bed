//! The `# METADATA` block of a rule: a YAML document in comments, as OPA defines it.

use kustomize::{Error, Place, Source};
use serde::Deserialize;
use std::sync::Arc;

use crate::config::yaml_error;
use crate::problem::invalid;

/// What a rule says about itself. OPA's other fields are allowed and not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) custom: Custom,
}

/// What kubevet reads of a rule's `custom` map.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Custom {
    pub(super) kinds: Vec<String>,
    pub(super) scope: Scope,
    pub(super) help: Option<String>,
    pub(super) examples: Examples,
    pub(super) keys: Vec<String>,
    pub(super) texts: Vec<String>,
    pub(super) needs: Vec<String>,
}

/// Where a rule can find something at all: elsewhere it isn't evaluated. Of each list that isn't empty, one entry must be met.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// Keys, one of which the object has somewhere, such as `hostPath`.
    pub keys: Vec<String>,
    /// Texts, one of which stands in some value of the object or in a key of its data, labels or annotations, such as `://`, in any case.
    pub texts: Vec<String>,
    /// Paths of the input, one of which holds something: anything but `null`, `false` and what is empty, such as `facts.schema`.
    pub needs: Vec<String>,
}

/// What a rule's `input` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One rendered object, with `input.facts`.
    #[default]
    Object,
    /// All objects of an overlay: `input.objects`, `input.facts`.
    Overlay,
    /// An overlay beside those of the environments below it: `input.facts.lost`. Evaluated only where something is lost.
    Environments,
}

/// Manifests that show a rule at work, or files of a project, each after a line `# file: PATH`; unit tests hold the rule to them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Examples {
    /// The rule has no finding on it.
    pub good: Option<String>,
    /// The rule has a finding on it.
    pub bad: Option<String>,
    /// Parameters of the environment that the examples assume.
    pub parameters: serde_json::Map<String, serde_json::Value>,
}

/// Reads the block above `package`, if there is one.
pub(super) fn parse(source: &Arc<Source>) -> Result<Option<Metadata>, Error> {
    let text = source.text();
    let mut offset = 0;
    let mut block: Option<(u32, String)> = None;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let line_start = offset;
        offset += line.len();
        let line = line.trim_end();
        match &mut block {
            None if line.starts_with("package ") => return Ok(None),
            None if line == "# METADATA" => block = Some((number as u32 + 1, String::new())),
            None => {}
            Some((_, yaml)) if line == "#" => yaml.push('\n'),
            Some((first, yaml)) => match line.strip_prefix("# ") {
                Some(content) => {
                    yaml.push_str(content);
                    yaml.push('\n');
                }
                // The block ends where the comment ends, and it is the package's only if the package follows.
                None if line.starts_with("package ") || line.is_empty() => return decode(source, *first, yaml).map(Some),
                None => {
                    let place = Place { source: Arc::clone(source), start: line_start as u32, end: (line_start + line.len()) as u32 };
                    return Err(invalid("expected `# ` or `package` after the METADATA block").at(place));
                }
            },
        }
    }
    Ok(None)
}

fn decode(source: &Arc<Source>, first: u32, yaml: &str) -> Result<Metadata, Error> {
    serde_yaml::from_str(yaml).map_err(|error| {
        let error = yaml_error(source, first, &error);
        let message = format!("the METADATA block is wrong: {}", error.message);
        Error { message, ..error }.help(
            "it is YAML in comments: title, description, and custom with kinds, keys, texts, needs, scope (object, overlay or environments), help \
             and examples (good, bad)",
        )
    })
}
