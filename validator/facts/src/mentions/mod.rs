//! The names of other objects that stand in objects: in fields of Pods, in settings, in hosts.

pub mod configuration;
pub mod endpoints;
pub mod pods;

use crate::objects::Path;
use crate::products::MadeKind;

/// A name in an object that stands for another one.
#[derive(Clone, Debug)]
pub struct Mention<'a> {
    /// What kind of object is meant.
    pub kind: MadeKind,
    /// Its name.
    pub name: &'a str,
    /// Where the name is.
    pub path: Path,
    /// A key that it must have, and where that is named.
    pub key: Option<(&'a str, Path)>,
    /// Whether it may be absent.
    pub optional: bool,
}
