//! Rules: where they come from, what they are, and how they are evaluated. The only place that names regorus.

mod batch;
mod bounds;
mod builtins;
mod catalog;
mod compile;
mod embedded;
mod engine;
mod files;
mod guard;
mod inquiry;
mod load;
mod metadata;
mod modules;
mod own;
mod portability;
mod ruleset;
mod testing;
mod text;
mod value;

pub use bounds::PATIENCE;
pub use catalog::{Catalog, Rule};
pub(crate) use embedded::{json as embedded_json, text as embedded};
pub use engine::{Evaluator, Related, Verdict};
pub use files::{PolicyFile, PolicyFiles};
pub use inquiry::{Inquiry, Refusal};
pub use metadata::{Examples, Guard, Scope};
pub use portability::portability;
pub use ruleset::{Question, Ruleset, Subject};
pub use testing::{Coverage, Outcome, TestReport, TestResult, run as run_tests};
