//! `kubevet render --origins`: the render with the place beside each line that set it.

use std::collections::HashMap;
use std::fmt::Write as _;

use kustomize::{Error, Node, Origin, Render, Source, Sources, yaml};

use crate::paths::shown;

/// The widest text that places are aligned behind; a longer line has its place one column behind its end.
const WIDEST: usize = 72;

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
                Some(place) => {
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
fn lines(object: &Node, text: &str, sources: &Sources) -> Result<HashMap<u32, String>, Error> {
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

fn collect(node: &Node, printed: &Node, line: &impl Fn(&Node) -> u32, sources: &Sources, lines: &mut HashMap<u32, String>) {
    let mut place = describe(&node.origin, sources);
    for removal in node.removed() {
        let _ = write!(place, "; {} removed by {} (was {})", removal.key, position(&removal.by, sources), position(&removal.had, sources));
    }
    // The first node on a line is the outermost: `- name: web` begins a list element and its first field.
    let number = line(printed);
    match lines.get_mut(&number) {
        Some(known) if node.as_scalar().is_some() || !node.removed().is_empty() => *known = place,
        Some(_) => {}
        None => {
            lines.insert(number, place);
        }
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
