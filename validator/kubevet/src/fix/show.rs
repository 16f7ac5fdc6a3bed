//! What fixes do, for people: a diff that says which finding each part of it mends, and a summary.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::ops::Range;

use kustomize::Source;
use similar::{ChangeTag, TextDiff};

use super::outcome::{Fixed, FixedFile, Mended};
use crate::escape;
use crate::findings::Finding;
use crate::words::plural;

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// Of findings with the same reason, so many are named.
const NAMED: usize = 5;

/// Colours of a terminal, or none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette {
    /// Whether there are any.
    pub colored: bool,
}

impl Palette {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colored { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Writes the diff of all files.
///
/// # Errors
/// Those of `out`.
pub fn write_diff(mended: &Mended, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    mended.files.iter().try_for_each(|file| write_file(file, mended, palette, out))
}

fn write_file(file: &FixedFile, mended: &Mended, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let fixes: BTreeSet<usize> = file.marks.iter().flatten().copied().collect();
    for fix in fixes.iter().filter_map(|at| mended.fixed.get(*at)) {
        writeln!(out, "{}", palette.paint("1", &headline(fix)))?;
    }
    let path = escape::line(&file.path.display().to_string()).into_owned();
    let before = file.before.as_deref().unwrap_or_default();
    let old_path = if file.before.is_some() { format!("a/{path}") } else { "/dev/null".to_owned() };
    writeln!(out, "{}", palette.paint("1", &format!("--- {old_path}")))?;
    writeln!(out, "{}", palette.paint("1", &format!("+++ b/{path}")))?;
    let (old, new) = (Source::new(&file.path, before), Source::new(&file.path, &*file.after));
    let (old_lines, new_lines) = (mended.secrets.lines(&old), mended.secrets.lines(&new));
    let diff = TextDiff::from_lines(before, &*file.after);
    for group in diff.grouped_ops(AROUND) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (olds, news) = (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end);
        let rules: BTreeSet<&str> = news
            .clone()
            .filter_map(|line| file.marks.get(line))
            .flatten()
            .filter_map(|fix| mended.fixed.get(*fix))
            .map(|fix| fix.finding.rule.as_str())
            .collect();
        let range = |range: &Range<usize>| {
            let start = if range.is_empty() { range.start } else { range.start + 1 };
            format!("{start},{}", range.len())
        };
        let heading =
            format!("@@ -{} +{} @@ {}", range(&olds), range(&news), escape::line(&rules.into_iter().collect::<Vec<_>>().join(" ")));
        writeln!(out, "{}", palette.paint("36", heading.trim_end()))?;
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, code, lines, line) = match change.tag() {
                ChangeTag::Equal => (' ', "", &new_lines, change.new_index()),
                ChangeTag::Delete => ('-', "31", &old_lines, change.old_index()),
                ChangeTag::Insert => ('+', "32", &new_lines, change.new_index()),
            };
            let text = line.and_then(|line| lines.get(line)).map_or("", String::as_str);
            let text = format!("{sign}{}", escape::lines(text.trim_end_matches(['\n', '\r'])));
            writeln!(out, "{}", if code.is_empty() { text } else { palette.paint(code, &text) })?;
            if change.missing_newline() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    writeln!(out)
}

/// `probes/liveness in dev, prod: container "web" has no livenessProbe -> add a liveness probe`
fn headline(fix: &Fixed) -> String {
    let Finding { rule, environments, message, object, .. } = &fix.finding;
    let kind = if fix.safe { "" } else { " (suggestion)" };
    let text = format!("{rule} in {}: {object}: {message} -> {}{kind}", environments.join(", "), fix.title);
    escape::line(&text).into_owned()
}

/// What became of the findings of a rule.
#[derive(Default)]
struct OfRule<'a> {
    fixed: usize,
    suggested: usize,
    refused: BTreeMap<String, Vec<&'a Finding>>,
}

/// Writes what is fixed, left out and not offered, by rule. `written` says whether the files have it.
///
/// # Errors
/// Those of `out`.
pub fn write_summary(mended: &Mended, written: bool, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, OfRule<'_>> = BTreeMap::new();
    mended.fixed.iter().for_each(|fix| rules.entry(&fix.finding.rule).or_default().fixed += 1);
    mended.suggested.iter().for_each(|finding| rules.entry(&finding.rule).or_default().suggested += 1);
    for refused in &mended.refused {
        let of_rule = rules.entry(&refused.finding.rule).or_default();
        of_rule.refused.entry(refused.reason.to_string()).or_default().push(&refused.finding);
    }
    let width = rules.keys().map(|rule| rule.chars().count()).max().unwrap_or_default();
    for (rule, of) in &rules {
        let refused: usize = of.refused.values().map(Vec::len).sum();
        let counts = [(of.fixed, "fixed"), (of.suggested, "suggested"), (refused, "not offered")];
        let counts: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        writeln!(out, "{}  {}", palette.paint("1", &format!("{:width$}", escape::line(rule))), counts.join(", "))?;
        for (reason, findings) in &of.refused {
            writeln!(out, "    not offered: {}", escape::line(reason))?;
            for finding in findings.iter().take(NAMED) {
                let place = finding.cause().map(|cause| {
                    let (line, _) = cause.source.position(cause.start);
                    format!("{}:{line}: ", crate::paths::shown(cause.source.path()).display())
                });
                let text = format!("{}{}", place.unwrap_or_default(), finding.message);
                writeln!(out, "      {}", escape::line(&text))?;
            }
            if findings.len() > NAMED {
                writeln!(out, "      and {} more", findings.len() - NAMED)?;
            }
        }
    }
    let what = plural(mended.fixed.len(), "finding");
    let files = plural(mended.files.len(), "file");
    let line = match (mended.fixed.is_empty(), written) {
        (true, _) => "nothing is left that a fix mends".to_owned(),
        (false, true) => format!("fixed {what} in {files}"),
        (false, false) => format!("{what} in {files} can be fixed: --write does it"),
    };
    let more = if mended.suggested.is_empty() { String::new() } else { format!("; {} more with --suggestions", mended.suggested.len()) };
    writeln!(out, "{}", palette.paint("1", &format!("{line}{more}")))
}
