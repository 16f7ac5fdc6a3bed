//! What there is to know of what stands somewhere: a field's value in each environment and the lines that set it, a rule's text.

use std::fmt::Write as _;

use kustomize::{Node, Render, Source};

use super::places::{Field, Spot, View, fields_at};
use super::uri;
use crate::explain;
use crate::locate;
use crate::location::{Object, path_text};
use crate::paths::shown;
use crate::policy::Rule;
use crate::project::Project;
use crate::redact::{MASK, Secrets};
use crate::report::{code, prose};
use crate::trace::{Stage, Trace};

/// A longer value is cut.
const LONGEST: usize = 200;

/// Rows of the table.
const MOST: usize = 40;

/// Markdown, and the bytes of the file that it is about.
pub(super) type Hover = (String, (usize, usize));

/// The explanation of the rule that is named at a spot.
pub(super) fn of_rule(project: &Project, spot: Spot<'_>) -> Option<Hover> {
    let (start, end) = word(spot.text, spot.offset);
    let rule = rule(project, spot.text.get(start..end)?)?;
    let mut text = Vec::new();
    explain::write(project, rule, &mut text).ok()?;
    Some((fenced(&String::from_utf8(text).ok()?), (start, end)))
}

/// The rule that a word names, by its id or its package.
pub(super) fn rule<'p>(project: &'p Project, word: &str) -> Option<&'p Rule> {
    project.catalog.rule(word).or_else(|| project.catalog.rules.iter().find(|rule| !word.is_empty() && rule.package() == word))
}

/// The letters around a byte of which ids of rules, packages, names and paths are made.
pub(super) fn word(text: &str, offset: usize) -> (usize, usize) {
    let is_part = |next: char| next.is_alphanumeric() || matches!(next, '_' | '-' | '/' | '.');
    let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let start = text[..offset].rfind(|next| !is_part(next)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let end = text[offset..].find(|next| !is_part(next)).map_or(text.len(), |at| offset + at);
    (start, end)
}

/// The value of the field at a spot in each environment, with the lines that set it, the newest first.
pub(super) fn of_field(views: &[View], spot: Spot<'_>, secrets: &Secrets) -> Option<Hover> {
    let found: Vec<(&View, Field)> =
        views.iter().filter_map(|view| Some((view, fields_at(&view.render, spot).into_iter().next()?))).collect();
    // What is narrower elsewhere is what stands at the spot: an environment may have taken a part of it out.
    let narrowest = found.iter().map(|(_, field)| field.range.1 - field.range.0).min()?;
    let found: Vec<_> = found.into_iter().filter(|(_, field)| field.range.1 - field.range.0 == narrowest).collect();
    let (view, first) = found.first()?;
    let object = view.render.objects.get(first.object)?;
    let names = locate::element_names(object, &first.path);
    let path = path_text(&first.path, &names);
    let subject = Object::of(object);
    let title = if path.is_empty() { String::new() } else { format!("{} of ", code(&scrubbed(&path, secrets))) };
    let mut text =
        format!("{title}{} {}\n\n| | now | set by |\n|---|---|---|\n", prose(&subject.kind), code(&scrubbed(&subject.name, secrets)));
    for (view, field) in found.iter().take(MOST) {
        let object = view.render.objects.get(field.object)?;
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            prose(&environment(view, &found)),
            value(object, field, secrets),
            stages(&view.render, object, field)
        );
    }
    if found.len() > MOST {
        let _ = writeln!(text, "\n{} more overlays", found.len() - MOST);
    }
    Some((text, (first.range.0 as usize, first.range.1 as usize)))
}

/// The environment, and the overlay where several of one environment are there.
fn environment(view: &View, all: &[(&View, Field)]) -> String {
    let of_it = all.iter().filter(|(other, _)| other.environment == view.environment).count();
    if of_it > 1 { format!("{} ({})", view.environment, shown(&view.overlay).display()) } else { view.environment.clone() }
}

fn scrubbed(text: &str, secrets: &Secrets) -> String {
    secrets.scrub(text).into_owned()
}

fn value(object: &Node, field: &Field, secrets: &Secrets) -> String {
    let Some(node) = locate::resolve(object, &field.path) else { return "removed".to_owned() };
    let is_secret = object.str_at(&["kind"]) == Some("Secret") && field.path.len() > 1;
    let key = field.path.iter().rev().find_map(|step| match step {
        crate::location::Step::Key(key) => Some(key.as_str()),
        crate::location::Step::Index(_) => None,
    });
    let is_named = key.is_some_and(|key| !crate::redact::may_be_shown(key));
    match node.text().or_else(|| node.as_str()) {
        Some(_) if is_secret || is_named => code(MASK),
        Some(text) => {
            let text = scrubbed(text, secrets);
            let line = text.lines().next().unwrap_or_default();
            let cut: String = line.chars().take(LONGEST).collect();
            if cut.len() < text.trim_end().len() { format!("{} …", code(&cut)) } else { code(&cut) }
        }
        None => match (node.items().len(), node.entries().len()) {
            (0, 0) => "empty".to_owned(),
            (0, keys) => format!("{keys} fields"),
            (items, _) => format!("{items} elements"),
        },
    }
}

/// Each line that set the field, or removed it, the newest first.
fn stages(render: &Render, object: &Node, field: &Field) -> String {
    let Ok(trace) = Trace::of(render, object, &field.path) else { return String::new() };
    let place = |stage: &Stage| {
        let by = stage.by.field.as_deref().map(|field| format!(" {}", code(field))).unwrap_or_default();
        format!("{}{by}", link(&stage.source, stage.start))
    };
    trace.stages.iter().map(place).collect::<Vec<_>>().join(" ← ")
}

/// A link to a line.
fn link(source: &Source, offset: u32) -> String {
    let (line, _) = source.position(offset);
    let text = code(&format!("{}:{line}", shown(source.path()).display()));
    if source.path().starts_with("<kubevet>") { text } else { format!("[{text}]({}#L{line})", uri::of_path(source.path()).0) }
}

/// Text as it is, whatever is in it.
fn fenced(text: &str) -> String {
    let longest = text.split(|next| next != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}text\n{}\n{fence}", crate::escape::lines(text.trim_end()))
}
