//! Waivers in place: comments in the YAML that is judged, each for what begins on its line or, where it has a line of its own, on the next one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use kustomize::{Error, Node, Place, Source, Sources, yaml};

use super::allow::{self, ANNOTATION, Allow, MARK};
use crate::discover::FILE_NAMES;
use crate::files::is_manifest;
use crate::problem::invalid;

/// A waiver and what it is for.
#[derive(Clone, Debug)]
pub struct InPlace {
    /// What it accepts.
    pub allow: Allow,
    /// Where it holds.
    pub reach: Reach,
}

/// What a waiver in place is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What stands in these bytes of its file.
    Lines {
        /// The bytes.
        range: Range<u32>,
        /// The kind of the object that they are the whole of, or a patch of.
        whole: Option<String>,
        /// What they are, for people: `Deployment/web spec.replicas`.
        what: String,
    },
    /// The object whose annotation this is, which starts at this byte.
    Object(u32),
}

/// The waivers of a file, and what is wrong with others.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that can be read.
    pub waivers: Vec<InPlace>,
    /// Those that can't.
    pub wrong: Vec<Error>,
}

impl Found {
    fn add(&mut self, text: &str, reach: &Reach, place: impl Fn(Range<usize>) -> Place) {
        match allow::parse(text, place) {
            Ok(allows) => self.waivers.extend(allows.into_iter().map(|allow| InPlace { allow, reach: reach.clone() })),
            Err(error) => self.wrong.push(error),
        }
    }
}

/// Whether a file may hold waivers: YAML, also on standard input. What comes from elsewhere waives nothing here, whoever wrote it.
pub fn may_hold(source: &Source) -> bool {
    let is_yaml = is_manifest(source.path()) || source.path().extension().is_none();
    source.address().is_none() && is_yaml && (source.text().contains(MARK) || source.text().contains(ANNOTATION))
}

fn is_kustomization(source: &Source) -> bool {
    FILE_NAMES.iter().any(|name| source.path().ends_with(name))
}

/// How many of a file are read.
pub(crate) const MOST: usize = 1000;

/// What to say where a file has more.
pub(crate) fn too_many(place: Place) -> Error {
    let error = invalid(format!("this file has more than {MOST} waivers in place, of which the others are not read"));
    error.at(place).help("write them to waivers.yaml")
}

/// The waivers in the comments of a file.
pub fn of_comments(source: &Arc<Source>) -> Found {
    let mut found = Found::default();
    let text = source.text();
    if !text.contains(MARK) {
        return found;
    }
    let mut index = Index { source, embeds: is_kustomization(source), ..Index::of(source) };
    index.read(0..text.len());
    index.scalars.sort_by_key(|range| range.start);
    let comments = index.comments();
    if let Some(comment) = comments.get(MOST) {
        found.wrong.push(too_many(place(source, comment.words.clone())));
    }
    let following = index.following();
    for comment in comments.iter().take(MOST) {
        let words = &text[comment.words.clone()];
        let place = |range: Range<usize>| place(source, comment.words.start + range.start..comment.words.start + range.end);
        match index.reach(comment, &following) {
            Some(reach) => found.add(words, &reach, place),
            None => {
                let error = invalid("nothing begins behind this comment that it could be for").at(place(0..words.trim_end().len()));
                found.wrong.push(error.help("put it on the line of the field, or on the line above it"));
            }
        }
    }
    found
}

/// The waivers in the annotation of a rendered object.
pub fn of_annotation(sources: &Sources, object: &Node) -> Found {
    let mut found = Found::default();
    let Some(annotation) = object.at(&["metadata", "annotations", ANNOTATION]) else { return found };
    let place = Place::of(sources, &annotation.origin);
    if place.source.address().is_some() {
        return found;
    }
    let reach = Reach::Object(place.start);
    for line in annotation.text().unwrap_or_default().lines().filter(|line| !line.trim().is_empty()).take(MOST + 1) {
        let line = line.trim();
        // As in a comment, with the word or without it: the annotation says it already.
        let text = if line.starts_with("allow ") { line.to_owned() } else { format!("allow {line}") };
        found.add(&text, &reach, |_| place.clone());
    }
    found
}

fn place(source: &Arc<Source>, range: Range<usize>) -> Place {
    Place { source: Arc::clone(source), start: range.start as u32, end: range.end as u32 }
}

/// A comment with the mark.
struct Comment {
    /// Its line, from 0.
    line: usize,
    /// Whether nothing else is on the line.
    is_alone: bool,
    /// What follows the mark, in bytes of the file.
    words: Range<usize>,
}

/// Something of a document.
struct Part {
    range: Range<u32>,
    parent: Option<usize>,
    label: String,
    whole: Option<String>,
}

/// What begins on which line of a file.
struct Index<'a> {
    source: &'a Source,
    /// Whether its longer texts are patches, in which comments count too.
    embeds: bool,
    parts: Vec<Part>,
    /// The outermost part that begins on each line.
    begins: HashMap<usize, usize>,
    /// Bytes in which `#` begins no comment.
    scalars: Vec<Range<usize>>,
}

impl<'a> Index<'a> {
    fn of(source: &'a Source) -> Self {
        Self { source, embeds: false, parts: Vec::new(), begins: HashMap::new(), scalars: Vec::new() }
    }

    /// Adds the documents in a piece of the file. What can't be read has no parts: a build says what is wrong with it.
    fn read(&mut self, piece: Range<usize>) -> bool {
        let mut sources = Sources::default();
        let id = sources.add(Source::new(self.source.path(), &self.source.text()[piece.clone()]));
        let Ok(documents) = yaml::read(&sources, id, yaml::Dialect::YamlV2) else { return false };
        let is_read = documents.iter().any(|document| document.as_map().is_some() || document.as_seq().is_some());
        for document in documents.iter().filter(|document| !document.is_null()) {
            let text = |keys: &[&str]| document.str_at(keys).unwrap_or_default();
            let label = format!("{}/{}", text(&["kind"]), text(&["metadata", "name"]));
            let whole = document.as_map().map(|_| text(&["kind"]).to_owned());
            self.add(document, piece.start as u32, None, label, whole);
        }
        is_read
    }

    fn add(&mut self, node: &Node, base: u32, parent: Option<usize>, label: String, whole: Option<String>) {
        let origin = &node.origin;
        let at = self.parts.len();
        self.parts.push(Part { range: base + origin.key..base + origin.end, parent, label, whole });
        // The first element of a document that is a list would otherwise stand for all of them.
        if parent.is_some() || node.as_seq().is_none() {
            let line = self.line(base + origin.key);
            self.begins.entry(line).or_insert(at);
        }
        if let Some(scalar) = node.as_scalar() {
            let (written, is_block) = self.written((base + origin.start) as usize..(base + origin.end) as usize);
            let is_embedded = self.embeds && is_block && scalar.text.contains(MARK) && self.read(written.clone());
            if !is_embedded {
                self.scalars.push(written);
            }
        }
        for entry in node.entries() {
            self.add(&entry.value, base, Some(at), entry.key.text.to_string(), None);
        }
        for (index, item) in node.items().iter().enumerate() {
            let label = item.str_at(&["name"]).map_or_else(|| index.to_string(), str::to_owned);
            self.add(item, base, Some(at), label, None);
        }
    }

    /// The bytes of a scalar's text, and whether it is a block of lines as they are. What is no deeper than a block is behind it.
    fn written(&self, range: Range<usize>) -> (Range<usize>, bool) {
        let text = self.source.text();
        let piece = text.get(range.clone()).unwrap_or_default();
        let Some(header) = piece.find('\n').filter(|_| piece.starts_with(['|', '>'])) else { return (range, false) };
        let start = range.start + header + 1;
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let mut lines = piece[header + 1..].split_inclusive('\n').filter(|line| !line.trim().is_empty()).peekable();
        let least = match piece[..header].find(|next: char| next.is_ascii_digit()) {
            Some(_) => 0,
            None => lines.peek().map_or(0, |line| indent(line)),
        };
        let behind = lines.find(|line| indent(line) < least).map(|line| line.as_ptr().addr() - text.as_ptr().addr());
        (start..behind.unwrap_or(range.end), piece.starts_with('|'))
    }

    /// The line of a byte, from 0.
    fn line(&self, offset: u32) -> usize {
        self.source.line_starts().partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line.
    fn line_text(&self, line: usize) -> Option<&'a str> {
        let starts = self.source.line_starts();
        let (start, end) = (*starts.get(line)? as usize, starts.get(line + 1).map_or(self.source.text().len(), |next| *next as usize));
        self.source.text().get(start..end)
    }

    fn comments(&self) -> Vec<Comment> {
        let text = self.source.text();
        let comment = |(at, mark): (usize, &str)| {
            let line = self.line(at as u32);
            let before = &text[self.source.line_starts()[line] as usize..at];
            let before = before.trim_end_matches([' ', '\t']).strip_suffix('#')?;
            let hash = self.source.line_starts()[line] as usize + before.len();
            let within = self.scalars.partition_point(|range| range.start <= hash).checked_sub(1).and_then(|at| self.scalars.get(at));
            let begins = before.is_empty() || before.ends_with([' ', '\t']);
            if !begins || within.is_some_and(|range| range.contains(&hash)) {
                return None;
            }
            let words = at + mark.len();
            let end = text[words..].find('\n').map_or(text.len(), |end| words + end);
            Some(Comment { line, is_alone: before.trim().is_empty(), words: words..end })
        };
        text.match_indices(MARK).filter_map(comment).collect()
    }

    /// For each line, itself or the first one behind it on which something stands: a document begins behind its `---`, an element may begin behind its dash.
    fn following(&self) -> Vec<usize> {
        let is_bare = |text: &str| {
            text.starts_with("---") || text.split('#').next().unwrap_or_default().trim_matches(['-', ' ', '\t', '\r', '\n']).is_empty()
        };
        let count = self.source.line_starts().len();
        let mut following = vec![count; count + 1];
        for line in (0..count).rev() {
            let text = self.line_text(line).unwrap_or_default().trim();
            following[line] = if is_bare(text) { following[line + 1] } else { line };
        }
        following
    }

    /// What a comment is for, where the lines that something stands on are known.
    fn reach(&self, comment: &Comment, following: &[usize]) -> Option<Reach> {
        let line = following.get(comment.line + usize::from(comment.is_alone))?;
        let at = *self.begins.get(line)?;
        let part = self.parts.get(at)?;
        Some(Reach::Lines { range: part.range.clone(), whole: part.whole.clone(), what: self.what(at) })
    }

    fn what(&self, part: usize) -> String {
        let parents = std::iter::successors(Some(part), |at| self.parts.get(*at)?.parent);
        let mut labels: Vec<&str> = parents.filter_map(|at| Some(self.parts.get(at)?.label.as_str())).collect();
        let document = labels.pop().unwrap_or_default();
        labels.reverse();
        if labels.is_empty() { document.to_owned() } else { format!("{document} {}", labels.join(".")) }
    }
}
