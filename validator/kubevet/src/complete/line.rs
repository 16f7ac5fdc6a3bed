//! What a line of half-written YAML has in front.

/// One thing that a line has in front: a dash or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Dash,
    /// And what stands behind it.
    Key(&'t str, &'t str),
}

/// What a line has in front, each with its column; the rest is a value.
pub(super) fn tokens(line: &str) -> Vec<(usize, Token<'_>)> {
    let (mut found, mut column) = (Vec::new(), 0);
    let mut rest = line.trim_end();
    loop {
        let text = rest.trim_start_matches(' ');
        column += rest.len() - text.len();
        if text.is_empty() || text.starts_with('#') {
            return found;
        }
        match text.strip_prefix('-').filter(|behind| behind.is_empty() || behind.starts_with(' ')) {
            Some(behind) => {
                found.push((column, Token::Dash));
                column += 1;
                rest = behind;
            }
            None => {
                if let Some((key, value)) = key_of(text) {
                    let value = value.trim_start();
                    found.push((column, Token::Key(key, if value.starts_with('#') { "" } else { value })));
                }
                return found;
            }
        }
    }
}

/// The key that a text begins with, without quotes, and what is behind its colon.
pub(super) fn key_of(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''));
    if let Some(quote) = quote {
        let (key, behind) = text[1..].split_once(quote)?;
        return Some((key, behind.trim_start().strip_prefix(':')?));
    }
    if text.starts_with(['{', '[', '|', '>', '&', '*', '!']) {
        return None;
    }
    let end = text.match_indices(':').map(|(at, _)| at).find(|at| text[at + 1..].is_empty() || text[at + 1..].starts_with(' '))?;
    Some((text[..end].trim_end(), &text[end + 1..]))
}
