//! What go-yaml v3 makes of a string by printing and reading it again, as every resource is before it becomes JSON.

use super::style::{self, Tabs, is_break};
use crate::yaml::node::Style;

/// What became of a string.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reread {
    /// It is the same.
    Same,
    /// It is another text.
    Changed(String),
    /// go-yaml can't read what it printed: a block scalar whose first character is a tab.
    Unreadable,
}

/// Prints `text` in `style` and reads it again.
pub(super) fn reread(text: &str, style: Style) -> Reread {
    let block = match style {
        Style::Literal | Style::Folded => true,
        Style::Plain => text.contains('\n'),
        Style::FlowPlain | Style::SingleQuoted | Style::DoubleQuoted => false,
    };
    // Nothing else changes, and long texts are usually literal.
    let at_risk = style == Style::Folded || text.starts_with('\t');
    if !block || !at_risk || !style::allowed(text, Tabs::InBlocks).block {
        return Reread::Same;
    }
    if text.starts_with('\t') {
        return Reread::Unreadable;
    }
    if style == Style::Folded {
        let folded = unfold(&fold(text), text == "\n" || text.ends_with("\n\n"));
        if folded != text {
            return Reread::Changed(folded);
        }
    }
    Reread::Same
}

/// The lines that go-yaml v3 prints for a folded scalar (without indentation, and without a limit to their length, as kyaml sets none).
/// A break is doubled although the next line starts with a space: go-yaml looks at the start of the text instead of the next line.
fn fold(text: &str) -> String {
    let doubles = text.trim_start_matches(is_break).chars().next().is_some_and(|first| !matches!(first, ' ' | '\t'));
    let mut out = String::with_capacity(text.len() + 8);
    let (mut breaks, mut leading_spaces) = (true, true);
    for character in text.chars() {
        if is_break(character) {
            if !breaks && !leading_spaces && character == '\n' && doubles {
                out.push('\n');
            }
            breaks = true;
        } else {
            if breaks {
                leading_spaces = matches!(character, ' ' | '\t');
            }
            breaks = false;
        }
        out.push(character);
    }
    out
}

/// What reading those lines gives: a single break between two lines that don't start with a space becomes a space.
fn unfold(folded: &str, keep: bool) -> String {
    let content = folded.trim_end_matches('\n');
    let mut out = String::with_capacity(folded.len());
    let mut previous_blank: Option<bool> = None;
    let mut empty = 0;
    for line in content.split('\n') {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        let blank = line.starts_with([' ', '\t']);
        match previous_blank {
            // The break that ends the line before is folded away where neither line is indented and empty lines follow it.
            Some(false) if !blank && empty == 0 => out.push(' '),
            Some(before) => {
                let kept = if before || blank { empty + 1 } else { empty };
                out.extend(std::iter::repeat_n('\n', kept));
            }
            None => out.extend(std::iter::repeat_n('\n', empty)),
        }
        out.push_str(line);
        previous_blank = Some(blank);
        empty = 0;
    }
    // The chomping indicator goes by the text: `+` for two breaks at its end, which keeps what the last line has gained.
    match folded.len() - content.len() {
        0 => {}
        breaks if keep => out.extend(std::iter::repeat_n('\n', breaks)),
        _ => out.push('\n'),
    }
    out
}
