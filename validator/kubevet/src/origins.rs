//! `kubevet render --origins`: the render with the place beside each line that set it.

use std::collections::HashMap;
use std::fmt::Write as _;

use kustomize::{Error, Node, Origin, Render, Source, Sources, yaml};

use crate::paths::shown;

/// The widest text that places are aligned behind; a longer line has its place one column behind its end.
const WIDEST: usize = 72;

/// What is known of a line of the render.
#[derive(Default)]
struct Line {
    place: String,
    removals: Vec<String>,
}

/// The render as `kubectl kustomize` prints it, with `# file:line:column` behind each line, what it replaced, and what was removed.
///
/// # Errors
/// Never for what a build gives: the text is read again to find the lines of its fields.
pub fn annotate(render: &Render) -> Result<String, Error> {
    let mut text = String::new();
    for (at, object) in render.objects.iter().enumerate() {
        if at > 0 {
            text.push_str("---\n");
        }
        let mut plain = String::new();
        yaml::emit(object, &mut plain);
        let lines = lines(object, &plain, &render.sources)?;
        for (number, line) in (1..).zip(plain.lines()) {
            match lines.get(&number) {
                Some(known) => {
                    let place = std::iter::once(&known.place).chain(&known.removals).map(String::as_str).collect::<Vec<_>>().join("; ");
                    let width = if line.chars().count() > WIDEST { 0 } else { WIDEST };
                    let _ = writeln!(text, "{line:width$}  # {place}");
                }
                None => {
                    let _ = writeln!(text, "{line}");
                }
            }
        }
    }
    Ok(text)
}

/// The place of each line of an object's text.
fn lines(object: &Node, text: &str, sources: &Sources) -> Result<HashMap<u32, Line>, Error> {
    let mut own = Sources::default();
    let id = own.add(Source::new("render", text));
    let printed = yaml::read(&own, id, yaml::Dialect::YamlV2)?;
    let mut lines = HashMap::new();
    if let Some(printed) = printed.first() {
        let source = own.get(id);
        collect(object, printed, &|printed: &Node| source.position(printed.origin.key).0, sources, &mut lines);
    }
    Ok(lines)
}

fn collect(node: &Node, printed: &Node, line: &impl Fn(&Node) -> u32, sources: &Sources, lines: &mut HashMap<u32, Line>) {
    let place = describe(&node.origin, sources);
    let entry = lines.entry(line(printed)).or_default();
    // The last scalar of a line is what people see there; of maps and lists that begin on one line, the outermost.
    if entry.place.is_empty() || node.as_scalar().is_some() {
        entry.place = place;
    }
    for removal in node.removed() {
        let (by, had) = (position(&removal.by, sources), position(&removal.had, sources));
        entry.removals.push(format!("{} removed by {by}, was {had}", removal.key));
    }
    for entry in node.entries() {
        if let Some(printed) = printed.get(&entry.key.text) {
            collect(&entry.value, printed, line, sources, lines);
        }
    }
    std::iter::zip(node.items(), printed.items()).for_each(|(item, printed)| collect(item, printed, line, sources, lines));
}

fn describe(origin: &Origin, sources: &Sources) -> String {
    let places: Vec<String> = origin.history().map(|origin| position(origin, sources)).collect();
    places.join(" <- ")
}

fn position(origin: &Origin, sources: &Sources) -> String {
    let source = sources.get(origin.source);
    let (line, column) = source.position(origin.key);
    format!("{}:{line}:{column}", shown(source.path()).display())
}
