//! For programs: the report of `check`, and beside it `diff`. `schemas/report.json` describes it.

use std::io::{self, Write};

use kubevet_facts::change::Kind;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Diff, text};
use crate::check::{FieldChange, ObjectChange, OverlayChange};
use crate::escape;
use crate::findings::Location;
use crate::paths::shown;
use crate::report;

pub(super) fn write(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let mut document = report::json_value(&diff.report)?;
    if let Some(document) = document.as_object_mut() {
        let gone: Vec<Json> = diff.gone.iter().map(report::json_finding).collect::<Result<_, _>>()?;
        document.insert("gone".to_owned(), gone.into());
        document.insert("diff".to_owned(), comparison(diff)?);
    }
    writeln!(out, "{}", escape::json(&serde_json::to_string_pretty(&document)?))
}

fn comparison(diff: &Diff) -> io::Result<Json> {
    let overlays: Vec<Json> = diff.changes().iter().map(|change| overlay(change, diff)).collect::<io::Result<_>>()?;
    let removed: Vec<_> = diff.removed.iter().map(|path| shown(path)).collect();
    Ok(json!({ "against": diff.against, "overlays": overlays, "removedOverlays": removed }))
}

fn overlay(change: &OverlayChange, diff: &Diff) -> io::Result<Json> {
    let effects = &change.effects;
    let objects: Vec<Json> = change.objects.iter().map(object).collect::<io::Result<_>>()?;
    Ok(json!({
        "overlay": shown(&change.path),
        "environment": change.environment,
        "summary": {
            "text": text::summary(change, &diff.report.findings),
            "added": change.count(Kind::Added),
            "removed": change.count(Kind::Removed),
            "recreated": change.count(Kind::Renamed),
            "changed": change.count(Kind::Changed),
            "unchanged": change.unchanged,
            "restarts": text::restarts(change),
            "flowsOpened": effects.opened,
            "flowsCut": effects.cut,
            "rightsGranted": effects.granted,
        },
        "objects": objects,
        "effects": effects.facts,
    }))
}

fn object(object: &ObjectChange) -> io::Result<Json> {
    let change = match object.change {
        Kind::Renamed => json!("recreated"),
        other => serde_json::to_value(other)?,
    };
    let fields: Vec<Json> = object.fields.iter().map(field).collect::<io::Result<_>>()?;
    Ok(json!({
        "change": change,
        "object": object.object,
        "was": object.was,
        "fields": fields,
        "refused": object.refused,
        "restarts": object.restart.happens(),
        "restart": object.restart,
        "hashes": object.hashes,
    }))
}

#[derive(Serialize)]
struct Place {
    file: std::path::PathBuf,
    line: u32,
    column: u32,
}

fn place(location: &Location) -> Place {
    let (line, column) = location.source.position(location.start);
    Place { file: shown(location.source.path()), line, column }
}

fn field(field: &FieldChange) -> io::Result<Json> {
    let mut value = json!({
        "path": field.path,
        "old": field.old,
        "new": field.new,
        "cause": field.cause.as_ref().map(place),
        "was": field.was.as_ref().map(place),
    });
    if field.is_secret
        && let Some(map) = value.as_object_mut()
    {
        map.insert("masked".to_owned(), Json::Bool(true));
    }
    Ok(value)
}
