//! Kustomize builds in Rust, byte for byte as `kubectl kustomize` prints them, with an origin for every field.
//!
//! This crate knows YAML, Kustomize and files. It knows nothing of policy.

mod error;
#[allow(dead_code, reason = "the build that uses it is being written")]
mod field_path;
#[allow(dead_code, reason = "the build that uses it is being written")]
mod field_spec;
mod manifests;
mod node;
mod note;
#[allow(dead_code, reason = "the build that uses it is being written")]
mod patch;
mod render;
mod source;
pub mod yaml;

pub use error::{Error, ErrorKind, Place};
pub use manifests::read_manifests;
pub use node::{Entry, Map, Node, Removal, Scalar, Seq, Style, Tag, Value};
pub use note::{Note, NoteKind};
pub use render::Render;
pub use source::{Origin, Source, SourceId, Sources};
