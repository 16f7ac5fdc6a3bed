//! The `# METADATA` block of a rule: a YAML document in comments, as OPA defines it.
//!
//! The build script reads the blocks of the policies that it puts into the binary with this file too, which therefore uses no other.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// What a rule says about itself. OPA's other fields are allowed and not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) custom: Custom,
    pub(super) scope: Annotated,
    pub(super) authors: IgnoredAny,
    pub(super) compile: IgnoredAny,
    pub(super) entrypoint: IgnoredAny,
    pub(super) organizations: IgnoredAny,
    pub(super) related_resources: IgnoredAny,
    pub(super) schemas: IgnoredAny,
}

/// What OPA takes a block to be about; what a rule judges is said in `custom`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Annotated {
    #[default]
    Package,
    Subpackages,
    Rule,
    Document,
}

/// The words of a file that was written for another tool, which has its own conventions for the rest.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Words {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
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
    pub(super) parameters: BTreeMap<String, Declaration>,
    /// The version of kubevet that it came with.
    pub(super) since: Option<String>,
    /// Its level where the table says nothing of it.
    pub(super) level: Option<Usual>,
    /// Whether its results say how to mend what they are about, where that can be said.
    pub(super) fix: bool,
}

/// What a rule's finding means where the table says nothing.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Usual {
    /// As of any rule.
    Deny,
    /// It tells something, which may well be meant.
    Warn,
    /// The table has to ask for it.
    Off,
}

/// What a parameter of environments may be, as the rule that reads it says. Rules that share one declare it in one place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// What its value is.
    #[serde(rename = "type")]
    pub value: ValueType,
    /// What each element of a list, or each value of a map, is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ValueType>,
    /// All that it may be; empty for anything of its type.
    #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What it is where the table says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// What it is for, in a sentence.
    pub description: String,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
    /// A map.
    Map,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One rendered object, with `input.facts`.
    #[default]
    Object,
    /// All objects of an overlay: `input.objects`, `input.facts`.
    Overlay,
    /// An overlay beside those of the environments below it: `input.facts.lost`. Evaluated only where something is lost.
    Environments,
    /// What a change does to an overlay: `input.facts.change`. Evaluated only by `kubevet diff`, where something changes.
    Change,
}

/// Manifests that show a rule at work, or files of a project, each after a line `# file: PATH`; unit tests hold the rule to them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Examples {
    /// The rule has no finding on it.
    pub good: Option<String>,
    /// The rule has a finding on it.
    pub bad: Option<String>,
    /// Parameters of the environment that the examples assume.
    pub parameters: serde_json::Map<String, serde_json::Value>,
}

/// What is wrong with a block.
#[derive(Debug)]
pub(super) enum Mistake {
    /// These bytes of the text are neither part of the block nor the package.
    Line(Range<usize>),
    /// It is not the YAML that it should be; the error counts lines from behind this one.
    Yaml(u32, serde_yaml::Error),
    /// These bytes nest brackets deeper than the reader takes in reasonable time.
    Deep(Range<usize>),
}

/// How many brackets may be open in a block.
const DEEPEST: usize = 100;

/// The line on which more than [`DEEPEST`] brackets are open.
fn too_deep(yaml: &str) -> Option<usize> {
    let mut open = 0_usize;
    yaml.lines().position(|line| {
        line.bytes().any(|byte| {
            match byte {
                b'[' | b'{' => open += 1,
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            open > DEEPEST
        })
    })
}

/// Reads the block above `package` in a policy, if there is one.
pub(super) fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<Option<T>, Mistake> {
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
                None if line.starts_with("package ") || line.is_empty() => {
                    if let Some(line) = too_deep(yaml) {
                        let start = text.split_inclusive('\n').take(*first as usize + line).map(str::len).sum();
                        return Err(Mistake::Deep(start..start + 1));
                    }
                    return serde_yaml::from_str(yaml).map(Some).map_err(|error| Mistake::Yaml(*first, error));
                }
                None => return Err(Mistake::Line(line_start..line_start + line.len())),
            },
        }
    }
    Ok(None)
}
