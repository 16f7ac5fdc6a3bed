//! The documents that objects are made of.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use kustomize::yaml::Dialect;
use kustomize::{Node, Origin, Source, Sources};

use super::edit::documents;
use super::embedded::{Outer, is_block};
use super::refusal::Refusal;
use super::spot::Spot;
use crate::discover::FILE_NAMES;
use crate::location::Step;
use crate::paths::shown;

/// A document of which something in an object comes.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub(crate) spot: Spot,
    pub(crate) root: Node,
    pub(crate) kind: Kind,
    /// How offsets in the file are offsets in the text that stands in it.
    lines: Rc<Vec<Line>>,
}

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An object, or a strategic merge patch.
    Object,
    /// A JSON patch.
    Json,
    /// A kustomization.
    Kustomization,
    /// Anything else.
    Other,
}

/// A line of a text that stands in a block of a file.
#[derive(Clone, Copy, Debug)]
struct Line {
    outer: usize,
    inner: usize,
    length: usize,
}

/// The files that were looked into.
#[derive(Debug, Default)]
pub(crate) struct Library {
    files: RefCell<HashMap<PathBuf, Rc<Vec<Node>>>>,
}

impl Library {
    fn documents(&self, source: &Source, is_v2: bool) -> Result<Rc<Vec<Node>>, Refusal> {
        if let Some(known) = self.files.borrow().get(source.path()) {
            return Ok(Rc::clone(known));
        }
        let read = Rc::new(documents(source.text(), if is_v2 { Dialect::YamlV2 } else { Dialect::YamlV3 })?);
        self.files.borrow_mut().insert(source.path().to_owned(), Rc::clone(&read));
        Ok(read)
    }

    /// The document that an offset of a source is in.
    ///
    /// # Errors
    /// The file is not the project's, or no YAML.
    pub(crate) fn holder(&self, source: &Arc<Source>, at: u32) -> Result<Holder, Refusal> {
        if let Some(address) = source.address() {
            return Err(Refusal::new(format!("it comes from {address}, which is not of the project")));
        }
        let file = shown(source.path());
        let is_kustomization = FILE_NAMES.iter().any(|name| source.path().ends_with(name));
        let all = self.documents(source, is_kustomization)?;
        let holds = |node: &Node| (node.origin.start..=node.origin.end).contains(&at);
        let document = all.iter().position(holds).ok_or_else(Refusal::not_there)?;
        let root = all.get(document).ok_or_else(Refusal::not_there)?;
        let text = source.text();
        if let Some((path, block)) = block_at(text, root, at).filter(|_| is_kustomization) {
            let outer = Outer { document, path, is_kustomization };
            let inner = block.text().unwrap_or_default();
            let lines = lines(text, block, inner);
            let is_list = inner.trim_start().starts_with(['-', '[']) && !inner.trim_start().starts_with("---");
            let inner_documents = documents(inner, if is_list { Dialect::YamlV2 } else { Dialect::YamlV3 })?;
            let at = inner_offset(&lines, at as usize);
            let holds = |node: &Node| at.is_some_and(|at| (node.origin.start as usize..=node.origin.end as usize).contains(&at));
            let number = inner_documents.iter().position(holds).unwrap_or_default();
            let root = inner_documents.into_iter().nth(number).ok_or_else(Refusal::not_there)?;
            let spot = Spot { file, outer: Some(outer), is_v2: is_list, document: number };
            return Ok(Holder { kind: kind(&root, false), spot, root, lines: Rc::new(lines) });
        }
        let spot = Spot { file, outer: None, is_v2: is_kustomization, document };
        Ok(Holder { kind: kind(root, is_kustomization), spot, root: root.clone(), lines: Rc::default() })
    }

    /// The documents that anything in a node comes from, or what takes something out of it: each once, with what it takes to say why others are not
    /// looked into.
    pub(crate) fn holders(&self, sources: &Sources, node: &Node) -> Vec<Holder> {
        let mut found: Vec<Holder> = Vec::new();
        let mut seen: Vec<(PathBuf, u32, u32)> = Vec::new();
        each_origin(node, &mut |origin| {
            let source = sources.get(origin.source);
            if seen.iter().any(|(path, start, end)| path == source.path() && (*start..=*end).contains(&origin.start)) {
                return;
            }
            if let Ok(holder) = self.holder(source, origin.start) {
                if holder.spot.outer.is_none() {
                    seen.push((source.path().to_owned(), holder.root.origin.start, holder.root.origin.end));
                }
                if !found.iter().any(|known| known.spot == holder.spot) {
                    found.push(holder);
                }
            }
        });
        found
    }
}

impl Holder {
    /// An offset of the file as one of the text that the document stands in.
    pub(crate) fn offset(&self, at: usize) -> Option<usize> {
        if self.spot.outer.is_some() { inner_offset(&self.lines, at) } else { Some(at) }
    }

    /// The path of what an origin names in the document.
    pub(crate) fn find(&self, origin: &Origin) -> Option<Vec<Step>> {
        let (start, end) = (self.offset(origin.start as usize)?, self.offset(origin.end as usize)?);
        let mut path = Vec::new();
        if find(&self.root, start, end, &mut path) {
            return Some(path);
        }
        // A note on a field names its key.
        let is_key = self.spot.outer.is_none() && origin.start == origin.key;
        let named = self.root.entries().iter().find(|entry| is_key && entry.value.origin.key == origin.key);
        named.map(|entry| vec![Step::Key(entry.key.text.to_string())])
    }
}

fn kind(root: &Node, is_kustomization: bool) -> Kind {
    if is_kustomization {
        Kind::Kustomization
    } else if root.as_seq().is_some() {
        Kind::Json
    } else if root.str_at(&["kind"]).is_some() {
        Kind::Object
    } else {
        Kind::Other
    }
}

/// The deepest node of a range.
fn find(node: &Node, start: usize, end: usize, path: &mut Vec<Step>) -> bool {
    let inside = |node: &Node| (node.origin.start as usize) <= start && end <= (node.origin.end as usize);
    for entry in node.entries().iter().filter(|entry| inside(&entry.value)) {
        path.push(Step::Key(entry.key.text.to_string()));
        if find(&entry.value, start, end, path) {
            return true;
        }
        path.pop();
    }
    for (index, item) in node.items().iter().enumerate().filter(|(_, item)| inside(item)) {
        path.push(Step::Index(index));
        if find(item, start, end, path) {
            return true;
        }
        path.pop();
    }
    node.origin.start as usize == start && node.origin.end as usize == end
}

/// The block of lines that an offset is in.
fn block_at<'n>(text: &str, node: &'n Node, at: u32) -> Option<(Vec<Step>, &'n Node)> {
    let (mut node, mut path) = (node, Vec::new());
    let holds = |node: &Node| (node.origin.start..=node.origin.end).contains(&at);
    loop {
        if let Some(entry) = node.entries().iter().find(|entry| holds(&entry.value)) {
            path.push(Step::Key(entry.key.text.to_string()));
            node = &entry.value;
        } else if let Some((index, item)) = node.items().iter().enumerate().find(|(_, item)| holds(item)) {
            path.push(Step::Index(index));
            node = item;
        } else {
            let is_block = is_block(text, node);
            // The block's own beginning stands for it as a whole.
            return (is_block && at > node.origin.start).then_some((path, node));
        }
    }
}

fn lines(text: &str, block: &Node, inner: &str) -> Vec<Line> {
    let (start, end) = (block.origin.start as usize, block.origin.end as usize);
    let written = text.get(start..end).unwrap_or_default();
    let Some(header) = written.find('\n') else { return Vec::new() };
    let (mut outer, mut at) = (start + header + 1, 0);
    let rows = written.get(header + 1..).unwrap_or_default().split_inclusive('\n');
    let pair = |(row, line): (&str, &str)| {
        let bare = |text: &str| text.trim_end_matches(['\n', '\r']).len();
        let found = Line { outer: outer + bare(row).saturating_sub(bare(line)), inner: at, length: bare(line) };
        outer += row.len();
        at += line.len();
        found
    };
    std::iter::zip(rows, inner.split_inclusive('\n')).map(pair).collect()
}

fn inner_offset(lines: &[Line], outer: usize) -> Option<usize> {
    let line = lines.get(lines.partition_point(|line| line.outer <= outer).checked_sub(1)?)?;
    Some(line.inner + (outer - line.outer).min(line.length))
}

/// Every origin that a tree has: what set it, what did so before, and what took something out.
pub(crate) fn each_origin(node: &Node, visit: &mut impl FnMut(&Origin)) {
    node.origin.history().for_each(&mut *visit);
    node.removed().iter().for_each(|removal| visit(&removal.by));
    node.entries().iter().for_each(|entry| each_origin(&entry.value, visit));
    node.items().iter().for_each(|item| each_origin(item, visit));
}

/// The first of the documents that a node comes from: that of the object itself.
pub(crate) fn base<'s>(sources: &'s Sources, object: &Node) -> (&'s Arc<Source>, u32) {
    let origin = object.origin.history().last().unwrap_or(&object.origin);
    (sources.get(origin.source), origin.start)
}

/// Where that is.
pub(crate) fn anchor(sources: &Sources, object: &Node) -> (PathBuf, u32) {
    let (source, start) = base(sources, object);
    (shown(source.path()), start)
}
