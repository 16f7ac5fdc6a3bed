//! YAML as Kustomize reads, converts and prints it.
//!
//! Kustomize handles a value three times, each time with another library, and each one changes it a little:
//!
//! 1. [`read()`] is go-yaml v3 on resources and patches ([`Dialect::YamlV3`]) and go-yaml v2, that is YAML 1.1, on
//!    kustomization files and JSON patches ([`Dialect::YamlV2`]).
//! 2. [`canonical()`] is the way a finished resource takes to JSON: go-yaml v3 prints and reads it again, and numbers,
//!    timestamps and binaries become what `encoding/json` makes of them.
//! 3. [`emit()`] is go-yaml v2 printing that JSON.

mod block;
mod canonical;
mod emit;
mod float;
mod input;
pub(crate) mod json;
mod merge;
pub(crate) mod node;
mod number;
mod order;
mod read;
mod resolve;
mod scalar;
pub(crate) mod share;
mod style;
mod tag;
mod text;
mod timestamp;
mod token;
mod tree;

pub use canonical::canonical;
pub(crate) use canonical::{NEGATIVE_ZERO, fold_next_lines, to_json};
pub use emit::emit;
pub(crate) use emit::emit_marked;
pub use float::json_float;
pub(crate) use float::{go_float, json_number};
pub(crate) use input::Documents;
pub(crate) use merge::repeated;
pub use read::{read, read_whole};
pub(crate) use read::{read_all, read_repeating, read_strict};
pub use resolve::resolve;
pub use text::LONGEST_FILE;
pub use text::{decode, read_text};

/// Which library's rules a text is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// go-yaml v3 as Kustomize reads resources and patches: YAML 1.2 booleans, timestamps, a repeated key is an error,
    /// and of each part between `---` lines only the first document counts.
    YamlV3,
    /// go-yaml v2 as `sigs.k8s.io/yaml` reads kustomization files and JSON patches: YAML 1.1 booleans (`yes`, `on`, `y`),
    /// timestamps stay text, of a repeated key the last wins, and keys become strings. What is read are JSON values at once.
    YamlV2,
}
