//! Kustomize builds in Rust, byte for byte as `kubectl kustomize` prints them, with an origin for every field.
//!
//! This crate knows YAML, Kustomize and files. It knows nothing of policy.
//!
//! The modules below are its layers, from the ground up: each uses those above it in this list and none below (a test of kubevet, `layers`, sees to that).
//! Who wants to know how a build goes starts at the last one and reads downwards: [`build()`].

/// Texts, and the places in them that everything else points at.
mod source;

/// Why something can't be built, and where.
mod error;

/// What was meant by a word that is not known.
mod suggest;

/// Which Kustomize counts.
mod version;

/// How kustomizations are built, where that is a choice.
mod settings;

/// What kustomizations name and the project does not hold.
mod elsewhere;

/// YAML: the reader, the tree whose nodes know their origins, and the printer.
pub mod yaml;

/// What a person would want to know of a build, and where.
mod note;

/// What a build has at hand on its way: files, budget, notes.
mod context;

/// Kubernetes objects: identity, selection, fields.
mod object;

/// What the files of a kustomization say, typed; nothing is done yet.
mod file;

/// New objects: ConfigMaps and Secrets.
mod generate;

/// Patches: strategic merge and JSON 6902.
mod patch;

/// The transformers, each of which does one thing to objects.
mod transform;

/// The build: kustomizations that build on each other, in Kustomize's order of work.
mod build;

pub use build::{Builder, build, build_as, check_local, merge_values};
pub use context::budget::Limits;
pub use context::tree::{Disk, FileTree, Found};
pub use elsewhere::address::Repository;
pub use elsewhere::chart::{Chart, ValuesMerge};
pub use elsewhere::supply::{Supplied, Supplier};
pub use error::{Error, ErrorKind, Place};
pub use file::config::name_references;
pub use file::outline::{Outline, named_files, named_files_in, outline, outline_in};
pub use note::{DeprecatedField, Note, NoteKind};
pub use object::expression::regex_of_go;
pub use object::manifests::read_manifests;
pub use object::render::{Line, Render};
pub use object::schema::merge_keys;
pub use settings::{Assumptions, LoadRestrictor, Settings};
pub use source::{Origin, Source, SourceId, Sources};
pub use suggest::closest;
pub use version::Version;
pub use yaml::node::{Entry, Map, Node, Removal, Scalar, Seq, Style, Tag, Value};
