//! `kubevet schemas`: the custom kinds whose schemas kubevet carries.

use std::io::{self, Write};

use kubevet_facts::schema::catalog::{self, Kind};
use serde_json::json;

/// The kinds with this text in group, kind or project, in any case.
pub fn containing(text: &str) -> Vec<&'static Kind> {
    let text = text.to_lowercase();
    let has = |kind: &&Kind| [kind.group, kind.kind, kind.project].iter().any(|part| part.to_lowercase().contains(&text));
    catalog::all().iter().filter(has).collect()
}

/// Writes a table, aligned.
pub fn write(kinds: &[&Kind], out: &mut dyn Write) -> io::Result<()> {
    let header = ["GROUP", "KIND", "VERSIONS", "SCHEMA OF", "CHECKED"].map(str::to_owned);
    let of = |kind: &Kind| format!("{} {}", kind.project, kind.release);
    let row = |kind: &&Kind| [kind.group.to_owned(), kind.kind.to_owned(), versions(kind), of(kind), checked(kind)];
    let rows: Vec<[String; 5]> = std::iter::once(header).chain(kinds.iter().map(row)).collect();
    let widths: [usize; 4] = std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or_default());
    for row in &rows {
        for (cell, width) in std::iter::zip(row, widths) {
            write!(out, "{cell:width$}  ")?;
        }
        writeln!(out, "{}", row[4])?;
    }
    Ok(())
}

/// Writes them as one JSON document.
pub fn write_json(kinds: &[&Kind], out: &mut dyn Write) -> io::Result<()> {
    let one = |kind: &&Kind| {
        let versions: Vec<_> = kind.versions.iter().map(|version| json!({"name": version.name, "open": version.is_open})).collect();
        let Kind { group, kind: name, project, release, doubt, .. } = kind;
        json!({"group": group, "kind": name, "versions": versions, "project": project, "projectVersion": release, "doubt": doubt})
    };
    let schemas: Vec<_> = kinds.iter().map(one).collect();
    serde_json::to_writer_pretty(&mut *out, &json!({"version": 1, "schemas": schemas}))?;
    writeln!(out)
}

/// The versions; in brackets those whose schema takes any field.
fn versions(kind: &Kind) -> String {
    let version = |version: &catalog::Version| if version.is_open { format!("({})", version.name) } else { version.name.to_owned() };
    kind.versions.iter().map(version).collect::<Vec<_>>().join(",")
}

/// What is checked.
fn checked(kind: &Kind) -> String {
    match kind.doubt {
        _ if kind.versions.iter().all(|version| version.is_open) => "nothing: its schema takes any field".to_owned(),
        Some(doubt) => format!("types and names of fields: its schema is {doubt}"),
        None => "everything".to_owned(),
    }
}
