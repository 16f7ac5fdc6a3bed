//! The field that a message speaks of: messages quote the values that they are about.

use kustomize::Node;

use crate::objects::{Path, Segment};

/// How many quotes of a message are looked for.
const QUOTES: usize = 16;

/// How many fields of an object are looked at.
const FIELDS: usize = 20_000;

/// The field whose value, or the list element whose name, the message quotes and the object has once; of several the innermost.
pub(super) fn named(message: &str, object: &Node) -> Path {
    let quotes = quotes(message);
    if quotes.is_empty() {
        return Path::default();
    }
    let mut search = Search { found: vec![Vec::new(); quotes.len()], quotes, left: FIELDS, at: Vec::new() };
    search.below(object);
    let once = search.found.into_iter().filter_map(|paths| <[Path; 1]>::try_from(paths).ok()).map(|[path]| path);
    let mut best = Path::default();
    for path in once {
        if best.0.is_empty() || path.0.starts_with(&best.0) {
            best = path;
        }
    }
    best
}

/// What stands in quotes or pointed brackets.
fn quotes(message: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (open, close) in [('<', '>'), ('"', '"'), ('\'', '\''), ('`', '`')] {
        let mut rest = message;
        while let Some((_, after)) = rest.split_once(open)
            && let Some((inside, behind)) = after.split_once(close)
            && found.len() < QUOTES
        {
            rest = behind;
            if !inside.is_empty() && !found.contains(&inside) {
                found.push(inside);
            }
        }
    }
    found
}

struct Search<'m> {
    quotes: Vec<&'m str>,
    found: Vec<Vec<Path>>,
    left: usize,
    at: Vec<Segment>,
}

impl Search<'_> {
    fn below(&mut self, node: &Node) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        for entry in node.entries() {
            // What an object is called says nothing about a field of it.
            let is_identity = match (self.at.as_slice(), &*entry.key.text) {
                ([], "apiVersion" | "kind" | "status") => true,
                ([Segment::Key(key)], "name" | "namespace") => &**key == "metadata",
                _ => false,
            };
            if is_identity {
                continue;
            }
            self.at.push(Segment::from(&*entry.key.text));
            self.below(&entry.value);
            self.at.pop();
        }
        for (number, item) in node.items().iter().enumerate() {
            self.at.push(Segment::from(number));
            self.below(item);
            self.at.pop();
        }
        if let Some(text) = node.text()
            && let Some(quote) = self.quotes.iter().position(|quote| *quote == text)
        {
            let mut path = self.at.clone();
            // The element, where it is the name of one.
            if let [.., Segment::Index(_), Segment::Key(key)] = path.as_slice()
                && &**key == "name"
            {
                path.pop();
            }
            self.found[quote].push(Path(path));
        }
    }
}
