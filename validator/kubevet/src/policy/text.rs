//! Tells code from comments and strings, without parsing.

/// A policy's text taken apart; places stay as they are.
pub(super) struct Text {
    /// The code, with a blank for each byte of a comment or a string.
    pub(super) code: String,
    /// Each string as what it means, padded so that a byte of it is where it was, with where it begins.
    pub(super) literals: Vec<(usize, String)>,
}

impl Text {
    /// Takes a policy apart.
    pub(super) fn of(text: &str) -> Self {
        let (mut code, mut literals) = (String::new(), Vec::new());
        let mut letters = text.char_indices().peekable();
        let blank = |code: &mut String, letter: char| match letter {
            '\n' => code.push('\n'),
            _ => (0..letter.len_utf8()).for_each(|_| code.push(' ')),
        };
        while let Some((start, letter)) = letters.next() {
            match letter {
                '#' => {
                    blank(&mut code, letter);
                    while let Some((_, letter)) = letters.next_if(|(_, letter)| *letter != '\n') {
                        blank(&mut code, letter);
                    }
                }
                '"' | '`' => {
                    blank(&mut code, letter);
                    let mut literal = String::from(" ");
                    while let Some((_, inner)) = letters.next() {
                        blank(&mut code, inner);
                        if inner == letter {
                            break;
                        }
                        let escaped = if inner == '\\' && letter == '"' { letters.next() } else { None };
                        match escaped {
                            // A backslash of the expression, and a filler that the patterns know; the other escapes mean letters that are of no interest here.
                            Some((_, '\\')) => literal.push_str("\\\0"),
                            Some((_, other)) => (0..=other.len_utf8()).for_each(|_| literal.push(' ')),
                            None => literal.push(inner),
                        }
                        if let Some((_, other)) = escaped {
                            blank(&mut code, other);
                        }
                    }
                    literals.push((start, literal));
                }
                _ => code.push(letter),
            }
        }
        Self { code, literals }
    }
}
