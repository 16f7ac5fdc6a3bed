//! Scalars: a text, and what it is.
//!
//! A scalar keeps its text, tag and style as go-yaml's `yaml.Node` does, because Kustomize's transformers work on text
//! and only the last step decides what JSON value it is. After a build every scalar is canonical: an integer's text is
//! decimal, a boolean's is `true` or `false`, a timestamp has become a string.

use ecow::EcoString;

use super::tag::Tag;
use super::{Dialect, resolve};

/// A scalar as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text after unescaping and folding.
    pub text: EcoString,
    /// The tag that the text resolved to.
    pub tag: Tag,
    /// How it was written.
    pub style: Style,
    /// Whether Kustomize wrote it without a tag, so that whatever is written to it later says what it is.
    pub(crate) implicit: bool,
    /// The tag that Kustomize has given it although it is in quotes: what is written to it later must be of that kind too.
    pub(crate) quoted_tag: Option<Tag>,
    /// Whether a comment ends its document behind it, where it was last.
    pub(crate) before_comment: bool,
    pub(crate) share: Share,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// Without quotes, inside `[…]` or `{…}`, where go-yaml prints some plain values with quotes and so makes them strings.
    FlowPlain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// With which other scalars of its object a scalar is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    /// The number of the group, unique in the object; 0 for none.
    pub(super) group: u16,
    /// Whether it was set since they were [settled](super::share::settle).
    pub(super) written: bool,
}

impl Share {
    /// A group of that number.
    pub(crate) fn group(number: u16) -> Self {
        Self { group: number, written: false }
    }

    /// Whether something was written to the group through this scalar.
    pub(crate) fn is_written(self) -> bool {
        self.written
    }

    /// The same group, to which something was written.
    pub(crate) fn written(self) -> Self {
        Self { written: self.group != 0, ..self }
    }
}

impl Scalar {
    /// A scalar as it was written.
    pub fn new(text: impl Into<EcoString>, tag: Tag, style: Style) -> Self {
        Self { text: text.into(), tag, style, implicit: false, quoted_tag: None, before_comment: false, share: Share::default() }
    }

    /// A scalar of the given tag, written plainly.
    pub fn plain(text: impl Into<EcoString>, tag: Tag) -> Self {
        Self::new(text, tag, Style::Plain)
    }

    /// A string.
    pub fn string(text: impl Into<EcoString>) -> Self {
        Self::plain(text, Tag::Str)
    }

    /// A string as Kustomize writes a new one: in quotes where YAML 1.1 would take it for something else.
    pub(crate) fn quoted(text: impl Into<EcoString>) -> Self {
        let text = text.into();
        let style = if is_other_in_1_1(&text) { Style::DoubleQuoted } else { Style::Plain };
        Self::new(text, Tag::Str, style)
    }

    /// Puts what was [written without a tag](Self::implicit) in quotes where YAML 1.1 would take it for something else.
    pub(crate) fn settle(&mut self) {
        if matches!(self.style, Style::Plain | Style::FlowPlain) && is_other_in_1_1(&self.text) {
            (self.tag, self.style) = (Tag::Str, Style::DoubleQuoted);
        }
    }

    /// A text that Kustomize writes without quotes and without a tag.
    pub(crate) fn implicit(text: impl Into<EcoString>) -> Self {
        let text = text.into();
        let tag = resolve(&text, Dialect::YamlV3);
        Self { implicit: true, ..Self::plain(text, tag) }
    }

    /// A null.
    pub fn null() -> Self {
        Self::plain("null", Tag::Null)
    }
}

/// Whether YAML 1.1 takes a text for anything but a string (`IsYaml1_1NonString`).
fn is_other_in_1_1(text: &str) -> bool {
    !text.is_empty() && !text.contains('\n') && !matches!(resolve(text, Dialect::YamlV2), Tag::Str | Tag::Merge)
}
