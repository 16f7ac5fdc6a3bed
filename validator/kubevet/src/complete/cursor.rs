//! Where in a half-written YAML document somebody writes: what is there may not be YAML yet, so lines and their indentation have to do.

use std::ops::Range;

use super::line::{Token, key_of, tokens};

/// Keys, each with what stands behind it on its line.
type Entries = Vec<(String, String)>;

/// A step on the way to the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    /// An element of a list.
    Item,
}

/// What is written at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A key, or a value by itself, as in a list.
    Key,
    /// The value of the last key of the path.
    Value,
}

/// Where somebody writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The way to the map, list or value that is written.
    pub(super) path: Vec<Step>,
    pub(super) slot: Slot,
    /// The bytes of the word that is written.
    pub(super) word: Range<usize>,
    /// The keys that are there beside the one that is written, each with what stands behind it on its line.
    pub(super) beside: Entries,
    /// The bytes of the document.
    pub(super) document: Range<usize>,
    /// How far the line is indented, dashes counted as blanks.
    pub(super) column: usize,
}

impl Cursor {
    /// The place at a byte of a text; nothing within a comment, or behind a word in quotes.
    pub(super) fn at(text: &str, offset: usize) -> Option<Self> {
        let before = text.get(..offset)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = &before[line_start..];
        if line.contains(" #") || line.trim_start().starts_with('#') || line.contains('\t') {
            return None;
        }
        let document = document(text, line_start);
        let mut path = Vec::new();
        // What is in front on the line of the cursor.
        let tokens_here = tokens(line);
        let dashes: Vec<usize> = tokens_here.iter().filter(|(_, token)| *token == Token::Dash).map(|(column, _)| *column).collect();
        let behind_dashes = dashes.last().map_or(0, |column| column + 1);
        let content = line.get(behind_dashes..)?;
        let column = behind_dashes + content.len() - content.trim_start().len();
        let content = content.trim_start();
        let (mut slot, mut word, mut flow) = (Slot::Key, content, Vec::new());
        if let Some((key, value)) = key_of(content) {
            flow.push(Step::Key(key.to_owned()));
            (slot, word) = (Slot::Value, value.trim_start());
        }
        let mut beside = Vec::new();
        if word.starts_with(['{', '[']) {
            (slot, word) = in_flow(word, &mut flow, &mut beside)?;
        }
        let quoted = word.strip_prefix(['"', '\'']).unwrap_or(word);
        let word = offset - quoted.len()..offset;
        let first = dashes.first().copied().unwrap_or(column);
        let is_in_flow = flow.len() > usize::from(slot == Slot::Value);
        let front = Front { first, column, is_item: !dashes.is_empty() };
        let is_yaml = above(text.get(document.start..line_start)?, front, &mut path, &mut beside);
        if !is_yaml {
            return None;
        }
        path.reverse();
        path.extend(dashes.iter().map(|_| Step::Item));
        path.extend(flow);
        if !is_in_flow {
            below(text, before.len(), document.end, column, &mut beside);
        }
        Some(Self { path, slot, word, beside, document, column })
    }

    /// The keys of the path, without elements of lists.
    pub(super) fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.path.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item => None,
        })
    }
}

/// What the line of the cursor has in front.
#[derive(Clone, Copy)]
struct Front {
    /// Its first column.
    first: usize,
    /// That of its key or value.
    column: usize,
    /// Whether a dash is before that.
    is_item: bool,
}

/// Follows the lines of a text up to the top, and notes keys that are beside the one at hand. Gives whether the line is one of YAML's and not of a text within it.
fn above(text: &str, front: Front, path: &mut Vec<Step>, beside: &mut Entries) -> bool {
    // The column that what is above must be left of, and whether a dash is there, under which a key may stand in the same column.
    let (mut limit, mut is_dash, mut is_same_map) = (front.first, front.is_item, !front.is_item);
    for line in text.lines().rev() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        for (at, token) in tokens(line).into_iter().rev() {
            match token {
                Token::Key(key, value) if is_same_map && at == front.column => beside.push((key.to_owned(), value.to_owned())),
                Token::Key(key, "") if at < limit || (at == limit && is_dash) => {
                    path.push(Step::Key(key.to_owned()));
                    (limit, is_dash, is_same_map) = (at, false, false);
                }
                // A value stands behind the key, so this is no map below it: a text of several lines, or half-written.
                Token::Key(_, _) if at < limit => {
                    if line.trim_end().ends_with(['|', '>', '-', '+']) {
                        return false;
                    }
                    (limit, is_same_map) = (at, false);
                }
                Token::Dash if at < limit => {
                    path.push(Step::Item);
                    (limit, is_dash, is_same_map) = (at, true, false);
                }
                _ => {}
            }
        }
    }
    true
}

/// Notes the keys below that belong to the same map.
fn below(text: &str, from: usize, end: usize, column: usize, beside: &mut Entries) {
    for line in text[from..end].lines().skip(1) {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match tokens(line).first() {
            Some((at, Token::Key(key, value))) if *at == column => beside.push(((*key).to_owned(), (*value).to_owned())),
            Some((at, _)) if *at > column => {}
            _ => return,
        }
    }
}

/// Follows a collection on one line to its end, where the cursor is.
fn in_flow<'t>(text: &'t str, path: &mut Vec<Step>, beside: &mut Entries) -> Option<(Slot, &'t str)> {
    // Of each open collection, where its entry at hand begins, and the keys before that.
    let mut open: Vec<(char, usize, Entries)> = Vec::new();
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (character, quote) {
            (_, Some(end)) if character == end => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(character),
            ('{' | '[', None) => open.push((character, at + 1, Vec::new())),
            ('}' | ']', None) => drop(open.pop()?),
            (',', None) => {
                let (_, begin, keys) = open.last_mut()?;
                let entry = text[*begin..at].trim_start();
                keys.extend(key_of(entry).map(|(key, value)| (key.to_owned(), value.trim().to_owned())));
                *begin = at + 1;
            }
            _ => {}
        }
    }
    for (number, (kind, begin, keys)) in open.iter().enumerate() {
        let is_last = number + 1 == open.len();
        let entry = text.get(*begin..)?.trim_start();
        if *kind == '[' {
            path.push(Step::Item);
            if is_last {
                return Some((Slot::Key, entry));
            }
            continue;
        }
        match key_of(entry) {
            Some((key, value)) => {
                path.push(Step::Key(key.to_owned()));
                if is_last {
                    beside.extend(keys.iter().cloned());
                    return Some((Slot::Value, value.trim_start()));
                }
            }
            None if is_last => {
                beside.extend(keys.iter().cloned());
                return Some((Slot::Key, entry));
            }
            None => return None,
        }
    }
    None
}

/// The bytes of the document that a line is in.
fn document(text: &str, line_start: usize) -> Range<usize> {
    let is_mark = |line: &str| line.trim_end() == "---" || line.starts_with("--- ");
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if is_mark(line) && at != line_start {
            if at > line_start {
                return start..at;
            }
            start = at + line.len();
        }
        at += line.len();
    }
    start..text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cursor at `|`.
    fn cursor(text: &str) -> Option<(String, Slot, String, Vec<String>)> {
        let offset = text.find('¦').unwrap();
        let text = text.replace('¦', "");
        let cursor = Cursor::at(&text, offset)?;
        let path = cursor.path.iter().map(|step| match step {
            Step::Key(key) => format!(".{key}"),
            Step::Item => "[]".to_owned(),
        });
        let mut beside: Vec<String> = cursor.beside.into_iter().map(|(key, _)| key).collect();
        beside.sort();
        Some((path.collect(), cursor.slot, text[cursor.word].to_owned(), beside))
    }

    #[track_caller]
    fn finds(text: &str, path: &str, slot: Slot, word: &str, beside: &[&str]) {
        let beside = beside.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(cursor(text), Some((path.to_owned(), slot, word.to_owned(), beside)), "{text}");
    }

    #[test]
    fn places_in_blocks() {
        finds("a: 1\nsp¦", "", Slot::Key, "sp", &["a"]);
        finds("spec:\n  re¦\n  b: 1\nc: 2\n", ".spec", Slot::Key, "re", &["b"]);
        finds("spec:\n  replicas: ¦", ".spec.replicas", Slot::Value, "", &[]);
        finds("spec:\n  type: Clu¦\n  x: 1\n", ".spec.type", Slot::Value, "Clu", &["x"]);
        finds("spec:\n  containers:\n    - name: web\n      ima¦", ".spec.containers[]", Slot::Key, "ima", &["name"]);
        finds("spec:\n  containers:\n  - name: web\n    ports:\n    - con¦", ".spec.containers[].ports[]", Slot::Key, "con", &[]);
        finds("spec:\n  containers:\n  - name: web\n  - na¦\n    image: x\n", ".spec.containers[]", Slot::Key, "na", &["image"]);
        finds("resources:\n- a.yaml\n- ¦", ".resources[]", Slot::Key, "", &[]);
        finds("resources:\n- a.yaml\npat¦", "", Slot::Key, "pat", &["resources"]);
        finds("a:\n  b:\n    c: 1\n\n  # more\n  d¦", ".a", Slot::Key, "d", &["b"]);
        finds("a: 1\n---\nb: 2\nc¦\n---\nd: 3\n", "", Slot::Key, "c", &["b"]);
        finds("a:\n  \"k ey\":\n    x: 'va¦", ".a.k ey.x", Slot::Value, "va", &[]);
    }

    #[test]
    fn places_in_flow() {
        finds("a: {b: 1, c¦", ".a", Slot::Key, "c", &["b"]);
        finds("a: {b: {c: d¦", ".a.b.c", Slot::Value, "d", &[]);
        finds("a:\n- {target: {kind: Dep¦}}\n", ".a[].target.kind", Slot::Value, "Dep", &[]);
        finds("resources: [a.yaml, b¦]", ".resources[]", Slot::Key, "b", &[]);
    }

    #[test]
    fn nothing_in_comments_and_texts() {
        assert_eq!(cursor("a: 1 # b¦"), None);
        assert_eq!(cursor("# b¦"), None);
        assert_eq!(cursor("data:\n  x: |\n    ke¦"), None);
    }
}
