//! Objects as they are printed, with the place beside each line that set it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use kustomize::{Error, Node, Origin, Render, Source, SourceId, Sources, yaml};

use crate::paths::shown;
use crate::redact::Secrets;

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
        let printed = Printed::of(object)?;
        let lines = printed.lines(object, &render.sources);
        for (number, line) in (1..).zip(printed.text().lines()) {
            let _ = writeln!(text, "{}", with_place(line, lines.get(&number)));
        }
    }
    Ok(text)
}

/// An object as it is printed, read again, so that its fields have places in the text.
pub(crate) struct Printed {
    sources: Sources,
    id: SourceId,
    tree: Option<Node>,
}

impl Printed {
    /// # Errors
    /// As [`annotate`].
    pub(crate) fn of(object: &Node) -> Result<Self, Error> {
        let mut text = String::new();
        yaml::emit(object, &mut text);
        let mut sources = Sources::default();
        let id = sources.add(Source::new("render.yaml", text));
        let tree = yaml::read(&sources, id, yaml::Dialect::YamlV2)?.into_iter().next();
        Ok(Self { sources, id, tree })
    }

    pub(crate) fn source(&self) -> &Source {
        self.sources.get(self.id)
    }

    /// The object with the places of its fields in the text.
    pub(crate) fn tree(&self) -> Option<&Node> {
        self.tree.as_ref()
    }

    fn text(&self) -> &str {
        self.source().text()
    }

    /// The places that set each line, by its number, from 1; `sources` are those of the object.
    fn lines(&self, object: &Node, sources: &Sources) -> HashMap<u32, Line> {
        let mut lines = HashMap::new();
        if let Some(printed) = &self.tree {
            let source = self.source();
            collect(object, printed, &|printed: &Node| source.position(printed.origin.key).0, sources, &mut lines);
        }
        lines
    }

    /// The lines from a number to another one, both from 1, each with its place and without what must not be shown.
    pub(crate) fn annotated(&self, object: &Node, sources: &Sources, lines: RangeInclusive<u32>, secrets: &Secrets) -> Vec<String> {
        let places = self.lines(object, sources);
        let shown = secrets.lines(self.source());
        let numbered = (1..).zip(&shown).filter(|(number, _)| lines.contains(number));
        numbered.map(|(number, line)| with_place(line, places.get(&number))).collect()
    }
}

/// A line with its place behind it.
fn with_place(line: &str, known: Option<&Line>) -> String {
    let Some(known) = known else { return line.to_owned() };
    let place = std::iter::once(&known.place).chain(&known.removals).map(String::as_str).collect::<Vec<_>>().join("; ");
    let width = if line.chars().count() > WIDEST { 0 } else { WIDEST };
    format!("{line:width$}  # {place}")
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
