//! `kubevet explain RULE`: what a rule asks for, why, where its level comes from, and what good and bad look like.

use std::io::{self, Write};

use crate::paths::shown;
use crate::policy::{Rule, Scope};
use crate::project::Project;
use crate::rules;

/// Text wider than this is hard to read.
const WIDTH: usize = 96;

/// Writes everything that is known of a rule.
pub fn write(project: &Project, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}\n", rule.id, rule.title)?;
    let judges = match (rule.scope, rule.kinds.as_slice()) {
        (Scope::Change, _) => "what a change does to an overlay, in `kubevet diff`".to_owned(),
        (Scope::Environments, _) => "workloads, beside their copies in the environments below".to_owned(),
        (Scope::Overlay, _) => "all objects of an overlay together".to_owned(),
        (Scope::Object, []) => "every object".to_owned(),
        (Scope::Object, kinds) => kinds.join(", "),
    };
    writeln!(out, "Judges   {judges}")?;
    if rule.fix {
        writeln!(out, "Fixes    `kubevet fix` mends what it finds, where that can be proved")?;
    }
    writeln!(out, "File     {}", shown(rule.file.source.path()).display())?;
    let table = &project.table;
    let levels: Vec<String> = table
        .environments
        .iter()
        .enumerate()
        .map(|(at, environment)| format!("{} {}", environment.name, project.level(rule, at)))
        .collect();
    match table.levels.row(&rule.id) {
        Some(row) => {
            let (line, _) = row.place.source.position(row.place.start);
            writeln!(out, "Levels   {} ({}:{line})", levels.join(", "), shown(&table.path).display())?;
            if let Some(why) = &row.why {
                writeln!(out, "         {why}")?;
            }
        }
        None if table.levels.is_new(&rule.id) => {
            writeln!(out, "Levels   {} (newer than {}, so a warning until it has a row)", levels.join(", "), shown(&table.path).display())?
        }
        None => writeln!(out, "Levels   {} (no row in {})", levels.join(", "), shown(&table.path).display())?,
    }
    if !project.asks(rule) {
        writeln!(out, "Asked    only with --namespace {} or --all-namespaces", rule.package())?;
    }
    let waivers = project.waivers.iter().filter(|waiver| waiver.is_of(&rule.id));
    for waiver in waivers {
        let (line, _) = waiver.place.source.position(waiver.place.start);
        let place = format!("{}:{line}", shown(waiver.place.source.path()).display());
        writeln!(out, "Waived   {} {} until {} ({place}): {}", waiver.kind, waiver.name, waiver.expiry, waiver.reason)?;
    }
    for (name, parameter) in project.catalog.parameters.declared_in(&rule.file) {
        let default = parameter.declaration.default.as_ref().map(|default| format!(", {default} by default")).unwrap_or_default();
        writeln!(out, "Reads    {name} ({}{default}): {}", rules::kind(&parameter.declaration), parameter.declaration.description.trim())?;
    }
    section(out, "Why", &wrapped(&rule.description))?;
    section(out, "What to do", &wrapped(rule.help.as_deref().unwrap_or_default()))?;
    let examples = rule.examples();
    if !examples.parameters.is_empty() {
        let parameters = serde_json::to_string(&examples.parameters)?;
        section(out, "Parameters that the examples assume", &parameters)?;
    }
    section(out, "Bad", examples.bad.as_deref().unwrap_or_default())?;
    section(out, "Good", examples.good.as_deref().unwrap_or_default())
}

fn wrapped(text: &str) -> String {
    text.lines().map(|line| textwrap::fill(line, WIDTH)).collect::<Vec<_>>().join("\n")
}

fn section(out: &mut dyn Write, title: &str, text: &str) -> io::Result<()> {
    if text.trim().is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    text.trim_end().lines().try_for_each(|line| writeln!(out, "{}{line}", if line.is_empty() { "" } else { "    " }))
}
