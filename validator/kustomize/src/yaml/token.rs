//! What the text says between and within tokens that events don't tell.

use std::borrow::Cow;
use std::ops::Range;

use super::input::Input;
use crate::error::{Error, ErrorKind};
use crate::yaml::node::Style;

/// An error where go-yaml refuses a tab between two tokens of block style that granit-parser takes: before what may be a key.
pub(super) fn check_gap(input: Input<'_>, gap: Range<usize>) -> Result<(), Error> {
    let Some(text) = input.text.as_bytes().get(gap.clone()) else { return Ok(()) };
    if !text.contains(&b'\t') {
        return Ok(());
    }
    let (mut key_allowed, mut comment) = (gap.start == 0, false);
    for (at, byte) in gap.zip(text) {
        match byte {
            b'\n' => (key_allowed, comment) = (true, false),
            _ if comment => {}
            b'#' => comment = true,
            b'-' | b'?' => key_allowed = true,
            b'\t' if key_allowed => {
                let message = "found a tab character that violates indentation";
                return Err(input.error(at..at + 1, ErrorKind::Syntax, message).help("use spaces here"));
            }
            b' ' | b'\t' => {}
            _ => key_allowed = false,
        }
    }
    Ok(())
}

/// An error where a tab stands in the indentation of a block scalar with this value, or of what follows it; its header is at `start`.
pub(super) fn check_block(input: Input<'_>, start: usize, value: &str) -> Result<(), Error> {
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_blank = |line: &str| line.trim_end_matches(['\n', '\r']).len() == spaces(line);
    let header = input.text.get(start..).and_then(|text| text.find('\n')).map_or(input.text.len(), |at| start + at + 1);
    let lines = || input.text.get(header..).unwrap_or_default().split_inclusive('\n');
    // Where the value is blank, there is no indentation that would be enough.
    let more = value.split('\n').find(|line| line.len() > spaces(line)).map(spaces);
    let indent = more.and_then(|more| lines().find(|line| !is_blank(line)).map(|line| spaces(line).saturating_sub(more)));
    let mut at = header;
    for line in lines() {
        let column = spaces(line);
        let is_within = indent.is_some_and(|indent| column >= indent);
        if !is_within && line.as_bytes().get(column) == Some(&b'\t') {
            let message = "found a tab character where an indentation space is expected";
            return Err(input.error(at + column..at + column + 1, ErrorKind::Syntax, message).help("use spaces here"));
        }
        if !is_within && !is_blank(line) {
            break;
        }
        at += line.len();
    }
    Ok(())
}

/// An error where the name of an anchor or alias goes on for granit-parser and ends for go-yaml, at anything but letters, digits, `-` and `_`.
/// `text` begins with the token, or has it among the tokens before a node.
pub(super) fn check_names(input: Input<'_>, range: Range<usize>) -> Result<(), Error> {
    let Some(text) = input.text.get(range.clone()) else { return Ok(()) };
    for line in text.lines() {
        let words = line.split([' ', '\t']).take_while(|word| !word.starts_with('#'));
        for word in words.map(|word| word.trim_start_matches(|byte: char| ",[{:-?".contains(byte))) {
            let odd = |name: &str| name.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_'));
            if word.strip_prefix(['&', '*']).is_some_and(odd) {
                let message = format!("the name in `{word}` is not supported");
                let at = range.start + text.find(word).unwrap_or_default();
                return Err(input
                    .error(at..at + word.len(), ErrorKind::Unsupported, message)
                    .help("name anchors with letters, digits, - and _"));
            }
        }
    }
    Ok(())
}

/// An error where a double-quoted text has an escape that go-yaml does not know: `\/`, and halves of surrogate pairs.
pub(super) fn check_escapes(input: Input<'_>, range: &Range<usize>) -> Result<(), Error> {
    let bytes = &input.text.as_bytes()[range.clone()];
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        let at = from + found;
        let message = match bytes.get(at + 1..) {
            Some([b'/', ..]) => "found unknown escape character `\\/`",
            Some([b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]) => {
                "found half of a surrogate pair, an invalid Unicode character escape code"
            }
            _ => {
                from = at + 2;
                continue;
            }
        };
        let range = range.start + at..range.start + at + 2;
        return Err(input.error(range, ErrorKind::Syntax, message).help("write the character itself"));
    }
    Ok(())
}

/// An error where a scalar in a flow collection is another thing for libyaml: a key over several lines, and `?`, which begins a
/// key there whatever follows.
pub(super) fn check_flow(input: Input<'_>, range: &Range<usize>, style: Style) -> Result<(), Error> {
    let (Some(before), Some(text), Some(behind)) =
        (input.text.get(..range.start), input.text.get(range.clone()), input.text.get(range.end..))
    else {
        return Ok(());
    };
    if style == Style::FlowPlain && text.starts_with('?') {
        let message = "a text that starts with `?` in a flow collection is not supported";
        return Err(input.error(range.clone(), ErrorKind::Unsupported, message).help("put it in quotes"));
    }
    if style == Style::FlowPlain && text.contains('?') {
        let message = "a `?` ends a text in a flow collection";
        return Err(input.error(range.clone(), ErrorKind::Syntax, message).help("put it in quotes"));
    }
    let is_key = || behind.trim_ascii_start().starts_with(':') && !before.trim_ascii_end().ends_with('?');
    if text.contains('\n') && is_key() {
        let message = "a key in a flow collection must be on one line";
        return Err(input.error(range.clone(), ErrorKind::Syntax, message).help("write the key on one line"));
    }
    Ok(())
}

/// A quoted text of one line as libyaml reads it: U+2028 and U+2029 are line breaks that stay, and blanks around them go. Those are
/// taken out of `breaks`; where it is less simple they stay.
pub(super) fn separated<'v>(input: Input<'_>, range: &Range<usize>, value: Cow<'v, str>, breaks: &mut Vec<usize>) -> Cow<'v, str> {
    const SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];
    let (from, to) = (breaks.partition_point(|at| *at < range.start), breaks.partition_point(|at| *at < range.end));
    let text = input.text.get(range.clone()).unwrap_or_default();
    if from == to || text.contains(['\n', '\r', '\\', '\u{85}']) {
        return value;
    }
    breaks.drain(from..to);
    let mut trimmed = String::with_capacity(value.len());
    for piece in value.split_inclusive(SEPARATORS) {
        let is_first = trimmed.is_empty();
        let (line, separator) = piece
            .char_indices()
            .next_back()
            .filter(|(_, last)| SEPARATORS.contains(last))
            .map_or((piece, ""), |(at, _)| piece.split_at(at));
        let line = if is_first { line } else { line.trim_start_matches([' ', '\t']) };
        trimmed.push_str(if separator.is_empty() { line } else { line.trim_end_matches([' ', '\t']) });
        trimmed.push_str(separator);
    }
    trimmed.into()
}

/// Where a value that is not written would stand: behind the `:` or `-` before it.
pub(super) fn missing_value(text: &str, last_end: usize, range: Range<usize>) -> Range<usize> {
    let rest = &text[last_end..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let between = &text.as_bytes()[last_end..range.start.max(last_end)];
    let at = if rest[blanks..].starts_with(':') {
        last_end + blanks + 1
    } else {
        between.iter().rposition(|byte| *byte == b'-').map_or(last_end, |dash| last_end + dash + 1)
    };
    at..at
}

/// A scalar's range: that of a block scalar starts with its `|` or `>` and ends with its last line.
pub(super) fn with_header(text: &str, last_end: usize, range: Range<usize>, style: Style) -> Range<usize> {
    let indicator = match style {
        Style::Literal => b'|',
        Style::Folded => b'>',
        _ => return range,
    };
    let from = last_end.min(range.start);
    let start = text.as_bytes()[from..range.start].iter().position(|byte| *byte == indicator).map_or(range.start, |at| from + at);
    let end = start + text[start..range.end.max(start)].trim_end_matches(['\n', '\r', ' ']).len();
    start..end
}
