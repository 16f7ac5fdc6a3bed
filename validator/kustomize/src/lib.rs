//! Kustomize builds in Rust, byte for byte as `kubectl kustomize` prints them, with an origin for every field.
//!
//! This crate knows YAML, Kustomize and files. It knows nothing of policy.

mod annotations;
mod budget;
mod build;
mod build_metadata;
mod builder;
mod changed;
mod config;
mod context;
mod crds;
mod decode;
mod embedded;
mod error;
mod expression;
mod field_path;
mod field_spec;
mod files;
mod generate;
mod gvk;
mod json;
mod kustomization;
mod label_selector;
mod load;
mod lookup;
mod manifest;
mod manifests;
mod node;
mod note;
mod outline;
mod patch;
mod references;
mod remote;
mod render;
mod resource;
mod resource_map;
mod selector;
mod share;
mod source;
mod stale;
mod target;
mod transform;
mod version;
pub mod yaml;

pub use budget::Limits;
pub use build::{build, build_as};
pub use builder::Builder;
pub use error::{Error, ErrorKind, Place};
pub use manifests::read_manifests;
pub use node::{Entry, Map, Node, Removal, Scalar, Seq, Style, Tag, Value};
pub use note::{Note, NoteKind};
pub use outline::{Outline, named_files, outline};
pub use remote::check_local;
pub use render::{Line, Render};
pub use source::{Origin, Source, SourceId, Sources};
pub use version::Version;
