//! A place in an object, present or not, that knows its path and collects what is wrong there.
//!
//! Paths are kept as links to the parent place and are only spelled out for a finding, so that walking is cheap.

use std::cell::{Cell, RefCell};
use std::fmt::{Display, Write as _};

use kustomize::{Node, Tag, Value};

use super::catalog::Kind;
use super::{Reason, SchemaFact, SchemaOf, Version};
use crate::objects::{Path, Segment};

/// One object under examination and what was found so far.
pub(super) struct Doc<'a> {
    pub(super) version: Version,
    root: &'a Node,
    /// Values below these top-level keys are secret and never quoted.
    secret: &'static [&'static str],
    trail: RefCell<Vec<(u32, Step<'a>)>>,
    facts: RefCell<Vec<SchemaFact>>,
    /// What was done so far, in [`MOST_WORK`]'s unit.
    work: Cell<u32>,
}

/// How much may be done about one object: one is to go one step, some 25 bytes and 10 ns. The largest definitions in use need a tenth of this; an object
/// of a megabyte whose lists are all compared with each other would need thousands of times as much.
const MOST_WORK: u32 = 8_000_000;

/// How many problems of one object are kept. Each is compared with those before it.
const MOST_FACTS: usize = 500;

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Field(&'a str),
    /// A key of a map whose keys are data.
    Key(&'a str),
    Index(usize),
}

/// A place in a [`Doc`]. A `null` is as good as nothing, as for the API server.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) doc: &'a Doc<'a>,
    node: Option<&'a Node>,
    trail: u32,
}

impl<'a> Doc<'a> {
    pub(super) fn new(root: &'a Node, version: Version) -> Self {
        let is_secret = root.str_at(&["kind"]) == Some("Secret");
        let secret: &[&str] = if is_secret { &["data", "stringData"] } else { &[] };
        // Room for all places of most objects.
        let mut trail = Vec::with_capacity(512);
        trail.push((0, Step::Root));
        Doc { version, root, secret, trail: RefCell::new(trail), facts: RefCell::default(), work: Cell::new(0) }
    }

    /// A part of the object by itself; what is done there comes back by [`Self::done`].
    pub(super) fn part<'p>(&self, part: &'p Node) -> Doc<'p> {
        let doc = Doc::new(part, self.version);
        doc.work.set(self.work.get());
        doc
    }

    /// Counts what was done with a part.
    pub(super) fn done(&self, part: &Doc<'_>) {
        self.work.set(part.work.get());
    }

    /// Counts work beside the steps.
    pub(super) fn charge(&self, work: usize) {
        self.work.set(self.work.get().saturating_add(u32::try_from(work).unwrap_or(u32::MAX)));
    }

    /// Whether as many problems are known as are told of one object.
    pub(super) fn has_enough(&self) -> bool {
        self.facts.borrow().len() >= MOST_FACTS
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.work.get() >= MOST_WORK
    }

    pub(super) fn root(&'a self) -> At<'a> {
        At { doc: self, node: Some(self.root), trail: 0 }
    }

    /// What was found. Of an object that is too much to look at, only that.
    pub(super) fn take_facts(&self) -> Vec<SchemaFact> {
        if !self.is_exhausted() {
            return self.facts.take();
        }
        let message = "has too many parts that must be compared with each other to be checked; split it".to_owned();
        vec![SchemaFact {
            path: Path(Vec::new()),
            field: "the object".to_owned(),
            reason: Reason::Invalid,
            message,
            suggestion: None,
            rule: None,
            beside: Vec::new(),
            by: None,
        }]
    }

    /// Marks what `check` finds as said by a schema that kubevet carries; of a doubtful one only types and names of fields count.
    pub(super) fn by_schema_of(&self, kind: &Kind, check: impl FnOnce()) {
        let before = self.facts.borrow().len();
        check();
        let by = SchemaOf { project: kind.project, version: kind.release, doubtful: kind.doubt.is_some() };
        let mut facts = self.facts.borrow_mut();
        let found = facts.split_off(before);
        let counts = |fact: &SchemaFact| !by.doubtful || matches!(fact.reason, Reason::Unknown | Reason::Type);
        facts.extend(found.into_iter().filter(counts).map(|mut fact| {
            fact.message.push_str(&format!(" (by the schema of {} {})", by.project, by.version));
            SchemaFact { by: Some(by), ..fact }
        }));
    }

    /// Forgets findings; for those that a schema implies and the API server does not make.
    pub(super) fn forget(&self, mut unwanted: impl FnMut(&SchemaFact) -> bool) {
        self.facts.borrow_mut().retain(|fact| !unwanted(fact));
    }

    fn push(&self, new: SchemaFact) {
        let mut facts = self.facts.borrow_mut();
        // One problem of a kind per place; a value of the wrong type breaks no other rule; and what is missing beside a
        // misspelt field is that field.
        let follows = facts.iter().any(|fact| match fact.reason {
            same if same == new.reason && fact.path == new.path => true,
            Reason::Type => new.path.0.starts_with(&fact.path.0),
            Reason::Unknown => new.reason == Reason::Required && fact.suggestion.is_some() && misspells(fact, &new.path),
            _ => false,
        });
        if !follows {
            facts.push(new);
        }
    }

    fn path(&self, trail: u32) -> (Path, String) {
        let steps = self.trail.borrow();
        let mut found = Vec::new();
        let mut at = trail as usize;
        while let Some((parent, step)) = steps.get(at).filter(|_| at != 0) {
            found.push(*step);
            at = *parent as usize;
        }
        let (mut path, mut field) = (Vec::with_capacity(found.len()), String::new());
        for step in found.into_iter().rev() {
            let _ = match step {
                Step::Root => Ok(()),
                Step::Field(name) if field.is_empty() => field.write_str(name),
                Step::Field(name) => write!(field, ".{name}"),
                Step::Key(key) => write!(field, "[{key}]"),
                Step::Index(index) => write!(field, "[{index}]"),
            };
            match step {
                Step::Root => {}
                Step::Field(key) | Step::Key(key) => path.push(Segment::from(key)),
                Step::Index(index) => path.push(Segment::Index(index)),
            }
        }
        (Path(path), field)
    }
}

impl<'a> At<'a> {
    fn step(self, step: Step<'a>, node: Option<&'a Node>) -> At<'a> {
        self.doc.charge(1);
        if self.doc.is_exhausted() {
            return At { doc: self.doc, node: None, trail: 0 };
        }
        let mut steps = self.doc.trail.borrow_mut();
        steps.push((self.trail, step));
        At { doc: self.doc, node: node.filter(|node| !node.is_null()), trail: steps.len() as u32 - 1 }
    }

    /// A field of the map that this is.
    pub(super) fn get(self, name: &'a str) -> At<'a> {
        self.step(Step::Field(name), self.node.and_then(|node| node.get(name)))
    }

    /// A field further down.
    pub(super) fn at(self, names: &[&'a str]) -> At<'a> {
        names.iter().fold(self, |at, name| at.get(name))
    }

    /// What is at a path below.
    pub(super) fn down(self, path: &'a Path) -> At<'a> {
        path.0.iter().fold(self, |at, step| match step {
            Segment::Key(key) => at.get(key),
            Segment::Index(index) => at.step(Step::Index(*index), at.node.and_then(|node| node.items().get(*index))),
        })
    }

    /// The value of a key that is data.
    pub(super) fn key(self, name: &'a str) -> At<'a> {
        self.step(Step::Key(name), self.node.and_then(|node| node.get(name)))
    }

    /// The elements of the list that this is.
    pub(super) fn items(self) -> impl ExactSizeIterator<Item = At<'a>> {
        let items = self.looked_at().map_or(&[][..], Node::items);
        items.iter().enumerate().map(move |(index, node)| self.step(Step::Index(index), Some(node)))
    }

    /// The entries of the map that this is, whose keys are data; a `null` is an entry too.
    pub(super) fn entries(self) -> impl ExactSizeIterator<Item = (&'a str, At<'a>)> {
        let entries = self.looked_at().map_or(&[][..], Node::entries);
        entries.iter().map(move |entry| (&*entry.key.text, self.step(Step::Key(&entry.key.text), Some(&entry.value))))
    }

    /// The entries of the map that this is, whose keys are field names.
    pub(super) fn fields(self) -> impl ExactSizeIterator<Item = (&'a str, At<'a>)> {
        let entries = self.looked_at().map_or(&[][..], Node::entries);
        entries.iter().map(move |entry| (&*entry.key.text, self.step(Step::Field(&entry.key.text), Some(&entry.value))))
    }

    /// The node, unless enough was looked at.
    fn looked_at(self) -> Option<&'a Node> {
        self.node.filter(|_| !self.doc.is_exhausted())
    }

    /// How many elements or entries there are.
    pub(super) fn len(self) -> usize {
        match self.node.map(|node| &node.value) {
            Some(Value::Map(map)) => map.entries().len(),
            Some(Value::Seq(seq)) => seq.items.len(),
            _ => 0,
        }
    }

    /// Whether there are no elements or entries.
    pub(super) fn is_empty(self) -> bool {
        self.len() == 0
    }

    pub(super) fn node(self) -> Option<&'a Node> {
        self.node
    }

    pub(super) fn exists(self) -> bool {
        self.node.is_some()
    }

    /// The string; empty where there is none, as in the API server.
    pub(super) fn str(self) -> &'a str {
        self.node.and_then(Node::as_str).unwrap_or_default()
    }

    /// The string, or what the API server sets where it is missing or empty.
    pub(super) fn str_or(self, default: &'a str) -> &'a str {
        Some(self.str()).filter(|text| !text.is_empty()).unwrap_or(default)
    }

    pub(super) fn int(self) -> Option<i64> {
        self.node.and_then(Node::as_i64)
    }

    pub(super) fn bool(self) -> Option<bool> {
        self.node.and_then(Node::as_bool)
    }

    pub(super) fn is_true(self) -> bool {
        self.bool() == Some(true)
    }

    /// Whether a problem was found at this place or below it, so that more about it would only repeat that.
    pub(super) fn is_broken(self) -> bool {
        let facts = self.doc.facts.borrow();
        if facts.is_empty() {
            return false;
        }
        let (path, _) = self.doc.path(self.trail);
        facts.iter().any(|fact| fact.path.0.starts_with(&path.0))
    }

    /// Whether a problem was found at this very place.
    pub(super) fn is_broken_itself(self) -> bool {
        let facts = self.doc.facts.borrow();
        !facts.is_empty() && {
            let (path, _) = self.doc.path(self.trail);
            facts.iter().any(|fact| fact.path == path)
        }
    }

    /// The value as a message may show it: quoted, shortened, and hidden where it is secret.
    pub(super) fn shown(self) -> String {
        let Some(node) = self.node else { return "nothing".into() };
        let (path, _) = self.doc.path(self.trail);
        let first = |keys: &[&str]| matches!(path.0.first(), Some(Segment::Key(key)) if keys.contains(&&**key));
        // A variable of a container may hold a password as well.
        let is_variable = path.0.len() > 2
            && matches!(&path.0[..], [.., Segment::Key(list), Segment::Index(_), Segment::Key(value)] if &**list == "env" && &**value == "value");
        let hidden = first(self.doc.secret) || is_variable;
        match &node.value {
            Value::Map(_) => "a map".into(),
            Value::Seq(_) => "a list".into(),
            Value::Scalar(scalar) => {
                let what = match scalar.tag {
                    Tag::Null => return "null".into(),
                    Tag::Bool if hidden => "a boolean",
                    Tag::Int | Tag::Float if hidden => "a number",
                    _ if hidden => "a string",
                    Tag::Bool => "the boolean ",
                    Tag::Int | Tag::Float => "the number ",
                    _ => "the string ",
                };
                match scalar.tag {
                    _ if hidden => what.into(),
                    Tag::Bool | Tag::Int | Tag::Float => format!("{what}{}", scalar.text),
                    _ => format!("{what}{}", quoted(&scalar.text)),
                }
            }
        }
    }

    pub(super) fn report(self, reason: Reason, message: impl Into<String>) {
        self.report_with(reason, message, None);
    }

    /// Reports that a field is missing here; its name need not live as long as the object.
    pub(super) fn requires(self, name: &str) {
        if self.doc.has_enough() {
            return;
        }
        let (path, field) = self.doc.path(self.trail);
        let field = if field.is_empty() { name.into() } else { format!("{field}.{name}") };
        self.doc.push(SchemaFact {
            path: path.with(name),
            field,
            reason: Reason::Required,
            message: "is required".into(),
            suggestion: None,
            rule: None,
            beside: Vec::new(),
            by: None,
        });
    }

    pub(super) fn report_with(self, reason: Reason, message: impl Into<String>, suggestion: Option<String>) {
        // What a value will be that is filled in later, nobody knows yet.
        let is_open = |node: &Node| node.as_str().is_some_and(crate::later::is_filled_in);
        let is_about_value = matches!(reason, Reason::Type | Reason::Enum | Reason::Invalid | Reason::NotFound | Reason::Duplicate);
        if self.doc.has_enough() || (is_about_value && self.node.is_some_and(is_open)) {
            return;
        }
        let (path, field) = self.doc.path(self.trail);
        // Nor what a key will be.
        let is_key = |segment: &Segment| matches!(segment, Segment::Key(key) if crate::later::is_filled_in(key));
        if (is_about_value || reason == Reason::Unknown) && path.0.last().is_some_and(is_key) {
            return;
        }
        self.doc.push(SchemaFact { path, field, reason, message: message.into(), suggestion, beside: Vec::new(), rule: None, by: None });
    }

    /// Something is wrong with the value, because of a part of it.
    pub(super) fn report_at(self, part: At<'_>, reason: Reason, message: String) {
        if self.doc.has_enough() {
            return;
        }
        let ((_, field), (path, _)) = (self.doc.path(self.trail), self.doc.path(part.trail));
        self.doc.push(SchemaFact { path, field, reason, message, suggestion: None, beside: Vec::new(), rule: None, by: None });
    }

    /// The value must not be there beside that of `other`, which may be the one that is wrong.
    pub(super) fn clashes(self, other: At<'_>, message: impl Into<String>) {
        if self.doc.has_enough() {
            return;
        }
        let ((path, field), (beside, _)) = (self.doc.path(self.trail), self.doc.path(other.trail));
        let (reason, message) = (Reason::Forbidden, message.into());
        self.doc.push(SchemaFact { path, field, reason, message, suggestion: None, beside: vec![beside], rule: None, by: None });
    }

    pub(super) fn required(self, why: impl Display) {
        let why = why.to_string();
        let dash = if why.is_empty() { "" } else { ": " };
        self.report(Reason::Required, format!("is required{dash}{why}"));
    }

    pub(super) fn invalid(self, message: impl Into<String>) {
        self.report(Reason::Invalid, message);
    }

    /// The value is wrong; `rule` continues "it …".
    pub(super) fn breaks(self, rule: impl Display) {
        let found = self.shown();
        self.report(Reason::Invalid, format!("{rule}, but is {found}"));
    }

    pub(super) fn forbidden(self, message: impl Into<String>) {
        self.report(Reason::Forbidden, message);
    }

    pub(super) fn duplicate(self, message: impl Into<String>) {
        self.report(Reason::Duplicate, message);
    }

    /// The value must be one of `allowed`; an absent one is not.
    pub(super) fn one_of(self, allowed: &[&str]) -> bool {
        let ok = allowed.contains(&self.str());
        if !ok {
            self.not_one_of(allowed);
        }
        ok
    }

    /// The value must be one of `allowed` where there is one.
    pub(super) fn one_of_if_set(self, allowed: &[&str]) {
        if !self.str().is_empty() {
            self.one_of(allowed);
        }
    }

    pub(super) fn not_one_of<S: AsRef<str>>(self, allowed: &[S]) {
        const LISTED: usize = 24;
        self.doc.charge(allowed.len());
        let mut list = allowed.iter().take(LISTED).map(|value| quoted(value.as_ref())).collect::<Vec<_>>().join(", ");
        if allowed.len() > LISTED {
            let _ = write!(list, " and {} more", allowed.len() - LISTED);
        }
        let message = if self.str().is_empty() {
            format!("is required: one of {list}")
        } else {
            format!("must be one of {list}, but is {}", self.shown())
        };
        let suggestion = kustomize::closest(self.str(), allowed.iter().map(AsRef::as_ref));
        self.report_with(Reason::Enum, message, suggestion.map(Into::into));
    }

    pub(super) fn not_empty(self) -> bool {
        let ok = !self.str().is_empty();
        if !ok {
            self.required("");
        }
        ok
    }

    /// An integer, if there is one, must be within bounds.
    pub(super) fn within(self, low: i64, high: i64) {
        if let Some(value) = self.int().filter(|value| !(low..=high).contains(value)) {
            self.invalid(format!("must be between {low} and {high}, but is {value}"));
        }
    }

    /// An integer, if there is one, must not be negative.
    pub(super) fn not_negative(self) {
        self.at_least(0);
    }

    pub(super) fn at_least(self, low: i64) {
        if let Some(value) = self.int().filter(|value| *value < low) {
            self.invalid(format!("must be at least {low}, but is {value}"));
        }
    }
}

/// Whether an unknown field was meant to be the field at `path`.
fn misspells(unknown: &SchemaFact, path: &Path) -> bool {
    match (path.0.split_last(), unknown.path.0.split_last()) {
        (Some((Segment::Key(last), above)), Some((_, unknown_above))) => {
            unknown.suggestion.as_deref() == Some(last) && above == unknown_above
        }
        _ => false,
    }
}

/// A text in quotes, shortened.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 64;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
