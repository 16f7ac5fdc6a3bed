//! Words of messages.

/// `1 finding`, `2 findings`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    format!("{count} {}", plural_word(count, word))
}

/// `finding`, `findings`.
pub(crate) fn plural_word(count: usize, word: &str) -> String {
    format!("{word}{}", if count == 1 { "" } else { "s" })
}
