//! Documents, and places in them as patches have them.

use std::path::PathBuf;

use kustomize::Node;
use kustomize::yaml::Dialect;
use serde_json::Value as Json;

use super::edit::{documents, edit};
use super::embedded::Outer;
use super::refusal::Refusal;
use super::texts::Texts;
use super::tree::Change;

/// One document: of a file, or of a text that stands in one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) file: PathBuf,
    pub(crate) outer: Option<Outer>,
    /// Whether it is read as kustomizations and JSON patches are.
    pub(crate) is_v2: bool,
    pub(crate) document: usize,
}

/// A step in a patch, which has only some elements of the object's lists.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selector {
    /// A field.
    Key(String),
    /// The element that has these fields.
    Element(Vec<(String, Json)>),
}

impl Spot {
    fn dialect(&self) -> Dialect {
        if self.is_v2 { Dialect::YamlV2 } else { Dialect::YamlV3 }
    }

    /// The document.
    ///
    /// # Errors
    /// It is not there.
    pub(crate) fn root(&self, texts: &Texts) -> Result<Node, Refusal> {
        let file = texts.read(&self.file)?;
        let text = self.outer.as_ref().map_or_else(|| Ok(file.to_string()), |outer| outer.text(&file))?;
        documents(&text, self.dialect())?.into_iter().nth(self.document).ok_or_else(Refusal::not_there)
    }

    pub(super) fn change(&self, texts: &mut Texts, change: &Change) -> Result<(), Refusal> {
        let file = texts.read(&self.file)?;
        let new = match &self.outer {
            None => edit(&file, self.dialect(), self.document, change)?,
            Some(outer) => outer.edit(&file, self.dialect(), self.document, change)?,
        };
        texts.put(&self.file, new);
        Ok(())
    }
}
