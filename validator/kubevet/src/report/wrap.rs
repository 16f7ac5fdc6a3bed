//! Lines as wide as where they are shown.

use std::borrow::Cow;

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use crate::escape;

/// Narrower than this, lines of a word each would be no easier to read.
const NARROWEST: usize = 40;

/// Text for people in lines of at most `width` columns, each of them escaped: the first has `before` columns less, the others `indent`, which the
/// caller puts before them. Without a width it is one line. What has no space stays whole, so that paths and addresses can be copied.
pub(super) fn wrapped(text: &str, width: Option<usize>, before: usize, indent: usize) -> Vec<Cow<'_, str>> {
    let Some(width) = width else { return vec![escape::line(text)] };
    let (first, others) = (" ".repeat(before), " ".repeat(indent));
    let options = Options::new(width.max(NARROWEST))
        .initial_indent(&first)
        .subsequent_indent(&others)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let text = escape::line(text);
    let lines = textwrap::wrap(&text, options).into_iter().enumerate();
    // A line that begins in the middle of a text may begin what a runner obeys.
    lines.map(|(at, line)| Cow::Owned(escape::line(&line[if at == 0 { before } else { indent }.min(line.len())..]).into_owned())).collect()
}

/// What fits into so many columns of the end of a path, which says more than its beginning.
pub(super) fn end_of(path: &str, columns: usize) -> Cow<'_, str> {
    if columns_of(path) <= columns {
        return Cow::Borrowed(path);
    }
    let mut taken = 0;
    let fits = |character: &char| {
        taken += columns_of(character.encode_utf8(&mut [0; 4]));
        taken < columns
    };
    let end: String = path.chars().rev().take_while(fits).collect();
    Cow::Owned(['…'].into_iter().chain(end.chars().rev()).collect())
}

/// How many columns a text takes.
pub(super) fn columns_of(text: &str) -> usize {
    textwrap::core::display_width(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_width() {
        let text = "one two three four five six seven eight nine ten eleven twelve";
        assert_eq!(wrapped(text, None, 8, 4), [text]);
        let lines = wrapped(text, Some(40), 8, 4);
        assert_eq!(lines, ["one two three four five six", "seven eight nine ten eleven twelve"]);
        assert_eq!(wrapped(text, Some(1), 8, 4), lines, "there is a least width");
    }

    #[test]
    fn what_is_one_word_stays_one() {
        let path = "deploy/a-very-long/path/that-nobody/can-copy/when-it/is-broken.yaml:12:3";
        assert_eq!(wrapped(&format!("see {path} there"), Some(40), 0, 2), ["see", path, "there"]);
    }

    #[test]
    fn no_line_begins_a_command() {
        let lines = wrapped("the value of this key that is wrong is ::error::x and more of it", Some(40), 0, 2);
        assert!(lines.iter().all(|line| !line.starts_with("::")) && lines.len() > 1, "{lines:?}");
    }

    #[test]
    fn of_long_paths_the_end_is_shown() {
        assert_eq!(end_of("a/b/c", 5), "a/b/c");
        assert_eq!(end_of("a/b/c", 4), "…b/c");
        assert_eq!(end_of(&"字".repeat(30), 11).chars().count(), 6);
    }
}
