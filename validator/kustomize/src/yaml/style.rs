//! Which scalar styles can carry a text: `yaml_emitter_analyze_scalar` of libyaml as go-yaml v2 and v3 have it.

/// What a scalar's text allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    /// Without quotes, outside of flow collections.
    pub(super) plain: bool,
    /// In single quotes.
    pub(super) single_quoted: bool,
    /// As a literal or folded block.
    pub(super) block: bool,
    /// Whether there are line breaks in it.
    pub(super) multiline: bool,
}

/// Whether a tab forbids block scalars (go-yaml v2) or not (go-yaml v3).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tabs {
    /// v2: a tab is not printable, and needs an escape.
    Escaped,
    /// v3: a tab may stand in a block.
    InBlocks,
}

/// The styles that `text` allows.
pub(super) fn allowed(text: &str, tabs: Tabs) -> Allowed {
    if text.is_empty() {
        return Allowed { plain: true, single_quoted: true, block: false, multiline: false };
    }
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut special, mut tab, mut line_breaks, mut break_space, mut space_break) = (false, false, false, false, false);
    let (mut previous_space, mut previous_break, mut preceded_by_blank) = (false, false, true);
    let mut characters = text.chars().peekable();
    let mut first = true;
    while let Some(character) = characters.next() {
        let followed_by_blank = characters.peek().is_none_or(|next| is_blankz(*next));
        indicators |= match character {
            '#' => first || preceded_by_blank,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => first,
            '?' | '-' => first && followed_by_blank,
            ':' => followed_by_blank,
            _ => false,
        };
        if character == '\t' {
            tab = true;
        } else if !is_printable(character) {
            special = true;
        }
        let (space, is_break) = (character == ' ', is_break(character));
        break_space |= space && previous_break;
        space_break |= is_break && previous_space;
        line_breaks |= is_break;
        (previous_space, previous_break) = (space, is_break);
        preceded_by_blank = is_blankz(character);
        first = false;
    }
    let at_edge = |character: Option<char>| character.is_some_and(|character| character == ' ' || is_break(character));
    let edges = at_edge(text.chars().next()) || at_edge(text.chars().next_back());
    let not_block = special || (tab && tabs == Tabs::Escaped) || space_break;
    let single_quoted = !(special || tab || space_break || break_space);
    Allowed {
        plain: single_quoted && !edges && !line_breaks && !indicators,
        single_quoted,
        block: !not_block && !text.ends_with(' '),
        multiline: line_breaks,
    }
}

/// libyaml's printable characters in UTF-8: up to three bytes, so neither emoji nor C1 controls. A tab is left to the caller.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '\n' | '\u{20}'..='\u{7E}' | '\u{A0}'..='\u{FEFE}' | '\u{FF00}'..='\u{FFFD}')
}

/// A line break of YAML 1.1.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blankz(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\0') || is_break(character)
}
