//! What the text of a policy tells without parsing: code from comments and strings, the package, and what is referred to.
//!
//! The build script looks at the policies that it puts into the binary with this file too, which therefore uses no other.

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

/// The path that a module's `package` line names.
pub(super) fn package(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("package ")).map_or("", |rest| rest.split_whitespace().next().unwrap_or_default())
}

/// What follows each `data` of a module: dotted names, as far as they go.
pub(super) fn references(text: &str) -> Vec<&str> {
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let code = Text::of(text).code;
    let reference = |(start, word): (usize, &str)| {
        let (before, rest) = (code.get(..start)?.chars().next_back(), code.get(start + word.len()..)?);
        if before.is_some_and(|char| is_name(char) || char == '.') || rest.starts_with(is_name) {
            return None;
        }
        let path = rest.strip_prefix('.').unwrap_or(&code[code.len()..]);
        let end = path.find(|char: char| !is_name(char) && char != '.').unwrap_or(path.len());
        let start = code.len() - path.len();
        text.get(start..start + path[..end].trim_end_matches('.').len())
    };
    code.match_indices("data").filter_map(reference).collect()
}
