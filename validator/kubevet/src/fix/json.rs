//! What fixes do, for programs. `version` changes when a field changes its meaning or goes away.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::outcome::Mended;
use crate::escape;
use crate::findings::Finding;
use crate::location::Object;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    fixed: Vec<JsonFixed<'a>>,
    /// What is not offered.
    refused: Vec<JsonRefused<'a>>,
    /// What a suggestion might mend.
    suggested: Vec<JsonFinding<'a>>,
    files: Vec<&'a Path>,
    written: bool,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    message: &'a str,
    environments: &'a [String],
    overlays: &'a [PathBuf],
    objects: Vec<&'a Object>,
}

#[derive(Serialize)]
struct JsonFixed<'a> {
    #[serde(flatten)]
    finding: JsonFinding<'a>,
    title: String,
    safe: bool,
    /// What it changes or makes.
    changes: &'a [Object],
}

#[derive(Serialize)]
struct JsonRefused<'a> {
    #[serde(flatten)]
    finding: JsonFinding<'a>,
    reason: String,
}

/// Writes what is fixed, left out and not offered as a document. `written` says whether the files have it.
///
/// # Errors
/// Those of `out`.
pub fn write_json(mended: &Mended, written: bool, out: &mut dyn Write) -> io::Result<()> {
    let secrets = &mended.secrets;
    let fixed = mended.fixed.iter().map(|fixed| JsonFixed {
        finding: finding(&fixed.finding),
        title: secrets.scrub(&fixed.title).into_owned(),
        safe: fixed.safe,
        changes: &fixed.objects,
    });
    let refused = mended
        .refused
        .iter()
        .map(|refused| JsonRefused { finding: finding(&refused.finding), reason: secrets.scrub(&refused.reason.to_string()).into_owned() });
    let document = Document {
        version: 1,
        fixed: fixed.collect(),
        refused: refused.collect(),
        suggested: mended.suggested.iter().map(finding).collect(),
        files: mended.files.iter().map(|file| file.path.as_path()).collect(),
        written,
    };
    let text = serde_json::to_string_pretty(&document).map_err(io::Error::other)?;
    writeln!(out, "{}", escape::json(&text))
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    JsonFinding {
        rule: &finding.rule,
        message: &finding.message,
        environments: &finding.environments,
        overlays: &finding.overlays,
        objects: std::iter::once(&finding.object).chain(&finding.also).collect(),
    }
}
