//! Keeps credentials out of everything that kubevet prints.
//!
//! Two things are known of a text. It may have a *value* that some Secret or generator holds: that is taken out wherever it stands by itself, unless it is a word or a
//! number that says nothing ([`names`]). And it may have something that *looks like* a credential ([`shapes`]): a value behind the name of one, a password in an address, a token of a
//! known format, or characters that only a machine would put together. In a source, its structure tells more ([`sources`]).
//!
//! A report is redacted once, as a whole, before anything is written of it.

mod findings;
mod names;
mod shapes;
mod sources;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kustomize::{Error, Node, Render, Source, Sources};

pub(crate) use findings::Findings;
use shapes::Text;

/// What stands in the place of a secret value.
pub const MASK: &str = "<redacted>";

/// Shorter pieces of a source are not looked for in a message about it.
const SHORTEST_PIECE: usize = 4;

/// Whether what is called so is no credential, and may be printed.
pub(crate) fn may_be_shown(name: &str) -> bool {
    !names::is_credential(name)
}

/// The secret values of rendered objects, and where the sources hold them.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    values: BTreeSet<String>,
    /// Names of objects, where they come from no Secret: a secret value that is part of one (a user called as the application is) gives nothing away.
    names: BTreeSet<String>,
    ranges: HashMap<PathBuf, Vec<Range<usize>>>,
    /// Files of which all that a Secret took is known.
    built: BTreeSet<PathBuf>,
    /// Finds the values; made when the first text is looked at.
    matcher: OnceLock<Option<AhoCorasick>>,
}

impl Secrets {
    /// Takes note of the values of every Secret object.
    pub fn add(&mut self, render: &Render) {
        self.matcher = OnceLock::new();
        self.built.extend(render.sources.iter().map(|(_, source)| source.path().to_owned()));
        for object in &render.objects {
            match object.str_at(&["kind"]) {
                Some("Secret") => self.add_secret(object, &render.sources),
                Some("ConfigMap") => self.add_keys(object),
                _ => {}
            }
        }
        for field in ["name", "namespace"] {
            let nodes = render.objects.iter().filter_map(|object| object.get("metadata")?.get(field));
            let names = nodes.filter(|name| !self.comes_of_a_secret(name, &render.sources)).filter_map(Node::text);
            let names: Vec<String> = names.filter(|name| !names::is_random(name)).map(str::to_owned).collect();
            self.names.extend(names);
        }
    }

    /// Takes note of values that objects have under the names of credentials: rules that others write may put them into messages.
    pub fn add_named(&mut self, render: &Render) {
        render.objects.iter().for_each(|object| self.add_tree(object));
    }

    /// The same of any tree: data of rules, parameters of an environment.
    pub fn add_tree(&mut self, node: &Node) {
        self.matcher = OnceLock::new();
        self.add_named_in(node);
    }

    fn add_named_in(&mut self, node: &Node) {
        let name = node.str_at(&["name"]).or_else(|| node.str_at(&["key"]));
        for entry in node.entries() {
            let holds = |text: &str| {
                names::holds(&entry.key.text, text) || (&*entry.key.text == "value" && name.is_some_and(|name| names::holds(name, text)))
            };
            self.values.extend(entry.value.as_str().filter(|text| holds(text)).map(str::to_owned));
            self.add_named_in(&entry.value);
        }
        node.items().iter().for_each(|item| self.add_named_in(item));
    }

    fn add_secret(&mut self, object: &Node, sources: &Sources) {
        for field in ["data", "stringData"] {
            for entry in object.get(field).map(Node::entries).unwrap_or_default() {
                // A line of a file of variables that has no `=` is a key as a whole.
                let origin = &entry.value.origin;
                let line = sources.get(origin.source).text().get(origin.start as usize..origin.end as usize);
                if line.is_some_and(|line| line.trim() == &*entry.key.text) || !names::is_key(&entry.key.text) {
                    self.values.insert(entry.key.text.to_string());
                }
                self.add_value(&entry.value, sources, field == "data");
            }
        }
    }

    /// A line `PASSWORD value` of a file of variables is a key as a whole.
    fn add_keys(&mut self, object: &Node) {
        let keys = object.get("data").map(Node::entries).unwrap_or_default().iter().map(|entry| &entry.key.text);
        let values = keys.filter_map(|key| key.split_once([' ', ':'])).filter(|(name, value)| names::holds(name, value.trim()));
        self.values.extend(values.map(|(_, value)| value.trim().to_owned()));
    }

    /// Whether a replacement or a variable made something of a Secret's value.
    fn comes_of_a_secret(&self, node: &Node, sources: &Sources) -> bool {
        node.origin.history().any(|origin| {
            let ranges = self.ranges.get(sources.get(origin.source).path());
            ranges.into_iter().flatten().any(|range| range.start < origin.end as usize && (origin.start as usize) < range.end)
        })
    }

    fn add_value(&mut self, node: &Node, sources: &Sources, encoded: bool) {
        let text = node.text().unwrap_or_default();
        self.values.insert(text.to_owned());
        self.values.extend(lines_by_themselves(text));
        if encoded && let Some(decoded) = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            self.values.extend(lines_by_themselves(&decoded));
        }
        for origin in node.origin.history() {
            let source = sources.get(origin.source);
            // With kubectl as the renderer, the origin is a whole kustomization, which is no secret.
            if !crate::discover::FILE_NAMES.iter().any(|name| source.path().ends_with(name)) || origin.start > 0 {
                self.ranges.entry(source.path().to_owned()).or_default().push(origin.start as usize..origin.end as usize);
            }
        }
    }

    /// Takes note of what another overlay holds.
    pub fn merge(&mut self, other: Self) {
        self.matcher = OnceLock::new();
        self.values.extend(other.values);
        self.names.extend(other.names);
        self.built.extend(other.built);
        for (path, ranges) in other.ranges {
            self.ranges.entry(path).or_default().extend(ranges);
        }
    }

    /// A text without credentials.
    pub fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut ranges = Vec::new();
        shapes::find(text, Text::Prose, &mut ranges);
        self.known_values(text, &mut ranges);
        masked_text(text, &apart(ranges, text.len()))
    }

    /// Takes what is secret out of an error: what its source hides at the place of the error is not in its message either.
    pub(crate) fn redact_error(&self, error: &mut Error) {
        if let Some(place) = error.place.clone().filter(|place| !place.source.text().is_empty()) {
            let text = place.source.text();
            let lines = lines(text, place.start as usize, place.end as usize);
            let on_lines = |range: &Range<usize>| range.start < lines.end && range.end > lines.start;
            let masked = self.masked(&place.source);
            let hidden = pieces(text, masked.into_iter().filter(on_lines)).flat_map(values);
            mask_words(&mut error.message, hidden.filter(|piece| piece.len() >= SHORTEST_PIECE));
        }
        let texts = [&mut error.message].into_iter().chain(&mut error.help).chain(error.related.iter_mut().map(|(_, note)| note));
        texts.for_each(|text| self.replace(text));
    }

    fn replace(&self, text: &mut String) {
        if let Cow::Owned(scrubbed) = self.scrub(text) {
            *text = scrubbed;
        }
    }

    /// The byte ranges of a source that must not be shown, in order and apart.
    pub fn masked(&self, source: &Source) -> Vec<Range<usize>> {
        let text = source.text();
        let mut ranges = Vec::new();
        sources::find(source, self.built.contains(source.path()), &mut ranges);
        // Where the build fails, a source alone says what its Secrets hold, and may hold it elsewhere too.
        let own = pieces(text, ranges.iter().cloned()).flat_map(values);
        let own: BTreeSet<&str> = own.filter(|value| names::is_telling(value)).collect();
        find_words(text, matcher(own).as_ref(), &mut ranges);
        shapes::find(text, Text::Source, &mut ranges);
        self.known_values(text, &mut ranges);
        ranges.extend(self.ranges.get(source.path()).into_iter().flatten().cloned());
        apart(ranges, text.len())
    }

    /// A line of a source, counted from 0, without what must not be shown.
    pub(crate) fn line(&self, source: &Source, line: usize) -> String {
        let text = source.text();
        let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
        let end = text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| start + length);
        let clamp = |range: Range<usize>| range.start.clamp(start, end) - start..range.end.clamp(start, end) - start;
        let ranges: Vec<_> = self.masked(source).into_iter().map(clamp).filter(|range| !range.is_empty()).collect();
        masked_text(text.get(start..end).unwrap_or_default(), &ranges).trim().to_owned()
    }

    /// The lines of a source without what must not be shown.
    pub(crate) fn lines(&self, source: &Source) -> Vec<String> {
        let (text, masked) = (source.text(), self.masked(source));
        let (mut start, mut from, mut lines) = (0, 0, Vec::new());
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end_matches(['\n', '\r']).len();
            from += masked[from..].partition_point(|range| range.end <= start);
            let on_line = masked[from..].iter().take_while(|range| range.start < end);
            let ranges: Vec<_> = on_line.map(|range| range.start.max(start) - start..range.end.min(end) - start).collect();
            lines.push(masked_text(text.get(start..end).unwrap_or_default(), &ranges).into_owned());
            start += line.len();
        }
        lines
    }

    /// Where a text has values of Secrets that say so by themselves.
    fn known_values(&self, text: &str, ranges: &mut Vec<Range<usize>>) {
        let finder = self.matcher.get_or_init(|| {
            let is_named = |value: &String| self.names.iter().any(|name| name.contains(value.as_str()));
            matcher(self.values.iter().filter(|value| names::is_telling(value) && !is_named(value)))
        });
        find_words(text, finder.as_ref(), ranges);
    }
}

/// The lines of a value. Of several, those with blanks are text, such as that of a configuration, whose lines may stand anywhere.
fn lines_by_themselves(text: &str) -> impl Iterator<Item = String> {
    let is_one = text.trim().lines().nth(1).is_none();
    text.lines().map(str::trim).filter(move |line| is_one || !line.contains(char::is_whitespace)).map(str::to_owned)
}

/// Takes pieces out of a text where they stand as whole words.
fn mask_words<'p>(text: &mut String, pieces: impl Iterator<Item = &'p str>) {
    let mut ranges = Vec::new();
    find_words(text, matcher(pieces).as_ref(), &mut ranges);
    if let Cow::Owned(masked) = masked_text(text, &apart(ranges, text.len())) {
        *text = masked;
    }
}

/// Finds any of the values; longer ones first, as one may contain another.
fn matcher(values: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Option<AhoCorasick> {
    let mut values = values.into_iter().peekable();
    values.peek()?;
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values).ok()
}

/// Where a text has what a matcher finds, as whole words.
fn find_words(text: &str, matcher: Option<&AhoCorasick>, ranges: &mut Vec<Range<usize>>) {
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    for found in matcher.into_iter().flat_map(|matcher| matcher.find_iter(text)) {
        let before = found.start().checked_sub(1).and_then(|at| text.as_bytes().get(at));
        if !is_word(before) && !is_word(text.as_bytes().get(found.end())) {
            ranges.push(found.range());
        }
    }
}

/// The lines on which a range of a text stands, without the last line break.
fn lines(text: &str, start: usize, end: usize) -> Range<usize> {
    let end = end.clamp(start, text.len().max(start));
    let first = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let last = text.get(end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| end + at);
    first..last
}

/// What stands at ranges of a text, where it is long enough to be looked for in a message.
fn pieces(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> impl Iterator<Item = &str> {
    ranges.filter_map(|range| text.get(range)).map(bare).filter(|piece| piece.len() >= SHORTEST_PIECE)
}

/// The values of a collection on one line, in a source that may not be YAML as a whole; else the value itself.
fn values(piece: &str) -> impl Iterator<Item = &str> {
    let is_collection = piece.starts_with(['{', '[']);
    piece.split(move |character| is_collection && matches!(character, '{' | '}' | '[' | ']' | ',' | ' ')).map(bare)
}

/// A value without quotes, tag and anchor.
fn bare(piece: &str) -> &str {
    let mut piece = piece.trim();
    while let Some((_, rest)) = piece.starts_with(['!', '&']).then(|| piece.split_once(' ')).flatten() {
        piece = rest.trim_start();
    }
    piece.trim_matches(['"', '\'', '*', '&', '!', ' '])
}

/// A text with a mask in place of each range; these are in order and apart.
fn masked_text<'t>(text: &'t str, ranges: &[Range<usize>]) -> Cow<'t, str> {
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut shown = 0;
    for range in ranges {
        masked.push_str(text.get(shown..range.start).unwrap_or_default());
        masked.push_str(MASK);
        shown = range.end;
    }
    masked.push_str(text.get(shown..).unwrap_or_default());
    Cow::Owned(masked)
}

/// The same ranges in order and apart.
fn apart(mut ranges: Vec<Range<usize>>, length: usize) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in ranges.into_iter().filter(|range| !range.is_empty() && range.end <= length) {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}
